"""What the portal offers, asked of it, and its way into the config file."""

from __future__ import annotations

import contextlib
import functools
import time

from shellhook import profiles, user_files
from shellhook.errors import ShellhookError
from shellhook.sso import sync
from shellhook.sso.calls import Throttled
from shellhook.sso.login import SignIn
from shellhook.sso.portal import NotAssigned, Portal, TokenRefused
from shellhook.sso.sync import Assignment, Change
from shellhook.ui.progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    T = TypeVar("T")

    from shellhook.assume import Here
    from shellhook.mfa import Asker
    from shellhook.sso.center import Center

_PAUSES = (1, 2, 4, 8, 15, 30)  # seconds to wait where the portal throttles: it allows some 20 calls a second


def change(here: Here, center: Center, asker: Asker, template: str, region: str | None, *, prune: bool) -> Change:
    """The change to the config file that has a profile for all that is offered. Nothing is written.

    Raises NoLogin, NoNetwork, BadConfiguration, WrongUsage, ShellhookError.
    """
    files = here.files()
    content = user_files.read(files.config)
    # Marks that are damaged, and a file that cannot be read, are told before anybody logs in.
    sync.planned(content, center, (), (), template=template)
    assignments = _assignments(here, center, asker)
    if not assignments and prune:
        raise ShellhookError(
            f"{center.shown} offers nothing: --prune would remove every profile",
            remedy="see in the portal whether that is so, and remove the block by hand",
        )
    names = profiles.read(files).names()
    return sync.planned(content, center, assignments, names, template=template, region=region, prune=prune)


def write(made: Change, path: str) -> None:
    """Write it. Raises BadConfiguration if the file is not what it was made of any more, ShellhookError."""
    user_files.replace_unchanged(path, made.before, made.after)


def difference(made: Change, path: str) -> str:
    """The change as people read it: a unified diff, without line ends of Windows."""
    import difflib

    before, after = (content.decode("utf-8", "replace").splitlines() for content in (made.before, made.after))
    return "".join(f"{line}\n" for line in difflib.unified_diff(before, after, path, path, lineterm=""))


def _assignments(here: Here, center: Center, asker: Asker) -> list[Assignment]:
    sign_in = SignIn(center, here.original, here.store, asker)
    portal = Portal(center, here.original)
    token = sign_in.token().access_token
    with Progress() as progress:
        try:
            return _listed(portal, token, progress)
        except TokenRefused:
            # It was ended by somebody else, in the portal for one: then a login is needed.
            return _listed(portal, sign_in.token(refused=token).access_token, progress)


def _listed(portal: Portal, token: str, progress: Progress) -> list[Assignment]:
    found: list[Assignment] = []
    progress.show("accounts ...")
    accounts = _patiently(functools.partial(portal.accounts, token), progress)
    for number, account in enumerate(accounts, 1):
        progress.show(f"roles: account {number} of {len(accounts)}, {len(found)} found")
        with contextlib.suppress(NotAssigned):  # taken away since the accounts were listed
            roles = _patiently(functools.partial(portal.roles, token, account.id), progress)
            found += [Assignment(account=account.id, account_name=account.name, role=role) for role in roles]
    return found


def _patiently(call: Callable[[], Iterable[T]], progress: Progress) -> list[T]:
    """The call, again after a pause where AWS throttles it: an organization may have hundreds of accounts."""
    for pause in _PAUSES:
        try:
            return list(call())
        except Throttled:
            progress.show(f"the portal wants a pause of {pause} s ...")
            time.sleep(pause)
    return list(call())
