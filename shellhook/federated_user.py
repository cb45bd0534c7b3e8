"""GetFederationToken: a user's long-term keys -> a session that the console takes.

The user's own policies apply to it, cut down to the policies that are sent along. It takes no MFA code, so a policy
that denies everything without MFA denies this session everything.
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
"""

from __future__ import annotations

import contextlib

from shellhook import refusal
from shellhook.errors import BadConfiguration, NoNetwork, ShellhookError
from shellhook.hops import HOUR, Hop, session_name
from shellhook.shells.posix import word
from shellhook.sts import Aws, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shellhook.plan import Plan
    from shellhook.profiles import Configuration
    from shellhook.request import Request
    from shellhook.session import Session

LONGEST_NAME = 32
USUAL = 43_200  # what AWS grants without being asked for something else: 12 h
# Without a policy of its own such a session may do nothing; with this one, what its user may.
EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_ROLES_NAMED = 3  # as many as fit into a line
# One look, and no wait where IAM cannot be reached: what comes of it is only a warning.
_GLANCE = {"connect_timeout": 2, "read_timeout": 5, "retries": {"mode": "standard", "total_max_attempts": 1}}


def session(
    plan: Plan,
    keys: Session,
    request: Request,
    environ: Mapping[str, str],
    roles: Sequence[str],
    say: Callable[[str], None],
) -> Session:
    """The session of the user whose `keys` these are, with the request's duration and policies. `roles` are profiles
    that could be assumed instead.

    Raises ShellhookError. Where AWS wants other credentials for this call, they are given back as they are.
    """
    aws = Aws(environ)
    hop = _hop(request)
    plan = plan.replace(hops=(hop,))
    try:
        account, caller = aws.caller(plan, keys)
        hop = _named(hop, caller)
        given = aws.federation_token(plan, keys, hop.parameters)
    except Refused as refused:
        if "with session credentials" in refused.message:
            return keys
        raise _explained(refused, plan, hop, roles) from None
    if _is_denied_everything(Aws(environ, _GLANCE), plan, keys):
        say(
            "this console would be refused everything: a policy denies this user what is done without MFA, and "
            f"GetFederationToken takes no code; instead: {_instead(roles)}"
        )
    return given.replace(account=account, profile=plan.profile)


def roles_of(plan: Plan, configuration: Configuration) -> list[str]:
    """The profiles whose role is assumed with the same keys. What is broken is left out."""
    source, found = plan.source.profile, []
    for name in configuration.names() if source is not None else ():
        with contextlib.suppress(BadConfiguration):
            profile = configuration.profile(name)
            if profile.get("role_arn") and profile.get("source_profile") == source:
                found.append(name)
    return found


def _hop(request: Request) -> Hop:
    parameters: dict[str, object] = {"DurationSeconds": request.duration_seconds or USUAL}
    where = {"DurationSeconds": "--duration-seconds"} if request.duration_seconds else {}
    if request.policy_arns:
        parameters["PolicyArns"], where["PolicyArns"] = [{"arn": name} for name in request.policy_arns], "--policy-arns"
    if request.policy:
        parameters["Policy"], where["Policy"] = request.policy, "--policy"
    elif not request.policy_arns:
        parameters["Policy"] = EVERYTHING
    return Hop(api="GetFederationToken", parameters=parameters, where=where)


def _named(hop: Hop, caller: str) -> Hop:
    """The call under the user's own name, as far as AWS takes it. The root user's session lasts an hour at most."""
    name = session_name(caller.rsplit("/", 1)[-1].rsplit(":", 1)[-1])[:LONGEST_NAME]
    parameters = {**hop.parameters, "Name": name}
    if caller.endswith(":root"):
        parameters["DurationSeconds"] = min(int(str(parameters["DurationSeconds"])), HOUR)
    return hop.replace(parameters=parameters)


def _is_denied_everything(aws: Aws, plan: Plan, keys: Session) -> bool:
    """Is the user, without a code, under a policy that denies outright? A call that nothing depends on tells, and which
    such policies do not let through; a user who merely may not make it is refused in other words."""
    try:
        aws.key_created(plan, keys)
    except Refused as refused:
        return refusal.is_denied(refused) and "explicit deny" in refused.message
    except (NoNetwork, ShellhookError):
        return False
    return False


def _explained(refused: Refused, plan: Plan, hop: Hop, roles: Sequence[str]) -> ShellhookError:
    if not refusal.is_denied(refused) or "GetFederationToken" not in refused.message:
        return refusal.explain(refused, plan, hop, sent_code=False, mfa_session=False)
    what = f"AWS does not let the keys of {plan.profile!r} sign in to the console"
    if "explicit deny" in refused.message:
        return ShellhookError(
            what,
            why="a policy denies sts:GetFederationToken outright. That call takes no MFA code: under a policy that "
            "denies everything without MFA, this console would be refused everything",
            remedy=f"use the console of a role: {_instead(roles)}",
        )
    return ShellhookError(
        what,
        why="keys without a role take sts:GetFederationToken, which this user's policies do not allow",
        remedy=f"use the console of a role: {_instead(roles)}\n"
        f"or have this statement added to the user's policy: {_statement(refused)}",
    )


def _instead(roles: Sequence[str]) -> str:
    """What to type."""
    if not roles:
        return "assume --role-arn ROLE --console"
    more = ", ..." if len(roles) > _ROLES_NAMED else ""
    return ", ".join(f"assume {word(name)} --console" for name in roles[:_ROLES_NAMED]) + more


def _statement(refused: Refused) -> str:
    """The statement that allows the call, for the very resource that AWS named."""
    import json

    resource = refused.message.partition("on resource: ")[2].split(" ")[0] or "*"
    return json.dumps({"Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": resource})
