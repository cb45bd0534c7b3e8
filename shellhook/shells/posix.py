"""What bash and zsh have in common."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAME_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_PLAIN = NAME_LETTERS | frozenset("@%+=:,./-")


def check(names: Sequence[str], values: Sequence[str]) -> None:
    """Raises ValueError for what no environment can hold. Names come from the user's files too (services sections)."""
    for name in names:
        if not name or name[0].isdigit() or not NAME_LETTERS.issuperset(name):
            raise ValueError(f"{name!r} cannot be the name of a variable")
    if any("\0" in value for value in values):
        raise ValueError("a value with a NUL cannot be put into an environment")


def quote(text: str) -> str:
    """A single-quoted literal. Not shlex.quote: its import takes 4 ms of the 30 that a stored session has."""
    return "'" + text.replace("'", "'\"'\"'") + "'"


def word(text: str) -> str:
    """The text as people type it, in what they are told to run: quoted where it has to be."""
    return text if text and set(text) <= _PLAIN else quote(text)


def render(assignments: Mapping[str, str], removals: Sequence[str]) -> str:
    """Code that sets and removes variables, or changes nothing, names what is in the way, and gives status 1.

    `export A= B=` is not atomic: with B read-only, A is set and C too. So read-only names are looked for first, in a
    subshell: there `unset` fails for them in every version, even where they hold nothing.
    """
    check([*assignments, *removals], list(assignments.values()))
    names = " ".join([*assignments, *removals])
    lines = [
        f"if ! (\\builtin unset -v {names}) 2>/dev/null; then",
        f"  for __shellhook_out in {names}; do",
        '    (\\builtin unset -v "$__shellhook_out") 2>/dev/null ||',
        "      \\builtin printf '%s\\n' \"shellhook: $__shellhook_out is read-only: nothing was changed\" \\",
        "        '  -> take the line that makes it so out of your start-up file, and open a new shell' >&2",
        "  done",
        "  \\builtin false",
        "else",
    ]
    if assignments:
        lines.append("  \\builtin export " + " ".join(f"{name}={quote(value)}" for name, value in assignments.items()))
    if removals:
        lines.append("  \\builtin unset -v " + " ".join(removals))
    return "\n".join([*lines, "fi", ""])
