"""A throwaway AWS configuration for the people of the world: `config` and `credentials`, as they would write them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from shellhook.sandbox.assignments import REGION as SSO_REGION
from shellhook.sandbox.assignments import START_URL
from shellhook.sandbox.world import ACCOUNT, SECOND_ACCOUNT, USERS

if TYPE_CHECKING:
    from pathlib import Path

    from shellhook.sandbox.world import World

# A name that any careless quoting falls over; as it is, and as it stands between the brackets.
ODD_NAME = """it's "odd"; $(touch owned) `touch owned` & 50% été 日本"""
_ODD_SECTION = '"' + ODD_NAME.replace('"', '\\"') + '"'

REGION = "us-east-1"


def sections(world: World, endpoint: str) -> dict[str, dict[str, str]]:
    """The sections of `config`, by what stands between their brackets."""
    alice = world.devices["alice"].serial
    security_key = next(user.security_key for user in USERS if user.name == "erin")
    external = {"external_id": world.external_id}
    base = {"source_profile": "base"}
    profiles: dict[str, dict[str, str]] = {
        "base": {"mfa_serial": alice},
        "power-user": {**_role("power-user"), **base, **external, "mfa_serial": alice, "region": "eu-central-1"},
        "read-only": {**_role("read-only"), **base, **external},
        "admin": {**_role("admin", SECOND_ACCOUNT), "source_profile": "power-user", "region": "eu-west-1"},
        "auditor": {**_role("auditor", SECOND_ACCOUNT), **base, "mfa_serial": alice},
        "strict": {**_role("strict"), **base, **external, "mfa_serial": alice},
        "tagged": {**_role("tagged"), **base},
        "deploy": {"role_arn": f"arn:aws:iam::{ACCOUNT}:role/ci/deploy", **base},
        "long": {**_role("power-user"), **base, **external, "mfa_serial": alice, "duration_seconds": "43200"},
        _ODD_SECTION: {**_role("read-only"), **base, **external},
        "bob": {},
        "bob-power": {**_role("power-user"), "source_profile": "bob", **external},
        "carol": {},
        "carol-read-only": {**_role("read-only"), "source_profile": "carol", **external},
        "dave": {},
        "dave-read-only": {**_role("read-only"), "source_profile": "dave", **external},
        "erin": {"mfa_serial": security_key},
        "erin-power": {
            **_role("power-user"),
            "source_profile": "erin",
            **external,
            "mfa_serial": security_key,
        },
        "loop-a": {**_role("read-only"), "source_profile": "loop-b"},
        "loop-b": {**_role("read-only"), "source_profile": "loop-a"},
        "broken": {**_role("read-only"), "source_profile": "no-such-profile"},
        "no-source": _role("read-only"),
        "no-region": {**_role("read-only"), **base, **external},
    }
    written = {
        f"profile {name}": {"region": REGION, **options, "endpoint_url": endpoint} for name, options in profiles.items()
    }
    del written["profile no-region"]["region"]
    # The other way to name endpoints: one section that many profiles share.
    written["profile services"] = {"region": REGION, **profiles["read-only"], "services": "loopback"}
    nested = f"\n    endpoint_url = {endpoint}"
    written["services loopback"] = {"sts": nested, "iam": nested}
    written |= _identity_center(endpoint)
    return written


def _identity_center(endpoint: str) -> dict[str, dict[str, str]]:
    """A session of IAM Identity Center and profiles of it; one of the old kind; a role on top of one."""
    start = {"sso_start_url": START_URL, "sso_region": SSO_REGION}
    common = {"region": REGION, "endpoint_url": endpoint}
    staging = {"sso_session": "corp", "sso_account_id": SECOND_ACCOUNT}
    return {
        "sso-session corp": {**start, "sso_registration_scopes": "sso:account:access"},
        "profile corp-admin": {
            "sso_session": "corp",
            "sso_account_id": ACCOUNT,
            "sso_role_name": "AdministratorAccess",
            **common,
        },
        "profile corp-power": {**staging, "sso_role_name": "PowerUserAccess", **common, "region": "eu-west-1"},
        # A role that is not assigned in this account.
        "profile corp-billing": {**staging, "sso_role_name": "Billing", **common},
        "profile corp-old": {**start, "sso_account_id": ACCOUNT, "sso_role_name": "ReadOnlyAccess", **common},
        "profile corp-deploy": {
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/ci/deploy",
            "source_profile": "corp-admin",
            **common,
        },
    }


def write_config(world: World, directory: Path, endpoint: str) -> tuple[Path, Path]:
    """Write both files, readable by their owner alone, and return their paths."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    users = {"base": "alice", **{name: name for name in world.keys if name != "alice"}}
    credentials = {
        profile: {
            "aws_access_key_id": world.keys[user].access_key_id,
            "aws_secret_access_key": world.keys[user].secret_access_key,
        }
        for profile, user in users.items()
    }
    paths = directory / "config", directory / "credentials"
    _write(paths[0], sections(world, endpoint))
    _write(paths[1], credentials)
    return paths


def _role(name: str, account: str = ACCOUNT) -> dict[str, str]:
    return {"role_arn": f"arn:aws:iam::{account}:role/{name}"}


def _write(path: Path, content: dict[str, dict[str, str]]) -> None:
    text = "\n".join(
        f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in options.items())
        for section, options in content.items()
    )
    # Opened for the owner alone from the start: the file holds keys.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
