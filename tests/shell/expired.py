"""People whose session has run out: a store and the variables of a shell, as they are an hour later."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from shellhook.sandbox import Sandbox
from tests.desk import Desk
from tests.shell.person import Person
from tests.shell.shells import Shell, clean_environment

ARN = "arn:aws:iam::111122223333:mfa/alice"
QUESTION = rf"^MFA code of alice \({ARN}\), Enter skips:"
# Programs of the user's: one that uses AWS, and one that runs another.
PROGRAMS = {
    "aws": 'echo "aws has $AWS_ACCESS_KEY_ID"',
    "sudo": 'while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"',
    "terraform": "echo terraform has $AWS_ACCESS_KEY_ID",
}


class World:
    """A store, and what a shell has in its environment with a profile's session on."""

    def __init__(self, sandbox: Sandbox, root: Path, profile: str, lifetime: float | None) -> None:
        self.desk = Desk(sandbox, root)
        sandbox.lifetime(lifetime)
        words = ["--token-code", sandbox.code("alice")] if profile == "power-user" else []
        done = self.desk.run(*self.desk.hooked(profile, *words))
        sandbox.lifetime(None)
        assert done.status == 0, done
        shown = subprocess.run(
            ["bash", "-c", f"{done.out}\nenv -0"], env={"PATH": os.defpath}, capture_output=True, text=True, check=True
        )
        entries = (entry.split("=", 1) for entry in shown.stdout.split("\0") if "=" in entry)
        self.variables = {name: value for name, value in entries if name.startswith(("AWS", "SHELLHOOK"))}
        self.key = self.variables["AWS_ACCESS_KEY_ID"]
        while lifetime is not None and lifetime < 10 and time.time() <= float(self.variables["SHELLHOOK_EXPIRES"]):
            time.sleep(0.05)


Meet = Callable[..., Person]


@pytest.fixture(scope="session")
def worlds(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], World]:
    """`worlds(name)`: an expired session of power-user or read-only; `short` is ten minutes of read-only."""
    made: dict[str, World] = {}

    def world(name: str) -> World:
        if name not in made:
            profile = "read-only" if name == "short" else name
            made[name] = World(sandbox, tmp_path_factory.mktemp(name), profile, 600 if name == "short" else 1)
        return made[name]

    return world


@pytest.fixture
def late(sandbox: Sandbox, tmp_path: Path, worlds: Callable[[str], World]) -> Iterator[Meet]:
    """`late(shell, "power-user", SHELLHOOK_REPROMPT=...)`: somebody whose shell inherits that session. `state` is the
    store of somebody who came before; else it is their own."""
    people: list[Person] = []
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, code in PROGRAMS.items():
        (programs / name).write_text(f"#!/bin/sh\n{code}\n", encoding="ascii")
        (programs / name).chmod(0o755)

    def met(
        shell: Shell, name: str, *, first: str = "", rc: str = "", state: Path | None = None, **changes: str | None
    ) -> Person:
        world = worlds(name)
        if not people:
            sandbox.forget_calls()
        root = tmp_path / f"late{len(people)}"
        if state is None:
            state = tmp_path / f"state{len(people)}"
            shutil.copytree(world.desk.state, state)
        path = f"{programs}{os.pathsep}{clean_environment(root)['PATH']}"
        env = {**world.variables, "PATH": path, "XDG_STATE_HOME": str(state), "SHELLHOOK_PROMPT": "manual"}
        people.append(Person(sandbox, shell, root, env={**env, **changes}, first=first, rc=rc))
        return people[-1]

    yield met
    for person in people:
        person.session.close()
    # What they have started in the background has left their terminals, and might call AWS in the next test.
    shells = {str(person.session.terminal.process.pid) for person in people}
    while any("--background" in words and shells & set(words) for words in _command_lines()):
        time.sleep(0.02)
    sandbox.reset()


def _command_lines() -> Iterator[list[str]]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            yield process.cmdline()
