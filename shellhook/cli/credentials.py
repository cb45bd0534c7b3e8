"""credentials: what an SDK runs as credential_process."""

from __future__ import annotations

import os

from shellhook import assume, process_credentials
from shellhook.cli import options, request_words
from shellhook.cli.assume import print_code
from shellhook.cli.request_words import KINDS, SHORT

HELP = """\
shellhook credentials PROFILE [options of assume]     prints the session as JSON, for SDKs:
  [profile power-user-sdk]
  credential_process = shellhook credentials power-user
Questions are asked on the terminal, and only when no stored session serves any more"""


def run(words: list[str]) -> int:
    """Print the session, and nothing else on standard output."""
    parsed = options.parse(words, KINDS, SHORT)
    here = assume.Here(dict(os.environ))
    session = process_credentials.session(
        here,
        request_words.request_of(here, parsed),
        code=parsed.get("--token-code"),
        min_ttl=request_words.duration(parsed, "--min-ttl"),
        fresh=parsed.has("--renew"),
    )
    return print_code(process_credentials.text(session))
