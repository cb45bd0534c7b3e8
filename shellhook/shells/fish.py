"""fish, 3.2 and later."""

from __future__ import annotations

import os

from shellhook.shells.posix import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def quote(text: str) -> str:
    """A single-quoted literal. Not the POSIX one: inside fish's single quotes a backslash escapes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def render(assignments: Mapping[str, str], removals: Sequence[str]) -> str:
    """Code that sets and removes variables, or changes nothing, names what is in the way, and gives status 1.

    fish has no read-only variables of the user's. But a universal one that is exported shows through where the global
    one is removed, and it is not ours to erase from every shell.
    """
    check([*assignments, *removals], list(assignments.values()))
    lines = [
        "set -l __shellhook_universal",
        f"for __shellhook_name in {' '.join(removals)}",
        "    set -qUx $__shellhook_name; and set -a __shellhook_universal $__shellhook_name",
        "end",
        "if set -q __shellhook_universal[1]",
        '    echo "shellhook: nothing was changed: a universal variable is in the way" >&2',
        '    echo "  -> set -eU $__shellhook_universal" >&2',
        "    false",
        "else",
        *(f"    set -gx {name} {quote(value)}" for name, value in assignments.items()),
        *(f"    set -eg {name}" for name in removals),
        "    true",
        "end",
        "",
    ]
    return "\n".join(lines)


def startup_file(environ: Mapping[str, str]) -> str:
    """config.fish, in $XDG_CONFIG_HOME/fish."""
    base = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".config")
    return os.path.join(base, "fish", "config.fish")


def line(path: str) -> str:
    """Sources the hook if it is there, and says nothing if shellhook was removed."""
    return f"test ! -r {quote(path)}; or source {quote(path)}"


def init_line() -> str:
    """For those who would rather have no file: costs a process at each start."""
    return "shellhook init fish | source"
