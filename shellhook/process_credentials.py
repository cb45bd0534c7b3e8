"""Sessions for SDKs that ask a `credential_process`.

An SDK runs the command for its own purposes, and a person may not be there, or not know why there is a question. So:

- What is stored and can be renewed silently is renewed while it has 15 minutes left, as everywhere. That is when SDKs
  come back, too: in that last quarter of an hour botocore runs the process at every access (credentials.py,
  RefreshableCredentials._advisory_refresh_timeout).
- What could be renewed with a person only, or cannot be renewed now, is handed out until it is spent.
- Only then there is a question, on the terminal; standard output and standard error are the SDK's.
"""

from __future__ import annotations

import time

from shellhook import assume, environment
from shellhook.errors import NoCode, ShellhookError
from shellhook.mfa import Asker, Skipped
from shellhook.ui import say, speak_on_standard_error, speak_on_the_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.request import Request
    from shellhook.session import Session
    from shellhook.sso.center import Center

_ESCAPES = {'"': '\\"', "\\": "\\\\"}


def text(session: Session) -> str:
    """What an SDK reads: JSON, a line. Not by the json module, whose import takes 8 of the 30 ms that this has.

    AWS SDKs and Tools reference guide, "Process credential provider". Without Expiration the keys are taken for good.
    """
    fields = {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": None if session.expires is None else environment.rfc3339(session.expires),
        "AccountId": session.account,
    }
    members = [f"{_quoted(name)}: {_quoted(value)}" for name, value in fields.items() if value is not None]
    return "{" + ", ".join(['"Version": 1', *members]) + "}\n"


def session(here: Here, wanted: Request, *, code: str | None, min_ttl: int | None, fresh: bool) -> Session:
    """The session to hand out: the rules stand above. Raises ShellhookError of every kind."""
    enough = None if fresh or min_ttl is not None else _Left(here, wanted)
    try:
        asker = _Late(here, code, wanted, enough)
        return assume.obtain(here, wanted, code=code, min_ttl=min_ttl, fresh=fresh, asker=asker).session
    except Skipped:
        # Another shell was asked at the same time, and there it was skipped.
        refused: ShellhookError = NoCode("the MFA code was not given", remedy=_by_hand(wanted))
    except NoCode as error:
        error.remedy = f"{error.remedy}\nor get the session first, at a terminal: {_by_hand(wanted)}".strip()
        refused = error
    except ShellhookError as error:
        refused = error
    finally:
        speak_on_standard_error()  # errors are for the SDK, which shows them
    left = enough.session() if enough else None
    if left is None:
        raise refused
    return left


def _by_hand(wanted: Request) -> str:
    """What to type to get the session first."""
    from shellhook.shells.posix import word

    return f"assume {word(wanted.profile)}" if wanted.profile else "assume"


class _Left:
    """The session that was got last, if it still serves."""

    def __init__(self, here: Here, wanted: Request) -> None:
        self._here, self._wanted = here, wanted

    def session(self) -> Session | None:
        here, now = self._here, time.time()
        try:
            made, _, _ = assume.recalled(here, self._wanted, quiet=True)
        except ShellhookError:
            return None
        found = here.store.session(assume.session_key(here, made)) if made.is_kept else None
        return found if found and (found.spent_from is None or now < found.spent_from) else None


class _Late(Asker):
    """Asks only when nothing is left, and says first what for."""

    def __init__(self, here: Here, given: str | None, wanted: Request, enough: _Left | None) -> None:
        super().__init__(here.environ, given)
        self._name, self._enough, self._said = wanted.profile or wanted.role_arn or "", enough, False

    def code(self, device: str, process: str | None, reason: str) -> str:
        if not self.has_given:
            self._begin()
        return super().code(device, process, reason)

    def device(self, proposed: str) -> str | None:
        if not self.has_given:
            self._begin()
        return super().device(proposed)

    def login(self, center: Center, why: str) -> None:
        self._begin()
        super().login(center, why)

    def _begin(self) -> None:
        if self._enough is not None and self._enough.session() is not None:
            raise NoCode("a person is needed, but not yet")
        if not self._said:
            self._said = True
            speak_on_the_terminal()
            say(f"shellhook: a program wants the session of {environment.printable(self._name)}")


def _quoted(value: str) -> str:
    """A JSON string, in ASCII (RFC 8259, section 7)."""
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(letter: str) -> str:
    if " " <= letter <= "~":
        return _ESCAPES.get(letter, letter)
    utf16 = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{utf16[at : at + 2].hex()}" for at in range(0, len(utf16), 2))
