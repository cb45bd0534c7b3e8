"""The session that the endpoint has, and when it gets the next.

A new one comes from AWS, in a process of its own that may take its time, or out of the store, where any shell may have
put it: one that a person has given a code for.
"""

from __future__ import annotations

import threading
import time

from shellhook.endpoint.protocol import Refusal
from shellhook.environment import printable, rfc3339
from shellhook.record import Record
from shellhook.shells.posix import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from shellhook.session import Session

# SDKs refetch in a session's last 15 minutes, each time that they need it (botocore/credentials.py, advisory refresh).
AHEAD = 1200
_PAUSE = 60  # seconds between two attempts, at most


class Renewed(Record):
    """What came of an attempt: a session, or what stood against it, and whether a person could help."""

    session: Session | None = None
    error: str = ""
    wants_person: bool = False


def ahead(session: Session) -> int:
    """How many seconds before its end a session is to be renewed: 20 minutes. One of 15 minutes with 10 to go, since
    botocore insists on a new one from then on."""
    return 0 if session.expires is None else min(AHEAD, max(0, session.expires - session.issued) * 2 // 3)


class Current:
    """Has `session` at first. `renew` gets another, with at least so many seconds left; it may block, and is called in
    a thread. `stored` is what the store has: it is quick."""

    def __init__(
        self,
        session: Session,
        renew: Callable[[int], Renewed],
        stored: Callable[[], Session | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session, self._renew, self._stored, self._clock = session, renew, stored, clock
        self._thread: threading.Thread | None = None
        self._outcome: Renewed | None = None
        self._failed = Renewed()
        self._again = 0.0  # not to be tried before, epoch

    @property
    def is_coming(self) -> bool:
        """Is another session being got right now?"""
        return self._thread is not None

    def session(self) -> Session | None:
        """The session to be used now; None if the last has ended."""
        self._take_from_store()
        self.tick()
        return self._session if self._session.left(self._clock()) > 0 else None

    def tick(self) -> None:
        """Take what has been got, and begin to get another if it is time. To be called now and then."""
        outcome = self._outcome
        if outcome is not None:
            self._thread, self._outcome = None, None
            self._failed = outcome
            if outcome.session is not None:
                self._take(outcome.session)
        session, now = self._session, self._clock()
        if session.expires is None or now < session.expires - ahead(session):
            return
        if self._take_from_store() or self._thread is not None or now < self._again or self._wants_person(now):
            return
        # The nearer the end the oftener; a clock that was set back must not stop it.
        self._again = now + min(_PAUSE, max(1.0, session.left(now) / 8))
        self._thread = threading.Thread(target=self._attempt, args=(session, ahead(session)), daemon=True)
        self._thread.start()

    def refusal(self) -> Refusal:
        """What to say where there is no session."""
        session, now = self._session, self._clock()
        profile = printable(session.profile)
        ended = f"the session of {profile} ended at {rfc3339(session.expires or 0)}"
        renew = f"press Enter at the prompt of the shell it was assumed in, or run in any shell: assume {word(profile)}"
        if self._wants_person(now) or self._failed.wants_person:
            what = "a login" if session.sign_in else "an MFA code"
            return Refusal(status=403, code="ExpiredToken", message=f"{ended}, and a new one takes {what}: {renew}")
        why = self._failed.error or "it is being renewed"
        return Refusal(status=503, code="NotYet", message=f"{ended}, and there is no new one yet ({why}): {renew}")

    def _wants_person(self, now: float) -> bool:
        return self._session.attended_from is not None and now >= self._session.attended_from

    def _attempt(self, session: Session, seconds: int) -> None:
        try:
            self._outcome = self._renew(seconds)
        except Exception as error:
            self._outcome = Renewed(error=type(error).__name__)

    def _take_from_store(self) -> bool:
        try:
            found = self._stored()
        except Exception:
            return False  # the store is gone, or not ours any more: what is at hand is as good as it was
        return found is not None and found.issued >= self._session.issued and self._take(found)

    def _take(self, session: Session) -> bool:
        if session == self._session or session.left(self._clock()) <= 0:
            return False
        self._session, self._again = session, 0.0
        return True
