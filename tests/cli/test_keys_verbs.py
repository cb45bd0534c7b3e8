"""`shellhook keys add`, `list`, `export` and `remove`; and where there is no keyring."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests.keyholder import ALICE, line, mine, who
from tests.keyrings import Memory, memory

if TYPE_CHECKING:
    from tests.desk import Desk

__all__ = ["memory", "mine"]  # fixtures

# --- add


def test_add(desk: Desk, memory: Memory) -> None:
    desk.environ.update(memory.environ)
    key = desk.key_of("bob")
    with desk.terminal("keys", "add", "new", "--region", "eu-west-1") as terminal:
        terminal.wait("Access key ID:$")
        terminal.type(key["aws_access_key_id"])
        terminal.key("enter")
        terminal.wait(f"Secret access key of {key['aws_access_key_id']}:$")
        terminal.type(key["aws_secret_access_key"])
        terminal.key("enter")
        assert terminal.wait_end(30) == 0
        assert "new: the key of arn:aws:iam::111122223333:user/bob" in terminal.history()
        assert key["aws_secret_access_key"] not in terminal.history()
    assert memory.held == {key["aws_access_key_id"]: key["aws_secret_access_key"]}
    assert desk.config.read_text().endswith(f"\n[profile new]\n{line(key)}\nregion = eu-west-1\n")
    assert who(desk, "new") == "arn:aws:iam::111122223333:user/bob"


def test_a_key_that_aws_does_not_take_is_not_kept(desk: Desk, memory: Memory) -> None:
    desk.environ.update(memory.environ)
    before = desk.config.read_bytes()
    with desk.terminal("keys", "add", "new") as terminal:
        terminal.wait("ID:$")
        terminal.type("AKIA" + "B" * 16)
        terminal.key("enter")
        terminal.wait("Secret access key")
        terminal.type("x" * 40)
        terminal.key("enter")
        assert terminal.wait_end(30) == 1
        assert "AWS does not take the key AKIA" in terminal.history()
    assert (desk.config.read_bytes(), memory.held) == (before, {})


ADDED = [
    ("base", 64, "has credentials already"),
    ("power-user", 64, "assumes a role"),
    ("new", 1, "asked for at a terminal"),
]


@pytest.mark.parametrize(("name", "status", "said"), ADDED)
def test_add_where_it_cannot_be(name: str, status: int, said: str, desk: Desk, memory: Memory) -> None:
    done = desk.run("keys", "add", name, env=memory.environ)
    assert (done.status, done.out) == (status, "")
    assert said in done.err


# --- list, export, remove


def test_list(mine: dict[str, str], desk: Desk, memory: Memory) -> None:
    assert "shellhook keys import" in desk.run("keys", "list").err
    desk.run("keys", "import", "mine", "--yes")
    done = desk.run("keys", "list")
    assert done.out.split() == ["mine", mine["aws_access_key_id"], f"{desk.credentials}:8"]
    memory.held.clear()
    assert "not in the keyring" in desk.run("keys", "list").out
    memory.locked = True
    done = desk.run("keys", "list")
    assert (done.status, done.out.split()[0]) == (1, "mine")
    assert "the keyring is locked" in done.err


def test_export(mine: dict[str, str], desk: Desk) -> None:
    desk.run("keys", "import", "mine", "--yes")
    done = desk.run("keys", "export", "mine")
    assert (done.status, done.out) == (1, "")
    with desk.terminal("keys", "export", "mine") as terminal:
        terminal.wait(r"Go on\? \[y/N\]$")
        terminal.type("y")
        terminal.key("enter")
        assert terminal.wait_end() == 0
        shown = terminal.history()
    assert "[mine]\n" in shown
    assert f"aws_access_key_id = {mine['aws_access_key_id']}\n" in shown
    assert f"aws_secret_access_key = {mine['aws_secret_access_key']}" in shown


def test_remove(mine: dict[str, str], desk: Desk, memory: Memory) -> None:
    desk.run("keys", "import", "mine", "--yes")
    before = desk.credentials.read_text()
    assert desk.run("keys", "remove", "mine").status == 1
    done = desk.run("keys", "remove", "mine", "--yes")
    assert done.status == 0
    assert "Nothing is put in its place" in done.err
    assert memory.held == {}
    assert desk.credentials.read_text() == before.replace(line(mine) + "\n", "")
    assert desk.run("keys", "remove", "mine", "--yes").status == 64


def test_remove_one_of_two_profiles_with_the_same_key(mine: dict[str, str], desk: Desk, memory: Memory) -> None:
    desk.run("keys", "import", "mine", "--yes")
    desk.profile("twin", credential_process=line(mine).partition(" = ")[2])
    done = desk.run("keys", "remove", "mine", "--yes")
    assert "stays, as it is that of twin too" in done.err
    assert list(memory.held) == [mine["aws_access_key_id"]]
    assert who(desk, "twin") == ALICE


@pytest.mark.parametrize("words", [(), ("import",), ("list", "x"), ("add", "a", "b"), ("move", "x")], ids=" ".join)
def test_usage(words: tuple[str, ...], desk: Desk) -> None:
    assert desk.run("keys", *words).status == 64


# --- no keyring

HEADLESS = {"PYTHON_KEYRING_BACKEND": None, "DISPLAY": None, "WAYLAND_DISPLAY": None, "XDG_RUNTIME_DIR": None}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always one")
@pytest.mark.parametrize(
    "words", [("import", "mine", "--yes"), ("process", "AKIA" + "B" * 16)], ids=["import", "process"]
)
def test_no_bus(words: tuple[str, ...], mine: dict[str, str], desk: Desk) -> None:
    done = desk.run("keys", *words, env={**HEADLESS, "DBUS_SESSION_BUS_ADDRESS": None}, timeout=20)
    assert (done.status, done.out) == (1, "")
    assert "there is no keyring to be had here" in done.err


# The program, which waits for 8 s otherwise.
IMPATIENT = "from shellhook import __main__, os_keyring; os_keyring._HEADLESS = 1; __main__.main()"


def welcome(bus: socket.socket) -> None:
    """Let everybody in, and then say nothing more (D-Bus specification, authentication protocol)."""
    with contextlib.suppress(OSError), contextlib.ExitStack() as there:
        while True:
            connection = there.enter_context(bus.accept()[0])
            while (received := connection.recv(1000)) and not received.endswith(b"\r\n"):
                pass
            connection.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always one")
def test_a_bus_that_does_not_answer(mine: dict[str, str], desk: Desk) -> None:
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(desk.home / "bus"))
        bus.listen()
        host = threading.Thread(target=welcome, args=[bus])
        host.start()
        environ = {name: value for name, value in desk.environ.items() if name not in HEADLESS}
        environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={desk.home / 'bus'}"
        words = [sys.executable, "-c", IMPATIENT, "keys", "process", mine["aws_access_key_id"]]
        done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=25)
        bus.shutdown(socket.SHUT_RDWR)
        host.join()
    assert (done.returncode, done.stdout) == (1, "")
    assert "the keyring did not answer within 1s" in done.stderr
