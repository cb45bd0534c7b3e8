"""Where PowerShell's hook is tried: a directory with a rendered hook, a backend (powershell_backend.py), and a home."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shellhook import shells
from tests.shell.powershell_backend import QUESTION
from tests.shell.session import Result, ShellSession, Start
from tests.shell.shells import PowerShell, clean_environment, required

ROOT = Path(__file__).resolve().parents[2]
HOOK = ROOT / "shell" / "shellhook.ps1"
PWSH = PowerShell(os.environ.get("PWSH") or "pwsh")

BACKEND = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import tests.shell.powershell_backend as b; b.main()"
SHOW = "import sys; print(''.join(f'<{word}>' for word in sys.argv[1:])); sys.exit(3)"
AWS = "import os, sys; print('aws ran with', os.environ.get('AWS_ACCESS_KEY_ID'), *sys.argv[1:])"
WRITE = """
import json, os, sys
with open(sys.argv[1], "w") as file:
    json.dump({name.decode(): value.hex() for name, value in os.environb.items()}, file)
"""
SAY = 'function say { "$args p=$env:SHELLHOOK_PROFILE errors=$($Error.Count)" }'


def need_pwsh() -> None:
    """Skips the test where there is no PowerShell, or fails it where SHELLHOOK_REQUIRE names it."""
    if not PWSH.program:
        if PWSH.name in required():
            pytest.fail("pwsh is required, and is not on the PATH", pytrace=False)
        pytest.skip("pwsh is not on the PATH")


@dataclass
class Bench:
    """Everything that a PowerShell under test may see. `root` is an empty directory."""

    root: Path

    def __post_init__(self) -> None:
        for name in ("home", "tmp", "work", "programs"):
            (self.root / name).mkdir()
        self.backend = self.program("backend", BACKEND)
        self.show = self.program("show", SHOW)
        self.program("programs/aws", AWS)
        self.hook = self.render("assume")

    def program(self, name: str, code: str, python: str = sys.executable) -> Path:
        """A Python program."""
        file = self.root / name
        file.write_text(f"#!{python} -ISs\n{code}\n", encoding="utf-8")
        file.chmod(0o755)
        return file

    def render(self, command: str, backend: Path | None = None) -> Path:
        """A rendered hook."""
        file = self.root / f"{command}.ps1"
        file.write_text(shells.hook("powershell", str(backend or self.backend), command), encoding="ascii")
        return file

    def environment(self, **more: str) -> dict[str, str]:
        """What PowerShell is given. `$env:SHOW` is a program that shows its words as <word><word> and ends with 3."""
        quiet = {"POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off"}
        ours = {"T_LOG": str(self.root / "log"), "SHOW": str(self.show)}
        return {**clean_environment(self.root), **quiet, **ours, **more}

    def run(self, code: str, *, before: str = "", hook: Path | None = None, **more: str) -> str:
        """All that a script says, on both its streams. The hook is loaded after `before`; `say` is there."""
        file = self.root / "test.ps1"
        lines = [before, PWSH.source(hook or self.hook), SAY, code, ""]
        file.write_text("\n".join(lines), encoding="utf-8-sig")
        done = subprocess.run(
            [PWSH.program or "", "-NoLogo", "-NoProfile", "-File", str(file)],
            env=self.environment(**more),
            cwd=self.root / "work",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stdout.decode("utf-8", "replace"))

    def open(self, start: Start, **more: str | None) -> ShellSession:
        """An interactive PowerShell with the hook in its profile. The segment is placed and questions are asked, as for
        anybody; `aws` is a program that says how it was run; all that are opened here have one store."""
        given: dict[str, str | None] = {**self.environment(), "XDG_STATE_HOME": str(self.root / "state")}
        del given["HOME"], given["TMPDIR"]  # each has its own
        given["PATH"] = os.pathsep.join([str(self.root / "programs"), str(given["PATH"])])
        given |= {"SHELLHOOK_PROMPT": None, "SHELLHOOK_REPROMPT": None}
        return start(PWSH, rc=PWSH.source(self.hook), env={**given, **more}, columns=240)

    def marker(self) -> Path:
        """That of the session `dev`, in their store."""
        return self.root / "state" / "shellhook" / "markers" / b"dev".hex().rjust(32, "0")

    def newest(self) -> int:
        """The expiry that it tells of."""
        return int(self.marker().stat().st_mtime)

    def log(self) -> list[list[str]]:
        """The words of each call of the backend."""
        if not (self.root / "log").exists():
            return []
        # A line that is being written is not yet one.
        return [json.loads(line) for line in (self.root / "log").read_text(encoding="utf-8").split("\n")[:-1]]

    def calls(self) -> list[list[str]]:
        """Of those, the user's: behind the hook's own `--`."""
        return [words[words.index("--") + 1 :] for words in self.log()]


class Seat:
    """Somebody at a PowerShell, with the session `dev` on."""

    def __init__(self, bench: Bench, start: Start, **env: str | None) -> None:
        self.bench = bench
        self.gate = bench.root / "gate"
        self.session = bench.open(start, T_GATE=str(self.gate), **env)
        self._expiries = itertools.count(1000)
        self.types("assume dev")

    def types(self, line: str) -> Result:
        """Type a line, and wait for the next prompt."""
        return self.session.run(line)

    def enters(self, line: str) -> None:
        """Type a line that leads to a question."""
        self.session.type(line)
        self.session.key("enter")

    def asked(self, line: str) -> None:
        """The same, and wait for the question."""
        self.enters(line)
        self.sees_question()

    def sees_question(self) -> None:
        """Wait until the cursor stands behind it."""
        self.session.terminal.wait(lambda _: self.session.terminal.before_cursor().endswith(QUESTION))

    def answers(self, text: str) -> Result:
        """Type an answer, and wait for the next prompt."""
        self.enters(text)
        return self.session.ready()

    def interrupts(self) -> Result:
        """Ctrl-C at a question."""
        self.session.key("ctrl-c")
        return self.session.ready()

    def expiring(self) -> str:
        """A line after which the session has run out, and no marker tells of another."""
        if self.bench.marker().exists():
            self.bench.marker().unlink()
        return f"$env:SHELLHOOK_EXPIRES = {next(self._expiries)}"

    def before_prompt(self) -> str:
        """What stands before the prompt of the probe."""
        return self.session.terminal.before_cursor().rpartition("[")[0]

    def calls(self, *words: str) -> int:
        """How many calls had these words."""
        return sum(set(words) <= set(call) for call in self.bench.log())

    def wait(self, condition: Callable[[], Any]) -> None:
        """Until that holds."""
        self.session.wait(lambda _: condition())

    def key(self) -> str:
        """Which session is on."""
        return self.session.environment()[b"AWS_ACCESS_KEY_ID"].decode()


def in_directory(path: Path) -> Bench:
    """A bench of its own, at an awkward place."""
    need_pwsh()
    root = path / "a bench's"
    root.mkdir()
    return Bench(root)
