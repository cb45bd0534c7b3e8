"""install: render the hook, and add the line that sources it to the shell's start-up file."""

from __future__ import annotations

import os

from shellhook import install, shells
from shellhook.cli import init, options
from shellhook.cli.options import FLAG, VALUE
from shellhook.mfa import Asker

HELP = f"""\
shellhook install [SHELL] [--cmd NAME] [--yes]     add the hook to your shell's start-up file

  SHELL         {", ".join(shells.NAMES)}; the one you are in, if it is left out
  --cmd NAME    call the function NAME, where `{shells.COMMAND}` is taken
  --yes         do not ask"""
KINDS = {"--cmd": VALUE, "--yes": FLAG, "--help": FLAG}
SHORT = {"-h": "--help", "-y": "--yes"}


def run(words: list[str]) -> int:
    """Show the change, ask, make it."""
    parsed = options.parse(words, KINDS, SHORT, most=1)
    shell = shells.find(parsed.positional[0]) if parsed.positional else install.detected(os.environ)
    command = init.command(parsed.get("--cmd"))
    change = install.planned(shell, os.environ)
    if change.after == change.before:
        install.write_hook(shell, os.environ, command)
        print(f"{change.path} loads shellhook already; the hook was written anew")
        return 0
    print(f"to be added to {change.path}:\n")
    print("\n".join(f"    {line}" for line in change.block.splitlines()), end="\n\n", flush=True)
    if not parsed.has("--yes") and not Asker(os.environ, None).confirm("Add it?"):
        print("nothing was changed (without a terminal, --yes answers)")
        return 1
    install.write_hook(shell, os.environ, command)
    install.apply(change)
    for line in install.obstacles(shell):
        print(line)
    print(f"done: open a new {shell}, and type: {command} PROFILE")
    return 0
