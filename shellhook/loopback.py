"""Connections to this program on 127.0.0.1, all in one thread: a slow or a hostile client cannot hold up another, nor
cost more than one of a few places. Nothing is logged."""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_LINGER = 1.0  # seconds in which a client may still send what will not be read


def listen(most: int) -> socket.socket:
    """A socket on 127.0.0.1, at a port of the system's choice, with room for so many who wait."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform == "win32":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    listening.bind(("127.0.0.1", 0))
    listening.listen(most)
    listening.setblocking(False)
    return listening


class _Client:
    """What it has sent, until when it may go on, and whether its request is there."""

    def __init__(self, ends: float) -> None:
        self.received = b""
        self.ends = ends
        self.is_heard = False
        self.is_answered = False


class Loopback:
    """At most `most` connections through `listening`, each with `slowest` seconds for its request. A request's head is
    given to `hear`; one that is longer than `largest` bytes, as far as it came. Whoever heard it calls `answer`, at
    once or later."""

    def __init__(
        self,
        listening: socket.socket,
        hear: Callable[[socket.socket, bytes], None],
        *,
        most: int,
        slowest: float,
        largest: int,
    ) -> None:
        self._socket, self._hear = listening, hear
        self._most, self._slowest, self._largest = most, slowest, largest
        self._selector = selectors.DefaultSelector()
        self._selector.register(listening, selectors.EVENT_READ)
        self._clients: dict[socket.socket, _Client] = {}

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def serve(self, seconds: float) -> bool:
        """Whatever can be done within that time; was there anything?"""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            if key.fileobj is self._socket:
                self._accept()
            elif key.fileobj in self._clients:
                self._receive(key.fileobj)
        now = time.monotonic()
        for connection, client in list(self._clients.items()):
            if client.ends < now and (client.is_answered or not client.is_heard):
                self._drop(connection)
        return bool(ready)

    def answer(self, connection: socket.socket, answer: bytes) -> None:
        """Send that and end it. Nothing happens if the client has gone."""
        client = self._clients.get(connection)
        if client is None:
            return
        client.is_answered = True
        # Closed at once, with something of the client's unread, the answer might never reach it (RFC 9112, 9.6).
        client.ends = time.monotonic() + _LINGER
        try:
            connection.sendall(answer)  # some 2 kB: they fit into the socket's buffer, whether they are read or not
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(connection)

    def close(self) -> None:
        """End every connection, and listen no more."""
        for each in (*self._clients, self._socket):
            each.close()
        self._selector.close()

    def _accept(self) -> None:
        try:
            accepted, _ = self._socket.accept()
        except OSError:
            return
        if len(self._clients) >= self._most:
            self._drop(next(iter(self._clients)))  # the oldest one, which has had the most time
        accepted.setblocking(False)
        self._clients[accepted] = _Client(time.monotonic() + self._slowest)
        self._selector.register(accepted, selectors.EVENT_READ)

    def _drop(self, connection: socket.socket) -> None:
        self._clients.pop(connection, None)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(connection)
        connection.close()

    def _receive(self, connection: socket.socket) -> None:
        client = self._clients[connection]
        try:
            received = connection.recv(self._largest)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            received = b""
        if not received:
            self._drop(connection)
        elif not client.is_heard:
            client.received += received
            head, end, _ = client.received.partition(b"\r\n\r\n")
            if end or len(head) > self._largest:
                client.is_heard, client.received = True, b""
                self._hear(connection, head)
