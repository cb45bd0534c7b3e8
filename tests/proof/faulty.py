"""`shellhook` on a machine that fails it: `python -m tests.proof.faulty FAULT STEP ROOT NOTES WORDS` runs it with these
words, and at the step of that number FAULT happens. A step is whatever changes a file below ROOT: opening it for
writing, a write (twice: before it, and when half of it is done), fsync, chmod, rename, unlink, mkdir ... NOTES is where
they are written down.

    kill   the process is killed, as by SIGKILL
    full   the disk is full: nothing can be made or written from then on
    off    the file system is read-only from then on
"""

from __future__ import annotations

import builtins
import errno
import functools
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_BY_PATH = ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "chmod", "utime", "symlink", "link", "truncate")
_BY_DESCRIPTOR = ("fsync", "ftruncate", "write", "fchmod")
_ON_A_FULL_DISK = ("open", "write", "half a write", "mkdir", "fsync", "symlink", "link")


class Machine:
    """Counts steps, and fails at one of them."""

    def __init__(self, fault: str, step: int, root: str, notes: str) -> None:
        self._fault, self._step, self._root = fault, step, os.path.realpath(root)
        self._done = 0
        self._ours: dict[int, tuple[str, int]] = {}  # descriptors of files below the root: their paths and inodes
        self._open, self._write = os.open, os.write
        self._notes = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def install(self) -> None:
        """From now on."""
        for name in _BY_PATH:
            setattr(os, name, self._wrapped(name, getattr(os, name), lambda where: self._is_ours(where)))
        for name in _BY_DESCRIPTOR:
            setattr(os, name, self._wrapped(name, getattr(os, name), self._of_descriptor))
        os.open = self._opening
        builtins.open = self._opened(builtins.open)

    def step(self, name: str, path: str) -> None:
        self._done += 1
        self._write(self._notes, f"{name} {os.path.relpath(path, self._root)}\n".encode())
        if self._fault == "kill" and self._done == self._step:
            os.kill(os.getpid(), signal.SIGKILL)
        if not 0 < self._step <= self._done:
            return
        if self._fault == "off":
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        if self._fault == "full" and name in _ON_A_FULL_DISK:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    def _is_ours(self, path: Any) -> str:
        if isinstance(path, int):
            return self._of_descriptor(path)
        whole = os.path.abspath(os.fsdecode(path))
        return whole if whole.startswith(self._root + os.sep) else ""

    def _of_descriptor(self, descriptor: int) -> str:
        path, inode = self._ours.get(descriptor, ("", 0))
        # It may have been closed, and be somebody else's by now: a socket's.
        return path if path and os.fstat(descriptor).st_ino == inode else ""

    def _wrapped(self, name: str, call: Callable[..., Any], place: Callable[[Any], str]) -> Callable[..., Any]:
        @functools.wraps(call)
        def wrapped(where: Any, *words: Any, **named: Any) -> Any:
            if path := place(where):
                self.step(name, path)
            return call(where, *words, **named)

        return wrapped

    def _opening(self, path: Any, flags: int, *words: Any, **named: Any) -> int:
        ours = self._is_ours(path) if flags & _WRITING else ""
        if ours:
            self.step("open", ours)
        descriptor = self._open(path, flags, *words, **named)
        if ours:
            self._ours[descriptor] = ours, os.fstat(descriptor).st_ino
        return descriptor

    def _opened(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def opened(file: Any, mode: str = "r", *words: Any, **named: Any) -> Any:
            if not set(mode) & set("wax+"):
                return call(file, mode, *words, **named)
            path = self._is_ours(file)
            if path and not isinstance(file, int):
                self.step("open", path)
            stream = call(file, mode, *words, **named)
            return _Writing(stream, path, self) if path else stream

        return opened


class _Writing:
    """A file that is being written, in two halves."""

    def __init__(self, stream: Any, path: str, machine: Machine) -> None:
        self._stream, self._path, self._machine = stream, path, machine

    def write(self, content: Any) -> int:
        self._machine.step("write", self._path)
        half = len(content) // 2
        self._stream.write(content[:half])
        self._stream.flush()
        self._machine.step("half a write", self._path)
        self._stream.write(content[half:])
        return len(content)

    def __enter__(self) -> _Writing:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def main(fault: str, step: str, root: str, notes: str, *words: str) -> None:
    import tempfile  # which would take the changed functions for its own

    from shellhook import __main__
    from tests.desk import PROGRAM

    assert tempfile
    sys.argv = [PROGRAM, *words]
    Machine(fault, int(step), root, notes).install()
    __main__.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
