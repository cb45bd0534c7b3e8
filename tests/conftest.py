"""Fixtures that every room's tests may use."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shellhook.sandbox import Sandbox
    from tests.desk import Desk


# A shell starts what it runs in the background with SIGINT ignored, which every process here would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Nobody's home: what forgets to look into the environment that it is given, as a mutant does, writes into none."""
    caches = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")  # pip's: packages are built here
    home = tempfile.mkdtemp(prefix="shellhook-tests-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "ZDOTDIR"):
        os.environ.pop(name, None)
    os.environ.update(HOME=home, USERPROFILE=home, XDG_CACHE_HOME=caches)


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
