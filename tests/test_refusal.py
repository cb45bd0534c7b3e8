"""What AWS, or what stands before it, refuses: said so that a person can act on it, and with no secret in it."""

from __future__ import annotations

import io
import logging
import re
import time
from typing import TYPE_CHECKING

import pytest

from shellhook import refusal
from shellhook.errors import BadConfiguration, NoCode, NoNetwork, ShellhookError
from shellhook.mfa import Asker
from shellhook.session import Session
from shellhook.sts import Aws, Refused
from tests import servers
from tests.desk import Typist
from tests.plans import make

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from shellhook.plan import Plan
    from tests.desk import Desk

KEYS = Session(access_key_id="AKIAEXAMPLE", secret_access_key="base-secret")
DENIED = "User: arn:aws:iam::111122223333:user/me is not authorized to perform: sts:AssumeRole on resource: x"
WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
NOT_THEIRS = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
SKEWED = "Signature expired: 20261122T000000Z is now earlier than 20261122T005500Z (20261122T010000Z - 5 min.)"
EXTERNAL_ID = "acme/5ecret"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A role with an external ID, and a device that is named: an MFA session, then the role."""
    return make(
        tmp_path,
        "[profile base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = base-secret\n"
        "[profile x]\nrole_arn = arn:aws:iam::111122223333:role/power-user\nsource_profile = base\n"
        f"external_id = {EXTERNAL_ID}\nmfa_serial = arn:aws:iam::111122223333:mfa/me\nregion = eu-west-1\n",
    )


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to 3 s before it has tried three times."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)


def explained(plan: Plan, code: str, message: str = "", ahead: float | None = 0, **how: Any) -> ShellhookError:
    """What is said of such an answer to the plan's last call."""
    how = {"sent_code": False, "mfa_session": True, **how}
    return refusal.explain(Refused(code, message, ahead), plan, plan.hops[-1], **how)


# --- each answer, its error's kind, and words that have to be in what, why and remedy

ANSWERS: list[tuple[str, str, type[ShellhookError], str, str, str]] = [
    ("AccessDenied", DENIED, ShellhookError, "not let you assume .*role/power-user", "AWS does not say why", "explain"),
    ("AccessDenied", f"{DENIED} with an explicit deny in an identity-based policy", ShellhookError,
     "not let you assume", "forbids it outright: .*explicit deny", "explain"),
    ("AccessDenied", WRONG_CODE, NoCode, "did not take the MFA code", "wrong, or had been used before", "next code"),
    ("AccessDenied", NOT_THEIRS, NoCode, "could not check", "not this user's, or was deleted", "--serial-number"),
    ("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
     ShellhookError, "for so long", "more than the role's MaxSessionDuration", "-d 1h"),
    ("InvalidClientTokenId", "The security token included in the request is invalid.", ShellhookError,
     "not let you", "does not know the access key .*config:2.*deleted or deactivated", "active"),
    ("SignatureDoesNotMatch", "The request signature we calculated does not match", ShellhookError,
     "not let you", "secret access key does not fit .*config:2", "aws configure"),
    ("SignatureDoesNotMatch", SKEWED, ShellhookError, "does not take requests signed by this machine",
     "its clock is wrong", "set the clock"),
    ("RequestExpired", "Request has expired.", ShellhookError, "signed by this machine", "clock", "set the clock"),
    ("RegionDisabledException", "STS is not activated in this region for account:111122223333.", ShellhookError,
     "in eu-west-1", "not activated there", "--region"),
    ("PackedPolicyTooLarge", "Packed size of policies consumes 120% of allotted space", ShellhookError,
     "not let you", "PackedPolicyTooLarge: Packed size", "from"),
    ("SomethingNew", "We had an idea.", ShellhookError, "not let you", "SomethingNew: We had an idea.",
     r"config:5 \(RoleArn\)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "message", "kind", "what", "why", "remedy"), ANSWERS, ids=[f"{row[0]}-{row[4][:20]}" for row in ANSWERS]
)
def test_what_sts_says_becomes_what_happened_why_and_what_to_do(
    plan: Plan, code: str, message: str, kind: type[ShellhookError], what: str, why: str, remedy: str
) -> None:
    error = explained(plan, code, message)
    assert type(error) is kind
    assert re.search(what, error.what)
    assert re.search(why, error.why)
    assert re.search(remedy, error.remedy)
    assert "\n" not in error.what
    assert EXTERNAL_ID not in str(error)


def test_each_kind_has_its_exit_status(plan: Plan) -> None:
    assert explained(plan, "AccessDenied", DENIED).status == 1
    assert explained(plan, "AccessDenied", WRONG_CODE).status == 4


@pytest.mark.parametrize("message", [WRONG_CODE, NOT_THEIRS, DENIED, SKEWED, "role chaining", "MaxSessionDuration"])
def test_one_cause_is_one_cause(message: str) -> None:
    """The broker decides by these what it tries next."""
    code = {SKEWED: "SignatureDoesNotMatch"}.get(message, "AccessDenied" if "MFA" in message else "ValidationError")
    refused = Refused("AccessDenied" if message == DENIED else code, message, 0)
    found = [
        refusal.is_wrong_code(refused),
        refusal.is_wrong_device(refused),
        refusal.is_chaining(refused),
        refusal.is_too_long(refused),
        refusal.is_denied(refused) and "MultiFactor" not in message,
    ]
    assert sum(found) == (message != SKEWED)


# --- AccessDenied has many causes and one sentence: what is likely is inferred from what was sent


def guesses(plan: Plan, **how: Any) -> list[str]:
    return [line for line in explained(plan, "AccessDenied", DENIED, **how).why.splitlines() if line.startswith("- ")]


def test_no_code_was_sent(plan: Plan) -> None:
    assert guesses(plan, mfa_session=False)[0] == "- the role wants MFA, and no code was sent"
    assert not any("MFA" in guess for guess in guesses(plan, mfa_session=False, sent_code=True))
    assert not any("MFA" in guess for guess in guesses(plan, mfa_session=True))


def test_what_is_denied_outright_may_want_a_code(plan: Plan) -> None:
    deny = f"{DENIED} with an explicit deny in an identity-based policy"
    assert "--serial-number" in explained(plan, "AccessDenied", deny, mfa_session=False).remedy
    assert "--serial-number" not in explained(plan, "AccessDenied", deny, mfa_session=True).remedy
    assert "spelled" in explained(plan, "AccessDenied", DENIED, mfa_session=False).remedy


def test_an_external_id_was_sent_or_not(plan: Plan, tmp_path: Path) -> None:
    assert f"- the external ID is not the role's ({tmp_path / 'config'}:7)" in guesses(plan)
    hop = plan.hops[-1]
    without = hop.replace(parameters={name: value for name, value in hop.parameters.items() if name != "ExternalId"})
    unsent = plan.replace(hops=(plan.hops[0], without))
    assert "- the role wants an external ID (a text its owner gives out), and none was sent" in guesses(unsent)


def test_tags_and_a_source_identity_need_permissions_of_their_own(plan: Plan) -> None:
    assert not any("sts:TagSession" in guess for guess in guesses(plan))
    hop = plan.hops[-1]
    tagged = plan.replace(hops=(hop.replace(parameters={**hop.parameters, "SourceIdentity": "me"}),))
    assert any("sts:TagSession or sts:SetSourceIdentity" in guess for guess in guesses(tagged))


def test_somebody_else_is_trusted(plan: Plan) -> None:
    assert guesses(plan)[-2:] == [
        "- the role's trust policy (who may assume it) does not name you, or there is no such role",
        "- your own policies do not allow sts:AssumeRole on it",
    ]


# --- how far the clock is off, and in which direction


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (420, "its clock is wrong by 7m: it is behind"),
        (-420, "its clock is wrong by 7m: it is ahead"),
        (119, "its clock is wrong by 119s: it is behind"),
        (7199, "its clock is wrong by 120m: it is behind"),
        (-7200, "its clock is wrong by 2h: it is ahead"),
        (86_400 * 3, "its clock is wrong by 72h: it is behind"),
        (None, "its clock is wrong"),
    ],
)
def test_by_how_much_a_clock_is_off(plan: Plan, ahead: float | None, words: str) -> None:
    assert explained(plan, "SignatureDoesNotMatch", SKEWED, ahead).why == words


@pytest.mark.parametrize(("ahead", "is_clock"), [(0, False), (200, False), (-200, False), (900, True), (-900, True)])
def test_a_signature_that_does_not_match_may_be_the_clock_s(plan: Plan, ahead: float, is_clock: bool) -> None:
    error = explained(plan, "SignatureDoesNotMatch", "The request signature we calculated does not match", ahead)
    assert ("clock" in error.why) is is_clock


# --- the same from the sandbox


def refused(desk: Desk, profile: str, asker: Asker | None = None, **asked: Any) -> ShellhookError:
    with pytest.raises(ShellhookError) as caught:
        desk.assume(profile, asker, **asked)
    assert desk.sandbox.external_id not in str(caught.value)
    return caught.value


def typist(desk: Desk) -> Typist:
    return Typist(lambda: desk.sandbox.code("alice"))


def role(name: str, account: str = "111122223333") -> str:
    return f"arn:aws:iam::{account}:role/{name}"


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
        (4 * 3600, "by 4h: it is behind"),
        (-4 * 3600, "by 4h: it is ahead"),
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


# --- what stands between us and AWS

ANSWER = (
    b'<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
    b"<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>5ecret</SecretAccessKey><SessionToken>5ecret</SessionToken>"
    b"<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
)


def unreachable(plan: Plan, url: str, environ: dict[str, str] | None = None, **patience: float) -> NoNetwork:
    """The error of a call to `url`."""
    aws = Aws(environ or {}, patience)
    with pytest.raises(NoNetwork) as caught:
        aws.assume_role(plan.replace(endpoints={"sts": url}), KEYS, plan.hops[-1].parameters)
    assert "5ecret" not in str(caught.value)
    assert caught.value.status == 5
    assert caught.value.remedy
    return caught.value


def test_a_server_that_answers_as_aws_does(plan: Plan) -> None:
    with servers.answering(200, ANSWER) as server:
        there = plan.replace(endpoints={"sts": server.url})
        session = Aws({}).assume_role(there, KEYS, plan.hops[-1].parameters)
    assert session.access_key_id == "ASIAEXAMPLE"
    assert session.expires == 1_893_456_000


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html><body>Log in to this network</body></html>"),
        (200, b"<html><br>Log in"),
        (200, b""),
        (200, b"\xff\xfe\0"),
        (200, b'{"AccessKeyId": "5ecret"}'),
        (200, ANSWER[:-100]),
        (200, ANSWER.replace(b"<SecretAccessKey>5ecret</SecretAccessKey>", b"")),
        (200, ANSWER.replace(b"Credentials>", b"Nothing>")),
        (200, ANSWER.replace(b"2030-01-01T00:00:00Z", b"5ecret")),
        (302, b""),
        (403, b"<html>forbidden</html>"),
        (404, b"not here"),
        (407, b"who are you"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_garbage_is_not_aws(plan: Plan, status: int, body: bytes) -> None:
    """An answer that cannot be read is not shown: credentials may stand in it."""
    with servers.answering(status, body, {"Location": "https://login.example"}) as server:
        error = unreachable(plan, server.url)
    assert error.what == f"{server.url} gave no answer that is AWS's"
    assert "login page" in error.remedy
    assert len(error.why) < 80


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateway_with_a_problem(desk: Desk, status: int) -> None:
    with servers.answering(status, b"<html><h1>Bad gateway") as server:
        error = refused(desk, "read-only", environ={"AWS_ENDPOINT_URL_STS": server.url})
    assert error.status == 5
    assert len(server.requests) == 3


def test_nobody_listens(plan: Plan, closed_port: str) -> None:
    error = unreachable(plan, closed_port)
    assert error.what == f"{closed_port} could not be reached"
    assert "refused" in error.why.lower()


def test_there_is_no_such_host(plan: Plan) -> None:
    error = unreachable(plan, "http://sts.eu-west-1.invalid")
    assert error.what == "http://sts.eu-west-1.invalid could not be found"
    assert "DNS" in error.remedy


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_black_hole_ends(plan: Plan, scheme: str) -> None:
    begun = time.monotonic()
    with servers.silent() as place:
        error = unreachable(plan, f"{scheme}://{place}", connect_timeout=0.1, read_timeout=0.1)
    assert error.what == f"{scheme}://{place} did not answer in time"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there(plan: Plan, monkeypatch: pytest.MonkeyPatch, closed_port: str, scheme: str) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    proxy = closed_port.replace("http://", "http://somebody:5ecret@")
    monkeypatch.setenv(f"{scheme}_proxy", proxy)
    error = unreachable(plan, f"{scheme}://sts.example.com")
    assert error.what == f"the proxy {closed_port} cannot be reached"
    assert "HTTPS_PROXY" in error.remedy


def test_a_proxy_that_refuses(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with servers.answering(407, b"") as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        error = unreachable(plan, "https://sts.example.com")
    assert error.what == f"the proxy {proxy.url} cannot be reached"
    assert "407" in error.why
    assert proxy.requests[0] == "CONNECT sts.example.com:443"


def test_no_tls_where_tls_should_be(plan: Plan) -> None:
    with servers.answering(200, ANSWER) as server:
        error = unreachable(plan, server.url.replace("http:", "https:"))
    assert error.what.endswith("could not prove who it is")
    assert "AWS_CA_BUNDLE" in error.remedy


def test_a_bundle_of_certificates_that_is_not_there(plan: Plan, tmp_path: Path) -> None:
    with servers.silent() as place:
        error = unreachable(plan, f"https://{place}", {"AWS_CA_BUNDLE": str(tmp_path / "nothing.pem")})
    assert "see whether it is a file of certificates" in error.remedy


@pytest.mark.parametrize("url", ["nowhere", "http://", "http://two words.example"])
def test_an_endpoint_that_is_no_url(plan: Plan, url: str) -> None:
    with pytest.raises(BadConfiguration, match="sts cannot be reached at"):
        Aws({}).assume_role(plan.replace(endpoints={"sts": url}), KEYS, plan.hops[-1].parameters)


# --- never a traceback, never a secret


def provoked(desk: Desk, how: str) -> list[str]:
    """The words of a command line that fails, with something secret involved."""
    external = {"source_profile": "dave", "external_id": "my-5ecret"}
    if how == "external ID":
        desk.profile("x", role_arn=role("read-only"), **external)
    elif how == "external ID that AWS quotes":
        desk.profile("x", role_arn=role("read-only"), **{**external, "external_id": "my 5ecret"})
    elif how == "external ID that we quote":
        return ["read-only", "-e", "my 5ecret"]
    elif how == "code":
        desk.profile("x", mfa_serial=desk.sandbox.devices["alice"], **desk.key_of("alice"))
        return ["x", "-t", "505050"]
    elif how == "secret key":
        desk.keys("x", aws_access_key_id=desk.sandbox.keys["dave"], aws_secret_access_key="5ecret" * 7)
    elif how == "command":
        desk.profile("x", credential_process='echo \'{"Version": 1, "SecretAccessKey": "5ecret"}\'')
    elif how == "mfa_process":
        desk.profile("x", mfa_serial=desk.sandbox.devices["alice"], mfa_process="echo 5ecret", **desk.key_of("alice"))
    return ["x"]


HOWS = ["external ID", "external ID that AWS quotes", "external ID that we quote", "code", "secret key", "command",
        "mfa_process"]  # fmt: skip


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("how", HOWS)
def test_no_traceback_and_no_secret_is_shown(desk: Desk, how: str, debug: bool) -> None:
    done = desk.run(*desk.hooked(*provoked(desk, how), *(["--debug"] if debug else [])))
    assert done.status not in (0, 120, -6, -11), done
    assert done.out == ""
    assert "Traceback" not in done.err
    assert "should not have happened" not in done.err
    assert "shellhook: " in done.err
    shown = done.err.replace(str(desk.home), "")
    assert "5ecret" not in shown
    assert "505050" not in shown
    assert not any(
        value in shown for value in (*desk.key_of("alice").values(), desk.key_of("dave")["aws_secret_access_key"])
    )
    assert ("in _run" in done.err) is debug, "places, and only for those who asked"


def test_an_answer_that_breaks_off_is_not_shown_with_debug_either(desk: Desk) -> None:
    with servers.answering(200, ANSWER[:-100]) as server:
        done = desk.run(
            *desk.hooked("read-only", "--debug"), env={"AWS_ENDPOINT_URL_STS": server.url, "SHELLHOOK_DEBUG": "1"}
        )
    assert done.status == 5
    assert "in assume_role" in done.err
    assert "5ecret" not in done.err


@pytest.fixture
def log() -> Any:
    """Everything that is logged while a test runs, at every level, by everybody."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_botocore_s_log_for_debugging_stays_empty(desk: Desk, log: io.StringIO, tmp_path: Path) -> None:
    """It would have the code, the external ID, the answer and the session token, whoever turned logging on."""
    code = desk.sandbox.code("alice")
    session = desk.assume("power-user", Typist(code))
    refused(desk, "power-user", fresh=True, external_id="my-5ecret", later=60, asker=typist(desk))
    (tmp_path / "token").write_text("5ecret")
    (tmp_path / "answer").write_text('{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "5ecret"}')
    desk.profile("web", role_arn=role("read-only"), web_identity_token_file=str(tmp_path / "token"))
    desk.profile("process", credential_process=f"cat {tmp_path}/answer")
    desk.assume("process")
    refused(desk, "web")
    logging.getLogger("somebody").debug("else")
    text = log.getvalue()
    secrets = [code, desk.sandbox.external_id, session.secret_access_key, session.session_token, "5ecret"]
    assert "else" in text, "others may log"
    assert not [secret for secret in secrets if str(secret) in text]
    assert "AssumeRole" not in text


def test_the_repr_of_a_session_has_no_secret() -> None:
    """It may stand in a traceback of a debugger, or of pytest."""
    session = Session(access_key_id="ASIA5ECRET99", secret_access_key="5ecret", session_token="5ecret")
    assert "5ecret" not in repr(session)
    assert "ASIA5ECRET" not in repr(session)
