"""Which profiles a request goes through: where its chain begins, and the roles in the order they are assumed.

As botocore has it (botocore/credentials.py, AssumeRoleProvider), errors' meanings included.
"""

from __future__ import annotations

from shellhook import arn, sources
from shellhook.errors import BadConfiguration, NoSuchProfile, WrongUsage
from shellhook.record import Record
from shellhook.sources import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.profiles import Configuration, Profile
    from shellhook.request import Request

UNKNOWN_ACCOUNT = "?"
ENVIRONMENT = "the environment"  # where a source is that no profile says anything about


class Step(Record):
    """A role to assume, and the profile that says how; None for a role that was named on the command line."""

    role: str
    profile: Profile | None
    where: str


def begin(
    request: Request, configuration: Configuration, environ: Mapping[str, str]
) -> tuple[Profile | None, Source, list[Step]]:
    """The profile asked for, where its chain begins, and its roles in the order they are assumed."""
    name = request.profile
    if request.pasted:
        return None, sources.of_pasted(request.pasted), []
    if name is None:
        # What botocore would take without a profile named to it: the environment's keys first (O18).
        named = environ.get("AWS_DEFAULT_PROFILE") or environ.get("AWS_PROFILE")
        if environ.get("AWS_ACCESS_KEY_ID"):
            if named:
                configuration.profile(named)  # which has to be there all the same (O19)
            return None, sources.of_environment(environ, ENVIRONMENT), []
        name = named or "default"
        source = _unnamed(name, configuration, environ, must_be=bool(named))
        if source is not None:
            return (None if source.profile is None else configuration.profile(name)), source, []
    leaf = configuration.profile(name)
    if request.long_term and sources.has_role(leaf) and not sources.has_keys(leaf):
        raise WrongUsage(
            f"--long-term exports keys, and profile {name!r} has a role and none of its own",
            remedy=f"name the profile that holds the keys: {leaf.get('source_profile') or 'its source'}",
        )
    if request.long_term or not sources.has_role(leaf):
        return leaf, _leafs_source(leaf, configuration), []
    steps: list[Step] = []
    visited, profile = [name], leaf
    while True:
        steps.insert(0, Step(role=profile.get("role_arn") or "", profile=profile, where=str(profile.where["role_arn"])))
        if profile.get("credential_source") is not None:
            if profile.get("source_profile") is not None:
                raise BadConfiguration(
                    f"profile {profile.name!r} names two sources",
                    why=f"{profile.where['source_profile']}: source_profile\n"
                    f"{profile.where['credential_source']}: credential_source",
                    remedy="remove one of them",
                )
            return leaf, sources.of_credential_source(profile, environ), steps
        above = _source_profile(profile, configuration, visited)
        if sources.has_keys(above) or not sources.has_role(above):
            return leaf, _own_source(above, configuration, str(profile.where["source_profile"])), steps
        visited.append(above.name)
        profile = above


def _unnamed(name: str, configuration: Configuration, environ: Mapping[str, str], *, must_be: bool) -> Source | None:
    """What the environment offers where no profile was asked for, as in a pod or a task: a web identity, which goes
    before all that the profile has but its role (botocore's order), and a container's where there is no profile."""
    try:
        profile = configuration.profile(name)
    except NoSuchProfile:
        if must_be:
            raise
        profile = None
    if profile is not None and sources.has_role(profile):
        return None
    found = sources.of_web_identity(environ, profile, ENVIRONMENT)
    if found is None and profile is None and any(environ.get(each) for each in sources.CONTAINER):
        found = Source(kind="container", profile=None, identity=("container",), where=ENVIRONMENT, long_term=False)
    return found


def _source_profile(profile: Profile, configuration: Configuration, visited: list[str]) -> Profile:
    """The profile that `source_profile` names, which may be the same one if that has keys (O13)."""
    named = profile.get("source_profile")
    if named is None:
        raise BadConfiguration(
            f"profile {profile.name!r} has a role, and nothing to assume it with",
            why=f"{profile.where['role_arn']}: role_arn is set; source_profile and credential_source are not",
            remedy="add source_profile = the profile that holds your keys",
        )
    where = profile.where["source_profile"]
    try:
        above = configuration.profile(named)
    except NoSuchProfile as error:
        raise BadConfiguration(
            f"profile {profile.name!r} names a source_profile that does not exist",
            why=f"{where}: source_profile = {named}",
            remedy=error.remedy,
        ) from None
    if named in visited and not (named == profile.name and sources.has_keys(above)):
        raise BadConfiguration(
            f"profile {visited[0]!r} goes round in a circle",
            why=f"{where}: {' -> '.join([*visited, named])}",
            remedy="let source_profile end at a profile with credentials of its own",
        )
    return above


def _own_source(profile: Profile, configuration: Configuration, where: str) -> Source:
    """The source of a profile that is named as one at `where`. The machine's own role is not taken for it."""
    source = sources.of_profile(profile, configuration)
    if source is None:
        from shellhook.shells.posix import word

        raise BadConfiguration(
            f"the source profile {profile.name!r} has no credentials",
            why=f"{where}: source_profile = {profile.name}\n"
            f"{profile.header}: there are neither keys, nor anything else to get some from",
            remedy=f"run: aws configure --profile {word(profile.name)}",
        )
    return source


def _leafs_source(profile: Profile, configuration: Configuration) -> Source:
    """The source of the profile that was asked for, its role left aside."""
    source = sources.of_profile(profile, configuration)
    if source is not None:
        return source
    if profile.get("source_profile") is not None:
        raise BadConfiguration(
            f"profile {profile.name!r} has no credentials",
            why=f"{profile.where['source_profile']}: source_profile is set, role_arn is not: `aws` ignores it then",
            remedy="add role_arn, the role to assume with the credentials of that profile",
        )
    # botocore goes on to the machine's own role: containers and EC2 instances have one.
    return Source(kind="machine", profile=profile.name, identity=("machine",), where=str(profile.header))


def name_roles(
    steps: list[Step], source: Source, leaf: Profile | None, region: str | None, learned: Mapping[str, str]
) -> tuple[list[Step], str]:
    """Bare role names as ARNs: in the account of the role before, else of the source. And the partition."""
    known = next((parsed for parsed in (arn.parse(step.role) for step in steps) if parsed), None)
    partition = known.partition if known else arn.partition_of_region(region or "")
    serial = arn.parse((leaf and leaf.get("mfa_serial")) or "")
    account = source.account or (serial.account if serial else None) or learned.get("account") or UNKNOWN_ACCOUNT
    named = []
    for step in steps:
        parsed = arn.parse(step.role)
        bare = step.role.strip("/") and not step.role.startswith("arn:")
        if parsed is None and bare:
            step = step.replace(role=arn.role_arn(step.role, partition, account))
        elif parsed is None or parsed.service != "iam" or not parsed.resource.startswith("role/"):
            raise BadConfiguration(
                f"{step.role!r} is not the ARN of a role",
                why=step.where,
                remedy="roles look like arn:aws:iam::111122223333:role/power-user",
            )
        else:
            account = parsed.account
        named.append(step)
    return named, partition


def refuse_other_partition(steps: list[Step], region: str, partition: str) -> None:
    if region:
        raise BadConfiguration(
            f"the role and the region are in different partitions: {steps[0].role} and {region}",
            why=f"credentials of {partition} work in regions of {partition} only",
            remedy=f"give --region, one of {partition}'s, such as {arn.STS_REGION.get(partition, 'its first')}",
        )
