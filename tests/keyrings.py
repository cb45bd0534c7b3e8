"""Keyrings for tests: one that is held in this process's memory and serves programs that are started, and a real
gnome-keyring on a D-Bus of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import threading
import time
from multiprocessing.connection import Client, Listener
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.keyring_backend import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).parents[1]


class Memory:
    """A keyring. `held` has its secrets by name; while it is `locked` it gives none out, and `forgetful` it keeps none.
    `asked` is what was wanted of it."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}
        self.locked = self.forgetful = False
        self.asked: list[tuple[str, str]] = []
        self._key = secrets.token_bytes(16)
        self._listener = Listener(("127.0.0.1", 0), authkey=self._key)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def environ(self) -> dict[str, str]:
        """What a program needs to use it."""
        return {
            "PYTHON_KEYRING_BACKEND": "tests.keyring_backend.Backend",
            "PYTHONPATH": str(_ROOT),
            ADDRESS: f"{self._listener.address[1]}:{self._key.hex()}",
        }

    def close(self) -> None:
        with contextlib.suppress(OSError), Client(self._listener.address, authkey=self._key) as connection:
            connection.send(("end", "", ""))
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                with self._listener.accept() as connection:
                    verb, service, *words = connection.recv()
                    if verb == "end":
                        return
                    assert service == "shellhook"
                    connection.send("locked" if self.locked else [self._answer(verb, *words)])
            except (OSError, EOFError):
                continue  # a program that was killed

    def _answer(self, verb: str, name: str, secret: str = "") -> str | None:
        self.asked.append((verb, name))
        if verb == "set" and not self.forgetful:
            self.held[name] = secret
        if verb == "delete":
            del self.held[name]
        return self.held.get(name)


@pytest.fixture
def memory() -> Iterator[Memory]:
    """A keyring in memory."""
    keyring = Memory()
    yield keyring
    keyring.close()


class Gnome:
    """A gnome-keyring, unlocked, on a D-Bus of its own. `environ` is what a program needs to find it."""

    PRESENT = all(map(shutil.which, ("gnome-keyring-daemon", "dbus-daemon")))
    MISSING = "gnome-keyring-daemon and dbus-daemon are not installed"

    def __init__(self, root: Path) -> None:
        for name in ("home", "run"):
            (root / name).mkdir(mode=0o700)
        self.environ = {
            "HOME": str(root / "home"),
            "XDG_RUNTIME_DIR": str(root / "run"),
            "XDG_DATA_HOME": str(root / "home"),
            "PATH": os.environ.get("PATH", os.defpath),
        }
        words = ["dbus-daemon", "--session", "--nofork", "--print-address"]
        self._bus = self._start(*words, stdout=subprocess.PIPE)
        assert self._bus.stdout
        self.environ["DBUS_SESSION_BUS_ADDRESS"] = self._bus.stdout.readline().decode().strip()
        words = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        try:
            self._daemon = self._start(*words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        except PermissionError:  # it has the capability to lock memory, which a container may not grant
            self._bus.terminate()
            self._bus.wait()
            self._bus.stdout.close()
            pytest.skip("gnome-keyring-daemon may not be run here")
        assert self._daemon.stdin
        self._daemon.stdin.write(b"password")
        self._daemon.stdin.close()

    def lock(self) -> None:
        """Lock it, as a screen that is locked does."""
        with self._collection() as collection:
            collection.lock()

    def wait(self) -> None:
        """Wait until it serves."""
        deadline = time.monotonic() + 30
        while not self._is_open():
            if self._daemon.poll() is not None:
                pytest.skip(f"gnome-keyring-daemon ended with {self._daemon.returncode}")
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def close(self) -> None:
        for process in (self._daemon, self._bus):
            process.terminate()
            process.wait(10)
        if self._bus.stdout:
            self._bus.stdout.close()

    def _is_open(self) -> bool:
        # Asked for by its name before it has it, another one would be started in its place, which is locked.
        import jeepney

        question = jeepney.message_bus.NameHasOwner("org.freedesktop.secrets")
        with self._connection() as connection:
            if not connection.send_and_get_reply(question).body[0]:
                return False
        with self._collection() as collection:
            return not collection.is_locked()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Any]:
        from jeepney.io.blocking import open_dbus_connection

        connection = open_dbus_connection(self.environ["DBUS_SESSION_BUS_ADDRESS"])
        try:
            yield connection
        finally:
            connection.close()

    @contextlib.contextmanager
    def _collection(self) -> Iterator[Any]:
        import secretstorage

        with self._connection() as connection:
            yield secretstorage.get_default_collection(connection)

    def _start(self, *words: str, **streams: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(words, env=self.environ, stderr=subprocess.DEVNULL, **streams)


@pytest.fixture
def gnome(tmp_path: Path) -> Iterator[Gnome]:
    """A real keyring. Skips where it is not installed."""
    if not Gnome.PRESENT:
        pytest.skip(Gnome.MISSING)
    root = tmp_path / "gnome"
    root.mkdir()
    keyring = Gnome(root)
    try:
        keyring.wait()
        yield keyring
    finally:
        keyring.close()
