"""A link that opens the console: which credentials sign in, for how long, and where they land."""

from __future__ import annotations

import time

from shellhook import arn, assume, console, federated_user, federation, history, typed
from shellhook.errors import NoSuchProfile, WrongUsage
from shellhook.record import Record
from shellhook.status import span
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.plan import Plan
    from shellhook.profiles import Configuration
    from shellhook.request import Request
    from shellhook.session import Session


class Link(Record):
    """A link, and whose it is: profile and account, "" where that is not known."""

    url: str
    profile: str
    account: str

    def __repr__(self) -> str:
        return f"Link(profile={self.profile!r})"  # who has the link is signed in, and a repr may end in a log


def make(
    here: Here,
    wanted: Request,
    asked: str,
    *,
    region: str | None = None,
    code: str | None = None,
    min_ttl: int | None = None,
    fresh: bool = False,
) -> Link:
    """The link for a request: its session's, or where that is of a user's bare keys, that of a federated user. `asked`
    says where to land, `region` in which region, if not the session's.

    Raises ShellhookError of every kind.
    """
    console.check(asked)
    try:
        plan, configuration = assume.planned(here, wanted, {}, quiet=True)
    except NoSuchProfile as error:
        wanted = typed.meant(here, wanted, error)
        plan, configuration = assume.planned(here, wanted, {}, quiet=True)
    # Everything that can be wrong with what was typed is looked for before a code is asked.
    region = region or plan.region or plan.sts_region or arn.STS_REGION.get(plan.partition, "")
    if arn.partition_of_region(region) != plan.partition:
        raise WrongUsage(f"there is no region {region} in the session's partition, {plan.partition}")
    page = console.destination(asked, plan.partition, region)
    endpoint = federation.endpoint(plan, region, here.original)
    if plan.role_arn is None and plan.source.long_term:
        if code is not None:
            say("shellhook: the MFA code is not used: GetFederationToken, which bare keys sign in with, takes none")
        session = _of_keys(here, wanted, plan, configuration)
    else:
        outcome = typed.obtain(here, wanted, code=code, min_ttl=min_ttl, fresh=fresh)
        plan, session = outcome.plan, outcome.session
        if session.session_token is None:  # of a command, say: only now it shows that they are long-term keys
            session = _federated(here, wanted, plan, configuration, session)
    seconds = None if _is_short(plan, session) else federation.LONGEST
    token, is_long = federation.sign_in(endpoint, session, seconds)
    if not is_long:
        _say_until_when(session, chained=seconds is None)
    return Link(url=endpoint.login(token, page), profile=plan.profile, account=session.account or "")


def _of_keys(here: Here, wanted: Request, plan: Plan, configuration: Configuration) -> Session:
    """The federated session of the profile's own keys, whichever session of them may be on."""
    from shellhook.sources import fetch

    for warning in configuration.warnings:
        say(f"shellhook: {warning}")
    keys = fetch.credentials(plan.source, configuration, here.original)
    if wanted.profile is not None:
        history.note(here.store, wanted.profile, time.time())
    return _federated(here, wanted, plan, configuration, keys)


def _federated(here: Here, wanted: Request, plan: Plan, configuration: Configuration, keys: Session) -> Session:
    roles = federated_user.roles_of(plan, configuration)
    return federated_user.session(plan, keys, wanted, here.original, roles, lambda text: say(f"shellhook: {text}"))


def _is_short(plan: Plan, session: Session) -> bool:
    """Does AWS grant this session no console that outlasts it? So it is with a role that was assumed with a session,
    be that a role's or an MFA session, and with a federated user."""
    if session.arn is not None and ":federated-user/" in session.arn:
        return True
    if plan.role_arn is None:
        return False
    # A role that names no device is assumed from the MFA session there is: then silent renewal ends with that.
    from_mfa_session = session.device is None and session.attended_from not in (None, 0)
    return len(plan.hops) > 1 or plan.source.long_term is False or from_mfa_session


def _say_until_when(session: Session, *, chained: bool) -> None:
    left = session.left(time.time())
    ends = "ends with the session" if left == float("inf") else f"lasts as long as the session, {span(int(left))}"
    if session.arn is not None and ":federated-user/" in session.arn:
        say(f"shellhook: the console {ends}: that is how GetFederationToken has it (-d asks for another time)")
    elif chained:
        say(f"shellhook: the console {ends}: AWS grants more only to a role assumed directly with a user's keys")
    else:
        say(f"shellhook: the console {ends}: AWS did not grant it {federation.LONGEST // 3600}h")
