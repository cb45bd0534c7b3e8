"""Logins at the sandbox's Identity Center: by device, by browser with PKCE, by refresh token; AWS's refusals."""

from __future__ import annotations

import json
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from shellhook.sandbox import SandboxFailed
from shellhook.sandbox.browser import ALLOW, DENY, fetch, press
from shellhook.sandbox.oidc import CODE, DEVICE_CODE, REFRESH
from tests import servers
from tests.sandbox.logins import (
    CALLBACK,
    SCOPE,
    Browsing,
    fetch_by_device,
    log_in,
    oidc,
    portal,
    refresh,
    register,
    register_for_browser,
    start_device,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shellhook.sandbox import Sandbox


@pytest.fixture
def callback() -> Iterator[str]:
    """A redirect URI where somebody listens, on any port."""
    with servers.answering(200, b"You can close this window.") as listening:
        yield f"{listening.url}/oauth/callback"


def refused(sandbox: Sandbox, name: str, call: Callable[[], object]) -> tuple[int, str, str | None]:
    """Status, `error` and `error_description` of what raises botocore's exception of that name."""
    with pytest.raises(getattr(oidc(sandbox).exceptions, name)) as caught:
        call()
    response = caught.value.response
    assert response["Error"]["Code"] == name
    return response["ResponseMetadata"]["HTTPStatusCode"], response["error"], response.get("error_description")


# --- by device


def test_a_login_by_device(sandbox: Sandbox) -> None:
    client = register(sandbox)
    begun = start_device(sandbox, client)
    assert (begun["expiresIn"], begun["interval"]) == (600, 1)
    assert begun["verificationUri"] == f"{sandbox.endpoint}/device"
    assert begun["verificationUriComplete"] == f"{sandbox.endpoint}/device?user_code={begun['userCode']}"
    pending = refused(
        sandbox, "AuthorizationPendingException", lambda: fetch_by_device(sandbox, client, begun["deviceCode"])
    )
    assert pending == (400, "authorization_pending", None)
    assert "Request approved" in press(begun["verificationUriComplete"]).text
    granted = fetch_by_device(sandbox, client, begun["deviceCode"])
    assert (granted["tokenType"], granted["expiresIn"]) == ("Bearer", 3600)
    assert portal(sandbox).list_accounts(accessToken=granted["accessToken"])["accountList"]


def test_a_code_that_is_typed(sandbox: Sandbox) -> None:
    client = register(sandbox)
    begun = start_device(sandbox, client)
    typed = begun["userCode"].lower().replace("-", " ")
    assert "Invalid code" in press(begun["verificationUri"], user_code="ZZZZ-ZZZZ").text
    assert "Request approved" in press(begun["verificationUri"], user_code=typed).text
    assert fetch_by_device(sandbox, client, begun["deviceCode"])["accessToken"]
    assert "Invalid code" in press(begun["verificationUri"], user_code=typed).text


def test_a_device_that_is_denied(sandbox: Sandbox) -> None:
    client = register(sandbox)
    begun = start_device(sandbox, client)
    assert "Request denied" in press(begun["verificationUriComplete"], DENY).text
    told = refused(sandbox, "AccessDeniedException", lambda: fetch_by_device(sandbox, client, begun["deviceCode"]))
    assert told == (400, "access_denied", None)


def test_a_device_that_waited_too_long(sandbox: Sandbox) -> None:
    sandbox.identity_center(device_lifetime=0.2, interval=5)
    client = register(sandbox)
    begun = start_device(sandbox, client)
    assert (begun["expiresIn"], begun["interval"]) == (1, 5)
    time.sleep(0.25)
    told = refused(sandbox, "ExpiredTokenException", lambda: fetch_by_device(sandbox, client, begun["deviceCode"]))
    assert told[:2] == (400, "expired_token")
    assert press(begun["verificationUriComplete"]).status == 400


def test_a_device_code_is_good_once_and_for_its_client(sandbox: Sandbox) -> None:
    client, other = register(sandbox), register(sandbox)
    begun = start_device(sandbox, client)
    press(begun["verificationUriComplete"])
    for who, code in ((other, begun["deviceCode"]), (client, "made-up")):
        told = refused(sandbox, "InvalidGrantException", lambda who=who, code=code: fetch_by_device(sandbox, who, code))
        assert told[:2] == (400, "invalid_grant")
    fetch_by_device(sandbox, client, begun["deviceCode"])
    refused(sandbox, "InvalidGrantException", lambda: fetch_by_device(sandbox, client, begun["deviceCode"]))


def test_slow_down_on_request(sandbox: Sandbox) -> None:
    client = register(sandbox)
    begun = start_device(sandbox, client)
    sandbox.fail(400, "SlowDownException", action="CreateToken", count=2)
    for _ in range(2):
        told = refused(sandbox, "SlowDownException", lambda: fetch_by_device(sandbox, client, begun["deviceCode"]))
        assert told == (400, "slow_down", None)
    refused(sandbox, "AuthorizationPendingException", lambda: fetch_by_device(sandbox, client, begun["deviceCode"]))
    first, *_, last = sandbox.calls("CreateToken", service="sso-oidc")
    assert first["at"] <= last["at"] <= time.time()


def test_decided_without_a_button(sandbox: Sandbox, callback: str) -> None:
    sandbox.identity_center(decision="allow")
    client = register(sandbox)
    assert fetch_by_device(sandbox, client, start_device(sandbox, client)["deviceCode"])["accessToken"]
    sandbox.identity_center(decision="deny")
    begun = start_device(sandbox, client)
    refused(sandbox, "AccessDeniedException", lambda: fetch_by_device(sandbox, client, begun["deviceCode"]))
    assert Browsing(sandbox, register_for_browser(sandbox), callback).came_back()["error"] == "access_denied"


@pytest.mark.parametrize("start_url", ["https://other.awsapps.com/start", "nonsense"])
def test_another_portal(sandbox: Sandbox, start_url: str) -> None:
    client = register(sandbox)
    told = refused(
        sandbox,
        "InvalidRequestException",
        lambda: oidc(sandbox).start_device_authorization(**client, startUrl=start_url),
    )
    assert told == (400, "invalid_request", "Invalid start url provided")


@pytest.mark.parametrize("tail", ["/", "#", "/#/?tab=accounts"])
def test_the_portal_s_address_as_a_browser_shows_it(sandbox: Sandbox, tail: str) -> None:
    assert oidc(sandbox).start_device_authorization(**register(sandbox), startUrl=sandbox.start_url + tail)


# --- by browser


def test_a_login_by_browser(sandbox: Sandbox, callback: str) -> None:
    browsing = Browsing(sandbox, register_for_browser(sandbox), callback)
    back = browsing.came_back(ALLOW)
    assert back == {"code": back["code"], "state": browsing.state}
    granted = browsing.fetch(back["code"])
    assert (granted["tokenType"], granted["expiresIn"]) == ("Bearer", 3600)
    assert portal(sandbox).list_accounts(accessToken=granted["accessToken"])["accountList"]
    assert refresh(sandbox, browsing.client, granted["refreshToken"])["accessToken"]
    shown = sandbox.calls("Authorize", service="browser")[0]["values"]
    assert (shown["redirect_uri"], shown["scopes"]) == (callback, SCOPE)


def test_a_login_by_browser_that_is_denied(sandbox: Sandbox, callback: str) -> None:
    browsing = Browsing(sandbox, register_for_browser(sandbox), callback)
    assert browsing.came_back(DENY) == {"error": "access_denied", "state": browsing.state}


@pytest.mark.parametrize(
    "changed",
    [
        {"codeVerifier": "w" * 43},
        {"redirectUri": "http://127.0.0.1:1/oauth/callback"},
        {"redirectUri": CALLBACK},
        {"code": "made-up"},
    ],
    ids=["verifier", "port", "no port", "code"],
)
def test_a_code_with_something_wrong(sandbox: Sandbox, callback: str, changed: dict[str, str]) -> None:
    browsing = Browsing(sandbox, register_for_browser(sandbox), callback)
    code = browsing.came_back()["code"]
    told = refused(sandbox, "InvalidGrantException", lambda: browsing.fetch(**{"code": code, **changed}))
    assert told[:2] == (400, "invalid_grant")


def test_a_code_is_good_once_even_after_a_wrong_verifier(sandbox: Sandbox, callback: str) -> None:
    browsing = Browsing(sandbox, register_for_browser(sandbox), callback)
    code = browsing.came_back()["code"]
    assert browsing.fetch(code)["accessToken"]
    refused(sandbox, "InvalidGrantException", lambda: browsing.fetch(code))
    code = browsing.came_back()["code"]
    refused(sandbox, "InvalidGrantException", lambda: browsing.fetch(code, codeVerifier="w" * 43))
    refused(sandbox, "InvalidGrantException", lambda: browsing.fetch(code))


def test_a_code_that_is_too_old(sandbox: Sandbox, callback: str) -> None:
    sandbox.identity_center(code_lifetime=0.2)
    browsing = Browsing(sandbox, register_for_browser(sandbox), callback)
    code = browsing.came_back()["code"]
    time.sleep(0.25)
    refused(sandbox, "InvalidGrantException", lambda: browsing.fetch(code))


def test_a_code_of_another_client(sandbox: Sandbox, callback: str) -> None:
    browsing = Browsing(sandbox, register_for_browser(sandbox), callback)
    code = browsing.came_back()["code"]
    other = register_for_browser(sandbox)
    refused(sandbox, "InvalidGrantException", lambda: browsing.fetch(code, **other))


def test_a_button_is_pressed_once(sandbox: Sandbox, callback: str) -> None:
    page = Browsing(sandbox, register_for_browser(sandbox), callback).page
    ticket = fetch(page).text.partition('name="ticket" value="')[2].partition('"')[0]
    decided = {"ticket": ticket, "decision": "allow"}
    assert fetch(f"{sandbox.endpoint}/authorize", decided).url.startswith(callback)
    again = fetch(f"{sandbox.endpoint}/authorize", decided)
    assert (again.status, again.url) == (400, f"{sandbox.endpoint}/authorize")


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "made-up"}, {"redirect_uri": "http://127.0.0.1:1/elsewhere"}, {"redirect_uri": ""}],
    ids=["client", "path", "none"],
)
def test_nobody_is_sent_where_the_client_is_not(sandbox: Sandbox, callback: str, changed: dict[str, str]) -> None:
    page = press(Browsing(sandbox, register_for_browser(sandbox), callback, **changed).page)
    assert page.status == 400
    assert page.url.startswith(sandbox.endpoint)


def test_a_client_of_the_device_flow_has_no_page(sandbox: Sandbox, callback: str) -> None:
    assert press(Browsing(sandbox, register(sandbox), callback).page).status == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "invalid_request"),
        ({"scopes": "openid"}, "invalid_scope"),
    ],
)
def test_other_faults_are_told_to_the_client(
    sandbox: Sandbox, callback: str, changed: dict[str, str], error: str
) -> None:
    browsing = Browsing(sandbox, register_for_browser(sandbox), callback, **changed)
    assert browsing.came_back() == {"error": error, "state": browsing.state}


# --- clients


@pytest.mark.parametrize(
    ("asked", "name", "error"),
    [
        ({"clientType": "confidential"}, "InvalidClientMetadataException", "invalid_client_metadata"),
        ({"clientName": ""}, "InvalidClientMetadataException", "invalid_client_metadata"),
        ({"scopes": ["no:such:scope"]}, "InvalidScopeException", "invalid_scope"),
        ({"grantTypes": ["password"]}, "UnsupportedGrantTypeException", "unsupported_grant_type"),
        ({"grantTypes": [CODE]}, "InvalidRequestException", "invalid_request"),
        ({"redirectUris": ["https://example.com/"]}, "InvalidRedirectUriException", "invalid_redirect_uri"),
    ],
)
def test_clients_that_are_not_registered(sandbox: Sandbox, asked: dict[str, object], name: str, error: str) -> None:
    assert refused(sandbox, name, lambda: register(sandbox, **asked))[:2] == (400, error)


def test_a_registration_says_how_long_it_lasts(sandbox: Sandbox) -> None:
    answer = oidc(sandbox).register_client(clientName="me", clientType="public")
    assert answer["clientIdIssuedAt"] == pytest.approx(time.time(), abs=3)
    assert answer["clientSecretExpiresAt"] - answer["clientIdIssuedAt"] == pytest.approx(90 * 86_400, abs=2)


def test_a_client_that_is_unknown_or_has_expired(sandbox: Sandbox) -> None:
    good = register(sandbox)
    sandbox.identity_center(registration_lifetime=0)
    for client in ({**good, "clientSecret": "guess"}, {**good, "clientId": "made-up"}, register(sandbox)):
        told = refused(sandbox, "InvalidClientException", lambda client=client: start_device(sandbox, client))
        assert told[:2] == (401, "invalid_client")
    assert start_device(sandbox, good)


def test_a_client_for_browsers_has_no_device(sandbox: Sandbox) -> None:
    client = register_for_browser(sandbox)
    told = refused(sandbox, "UnauthorizedClientException", lambda: start_device(sandbox, client))
    assert told[:2] == (400, "unauthorized_client")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"grantType": "password"}, "UnsupportedGrantTypeException"),
        ({"grantType": DEVICE_CODE}, "InvalidRequestException"),
        ({"grantType": CODE, "code": "x"}, "InvalidRequestException"),
        ({"grantType": REFRESH}, "InvalidRequestException"),
    ],
)
def test_tokens_asked_for_in_no_good_way(sandbox: Sandbox, asked: dict[str, str], name: str) -> None:
    client = register(sandbox)
    refused(sandbox, name, lambda: oidc(sandbox).create_token(**client, **asked))


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"\xff"])
def test_what_is_no_json(sandbox: Sandbox, body: bytes) -> None:
    with closing(HTTPConnection(urlsplit(sandbox.endpoint).netloc)) as connection:
        connection.request("POST", "/token", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        assert (response.status, response.headers["x-amzn-errortype"]) == (400, "InvalidRequestException")
        assert json.loads(response.read())["error"] == "invalid_request"


# --- tokens and what was ordered


def test_a_refresh_token_is_good_once(sandbox: Sandbox) -> None:
    first = log_in(sandbox)
    second = refresh(sandbox, first, first["refreshToken"])
    assert second["refreshToken"] != first["refreshToken"]
    for granted in (first, second):
        assert portal(sandbox).list_accounts(accessToken=granted["accessToken"])
    told = refused(sandbox, "InvalidGrantException", lambda: refresh(sandbox, first, first["refreshToken"]))
    assert told[:2] == (400, "invalid_grant")
    refused(sandbox, "InvalidGrantException", lambda: refresh(sandbox, register(sandbox), second["refreshToken"]))
    assert refresh(sandbox, first, second["refreshToken"])["expiresIn"] == 3600


def test_the_login_ends_whatever_is_refreshed(sandbox: Sandbox) -> None:
    sandbox.identity_center(login_lifetime=1.2, token_lifetime=600)
    granted = log_in(sandbox)
    assert granted["expiresIn"] == 2
    renewed = refresh(sandbox, granted, granted["refreshToken"])
    time.sleep(1.25)
    refused(sandbox, "InvalidGrantException", lambda: refresh(sandbox, granted, renewed["refreshToken"]))


def test_a_client_without_scopes_has_no_refresh_token(sandbox: Sandbox) -> None:
    granted = log_in(sandbox, scopes=[])
    assert "refreshToken" not in granted
    assert granted["expiresIn"] == 8 * 3600


def test_a_server_error_on_request(sandbox: Sandbox) -> None:
    sandbox.fail(500, "InternalServerException", "as ordered", action="RegisterClient")
    told = refused(sandbox, "InternalServerException", lambda: register(sandbox))
    assert told == (500, "server_error", "as ordered")
    assert register(sandbox)


def test_secrets_are_not_in_the_record(sandbox: Sandbox, callback: str) -> None:
    browsing = Browsing(sandbox, register_for_browser(sandbox), callback)
    code = browsing.came_back()["code"]
    granted = browsing.fetch(code)
    portal(sandbox).list_accounts(accessToken=granted["accessToken"])
    refresh(sandbox, browsing.client, granted["refreshToken"])
    record = str([sandbox.calls(service=service) for service in ("sso-oidc", "sso", "browser")])
    secrets = [
        browsing.client["clientSecret"],
        browsing.verifier,
        code,
        granted["accessToken"],
        granted["refreshToken"],
    ]
    assert [secret for secret in secrets if secret in record] == []
    assert "codeVerifier" in record


@pytest.mark.parametrize("terms", [{"decision": "perhaps"}, {"no_such_term": 1}, {"interval": "soon"}])
def test_terms_that_there_are_not(sandbox: Sandbox, terms: dict[str, str]) -> None:
    with pytest.raises(SandboxFailed, match="refused identity_center"):
        sandbox.identity_center(**terms)
