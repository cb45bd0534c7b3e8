"""Servers on this machine that are not AWS: what stands between a user and it, and answers in its place."""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

Server = TypeVar("Server", bound=ThreadingHTTPServer)


@contextlib.contextmanager
def serving(server: Server) -> Iterator[Server]:
    """The server, which serves while this is open."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def exchanged(port: int, request: bytes) -> bytes:
    """The whole answer of what listens there to some bytes; nothing if there is none."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        with contextlib.suppress(ConnectionError):
            while more := connection.recv(65536):
                received += more
    return received


class Answering(ThreadingHTTPServer):
    """Gives every request the same answer. `requests` has "METHOD path" of each; `headers` and `asked` (the body) are
    those of the last."""

    daemon_threads = True

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.body, self.given = status, body, headers
        self.requests: list[str] = []
        self.headers: dict[str, str] = {}
        self.asked = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away, or speaks TLS, is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: Answering

    def do_GET(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        self.server.headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.server.status)
        for name, value in self.server.given.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    do_POST = do_PUT = do_CONNECT = do_GET

    def log_message(self, *words: object) -> None:
        """Nothing on standard error."""


@contextlib.contextmanager
def answering(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Iterator[Answering]:
    """A server that answers so."""
    with serving(Answering(status, body, headers or {})) as server:
        yield server


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """Where connections are taken and nothing is ever answered: its host and port."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@contextlib.contextmanager
def closed() -> Iterator[str]:
    """Where nobody listens, and nobody can meanwhile: its host and port."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and no listen()
        yield f"127.0.0.1:{bound.getsockname()[1]}"


# --- below HTTP: what a connection can suffer


@contextlib.contextmanager
def behaving(behaviour: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that does this with each connection, once a request's first bytes are there: its host and port."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        listening.settimeout(0.05)

        def one(accepted: socket.socket) -> None:
            with contextlib.suppress(OSError, ValueError):
                connection = accepted if tls is None else tls.wrap_socket(accepted, server_side=True)
                with connection:
                    connection.settimeout(30)
                    connection.recv(65536)
                    behaviour(connection)
            accepted.close()

        def accept() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = listening.accept()
                    threading.Thread(target=one, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


def resetting(connection: socket.socket) -> None:
    """Begins an answer, and breaks the connection off with a reset."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5000\r\n\r\n<AssumeRoleResponse")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cut_short(connection: socket.socket) -> None:
    """Ends an answer before it is whole."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5000\r\n\r\n<AssumeRoleResponse")


def trickling(connection: socket.socket) -> None:
    """Answers a byte at a time, each of them in time, and does not come to an end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5000\r\n\r\n")
    for _ in range(5000):
        connection.sendall(b"<")
        time.sleep(0.05)


def garbage(connection: socket.socket) -> None:
    """Speaks something that is no HTTP."""
    connection.sendall(b"\x00\xffSSH-2.0-5ecret\r\n" * 10)


@contextlib.contextmanager
def full() -> Iterator[str]:
    """Where not even connections are taken, as behind a firewall that drops what it does not like: its host and port.
    The queue of those who wait is full, and the system lets further ones wait (Linux; elsewhere it may refuse)."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"127.0.0.1:{listening.getsockname()[1]}"


class Proxy(Answering):
    """Passes on what it is asked for in whole (plain HTTP). `requests` has what went through."""


@contextlib.contextmanager
def forwarding() -> Iterator[Proxy]:
    """A proxy that works."""

    class Handler(_Handler):
        def do_GET(self) -> None:
            self.server.requests.append(f"{self.command} {self.path}")
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            onward = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=30)
            with contextlib.closing(onward):
                headers = {name: value for name, value in self.headers.items() if name.lower() != "proxy-connection"}
                onward.request(self.command, f"{url.path}?{url.query}" if url.query else url.path, body, headers)
                answer = onward.getresponse()
                content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection", "server", "date"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_GET

    with serving(Proxy(200, b"", {})) as server:
        server.RequestHandlerClass = Handler
        yield server
