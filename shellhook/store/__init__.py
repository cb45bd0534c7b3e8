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

`files` has what holds for each of them, `forgetting` and `sweeping` how they go.
"""

from __future__ import annotations

import os
import sys
import time

from shellhook.session import Session, from_saved
from shellhook.store.files import DIGEST_LENGTH, PrivateFiles, is_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from shellhook.store.lock import Lock

__all__ = ["CODE_LIFE", "Store", "is_digest"]

_KEY_LENGTH = 32
_SECRETS = {"sessions": ("secret_access_key", "session_token"), "before": ("variables",)}
CODE_LIFE = 90  # seconds in which a code can still be the current, the last or the next one (RFC 6238, one step each)


class Store:
    """The store in `directory`, which is made when something is first written. `seals` says whether secrets are to be
    sealed (seal.py); it is asked when there is something to write."""

    def __init__(self, directory: str, seals: Callable[[], bool] = lambda: False) -> None:
        self.directory = directory
        self.files = PrivateFiles(directory)
        self._key: bytes | None = None
        self._seals = seals
        self._seal_key: bytes | None = None

    # --- digests

    def digest(self, text: str) -> str:
        """HMAC-SHA256 of `text` under the store's key, the first 32 hex digits."""
        return _hmac(self._secret(), text.encode("utf-8", "surrogateescape")).hex()[:DIGEST_LENGTH]

    def _secret(self) -> bytes:
        if self._key is None:
            self.files.own()
            self._key = self._saved_key() or self._new_key()
        return self._key

    def _saved_key(self) -> bytes | None:
        key = self.files.read("", "key")
        return key if key is not None and len(key) == _KEY_LENGTH else None

    def _new_key(self) -> bytes:
        # Of two processes that make one at the same time, both must go on with the same.
        with self.lock("key", lambda: None):
            key = self._saved_key()
            if key is None:
                key = os.urandom(_KEY_LENGTH)
                self.files.write("", "key", key)
            return key

    # --- sessions

    def session(self, digest: str) -> Session | None:
        """The session by that digest, however little it has left; None if there is none, or none that can be read."""
        saved = self._opened("sessions", digest, self.files.load("sessions", digest))
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
        return self.files.changed("sessions", digest)

    def put_session(self, digest: str, session: Session) -> None:
        """Keep a session."""
        self.files.save("sessions", digest, self._sealed("sessions", digest, session.as_saved()))

    # --- requests

    def request(self, digest: str) -> dict[str, Any] | None:
        """What `put_request` kept: `request`, `learned`, `sets`, and the key of its `session`."""
        return self.files.load("requests", digest, "request")

    def put_request(self, digest: str, saved: Mapping[str, Any]) -> None:
        """Keep a request, what was learned about it, and which variables it set beside the keys."""
        if self.files.load("requests", digest) != saved:
            self.files.save("requests", digest, saved)
        else:
            self.files.touch("requests", digest)  # it is in use

    def mark(self, digest: str, expires: int | None, profile: str) -> None:
        """Tell every hook on this request of its newest session: the expiry on the first line, the profile's name on
        the second, and the expiry again as modification time, which is all PowerShell looks at."""
        text = f"{expires or 0}\n{''.join(letter for letter in profile if letter.isprintable())}\n".encode()
        if self.files.read("markers", digest) != text:
            self.files.write("markers", digest, text, changed=expires or 0)

    def marked(self, digest: str) -> int:
        """The newest expiry of a request, epoch; 0 if nothing is known of it."""
        line = (self.files.read("markers", digest) or b"").split(b"\n")[0] if is_digest(digest) else b""
        return int(line) if line.isdigit() else 0

    def live(self, now: float) -> dict[str, int]:
        """The expiry of each profile's newest session that has not ended, epoch, as the markers tell."""
        found: dict[str, int] = {}
        for name in self.files.names("markers"):
            lines = (self.files.read("markers", name) or b"").decode("utf-8", "replace").split("\n")
            expires, profile = [*lines, ""][:2]
            if expires.isascii() and expires.isdigit() and int(expires) > max(now, found.get(profile, 0)):
                found[profile] = int(expires)
        return found

    # --- which profiles are used

    def uses(self) -> dict[str, tuple[float, float]]:
        """Profile -> its weight at its last use, and when that was, epoch."""
        saved = self.files.load("", "usage") or {}
        return {name: use for name, use in saved.items() if isinstance(use, tuple) and len(use) == 2}

    def put_uses(self, uses: Mapping[str, tuple[float, float]]) -> None:
        """Keep what `uses` gives."""
        self.files.save("", "usage", uses)

    # --- what was there before

    def before(self, identifier: str | None) -> dict[str, Any] | None:
        """The snapshot by that id: the shell that it belongs to (`_process`), and `variables`."""
        saved = self._opened("before", identifier or "", self.files.load("before", identifier or "", "pid"))
        return saved if saved is not None and "variables" in saved else None

    def put_before(self, pid: int, variables: Mapping[str, str | None]) -> str:
        """Keep the environment that a shell had before its first assume. Gives the snapshot's id."""
        identifier = os.urandom(DIGEST_LENGTH // 2).hex()
        saved = {**_process(pid), "variables": dict(variables)}
        self.files.save("before", identifier, self._sealed("before", identifier, saved))
        return identifier

    def drop_before(self, identifier: str) -> None:
        """Forget a snapshot."""
        if is_digest(identifier):
            self.files.unlink("before", identifier)

    # --- sections that are kept up to date

    def written(self) -> dict[str, dict[str, Any]]:
        """What `put_written` kept, by its digest."""
        loaded = {name: self.files.load("written", name, "request") for name in self.files.names("written")}
        return {name: saved for name, saved in loaded.items() if saved is not None}

    def has_written(self) -> bool:
        """Is there any such section? Most have none, and that has to be quick."""
        return bool(self.files.names("written"))

    def put_written(self, digest: str, saved: Mapping[str, Any]) -> None:
        """Keep what is known of a section that holds a session: `request`, the digest of whose, and what it takes to
        find it and to take it away."""
        self.files.save("written", digest, saved)

    def drop_written(self, digest: str) -> None:
        """Forget such a section."""
        self.files.unlink("written", digest)

    # --- rotations of keys that are under way

    def rotation(self, digest: str) -> dict[str, Any] | None:
        """What `put_rotation` kept: IDs of keys, no secrets."""
        return self.files.load("rotations", digest, "old", "before")

    def put_rotation(self, digest: str, saved: Mapping[str, Any]) -> None:
        """Note how far the rotation of a key is."""
        self.files.save("rotations", digest, saved)

    def drop_rotation(self, digest: str) -> None:
        """It has ended."""
        self.files.unlink("rotations", digest)

    # --- endpoints

    def served(self, identifier: str) -> dict[str, Any] | None:
        """The endpoint by that id: the process that it lives for (`_process`)."""
        return self.files.load("serving", identifier, "pid")

    def put_served(self, pid: int) -> str:
        """Note that there is an endpoint that lives for a process. Gives its id."""
        identifier = os.urandom(DIGEST_LENGTH // 2).hex()
        self.files.save("serving", identifier, _process(pid))
        return identifier

    def drop_served(self, identifier: str) -> None:
        """End an endpoint: it looks once a second whether it is still noted."""
        if is_digest(identifier):
            self.files.unlink("serving", identifier)

    # --- MFA codes

    def note_code(self, device: str, code: str, now: float) -> None:
        """Remember that this code was sent. Only its HMAC is kept, and for 90 seconds only."""
        self.files.save("codes", self.digest(f"device {device}"), {"code": self.digest(f"code {code}"), "at": now})

    def forget_code(self, device: str) -> None:
        """The last code did not get there: it may be sent again."""
        self.files.unlink("codes", self.digest(f"device {device}"))

    def was_sent(self, device: str, code: str, now: float) -> bool:
        """Was this very code the last one sent for the device, and not 90 seconds ago?"""
        saved = self.files.load("codes", self.digest(f"device {device}")) or {}
        at = saved.get("at")
        recent = isinstance(at, (int, float)) and 0 <= now - at < CODE_LIFE
        return recent and saved.get("code") == self.digest(f"code {code}")

    # --- locks

    def lock(self, name: str, waiting: Callable[[], None]) -> Lock:
        """The lock of that name, to be held with `with`. `waiting` is called once if somebody else has it."""
        from shellhook.store.lock import Lock

        return Lock(self.files, name, waiting)

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


def numbered_by() -> str:
    """What gives processes their numbers here: the machine, and on Linux the namespace (pid_namespaces(7)). A home may
    be that of several: a toolbox, a container, a network. "" where there are none, or they cannot be told."""
    try:
        return f"{os.uname().nodename} {os.readlink('/proc/self/ns/pid')}"
    except (AttributeError, OSError):
        return ""


def since_boot() -> float | None:
    """Seconds since this machine was started, which nobody sets as one sets a clock; None where nothing tells."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)  # Linux
    return None if clock is None else time.clock_gettime(clock)


def _process(pid: int) -> dict[str, Any]:
    """What a process is known by later: its number, whose number that is, and since when it is there at the latest."""
    return {"pid": pid, "numbered_by": numbered_by(), "since_boot": since_boot()}


def _hmac(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104) under a key of up to 64 bytes.

    hmac and hashlib load OpenSSL: 4 of the 30 ms that a stored session may take. As Python's random.py does, this tries
    what lies below hashlib first.
    """
    try:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256
        else:
            from _sha256 import sha256  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        from hashlib import sha256
    padded = key.ljust(64, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in padded) + text).digest()
    found: bytes = sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()
    return found
