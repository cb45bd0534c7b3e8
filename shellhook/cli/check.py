"""check: is the session of this shell good for so long? For scripts."""

from __future__ import annotations

import os
import time

from shellhook import status
from shellhook.cli import options
from shellhook.cli.options import FLAG, VALUE
from shellhook.errors import NoSession, ShellhookError
from shellhook.request import parse_duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

HELP = """\
shellhook check [--min-ttl 30m]     also: assume --check
  exit status 0: a session is on, and has more than that left; 1: it has not; 2: none is on"""
KINDS = {"--min-ttl": VALUE, "--help": FLAG}
SHORT = {"-h": "--help"}


def run(words: list[str]) -> int:
    """Say nothing if it is good, else why not."""
    parsed = options.parse(words, KINDS, SHORT, most=0)
    return check(os.environ, parsed.get("--min-ttl"))


def check(environ: Mapping[str, str], minimum: str | None) -> int:
    """Raises NoSession, or ShellhookError for one that is not good."""
    least = 0 if minimum is None else parse_duration(minimum, "--min-ttl")
    found = status.of(environ, time.time())
    if found.state == "none":
        raise NoSession("no session is on in this shell", remedy="assume PROFILE")
    if found.state == "changed":
        raise ShellhookError(
            "the keys in this shell are not the session's",
            remedy="assume PROFILE\nor back to what was there before: assume --off",
        )
    if found.left is not None and found.left <= least:
        left = f"has {status.span(found.left)} left" if found.left > 0 else "has expired"
        raise ShellhookError(f"{found.profile} {left}", remedy="assume --renew")
    return 0
