"""The AWS that clients see: an ASGI application over MiniStack's."""

from __future__ import annotations

import asyncio
import re
from email.utils import formatdate
from typing import TYPE_CHECKING

from shellhook.sandbox import federation, iam, identity_center, limits, roles, sessions
from shellhook.sandbox.circumstances import Circumstances
from shellhook.sandbox.emulator import Emulator
from shellhook.sandbox.exchange import Exchange, under_way
from shellhook.sandbox.federation import Federation
from shellhook.sandbox.identity_center import IdentityCenter
from shellhook.sandbox.mfa import Mfa
from shellhook.sandbox.wire import Refused, error_document, fields_of, new_request_id, scope_of
from shellhook.sandbox.world import ACCOUNT, STRICT_AGE, World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    Headers = list[tuple[bytes, bytes]]
    Answer = tuple[int, Headers, bytes]

# What the roles of the world are for. The rest of MiniStack stays shut: some of it starts containers and listeners.
SERVICES = frozenset({"dynamodb", "ec2", "iam", "s3", "sqs", "sts"})
# Requests that carry a token in place of a signature.
UNSIGNED = frozenset({"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"})
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
_LONG_TERM_ONLY = frozenset({"GetFederationToken", "GetSessionToken"})
_UNKNOWN_KEY = "The security token included in the request is invalid."


class Cloud:
    """STS, IAM and a few services of two accounts, and the Identity Center above them.

    `lifetime` of sessions is in seconds; `endpoint` is where clients reach all this.
    """

    def __init__(self, lifetime: float | None = None, endpoint: str = "") -> None:
        self.circumstances = Circumstances(lifetime)
        self.world = World()
        self.mfa = Mfa(self.circumstances)
        self.emulator = Emulator(self, ACCOUNT)
        self.identity_center = IdentityCenter(self.emulator, self.circumstances, endpoint)
        self.federation = Federation(self.emulator.session)

    async def open(self) -> None:
        """Fill the accounts."""
        await self.world.populate(self.emulator)
        self.mfa.devices = {device.serial: device for device in self.world.devices.values()}

    async def reset(self) -> None:
        """The state of the start, but for the sessions and codes that were handed out."""
        self.circumstances.reset()
        self.identity_center.reset()
        await self.world.set_strict_age(self.emulator, STRICT_AGE)
        for user in self.world.keys:
            await self.world.set_key_status(self.emulator, user, active=True)

    # The steps of MiniStack that the layer takes part in

    def now(self) -> float:
        """Epoch seconds by the server's clock."""
        return self.circumstances.now()

    def authenticated(self, exchange: Exchange, credential: Any) -> None:
        """The signature is good: what this caller may not even ask, whatever the policies say."""
        exchange.caller_is_session = credential.session_token is not None
        exchange.caller_name = credential.principal_name
        user_session = exchange.caller_is_session and credential.principal_type in ("User", "FederatedUser")
        if exchange.service == "iam" and user_session and not self.mfa.is_proved(exchange.access_key_id):
            raise Refused(403, "InvalidClientTokenId", _UNKNOWN_KEY)
        if exchange.service == "iam":
            iam.check_caller(exchange)
        if exchange.service != "sts":
            return
        if exchange.caller_is_session and exchange.action in _LONG_TERM_ONLY:
            raise Refused(403, "AccessDenied", f"Cannot call {exchange.action} with session credentials")
        limits.check_parameters(exchange)
        if exchange.action == "AssumeRole":
            limits.check_chained(exchange)
        if exchange.action in ("AssumeRole", "GetSessionToken"):
            self.mfa.check(exchange, credential.principal_arn)

    def principal_keys(self, exchange: Exchange | None, access_key_id: str, keys: dict[str, Any]) -> dict[str, Any]:
        """The condition keys of the caller, those of MFA among them."""
        return self.mfa.condition_keys(exchange, access_key_id, keys)

    def authorized(self, exchange: Exchange, region: str) -> None:
        """The judgement of an AssumeRole request."""
        roles.check_assume_role(self.emulator, exchange, region)

    def denied(self, exchange: Exchange, caller: str, action: str, resource: str, *, explicit: bool) -> None:
        """The caller's policies do not grant this: STS's and IAM's words. Other services have MiniStack's."""
        if exchange.service == "iam":
            raise iam.not_authorized(caller, action, resource, explicit=explicit)
        if exchange.action == "GetFederationToken":
            reason = "with an explicit deny in an identity-based policy" if explicit else ""
            raise roles.not_authorized(caller, action, resource, reason)

    # A request

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request. Lifespan events end here: MiniStack's start schedulers and listeners."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        body = await _read(receive)
        status, headers, document = await self.answer(scope, body)
        ours = [(b"date", formatdate(self.now(), usegmt=True).encode())]
        if scope["method"] != "HEAD":  # which has the length of what it does not send
            ours.append((b"content-length", str(len(document)).encode()))
        names = [name for name, _ in ours]
        kept = [(name, value) for name, value in headers if name.lower() not in names]
        await send({"type": "http.response.start", "status": status, "headers": [*kept, *ours]})
        await send({"type": "http.response.body", "body": document})

    async def answer(self, scope: dict[str, Any], body: bytes) -> Answer:
        """The answer of AWS to one request."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope.get("query_string", b"").decode("latin-1")
        signed = scope_of(headers.get("authorization", ""), query)
        place = scope["method"], scope["path"]
        operation = None if signed else identity_center.OPERATIONS.get(place) or federation.operation(*place, query)
        signs_in = operation is not None and federation.handles(*operation)
        sent: dict[str, Any] = {}
        if operation:
            sent = identity_center.fields_of(operation[0], query, body)
            exchange = Exchange(None, identity_center.texts_of(sent), operation)
        else:
            exchange = Exchange(signed, fields_of(query, body) if _is_query(headers, body) else {})
        call = self.circumstances.note(exchange)
        token = under_way.set(exchange)
        try:
            await self._misfortune(exchange)
            if signs_in:
                status, answered, document = self.federation.answer(exchange)
            elif operation:
                status, answered, document = await self.identity_center.answer(exchange, sent, headers)
            else:
                self._admit(exchange, scope["path"])
                status, answered, document = await self._ministack(scope, body)
                document = sessions.settle(exchange, document, self.emulator, self.mfa, self.circumstances)
        except Refused as refused:
            answer = identity_center.error_answer if operation else _error_answer
            if signs_in:
                answer = federation.error_answer
            status, answered, document = answer(exchange.service, refused)
            call["code"] = refused.code
        finally:
            under_way.reset(token)
        call["status"] = status
        call["code"] = call["code"] or _code_in(document) if status >= 400 else ""
        return status, answered, document

    async def _misfortune(self, exchange: Exchange) -> None:
        # A person's browser tries again by itself; what is ordered is for the program.
        browses = exchange.service == identity_center.BROWSER
        fault = None if browses else self.circumstances.fault_for(exchange.action)
        if fault is None:
            return
        await asyncio.sleep(fault.delay)
        if fault.status:
            raise Refused(fault.status, fault.code, fault.message)

    def _admit(self, exchange: Exchange, path: str) -> None:
        """Let in what MiniStack is to judge: it would take a key like `test` for root, and any path of its own."""
        if path.startswith("/_"):
            raise Refused(404, "InvalidAction", "There is nothing here.")
        if exchange.signed is None:
            if exchange.action not in UNSIGNED:
                raise Refused(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
            return
        if not re.fullmatch(r"(AKIA|ASIA)[A-Z0-9]{16}", exchange.access_key_id):
            raise Refused(403, "InvalidClientTokenId", _UNKNOWN_KEY)
        if exchange.service not in SERVICES:
            raise Refused(400, "UnknownService", f"The sandbox has no {exchange.service}.")
        if exchange.service in ("iam", "sts") and not exchange.action:
            raise Refused(400, "MissingAction", "The request must contain an Action in a Query form.")

    async def _ministack(self, scope: dict[str, Any], body: bytes) -> Answer:
        requests = [{"type": "http.request", "body": body, "more_body": False}]
        answers: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return requests.pop() if requests else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            answers.append(message)

        await self.emulator.app(scope, receive, send)
        document = b"".join(message.get("body", b"") for message in answers[1:])
        return answers[0]["status"], list(answers[0]["headers"]), document


def _is_query(headers: dict[str, str], body: bytes) -> bool:
    """Whether the request is of the Query protocol: a form, or all in the URL. Compressed or JSON ones are not."""
    if "x-amz-target" in headers or "content-encoding" in headers:
        return False
    return not body or "x-www-form-urlencoded" in headers.get("content-type", "")


def _error_answer(service: str, refused: Refused) -> Answer:
    """A refusal of the Query protocol."""
    request_id = new_request_id()
    headers = [(b"content-type", b"text/xml"), (b"x-amzn-requestid", request_id.encode())]
    return refused.status, headers, error_document(service, refused, request_id)


def _code_in(document: bytes) -> str:
    found = re.search(rb"<Code>([^<]*)</Code>", document)
    return found[1].decode() if found else ""


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
