"""The shell that called, and its hook: in the start-up file, at rest, and loaded.

A program cannot look into the shell that started it. What it can know: what the start-up file says, which version of us
wrote the hook, whether the shell was there before the hook, and whether it did the assume whose session is on.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil

from shellhook import __version__, directories, install, shells
from shellhook.doctor import fail, files, ok, programs, warn
from shellhook.errors import ShellhookError
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shellhook.doctor import Finding

_LEAST = {"bash": (3, 2), "zsh": (5, 0), "fish": (3, 2), "powershell": (5, 1)}
_SLACK = 2  # seconds that a start time may be off by: the boot time that psutil adds is good to the second
# Where else people load it from, beside the file that `install` takes; at home.
_ELSEWHERE = {
    "bash": (".bash_profile", ".bash_login", ".profile", ".bash_aliases"),
    "zsh": (".zshenv", ".zprofile", ".zlogin"),
    "fish": (),
    "powershell": (),
}
_LARGEST = 1_000_000  # bytes of a start-up file that are read


class Calling(Record):
    """The shell that called: `name` as shellingham has it, `path` of its program, `pid` and start time (epoch), None
    where that cannot be known."""

    name: str
    path: str | None = None
    pid: int | None = None
    started: float | None = None


def calling() -> Calling | None:
    """The shell that we were called from; None if there is none above us."""
    import psutil
    import shellingham

    try:
        name, path = shellingham.detect_shell()
    except shellingham.ShellDetectionFailure:
        return None
    found = Calling(name={"pwsh": "powershell"}.get(name, name), path=path)
    try:
        for process in psutil.Process().parents():
            if process.name().removesuffix(".exe").lstrip("-") == name:
                return found.replace(pid=process.pid, started=process.create_time(), path=process.exe() or path)
    except (psutil.Error, OSError):
        pass
    return found


def version(shell: Calling | None, environ: Mapping[str, str]) -> Finding:
    """Which shell this is, and whether it is new enough."""
    if shell is None:
        return warn("shell", "not called from a shell that is known", "run it in the shell that you mean")
    if shell.name not in shells.NAMES:
        return fail("shell", f"there is no hook for {shell.name}", f"there is one for {', '.join(shells.NAMES)}")
    path = shell.path or ""
    if not os.path.isabs(path) or not os.path.exists(path):
        path = shutil.which(os.path.basename(path) or shell.name, path=environ.get("PATH")) or path
    # Windows PowerShell has no such option.
    said = None if "powershell" in os.path.basename(path).lower() else programs.output([path, "--version"], environ)
    found = programs.numbers(said or "")
    if len(found) < 2:
        return ok("shell", shell.name, path)
    least = _LEAST[shell.name]
    shown = f"{shell.name} {found[0]}.{found[1]}"
    if found < least:
        return fail(
            "shell", f"{shown}; {least[0]}.{least[1]} or later is needed", f"install a newer {shell.name}", path
        )
    return ok("shell", shown, path)


def startup(shell: str, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Does the shell's start-up file load the hook?"""
    check = "startup-file"
    path = shells.module(shell).startup_file(environ)
    broken = [found for found in files.one(check, path, secret=False) if found.status == "fail"]
    yield from broken
    try:
        change = install.planned(shell, environ)
    except ShellhookError as error:
        if not broken:
            yield fail(check, f"{error.what}: {error.why}", "make it yours to read", path)
        return
    before = change.before or b""
    if change.before is not None and change.after == change.before:
        yield ok(check, "loads the hook", f"{path}:{_line(before, install.BEGIN)}")
        if not os.path.exists(install.hook_file(shell, environ)):
            yield fail(
                check,
                "the hook that it loads is not there",
                _install(shell, environ),
                install.hook_file(shell, environ),
            )
    elif install.BEGIN.encode() in before:
        where = f"{path}:{_line(before, install.BEGIN)}"
        ended = install.END.encode() in before[before.find(install.BEGIN.encode()) :]
        what = "its block loads the hook from elsewhere" if ended else f"its block has no end ({install.END})"
        remedy = f"{'' if ended else 'remove what is left of it, then: '}{_install(shell, environ)}"
        yield (warn if ended else fail)(check, what, remedy, where)
    else:
        place = next((place for place in _mentions(shell, path, environ)), None)
        if place is not None:
            yield ok(check, "loads the hook in a way of its own", place)
        else:
            remedy = f"{_install(shell, environ)}\nfor this shell alone: {shells.module(shell).init_line()}"
            yield fail(check, "does not load the hook: there is no `assume` in a new shell", remedy, path)


def _mentions(shell: str, path: str, environ: Mapping[str, str]) -> Iterator[str]:
    """FILE:LINE of each line of the user's that may load the hook."""
    home = environ.get("HOME") or os.path.expanduser("~")
    more = [os.path.join(home, name) for name in _ELSEWHERE[shell]]
    if shell == "fish":
        directory = os.path.join(os.path.dirname(path), "conf.d")
        more = [os.path.join(directory, name) for name in sorted(_listed(directory)) if name.endswith(".fish")]
    for each in (path, *more):
        for number, line in enumerate(read(each).splitlines(), 1):
            loads = re.search(r"shellhook(\.exe)?['\"]?\s+init\b|hook\.(bash|zsh|fish|ps1)\b", line)
            if loads and not line.lstrip().startswith("#"):
                yield f"{each}:{number}"


def hooks(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Every hook at rest: who wrote it, which program it calls, who may change it."""
    found = [name for name in shells.NAMES if os.path.lexists(install.hook_file(name, environ))]
    if not found:
        yield ok("hook", "none was written: `shellhook install` does", directories.data(environ))
    for shell in found:
        path = install.hook_file(shell, environ)
        problems = [each for each in files.one("hook", path, secret=False) if each.status != "ok"]
        yield from problems
        if not problems or problems[0].status == "warn":
            yield _written(shell, path, environ)


def _written(shell: str, path: str, environ: Mapping[str, str]) -> Finding:
    """By whom, and for which program."""
    text, remedy = read(path), _install(shell, environ)
    first = text.partition("\n")[0].split()
    if first[:2] != ["#", "shellhook"] or len(first) != 5:
        return fail("hook", f"{shell}: it is not ours, or damaged", remedy, path)
    called = re.search(
        r"^\s*(?:set -g )?(?:__shellhook_backend|\$script:Backend)\s*=?\s*'(.*)'\s*$", text, re.MULTILINE
    )
    backend = called[1] if called else ""
    if not backend or "'" in backend or "\\" in backend:
        return ok("hook", f"{shell}: of version {first[2]}", path)
    if not os.path.exists(backend):
        return fail("hook", f"{shell}: it calls {backend}, which is not there any more", remedy, path)
    if not os.access(backend, os.X_OK):
        return fail(
            "hook", f"{shell}: it calls {backend}, which cannot be run", f"chmod +x {shlex.quote(backend)}", path
        )
    try:
        ours = install.backend(environ)
    except ShellhookError:
        ours = backend
    if not os.path.samefile(backend, ours):
        return warn("hook", f"{shell}: it calls another shellhook, {backend}; this is {ours}", remedy, path)
    if first[2] != __version__:
        return warn(
            "hook", f"{shell}: of version {first[2]}, this is {__version__}", f"{remedy}, and open a new shell", path
        )
    return ok("hook", f"{shell}: of this version, {__version__}", path)


def _install(shell: str, environ: Mapping[str, str]) -> str:
    """The command that writes the hook anew, for the function that the one at rest is called by."""
    first = read(install.hook_file(shell, environ)).partition("\n")[0].split()
    named = first[:2] == ["#", "shellhook"] and first[3:-1] == ["--cmd"] and first[-1] != shells.COMMAND
    return f"shellhook install {shell}{f' --cmd {shlex.quote(first[-1])}' if named else ''}"


def loaded(shell: Calling | None, environ: Mapping[str, str], before_pid: int | None) -> Iterator[Finding]:
    """Is it loaded in the very shell that called? `before_pid` is the shell that did the first assume of the session
    that is on, if one is."""
    check = "loaded"
    if shell is None or shell.name not in shells.NAMES:
        return
    sure = "`assume --status` answers where it is loaded"
    hook = install.hook_file(shell.name, environ)
    if before_pid is not None and before_pid == shell.pid:
        yield ok(check, f"this {shell.name} has the hook: it did the assume")
    elif shell.started is not None and os.path.isfile(hook) and os.stat(hook).st_mtime > shell.started + _SLACK:
        yield warn(
            check,
            f"the hook was written after this {shell.name} began: it is not in it, but after an exec",
            f"open a new {shell.name}; {sure}",
            hook,
        )
    else:
        yield ok(check, f"a program cannot see into the {shell.name} that called it; {sure}")


def universal(environ: Mapping[str, str]) -> Iterator[Finding]:
    """fish: universal variables that are exported. They come back in every shell, and no session may clear them."""
    base = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".config")
    path = os.path.join(base, "fish", "fish_variables")
    for number, line in enumerate(read(path).splitlines(), 1):
        found = re.match(r"SETUVAR (?:--\w+ )*--export (?:--\w+ )*((?:AWS|SHELLHOOK)\w*):", line)
        if found:
            yield warn(
                "fish-variables",
                f"{found[1]} is universal and exported: `assume` cannot clear it in fish",
                f"in fish: set -eU {found[1]}",
                f"{path}:{number}",
            )


def read(path: str) -> str:
    """A file of the user's as far as it can be read; nothing of what is no plain file: a pipe would be waited for."""
    try:
        if not os.path.isfile(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""


def _listed(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _line(content: bytes, text: str) -> int:
    return content[: content.rfind(text.encode())].count(b"\n") + 1
