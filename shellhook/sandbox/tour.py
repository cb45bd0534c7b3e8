"""The tour of the demo: what is typed, and what must be seen.

At a terminal the user's own shell is opened, with the hook loaded and the lines to type above. Without one, the same
lines are typed into a real shell on a pseudo-terminal, and every line printed is that shell's.
"""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from shellhook import install, shells
from shellhook.errors import ShellhookError
from shellhook.record import Record
from shellhook.sandbox.process import Sandbox, SandboxFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROMPT = "demo$ "
_WAIT = 30.0  # seconds for one step; a busy machine's first import of botocore takes a while


class Step(Record):
    """A line to type, what it shows, and what must be on the screen after it. `code` answers a question."""

    says: str
    line: str
    sees: str
    code: bool = False


STEPS = (
    Step(says="a role that wants an external ID; the profile has it", line="assume read-only", sees=""),
    Step(
        says="who AWS says we are now",
        line="aws-whoami",
        sees=r"arn:aws:sts::111122223333:assumed-role/read-only/",
    ),
    Step(says="a role that wants MFA too: one code ...", line="assume power-user", sees="MFA code of alice", code=True),
    Step(
        says="... does for the day: a second role, in another account, assumed from the first",
        line="assume admin",
        sees="",
    ),
    Step(says="what is on", line="assume --status", sees=r"account +444455556666"),
    Step(says="the one before, as `cd -` does", line="assume -", sees=""),
    Step(
        says="one command as somebody else; this shell stays", line="assume read-only -- aws-whoami", sees="/read-only/"
    ),
    Step(says="its exit status is the command's", line="assume read-only -- sh -c 'exit 7'; echo $?", sees=r"^7\b"),
    Step(says="still the power user here", line="aws-whoami", sees="/power-user/"),
    Step(says="what an assume would do, without doing it", line="shellhook explain power-user", sees="GetSessionToken"),
    Step(says="back to what was there before", line="assume --off", sees=""),
    Step(says="nothing is left", line="env | grep -c AWS_SECRET_ACCESS_KEY", sees=r"^0\b"),
)

_SESSION = "shellhook-demo"
_WHOAMI = """\
import sys
import botocore.exceptions
import botocore.session
try:
    print(botocore.session.Session().create_client("sts").get_caller_identity()["Arn"])
except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
    sys.exit(str(error))
"""


def environment(sandbox: Sandbox, directory: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the demo's shell: the sandbox's AWS, and a store and programs of its own."""
    programs = directory / "bin"
    programs.mkdir(exist_ok=True)
    whoami = programs / "aws-whoami"
    script = directory / "aws_whoami.py"
    script.write_text(_WHOAMI)
    # Through sh: the first line of a script cannot name a Python whose path has a blank.
    whoami.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(script))}\n")
    whoami.chmod(whoami.stat().st_mode | stat.S_IXUSR)
    ours = os.path.dirname(install.backend(environ))
    kept = {name: value for name, value in environ.items() if not name.startswith(("AWS", "SHELLHOOK_"))}
    # Logins lie in the user's own home, by the session's name: theirs may be called `corp` too.
    config = directory / "config"
    config.write_text(
        re.sub(r"(sso-session |sso_session = )corp\b", rf"\1{_SESSION}", sandbox.config_file.read_text("utf-8")),
        "utf-8",
    )
    return {
        **kept,
        **sandbox.environment(),
        "AWS_CONFIG_FILE": str(config),
        "PATH": os.pathsep.join([str(programs), ours, environ.get("PATH", os.defpath)]),
        "XDG_STATE_HOME": str(directory / "state"),
        "XDG_CONFIG_HOME": environ.get("XDG_CONFIG_HOME", ""),
        "SHELLHOOK_DEMO": sandbox.control,
    }


def at_a_terminal(shell: str, sandbox: Sandbox, directory: Path, environ: Mapping[str, str]) -> int:
    """The user's own shell, with the hook loaded; what to try stands above its first prompt. Gives its exit status."""
    hook = directory / f"hook.{shell}"
    hook.write_text(shells.hook(shell, install.backend(environ)), encoding="utf-8")
    print(f"An AWS of your own, on {sandbox.endpoint}. Your files and your keys are not touched. Try:\n")
    for step in STEPS:
        print(f"  {step.line:<58} # {step.says}")
    print("\nThe MFA code to type is printed by:  shellhook demo --code\nLeave with:  exit\n", flush=True)
    inside = {name: value for name, value in environment(sandbox, directory, environ).items() if value}
    command, added = _interactive(shell, hook, directory, environ)
    status = subprocess.run(command, env={**inside, **added}, check=False).returncode
    _forget_logins(inside)
    return status


def _forget_logins(environ: Mapping[str, str]) -> None:
    """Delete the logins to the sandbox from the user's home."""
    from shellhook import profiles
    from shellhook.sso import center
    from shellhook.sso.cache import Cache

    for each in center.every(profiles.read(profiles.locate(environ)), environ):
        Cache(environ).forget(each)


def _interactive(
    shell: str, hook: Path, directory: Path, environ: Mapping[str, str]
) -> tuple[Sequence[str], dict[str, str]]:
    """The command of an interactive shell that reads the user's start-up file first, then the hook."""
    program = {"powershell": "pwsh"}.get(shell, shell)
    quoted = shlex.quote(str(hook))
    if shell == "bash":
        start = directory / "bashrc"
        start.write_text(f"[ ! -r ~/.bashrc ] || . ~/.bashrc\n. {quoted}\n")
        return [program, "--rcfile", str(start), "-i"], {}
    if shell == "zsh":
        theirs = environ.get("ZDOTDIR") or environ.get("HOME", "")
        start = directory / ".zshrc"
        start.write_text(
            f"ZDOTDIR={shlex.quote(theirs)}\n[[ ! -r $ZDOTDIR/.zshrc ]] || . $ZDOTDIR/.zshrc\n. {quoted}\n"
        )
        return [program, "-i"], {"ZDOTDIR": str(directory)}
    if shell == "fish":
        return [program, "-i", "-C", f"source {shells.module('fish').quote(str(hook))}"], {}
    return [program, "-NoLogo", "-NoExit", "-Command", f". {shells.module('powershell').quote(str(hook))}"], {}


def typed(sandbox: Sandbox, directory: Path, environ: Mapping[str, str]) -> int:
    """The tour, typed into a real bash on a pseudo-terminal. Gives 0 if every step showed what it must.

    Raises SandboxFailed for the first that does not, ShellhookError if there is no bash.
    """
    if shutil.which("bash", path=environ.get("PATH")) is None:
        raise ShellhookError(
            "without a terminal, the demo is typed into a bash, and there is none",
            remedy="install bash, or start the demo in a terminal: it opens the shell you are in",
        )
    hook = directory / "hook.bash"
    hook.write_text(shells.hook("bash", install.backend(environ)), encoding="utf-8")
    start = directory / "bashrc"
    start.write_text(f"PS1={PROMPT!r}\n. {shlex.quote(str(hook))}\n")
    # A dumb terminal: no colours and no bracketed paste, so that what is printed can be read in a log.
    inside = {**environment(sandbox, directory, environ), "TERM": "dumb", "HOME": str(directory), "HISTFILE": ""}
    shell = _Shell(["bash", "--noprofile", "--rcfile", str(start), "-i"], inside, directory)
    try:
        shell.wait(re.escape(PROMPT) + "$")
        for step in STEPS:
            seen = shell.do(step, sandbox)
            if step.sees and not re.search(step.sees, seen, re.MULTILINE):
                raise SandboxFailed(f"{step.line!r} did not show {step.sees!r}", why=seen)
    finally:
        shell.end()
    print()
    return 0


class _Shell:
    """A program on a pseudo-terminal whose output is printed as it comes."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], directory: Path) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            # Wide enough for every line: at 80 columns a dumb terminal's readline scrolls them sideways.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
            os.chdir(directory)
            os.execvpe(command[0], list(command), dict(environ))  # noqa: S606
        self._seen = ""

    def do(self, step: Step, sandbox: Sandbox) -> str:
        """Type a step's line, with a remark on what it is about; answer its question. Gives what was printed."""
        self._seen = ""
        self._type(f"# {step.says}")
        self.wait(re.escape(PROMPT) + "$")
        self._seen = ""
        self._type(step.line)
        if step.code:
            self.wait("MFA code of .*: $")
            self._type(sandbox.code("alice"))
        return self.wait(re.escape(PROMPT) + "$")

    def _type(self, line: str) -> None:
        os.write(self._terminal, line.encode() + b"\n")

    def wait(self, pattern: str) -> str:
        """Print what comes until it ends with the pattern. Gives all of it. Raises SandboxFailed."""
        deadline = time.monotonic() + _WAIT
        while not re.search(pattern, self._seen):
            ready, _, _ = select.select([self._terminal], [], [], max(0.0, deadline - time.monotonic()))
            try:
                received = os.read(self._terminal, 4096) if ready else b""
            except OSError:  # Linux's way of saying that the shell has ended
                received = b""
            if not received:
                raise SandboxFailed("the demo's shell stopped answering", why=self._seen)
            text = received.decode("utf-8", "replace").replace("\r", "")
            print(text, end="", flush=True)
            self._seen += text
        return self._seen

    def end(self) -> None:
        """Hang up, as closing a terminal's window does."""
        os.close(self._terminal)
        try:
            os.kill(self._pid, signal.SIGHUP)
            os.waitpid(self._pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
