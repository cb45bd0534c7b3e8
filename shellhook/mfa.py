"""Where an MFA code comes from: the command line, a command of the user's, or the user at the terminal."""

from __future__ import annotations

import os
import sys

from shellhook import arn
from shellhook.errors import Cancelled, NoCode, NoLogin
from shellhook.ui import say
from shellhook.ui.terminal import NoTerminal, Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.sso.center import Center

DIGITS = 6
STEP = 30  # seconds that a code is the current one (RFC 6238; AWS's virtual devices use the default)


class Skipped(Exception):
    """The question was skipped with Enter: not now."""


class Asker:
    """Gets codes, and answers to the few questions beside them.

    `given` is a code from the command line, used once. `process` is a command that prints a code. Where the question
    was not the user's idea it is `skippable`.
    """

    def __init__(self, environ: Mapping[str, str], given: str | None, *, skippable: bool = False) -> None:
        self._terminal = Terminal(environ)
        self._environ = environ
        self._given = given
        self.skippable = skippable
        if given is not None and not is_code(given):
            raise NoCode("--token-code is no code", why=f"a code has {DIGITS} digits")

    @property
    def has_given(self) -> bool:
        """Is there a code from the command line that was not used yet?"""
        return self._given is not None

    def code(self, device: str, process: str | None, reason: str) -> str:
        """A code of six digits. `reason` is a line said before the question, or "".

        Raises NoCode, Cancelled, Skipped.
        """
        if self._given is not None:
            code, self._given = self._given, None
            return code
        refuse_security_key(device)
        if reason:
            say(reason)
        return _from_process(process) if process else self._asked(device)

    def device(self, proposed: str) -> str | None:
        """The ARN of the user's MFA device, "" if there is none, None if nobody can be asked. Raises Cancelled."""
        say(f"AWS does not let this user list MFA devices. A device of theirs would be called\n  {proposed}")
        while True:
            try:
                answer = self._terminal.ask("Use it? [y, another ARN or serial number, Enter for none] ").strip()
            except NoTerminal:
                return proposed if self.has_given else None
            if answer.lower() in ("y", "yes"):
                return proposed
            if answer.lower() in ("", "n", "no", "none"):
                return ""
            if len(answer) >= 9 and " " not in answer:  # the shortest serial number AWS takes (STS API reference)
                return answer
            say("that is neither an ARN nor the serial number of a device")

    def confirm(self, question: str, default: bool = True) -> bool:
        """Yes or no, no without a terminal; Enter takes the default. Raises Cancelled."""
        try:
            return self._terminal.confirm(question, default)
        except NoTerminal:
            return False

    def login(self, center: Center, why: str) -> None:
        """Comes back if a login to IAM Identity Center may begin. Where it was not the user's idea, that is asked.

        Raises NoLogin without a terminal, Skipped, Cancelled.
        """
        try:
            if not self.skippable:
                self._terminal.look()
            elif not self._terminal.confirm(f"{center.shown}: {why}. Log in now?", False):
                raise Skipped
        except NoTerminal as reason:
            raise _no_login(center, why, f"there is no terminal to log in at: {reason}") from None

    def waiting(self) -> None:
        """Another process is getting the session: told once, before the wait."""
        say("shellhook: waiting for another shell that is getting this session (Ctrl-C ends the wait)")

    def _asked(self, device: str) -> str:
        shown = f"{device.rsplit('/', 1)[-1]} ({device})" if "/" in device else device
        question = f"MFA code of {shown}{', Enter skips' if self.skippable else ''}: "
        while True:
            at_terminal = True
            try:
                typed = self._terminal.ask_unseen(question)
            except NoTerminal as reason:
                at_terminal = False
                typed = _from_askpass(question, self._environ, str(reason))
            code = typed.replace(" ", "")
            if is_code(code):
                return code
            if not code and self.skippable:
                raise Skipped
            if not at_terminal:
                raise NoCode(f"what SSH_ASKPASS gave is no code: a code has {DIGITS} digits")  # it need not be a person
            say(f"a code has {DIGITS} digits (Ctrl-C cancels)")


class Nobody(Asker):
    """Stands for a person who is not there: in the background nothing is asked, and no command of the user's is run
    that might want a touch."""

    def __init__(self) -> None:
        super().__init__({}, None)

    def code(self, device: str, process: str | None, reason: str) -> str:
        """Raises NoCode."""
        raise NoCode("a person is needed for an MFA code")

    def device(self, proposed: str) -> str | None:
        """Raises NoCode."""
        raise NoCode("a person is needed to name the MFA device")

    def login(self, center: Center, why: str) -> None:
        """Raises NoLogin."""
        raise _no_login(center, why, "a person is needed to log in")

    def confirm(self, question: str, default: bool = True) -> bool:
        """No."""
        return False


def _no_login(center: Center, why: str, reason: str) -> NoLogin:
    return NoLogin(f"{center.shown}: {why}", why=f"{center.where}\n{reason}", remedy=f"log in: {center.login_command}")


def is_code(text: str) -> bool:
    """Six digits?"""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def refuse_security_key(device: str) -> None:
    """Raises NoCode for a device that has no codes, before six digits are asked for."""
    if arn.is_security_key(device):
        raise NoCode(
            "this MFA device cannot give a code",
            why=f"{device} is a security key: AWS's API takes the six digits of an authenticator app only",
            remedy="add an authenticator app as a second device (IAM console, Security credentials) and name it: "
            "mfa_serial = arn:aws:iam::ACCOUNT:mfa/NAME, or --serial-number",
        )


def seconds_to_next(now: float) -> int:
    """Seconds until the next code is shown."""
    return int(STEP - now % STEP) + 1


def _from_process(command: str) -> str:
    """What the user's command prints. It has the terminal, for a touch or a PIN; only its standard output is ours."""
    import subprocess

    try:
        terminal: int = os.open("/dev/tty", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        terminal = subprocess.DEVNULL
    try:
        # A command line of the user's own configuration, written for a shell: pipes and quotes are theirs to use.
        done = subprocess.run(command, shell=True, stdin=terminal, stdout=subprocess.PIPE, check=False)  # noqa: S602
    except KeyboardInterrupt:
        raise Cancelled from None
    finally:
        if terminal >= 0:
            os.close(terminal)
    code = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode or not is_code(code):
        reason = f"it ended with status {done.returncode}" if done.returncode else f"it did not print {DIGITS} digits"
        raise NoCode("mfa_process gave no code", why=reason, remedy="run its command yourself, and see what it prints")
    return code


def _from_askpass(question: str, environ: Mapping[str, str], reason: str) -> str:
    """SSH's way of asking without a terminal, where the user has set it up (ssh(1), SSH_ASKPASS)."""
    import subprocess

    program = environ.get("SSH_ASKPASS")
    if not program or not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY") or sys.platform == "win32"):
        raise NoCode(
            "an MFA code is needed, and there is no terminal to ask on",
            why=reason,
            remedy="run the same at a terminal: others that need this session get it too\n"
            "or give it with `--token-code CODE`, or set `mfa_process` to a command that prints it",
        )
    try:
        done = subprocess.run([program, question], stdout=subprocess.PIPE, check=False)
    except OSError as error:
        raise NoCode("SSH_ASKPASS cannot be run", why=f"{program}: {error.strerror}") from None
    except KeyboardInterrupt:
        raise Cancelled from None
    if done.returncode:
        raise Cancelled
    return done.stdout.decode("utf-8", "replace").strip()
