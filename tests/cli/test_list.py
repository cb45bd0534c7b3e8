"""shellhook list, and what a name that is nearly one leads to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shellhook.sandbox import Sandbox
from tests.desk import Desk


@pytest.fixture
def desk(sandbox: Sandbox, tmp_path: Path) -> Desk:
    return Desk(sandbox, tmp_path)


def test_every_profile_is_listed_with_what_is_known(desk: Desk) -> None:
    assert desk.run(*desk.hooked("read-only")).status == 0
    done = desk.run("list")
    assert (done.status, done.err) == (0, "")
    lines = {line.split()[0]: line for line in done.out.splitlines()}
    assert "111122223333" in lines["power-user"]
    assert "MFA" in lines["power-user"]
    assert "live " in lines["read-only"]
    assert "live " not in lines["power-user"]


def test_what_is_broken_says_where(desk: Desk) -> None:
    desk.config.write_text(desk.config.read_text() + "\n[profile odd]\nrole_arn = x\nsource_profile = gone\nnonsense\n")
    number = desk.config.read_text().splitlines().index("nonsense") + 1
    done = desk.run("list", "--long")
    assert done.status == 0
    line = next(line for line in done.out.splitlines() if line.startswith("odd "))
    assert f"! {desk.config}:{number}: not `name = value`" in line
    assert f"{desk.config}:{number}" in done.err
    found = json.loads(desk.run("list", "--json").out)
    assert next(each["problem"] for each in found if each["name"] == "odd").startswith(f"{desk.config}:{number}")


def test_without_a_profile_it_says_so(desk: Desk) -> None:
    done = desk.run("list", env={"AWS_CONFIG_FILE": "/none/a", "AWS_SHARED_CREDENTIALS_FILE": "/none/b"})
    assert (done.status, done.out) == (0, "")
    assert "/none/a" in done.err
    assert desk.run("list", "--json", env={"AWS_CONFIG_FILE": "", "AWS_SHARED_CREDENTIALS_FILE": ""}).out == "[]\n"


def test_a_profile_must_be_named_where_nobody_can_choose(desk: Desk) -> None:
    done = desk.run(*desk.hooked())
    assert (done.status, done.out) == (64, "")
    assert "one of: " in done.err
    assert "power-user" in done.err


def test_a_near_miss_is_suggested_and_an_abbreviation_is_not_taken_unasked(desk: Desk) -> None:
    for typed, suggested in (("power-usr", "did you mean 'power-user'"), ("read", "'read-only'")):
        done = desk.run(*desk.hooked(typed))
        assert (done.status, done.out) == (3, ""), typed
        assert suggested in done.err
    assert desk.store.uses() == {}


def test_uses_are_remembered_and_renewals_are_none(desk: Desk) -> None:
    for _ in range(2):
        assert desk.run(*desk.hooked("read-only")).status == 0
    assert 1.9 < desk.store.uses()["read-only"][0] <= 2
