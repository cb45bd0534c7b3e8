"""Words on the command line -> options. Not argparse: its import takes 9 ms of the 30 that a stored session has, and it
would take `--` among the words for itself."""

from __future__ import annotations

from shellhook.errors import WrongUsage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FLAG, VALUE, MAYBE, MANY = "flag", "value", "maybe", "many"  # MAYBE: a value only after `=`; MANY: may be repeated


class HelpAsked(Exception):
    """--help is among the words: the command's `HELP` is the answer."""


class Parsed:
    """What was on the command line. `options` has each option given, by its long name: its value, "" for a flag, a list
    for one that may be repeated. `command` is what stands behind the first bare `--`, None if there is none."""

    def __init__(self) -> None:
        self.options: dict[str, str] = {}
        self.many: dict[str, list[str]] = {}
        self.positional: list[str] = []
        self.command: list[str] | None = None

    def has(self, *names: str) -> bool:
        """Was one of these given?"""
        return any(name in self.options for name in names)

    def get(self, name: str) -> str | None:
        """The value of an option."""
        return self.options.get(name)


def parse(
    words: Sequence[str],
    kinds: Mapping[str, str],
    short: Mapping[str, str] | None = None,
    *,
    most: int | None = None,
    command: bool = False,
) -> Parsed:
    """Sort words into options, positional words and a command. `kinds` has the kind of each long option, `short` the
    long name of each short one. `most`: how many positional words there may be, any number unless it is given;
    `command`: may one follow?

    Raises WrongUsage, and HelpAsked for the option of that name.
    """
    parsed = Parsed()
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            parsed.command = waiting
            break
        if word == "-" or not word.startswith("-"):
            parsed.positional.append(word)
            continue
        name, equals, value = word.partition("=")
        name = (short or {}).get(name, name)
        kind = FLAG if name == "--debug" else kinds.get(name)  # every command takes it: it is for __main__
        if kind is None:
            raise WrongUsage(f"there is no option {name}", remedy=_nearest(name, kinds))
        if kind == FLAG and equals:
            raise WrongUsage(f"{name} takes no value")
        if kind in (VALUE, MANY) and not equals:
            # `--region --renew` is a forgotten value; `--region=--renew` says that it is one.
            following = waiting[0].partition("=")[0] if waiting else "--"
            if following.startswith("--") or following in (short or {}):
                raise WrongUsage(f"{name} needs a value")
            value = waiting.pop(0)
        if name in parsed.options and kind != MANY:
            raise WrongUsage(f"{name} is given twice")
        parsed.options[name] = value
        if kind == MANY:
            parsed.many.setdefault(name, []).append(value)
    if parsed.has("--help"):
        raise HelpAsked
    if parsed.command is not None and not command:
        raise WrongUsage("no command can follow here", remedy="to run one with a session: assume PROFILE -- COMMAND")
    if most is not None and len(parsed.positional) > most:
        raise WrongUsage(f"{parsed.positional[most]!r} is one word too many", remedy="see --help")
    return parsed


def _nearest(name: str, kinds: Mapping[str, str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, kinds, 1)
    return f"did you mean {near[0]}?" if near else "see --help"
