"""One assume, from what was asked to what the shell is told: the rooms put together."""

from __future__ import annotations

import contextlib
import os
import time

from shellhook import environment, plan, profiles, request, shells
from shellhook.environment import Digests
from shellhook.errors import BadConfiguration, NoSession, NoSuchProfile, ShellhookError, WrongUsage
from shellhook.record import Record
from shellhook.settings import Settings
from shellhook.store import Store, is_digest, state_directory
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from shellhook.broker import Broker
    from shellhook.environment import Served
    from shellhook.mfa import Asker
    from shellhook.plan import Plan
    from shellhook.profiles import Configuration, Files
    from shellhook.request import Request
    from shellhook.session import Session


class Caller(Record):
    """The shell that called: its kind, its process, and whether it is a subshell, where what is set dies with it."""

    shell: str
    pid: int
    subshell: bool = False


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
        self.store = Store(state_directory(environ), self._seals)
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
        raise NoSession(missing)
    return request.from_saved(saved["request"])


def planned(
    here: Here, wanted: Request, learned: Mapping[str, str], *, quiet: bool = False
) -> tuple[Plan, Configuration]:
    """The plan for a request, and the files it was made of; warnings about those are said, unless `quiet`.

    Raises NoSuchProfile, BadConfiguration, WrongUsage.
    """
    request.check(wanted)
    configuration = profiles.read(profiles.Files(config=wanted.config, credentials=wanted.credentials))
    settings = Settings(here.original)
    made = plan.make(
        wanted, configuration, here.original, user_name(here.original), learned, settings.defaults(wanted.profile)
    )
    for warning in () if quiet else (*configuration.warnings, *settings.warnings):
        say(f"shellhook: {warning}")
    return made, configuration


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
    digest = here.store.digest(wanted.identity())
    saved: dict[str, Any] = here.store.request(digest) or {}
    learned: dict[str, str] = saved.get("learned", {})
    made, configuration = planned(here, wanted, learned, quiet=asker is not None)
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
            made, configuration = planned(here, wanted, learned, quiet=True)
        for note in made.notes:
            say(f"shellhook: {note}")
        try:
            with _under_way(here, digest, made):
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
            made, _ = planned(here, wanted, learned, quiet=True)
            here.store.put_session(session_key(here, made), session)
        here.store.sweep_if_due(time.time())
    kept = {"request": wanted.as_saved(), "learned": learned, "sets": dict(made.settings)}
    here.store.put_request(digest, {**kept, "session": session_key(here, made)})
    here.store.mark(digest, session.expires, made.profile)
    renew_written(here, digest, session)
    return Outcome(request=wanted, digest=digest, plan=made, session=session, proved=proved, stored=stored is not None)


# Digests of the requests that processes above this one wait for: a credential_process may be a program of ours.
UNDER_WAY = "SHELLHOOK_UNDER_WAY"


@contextlib.contextmanager
def _under_way(here: Here, digest: str, made: Plan) -> Iterator[None]:
    """While this is on, the command of a credential_process knows which request it serves: if it made the same again,
    both would wait for ever, or start each other for ever. Raises BadConfiguration if this is that one."""
    above = here.environ.get(UNDER_WAY, "").split()
    if digest in above:
        raise BadConfiguration(
            f"profile {made.profile!r} asks itself for its credentials",
            why=f"{made.source.where}: the command there comes back to the same profile",
            remedy="let credential_process name another profile, or none that comes from this one",
        )
    if made.source.kind != "process":
        yield  # nothing else is told: a browser that a login opens may live for weeks
        return
    former = os.environ.get(UNDER_WAY)
    os.environ[UNDER_WAY] = " ".join([*above, digest])
    try:
        yield
    finally:
        if former is None:
            del os.environ[UNDER_WAY]
        else:
            os.environ[UNDER_WAY] = former


def renew_written(here: Here, digest: str, session: Session) -> None:
    """Put a session into the sections that are kept up to date for other programs, if its request has any."""
    if here.store.has_written():
        from shellhook import written

        written.renewed(here, digest, session)


def obtain_as_meant(
    here: Here, wanted: Request, *, code: str | None = None, min_ttl: int | None = None, fresh: bool = False
) -> Outcome:
    """The session for a request that was typed: where there is no profile of that name, but one that it begins or
    abbreviates, that one's, after a yes. It counts as a use of the profile.

    Raises ShellhookError of every kind.
    """
    from shellhook import history

    try:
        outcome = obtain(here, wanted, code=code, min_ttl=min_ttl, fresh=fresh)
    except NoSuchProfile as error:
        outcome = obtain(here, meant(here, wanted, error), code=code, min_ttl=min_ttl, fresh=fresh)
    if outcome.request.profile is not None:
        history.note(here.store, outcome.request.profile, time.time())
    return outcome


def meant(here: Here, wanted: Request, error: NoSuchProfile) -> Request:
    """The request with the one profile that the name begins or abbreviates, after a yes. Else raises the error."""
    from shellhook.mfa import Asker

    asked = f"there is no profile {wanted.profile!r}: take {error.meant!r}?"
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
    remedy = f"one of: {', '.join(names)}" if names else f"there is none yet in {files.config}"
    return WrongUsage("which profile?", why=why, remedy=remedy)


def _merged(learned: Mapping[str, str], found: Mapping[str, str | None]) -> dict[str, str]:
    """What was learned, with what was found out now; None is what turned out to be wrong."""
    return {name: value for name, value in {**learned, **found}.items() if value is not None}


def answer(here: Here, caller: Caller, outcome: Outcome, *, renewal: bool = False) -> str:
    """The code that puts a session into the calling shell."""
    previous = here.request if here.is_on and here.request != outcome.digest else here.previous
    digests = Digests(request=outcome.digest, previous=previous, before=kept_before(here, caller))
    endpoint = None
    if outcome.request.serve:
        from shellhook.endpoint import launch

        endpoint = launch.for_shell(here, caller, outcome, renewal=renewal)
    values = variables(here, outcome, digests, endpoint.at if endpoint else None)
    if renewal:
        # A region that was changed by hand is kept, and stays known as such: what we had set is not touched either.
        ours = here.environ.get("SHELLHOOK_REGION")
        changed = [name for name in environment.REGIONS if here.environ.get(name) != ours]
        for name in (*changed, *(["SHELLHOOK_REGION"] if changed else [])):
            values.pop(name)
    text = rendered(caller, values)
    if endpoint is not None:
        endpoint.stay()
    if here.served is not None and (endpoint is None or endpoint.at != here.served):
        _end_endpoint(here, caller)
    return text


def _end_endpoint(here: Here, caller: Caller) -> None:
    from shellhook.endpoint import launch

    launch.end(here, caller)


def kept_before(here: Here, caller: Caller) -> str:
    """The id of what the shell had before its first assume; it is kept from now on, if that is this one."""
    if here.before is None or here.before_id is None:
        here.before = environment.snapshot(here.original)
        here.before_id, here.before_pid = here.store.put_before(caller.pid, here.before), caller.pid
    return here.before_id


def variables(here: Here, outcome: Outcome, digests: Digests, served: Served | None) -> dict[str, str | None]:
    """Every variable of the contract, None where it is to be absent."""
    return environment.settle(
        outcome.session,
        digests,
        here.environ,
        here.before if here.before is not None else environment.snapshot(here.original),
        profile=outcome.plan.profile,
        role=outcome.plan.role,
        region=outcome.plan.region,
        settings=outcome.plan.settings,
        served=served,
    )


def for_command(here: Here, outcome: Outcome) -> dict[str, str]:
    """The environment of a command that has the session. A shell started so can go back with `--off`: what was before
    is kept for as long as that process lives, which is this one, become the command."""
    before_id = here.before_id if here.before is not None else None
    if before_id is None:
        before_id = here.store.put_before(os.getpid(), environment.snapshot(here.original))
    endpoint = None
    if outcome.request.serve:
        from shellhook.endpoint import launch

        endpoint = launch.for_command(here, outcome)
    digests = Digests(request=outcome.digest, previous=here.request, before=before_id)
    values = variables(here, outcome, digests, endpoint.at if endpoint else None)
    if endpoint is not None:
        endpoint.stay()
    environ = {name: value for name, value in here.environ.items() if values.get(name, "") is not None}
    environ.update({name: value for name, value in values.items() if value is not None})
    return environ


def off(here: Here, caller: Caller) -> str:
    """The code that puts back what was there before. Raises NoSession."""
    if not here.is_on:
        raise NoSession("no session is on in this shell")
    if here.before is None:
        say("shellhook: what was there before is not known any more: the variables are cleared")
    text = rendered(caller, environment.restore(here.environ, here.before or {}, here.sets))
    # A nested shell goes back to the same state, and so does a subshell's parent, later: the snapshot is theirs.
    if here.before_id and here.before_pid == caller.pid and not caller.subshell:
        if here.store.has_written():
            from shellhook import written

            written.left_by(here, here.before_id)
        here.store.drop_before(here.before_id)
    if here.served is not None:
        _end_endpoint(here, caller)
    return text


def rendered(caller: Caller, values: Mapping[str, str | None]) -> str:
    """Assignments and removals in the words of the shell. Raises ShellhookError for what it cannot hold."""
    assignments = {name: value for name, value in values.items() if value is not None}
    removals = [name for name, value in values.items() if value is None]
    try:
        return shells.module(caller.shell).render(assignments, removals)
    except ValueError as error:
        raise ShellhookError("the session cannot be put into this shell", why=str(error)) from None


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
        lambda: fetch.credentials(made.source, configuration, here.original, person, made.profile),
        lambda text: say(f"shellhook: {text}"),
        min_ttl=min_ttl,
        fresh=fresh,
        shared=asker is not None,
    )


def run(command: list[str], environ: Mapping[str, str]) -> int:
    """Become a command. Comes back only where it cannot be started, or on Windows, with its exit status.

    126 and 127 are what shells say of a command that cannot be run, or is not there.
    """
    import signal
    import subprocess
    import sys

    try:
        if sys.platform == "win32":
            return subprocess.call(command, env=environ)  # exec returns at once there, and the shell would not wait
        # Python ignores these two, and what is ignored stays so after exec: `assume x -- yes | head` would not end.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        os.execvpe(command[0], command, dict(environ))  # noqa: S606
    except FileNotFoundError:
        say(f"shellhook: there is no command {command[0]!r}")
        return 127
    except OSError as error:
        say(f"shellhook: {command[0]!r} cannot be run: {error.strerror}")
        return 126
