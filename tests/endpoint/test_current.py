"""Which session the endpoint has: when it gets another, from whom, and what it says where there is none."""

from __future__ import annotations

import itertools
import threading

import pytest

from shellhook.endpoint.current import Current, Renewed, ahead
from shellhook.session import Session
from tests.endpoint.served import wait_until

NOW = 1_700_000_000


def session(lives: int | None, *, since: int = NOW, **more: object) -> Session:
    """One that was got at `since` and lives for so many seconds."""
    expires = None if lives is None else since + lives
    return Session(
        access_key_id=f"ASIA{since}", secret_access_key="s", expires=expires, issued=since, profile="power-user", **more
    )  # type: ignore[arg-type]


class World:
    """A clock, what AWS would give, and what lies in the store."""

    def __init__(self, first: Session) -> None:
        self.now = float(NOW)
        self.stored: Session | None = None
        self.gives: Renewed | Exception = Renewed(error="AWS is out")
        self.asked: list[int] = []  # how many seconds a new one was to last
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.current = Current(first, self._renew, lambda: self.stored, lambda: self.now)

    def _renew(self, seconds: int) -> Renewed:
        self.asked.append(seconds)
        assert self.may_answer.wait(30)
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives

    def at(self, seconds: float) -> Session | None:
        """What is answered so many seconds later, once a renewal that this begins has ended."""
        self.now = NOW + seconds
        self.current.tick()
        self.settle()
        return self.current.session()

    def settle(self) -> None:
        def settled() -> bool:
            self.current.tick()
            return not self.current.is_coming

        wait_until(settled)


AHEAD = [
    (43_200, 1200, "SDKs fetch a new one in the last 15 minutes"),
    (3600, 1200, ""),
    (1800, 1200, ""),
    (900, 600, "botocore insists on a new one in the last 10"),
    (6, 4, ""),
    (0, 0, ""),
    (None, 0, "it has no end"),
]


@pytest.mark.parametrize(("lives", "seconds", "why"), AHEAD)
def test_how_long_before_its_end_a_session_is_renewed(lives: int | None, seconds: int, why: str) -> None:
    assert ahead(session(lives)) == seconds, why


def test_it_is_renewed_long_before_it_ends() -> None:
    world = World(session(3600))
    new = session(3600, since=NOW + 2400)
    world.gives = Renewed(session=new)
    assert world.at(2399) == session(3600)
    assert world.asked == []
    assert world.at(2400) == new
    assert world.asked == [1200], "it is to last for longer than the old one"
    assert world.at(4000) == new
    assert world.asked == [1200]


def test_nobody_waits_for_a_renewal_while_there_is_a_session() -> None:
    world = World(session(3600))
    world.may_answer.clear()
    world.gives = Renewed(session=session(3600, since=NOW + 2400))
    world.now = NOW + 2400
    assert world.current.session() == session(3600)
    assert world.current.is_coming
    assert world.current.session() == session(3600)
    assert len(world.asked) == 1, "one at a time"
    world.may_answer.set()
    world.settle()
    assert world.current.session() == session(3600, since=NOW + 2400)


def test_what_fails_is_tried_again_the_oftener_the_nearer_the_end() -> None:
    world = World(session(3600))
    tried = []
    for second in range(2400, 3700):
        before = len(world.asked)
        world.at(second)
        tried += [second] * (len(world.asked) - before)
    assert tried[:2] == [2400, 2460]
    assert 20 < len([at for at in tried if at < 3600]) < 80
    assert {later - earlier for earlier, later in itertools.pairwise(tried)} >= {60, 1}
    world.gives = Renewed(session=session(3600, since=NOW + 3700))
    assert world.at(3702) == session(3600, since=NOW + 3700)


@pytest.mark.parametrize(
    "gives", [Renewed(error="AWS is out"), Renewed(session=session(100)), ValueError("?")], ids=repr
)
def test_what_there_is_serves_until_its_end_whatever_comes_of_renewals(gives: Renewed | Exception) -> None:
    world = World(session(3600))
    world.gives = gives
    assert world.at(3599) == session(3600)
    assert world.at(3600) is None


def test_a_session_that_a_shell_has_got_is_taken() -> None:
    world = World(session(3600))
    world.stored = session(3600, since=NOW + 100)
    assert world.at(101) == world.stored
    world.stored = session(7200, since=NOW - 100)
    assert world.at(102) == session(3600, since=NOW + 100), "but no older one"
    assert world.asked == []


def test_a_person_is_not_replaced() -> None:
    """Once it takes a code, AWS is not asked; the store is looked into, where a person's answer will be."""
    world = World(session(3600, attended_from=NOW + 2000, device="arn:aws:iam::1:mfa/me"))
    assert world.at(3000) is not None
    assert world.at(3601) is None
    assert world.asked == []
    world.stored = session(3600, since=NOW + 3700, attended_from=NOW + 40_000)
    assert world.at(3701) == world.stored


def test_what_is_said_when_it_takes_a_person() -> None:
    world = World(session(3600, attended_from=0, device="arn:aws:iam::1:mfa/me"))
    assert world.at(3601) is None
    refusal = world.current.refusal()
    assert (refusal.status, refusal.code) == (403, "ExpiredToken")
    assert refusal.message == (
        "the session of power-user ended at 2023-11-14T23:13:20Z, and a new one takes an MFA code: "
        "press Enter at the prompt of the shell it was assumed in, or run in any shell: assume power-user"
    )
    assert "takes a login" in World(session(1, attended_from=0, sign_in="corp")).current.refusal().message


def test_what_is_said_when_something_else_is_in_the_way() -> None:
    world = World(session(3600))
    assert world.at(3601) is None
    refusal = world.current.refusal()
    assert (refusal.status, refusal.code) == (503, "NotYet")
    assert "there is no new one yet (AWS is out): press Enter at the prompt" in refusal.message
    world.gives = Renewed(error="a person is needed for an MFA code", wants_person=True)
    world.at(3700)
    assert world.current.refusal().status == 403


def test_what_is_said_has_no_control_characters() -> None:
    world = World(session(1).replace(profile="x\x1b]0;owned\x07"))
    assert "\x1b" not in world.current.refusal().message


def test_an_unknown_end_is_no_end() -> None:
    world = World(session(None))
    assert world.at(10**6) == session(None)
    assert world.asked == []
