"""One assume, from what was asked to what the shell is told: the rooms put together."""

from __future__ import annotations

import os
import time

from shellhook import directories, environment, plan, profiles, request
from shellhook.errors import BadConfiguration, NoSession, ShellhookError
from shellhook.record import Record
from shellhook.settings import Settings
from shellhook.store import Store, is_digest
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any

    from shellhook.broker import Broker
    from shellhook.mfa import Asker
    from shellhook.plan import Plan
    from shellhook.profiles import Configuration, Files
    from shellhook.request import Request
    from shellhook.session import Session


class Outcome(Record):
    """What came of a request. `digest` names the request to the shell."""

    request: Request
    digest: str
    plan: Plan
    session: Session
    proved: str | None  # a device that AWS took a code of, and that the user's files do not name
    stored: bool = False  # AWS was not asked: this has to be quick


class Here:
    """The environment we were called in, and what the store knows of it.

    What comes from the environment is checked before it is used: digests, before they enter a path.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.store = Store(directories.state(environ), self._seals)
        self.request = self._digest("SHELLHOOK_REQUEST")
        self.previous = self._digest("SHELLHOOK_PREVIOUS")
        self.before_id = self._digest("SHELLHOOK_BEFORE")
        snapshot = self.store.before(self.before_id)
        self.before_pid: int | None = snapshot["pid"] if snapshot else None
        self.before: dict[str, str | None] | None = snapshot["variables"] if snapshot else None
        self.sets: dict[str, str] = (self.store.request(self.request or "") or {}).get("sets", {})
        self.is_on = environment.is_on(environ)
        self.served = environment.served_by(environ)  # the endpoint that the shell has, if it has one
        # The environment as it would be without us: what profiles, sources and endpoints are read from.
        self.original = environment.original(environ, self.before or {}, self.sets) if self.is_on else dict(environ)

    def _digest(self, name: str) -> str | None:
        value = self.environ.get(name)
        return value if is_digest(value) else None

    def _seals(self) -> bool:
        return Settings(self.environ).get("session_store", None).value == "keyring"

    def files(self) -> Files:
        """The AWS files in force."""
        return profiles.locate(self.original)


def saved_request(here: Here, digest: str | None, missing: str) -> Request:
    """A request that was made before. Raises NoSession with the text `missing`."""
    saved = here.store.request(digest) if digest else None
    if saved is None:
        raise NoSession(missing, remedy="assume PROFILE")
    return request.from_saved(saved["request"])


def planned(
    here: Here, wanted: Request, learned: Mapping[str, str], *, quiet: bool = False
) -> tuple[Plan, Configuration]:
    """The plan for a request, and the files it was made of; warnings about those are said, unless `quiet`.

    Raises NoSuchProfile, BadConfiguration, WrongUsage.
    """
    make, configuration = _planner(here, wanted, quiet)
    return make(learned), configuration


def recalled(here: Here, wanted: Request, *, quiet: bool = False) -> tuple[Plan, Configuration, str]:
    """The same, with what earlier runs of the request found out; and the request's digest."""
    make, configuration = _planner(here, wanted, quiet)
    digest = _digest(here, wanted, make({}))
    saved = here.store.request(digest) or {}
    return make(saved.get("learned", {})), configuration, digest


def _planner(here: Here, wanted: Request, quiet: bool) -> tuple[Callable[[Mapping[str, str]], Plan], Configuration]:
    """What makes the plan of a request from what was learned about it, and the files."""
    request.check(wanted)
    configuration = profiles.read(profiles.Files(config=wanted.config, credentials=wanted.credentials))
    settings = Settings(here.original)
    user, defaults = user_name(here.original), settings.defaults(wanted.profile)

    def make(learned: Mapping[str, str]) -> Plan:
        return plan.make(wanted, configuration, here.original, user, learned, defaults)

    made = make({})  # what is wrong with the request is said before what is wrong elsewhere in the files
    for warning in () if quiet else (*configuration.warnings, *settings.warnings):
        say(f"shellhook: {warning}")
    return lambda learned: make(learned) if learned else made, configuration


def _digest(here: Here, wanted: Request, made: Plan) -> str:
    """The digest by which shells know the request: of its words, and of what they mean by the plan without anything
    learned. Two shells share what is kept of a request, and each other's sessions, by it: where a profile was edited in
    between, or the keys in the environment are another account's, the same words are two requests.
    """
    means = (made.identity(len(made.hops)), made.device, sorted(made.settings.items()))
    return here.store.digest(wanted.identity() + ascii(means))


def session_key(here: Here, made: Plan) -> str:
    """The key of the session that a plan ends in."""
    return here.store.digest(made.identity(len(made.hops)))


def obtain(
    here: Here,
    wanted: Request,
    *,
    code: str | None = None,
    min_ttl: int | None = None,
    fresh: bool = False,
    asker: Asker | None = None,
) -> Outcome:
    """The session for a request, from the store or from AWS. `code` is an MFA code from the command line, `min_ttl` the
    seconds it must have left; `fresh` does not take a stored one. With an `asker` of its own it is a renewal, which the
    user did not ask for: its question is shared with every shell that waits for the same session.

    Raises ShellhookError of every kind, and Skipped where the asker allows that.
    """
    make, configuration = _planner(here, wanted, quiet=asker is not None)
    digest = _digest(here, wanted, make({}))
    saved: dict[str, Any] = here.store.request(digest) or {}
    learned: dict[str, str] = saved.get("learned", {})
    made = make(learned)
    stored = None
    if not fresh and made.is_kept and not made.wants_account:
        # First, and without what only a call to AWS needs: this is what has to be there within 30 ms.
        stored = here.store.usable_session(session_key(here, made), time.time(), min_ttl)
    session, proved = stored, None
    if session is None:
        here.store.prepare()
        broker = _broker(here, made, configuration, code, min_ttl, fresh, asker)
        if made.wants_account:
            broker.account(made)
            learned = _merged(learned, broker.learned)
            made = make(learned)
        for note in made.notes:
            say(f"shellhook: {note}")
        try:
            with _UnderWay(here, digest, made):
                session = broker.session(made)
        except ShellhookError:
            if _merged(learned, broker.learned) != learned:
                # A question that was answered is not asked again, whatever came of it.
                kept = {"request": wanted.as_saved(), "sets": {}, **saved, "learned": _merged(learned, broker.learned)}
                here.store.put_request(digest, kept)
            raise
        proved = broker.proved
        if _merged(learned, broker.learned) != learned:
            # What was learned makes another plan: the next time, this session is what that looks for.
            learned = _merged(learned, broker.learned)
            made = make(learned)
            here.store.put_session(session_key(here, made), session)
        from shellhook.store import sweeping

        sweeping.sweep_if_due(here.store, time.time())
    kept = {"request": wanted.as_saved(), "learned": learned, "sets": dict(made.settings)}
    kept.update(session=session_key(here, made), region=environment.region(here.original))
    here.store.put_request(digest, kept)
    here.store.mark(digest, session.expires, made.profile)
    renew_written(here, digest, session)
    return Outcome(request=wanted, digest=digest, plan=made, session=session, proved=proved, stored=stored is not None)


# Digests of the requests that processes above this one wait for: a credential_process may be a program of ours.
UNDER_WAY = "SHELLHOOK_UNDER_WAY"


class _UnderWay:
    """While this is open, the command of a credential_process knows which request it serves: if it made the same again,
    both would wait for ever, or start each other for ever. Raises BadConfiguration if this is that one.

    A class for the reason that store/files.py gives.
    """

    def __init__(self, here: Here, digest: str, made: Plan) -> None:
        above = here.environ.get(UNDER_WAY, "").split()
        if digest in above:
            raise BadConfiguration(
                f"profile {made.profile!r} asks itself for its credentials",
                why=f"{made.source.where}: the command there comes back to the same profile",
                remedy="let credential_process name another profile, or none that comes from this one",
            )
        # Nothing else is told: a browser that a login opens may live for weeks.
        self._told = " ".join([*above, digest]) if made.source.kind == "process" else None

    def __enter__(self) -> None:
        self._former = os.environ.get(UNDER_WAY)
        if self._told is not None:
            os.environ[UNDER_WAY] = self._told

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._told is None:
            return
        if self._former is None:
            del os.environ[UNDER_WAY]
        else:
            os.environ[UNDER_WAY] = self._former


def renew_written(here: Here, digest: str, session: Session) -> None:
    """Put a session into the sections that are kept up to date for other programs, if its request has any."""
    if here.store.has_written():
        from shellhook import written

        written.renewed(here, digest, session)


def _merged(learned: Mapping[str, str], found: Mapping[str, str | None]) -> dict[str, str]:
    """What was learned, with what was found out now; None is what turned out to be wrong."""
    return {name: value for name, value in {**learned, **found}.items() if value is not None}


def user_name(environ: Mapping[str, str]) -> str:
    """The operating system's name for the user."""
    named = environ.get("LOGNAME") or environ.get("USER") or environ.get("USERNAME")
    if named:
        return named
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _broker(
    here: Here,
    made: Plan,
    configuration: Configuration,
    code: str | None,
    min_ttl: int | None,
    fresh: bool,
    asker: Asker | None,
) -> Broker:
    from shellhook import mfa
    from shellhook.broker import Broker
    from shellhook.sources import fetch
    from shellhook.sts import Aws

    person = asker or mfa.Asker(here.environ, code)
    return Broker(
        here.store,
        time.time,
        person,
        Aws(here.original),
        lambda: fetch.credentials(made.source, configuration, here.original, person, made.profile, made.sts_region),
        lambda text: say(f"shellhook: {text}"),
        min_ttl=min_ttl,
        fresh=fresh,
        shared=asker is not None,
    )
