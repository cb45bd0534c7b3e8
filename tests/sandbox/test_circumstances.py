"""What the starter may ask for: short sessions, faults, a wrong clock, keys that are switched off, the record."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from botocore.config import Config

from shellhook.sandbox import SandboxFailed
from tests.sandbox.people import assume, client, long_term, mfa_session, refusal, role_arn, sts

if TYPE_CHECKING:
    from shellhook.sandbox import Sandbox

EXPIRED = (403, "ExpiredToken", "The security token included in the request is expired")
UNKNOWN = (403, "InvalidClientTokenId", "The security token included in the request is invalid.")


def plainly(sandbox: Sandbox, method: str, path: str, **headers: str) -> tuple[int, bytes]:
    """Status and body of a request that botocore would not make."""
    with closing(HTTPConnection(urlsplit(sandbox.endpoint).netloc)) as connection:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()


def wait_for_end(credentials: dict[str, object]) -> None:
    time.sleep(max(0.0, credentials["Expiration"].timestamp() - time.time()) + 0.05)  # type: ignore[attr-defined]


def test_sessions_of_seconds(sandbox: Sandbox) -> None:
    sandbox.lifetime(2)
    begun = time.time()
    role, user = assume(sandbox, "alice", "read-only"), mfa_session(sandbox, "alice", DurationSeconds=43_200)
    assert all(begun + 2 <= session["Expiration"].timestamp() <= time.time() + 3 for session in (role, user))
    assert sts(sandbox, role).get_caller_identity()
    sandbox.lifetime(None)
    long = assume(sandbox, "alice", "read-only")
    wait_for_end(user)
    for session in (role, user):
        assert refusal(sts(sandbox, session).get_caller_identity) == EXPIRED
        assert refusal(lambda session=session: assume(sandbox, session, "read-only")) == EXPIRED
    assert sts(sandbox, long).get_caller_identity()


def test_a_session_without_its_token_or_with_another(sandbox: Sandbox) -> None:
    session = assume(sandbox, "alice", "read-only")
    assert refusal(sts(sandbox, {**session, "SessionToken": "x" * 100}).get_caller_identity)[:2] == UNKNOWN[:2]
    bare = {key: session[key] for key in ("AccessKeyId", "SecretAccessKey")}
    assert refusal(sts(sandbox, bare).get_caller_identity) == UNKNOWN


@pytest.mark.parametrize("key", ["AKIA" + "A" * 16, "ASIA" + "B" * 16, "test", "111122223333", "AKIAtest"])
def test_keys_that_nobody_has(sandbox: Sandbox, key: str) -> None:
    """MiniStack would take some of them for root."""
    stranger = sts(sandbox, {"AccessKeyId": key, "SecretAccessKey": "test"})
    assert refusal(stranger.get_caller_identity) == UNKNOWN


def test_a_deactivated_key(sandbox: Sandbox) -> None:
    sandbox.deactivate("bob")
    assert refusal(sts(sandbox, "bob").get_caller_identity) == UNKNOWN
    sandbox.activate("bob")
    assert sts(sandbox, "bob").get_caller_identity()


def test_a_wrong_secret(sandbox: Sandbox) -> None:
    forged = {**long_term(sandbox, "alice"), "SecretAccessKey": "x" * 40}
    status, code, message = refusal(sts(sandbox, forged).get_caller_identity)
    assert (status, code) == (403, "SignatureDoesNotMatch")
    assert message.startswith("The request signature we calculated does not match the signature you provided.")


@pytest.mark.parametrize(("ahead", "words"), [(3600, "Signature expired: "), (-3600, "Signature not yet current: ")])
def test_a_wrong_clock(sandbox: Sandbox, ahead: int, words: str) -> None:
    sandbox.clock(ahead)
    status, code, message = refusal(sts(sandbox, "alice").get_caller_identity)
    assert (status, code) == (403, "SignatureDoesNotMatch")
    assert message.startswith(words)


def test_the_date_header_tells_the_server_s_clock(sandbox: Sandbox) -> None:
    sandbox.clock(600)
    answer = sts(sandbox, "alice").get_caller_identity()
    date = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    assert date.timestamp() - time.time() == pytest.approx(600, abs=3)


def test_so_do_expirations_and_codes(sandbox: Sandbox) -> None:
    sandbox.clock(600)
    session = mfa_session(sandbox, "alice", DurationSeconds=900)
    assert session["Expiration"].timestamp() - time.time() == pytest.approx(1500, abs=3)
    assert assume(sandbox, session, "power-user")


def test_faults(sandbox: Sandbox) -> None:
    sandbox.fail(400, "Throttling", "Rate exceeded", count=2)
    for _ in range(2):
        assert refusal(sts(sandbox, "alice").get_caller_identity) == (400, "Throttling", "Rate exceeded")
    assert sts(sandbox, "alice").get_caller_identity()


def test_a_fault_of_one_action(sandbox: Sandbox) -> None:
    sandbox.fail(500, "InternalFailure", "The request processing has failed.", action="AssumeRole")
    assert sts(sandbox, "alice").get_caller_identity()
    assert refusal(lambda: assume(sandbox, "alice", "read-only"))[:2] == (500, "InternalFailure")
    assert assume(sandbox, "alice", "read-only")


def test_a_region_that_is_switched_off(sandbox: Sandbox) -> None:
    words = (
        "STS is not activated in this region for account:111122223333. "
        "Your account administrator can activate STS in this region using the IAM Console."
    )
    sandbox.fail(403, "RegionDisabledException", words, action="AssumeRole")
    assert refusal(lambda: assume(sandbox, "alice", "read-only")) == (403, "RegionDisabledException", words)


def test_botocore_tries_again(sandbox: Sandbox) -> None:
    sandbox.fail(503, "ServiceUnavailable", "busy", count=2)
    patient = client(sandbox, "sts", "alice", config=Config(retries={"total_max_attempts": 3, "mode": "standard"}))
    assert patient.get_caller_identity()
    assert [call["status"] for call in sandbox.calls()] == [503, 503, 200]


def test_a_slow_answer(sandbox: Sandbox) -> None:
    sandbox.fail(0, delay=0.5)
    begun = time.perf_counter()
    assert sts(sandbox, "alice").get_caller_identity()
    assert time.perf_counter() - begun >= 0.5


def test_the_record_of_calls(sandbox: Sandbox) -> None:
    sandbox.forget_calls()
    session = assume(sandbox, "alice", "power-user", code=True, DurationSeconds=900)
    refusal(lambda: assume(sandbox, session, "read-only"))
    first, second = sandbox.calls("AssumeRole")
    assert first["access_key_id"] == sandbox.keys["alice"]
    assert first["parameters"] == [
        "DurationSeconds",
        "ExternalId",
        "RoleArn",
        "RoleSessionName",
        "SerialNumber",
        "TokenCode",
    ]
    assert first["values"] == {
        "DurationSeconds": "900",
        "RoleArn": role_arn("power-user"),
        "RoleSessionName": "me",
        "SerialNumber": sandbox.devices["alice"],
    }
    assert (first["status"], first["code"], first["region"]) == (200, "", "us-east-1")
    assert second["access_key_id"] == session["AccessKeyId"]
    assert (second["status"], second["code"]) == (403, "AccessDenied")
    assert sandbox.external_id not in str(sandbox.calls())


def test_only_who_started_it_may_ask(sandbox: Sandbox) -> None:
    for path in ("/_sandbox/calls", "/_sandbox/code?device=alice"):
        assert plainly(sandbox, "GET", path)[0] == 403
        assert plainly(sandbox, "GET", path, Authorization="Bearer guess")[0] == 403


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/health", "/_localstack/health", "/_aws/ses"])
def test_ministack_s_own_pages_are_shut(sandbox: Sandbox, path: str) -> None:
    assert plainly(sandbox, "POST", path)[0] == 404
    assert sts(sandbox, "alice").get_caller_identity()


def test_unsigned_requests(sandbox: Sandbox) -> None:
    status, document = plainly(sandbox, "GET", "/?Action=GetCallerIdentity&Version=2011-06-15")
    assert status == 403
    assert b"<Code>MissingAuthenticationToken</Code>" in document


def test_a_request_signed_in_its_url(sandbox: Sandbox) -> None:
    url = sts(sandbox, "alice").generate_presigned_url("get_caller_identity")
    status, document = plainly(sandbox, "POST", url.removeprefix(sandbox.endpoint))
    assert status == 200
    assert b":user/alice</Arn>" in document


def test_services_that_start_other_programs_are_shut(sandbox: Sandbox) -> None:
    assert refusal(client(sandbox, "lambda", "alice").list_functions)[0] == 400


def test_many_at_once(sandbox: Sandbox) -> None:
    """Each with a code of its own: none is taken twice, none is lost."""
    carol = sts(sandbox, "carol")

    def bought(_: int) -> str:
        sent = {"SerialNumber": sandbox.devices["carol"], "TokenCode": sandbox.code("carol")}
        key: str = carol.get_session_token(**sent)["Credentials"]["AccessKeyId"]
        return key

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(bought, range(24)))) == 24


def test_a_mistaken_question_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxFailed, match="the sandbox refused code"):
        sandbox.code("nobody")


def test_reset_undoes_it_all(sandbox: Sandbox) -> None:
    sandbox.lifetime(1)
    sandbox.clock(3600)
    sandbox.fail(500, count=5)
    sandbox.deactivate("alice")
    sandbox.reset()
    assert assume(sandbox, "alice", "read-only")["Expiration"].timestamp() - time.time() > 3000
    assert len(sandbox.calls()) == 1
