"""init: print the hook of a shell, for `eval`."""

from __future__ import annotations

import os
import sys

from shellhook import install, shells
from shellhook.cli import options
from shellhook.cli.options import FLAG, VALUE
from shellhook.errors import WrongUsage

HELP = f"""\
shellhook init SHELL [--cmd NAME]     print the hook of a shell: {", ".join(shells.NAMES)}

  --cmd NAME    call the function NAME, where `{shells.COMMAND}` is taken"""
KINDS = {"--cmd": VALUE, "--help": FLAG}
SHORT = {"-h": "--help"}

# A function of such a name is a syntax error, or is never called (compgen -k; $reswords; fish's function builtin;
# about_Reserved_Words).
_RESERVED = """
    case coproc do done elif else esac fi for function if in select then time until while
    declare end export float foreach integer local nocorrect readonly repeat typeset
    and argparse begin break builtin command continue eval exec not or read return set status string switch test
    assembly base catch class clean configuration data default define dynamicparam elseif enum exit filter finally
    from hidden inlinescript interface module namespace parallel param private process public sequence static throw
    trap try type using var workflow
"""


def run(words: list[str]) -> int:
    """Print the hook. `shellhook install` costs less at each start: it needs no process."""
    parsed = options.parse(words, KINDS, SHORT)
    if len(parsed.positional) != 1:
        raise WrongUsage("which shell?", remedy=f"shellhook init SHELL, one of {', '.join(shells.NAMES)}")
    text = shells.hook(parsed.positional[0], install.backend(os.environ), command(parsed.get("--cmd")))
    sys.stdout.buffer.write(text.encode())
    return 0


def command(name: str | None) -> str:
    """The name of the user's function. Raises WrongUsage for one that a shell could take for something else."""
    if name is None:
        return shells.COMMAND
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii() or not name[0].isalpha():
        raise WrongUsage(f"--cmd {name!r}: a name has letters, digits, - and _")
    if name.lower() in _RESERVED.split():
        raise WrongUsage(f"--cmd {name!r}: that is a word of the shells' own language")
    return name
