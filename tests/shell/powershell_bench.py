"""Where PowerShell's hook is tried: a directory with a rendered hook, a backend (powershell_backend.py), and a home."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from shellhook import shells
from tests.shell.shells import PowerShell, clean_environment, required

ROOT = Path(__file__).resolve().parents[2]
HOOK = ROOT / "shell" / "shellhook.ps1"
PWSH = PowerShell(os.environ.get("PWSH") or "pwsh")

BACKEND = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import tests.shell.powershell_backend as b; b.main()"
SHOW = "import sys; print(''.join(f'<{word}>' for word in sys.argv[1:])); sys.exit(3)"
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
        for name in ("home", "tmp", "work"):
            (self.root / name).mkdir()
        self.backend = self.program("backend", BACKEND)
        self.show = self.program("show", SHOW)
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

    def log(self) -> list[list[str]]:
        """The words of each call of the backend."""
        return [json.loads(line) for line in (self.root / "log").read_text(encoding="utf-8").splitlines()]

    def calls(self) -> list[list[str]]:
        """Of those, the user's: behind the hook's own `--`."""
        return [words[words.index("--") + 1 :] for words in self.log()]


def in_directory(path: Path) -> Bench:
    """A bench of its own, at an awkward place."""
    need_pwsh()
    root = path / "a bench's"
    root.mkdir()
    return Bench(root)
