"""What shells share of a request: the same words are the same request only while they mean the same."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from shellhook import renew
from shellhook.assume import Here
from shellhook.errors import ShellhookError
from tests.desk import Typist, on, variables
from tests.test_renew import CALLER, later

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.desk import Desk

DEPLOY, READ_ONLY = (f"arn:aws:iam::111122223333:role/{name}" for name in ("ci/deploy", "read-only"))


def edit(desk: Desk, old: str, new: str) -> None:
    text = desk.config.read_text(encoding="utf-8")
    assert old in text
    desk.config.write_text(text.replace(old, new), encoding="utf-8")


def assumed(desk: Desk, environ: Mapping[str, str], *words: str) -> dict[str, str]:
    """The environment of a shell that has assumed something."""
    done = desk.run(*desk.hooked(*words), env=environ)
    assert done.status == 0, done
    return variables(done.out, environ)


@pytest.fixture
def edited(desk: Desk) -> dict[str, str]:
    """A shell with the session of a profile, which was edited after it, and assumed by another shell."""
    desk.profile("mine", role_arn=DEPLOY, source_profile="bob", output="text")
    first = on(desk, "mine")
    assert first["AWS_DEFAULT_OUTPUT"] == "text"
    edit(desk, DEPLOY, f"{READ_ONLY}\nexternal_id = {desk.sandbox.external_id}")
    edit(desk, "output = text\n", "")
    time.sleep(max(0, int(first["SHELLHOOK_EXPIRES"]) - time.time() - 3598.9))  # so that the other one ends later
    other = on(desk, "mine")
    assert (first["SHELLHOOK_ROLE"], other["SHELLHOOK_ROLE"]) == ("deploy", "read-only")
    assert int(other["SHELLHOOK_EXPIRES"]) > int(first["SHELLHOOK_EXPIRES"])
    return first


def test_another_role_is_not_slipped_in_by_another_shell(desk: Desk, edited: dict[str, str]) -> None:
    with pytest.raises(ShellhookError, match="profile changed: assume again"):
        renew.pick_up(Here(edited), CALLER)
    with pytest.raises(ShellhookError, match="profile changed: assume again"):
        renew.silently(Here(edited))


def test_off_takes_away_what_that_session_had_set(desk: Desk, edited: dict[str, str]) -> None:
    assert "AWS_DEFAULT_OUTPUT" not in variables(desk.run(*desk.hooked("--off"), env=edited).out, edited)


def test_what_was_learned_is_of_the_keys_that_it_was_learned_with(desk: Desk) -> None:
    """A bare name is a role of the account of the source, and that may be another the next time."""
    keys = desk.key_of("bob")
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    bobs = {**desk.environ, **dict(zip(names, keys.values(), strict=False))}
    assumed(desk, bobs, "--role-arn", "ci/deploy")
    auditor = desk.assume("auditor", Typist(lambda: desk.sandbox.code("alice")))
    theirs = dict(zip(names, (auditor.access_key_id, auditor.secret_access_key, auditor.session_token), strict=True))
    assert auditor.account == "444455556666"
    desk.sandbox.forget_calls()
    desk.run(*desk.hooked("--role-arn", "ci/deploy"), env={**desk.environ, **theirs})
    (call,) = desk.sandbox.calls("AssumeRole")
    assert call["values"]["RoleArn"] == "arn:aws:iam::444455556666:role/ci/deploy"


def test_a_region_changed_by_hand_is_no_other_request(desk: Desk) -> None:
    environ = on(desk, "no-region")
    assert "AWS_REGION" not in environ
    moved = {**later(environ, 10), "AWS_REGION": "eu-west-3", "AWS_DEFAULT_REGION": "eu-west-3"}
    for session in (desk.state / "shellhook" / "sessions").iterdir():
        session.unlink()
    renew.silently(Here(moved))
    new = variables(renew.pick_up(Here(moved), CALLER), moved)
    assert new["SHELLHOOK_REQUEST"] == environ["SHELLHOOK_REQUEST"]
    assert (new["AWS_REGION"], new["AWS_ACCESS_KEY_ID"] != environ["AWS_ACCESS_KEY_ID"]) == ("eu-west-3", True)


def test_a_device_that_the_files_name_comes_before_one_that_was_remembered(desk: Desk) -> None:
    desk.keys("al", **desk.key_of("alice"))
    role = "arn:aws:iam::111122223333:role/power-user"
    desk.profile("late", role_arn=role, source_profile="al", external_id=desk.sandbox.external_id)
    with pytest.raises(ShellhookError):
        desk.assume("late", Typist(device=""))
    device = "arn:aws:iam::111122223333:mfa/alice"
    desk.profile("al", mfa_serial=device)
    typist = Typist(lambda: desk.sandbox.code("alice"))
    assert desk.assume("late", typist).session_token
    assert typist.asked == [device]


def test_a_save_that_fails_changes_nothing(desk: Desk) -> None:
    environ = on(desk, "read-only", "--serve")
    serving = desk.state / "shellhook" / "serving"
    before = sorted(os.listdir(serving))
    for words in (["bob", "--role-arn", "ci/deploy"], ["bob", "--role-arn", "ci/deploy", "--serve"]):
        done = desk.run(*desk.hooked(*words, "--save", "base"), env=environ)
        assert (done.status, done.out) == (64, "")
        assert "there is a profile 'base' already" in done.err
        assert sorted(os.listdir(serving)) == before, "the endpoint of the shell goes on, and there is no other"
    assert desk.run(*desk.hooked("--off"), env=environ).status == 0
