"""The words that make a request, whatever verb they follow: their options, the request, its session."""

from __future__ import annotations

from shellhook import assume, typed
from shellhook.cli.options import FLAG, MANY, VALUE
from shellhook.errors import WrongUsage
from shellhook.hops import parse_tags
from shellhook.request import Request, parse_duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from shellhook.assume import Here, Outcome
    from shellhook.cli.options import Parsed

KINDS = {
    "--profile": VALUE,
    "--region": VALUE,
    "--duration-seconds": VALUE,
    "--external-id": VALUE,
    "--token-code": VALUE,
    "--serial-number": VALUE,
    "--role-arn": VALUE,
    "--chain": VALUE,
    "--role-session-name": VALUE,
    "--source-identity": VALUE,
    "--tags": MANY,
    "--transitive-tag-keys": VALUE,
    "--policy": VALUE,
    "--policy-arns": VALUE,
    "--mfa-duration": VALUE,
    "--min-ttl": VALUE,
    "--long-term": FLAG,
    "--renew": FLAG,
    "--debug": FLAG,
    "--help": FLAG,
}
SHORT = {
    "-p": "--profile",
    "-r": "--region",
    "-d": "--duration-seconds",
    "-e": "--external-id",
    "-t": "--token-code",
    "-h": "--help",
}
# What may stand beside a request that is repeated: it is no part of one.
_BESIDE_A_REQUEST = (
    *("--token-code", "--min-ttl", "--renew", "--save", "--yes", "--debug", "--profile"),
    *("--console", "--print", "--write", "--force"),
)


def request_of(here: Here, parsed: Parsed, choose: Callable[[Here], str] | None = None) -> Request:
    """The request that the words make, or the saved one they name; where they name no profile, that of the one that
    `choose` gives."""
    if len(parsed.positional) > 1:
        first, second, *rest = parsed.positional
        others = " ".join([second, *rest])
        if parsed.has("--console"):
            raise WrongUsage(f"{first!r}, and then {second!r}?", remedy=f"assume {first} --console={second}")
        from shellhook.shells.posix import word

        raise WrongUsage(
            f"one profile at a time: {first!r}, and then {second!r}?",
            remedy=f"to run a command with it: assume {first} -- {others}\n"
            f"a name with blanks wants quotes: assume {word(f'{first} {others}')}",
        )
    name = parsed.positional[0] if parsed.positional else parsed.get("--profile")
    if parsed.positional and parsed.has("--profile"):
        raise WrongUsage(f"--profile {parsed.get('--profile')!r} and {name!r}: one profile at a time")
    if name == "-" or is_repeated(parsed):
        changes = [option for option in parsed.options if option not in _BESIDE_A_REQUEST]
        if changes:
            raise WrongUsage(
                f"{', '.join(changes)}: a request is repeated as it was", remedy="to change it, name the profile again"
            )
    if name == "-":
        return assume.saved_request(here, here.previous, "there is no previous session to go back to")
    if is_repeated(parsed):
        return assume.saved_request(here, here.request, "no session is on in this shell")
    files = here.files()
    if name is None and not parsed.has("--role-arn", "--chain"):
        if choose is None:
            raise typed.unnamed(here)
        name = choose(here)
    policy, policy_arns = typed.policy(parsed.get("--policy"))
    return Request(
        profile=name,
        config=files.config,
        credentials=files.credentials,
        region=parsed.get("--region"),
        duration_seconds=duration(parsed, "--duration-seconds"),
        external_id=external_id(here, parsed),
        serial_number=parsed.get("--serial-number"),
        role_arn=parsed.get("--role-arn"),
        chain=_list(parsed, "--chain"),
        role_session_name=parsed.get("--role-session-name"),
        source_identity=parsed.get("--source-identity"),
        tags=tuple(pair for given in parsed.many.get("--tags", []) for pair in parse_tags(given, "--tags")),
        transitive_tag_keys=_list(parsed, "--transitive-tag-keys"),
        policy=policy,
        policy_arns=(*_list(parsed, "--policy-arns"), *policy_arns),
        mfa_duration=duration(parsed, "--mfa-duration"),
        long_term=parsed.has("--long-term"),
        serve=parsed.has("--serve"),
    )


def duration(parsed: Parsed, name: str) -> int | None:
    """Seconds, of an option."""
    value = parsed.get(name)
    return None if value is None else parse_duration(value, name)


def _list(parsed: Parsed, name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in (parsed.get(name) or "").split(",") if part.strip())


def external_id(here: Here, parsed: Parsed) -> str | None:
    """The external ID, asked for where it is to be. Raises ShellhookError."""
    return typed.external_id(here, parsed.get("--external-id"))


def is_repeated(parsed: Parsed) -> bool:
    """Is it the request of the session that is on, once more?"""
    return parsed.has("--renew") and not parsed.positional and not parsed.has("--profile", "--role-arn", "--chain")


def outcome_of(here: Here, parsed: Parsed, wanted: Request | None = None) -> Outcome:
    """The session that the words ask for. `wanted` is their request, where that is known already."""
    wanted, code = wanted or request_of(here, parsed, choose=typed.picked), parsed.get("--token-code")
    min_ttl = duration(parsed, "--min-ttl")
    return typed.obtain(here, wanted, code=code, min_ttl=min_ttl, fresh=parsed.has("--renew"))
