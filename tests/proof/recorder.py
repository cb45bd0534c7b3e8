"""A server that stands in for STS, gives credentials to whoever asks, and writes down what was asked."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from tests.servers import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]*)/([^/]+)/aws4_request")


class Call(NamedTuple):
    """A request as it came over the wire: its parameters, all of them, and the scope of its signature; empty where it
    was not signed."""

    parameters: dict[str, str]
    key_id: str
    region: str
    service: str
    token: str

    @property
    def action(self) -> str:
        return self.parameters["Action"]


class Recorder(ThreadingHTTPServer):
    """`calls` has every request since `taken` was last called."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def taken(self) -> list[Call]:
        """The calls since the last look."""
        with self._lock:
            calls, self._calls = self._calls, []
        return calls

    def note(self, call: Call) -> int:
        """Keep a call. Gives its number since the last look."""
        with self._lock:
            self._calls.append(call)
            return len(self._calls)


class _Handler(BaseHTTPRequestHandler):
    server: Recorder
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        pairs = parse_qsl(body, keep_blank_values=True, strict_parsing=True)
        parameters = dict(pairs)
        assert len(parameters) == len(pairs), "no parameter twice"
        scope = _SCOPE.search(self.headers.get("Authorization", ""))
        key_id, region, service = scope.groups() if scope else ("", "", "")
        call = Call(parameters, key_id, region, service, self.headers.get("X-Amz-Security-Token", ""))
        answer = _answer(call.action, self.server.note(call), parameters.get("RoleArn", "")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words: object) -> None:
        """Nothing on standard error."""


def given(number: int) -> str:
    """The access key ID that the call of that number was given."""
    return f"ASIA{number}"


def _answer(action: str, number: int, role: str) -> str:
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 43_200))
    who = f"<AssumedRoleUser><Arn>{role}</Arn><AssumedRoleId>A:b</AssumedRoleId></AssumedRoleUser>" if role else ""
    return (
        f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{who}<Credentials>'
        f"<AccessKeyId>{given(number)}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        f"<SessionToken>t{number}</SessionToken><Expiration>{end}</Expiration></Credentials>"
        f"</{action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"
    )


@contextlib.contextmanager
def recording() -> Iterator[Recorder]:
    """Such a server, while this is on."""
    with serving(Recorder()) as server:
        yield server
