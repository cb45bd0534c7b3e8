"""`python -m docs.reference`: writes commands.md, assume.1 and shellhook.1 from what the program itself has.

What `--help` prints, the options that the commands take, their descriptions in completions/words, the exit statuses of
errors.py and the settings of settings.md: nothing is written down twice.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from docs import roff
from shellhook import errors
from shellhook.__main__ import VERBS
from shellhook.cli import request_words
from shellhook.cli.options import FLAG, MAYBE
from shellhook.errors import ShellhookError

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).parent
WORDS = HERE.parent / "completions" / "words"
_METAVARS = {"profile": "PROFILE", "region": "REGION", "duration": "DURATION", "format": "FORMAT", "service": "SERVICE"}

_SEE = r"[,;] see \[[^]]*\]\([^)]*\)"
_AFTER_DASHES = "After `--` it is the command's own; 125 is ours, 126 and 127 are what shells say."

INTRODUCTION = """\
# Commands

<!-- made by `make docs` from the commands themselves; changes here are lost -->

[`assume`](#assume) is a function of your shell, and what one uses every day. [`shellhook`](#shellhook) is the program
behind it. Both show what stands here with `--help`, and `man assume` and `man shellhook` do where the manual pages are
found. TAB completes verbs, options and profiles.
"""


class Option:
    """An option as people read it: all its names, its value, what it is for."""

    def __init__(self, names: list[str], value: str, text: str) -> None:
        self.names, self.value, self.text = names, value, text

    def __str__(self) -> str:
        return f"{', '.join(self.names)}{self.value if self.value.startswith('[') else ' ' + self.value}".rstrip()


def verbs() -> list[str]:
    """The verbs that are for people, as they complete."""
    return [word for word, *_ in _rows("shellhook") if not word.startswith("-") and word != "assume"]


def command(verb: str) -> ModuleType:
    """The module of a verb."""
    return importlib.import_module(f"shellhook.cli.{verb.replace('-', '_')}")


def own_options(verb: str) -> list[Option]:
    """What a verb takes besides --help, and besides what makes a request where it takes all of that."""
    if verb != "assume" and command(verb).KINDS is command("assume").KINDS:
        return []
    others = set(request_words.KINDS) if verb != "assume" and takes_a_request(verb) else {"--help"}
    return [each for each in _options(verb) if each.names[-1] not in others]


def takes_a_request(verb: str) -> bool:
    """Does it take the options of `assume` that make a request?"""
    return set(request_words.KINDS) <= set(command(verb).KINDS)


def _options(verb: str) -> list[Option]:
    """In the order of completions/words, short names with their long ones."""
    module = command(verb)
    short = {long: name for name, long in module.SHORT.items()}
    usage = f"{module.HELP}\n{command('assume').HELP}"
    found = []
    for name, value, text in _rows(verb) or _rows("assume"):
        if not name.startswith("--"):
            continue
        shown, kind = "", module.KINDS[name]
        if kind != FLAG:
            named = re.search(rf"{name}[ =\[]+([A-Z][A-Z=,|]*[A-Z])", usage)
            shown = named[1] if named else _METAVARS.get(value.lstrip("="), "TEXT")
        found.append(Option([*filter(None, [short.get(name)]), name], f"[={shown}]" if kind == MAYBE else shown, text))
    return found


def _rows(where: str) -> list[list[str]]:
    """The rows of completions/words about one place: word, value, what it is for."""
    rows = [line.split("\t") for line in WORDS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [row[1:] for row in rows if row[0] == where]


def statuses() -> list[tuple[int, str]]:
    """Exit statuses, and what they mean, in the words of errors.py."""
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, ShellhookError)]
    told = [(each.status, (each.__doc__ or "").partition(".")[0]) for each in kinds if {"status"} <= vars(each).keys()]
    return [(0, "Done"), (1, "Refused, or not valid"), *sorted(each for each in told if each[0] > 1)]


def settings() -> list[tuple[str, str]]:
    """The variables of settings.md, what they are for, and their defaults."""
    rows = re.findall(
        r"^\| `(\w+)` \| \S+ \| (.*?) \| (.*) \|$", (HERE / "settings.md").read_text("utf-8"), re.MULTILINE
    )
    return [(name, f"{re.sub(_SEE, '', text)}. Default: {default}.") for name, default, text in rows]


# --- commands.md


def commands() -> str:
    """The page of all commands."""
    parts = [INTRODUCTION, "## assume", _usage("assume"), _table(own_options("assume")), _request(), "## shellhook"]
    listed = [f"| [`{verb}`](#shellhook-{verb}) | {VERBS[verb]} |" for verb in verbs()]
    parts.append("\n".join(["| command | what it does |", "|---|---|", *listed]))
    for verb in verbs():
        parts += [f"### shellhook {verb}", _usage(verb)]
        own = own_options(verb)
        if own:
            parts.append(_table(own))
        if takes_a_request(verb):
            parts.append("It takes [the options of `assume` that make a request](#options-that-make-a-request) too.")
    parts += ["## Exit status", _statuses()]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _usage(verb: str) -> str:
    return f"```text\n{command(verb).HELP}\n```"


def _table(options: list[Option]) -> str:
    rows = [f"| `{each}` | {each.text} |".replace("KEY|", r"KEY\|") for each in options]
    rows = [re.sub(r"(?<=[A-Z])\|(?=[A-Z])", r"\\|", row) for row in rows]
    return "\n".join(["| option | what it does |", "|---|---|", *rows])


def _request() -> str:
    names = ", ".join(f"`{name}`" for name in request_words.KINDS if name not in ("--help", "--debug"))
    *takers, last = (f"`shellhook {verb}`" for verb in verbs() if takes_a_request(verb))
    return (
        "### Options that make a request\n\n"
        f"{names} say what is wanted, or how it is got. {', '.join(takers)} and {last} take them too."
    )


def _statuses() -> str:
    rows = [f"| {status} | {text} |" for status, text in statuses()]
    return "\n".join(["| status | meaning |", "|---|---|", *rows, "", _AFTER_DASHES])


# --- manual pages


def assume_page() -> str:
    """assume(1)."""
    page = roff.Page("assume", "give the shell you are in the credentials of an AWS profile")
    page.section("SYNOPSIS").literal(command("assume").HELP.partition("\n\n")[0])
    page.section("DESCRIPTION").text(
        "`assume` is a function that the hook of shellhook(1) defines in bash, zsh, fish and PowerShell. It sets the "
        "variables of an AWS session in that shell, and puts back what was there before with `assume --off`. Profiles "
        "are those of the AWS CLI."
    )
    page.section("OPTIONS")
    for each in own_options("assume"):
        page.item(str(each), each.text)
    _exit_status(page)
    page.section("SEE ALSO").text("shellhook(1)")
    return str(page)


def shellhook_page() -> str:
    """shellhook(1)."""
    page = roff.Page("shellhook", "AWS credentials for the shell you are in")
    page.section("SYNOPSIS").literal("shellhook COMMAND [--help]")
    page.section("DESCRIPTION").text(
        "With the hook loaded (`shellhook install`), assume(1) in your shell is all that is needed every day. These "
        "are the commands beside it."
    )
    page.section("COMMANDS")
    for verb in verbs():
        page.part(f"shellhook {verb}").text(VERBS[verb][0].upper() + VERBS[verb][1:] + ".").literal(command(verb).HELP)
        for each in own_options(verb):
            page.item(str(each), each.text)
        if takes_a_request(verb):
            page.text("The options of assume(1) that make a request are taken too.")
    page.section("ENVIRONMENT")
    for name, text in settings():
        page.item(name, text)
    page.section("FILES")
    page.item("~/.aws/config, ~/.aws/credentials", "the profiles; AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE")
    page.item("~/.config/shellhook/config.toml", "settings; XDG_CONFIG_HOME, on Windows %APPDATA%")
    page.item("~/.local/state/shellhook", "stored sessions; XDG_STATE_HOME, on Windows %LOCALAPPDATA%")
    page.item("~/.local/share/shellhook", "the hooks that install wrote; XDG_DATA_HOME, on Windows %LOCALAPPDATA%")
    _exit_status(page)
    page.section("SEE ALSO").text("assume(1)")
    return str(page)


def _exit_status(page: roff.Page) -> None:
    page.section("EXIT STATUS")
    for status, text in statuses():
        page.item(str(status), text)
    page.text(_AFTER_DASHES)


def files() -> dict[Path, str]:
    """Every file that is made, and what it holds."""
    return {HERE / "commands.md": commands(), HERE / "assume.1": assume_page(), HERE / "shellhook.1": shellhook_page()}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"{path}\n")
