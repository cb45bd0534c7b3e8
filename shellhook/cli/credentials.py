"""credentials: what an SDK runs as credential_process."""

from __future__ import annotations

import os

from shellhook import assume, process_credentials
from shellhook.cli import assume as words_of_assume
from shellhook.cli import options
from shellhook.cli.assume import OF_A_REQUEST as KINDS
from shellhook.cli.assume import SHORT_OF_A_REQUEST as SHORT

HELP = """\
shellhook credentials PROFILE [options of assume]     prints the session as JSON, for SDKs:
  [profile power-user-sdk]
  credential_process = shellhook credentials power-user
Questions are asked on the terminal, and only when no stored session serves any more"""


def run(words: list[str]) -> int:
    """Print the session, and nothing else on standard output."""
    parsed = options.parse(words, KINDS, SHORT)
    if parsed.has("--help"):
        print(HELP)
        return 0
    here = assume.Here(dict(os.environ))
    session = process_credentials.session(
        here,
        words_of_assume.request_of(here, parsed),
        code=parsed.get("--token-code"),
        min_ttl=words_of_assume.duration(parsed, "--min-ttl"),
        fresh=parsed.has("--renew"),
    )
    return words_of_assume.print_code(process_credentials.text(session))
