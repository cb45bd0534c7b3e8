"""Where our own files are: as the XDG base directory specification wants, and on Windows as Windows does."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def state(environ: Mapping[str, str]) -> str:
    """The store: `$XDG_STATE_HOME/shellhook`, `%LOCALAPPDATA%\\shellhook` on Windows."""
    return _ours(environ, "XDG_STATE_HOME", ".local/state", "LOCALAPPDATA", "Local")


def data(environ: Mapping[str, str]) -> str:
    """Rendered hooks: `$XDG_DATA_HOME/shellhook`, `%LOCALAPPDATA%\\shellhook` on Windows."""
    return _ours(environ, "XDG_DATA_HOME", ".local/share", "LOCALAPPDATA", "Local")


def config(environ: Mapping[str, str]) -> str:
    """Settings: `$XDG_CONFIG_HOME/shellhook`, `%APPDATA%\\shellhook` on Windows."""
    return _ours(environ, "XDG_CONFIG_HOME", ".config", "APPDATA", "Roaming")


def _ours(environ: Mapping[str, str], xdg: str, otherwise: str, windows: str, folder: str) -> str:
    """Of a variable's directory, or of the one below the home. The specification has relative values ignored."""
    if sys.platform == "win32":
        return os.path.join(environ.get(windows) or os.path.expanduser(f"~\\AppData\\{folder}"), "shellhook")
    base = environ.get(xdg, "")
    if not os.path.isabs(base):
        base = os.path.join(environ.get("HOME") or os.path.expanduser("~"), otherwise)
    return os.path.join(base, "shellhook")
