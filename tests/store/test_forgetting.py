"""What goes out of the store: what the user wants out of it, and what nobody can need."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from shellhook.store import Store, forgetting, sweeping
from tests.store.kept import DAY, DEVICE, NOW, SESSION, files, write_everything

posix = pytest.mark.skipif(os.name != "posix", reason="owners, modes and signals are POSIX")


def stamp(path: Path, epoch: float) -> None:
    os.utime(path, (epoch, epoch))


def test_forget_deletes_the_sessions_and_markers_of_a_profile(store: Store) -> None:
    for number, profile in enumerate(["dev", "dev", "prod", "dev "]):
        digest = store.digest(f"{number}")
        store.put_session(digest, SESSION.replace(profile=profile))
        store.mark(digest, NOW, profile)
    assert forgetting.forget(store, "dev") == 2
    left = [store.session(store.digest(f"{number}")) for number in range(4)]
    assert [session.profile for session in left if session] == ["prod", "dev "]
    assert len([name for name in files(store) if name.startswith("markers/")]) == 2
    assert forgetting.forget(store, "dev") == 0
    assert forgetting.forget(store, None) == 2
    assert forgetting.forget(store, None) == 0
    assert not [name for name in files(store) if name.startswith(("sessions/", "markers/"))]


def test_forget_keeps_what_is_no_session(store: Store) -> None:
    """The key, snapshots of shells that live, requests that shells may replay, locks that somebody may hold."""
    write_everything(store)
    kept = {name for name in files(store) if not name.startswith(("sessions/", "markers/"))}
    forgetting.forget(store, None)
    assert set(files(store)) == kept


def test_forget_deletes_damaged_sessions_too(store: Store) -> None:
    write_everything(store)
    files(store)[f"sessions/{store.digest('x')}"].write_bytes(b"{")
    files(store)[f"markers/{store.digest('x')}"].write_bytes(b"\xff\n\xff")
    assert forgetting.forget(store, "any") == 1
    assert forgetting.forget(store, None) == 0
    assert not [name for name in files(store) if name.startswith("markers/")]


def test_forget_forgets_what_was_learned(store: Store) -> None:
    """That there is no MFA device, say: there may be one since."""
    for profile in ("dev", "prod"):
        store.put_request(store.digest(profile), {"request": {"profile": profile}, "learned": {"device": ""}})
    forgetting.forget(store, "dev")
    found = [store.request(store.digest(profile)) for profile in ("dev", "prod")]
    assert [saved["learned"] for saved in found if saved] == [{}, {"device": ""}]
    forgetting.forget(store, None)
    assert store.request(store.digest("prod")) == {"request": {"profile": "prod"}, "learned": {}}


@pytest.mark.parametrize(
    ("age", "swept"),
    [
        (-3600, set()),
        (0, set()),
        (DAY - 1, set()),
        (DAY + 1, {"sessions", "markers"}),
        (29 * DAY, {"sessions", "markers"}),
    ],
)
def test_what_expired_a_day_ago_is_swept(store: Store, age: int, swept: set[str]) -> None:
    digest = store.digest("x")
    store.put_session(digest, SESSION.replace(expires=NOW - age))
    store.put_request(digest, {"request": {}})
    store.mark(digest, NOW - age, "x")
    stamp(files(store)[f"requests/{digest}"], NOW - age)
    sweeping.sweep(store, NOW)
    assert {"sessions", "requests", "markers"} - {name.split("/")[0] for name in files(store)} == swept


def test_sweeping_is_due_once_an_hour(store: Store) -> None:
    now = time.time()
    old = SESSION.replace(expires=int(now - 2 * DAY))
    for later, swept in ((0, True), (3500, False), (3700, True)):
        store.put_session(store.digest("x"), old)
        sweeping.sweep_if_due(store, now + later)
        assert (store.session(store.digest("x")) is None) is swept
    stamp(files(store)["swept"], now + DAY)
    store.put_session(store.digest("x"), old)
    sweeping.sweep_if_due(store, now)
    assert store.session(store.digest("x")) is None, "the clock was set back"


def test_sessions_without_an_end_stay(store: Store) -> None:
    digest = store.digest("x")
    store.put_session(digest, SESSION.replace(expires=None))
    sweeping.sweep(store, NOW + 400 * DAY)
    assert store.session(digest)


def test_codes_are_swept_when_they_are_forgotten(store: Store) -> None:
    store.note_code(DEVICE, "123456", NOW)
    code = files(store)[f"codes/{store.digest(f'device {DEVICE}')}"]
    stamp(code, NOW - 89)
    sweeping.sweep(store, NOW)
    assert code.exists()
    stamp(code, NOW - 91)
    sweeping.sweep(store, NOW)
    assert not code.exists()


def test_a_request_is_swept_a_month_after_its_last_use(store: Store) -> None:
    used, unused = store.digest("used"), store.digest("unused")
    for digest in (used, unused):
        store.put_request(digest, {"request": {}, "learned": {}, "sets": {}})
        stamp(files(store)[f"requests/{digest}"], time.time() - 31 * DAY)
    store.put_request(used, {"request": {}, "learned": {}, "sets": {}})  # what every assume does
    sweeping.sweep(store, time.time())
    assert store.request(used)
    assert store.request(unused) is None


def test_damaged_sessions_are_swept(store: Store) -> None:
    write_everything(store)
    session = files(store)[f"sessions/{store.digest('x')}"]
    session.write_bytes(b"{")
    sweeping.sweep(store, NOW)
    assert not session.exists()


@posix
def test_what_a_killed_writer_leaves_is_swept_a_day_later(store: Store) -> None:
    """And not before: another process may be about to rename it."""
    write_everything(store)
    rooms = ("sessions", "requests", "markers")
    left = [Path(store.directory, room, "a" * 32 + ".0123456789abcdef") for room in rooms]
    left += [Path(store.directory, f"{name}.0123456789abcdef") for name in ("key", "usage", "swept")]
    for path in left:
        path.write_bytes(b"{")
        stamp(path, NOW - 60)
    sweeping.sweep(store, NOW)
    assert forgetting.forget(store, "somebody") == 0
    assert all(path.exists() for path in left)
    for path in left:
        stamp(path, NOW - 2 * DAY)
    sweeping.sweep(store, NOW)
    assert not any(path.exists() for path in left)


def test_forgetting_what_was_learned_is_no_changed_profile(store: Store) -> None:
    """The session that a request ended in was that of another plan: it says nothing about the next."""
    digest = "c" * 32
    kept = {"request": {"profile": "p"}, "learned": {"mfa": "yes"}, "sets": {}, "session": "d" * 32}
    store.put_request(digest, kept)
    forgetting.forget(store, "p")
    assert store.request(digest) == {"request": {"profile": "p"}, "learned": {}, "sets": {}}


def test_a_login_s_sessions_are_forgotten_with_it(store: Store) -> None:
    for digest, sign_in in (("a", "corp"), ("b", "other"), ("c", None)):
        store.put_session(digest * 32, SESSION.replace(sign_in=sign_in))
        store.put_request(digest * 32, {"request": {"profile": "p"}, "session": digest * 32})
        store.mark(digest * 32, NOW, "p")
    assert forgetting.forget_login(store, "corp") == 1
    assert [store.marked(digest * 32) for digest in "abc"] == [0, NOW, NOW]
    assert forgetting.forget_login(store, None) == 1
    assert store.session("c" * 32) == SESSION, "it came from no login"
