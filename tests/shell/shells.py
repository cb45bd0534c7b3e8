"""What the tests have to know about each shell: how to start it clean, its start-up file, its quoting.

One small class a shell. `ALL` is every shell that a test is run with; a shell that is not on this machine is skipped,
or a failure where SHELLHOOK_REQUIRE names it. SHELLHOOK_BASHES=path:path adds further builds of bash.
"""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

PROBES = Path(__file__).parent / "probe"


def clean_environment(root: Path) -> dict[str, str]:
    """The whole environment of a shell under test: nothing of the user's, and our Python's programs found first."""
    return {
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        # What is about the prompt asks for it; everything else wants a plain one.
        "SHELLHOOK_PROMPT": "manual",
        "SHELLHOOK_REPROMPT": "off",
    }


class Shell:
    """A shell's program and manners."""

    kind: ClassVar[str]
    extension: ClassVar[str]
    startup: ClassVar[str]
    volatile: ClassVar[str]  # variables that differ from one prompt to the next by themselves

    def __init__(self, program: str, name: str = "") -> None:
        self.name = name or self.kind
        self.program = shutil.which(program)
        self.asked_for = program

    def __repr__(self) -> str:
        return self.name

    def interactive(self, home: Path) -> list[str]:
        """The command line of an interactive shell that reads `startup` in `home` and no other file."""
        raise NotImplementedError

    def script(self, *options: str) -> list[str]:
        """The command line, but for the code, of a shell that runs a piece of code and reads no file."""
        return [self.program or self.asked_for, *options, "-c"]

    def quote(self, text: str) -> str:
        """One word in this shell's language."""
        return shlex.quote(text)

    def source(self, path: Path) -> str:
        """The command that reads a file into the shell."""
        return f". {self.quote(str(path))}"

    def assign(self, name: str, value: str) -> str:
        """The command that sets a shell variable, not exported."""
        return f"{name}={self.quote(value)}"

    def export(self, name: str, value: str) -> str:
        """The command that sets an exported variable."""
        return f"export {name}={self.quote(value)}"

    def remove(self, name: str) -> str:
        """The command that removes a variable."""
        return f"unset {name}"

    def probe(self, directory: Path) -> dict[str, str]:
        """What the probe has to know."""
        return {"DIRECTORY": str(directory)}

    def prepare(self, home: Path) -> None:
        """Further files that a quiet start needs."""

    def write_startup(self, home: Path, probe: Path, rc: str) -> None:
        """Write the start-up file: the probe, then `rc`."""
        lines = [
            *(self.assign(f"PROBE_{name}", value) for name, value in self.probe(probe).items()),
            self.source(PROBES / f"probe.{self.extension}"),
            rc,
            "",
        ]
        file = home / self.startup
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines), encoding="utf-8")
        self.prepare(home)

    def run(
        self, code: str, *options: str, env: Mapping[str, str], cwd: Path, timeout: float = 30
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a piece of code without a terminal; standard input is empty, output and errors are captured."""
        if env.get("TMPDIR"):  # where it is missing, PowerShell does not start
            Path(env["TMPDIR"]).mkdir(parents=True, exist_ok=True)
        return subprocess.run(
            [*self.script(*options), code],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )


class Bash(Shell):
    """bash, 3.2 and later."""

    kind, extension, startup = "bash", "bash", ".bashrc"
    volatile = (
        "_ BASHPID BASH_ARGC BASH_ARGV BASH_COMMAND BASH_LINENO BASH_SOURCE BASH_MONOSECONDS COMP_LINE COMP_POINT "
        "EPOCHREALTIME EPOCHSECONDS FUNCNAME HISTCMD LINENO PIPESTATUS RANDOM READLINE_LINE READLINE_MARK "
        "READLINE_POINT SECONDS SRANDOM BASH_TRAPSIG __shellhook_number"  # as HISTCMD was at the prompt
    )

    def interactive(self, home: Path) -> list[str]:
        """`--noprofile --rcfile`: nothing of the system's or the user's."""
        return [self.program or self.asked_for, "--noprofile", "--rcfile", str(home / self.startup), "-i"]

    def script(self, *options: str) -> list[str]:
        """`-c` without any file."""
        return [self.program or self.asked_for, "--noprofile", "--norc", *options, "-c"]

    def prepare(self, home: Path) -> None:
        """readline's file, so that the system's is not read."""
        (home / ".inputrc").write_text("set enable-bracketed-paste off\nset bell-style none\n", encoding="ascii")


class Zsh(Shell):
    """zsh."""

    kind, extension, startup = "zsh", "zsh", ".zshrc"
    volatile = (
        "_ BUFFER CURSOR EPOCHREALTIME EPOCHSECONDS HISTCMD HISTNO KEYS KEYS_QUEUED_COUNT LASTWIDGET LBUFFER LINENO "
        "LOGCHECK PENDING PSVAR RANDOM RBUFFER SECONDS TTYIDLE UNDO_CHANGE_NO WATCH WATCHFMT WIDGET epochtime "
        "pipestatus psvar status watch"
    )

    def interactive(self, home: Path) -> list[str]:
        """`-d`: none of the files in /etc; those of the user are found by HOME."""
        return [self.program or self.asked_for, "-d", "-i"]

    def script(self, *options: str) -> list[str]:
        """`-f`: no files."""
        return [self.program or self.asked_for, *options, "-f", "-c"]

    def prepare(self, home: Path) -> None:
        """What a first `compinit` finds and writes, which takes it half a second; it looks whether that still holds."""
        if self.program:
            (home / ".zcompdump").write_bytes(_compdump(self.program))


@functools.cache
def _compdump(program: str) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "dump"
        subprocess.run([program, "-f", "-c", 'autoload -Uz compinit; compinit -u -d "$1"', "zsh", file], check=True)
        return file.read_bytes()


class Fish(Shell):
    """fish, 3.2 and later."""

    kind, extension, startup = "fish", "fish", ".config/fish/config.fish"
    volatile = (
        "CMD_DURATION history pipestatus status status_generation hostname __fish_last_bind_mode "
        "fish_kill_signal fish_killring"
    )

    def interactive(self, home: Path) -> list[str]:
        """The user's configuration is found by HOME."""
        return [self.program or self.asked_for, "-i"]

    def script(self, *options: str) -> list[str]:
        """`--no-config`: no files."""
        return [self.program or self.asked_for, "--no-config", *options, "-c"]

    def quote(self, text: str) -> str:
        r"""Within '..' fish knows \\ and \' and nothing else."""
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def source(self, path: Path) -> str:
        """fish no longer has `.` in every version."""
        return f"source {self.quote(str(path))}"

    def assign(self, name: str, value: str) -> str:
        """Global, since start-up files are sourced within a block."""
        return f"set -g {name} {self.quote(value)}"

    def export(self, name: str, value: str) -> str:
        """Global, never universal."""
        return f"set -gx {name} {self.quote(value)}"

    def remove(self, name: str) -> str:
        """Wherever it is set."""
        return f"set -e {name}"

    def prepare(self, home: Path) -> None:
        """Where this directory is missing, fish's first start makes completions from all manual pages."""
        (home / ".local/share/fish/generated_completions").mkdir(parents=True, exist_ok=True)


class PowerShell(Shell):
    """PowerShell 7."""

    kind, extension = "powershell", "ps1"
    startup = ".config/powershell/Microsoft.PowerShell_profile.ps1"
    volatile = "$ ? ^ _ args Error input LASTEXITCODE MyInvocation PID StackTrace this"

    def interactive(self, home: Path) -> list[str]:
        """The user's profile is found by HOME."""
        return [self.program or self.asked_for, "-NoLogo"]

    def script(self, *options: str) -> list[str]:
        """`-NoProfile`: no files."""
        return [self.program or self.asked_for, "-NoLogo", "-NoProfile", "-NonInteractive", *options, "-Command"]

    def probe(self, directory: Path) -> dict[str, str]:
        """It has no redirection of bytes: a program writes them."""
        return {
            **super().probe(directory),
            "PYTHON": sys.executable,
            "PROGRAM": str(PROBES / "write_state.py"),
        }

    def quote(self, text: str) -> str:
        """The four curly quotes end a '..' too; each is doubled."""
        for quote in "'\u2018\u2019\u201a\u201b":
            text = text.replace(quote, quote * 2)
        return f"'{text}'"

    def assign(self, name: str, value: str) -> str:
        """Global, as the profile's own scope is."""
        return f"$global:{name} = {self.quote(value)}"

    def export(self, name: str, value: str) -> str:
        """In the environment of the process."""
        return f"[Environment]::SetEnvironmentVariable('{name}', {self.quote(value)})"

    def remove(self, name: str) -> str:
        """From the environment of the process."""
        return f"Remove-Item Env:{name}"


def _further_bashes() -> list[Bash]:
    paths = [path for path in os.environ.get("SHELLHOOK_BASHES", "").split(os.pathsep) if path]
    return [Bash(path, f"bash:{Path(path).name}") for path in paths]


ALL: list[Shell] = [Bash("bash"), Zsh("zsh"), Fish("fish"), PowerShell(os.environ.get("PWSH") or "pwsh")]
ALL += _further_bashes()


def required() -> frozenset[str]:
    """The shells that must be there: a missing one is a failure, not a skip. Builds that were asked for count too."""
    return frozenset(os.environ.get("SHELLHOOK_REQUIRE", "").split()) | {shell.name for shell in _further_bashes()}
