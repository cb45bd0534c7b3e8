"""MFA codes: which STS takes, and its words for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shellhook.sandbox.circumstances import Circumstances
from shellhook.sandbox.exchange import Exchange
from shellhook.sandbox.mfa import AGE, HALF, NOT_THEIRS, PRESENT, WRONG, Mfa
from shellhook.sandbox.wire import Scope
from tests.sandbox.people import (
    ACCOUNT,
    assume,
    client,
    mfa_session,
    not_authorized,
    plain_session,
    refusal,
    role_arn,
    sts,
    user_arn,
)

if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox import Sandbox

ACTIONS = ["assume_role", "get_session_token"]


def ask(sandbox: Sandbox, action: str, who: Any, **sent: str) -> Any:
    if action == "assume_role":
        sent |= {"RoleArn": role_arn("read-only"), "RoleSessionName": "me", "ExternalId": sandbox.external_id}
    return getattr(sts(sandbox, who), action)(**sent)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_code_is_taken_once(sandbox: Sandbox, action: str) -> None:
    sent = {"SerialNumber": sandbox.devices["alice"], "TokenCode": sandbox.code("alice")}
    assert ask(sandbox, action, "alice", **sent)["Credentials"]
    for again in ACTIONS:
        assert refusal(lambda again=again: ask(sandbox, again, "alice", **sent)) == (403, "AccessDenied", WRONG)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_wrong_code(sandbox: Sandbox, action: str) -> None:
    sent = {"SerialNumber": sandbox.devices["alice"], "TokenCode": sandbox.wrong_code("alice")}
    assert refusal(lambda: ask(sandbox, action, "alice", **sent)) == (403, "AccessDenied", WRONG)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("sent", ["SerialNumber", "TokenCode"])
def test_half_of_it(sandbox: Sandbox, action: str, sent: str) -> None:
    both = {"SerialNumber": sandbox.devices["alice"], "TokenCode": sandbox.code("alice")}
    assert refusal(lambda: ask(sandbox, action, "alice", **{sent: both[sent]})) == (403, "AccessDenied", HALF)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "serial",
    [
        f"arn:aws:iam::{ACCOUNT}:mfa/bob-phone",
        f"arn:aws:iam::{ACCOUNT}:mfa/nobody",
        user_arn("alice"),
        f"arn:aws:iam::{ACCOUNT}:u2f/user/alice/key",
        "GAHT12345678",
    ],
)
def test_a_device_that_is_not_hers(sandbox: Sandbox, action: str, serial: str) -> None:
    sent = {"SerialNumber": serial, "TokenCode": sandbox.code("bob")}
    assert refusal(lambda: ask(sandbox, action, "alice", **sent)) == (403, "AccessDenied", NOT_THEIRS)


def test_a_security_key_cannot_answer(sandbox: Sandbox) -> None:
    devices = client(sandbox, "iam", "erin").list_mfa_devices()["MFADevices"]
    sent = {"SerialNumber": devices[0]["SerialNumber"], "TokenCode": "123456"}
    assert ":u2f/" in sent["SerialNumber"]
    assert refusal(lambda: ask(sandbox, "get_session_token", "erin", **sent)) == (403, "AccessDenied", NOT_THEIRS)


def test_sessions_have_no_device(sandbox: Sandbox) -> None:
    sent = {"SerialNumber": sandbox.devices["alice"], "TokenCode": sandbox.code("alice")}
    for session in (plain_session(sandbox, "alice"), assume(sandbox, "alice", "read-only")):
        refused = refusal(lambda session=session: ask(sandbox, "assume_role", session, **sent))
        assert refused == (403, "AccessDenied", NOT_THEIRS)
    assert ask(sandbox, "assume_role", "alice", **sent), "the code was not used up"


@pytest.mark.parametrize("action", ["get_session_token", "get_federation_token"])
def test_what_only_a_long_term_key_may(sandbox: Sandbox, action: str) -> None:
    sent = {"Name": "alice"} if action == "get_federation_token" else {}
    name = action.title().replace("_", "")
    for session in (mfa_session(sandbox, "alice"), assume(sandbox, "alice", "read-only")):
        refused = refusal(lambda session=session: getattr(sts(sandbox, session), action)(**sent))
        assert refused == (403, "AccessDenied", f"Cannot call {name} with session credentials")


def test_a_code_is_not_used_up_by_a_bad_signature(sandbox: Sandbox) -> None:
    sent = {"SerialNumber": sandbox.devices["alice"], "TokenCode": sandbox.code("alice")}
    forged = {"AccessKeyId": sandbox.keys["alice"], "SecretAccessKey": "x" * 40}
    status, code, _ = refusal(lambda: ask(sandbox, "assume_role", forged, **sent))
    assert (status, code) == (403, "SignatureDoesNotMatch")
    assert ask(sandbox, "assume_role", "alice", **sent)


def test_a_code_is_used_up_by_a_role_that_refuses(sandbox: Sandbox) -> None:
    sent = {"SerialNumber": sandbox.devices["alice"], "TokenCode": sandbox.code("alice")}
    refused = refusal(lambda: assume(sandbox, "alice", "power-user", external_id=False, **sent))
    assert refused == not_authorized(user_arn("alice"), "power-user")
    assert refusal(lambda: assume(sandbox, "alice", "power-user", **sent)) == (403, "AccessDenied", WRONG)


def test_the_code_that_is_shown_is_taken(sandbox: Sandbox) -> None:
    shown, left, used = sandbox.shown_code("bob")
    if used or left < 2:
        pytest.skip("the step is over, or another test has used its code")
    assert ask(sandbox, "get_session_token", "bob", SerialNumber=sandbox.devices["bob"], TokenCode=shown)
    assert sandbox.shown_code("bob")[2]


def test_a_session_that_is_too_old_for_a_strict_role(sandbox: Sandbox) -> None:
    session = mfa_session(sandbox, "alice")
    assert assume(sandbox, session, "strict")
    sandbox.age_mfa(299)
    sandbox.age_mfa(1)
    assert refusal(lambda: assume(sandbox, session, "strict")) == not_authorized(user_arn("alice"), "strict")
    assert assume(sandbox, session, "power-user")
    assert assume(sandbox, "alice", "strict", code=True)


def test_the_condition_keys() -> None:
    """Absent for a long-term key, "false" for a session without a code, "true" with one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    mfa = Mfa(Circumstances())
    assert mfa.condition_keys(None, "AKIA", {}) == {}
    assert mfa.condition_keys(None, "ASIA", {PRESENT: "false"}) == {PRESENT: "false"}
    mfa.remember("ASIA")
    mfa.grow_older(60)
    assert mfa.condition_keys(None, "ASIA", {PRESENT: "false"}) == {PRESENT: "true", AGE: "60"}
    request = Exchange(Scope(access_key_id="AKIA", region="us-east-1", service="sts"), {})
    request.code_was_good = True
    assert mfa.condition_keys(request, "AKIA", {}) == {PRESENT: "true", AGE: "0"}
    assert mfa.condition_keys(request, "AKIAOTHER", {}) == {}


def test_how_strict_it_is_can_be_set(sandbox: Sandbox) -> None:
    session = mfa_session(sandbox, "alice")
    sandbox.age_mfa(900)
    sandbox.strict_age(3600)
    assert assume(sandbox, session, "strict")
    sandbox.strict_age(60)
    assert refusal(lambda: assume(sandbox, session, "strict")) == not_authorized(user_arn("alice"), "strict")
