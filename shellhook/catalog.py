"""What there is to assume: each profile as people know it by, for the list and the picker."""

from __future__ import annotations

from shellhook import arn, sources
from shellhook.errors import ShellhookError
from shellhook.record import Record
from shellhook.status import span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from shellhook.profiles import Configuration, Profile


class Entry(Record):
    """A profile. `kind` is role, or the kind of its source (keys, sso, process ...); `role` and `account` are as the
    files name them. `where` is FILE:LINE of its header. `expires` is the end of its newest live session, epoch.
    `problem` says why it cannot work, with FILE:LINE; "" if nothing is known against it.
    """

    name: str
    kind: str = ""
    account: str | None = None
    role: str | None = None
    role_arn: str | None = None
    source: str | None = None
    region: str | None = None
    mfa: str | None = None
    where: str | None = None
    expires: int | None = None
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For --json: every field, whether it is known or not. There is no secret among them."""
        return {name: getattr(self, name) for name in self._fields}

    @property
    def shown_role(self) -> str:
        """The role's name, or what there is instead of one: (keys), (process) ..."""
        return self.role or ("" if self.kind in ("", "role", "none") else f"({self.kind})")

    @property
    def beside(self) -> str:
        """What it can be found by, beside its name."""
        return f"{self.account or ''} {self.role or ''}"


def entry(name: str, configuration: Configuration, live: Mapping[str, int]) -> Entry:
    """One profile. `live` has the expiry of each profile that has a session."""
    found = Entry(name=name, expires=live.get(name))
    try:
        profile = configuration.profile(name)
        return _described(found, profile, configuration)
    except ShellhookError as error:
        return found.replace(problem=problem(name, error))


def problem(name: str, error: ShellhookError) -> str:
    """An error in one line: where it is, and what it says of the profile."""
    what = error.what.removeprefix(f"profile {name!r} ")
    return f"{error.why.splitlines()[0]} ({what})" if error.why else what


def _described(found: Entry, profile: Profile, configuration: Configuration) -> Entry:
    get = profile.get
    found = found.replace(region=get("region"), mfa=get("mfa_serial") or None, where=str(profile.header))
    if sources.has_role(profile):
        role = get("role_arn") or ""
        named = arn.parse(role)
        return found.replace(
            kind="role",
            role=named.name if named else role,
            account=named.account if named else None,
            role_arn=role,
            source=get("source_profile") or get("credential_source"),
        )
    source = sources.of_profile(profile, configuration)
    if source is None:
        return found.replace(kind="none")
    return found.replace(kind=source.kind, role=source.role, account=source.account, role_arn=get("role_arn"))


def checked(configuration: Configuration, live: Mapping[str, int], environ: Mapping[str, str]) -> list[Entry]:
    """Every profile, in the order of the files, with what keeps it from working: all that can be known without asking
    AWS. `environ` is the environment before any session of ours."""
    return [_planned(entry(name, configuration, live), configuration, environ) for name in configuration.names()]


def _planned(found: Entry, configuration: Configuration, environ: Mapping[str, str]) -> Entry:
    error = None if found.problem else obstacle(found.name, configuration, environ)
    return found if error is None else found.replace(problem=problem(found.name, error))


def obstacle(name: str, configuration: Configuration, environ: Mapping[str, str]) -> ShellhookError | None:
    """What keeps a profile from working, as far as that can be known without asking AWS."""
    from shellhook import plan
    from shellhook.request import Request

    files = configuration.files
    request = Request(profile=name, config=files.config, credentials=files.credentials)
    try:
        plan.make(request, configuration, environ, "", {}, {})
    except ShellhookError as error:
        return error
    return None


def rows(entries: Sequence[Entry], now: float, *, long: bool) -> list[list[str]]:
    """The entries as lines of a table; the long form also says what begins where. What cannot work says why instead."""
    lines = []
    for each in entries:
        if each.problem:
            lines.append([each.name, f"! {each.problem}"])
            continue
        left = "" if each.expires is None else f"live {span(int(each.expires - now))}"
        line = [each.name, each.account or "", each.shown_role, each.region or "", "MFA" if each.mfa else "", left]
        if long:
            line += [f"from {each.source}" if each.source else "", each.mfa or "", each.where or ""]
        lines.append(line)
    return lines
