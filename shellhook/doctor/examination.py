"""All checks, side by side, within a few seconds, whatever breaks or hangs.

Each has a thread of its own, which is left behind when the time is over: a name server, a keyring or a file system of a
network may not answer at all.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import time

from shellhook import assume, directories, install, profiles, shells
from shellhook.doctor import (
    configuration,
    fail,
    files,
    keyring,
    neighbours,
    network,
    programs,
    session,
    variables,
    warn,
)
from shellhook.doctor import shell as shell_room
from shellhook.errors import BadConfiguration, ShellhookError
from shellhook.sso.cache import Cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from shellhook.doctor import Finding
    from shellhook.doctor.shell import Calling
    from shellhook.profiles import Configuration, Files

    Check = tuple[str, Callable[[], Iterable[Finding]]]

PATIENCE = 4.0  # seconds for everything


def examine(environ: Mapping[str, str]) -> list[Finding]:
    """Everything that is found in this environment, in the order of the checks."""
    return run(checks(environ), PATIENCE)


def run(checks: Sequence[Check], patience: float) -> list[Finding]:
    """The findings of all checks; one that breaks, or has not ended after so many seconds, is a finding itself."""
    found: list[list[Finding]] = [[] for _ in checks]
    ended: set[int] = set()

    def work(number: int, name: str, check: Callable[[], Iterable[Finding]]) -> None:
        try:
            for each in check():
                found[number].append(each)
        except BaseException as error:  # a library may even exit
            found[number].append(_broken(name, error))
        ended.add(number)

    threads = [
        threading.Thread(target=work, args=(number, name, check), daemon=True)
        for number, (name, check) in enumerate(checks)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + patience
    for thread in threads:
        while thread.is_alive() and time.monotonic() < deadline:
            thread.join(min(0.1, max(0.0, deadline - time.monotonic())))  # in slices: Windows lets no Ctrl-C through
    findings = []
    for number, (name, _) in enumerate(checks):
        findings += found[number]
        if number not in ended:
            hung = "try again; if it stays so, something that it asks hangs"
            findings.append(warn(name, f"not done within {patience:g}s", hung))
    return findings


def checks(environ: Mapping[str, str]) -> list[Check]:
    """Every check there is, by name. What several need is looked up within them: that may be what is broken."""
    calling = functools.cache(shell_room.calling)
    before = functools.cache(lambda: _before(environ))
    located = functools.cache(lambda: profiles.locate(before()))
    read = functools.cache(lambda: _read(located()))
    address = functools.cache(lambda: network.address(read() or _nothing(), before()))
    return [
        ("python", lambda: [programs.python(tuple(sys.version_info[:3]), sys.executable)]),
        ("packages", programs.packages),
        ("aws-cli", lambda: [programs.aws_cli(environ)]),
        ("shell", lambda: [shell_room.version(calling(), environ)]),
        ("startup-file", lambda: shell_room.startup(_named(calling(), environ), environ)),
        ("hook", lambda: shell_room.hooks(environ)),
        ("loaded", lambda: shell_room.loaded(calling(), environ, _first_to_assume(environ))),
        ("aws-files", lambda: files.of_aws(located(), before())),
        ("profiles", lambda: configuration.of_aws(located())),
        ("profiles", lambda: configuration.of_profiles(read(), before())),
        ("config", lambda: configuration.of_settings(environ)),
        ("store", lambda: files.of_store(directories.state(environ))),
        ("sso-cache", lambda: files.of_sso_cache(Cache(environ).directory)),
        ("environment", lambda: variables.contradictions(environ, before(), _names(read()))),
        ("fish-variables", lambda: shell_room.universal(environ)),
        ("session", lambda: session.of_shell(environ, time.time())),
        ("session", lambda: session.of_store(environ, assume.Here(environ).store)),
        ("keyring", lambda: keyring.usable(keyring.needed(environ, read() or _nothing()))),
        ("other-tools", lambda: neighbours.found(environ, _named(calling(), environ))),
        ("certificates", lambda: [network.certificates(before())]),
        ("proxy", lambda: network.proxies(address(), environ, _is_bypassed(address()))),
        ("network", lambda: network.reach(address(), lambda: network.ask(address(), before()))),
    ]


def _broken(name: str, error: BaseException) -> Finding:
    """A check that broke. Of what we raise ourselves, what it says; else the kind only, since others quote what they
    were given."""
    if isinstance(error, ShellhookError):
        return fail(name, f"{error.what}: {error.why}".rstrip(": "), error.remedy or "mend that first")
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
    return fail(name, f"this check broke: {type(error).__name__}", "report it, with the place that is named", where)


def _before(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment before any session of ours, if the store can tell."""
    try:
        return assume.Here(environ).original
    except ShellhookError:
        return environ


def _first_to_assume(environ: Mapping[str, str]) -> int | None:
    """The process of the shell that did the first assume of the session that is on, if the store can tell."""
    try:
        return assume.Here(environ).before_pid
    except ShellhookError:
        return None


def _read(located: Files) -> Configuration | None:
    """The AWS files; None if they cannot be read, which one check says for all."""
    try:
        return profiles.read(located)
    except BadConfiguration:
        return None


def _names(read: Configuration | None) -> list[str] | None:
    return read.names() if read is not None else None


def _nothing() -> Configuration:
    """Files without a profile."""
    return profiles.read(profiles.Files(config=os.devnull, credentials=os.devnull))


def _named(calling: Calling | None, environ: Mapping[str, str]) -> str:
    """The shell whose files are looked at: the one that called, else the one of the login."""
    return calling.name if calling is not None and calling.name in shells.NAMES else install.detected(environ)


def _is_bypassed(url: str) -> bool:
    from botocore.utils import should_bypass_proxies

    return bool(should_bypass_proxies(url))
