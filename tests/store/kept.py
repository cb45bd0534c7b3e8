"""What the store's tests share: a session to keep, what can become of it, and another process."""

from __future__ import annotations

import marshal
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from shellhook.session import Session
from shellhook.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_800_000_000
DAY = 86_400
SESSION = Session(
    access_key_id="ASIAEXAMPLE", secret_access_key="s3cret", session_token="t0ken", expires=NOW + 3600, issued=NOW,
    attended_from=NOW + 7200, account="111122223333", arn="arn:aws:sts::111122223333:assumed-role/x/me", profile="x",
)  # fmt: skip
# What a crash, a full disk or another program may leave.
DAMAGED = [
    b"",
    b"\0" * 40,
    b"no such format",
    b'{"access_key_id": "ASIA"}',
    marshal.dumps({"access_key_id": "ASIA"}),
    marshal.dumps({"unknown": 1}),
    marshal.dumps({1: 2}),
    marshal.dumps(["access_key_id"]),
    marshal.dumps(vars(SESSION))[:100],
]


def files(store: Store) -> dict[str, Path]:
    """Every file in the store by its path there."""
    top = Path(store.directory)
    return {str(path.relative_to(top)): path for path in top.rglob("*") if path.is_file()}


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def nothing() -> None:
    """For locks that nobody else has."""
    raise AssertionError("somebody else has the lock")


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


class Other:
    """Another process on the same store: what it is to do, in Python, with `store` at hand. It says "ready" first, and
    goes on when it is told to."""

    def __init__(self, store: Store, code: str) -> None:
        program = (
            "import sys\nfrom shellhook.store import Store\nstore = Store(sys.argv[1])\n"
            f"print('ready', flush=True)\nsys.stdin.readline()\n{code}"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, store.directory],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.line() == "ready"

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def line(self) -> str:
        """The next line it prints."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def end(self) -> tuple[int, str]:
        """Wait for it; its status and what it said on standard error."""
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said


def write_everything(store: Store) -> None:
    digest = store.digest("x")
    store.put_session(digest, SESSION)
    store.put_request(digest, {"request": {}, "learned": {}, "sets": {}})
    store.mark(digest, NOW, "x")
    store.put_before(os.getpid(), {"AWS_ACCESS_KEY_ID": "AKIA"})
    store.note_code("arn:aws:iam::111122223333:mfa/me", "123456", NOW)
    with store.lock(digest, nothing):
        pass


# --- MFA codes

DEVICE = "arn:aws:iam::111122223333:mfa/me"
