"""What an assume would do, without doing it: the plan, where each of its parts comes from, what is in the store, and
whether a code will be asked. Calls nothing."""

from __future__ import annotations

from shellhook.environment import rfc3339
from shellhook.status import span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.hops import Hop
    from shellhook.plan import Plan
    from shellhook.store import Store

_SHOWN = (
    "RoleSessionName",
    "DurationSeconds",
    "SerialNumber",
    "SourceIdentity",
    "Tags",
    "TransitiveTagKeys",
    "PolicyArns",
)
# An external ID is as good as a password to some, and a policy is long.
_HIDDEN = {"ExternalId": "(set, not shown)", "Policy": "(set)"}
_KINDS = {
    "keys": "the access key of profile {profile!r}",
    "keyring": "the access key of profile {profile!r}, in the keyring",
    "environment": "the keys in the environment",
    "process": "credential_process of profile {profile!r}",
    "web-identity": "a web identity token, as role {role}",
    "sso": "IAM Identity Center, through profile {profile!r}",
    "pasted": "credentials that were pasted",
    "login": "the `aws login` session of profile {profile!r}",
    "container": "the container's own role",
    "instance": "the instance's own role",
    "machine": "whatever botocore finds on this machine: a container's or an instance's role",
}


def lines(plan: Plan, store: Store, now: float, login: tuple[str, str] | None = None) -> list[str]:
    """The explanation, line by line. `now` is epoch seconds. `login`, for a source of IAM Identity Center: how the
    login stands, and whether another would be asked where the store does not spare it."""
    source = plan.source
    text = [f"1. {_KINDS[source.kind].format(profile=source.profile, role=source.role)}", f"     {source.where}"]
    if source.kind == "sso":
        account, role = source.identity[1:3]
        text += [f"     GetRoleCredentials {role} in {account}", f"     {_cached(plan, store, 0, now)}"]
    if login:
        text.append(f"     sign-in: {login[0]}")
    covered = _covered(plan, store, now)
    for number, hop in enumerate(plan.hops, 1):
        text += ["", f"{number + 1}. {_call(hop)}"]
        text += [f"     {name:<17} {value}   {where}" for name, value, where in _parameters(hop)]
        text.append(f"     {_cached(plan, store, number, now)}")
    text += ["", f"code:     {_code(plan, covered)}"]
    if login:
        begun = store.usable_session(store.digest(plan.identity(0)), now, None)
        spared = "none will be asked: the session is in the store"
        text.append(f"login:    {spared if covered or begun else login[1]}")
    if plan.mfa_process and plan.mfa != "never":
        text.append(f"          from the command: {plan.mfa_process}")
    text.append(f"region:   {plan.region or 'as it was before'}   (STS is asked in {plan.sts_region or 'us-east-1'})")
    if "sts" in plan.endpoints:
        text.append(f"endpoint: {plan.endpoints['sts']}")
    text += [f"sets:     {name}={value}" for name, value in sorted(plan.settings.items())]
    text += [f"note:     {note}" for note in plan.notes]
    return text


def _call(hop: Hop) -> str:
    if hop.api == "GetSessionToken":
        return (
            "GetSessionToken: the MFA session" if "SerialNumber" in hop.parameters else "GetSessionToken, without MFA"
        )
    return f"AssumeRole {hop.parameters['RoleArn']}   {hop.where['RoleArn']}"


def _parameters(hop: Hop) -> list[tuple[str, str, str]]:
    rows = []
    for name, value in hop.parameters.items():
        if name in _HIDDEN:
            rows.append((name, _HIDDEN[name], hop.where.get(name, "")))
        elif name in _SHOWN:
            rows.append((name, _plain(name, value), hop.where.get(name, "")))
    return rows


def _plain(name: str, value: object) -> str:
    if name == "DurationSeconds" and isinstance(value, int):
        return span(value)
    if name == "Tags" and isinstance(value, list):
        return ", ".join(f"{tag['Key']}={tag['Value']}" for tag in value)
    if name == "PolicyArns" and isinstance(value, list):
        return ", ".join(policy["arn"] for policy in value)
    return ", ".join(value) if isinstance(value, list) else str(value)


def _covered(plan: Plan, store: Store, now: float) -> int:
    """How many hops the store spares."""
    for number in range(len(plan.hops), 0, -1):
        stored = store.session(store.digest(plan.identity(number)))
        if stored is not None and stored.usable(now, None):
            return number
    return 0


def _cached(plan: Plan, store: Store, hops: int, now: float) -> str:
    stored = store.session(store.digest(plan.identity(hops)))
    if stored is None:
        return "not in the store"
    if stored.expires is None:
        return "in the store"
    left = int(stored.left(now))
    if left <= 0:
        return f"in the store, expired at {rfc3339(stored.expires)}"
    suffix = "" if stored.usable(now, None) else ": too little, a new one will be got"
    return f"in the store, {span(left)} left{suffix}"


def _code(plan: Plan, covered: int) -> str:
    if plan.mfa == "never" or plan.device == "":
        return "none will be asked"
    if covered == len(plan.hops):
        return "none will be asked: the session is in the store"
    device = f"{plan.device}   {plan.device_where}" if plan.device else "the user's device, asked of IAM"
    if plan.mfa == "refused":
        return (
            f"one will be asked only if AWS refuses without, for {device}"
            if plan.hops[0].api == "AssumeRole"
            else (f"one will be asked if the user has a device: {device}")
        )
    if covered:
        return "none will be asked: the MFA session is in the store"
    if plan.mfa == "direct":
        return f"one will be asked for {device}, which this session takes for itself"
    return f"one will be asked for {device}, and serve for {span(plan.mfa_duration)}"


def title(plan: Plan) -> str:
    """What the explanation is of."""
    return f"{plan.profile}: {f'role {plan.role}' if plan.role else 'its own keys'}"
