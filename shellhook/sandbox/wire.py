"""The AWS Query protocol as STS and IAM speak it: form fields in, XML out.

https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs
from uuid import uuid4
from xml.sax.saxutils import escape

from shellhook.record import Record

NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}
_SCOPE = re.compile(r"Credential=([^/,\s]*)/\d{8}/([^/,\s]*)/([^/,\s]+)/aws4_request")


class Refused(Exception):
    """AWS refuses a request: HTTP status, error code, and the sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Scope(Record):
    """Who signed a request, and for what: the credential scope of Signature Version 4."""

    access_key_id: str
    region: str
    service: str


def scope_of(authorization: str, query: str) -> Scope | None:
    """The credential scope named in the header or in a presigned URL, unverified; None without one."""
    presigned = "Credential=" + parse_qs(query).get("X-Amz-Credential", [""])[0]
    found = _SCOPE.search(authorization) or _SCOPE.search(presigned)
    return Scope(access_key_id=found[1], region=found[2], service=found[3]) if found else None


def fields_of(query: str, body: bytes) -> dict[str, str]:
    """The parameters of a Query request: the body's over the URL's, the first value of each."""
    fields = parse_qs(query, keep_blank_values=True)
    fields.update(parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True))
    return {name: values[0] for name, values in fields.items()}


def error_document(service: str, refused: Refused, request_id: str) -> bytes:
    """The XML of a refusal."""
    namespace = NAMESPACES.get(service, NAMESPACES["sts"])
    fault = "Sender" if refused.status < 500 else "Receiver"
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{fault}</Type><Code>{escape(refused.code)}</Code>'
        f"<Message>{escape(refused.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


def new_request_id() -> str:
    """An `x-amzn-RequestId`."""
    return str(uuid4())


def element(document: bytes, name: str) -> str | None:
    """The text of the first such element of an answer, markup in it still escaped."""
    found = re.search(rb"<%b>([^<]*)</%b>" % (name.encode(), name.encode()), document)
    return found[1].decode() if found else None


def with_element(document: bytes, name: str, text: str) -> bytes:
    """The answer with the text of the first such element replaced."""
    tag = name.encode()
    return re.sub(
        rb"<%b>[^<]*</%b>" % (tag, tag), b"<%b>%b</%b>" % (tag, escape(text).encode(), tag), document, count=1
    )
