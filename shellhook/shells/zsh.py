"""zsh, 5.0 and later."""

from __future__ import annotations

import os

from shellhook.shells.posix import quote, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["init_line", "line", "quote", "render", "startup_file"]


def startup_file(environ: Mapping[str, str]) -> str:
    """.zshrc in $ZDOTDIR, else at home."""
    return os.path.join(environ.get("ZDOTDIR") or environ.get("HOME") or os.path.expanduser("~"), ".zshrc")


def line(path: str) -> str:
    """Sources the hook if it is there, and says nothing if shellhook was removed."""
    return f"[[ ! -r {quote(path)} ]] || . {quote(path)}"


def init_line() -> str:
    """For those who would rather have no file: costs a process at each start."""
    return 'eval "$(shellhook init zsh)"'
