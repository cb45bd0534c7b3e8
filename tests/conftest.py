"""Fixtures that every room's tests may use."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shellhook.sandbox import Sandbox
    from tests.desk import Desk


# A shell starts what it runs in the background with SIGINT ignored, which every process here would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The loopback AWS, one for the whole run (with pytest-xdist: one for each worker)."""
    from shellhook.sandbox import Sandbox

    with Sandbox() as running:
        yield running


@pytest.fixture
def desk(sandbox: Sandbox, tmp_path: Path) -> Iterator[Desk]:
    """A home with the sandbox's AWS files and an empty store; the sandbox is as it was started, before and after."""
    from tests.desk import Desk

    sandbox.reset()
    yield Desk(sandbox, tmp_path)
    sandbox.reset()


@pytest.fixture
def closed_port() -> Iterator[str]:
    """The URL of a place on this machine where nobody listens."""
    from tests import servers

    with servers.closed() as place:
        yield f"http://{place}"
