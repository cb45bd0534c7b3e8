"""Logins to the sandbox's IAM Identity Center: clients, device codes, authorization codes, tokens.

What is refused is refused as https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
says. Times are in seconds of the machine's clock.
"""

from __future__ import annotations

import base64
import hashlib
import math
import secrets
import time
from urllib.parse import urlsplit

from shellhook.record import Record
from shellhook.sandbox.assignments import START_URL
from shellhook.sandbox.wire import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEVICE_CODE, CODE, REFRESH = "urn:ietf:params:oauth:grant-type:device_code", "authorization_code", "refresh_token"
_GRANTS = frozenset({DEVICE_CODE, CODE, REFRESH})
# https://docs.aws.amazon.com/singlesignon/latest/userguide/customermanagedapps-saml2-oauth2.html (access scopes)
_SCOPES = frozenset({"sso:account:access", "openid", "aws", "sts:identity_context"})
# No vowels that make words, nothing that is read as something else.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


class Terms(Record):
    """How long things last, in seconds, and how the portal behaves. The defaults are AWS's own."""

    token_lifetime: float = 3600.0  # of an access token
    login_lifetime: float = 8 * 3600.0  # of the login: until then the access token can be refreshed
    registration_lifetime: float = 90 * 86_400.0  # of a client's secret
    device_lifetime: float = 600.0  # of a device code
    code_lifetime: float = 600.0  # of an authorization code
    interval: float = 1.0  # between two questions for a device's token
    page: float = 100.0  # the most items of one answer of the portal
    rate: float = 0.0  # requests to the portal per second before it throttles; 0: any number
    decision: str = ""  # `allow` or `deny`: nobody needs to press; empty: somebody does


class Client:
    """A registered client."""

    def __init__(self, scopes: list[str], grants: list[str], redirects: list[str], ends: float) -> None:
        self.id, self.secret = secrets.token_urlsafe(16), secrets.token_urlsafe(64)
        self.scopes, self.grants, self.redirects, self.ends = scopes, grants, redirects, ends

    @property
    def may_refresh(self) -> bool:
        """A client without scopes is one of the old kind, whose token simply ends with the login."""
        return bool(self.scopes) and (not self.grants or REFRESH in self.grants)


class Pending:
    """A login that waits for somebody to press Allow or Deny, or for the client to fetch its token.

    One by device has a `user_code`; one by browser has where to go afterwards, the client's `state`, and its challenge.
    """

    def __init__(self, client: Client, ends: float, **browser: str) -> None:
        self.client, self.ends = client, ends
        self.code = secrets.token_urlsafe(48)
        self.user_code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2))
        self.redirect_uri, self.state = browser.get("redirect_uri", ""), browser.get("state", "")
        self.challenge = browser.get("challenge", "")
        self.decision = ""

    @property
    def is_over(self) -> bool:
        """Whether it is too late."""
        return time.time() >= self.ends


class Login:
    """Somebody who is logged in, until `ends` or until they log out."""

    def __init__(self, client: Client, ends: float) -> None:
        self.client, self.ends = client, ends
        self.refresh_token = ""


class Logins:
    """Every client, pending login and token of the sandbox. The methods that answer clients raise Refused."""

    def __init__(self) -> None:
        self.terms = Terms()
        self._clients: dict[str, Client] = {}
        self._devices: dict[str, Pending] = {}  # by device code
        self._codes: dict[str, Pending] = {}  # by authorization code
        self._tickets: dict[str, Pending] = {}  # by what the page to press on sends back
        self._logins: dict[str, Login] = {}  # by refresh token
        self._tokens: dict[str, tuple[Login, float]] = {}  # by access token, with its end

    # --- what clients ask

    def register(self, asked: dict[str, Any], ahead: float) -> dict[str, Any]:
        """RegisterClient. The server's clock is `ahead` of the machine's."""
        scopes, grants, redirects = (_texts(asked, name) for name in ("scopes", "grantTypes", "redirectUris"))
        if not asked.get("clientName") or asked.get("clientType") != "public":
            raise Refused(400, "InvalidClientMetadataException", "Invalid client metadata")
        if unknown := [scope for scope in scopes if scope not in _SCOPES and not scope.startswith("codewhisperer:")]:
            raise Refused(400, "InvalidScopeException", f"Invalid scope: {unknown[0]}")
        if any(grant not in _GRANTS for grant in grants):
            raise Refused(400, "UnsupportedGrantTypeException", "Unsupported grant type provided")
        if CODE in grants and (not redirects or not _is_start_url(asked.get("issuerUrl"))):
            raise Refused(400, "InvalidRequestException", "Invalid issuerUrl or redirectUris")
        if not all(_is_loopback(redirect) for redirect in redirects):
            raise Refused(400, "InvalidRedirectUriException", "Invalid redirect uri")
        now = time.time()
        client = Client(scopes, grants, redirects, now + self.terms.registration_lifetime)
        self._clients[client.id] = client
        return {
            "clientId": client.id,
            "clientSecret": client.secret,
            "clientIdIssuedAt": int(now + ahead),
            "clientSecretExpiresAt": math.ceil(client.ends + ahead),
            "authorizationEndpoint": None,
            "tokenEndpoint": None,
        }

    def start_device(self, asked: dict[str, Any], page: str) -> dict[str, Any]:
        """StartDeviceAuthorization; `page` is where its code is typed."""
        client = self._client(asked)
        if not _is_start_url(asked.get("startUrl")):
            raise Refused(400, "InvalidRequestException", "Invalid start url provided")
        if client.grants and DEVICE_CODE not in client.grants:
            raise Refused(400, "UnauthorizedClientException", "Client is not authorized for this grant type")
        pending = Pending(client, time.time() + self.terms.device_lifetime)
        pending.decision = self.terms.decision
        self._devices[pending.code] = pending
        return {
            "deviceCode": pending.code,
            "userCode": pending.user_code,
            "verificationUri": page,
            "verificationUriComplete": f"{page}?user_code={pending.user_code}",
            "expiresIn": math.ceil(self.terms.device_lifetime),
            "interval": math.ceil(self.terms.interval),
        }

    def create_token(self, asked: dict[str, Any]) -> dict[str, Any]:
        """CreateToken, by any of the three grants."""
        client, grant = self._client(asked), asked.get("grantType")
        if grant == DEVICE_CODE:
            return self._begin(self._granted_by_device(client, asked))
        if grant == CODE:
            return self._begin(self._granted_by_code(client, asked))
        if grant == REFRESH:
            return self._refreshed(client, asked)
        raise Refused(400, "UnsupportedGrantTypeException", "Unsupported grant type provided")

    def login_of(self, token: str) -> Login | None:
        """The login that a good access token stands for."""
        login, ends = self._tokens.get(token, (None, 0.0))
        return login if time.time() < ends else None

    def end(self, login: Login | None = None) -> None:
        """Forget a login with all its tokens; without one, every login."""
        self._tokens = {key: held for key, held in self._tokens.items() if login and held[0] is not login}
        self._logins = {key: held for key, held in self._logins.items() if login and held is not login}

    # --- what is pressed on pages

    def client_of_page(self, client_id: str, redirect_uri: str) -> Client | None:
        """The client, if the browser may be sent back there: any port of the registered URI (RFC 8252, 7.3)."""
        client = self._clients.get(client_id)
        known = client is not None and time.time() < client.ends and CODE in client.grants
        if not client or not known or not _is_loopback(redirect_uri):
            return None
        return client if _without_port(redirect_uri) in [_without_port(uri) for uri in client.redirects] else None

    def show(self, client: Client, redirect_uri: str, state: str, challenge: str) -> str:
        """A page with buttons is shown; the ticket that says which."""
        ends, ticket = time.time() + self.terms.code_lifetime, secrets.token_urlsafe(16)
        self._tickets[ticket] = Pending(client, ends, redirect_uri=redirect_uri, state=state, challenge=challenge)
        return ticket

    def decide(self, ticket: str, *, allowed: bool) -> Pending | None:
        """A button of a page is pressed, once; None for a page that is not, or no longer, waiting."""
        pending = self._tickets.pop(ticket, None)
        if pending is None or pending.is_over:
            return None
        pending.decision = "allow" if allowed else "deny"
        if allowed:
            self._codes[pending.code] = pending
        return pending

    def device(self, user_code: str) -> Pending | None:
        """The device login that waits under a code, however it was typed."""
        letters = "".join(filter(str.isalpha, user_code.upper()))
        found = [held for held in self._devices.values() if held.user_code.replace("-", "") == letters]
        return found[0] if found and not found[0].is_over and not found[0].decision else None

    # --- grants

    def _client(self, asked: dict[str, Any]) -> Client:
        client = self._clients.get(str(asked.get("clientId")))
        if client is None or client.secret != asked.get("clientSecret"):
            raise Refused(401, "InvalidClientException", "Invalid client provided")
        if time.time() >= client.ends:
            raise Refused(401, "InvalidClientException", "Client secret expired")
        return client

    def _granted_by_device(self, client: Client, asked: dict[str, Any]) -> Client:
        if "deviceCode" not in asked:
            raise Refused(400, "InvalidRequestException", "Missing device code")
        pending = self._devices.get(str(asked["deviceCode"]))
        if pending is None or pending.client is not client:
            raise Refused(400, "InvalidGrantException", "Invalid device code provided")
        if pending.is_over:
            raise Refused(400, "ExpiredTokenException", "Device code expired")
        if not pending.decision:
            raise Refused(400, "AuthorizationPendingException", "")
        del self._devices[pending.code]  # a code is good once
        if pending.decision == "deny":
            raise Refused(400, "AccessDeniedException", "")
        return client

    def _granted_by_code(self, client: Client, asked: dict[str, Any]) -> Client:
        if not all(asked.get(name) for name in ("code", "redirectUri", "codeVerifier")):
            raise Refused(400, "InvalidRequestException", "Missing code, redirectUri or codeVerifier")
        # Good once, and not for a second try with another verifier either.
        pending = self._codes.pop(str(asked["code"]), None)
        if (
            pending is None
            or pending.is_over
            or pending.client is not client
            or pending.redirect_uri != asked["redirectUri"]
            or pending.challenge != challenge_of(str(asked["codeVerifier"]))
        ):
            raise Refused(400, "InvalidGrantException", "Invalid authorization code provided")
        return client

    def _refreshed(self, client: Client, asked: dict[str, Any]) -> dict[str, Any]:
        if not asked.get("refreshToken"):
            raise Refused(400, "InvalidRequestException", "Missing refresh token")
        login = self._logins.get(str(asked["refreshToken"]))
        if login is None or login.client is not client or time.time() >= login.ends:
            raise Refused(400, "InvalidGrantException", "Invalid refresh token provided")
        return self._tokens_for(login)

    def _begin(self, client: Client) -> dict[str, Any]:
        return self._tokens_for(Login(client, time.time() + self.terms.login_lifetime))

    def _tokens_for(self, login: Login) -> dict[str, Any]:
        """New tokens; the refresh token that was good until now is so no longer."""
        now = time.time()
        lifetime = self.terms.token_lifetime if login.client.may_refresh else self.terms.login_lifetime
        # An answer has whole seconds, and a token lives no shorter than it says.
        seconds = math.ceil(min(lifetime, login.ends - now))
        token = "aoa" + secrets.token_urlsafe(96)
        self._tokens[token] = login, now + seconds
        self._logins.pop(login.refresh_token, None)
        if login.client.may_refresh:
            login.refresh_token = "aor" + secrets.token_urlsafe(96)
            self._logins[login.refresh_token] = login
        return {
            "accessToken": token,
            "expiresIn": seconds,
            "idToken": None,
            "refreshToken": login.refresh_token or None,
            "tokenType": "Bearer",
        }


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier, RFC 7636, 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("utf-8", "replace")).digest()).decode().rstrip("=")


def _texts(asked: dict[str, Any], name: str) -> list[str]:
    given = asked.get(name) or []
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        raise Refused(400, "InvalidRequestException", f"Invalid {name}")
    return given


def _is_start_url(given: object) -> bool:
    """The portal's address, with whatever its page adds: `/start/`, `/start#`, `/start/#/?tab=accounts`."""
    return str(given).partition("#")[0].rstrip("/") == START_URL


def _is_loopback(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost") and not parts.fragment


def _without_port(uri: str) -> tuple[str | None, str, str]:
    parts = urlsplit(uri)
    return parts.hostname, parts.path, parts.query
