"""Locks: held by one, free when that one is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shellhook.errors import ShellhookError
from shellhook.store import Store, forgetting, sweeping
from tests.store.kept import DAY, NOW, Other, files, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

posix = pytest.mark.skipif(os.name != "posix", reason="owners, modes and signals are POSIX")


HOLD = """
with store.lock('a' * 32, lambda: print('waiting', flush=True)):
    print('has it', flush=True)
    sys.stdin.readline()
"""


def test_a_lock_is_held_by_one(store: Store, others: Callable[[str], Other]) -> None:
    """`waiting` is said once, however long it takes, and not at all if nobody has the lock."""
    holder, waiter = others(HOLD), others(HOLD)
    holder.go()
    assert holder.line() == "has it"
    waiter.go()
    assert waiter.line() == "waiting"
    holder.go()
    assert holder.end() == (0, "")
    assert waiter.line() == "has it"
    waiter.go()
    assert waiter.end() == (0, "")
    with store.lock("a" * 32, nothing):
        pass


def test_locks_of_other_names_are_free(store: Store, others: Callable[[str], Other]) -> None:
    holder = others(HOLD)
    holder.go()
    assert holder.line() == "has it"
    with store.lock("b" * 32, nothing), store.lock("c" * 32, nothing):
        pass


@posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_lock_of_a_killed_process_is_free(store: Store, others: Callable[[str], Other], number: int) -> None:
    holder, waiter = others(HOLD), others(HOLD)
    holder.go()
    assert holder.line() == "has it"
    waiter.go()
    assert waiter.line() == "waiting"
    holder.process.send_signal(number)
    assert waiter.line() == "has it"


@posix
def test_the_wait_for_a_lock_ends_with_ctrl_c(store: Store, others: Callable[[str], Other]) -> None:
    holder, waiter = others(HOLD), others(HOLD)
    holder.go()
    assert holder.line() == "has it"
    waiter.go()
    assert waiter.line() == "waiting"
    waiter.process.send_signal(signal.SIGINT)
    _, said = waiter.end()
    assert "KeyboardInterrupt" in said
    holder.go()
    assert holder.end() == (0, "")


def test_a_lock_is_freed_by_an_error(store: Store) -> None:
    def fails() -> None:
        with store.lock("a" * 32, nothing):
            raise ValueError

    with pytest.raises(ValueError):
        fails()
    with store.lock("a" * 32, nothing):
        pass


@posix
def test_a_lock_that_is_a_link_leads_nowhere(store: Store, tmp_path: Path) -> None:
    """What is left in a lock would be written over whatever it leads to."""
    store.digest("x")
    (tmp_path / "precious").write_text("precious")
    (Path(store.directory) / "locks").mkdir(exist_ok=True)
    (Path(store.directory) / "locks" / "x").symlink_to(tmp_path / "precious")
    with pytest.raises(ShellhookError, match="cannot be written"), store.lock("x", lambda: None) as lock:
        lock.leave("skipped")
    assert (tmp_path / "precious").read_text() == "precious"


def test_lock_files_are_never_unlinked(store: Store) -> None:
    """Of two files of one name, two processes could each lock one."""
    digest = store.digest("plan")
    with store.lock(digest, nothing):
        lock = files(store)[f"locks/{digest}"].stat().st_ino
        sweeping.sweep(store, NOW + 400 * DAY)
        forgetting.forget(store, None)
        assert files(store)[f"locks/{digest}"].stat().st_ino == lock
    with store.lock(digest, nothing):
        assert files(store)[f"locks/{digest}"].stat().st_ino == lock


@posix
def test_a_child_does_not_inherit_a_lock(store: Store) -> None:
    """The command of mfa_process may leave something running in the background."""
    with store.lock("a" * 32, nothing):
        child = subprocess.Popen(
            [sys.executable, "-c", "print(flush=True); input()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            close_fds=False,
        )
    try:
        assert child.stdout
        child.stdout.readline()
        with store.lock("a" * 32, nothing):
            pass
    finally:
        child.communicate(b"\n")


def test_threads_wait_for_each_other_too(store: Store) -> None:
    said = threading.Event()
    had: list[int] = []

    def second() -> None:
        with store.lock("a" * 32, said.set):
            had.append(2)

    with store.lock("a" * 32, nothing):
        thread = threading.Thread(target=second)
        thread.start()
        assert said.wait(10)
        had.append(1)
    thread.join(10)
    assert had == [1, 2]
