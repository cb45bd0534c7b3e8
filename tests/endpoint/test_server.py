"""The endpoint's connections: whoever knocks, and however, those who ask properly get their answer at once."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from shellhook import loopback
from shellhook.endpoint import protocol, server
from shellhook.endpoint.protocol import Place, Refusal
from shellhook.loopback import listen
from shellhook.session import Session
from tests.endpoint.served import exchanged, request, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSION = Session(access_key_id="ASIA", secret_access_key="s", session_token="t", expires=4_000_000_000)


class Having:
    """Stands for what the endpoint has."""

    def __init__(self) -> None:
        self.has: Session | None = SESSION
        self.is_coming = False

    def tick(self) -> None: ...

    def session(self) -> Session | None:
        return self.has

    def refusal(self) -> Refusal:
        return Refusal(status=403, code="ExpiredToken", message="type a code")


class Running:
    """A server in a thread."""

    def __init__(self) -> None:
        listening = listen(server.MOST)
        self.address = listening.getsockname()
        self.port = self.address[1]
        self.place = Place(port=self.port, path="/id", token="t0ken")
        self.current = Having()
        self.lives = True
        self._server = server.Server(listening, self.place, self.current)  # type: ignore[arg-type]
        self.thread = threading.Thread(target=lambda: self._server.run(lambda: self.lives))
        self.thread.start()

    def good(self) -> bytes:
        return request(self.port, "/id", "t0ken")

    def status(self, sent: bytes | None = None) -> int:
        return exchanged(self.port, self.good() if sent is None else sent).status

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(server, "_TICK", 0.02)  # nobody waits for a second at the end of each test
    made = Running()
    yield made
    made.lives = False
    made.thread.join(10)
    assert not made.thread.is_alive()


def test_it_listens_on_this_machine_alone_and_each_at_a_port_of_its_own(running: Running) -> None:
    assert running.address[0] == "127.0.0.1"
    with contextlib.closing(listen(server.MOST)) as other:
        assert other.getsockname()[1] != running.port


def test_the_session(running: Running) -> None:
    answer = exchanged(running.port, running.good())
    assert (answer.status, answer.body["AccessKeyId"]) == (200, "ASIA")


ABUSE = [
    ({"token": "wrong"}, 401),
    ({"token": None}, 401),
    ({"host": "evil.example"}, 403),
    ({"method": "POST", "more": "Content-Length: 100000\r\n"}, 405),
    ({"more": "Content-Length: 100000\r\n"}, 413),
    ({"more": "Transfer-Encoding: chunked\r\n"}, 413),
    ({"path": "/"}, 404),
    ({"more": "X: " + "a" * 10_000 + "\r\n"}, 431),
]


@pytest.mark.parametrize(("change", "status"), ABUSE, ids=lambda value: str(value)[:40])
def test_what_is_not_the_question_is_refused(change: dict[str, str], status: int, running: Running) -> None:
    asked = {"path": "/id", "token": "t0ken", **change}
    sent = request(running.port, **asked)  # type: ignore[arg-type]
    answer = exchanged(running.port, sent + b"x" * 5000)
    assert answer.status == status
    assert "SecretAccessKey" not in answer.body
    assert running.status() == 200


@pytest.mark.parametrize("sent", [b"\0" * 9000, b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\0\r\n\r\n"], ids=repr)
def test_what_is_not_even_http(sent: bytes, running: Running) -> None:
    assert running.status(sent) in (400, 431)
    assert running.status() == 200


def test_a_request_that_comes_in_pieces(running: Running) -> None:
    with running.connected() as connection:
        for byte in running.good():
            connection.sendall(bytes([byte]))
        assert connection.recv(20).startswith(b"HTTP/1.1 200 ")


def test_only_the_first_request_of_a_connection_is_answered(running: Running) -> None:
    with running.connected() as connection:
        connection.sendall(running.good() * 3)
        received = b""
        while more := connection.recv(65536):
            received += more
    assert received.count(b"HTTP/1.1 ") == 1


def test_those_who_say_nothing_hold_nobody_up(running: Running) -> None:
    """More of them than there are places: the oldest goes."""
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(running.connected()) for _ in range(150)]
        for each in idle[::2]:
            with contextlib.suppress(OSError):
                each.sendall(b"GET /id")
        began = time.monotonic()
        assert [running.status() for _ in range(20)] == [200] * 20
        assert time.monotonic() - began < 1
        wait_until(lambda: len(running._server._loopback._clients) <= server.MOST)


def test_those_who_say_too_little_are_dropped(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running._server._loopback, "_slowest", 0.1)
    with running.connected() as slow:
        slow.sendall(b"GET /id HTTP/1.1\r\n")
        assert slow.recv(10) == b""
    wait_until(lambda: not running._server._loopback._clients)


def test_those_who_do_not_read_are_dropped(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "_LINGER", 0.1)
    with running.connected() as connection:
        connection.sendall(running.good())
        wait_until(lambda: not running._server._loopback._clients)


def test_many_at_once(running: Running) -> None:
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(running.status())) for _ in range(40)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert statuses == [200] * 40
    assert time.monotonic() - began < 2


def test_without_a_session_it_is_said_at_once_what_to_do(running: Running) -> None:
    running.current.has = None
    began = time.monotonic()
    answer = exchanged(running.port, running.good())
    assert (answer.status, answer.body["Message"]) == (403, "shellhook: type a code")
    assert time.monotonic() - began < 0.5


def test_a_session_that_is_on_its_way_is_waited_for_but_not_for_long(running: Running) -> None:
    running.current.has, running.current.is_coming = None, True
    began = time.monotonic()
    assert running.status() == 403
    assert 0.5 < time.monotonic() - began < 1.5, "SDKs give up after 1 to 2 s"
    with running.connected() as connection:
        connection.sendall(running.good())
        wait_until(lambda: running._server._waiting)
        running.current.has = SESSION
        assert connection.recv(20).startswith(b"HTTP/1.1 200 ")


def test_it_ends_when_it_is_over(running: Running) -> None:
    running.lives = False
    running.thread.join(10)
    with pytest.raises(OSError, match=r"."), running.connected():
        pass


def test_the_largest_request_of_an_sdk_has_room() -> None:
    assert protocol.LARGEST >= 4096
