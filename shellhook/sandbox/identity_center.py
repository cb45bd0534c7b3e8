"""IAM Identity Center at the same address as the sandbox's STS: the OIDC and portal APIs, and pages to press on.

Its requests carry no signature, and their errors are JSON: `error` and `error_description` from OIDC, `message` from
the portal, the exception's name in a header. That is what botocore makes its typed exceptions of.
"""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlencode

from shellhook.sandbox import pages
from shellhook.sandbox.assignments import USER
from shellhook.sandbox.oidc import Logins, Terms
from shellhook.sandbox.portal import Portal
from shellhook.sandbox.wire import Refused, new_request_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox.circumstances import Circumstances
    from shellhook.sandbox.cloud import Answer, Headers
    from shellhook.sandbox.emulator import Emulator
    from shellhook.sandbox.exchange import Exchange

OIDC, PORTAL, BROWSER = "sso-oidc", "sso", "browser"
# What a request is, by its method and path, under botocore's names.
OPERATIONS = {
    ("POST", "/client/register"): (OIDC, "RegisterClient"),
    ("POST", "/device_authorization"): (OIDC, "StartDeviceAuthorization"),
    ("POST", "/token"): (OIDC, "CreateToken"),
    ("GET", "/federation/credentials"): (PORTAL, "GetRoleCredentials"),
    ("GET", "/assignment/accounts"): (PORTAL, "ListAccounts"),
    ("GET", "/assignment/roles"): (PORTAL, "ListAccountRoles"),
    ("POST", "/logout"): (PORTAL, "Logout"),
    ("GET", "/authorize"): (BROWSER, "Authorize"),
    ("POST", "/authorize"): (BROWSER, "DecideAuthorize"),
    ("GET", "/device"): (BROWSER, "Device"),
    ("POST", "/device"): (BROWSER, "DecideDevice"),
}
_TOKEN_HEADER = "x-amz-sso_bearer_token"  # noqa: S105


def fields_of(service: str, query: str, body: bytes) -> dict[str, Any]:
    """What was sent: the members of OIDC's JSON, the parameters of a URL or of a form."""
    if service != OIDC:
        sent = parse_qs(query, keep_blank_values=True)
        sent.update(parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True))
        return {name: values[0] for name, values in sent.items()}
    try:
        members = json.loads(body)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def texts_of(sent: dict[str, Any]) -> dict[str, str]:
    """The same as texts, lists with blanks between: for the record of requests, and for what came in a URL."""
    return {name: " ".join(map(str, value)) if isinstance(value, list) else str(value) for name, value in sent.items()}


def error_answer(service: str, refused: Refused) -> Answer:
    """A refusal as OIDC or the portal writes it."""
    document: dict[str, str | None]
    if service == OIDC:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", refused.code.removesuffix("Exception")).lower()
        error = "server_error" if refused.status >= 500 else words
        document = {"error": error, "error_description": refused.message or None}
    else:
        document = {"message": refused.message, "__type": f"com.amazonaws.switchboard.portal#{refused.code}"}
    status, headers, body = _json(document, refused.status)
    return status, [*headers, (b"x-amzn-errortype", refused.code.encode())], body


class IdentityCenter:
    """The Identity Center of the sandbox, which has one user. `endpoint` is where the server is reached."""

    def __init__(self, emulator: Emulator, circumstances: Circumstances, endpoint: str) -> None:
        self.logins = Logins()
        self.portal = Portal(self.logins, emulator, circumstances)
        self._circumstances = circumstances
        self._endpoint = endpoint

    def reset(self) -> None:
        """As at the start, but for the logins."""
        self.logins.terms = Terms()
        self.portal.assignments.reset()

    def change(self, terms: dict[str, str]) -> None:
        """Change some of the terms. Raises TypeError and ValueError for what they are not."""
        texts = {name: value for name, value in terms.items() if name == "decision"}
        if texts.get("decision", "") not in ("", "allow", "deny"):
            raise ValueError(texts)
        numbers = {name: float(value) for name, value in terms.items() if name not in texts}
        self.logins.terms = self.logins.terms.replace(**texts, **numbers)

    async def answer(self, exchange: Exchange, sent: dict[str, Any], headers: dict[str, str]) -> Answer:
        """The answer to one request. Raises Refused."""
        if exchange.service == BROWSER:
            return self._page(exchange.action, exchange.fields)
        if exchange.service == PORTAL:
            token = headers.get(_TOKEN_HEADER, "")
            return _json(await self.portal.answer(exchange.action, exchange.fields, token))
        if not sent:
            raise Refused(400, "InvalidRequestException", "The request is not a JSON object")
        if exchange.action == "RegisterClient":
            return _json(self.logins.register(sent, self._circumstances.ahead))
        if exchange.action == "StartDeviceAuthorization":
            return _json(self.logins.start_device(sent, f"{self._endpoint}/device"))
        return _json(self.logins.create_token(sent))

    def _page(self, action: str, fields: dict[str, str]) -> Answer:
        if action == "Authorize":
            return self._authorize(fields)
        if action == "DecideAuthorize":
            return self._decide(fields.get("ticket", ""), fields.get("decision", ""))
        if action == "Device":
            return _html(pages.device(USER, fields.get("user_code", "")))
        return self._decide_device(fields.get("user_code", ""), fields.get("decision", ""))

    def _authorize(self, fields: dict[str, str]) -> Answer:
        """The page of the authorization request. Nobody is sent where the client did not register (RFC 6749, 4.1.2.1).

        AWS's clients say `scopes`, where OAuth says `scope`.
        """
        redirect_uri, state = fields.get("redirect_uri", ""), fields.get("state", "")
        client = self.logins.client_of_page(fields.get("client_id", ""), redirect_uri)
        if client is None:
            return _html(pages.said("Invalid request", "The client or its redirect URI is not registered."), 400)
        challenge = fields.get("code_challenge", "")
        if fields.get("response_type") != "code" or fields.get("code_challenge_method") != "S256" or not challenge:
            return _redirect(redirect_uri, error="invalid_request", state=state)
        if not set(re.split(r"[ ,]+", fields.get("scopes", "")) if fields.get("scopes") else []) <= set(client.scopes):
            return _redirect(redirect_uri, error="invalid_scope", state=state)
        ticket = self.logins.show(client, redirect_uri, state, challenge)
        if self.logins.terms.decision:
            return self._decide(ticket, self.logins.terms.decision)
        return _html(pages.consent(USER, ticket))

    def _decide(self, ticket: str, decision: str) -> Answer:
        pending = self.logins.decide(ticket, allowed=decision == "allow")
        if pending is None:
            return _html(pages.said("Too late", "This page has been answered, or has expired. Log in again."), 400)
        if decision != "allow":
            return _redirect(pending.redirect_uri, error="access_denied", state=pending.state)
        return _redirect(pending.redirect_uri, code=pending.code, state=pending.state)

    def _decide_device(self, user_code: str, decision: str) -> Answer:
        pending = self.logins.device(user_code)
        if pending is None:
            return _html(pages.said("Invalid code", "No device waits under this code. It may have expired."), 400)
        pending.decision = "allow" if decision == "allow" else "deny"
        if decision == "allow":
            return _html(pages.said("Request approved", "You can close this window."))
        return _html(pages.said("Request denied", "You can close this window."))


def _json(document: dict[str, Any], status: int = 200) -> Answer:
    headers: Headers = [
        (b"content-type", b"application/json"),
        (b"cache-control", b"no-store"),
        (b"x-amzn-requestid", new_request_id().encode()),
    ]
    return status, headers, json.dumps(document).encode()


def _html(document: bytes, status: int = 200) -> Answer:
    return status, [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")], document


def _redirect(uri: str, **parameters: str) -> Answer:
    query = urlencode({name: value for name, value in parameters.items() if value})
    location = f"{uri}{'&' if '?' in uri else '?'}{query}"
    return 303, [(b"location", location.encode()), (b"cache-control", b"no-store")], b""
