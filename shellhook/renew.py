"""Renewal: what the hook asks for when a session runs out. What is replayed is the request, so that region, duration
and chain survive."""

from __future__ import annotations

import contextlib
import time

from shellhook import answer, assume, environment
from shellhook.errors import NoSession, ShellhookError
from shellhook.request import from_saved
from shellhook.status import span
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.answer import Caller
    from shellhook.assume import Here
    from shellhook.plan import Plan
    from shellhook.request import Request
    from shellhook.sso.center import Center

PLACES = ("prompt", "command")
BACKGROUND_SECONDS = 60


def pick_up(here: Here, caller: Caller) -> str:
    """The code that takes the newest session of the request, if another process has got one since; else ""."""
    found = _request(here)
    if found is None:
        return ""
    wanted, made = found
    session = here.store.session(assume.session_key(here, made))
    if session is None or (session.expires or 0) <= max(_expires(here), time.time()):
        return ""
    outcome = assume.Outcome(request=wanted, digest=here.request or "", plan=made, session=session, proved=None)
    assume.renew_written(here, outcome.digest, session)  # another request may have got it
    return answer.session(here, caller, outcome, renewal=True)


def ask(here: Here, caller: Caller, place: str, min_ttl: int | None) -> str:
    """The code that renews the session, a question answered if one is needed; "" if it was skipped.

    `place` is "prompt" or "command". Keys that are waiting are meant for the shell: then nothing is asked, and the code
    makes the shell ask again the next time; at a prompt also while it is being renewed silently.
    """
    newer = pick_up(here, caller)
    if newer and (min_ttl is None or here.store.marked(here.request or "") - time.time() > min_ttl):
        return newer
    found = _request(here)
    if found is None:
        return ""
    from shellhook.mfa import Asker, Skipped
    from shellhook.ui.terminal import keys_are_waiting

    again = answer.rendered(caller, {f"__shellhook_asked_{place}": None})
    if keys_are_waiting() or (place == "prompt" and _is_under_way(here)):
        return again

    class Late(Asker):
        """Says first why there is a question."""

        def code(self, device: str, process: str | None, reason: str) -> str:
            self._say_why()
            return super().code(device, process, reason)

        def login(self, center: Center, why: str) -> None:
            self._say_why()
            super().login(center, why)

        def waiting(self) -> None:
            # Silent renewal that this prompt's look was too early to see.
            if place == "prompt" and _is_under_way(here):
                raise _Busy
            super().waiting()

        def _say_why(self) -> None:
            left = int(_expires(here) - time.time())
            state = f"expired {span(-left)} ago" if left <= 0 else f"has {span(left)} left"
            say(f"shellhook: {environment.printable(here.environ.get('SHELLHOOK_PROFILE', 'the session'))} {state}")

    try:
        outcome = assume.obtain(here, found[0], asker=Late(here.environ, None, skippable=True), min_ttl=min_ttl)
    except Skipped:
        return ""
    except _Busy:
        return again
    return answer.session(here, caller, outcome, renewal=True)


def silently(here: Here) -> None:
    """Get a new session without a person, for whoever picks it up. Raises ShellhookError if that cannot be."""
    from shellhook.mfa import Nobody

    found = _request(here)
    if found is not None:
        with contextlib.suppress(_Busy), here.store.lock(f"background-{here.request}", _busy):
            assume.obtain(here, found[0], asker=Nobody())


class _Busy(Exception):
    """Somebody else has the lock."""


def _busy() -> None:
    raise _Busy


def _is_under_way(here: Here) -> bool:
    """Is the session being renewed in the background, by whatever shell?"""
    try:
        with here.store.lock(f"background-{here.request}", _busy):
            return False
    except _Busy:
        return True


def _request(here: Here) -> tuple[Request, Plan] | None:
    """The request of the session that is on, and its plan as of now; None if there is nothing to renew.

    Raises ShellhookError.
    """
    if not here.is_on or environment.is_changed(here.environ) or here.store.request(here.request or "") is None:
        return None
    return replayed(here, here.request or "")


def replayed(here: Here, digest: str) -> tuple[Request, Plan]:
    """A saved request, and its plan as of now.

    Raises NoSession if it is not saved any more, ShellhookError if the profile was edited so that it means another
    session: that is not to be slipped under anybody who did not ask for it.
    """
    saved = here.store.request(digest)
    if saved is None:
        raise NoSession("the session is not known any more", remedy="assume PROFILE")
    wanted = from_saved(saved["request"])
    if "region" in saved:
        # One that was changed by hand since is kept in the shell, and none of the request's.
        here.original = environment.in_region(here.original, saved["region"])
    made, _, means = assume.recalled(here, wanted, quiet=True)
    if means != digest:
        from shellhook.shells.posix import word

        raise ShellhookError(
            "profile changed: assume again",
            why=f"profile {made.profile!r} means another session than before",
            remedy=f"assume {word(made.profile)}",
        )
    return wanted, made


def _expires(here: Here) -> int:
    return environment.expiry(here.environ) or 0
