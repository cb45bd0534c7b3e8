"""What the environment says about the session that is on. Pure: nothing is asked of AWS, nothing is read."""

from __future__ import annotations

from shellhook import environment
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(Record):
    """`state` is none, valid, expired or changed (somebody else's keys, or a profile, stand over ours). `left` is in
    seconds; it and `expires` (epoch) are None where nobody knows."""

    state: str
    profile: str | None = None
    role: str | None = None
    account: str | None = None
    region: str | None = None
    key: str | None = None
    expires: int | None = None
    left: int | None = None

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return dict(self.__dict__)

    def lines(self) -> list[tuple[str, str]]:
        """Name and value, for people."""
        given = [(name, getattr(self, name)) for name in ("profile", "role", "account", "region")]
        lines = [(name, value) for name, value in given if value]
        lines.append(("key", f"...{self.key}"))
        if self.left is not None and self.expires is not None:
            until = environment.rfc3339(self.expires)
            lines.append(("left", f"{span(self.left)}, until {until}" if self.left > 0 else f"expired at {until}"))
        if self.state == "changed":
            lines.append(("changed", "AWS_ACCESS_KEY_ID or AWS_PROFILE was set since by somebody else"))
        return lines


def of(environ: Mapping[str, str], now: float) -> Status:
    """The status that an environment shows, at `now` (epoch)."""
    if not environment.is_on(environ):
        return Status(state="none")
    expires = environment.expiry(environ)
    left = None if expires is None else int(expires - now)
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
        key=environ.get("AWS_ACCESS_KEY_ID", "")[-4:],
        expires=expires,
        left=left,
    )


def span(seconds: int) -> str:
    """A duration as the prompt shows it: 2h05m, 14m, 40s."""
    if seconds >= 3600:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}m"
    return f"{seconds // 60}m" if seconds >= 60 else f"{seconds}s"
