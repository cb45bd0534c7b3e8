"""The listener that a login by browser ends at: http://127.0.0.1:PORT/oauth/callback, for one answer (RFC 8252).

Whatever else knocks (other pages, other programs, a browser that connects ahead of time) is turned away with a plain
page, and the login goes on. Nothing is logged: the code stands in the request's first line.
"""

from __future__ import annotations

import contextlib
import hmac
import time
from urllib.parse import parse_qsl, urlsplit

from shellhook.loopback import Loopback, listen
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from types import TracebackType

PATH = "/oauth/callback"
_LARGEST = 16_384  # bytes of a request's head; browsers send cookies of other programs on 127.0.0.1 along
_SLOWEST = 10.0  # seconds that a request may take to arrive
_MOST = 32  # connections at a time
_TICK = 0.5  # seconds after which the progress line is written anew
_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>shellhook</title></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""
_DONE = ("You can close this page", "shellhook has what it needs. See in the terminal whether the login worked.")
_OVER = ("This login is over", "Its answer has been used. Nothing more happens here.")
_FOREIGN = ("Not for this login", "This is not the answer to the login that shellhook waits for. It goes on waiting.")
_DENIED = ("The login was refused", "You can close this page. See the terminal.")


class Answer(Record):
    """What came back: a `code`, or the `error` that the page gave instead (RFC 6749, 4.1.2.1)."""

    code: str = ""
    error: str = ""

    def __repr__(self) -> str:
        return f"Answer(error={self.error!r})"


class Listener:
    """Listens from the start, on 127.0.0.1 and a port of the system's choice. A context manager, closed at its end."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._answer: Answer | None = None
        self._loopback = Loopback(listen(_MOST), self._hear, most=_MOST, slowest=_SLOWEST, largest=_LARGEST)

    @property
    def redirect(self) -> str:
        """The URI that the browser is sent back to."""
        return f"http://127.0.0.1:{self._loopback.port}{PATH}"

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            # Who came a second time, while the code was exchanged, gets a page too.
            for _ in range(2 * _MOST):
                if not self._loopback.serve(0):
                    break
        self._loopback.close()

    def wait(self, seconds: float, tick: Callable[[float], None]) -> Answer | None:
        """The answer; None if there was none in that time. `tick` is called with the seconds left, twice a second."""
        ends = time.monotonic() + seconds
        while self._answer is None:
            left = ends - time.monotonic()
            if left <= 0:
                return None
            tick(left)
            self._loopback.serve(min(left, _TICK))
        return self._answer

    def _hear(self, connection: socket.socket, head: bytes) -> None:
        self._loopback.answer(connection, _page(*self._judged(head)))

    def _judged(self, head: bytes) -> tuple[str, tuple[str, str]]:
        """Status and page for a request. What was waited for is kept."""
        if len(head) > _LARGEST:
            return "431 Request Header Fields Too Large", _FOREIGN
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return "400 Bad Request", _FOREIGN
        hosts = [value.strip() for name, _, value in (line.partition(":") for line in lines) if name.lower() == "host"]
        if hosts != [f"127.0.0.1:{self._loopback.port}"]:
            # Another name that leads here (DNS rebinding) would make this answer readable for the page of that name.
            return "403 Forbidden", _FOREIGN
        if words[0] != "GET":
            return "405 Method Not Allowed", _FOREIGN
        target = urlsplit(words[1]) if words[1].startswith("/") and not words[1].startswith("//") else None
        if target is None or target.path != PATH:
            return "404 Not Found", _FOREIGN
        try:
            fields = parse_qsl(target.query, keep_blank_values=True, max_num_fields=20)
        except ValueError:
            return "400 Bad Request", _FOREIGN
        return self._taken(fields)

    def _taken(self, fields: list[tuple[str, str]]) -> tuple[str, tuple[str, str]]:
        given = dict(fields)
        once = len(given) == len(fields)
        right = hmac.compare_digest(given.get("state", "").encode(), self._state.encode())
        if not once or not right or not (given.get("code") or given.get("error")):
            return "403 Forbidden", _FOREIGN
        if self._answer is not None:
            return "409 Conflict", _OVER
        if given.get("error"):
            self._answer = Answer(error=given["error"])
            return "200 OK", _DENIED
        self._answer = Answer(code=given["code"])
        return "200 OK", _DONE


def _page(status: str, page: tuple[str, str]) -> bytes:
    body = _PAGE.format(title=page[0], text=page[1]).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\nCache-Control: no-store\r\n"
        # The code is in this page's address: nothing may be loaded from it or told of it.
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode() + body
