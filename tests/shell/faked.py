"""A session that is on by its variables alone: what the prompt shows is made of nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from tests.shell.session import ShellSession
from tests.shell.shells import Shell

REQUEST = "0123456789abcdef0123456789abcdef"


def session_on(left: int | None = 3 * 3600 + 330, **changes: str | None) -> dict[str, str | None]:
    """The variables of a session with `left` seconds left (None: nobody knows), shown by the hook."""
    variables: dict[str, str | None] = {
        "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
        "SHELLHOOK_KEY_ID": "ASIAEXAMPLE",
        "SHELLHOOK_REQUEST": REQUEST,
        "SHELLHOOK_PROFILE": "power-user",
        "SHELLHOOK_ROLE": "power-user",
        "SHELLHOOK_EXPIRES": None if left is None else str(int(time.time()) + left),
        "SHELLHOOK_PROMPT": None,
    }
    return {**variables, **changes}


def setting(shell: Shell, variables: Mapping[str, str | None]) -> str:
    """The line that sets these, and removes those that are None."""
    return "; ".join(
        f"{shell.remove(name)} {'2>/dev/null' if shell.kind == 'fish' else ''}"
        if value is None
        else shell.export(name, value)
        for name, value in variables.items()
    )


def mark(state: Path, expires: int, profile: str = "power-user") -> None:
    """Write the marker of the request, as the backend does."""
    marker = state / "shellhook" / "markers" / REQUEST
    marker.parent.mkdir(parents=True, exist_ok=True)
    temporary = marker.with_suffix(".new")
    temporary.write_text(f"{expires}\n{profile}\n", encoding="utf-8")
    os.utime(temporary, (expires, expires))
    temporary.replace(marker)


def segment(session: ShellSession) -> str | None:
    """SHELLHOOK_SEGMENT as a program that is started now would see it."""
    value = session.environment().get(b"SHELLHOOK_SEGMENT")
    return None if value is None else value.decode("utf-8", "surrogateescape")


def row(session: ShellSession) -> str:
    """The cursor's whole row: the left prompt and the right one. A key is answered first: then both are drawn."""
    session.environment()
    session.wait(lambda _: session.terminal.before_cursor().endswith("]> "))
    return drawn(session)


def drawn(session: ShellSession) -> str:
    """The same without the key; something may be missing yet."""
    session.screen()
    emulator = session.terminal.emulator
    return emulator.row(emulator.cursor.y)


def children(session: ShellSession) -> int:
    """Page faults of all processes that the shell has started and seen end (proc(5), cminflt): no process can be
    without one, so the number stays where none was started. Linux only."""
    fields = Path(f"/proc/{session.terminal.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[8])
