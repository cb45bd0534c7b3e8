"""An endpoint never goes stale, and where a new session takes a person, programs are told so. (That they outlive the
session they began with is tests/judges/test_endpoint.py.)"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from shellhook import os_keyring
from shellhook.cli import serve_endpoint
from shellhook.endpoint import process
from tests.endpoint.served import Shell, asked, shell, wait_until

if TYPE_CHECKING:
    from shellhook.sandbox import Sandbox
    from tests.desk import Desk

__all__ = ["shell"]  # a fixture

LIFE = 6  # seconds of a session
SHORT = 3  # of one that is to end


def test_the_shells_clock_moves_on(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.lifetime(LIFE)
    shell.assume("read-only", "--serve")
    former = dict(shell.environ)
    first = asked(former).body["AccessKeyId"]
    sandbox.lifetime(None)
    wait_until(lambda: asked(former).body["AccessKeyId"] != first)
    picked_up = shell.desk.run(
        *("renew", "--shell", "bash", "--pid", str(shell.process.pid), "--hook", "1", "--pick-up"), env=shell.environ
    )
    expires = "SHELLHOOK_EXPIRES='"
    assert int(picked_up.out.partition(expires)[2][:10]) > time.time() + 3000
    assert former["AWS_CONTAINER_CREDENTIALS_FULL_URI"] in picked_up.out
    assert "AWS_ACCESS_KEY_ID=" not in picked_up.out


def test_a_slow_aws_holds_nobody_up(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.lifetime(LIFE)
    shell.assume("read-only", "--serve")
    first = asked(shell.environ).body["AccessKeyId"]
    sandbox.forget_calls()
    sandbox.fail(0, delay=1.5, action="AssumeRole")
    longest, ends = 0.0, time.monotonic() + 30
    while asked(shell.environ).body["AccessKeyId"] == first:
        began = time.monotonic()
        assert began < ends
        assert asked(shell.environ).status == 200
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.01)
    assert longest < 1, "SDKs wait for 1 to 2 s"
    assert len(sandbox.calls("AssumeRole")) == 1


def test_while_aws_is_out_the_session_serves_and_then_the_next(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.lifetime(SHORT)
    shell.assume("read-only", "--serve")
    sandbox.fail(403, code="InvalidClientTokenId", message="not today", action="AssumeRole", count=100)
    wait_until(lambda: asked(shell.environ).status == 503)
    message = asked(shell.environ).body["Message"]
    assert "the session of read-only ended at " in message
    assert "assume read-only" in message
    assert int(shell.environ["SHELLHOOK_EXPIRES"]) <= time.time(), "it served until its end"
    sandbox.reset()
    wait_until(lambda: asked(shell.environ).status == 200)


def test_when_it_takes_a_code_the_next_one_that_a_person_gives_anywhere_serves(
    desk: Desk, shell: Shell, sandbox: Sandbox
) -> None:
    sandbox.lifetime(SHORT)
    shell.assume("power-user", "--serve", "--token-code", sandbox.code("alice"))
    assert shell.who() == "assumed-role/power-user/me"
    wait_until(lambda: asked(shell.environ).status != 200)
    sandbox.lifetime(None)
    answer = asked(shell.environ)
    assert (answer.status, answer.body["Code"]) == (403, "ExpiredToken")
    assert "a new one takes an MFA code: press Enter at the prompt" in answer.body["Message"]
    who = shell.who()
    assert "a new one takes an MFA code" in who, "and botocore shows it"

    with Shell(desk) as other:
        other.assume("power-user", "--token-code", sandbox.code("alice"))
        assert "SHELLHOOK_SERVED" not in other.environ
    assert asked(shell.environ).status == 200
    assert shell.who() == "assumed-role/power-user/me"


def test_an_edited_profile_is_not_slipped_in(desk: Desk, shell: Shell, sandbox: Sandbox) -> None:
    sandbox.lifetime(SHORT)
    shell.assume("read-only", "--serve")
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(text.replace("role/read-only", "role/ci/deploy"), encoding="utf-8")
    wait_until(lambda: asked(shell.environ).status == 503)
    assert "profile changed: assume again" in asked(shell.environ).body["Message"]


def test_two_endpoints_share_one_session(desk: Desk, shell: Shell, sandbox: Sandbox) -> None:
    with Shell(desk) as other:
        shell.assume("read-only", "--serve")
        other.assume("read-only", "--serve")
        assert asked(shell.environ).body == asked(other.environ).body
        other.assume("--renew")
        assert asked(shell.environ).body == asked(other.environ).body
    assert len(sandbox.calls("AssumeRole")) == 2


@pytest.mark.parametrize("words", [[], ["--renew", "a" * 32, "--min-ttl", "60"]])
def test_a_keyring_shows_no_dialog_for_it(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    may_ask = []

    def seen(*_: object) -> None:
        may_ask.append(os_keyring._Manner.may_ask)

    monkeypatch.setattr(os_keyring._Manner, "may_ask", True)
    for each in ("serve", "renewal"):
        monkeypatch.setattr(process, each, seen)
    assert serve_endpoint.run(words) == 0
    assert may_ask == [False]
