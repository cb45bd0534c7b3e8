"""The files of the store: nobody else's, and each replaced in one step.

Directories are 0700, files 0600. A file lies in a room, a directory of the store, "" being the store itself.
"""

from __future__ import annotations

import marshal
import os
import sys

from shellhook.errors import ShellhookError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Any

DIGEST_LENGTH = 32
_HEX = frozenset("0123456789abcdef")
# Not JSON: `import json` brings `re`, and the two take 8 ms of the 30 that a stored session has. This version of the
# format is read by every Python from 3.4 on; nobody but us can write in the store.
_FORMAT = 4


def is_digest(text: str | None) -> bool:
    """Is this one of our digests? Checked before anything from the environment enters a path."""
    return text is not None and len(text) == DIGEST_LENGTH and _HEX.issuperset(text)


class PrivateFiles:
    """The files below `directory`, which is made when something is first written."""

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def path(self, room: str, name: str) -> str:
        """Where a file is, whether it is there or not."""
        return os.path.join(self.directory, room, name)

    # --- reading

    def read(self, room: str, name: str) -> bytes | None:
        """What is in a file, None if it is not there. Raises ShellhookError if it cannot be read, or is not ours."""
        path = self.path(room, name)
        try:
            with open(path, "rb") as file:
                # What is read is trusted, marshal's format too.
                if _is_theirs(os.fstat(file.fileno())):
                    raise self._not_ours()
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise ShellhookError(f"{path} cannot be read", why=str(error.strerror)) from None

    def load(self, room: str, name: str, *needed: str) -> dict[str, Any] | None:
        """What was saved, None if it is not there, or damaged, or without what is `needed`."""
        if room and not is_digest(name):
            return None  # it may come from the environment
        try:
            saved = marshal.loads(self.read(room, name) or b"N")  # noqa: S302
        except (ValueError, EOFError, TypeError, MemoryError):
            return None
        return saved if isinstance(saved, dict) and saved.keys() >= set(needed) else None

    def names(self, room: str, *, unfinished: bool = False) -> list[str]:
        """The entries of a room; or the files that a writer has not renamed yet, and never will if it was killed."""
        try:
            listed = os.listdir(os.path.join(self.directory, room))
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [name for name in listed if is_digest(name) is not unfinished]

    def changed(self, room: str, name: str) -> float:
        """When a file was last written (of a marker: the expiry it tells), epoch; endless if it is gone."""
        try:
            return os.stat(self.path(room, name)).st_mtime
        except OSError:
            return float("inf")

    # --- writing

    def save(self, room: str, name: str, saved: Mapping[str, Any]) -> None:
        """Keep what `load` gives. Raises ShellhookError."""
        self.write(room, name, marshal.dumps(dict(saved), _FORMAT))

    def write(self, room: str, name: str, content: bytes, changed: int | None = None) -> None:
        """Put a file there, or in the place of what is there; `changed` is the time it bears, epoch.

        Raises ShellhookError.
        """
        self.make(room)
        temporary = self._temporary(self.path(room, name), content)
        with self.writing():
            if changed is not None:
                os.utime(temporary, (changed, changed))
            os.replace(temporary, self.path(room, name))

    def touch(self, room: str, name: str) -> None:
        """Let it bear the time that it is. Raises ShellhookError."""
        with self.writing():
            os.utime(self.path(room, name))

    def unlink(self, room: str, name: str) -> None:
        """Delete a file, if it is there. Raises ShellhookError."""
        with self.writing():
            try:
                os.unlink(self.path(room, name))
            except FileNotFoundError:
                return

    def make(self, room: str) -> None:
        """See that a room is there, and ours. Raises ShellhookError."""
        self.own()
        if not room:
            return
        path = os.path.join(self.directory, room)
        with self.writing():
            try:
                os.mkdir(path, 0o700)
            except FileExistsError:
                if _is_theirs(os.lstat(path)):
                    raise self._not_ours() from None

    def own(self) -> None:
        """The directory is there, ours, and closed to others. `sudo -E` would otherwise leave root's files in it.

        Raises ShellhookError.
        """
        try:
            os.makedirs(self.directory, 0o700, exist_ok=True)
            status, link = os.stat(self.directory), os.lstat(self.directory)
        except OSError as error:
            raise ShellhookError(f"{self.directory} cannot be made", why=str(error.strerror)) from None
        if sys.platform == "win32":
            return
        # A link of the user's own is theirs to make; somebody else's could lead us to any place of the user's.
        if _is_theirs(status) or _is_theirs(link):
            raise self._not_ours()
        if status.st_mode & 0o077:
            with self.writing():
                os.chmod(self.directory, 0o700)

    def writing(self) -> _Writing:
        """While this is open, what cannot be done raises ShellhookError."""
        return _Writing(self.directory)

    def _temporary(self, replaced: str, content: bytes) -> str:
        """A new file beside the one it will replace. Its name cannot be foreseen, and it is never opened twice."""
        path = f"{replaced}.{os.urandom(8).hex()}"
        with self.writing():
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
                with open(descriptor, "wb") as file:
                    file.write(content)
            except OSError:
                try:  # noqa: SIM105 - see _Writing
                    os.unlink(path)
                except OSError:
                    pass
                raise
        return path

    def _not_ours(self) -> ShellhookError:
        return ShellhookError(
            f"{self.directory} belongs to another user",
            why="it holds sessions: it is only used by the user it belongs to",
            remedy="set XDG_STATE_HOME to a directory of your own, or use sudo without -E",
        )


class _Writing:
    """What cannot be done in the store is said. A class, and try/except elsewhere on the way of a stored session:
    contextlib brings functools and collections, and the three take 2.6 ms of its 30."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, OSError):
            raise ShellhookError(f"{self._directory} cannot be written", why=str(error.strerror)) from None


def _is_theirs(status: os.stat_result) -> bool:
    return sys.platform != "win32" and status.st_uid != os.geteuid()
