"""The endpoint's own process: `shellhook serve-endpoint`, started by `launch`, and the one that renews for it.

Everything that it is told comes through its standard input, where nobody else can read it: first a line of what it is
to serve; then, once it has said its port on standard output, a second one, without which it ends at once.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys

from shellhook import assume, renew
from shellhook.assume import Here
from shellhook.endpoint import server
from shellhook.endpoint.current import Current, Renewed
from shellhook.endpoint.owner import Owner, Watch
from shellhook.endpoint.protocol import Place
from shellhook.errors import NoCode, ShellhookError
from shellhook.loopback import listen
from shellhook.mfa import Nobody, Skipped
from shellhook.session import from_saved
from shellhook.store import is_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from shellhook.session import Session
    from shellhook.store import Store

COMMAND = [sys.executable, "-m", "shellhook", "serve-endpoint"]
# `-m` looks in the current directory first: it has to be one that nobody can put a `shellhook` into. And no file
# system is kept from being unmounted.
DIRECTORY = os.path.abspath(os.sep)


def serve(environ: dict[str, str]) -> None:
    """Serve what standard input says, until its owner is gone, or what is in the store says that it is over."""
    gc.enable()  # other commands live for a moment only
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    here, watch = Here(environ), Watch(Owner(**told["owner"]))
    listening = listen(server.MOST)
    place = Place(port=listening.getsockname()[1], path=f"/{told['id']}", token=told["token"])
    _leave()
    sys.stdout.write(f"{place.port}\n")
    sys.stdout.flush()
    if not sys.stdin.readline():
        return  # whoever started us did not come to the end
    _close_standard_streams()
    current = Current(
        from_saved(told["session"]),
        lambda seconds: _renewed(told["request"], seconds),
        Stored(here.store, told["request"]).newer,
    )
    try:
        server.Server(listening, place, current).run(
            lambda: watch.lives() and here.store.served(told["id"]) is not None
        )
    finally:
        here.store.drop_served(told["id"])


def renewal(here: Here, digest: str, seconds: int) -> dict[str, Any]:
    """A session of the request with more than so many seconds left, or what stands against it, for `_renewed`."""
    try:
        wanted, _ = renew.replayed(here, digest)
        return {"session": assume.obtain(here, wanted, asker=Nobody(), min_ttl=seconds).session.as_saved()}
    except ShellhookError as error:
        why = f": {error.why.splitlines()[0]}" if error.why else ""
        return {"error": f"{error.what}{why}", "wants_person": isinstance(error, NoCode)}
    except Skipped:
        return {"error": "a question for it was skipped", "wants_person": True}


def _renewed(digest: str, seconds: int) -> Renewed:
    """What a process of its own says: it may load botocore, wait for AWS, or hang in a command of the user's; none of
    that is to stay with an endpoint that lives for hours."""
    try:
        done = subprocess.run(
            [*COMMAND, "--renew", digest, "--min-ttl", str(seconds)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=DIRECTORY,
            timeout=renew.BACKGROUND_SECONDS,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
        said = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return Renewed(error=f"it took more than {renew.BACKGROUND_SECONDS} s")
    except (OSError, ValueError):
        return Renewed(error="shellhook cannot be started any more")
    session = said.get("session")
    return Renewed(
        session=from_saved(session) if session else None,
        error=said.get("error", ""),
        wants_person=said.get("wants_person", False),
    )


class Stored:
    """What the store has for a request, whoever put it there. It is opened when it was written: the store may be sealed
    with a key that the keyring takes its time to give."""

    def __init__(self, store: Store, digest: str) -> None:
        self._store, self._digest = store, digest
        self._seen = self._written()

    def newer(self) -> Session | None:
        """The session, if it was put there since the last look."""
        written = self._written()
        if written == self._seen:
            return None
        self._seen = written
        return self._store.session(written[0])

    def _written(self) -> tuple[str, float]:
        key = str((self._store.request(self._digest) or {}).get("session", ""))
        return key, self._store.session_written(key) if is_digest(key) else 0.0


def _leave() -> None:
    """Be no child of the command that we serve: one that waits for all its children would wait for ever."""
    if sys.platform != "win32" and os.fork():
        os._exit(0)


def _close_standard_streams() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
