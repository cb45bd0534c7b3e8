"""Who may assume which role: the caller's policies and the role's trust policy, both MiniStack's judgement.

In one account either may grant it, if the trust policy names the caller and not only the account; across accounts both
must. A Deny anywhere counts. STS answers every other cause with one and the same sentence.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from shellhook.sandbox import limits
from shellhook.sandbox.wire import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox.emulator import Emulator
    from shellhook.sandbox.exchange import Exchange


def not_authorized(caller_arn: str, action: str, resource: str, reason: str = "") -> Refused:
    """STS's AccessDenied."""
    sentence = f"User: {caller_arn} is not authorized to perform: {action} on resource: {resource}"
    return Refused(403, "AccessDenied", f"{sentence} {reason}".rstrip())


def request_keys(exchange: Exchange) -> dict[str, Any]:
    """The condition keys of an AssumeRole request that STS takes from its parameters, in lower case."""
    sent = {
        "sts:externalid": exchange.fields.get("ExternalId"),
        "sts:rolesessionname": exchange.fields.get("RoleSessionName"),
        "sts:sourceidentity": exchange.fields.get("SourceIdentity"),
        "sts:transitivetagkeys": exchange.transitive_tag_keys or None,
    }
    return {key: value for key, value in sent.items() if value is not None}


def permitted_actions(exchange: Exchange) -> list[str]:
    """What the request needs permission for: tags and a source identity are permissions of their own."""
    actions = ["sts:AssumeRole"]
    if exchange.tags:
        actions.append("sts:TagSession")
    if "SourceIdentity" in exchange.fields:
        actions.append("sts:SetSourceIdentity")
    return actions


def check_assume_role(emulator: Emulator, exchange: Exchange, region: str) -> None:
    """Refuse what the policies do not grant; only then, since it tells something, too long a duration."""
    role_arn = exchange.fields.get("RoleArn", "")
    caller = emulator.principal(exchange.access_key_id)
    # A session of GetFederationToken assumes nothing, whatever its user may.
    role = None if caller.type == "FederatedUser" else emulator.role(role_arn)
    for action in permitted_actions(exchange):
        identity = emulator.identity_decision(exchange, action, role_arn, region)
        if identity == "Deny":
            reason = "with an explicit deny in an identity-based policy"
            raise not_authorized(caller.arn, action, role_arn, reason)
        if role is None or not emulator.grants(caller, exchange, action, role, identity, region):
            raise not_authorized(caller.arn, action, role_arn)
    if role is not None:
        limits.check_role_maximum(exchange, int(role["MaxSessionDuration"]))
