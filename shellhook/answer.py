"""What the shell is told, or a command gets: the variables of a session, or those that were there before."""

from __future__ import annotations

import os

from shellhook import environment, shells
from shellhook.environment import Digests
from shellhook.errors import NoSession, ShellhookError
from shellhook.record import Record
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.assume import Here, Outcome
    from shellhook.environment import Served


class Caller(Record):
    """The shell that called: its kind, its process, and whether it is a subshell, where what is set dies with it."""

    shell: str
    pid: int
    subshell: bool = False


def session(here: Here, caller: Caller, outcome: Outcome, *, renewal: bool = False) -> str:
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


def off(here: Here, caller: Caller) -> str:
    """The code that puts back what was there before. Raises NoSession."""
    if not here.is_on:
        raise NoSession("no session is on in this shell", remedy="assume PROFILE")
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


def run(command: list[str], environ: Mapping[str, str]) -> int:
    """Become a command. Comes back only where it cannot be started, or on Windows, with its exit status.

    126 and 127 are what shells say of a command that cannot be run, or is not there.
    """
    import signal
    import subprocess
    import sys

    if not command[0]:  # Python would not even try: a ValueError
        say("shellhook: there is no command ''")
        return 127
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
