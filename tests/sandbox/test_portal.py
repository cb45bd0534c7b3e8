"""The portal of the sandbox: accounts, roles, their credentials, and logging out, by botocore's `sso` client."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from shellhook.sandbox import SandboxFailed
from shellhook.sandbox.assignments import ODD_ACCOUNT, ODD_ACCOUNT_NAME, THIRD_ACCOUNT
from tests.sandbox.logins import log_in, oidc, portal, refresh
from tests.sandbox.people import ACCOUNT, SECOND_ACCOUNT, client, refusal, sts

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from shellhook.sandbox import Sandbox

NO_TOKEN = (401, "UnauthorizedException", "Session token not found or invalid")
NO_ACCESS = (403, "ForbiddenException", "No access")


@pytest.fixture
def token(sandbox: Sandbox) -> str:
    """The access token of somebody who is logged in."""
    granted: str = log_in(sandbox)["accessToken"]
    return granted


def credentials(sandbox: Sandbox, token: str, role: str, account: str = ACCOUNT) -> dict[str, Any]:
    """The credentials of a role in the shape that STS gives them, `expiration` in milliseconds."""
    asked = {"accessToken": token, "roleName": role, "accountId": account}
    given = portal(sandbox).get_role_credentials(**asked)["roleCredentials"]
    return {
        "AccessKeyId": given["accessKeyId"],
        "SecretAccessKey": given["secretAccessKey"],
        "SessionToken": given["sessionToken"],
        "expiration": given["expiration"],
    }


def test_the_accounts(sandbox: Sandbox, token: str) -> None:
    accounts = portal(sandbox).list_accounts(accessToken=token)["accountList"]
    assert {account["accountId"]: account["accountName"] for account in accounts} == {
        ACCOUNT: "Acme Production",
        SECOND_ACCOUNT: "Acme Staging",
        THIRD_ACCOUNT: "Acme Data Lab",
        ODD_ACCOUNT: ODD_ACCOUNT_NAME,
    }
    assert all(account["emailAddress"].endswith("@example.com") for account in accounts)


def test_the_roles_of_an_account(sandbox: Sandbox, token: str) -> None:
    roles = portal(sandbox).list_account_roles(accessToken=token, accountId=SECOND_ACCOUNT)["roleList"]
    assert roles == [
        {"roleName": role, "accountId": SECOND_ACCOUNT}
        for role in ("AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess")
    ]


def test_page_by_page(sandbox: Sandbox, token: str) -> None:
    sandbox.identity_center(page=3)
    sandbox.add_accounts(6)
    pages = list(portal(sandbox).get_paginator("list_accounts").paginate(accessToken=token))
    assert [len(page["accountList"]) for page in pages] == [3, 3, 3, 1]
    assert "nextToken" not in pages[-1]
    two = {"PageSize": 2}
    roles = portal(sandbox).get_paginator("list_account_roles")
    pages = list(roles.paginate(accessToken=token, accountId=ACCOUNT, PaginationConfig=two))
    assert [len(page["roleList"]) for page in pages] == [2, 1]


@pytest.mark.parametrize("sent", [{"nextToken": "made-up"}, {"nextToken": "ZnJvbSB4"}, {"maxResults": 101}])
def test_pages_that_there_are_not(sandbox: Sandbox, token: str, sent: dict[str, Any]) -> None:
    with pytest.raises(portal(sandbox).exceptions.InvalidRequestException):
        portal(sandbox).list_accounts(accessToken=token, **sent)


def test_credentials_are_a_session_of_the_reserved_role(sandbox: Sandbox, token: str) -> None:
    session = credentials(sandbox, token, "AdministratorAccess")
    assert session["expiration"] % 1000 == 0
    assert session["expiration"] / 1000 == pytest.approx(time.time() + 3600, abs=3)
    caller = sts(sandbox, session).get_caller_identity()
    head, role, user = caller["Arn"].split("/")
    assert (head, user) == (f"arn:aws:sts::{ACCOUNT}:assumed-role", "alice")
    name, _, suffix = role.removeprefix("AWSReservedSSO_").partition("_")
    assert (name, len(suffix)) == ("AdministratorAccess", 16)
    assert (caller["Account"], caller["UserId"].partition(":")[2]) == (ACCOUNT, "alice")
    again = sts(sandbox, credentials(sandbox, token, "AdministratorAccess")).get_caller_identity()
    assert again["Arn"] == caller["Arn"]


def test_the_duration_is_the_permission_set_s(sandbox: Sandbox, token: str) -> None:
    given = credentials(sandbox, token, "PowerUserAccess", SECOND_ACCOUNT)
    assert given["expiration"] / 1000 == pytest.approx(time.time() + 8 * 3600, abs=3)


def test_what_a_role_may(sandbox: Sandbox, token: str) -> None:
    reader = credentials(sandbox, token, "ReadOnlyAccess")
    assert client(sandbox, "iam", reader).list_roles()["Roles"]
    assert refusal(lambda: client(sandbox, "iam", reader).create_user(UserName="x"))[:2] == (403, "AccessDenied")
    admin = credentials(sandbox, token, "AdministratorAccess")
    roles = client(sandbox, "iam", admin).list_roles(PathPrefix="/aws-reserved/sso.amazonaws.com/")["Roles"]
    assert {role["Path"] for role in roles} == {"/aws-reserved/sso.amazonaws.com/eu-central-1/"}


def test_a_role_on_top(sandbox: Sandbox, token: str) -> None:
    """Roles are chained: an hour at most."""
    admin = credentials(sandbox, token, "AdministratorAccess")
    asked = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/ci/deploy", "RoleSessionName": "me"}
    answer = sts(sandbox, admin).assume_role(**asked)
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/me"
    assert refusal(lambda: sts(sandbox, admin).assume_role(**asked, DurationSeconds=7200))[:2] == (
        400,
        "ValidationError",
    )
    reader = credentials(sandbox, token, "ReadOnlyAccess")
    assert refusal(lambda: sts(sandbox, reader).assume_role(**asked))[:2] == (403, "AccessDenied")


def test_sessions_of_seconds(sandbox: Sandbox, token: str) -> None:
    sts(sandbox, credentials(sandbox, token, "ReadOnlyAccess"))  # what is slow to load is loaded
    sandbox.lifetime(2)
    session = credentials(sandbox, token, "ReadOnlyAccess")
    assert sts(sandbox, session).get_caller_identity()
    time.sleep(max(0.0, session["expiration"] / 1000 - time.time()) + 0.05)
    assert refusal(sts(sandbox, session).get_caller_identity)[:2] == (403, "ExpiredToken")


def test_expirations_are_by_the_server_s_clock(sandbox: Sandbox, token: str) -> None:
    sandbox.clock(600)
    expiration = credentials(sandbox, token, "AdministratorAccess")["expiration"]
    assert expiration / 1000 == pytest.approx(time.time() + 4200, abs=3)


@pytest.mark.parametrize(
    ("role", "account"),
    [("PowerUserAccess", ACCOUNT), ("ReadOnlyAccess", "999999999999"), ("NoSuchRole", SECOND_ACCOUNT)],
)
def test_roles_that_are_not_assigned(sandbox: Sandbox, token: str, role: str, account: str) -> None:
    assert refusal(lambda: credentials(sandbox, token, role, account)) == NO_ACCESS
    assert refusal(lambda: portal(sandbox).list_account_roles(accessToken=token, accountId="999999999999")) == NO_ACCESS


def test_assignments_change(sandbox: Sandbox, token: str) -> None:
    sandbox.unassign(ACCOUNT, "Billing")
    assert refusal(lambda: credentials(sandbox, token, "Billing")) == NO_ACCESS
    sandbox.unassign(THIRD_ACCOUNT)
    sandbox.assign("123456789012", "Custom", "A new one")
    accounts = portal(sandbox).list_accounts(accessToken=token)["accountList"]
    assert [account["accountName"] for account in accounts][-2:] == [ODD_ACCOUNT_NAME, "A new one"]
    custom = credentials(sandbox, token, "Custom", "123456789012")
    assert "AWSReservedSSO_Custom_" in sts(sandbox, custom).get_caller_identity()["Arn"]
    sandbox.reset()
    assert credentials(sandbox, token, "Billing")
    for account, role in (("123", "Custom"), ("", "")):
        with pytest.raises(SandboxFailed):
            sandbox.assign(account, role)
    with pytest.raises(SandboxFailed):
        sandbox.unassign("123456789012")


CALLS: list[Callable[[Any, str], object]] = [
    lambda sso, token: sso.list_accounts(accessToken=token),
    lambda sso, token: sso.list_account_roles(accessToken=token, accountId=ACCOUNT),
    lambda sso, token: sso.get_role_credentials(accessToken=token, accountId=ACCOUNT, roleName="Billing"),
    lambda sso, token: sso.logout(accessToken=token),
]
NAMES = ["ListAccounts", "ListAccountRoles", "GetRoleCredentials", "Logout"]


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_without_a_good_token(sandbox: Sandbox, call: Callable[[Any, str], object]) -> None:
    sso = portal(sandbox)
    with pytest.raises(sso.exceptions.UnauthorizedException):
        call(sso, "made-up")
    assert refusal(lambda: call(sso, "made-up")) == NO_TOKEN


@pytest.mark.parametrize(("call", "name"), list(zip(CALLS, NAMES, strict=True)), ids=NAMES)
def test_throttled_on_request(sandbox: Sandbox, token: str, call: Callable[[Any, str], object], name: str) -> None:
    sso = portal(sandbox)
    sandbox.fail(429, "TooManyRequestsException", "HTTP 429 Unknown Code", action=name)
    with pytest.raises(sso.exceptions.TooManyRequestsException):
        call(sso, token)
    call(sso, token)


def test_throttled_by_rate(sandbox: Sandbox, token: str) -> None:
    sandbox.identity_center(rate=3)
    sso = portal(sandbox)
    time.sleep(1.05)
    for _ in range(3):
        sso.list_accounts(accessToken=token)
    assert refusal(lambda: sso.list_accounts(accessToken=token)) == (
        429,
        "TooManyRequestsException",
        "HTTP 429 Unknown Code",
    )
    time.sleep(1.05)
    assert sso.list_accounts(accessToken=token)


def test_a_missing_account_is_typed(sandbox: Sandbox, token: str) -> None:
    sso = portal(sandbox)
    with pytest.raises(sso.exceptions.InvalidRequestException):
        sso.list_account_roles(accessToken=token, accountId="")
    sandbox.fail(404, "ResourceNotFoundException", "gone", action="ListAccountRoles")
    with pytest.raises(sso.exceptions.ResourceNotFoundException):
        sso.list_account_roles(accessToken=token, accountId=ACCOUNT)


def test_an_access_token_ends(sandbox: Sandbox) -> None:
    sandbox.identity_center(token_lifetime=1)
    granted = log_in(sandbox)
    assert granted["expiresIn"] == 1
    time.sleep(1.05)
    assert refusal(lambda: portal(sandbox).list_accounts(accessToken=granted["accessToken"])) == NO_TOKEN
    renewed = refresh(sandbox, granted, granted["refreshToken"])
    assert portal(sandbox).list_accounts(accessToken=renewed["accessToken"])


def test_logging_out_ends_that_login_alone(sandbox: Sandbox) -> None:
    first, second = log_in(sandbox), log_in(sandbox)
    session = credentials(sandbox, first["accessToken"], "AdministratorAccess")
    portal(sandbox).logout(accessToken=first["accessToken"])
    assert refusal(lambda: portal(sandbox).list_accounts(accessToken=first["accessToken"])) == NO_TOKEN
    with pytest.raises(oidc(sandbox).exceptions.InvalidGrantException):
        refresh(sandbox, first, first["refreshToken"])
    assert portal(sandbox).list_accounts(accessToken=second["accessToken"])
    assert sts(sandbox, session).get_caller_identity()


def test_an_administrator_ends_every_login(sandbox: Sandbox) -> None:
    granted = log_in(sandbox)
    sandbox.end_logins()
    assert refusal(lambda: portal(sandbox).list_accounts(accessToken=granted["accessToken"])) == NO_TOKEN
    with pytest.raises(ClientError, match="InvalidGrantException"):
        refresh(sandbox, granted, granted["refreshToken"])


def test_a_role_is_made_once_for_many_at_once(sandbox: Sandbox, token: str) -> None:
    sandbox.add_accounts(3)
    accounts = [f"90000000000{number}" for number in (1, 2, 3)] * 4
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda account: credentials(sandbox, token, "ReadOnlyAccess", account), accounts))
    assert len({session["AccessKeyId"] for session in given}) == 12
    assert len({sts(sandbox, session).get_caller_identity()["Arn"] for session in given}) == 3
