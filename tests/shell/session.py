"""A shell being used: lines are typed, their status is read off the prompt, its state is written down out of band.

with ShellSession(shell, tmp_path, rc=shell.source(hook)) as session:
    result = session.run("assume power-user")
    assert result.status == 0
    assert session.environment()[b"AWS_REGION"] == b"eu-central-1"
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.shell.shells import Shell, clean_environment
from tests.shell.terminal import Terminal, What

_PROMPT = re.compile(r"\[(\d+):(\d+)\]> $")
_HISTORY_NUMBER = re.compile(r"^ *\d+\*? +")


@dataclass(frozen=True)
class Result:
    """What a typed line did: `$?`, and the text from its prompt to the next (the line itself stands first)."""

    status: int
    screen: str

    @property
    def output(self) -> str:
        """The text below the typed line."""
        return self.screen.partition("\n")[2]


@dataclass(frozen=True)
class State:
    """All that a shell holds at a prompt.

    `environment`: exactly the bytes that a program started now would get. `variables` and `functions`: each one's
    definition as the shell prints it, exported or not. `settings`: options, aliases, traps, completions, history.
    """

    environment: dict[bytes, bytes]
    variables: dict[str, str]
    functions: dict[str, str]
    settings: dict[str, str]

    def differences(self, other: State) -> dict[str, tuple[object, object]]:
        """Everything that is not the same in both, the history excepted: name -> (here, there)."""
        found: dict[str, tuple[object, object]] = {}
        for kind in ("environment", "variables", "functions", "settings"):
            here, there = getattr(self, kind), getattr(other, kind)
            for name in here.keys() | there.keys():
                if here.get(name) != there.get(name) and (kind, name) != ("settings", "history"):
                    found[f"{kind} {name!s}"] = here.get(name), there.get(name)
        return found


class ShellSession:
    """An interactive shell in a terminal, with `root` (an empty directory) for all its files."""

    def __init__(
        self,
        shell: Shell,
        root: Path,
        *,
        rc: str = "",
        env: Mapping[str, str | None] | None = None,
        rows: int = 40,
        columns: int = 120,
    ) -> None:
        """Start it and wait for the first prompt. `rc` stands in its start-up file; None in `env` removes a name."""
        self.shell = shell
        self.home, self.probe, temporary = root / "home", root / "probe", root / "tmp"
        for directory in (self.home, self.probe, temporary):
            directory.mkdir(parents=True, exist_ok=True)
        shell.write_startup(self.home, self.probe, rc)
        wanted = {**clean_environment(root), **(env or {})}
        given = {name: value for name, value in wanted.items() if value is not None}
        self.prompts = [0]  # the last prompt's number, of each nested shell
        self.terminal = Terminal(shell.interactive(self.home), env=given, cwd=self.home, rows=rows, columns=columns)
        try:
            self.started = self.ready(timeout=30)
        except BaseException:
            self.terminal.close()
            raise

    def ready(self, timeout: float = 20) -> Result:
        """Wait for a prompt that has not been seen; what the line before it did."""
        before = self.prompts[-1]
        self.terminal.wait(lambda _: self._prompt()[0] > before, timeout)
        return self._took()

    def run(self, line: str, timeout: float = 20) -> Result:
        """Type a line and Enter, and wait for the next prompt."""
        self.type(line)
        self.terminal.key("enter")
        return self.ready(timeout)

    def cancel(self) -> None:
        """Ctrl-C at a prompt where something was typed. (bash and zsh draw a new prompt, fish the same once more.)"""
        self.terminal.wait(lambda _: not self._prompt()[0])
        self.terminal.key("ctrl-c")
        # fish 3.6 loses one now and then, if it comes while it is drawing; people press again
        with contextlib.suppress(AssertionError):
            self.terminal.wait(lambda _: self._prompt()[0], timeout=1)
        if not self._prompt()[0]:
            self.terminal.key("ctrl-c")
            self.terminal.wait(lambda _: self._prompt()[0])
        self._took()

    def enter(self, line: str, timeout: float = 20) -> None:
        """Type a line that starts a nested shell, and wait for its first prompt."""
        self.type(line)
        # All of it behind the prompt, which is number 1 too where nothing was run: so it can't be mistaken for the new
        # one, be it drawn once more. A wrapped line loses the blanks at its end.
        typed = "".join(line.split())
        self.terminal.wait(lambda screen: typed in "".join(screen.split()) and not self._prompt()[0])
        self.terminal.key("enter")
        self.prompts.append(0)
        self.terminal.wait(lambda _: self._prompt()[0] == 1, timeout)
        self._took()

    def leave(self, timeout: float = 20) -> Result:
        """Leave the nested shell."""
        self.type("exit")
        # Or its prompt, which can be drawn once more before that, would be taken for the one outside.
        self.terminal.wait(lambda _: self.terminal.before_cursor().endswith("exit"))
        self.prompts.pop()
        self.terminal.key("enter")
        return self.ready(timeout)

    def type(self, text: str) -> None:
        """Type, without Enter."""
        if any(ord(character) < 32 for character in text):
            raise ValueError("control characters are keys, not text")
        self.terminal.type(text)

    def key(self, *names: str) -> None:
        """Press keys."""
        self.terminal.key(*names)

    def wait(self, what: What, timeout: float = 10) -> str:
        """Until the screen says so."""
        return self.terminal.wait(what, timeout)

    def screen(self) -> str:
        """The visible text."""
        return self.terminal.screen()

    def state(self) -> State:
        """Everything the shell holds, read at a prompt by a key that leaves neither history nor status behind."""
        environment = self._told("ctrl-p")
        volatile = frozenset(self.shell.volatile.split())
        kinds: dict[str, dict[str, str]] = {"variable": {}, "function": {}, "setting": {}}
        fields = (self.probe / "shell").read_bytes().decode("utf-8", "surrogateescape").split("\0")
        for title, text in zip(fields[::2], fields[1::2], strict=False):
            kind, _, name = title.partition(" ")
            ours = re.match(r"(PROBE|__probe)_", name + "_")
            if not ours and not (kind == "variable" and name in volatile):
                kinds[kind][name] = text
        return State(environment, kinds["variable"], kinds["function"], kinds["setting"])

    def environment(self) -> dict[bytes, bytes]:
        """The exported variables, byte by byte: an unset one is not there, an empty one is b""."""
        return self._told("ctrl-o")

    def variables(self) -> dict[str, str]:
        """Definitions of all variables, exported or not."""
        return self.state().variables

    def history(self) -> list[str]:
        """The lines that the up key would bring back, oldest first."""
        lines = self.state().settings["history"].splitlines()
        return [_HISTORY_NUMBER.sub("", line) if self.shell.kind == "bash" else line for line in lines]

    def close(self) -> None:
        """Close the window."""
        self.terminal.close()

    def __enter__(self) -> ShellSession:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _told(self, key: str) -> dict[bytes, bytes]:
        """The environment, once what that key makes the shell write is there."""
        file = self.probe / "environment"
        file.unlink(missing_ok=True)
        self.terminal.key("ctrl-x", key)
        self.terminal.wait_file(file)
        return dict(entry.split(b"=", 1) for entry in file.read_bytes().split(b"\0") if b"=" in entry)

    def _prompt(self) -> tuple[int, int]:
        """Number and status of the prompt that waits; 0, 0 unless the cursor stands right behind one."""
        match = _PROMPT.search(self.terminal.before_cursor())
        return (int(match[1]), int(match[2])) if match else (0, 0)

    def _took(self) -> Result:
        """Go on to the prompt that waits."""
        number, status = self._prompt()
        text = self.terminal.history()
        end = text.rfind(f"[{number}:{status}]>")
        start = max(text.rfind(f"[{self.prompts[-1]}:", 0, end), 0)
        self.prompts[-1] = number
        return Result(status, text[start : text.rfind("\n", 0, end) + 1].rstrip("\n"))


Start = Callable[..., ShellSession]
