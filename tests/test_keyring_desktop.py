"""A real keyring: gnome-keyring on a D-Bus of its own, as on a desktop; locked, and gone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.keyholder import ALICE, line, who
from tests.keyrings import Gnome, gnome

if TYPE_CHECKING:
    from tests.desk import Desk

__all__ = ["gnome"]  # a fixture


@pytest.fixture
def mine(desk: Desk, gnome: Gnome) -> dict[str, str]:
    """A profile `mine` with alice's key in the keyring. The key."""
    del desk.environ["PYTHON_KEYRING_BACKEND"]
    desk.environ.update(DBUS_SESSION_BUS_ADDRESS=gnome.environ["DBUS_SESSION_BUS_ADDRESS"])
    key = desk.key_of("alice")
    desk.keys("mine", **key, region="us-east-1")
    done = desk.run("keys", "import", "mine", "--yes")
    assert done.status == 0, done
    return key


def test_a_key_lives_there(mine: dict[str, str], desk: Desk) -> None:
    text = desk.credentials.read_text().partition("[mine]")[2]
    assert line(mine) in text
    assert mine["aws_secret_access_key"] not in text
    assert who(desk, "mine") == ALICE
    done = desk.run("keys", "remove", "mine", "--yes")
    assert done.status == 0, done
    done = desk.run("keys", "process", mine["aws_access_key_id"])
    assert (done.status, done.out) == (1, "")
    assert "the keyring has no key" in done.err


def test_assume(mine: dict[str, str], desk: Desk) -> None:
    serial, code = desk.sandbox.devices["alice"], desk.sandbox.code("alice")
    done = desk.run(*desk.hooked("mine", "--serial-number", serial, "--token-code", code))
    assert done.status == 0, done
    assert desk.sandbox.calls()[-1]["access_key_id"] == mine["aws_access_key_id"]


def test_locked(mine: dict[str, str], desk: Desk, gnome: Gnome) -> None:
    gnome.lock()
    began = time.monotonic()
    done = desk.run("keys", "process", mine["aws_access_key_id"])
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("shellhook: the keyring is locked\n")
    done = desk.run(*desk.hooked("mine", "--long-term"))
    assert (done.status, done.out) == (1, "")
    assert time.monotonic() - began < 20


def test_gone(mine: dict[str, str], desk: Desk, gnome: Gnome) -> None:
    gnome.close()
    done = desk.run("keys", "process", mine["aws_access_key_id"])
    assert (done.status, done.out) == (1, "")
    assert "there is no keyring to be had here" in done.err


def test_sessions_are_sealed_with_it(mine: dict[str, str], desk: Desk, gnome: Gnome) -> None:
    desk.environ["SHELLHOOK_SESSION_STORE"] = "keyring"
    code = desk.sandbox.code("alice")
    words = desk.hooked("mine", "--serial-number", desk.sandbox.devices["alice"], "--token-code", code)
    first = desk.run(*words)
    assert first.status == 0, first
    again = desk.run(*words[:-2])
    assert again.status == 0, again
    assert len(desk.sandbox.calls("GetSessionToken")) == 1
    gnome.lock()
    done = desk.run(*words[:-2])
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("shellhook: the keyring is locked\n")
