"""demo: try it all against an AWS on this machine."""

from __future__ import annotations

import os
import sys
import tempfile

from shellhook import install
from shellhook.cli import options
from shellhook.cli.options import FLAG
from shellhook.errors import NoSession, ShellhookError

HELP = """\
shellhook demo            an AWS of your own on this machine, and your own shell with the hook loaded; without a
                          terminal, a tour is typed into a bash, and all it prints is that shell's
shellhook demo --code     inside: the MFA code to type"""
KINDS = {"--code": FLAG, "--help": FLAG}
SHORT = {"-h": "--help"}


def run(words: list[str]) -> int:
    """Start the sandbox, and a shell in it."""
    parsed = options.parse(words, KINDS, SHORT, most=0)
    from pathlib import Path

    from shellhook.sandbox import Sandbox, shown_code

    if parsed.has("--code"):
        given = os.environ.get("SHELLHOOK_DEMO")
        if not given:
            raise NoSession("no demo is running in this shell", remedy="start one: shellhook demo")
        code, left, used = shown_code(given, "alice")
        note = f"   for {left:.0f}s" + (", and used already: wait for the next one" if used else "")
        print(code + (note if sys.stdout.isatty() else ""))  # alone it serves: --token-code "$(shellhook demo --code)"
        return 0
    from shellhook.sandbox import tour

    with tempfile.TemporaryDirectory(prefix="shellhook-demo-") as name, Sandbox() as sandbox:
        directory = Path(name)
        if sys.stdin.isatty() and sys.stdout.isatty():
            return tour.at_a_terminal(install.detected(os.environ), sandbox, directory, os.environ)
        if sys.platform == "win32":
            raise ShellhookError(
                "the demo needs a terminal, and there is none",
                why="on Windows it cannot make one by itself",
                remedy="run it in a terminal",
            )
        return tour.typed(sandbox, directory, os.environ)
