"""The endpoint's connections. One thread: a slow or a hostile client cannot hold up another, nor cost more than one of
a few places. Nothing is logged."""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys
import time

from shellhook.endpoint import protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from shellhook.endpoint.current import Current
    from shellhook.endpoint.protocol import Place

_MOST = 64  # connections at a time
_SLOWEST = 5.0  # seconds that a request may take to arrive
_PATIENCE = 0.8  # seconds that one waits for a renewal under way: the SDKs' own patience is 1 s to 2 s
_LINGER = 1.0  # seconds in which a client may still send what will not be read
_TICK = 1.0  # seconds between two looks at the owner
_SHORT_TICK = 0.02  # while somebody waits


class _Connection:
    """A client: what it has sent, until when it may go on, and where it stands."""

    def __init__(self, ends: float) -> None:
        self.received = b""
        self.ends = ends
        self.is_waiting = False  # for a session
        self.is_answered = False


def listen() -> socket.socket:
    """A socket on 127.0.0.1, at a port of the system's choice."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform == "win32":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    listening.bind(("127.0.0.1", 0))
    listening.listen(_MOST)
    listening.setblocking(False)
    return listening


class Server:
    """Answers at `place`, through `listening`, with what `current` has."""

    def __init__(self, listening: socket.socket, place: Place, current: Current) -> None:
        self._socket, self._place, self._current = listening, place, current
        self._selector = selectors.DefaultSelector()
        self._selector.register(listening, selectors.EVENT_READ)
        self._connections: dict[socket.socket, _Connection] = {}

    def run(self, lives: Callable[[], bool]) -> None:
        """Serve while `lives()`, which is asked once a second."""
        look = 0.0
        while True:
            if time.monotonic() >= look:
                if not lives():
                    break
                look = time.monotonic() + _TICK
            self._current.tick()
            waiting = any(each.is_waiting for each in self._connections.values())
            self._serve(_SHORT_TICK if waiting else max(0.0, min(_TICK, look - time.monotonic())))
        for each in (*self._connections, self._socket):
            each.close()
        self._selector.close()

    def _serve(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._socket:
                self._accept()
            elif key.fileobj in self._connections:
                self._receive(key.fileobj)
        now = time.monotonic()
        for connection, state in list(self._connections.items()):
            if state.is_waiting:
                self._answer_when_ready(connection, state)
            elif state.ends < now:
                self._drop(connection)

    def _accept(self) -> None:
        try:
            accepted, _ = self._socket.accept()
        except OSError:
            return
        if len(self._connections) >= _MOST:
            self._drop(next(iter(self._connections)))  # the oldest one, which has had the most time
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
            received = connection.recv(protocol.LARGEST)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            received = b""
        if not received:
            self._drop(connection)
        elif not state.is_answered and not state.is_waiting:
            state.received += received
            self._read(connection, state)

    def _read(self, connection: socket.socket, state: _Connection) -> None:
        head, end, _ = state.received.partition(b"\r\n\r\n")
        if len(head) > protocol.LARGEST:
            self._answer(connection, state, protocol.refused(protocol.too_large()))
        elif end:
            refusal = protocol.judged(head, self._place)
            if refusal is not None:
                self._answer(connection, state, protocol.refused(refusal))
            else:
                state.is_waiting, state.ends = True, time.monotonic() + _PATIENCE
                self._answer_when_ready(connection, state)

    def _answer_when_ready(self, connection: socket.socket, state: _Connection) -> None:
        """With the session; without one as soon as none is to be expected."""
        session = self._current.session()
        if session is not None:
            self._answer(connection, state, protocol.credentials(session, time.time()))
        elif not self._current.is_coming or state.ends < time.monotonic():
            self._answer(connection, state, protocol.refused(self._current.refusal()))

    def _answer(self, connection: socket.socket, state: _Connection, answer: bytes) -> None:
        state.is_waiting, state.is_answered, state.received = False, True, b""
        # Closed at once, with something of the client's unread, the answer might never reach it (RFC 9112, 9.6).
        state.ends = time.monotonic() + _LINGER
        try:
            connection.sendall(answer)  # some 2 kB: they fit into the socket's buffer, whether they are read or not
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(connection)
