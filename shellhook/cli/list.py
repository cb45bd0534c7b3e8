"""list: the profiles there are."""

from __future__ import annotations

import os
import time

from shellhook import catalog, profiles
from shellhook.assume import Here
from shellhook.cli import options
from shellhook.cli.options import FLAG
from shellhook.ui import say, table

HELP = """\
shellhook list [--long | --json]     a profile that cannot work says why, by file and line

  --long    also where each stands, what it starts from, and its device"""
KINDS = {"--json": FLAG, "--long": FLAG, "--help": FLAG}
SHORT = {"-h": "--help"}


def run(words: list[str]) -> int:
    """Print one line for each, in the order of the files; what is wrong with the files goes to standard error."""
    parsed = options.parse(words, KINDS, SHORT, most=0)
    here, now = Here(dict(os.environ)), time.time()
    configuration = profiles.read(here.files())
    entries = catalog.checked(configuration, here.store.live(now), here.original)
    if parsed.has("--json"):
        import json

        print(json.dumps([entry.as_dict() for entry in entries], indent=2))
        return 0
    for line in table.lines(catalog.rows(entries, now, long=parsed.has("--long"))):
        print(line)
    if not entries:
        say(f"there is no profile in {configuration.files.config}, nor in {configuration.files.credentials}")
    for warning in configuration.check():
        say(f"shellhook: {warning}")
    return 0
