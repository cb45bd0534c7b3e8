"""Asking AWS about the session that is on."""

from __future__ import annotations

from shellhook import refusal
from shellhook.errors import ShellhookError
from shellhook.hops import Hop
from shellhook.session import Session
from shellhook.sts import Aws, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.plan import Plan
    from shellhook.profiles import Configuration


def who(here: Here, plan: Plan, configuration: Configuration) -> tuple[str, int | None]:
    """The ARN that AWS gives for the session in the environment, and when the long-term key behind it was made (epoch;
    None where there is none, or IAM does not tell this user).

    Raises ShellhookError if AWS does not take the keys.
    """
    from shellhook.sources import fetch

    aws = Aws(here.original)
    try:
        _, caller = aws.caller(plan, _session(here))
    except Refused as error:
        nothing = Hop(api="GetCallerIdentity", parameters={}, where={})
        raise refusal.explain(error, plan, nothing, sent_code=False, mfa_session=False) from None
    if plan.source.long_term is not True:
        return caller, None
    try:
        return caller, aws.key_created(plan, fetch.credentials(plan.source, configuration, here.original))
    except (Refused, ShellhookError):
        return caller, None


def _session(here: Here) -> Session:
    """What a program gets here: the keys in the environment, or what the endpoint gives. Raises NoSession."""
    if here.served is not None:
        from shellhook.endpoint import ask

        return ask.session(here.served)
    return Session(
        access_key_id=here.environ.get("AWS_ACCESS_KEY_ID", ""),
        secret_access_key=here.environ.get("AWS_SECRET_ACCESS_KEY", ""),
        session_token=here.environ.get("AWS_SESSION_TOKEN"),
    )
