"""What a person waits for: the question, and the end after the code was typed."""

from __future__ import annotations

import os
import pty
import select
import time
from typing import TYPE_CHECKING

import botocore.session

if TYPE_CHECKING:
    from collections.abc import Callable

    from shellhook.sandbox import Sandbox

_clients: dict[str, object] = {}


def one_call(sandbox: Sandbox) -> float:
    """Seconds that the sandbox takes for a signed call over a new connection, the client being ready: the network."""
    client = _clients.get(sandbox.endpoint)
    if client is None:
        session = botocore.session.Session()
        session.set_config_variable("config_file", str(sandbox.config_file))
        session.set_config_variable("credentials_file", str(sandbox.credentials_file))
        session.set_config_variable("profile", "base")
        client = _clients[sandbox.endpoint] = session.create_client(
            "sts", region_name="us-east-1", endpoint_url=sandbox.endpoint
        )
    started = time.perf_counter()
    client.get_caller_identity()  # type: ignore[attr-defined]
    return time.perf_counter() - started


QUESTION, PICKER = b"mfa/alice): ", b"Esc leave"


def until_shown(what: bytes, command: list[str], environ: dict[str, str], forget: Callable[[], None]) -> float:
    """Seconds from the start until `what` is on the terminal, where Ctrl-C ends it."""
    forget()
    started = time.perf_counter()
    pid, terminal = _start(command, environ)
    _read_until(terminal, what)
    taken = time.perf_counter() - started
    os.write(terminal, b"\x03")
    _end(pid, terminal)
    return taken


def from_code(command: list[str], environ: dict[str, str], forget: Callable[[], None], sandbox: Sandbox) -> float:
    """Seconds from Enter behind the code to the end, a person having taken a second to type it."""
    forget()
    pid, terminal = _start(command, environ)
    _read_until(terminal, QUESTION)
    code = sandbox.code("alice")
    time.sleep(1.0)
    started = time.perf_counter()
    os.write(terminal, code.encode() + b"\r")
    _read_until(terminal, b"unset -v")  # near the end of the code for the shell
    taken = time.perf_counter() - started
    _end(pid, terminal)
    return taken


def _start(command: list[str], environ: dict[str, str]) -> tuple[int, int]:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, environ)
    return pid, terminal


def _read_until(terminal: int, wanted: bytes) -> None:
    seen = b""
    while wanted not in seen:
        if not select.select([terminal], [], [], 30)[0]:
            raise TimeoutError(f"{wanted!r} was not printed")
        seen += os.read(terminal, 65536)


def _end(pid: int, terminal: int) -> None:
    while True:
        try:
            if not os.read(terminal, 65536):
                break
        except OSError:
            break
    os.waitpid(pid, 0)
    os.close(terminal)
