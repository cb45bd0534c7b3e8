"""`session_store = "keyring"`: what is secret in the store is encrypted under a key of the keyring, if asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from keyring import core

from shellhook import os_keyring
from shellhook.errors import ShellhookError
from shellhook.session import Session
from shellhook.store import Store, forgetting, sweeping
from tests.keyring_backend import Backend
from tests.keyrings import Memory, memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desk import Desk

__all__ = ["memory"]  # a fixture

DIGEST, OTHER = "0" * 32, "1" * 32
SESSION = Session(
    access_key_id="ASIAEXAMPLE", secret_access_key="S3CRET" * 7, session_token="T0KEN" * 50, expires=2**32, profile="x"
)
BEFORE = {"AWS_SECRET_ACCESS_KEY": "OLDS3CRET" * 4, "AWS_PROFILE": None}


@pytest.fixture
def sealing(memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store that seals, with the keyring in memory."""
    for name, value in memory.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(core, "_keyring_backend", Backend())
    return Store(str(tmp_path / "store"), lambda: True)


def at_rest(store: Store) -> bytes:
    return b"".join(file.read_bytes() for file in Path(store.directory).rglob("*") if file.is_file())


def anew(store: Store, *, seals: bool = True) -> Store:
    """The same store, of another process."""
    return Store(store.directory, lambda: seals)


def test_what_is_kept_is_found_and_cannot_be_read(sealing: Store, memory: Memory) -> None:
    sealing.put_session(DIGEST, SESSION)
    identifier = sealing.put_before(1, BEFORE)
    assert anew(sealing).session(DIGEST) == SESSION
    found = anew(sealing).before(identifier) or {}
    assert (found["pid"], found["variables"]) == (1, BEFORE)
    there = at_rest(sealing)
    for secret in ("S3CRET", "T0KEN", "OLDS3CRET", *memory.held.values()):
        assert secret.encode() not in there
    assert list(memory.held) == ["sessions"]


def test_every_sealing_is_another(sealing: Store) -> None:
    sealing.put_session(DIGEST, SESSION)
    first = at_rest(sealing)
    sealing.put_session(DIGEST, SESSION)
    assert at_rest(sealing) != first


def test_it_is_of_no_use_elsewhere(sealing: Store) -> None:
    sealing.put_session(DIGEST, SESSION)
    room = os.path.join(sealing.directory, "sessions")
    os.rename(os.path.join(room, DIGEST), os.path.join(room, OTHER))
    assert anew(sealing).session(OTHER) is None


def test_what_was_changed_or_whose_key_is_gone_is_not_there(sealing: Store, memory: Memory) -> None:
    sealing.put_session(DIGEST, SESSION)
    key, memory.held = dict(memory.held), {}
    assert anew(sealing).session(DIGEST) is None
    memory.held = {"sessions": "0" * 64}
    assert anew(sealing).session(DIGEST) is None
    memory.held = {"sessions": "nonsense"}
    assert anew(sealing).session(DIGEST) is None
    memory.held = key
    assert anew(sealing).session(DIGEST) == SESSION
    file = Path(sealing.directory, "sessions", DIGEST)
    content = file.read_bytes()
    file.write_bytes(content[:-60] + bytes([content[-60] ^ 1]) + content[-59:])
    assert anew(sealing).session(DIGEST) is None


def test_the_setting_may_change(sealing: Store, memory: Memory) -> None:
    sealing.put_session(DIGEST, SESSION)
    plain = anew(sealing, seals=False)
    assert plain.session(DIGEST) == SESSION, "what was sealed is opened"
    plain.put_session(DIGEST, SESSION)
    memory.locked = True
    assert anew(sealing).session(DIGEST) == SESSION, "what was not is read"


def test_sweeping_and_forgetting_do_without_the_keyring(sealing: Store, memory: Memory) -> None:
    sealing.put_session(DIGEST, SESSION)
    sealing.put_session(OTHER, SESSION.replace(expires=1))
    memory.locked = True
    store = anew(sealing)
    sweeping.sweep(store, 2**31)
    assert os.listdir(os.path.join(store.directory, "sessions")) == [DIGEST]
    assert forgetting.forget(store, "x") == 1


def test_without_the_keyring_it_is_said(sealing: Store, memory: Memory) -> None:
    sealing.put_session(DIGEST, SESSION)
    memory.locked = True
    for call in (lambda store: store.session(DIGEST), lambda store: store.put_session(DIGEST, SESSION), Store.prepare):
        with pytest.raises(ShellhookError, match="the keyring is locked"):
            call(anew(sealing))


def test_where_nothing_is_sealed_no_keyring_is_asked(sealing: Store, memory: Memory) -> None:
    store = anew(sealing, seals=False)
    store.put_session(DIGEST, SESSION)
    store.prepare()
    assert store.session(DIGEST) == SESSION
    assert memory.asked == []
    assert memory.held == {}


def test_many_at_once_make_one_key(memory: Memory, tmp_path: Path) -> None:
    code = f"""
import sys
from tests.test_sealed_sessions import SESSION
from shellhook.store import Store
Store({str(tmp_path / "store")!r}, lambda: True).put_session(sys.argv[1] * 32, SESSION)
"""
    environ = {**os.environ, **memory.environ}
    started = [subprocess.Popen([sys.executable, "-c", code, str(number)], env=environ) for number in range(4)]
    assert [process.wait(60) for process in started] == [0] * 4
    assert [verb for verb, _ in memory.asked].count("set") == 1
    assert len(memory.held["sessions"]) == 64


# --- the program


def test_assume(desk: Desk, memory: Memory) -> None:
    desk.environ.update(memory.environ, SHELLHOOK_SESSION_STORE="keyring")
    old = {"AWS_ACCESS_KEY_ID": "AKIAOLD", "AWS_SECRET_ACCESS_KEY": "0LDS3CRET" * 4}
    done = desk.run(*desk.hooked("power-user", "--token-code", desk.sandbox.code("alice")), env=old)
    assert done.status == 0, done
    pairs = (word.split("=", 1) for word in done.out.split() if "=" in word)
    environ = {name: value.strip("'") for name, value in pairs if name.startswith(("AWS_", "SHELLHOOK_"))}
    there = at_rest(desk.store)
    assert environ["AWS_SECRET_ACCESS_KEY"].encode() not in there
    assert environ["AWS_SESSION_TOKEN"].encode()[:50] not in there
    assert b"0LDS3CRET" not in there
    assert environ["AWS_SECRET_ACCESS_KEY"] in desk.run(*desk.hooked("power-user")).out
    assert len(desk.sandbox.calls("AssumeRole")) == 1, "the second one came from the store"
    off = desk.run(*desk.hooked("--off"), env=environ)
    assert "0LDS3CRET" in off.out


def test_without_a_keyring_no_code_is_spent(desk: Desk, memory: Memory) -> None:
    desk.environ.update(memory.environ, SHELLHOOK_SESSION_STORE="keyring")
    memory.locked = True
    done = desk.run(*desk.hooked("power-user", "--token-code", desk.sandbox.code("alice")))
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("shellhook: the keyring is locked\n")
    assert desk.sandbox.calls() == []


def test_only_two_words_are_meant(desk: Desk) -> None:
    done = desk.run(*desk.hooked("power-user"), env={"SHELLHOOK_SESSION_STORE": "keychain"})
    assert (done.status, done.out) == (3, "")
    assert "session_store (SHELLHOOK_SESSION_STORE) cannot be 'keychain'" in done.err


def test_a_stored_session_loads_none_of_this(desk: Desk) -> None:
    """It has 30 ms, in all."""
    desk.run(*desk.hooked("power-user", "--token-code", desk.sandbox.code("alice")))
    code = f"""
import sys
from shellhook.cli import assume
sys.argv[0] = "shellhook"
assert assume.run({[*desk.hooked("power-user")[1:]]!r}) == 0
for name in ("keyring", "cryptography", "json", "re", "threading", "shellhook.seal", "shellhook.os_keyring"):
    print(name in sys.modules, file=sys.stderr)
"""
    words = [sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}\n{code}"]
    done = subprocess.run(words, env=desk.environ, capture_output=True, text=True, timeout=60)
    assert done.stderr.split() == ["False"] * 7


def test_nobody_is_asked_to_unlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os_keyring._Manner, "may_ask", True)
    monkeypatch.setenv("DISPLAY", ":0")
    assert os_keyring._patience() == 120
    os_keyring.never_ask()
    assert os_keyring._patience() == 8
