"""Request + profiles -> plan: where the credentials come from, and which calls turn them into what was asked.

Pure: no network, no clock, no terminal. What a profile means is what botocore makes of it (botocore/credentials.py,
AssumeRoleProvider); what happens to MFA codes and durations is ours, and stands in the functions that decide it.
"""

from __future__ import annotations

import json

from shellhook import arn, sources
from shellhook.errors import BadConfiguration, NoSuchProfile, WrongUsage
from shellhook.record import Record
from shellhook.sources import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.profiles import Configuration, Profile
    from shellhook.request import Request

HOUR = 3600
DAY_LONG = 43_200  # what GetSessionToken grants unless asked for something else: 12 h
UNKNOWN_ACCOUNT = "?"


class Hop(Record):
    """One STS call. `parameters` are STS's own names and values; `where` says of each where it was found."""

    api: str
    parameters: Mapping[str, object]
    where: Mapping[str, str]


class Plan(Record):
    """What will be done, and what the session will set beside its keys.

    `device` is the MFA device to use: its ARN or serial, "" if the user said there is none, None if it is to be found
    out. `mfa` says when a code is wanted: "first" (it buys the MFA session that the plan begins with), "direct" (it goes
    with the role's own call), "refused" (only if AWS refuses without), or "never" (the source cannot give one).
    `region` is what the session sets, `sts_region` where STS is asked. `settings` are variables that the profile would
    have meant. `notes` are lines for the user about what cannot be done as asked.
    """

    profile: str
    source: Source
    hops: tuple[Hop, ...]
    device: str | None
    mfa: str
    mfa_process: str | None
    mfa_duration: int
    region: str | None
    sts_region: str
    partition: str
    endpoints: Mapping[str, str]
    settings: Mapping[str, str]
    notes: tuple[str, ...]
    device_where: str = ""

    @property
    def role_arn(self) -> str | None:
        """The ARN of the role the plan ends in, if it does."""
        return str(self.hops[-1].parameters["RoleArn"]) if self.hops and self.hops[-1].api == "AssumeRole" else None

    @property
    def wants_account(self) -> bool:
        """Is a role named without an account, and the account of the source not known?"""
        return any(f"::{UNKNOWN_ACCOUNT}:" in str(hop.parameters.get("RoleArn", "")) for hop in self.hops)

    def identity(self, hops: int) -> str:
        """What tells the session after so many hops from every other: the text that its key is a digest of.

        An MFA session is the user's, not a role's, and good in every region of its partition: leaving the region out
        is what makes one code do for the day. The user's profile name is left out everywhere: an edited profile must
        not be served yesterday's role.
        """
        done = self.hops[:hops]
        region = None if all(hop.api == "GetSessionToken" for hop in done) else self.sts_region
        calls = [[hop.api, dict(hop.parameters)] for hop in done]
        parts = [self.source.identity, calls, self.partition, region, self.endpoints.get("sts")]
        return json.dumps(parts, sort_keys=True, separators=(",", ":"))

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


class _Step(Record):
    """A role to assume, and the profile that says how; None for a role that was named on the command line."""

    role: str
    profile: Profile | None
    where: str


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
    names. `learned` holds what earlier runs of this very request found out: `device`, `direct`, `account`. `defaults`
    are the settings that stand behind request and profile: `duration_seconds`, `mfa_duration`, `mfa_process`,
    `role_session_name`, `region`.

    Raises NoSuchProfile, BadConfiguration, WrongUsage.
    """
    leaf, source, steps = _begin(request, configuration, environ)
    added = [request.role_arn, *request.chain] if request.role_arn else list(request.chain)
    steps += [_Step(role=role, profile=None, where="--role-arn" if request.role_arn else "--chain") for role in added]
    region = request.region or (leaf and leaf.get("region")) or None
    former_region = environ.get("AWS_DEFAULT_REGION") or environ.get("AWS_REGION") or defaults.get("region")
    steps, partition = _name_roles(steps, source, leaf, region or former_region, learned)
    sts_region = region or former_region or ""
    if arn.partition_of_region(sts_region) != partition:
        _refuse_other_partition(steps, sts_region, partition)
        sts_region = arn.STS_REGION.get(partition, "us-east-1")
    notes: list[str] = []
    hops = _hops(request, steps, user, defaults, notes)
    device, device_where, at_leaf = _device(request, leaf, source, steps, configuration, learned)
    endpoints = _endpoints(leaf, configuration, environ)
    plan = Plan(
        profile=leaf.name if leaf else arn.shown_role((steps[-1].role if steps else "environment").rsplit("/", 1)[-1]),
        source=source,
        hops=tuple(hops),
        device=device,
        device_where=device_where,
        mfa="refused",
        mfa_process=_mfa_process(leaf, source, configuration) or defaults.get("mfa_process"),
        mfa_duration=request.mfa_duration or _seconds(defaults.get("mfa_duration")) or DAY_LONG,
        region=region,
        sts_region=sts_region,
        partition=partition,
        endpoints=endpoints,
        settings=_settings(leaf, configuration, environ),
        notes=(),
    )
    plan = _settle_mfa(plan, request, at_leaf, learned, notes)
    return plan.replace(notes=tuple(notes))


def _begin(
    request: Request, configuration: Configuration, environ: Mapping[str, str]
) -> tuple[Profile | None, Source, list[_Step]]:
    """The profile asked for, where its chain begins, and its roles in the order they are assumed."""
    name = request.profile
    if name is None:
        # What botocore would take without a profile named to it: the environment's keys first (O18).
        if environ.get("AWS_ACCESS_KEY_ID"):
            return None, sources.of_environment(environ, "the environment"), []
        name = environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE") or "default"
    leaf = configuration.profile(name)
    if request.long_term or not sources.has_role(leaf):
        return leaf, _own_source(leaf, configuration), []
    steps: list[_Step] = []
    visited, profile = [name], leaf
    while True:
        steps.insert(
            0, _Step(role=profile.get("role_arn") or "", profile=profile, where=str(profile.where["role_arn"]))
        )
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
            return leaf, _own_source(above, configuration), steps
        visited.append(above.name)
        profile = above


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


def _own_source(profile: Profile, configuration: Configuration) -> Source:
    source = sources.of_profile(profile, configuration)
    if source is not None:
        return source
    if profile.get("source_profile") is not None:
        raise BadConfiguration(
            f"profile {profile.name!r} has no credentials",
            why=f"{profile.where['source_profile']}: source_profile is set, role_arn is not: botocore ignores it then",
            remedy="add role_arn, the role to assume with the credentials of that profile",
        )
    # botocore goes on to the machine's own role: containers and EC2 instances have one.
    return Source(kind="machine", profile=profile.name, identity=("machine",), where=str(profile.header))


def _name_roles(
    steps: list[_Step], source: Source, leaf: Profile | None, region: str | None, learned: Mapping[str, str]
) -> tuple[list[_Step], str]:
    """Bare role names as ARNs: in the account of the role before, else of the source. And the partition."""
    known = next((parsed for parsed in (arn.parse(step.role) for step in steps) if parsed), None)
    partition = known.partition if known else arn.partition_of_region(region or "")
    serial = arn.parse((leaf and leaf.get("mfa_serial")) or "")
    account = source.account or (serial.account if serial else None) or learned.get("account") or UNKNOWN_ACCOUNT
    named = []
    for step in steps:
        parsed = arn.parse(step.role)
        if parsed is None:
            step = step.replace(role=arn.role_arn(step.role, partition, account))
        elif parsed.service != "iam" or not parsed.resource.startswith("role/"):
            raise BadConfiguration(
                f"{step.role!r} is not the ARN of a role",
                why=step.where,
                remedy="roles look like arn:aws:iam::111122223333:role/power-user",
            )
        else:
            account = parsed.account
        named.append(step)
    return named, partition


def _refuse_other_partition(steps: list[_Step], region: str, partition: str) -> None:
    if region:
        role = next((step.role for step in steps if arn.parse(step.role)), "")
        raise BadConfiguration(
            f"the role and the region are in different partitions: {role} and {region}",
            why=f"credentials of {partition} work in regions of {partition} only",
            remedy=f"give --region, one of {partition}'s, such as {arn.STS_REGION.get(partition, 'its first')}",
        )


def _hops(request: Request, steps: list[_Step], user: str, defaults: Mapping[str, str], notes: list[str]) -> list[Hop]:
    hops = []
    for number, step in enumerate(steps):
        found = _Found(parameters={"RoleArn": step.role}, where={"RoleArn": step.where})
        last = number == len(steps) - 1
        found.add("RoleSessionName", [request.role_session_name if last else None], "--role-session-name")
        found.add_setting("RoleSessionName", step.profile, "role_session_name")
        found.add("RoleSessionName", [defaults.get("role_session_name")], "the settings")
        found.add("RoleSessionName", [session_name(user)], "your user name")
        found.add("ExternalId", [request.external_id if last else None], "--external-id")
        found.add_setting("ExternalId", step.profile, "external_id")
        found.add("SourceIdentity", [request.source_identity if last else None], "--source-identity")
        found.add_setting("SourceIdentity", step.profile, "source_identity")
        _add_tags(found, request if last else None, step.profile)
        if last:
            found.add("Policy", [request.policy], "--policy")
            found.add("PolicyArns", [[{"arn": name} for name in request.policy_arns] or None], "--policy-arns")
        duration = _duration(request if last else None, step.profile, defaults if last else {}, notes)
        if duration is not None:
            seconds, where = duration
            if seconds > DAY_LONG:
                raise WrongUsage(f"{where} {seconds}s: a role's session lasts 12 h at most")
            if number > 0 and seconds > HOUR:
                notes.append(f"{where} {seconds}s is cut to 1 h: AWS allows no more to a role assumed by another role")
                seconds = HOUR
            found.add("DurationSeconds", [seconds], where)
        hops.append(Hop(api="AssumeRole", parameters=found.parameters, where=found.where))
    return hops


class _Found:
    """The parameters of one call as they are found: the first place that has one wins."""

    def __init__(self, parameters: dict[str, object], where: dict[str, str]) -> None:
        self.parameters, self.where = parameters, where

    def add(self, name: str, values: list[object], where: str) -> None:
        for value in values:
            if value is not None and name not in self.parameters:
                self.parameters[name], self.where[name] = value, where

    def add_setting(self, name: str, profile: Profile | None, setting: str) -> None:
        if profile is not None and profile.get(setting) is not None:
            self.add(name, [profile.get(setting)], str(profile.where[setting]))


def _add_tags(found: _Found, request: Request | None, profile: Profile | None) -> None:
    """Session tags: the options', else `session_tags` and `transitive_session_tags` of the profile, which aws-vault
    defined and botocore leaves alone."""
    if request and request.tags:
        found.add("Tags", [[{"Key": key, "Value": value} for key, value in request.tags]], "--tags")
    elif profile is not None and profile.get("session_tags"):
        tags = parse_tags(profile.get("session_tags") or "", str(profile.where["session_tags"]))
        found.add("Tags", [[{"Key": key, "Value": value} for key, value in tags]], str(profile.where["session_tags"]))
    if request and request.transitive_tag_keys:
        found.add("TransitiveTagKeys", [list(request.transitive_tag_keys)], "--transitive-tag-keys")
    elif profile is not None and profile.get("transitive_session_tags"):
        keys = [key.strip() for key in (profile.get("transitive_session_tags") or "").split(",")]
        found.add("TransitiveTagKeys", [[key for key in keys if key]], str(profile.where["transitive_session_tags"]))


def parse_tags(text: str, where: str) -> tuple[tuple[str, str], ...]:
    """`key=value,key=value` as pairs, blanks around them dropped.

    Raises WrongUsage, naming `where`.
    """
    pairs = []
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise WrongUsage(f"{where}: {part.strip()!r} is no tag", remedy="write tags as key=value,key=value")
        pairs.append((key.strip(), value.strip()))
    return tuple(pairs)


def _duration(
    request: Request | None, profile: Profile | None, defaults: Mapping[str, str], notes: list[str]
) -> tuple[int, str] | None:
    """Seconds and where they were found. A value that is no number is ignored, as botocore does (O26), but not silently."""
    if request and request.duration_seconds is not None:
        return request.duration_seconds, "--duration-seconds"
    if profile is not None and profile.get("duration_seconds") is not None:
        where = str(profile.where["duration_seconds"])
        seconds = _seconds(profile.get("duration_seconds"))
        if seconds is not None:
            return seconds, where
        notes.append(f"{where}: duration_seconds is no number of seconds and is ignored, as the AWS CLI does")
    seconds = _seconds(defaults.get("duration_seconds"))
    return None if seconds is None else (seconds, "the settings")


def _device(
    request: Request,
    leaf: Profile | None,
    source: Source,
    steps: list[_Step],
    configuration: Configuration,
    learned: Mapping[str, str],
) -> tuple[str | None, str, bool]:
    """The device, where it is named, and whether it is the first role's own (then a code is wanted at once)."""
    if request.serial_number is not None:
        return request.serial_number, "--serial-number", True
    for step in steps or ([_Step(role="", profile=leaf, where="")] if leaf else []):
        # A code can only go with the first call. A later role's device is the same user's, so it serves there.
        if step.profile is not None and step.profile.get("mfa_serial"):
            return step.profile.get("mfa_serial"), str(step.profile.where["mfa_serial"]), True
    if "device" in learned:
        return learned["device"], "an earlier run", not steps and bool(learned["device"])
    if source.profile is not None:
        above = configuration.profile(source.profile)
        if above.get("mfa_serial"):
            # Named by the source only: not the role's, as botocore has it. Asked if AWS refuses without.
            return above.get("mfa_serial"), str(above.where["mfa_serial"]), False
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
        return plan.replace(device=None)
    if not wanted or not plan.device:
        return plan
    first = plan.hops[0]
    long = len(plan.hops) == 1 and int(str(first.parameters.get("DurationSeconds", 0))) > HOUR
    if long or learned.get("direct"):
        return plan.with_code(plan.device)
    return plan.after_mfa_session(plan.device)


def _capped(hop: Hop, notes: list[str]) -> Hop:
    seconds = hop.parameters.get("DurationSeconds")
    if not isinstance(seconds, int) or seconds <= HOUR:
        return hop
    notes.append(
        f"{hop.where['DurationSeconds']} {seconds}s is cut to 1 h: AWS allows no more to a role assumed with a session"
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


def _settings(leaf: Profile | None, configuration: Configuration, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that stand for settings of the profile, which would be lost with AWS_PROFILE."""
    settings = {}
    for variable, setting in (("AWS_DEFAULT_OUTPUT", "output"), ("AWS_CA_BUNDLE", "ca_bundle")):
        value = leaf.get(setting) if leaf else None
        if value:
            settings[variable] = value
    for service, url in _configured_endpoints(leaf, configuration, environ).items():
        settings["AWS_ENDPOINT_URL" + (f"_{service.upper()}" if service else "")] = url
    return settings


def _configured_endpoints(
    leaf: Profile | None, configuration: Configuration, environ: Mapping[str, str]
) -> dict[str, str]:
    """service -> URL, "" for all of them (botocore/configprovider.py, ConfiguredEndpointProvider)."""
    ignored = environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") or (
        leaf.get("ignore_configured_endpoint_urls") if leaf else None
    )
    if leaf is None or (ignored or "").lower() == "true":
        return {}
    found = {}
    if leaf.get("endpoint_url"):
        found[""] = leaf.get("endpoint_url") or ""
    named = leaf.get("services")
    services = configuration.services(named) if named else None
    for service, values in (services.nested if services else {}).items():
        if values.get("endpoint_url"):
            found[service] = values["endpoint_url"]
    return found


def _endpoints(leaf: Profile | None, configuration: Configuration, environ: Mapping[str, str]) -> dict[str, str]:
    """Where the services that we call are reached, if not at AWS's own address: variables before files, the service's
    own before the one for all (botocore/configprovider.py, ConfiguredEndpointProvider.provide)."""
    if (environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") or "").lower() == "true":
        return {}
    configured = _configured_endpoints(leaf, configuration, environ)
    found = {}
    for service in ("sts", "iam"):
        url = (
            environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
            or environ.get("AWS_ENDPOINT_URL")
            or configured.get(service)
            or configured.get("")
        )
        if url:
            found[service] = url
    return found


def _seconds(text: str | int | None) -> int | None:
    """int() as botocore applies it to duration_seconds: blanks, a sign and underscores are fine with it."""
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def session_name(user: str) -> str:
    """The user's name, cleaned to what AWS takes for a role session: 2 to 64 of [\\w+=,.@-]."""
    cleaned = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "_+=,.@-") else "-" for letter in user
    )
    return cleaned[:64] if len(cleaned) >= 2 else "shellhook"
