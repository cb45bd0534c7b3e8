"""The hook at rest, and the line that sources it: one marked block in the shell's start-up file."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys

from shellhook import directories, shells, user_files
from shellhook.errors import ShellhookError
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

BEGIN, END = "# >>> shellhook >>>", "# <<< shellhook <<<"
_SUFFIX = {"powershell": "ps1"}


class Change(Record):
    """What would be done to a start-up file: its content before and after, None where there is no file; and the
    block."""

    path: str
    before: bytes | None
    after: bytes | None
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
        raise ShellhookError("the program `shellhook` is not found beside its Python", remedy="install shellhook again")
    return os.path.abspath(found)


def hook_file(shell: str, environ: Mapping[str, str]) -> str:
    """The rendered hook of a shell."""
    return os.path.join(directories.data(environ), f"hook.{_SUFFIX.get(shell, shell)}")


def write_hook(shell: str, environ: Mapping[str, str], command: str = shells.COMMAND) -> str:
    """Render the hook of a shell to its file. Gives the file's path. Raises ShellhookError where others can write: each
    shell of the user's would run what they put there."""
    path = hook_file(shell, environ)
    _refuse_shared(os.path.dirname(path))
    user_files.replace(path, shells.hook(shell, backend(environ), command).encode())
    return path


def _refuse_shared(directory: str) -> None:
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):  # where it cannot be looked at nothing can be written: that is said then
        status = os.stat(directory)
        if status.st_uid != os.geteuid() or status.st_mode & stat.S_IWOTH:
            raise ShellhookError(
                f"{directory} can be written by others: no hook is put there",
                why="every shell of yours would run what they make of it",
                remedy=f"chmod o-w '{directory}', or set XDG_DATA_HOME to a directory of your own",
            )


def refresh(shell: str, environ: Mapping[str, str]) -> None:
    """Render an installed hook anew if another version of us wrote it, or if our completions lie elsewhere since: under
    another Python, or installed by another tool. For the next shell: this one has it loaded."""
    path = hook_file(shell, environ)
    with contextlib.suppress(OSError, ValueError, ShellhookError), open(path, encoding="utf-8") as file:
        text = file.read()
        first = text.partition("\n")[0].split()
        if first[:2] == ["#", "shellhook"] and first[-2:-1] == ["--cmd"]:
            command, quote = first[-1], shells.module(shell).quote
            moved = quote(backend(environ)) in text and quote(shells.completions()) not in text
            if moved or " ".join(first) != shells.stamp(command):
                write_hook(shell, environ, command)


def planned(shell: str, environ: Mapping[str, str], *, remove: bool = False) -> Change:
    """The change to the shell's start-up file that adds our block, or takes it away. Nothing is written."""
    path = shells.module(shell).startup_file(environ)
    before = _read(path)
    block = "\n".join([BEGIN, shells.module(shell).line(hook_file(shell, environ)), END])
    before_lf = (before or b"").replace(b"\r\n", b"\n")
    newline = b"\n" if before is None or b"\r\n" not in before else b"\r\n"
    after = _without_block(before)
    if not remove and block.encode() + b"\n" in before_lf:
        after = before
    elif not remove:
        # At the end, after one newline, which goes with it again: so an empty file stays apart from none, and a last
        # line that was not ended is not afterwards. After one that was, it makes a blank line.
        lead = b"" if after is None else after + newline
        after = lead + block.encode().replace(b"\n", newline) + newline
    return Change(path=path, before=before, after=after, block=block)


def apply(change: Change) -> None:
    """Write the change, if it is one. A file that we made goes. Raises ShellhookError if it cannot be written, or is
    another one by now."""
    if change.after == change.before:
        return
    with user_files.held(change.path):
        if _read(change.path) != change.before:
            raise ShellhookError(f"{change.path} has changed meanwhile", remedy="try again")
        if change.after is not None:
            user_files.replace(change.path, change.after)
            return
        try:
            os.unlink(os.path.realpath(change.path))
        except OSError as error:
            raise ShellhookError(f"{change.path} cannot be removed", why=str(error.strerror)) from None


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


def _without_block(content: bytes | None) -> bytes | None:
    """A file's content without our block and the newline before it; None if there is no file, or it was made for us."""
    if content is None:
        return None
    begin = content.rfind(BEGIN.encode())
    end = content.find(END.encode(), begin)
    if begin < 0 or end < 0:
        return content
    above, below = content[:begin], content[end + len(END) :]
    newline = b"\r\n" if below.startswith(b"\r\n") else b"\n"
    below = below.removeprefix(newline)
    if not above and not below:
        return None
    rest = above.removesuffix(newline)
    # What somebody added below must not end up in a line that was never ended.
    return above + below if below and rest and not rest.endswith(b"\n") else rest + below


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ShellhookError(f"{path} cannot be read", why=str(error.strerror)) from None
