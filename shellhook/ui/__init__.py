"""How people are spoken to: on the terminal itself or on standard error, never on standard output, which the shell
evaluates."""

from __future__ import annotations

import contextlib
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


def shown(text: str) -> str:
    """Lines as they may be shown: names, values and answers of servers stand in them, and could drive the terminal."""
    return text if text.isprintable() else "\n".join(map(printable, text.split("\n")))


def say(text: str) -> None:
    """A line for the user."""
    out = stream()
    if out is not None:
        with contextlib.suppress(OSError):
            print(shown(text), file=out, flush=True)


def speak_on_standard_error() -> None:
    """From now on lines go to standard error again."""
    if _Voice.terminal is not None:
        _Voice.terminal.close()
        _Voice.terminal = None


def speak_on_the_terminal() -> None:
    """From now on lines go to the terminal, if there is one. PowerShell collects the standard error of what its prompt
    and line reader start, and shows it at the end: after the question that it is about."""
    with contextlib.suppress(OSError):
        name = "CONOUT$" if sys.platform == "win32" else "/dev/tty"
        _Voice.terminal = open(name, "w", encoding="utf-8")  # noqa: SIM115 - for the life of the process
