"""What is on in a shell, every clock of it, and where it came from."""

from __future__ import annotations

from shellhook import environment
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.plan import Plan
    from shellhook.store import Store


class Status(Record):
    """`state` is none, valid, expired or changed (somebody else's keys, or a profile, stand over ours). `served` is
    the address of the endpoint that gives the session, if one does: then there is no `key`. `left` is in seconds; it
    and the times, epoch seconds, are None where nobody knows. `renewal` is silent, code (an MFA code will be asked),
    login or unknown. `sign_in` is what the login to IAM Identity Center is called, if the session came from
    one: its token has a clock of its own, and may be refreshed silently. `outranks` are lines on what programs may
    take instead of the session.
    """

    state: str
    profile: str | None = None
    role: str | None = None
    account: str | None = None
    region: str | None = None
    key: str | None = None
    served: str | None = None
    expires: int | None = None
    left: int | None = None
    renewal: str = "unknown"
    renew_from: int | None = None
    mfa_expires: int | None = None
    sign_in: str | None = None
    sign_in_expires: int | None = None
    sign_in_refreshes: bool | None = None
    source: str | None = None
    source_where: str | None = None
    role_where: str | None = None
    outranks: tuple[str, ...] = ()
    caller: str | None = None
    key_created: int | None = None

    def as_dict(self) -> dict[str, object]:
        """For --json: every field, whether it is known or not."""
        return {name: getattr(self, name) for name in self._fields}

    def lines(self, now: float) -> list[tuple[str, str]]:
        """Name and value, for people. `now` is epoch seconds."""
        lines = [
            (name, getattr(self, name)) for name in ("profile", "role", "account", "region") if getattr(self, name)
        ]
        lines.append(("served at", self.served) if self.served else ("key", f"...{self.key}"))
        if self.expires is not None:
            lines.append(("session", _clock(self.expires, now)))
        if self.mfa_expires is not None:
            lines.append(("MFA", _clock(self.mfa_expires, now)))
        if self.sign_in is not None:
            lines.append(("sign-in", f"{self.sign_in}: {self._login_clock(now)}"))
        if self.renewal == "silent" and self.served is not None:
            lines.append(("renewal", "silent, by the endpoint"))
        elif self.renewal == "silent" and self.renew_from is not None:
            lines.append(("renewal", f"silent, from {environment.rfc3339(self.renew_from)} on"))
        elif self.renewal == "code":
            lines.append(("renewal", "an MFA code will be asked"))
        elif self.renewal == "login":
            lines.append(("renewal", "a login will be asked"))
        if self.source:
            lines.append(("from", f"{self.source}   {self.source_where}"))
        if self.role_where:
            lines.append(("role from", self.role_where))
        if self.caller:
            lines.append(("verified", f"AWS says {self.caller}"))
        if self.key_created is not None:
            lines.append(("key's age", f"{int(now - self.key_created) // 86_400} days"))
        if self.state == "changed":
            lines.append(("changed", "AWS_ACCESS_KEY_ID, AWS_PROFILE or the endpoint was set since by somebody else"))
        lines += [("outranked", line) for line in self.outranks]
        return lines

    def _login_clock(self, now: float) -> str:
        if self.sign_in_expires is None:
            return "not signed in"
        refreshed = "; refreshed silently" if self.sign_in_refreshes else ""
        return f"{_clock(self.sign_in_expires, now)}{refreshed}"


def of(environ: Mapping[str, str], now: float) -> Status:
    """The status that an environment shows, at `now` (epoch). Pure: nothing is read or asked."""
    outranks = tuple(_outranks(environ))
    if not environment.is_on(environ):
        return Status(state="none", outranks=outranks)
    expires = environment.expiry(environ)
    left = None if expires is None else int(expires - now)
    renew_from = _digits(environ.get("SHELLHOOK_RENEW"))
    served = environment.served_by(environ)
    if environment.is_changed(environ):
        state = "changed"
    else:
        state = "valid" if left is None or left > 0 else "expired"
    return Status(
        state=state,
        profile=environ.get("SHELLHOOK_PROFILE"),
        role=environ.get("SHELLHOOK_ROLE"),
        account=environ.get("SHELLHOOK_ACCOUNT"),
        region=environ.get("SHELLHOOK_REGION"),
        key=None if served else environ.get("AWS_ACCESS_KEY_ID", "")[-4:],
        served=served.uri.rpartition("/")[0] if served else None,
        expires=expires,
        left=left,
        renewal="unknown" if expires is None else "code" if renew_from is None else "silent",
        renew_from=renew_from,
        outranks=outranks,
    )


def with_sources(status: Status, plan: Plan, store: Store) -> Status:
    """The status with what the request's plan and the store know: the MFA session's clock, and where things came
    from."""
    first = plan.hops[0] if plan.hops else None
    mfa_session = None
    if first is not None and first.api == "GetSessionToken" and len(plan.hops) > 1:
        mfa_session = store.session(store.digest(plan.identity(1)))
    last = plan.hops[-1] if plan.hops else None
    asks_login = status.renewal == "code" and plan.source.kind == "sso"
    return status.replace(
        renewal="login" if asks_login else status.renewal,
        mfa_expires=mfa_session.expires if mfa_session else None,
        source=f"{plan.source.kind} of {plan.source.profile}" if plan.source.profile else plan.source.kind,
        source_where=plan.source.where,
        role_where=last.where.get("RoleArn") if last else None,
    )


def _outranks(environ: Mapping[str, str]) -> list[str]:
    """What programs take before the keys, or instead of them, or trip over (the SDKs' reference, credential chains)."""
    lines = []
    if environ.get("AWS_PROFILE"):
        lines.append("AWS_PROFILE is set: Go and JavaScript SDKs take it before the keys")
    if environ.get("AWS_SECURITY_TOKEN"):
        lines.append("AWS_SECURITY_TOKEN is set: boto3 takes it before AWS_SESSION_TOKEN")
    empty = [name for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION") if environ.get(name) == ""]
    lines += [f"{name} is empty: that is not the same as absent" for name in empty]
    return lines


def _clock(expires: int, now: float) -> str:
    until = environment.rfc3339(expires)
    return f"{span(int(expires - now))} left, until {until}" if expires > now else f"expired at {until}"


def _digits(text: str | None) -> int | None:
    """An epoch, if it is one that a calendar has, as of `environment.expiry`."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 11 else None


def span(seconds: int) -> str:
    """A duration as the prompt shows it: 2h05m, 14m, 40s."""
    if seconds >= 3600:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}m"
    return f"{seconds // 60}m" if seconds >= 60 else f"{seconds}s"


def about(seconds: float) -> str:
    """How much a clock is off, as far as that can be measured: to the minute, where it is one."""
    return span(round(seconds) if seconds < 60 else round(seconds / 60) * 60)
