"""What the sandbox's AWS refuses, said so that a person can act on it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.desk import Typist
from tests.refusal.refused import refused, role, typist

if TYPE_CHECKING:
    from tests.desk import Desk


def test_the_trust_policy_wants_mfa(desk: Desk) -> None:
    desk.profile("x", role_arn=role("power-user"), source_profile="dave", external_id=desk.sandbox.external_id)
    error = refused(desk, "x")
    assert "- the role wants MFA, and no code was sent" in error.why
    assert error.status == 1


def test_it_turned_out_before_that_there_is_no_device(desk: Desk) -> None:
    desk.keys("assumer", **desk.key_of("alice"))
    desk.profile("x", role_arn=role("power-user"), source_profile="assumer", external_id=desk.sandbox.external_id)
    assert "turned out before" not in refused(desk, "x", Typist(device="")).why
    assert "it turned out before that you have no device: --serial-number" in refused(desk, "x").why


def test_the_trust_policy_wants_an_external_id(desk: Desk) -> None:
    desk.profile("x", role_arn=role("read-only"), source_profile="dave")
    assert "- the role wants an external ID (a text its owner gives out), and none was sent" in refused(desk, "x").why


def test_the_external_id_is_wrong(desk: Desk) -> None:
    desk.profile("x", role_arn=role("read-only"), source_profile="dave", external_id="typo-5ecret")
    error = refused(desk, "x")
    assert re.search(r"- the external ID is not the role's \(.*/config:\d+\)", error.why)
    assert "typo-5ecret" not in str(error)


def test_the_trust_policy_names_somebody_else(desk: Desk) -> None:
    desk.profile("x", role_arn=role("admin", "444455556666"), source_profile="dave")
    assert (
        "the role's trust policy (who may assume it) does not name you, or there is no such role"
        in refused(desk, "x").why
    )


def test_there_is_no_such_role(desk: Desk) -> None:
    desk.profile("x", role_arn=role("nothing"), source_profile="dave")
    assert "there is no such role" in refused(desk, "x").why


def test_tags_are_not_allowed(desk: Desk) -> None:
    error = refused(desk, "dave-read-only", tags=(("team", "a"),))
    assert "does not allow sts:TagSession" in error.why


def test_an_identity_policy_denies_it_outright(desk: Desk) -> None:
    error = refused(desk, "carol-read-only", Typist(device=""))
    assert error.why.startswith("a policy forbids it outright: User: arn:aws:iam::111122223333:user/carol")


def test_the_device_is_somebody_else_s(desk: Desk) -> None:
    desk.profile("x", mfa_serial=desk.sandbox.devices["carol"], **desk.key_of("alice"))
    error = refused(desk, "x", typist(desk))
    assert error.status == 4
    assert desk.sandbox.devices["carol"] in error.why


def test_the_role_s_maximum_is_looked_up(desk: Desk) -> None:
    desk.profile("x", role_arn=role("read-only"), source_profile="bob", external_id=desk.sandbox.external_id)
    error = refused(desk, "x", duration_seconds=7200)
    assert error.what == f"AWS does not let you assume {role('read-only')} for so long"
    assert error.why == "7200s were asked (--duration-seconds), more than the role's MaxSessionDuration, 3600s"
    assert "ask for less: -d 3600s" in error.remedy


def test_an_hour_is_offered_where_it_cannot_be(desk: Desk) -> None:
    error = refused(desk, "auditor", typist(desk), duration_seconds=8 * 3600)
    assert "which IAM does not let you read" in error.why
    assert "-d 1h, which every role allows" in error.remedy


def test_the_credentials_have_expired(desk: Desk) -> None:
    desk.sandbox.lifetime(1)
    session = desk.assume("read-only")
    desk.keys("old", aws_access_key_id=session.access_key_id, aws_secret_access_key=session.secret_access_key,
              aws_session_token=str(session.session_token))  # fmt: skip
    desk.profile("x", role_arn=role("ci/deploy"), source_profile="old")
    time.sleep(max(0, (session.expires or 0) - time.time()) + 0.02)
    assert re.search(r"it starts from have expired \(.*/credentials:\d+\)", refused(desk, "x").why)


def test_the_stored_session_has_expired_for_aws_alone(desk: Desk) -> None:
    """Our clock is a little behind, within what signatures allow."""
    desk.sandbox.lifetime(1)
    session = desk.assume("base", typist(desk))
    time.sleep(max(0, (session.expires or 0) - time.time()) + 0.02)
    error = refused(desk, "power-user", later=-60)
    assert "has expired for AWS, and not by this machine's clock" in error.why
    assert "shellhook forget --all" in error.remedy


def test_the_key_is_deactivated(desk: Desk) -> None:
    desk.sandbox.deactivate("bob")
    error = refused(desk, "bob")
    assert re.search(r"does not know the access key \(from .*/credentials:\d+\)", error.why)
    assert refused(desk, "bob-power").why == error.why


def test_the_secret_is_wrong(desk: Desk) -> None:
    desk.keys("wrong", aws_access_key_id=desk.sandbox.keys["dave"], aws_secret_access_key="5ecret" * 7)
    error = refused(desk, "wrong")
    assert "the secret access key does not fit the access key ID" in error.why
    assert "5ecret" not in str(error)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (1200, "by 20m: it is behind"),
        (-1200, "by 20m: it is ahead"),
        (4 * 3600, "by 4h00m: it is behind"),
        (-4 * 3600, "by 4h00m: it is ahead"),
    ],
)
def test_the_clock_is_off(desk: Desk, ahead: int, words: str) -> None:
    desk.sandbox.clock(ahead)
    error = refused(desk, "read-only")
    assert error.why == f"its clock is wrong {words}"
    assert refused(desk, "bob").why == error.why, "also where a device is looked up first"


@pytest.mark.parametrize(
    ("status", "code", "what"),
    [
        (400, "Throttling", "AWS is throttling the calls"),
        (400, "RequestLimitExceeded", "AWS is throttling the calls"),
        (500, "InternalFailure", "AWS has a problem of its own"),
        (503, "ServiceUnavailable", "AWS has a problem of its own"),
    ],
)
def test_what_passes_is_tried_again_and_then_said(desk: Desk, status: int, code: str, what: str) -> None:
    desk.sandbox.fail(status, code, "no", count=2)
    desk.assume("read-only")
    assert len(desk.sandbox.calls()) == 3
    desk.sandbox.fail(status, code, "no", count=3)
    error = refused(desk, "deploy")
    assert (error.what, error.status) == (what, 5)
    assert desk.sandbox.endpoint in error.why
    assert error.remedy.startswith("try again")
    assert len(desk.sandbox.calls()) == 6


def test_the_region_is_disabled(desk: Desk) -> None:
    words = "STS is not activated in this region for account:111122223333. Your account administrator can activate it."
    desk.sandbox.fail(403, "RegionDisabledException", words)
    error = refused(desk, "read-only", region="eu-central-2")
    assert error.what == f"AWS does not let you assume {role('read-only')} in eu-central-2"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"role_session_name": "x"}, r"Invalid length for parameter RoleSessionName"),
        ({"external_id": "5"}, r"Invalid length for parameter ExternalId"),
        ({"role_session_name": "not allowed"}, r"Value 'not allowed' at 'roleSessionName' failed to satisfy"),
        ({"external_id": "my 5ecret"}, r"Value '\.\.\.' at 'externalId' failed to satisfy"),
    ],
)
def test_what_cannot_be_sent_is_said_with_its_place(desk: Desk, settings: dict[str, str], why: str) -> None:
    """botocore looks at lengths, AWS at letters: it quotes the value, which of an external ID nobody should see."""
    desk.profile("x", role_arn=role("read-only"), source_profile="dave", **settings)
    error = refused(desk, "x")
    assert re.search(why, error.why)
    assert "5ecret" not in str(error)
    assert re.search(r"/config:\d+ \((ExternalId|RoleSessionName)\)", error.remedy)
