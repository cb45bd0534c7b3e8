"""Fixtures for tests in real shells: `shell` is each of them in turn, `start` starts sessions and closes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shell import shells
from tests.shell.backend import Backend
from tests.shell.session import ShellSession, Start
from tests.shell.shells import Shell


def present(shell: Shell) -> Shell:
    """The shell, if this machine has it; else the test is skipped, or fails where SHELLHOOK_REQUIRE names the shell."""
    if shell.program:
        return shell
    if shell.name in shells.required():
        pytest.fail(f"{shell.name} is required, and {shell.asked_for} is not on this machine", pytrace=False)
    return pytest.skip(f"{shell.asked_for} ({shell.name}) is not on this machine")


@pytest.fixture(params=shells.ALL, ids=str)
def shell(request: pytest.FixtureRequest) -> Shell:
    """Each shell in turn."""
    return present(request.param)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(shell, rc=..., env=...)`: an interactive session in a directory of its own, closed after the test."""
    sessions: list[ShellSession] = []

    def started(shell: Shell, **options: object) -> ShellSession:
        root = tmp_path / f"session{len(sessions)}"
        sessions.append(ShellSession(shell, root, **options))  # type: ignore[arg-type]
        return sessions[-1]

    yield started
    for session in sessions:
        session.close()


@pytest.fixture
def backend(tmp_path: Path) -> Backend:
    """A backend that does what the test says."""
    return Backend(tmp_path)


@pytest.fixture(params=[shell for shell in shells.ALL if shell.kind != "powershell"], ids=str)
def evaluating(request: pytest.FixtureRequest) -> Shell:
    """Each shell that evaluates the backend's answer, in turn; PowerShell reads lines."""
    return present(request.param)
