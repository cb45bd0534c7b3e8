"""A real program on a real pseudo-terminal, typed into and read from as a person would.

    with Terminal(["bash", "--norc", "-i"], env={...}, cwd=tmp_path) as terminal:
        terminal.wait(r"\\$ $")
        terminal.type("echo hello")
        terminal.key("enter")
        terminal.wait("^hello$")

Everything is done by waiting until the screen says so; there are no threads and no sleeps.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from tests.shell.screen import Screen

# Started in the new session, between us and the program: makes the terminal the controlling one and gives the signals
# their defaults back (Python ignores SIGPIPE; a test run started with `&` ignores SIGINT). Not a `preexec_fn` and not
# `pty.fork`: both warn in a process with threads, and pytest-xdist's have some.
_LAUNCH = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
for name in ("SIGPIPE", "SIGINT", "SIGQUIT", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGHUP", "SIGXFSZ"):
    signal.signal(getattr(signal, name), signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""
_KEYS = {
    "enter": "\r",
    "tab": "\t",
    "backtab": "\x1b[Z",
    "escape": "\x1b",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "space": " ",
}
_CURSOR_KEYS = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_APPLICATION_CURSOR_KEYS = 1 << 5  # DECCKM as pyte stores it
What = str | re.Pattern[str] | Callable[[str], Any]


class Terminal:
    """One program with its own session, controlling terminal and emulated screen."""

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str | Path, rows: int = 40, columns: int = 120
    ) -> None:
        self.emulator = Screen(rows, columns, reply=self._queue)
        self._outgoing = b""
        self._master, slave = os.openpty()
        try:
            self._set_size(rows, columns)
            os.set_blocking(self._master, False)
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _LAUNCH, *argv],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=cwd,
                env=dict(env),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._master)
            raise
        finally:
            os.close(slave)

    # What a person does

    def type(self, text: str) -> None:
        """Type this, as it is; no Enter is added."""
        self._queue(text.encode())
        self.pump(0)

    def key(self, *names: str) -> None:
        """Press keys: `enter`, `tab`, `up`, ... `ctrl-c`, `alt-x`."""
        for name in names:
            if name in _CURSOR_KEYS:
                application = _APPLICATION_CURSOR_KEYS in self.emulator.mode
                self.type(("\x1bO" if application else "\x1b[") + _CURSOR_KEYS[name])
            elif re.fullmatch(r"ctrl-[a-z@\[\\\]^_]", name):
                self.type(chr(ord(name[-1].upper()) & 0x1F))
            elif re.fullmatch(r"alt-.", name):
                self.type("\x1b" + name[-1])
            else:
                self.type(_KEYS[name])

    def resize(self, rows: int, columns: int) -> None:
        """Drag the window's corner; the program gets SIGWINCH."""
        self.emulator.resize(rows, columns)
        self._set_size(rows, columns)

    # What a person sees

    def screen(self) -> str:
        """The visible text, after everything that has already arrived is drawn."""
        self.pump(0)
        return self.emulator.text()

    def history(self) -> str:
        """The same with what has scrolled off at the top."""
        self.pump(0)
        return self.emulator.history()

    def last_line(self) -> str:
        """The lowest line that is not blank."""
        return self.screen().rpartition("\n")[2]

    def before_cursor(self) -> str:
        """The cursor's line up to the cursor."""
        self.pump(0)
        return self.emulator.before_cursor()

    def find(self, text: str) -> tuple[int, int]:
        """Row and column, from 0, of the lowest place where the text stands."""
        rows = self.screen().split("\n")
        for row in reversed(range(len(rows))):
            if (column := rows[row].rfind(text)) >= 0:
                return row, column
        raise AssertionError(f"{text!r} is not on the screen\n{self.picture()}")

    def attributes(self, row: int, column: int) -> Any:
        """pyte's Char there: `.data .fg .bg .bold .italics .underscore .reverse`."""
        self.pump(0)
        return self.emulator.buffer[row][column]

    def wait(self, what: What, timeout: float = 10) -> str:
        """Until the screen matches (a regular expression, lines apart) or satisfies; the screen's text is returned.

        Raises AssertionError with a picture of the screen after `timeout` seconds, or once the program has ended
        and what it wrote doesn't do.
        """
        good = what if callable(what) else re.compile(what, re.MULTILINE).search
        deadline = time.monotonic() + timeout
        while not good(text := self.screen()):
            left = deadline - time.monotonic()
            if left <= 0 or not self.pump(min(left, 0.05)):
                if good(text := self.emulator.text()):
                    return text
                why = f"not seen in {timeout} s" if left <= 0 else f"not seen before the end {self._ending()}"
                raise AssertionError(f"{what!r} {why}\n{self.picture()}")
        return text

    def wait_file(self, file: Path, timeout: float = 10) -> None:
        """Until the file is there: that is no news on the terminal, so it is looked for every other millisecond."""
        deadline = time.monotonic() + timeout
        while not file.exists():
            if time.monotonic() > deadline or not self.pump(0.002):
                raise AssertionError(f"{file.name} was not written {self._ending()}\n{self.picture()}")

    def wait_end(self, timeout: float = 10) -> int:
        """Until the program has ended; its exit status (128 + signal's number, as shells count)."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"still running after {timeout} s\n{self.picture()}")
            # Once the terminal is closed there is nothing to select on.
            self.pump(0.02) or self._pause(0.02)
        self.pump(0)
        status = self.process.returncode
        return status if status >= 0 else 128 - status

    def picture(self) -> str:
        """The screen in a frame, for failures."""
        rows = self.emulator.text().split("\n")
        cursor = self.emulator.cursor
        edge = "+" + "-" * self.emulator.columns + "+"
        return "\n".join([edge, *(f"|{row}" for row in rows), edge, f"cursor: row {cursor.y}, column {cursor.x}"])

    # How it is done

    def pump(self, timeout: float) -> bool:
        """Move bytes both ways until none are left (or a while has passed), waiting `timeout` seconds for the first.

        False once the program's side is closed.
        """
        enough = time.monotonic() + timeout + 0.2  # `yes` never stops; whoever waits wants to look in between
        while self._master >= 0:
            readable, writable, _ = select.select(
                [self._master], [self._master] if self._outgoing else [], [], max(timeout, 0)
            )
            if writable:
                with contextlib.suppress(BlockingIOError):
                    self._outgoing = self._outgoing[os.write(self._master, self._outgoing[:1024]) :]
            if readable:
                if not (data := self._read()):
                    return False
                self.emulator.feed(data)
            if (not readable and not writable) or time.monotonic() > enough:
                return True
            timeout = 0
        return False

    def _read(self) -> bytes:
        try:
            return os.read(self._master, 1 << 16)
        except OSError as error:
            if error.errno != errno.EIO:  # Linux's way to say that no one has the other side open; macOS says b""
                raise
            return b""

    def session_processes(self) -> list[int]:
        """Process ids of everything that still lives in the program's session."""
        found = []
        for pid in psutil.pids():
            with contextlib.suppress(OSError):
                if os.getsid(pid) == self.process.pid:
                    found.append(pid)
        return found

    def close(self) -> None:
        """Close the window: hang up, then kill what is left of the session. Nothing stays behind, no zombie either."""
        if self._master < 0:
            return
        self.pump(0)
        os.close(self._master)
        self._master = -1
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        # Once more after a look that killed something: a process may have forked just before it died.
        while others := [pid for pid in self.session_processes() if self._alive(pid)]:
            for pid in others:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._pause(0.005)
            self.process.poll()
        self.process.wait()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _queue(self, data: bytes) -> None:
        self._outgoing += data

    def _set_size(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _ending(self) -> str:
        return (
            "(the program is still running)" if self.process.poll() is None else f"(status {self.process.returncode})"
        )

    @staticmethod
    def _alive(pid: int) -> bool:
        """Not a zombie: those of others are for their parents (or init) to reap."""
        try:
            return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    @staticmethod
    def _pause(seconds: float) -> None:
        select.select([], [], [], seconds)
