"""What the broker's tests share: what a session cost, who is asked, and a shell that another waits for."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.desk import PROPOSED, Typist

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from shellhook.session import Session
    from tests.desk import Desk

HOUR = 3600


def calls(desk: Desk, service: str = "sts") -> list[str]:
    """The actions since the last look, in order; refused ones with their error."""
    made = desk.sandbox.calls(service=service)
    return [call["action"] + (f": {call['code']}" if call["code"] else "") for call in made]


def taken(desk: Desk) -> list[str]:
    """The same, and the record is emptied."""
    made = calls(desk)
    desk.sandbox.forget_calls()
    return made


def keys(session: Session) -> dict[str, str | None]:
    """A session in the shape STS gives credentials."""
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
    }


def someone(desk: Desk, user: str, *, device: str = PROPOSED) -> Typist:
    """A person with that user's authenticator at hand, who types one good code."""
    return Typist(lambda: desk.sandbox.code(user), device=device)


def until_expired(session: Session) -> None:
    assert session.expires is not None
    time.sleep(max(0.0, session.expires - time.time()) + 0.02)


# --- mfa_process


def authenticator(desk: Desk, directory: Path, before: str = "") -> str:
    """A command that prints a new code, and keeps count of its runs in `runs`."""
    (directory / "code").write_text(desk.sandbox.code("alice"))
    return f"{before} echo x >> '{directory}/runs'; cat '{directory}/code'"


def with_process(desk: Desk, command: str) -> str:
    return desk.profile(
        "process", mfa_serial=desk.sandbox.devices["alice"], mfa_process=command, **desk.key_of("alice")
    )


# --- many shells at once


def finish(processes: list[Any]) -> list[tuple[int, str, str]]:
    ended = [(process, *process.communicate(timeout=60)) for process in processes]
    return [(process.returncode, out, err) for process, out, err in ended]


def assigned(out: str, name: str) -> str:
    found = re.search(rf"\b{name}='?([^\s';]+)", out)
    assert found, out
    return found[1]


class Blocked:
    """A shell that is asked for a code, and has the lock until it gets one: its mfa_process waits for `release`."""

    def __init__(self, desk: Desk, directory: Path) -> None:
        self.gate = directory / "gate"
        os.mkfifo(self.gate)
        with_process(desk, f"echo x >> '{directory}/runs'; echo asking >&2; cat '{self.gate}'")
        self.runs = directory / "runs"
        self.process = desk.start(*desk.hooked("process"))
        assert self.process.stderr
        assert self.process.stderr.readline() == "asking\n"

    def release(self, code: str) -> None:
        self.gate.write_text(code)


@pytest.fixture
def blocked(desk: Desk, tmp_path: Path) -> Blocked:
    return Blocked(desk, tmp_path)
