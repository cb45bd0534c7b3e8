"""Words on the command line, sorted into options, positional words and a command."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shellhook.cli.options import FLAG, MANY, MAYBE, VALUE, HelpAsked, parse
from shellhook.errors import WrongUsage

KINDS = {"--region": VALUE, "--external-id": VALUE, "--tags": MANY, "--console": MAYBE, "--off": FLAG, "--renew": FLAG}
SHORT = {"-r": "--region", "-e": "--external-id", "-c": "--console"}


def parsed(*words: str) -> dict[str, Any]:
    found = parse(words, KINDS, SHORT, command=True)
    return {
        name: value
        for name, value in (
            ("options", found.options),
            ("many", found.many),
            ("positional", found.positional),
            ("command", found.command),
        )
        if value not in ({}, [], None) or (name == "command" and value is not None)
    }


SORTED = [
    ([], {}),
    (["x"], {"positional": ["x"]}),
    (["x", "y z"], {"positional": ["x", "y z"]}),
    (["-"], {"positional": ["-"]}),
    ([""], {"positional": [""]}),
    (["--off"], {"options": {"--off": ""}}),
    (["--debug"], {"options": {"--debug": ""}}),
    (["--region", "r"], {"options": {"--region": "r"}}),
    (["--region=r"], {"options": {"--region": "r"}}),
    (["--region="], {"options": {"--region": ""}}),
    (["--region=a=b"], {"options": {"--region": "a=b"}}),
    (["-r", "r"], {"options": {"--region": "r"}}),
    (["-r=r"], {"options": {"--region": "r"}}),
    (["--external-id", "-"], {"options": {"--external-id": "-"}}),
    (["--external-id", "-x"], {"options": {"--external-id": "-x"}}),
    (["--external-id=--off"], {"options": {"--external-id": "--off"}}),
    (["--console"], {"options": {"--console": ""}}),
    (["--console", "ec2"], {"options": {"--console": ""}, "positional": ["ec2"]}),
    (["--console=ec2"], {"options": {"--console": "ec2"}}),
    (["--tags", "a=b", "--tags=c=d"], {"options": {"--tags": "c=d"}, "many": {"--tags": ["a=b", "c=d"]}}),
    (["x", "--off", "y"], {"options": {"--off": ""}, "positional": ["x", "y"]}),
    (["x", "--"], {"positional": ["x"], "command": []}),
    (["x", "--", "--off", "-z", "--"], {"positional": ["x"], "command": ["--off", "-z", "--"]}),
]


@pytest.mark.parametrize(("words", "expected"), SORTED, ids=lambda value: " ".join(value) if value else None)
def test_words(words: list[str], expected: dict[str, Any]) -> None:
    assert parsed(*words) == expected


REFUSED = [
    (["--of"], ["--of", "--off?"]),
    (["--regoin", "r"], ["--regoin", "--region?"]),
    (["--zzz=secret"], ["--zzz", "--help"]),
    (["-x"], ["-x"]),
    (["-rr"], ["-rr"]),
    (["--off=yes"], ["--off", "no value"]),
    (["--region"], ["--region", "needs a value"]),
    (["--region", "--"], ["--region", "needs a value"]),
    (["--region", "--off"], ["--region", "needs a value"]),
    (["--region", "-e", "x"], ["--region", "needs a value"]),
    (["--tags", "--region=r"], ["--tags", "needs a value"]),
    (["--region", "a", "-r", "b"], ["--region", "twice"]),
    (["--off", "--off"], ["--off", "twice"]),
    (["--external-id", "--list"], ["--external-id", "needs a value"]),
]


@pytest.mark.parametrize(("words", "shown"), REFUSED, ids=lambda value: " ".join(value))
def test_refusals(words: list[str], shown: list[str]) -> None:
    with pytest.raises(WrongUsage) as caught:
        parsed(*words)
    assert [word for word in shown if word not in str(caught.value)] == []
    assert "secret" not in str(caught.value), "a value may be one"
    assert caught.value.status == 64


@pytest.mark.parametrize(("words", "shown"), [(["a", "b c"], "'b c' is one word too many"), (["a", "--", "b"], "--")])
def test_what_would_go_unheeded_is_refused(words: list[str], shown: str) -> None:
    with pytest.raises(WrongUsage, match=shown):
        parse(words, KINDS, most=1)
    assert parse(["a"], KINDS, most=1).positional == ["a"]


def test_what_was_given_can_be_asked() -> None:
    found = parse(["--off", "-r", ""], KINDS, SHORT)
    assert found.has("--off")
    assert found.has("--renew", "--region")
    assert not found.has("--renew", "--tags")
    assert (found.get("--region"), found.get("--tags")) == ("", None)


def test_help_is_an_answer_of_its_own_but_not_of_a_command() -> None:
    kinds = {**KINDS, "--help": FLAG}
    for words in (["--help"], ["x", "--off", "-h"]):
        with pytest.raises(HelpAsked):
            parse(words, kinds, {"-h": "--help"})
    assert parse(["x", "--", "y", "--help"], kinds, command=True).command == ["y", "--help"]
    assert parse(["--region=--help"], kinds).get("--region") == "--help"


@settings(max_examples=100, deadline=None)
@given(words=st.lists(st.text(max_size=6)), command=st.lists(st.text(max_size=6)))
def test_a_command_is_never_looked_into(words: list[str], command: list[str]) -> None:
    names = [word for word in words if not word.startswith("-")]
    found = parse([*names, "--", *command], KINDS, SHORT, command=True)
    assert (found.positional, found.command) == (names, command)
