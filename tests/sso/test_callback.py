"""The listener of a login by browser: one answer, whoever else knocks."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from shellhook.sso.callback import PATH, Answer, Listener
from tests.servers import exchanged

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE = "the-right-state"


def port_of(listener: Listener) -> int:
    return urlsplit(listener.redirect).port or 0


def get(port: int, target: str, host: str | None = None, method: str = "GET", more: str = "") -> bytes:
    host = f"127.0.0.1:{port}" if host is None else host
    return exchanged(port, f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener(STATE) as made:
        yield made


def knocking(listener: Listener, *requests: bytes) -> tuple[list[bytes], Answer | None]:
    """The answers to requests, sent one after another while the login waits, and what the login got."""
    answers: list[bytes] = []

    def knock() -> None:
        answers.extend(exchanged(port_of(listener), request) for request in requests)

    thread = threading.Thread(target=knock)
    thread.start()
    got = listener.wait(10, lambda left: None) if requests else None
    thread.join(5)
    return answers, got


def request(port: int, target: str, method: str = "GET", host: str = "", version: str = "HTTP/1.1") -> bytes:
    return f"{method} {target} {version}\r\nHost: {host or f'127.0.0.1:{port}'}\r\n\r\n".encode()


def good(port: int) -> bytes:
    return request(port, f"{PATH}?code=5ecret&state={STATE}")


def test_where_it_listens(listener: Listener) -> None:
    assert listener.redirect == f"http://127.0.0.1:{port_of(listener)}/oauth/callback"
    bound = listener._loopback._socket.getsockname()
    assert bound[0] == "127.0.0.1"
    with Listener("x") as other:
        assert port_of(other) != port_of(listener)


def test_the_answer(listener: Listener) -> None:
    (page,), answer = knocking(listener, good(port_of(listener)))
    assert answer == Answer(code="5ecret")
    head, _, body = page.decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert "You can close this page" in body
    assert "5ecret" not in page.decode()
    assert STATE not in page.decode()
    assert "<script" not in body
    for header in ("Cache-Control: no-store", "Referrer-Policy: no-referrer", "Content-Security-Policy: default-src"):
        assert header in head
    assert f"Content-Length: {len(body.encode())}" in head
    assert "5ecret" not in repr(answer)


def test_a_refusal_that_knows_the_state(listener: Listener) -> None:
    port = port_of(listener)
    (page,), answer = knocking(listener, request(port, f"{PATH}?error=access_denied&state={STATE}"))
    assert answer == Answer(error="access_denied")
    assert b"refused" in page


TARGETS = [
    f"{PATH}?code=x&state=wrong", f"{PATH}?code=x", f"{PATH}?state={STATE}", f"{PATH}?code=&state={STATE}", PATH,
    f"{PATH}?error=access_denied", f"{PATH}?error=access_denied&state=wrong", f"{PATH}?code=x&state={STATE}&state=y",
    f"{PATH}?code=x&code=y&state={STATE}", f"{PATH}?code=x&state={STATE[:-1]}", f"{PATH}?code=x&state={STATE}%00",
    f"{PATH}?code=x&state=%C3%A9", f"{PATH}/?code=x&state={STATE}", f"/?code=x&state={STATE}", "/favicon.ico",
    f"{PATH}?{'&'.join(f'a{n}=1' for n in range(50))}&code=x&state={STATE}", f"//evil{PATH}?code=x&state={STATE}",
    f"http://127.0.0.1{PATH}?code=x&state={STATE}", "*", f"/OAUTH/callback?code=x&state={STATE}",
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target[:60])
def test_what_is_not_the_answer_is_turned_away_and_the_login_goes_on(target: str, listener: Listener) -> None:
    port = port_of(listener)
    (page, last), answer = knocking(listener, request(port, target), good(port))
    assert page.split(b" ")[1] in (b"400", b"403", b"404"), page
    assert b"Not for this login" in page
    assert (last.split(b" ")[1], answer) == (b"200", Answer(code="5ecret"))


@pytest.mark.parametrize("host", ["evil.example", "localhost:{}", "127.0.0.1", "evil.example:{}", "127.0.0.1:1"])
def test_another_name_for_this_machine_is_turned_away(host: str, listener: Listener) -> None:
    port = port_of(listener)
    target = f"{PATH}?code=x&state={STATE}"
    (page, _), answer = knocking(listener, request(port, target, host=host.format(port)), good(port))
    assert page.split(b" ")[1] == b"403"
    assert answer == Answer(code="5ecret")


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "OPTIONS", "get", "CONNECT"])
def test_only_get(method: str, listener: Listener) -> None:
    port = port_of(listener)
    (page, _), answer = knocking(listener, request(port, f"{PATH}?code=x&state={STATE}", method=method), good(port))
    assert page.split(b" ")[1] == b"405"
    assert answer == Answer(code="5ecret")


GARBAGE = [
    b"\r\n\r\n",
    b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n", b"\xff" * 100 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET  /  HTTP/1.1\r\n\r\n", b"GET / HTTP/2\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost\r\n\r\n", b"GET /[::1 HTTP/1.1\r\n\r\n", b"x" * 40_000,
    b"GET / HTTP/1.1\r\n" + b"a: " + b"b" * 20_000 + b"\r\n\r\n",
]  # fmt: skip


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: repr(garbage[:30]))
def test_garbage(garbage: bytes, listener: Listener, capfd: pytest.CaptureFixture[str]) -> None:
    (page, _), answer = knocking(listener, garbage, good(port_of(listener)))
    assert not page or page.split(b" ")[1][:1] == b"4"
    assert answer == Answer(code="5ecret")
    assert capfd.readouterr() == ("", "")


def test_who_connects_and_says_nothing_holds_nobody_up(listener: Listener) -> None:
    """Browsers connect ahead of time."""
    port = port_of(listener)
    silent: list[socket.socket] = []

    def knock() -> None:
        silent.extend(socket.create_connection(("127.0.0.1", port)) for _ in range(60))
        silent[-1].sendall(b"GET / HT")
        exchanged(port, good(port))

    thread = threading.Thread(target=knock)
    thread.start()
    started = time.monotonic()
    assert listener.wait(10, lambda left: None) == Answer(code="5ecret")
    assert time.monotonic() - started < 3
    thread.join(5)
    for each in silent:
        each.close()


def test_who_comes_a_second_time_gets_a_page_and_changes_nothing() -> None:
    with Listener(STATE) as listener:
        port = port_of(listener)
        _, answer = knocking(listener, good(port))
        second = socket.create_connection(("127.0.0.1", port), timeout=5)
        second.sendall(request(port, f"{PATH}?code=another&state={STATE}"))
        assert listener.wait(0.1, lambda left: None) == answer == Answer(code="5ecret")
    page = second.recv(65536)
    second.close()
    assert page.startswith(b"HTTP/1.1 409")
    assert b"This login is over" in page


def test_nobody_comes(listener: Listener) -> None:
    lefts: list[float] = []
    assert listener.wait(0.3, lefts.append) is None
    assert lefts
    assert all(0 < left <= 0.3 for left in lefts)


def test_afterwards_nobody_listens(listener: Listener) -> None:
    with Listener("x") as other:
        port = port_of(other)
    with pytest.raises(ConnectionError):
        get(port, PATH)


def test_ctrl_c_ends_it() -> None:
    def interrupt(left: float) -> None:
        raise KeyboardInterrupt

    listener = Listener("x")
    port = port_of(listener)
    with pytest.raises(KeyboardInterrupt), listener:
        listener.wait(10, interrupt)
    with pytest.raises(ConnectionError):
        get(port, PATH)
