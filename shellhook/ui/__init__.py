"""How people are spoken to: on the terminal itself or on standard error, never on standard output, which the shell
evaluates."""

from __future__ import annotations
