"""A backend of a few lines, for tests of the hooks alone: says what it is told to, notes how it was called."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shellhook import shells
from tests.shell.shells import Shell

_PROGRAM = """
import json, os, select, signal, sys
# Not by the handler alone: a Ctrl-C just before Python begins to wait would be lost
interrupted, wake_up = os.pipe()
os.set_blocking(wake_up, False)
signal.set_wakeup_fd(wake_up)
signal.signal(signal.SIGINT, lambda *_: os._exit(130))
here = sys.argv[1]
words = [os.fsencode(word).decode("utf-8", "backslashreplace") for word in sys.argv[2:]]
call = {"words": words, "parent": os.getppid(), "terminal": os.isatty(1)}
with open(os.path.join(here, "calls"), "a") as file:
    file.write(json.dumps(call) + "\\n")
question = os.path.join(here, "question")
if os.path.exists(question):
    with open("/dev/tty", "w") as terminal:
        terminal.write(open(question).read())
    with open("/dev/tty") as terminal:
        if interrupted in select.select([terminal, interrupted], [], [])[0]:
            os._exit(130)
        terminal.readline()
with open(os.path.join(here, "errors"), "rb") as file:
    sys.stderr.buffer.write(file.read())
with open(os.path.join(here, "answer"), "rb") as file:
    sys.stdout.buffer.write(file.read())
with open(os.path.join(here, "status")) as file:
    status = int(file.read())
sys.stdout.flush()
sys.exit(status)
"""


@dataclass(frozen=True)
class Call:
    """One call of the backend: its words, which process called it, and whether its output went to a terminal."""

    words: list[str]
    parent: int
    terminal: bool

    @property
    def typed(self) -> list[str]:
        """The words that the user typed."""
        return self.words[self.words.index("--") + 1 :]

    def option(self, name: str) -> str:
        """The value of an option of the hook's."""
        return self.words[self.words.index(name) + 1]


class Backend:
    """Its directory, which has a blank and a quote in its name as users' have."""

    def __init__(self, root: Path) -> None:
        self.directory = root / "the user's back end"
        self.directory.mkdir()
        program = self.directory / "program.py"
        program.write_text(_PROGRAM, encoding="utf-8")
        self.path = self.directory / "shellhook"
        command = shlex.join([sys.executable, "-I", "-S", str(program), str(self.directory)])
        self.path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        self.path.chmod(0o755)
        self.answers(b"")

    def answers(self, output: bytes, status: int = 0, *, errors: bytes = b"", question: str = "") -> None:
        """What it does from now on. With a question it asks on the terminal first, and waits for a line."""
        (self.directory / "answer").write_bytes(output)
        (self.directory / "errors").write_bytes(errors)
        (self.directory / "status").write_text(str(status), encoding="ascii")
        (self.directory / "question").unlink(missing_ok=True)
        if question:
            (self.directory / "question").write_text(question, encoding="utf-8")

    def gives(self, shell: Shell, assignments: Mapping[str, str], removals: Sequence[str] = ()) -> None:
        """It answers with a session, as the real one would write it for this shell."""
        code = shells.module(shell.kind).render(assignments, removals)
        self.answers(code.encode("utf-8", "surrogateescape"))

    def calls(self) -> list[Call]:
        """How it was called, and from now on forgotten."""
        file = self.directory / "calls"
        if not file.exists():
            return []
        lines = file.read_text(encoding="utf-8").splitlines()
        file.unlink()
        return [Call(**json.loads(line)) for line in lines]

    def hook(self, shell: Shell, command: str = "assume") -> Path:
        """The rendered hook of a shell, which calls this backend."""
        file = self.directory / f"hook-{command}.{shell.extension}"
        file.write_text(shells.hook(shell.kind, str(self.path), command), encoding="utf-8")
        return file
