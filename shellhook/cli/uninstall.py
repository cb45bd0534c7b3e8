"""uninstall: take the line out of the start-up file again, and the rendered hook."""

from __future__ import annotations

import contextlib
import os

from shellhook import directories, install, shells
from shellhook.cli import options
from shellhook.cli.options import FLAG
from shellhook.mfa import Asker

HELP = """\
shellhook uninstall [SHELL] [--yes]     remove the hook from your shell's start-up file
The program itself stays, until: pipx uninstall shellhook, or what you installed it with"""
KINDS = {"--yes": FLAG, "--help": FLAG}
SHORT = {"-h": "--help", "-y": "--yes"}


def run(words: list[str]) -> int:
    """Show what goes, ask, take it away."""
    parsed = options.parse(words, KINDS, SHORT, most=1)
    shell = shells.find(parsed.positional[0]) if parsed.positional else install.detected(os.environ)
    change = install.planned(shell, os.environ, remove=True)
    if change.after == change.before:
        print(f"{change.path} does not load shellhook")
    else:
        print(f"to be removed from {change.path}:\n")
        print("\n".join(f"    {line}" for line in change.block.splitlines()), end="\n\n", flush=True)
        if not parsed.has("--yes") and not Asker(os.environ, None).confirm("Remove it?"):
            print("nothing was changed (without a terminal, --yes answers)")
            return 1
        install.apply(change)
        print("done: shells that are open keep it until they end")
    with contextlib.suppress(OSError):  # it may be gone; the directory may hold other shells' hooks
        os.unlink(install.hook_file(shell, os.environ))
        os.rmdir(directories.data(os.environ))
    return 0
