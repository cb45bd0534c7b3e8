"""The listener that a login by browser ends at: http://127.0.0.1:PORT/oauth/callback, for one answer (RFC 8252).

Whatever else knocks (other pages, other programs, a browser that connects ahead of time) is turned away with a plain
page, and the login goes on. Nothing is logged: the code stands in the request's first line.
"""

from __future__ import annotations

import contextlib
import hmac
import selectors
import socket
import sys
import time
from urllib.parse import parse_qsl, urlsplit

from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
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


class _Connection:
    """A client that has not sent its whole request yet."""

    def __init__(self, ends: float) -> None:
        self.received = b""
        self.ends = ends


class Listener:
    """Listens from the start, on 127.0.0.1 and a port of the system's choice. A context manager, closed at its end."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._answer: Answer | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if sys.platform == "win32":
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(_MOST)
        self._socket.setblocking(False)
        self._port: int = self._socket.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._connections: dict[socket.socket, _Connection] = {}

    @property
    def redirect(self) -> str:
        """The URI that the browser is sent back to."""
        return f"http://127.0.0.1:{self._port}{PATH}"

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            # Who came a second time, while the code was exchanged, gets a page too.
            for _ in range(2 * _MOST):
                if not self._serve(0):
                    break
        for each in (*self._connections, self._socket):
            each.close()
        self._selector.close()

    def wait(self, seconds: float, tick: Callable[[float], None]) -> Answer | None:
        """The answer; None if there was none in that time. `tick` is called with the seconds left, twice a second."""
        ends = time.monotonic() + seconds
        while self._answer is None:
            left = ends - time.monotonic()
            if left <= 0:
                return None
            tick(left)
            self._serve(min(left, _TICK))
        return self._answer

    def _serve(self, seconds: float) -> bool:
        """Whatever can be done within that time; was there anything?"""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            if key.fileobj is self._socket:
                self._accept()
            else:
                self._receive(key.fileobj)  # type: ignore[arg-type]
        now = time.monotonic()
        for late in [each for each, state in self._connections.items() if state.ends < now]:
            self._drop(late)
        return bool(ready)

    def _accept(self) -> None:
        try:
            accepted, _ = self._socket.accept()
        except OSError:
            return
        if len(self._connections) >= _MOST:
            self._drop(next(iter(self._connections)))  # the oldest one, which has said nothing for longest
        accepted.setblocking(False)
        self._connections[accepted] = _Connection(time.monotonic() + _SLOWEST)
        self._selector.register(accepted, selectors.EVENT_READ)

    def _drop(self, connection: socket.socket) -> None:
        self._connections.pop(connection, None)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(connection)
        connection.close()

    def _receive(self, connection: socket.socket) -> None:
        state = self._connections[connection]
        try:
            received = connection.recv(_LARGEST)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            received = b""
        state.received += received
        head, end, _ = state.received.partition(b"\r\n\r\n")
        if end:
            self._reply(connection, *self._judged(head))
        elif len(state.received) > _LARGEST:
            self._reply(connection, "431 Request Header Fields Too Large", _FOREIGN)
        elif received:
            return
        self._drop(connection)

    def _judged(self, head: bytes) -> tuple[str, tuple[str, str]]:
        """Status and page for a request. What was waited for is kept."""
        if len(head) > _LARGEST:
            return "431 Request Header Fields Too Large", _FOREIGN
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return "400 Bad Request", _FOREIGN
        hosts = [value.strip() for name, _, value in (line.partition(":") for line in lines) if name.lower() == "host"]
        if hosts != [f"127.0.0.1:{self._port}"]:
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

    @staticmethod
    def _reply(connection: socket.socket, status: str, page: tuple[str, str]) -> None:
        body = _PAGE.format(title=page[0], text=page[1]).encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\nCache-Control: no-store\r\n"
            # The code is in this page's address: nothing may be loaded from it or told of it.
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n"
            "X-Content-Type-Options: nosniff\r\n\r\n"
        )
        with contextlib.suppress(OSError):
            connection.settimeout(1)
            connection.sendall(head.encode() + body)
            connection.shutdown(socket.SHUT_WR)
