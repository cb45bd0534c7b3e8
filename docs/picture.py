"""`python -m docs.picture`: picture.svg, recorded from a real bash on a pseudo-terminal, in front of the sandbox.

What is seen is what the shell printed; only the typing is drawn letter by letter. The picture moves by CSS keyframes
alone: no script, no font of its own, nothing that is fetched.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from docs import svg
from docs.svg import Frame
from shellhook import install, shells
from shellhook.sandbox import Sandbox
from shellhook.sandbox.tour import environment
from tests.shell.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS, ROWS = 86, 14
PROMPT = "$ "
# A line to type, how long to look at what it shows, in seconds.
LINES = (
    ("assume read-only", 1.2),
    ("aws-whoami", 1.6),
    ("assume power-user", 1.2),
    ("assume admin  # in another account; no further code", 1.6),
    ("aws-whoami", 1.6),
    ("assume -  # the one before", 1.4),
    ("assume read-only -- aws-whoami", 2.0),
    ("assume --off  # what was there before", 4.0),
)
_LETTERS = 4  # typed between two frames
_TYPING = 0.12  # seconds a frame of typing


def recorded(terminal: Terminal, sandbox: Sandbox) -> Iterator[Frame]:
    """The frames, while the lines are typed."""
    terminal.wait(lambda _: _waits(terminal), 60)
    yield svg.frame(terminal.emulator, 1.0)
    for line, seconds in LINES:
        for at in range(0, len(line), _LETTERS):
            terminal.type(line[at : at + _LETTERS])
            terminal.wait(lambda _, typed=line[: at + _LETTERS]: terminal.before_cursor().endswith(typed))
            yield svg.frame(terminal.emulator, _TYPING)
        before = len(terminal.history())
        terminal.key("enter")
        terminal.wait(lambda _, shown=before: len(terminal.history()) > shown and _waits(terminal), 60)
        if terminal.before_cursor().startswith("MFA code"):
            yield svg.frame(terminal.emulator, 1.4)
            terminal.type(sandbox.code("alice"))
            terminal.wait("[•*]{6}")
            yield svg.frame(terminal.emulator, 0.8)
            terminal.key("enter")
            terminal.wait(lambda _: terminal.before_cursor().endswith(PROMPT), 60)
        yield svg.frame(terminal.emulator, seconds)


def _waits(terminal: Terminal) -> bool:
    """Does it wait at a prompt, or for a code?"""
    return bool(re.search(rf"(^|\] ){re.escape(PROMPT)}$|^MFA code of .*: $", terminal.before_cursor()))


def main() -> None:
    """Record and draw."""
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        start = root / "bashrc"
        start.write_text(
            f"PS1='{PROMPT}'\nbind 'set enable-bracketed-paste off'\n. {root}/hook.bash\n", encoding="utf-8"
        )
        given = {"PATH": "/usr/local/bin:/usr/bin:/bin", "USER": "me", "LOGNAME": "me", "HOME": directory}
        (root / "hook.bash").write_text(shells.hook("bash", install.backend({})), encoding="utf-8")
        inside = {**environment(sandbox, root, given), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HISTFILE": ""}
        command = ["bash", "--noprofile", "--rcfile", str(start), "-i"]
        with Terminal(command, env=inside, cwd=root, rows=ROWS, columns=COLUMNS) as terminal:
            frames = list(recorded(terminal, sandbox))
    path = Path(__file__).with_name("picture.svg")
    path.write_text(svg.picture(frames, COLUMNS, ROWS), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{path}: {len(frames)} frames\n")


if __name__ == "__main__":
    main()
