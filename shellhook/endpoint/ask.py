"""An endpoint is asked, as SDKs do."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

from shellhook.errors import NoSession
from shellhook.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.environment import Served

_PATIENCE = 2.0  # seconds, botocore's own (botocore/utils.py, ContainerMetadataFetcher)
_LARGEST = 65_536


def answers(served: Served) -> bool:
    """Is it there, whatever it says?"""
    try:
        status, _ = _get(served)
    except OSError:
        return False
    return status in (200, 403, 503)  # not one of a stranger that has its port now: it would not know the token


def session(served: Served) -> Session:
    """The session that it gives. Raises NoSession with what it says."""
    try:
        status, body = _get(served)
        said = json.loads(body)
    except (OSError, ValueError) as error:
        raise NoSession(
            "the endpoint of this shell does not answer", why=str(error), remedy="assume --renew starts another"
        ) from None
    if status != 200:
        raise NoSession(str(said.get("Message", f"the endpoint of this shell answers {status}")))
    return Session(
        access_key_id=said["AccessKeyId"],
        secret_access_key=said["SecretAccessKey"],
        session_token=said["Token"] or None,
    )


def _get(served: Served) -> tuple[int, bytes]:
    """Status and body. Raises OSError. Not http.client: that takes 20 ms to import, and this stands before prompts."""
    url = urlsplit(served.uri)
    head = f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: {served.token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", url.port or 80), timeout=_PATIENCE) as connection:
        connection.sendall(head.encode())
        received = b""
        while len(received) < _LARGEST and (more := connection.recv(4096)):
            received += more
    status, body = received.split(b" ", 2)[1:2], received.partition(b"\r\n\r\n")[2]
    return int(status[0]) if status and status[0].isdigit() else 0, body
