"""Renewal without a shell: what is picked up, what is renewed silently, and when nothing is done."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from shellhook import assume, renew
from shellhook.answer import Caller
from shellhook.assume import Here
from shellhook.errors import NoCode, ShellhookError
from tests.desk import on, variables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from shellhook.sandbox import Sandbox
    from tests.desk import Desk, Done

CALLER = Caller(shell="bash", pid=os.getpid())  # noqa: S604


def later(environ: Mapping[str, str], seconds: int) -> dict[str, str]:
    """The same, the session being that much nearer to its end, as far as the shell knows."""
    return {**environ, "SHELLHOOK_EXPIRES": str(int(environ["SHELLHOOK_EXPIRES"]) - seconds)}


def called(desk: Desk, environ: Mapping[str, str], *words: str) -> Done:
    """The program, called by a hook."""
    return desk.run("renew", "--shell", "bash", "--pid", str(os.getpid()), "--hook", "1", *words, env=environ)


def test_nothing_newer_is_nothing(desk: Desk) -> None:
    environ = on(desk, "read-only")
    assert renew.pick_up(Here(environ), CALLER) == ""
    done = called(desk, environ, "--pick-up")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_a_newer_session_is_picked_up_without_a_call(desk: Desk, sandbox: Sandbox) -> None:
    old = on(desk, "read-only")
    time.sleep(max(0, int(old["SHELLHOOK_EXPIRES"]) - time.time() - 3598.9))  # so that the new one ends later
    desk.run(*desk.hooked("--renew"), env=old)
    sandbox.forget_calls()
    new = variables(renew.pick_up(Here(old), CALLER), old)
    assert new["AWS_ACCESS_KEY_ID"] == new["SHELLHOOK_KEY_ID"] != old["AWS_ACCESS_KEY_ID"]
    assert int(new["SHELLHOOK_EXPIRES"]) > int(old["SHELLHOOK_EXPIRES"])
    assert new["SHELLHOOK_REQUEST"] == old["SHELLHOOK_REQUEST"]
    assert new["SHELLHOOK_BEFORE"] == old["SHELLHOOK_BEFORE"]
    assert new.get("SHELLHOOK_PREVIOUS") == old.get("SHELLHOOK_PREVIOUS")
    assert sandbox.calls() == []


def test_a_region_changed_by_hand_stays(desk: Desk) -> None:
    environ = {**later(on(desk, "read-only"), 7200), "AWS_REGION": "sa-east-1"}
    new = variables(renew.pick_up(Here(environ), CALLER), environ)
    assert (new["AWS_REGION"], new["AWS_DEFAULT_REGION"]) == ("sa-east-1", "us-east-1")
    assert new["SHELLHOOK_REGION"] == "us-east-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"AWS_ACCESS_KEY_ID": "AKIAOTHER"},
        {"AWS_PROFILE": "x"},
        {"AWS_PROFILE": ""},
        {"SHELLHOOK_REQUEST": "../../x"},
        {"SHELLHOOK_REQUEST": "0" * 32},
        {"SHELLHOOK_KEY_ID": ""},
    ],
    ids=str,
)
def test_what_is_not_ours_is_left_alone(desk: Desk, sandbox: Sandbox, changes: dict[str, str]) -> None:
    environ = {**later(on(desk, "read-only"), 7200), **changes}
    sandbox.forget_calls()
    for words in (["--pick-up"], ["--ask", "command", "--min-ttl", "0"], ["--ask", "prompt"], ["--background"]):
        done = called(desk, environ, *words)
        assert (done.status, done.out, done.err) == (0, "", ""), words
    assert sandbox.calls() == []


def test_an_edited_profile_is_not_slipped_in(desk: Desk) -> None:
    environ = later(on(desk, "read-only"), 7200)
    desk.config.write_text(
        desk.config.read_text(encoding="utf-8").replace("role/read-only", "role/power-user"), encoding="utf-8"
    )
    for words in (["--pick-up"], ["--ask", "prompt"]):
        done = called(desk, environ, *words)
        assert done.status != 0
        assert done.out == ""
        assert "profile changed: assume again" in done.err
    with pytest.raises(ShellhookError, match="profile changed"):
        renew.silently(Here(environ))


def test_silently_from_keys_and_from_a_live_mfa_session(desk: Desk, sandbox: Sandbox) -> None:
    for words in (["read-only"], ["power-user", "--token-code", sandbox.code("alice")]):
        environ = on(desk, *words)
        for session in (desk.state / "shellhook" / "sessions").iterdir():
            if words[0] == "read-only":
                session.unlink()
        sandbox.forget_calls()
        renew.silently(Here(environ))
        assert len(sandbox.calls()) == (words[0] == "read-only"), "what is still good is not got again"


def test_nobody_is_asked_in_the_background(desk: Desk, sandbox: Sandbox) -> None:
    touched = desk.home / "touched"
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(text.replace("[profile base]\n", f"[profile base]\nmfa_process = touch {touched}\n"))
    environ = on(desk, "power-user", "--token-code", sandbox.code("alice"))
    desk.run("forget", "--all")
    sandbox.forget_calls()
    with pytest.raises(NoCode):
        renew.silently(Here(environ))
    assert called(desk, environ, "--background").out == ""
    assert not touched.exists()
    assert sandbox.calls("GetSessionToken") == []


def test_one_at_a_time_in_the_background(desk: Desk, sandbox: Sandbox) -> None:
    environ = on(desk, "read-only")
    desk.run("forget", "--all")
    here = Here(environ)
    sandbox.forget_calls()
    with here.store.lock(f"background-{here.request}", lambda: None):
        renew.silently(here)
        asked = called(desk, environ, "--ask", "prompt")
    assert (asked.status, asked.err, sandbox.calls()) == (0, "", [])
    assert "__shellhook_asked_prompt" in asked.out, "the next prompt may ask"


def test_before_a_command_it_is_renewed_without_a_word(desk: Desk, sandbox: Sandbox) -> None:
    environ = on(desk, "read-only")
    sandbox.forget_calls()
    done = called(desk, environ, "--ask", "command", "--min-ttl", "59m")
    assert (done.status, done.out, done.err) == (0, "", "") or "AWS_ACCESS_KEY_ID" in done.out
    done = called(desk, later(environ, 600), "--ask", "command", "--min-ttl", "2h")
    assert "the longest session to be had is shorter" in done.err
    assert variables(done.out, environ)["AWS_ACCESS_KEY_ID"] != environ["AWS_ACCESS_KEY_ID"]


def test_without_a_terminal_a_code_is_not_to_be_had(desk: Desk, sandbox: Sandbox) -> None:
    environ = on(desk, "power-user", "--token-code", sandbox.code("alice"))
    desk.run("forget", "--all")
    done = called(desk, environ, "--ask", "command", "--min-ttl", "0")
    assert (done.status, done.out) == (4, "")
    assert "no terminal" in done.err


def test_the_call_is_checked(desk: Desk) -> None:
    assert called(desk, {}, "--ask", "elsewhere").status == 64
    assert called(desk, {}, "--ask", "prompt", "--min-ttl", "soon").status == 64
    assert called(desk, {}).status == 64
    assert "assume --renew" in desk.run("renew", "--help").out


def test_a_prompt_does_not_wait_for_the_background_that_comes_after_its_look(
    desk: Desk, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = later(on(desk, "read-only"), 7200)
    here = Here(environ)
    key = assume.session_key(here, desk.plan("read-only"))
    desk.run("forget", "--all")
    sandbox.forget_calls()
    obtain = assume.obtain

    def overtaken(*given: Any, **named: Any) -> assume.Outcome:
        with here.store.lock(f"background-{here.request}", lambda: None), here.store.lock(key, lambda: None):
            return obtain(*given, **named)

    monkeypatch.setattr(assume, "obtain", overtaken)
    code = renew.ask(here, CALLER, "prompt", None)
    assert "__shellhook_asked_prompt" in code, "the next prompt may ask"
    assert "AWS_ACCESS_KEY_ID" not in code
    assert (capsys.readouterr().err, sandbox.calls()) == ("", [])
