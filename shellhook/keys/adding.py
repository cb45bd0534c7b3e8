"""A key that a person types: it is kept once AWS has taken it, and is never in a file."""

from __future__ import annotations

from shellhook import arn, endpoints, environment, keys, profiles, refusal
from shellhook.errors import ShellhookError, WrongUsage
from shellhook.keys import moving
from shellhook.plan import Plan
from shellhook.session import Session
from shellhook.sources import KEYRING, Source
from shellhook.sts import Aws, Refused
from shellhook.ui.terminal import NoTerminal, Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.profiles import Configuration


def add(here: Here, name: str, program: str, region: str | None) -> str:
    """Ask for a key, and let a profile have it. Gives the ARN of its user. Raises ShellhookError of every kind."""
    configuration = profiles.read(here.files())
    moving.check_free(name, configuration, region)
    if region is not None and not arn.is_region(region):
        raise WrongUsage(f"--region: {region!r} cannot be a region")
    plan = _plan(here, name, configuration, region)
    key = _asked(Terminal(here.environ))
    try:
        _, caller = Aws(here.original).caller(plan, key)
    except Refused as error:
        raise refusal.clock(error) or ShellhookError(
            f"AWS does not take the key {key.access_key_id}",
            why=f"{error.code}: {error.message}",
            remedy="nothing was kept; look for a letter that is missing\n"
            "a key of China or GovCloud needs its region: --region cn-north-1",
        ) from None
    moving.take(here, name, key.access_key_id, key.secret_access_key, program, region)
    return caller


def _asked(terminal: Terminal) -> Session:
    try:
        key_id = terminal.ask("Access key ID: ").strip()
        if key_id.startswith("ASIA"):
            raise ShellhookError(
                f"{key_id} is the key of a session", why="it ends by itself", remedy="paste it: assume --paste"
            )
        if not keys.is_key_id(key_id):
            raise ShellhookError("that is not the ID of a key", why="such an ID is like AKIAIOSFODNN7EXAMPLE")
        secret = terminal.ask_unseen(f"Secret access key of {key_id}: ").strip()
    except NoTerminal as reason:
        raise ShellhookError("a key is asked for at a terminal, and nowhere else", why=str(reason)) from None
    if not secret.isprintable() or not secret or " " in secret:
        raise ShellhookError("that is not a secret access key", why="such a key has 40 characters, and no blanks")
    return Session(access_key_id=key_id, secret_access_key=secret)


def _plan(here: Here, name: str, configuration: Configuration, region: str | None) -> Plan:
    """Where AWS is for the profile that there will be."""
    leaf = configuration.profile(name) if name in configuration.names() else None
    environ = here.original
    asked_in = region or (leaf and leaf.get("region")) or environment.region(environ)
    return Plan(
        profile=name,
        source=Source(kind=KEYRING, profile=name, identity=("keys",), where="the terminal", long_term=True),
        hops=(),
        device="",
        device_where="",
        mfa="never",
        mfa_process=None,
        mfa_duration=0,
        region=region,
        sts_region=asked_in or "",
        partition=arn.partition_of_region(asked_in or ""),
        endpoints=endpoints.of_calls(leaf, configuration, environ),
        settings=endpoints.variables(leaf, configuration, environ),
        notes=(),
    )
