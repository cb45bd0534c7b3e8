"""Request + profiles -> plan: where the credentials come from, and which calls turn them into what was asked.

Pure: no network, no clock, no terminal. What a profile means is what botocore makes of it (botocore/credentials.py,
AssumeRoleProvider); what happens to MFA codes and durations is ours, and stands in the functions that decide it.
"""

from __future__ import annotations

from shellhook import arn, chain, endpoints, environment
from shellhook.chain import Step
from shellhook.errors import BadConfiguration, WrongUsage
from shellhook.hops import HOUR, Hop, assume_roles, seconds_of
from shellhook.record import Record
from shellhook.sources import PASTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.profiles import Configuration, Profile
    from shellhook.request import Request
    from shellhook.sources import Source

DAY_LONG = 43_200  # what GetSessionToken grants unless asked for something else: 12 h


class Plan(Record):
    """What will be done, and what the session will set beside its keys.

    `device` is the MFA device to use: its ARN or serial, "" if the user said there is none, None if it is to be found
    out. `mfa` says when a code is wanted: "first" (it buys the MFA session that the plan begins with), "direct" (it
    goes with the role's own call), "refused" (only if AWS refuses without), or "never" (the source cannot give one).
    `region` is what the session sets, `sts_region` where STS is asked. `settings` are variables that the profile
    would have meant. `notes` are lines for the user about what cannot be done as asked.
    """

    profile: str
    source: Source
    hops: tuple[Hop, ...]
    device: str | None
    device_where: str
    mfa: str
    mfa_process: str | None
    mfa_duration: int
    region: str | None
    sts_region: str
    partition: str
    endpoints: Mapping[str, str]
    settings: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def role_arn(self) -> str | None:
        """The ARN of the role the plan ends in, if it does."""
        return str(self.hops[-1].parameters["RoleArn"]) if self.hops and self.hops[-1].api == "AssumeRole" else None

    @property
    def role(self) -> str | None:
        """The name of the role that the session is of, as people know it: the last one's, else the source's own."""
        name = self.role_arn.rsplit("/", 1)[-1] if self.role_arn else self.source.role
        return arn.shown_role(name) if name else None

    @property
    def is_kept(self) -> bool:
        """Does the session that the plan ends in lie in the store? What has no hop is kept where it came from, and
        fetched from there each time; but IAM Identity Center only keeps the token that buys it."""
        return bool(self.hops) or self.source.kind in ("sso", PASTED)

    @property
    def wants_account(self) -> bool:
        """Is a role named without an account, and the account of the source not known?"""
        return any(f"::{chain.UNKNOWN_ACCOUNT}:" in str(hop.parameters.get("RoleArn", "")) for hop in self.hops)

    def identity(self, hops: int) -> str:
        """What tells the session after so many hops from every other: the text that its key is a digest of.

        An MFA session is the user's, not a role's, and good in every region of its partition: leaving the region out
        is what makes one code do for the day. The user's profile name is left out everywhere: an edited profile must
        not be served yesterday's role.
        """
        done = self.hops[:hops]
        region = None if all(hop.api == "GetSessionToken" for hop in done) else self.sts_region
        calls = [(hop.api, sorted(hop.parameters.items())) for hop in done]
        portal = (self.endpoints.get("sso"),) if self.source.kind == "sso" else ()
        return ascii((self.source.identity, calls, self.partition, region, self.endpoints.get("sts"), *portal))

    def after_mfa_session(self, device: str) -> Plan:
        """The same plan, begun with the MFA session that a code of `device` buys."""
        return self.replace(
            hops=(_session_token(device, self.mfa_duration, self.device_where), *self.hops), device=device, mfa="first"
        )

    def with_code(self, device: str) -> Plan:
        """The same plan, the first role assumed directly with a code of `device`."""
        hops = self.hops[1:] if self.hops[0].api == "GetSessionToken" else self.hops
        first = hops[0].replace(
            parameters={**hops[0].parameters, "SerialNumber": device},
            where={**hops[0].where, "SerialNumber": self.device_where},
        )
        return self.replace(hops=(first, *hops[1:]), device=device, mfa="direct")


def make(
    request: Request,
    configuration: Configuration,
    environ: Mapping[str, str],
    user: str,
    learned: Mapping[str, str],
    defaults: Mapping[str, str],
) -> Plan:
    """The plan for `request`.

    `environ` is the environment as it was before any session of ours. `user` names role sessions that nothing else
    names. `learned` holds what earlier runs of this very request found out: `device`, `mfa`, `direct`, `account`.
    `defaults` are the settings that stand behind request and profile: `duration_seconds`, `mfa_duration`,
    `mfa_process`, `role_session_name`.

    Raises NoSuchProfile, BadConfiguration, WrongUsage.
    """
    leaf, source, steps = chain.begin(request, configuration, environ)
    added = [request.role_arn, *request.chain] if request.role_arn else list(request.chain)
    steps += [Step(role=role, profile=None, where="--role-arn" if request.role_arn else "--chain") for role in added]
    region = request.region or (leaf and leaf.get("region")) or None
    former_region = environment.region(environ)
    _check_region(region or former_region, request, leaf)
    steps, partition = chain.name_roles(steps, source, leaf, region or former_region, learned)
    sts_region = region or former_region or ""
    if arn.partition_of_region(sts_region) != partition:
        chain.refuse_other_partition(steps, sts_region, partition)
        sts_region = arn.STS_REGION.get(partition, "us-east-1")
    notes: list[str] = []
    roles = assume_roles(request, steps, user, defaults, notes)
    device, device_where, at_leaf = _device(request, leaf, source, steps, configuration, learned)
    plan = Plan(
        profile=leaf.name if leaf else _name(request, steps),
        source=source,
        hops=tuple(roles),
        device=device,
        device_where=device_where,
        mfa="refused",
        mfa_process=_mfa_process(leaf, source, configuration) or defaults.get("mfa_process"),
        mfa_duration=request.mfa_duration or seconds_of(defaults.get("mfa_duration")) or DAY_LONG,
        region=region,
        sts_region=sts_region,
        partition=partition,
        endpoints=endpoints.of_calls(leaf, configuration, environ),
        settings=endpoints.variables(leaf, configuration, environ),
        notes=(),
    )
    plan = _settle_mfa(plan, request, at_leaf, learned, notes)
    _note_unused_devices(plan, steps, request, notes)
    _note_unused_options(plan, request, notes)
    return plan.replace(notes=tuple(notes))


def _name(request: Request, steps: list[Step]) -> str:
    """What stands for a profile's name where there is no profile."""
    if request.pasted:
        return request.pasted[1]
    return arn.shown_role(steps[-1].role.rsplit("/", 1)[-1]) if steps else "environment"


def _device(
    request: Request,
    leaf: Profile | None,
    source: Source,
    steps: list[Step],
    configuration: Configuration,
    learned: Mapping[str, str],
) -> tuple[str | None, str, bool]:
    """The device, where it is named, and whether it is the first role's own (then a code is wanted at once)."""
    if request.serial_number is not None:
        return request.serial_number, "--serial-number", True
    for profile in [step.profile for step in steps] or [leaf]:
        # A code can only go with the first call. A later role's device is the same user's, so it serves there.
        if profile is not None and profile.get("mfa_serial"):
            return profile.get("mfa_serial"), str(profile.where["mfa_serial"]), True
    if source.profile is not None:
        above = configuration.profile(source.profile)
        named = above.get("mfa_serial")
        if named and not ("device" in learned and arn.is_security_key(named)):
            # Named by the source only: not the role's, as botocore has it. Asked if AWS refuses without.
            return named, str(above.where["mfa_serial"]), "mfa" in learned
    if "device" in learned:
        return learned["device"], "an earlier run", bool(learned["device"]) and (not steps or "mfa" in learned)
    return None, "", False


def _settle_mfa(plan: Plan, request: Request, wanted: bool, learned: Mapping[str, str], notes: list[str]) -> Plan:
    """When a code is asked, and what that does to the calls.

    A user's own keys with a device first buy an MFA session, from which roles are assumed for 1 h each without a
    further code. A longer session of the first role escapes that hour only if the role is assumed directly, with a
    code of its own.
    """
    if request.long_term:
        if plan.source.long_term is not True:
            raise WrongUsage(f"--long-term: {plan.source.where} holds no long-term keys")
        return plan.replace(mfa="never")
    if plan.source.long_term is False:
        if wanted and plan.device and plan.hops:
            notes.append(
                f"{plan.device_where}: mfa_serial is not used: a session cannot send a code, only a user's key can"
            )
        hops = tuple(_capped(hop, notes) for hop in plan.hops)
        return plan.replace(hops=hops, mfa="never", device="")
    if not plan.hops:
        if plan.source.long_term is None:
            return plan.replace(mfa="never")
        seconds = request.duration_seconds or plan.mfa_duration
        plan = plan.replace(mfa_duration=seconds)
        if plan.device:
            return plan.after_mfa_session(plan.device)
        return plan.replace(hops=(_session_token("", seconds, ""),), mfa="refused" if plan.device is None else "never")
    if plan.device and arn.is_security_key(plan.device) and not wanted:
        return plan.replace(device=None, device_where="")
    if not wanted or not plan.device:
        return plan
    first = plan.hops[0]
    long = len(plan.hops) == 1 and int(str(first.parameters.get("DurationSeconds", 0))) > HOUR
    if long or learned.get("direct"):
        return plan.with_code(plan.device)
    return plan.replace(hops=(_capped(first, notes), *plan.hops[1:])).after_mfa_session(plan.device)


def _note_unused_devices(plan: Plan, steps: list[Step], request: Request, notes: list[str]) -> None:
    """A code goes with the first call only, and is of one device: what a later role names beside it is not sent."""
    if not plan.device or request.serial_number is not None:
        return
    for step in steps:
        named = step.profile.get("mfa_serial") if step.profile is not None else None
        if step.profile is not None and named and named != plan.device:
            notes.append(
                f"{step.profile.where['mfa_serial']}: {named} is not used: a role assumed by another role takes no "
                f"code, and the first call's is of {plan.device}"
            )


_OPTIONS_OF_A_ROLE = {
    "--external-id": "external_id",
    "--role-session-name": "role_session_name",
    "--source-identity": "source_identity",
    "--tags": "tags",
    "--transitive-tag-keys": "transitive_tag_keys",
    "--policy": "policy",
    "--policy-arns": "policy_arns",
}


def _note_unused_options(plan: Plan, request: Request, notes: list[str]) -> None:
    if plan.role_arn is None:
        unused = [option for option, name in _OPTIONS_OF_A_ROLE.items() if getattr(request, name)]
        notes += [f"{option} is not used: {plan.profile!r} assumes no role" for option in unused]
    if not plan.hops and request.duration_seconds is not None:
        notes.append(
            f"--duration-seconds {request.duration_seconds}s is not used: the credentials of {plan.profile!r} "
            f"are taken as they are ({plan.source.where})"
        )


def _check_region(region: str | None, request: Request, leaf: Profile | None) -> None:
    """Raises BadConfiguration for what would be another host's name, or none."""
    if not region or arn.is_region(region):
        return
    where = "AWS_DEFAULT_REGION or AWS_REGION in the environment"
    if request.region:
        where = "--region"
    elif leaf is not None and leaf.get("region"):
        where = f"{leaf.where['region']} (a comment behind a value belongs to the value)"
    raise BadConfiguration(
        f"{region!r} cannot be a region", why=where, remedy="regions are letters, digits and -, such as eu-west-1"
    )


def _capped(hop: Hop, notes: list[str]) -> Hop:
    seconds = hop.parameters.get("DurationSeconds")
    if not isinstance(seconds, int) or seconds <= HOUR:
        return hop
    notes.append(
        f"{hop.where['DurationSeconds']} {seconds}s is cut to 1h: AWS allows no more to a role assumed with a session"
    )
    return hop.replace(parameters={**hop.parameters, "DurationSeconds": HOUR})


def _session_token(device: str, seconds: int, where: str) -> Hop:
    parameters: dict[str, object] = {"DurationSeconds": seconds}
    if device:
        parameters["SerialNumber"] = device
    return Hop(api="GetSessionToken", parameters=parameters, where={"SerialNumber": where} if device else {})


def _mfa_process(leaf: Profile | None, source: Source, configuration: Configuration) -> str | None:
    """The command that prints a code: the profile's, else the source's (aws-vault issue 389)."""
    own = leaf.get("mfa_process") if leaf else None
    if own is None and source.profile is not None:
        return configuration.profile(source.profile).get("mfa_process")
    return own
