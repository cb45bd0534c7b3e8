"""completions/words says what the commands accept, and the regions that there are."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import botocore
import pytest

from shellhook.__main__ import VERBS
from shellhook.cli import options

ROWS = [
    line.split("\t")
    for line in (Path(__file__).parents[1] / "completions" / "words").read_text().splitlines()
    if not line.startswith("#")
]
ONLY_FOR_HOOKS = {"renew", "serve-endpoint"}
NO_VERB = {"format", "region", "duration", "shell", "sync", "keys-verb", "policy-kind", "service"}


def rows(where: str) -> dict[str, str]:
    return {row[1]: row[2] for row in ROWS if row[0] == where}


def test_every_row_has_four_columns_and_no_word_is_there_twice() -> None:
    assert {len(row) for row in ROWS} == {4}
    assert all(all(column and column == column.strip() for column in row) for row in ROWS)
    places = [(row[0], row[1]) for row in ROWS]
    assert len(places) == len(set(places))
    lists = {row[0] for row in ROWS}
    assert {row[2].lstrip("=") for row in ROWS} <= lists | {"-", "text", "profile", "file", "command"}


def test_the_verbs_are_those_of_the_program() -> None:
    assert {word for word in rows("shellhook") if not word.startswith("-")} == VERBS.keys() - ONLY_FOR_HOOKS


@pytest.mark.parametrize("verb", sorted({row[0] for row in ROWS} - {"shellhook"} - NO_VERB))
def test_the_options_are_those_that_the_command_takes(verb: str) -> None:
    command = importlib.import_module(f"shellhook.cli.{verb.replace('-', '_')}")
    kinds = {**command.KINDS, **{short: command.KINDS[name] for short, name in command.SHORT.items()}}
    listed = rows(verb)
    assert listed.keys() == kinds.keys()
    for option, value in listed.items():
        assert (value == "-") == (kinds[option] == options.FLAG), option
        assert value.startswith("=") == (kinds[option] == options.MAYBE), option


def test_a_verb_without_options_of_its_own_takes_those_of_assume() -> None:
    for verb in rows("shellhook"):
        if not verb.startswith("-"):
            assert rows(verb) or rows("shellhook")[verb] == "assume", verb


def test_the_regions_are_botocores() -> None:
    data = json.loads((Path(botocore.__file__).parent / "data" / "endpoints.json").read_text())
    public = {"aws", "aws-cn", "aws-us-gov", "aws-eusc"}
    known = {region for part in data["partitions"] if part["partition"] in public for region in part["regions"]}
    assert rows("region").keys() <= known, "a newer botocore may know more"
    assert len(rows("region")) > 30
