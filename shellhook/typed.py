"""What was typed, and what it means: a profile's name, the beginning of one or nothing; a value, or where it is."""

from __future__ import annotations

import os
import time

from shellhook import assume, profiles
from shellhook.errors import NoSuchProfile, ShellhookError, WrongUsage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here, Outcome
    from shellhook.request import Request


def obtain(
    here: Here, wanted: Request, *, code: str | None = None, min_ttl: int | None = None, fresh: bool = False
) -> Outcome:
    """The session for a request that was typed: where there is no profile of that name, but one that it begins or
    abbreviates, that one's, after a yes. It counts as a use of the profile.

    Raises ShellhookError of every kind.
    """
    from shellhook import history

    try:
        outcome = assume.obtain(here, wanted, code=code, min_ttl=min_ttl, fresh=fresh)
    except NoSuchProfile as error:
        outcome = assume.obtain(here, meant(here, wanted, error), code=code, min_ttl=min_ttl, fresh=fresh)
    if outcome.request.profile is not None:
        history.note(here.store, outcome.request.profile, time.time())
    return outcome


def meant(here: Here, wanted: Request, error: NoSuchProfile) -> Request:
    """The request with the one profile that the name begins or abbreviates, after a yes. Else raises the error."""
    from shellhook.mfa import Asker

    asked = f"No profile {wanted.profile!r}. Take {error.meant!r}?"
    if error.meant is None or not Asker(here.environ, None).confirm(asked, default=False):
        raise error
    return wanted.replace(profile=error.meant)


def picked(here: Here) -> str:
    """The profile that the user chooses at the terminal.

    Raises WrongUsage with the names where nobody can choose or there is nothing to choose from, Cancelled.
    """
    from shellhook import catalog, history
    from shellhook.ui import menu, picker
    from shellhook.ui.terminal import NoTerminal

    configuration, now = profiles.read(here.files()), time.time()
    live, weights = here.store.live(now), history.weights(here.store.uses(), now)
    view = menu.View(configuration.names(), lambda name: catalog.entry(name, configuration, live), weights, now)
    if view.name() is None:
        raise unnamed(here)
    try:
        return picker.pick(view, here.environ)
    except NoTerminal as reason:
        raise unnamed(here, f"choosing one takes a terminal: {reason}") from None


def unnamed(here: Here, why: str = "") -> WrongUsage:
    """The refusal of a request that names no profile: it lists them."""
    files = here.files()
    names = profiles.read(files).names()
    remedy = f"one of: {', '.join(names)}" if names else profiles.NONE_YET
    why = why if names else f"there is none yet in {files.config}"
    return WrongUsage("which profile?", why=why, remedy=remedy)


def external_id(here: Here, given: str | None) -> str | None:
    """The external ID; `-` asks for it unseen. Raises ShellhookError where nobody can be asked."""
    if given != "-":
        return given
    from shellhook.ui.terminal import NoTerminal, Terminal

    try:
        return Terminal(here.environ).ask_unseen("External ID: ")
    except NoTerminal as reason:
        raise ShellhookError("--external-id - asks for it, and there is no terminal", why=str(reason)) from None


def policy(given: str | None) -> tuple[str | None, tuple[str, ...]]:
    """A session policy's text, and the ARNs of managed ones, of what may be an ARN, JSON, or the name of a file.

    Raises WrongUsage if that cannot be read.
    """
    if given is None:
        return None, ()
    if given.startswith("arn:"):
        return None, (given,)
    if given.lstrip().startswith("{"):
        return given, ()
    try:
        with open(os.path.expanduser(given.removeprefix("file://")), encoding="utf-8") as file:
            return file.read(), ()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"--policy {given} cannot be read", why=str(error)) from None
