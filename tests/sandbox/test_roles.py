"""Who may assume which role, and what STS says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.people import (
    assume,
    mfa_session,
    not_authorized,
    plain_session,
    refusal,
    role_arn,
    sts,
    user_arn,
)

if TYPE_CHECKING:
    from shellhook.sandbox import Sandbox

CODE = {"code": True}
NO_ID = {"external_id": False}
EXPLICIT = " with an explicit deny in an identity-based policy"


@pytest.mark.parametrize(
    ("who", "role", "sent"),
    [
        ("alice", "read-only", {}),
        ("alice", "read-only", CODE),
        ("alice", "power-user", CODE),
        ("alice", "auditor", {**CODE, **NO_ID}),
        ("alice", "strict", CODE),
        ("bob", "power-user", CODE),
        ("carol", "read-only", CODE),
        ("carol", "power-user", CODE),
        ("dave", "read-only", {}),
        ("erin", "read-only", {}),
    ],
)
def test_granted(sandbox: Sandbox, who: str, role: str, sent: dict[str, bool]) -> None:
    session = assume(sandbox, who, role, **sent)
    arn = sts(sandbox, session).get_caller_identity()["Arn"]
    assert arn == f"{role_arn(role).replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/me"


@pytest.mark.parametrize(
    ("who", "role", "sent"),
    [
        ("alice", "read-only", NO_ID),
        ("alice", "read-only", {"ExternalId": "wrong"}),
        ("alice", "power-user", {}),
        ("alice", "power-user", {**CODE, **NO_ID}),
        ("alice", "power-user", {**CODE, "ExternalId": "wrong"}),
        ("alice", "strict", {}),
        ("alice", "no-such-role", {}),
        ("alice", "no-such-role", CODE),
        ("alice", "admin", CODE),  # neither hers to ask for nor trusted there
        ("bob", "auditor", {**CODE, **NO_ID}),  # trusted there, but not his to ask for
        ("dave", "power-user", {}),
        ("dave", "no-such-role", {}),
        ("erin", "power-user", {}),
    ],
)
def test_refused_in_one_and_the_same_sentence(
    sandbox: Sandbox, who: str, role: str, sent: dict[str, bool | str]
) -> None:
    assert refusal(lambda: assume(sandbox, who, role, **sent)) == not_authorized(user_arn(who), role)


@pytest.mark.parametrize("role", ["read-only", "power-user", "no-such-role"])
def test_a_deny_without_mfa_is_named(sandbox: Sandbox, role: str) -> None:
    refused = not_authorized(user_arn("carol"), role, reason=EXPLICIT)
    assert refusal(lambda: assume(sandbox, "carol", role)) == refused
    session = plain_session(sandbox, "carol")
    assert refusal(lambda: assume(sandbox, session, role)) == refused


def test_an_mfa_session_assumes_what_wants_a_code(sandbox: Sandbox) -> None:
    session = mfa_session(sandbox, "alice")
    assert assume(sandbox, session, "power-user")
    assert assume(sandbox, session, "auditor", external_id=False)
    assert assume(sandbox, mfa_session(sandbox, "carol"), "power-user")


def test_a_session_without_a_code_does_not(sandbox: Sandbox) -> None:
    session = plain_session(sandbox, "alice")
    assert assume(sandbox, session, "read-only")
    assert refusal(lambda: assume(sandbox, session, "power-user")) == not_authorized(user_arn("alice"), "power-user")


def test_a_chain_into_the_other_account(sandbox: Sandbox) -> None:
    power_user = assume(sandbox, "alice", "power-user", code=True)
    admin = assume(sandbox, power_user, "admin", external_id=False)
    assert sts(sandbox, admin).get_caller_identity()["Account"] == "444455556666"


def test_a_chain_that_nobody_trusts(sandbox: Sandbox) -> None:
    read_only = assume(sandbox, "alice", "read-only")
    caller = "arn:aws:sts::111122223333:assumed-role/read-only/me"
    assert refusal(lambda: assume(sandbox, read_only, "admin")) == not_authorized(caller, "admin")


def test_a_role_does_not_remember_the_code_it_was_assumed_with(sandbox: Sandbox) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html"""
    power_user = assume(sandbox, "alice", "power-user", code=True)
    caller = "arn:aws:sts::111122223333:assumed-role/power-user/me"
    assert refusal(lambda: assume(sandbox, power_user, "auditor")) == not_authorized(caller, "auditor")


TAGS = {"Tags": [{"Key": "team", "Value": "blue"}], "TransitiveTagKeys": ["team"]}


def test_tags_and_source_identity(sandbox: Sandbox) -> None:
    answer = sts(sandbox, "alice").assume_role(
        RoleArn=role_arn("tagged"), RoleSessionName="me", SourceIdentity="alice", **TAGS
    )
    assert answer["SourceIdentity"] == "alice"


@pytest.mark.parametrize("sent", [{}, TAGS, {"SourceIdentity": "alice"}])
def test_both_are_wanted(sandbox: Sandbox, sent: dict[str, str]) -> None:
    assert refusal(lambda: assume(sandbox, "alice", "tagged", **sent)) == not_authorized(user_arn("alice"), "tagged")


def test_tags_are_a_permission_of_their_own(sandbox: Sandbox) -> None:
    refused = not_authorized(user_arn("alice"), "read-only", action="sts:TagSession")
    assert refusal(lambda: assume(sandbox, "alice", "read-only", **TAGS)) == refused


def test_a_source_identity_too(sandbox: Sandbox) -> None:
    refused = not_authorized(user_arn("alice"), "read-only", action="sts:SetSourceIdentity")
    assert refusal(lambda: assume(sandbox, "alice", "read-only", SourceIdentity="alice")) == refused


def test_what_is_transitive_goes_down_the_chain(sandbox: Sandbox) -> None:
    """`tagged` may assume itself again: its first tags and identity are still there."""
    first = assume(sandbox, "alice", "tagged", SourceIdentity="alice", **TAGS)
    answer = sts(sandbox, first).assume_role(
        RoleArn=role_arn("read-only"), RoleSessionName="me", ExternalId=sandbox.external_id
    )
    assert answer["SourceIdentity"] == "alice"


def test_a_federation_token_assumes_nothing(sandbox: Sandbox) -> None:
    anything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    federated = sts(sandbox, "bob").get_federation_token(Name="bob", Policy=anything)["Credentials"]
    caller = "arn:aws:sts::111122223333:federated-user/bob"
    assert sts(sandbox, federated).get_caller_identity()["Arn"] == caller
    assert refusal(lambda: assume(sandbox, federated, "read-only")) == not_authorized(caller, "read-only")


def test_a_federation_token_is_a_permission(sandbox: Sandbox) -> None:
    status, code, message = refusal(lambda: sts(sandbox, "alice").get_federation_token(Name="ally"))
    assert (status, code) == (403, "AccessDenied")
    assert message == (
        f"User: {user_arn('alice')} is not authorized to perform: sts:GetFederationToken "
        "on resource: arn:aws:sts::111122223333:federated-user/ally"
    )


def test_a_web_identity_that_nobody_trusts(sandbox: Sandbox) -> None:
    asked = {"RoleArn": role_arn("read-only"), "RoleSessionName": "me", "WebIdentityToken": "a.b.c"}
    refused = refusal(lambda: sts(sandbox, "alice").assume_role_with_web_identity(**asked))
    assert refused == (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


def test_a_session_policy_narrows_a_role(sandbox: Sandbox) -> None:
    nothing = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
    power_user = assume(sandbox, "alice", "power-user", code=True, Policy=nothing)
    caller = "arn:aws:sts::111122223333:assumed-role/power-user/me"
    refused = not_authorized(caller, "admin", reason=EXPLICIT)
    assert refusal(lambda: assume(sandbox, power_user, "admin")) == refused
