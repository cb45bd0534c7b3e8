"""status: what is on in this shell, and how long it lasts."""

from __future__ import annotations

import json
import os
import time

from shellhook import status
from shellhook.assume import Here
from shellhook.cli import options
from shellhook.cli.options import FLAG
from shellhook.errors import NoSession

HELP = "shellhook status [--json]     also: assume --status"


def run(words: list[str]) -> int:
    """Print the status; 0 if a session is on and valid, 1 if it is not valid, 2 if none is on."""
    parsed = options.parse(words, {"--json": FLAG, "--help": FLAG}, {"-h": "--help"})
    if parsed.has("--help"):
        print(HELP)
        return 0
    return show(Here(dict(os.environ)), parsed.has("--json"))


def show(here: Here, as_json: bool) -> int:
    """Print what is on. Raises NoSession."""
    report = status.of(here.environ, time.time())
    if as_json:
        print(json.dumps(report.as_dict(), indent=2))
    elif report.state == "none":
        raise NoSession("no session is on in this shell")
    else:
        for name, value in report.lines():
            print(f"{name:<10} {value}")
    return {"valid": 0, "none": NoSession.status}.get(report.state, 1)
