"""What the AWS files and our own say: lines that `aws` refuses a file for, profiles that cannot work, settings."""

from __future__ import annotations

import os

from shellhook import catalog, profiles
from shellhook.doctor import fail, ok, warn
from shellhook.errors import BadConfiguration, ShellhookError
from shellhook.ini import REFUSED
from shellhook.settings import KNOWN, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shellhook.doctor import Finding
    from shellhook.profiles import Configuration, Files

_SHOWN = 10  # profiles that cannot work are named one by one up to here
# What ini.py says of a line -> what to do about it.
_REMEDIES = (
    ("byte-order mark", "save it as UTF-8 without a byte-order mark; in vim: :set nobomb, then :wq"),
    ("same section", "merge the two sections, or give one another name"),
    ("same name", "remove one of the two lines"),
    ("before the first section", "put a [section] above it, or # before it"),
    ("not UTF-8", "save the file as UTF-8"),
    ("not `name = value`", "write it as name = value, put # before it, or remove it"),
)


def of_aws(files: Files) -> Iterator[Finding]:
    """Each line that makes `aws` and boto3 refuse the whole file. It is never quoted: it may be a key."""
    try:
        configuration = profiles.read(files)
    except BadConfiguration as error:
        yield fail("profiles", error.what + (f": {error.why}" if error.why else ""), error.remedy)
        return
    for line in configuration.check():
        where, _, what = line.partition(": ")
        remedy = next((text for sign, text in _REMEDIES if sign in what), "mend that line")
        yield fail(
            "profiles",
            what.replace(REFUSED, "`aws` refuses the whole file"),
            remedy,
            where,
        )


def of_profiles(configuration: Configuration | None, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The profiles that cannot work, as far as that can be known without asking AWS; none where the files cannot be
    read. `environ` is the environment before any session of ours."""
    if configuration is None:
        return
    files, names = configuration.files, configuration.names()
    if not names:
        yield warn(
            "profiles",
            "there is no profile yet",
            "with an access key: aws configure; with IAM Identity Center (AWS SSO): aws configure sso",
            files.config,
        )
        return
    broken = 0
    for name in names:
        error = catalog.obstacle(name, configuration, environ)
        if error is not None:
            broken += 1
            if broken <= _SHOWN:
                yield _broken(name, error, files)
    if broken > _SHOWN:
        yield warn("profiles", f"{broken - _SHOWN} more profiles cannot work", "shellhook list", files.config)
    if not broken:
        yield ok("profiles", f"{len(names)}, all of which could work", files.config)


def _broken(name: str, error: ShellhookError, files: Files) -> Finding:
    """A profile that cannot work: what is wrong with it, and the line that it begins with."""
    why = error.why.splitlines()[0] if error.why else ""
    where, colon, rest = why.partition(": ")
    if not (colon and where.startswith((f"{files.config}:", f"{files.credentials}:"))):
        where, rest = "", why
    what = error.what.removeprefix(f"profile {name!r} ")
    remedy = error.remedy.splitlines()[0] if error.remedy else "mend that line: shellhook list shows what there is"
    return warn("profiles", f"{name}: {what}" + (f": {rest}" if rest else ""), remedy, where)


def of_settings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """config.toml, and the variables that stand for its settings."""
    try:
        settings = Settings(environ)
    except BadConfiguration as error:
        yield fail(
            "config", f"{error.what}: {error.why}".rstrip(": "), error.remedy or "mend that line, or move the file away"
        )
        return
    found = [
        warn("config", what, "shellhook config lists the settings there are", where)
        for where, _, what in (line.partition(": ") for line in settings.warnings)
    ]
    for name in KNOWN:
        for profile in (None, *settings.profiles()):
            try:
                settings.get(name, profile)
            except ShellhookError as error:
                found.append(fail("config", error.what, error.remedy or error.why))
    what = "every setting can be used" if os.path.exists(settings.path) else "not there: the defaults hold"
    yield from dict.fromkeys(found) or [ok("config", what, settings.path)]
