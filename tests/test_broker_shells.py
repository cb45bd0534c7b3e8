"""The broker: many shells at once want the same session."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.broker import Blocked, assigned, blocked, calls, finish

if TYPE_CHECKING:
    from typing import Any

    from tests.desk import Desk

__all__ = ["blocked"]  # a fixture

posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals")


def waiting(desk: Desk) -> Any:
    """A second shell, which says that it waits."""
    process = desk.start(*desk.hooked("process"))
    assert process.stderr
    line = process.stderr.readline()
    assert line == "shellhook: waiting for another shell that is getting this session (Ctrl-C ends the wait)\n"
    return process


@posix
def test_the_wait_for_another_shell_ends_with_ctrl_c(desk: Desk, blocked: Blocked) -> None:
    second = waiting(desk)
    second.send_signal(signal.SIGINT)
    assert finish([second]) == [(130, "", "shellhook: cancelled\n")]
    blocked.release(desk.sandbox.code("alice"))
    ((status, out, _),) = finish([blocked.process])
    assert status == 0
    assert "AWS_SESSION_TOKEN" in out


@posix
def test_who_waits_gets_what_the_other_got(desk: Desk, blocked: Blocked) -> None:
    crowd = [waiting(desk) for _ in range(3)]
    blocked.release(desk.sandbox.code("alice"))
    ended = finish([blocked.process, *crowd])
    assert {status for status, _, _ in ended} == {0}
    assert len({assigned(out, "AWS_ACCESS_KEY_ID") for _, out, _ in ended}) == 1
    assert blocked.runs.read_text() == "x\n"
    assert calls(desk) == ["GetSessionToken"]


@posix
def test_when_the_other_is_killed_the_next_one_asks(desk: Desk, blocked: Blocked) -> None:
    second = waiting(desk)
    os.killpg(blocked.process.pid, signal.SIGKILL)
    assert second.stderr.readline() == "asking\n"
    blocked.release(desk.sandbox.code("alice"))
    assert finish([second])[0][0] == 0
    blocked.process.communicate()
    assert blocked.runs.read_text() == "x\nx\n"


@posix
def test_when_the_other_fails_the_next_one_asks(desk: Desk, blocked: Blocked) -> None:
    second = waiting(desk)
    blocked.release("no code")
    assert finish([blocked.process])[0][0] == 4
    assert second.stderr.readline() == "asking\n"
    blocked.release(desk.sandbox.code("alice"))
    assert finish([second])[0][0] == 0
