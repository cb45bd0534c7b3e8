"""The store: sessions at rest, and everything beside them that shells and processes share."""

from __future__ import annotations

import hmac
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from shellhook.session import Session
from shellhook.store import Store, forgetting, is_digest, since_boot, sweeping
from tests.store.kept import DAMAGED, DAY, DEVICE, NOW, SESSION, Other, files, write_everything

if TYPE_CHECKING:
    from collections.abc import Callable

posix = pytest.mark.skipif(os.name != "posix", reason="owners, modes and signals are POSIX")


def test_nothing_is_made_before_something_is_written(store: Store) -> None:
    assert store.session("a" * 32) is None
    assert store.request("a" * 32) is None
    assert store.before("a" * 32) is None
    sweeping.sweep(store, NOW)
    assert forgetting.forget(store, None) == 0
    assert not os.path.exists(store.directory)


# --- digests


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0123456789abcdef" * 2, True),
        ("0123456789ABCDEF" * 2, False),
        ("a" * 31, False),
        ("a" * 33, False),
        ("a" * 31 + "\n", False),
        ("../" + "a" * 29, False),
        ("٠" * 32, False),
        ("", False),
        (None, False),
    ],
)
def test_what_a_digest_looks_like(text: str | None, is_one: bool) -> None:
    assert is_digest(text) is is_one


@pytest.mark.parametrize("text", ["", "a", "été 日本", "not UTF-8: \udcff", "x" * 100_000])
def test_a_digest_is_an_hmac_under_the_store_s_key(store: Store, text: str) -> None:
    digest = store.digest(text)
    key = files(store)["key"].read_bytes()
    assert len(key) == 32
    assert digest == hmac.new(key, text.encode("utf-8", "surrogateescape"), "sha256").hexdigest()[:32]
    assert is_digest(digest)
    assert Store(store.directory).digest(text) == digest


def test_no_two_stores_have_the_same_digests(tmp_path: Path) -> None:
    """Or what is digested could be guessed from the names of the files."""
    assert Store(str(tmp_path / "one")).digest("x") != Store(str(tmp_path / "two")).digest("x")


@pytest.mark.parametrize("key", [None, b"", b"short", b"x" * 33], ids=["absent", "empty", "short", "long"])
def test_processes_that_make_the_key_at_once_agree(
    store: Store, others: Callable[[str], Other], key: bytes | None
) -> None:
    if key is not None:
        os.makedirs(store.directory)
        Path(store.directory, "key").write_bytes(key)
    crowd = [others("print(store.digest('x'), flush=True)") for _ in range(6)]
    for other in crowd:
        other.go()
    assert {other.line() for other in crowd} == {store.digest("x")}
    assert len(files(store)["key"].read_bytes()) == 32


# --- sessions and requests


def test_a_session_comes_back_as_it_was_kept(store: Store) -> None:
    digest = store.digest("plan")
    store.put_session(digest, SESSION)
    assert Store(store.directory).session(digest) == SESSION
    forever = Session(access_key_id="AKIA", secret_access_key="s")
    store.put_session(digest, forever)
    assert store.session(digest) == forever


def test_a_session_is_usable_while_it_has_more_than_the_minimum_left(store: Store) -> None:
    digest = store.digest("plan")
    store.put_session(digest, SESSION.replace(attended_from=0))
    assert store.usable_session(digest, NOW + 3539, None)
    assert store.usable_session(digest, NOW + 3540, None) is None
    assert store.usable_session(digest, NOW, 3599)
    assert store.usable_session(digest, NOW, 3600) is None
    assert store.usable_session(digest, NOW + 3599, 0)
    assert store.usable_session(digest, NOW + 3600, 0) is None
    assert store.usable_session(store.digest("another"), NOW, None) is None


@pytest.mark.parametrize("content", DAMAGED, ids=repr)
def test_a_damaged_file_is_no_file(store: Store, content: bytes) -> None:
    digest = store.digest("device me")
    write_everything(store)
    store.note_code("me", "123456", NOW)
    identifier = store.put_before(os.getpid(), {})
    paths = [
        f"sessions/{store.digest('x')}",
        f"requests/{store.digest('x')}",
        f"before/{identifier}",
        f"codes/{digest}",
    ]
    for path in paths:
        files(store)[path].write_bytes(content)
    assert store.session(store.digest("x")) is None
    assert store.request(store.digest("x")) is None
    assert store.before(identifier) is None
    assert not store.was_sent("me", "123456", NOW)
    write_everything(store)
    assert store.session(store.digest("x")) == SESSION
    assert store.request(store.digest("x")) is not None


@pytest.mark.parametrize("name", ["", "..", "../key", "a" * 31, "A" * 32, "a" * 32 + ".0123456789abcdef"])
def test_a_name_that_is_no_digest_never_becomes_a_path(store: Store, name: str) -> None:
    """SHELLHOOK_REQUEST and its like come from the environment."""
    write_everything(store)
    before = files(store)
    assert store.session(name) is None
    assert store.request(name) is None
    assert store.before(name) is None
    store.drop_before(name)
    assert files(store) == before


def test_a_file_is_replaced_in_one_step(store: Store) -> None:
    """Who reads while it is written finds the old session or the new one, whole."""
    digest = store.digest("plan")
    store.put_session(digest, SESSION)
    with files(store)[f"sessions/{digest}"].open("rb") as reader:
        store.put_session(digest, SESSION.replace(access_key_id="ASIANEWER"))
        whole = reader.read()
    assert b"ASIAEXAMPLE" in whole
    assert b"s3cret" in whole
    assert store.session(digest) == SESSION.replace(access_key_id="ASIANEWER")
    assert [name for name in files(store) if name.startswith("sessions/")] == [f"sessions/{digest}"]


def test_readers_and_writers_do_not_disturb_each_other(store: Store, others: Callable[[str], Other]) -> None:
    digest = store.digest("plan")
    store.put_session(digest, SESSION)
    busy = others(
        "from shellhook.session import Session\n"
        "for number in range(1, 400):\n"
        f"    store.put_session({digest!r}, Session(access_key_id='A' * number, secret_access_key='s', expires=number))"
    )
    busy.go()
    looks = 0
    while busy.process.poll() is None:
        found = store.session(digest)
        assert found is not None
        assert found == SESSION or len(found.access_key_id) == found.expires
        # Expired or not, whoever sweeps meanwhile leaves alone what is being written.
        sweeping.sweep(store, -10 * DAY)
        looks += 1
    assert busy.end() == (0, "")
    assert looks > 10


def test_a_request_comes_back_with_what_was_learned(store: Store) -> None:
    digest = store.digest("request")
    kept = {"request": {"profile": "été"}, "learned": {"device": ""}, "sets": {"AWS_CA_BUNDLE": "/x"}}
    store.put_request(digest, kept)
    assert Store(store.directory).request(digest) == kept


# --- markers


def test_a_marker_is_what_the_hooks_read(store: Store) -> None:
    """Digits on the first line, the profile on the second, and the expiry again as modification time."""
    digest = store.digest("request")
    store.mark(digest, NOW, "power user")
    marker = files(store)[f"markers/{digest}"]
    assert marker.read_bytes() == b"1800000000\npower user\n"
    assert marker.stat().st_mtime == NOW


def test_a_marker_is_renamed_into_place_when_the_expiry_changes(store: Store) -> None:
    digest = store.digest("request")
    store.mark(digest, NOW, "x")
    marker = files(store)[f"markers/{digest}"]
    first = marker.stat()
    store.mark(digest, NOW, "x")
    assert marker.stat().st_ino == first.st_ino, "an unchanged one is left alone"
    with marker.open("rb") as reader:
        store.mark(digest, NOW + 3600, "x")
        assert reader.read() == b"1800000000\nx\n"
    assert marker.read_bytes() == b"1800003600\nx\n"
    assert marker.stat().st_mtime == NOW + 3600
    assert len(files(store)) == 3, "the key, its lock, the marker, nothing half-written"


def test_the_marker_of_a_session_without_an_end(store: Store) -> None:
    digest = store.digest("request")
    store.mark(digest, None, "keys")
    marker = files(store)[f"markers/{digest}"]
    assert marker.read_bytes() == b"0\nkeys\n"
    assert marker.stat().st_mtime == 0
    sweeping.sweep(store, NOW)
    assert marker.exists()


@pytest.mark.parametrize(
    ("profile", "shown"),
    [("a\nb", "ab"), ("\x1b]0;title\x07", "]0;title"), ("été 日本", "été 日本"), ("\udcff", ""), ("", "")],
)
def test_a_marker_s_second_line_is_one_line_without_control_characters(store: Store, profile: str, shown: str) -> None:
    digest = store.digest("request")
    store.mark(digest, NOW, profile)
    assert files(store)[f"markers/{digest}"].read_text("utf-8") == f"{NOW}\n{shown}\n"


# --- what was there before


def test_a_snapshot_comes_back_with_what_was_absent(store: Store) -> None:
    variables = {"AWS_REGION": "eu-west-1", "AWS_PROFILE": None, "AWS_CA_BUNDLE": "", "AWS_DEFAULT_OUTPUT": "\udcff"}
    identifier = store.put_before(4711, variables)
    assert is_digest(identifier)
    found = Store(store.directory).before(identifier) or {}
    assert (found["pid"], found["variables"]) == (4711, variables)
    store.drop_before(identifier)
    assert store.before(identifier) is None
    store.drop_before(identifier)


def test_a_snapshot_is_swept_when_its_shell_is_dead(store: Store, others: Callable[[str], Other]) -> None:
    shell = others("")
    identifier = store.put_before(shell.process.pid, {})
    sweeping.sweep(store, NOW)
    assert store.before(identifier)
    sweeping.sweep(store, NOW + 400 * DAY)
    assert store.before(identifier), "a shell may live long"
    shell.process.kill()
    shell.process.wait()
    sweeping.sweep(store, NOW)
    assert store.before(identifier) is None


def test_a_process_of_the_same_number_is_not_the_shell(store: Store) -> None:
    """Numbers are used again: one that was started after the snapshot was written is somebody else's."""
    identifier = store.put_before(os.getpid(), {})
    path = files(store)[f"before/{identifier}"]
    started = psutil.Process().create_time()
    changed(store, "before", identifier, since_boot=started - psutil.boot_time() - 60)
    os.utime(path, (started + 1, started + 1))
    sweeping.sweep(store, NOW)
    assert path.exists()
    os.utime(path, (started - 60, started - 60))
    sweeping.sweep(store, NOW)
    assert not path.exists()


def changed(store: Store, room: str, identifier: str, **fields: object) -> None:
    """What is kept of a process, with something else in it."""
    store.files.save(room, identifier, {**(store.files.load(room, identifier) or {}), **fields})


@pytest.mark.skipif(since_boot() is None, reason="nothing tells the time since the machine was started")
def test_a_clock_that_was_set_is_no_other_shell(store: Store) -> None:
    """It moves start times, as it is they that are counted from the machine's."""
    identifier = store.put_before(os.getpid(), {})
    path = files(store)[f"before/{identifier}"]
    set_forward = psutil.Process().create_time() - 3600
    os.utime(path, (set_forward, set_forward))
    sweeping.sweep(store, NOW)
    assert path.exists()
    changed(store, "before", identifier, since_boot=(since_boot() or 0) + 3600)  # of a longer run of the machine
    os.utime(path, (set_forward, set_forward))
    sweeping.sweep(store, NOW)
    assert not path.exists()


@pytest.mark.parametrize("room", ["before", "serving"])
def test_what_is_numbered_elsewhere_is_swept_after_a_month(store: Store, room: str) -> None:
    """A process of another namespace, or machine, cannot be seen: that says nothing about it."""
    nobody = 2**22 + 1  # more than Linux gives
    identifier = store.put_before(nobody, {}) if room == "before" else store.put_served(nobody)
    path = files(store)[f"{room}/{identifier}"]
    changed(store, room, identifier, numbered_by="another pid:[1]")
    sweeping.sweep(store, time.time() + 29 * DAY)
    assert path.exists()
    sweeping.sweep(store, time.time() + 31 * DAY)
    assert not path.exists()
    store.files.save(room, identifier, {"pid": nobody, "variables": {}})  # as it was written formerly
    sweeping.sweep(store, time.time())
    assert not path.exists()


def test_the_last_code_is_known_again_for_90_seconds(store: Store) -> None:
    assert not store.was_sent(DEVICE, "123456", NOW)
    store.note_code(DEVICE, "123456", NOW)
    assert Store(store.directory).was_sent(DEVICE, "123456", NOW)
    assert store.was_sent(DEVICE, "123456", NOW + 89.9)
    assert not store.was_sent(DEVICE, "123456", NOW + 90)
    assert not store.was_sent(DEVICE, "123456", NOW - 3600), "the clock was set back: nothing is known"
    assert not store.was_sent(DEVICE, "654321", NOW)
    assert not store.was_sent(DEVICE.replace("me", "you"), "123456", NOW)


def test_only_an_hmac_of_a_code_is_kept(store: Store) -> None:
    store.note_code(DEVICE, "123456", NOW)
    assert not [path for path in files(store).values() if b"123456" in path.read_bytes() or b"mfa" in path.read_bytes()]
