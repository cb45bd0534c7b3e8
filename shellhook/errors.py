"""Every error a user can see: what happened, why, and what to do.

    ShellhookError              1  refused, or not valid
    ├── NoSession               2  no session is on
    ├── BadConfiguration        3  a file of the user's cannot be used as it is
    │   └── NoSuchProfile       3
    ├── NoCode                  4  no MFA code, or a wrong one
    │   └── NoLogin             4  a login that was not done, or refused
    ├── NoNetwork               5  AWS could not be reached
    ├── WrongUsage             64  the command line makes no sense
    └── Cancelled             130  Ctrl-C

The number is the exit status. `__main__` prints the error and exits with it; nothing else does.
"""

from __future__ import annotations


class ShellhookError(Exception):
    """What happened (one line, names what was asked), why, and what to do about it.

    `why` and `remedy` may have several lines; both may be empty where `what` says it all.
    """

    status = 1

    def __init__(self, what: str, *, why: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.remedy = what, why, remedy

    def __str__(self) -> str:
        lines = [self.what]
        lines += [f"  {line}" for line in self.why.splitlines()]
        lines += [f"  -> {line}" for line in self.remedy.splitlines()]
        return "\n".join(lines)


class NoSession(ShellhookError):
    """Something was asked of the session that is on, and none is."""

    status = 2


class BadConfiguration(ShellhookError):
    """A file of the user's, or what it says about a profile, cannot be used."""

    status = 3


class NoSuchProfile(BadConfiguration):
    """No section of the AWS files has that name. `meant` is the one profile that it begins or abbreviates: to be asked
    about, never taken."""

    meant: str | None = None


class NoCode(ShellhookError):
    """No MFA code was given, or none that AWS took."""

    status = 4


class NoLogin(NoCode):
    """IAM Identity Center wants a login, and there was none, or it was refused."""


class NoNetwork(ShellhookError):
    """AWS could not be reached, or did not answer as AWS does."""

    status = 5


class WrongUsage(ShellhookError):
    """The words on the command line cannot be understood."""

    status = 64


class Cancelled(ShellhookError):
    """Ctrl-C."""

    status = 130

    def __init__(self) -> None:
        super().__init__("cancelled")
