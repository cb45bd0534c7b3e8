"""The sandbox's sign-in endpoint: whose credentials it takes, for how long, and the page one lands on."""

from __future__ import annotations

import datetime
import html
import json
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from botocore.config import Config

from shellhook.sandbox.browser import Page, fetch
from shellhook.sandbox.exchange import Exchange
from shellhook.sandbox.federation import Federation
from shellhook.sandbox.wire import Refused
from tests.sandbox.people import assume, client, long_term, mfa_session, plain_session, refusal, sts, user_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.sandbox import Sandbox

POWER_USER = "arn:aws:sts::111122223333:assumed-role/power-user/me"
PAGE = "https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1"


def credentials(session: Mapping[str, Any], **changed: str) -> str:
    names = {"sessionId": "AccessKeyId", "sessionKey": "SecretAccessKey", "sessionToken": "SessionToken"}
    return json.dumps({**{name: session.get(given, "") for name, given in names.items()}, **changed})


def ask(sandbox: Sandbox, **asked: str) -> Page:
    return fetch(f"{sandbox.endpoint}/federation?{urlencode(asked)}")


def token(sandbox: Sandbox, session: Mapping[str, Any], **asked: str) -> str:
    page = ask(sandbox, Action="getSigninToken", Session=credentials(session), **asked)
    assert page.status == 200, page.text
    return str(json.loads(page.text)["SigninToken"])


def land(sandbox: Sandbox, ticket: str, destination: str = PAGE) -> Page:
    return ask(sandbox, Action="login", Issuer="me", Destination=destination, SigninToken=ticket)


def shown(page: Page) -> dict[str, str]:
    """What the page says of who has signed in."""
    assert page.status == 200, page.text
    rows = re.findall(r'<dd id="(\w+)">([^<]*)</dd>', page.text)
    return {name: html.unescape(text) for name, text in rows}


def test_the_page_names_the_identity(sandbox: Sandbox) -> None:
    session = assume(sandbox, "alice", "power-user", code=True)
    said = shown(land(sandbox, token(sandbox, session, SessionDuration="43200")))
    assert said == {
        "identity": POWER_USER,
        "account": "111122223333",
        "seconds": "43200",
        "destination": PAGE,
        "issuer": "me",
    }


def test_without_a_duration_it_lasts_as_long_as_the_session(sandbox: Sandbox) -> None:
    session = assume(sandbox, "alice", "read-only", DurationSeconds=900)
    assert int(shown(land(sandbox, token(sandbox, session)))["seconds"]) == pytest.approx(900, abs=5)


def test_a_federated_user(sandbox: Sandbox) -> None:
    given = sts(sandbox, "bob").get_federation_token(Name="bob")["Credentials"]
    said = shown(land(sandbox, token(sandbox, given)))
    assert said["identity"] == "arn:aws:sts::111122223333:federated-user/bob"
    assert int(said["seconds"]) == pytest.approx(43_200, abs=5)


def test_what_may_not_ask_for_a_duration(sandbox: Sandbox) -> None:
    power_user = assume(sandbox, "alice", "power-user", code=True)
    sessions = [
        assume(sandbox, power_user, "admin", external_id=False),
        assume(sandbox, mfa_session(sandbox, "alice"), "power-user"),
        sts(sandbox, "bob").get_federation_token(Name="bob")["Credentials"],
    ]
    for session in sessions:
        page = ask(sandbox, Action="getSigninToken", Session=credentials(session), SessionDuration="3600")
        assert page.status == 400
        assert token(sandbox, session)


@pytest.mark.parametrize("seconds", ["899", "43201", "1h", "-900"])
def test_durations_out_of_range(sandbox: Sandbox, seconds: str) -> None:
    session = assume(sandbox, "alice", "read-only")
    page = ask(sandbox, Action="getSigninToken", Session=credentials(session), SessionDuration=seconds)
    assert page.status == 400


def test_credentials_that_are_not_taken(sandbox: Sandbox) -> None:
    session = assume(sandbox, "alice", "read-only")
    other = assume(sandbox, "bob", "read-only")
    wrong = [
        credentials(session, sessionKey=other["SecretAccessKey"]),
        credentials(session, sessionToken=other["SessionToken"]),
        credentials(session, sessionId="ASIAAAAAAAAAAAAAAAAA"),
        credentials(long_term(sandbox, "alice")),
        credentials(plain_session(sandbox, "alice")),
        credentials(mfa_session(sandbox, "alice")),
        "",
        "[]",
        '{"sessionId": "x"}',
    ]
    for text in wrong:
        page = ask(sandbox, Action="getSigninToken", Session=text)
        assert page.status == 400, text
        assert session["SecretAccessKey"] not in page.text


def test_an_expired_session(sandbox: Sandbox) -> None:
    sandbox.lifetime(0)
    session = assume(sandbox, "alice", "read-only")
    time.sleep(1.1)  # times have whole seconds
    assert ask(sandbox, Action="getSigninToken", Session=credentials(session)).status == 400


def test_a_token_is_good_once(sandbox: Sandbox) -> None:
    ticket = token(sandbox, assume(sandbox, "alice", "read-only"))
    assert land(sandbox, ticket, "https://example.com/").status == 400
    assert land(sandbox, ticket).status == 200
    page = land(sandbox, ticket)
    assert page.status == 400
    assert "has been used" in page.text
    assert land(sandbox, "made-up").status == 400


def test_a_token_is_good_for_15_minutes() -> None:
    session = {"SecretAccessKey": "s", "SessionToken": "t", "Expiration": 5000.0, "Arn": "a", "AccountId": "1"}
    now = 1000.0
    there = Federation(lambda _: {**session, "PrincipalType": "AssumedRole"}, lambda: now)

    def answer(**fields: str) -> Any:
        return there.answer(Exchange(None, fields, ("signin", fields["Action"])))

    given = credentials({"AccessKeyId": "k", "SecretAccessKey": "s", "SessionToken": "t"})
    tickets = [json.loads(answer(Action="getSigninToken", Session=given)[2])["SigninToken"] for _ in range(2)]
    now += 899
    assert answer(Action="login", Destination=PAGE, SigninToken=tickets[0])[0] == 200
    now += 1
    with pytest.raises(Refused, match="has expired"):
        answer(Action="login", Destination=PAGE, SigninToken=tickets[1])


def test_other_requests_are_none_of_its(sandbox: Sandbox) -> None:
    assert ask(sandbox, Action="other").status == 400
    assert fetch(f"{sandbox.endpoint}/oauth?Action=logout").status == 200
    assert fetch(f"{sandbox.endpoint}/oauth?Action=other").status == 403


def test_the_record_has_no_secret(sandbox: Sandbox) -> None:
    session = assume(sandbox, "alice", "read-only")
    sandbox.forget_calls()
    ticket = token(sandbox, session, SessionDuration="900")
    land(sandbox, ticket)
    (asked,), (landed,) = sandbox.calls(service="signin"), sandbox.calls(service="browser")
    assert asked["values"] == {"SessionDuration": "900"}
    assert landed["values"] == {"Issuer": "me", "Destination": PAGE}
    assert ticket not in json.dumps([asked, landed])


def test_a_fault_is_for_the_program_and_not_for_the_browser(sandbox: Sandbox) -> None:
    session = assume(sandbox, "alice", "read-only")
    sandbox.fail(503, action="getSigninToken")
    assert ask(sandbox, Action="getSigninToken", Session=credentials(session)).status == 503
    ticket = token(sandbox, session)
    sandbox.fail(503)
    assert land(sandbox, ticket).status == 200


# --- GetFederationToken, as far as the others' tests do not have it


@pytest.mark.parametrize(("name", "taken"), [("x", False), ("xy", True), ("x" * 32, True), ("x" * 33, False)])
def test_names(sandbox: Sandbox, name: str, taken: bool) -> None:
    if taken:
        arn = sts(sandbox, "bob").get_federation_token(Name=name)["FederatedUser"]["Arn"]
        assert arn == f"arn:aws:sts::111122223333:federated-user/{name}"
    else:
        unchecked = client(sandbox, "sts", "bob", config=Config(parameter_validation=False))
        assert refusal(lambda: unchecked.get_federation_token(Name=name))[:2] == (400, "ValidationError")


def test_how_long(sandbox: Sandbox) -> None:
    for seconds in (900, 129_600):
        given = sts(sandbox, "bob").get_federation_token(Name="bob", DurationSeconds=seconds)["Credentials"]
        left = given["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
        assert left.total_seconds() == pytest.approx(seconds, abs=3)


def test_a_user_under_deny_without_mfa(sandbox: Sandbox) -> None:
    status, code, message = refusal(lambda: sts(sandbox, "carol").get_federation_token(Name="carol"))
    assert (status, code) == (403, "AccessDenied")
    assert message == (
        f"User: {user_arn('carol')} is not authorized to perform: sts:GetFederationToken on resource: "
        "arn:aws:sts::111122223333:federated-user/carol with an explicit deny in an identity-based policy"
    )


def test_a_session_gets_none(sandbox: Sandbox) -> None:
    session = assume(sandbox, "bob", "read-only")
    refused = refusal(lambda: sts(sandbox, session).get_federation_token(Name="bob"))
    assert refused == (403, "AccessDenied", "Cannot call GetFederationToken with session credentials")
