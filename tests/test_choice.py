"""Which profile is meant by what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shellhook import choice

NAMES = ["prod-admin", "power-user", "read-only", "dev-power", "prod", "Corp/Ops", "team:a@prod/x"]
BESIDE = {"read-only": "111122223333 ReadOnly", "dev-power": "444455556666 power-user", "prod": "999900001111 "}


def ranked(typed: str, weights: dict[str, float] | None = None) -> list[str]:
    return choice.ranked(typed, NAMES, lambda name: BESIDE.get(name, ""), weights or {})


RANKED = [
    ("", NAMES),
    ("prod", ["prod", "prod-admin", "team:a@prod/x"]),  # the very name, then what begins with it
    ("PROD-A", ["prod-admin"]),
    ("pu", ["power-user"]),  # an abbreviation
    ("power", ["power-user", "dev-power"]),
    ("user", ["power-user", "dev-power"]),
    ("4444", ["dev-power"]),
    ("readonly", ["read-only"]),
    ("power 4444", ["dev-power"]),
    ("dev pow", ["dev-power"]),
    ("ops", ["Corp/Ops"]),
    ("rdny", ["read-only"]),
    ("nothing", []),
    ("@", ["team:a@prod/x"]),
]


@pytest.mark.parametrize(("typed", "expected"), RANKED, ids=[typed for typed, _ in RANKED])
def test_the_best_fit_stands_first(typed: str, expected: list[str]) -> None:
    assert ranked(typed) == expected


def test_the_most_used_stands_first_where_two_fit_equally_well() -> None:
    assert ranked("", {"read-only": 1, "prod": 3})[:3] == ["prod", "read-only", "prod-admin"]
    assert ranked("po", {"dev-power": 9})[0] == "power-user", "to begin with it weighs more"
    assert ranked("read-only", {"prod": 9}) == ["read-only"]


@given(st.lists(st.text(max_size=8), unique=True), st.text(max_size=4))
def test_what_is_exactly_a_name_is_the_first_and_nothing_is_found_twice(names: list[str], typed: str) -> None:
    found = choice.ranked(typed, names, lambda name: "", {})
    assert len(found) == len(set(found))
    assert set(found) <= set(names)
    if typed and typed in names:
        assert found[0] == typed


MEANT = [
    ("power", "power-user"),
    ("POWER", "power-user"),
    ("ro", "read-only"),
    ("readonly", "read-only"),
    ("rea-onl", "read-only"),
    ("co", "Corp/Ops"),
    ("teampro", "team:a@prod/x"),
    ("pro", None),  # prod, and prod-admin
    ("p", None),
    ("power-usr", None),  # a slip of the finger is suggested, not taken
    ("user", "power-user"),
    ("only", "read-only"),
    ("", None),
    ("-", None),
    (" ", None),
    ("@", None),
    (":@", None),
    ("team:", "team:a@prod/x"),
]


@pytest.mark.parametrize(("typed", "expected"), MEANT, ids=[typed for typed, _ in MEANT])
def test_one_beginning_or_abbreviation_is_meant(typed: str, expected: str | None) -> None:
    assert choice.meant(typed, NAMES) == expected


MATCHED = [("pow", "power-user", {0, 1, 2}), ("pu", "power-user", {0, 6}), ("a b", "ab", {0, 1}), ("x", "ab", set())]


@pytest.mark.parametrize(("typed", "text", "places"), MATCHED, ids=[typed for typed, _, _ in MATCHED])
def test_places_that_fit(typed: str, text: str, places: set[int]) -> None:
    assert choice.matched(typed, text) == places
