"""Locks between processes, in the store."""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from shellhook.store.files import PrivateFiles


class Lock:
    """The lock of that name, held inside `with`. `waiting` is called once if somebody else has it. The kernel frees it,
    whatever becomes of the holder, who may leave word for those who wait: what came of the question they waited for."""

    def __init__(self, files: PrivateFiles, name: str, waiting: Callable[[], None]) -> None:
        self._files, self._name, self._waiting = files, name, waiting

    def __enter__(self) -> Lock:
        self._files.make("locks")
        # What is left in it would else be written to wherever a link leads.
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        with self._files.writing():
            self._descriptor = os.open(self._files.path("locks", self._name), flags, 0o600)
        try:
            self._since = time.time_ns()
            _acquire(self._descriptor, self._waiting)
        except BaseException:
            os.close(self._descriptor)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def leave(self, word: str) -> None:
        """Tell those who wait now, and nobody who comes later."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, f"{time.time_ns()} {word}".encode())

    def left(self) -> str | None:
        """What was left while we waited."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        at, _, word = os.read(self._descriptor, 100).decode("ascii", "replace").partition(" ")
        return word if at.isdigit() and int(at) > self._since else None


def _acquire(descriptor: int, waiting: Callable[[], None]) -> None:
    if sys.platform == "win32":
        import msvcrt

        said = False
        while True:
            try:
                return msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except OSError:
                if not said:
                    waiting()
                said = True
                time.sleep(0.1)
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
