"""How people are spoken to: on the terminal itself or on standard error, never on standard output, which the shell
evaluates."""

from __future__ import annotations

import contextlib
import sys


def say(text: str) -> None:
    """A line for the user, on standard error."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
