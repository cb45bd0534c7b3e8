"""Somebody with an endpoint, without a shell: what they have in their environment, and how the endpoint is asked."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from shellhook.environment import served_by
from tests import caller, servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from tests.desk import Desk

PATIENCE = 30  # seconds; nobody waits for so long unless something is wrong


class Answer:
    """What came back: the status, 0 if nothing did; the head; the body, as JSON if it is that."""

    def __init__(self, received: bytes) -> None:
        head, _, body = received.partition(b"\r\n\r\n")
        self.status = int(head.split(b" ")[1]) if head else 0
        self.head = head.decode("latin-1")
        self.body: dict[str, Any] = json.loads(body) if body else {}


def exchanged(port: int, request: bytes) -> Answer:
    """The whole answer to some bytes."""
    return Answer(servers.exchanged(port, request))


def request(
    port: int,
    path: str,
    token: str | None,
    *,
    method: str = "GET",
    host: str | None = None,
    more: str = "",
    version: str = "HTTP/1.1",
) -> bytes:
    """A request as SDKs send it, or not quite."""
    lines = [f"{method} {path} {version}", f"Host: {f'127.0.0.1:{port}' if host is None else host}"]
    lines += [] if token is None else [f"Authorization: {token}"]
    return ("\r\n".join(lines) + f"\r\n{more}\r\n").encode("latin-1")


def asked(environ: Mapping[str, str]) -> Answer:
    """The endpoint of an environment is asked as it should be. Raises OSError if nobody is there."""
    served = served_by(environ)
    assert served is not None, "no session is served in this environment"
    url = urlsplit(served.uri)
    return exchanged(url.port or 0, request(url.port or 0, url.path, served.token))


def is_there(environ: Mapping[str, str]) -> bool:
    try:
        return asked(environ).status > 0
    except OSError:
        return False


def wait_until(good: Callable[[], object], what: str = "") -> None:
    deadline = time.monotonic() + PATIENCE
    while not good():
        assert time.monotonic() < deadline, what or "it did not come to that"
        time.sleep(0.02)


class Shell:
    """A process that stands for a shell, and the environment that it has."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        self.environ = dict(desk.environ)
        self._served: list[dict[str, str]] = []  # the environments in which there was one

    def assume(self, *words: str) -> str:
        """Type it there, and take what comes. Gives what was said."""
        hooked = ("assume", "--shell", "bash", "--pid", str(self.process.pid), "--hook", "1", "--", *words)
        done = self.desk.run(*hooked, env=self._changes())
        assert done.status == 0, done
        shown = subprocess.run(
            ["bash", "-c", f"{done.out}\nexec env -0"], env=self.environ, capture_output=True, text=True, check=True
        )
        self.environ = dict(entry.split("=", 1) for entry in shown.stdout.split("\0") if entry)
        if served_by(self.environ):
            self._served.append(self.environ)
        return done.err

    def refused(self, *words: str) -> tuple[int, str]:
        """The same, where it comes to nothing: status and what was said."""
        hooked = ("assume", "--shell", "bash", "--pid", str(self.process.pid), "--hook", "1", "--", *words)
        done = self.desk.run(*hooked, env=self._changes())
        assert done.status != 0, done
        assert done.out == ""
        return done.status, done.err

    def who(self) -> str:
        """Who AWS says a program is here, or how botocore says that it cannot know."""
        try:
            return caller.arn({**self.environ, "AWS_EC2_METADATA_DISABLED": "true"}).rpartition(":")[2]
        except (BotoCoreError, ClientError) as error:
            return str(error)

    def endpoints(self) -> list[psutil.Process]:
        """The processes that serve at this desk."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if "serve-endpoint" in process.cmdline() and "--renew" not in process.cmdline():
                    home = process.environ().get("HOME")
                    found += [process] if home == str(self.desk.home) else []
        return found

    def end(self) -> None:
        """The shell is closed."""
        self.process.kill()
        self.process.communicate()

    def close(self) -> None:
        """The same, and no endpoint stays for the second that it takes to see it: test_served.py judges that."""
        self.end()
        for each in self.endpoints():
            each.kill()

    def _changes(self) -> dict[str, str | None]:
        gone: dict[str, str | None] = dict.fromkeys(self.desk.environ.keys() - self.environ.keys())
        return {**gone, **self.environ}

    def __enter__(self) -> Shell:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()
        wait_until(lambda: not any(map(is_there, self._served)), "an endpoint outlives its shell")


@pytest.fixture
def shell(desk: Desk) -> Iterator[Shell]:
    """Somebody's shell."""
    with Shell(desk) as started:
        yield started
        started.close()
