"""forget: delete stored sessions."""

from __future__ import annotations

import os

from shellhook import directories, written
from shellhook.cli import options
from shellhook.cli.options import FLAG
from shellhook.errors import ShellhookError, WrongUsage
from shellhook.store import Store, forgetting
from shellhook.ui import say

HELP = """\
shellhook forget PROFILE     delete the stored sessions of a profile, and the MFA session of its keys if it is its own
shellhook forget --all       delete all of them
Sections of the credentials file that were written with --write or `shellhook write` are deleted too.
What was found out about its MFA device is forgotten, and asked again.
AWS goes on taking what is in a shell's variables until it expires."""
KINDS = {"--all": FLAG, "--help": FLAG}
SHORT = {"-h": "--help"}


def run(words: list[str]) -> int:
    """Delete, and say how many."""
    parsed = options.parse(words, KINDS, SHORT)
    if len(parsed.positional) + parsed.has("--all") != 1:
        raise WrongUsage("forget what?", remedy="name a profile, or --all")
    profile = parsed.positional[0] if parsed.positional else None
    store = Store(directories.state(os.environ))
    count = forgetting.forget(store, profile)
    status = 0
    # One after the other: the user may have broken one of the sections since.
    for name in dict.fromkeys(entry["profile"] for entry in store.written().values()):
        if profile in (None, name):
            try:
                written.forget(store, name)
            except ShellhookError as error:
                say(f"shellhook: what was written for {name!r} could not be taken away: {error}")
                status = error.status
    print(f"{count} session{'' if count == 1 else 's'} forgotten")
    return status
