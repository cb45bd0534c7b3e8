"""Logins to the sandbox's Identity Center, as botocore's clients and a browser do them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config

from shellhook.sandbox.browser import ALLOW, press
from shellhook.sandbox.oidc import CODE, DEVICE_CODE, REFRESH, challenge_of

if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox import Sandbox

SCOPE = "sso:account:access"
CALLBACK = "http://127.0.0.1/oauth/callback"
# One attempt: what is counted is what was asked.
_ONCE = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}, read_timeout=10)
_session = botocore.session.Session(session_vars={"config_file": (None, None, "/dev/null", None)})
_clients: dict[tuple[str, str], Any] = {}  # a client's class is made anew with each, its exceptions with it


def _client(sandbox: Sandbox, service: str) -> Any:
    key = service, sandbox.endpoint
    if key not in _clients:
        _clients[key] = _session.create_client(
            service, region_name="eu-central-1", endpoint_url=sandbox.endpoint, config=_ONCE
        )
    return _clients[key]


def oidc(sandbox: Sandbox) -> Any:
    return _client(sandbox, "sso-oidc")


def portal(sandbox: Sandbox) -> Any:
    return _client(sandbox, "sso")


def register(sandbox: Sandbox, **asked: Any) -> dict[str, str]:
    """`clientId` and `clientSecret` of a client with scopes, of the device flow unless more is `asked`."""
    answer = oidc(sandbox).register_client(**{"clientName": "me", "clientType": "public", "scopes": [SCOPE], **asked})
    return {name: answer[name] for name in ("clientId", "clientSecret")}


def register_for_browser(sandbox: Sandbox, **asked: Any) -> dict[str, str]:
    given = {"grantTypes": [CODE, REFRESH], "redirectUris": [CALLBACK], "issuerUrl": sandbox.start_url, **asked}
    return register(sandbox, **given)


def start_device(sandbox: Sandbox, client: dict[str, str]) -> dict[str, Any]:
    """The answer of StartDeviceAuthorization."""
    answer: dict[str, Any] = oidc(sandbox).start_device_authorization(**client, startUrl=sandbox.start_url)
    return answer


def fetch_by_device(sandbox: Sandbox, client: dict[str, str], device_code: str) -> dict[str, Any]:
    answer: dict[str, Any] = oidc(sandbox).create_token(**client, grantType=DEVICE_CODE, deviceCode=device_code)
    return answer


def log_in(sandbox: Sandbox, **asked: Any) -> dict[str, Any]:
    """A login by device that was allowed: the answer of CreateToken, with the client's id and secret."""
    client = register(sandbox, **asked)
    begun = start_device(sandbox, client)
    assert press(begun["verificationUriComplete"]).status == 200
    return {**fetch_by_device(sandbox, client, begun["deviceCode"]), **client}


def refresh(sandbox: Sandbox, client: dict[str, str], token: str) -> dict[str, Any]:
    named = {name: client[name] for name in ("clientId", "clientSecret")}
    answer: dict[str, Any] = oidc(sandbox).create_token(**named, grantType=REFRESH, refreshToken=token)
    return answer


class Browsing:
    """A login by browser: `page` is where the browser is sent, `changed` what the request says otherwise."""

    def __init__(self, sandbox: Sandbox, client: dict[str, str], redirect_uri: str, /, **changed: str) -> None:
        self.client, self.redirect_uri, self._sandbox = client, redirect_uri, sandbox
        self.verifier, self.state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        asked = {
            "response_type": "code",
            "client_id": client["clientId"],
            "redirect_uri": redirect_uri,
            "state": self.state,
            "code_challenge_method": "S256",
            "scopes": SCOPE,
            "code_challenge": challenge_of(self.verifier),
            **changed,
        }
        self.page = f"{sandbox.endpoint}/authorize?{urlencode({name: value for name, value in asked.items() if value})}"

    def came_back(self, button: str = ALLOW) -> dict[str, str]:
        """What the callback was told once a button was pressed."""
        url = press(self.page, button).url
        assert url.startswith(self.redirect_uri), url
        return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}

    def fetch(self, code: str, **changed: str) -> dict[str, Any]:
        asked = {"code": code, "redirectUri": self.redirect_uri, "codeVerifier": self.verifier, **changed}
        answer: dict[str, Any] = oidc(self._sandbox).create_token(**{**self.client, "grantType": CODE, **asked})
        return answer
