"""Servers on this machine that are not AWS: what stands between a user and it, and answers in its place."""

from __future__ import annotations

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
    with Answering(status, body, headers or {}) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


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
