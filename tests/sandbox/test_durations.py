"""How long a session may be, and what STS says of more, of less and of nonsense."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config

from tests.sandbox.people import assume, client, mfa_session, not_authorized, plain_session, refusal, sts, user_arn

if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox import Sandbox

OVER_ROLE = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
CHAINED = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."


def left(credentials: dict[str, Any]) -> float:
    """Seconds until the session says it ends."""
    expiration: datetime.datetime = credentials["Expiration"]
    return (expiration - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


def invalid(message: str) -> tuple[int, str, str]:
    return 400, "ValidationError", message


def out_of_range(value: int, constraint: str) -> tuple[int, str, str]:
    return invalid(
        f"1 validation error detected: Value '{value}' at 'durationSeconds' failed to satisfy constraint: "
        f"Member must have value {constraint}"
    )


@pytest.mark.parametrize(("asked", "given"), [({}, 43_200), ({"DurationSeconds": 900}, 900)])
def test_user_sessions(sandbox: Sandbox, asked: dict[str, int], given: int) -> None:
    session = sts(sandbox, "alice").get_session_token(**asked)["Credentials"]
    assert left(session) == pytest.approx(given, abs=3)


def test_the_longest_user_session(sandbox: Sandbox) -> None:
    assert left(mfa_session(sandbox, "alice", DurationSeconds=129_600)) == pytest.approx(129_600, abs=3)


@pytest.mark.parametrize(
    ("role", "asked", "given"),
    [("read-only", {}, 3600), ("read-only", {"DurationSeconds": 900}, 900), ("power-user", {}, 3600)],
)
def test_role_sessions(sandbox: Sandbox, role: str, asked: dict[str, int], given: int) -> None:
    session = assume(sandbox, "alice", role, code=role == "power-user", **asked)
    assert left(session) == pytest.approx(given, abs=3)


def test_the_longest_role_session(sandbox: Sandbox) -> None:
    session = assume(sandbox, "alice", "power-user", code=True, DurationSeconds=43_200)
    assert left(session) == pytest.approx(43_200, abs=3)


@pytest.mark.parametrize(
    ("seconds", "constraint"), [(899, "greater than or equal to 900"), (129_601, "less than or equal to 129600")]
)
def test_the_range_of_user_sessions(sandbox: Sandbox, seconds: int, constraint: str) -> None:
    unchecked = client(sandbox, "sts", "alice", config=Config(parameter_validation=False))
    refused = refusal(lambda: unchecked.get_session_token(DurationSeconds=seconds))
    assert refused == out_of_range(seconds, constraint)


@pytest.mark.parametrize(
    ("seconds", "constraint"), [(899, "greater than or equal to 900"), (43_201, "less than or equal to 43200")]
)
def test_the_range_of_role_sessions(sandbox: Sandbox, seconds: int, constraint: str) -> None:
    unchecked = client(sandbox, "sts", "alice", config=Config(parameter_validation=False))
    sent = {"RoleArn": "arn:aws:iam::111122223333:role/read-only", "RoleSessionName": "me"}
    refused = refusal(lambda: unchecked.assume_role(DurationSeconds=seconds, **sent))
    assert refused == out_of_range(seconds, constraint)


def test_more_than_the_role_allows(sandbox: Sandbox) -> None:
    refused = refusal(lambda: assume(sandbox, "alice", "read-only", DurationSeconds=3601))
    assert refused == invalid(OVER_ROLE)


def test_who_may_not_assume_it_does_not_learn_its_maximum(sandbox: Sandbox) -> None:
    refused = refusal(lambda: assume(sandbox, "alice", "read-only", external_id=False, DurationSeconds=3601))
    assert refused == not_authorized(user_arn("alice"), "read-only")


def test_an_hour_for_what_is_assumed_with_a_session(sandbox: Sandbox) -> None:
    power_user = assume(sandbox, "alice", "power-user", code=True, DurationSeconds=7200)
    for session, role in (
        (power_user, "admin"),
        (mfa_session(sandbox, "alice"), "power-user"),
        (plain_session(sandbox, "alice"), "read-only"),
    ):
        assert left(assume(sandbox, session, role, DurationSeconds=3600)) == pytest.approx(3600, abs=3)
        refused = refusal(lambda s=session, r=role: assume(sandbox, s, r, DurationSeconds=3601))
        assert refused == invalid(CHAINED)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (
            {"RoleSessionName": "a b"},
            (
                "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: "
                r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
            ),
        ),
        (
            {"SerialNumber": "arn:aws:iam::111122223333:mfa/alice", "TokenCode": ""},
            (
                "1 validation error detected: Value '' at 'tokenCode' failed to satisfy constraint: "
                "Member must have length greater than or equal to 6"
            ),
        ),
        (
            {"SerialNumber": "arn:aws:iam::111122223333:mfa/alice", "TokenCode": "12345x"},
            (
                "1 validation error detected: Value '12345x' at 'tokenCode' failed to satisfy constraint: "
                r"Member must satisfy regular expression pattern: [\d]*"
            ),
        ),
        (
            {"ExternalId": "x"},
            (
                "1 validation error detected: Value 'x' at 'externalId' failed to satisfy constraint: "
                "Member must have length greater than or equal to 2"
            ),
        ),
        (
            {"ExternalId": "x", "RoleSessionName": "y"},
            (
                "2 validation errors detected: Value 'y' at 'roleSessionName' failed to satisfy constraint: "
                "Member must have length greater than or equal to 2; Value 'x' at 'externalId' failed to satisfy "
                "constraint: Member must have length greater than or equal to 2"
            ),
        ),
        ({"RoleArn": "arn:aws:iam::111122223333:user/alice"}, "Request ARN is invalid"),
        ({"RoleArn": "a-role-called-power-user"}, "a-role-called-power-user is invalid"),
    ],
)
def test_nonsense(sandbox: Sandbox, sent: dict[str, str], message: str) -> None:
    unchecked = client(sandbox, "sts", "alice", config=Config(parameter_validation=False))
    usual = {"RoleArn": "arn:aws:iam::111122223333:role/read-only", "RoleSessionName": "me"}
    assert refusal(lambda: unchecked.assume_role(**{**usual, **sent})) == invalid(message)
