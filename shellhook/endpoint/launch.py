"""An endpoint is started for a shell or a command, and ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from shellhook.assume import UNDER_WAY
from shellhook.endpoint import ask, owner, process
from shellhook.environment import OURS, Served
from shellhook.errors import ShellhookError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.answer import Caller
    from shellhook.assume import Here, Outcome
    from shellhook.endpoint.owner import Owner


class Started:
    """An endpoint that listens. Unless it is told to `stay` it ends with us."""

    def __init__(self, at: Served, told: subprocess.Popen[bytes] | None = None) -> None:
        self.at = at
        self._told = told

    def stay(self) -> None:
        """Whoever it was started for knows of it now."""
        if self._told is not None and self._told.stdin is not None:
            self._told.stdin.write(b"stay\n")
            self._told.stdin.close()


def for_shell(here: Here, caller: Caller, outcome: Outcome, *, renewal: bool) -> Started:
    """The endpoint of a shell: a new one, but that which it has where its session is only renewed. One whose shell is
    gone, which a nested one has inherited, is replaced."""
    if renewal and here.served is not None and ask.answers(here.served):
        return Started(here.served)
    return start(here, outcome, owner.of_shell(caller))


def for_command(here: Here, outcome: Outcome) -> Started:
    """The endpoint of the command that this process becomes, or on Windows waits for."""
    return start(here, outcome, owner.myself())


def start(here: Here, outcome: Outcome, owned_by: Owner) -> Started:
    """Raises ShellhookError if it cannot be started."""
    if not owned_by.started:
        raise ShellhookError(
            "the endpoint has nobody to live for", why=f"there is no process {owned_by.pid} to be seen"
        )
    token, identifier = os.urandom(32).hex(), here.store.put_served(owned_by.pid)
    told = {
        "id": identifier,
        "token": token,
        "owner": {"pid": owned_by.pid, "started": owned_by.started},
        "request": outcome.digest,
        "session": outcome.session.as_saved(),
    }
    # Nothing of the session's: what it does is done as if no session were on.
    environ = {name: value for name, value in here.original.items() if name not in (*OURS, UNDER_WAY)}
    try:
        started = subprocess.Popen(
            process.COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
            cwd=process.DIRECTORY,
            start_new_session=True,
            creationflags=_detached(),
        )
        port = _first_line(started, json.dumps(told).encode() + b"\n")
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        here.store.drop_served(identifier)
        raise ShellhookError("the endpoint could not be started", why=f"{type(error).__name__}: {error}") from None
    return Started(Served(uri=f"http://127.0.0.1:{port}/{identifier}", token=token), started)


def end(here: Here, caller: Caller) -> None:
    """The shell has no use for its endpoint any more. One that it has inherited stays: it is its owner's."""
    if here.served is None:
        return
    record = here.store.served(here.served.id)
    if record is not None and record["pid"] == owner.of_shell(caller).pid:
        here.store.drop_served(here.served.id)


def _first_line(started: subprocess.Popen[bytes], told: bytes) -> int:
    """The port. The process that was started has ended by then, and left its work to a child (but on Windows)."""
    if started.stdin is None or started.stdout is None:
        raise ValueError("there is no pipe to it")
    with started.stdout:
        started.stdin.write(told)
        started.stdin.flush()
        port = int(started.stdout.readline() or b"0")
    if sys.platform != "win32":
        started.wait(10)
    if not port:
        raise ValueError("it ended at once")
    return port


def _detached() -> int:
    """On Windows: no console, so that closing the shell's does not end it while another program still needs it."""
    if sys.platform != "win32":
        return 0
    return subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
