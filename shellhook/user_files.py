"""Files of the user's, read to be changed: one process at a time, and in one step."""

from __future__ import annotations

import contextlib
import os
import stat
import sys

from shellhook.errors import BadConfiguration, ShellhookError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = ".shellhook-"  # in the names of files that are to take another's place
_held: set[tuple[int, str]] = set()  # threads of ours, and the directories that they hold


def read(path: str) -> bytes:
    """The bytes of a file of the user's, none if it is not there. Raises ShellhookError, BadConfiguration for
    UTF-16."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ShellhookError(f"{path} cannot be read", why=str(error.strerror)) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadConfiguration(f"{path} is UTF-16, which `aws` cannot read", remedy="save it as UTF-8")
    return content


def replace_unchanged(path: str, before: bytes, after: bytes, *, private: bool = False) -> None:
    """`replace`, if the file is still what it was. Raises BadConfiguration if not, ShellhookError."""
    with held(path):
        if read(path) != before:
            raise BadConfiguration(f"{path} has changed meanwhile", remedy="try again")
        replace(path, after, private=private)


@contextlib.contextmanager
def held(*paths: str) -> Iterator[None]:
    """While this is on, no other process of ours changes these files of the user's: whoever reads one to change it does
    both under this lock, and waits for it.

    It lies on the file's directory, so that nothing is left beside the file, and the kernel frees it. Where a directory
    cannot be locked (Windows, some network file systems) the look at the content before it is replaced has to do.
    """
    with contextlib.ExitStack() as stack:
        for path in paths:
            stack.enter_context(_directory_held(os.path.dirname(os.path.realpath(path))))
        yield


@contextlib.contextmanager
def _directory_held(directory: str) -> Iterator[None]:
    import _thread

    mine = _thread.get_ident(), directory
    if mine in _held or sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = -1
    try:
        with contextlib.suppress(OSError):
            descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _held.add(mine)
        yield
    finally:
        _held.discard(mine)
        if descriptor >= 0:
            os.close(descriptor)


def replace(path: str, content: bytes, *, private: bool = False) -> None:
    """Write a file of the user's in one step: a temporary one beside it takes its place, with its permissions, or
    `private`, the owner's alone. A symbolic link stays one."""
    target = os.path.realpath(path)
    directory = os.path.dirname(target)
    try:
        os.makedirs(directory, 0o700, exist_ok=True)
    except OSError as error:
        raise ShellhookError(f"{path} cannot be written", why=str(error.strerror)) from None
    with held(path):
        _replace(path, target, content, private=private)


def _replace(path: str, target: str, content: bytes, *, private: bool) -> None:
    temporary = f"{target}{_MARK}{os.urandom(8).hex()}"
    try:
        _sweep(target)
        mode = stat.S_IMODE(os.stat(target).st_mode) if os.path.exists(target) else 0o600
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the new name with nothing in it
        os.chmod(temporary, mode & 0o600 if private else mode)
        os.replace(temporary, target)
    except OSError as error:
        raise ShellhookError(f"{path} cannot be written", why=str(error.strerror)) from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _sweep(target: str) -> None:
    """Remove what a process of ours left that was killed before its file took the target's place: keys stand in it.
    Whoever holds the lock knows that nobody is still at it."""
    directory, name = os.path.split(target)
    if any(locked == directory for _, locked in _held):
        for other in os.listdir(directory):
            if other.startswith(name + _MARK):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(directory, other))
