"""serve-endpoint: what `assume PROFILE --serve` starts. Not for people.

shellhook serve-endpoint                                     serves what standard input says
shellhook serve-endpoint --renew DIGEST --min-ttl SECONDS    gets a session for it: JSON, to a pipe
"""

from __future__ import annotations

import json
import os
import sys

from shellhook.cli import options
from shellhook.cli.options import FLAG, VALUE
from shellhook.errors import WrongUsage
from shellhook.request import parse_duration
from shellhook.store import is_digest

KINDS = {"--renew": VALUE, "--min-ttl": VALUE, "--help": FLAG}
SHORT = {"-h": "--help"}
HELP = "shellhook serve-endpoint is what `assume PROFILE --serve` starts; yours is: assume PROFILE --serve"


def run(words: list[str]) -> int:
    """Serve until it is over, or renew once."""
    parsed = options.parse(words, KINDS, SHORT, most=0)
    if sys.stdin is None or sys.stdin.isatty() or sys.stdout.isatty():
        raise WrongUsage("serve-endpoint is not for people", remedy="yours is: assume PROFILE --serve")
    from shellhook import os_keyring
    from shellhook.endpoint import process

    os_keyring.never_ask()  # of a program that asks the endpoint nobody knows that they are waited for
    digest = parsed.get("--renew")
    if digest is None:
        process.serve(dict(os.environ))
    elif is_digest(digest):
        from shellhook.assume import Here

        seconds = parse_duration(parsed.get("--min-ttl") or "0", "--min-ttl")
        print(json.dumps(process.renewal(Here(dict(os.environ)), digest, seconds)), flush=True)
    return 0
