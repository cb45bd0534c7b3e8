"""Which profiles are used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shellhook import history
from shellhook.store import Store, forgetting

NOW = 1_700_000_000.0
WEEK = 7 * 86_400


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "state"))


def weights(store: Store, now: float = NOW) -> dict[str, float]:
    return history.weights(store.uses(), now)


def test_nothing_is_known_at_first(store: Store) -> None:
    assert weights(store) == {}


def test_every_use_counts_and_half_of_it_a_week_later(store: Store) -> None:
    for _ in range(3):
        history.note(store, "often", NOW - WEEK)
    history.note(store, "lately", NOW)
    assert weights(store) == {"often": 1.5, "lately": 1.0}
    history.note(store, "often", NOW)
    assert weights(store) == {"often": 2.5, "lately": 1.0}


def test_a_clock_that_was_set_back_makes_nothing_count_more(store: Store) -> None:
    history.note(store, "x", NOW)
    assert weights(store, NOW - WEEK) == {"x": 1.0}


def test_only_so_many_are_kept_those_that_weigh_most(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST", 3)
    for age, name in [(3, "oldest"), (2, "c"), (1, "b"), (0, "newest")]:
        history.note(store, name, NOW - age * WEEK)
    assert store.uses().keys() == {"newest", "b", "c"}


def test_no_use_is_lost_when_several_are_noted_at_once(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: history.note(store, f"p{number % 4}", NOW), range(40)))
    assert weights(store) == {f"p{number}": 10.0 for number in range(4)}


def test_a_damaged_file_is_none(store: Store) -> None:
    history.note(store, "x", NOW)
    Path(store.directory, "usage").write_bytes(b"\xff")
    assert weights(store) == {}
    history.note(store, "y", NOW)
    assert weights(store) == {"y": 1.0}


def test_a_profile_is_forgotten_with_its_sessions(store: Store) -> None:
    for name in ("x", "y"):
        history.note(store, name, NOW)
    forgetting.forget(store, "x")
    assert weights(store).keys() == {"y"}
    forgetting.forget(store, None)
    assert weights(store) == {}


def test_the_file_is_the_users_own(store: Store) -> None:
    history.note(store, "x", NOW)
    assert Path(store.directory, "usage").stat().st_mode & 0o777 == 0o600
