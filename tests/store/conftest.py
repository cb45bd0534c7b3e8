"""An empty store, and other processes on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shellhook.store import Store
from tests.store.kept import Other

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "state" / "shellhook"))


@pytest.fixture
def others(store: Store) -> Iterator[Callable[[str], Other]]:
    started: list[Other] = []

    def start(code: str) -> Other:
        started.append(Other(store, code))
        return started[-1]

    yield start
    for other in started:
        other.process.kill()
        other.process.communicate()
