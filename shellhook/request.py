"""A request: everything needed to do an assume again, the MFA code excepted."""

from __future__ import annotations

from shellhook.errors import WrongUsage
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-")
_UNITS = {"s": 1, "m": 60, "h": 3600}


class Request(Record):
    """What was asked. Durations are seconds; an absent override is None.

    `role_arn` and the members of `chain` are role ARNs, or names of roles in the account before them. `tags` are (key,
    value) pairs. `pasted` tells credentials that were pasted from others: their access key ID, and the name, account
    and role that they go by. `serve`: an endpoint is to give it, in the place of keys. `config` and `credentials` are
    the absolute paths of the AWS files it was asked of.
    """

    profile: str | None
    config: str
    credentials: str
    region: str | None = None
    duration_seconds: int | None = None
    external_id: str | None = None
    serial_number: str | None = None
    role_arn: str | None = None
    chain: tuple[str, ...] = ()
    role_session_name: str | None = None
    source_identity: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tag_keys: tuple[str, ...] = ()
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    mfa_duration: int | None = None
    long_term: bool = False
    serve: bool = False
    pasted: tuple[str, ...] = ()

    def __repr__(self) -> str:
        # An external ID is as good as a password to some, and a repr may end in a log.
        asked = {name: "..." if name == "external_id" else value for name, value in self.as_saved().items()}
        return f"Request({', '.join(f'{name}={value!r}' for name, value in asked.items())})"

    def as_saved(self) -> dict[str, Any]:
        """The request as it is saved: what was asked, nothing else."""
        return {name: value for name, value in self.__dict__.items() if value not in (None, (), False)}

    def identity(self) -> str:
        """What tells the request from every other: the text that its digest is made of."""
        return ascii(sorted(self.as_saved().items()))


def from_saved(saved: Mapping[str, Any]) -> Request:
    """The request that `as_saved` wrote."""
    values = dict(saved)
    values["tags"] = tuple((key, value) for key, value in values.get("tags", ()))
    for name in ("chain", "transitive_tag_keys", "policy_arns", "pasted"):
        values[name] = tuple(values.get(name, ()))
    values.setdefault("profile", None)
    return Request(**values)


def parse_duration(text: str, option: str) -> int:
    """Seconds: digits with an optional `s`, `m` or `h`. `option` is what the error names.

    Raises WrongUsage.
    """
    digits, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "s")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        raise WrongUsage(f"{option} {text!r} is no duration", remedy="give seconds, or 90m, or 12h")
    return int(digits) * _UNITS[unit]


def check(request: Request) -> None:
    """Refuse what AWS is sure to refuse, before anything is asked of anybody.

    Raises WrongUsage. The limits are those of the STS API reference: AssumeRole, GetSessionToken.
    """
    _check_duration("--duration-seconds", request.duration_seconds, 900, 129_600)
    _check_duration("--mfa-duration", request.mfa_duration, 900, 129_600)
    _check_name("--role-session-name", request.role_session_name)
    _check_name("--source-identity", request.source_identity)
    external_id = request.external_id
    if external_id is not None and not (
        2 <= len(external_id) <= 1224 and all(letter in _NAME or letter in ":/" for letter in external_id)
    ):
        # Not shown: it is as good as a password to some.
        raise WrongUsage(
            "--external-id cannot be right",
            why="AWS takes 2 to 1,224 letters and digits, and _+=,.@:/-",
        )
    if len(request.tags) > 50:
        raise WrongUsage(f"--tags: {len(request.tags)} session tags were given, AWS takes 50")
    for key, value in request.tags:
        if not 1 <= len(key) <= 128 or len(value) > 256:
            raise WrongUsage(f"--tags: {key[:40]!r}: AWS takes keys of 1 to 128 and values of up to 256 characters")
    if request.policy is not None:
        import json

        try:
            json.loads(request.policy)
        except ValueError as error:
            raise WrongUsage("--policy is not JSON", why=str(error)) from None
    if request.role_arn == "":
        # `--role-arn "$ROLE"` with nothing in ROLE: the profile's own session is not what was meant.
        raise WrongUsage("--role-arn '' names no role")
    if request.long_term and (request.role_arn or request.chain):
        raise WrongUsage("--long-term exports a profile's own keys: there is no role to assume with it")


def _check_duration(option: str, seconds: int | None, least: int, most: int) -> None:
    if seconds is not None and not least <= seconds <= most:
        raise WrongUsage(f"{option} {seconds}s cannot be granted", why=f"AWS takes {least // 60}m to {most // 3600}h")


def _check_name(option: str, name: str | None) -> None:
    if name is not None and not (2 <= len(name) <= 64 and all(letter in _NAME for letter in name)):
        raise WrongUsage(f"{option} {name!r} cannot be used", why="AWS takes 2 to 64 letters and digits, and _+=,.@-")
