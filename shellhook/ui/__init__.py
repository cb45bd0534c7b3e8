"""How people are spoken to: on the terminal itself or on standard error, never on standard output, which the shell
evaluates.

try/except in the place of contextlib.suppress: see store/files.py.
"""

from __future__ import annotations

import sys

from shellhook.environment import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


class _Voice:
    """Where lines go: standard error, unless the terminal was asked for. None where that is closed: print would take
    standard output."""

    terminal: TextIO | None = None


def stream() -> TextIO | None:
    """Where lines go now."""
    return _Voice.terminal or sys.stderr


def plain(text: str) -> str:
    """Lines that can only be read: what files, AWS or a container say stands in them. Line ends stay; a tab would
    go where it likes, and is a blank."""
    return printable(text.replace("\t", " "), keep="\n")


def say(text: str) -> None:
    """A line for the user, or several."""
    out = stream()
    if out is not None:
        try:
            print(plain(text), file=out, flush=True)
        except OSError:
            return


def speak_on_standard_error() -> None:
    """From now on lines go to standard error again."""
    if _Voice.terminal is not None:
        _Voice.terminal.close()
        _Voice.terminal = None


def speak_on_the_terminal() -> None:
    """From now on lines go to the terminal, if there is one. PowerShell collects the standard error of what its prompt
    and line reader start, and shows it at the end: after the question that it is about."""
    name = "CONOUT$" if sys.platform == "win32" else "/dev/tty"
    try:
        _Voice.terminal = open(name, "w", encoding="utf-8")  # noqa: SIM115 - for the life of the process
    except OSError:
        return
