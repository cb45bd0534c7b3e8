"""A session: temporary credentials, when they end, and who they are."""

from __future__ import annotations

from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

QUARTER_HOUR = 900


class Session(Record):
    """Credentials as STS gave them. Times are epoch seconds.

    `expires` is None where nobody said; `issued` is when we got them. `attended_from` is when renewing them begins to
    need a person: None is never, 0 is always. `arn` is the caller's. `sign_in` is the login to
    IAM Identity Center that it came from: the sso-session's name, or a start URL.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    expires: int | None = None
    issued: int = 0
    attended_from: int | None = None
    account: str | None = None
    arn: str | None = None
    profile: str = ""
    device: str | None = None
    sign_in: str | None = None

    def __repr__(self) -> str:
        return f"Session(...{self.access_key_id[-4:]}, expires={self.expires})"

    def left(self, now: float) -> float:
        """Seconds it has left; endless if nobody said when it ends."""
        return float("inf") if self.expires is None else self.expires - now

    @property
    def renew_from(self) -> int | None:
        """When silent renewal may start: at most 15 minutes before the end, and at most a quarter of the session's
        life, or one of 15 minutes would be renewed at every prompt. None if it has no end, or a person is needed by
        then."""
        if self.expires is None:
            return None
        start = self.expires - min(QUARTER_HOUR, (self.expires - self.issued) // 4)
        return start if self.attended_from is None or start < self.attended_from else None

    @property
    def spent_from(self) -> int | None:
        """When it is too old to be made anything of: its last minute, or its last quarter if it lives for minutes
        only."""
        return None if self.expires is None else self.expires - min(60, (self.expires - self.issued) // 4)

    def usable(self, now: float, min_ttl: int | None) -> bool:
        """Has it more than `min_ttl` seconds left?

        Without a minimum, one that can be renewed silently is used until then, any other until it is spent.
        """
        if self.spent_from is None:
            return True
        if min_ttl is not None:
            return self.left(now) > min_ttl
        return now < (self.renew_from or self.spent_from)

    def as_saved(self) -> dict[str, Any]:
        """What the store writes: what is there."""
        return {name: value for name, value in self.__dict__.items() if value not in (None, "")}


def from_saved(saved: Mapping[str, Any]) -> Session:
    """The session that `as_saved` wrote. Raises TypeError if it is damaged."""
    return Session(**saved)
