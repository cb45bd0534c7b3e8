"""Files and their permissions: whose they are, who else may read or write them, and what a link leads to nowhere."""

from __future__ import annotations

import json
import os
import stat
import sys
from shlex import quote

from shellhook.doctor import fail, ok, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shellhook.doctor import Finding
    from shellhook.profiles import Files

_MANY = 2000  # entries of a directory that are looked at


def of_aws(files: Files, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The config and the credentials file, and the directory they lie in."""
    for path, variable, secret in (
        (files.config, "AWS_CONFIG_FILE", False),
        (files.credentials, "AWS_SHARED_CREDENTIALS_FILE", True),
    ):
        yield from one("aws-files", path, secret=secret, named_by=variable if environ.get(variable) else "")
    for directory in sorted({os.path.dirname(files.config), os.path.dirname(files.credentials)}):
        if os.path.isdir(directory):
            yield from _open_to_others("aws-files", directory, os.stat(directory), secret=False)


def one(check: str, path: str, *, secret: bool, named_by: str = "") -> Iterator[Finding]:
    """A file that may be there or not. `secret`: nobody else may read it. `named_by` is the variable that names it."""
    if os.path.islink(path) and not os.path.exists(path):
        target = os.readlink(path)
        yield fail(check, f"the link leads to {target}, which is not there", f"put it back, or: rm {quote(path)}", path)
        return
    if not os.path.lexists(path):
        if named_by:
            yield fail(check, f"{named_by} names a file that is not there", f"make it, or: unset {named_by}", path)
        else:
            yield ok(check, "not there", path)
        return
    status = os.stat(path)
    if stat.S_ISDIR(status.st_mode):
        remedy = f"let {named_by} name a file" if named_by else f"mv {quote(path)} {quote(path + '.old')}"
        yield fail(check, "is a directory, and has to be a file", remedy, path)
        return
    if not os.access(path, os.R_OK):
        yield fail(check, "cannot be read", _mine(path, status, "u+rw"), path)
        return
    if not stat.S_ISREG(status.st_mode):
        yield ok(check, "is no plain file: taken for an empty one", path)
        return
    found = list(_open_to_others(check, path, status, secret=secret))
    yield from found or [ok(check, f"{_mode(status)}{', yours' if _is_ours(status) else ''}", path)]


def _open_to_others(check: str, path: str, status: os.stat_result, *, secret: bool) -> Iterator[Finding]:
    """Windows has no such bits."""
    if sys.platform == "win32":
        return
    sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    if status.st_mode & 0o002 and not sticky:
        yield fail(
            check,
            f"{_mode(status)}: everybody on this machine can change it, and with it what is run as you",
            f"chmod o-w {quote(path)}",
            path,
        )
    elif secret and status.st_mode & 0o077:
        yield warn(check, f"{_mode(status)}: others can read your keys", f"chmod 600 {quote(path)}", path)
    if not _is_ours(status):
        yield warn(check, f"belongs to {_owner(status)}, not to you", _mine(path, status, "u+rw"), path)


def of_store(directory: str) -> Iterator[Finding]:
    """The store is its owner's alone, and can be written."""
    check = "store"
    if not os.path.lexists(directory):
        above = os.path.abspath(directory)  # of a HOME that is relative, too: then it has an end
        while not os.path.exists(above) and above != os.path.dirname(above):
            above = os.path.dirname(above)
        if os.path.isdir(above) and os.access(above, os.W_OK | os.X_OK):
            yield ok(check, "not there yet: the first session makes it", directory)
        else:
            yield fail(check, f"it cannot be made: {above} is not yours to write", "set XDG_STATE_HOME", directory)
        return
    if not os.path.isdir(directory):
        yield fail(check, "is no directory", f"mv {quote(directory)} {quote(directory + '.old')}", directory)
        return
    status = os.stat(directory)
    if not _is_ours(status):
        yield fail(
            check,
            f"belongs to {_owner(status)}: only its owner may use it",
            "use sudo without -E, or set XDG_STATE_HOME to a directory of your own",
            directory,
        )
        return
    if not os.access(directory, os.W_OK | os.X_OK):
        yield fail(check, "cannot be written", f"chmod 700 {quote(directory)}", directory)
        return
    strange = next((path for path in _below(directory) if not _is_ours(os.lstat(path))), None)
    if strange is not None:
        yield fail(check, "holds a file of another user", f'sudo chown -R "$USER" {quote(directory)}', strange)
    elif sys.platform != "win32" and status.st_mode & 0o077:
        yield warn(
            check,
            f"{_mode(status)}: open to others until the next session",
            f"chmod 700 {quote(directory)}",
            directory,
        )
    elif _is_full(directory):
        yield fail(check, "the disk is full: no session can be kept", "make room", directory)
    else:
        yield ok(check, f"{_mode(status)}, yours", directory)


def of_sso_cache(directory: str) -> Iterator[Finding]:
    """The logins that the AWS CLI, SDKs and we share."""
    check = "sso-cache"
    if not os.path.isdir(directory):
        yield ok(check, "no login to IAM Identity Center yet", directory)
        return
    found, count = [], 0
    for path in _below(directory):
        if not path.endswith(".json"):
            continue
        count += 1
        try:
            found += [each for each in one(check, path, secret=True) if each.status != "ok"]
            with open(path, encoding="utf-8") as file:
                json.load(file)
        except (OSError, ValueError):
            # Not the error's text: it may quote the file, which holds a token.
            if not any(each.where == path for each in found):
                found.append(warn(check, "cannot be read as JSON: that login is lost", f"rm {quote(path)}", path))
    yield from found or [ok(check, f"{count} file{'' if count == 1 else 's'}, yours alone", directory)]


def _below(directory: str) -> Iterator[str]:
    """The files of a directory and of those in it, not too many."""
    left = _MANY
    for above, directories, names in os.walk(directory):
        directories.sort()
        for name in sorted(names):
            left -= 1
            if left < 0:
                return
            yield os.path.join(above, name)


def _is_ours(status: os.stat_result) -> bool:
    return sys.platform == "win32" or status.st_uid == os.geteuid()


def _owner(status: os.stat_result) -> str:
    if sys.platform != "win32":
        import pwd

        try:
            return pwd.getpwuid(status.st_uid).pw_name
        except KeyError:
            pass
    return f"user {status.st_uid}"


def _mine(path: str, status: os.stat_result, mode: str) -> str:
    return f"chmod {mode} {quote(path)}" if _is_ours(status) else f'sudo chown "$USER" {quote(path)}'


def _is_full(directory: str) -> bool:
    return sys.platform != "win32" and os.statvfs(directory).f_bavail == 0


def _mode(status: os.stat_result) -> str:
    return f"{stat.S_IMODE(status.st_mode):04o}"
