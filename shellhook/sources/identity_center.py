"""The session of a permission set of IAM Identity Center: a token, and GetRoleCredentials with it."""

from __future__ import annotations

import time

from shellhook import directories
from shellhook.errors import NoLogin, ShellhookError
from shellhook.sso import center
from shellhook.sso.login import SPENT, SignIn
from shellhook.sso.portal import NotAssigned, Portal, TokenRefused
from shellhook.status import span
from shellhook.store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shellhook.mfa import Asker
    from shellhook.profiles import Configuration
    from shellhook.session import Session
    from shellhook.sources import Source
    from shellhook.sso.cache import Token
    from shellhook.sso.center import Center

_NAMED = 8  # roles or accounts that an error names at most


def credentials(
    source: Source, leaf: str | None, configuration: Configuration, environ: Mapping[str, str], asker: Asker
) -> Session:
    """The session of the source's role in its account. `leaf` is the profile that was asked for.

    Raises NoLogin, NoNetwork, ShellhookError, and what the asker raises.
    """
    at = center.of_source(source, leaf, configuration, environ)
    sign_in = SignIn(at, environ, Store(directories.state(environ)), asker)
    portal = Portal(at, environ)
    account, role = source.identity[1:3]
    token = sign_in.token()
    try:
        try:
            session = portal.role_credentials(token.access_token, account, role)
        except TokenRefused:
            # Logged out elsewhere, or ended by an administrator: the file does not know.
            token = sign_in.token(refused=token.access_token)
            session = portal.role_credentials(token.access_token, account, role)
    except TokenRefused:
        raise NoLogin(
            f"{at.shown}: the portal does not take the login",
            why=f"{at.where}: it was made in {at.region}",
            remedy=f"look at sso_region; log in once more: {at.login_command} --force",
        ) from None
    except NotAssigned:
        raise _not_assigned(source, at, portal, token) from None
    now = time.time()
    if (session.expires or 0) <= now:
        raise _over_at_once(session, portal, now)
    return session.replace(attended_from=_attended_from(token, now), sign_in=at.key)


def _attended_from(token: Token, now: float) -> int:
    """When getting another session begins to need a person: once the token has ended, and cannot be refreshed either.
    How long AWS goes on refreshing it, it does not say."""
    return (token.registration_expires or 0) if token.can_refresh(now) else token.expires - SPENT


def _not_assigned(source: Source, at: Center, portal: Portal, token: Token) -> ShellhookError:
    """What there is instead, in short."""
    account, role = source.identity[1:3]
    what = f"{at.shown}: you are not assigned {role} in account {account}"
    try:
        there = _some(portal.roles(token.access_token, account))
    except NotAssigned:
        there = ""
    except (TokenRefused, ShellhookError):
        return ShellhookError(what, why=source.where)  # that it was refused is what is known
    if there:
        return ShellhookError(
            what,
            why=f"{source.where}\nin that account you have: {there}",
            remedy="set sso_role_name to one of them, or ask whoever manages Identity Center",
        )
    try:
        accounts = (
            f"{each.id} ({each.name})" if each.name else each.id for each in portal.accounts(token.access_token)
        )
        elsewhere = _some(accounts)
    except (NotAssigned, TokenRefused, ShellhookError):
        elsewhere = ""
    return ShellhookError(
        what,
        why=f"{source.where}\nyou have no role in that account"
        + (f"; you have some in: {elsewhere}" if elsewhere else ", nor in any other"),
        remedy="look at sso_account_id, or ask whoever manages Identity Center",
    )


def _some(names: Iterator[str]) -> str:
    """The first of them, and whether there are more."""
    shown: list[str] = []
    for name in names:
        if len(shown) == _NAMED:
            return ", ".join([*shown, "..."])
        shown.append("".join(letter if letter.isprintable() else "?" for letter in name))
    return ", ".join(shown)


def _over_at_once(session: Session, portal: Portal, now: float) -> ShellhookError:
    ahead = portal.clock_ahead
    if ahead is not None and ahead < -SPENT:
        return ShellhookError(
            "AWS gave a session that is over by this machine's clock",
            why=f"the clock is ahead by {span(int(-ahead))}",
            remedy="set the clock (timedatectl set-ntp true; on macOS: sudo sntp -sS time.apple.com), then try again",
        )
    return ShellhookError(
        "AWS gave a session that is over already", why=f"it ended {span(int(now - (session.expires or 0)))} ago"
    )
