"""The constraints on parameters of STS, and its words for what breaks them.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and API_GetSessionToken.html
"""

from __future__ import annotations

import re

from shellhook.sandbox.wire import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from shellhook.sandbox.exchange import Exchange

# Seconds: the least, the most, and what is taken when nothing is said.
DURATIONS = {
    "AssumeRole": (900, 43_200, 3600),
    "AssumeRoleWithWebIdentity": (900, 43_200, 3600),
    "GetSessionToken": (900, 129_600, 43_200),
    "GetFederationToken": (900, 129_600, 43_200),
}
# A role that is assumed with the credentials of a session lives an hour at most, whatever the role allows.
CHAINED = 3600

# Parameter: the shortest and the longest text, and what it consists of.
_TEXTS = {
    "RoleArn": (20, 2048, r"[\s\S]+"),
    "RoleSessionName": (2, 64, r"[\w+=,.@-]*"),
    "ExternalId": (2, 1224, r"[\w+=,.@:\/-]*"),
    "SerialNumber": (9, 256, r"[\w+=/:,.@-]*"),
    "TokenCode": (6, 6, r"[\d]*"),
    "SourceIdentity": (2, 64, r"[\w+=,.@-]*"),
}
_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_REQUIRED = {"AssumeRole": ("RoleArn", "RoleSessionName")}


def check_parameters(exchange: Exchange) -> None:
    """Refuse what breaks a constraint: ValidationError, every broken one named."""
    broken = list(_broken(exchange))
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected: "
        raise Refused(400, "ValidationError", count + "; ".join(broken))
    role_arn = exchange.fields.get("RoleArn")
    if role_arn is not None and not _ROLE_ARN.fullmatch(role_arn):
        words = "Request ARN is invalid" if role_arn.startswith("arn:") else f"{role_arn} is invalid"
        raise Refused(400, "ValidationError", words)


def check_chained(exchange: Exchange) -> None:
    """Refuse more than an hour for a role that is assumed with a session's credentials."""
    if exchange.caller_is_session and exchange.seconds(CHAINED) > CHAINED:
        raise Refused(
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )


def check_role_maximum(exchange: Exchange, maximum: int) -> None:
    """Refuse more than the role's MaxSessionDuration, in seconds."""
    if exchange.seconds(CHAINED) > maximum:
        raise Refused(
            400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )


def _broken(exchange: Exchange) -> Iterator[str]:
    for name in _REQUIRED.get(exchange.action, ()):
        if name not in exchange.fields:
            yield _constraint(name, None, "Member must not be null")
    for name, (least, most, pattern) in _TEXTS.items():
        text = exchange.fields.get(name)
        if text is None:
            continue
        if not re.fullmatch(pattern, text, re.ASCII):
            yield _constraint(name, text, f"Member must satisfy regular expression pattern: {pattern}")
        if len(text) < least:
            yield _constraint(name, text, f"Member must have length greater than or equal to {least}")
        if len(text) > most:
            yield _constraint(name, text, f"Member must have length less than or equal to {most}")
    asked = exchange.fields.get("DurationSeconds")
    if asked is not None and exchange.action in DURATIONS:
        shortest, longest, _ = DURATIONS[exchange.action]
        if not re.fullmatch(r"-?\d{1,9}", asked, re.ASCII):
            raise Refused(400, "MalformedInput", "Invalid number")
        if int(asked) < shortest:
            yield _constraint("DurationSeconds", asked, f"Member must have value greater than or equal to {shortest}")
        if int(asked) > longest:
            yield _constraint("DurationSeconds", asked, f"Member must have value less than or equal to {longest}")


def _constraint(name: str, text: str | None, constraint: str) -> str:
    value = "null" if text is None else f"'{text}'"
    member = name[0].lower() + name[1:]
    return f"Value {value} at '{member}' failed to satisfy constraint: {constraint}"
