"""What IAM and other services tell whom: the keys of MFA in identity policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.people import ACCOUNT, assume, client, mfa_session, plain_session, refusal, user_arn

if TYPE_CHECKING:
    from shellhook.sandbox import Sandbox

UNKNOWN = (403, "InvalidClientTokenId", "The security token included in the request is invalid.")


def denied(caller: str, action: str, resource: str, *, explicit: bool = False) -> tuple[int, str, str]:
    reason = (
        "with an explicit deny in an identity-based policy"
        if explicit
        else f"because no identity-based policy allows the {action} action"
    )
    return (
        403,
        "AccessDenied",
        f"User: {caller} is not authorized to perform: {action} on resource: {resource} {reason}",
    )


def test_a_user_who_may_only_assume_is_not_shown_her_device(sandbox: Sandbox) -> None:
    iam = client(sandbox, "iam", "alice")
    expected = denied(user_arn("alice"), "iam:ListMFADevices", "user alice")
    assert refusal(iam.list_mfa_devices) == expected
    assert refusal(lambda: iam.list_mfa_devices(UserName="alice")) == expected


@pytest.mark.parametrize(("user", "devices"), [("bob", [f"arn:aws:iam::{ACCOUNT}:mfa/bob-phone"]), ("dave", [])])
def test_who_may_list_his_own(sandbox: Sandbox, user: str, devices: list[str]) -> None:
    iam = client(sandbox, "iam", user)
    for listed in (iam.list_mfa_devices(), iam.list_mfa_devices(UserName=user)):
        assert [device["SerialNumber"] for device in listed["MFADevices"]] == devices
    assert iam.get_user()["User"]["Arn"] == user_arn(user)
    expected = denied(user_arn(user), "iam:ListMFADevices", "user alice")
    assert refusal(lambda: iam.list_mfa_devices(UserName="alice")) == expected


def test_a_user_under_deny_without_mfa(sandbox: Sandbox) -> None:
    """Refused before, by every service; allowed after one code."""
    iam = client(sandbox, "iam", "carol")
    assert refusal(iam.list_mfa_devices) == denied(user_arn("carol"), "iam:ListMFADevices", "user carol", explicit=True)
    assert refusal(client(sandbox, "s3", "carol").list_buckets)[:2] == (403, "AccessDenied")
    assert refusal(client(sandbox, "ec2", "carol").describe_instances)[:2] == (403, "UnauthorizedOperation")
    assert client(sandbox, "sts", "carol").get_caller_identity()["Arn"] == user_arn("carol")
    assert iam.get_user()["User"]["UserName"] == "carol"

    session = mfa_session(sandbox, "carol")
    devices = client(sandbox, "iam", session).list_mfa_devices()["MFADevices"]
    assert [device["SerialNumber"] for device in devices] == [sandbox.devices["carol"]]
    assert client(sandbox, "s3", session).list_buckets()["Buckets"] == []
    assert client(sandbox, "ec2", session).describe_instances()["Reservations"] == []


def test_a_session_without_a_code_is_no_help_to_her(sandbox: Sandbox) -> None:
    session = plain_session(sandbox, "carol")
    assert refusal(client(sandbox, "s3", session).list_buckets)[:2] == (403, "AccessDenied")


@pytest.mark.parametrize("user", ["bob", "carol"])
def test_iam_does_not_know_sessions_without_a_code(sandbox: Sandbox, user: str) -> None:
    session = plain_session(sandbox, user)
    assert refusal(client(sandbox, "iam", session).list_mfa_devices) == UNKNOWN
    assert client(sandbox, "sts", session).get_caller_identity()["Arn"] == user_arn(user)


def test_a_role_s_session_may_ask_iam(sandbox: Sandbox) -> None:
    session = assume(sandbox, "alice", "read-only")
    role = client(sandbox, "iam", session).get_role(RoleName="power-user")["Role"]
    assert role["MaxSessionDuration"] == 43_200


def test_a_role_has_no_devices_of_its_own(sandbox: Sandbox) -> None:
    session = assume(sandbox, "alice", "read-only")
    expected = (400, "ValidationError", "Must specify userName when calling with non-User credentials")
    assert refusal(client(sandbox, "iam", session).list_mfa_devices) == expected


def test_get_role_where_it_is_permitted(sandbox: Sandbox) -> None:
    assert client(sandbox, "iam", "bob").get_role(RoleName="read-only")["Role"]["MaxSessionDuration"] == 3600
    expected = denied(user_arn("alice"), "iam:GetRole", "role read-only")
    assert refusal(lambda: client(sandbox, "iam", "alice").get_role(RoleName="read-only")) == expected
