"""The sandbox as a server: loopback only, one line on standard output when it listens, gone when its starter is."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
import stat
import sys
import threading
from typing import TYPE_CHECKING

from hypercorn.asyncio import serve
from hypercorn.config import Config, Sockets

from shellhook.errors import ShellhookError
from shellhook.sandbox.admin import Admin
from shellhook.sandbox.assignments import START_URL
from shellhook.sandbox.cloud import Cloud
from shellhook.sandbox.files import write_config

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOOPBACK = "127.0.0.1"
# Seconds between two looks at whether the parent still lives.
_LOOK = 0.5


async def run(port: int, lifetime: float | None, directory: Path) -> None:
    """Serve until asked to stop, or until the process that started this one is gone.

    `port` 0 takes any free one; `lifetime` is in seconds. Prints one JSON object when requests are answered.
    """
    listening = _listen(port)
    endpoint = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    cloud = Cloud(lifetime, endpoint)
    await cloud.open()
    token = secrets.token_urlsafe(24)
    config_file, credentials_file = write_config(cloud.world, directory, endpoint)
    stopped = _stop_signal()
    line = {
        "endpoint": endpoint,
        "token": token,
        "config": str(config_file),
        "credentials": str(credentials_file),
        "start_url": START_URL,
        "external_id": cloud.world.external_id,
        "devices": {user: device.serial for user, device in cloud.world.devices.items()},
        "keys": {user: key.access_key_id for user, key in cloud.world.keys.items()},
    }
    # The socket listens already: whoever reads this line may connect.
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    await serve(Admin(cloud, token), _config(listening), shutdown_trigger=stopped.wait)  # type: ignore[arg-type]


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it, every second request of a
    # connection takes 40 ms longer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise ShellhookError(f"the sandbox cannot listen on port {port}", why=error.strerror or "") from error
    return listening


def _config(listening: socket.socket) -> Config:
    config = Config()
    config.accesslog = config.errorlog = None
    config.graceful_timeout = 0.2
    # Hypercorn binds by address only; the free port was known only once the socket was bound.
    config.create_sockets = lambda: Sockets([], [listening], [])  # type: ignore[method-assign]
    return config


def _stop_signal() -> asyncio.Event:
    """Set at SIGTERM, SIGINT, the end of a piped standard input, or the end of the parent process."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()

    def stop(*_: object) -> None:
        loop.call_soon_threadsafe(stopped.set)

    for name in ("SIGTERM", "SIGINT", "SIGBREAK", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
    if _input_is_a_pipe():
        threading.Thread(target=_until_end_of_input, args=[stop], daemon=True).start()
    if os.name == "posix":
        _watches.add(loop.create_task(_until_orphaned(os.getppid(), stop)))
    return stopped


_watches: set[asyncio.Task[None]] = set()  # the loop itself holds its tasks only weakly


def _input_is_a_pipe() -> bool:
    try:
        mode = os.fstat(0).st_mode
    except OSError:  # there is none
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _until_end_of_input(stop: Callable[[], None]) -> None:
    while os.read(0, 4096):
        pass
    stop()


async def _until_orphaned(parent: int, stop: Callable[[], None]) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(_LOOK)
    stop()
