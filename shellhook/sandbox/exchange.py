"""The request under way: what was asked, by which key, and whether a good MFA code came with it."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.sandbox.wire import Scope


class Exchange:
    """One request, from its arrival to its answer."""

    def __init__(self, signed: Scope | None, fields: dict[str, str], operation: tuple[str, str] | None = None) -> None:
        self.signed = signed
        self.fields = fields
        # `sts`, `iam` ...: the service of the credential scope, or empty for an unsigned request. Where the path says
        # it, `operation` is service and action.
        self.service, self.action = operation or (signed.service if signed else "", fields.get("Action", ""))
        self.code_was_good = False
        # Known once the signature is verified:
        self.caller_is_session = False
        self.caller_name = ""  # the user's, if it is one

    @property
    def access_key_id(self) -> str:
        """The key that signed, or empty."""
        return self.signed.access_key_id if self.signed else ""

    def seconds(self, default: int) -> int:
        """`DurationSeconds`, or what the action takes without it. Only asked once it is known to be a number."""
        return int(self.fields.get("DurationSeconds") or default)

    @property
    def tags(self) -> dict[str, str]:
        """The session tags that were sent."""
        return dict(self._members("Tags.member.{}.Key", "Tags.member.{}.Value"))

    @property
    def transitive_tag_keys(self) -> list[str]:
        """The keys of the tags that the next role of a chain inherits."""
        return [key for key, _ in self._members("TransitiveTagKeys.member.{}", "")]

    def _members(self, name: str, value: str) -> list[tuple[str, str]]:
        found, number = [], 1
        while (key := self.fields.get(name.format(number))) is not None:
            found.append((key, self.fields.get(value.format(number), "")))
            number += 1
        return found


under_way: ContextVar[Exchange | None] = ContextVar("shellhook_exchange", default=None)
