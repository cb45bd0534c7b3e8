"""The hook at rest, and the line that sources it: one marked block in the shell's start-up file."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys

from shellhook import sections, shells
from shellhook.errors import ShellhookError
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

BEGIN, END = "# >>> shellhook >>>", "# <<< shellhook <<<"
_SUFFIX = {"powershell": "ps1"}


class Change(Record):
    """What would be done to a start-up file: its text before and after, and the block."""

    path: str
    before: bytes
    after: bytes
    block: str


def backend(environ: Mapping[str, str]) -> str:
    """The absolute path of this program, which goes into the hooks: it survives a virtual environment being activated,
    and spares pyenv's shim, which alone takes 58 ms.

    Raises ShellhookError if it cannot be found.
    """
    started = os.path.abspath(sys.argv[0])
    name = "shellhook.exe" if sys.platform == "win32" else "shellhook"
    beside = os.path.join(os.path.dirname(sys.executable), name)
    for path in (started if os.path.basename(started).startswith("shellhook") else "", beside):
        if path and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    found = shutil.which("shellhook", path=environ.get("PATH"))
    if found is None:
        raise ShellhookError("the program `shellhook` is not found beside its Python", remedy="install it again")
    return os.path.abspath(found)


def data_directory(environ: Mapping[str, str]) -> str:
    """Where rendered hooks are: `$XDG_DATA_HOME/shellhook`, `%LOCALAPPDATA%\\shellhook` on Windows."""
    if sys.platform == "win32":
        return os.path.join(environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local"), "shellhook")
    base = environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".local", "share")
    return os.path.join(base, "shellhook")


def hook_file(shell: str, environ: Mapping[str, str]) -> str:
    """The rendered hook of a shell."""
    return os.path.join(data_directory(environ), f"hook.{_SUFFIX.get(shell, shell)}")


def write_hook(shell: str, environ: Mapping[str, str], command: str = shells.COMMAND) -> str:
    """Render the hook of a shell to its file. Gives the file's path."""
    path = hook_file(shell, environ)
    sections.replace(path, shells.hook(shell, backend(environ), command).encode())
    return path


def refresh(shell: str, environ: Mapping[str, str]) -> None:
    """Render an installed hook anew if another version of us wrote it. For the next shell: this one has it loaded."""
    path = hook_file(shell, environ)
    with contextlib.suppress(OSError, ShellhookError), open(path, encoding="utf-8") as file:
        first = file.readline().split()
        if first[:2] == ["#", "shellhook"] and first[-2:-1] == ["--cmd"]:
            command = first[-1]
            if " ".join(first) != shells.stamp(command):
                write_hook(shell, environ, command)


def planned(shell: str, environ: Mapping[str, str], *, remove: bool = False) -> Change:
    """The change to the shell's start-up file that adds our block, or takes it away. Nothing is written."""
    path = shells.module(shell).startup_file(environ)
    before = _read(path)
    block = "\n".join([BEGIN, shells.module(shell).line(hook_file(shell, environ)), END])
    newline = "\r\n" if b"\r\n" in before else "\n"
    rest, gap = _without_block(before)
    if remove:
        after = rest
    else:
        # At the end, after a blank line, and taken away with it: what --remove leaves is what was there before.
        lead = b"" if not rest else newline.encode() * (1 if rest.endswith(b"\n") else 2)
        after = (
            before
            if gap and block.replace("\n", newline).encode() in before
            else (rest + lead + block.replace("\n", newline).encode() + newline.encode())
        )
    return Change(path=path, before=before, after=after, block=block)


def apply(change: Change) -> None:
    """Write the change, if it is one. A file that was only ours goes."""
    if change.after == change.before:
        return
    if not change.after:
        os.unlink(os.path.realpath(change.path))
    else:
        sections.replace(change.path, change.after)


def obstacles(shell: str) -> list[str]:
    """What will keep the hook from being loaded although the line is there, and the remedy: PowerShell's execution
    policy (about_Execution_Policies: Restricted, the default of Windows, runs no script, not even $PROFILE)."""
    if shell != "powershell" or sys.platform != "win32":
        return []
    import subprocess

    found = []
    for program in ("powershell", "pwsh"):
        if shutil.which(program):
            asked = [program, "-NoProfile", "-Command", "Get-ExecutionPolicy"]
            policy = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
            if policy in ("Restricted", "AllSigned"):
                found.append(
                    f"{program}: the execution policy is {policy}, so $PROFILE is not run. "
                    f"Allow your own:\n    {program} -Command Set-ExecutionPolicy -Scope CurrentUser RemoteSigned"
                )
    return found


def no_hook(environ: Mapping[str, str]) -> ShellhookError:
    """The refusal without a hook, with the line to add: a program cannot change the shell that started it."""
    shell = detected(environ)
    line = shells.module(shell).init_line()
    return ShellhookError(
        "`shellhook assume` alone cannot change your shell: a hook in the shell does",
        why=f"it is not loaded in this {shell}, or was not called by the name of its function, `assume`",
        remedy=f"add it for good: shellhook install\ntry it in this shell: {line}",
    )


def detected(environ: Mapping[str, str]) -> str:
    """The shell that we were called from: by its process, else by $SHELL, which is the login shell only."""
    import shellingham

    try:
        name = shellingham.detect_shell()[0]
    except shellingham.ShellDetectionFailure:
        name = os.path.basename(environ.get("SHELL") or "bash")
    name = {"pwsh": "powershell"}.get(name.removesuffix(".exe"), name.removesuffix(".exe"))
    return name if name in shells.NAMES else "bash"


def _without_block(content: bytes) -> tuple[bytes, bool]:
    """The file without our block and the blank line before it; and whether there was one."""
    begin, end = content.find(BEGIN.encode()), content.find(END.encode())
    if begin < 0 or end < begin:
        return content, False
    rest = content[end + len(END) :]
    rest = rest[2:] if rest.startswith(b"\r\n") else rest.removeprefix(b"\n")
    above = content[:begin]
    for blank in (b"\r\n\r\n", b"\n\n"):
        if above.endswith(blank):
            above = above[: -len(blank) // 2]
            break
    return above + rest, True


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ShellhookError(f"{path} cannot be read", why=str(error.strerror)) from None
