"""Fixtures for tests in real shells: `shell` is each of them in turn, `start` starts sessions and closes them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shellhook.sandbox import Sandbox
from tests.desk import Desk
from tests.shell import shells
from tests.shell.backend import Backend
from tests.shell.expired import late, worlds  # noqa: F401  # fixtures
from tests.shell.person import Meet, Person
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


@pytest.fixture
def person(sandbox: Sandbox, tmp_path: Path) -> Iterator[Meet]:
    """`person(shell, ...)`: somebody at such a shell, gone after the test. The sandbox is then as it was started."""
    people: list[Person] = []

    def met(shell: Shell, **options: object) -> Person:
        people.append(Person(sandbox, shell, tmp_path / f"person{len(people)}", **options))  # type: ignore[arg-type]
        return people[-1]

    yield met
    for each in people:
        each.session.close()
    sandbox.reset()


@pytest.fixture(scope="session")
def sessions(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store to begin with, for tests that are not about how a session is got: it has those of read-only and
    power-user, and the MFA session that the latter came from."""
    desk = Desk(sandbox, tmp_path_factory.mktemp("sessions"))
    for words in (["read-only"], ["power-user", "--token-code", sandbox.code("alice")]):
        done = desk.run(*desk.hooked(*words))
        assert done.status == 0, done
    shutil.rmtree(desk.state / "shellhook" / "before")
    sandbox.reset()
    return desk.state
