"""Sessions at rest, requests, markers, what was there before, locks.

    key         32 random bytes; every digest is an HMAC under it: a plain hash would let a short external ID be guessed
    sessions/   a session, by the digest of the resolved plan
    requests/   a request, what was learned about it and what it sets beside the keys, by the request's digest
    markers/    the newest expiry of a request, which hooks read without a process
    before/     the environment of a shell before its first assume
    serving/    the endpoints there are, and the process that each lives for: one that is not here any more ends
    written/    which sections of the AWS files hold a session for other programs, and whose it is
    rotations/  which keys a rotation was between: their IDs
    codes/      which MFA code was sent last for a device: an HMAC
    usage       which profiles are used, how much and how lately
    swept       its time is that of the last sweep
    locks/      never unlinked, or two processes could hold two files of one name

Directories are 0700, files 0600 and replaced in one step.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import time

from shellhook.errors import ShellhookError
from shellhook.session import Session, from_saved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

_DIGEST_LENGTH = 32
_KEY_LENGTH = 32
_HEX = frozenset("0123456789abcdef")
_DAY = 86_400
# Not JSON: `import json` brings `re`, and the two take 8 ms of the 30 that a stored session has. This version of the
# format is read by every Python from 3.4 on; nobody but us can write in the store.
_FORMAT = 4
_SECRETS = {"sessions": ("secret_access_key", "session_token"), "before": ("variables",)}
_CODE_LIFE = 90  # seconds in which a code can still be the current, the last or the next one (RFC 6238, one step each)


def state_directory(environ: Mapping[str, str]) -> str:
    """Where the store is: `$XDG_STATE_HOME/shellhook`, `%LOCALAPPDATA%\\shellhook` on Windows.

    A relative XDG_STATE_HOME is ignored, as the XDG base directory specification wants.
    """
    if sys.platform == "win32":
        return os.path.join(environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local"), "shellhook")
    base = environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "shellhook")


def is_digest(text: str | None) -> bool:
    """Is this one of our digests? Checked before anything from the environment enters a path."""
    return text is not None and len(text) == _DIGEST_LENGTH and _HEX.issuperset(text)


class Store:
    """The store in `directory`, which is made when something is first written. `seals` says whether secrets are to be
    sealed (seal.py); it is asked when there is something to write."""

    def __init__(self, directory: str, seals: Callable[[], bool] = lambda: False) -> None:
        self.directory = directory
        self._key: bytes | None = None
        self._seals = seals
        self._seal_key: bytes | None = None

    # --- digests

    def digest(self, text: str) -> str:
        """HMAC-SHA256 of `text` under the store's key, the first 32 hex digits."""
        import hmac

        return hmac.new(self._secret(), text.encode("utf-8", "surrogateescape"), "sha256").hexdigest()[:_DIGEST_LENGTH]

    def _secret(self) -> bytes:
        if self._key is None:
            self._own()
            self._key = self._saved_key() or self._new_key()
        return self._key

    def _saved_key(self) -> bytes | None:
        key = self._read("key")
        return key if key is not None and len(key) == _KEY_LENGTH else None

    def _new_key(self) -> bytes:
        # Of two processes that make one at the same time, both must go on with the same.
        with self.lock("key", lambda: None):
            key = self._saved_key()
            if key is None:
                key = os.urandom(_KEY_LENGTH)
                self._replace("key", key)
            return key

    # --- sessions

    def session(self, digest: str) -> Session | None:
        """The session by that digest, however little it has left; None if there is none, or none that can be read."""
        saved = self._opened("sessions", digest, self._load("sessions", digest))
        try:
            return from_saved(saved) if saved else None
        except TypeError:
            return None

    def usable_session(self, digest: str, now: float, min_ttl: int | None) -> Session | None:
        """The session by that digest, if it has enough left (Session.usable)."""
        session = self.session(digest)
        return session if session is not None and session.usable(now, min_ttl) else None

    def session_written(self, digest: str) -> float:
        """When a session was last put there, epoch; endless if it was not. Quick, whatever it takes to open one."""
        return self._changed("sessions", digest)

    def put_session(self, digest: str, session: Session) -> None:
        """Keep a session."""
        self._save("sessions", digest, self._sealed("sessions", digest, session.as_saved()))

    # --- requests

    def request(self, digest: str) -> dict[str, Any] | None:
        """What `put_request` kept: `request`, `learned`, `sets`, and the key of its `session`."""
        return self._load("requests", digest, "request")

    def put_request(self, digest: str, saved: Mapping[str, Any]) -> None:
        """Keep a request, what was learned about it, and which variables it set beside the keys."""
        if self._load("requests", digest) != saved:
            self._save("requests", digest, saved)
        else:
            with self._writing():
                os.utime(self._path("requests", digest))  # it is in use

    def mark(self, digest: str, expires: int | None, profile: str) -> None:
        """Tell every hook on this request of its newest session: the expiry on the first line, the profile's name on
        the second, and the expiry again as modification time, which is all PowerShell looks at."""
        text = f"{expires or 0}\n{''.join(letter for letter in profile if letter.isprintable())}\n".encode()
        if self._read("markers", digest) == text:
            return
        self._directory("markers")
        temporary = self._temporary(os.path.join("markers", digest), text)
        with self._writing():
            os.utime(temporary, (expires or 0, expires or 0))
            os.replace(temporary, self._path("markers", digest))

    def marked(self, digest: str) -> int:
        """The newest expiry of a request, epoch; 0 if nothing is known of it."""
        line = (self._read("markers", digest) or b"").split(b"\n")[0] if is_digest(digest) else b""
        return int(line) if line.isdigit() else 0

    def live(self, now: float) -> dict[str, int]:
        """The expiry of each profile's newest session that has not ended, epoch, as the markers tell."""
        found: dict[str, int] = {}
        for name in self._names("markers"):
            lines = (self._read("markers", name) or b"").decode("utf-8", "replace").split("\n")
            expires, profile = [*lines, ""][:2]
            if expires.isascii() and expires.isdigit() and int(expires) > max(now, found.get(profile, 0)):
                found[profile] = int(expires)
        return found

    # --- which profiles are used

    def uses(self) -> dict[str, tuple[float, float]]:
        """Profile -> its weight at its last use, and when that was, epoch."""
        saved = self._unpacked("usage") or {}
        return {name: use for name, use in saved.items() if isinstance(use, tuple) and len(use) == 2}

    def put_uses(self, uses: Mapping[str, tuple[float, float]]) -> None:
        """Keep what `uses` gives."""
        self._own()
        self._replace("usage", marshal.dumps(dict(uses), _FORMAT))

    # --- what was there before

    def before(self, identifier: str | None) -> dict[str, Any] | None:
        """The snapshot by that id: `pid` of the shell that it belongs to, and `variables`."""
        saved = self._opened("before", identifier or "", self._load("before", identifier or "", "pid"))
        return saved if saved is not None and "variables" in saved else None

    def put_before(self, pid: int, variables: Mapping[str, str | None]) -> str:
        """Keep the environment that a shell had before its first assume. Gives the snapshot's id."""
        identifier = os.urandom(_DIGEST_LENGTH // 2).hex()
        saved = {"pid": pid, "variables": dict(variables)}
        self._save("before", identifier, self._sealed("before", identifier, saved))
        return identifier

    def drop_before(self, identifier: str) -> None:
        """Forget a snapshot."""
        if is_digest(identifier):
            self._unlink("before", identifier)

    # --- sections that are kept up to date

    def written(self) -> dict[str, dict[str, Any]]:
        """What `put_written` kept, by its digest."""
        loaded = {name: self._load("written", name, "request") for name in self._names("written")}
        return {name: saved for name, saved in loaded.items() if saved is not None}

    def has_written(self) -> bool:
        """Is there any such section? Most have none, and that has to be quick."""
        return bool(self._names("written"))

    def put_written(self, digest: str, saved: Mapping[str, Any]) -> None:
        """Keep what is known of a section that holds a session: `request`, the digest of whose, and what it takes to
        find it and to take it away."""
        self._save("written", digest, saved)

    def drop_written(self, digest: str) -> None:
        """Forget such a section."""
        self._unlink("written", digest)

    # --- rotations of keys that are under way

    def rotation(self, digest: str) -> dict[str, Any] | None:
        """What `put_rotation` kept: IDs of keys, no secrets."""
        return self._load("rotations", digest, "old", "before")

    def put_rotation(self, digest: str, saved: Mapping[str, Any]) -> None:
        """Note how far the rotation of a key is."""
        self._save("rotations", digest, saved)

    def drop_rotation(self, digest: str) -> None:
        """It has ended."""
        self._unlink("rotations", digest)

    # --- endpoints

    def served(self, identifier: str) -> dict[str, Any] | None:
        """The endpoint by that id: `pid` of the process that it lives for."""
        return self._load("serving", identifier, "pid")

    def put_served(self, pid: int) -> str:
        """Note that there is an endpoint that lives for a process. Gives its id."""
        identifier = os.urandom(_DIGEST_LENGTH // 2).hex()
        self._save("serving", identifier, {"pid": pid})
        return identifier

    def drop_served(self, identifier: str) -> None:
        """End an endpoint: it looks once a second whether it is still noted."""
        if is_digest(identifier):
            self._unlink("serving", identifier)

    # --- MFA codes

    def note_code(self, device: str, code: str, now: float) -> None:
        """Remember that this code was sent. Only its HMAC is kept, and for 90 seconds only."""
        self._save("codes", self.digest(f"device {device}"), {"code": self.digest(f"code {code}"), "at": now})

    def forget_code(self, device: str) -> None:
        """The last code did not get there: it may be sent again."""
        self._unlink("codes", self.digest(f"device {device}"))

    def was_sent(self, device: str, code: str, now: float) -> bool:
        """Was this very code the last one sent for the device, and not 90 seconds ago?"""
        saved = self._load("codes", self.digest(f"device {device}")) or {}
        at = saved.get("at")
        recent = isinstance(at, (int, float)) and 0 <= now - at < _CODE_LIFE
        return recent and saved.get("code") == self.digest(f"code {code}")

    # --- locks

    @contextlib.contextmanager
    def lock(self, name: str, waiting: Callable[[], None]) -> Iterator[Lock]:
        """Hold the lock of that name. `waiting` is called once if somebody else has it. The kernel frees it, whatever
        becomes of the holder."""
        self._directory("locks")
        # What is left in it would else be written to wherever a link leads.
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        with self._writing():
            descriptor = os.open(self._path("locks", name), flags, 0o600)
        try:
            since = time.time_ns()
            _acquire(descriptor, waiting)
            yield Lock(descriptor, since)
        finally:
            os.close(descriptor)

    # --- forgetting

    def forget(self, profile: str | None) -> int:
        """Delete the sessions and markers of a profile, or of all, what was learned about its requests, and that it was
        used. Gives the number of sessions."""
        forgotten = 0
        if os.path.exists(self.directory):
            self._own()
        if uses := self.uses():
            self.put_uses({name: use for name, use in uses.items() if profile not in (None, name)})
        for name in self._names("sessions"):
            saved = self._load("sessions", name)
            if profile is None or not saved or saved.get("profile") == profile:
                self._unlink("sessions", name)
                forgotten += 1
        for name in self._names("markers"):
            lines = (self._read("markers", name) or b"").decode("utf-8", "replace").splitlines()
            if profile is None or lines[1:2] == [profile]:
                self._unlink("markers", name)
        for name in self._names("requests"):
            saved = self.request(name)
            if saved and saved.get("learned") and profile in (None, saved["request"].get("profile")):
                # Without what was learned the plan is another, and so is its session: not because the profile changed.
                kept = {field: value for field, value in saved.items() if field != "session"}
                self._save("requests", name, {**kept, "learned": {}})
        return forgotten

    def forget_login(self, sign_in: str | None) -> int:
        """Delete the sessions that came from a login to IAM Identity Center, or from any, and the markers of them.
        Gives the number of sessions."""
        forgotten = set()
        for name in self._names("sessions"):
            saved = self._load("sessions", name) or {}
            if saved.get("sign_in") is not None and sign_in in (None, saved["sign_in"]):
                self._unlink("sessions", name)
                forgotten.add(name)
        for name in self._names("requests"):
            if (self.request(name) or {}).get("session") in forgotten:
                self._unlink("markers", name)
        return len(forgotten)

    def sweep_if_due(self, now: float) -> None:
        """`sweep`, if the last was an hour ago: it looks at every file, and at processes."""
        if not 0 <= now - self._changed("", "swept") < 3600:
            self._own()
            self._replace("swept", b"")
            self.sweep(now)

    def sweep(self, now: float) -> None:
        """Delete what nobody can need: sessions and markers that expired a day ago, codes, requests unused for a month,
        snapshots of shells that are gone."""
        for name in self._names("sessions"):
            saved = self._load("sessions", name)
            if not saved or (saved.get("expires") or now) < now - _DAY:
                self._unlink("sessions", name)
        for room, age in (("markers", _DAY), ("codes", _CODE_LIFE), ("requests", 30 * _DAY), ("written", 30 * _DAY)):
            for name in self._names(room):
                if 0 < self._changed(room, name) < now - age:  # the marker of an unknown expiry is of 0
                    self._unlink(room, name)
        for name in self._names("before"):
            if not self._shell_lives(name):
                self._unlink("before", name)
        for name in self._names("serving"):
            if not self._process_lives(name):
                self._unlink("serving", name)
        rooms = ("sessions", "requests", "markers", "before", "serving", "written", "rotations", "codes", "")
        for room in rooms:
            for name in self._names(room, unfinished=True):
                if "." in name and self._changed(room, name) < now - _DAY:
                    self._unlink(room, name)

    def _shell_lives(self, identifier: str) -> bool:
        """Is the shell that a snapshot belongs to still there? A process by that number that was started after the
        snapshot was written is another one."""
        import psutil

        saved = self._load("before", identifier) or {"pid": 0}
        try:
            written = os.stat(self._path("before", identifier)).st_mtime
            # 2 s: the boot time that psutil adds to a start time is good to the second.
            return bool(psutil.Process(int(saved["pid"])).create_time() <= written + 2)
        except (psutil.NoSuchProcess, FileNotFoundError):
            return False
        except (psutil.Error, OSError):
            return True

    def _process_lives(self, identifier: str) -> bool:
        """Is there a process by the number of an endpoint's owner? To be careful: ending one ends the work that uses
        it, and a clock that was set moves start times."""
        import psutil

        return bool(psutil.pid_exists(int((self.served(identifier) or {"pid": 0})["pid"])))

    # --- secrets

    def prepare(self) -> None:
        """See that what is to be kept can be kept: before a code is asked for it. Raises ShellhookError."""
        if self._seals():
            self._sealing_key(make=True)

    def _sealed(self, room: str, name: str, saved: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is to be written: with its secrets sealed, if that is wanted."""
        if not self._seals():
            return saved
        from shellhook import seal

        return seal.closed(self._sealing_key(make=True) or b"", f"{room}/{name}", saved, _SECRETS[room])

    def _opened(self, room: str, name: str, saved: dict[str, Any] | None) -> dict[str, Any] | None:
        """What was read, its secrets as they were; None if they cannot be had any more."""
        if saved is None or "sealed" not in saved:
            return saved
        from shellhook import seal

        return seal.opened(self._sealing_key(make=False), f"{room}/{name}", saved)

    def _sealing_key(self, *, make: bool) -> bytes | None:
        from shellhook import seal

        if self._seal_key is None:
            self._seal_key = seal.key(make=False)
        if self._seal_key is None and make:
            with self.lock("seal", lambda: None):  # of two processes both must go on with the same
                self._seal_key = seal.key(make=True)
        return self._seal_key

    # --- files

    def _path(self, *parts: str) -> str:
        return os.path.join(self.directory, *parts)

    def _load(self, room: str, name: str, *needed: str) -> dict[str, Any] | None:
        """What was saved, None if it is not there, or damaged, or without what is `needed`."""
        saved = self._unpacked(room, name) if is_digest(name) else None
        return saved if saved is not None and saved.keys() >= set(needed) else None

    def _unpacked(self, *parts: str) -> dict[str, Any] | None:
        try:
            saved = marshal.loads(self._read(*parts) or b"N")  # noqa: S302
        except (ValueError, EOFError, TypeError, MemoryError):
            return None
        return saved if isinstance(saved, dict) else None

    def _save(self, room: str, name: str, saved: Mapping[str, Any]) -> None:
        self._directory(room)
        self._replace(os.path.join(room, name), marshal.dumps(dict(saved), _FORMAT))

    def _read(self, *parts: str) -> bytes | None:
        try:
            with open(self._path(*parts), "rb") as file:
                # What is read is trusted, marshal's format too.
                if self._is_theirs(os.fstat(file.fileno())):
                    raise self._not_ours()
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise ShellhookError(f"{self._path(*parts)} cannot be read", why=str(error.strerror)) from None

    def _replace(self, name: str, content: bytes) -> None:
        temporary = self._temporary(name, content)
        with self._writing():
            os.replace(temporary, self._path(name))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Raises ShellhookError where something cannot be done."""
        try:
            yield
        except OSError as error:
            raise ShellhookError(f"{self.directory} cannot be written", why=str(error.strerror)) from None

    def _temporary(self, name: str, content: bytes) -> str:
        """A new file beside the one it will replace. Its name cannot be foreseen, and it is never opened twice."""
        path = f"{self._path(name)}.{os.urandom(8).hex()}"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with open(descriptor, "wb") as file:
                file.write(content)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(path)
            raise ShellhookError(f"{self.directory} cannot be written", why=str(error.strerror)) from None
        return path

    def _directory(self, room: str) -> None:
        self._own()
        with self._writing():
            try:
                os.mkdir(self._path(room), 0o700)
            except FileExistsError:
                if self._is_theirs(os.lstat(self._path(room))):
                    raise self._not_ours() from None

    def _own(self) -> None:
        """The directory is there, ours, and closed to others. `sudo -E` would otherwise leave root's files in it."""
        try:
            os.makedirs(self.directory, 0o700, exist_ok=True)
            status, link = os.stat(self.directory), os.lstat(self.directory)
        except OSError as error:
            raise ShellhookError(f"{self.directory} cannot be made", why=str(error.strerror)) from None
        if sys.platform == "win32":
            return
        # A link of the user's own is theirs to make; somebody else's could lead us to any place of the user's.
        if self._is_theirs(status) or self._is_theirs(link):
            raise self._not_ours()
        if status.st_mode & 0o077:
            with self._writing():
                os.chmod(self.directory, 0o700)

    @staticmethod
    def _is_theirs(status: os.stat_result) -> bool:
        return sys.platform != "win32" and status.st_uid != os.geteuid()

    def _not_ours(self) -> ShellhookError:
        return ShellhookError(
            f"{self.directory} belongs to another user",
            why="it holds sessions: it is only used by the user it belongs to",
            remedy="set XDG_STATE_HOME to a directory of your own, or use sudo without -E",
        )

    def _names(self, room: str, *, unfinished: bool = False) -> list[str]:
        """The entries of a room; or the files that a writer has not renamed yet, and never will if it was killed."""
        try:
            return [name for name in os.listdir(self._path(room)) if is_digest(name) is not unfinished]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _changed(self, room: str, name: str) -> float:
        """When a file was last written (of a marker: the expiry it tells), epoch; endless if it is gone."""
        try:
            return os.stat(self._path(room, name)).st_mtime
        except OSError:
            return float("inf")

    def _unlink(self, room: str, name: str) -> None:
        with self._writing(), contextlib.suppress(FileNotFoundError):
            os.unlink(self._path(room, name))


class Lock:
    """A lock that is held. The holder may leave word for those who wait: what came of the question they waited for."""

    def __init__(self, descriptor: int, since: int) -> None:
        self._descriptor, self._since = descriptor, since

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
