"""Credentials that somebody copied: from the access portal's "Command line or programmatic access", or from `aws`.

Pure: text in, what it says out. Nothing of it is ever quoted in an error.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone

from shellhook.errors import WrongUsage
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMS = "export lines of bash, $Env: lines of PowerShell, SET lines of cmd, a section of a credentials file, or JSON"

# export A="b", $Env:A = 'b', SET A=b, a = b; and fish: set -gx A b
_ASSIGNMENT = re.compile(
    r"""(?: \b setx? \s+ (?:-\w+\s+)* (?P<set>\w+) \s+ | (?P<name>\w+) \s*=\s* )
        (?P<value> "[^"]*" | '[^']*' | [^\s;"'&]+ )""",
    re.VERBOSE | re.IGNORECASE,
)
_SECTION = re.compile(r"^\s*\[\s*(?:profile\s+)?(.+?)\s*\]\s*$", re.MULTILINE)
# What each value is called: in variables and credentials files, by STS and credential_process, by the portal.
_NAMES = {
    "aws_access_key_id": "access_key_id",
    "accesskeyid": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "secretaccesskey": "secret_access_key",
    "aws_session_token": "session_token",
    "aws_security_token": "session_token",
    "sessiontoken": "session_token",
    "aws_region": "region",
    "aws_default_region": "region",
    "region": "region",
    "aws_credential_expiration": "expires",
    "aws_session_expiration": "expires",
    "expiration": "expires",
    "x_security_token_expires": "expires",
    "aws_session_expires": "expires",
}
_NEEDED = {
    "access_key_id": "the access key ID",
    "secret_access_key": "the secret access key",
    "session_token": "the session token",
}


class Pasted(Record):
    """What was pasted. `name` is the section's, "" if there was none; `expires` is in epoch seconds."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    name: str = ""
    region: str | None = None
    expires: int | None = None

    def __repr__(self) -> str:
        return f"Pasted(...{self.access_key_id[-4:]}, expires={self.expires})"


def parse(text: str) -> Pasted:
    """What a pasted text says. Raises WrongUsage if it is no credentials, or not all of them."""
    values = _of_json(text) if text.lstrip().startswith("{") else _of_lines(text)
    missing = [shown for name, shown in _NEEDED.items() if not values.get(name)]
    if len(missing) == len(_NEEDED):
        raise WrongUsage("these are no credentials", why="none of their names is in it", remedy=f"paste {FORMS}")
    if missing == [_NEEDED["session_token"]]:
        raise WrongUsage(
            "these are long-term keys: they have no session token",
            why="a session is what can be pasted; long-term keys would lie about in two places",
            remedy="keep them with `aws configure`, and assume that profile",
        )
    if missing:
        raise WrongUsage(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            remedy="copy all of it, from the first line on",
        )
    sections = _SECTION.findall(text)
    return Pasted(
        access_key_id=values["access_key_id"],
        secret_access_key=values["secret_access_key"],
        session_token=values["session_token"],
        name=sections[0].strip("\"'") if sections and not text.lstrip().startswith("{") else "",
        region=values.get("region"),
        expires=_epoch(values.get("expires", "")),
    )


def _of_lines(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for found in _ASSIGNMENT.finditer(text):
        name = _NAMES.get((found["set"] or found["name"]).lower())
        if name is not None:
            values[name] = found["value"].strip("\"'")
    return values


def _of_json(text: str) -> dict[str, str]:
    import json

    try:
        answer = json.loads(text)
    except ValueError:
        raise WrongUsage("this JSON is cut short, or damaged", remedy="copy all of it, to the last brace") from None
    values: dict[str, str] = {}
    _look_for(answer, values)
    return values


def _look_for(answer: Any, values: dict[str, str]) -> None:
    """`aws sts` puts them under Credentials, `aws sso get-role-credentials` under roleCredentials."""
    for name, value in answer.items() if isinstance(answer, dict) else ():
        known = _NAMES.get(name.lower())
        if known is not None and isinstance(value, (str, int)):
            values[known] = str(value)
        else:
            _look_for(value, values)


def _epoch(text: str) -> int | None:
    """A time as it is written in any of them: RFC 3339, or milliseconds; None for what is no time."""
    if text.isascii() and text.isdigit():
        number = int(text)
        return number // 1000 if number > 10_000_000_000 else number
    try:
        # Python before 3.11 does not read a Z.
        found = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
    except ValueError:
        return None
    # One without a zone could be any: UTC is what AWS writes.
    return int((found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp())
