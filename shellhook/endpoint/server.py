"""The endpoint: what it answers, and when. A request waits a moment for a session that is on its way."""

from __future__ import annotations

import time

from shellhook.endpoint import protocol
from shellhook.loopback import Loopback

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from shellhook.endpoint.current import Current
    from shellhook.endpoint.protocol import Place

MOST = 64  # connections at a time
_SLOWEST = 5.0  # seconds that a request may take to arrive
_PATIENCE = 0.8  # seconds that one waits for a renewal under way: the SDKs' own patience is 1 s to 2 s
_TICK = 1.0  # seconds between two looks at the owner
_SHORT_TICK = 0.02  # while somebody waits


class Server:
    """Answers at `place`, through `listening`, with what `current` has."""

    def __init__(self, listening: socket.socket, place: Place, current: Current) -> None:
        self._place, self._current = place, current
        self._loopback = Loopback(listening, self._judge, most=MOST, slowest=_SLOWEST, largest=protocol.LARGEST)
        self._waiting: dict[socket.socket, float] = {}  # for a session, until when

    def run(self, lives: Callable[[], bool]) -> None:
        """Serve while `lives()`, which is asked once a second."""
        look = 0.0
        while True:
            if time.monotonic() >= look:
                if not lives():
                    break
                look = time.monotonic() + _TICK
            self._current.tick()
            self._loopback.serve(_SHORT_TICK if self._waiting else max(0.0, min(_TICK, look - time.monotonic())))
            for connection, ends in list(self._waiting.items()):
                self._answer_when_ready(connection, ends)
        self._loopback.close()

    def _judge(self, connection: socket.socket, head: bytes) -> None:
        refusal = protocol.too_large() if len(head) > protocol.LARGEST else protocol.judged(head, self._place)
        if refusal is not None:
            self._loopback.answer(connection, protocol.refused(refusal))
        else:
            self._answer_when_ready(connection, time.monotonic() + _PATIENCE)

    def _answer_when_ready(self, connection: socket.socket, ends: float) -> None:
        """With the session; without one as soon as none is to be expected."""
        session = self._current.session()
        if session is not None:
            answer = protocol.credentials(session, time.time())
        elif not self._current.is_coming or ends < time.monotonic():
            answer = protocol.refused(self._current.refusal())
        else:
            self._waiting[connection] = ends
            return
        self._waiting.pop(connection, None)
        self._loopback.answer(connection, answer)
