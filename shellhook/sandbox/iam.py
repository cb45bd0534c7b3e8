"""What MiniStack's IAM lacks here: the caller as the user who is meant, and AWS's words for a denial.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from shellhook.sandbox.wire import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.sandbox.exchange import Exchange

# Actions whose UserName, when it is left out, is the caller's.
OWN = frozenset(
    {"ChangePassword", "CreateAccessKey", "DeleteAccessKey", "GetUser", "ListAccessKeys", "ListMFADevices"}
    | {"UpdateAccessKey"}
)


def means_caller(exchange: Exchange) -> bool:
    """Whether the request names no user and so means the one who signed it."""
    return exchange.action in OWN and "UserName" not in exchange.fields


def to_be_made(exchange: Exchange, account: str) -> str | None:
    """The ARN that IAM judges a request by where it makes something new, None for every other; MiniStack knows no
    resource for these two (service authorization reference of IAM, and "Permissions for GetFederationToken")."""
    fields = exchange.fields
    if exchange.action == "GetFederationToken":
        return f"arn:aws:sts::{account}:federated-user/{fields.get('Name', '')}"
    if exchange.action == "CreateVirtualMFADevice":
        return f"arn:aws:iam::{account}:mfa{fields.get('Path', '/')}{fields.get('VirtualMFADeviceName', '')}"
    return None


def check_caller(exchange: Exchange) -> None:
    """Refuse a request that means its caller, if that is no user: a role has no devices of its own."""
    if means_caller(exchange) and not exchange.caller_name:
        raise Refused(400, "ValidationError", "Must specify userName when calling with non-User credentials")


def not_authorized(caller_arn: str, action: str, resource_arn: str, *, explicit: bool) -> Refused:
    """IAM's AccessDenied. It names a user or role by its kind and name, not by its ARN."""
    kind, _, name = resource_arn.rpartition(":")[2].partition("/")
    resource = f"{kind} {name.rpartition('/')[2]}" if kind in ("user", "role") and name else resource_arn
    reason = (
        "with an explicit deny in an identity-based policy"
        if explicit
        else f"because no identity-based policy allows the {action} action"
    )
    sentence = f"User: {caller_arn} is not authorized to perform: {action} on resource: {resource} {reason}"
    return Refused(403, "AccessDenied", sentence)
