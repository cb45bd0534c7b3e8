"""Who assumes a profile's role, as a policy names them: as far as the files and the store tell. Pure: AWS is not
asked."""

from __future__ import annotations

from shellhook import arn
from shellhook.errors import WrongUsage
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.plan import Plan
    from shellhook.profiles import Configuration


class Principal(Record):
    """`arn` is what the Principal element of a policy has. `pattern` is what the ARN of those who are meant is like,
    where they have none that stays. `where` says how they were found out, "" where the files say it."""

    arn: str
    pattern: str | None = None
    where: str = ""

    @property
    def kind(self) -> str:
        """user, role, assumed-role, federated-user, root (of an account)."""
        return "role" if self.pattern else _resource(self.arn).partition("/")[0]

    @property
    def name(self) -> str:
        """user alice, role power-user, account 111122223333."""
        parsed = arn.parse(self.arn)
        if self.pattern:
            return f"permission set {arn.shown_role(self.pattern.rpartition('/')[2])}"
        if parsed is None or self.kind == "root":
            return f"account {parsed.account if parsed else self.arn}"
        return f"{self.kind} {parsed.name}"

    @property
    def is_session(self) -> bool:
        """Is it a role, whose sessions have no MFA, however they were got? (IAM user guide, "Secure API access with
        MFA": AssumeRole's credentials say nothing of the code.)"""
        return self.kind in ("role", "assumed-role")


def given(text: str, partition: str) -> Principal:
    """The one that is named by an option: an ARN, or an account's number for all of it. Raises WrongUsage."""
    if len(text) == 12 and text.isdigit():
        return Principal(arn=f"arn:{partition}:iam::{text}:root")
    parsed = arn.parse(text)
    kind = _resource(text).partition("/")
    known = {"iam": ("user", "role", "root"), "sts": ("assumed-role", "federated-user")}
    named = parsed is not None and kind[0] in known.get(parsed.service, ()) and (kind[0] == "root") == (not kind[2])
    if parsed is None or not named or not parsed.account or not {"*", "?"}.isdisjoint(text):
        raise WrongUsage(
            f"--principal {text!r} is nobody that a policy can name",
            remedy="an ARN such as arn:aws:iam::111122223333:user/alice, without * and ?, or an account's number",
        )
    return Principal(arn=text)


def of_role(plan: Plan, configuration: Configuration) -> Principal | None:
    """Who calls AssumeRole for the role that the plan ends in; None if only AWS knows."""
    roles = [hop for hop in plan.hops if hop.api == "AssumeRole"]
    if len(roles) > 1:
        return Principal(arn=str(roles[-2].parameters["RoleArn"]))
    return of_source(plan, configuration)


def of_source(plan: Plan, configuration: Configuration) -> Principal | None:
    """Whose the credentials are that the plan begins with; None if only AWS knows."""
    source = plan.source
    if source.kind == "sso":
        return _permission_set(plan, configuration)
    if source.kind == "web-identity":
        return Principal(arn=source.identity[2])
    if source.long_term is False:
        return None
    profile = configuration.profile(source.profile) if source.profile is not None else None
    named = (profile.get("mfa_serial"), str(profile.where.get("mfa_serial"))) if profile else (None, "")
    for device, where in ((plan.device, plan.device_where), named):
        found = of_device(device or "")
        if found is not None:
            return found.replace(where=f"{found.where}, {where}" if found.where else "")
    return None


def of_device(serial: str) -> Principal | None:
    """Whose MFA device this is. The ARN of a security key says it. A virtual one has a name of its own, which the
    console proposes and most leave: the user's."""
    device = arn.parse(serial)
    if device is None or device.service != "iam":
        return None
    kind, *path = device.resource.split("/")
    if kind == "u2f" and len(path) == 3 and path[0] == "user":
        return Principal(arn=f"arn:{device.partition}:iam::{device.account}:user/{path[1]}")
    if kind != "mfa" or len(path) != 1:
        return None
    user = "root" if path[0] == "root-account-mfa-device" else f"user/{path[0]}"
    return Principal(arn=f"arn:{device.partition}:iam::{device.account}:{user}", where="by the name of the MFA device")


def _permission_set(plan: Plan, configuration: Configuration) -> Principal | None:
    """The roles of a permission set: their names end in a suffix that changes, so AWS says to name the account, and a
    pattern (IAM Identity Center user guide, "Referencing permission sets in resource policies"). The path has the
    region of the Identity Center, but in us-east-1: `*` stands for both."""
    source = plan.source
    if not source.account or not source.role:
        return None
    path = f"aws-reserved/sso.amazonaws.com*/AWSReservedSSO_{source.role}_*"
    account = f"arn:{plan.partition}:iam::{source.account}"
    return Principal(arn=f"{account}:root", pattern=f"{account}:role/{path}")


def _resource(text: str) -> str:
    parsed = arn.parse(text)
    return parsed.resource if parsed else ""
