"""A valid token: the one that is kept, else a refreshed one, else that of a login.

One process at a time refreshes or logs in; what it gets, or that its user did not want to, is the answer for all who
waited.
"""

from __future__ import annotations

import time

from shellhook import browser
from shellhook.errors import Cancelled, NoNetwork
from shellhook.mfa import Skipped
from shellhook.settings import Settings
from shellhook.sso import calls
from shellhook.sso.cache import Cache
from shellhook.sso.flows import Flow, NotSupported
from shellhook.sso.oidc import Oidc
from shellhook.status import span
from shellhook.sts import Refused
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shellhook.mfa import Asker
    from shellhook.sso.cache import Token
    from shellhook.sso.center import Center
    from shellhook.store import Store

# Seconds before its end in which a token is refreshed (botocore/tokens.py, SSOTokenProvider._REFRESH_WINDOW) ...
REFRESH_WINDOW = 900
# ... and in which nothing is asked with it any more.
SPENT = 60


class SignIn:
    """What is done for a token of a center. `environ` is the environment before any session of ours, `asker` says
    whether a login may begin."""

    def __init__(
        self,
        center: Center,
        environ: Mapping[str, str],
        store: Store,
        asker: Asker,
        *,
        by_device: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._center, self._environ, self._store, self._asker = center, environ, store, asker
        self._by_device, self._clock = by_device, clock
        self._cache = Cache(environ)
        self._lock = store.digest(f"sign-in {center.key}")

    def token(self, refused: str = "") -> Token:
        """A token that lasts for a call. `refused` is one that the portal does not take, whatever it says itself.

        Raises NoLogin, NoNetwork, ShellhookError, and what the asker raises.
        """
        found = self._kept(refused)
        now = self._clock()
        if found is not None and (found.left(now) > REFRESH_WINDOW or not found.can_refresh(now)):
            return found
        if found is not None:
            return self._refreshed_in_time(found)
        with self._store.lock(self._lock, self._waiting) as lock:
            found = self._kept(refused)
            if found is not None:
                return found  # somebody else got it meanwhile
            if self._asker.skippable and (word := lock.left()):
                raise Skipped if word == "skipped" else Cancelled
            try:
                return self._refreshed() or self._logged_in(ask=True)
            except (Skipped, Cancelled) as answer:
                lock.leave("skipped" if isinstance(answer, Skipped) else "cancelled")
                raise

    def log_in(self) -> Token:
        """The token of a new login, whatever is kept. Raises NoLogin, NoNetwork, ShellhookError, Cancelled."""
        with self._store.lock(self._lock, self._waiting):
            return self._logged_in(ask=False)

    def kept(self) -> Token | None:
        """The token that is kept, if it lasts for a call."""
        return self._kept("")

    def _kept(self, refused: str) -> Token | None:
        found = self._cache.token(self._center)
        if found is None or found.access_token == refused or found.left(self._clock()) <= SPENT:
            return None
        return found

    def _waiting(self) -> None:
        say(f"shellhook: waiting for another shell that logs in to {self._center.shown} (Ctrl-C ends the wait)")

    # --- refreshing

    def _refreshed_in_time(self, found: Token) -> Token:
        """Another token for one in its last minutes; that one where another cannot be had now, or is being got."""
        try:
            with self._store.lock(self._lock, _busy):
                return self._refreshed() or found
        except (_Busy, NoNetwork):
            return found

    def _refreshed(self) -> Token | None:
        """Another token for the one that is kept; None if AWS does not give one for it. The lock is held."""
        old = self._cache.token(self._center)
        if old is None or not old.can_refresh(self._clock()):
            return None
        try:
            new = Oidc(self._center, self._environ, self._clock).refreshed(old)
        except Refused as refused:
            network = calls.throttled(refused)
            if network is not None:
                raise network from None
            if refused.code == "InvalidClientException":
                self._cache.drop_registration(self._center)
            return None
        self._cache.put_token(self._center, new)
        return new

    # --- logging in

    def _logged_in(self, *, ask: bool) -> Token:
        center = self._center
        why = "not signed in" if self._cache.token(center) is None else "the sign-in has expired"
        if ask:
            self._asker.login(center, why)
        setting = Settings(self._environ).get("browser", center.profile)
        found, none = browser.find(self._environ, setting.value, setting.where)
        flow = Flow(center, self._cache, self._environ, self._clock)
        told = "" if not ask or self._asker.skippable else f"{why}: "
        begun = f"shellhook: {center.shown}: {told}logging in at {center.host}"
        try:
            token = None
            # A profile with keys of its own, the older kind, logs in by device code: the AWS CLI has it so.
            if found is not None and center.name is not None and not self._by_device:
                say(f"{begun}, {'with the link on the clipboard' if found.piped else 'in the browser'}")
                try:
                    token = flow.by_browser(found)
                except NotSupported:
                    say(f"  {center.host} knows no login by browser: with a code, then")
            else:
                say(f"{begun}, with a code{f' ({none})' if none and not self._by_device else ''}")
            if token is None:
                token = flow.by_device(None if self._by_device else found)
        except KeyboardInterrupt:
            raise Cancelled from None
        self._cache.put_token(center, token)
        return token


def standing(token: Token | None, now: float) -> str:
    """How a login stands. `now` is epoch seconds."""
    if token is None:
        return "not signed in"
    silently = ", refreshed silently" if token.can_refresh(now) else ""
    return f"{span(int(token.left(now)))} left{silently}" if token.left(now) > SPENT else f"expired{silently}"


def asked(token: Token | None, now: float) -> str:
    """Would the next call take a login?"""
    if token is not None and token.left(now) > SPENT:
        return "none will be asked: the sign-in is valid"
    if token is not None and token.can_refresh(now):
        return "one will be asked only if AWS does not refresh the sign-in"
    return "one will be asked"


class _Busy(Exception):
    """Somebody else has the lock."""


def _busy() -> None:
    raise _Busy
