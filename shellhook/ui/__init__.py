"""How people are spoken to: on the terminal itself or on standard error, never on standard output, which the shell
evaluates."""

from __future__ import annotations

import contextlib
import sys


def say(text: str) -> None:
    """A line for the user, on standard error."""
    if sys.stderr is None:  # closed, and print would take standard output, which the shell evaluates
        return
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
