"""Which policy document for whom: what a profile's files and the store know, filled in, and where it goes. AWS is not
asked."""

from __future__ import annotations

import re

from shellhook import arn, assume, policy, principal
from shellhook.errors import WrongUsage
from shellhook.record import Record
from shellhook.request import Request
from shellhook.shells.posix import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.plan import Plan
    from shellhook.principal import Principal
    from shellhook.profiles import Configuration


# An account's number, a path, a name (IAM API reference, Role), or what stands for several in a policy.
_ROLE = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}|\*):role/([!-~]+/)?[A-Za-z0-9_+=,.@*?-]+")


class Asked(Record):
    """What is asked for. `names` are profiles, for `assume-only` also ARNs of roles. `principals` are ARNs, or numbers
    of accounts. `mfa` is None where the profile decides."""

    names: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    external_id: str | None = None
    mfa: bool | None = None
    region: str | None = None


class Made(Record):
    """A document, and one line on what it is and where it goes."""

    document: policy.Document
    note: str

    def __repr__(self) -> str:
        return "Made(...)"  # an external ID may stand in it


class _Known(Record):
    """What there is to fill in: the profile's plan, if one was named, and who assumes."""

    partition: str
    plan: Plan | None
    principals: tuple[Principal, ...]

    @property
    def whose(self) -> str:
        return " and ".join(each.name + (f" ({each.where})" if each.where else "") for each in self.principals)


def trust(here: Here, asked: Asked) -> Made:
    """A role's trust policy. Raises WrongUsage where nobody is known to be trusted, or nobody could come."""
    known = _known(here, asked, _one(asked))
    role, wanted, sent = "", False, {}
    if known.plan is not None:
        if known.plan.role_arn is None:
            raise WrongUsage(f"profile {known.plan.profile!r} assumes no role: there is nothing to trust")
        role, sent = known.plan.role_arn, dict(known.plan.hops[-1].parameters)
        # A code goes with the first call: a role further down the chain never sees one.
        is_first = sum(hop.api == "AssumeRole" for hop in known.plan.hops) == 1
        wanted = is_first and known.plan.mfa in ("first", "direct")
    if not known.principals:
        raise _unnamed(known)
    mfa = wanted if asked.mfa is None else asked.mfa
    session = next((each for each in known.principals if each.is_session), None)
    if mfa and session is not None:
        raise WrongUsage(
            f"the session of {session.name} never has MFA: under that condition it could not assume the role",
            remedy="let the first role of the chain want the code; for this one: --no-mfa",
        )
    external_id = asked.external_id if asked.external_id is not None else str(sent.get("ExternalId") or "") or None
    document = policy.trust(
        [each.arn for each in known.principals],
        pattern=next((each.pattern for each in known.principals if each.pattern), None),
        external_id=external_id,
        mfa=mfa,
        allowed=policy.actions(sent),
    )
    needs = [name for name, needed in (("the external ID", external_id), ("an MFA code", mfa)) if needed]
    given = f", with {' and '.join(needs)}," if needs else ""
    name = _typed(role)
    key = bool(known.plan and arn.is_security_key(known.plan.device or ""))
    no_code = "A security key gives no code: `assume` takes an authenticator app beside it. " if mfa and key else ""
    return Made(
        document=document,
        note=f"trust policy of role {name}: {known.whose}{given} may assume it. {no_code}"
        f"Make the role with it: aws iam create-role --role-name {name} --assume-role-policy-document file://trust.json",
    )


def mfa_deny(here: Here, asked: Asked) -> Made:
    """The policy that denies users everything without MFA."""
    known = _known(here, asked, _one(asked))
    return Made(
        document=policy.mfa_deny(known.partition),
        note="policy of users, or of a group of them: everything is denied without MFA, but enrolling a device and "
        f"buying a session with its code. {_put(known, 'mfa-deny')}",
    )


def assume_only(here: Here, asked: Asked) -> Made:
    """The policy that allows to assume the roles named. Raises WrongUsage where they are not assumed by one and the
    same, and for an ARN that no role can have."""
    if not asked.names:
        raise WrongUsage("which role may be assumed?", remedy="name profiles, or ARNs of roles")
    roles, allowed, known = [], policy.actions({}), _known(here, asked, None)
    for name in asked.names:
        found = arn.parse(name)
        if found is not None and found.service == "iam" and found.resource.startswith("role/"):
            if not _ROLE.fullmatch(name):
                raise WrongUsage(
                    f"{name!r} is the ARN of no role",
                    remedy="roles look like arn:aws:iam::111122223333:role/power-user",
                )
            roles.append(name)
            continue
        of_profile = _known(here, asked, name)
        plan = of_profile.plan
        if plan is None or plan.role_arn is None:
            raise WrongUsage(f"profile {name!r} assumes no role")
        if plan.wants_account:
            raise WrongUsage(f"the account of {name!r} is not known here", remedy="name the role by its ARN")
        if known.principals and _arns(known) != _arns(of_profile):
            raise WrongUsage(
                f"{name!r} is assumed by {of_profile.whose or 'somebody else'}, another role by {known.whose}",
                remedy="a policy belongs to one of them: name the roles that this one assumes",
            )
        roles.append(plan.role_arn)
        allowed += [action for action in policy.actions(plan.hops[-1].parameters) if action not in allowed]
        known = of_profile
    whose = f" of {known.whose}" if known.principals else ""
    shown = ", ".join(_typed(role) for role in roles)
    return Made(
        document=policy.assume_only(roles, allowed),
        note=f"policy{whose}: may assume {shown}, and nothing else. {_put(known, 'assume-only')}",
    )


def federation(here: Here, asked: Asked) -> Made:
    """The policy that lets bare keys sign in to the console. Raises WrongUsage for what is no user."""
    known = _known(here, asked, _one(asked))
    user = known.principals[0] if known.principals else None
    if user is not None and user.kind != "user":
        raise WrongUsage(f"GetFederationToken is for the keys of a user, and this is {user.name}")
    named = arn.parse(user.arn) if user else None
    return Made(
        document=policy.federation(known.partition, named.account if named else None, named.name if named else None),
        note=f"policy of {known.whose if user else 'any user'}: bare keys may sign in to the console. "
        f"{_put(known, 'federation')}",
    )


BY_NAME = {"trust": trust, "mfa-deny": mfa_deny, "assume-only": assume_only, "federation": federation}


def _known(here: Here, asked: Asked, profile: str | None) -> _Known:
    """What the files, the store and the options tell. Raises NoSuchProfile, BadConfiguration, WrongUsage."""
    if profile is None:
        region, where = asked.region, ""
        if region is None:
            region = here.original.get("AWS_REGION") or here.original.get("AWS_DEFAULT_REGION") or None
            where = "AWS_DEFAULT_REGION or AWS_REGION in the environment"
        if region is not None and not arn.is_region(region):
            raise WrongUsage(f"{region!r} cannot be a region", why=where)
        partition = arn.partition_of_region(region or "")
        named = tuple(principal.given(each, partition) for each in asked.principals)
        return _Known(partition=_partition_of(named) or partition, plan=None, principals=named)
    plan, configuration = _planned(here, asked, profile)
    named = tuple(principal.given(each, plan.partition) for each in asked.principals)
    if _partition_of(named) not in (None, plan.partition):
        raise WrongUsage(
            f"--principal is of partition {_partition_of(named)}, {profile!r} of {plan.partition}",
            remedy="nobody of one partition can be trusted in another",
        )
    found = principal.of_role(plan, configuration) if plan.role_arn else principal.of_source(plan, configuration)
    return _Known(partition=plan.partition, plan=plan, principals=named or ((found,) if found else ()))


def _planned(here: Here, asked: Asked, profile: str) -> tuple[Plan, Configuration]:
    files = here.files()
    wanted = Request(profile=profile, config=files.config, credentials=files.credentials, region=asked.region)
    return assume.recalled(here, wanted, quiet=True)[:2]


def _one(asked: Asked) -> str | None:
    if len(asked.names) > 1:
        raise WrongUsage(f"one profile at a time: {asked.names[0]!r}, and then {asked.names[1]!r}?")
    return asked.names[0] if asked.names else None


def _arns(known: _Known) -> list[str]:
    return [each.arn for each in known.principals]


def _partition_of(principals: tuple[Principal, ...]) -> str | None:
    named = arn.parse(principals[0].arn) if principals else None
    return named.partition if named else None


def _unnamed(known: _Known) -> WrongUsage:
    account = known.plan.source.account if known.plan else None
    return WrongUsage(
        "who may assume the role?",
        why="the files do not say whose the credentials are that assume it" if known.plan else "",
        remedy=f"--principal arn:{known.partition}:iam::{account or '111122223333'}:user/NAME\n"
        "see your ARN: aws sts get-caller-identity",
    )


def _put(known: _Known, name: str) -> str:
    """The command that puts an identity policy where it belongs."""
    whose = known.principals[0] if known.principals else None
    if whose is not None and whose.pattern:
        return "It goes into the permission set, as its inline policy"
    kind = "role" if whose is not None and whose.kind == "role" else "user"
    who = _typed(whose.arn) if whose is not None and whose.kind == kind else "NAME"
    return f"Put it there: aws iam put-{kind}-policy --{kind}-name {who} --policy-name {name} --policy-document file://{name}.json"


def _typed(resource: str) -> str:
    """The name in an ARN, as it is typed; a place to fill in where there is none."""
    name = resource.rpartition("/")[2]
    return word(name) if name else "NAME"
