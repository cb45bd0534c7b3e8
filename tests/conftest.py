"""Fixtures that every room's tests may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shellhook.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The loopback AWS, one for the whole run (with pytest-xdist: one for each worker)."""
    from shellhook.sandbox import Sandbox

    with Sandbox() as running:
        yield running
