"""Contradictions in the environment: what AWS programs would take, and what they would trip over."""

from __future__ import annotations

import os

from shellhook import arn, environment
from shellhook.doctor import fail, ok, warn
from shellhook.settings import KNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from shellhook.doctor import Finding

CHECK = "environment"
_KEY, _SECRET, _TOKEN = environment.KEYS
_OLDER = "AWS_SECURITY_TOKEN"
_TEMPORARY, _LONG_TERM = "ASIA", "AKIA"  # how the IDs of keys begin (IAM user guide, "Unique identifiers")
# What hooks and backend look at, beside environment.OURS and the settings (settings.KNOWN).
_OF_THE_HOOK = (
    *("PROMPT", "FORMAT", "WARN", "ALARM", "DANGER", "REPROMPT", "COMMANDS", "MIN_TTL", "SEGMENT"),
    *("COLOR_OK", "COLOR_WARN", "COLOR_ALARM", "COLOR_CHANGED", "COLOR_DANGER"),
    *("DEBUG", "UNDER_WAY", "DEMO"),
)
_CHOICES = {
    "SHELLHOOK_PROMPT": ("left", "right", "manual", "off"),
    "SHELLHOOK_REPROMPT": ("both", "command", "prompt", "off"),
}


def contradictions(
    environ: Mapping[str, str], original: Mapping[str, str], profiles: Collection[str] | None
) -> list[Finding]:
    """Every contradiction there is; one finding that says so if there is none. `original` is the environment before any
    session of ours, `profiles` are the names in the files, None if those cannot be read."""
    found = [
        *_keys(environ),
        *_tokens(environ),
        *_profile(environ, profiles),
        *_regions(environ),
        *_outranked(environ),
        *_expiration(environ),
        *_endpoints(original),
        *_empty(environ),
        *_ours(environ),
    ]
    count = sum(name.startswith("AWS_") for name in environ)
    return found or [ok(CHECK, f"no contradiction among {count} AWS_* variables" if count else "no AWS_* variable set")]


def _keys(environ: Mapping[str, str]) -> Iterator[Finding]:
    for here, missing in ((_KEY, _SECRET), (_SECRET, _KEY)):
        if environ.get(here) and not environ.get(missing):
            yield fail(CHECK, f"half a key: {here} is set, {missing} is not", f"set {missing}, or: unset {here}", here)
    key, token = environ.get(_KEY, ""), environ.get(_TOKEN) or environ.get(_OLDER)
    if key.startswith(_TEMPORARY) and not token:
        yield fail(
            CHECK,
            f"{_KEY} is a session's, and {_TOKEN} is not set: AWS takes the key for a wrong one",
            f"set {_TOKEN} too, or: unset {_KEY} {_SECRET}",
            _KEY,
        )
    if key.startswith(_LONG_TERM) and token:
        yield fail(
            CHECK,
            f"{_KEY} is a user's own, and {_TOKEN} is of a session: AWS takes the token for a wrong one",
            f"unset {_TOKEN} {_OLDER}",
            _TOKEN,
        )


def _tokens(environ: Mapping[str, str]) -> Iterator[Finding]:
    old, new = environ.get(_OLDER), environ.get(_TOKEN)
    if old and new is not None and old != new:
        yield fail(
            CHECK,
            f"{_OLDER} and {_TOKEN} differ: boto3 takes the first, other SDKs the second",
            f"unset {_OLDER}",
            _OLDER,
        )
    elif old:
        yield warn(CHECK, f"{_OLDER} is the old name, which not every SDK reads", f"set {_TOKEN}", _OLDER)
    elif new and not environ.get(_KEY):
        yield warn(CHECK, f"{_TOKEN} is set, and no key: nothing reads it", f"unset {_TOKEN}", _TOKEN)


def _profile(environ: Mapping[str, str], profiles: Collection[str] | None) -> Iterator[Finding]:
    first, second = "AWS_DEFAULT_PROFILE", "AWS_PROFILE"
    for name in (first, second):
        value = environ.get(name)
        if value == "":
            yield fail(CHECK, f"{name} is empty: `aws` and boto3 look for a profile without a name", _unset(name), name)
        elif value is not None and profiles is not None and value not in profiles:
            yield fail(
                CHECK,
                f"{name} names {value!r}, which is no profile: `aws` and boto3 end there, keys or not",
                f"{_unset(name)}, or name one of: shellhook list",
                name,
            )
    one, other = environ.get(first), environ.get(second)
    if one and other and one != other:
        yield warn(CHECK, f"{first} and {second} differ: boto3 takes the first, most SDKs the second", _unset(first))
    named = second if other else first if one else None
    if named and environ.get(_KEY):
        yield warn(
            CHECK,
            f"{named} and keys are both set: `aws` and boto3 take the keys, the Go and JavaScript SDKs the profile",
            f"{_unset(named)}, or: unset {_KEY} {_SECRET} {_TOKEN}",
            named,
        )


def _regions(environ: Mapping[str, str]) -> Iterator[Finding]:
    one, other = environ.get("AWS_REGION"), environ.get("AWS_DEFAULT_REGION")
    if one and other and one != other:
        yield warn(
            CHECK,
            f"AWS_REGION is {one}, AWS_DEFAULT_REGION {other}: boto3 reads only the second, most SDKs the first",
            "set both to one region",
            "AWS_REGION",
        )
    for name in environment.REGIONS:
        value = environ.get(name)
        if value and not arn.is_region(value):
            yield fail(CHECK, f"{name} is {value!r}, which cannot be a region", "such as: eu-west-1", name)


def _outranked(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Sources of credentials that lose to keys (botocore/credentials.py, create_credential_resolver)."""
    has_keys = bool(environ.get(_KEY) and environ.get(_SECRET))
    for name in ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        if has_keys and environ.get(name):
            yield warn(CHECK, f"keys and {name} are both set: programs take the keys", _unset(_KEY, _SECRET), name)
    web = environ.get("AWS_WEB_IDENTITY_TOKEN_FILE")
    if not web:
        return
    name = "AWS_WEB_IDENTITY_TOKEN_FILE"
    if has_keys:
        yield warn(CHECK, f"keys and {name} are both set: programs take the keys", _unset(_KEY, _SECRET), name)
    elif not environ.get("AWS_ROLE_ARN"):
        yield fail(CHECK, f"{name} is set, AWS_ROLE_ARN is not: which role?", f"set AWS_ROLE_ARN, or: {_unset(name)}")
    elif not os.path.isfile(web):
        yield fail(CHECK, f"{name} names a file that is not there", f"look for {web}, or: {_unset(name)}", name)


def _expiration(environ: Mapping[str, str]) -> Iterator[Finding]:
    """botocore reads it beside the keys, and raises where it has no zone or is no time."""
    name = "AWS_CREDENTIAL_EXPIRATION"
    value = environ.get(name)
    if not value or not environ.get(_KEY):
        return
    from datetime import datetime

    try:
        has_zone = datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo is not None
    except ValueError:
        has_zone = False
    if not has_zone:
        yield fail(CHECK, f"{name} is no time with a zone: `aws` and boto3 fail on it", _unset(name), name)


def _endpoints(environ: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(name for name in environ if name.startswith(environment.ENDPOINT)):
        if environ[name]:
            service = name.removeprefix(environment.ENDPOINT).strip("_").lower() or "every service"
            yield warn(
                CHECK,
                f"{name}: {service} is asked at {without_password(environ[name])}, not at AWS's own address",
                f"if that is not meant: {_unset(name)}",
                name,
            )


def _empty(environ: Mapping[str, str]) -> Iterator[Finding]:
    told = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
    for name in sorted(name for name, value in environ.items() if name.startswith("AWS_") and not value):
        if name == "AWS_CA_BUNDLE":
            yield fail(CHECK, f"{name} is empty: `aws` and boto3 fail on it", _unset(name), name)
        elif name not in told:
            yield warn(CHECK, f"{name} is empty, which some SDKs do not take for absent", _unset(name), name)


def _ours(environ: Mapping[str, str]) -> Iterator[Finding]:
    known = {*environment.OURS, *(f"SHELLHOOK_{name.upper()}" for name in (*KNOWN, *_OF_THE_HOOK))}
    for name in sorted(name for name in environ if name.startswith("SHELLHOOK_")):
        if name not in known:
            near = _nearest(name, known)
            meant = f"did you mean {near}?" if near else f"{_unset(name)}; docs/prompts.md has the settings"
            yield warn(CHECK, f"{name} is no setting of shellhook", meant, name)
        elif environ[name] and name in _CHOICES and environ[name] not in _CHOICES[name]:
            yield warn(CHECK, f"{name} cannot be {environ[name]!r}", f"one of: {', '.join(_CHOICES[name])}", name)
        elif name in ("SHELLHOOK_WARN", "SHELLHOOK_ALARM", "SHELLHOOK_MIN_TTL") and environ[name]:
            digits = environ[name][:-1] if environ[name][-1] in "smh" else environ[name]
            if not (digits.isascii() and digits.isdigit()):
                yield warn(CHECK, f"{name} is {environ[name]!r}, which is no duration", "such as: 15m", name)


def _nearest(name: str, known: Collection[str]) -> str | None:
    import difflib

    ours = {each.removeprefix("SHELLHOOK_"): each for each in known}
    near = difflib.get_close_matches(name.removeprefix("SHELLHOOK_"), ours, 1)
    return ours[near[0]] if near else None


def without_password(url: str) -> str:
    """A URL without what may be a secret in it."""
    scheme, slashes, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"


def _unset(*names: str) -> str:
    return f"unset {' '.join(names)}"
