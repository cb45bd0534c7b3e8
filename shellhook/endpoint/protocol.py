"""What is asked of the endpoint, and what it answers, byte by byte. Pure.

Any program of this machine, and any page in a browser on it, can connect to the port. So nothing is answered but the
one question, with the right token, under the right name of this machine.
"""

from __future__ import annotations

import hmac

from shellhook.environment import rfc3339
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.session import Session

LARGEST = 8192  # bytes of a request's head; those of SDKs have some 300
ENDLESS = 3600  # seconds after which a session that has no known end is to be fetched again
_PHRASES = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class Place(Record):
    """Where the endpoint is: the port, the path that it answers, the token that is wanted there."""

    port: int
    path: str
    token: str

    def __repr__(self) -> str:
        return f"Place(port={self.port})"


class Refusal(Record):
    """An answer without credentials: an HTTP status, a word for programs, and what a person should know and do."""

    status: int
    code: str
    message: str


def judged(head: bytes, place: Place) -> Refusal | None:
    """What is wrong with a request, by all that stands before its empty line; None if nothing is."""
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return Refusal(status=400, code="BadRequest", message="this is not HTTP")
    fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]

    def of(wanted: str) -> list[str]:
        return [value for name, value in fields if name == wanted]

    if len(of("host")) != 1 or of("host")[0].lower() not in (f"127.0.0.1:{place.port}", f"localhost:{place.port}"):
        # Under another name that leads here (DNS rebinding) a page would be of the same origin, and might read this.
        return Refusal(status=403, code="Forbidden", message="this is asked under another name than 127.0.0.1")
    if words[0] != "GET":
        return Refusal(status=405, code="MethodNotAllowed", message="there is only GET")
    if of("transfer-encoding") or any(length != "0" for length in of("content-length")):
        return Refusal(status=413, code="ContentTooLarge", message="a question for credentials has no body")
    if words[1] != place.path:
        return Refusal(status=404, code="NotFound", message="there is nothing here")
    given = of("authorization")
    if len(given) != 1 or not hmac.compare_digest(given[0].encode("latin-1"), place.token.encode()):
        return Refusal(
            status=401,
            code="Unauthorized",
            message="AWS_CONTAINER_AUTHORIZATION_TOKEN is not this endpoint's: is it of another shell?",
        )
    return None


def too_large() -> Refusal:
    """For a head that does not end."""
    return Refusal(status=431, code="TooLarge", message=f"a request has at most {LARGEST} bytes")


def credentials(session: Session, now: float) -> bytes:
    """The answer that has a session in it.

    botocore fails without `Expiration` and `Token`; it refetches in a session's last 15 minutes.
    """
    import json

    end = int(now) + ENDLESS if session.expires is None else session.expires
    answer = {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "Token": session.session_token or "",
        "Expiration": rfc3339(end),
    }
    if session.account:
        answer["AccountId"] = session.account
    return _response(200, json.dumps(answer).encode())


def refused(refusal: Refusal) -> bytes:
    """The answer that has none. SDKs show its text: boto3 whole, JavaScript's and Go's the two fields."""
    import json

    body = {"Code": refusal.code, "Message": f"shellhook: {refusal.message}"}
    return _response(refusal.status, json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))


def _response(status: int, body: bytes) -> bytes:
    # No Access-Control-Allow-Origin: no page may read this.
    head = (
        f"HTTP/1.1 {status} {_PHRASES[status]}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode() + body
