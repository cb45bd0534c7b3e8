"""A web page in the user's browser, and whoever else can connect to a port of this machine: the endpoint of `--serve`
and the callback of a login answer what they are there for, and to nobody else."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from shellhook.sso.callback import PATH, Answer, Listener
from tests.endpoint.served import Shell, asked, wait_until
from tests.proof.extent import extent, figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desk import Desk

# What a page can make a browser send. {host} is the right one, {path} the right path; {token} what only we know.
CROSS = "Origin: https://evil.example\r\nReferer: https://evil.example/\r\nSec-Fetch-Site: cross-site\r\n"
REBOUND = "Origin: http://evil.example\r\nSec-Fetch-Site: same-origin\r\n"
PAGES = {
    "fetch": "GET {path} HTTP/1.1\r\nHost: {host}\r\n" + CROSS + "Sec-Fetch-Mode: no-cors\r\n\r\n",
    "script": "GET {path} HTTP/1.1\r\nHost: {host}\r\n" + CROSS + "Sec-Fetch-Dest: script\r\n\r\n",
    "preflight": "OPTIONS {path} HTTP/1.1\r\nHost: {host}\r\n" + CROSS + "Access-Control-Request-Method: GET\r\n"
    "Access-Control-Request-Headers: authorization\r\nAccess-Control-Request-Private-Network: true\r\n\r\n",
    "form": "POST {path} HTTP/1.1\r\nHost: {host}\r\n" + CROSS
    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\ntoken={token}",
    "text": "POST {path} HTTP/1.1\r\nHost: {host}\r\n" + CROSS
    + "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{{}}",
    "web socket": "GET {path} HTTP/1.1\r\nHost: {host}\r\n" + CROSS + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "rebound": "GET {path} HTTP/1.1\r\nHost: evil.example:{port}\r\n" + REBOUND + "\r\n",
    "rebound, with the token": "GET {path} HTTP/1.1\r\nHost: evil.example:{port}\r\n" + REBOUND
    + "Authorization: {token}\r\n\r\n",
    "rebound by a dot": "GET {path} HTTP/1.1\r\nHost: localhost.:{port}\r\nAuthorization: {token}\r\n\r\n",
    "rebound by a number": "GET {path} HTTP/1.1\r\nHost: 2130706433:{port}\r\nAuthorization: {token}\r\n\r\n",
    "token in the address": "GET {path}?token={token} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "token in a cookie": "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: Authorization={token}\r\n\r\n",
    "another's name for it": "GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: {host}\r\n"
    "Proxy-Authorization: {token}\r\n\r\n",
    "two hosts": "GET {path} HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\nAuthorization: {token}\r\n\r\n",
    "a proxy's address": "GET http://{host}{path} HTTP/1.1\r\nHost: evil.example\r\nAuthorization: {token}\r\n\r\n",
    "smuggled": "POST {path} HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 99\r\n\r\nGET {path} HTTP/1.1\r\n"
    "Host: {host}\r\nAuthorization: {token}\r\n\r\n",
    "giant": "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: " + "a" * 1_000_000 + "\r\n\r\n",
    "many headers": "GET {path} HTTP/1.1\r\nHost: {host}\r\n" + "A: b\r\n" * 20_000 + "\r\n",
    "no end": "GET {path} HTTP/1.1\r\nHost: {host}\r\n",
}  # fmt: skip


def received(port: int, request: bytes) -> str:
    """All that comes back; nothing where the connection ends before that."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        answer = b""
        with contextlib.suppress(OSError):
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while more := connection.recv(65536):
                answer += more
    return answer.decode("latin-1")


@contextlib.contextmanager
def dripping(port: int, count: int) -> Iterator[None]:
    """So many clients that never come to the end of what they ask (slow loris)."""
    over = threading.Event()
    with contextlib.ExitStack() as stack:
        every = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(count)]

        def drip() -> None:
            while not over.wait(0.05):
                for each in every:
                    with contextlib.suppress(OSError):
                        each.sendall(b"A: b\r\n")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def test_no_page_gets_anything_of_the_endpoint(desk: Desk) -> None:
    with Shell(desk) as shell:
        shell.assume("read-only", "--serve")
        url = urlsplit(shell.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
        port, token = url.port or 0, shell.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        good = asked(shell.environ)
        assert good.status == 200
        secrets = [token, *(str(good.body[name]) for name in ("SecretAccessKey", "Token", "AccessKeyId"))]
        for name, page in PAGES.items():
            answer = received(port, page.format(path=url.path, host=url.netloc, port=port, token=token).encode())
            assert re.match(r"HTTP/1.1 4\d\d |$", answer), (name, answer)
            assert not re.search(r"(?i)access-control|set-cookie|101 Switching", answer), (name, answer)
            assert [secret for secret in secrets if secret in answer] == [], name
        with dripping(port, extent(80, 500)):
            waits = []
            for _ in range(extent(5, 50)):
                begun = time.monotonic()
                assert asked(shell.environ).status == 200
                waits.append(time.monotonic() - begun)
        figure("Neighbours", "endpoint: requests of pages refused", len(PAGES))
        figure("Neighbours", f"endpoint: longest answer beside {extent(80, 500)} slow clients", f"{max(waits):.3f} s")
        assert max(waits) < 2, "an SDK waits for 1 s or 2"


def test_no_page_can_end_a_login_or_take_it_over() -> None:
    state = "the-state-that-only-we-know"
    with Listener(state) as listener:
        url = urlsplit(listener.redirect)
        port = url.port or 0
        answers: dict[str, str] = {}
        waits: list[float] = []

        def knock() -> None:
            for name, page in PAGES.items():
                path = f"{PATH}?code=evil&state={'guessed' if 'the token' not in name else state}"
                answers[name] = received(port, page.format(path=path, host=url.netloc, port=port, token=state).encode())
            with dripping(port, extent(80, 500)):
                begun = time.monotonic()
                answers["good"] = received(
                    port, f"GET {PATH}?code=right&state={state} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode()
                )
                waits.append(time.monotonic() - begun)

        thread = threading.Thread(target=knock)
        thread.start()
        answer = listener.wait(60, lambda left: None)
        wait_until(lambda: "good" in answers or not thread.is_alive())
    thread.join(20)
    assert answer == Answer(code="right"), answers
    assert answers.pop("good").startswith("HTTP/1.1 200 ")
    for name, page in answers.items():
        assert re.match(r"HTTP/1.1 4\d\d |$", page), (name, page)
        assert not re.search(r"(?i)access-control|set-cookie|101 Switching", page), (name, page)
        assert state not in page
    figure("Neighbours", "callback: requests of pages refused", len(answers))
    figure("Neighbours", f"callback: the answer beside {extent(80, 500)} slow clients", f"{waits[0]:.3f} s")
    assert waits[0] < 5


@pytest.mark.skipif(not extent(0, 1), reason="it takes its time: 5 s and 10 s are the limits")
@pytest.mark.parametrize("where", ["endpoint", "callback"])
def test_who_would_hold_every_place_is_let_go(where: str, desk: Desk) -> None:
    """A client that drips for ever is dropped in time, however well it drips."""
    with contextlib.ExitStack() as stack:
        if where == "endpoint":
            shell = stack.enter_context(Shell(desk))
            shell.assume("read-only", "--serve")
            port = urlsplit(shell.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]).port or 0
        else:
            listener = stack.enter_context(Listener("x"))
            port = urlsplit(listener.redirect).port or 0
            waiting = threading.Thread(target=lambda: listener.wait(15, lambda left: None))
            waiting.start()
            stack.callback(waiting.join)
        client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        begun, sent = time.monotonic(), 0
        client.settimeout(0.1)
        gone = False
        while not gone and time.monotonic() - begun < 25:
            try:
                client.sendall(b"x")
                sent += 1
                gone = client.recv(1) in (b"", b"H")
            except TimeoutError:
                continue
            except OSError:
                gone = True
        assert gone
        figure("Neighbours", f"{where}: a client that drips is dropped after", f"{time.monotonic() - begun:.0f} s")
