"""The sign-in endpoint of the console at the same address as the sandbox's STS, and the page that one lands on.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import time
from html import escape
from urllib.parse import parse_qs

from shellhook.record import Record
from shellhook.sandbox import pages
from shellhook.sandbox.wire import Refused, new_request_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from shellhook.sandbox.cloud import Answer
    from shellhook.sandbox.exchange import Exchange

SIGN_IN, BROWSER = "signin", "browser"
TOKEN_SECONDS = 900
# Seconds that a console may be asked to last, beside how long its credentials do.
_SHORTEST, _LONGEST = 900, 43_200
_PAGE = re.compile(r"https://([\w-]+\.)*aws\.amazon\.com/\S*", re.ASCII)
# The endpoint's one sentence, whatever is wrong with what it was handed.
_INVALID = "Invalid credentials parameter"


class _Ticket(Record):
    """What a sign-in token stands for: who signs in, and for how many seconds. Times are epoch seconds."""

    arn: str
    account: str
    seconds: int
    ends: float


def operation(method: str, path: str, query: str) -> tuple[str, str] | None:
    """Service and action, if the request is one of these: a browser's, or a program's."""
    if method != "GET" or path not in ("/federation", "/oauth"):
        return None
    action = parse_qs(query).get("Action", [""])[0]
    if path == "/oauth":
        return (BROWSER, "logout") if action == "logout" else None
    return (SIGN_IN if action == "getSigninToken" else BROWSER), action


def handles(service: str, action: str) -> bool:
    """Is it one of the operations that `operation` names?"""
    return service == SIGN_IN or (service == BROWSER and action in ("login", "logout", ""))


def error_answer(service: str, refused: Refused) -> Answer:
    """A refusal: a page, whoever asked."""
    return _page(pages.said("Amazon Web Services Sign-In", refused.message), refused.status)


class Federation:
    """The endpoint. `session_of` gives MiniStack's record of a temporary session by its access key ID; `clock` is the
    machine's."""

    def __init__(
        self, session_of: Callable[[str], dict[str, Any] | None], clock: Callable[[], float] = time.time
    ) -> None:
        self._session_of, self._clock = session_of, clock
        self._tickets: dict[str, _Ticket] = {}

    def answer(self, exchange: Exchange) -> Answer:
        """The answer to one request. Raises Refused."""
        if exchange.action == "getSigninToken":
            return self._token(exchange.fields)
        if exchange.action == "login":
            return self._console(exchange.fields)
        if exchange.action == "logout":
            return _page(pages.said("Signed out", "You can close this window."))
        raise Refused(400, "InvalidAction", "Missing or invalid Action parameter")

    def _token(self, fields: dict[str, str]) -> Answer:
        session = self._judged(fields.get("Session", ""))
        left = int(session["Expiration"] - self._clock())
        asked = fields.get("SessionDuration")
        if asked is not None:
            # Not with a role that was assumed with a session, nor with a federated user.
            if session.get("Chained") or session["PrincipalType"] != "AssumedRole":
                raise Refused(400, "InvalidParameter", _INVALID)
            if not re.fullmatch(r"\d{1,9}", asked, re.ASCII) or not _SHORTEST <= int(asked) <= _LONGEST:
                raise Refused(400, "InvalidParameter", "Invalid SessionDuration parameter")
        token = secrets.token_urlsafe(300)
        self._tickets[token] = _Ticket(
            arn=session["Arn"],
            account=session["AccountId"],
            seconds=int(asked) if asked else left,
            ends=self._clock() + TOKEN_SECONDS,
        )
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        headers.append((b"x-amzn-requestid", new_request_id().encode()))
        return 200, headers, json.dumps({"SigninToken": token}).encode()

    def _judged(self, text: str) -> dict[str, Any]:
        """The session that the credentials are of, if they are all right: GetSessionToken's are not."""
        try:
            given = json.loads(text)
            key, secret, token = (str(given[name]) for name in ("sessionId", "sessionKey", "sessionToken"))
        except (ValueError, KeyError, TypeError):
            raise Refused(400, "InvalidParameter", "Missing or malformed Session parameter") from None
        session = self._session_of(key)
        if (
            session is None
            or not hmac.compare_digest(session["SecretAccessKey"].encode(), secret.encode())
            or not hmac.compare_digest(session["SessionToken"].encode(), token.encode())
            or session["Expiration"] <= self._clock()
            or session.get("PrincipalType") not in ("AssumedRole", "FederatedUser")
        ):
            raise Refused(400, "InvalidParameter", _INVALID)
        return session

    def _console(self, fields: dict[str, str]) -> Answer:
        """The page one lands on. A token is good once, and for 15 minutes."""
        if not _PAGE.fullmatch(fields.get("Destination", "")):
            raise Refused(400, "InvalidParameter", "Missing or invalid Destination parameter")
        ticket = self._tickets.pop(fields.get("SigninToken", ""), None)
        if ticket is None or ticket.ends <= self._clock():
            raise Refused(400, "InvalidParameter", "The sign-in token is invalid, has been used, or has expired")
        shown = {
            "identity": ticket.arn,
            "account": ticket.account,
            "seconds": str(ticket.seconds),
            "destination": fields["Destination"],
            "issuer": fields.get("Issuer", ""),
        }
        rows = "\n".join(f'<dt>{name}</dt><dd id="{name}">{escape(text)}</dd>' for name, text in shown.items())
        return _page(pages.page("Signed in to the console", f"<dl>\n{rows}\n</dl>"))


def _page(document: bytes, status: int = 200) -> Answer:
    return status, [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")], document
