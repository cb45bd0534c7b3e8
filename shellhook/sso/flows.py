"""The two ways to log in: by a browser on this machine (authorization code with PKCE), and by a code that is typed
wherever there is one (device flow)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time

from shellhook import browser
from shellhook.environment import printable
from shellhook.errors import NoLogin, NoNetwork, ShellhookError
from shellhook.sso import calls, oidc
from shellhook.sso.callback import Answer, Listener
from shellhook.status import span
from shellhook.sts import Refused
from shellhook.ui import say
from shellhook.ui.progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shellhook.browser import Browser
    from shellhook.sso.cache import Cache, Registration, Token
    from shellhook.sso.center import Center
    from shellhook.sso.oidc import Authorization, Oidc

LOGIN_SECONDS = 600  # that a login by browser is waited for: as long as a device code lives at AWS
_SLOW_DOWN = 5  # seconds more between two questions (RFC 8628, 3.5)
_LOST = 3  # questions in a row that the network may swallow: people close the lid of their laptop on the way


class NotSupported(Exception):
    """This Identity Center knows no login by browser."""


class Flow:
    """A login to a center, from the registration to the token. `clock` is epoch seconds."""

    def __init__(self, center: Center, cache: Cache, environ: Mapping[str, str], clock: Callable[[], float]) -> None:
        self._center, self._cache, self._environ, self._clock = center, cache, environ, clock
        self._oidc: Oidc = oidc.Oidc(center, environ, clock)

    def by_browser(self, found: Browser) -> Token:
        """Raises NoLogin, NoNetwork, ShellhookError, NotSupported."""
        registration = self._registration(by_browser=True)
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        with Listener(state) as listener:
            page = self._oidc.page(registration, listener.redirect, state, challenge)
            self._open(found, page)
            say(f"  if no page opens, open it yourself, in a browser on this machine:\n  {printable(page)}")
            answer = self._answer(listener)
            if answer is None:
                raise self._not_done(f"nobody logged in for {span(LOGIN_SECONDS)}")
            if answer.error:
                raise self._denied(answer.error)
            try:
                return self._oidc.token_for_code(registration, answer.code, verifier, listener.redirect)
            except Refused as refused:
                raise self._refused(refused) from None

    def _answer(self, listener: Listener) -> Answer | None:
        answer = None
        try:
            with Progress() as progress:
                answer = listener.wait(
                    LOGIN_SECONDS, lambda left: progress.show(f"  waiting for the browser, {_clock(left)}")
                )
        finally:
            if answer is None:
                # The page may have refused this machine's registration: only people see that. The next login has
                # another one.
                self._cache.drop_registration(self._center)
        return answer

    def by_device(self, found: Browser | None) -> Token:
        """Raises NoLogin, NoNetwork, ShellhookError. With a browser the page is opened there."""
        registration, authorization = self._started()
        shown = printable(authorization.url)
        say(f"  open {shown} in any browser, and enter {printable(authorization.user_code)}")
        if authorization.url_with_code != authorization.url:
            say(f"  or, with the code in it: {printable(authorization.url_with_code)}")
        if found is not None:
            self._open(found, authorization.url_with_code)
        with Progress() as progress:
            return self._polled(registration, authorization, progress)

    # --- by device

    def _started(self) -> tuple[Registration, Authorization]:
        for attempt in (1, 2):
            registration = self._registration(by_browser=False)
            try:
                return registration, self._oidc.start_device(registration)
            except Refused as refused:
                # The registration that was kept is none any more.
                if attempt == 2 or refused.code not in ("InvalidClientException", "UnauthorizedClientException"):
                    raise oidc.explained(refused, self._center) from None
                self._cache.drop_registration(self._center)
        raise AssertionError  # the loop ends by return or raise

    def _polled(self, registration: Registration, authorization: Authorization, progress: Progress) -> Token:
        interval, lost = authorization.interval, 0
        ends = time.monotonic() + max(0, authorization.ends - self._clock())
        while True:
            self._pause(interval, ends, progress)
            try:
                return self._oidc.token_for_device(registration, authorization.device_code)
            except NoNetwork:
                lost += 1
                if lost == _LOST:
                    raise
            except Refused as refused:
                lost = 0
                if refused.code == "SlowDownException":
                    interval += _SLOW_DOWN
                elif refused.code != "AuthorizationPendingException":
                    raise self._refused(refused) from None

    def _pause(self, seconds: float, ends: float, progress: Progress) -> None:
        """Wait, with the line that says how long. Raises NoLogin once the code is over."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            if now >= ends:
                raise self._not_done("the code has expired")
            progress.show(f"  waiting for you to allow it, {_clock(ends - now)}")
            time.sleep(max(0.0, min(0.5, until - now, ends - now)))

    # --- both

    def _registration(self, *, by_browser: bool) -> Registration:
        kept = self._cache.registration(self._center, self._clock(), by_browser=by_browser)
        if kept is not None:
            return kept
        try:
            made = self._oidc.register(by_browser=by_browser)
        except Refused as refused:
            if by_browser and refused.code in _NOT_BY_BROWSER:
                raise NotSupported from None
            raise oidc.explained(refused, self._center) from None
        self._cache.put_registration(self._center, made)
        return made

    def _open(self, found: Browser, page: str) -> None:
        if not page.startswith(("https://", "http://")):
            raise ShellhookError(f"{self._center.shown}: AWS named a page that is none", why=printable(page[:200]))
        # A command that opens a window for each account or profile gets one for the login, which is of none of them.
        names = {"profile": self._center.profile or self._center.shown, "account": self._center.shown}
        if not browser.open_page(found, page, self._environ, names):
            say(f"  the browser could not be started ({found.where})")

    def _refused(self, refused: Refused) -> ShellhookError:
        if refused.code == "ExpiredTokenException":
            return self._not_done("it was allowed too late, or not at all")
        if refused.code == "AccessDeniedException":
            return self._denied("")
        if refused.code == "InvalidClientException":
            self._cache.drop_registration(self._center)
        network = calls.throttled(refused)
        said = printable(f"{refused.code}: {refused.message}".rstrip(": "))
        return network or NoLogin(
            f"{self._center.shown}: AWS did not take the login",
            why=f"{said}\n{self._center.where}",
            remedy=f"once more: {self._center.login_command}",
        )

    def _denied(self, error: str) -> NoLogin:
        said = printable(error[:100])
        return NoLogin(
            f"{self._center.shown}: the login was refused",
            why="somebody pressed Deny, or AWS lets this user in nowhere" + (f" ({said})" if said else ""),
            remedy=f"once more: {self._center.login_command}",
        )

    def _not_done(self, why: str) -> NoLogin:
        return NoLogin(
            f"{self._center.shown}: the login was not done in time",
            why=why,
            remedy=f"once more: {self._center.login_command}",
        )


_NOT_BY_BROWSER = ("UnsupportedGrantTypeException", "InvalidRedirectUriException", "InvalidClientMetadataException")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02} left (Ctrl-C ends it)"
