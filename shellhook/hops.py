"""The parameters of each AssumeRole, and where each was found."""

from __future__ import annotations

from shellhook.errors import BadConfiguration, ShellhookError, WrongUsage
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.chain import Step
    from shellhook.profiles import Profile
    from shellhook.request import Request

HOUR = 3600
LONGEST_ROLE = 43_200  # MaxSessionDuration of a role is 12 h at most


class Hop(Record):
    """One STS call. `parameters` are STS's own names and values; `where` says of each where it was found."""

    api: str
    parameters: Mapping[str, object]
    where: Mapping[str, str]

    def __repr__(self) -> str:
        # An external ID is as good as a password to some, and a repr may end in a log.
        shown = {name: "..." if name == "ExternalId" else value for name, value in self.parameters.items()}
        return f"Hop({self.api}, {shown})"


def assume_roles(
    request: Request, steps: list[Step], user: str, defaults: Mapping[str, str], notes: list[str]
) -> list[Hop]:
    hops = []
    for number, step in enumerate(steps):
        found = _Found(parameters={"RoleArn": step.role}, where={"RoleArn": step.where})
        last = number == len(steps) - 1
        found.add("RoleSessionName", [request.role_session_name if last else None], "--role-session-name")
        if step.profile is not None and step.profile.get("role_session_name"):  # empty is none (botocore)
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
            if seconds > LONGEST_ROLE:
                raise _refused(where, f"{where} {seconds}s: a role's session lasts 12h at most")
            if number > 0 and seconds > HOUR:
                notes.append(f"{where} {seconds}s is cut to 1h: AWS allows no more to a role assumed by another role")
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

    Raises WrongUsage if `where` is an option, else BadConfiguration; both name it.
    """
    pairs = []
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise _refused(where, f"{where}: {part.strip()!r} is no tag", "write tags as key=value,key=value")
        pairs.append((key.strip(), value.strip()))
    return tuple(pairs)


def _duration(
    request: Request | None, profile: Profile | None, defaults: Mapping[str, str], notes: list[str]
) -> tuple[int, str] | None:
    """Seconds and where they were found. A value that is no number is ignored, as botocore does (O26), but not
    silently."""
    if request and request.duration_seconds is not None:
        return request.duration_seconds, "--duration-seconds"
    if profile is not None and profile.get("duration_seconds") is not None:
        where = str(profile.where["duration_seconds"])
        seconds = seconds_of(profile.get("duration_seconds"))
        if seconds is not None:
            return seconds, where
        notes.append(f"{where}: duration_seconds is no number of seconds and is ignored, as the AWS CLI does")
    seconds = seconds_of(defaults.get("duration_seconds"))
    return None if seconds is None else (seconds, "the settings")


def seconds_of(text: str | int | None) -> int | None:
    """int() as botocore applies it to duration_seconds: blanks, a sign and underscores are fine with it."""
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _refused(where: str, what: str, remedy: str = "") -> ShellhookError:
    return (WrongUsage if where.startswith("--") else BadConfiguration)(what, remedy=remedy)


def session_name(user: str) -> str:
    """The user's name, cleaned to what AWS takes for a role session: 2 to 64 of [\\w+=,.@-]."""
    cleaned = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "_+=,.@-") else "-" for letter in user
    )
    return cleaned[:64] if len(cleaned) >= 2 else "shellhook"
