"""renew: the verb behind the hook's renewal.

shellhook renew --shell S --pid P --hook 1 [--subshell=N] (--ask prompt|command | --pick-up | --background)
                [--min-ttl N]
"""

from __future__ import annotations

import os
import sys

from shellhook import renew
from shellhook.assume import Here
from shellhook.cli import assume, options
from shellhook.cli.options import FLAG, VALUE
from shellhook.errors import WrongUsage
from shellhook.request import parse_duration
from shellhook.ui import speak_on_the_terminal

KINDS = {**assume.HOOK_KINDS, "--ask": VALUE, "--pick-up": FLAG, "--background": FLAG, "--min-ttl": VALUE}
HELP = "shellhook renew is what the hook calls; yours is: assume --renew"


def run(words: list[str]) -> int:
    """Print the code that renews the session; nothing where there is nothing to do, or it was skipped."""
    parsed = options.parse(words, {**KINDS, "--help": FLAG}, {"-h": "--help"}, most=0)
    caller = assume.caller(parsed)
    if parsed.has("--background"):
        from shellhook import os_keyring

        _detach()
        os_keyring.never_ask()
        renew.silently(Here(dict(os.environ)))
        return 0
    here = Here(dict(os.environ))
    if parsed.has("--pick-up"):
        return assume.print_code(renew.pick_up(here, caller))
    if parsed.get("--ask") not in renew.PLACES:
        raise WrongUsage("the hook's call is damaged", remedy="open a new shell")
    if caller.shell == "powershell":
        speak_on_the_terminal()
    minimum = parsed.get("--min-ttl")
    min_ttl = None if minimum is None else parse_duration(minimum, "--min-ttl")
    return assume.print_code(renew.ask(here, caller, parsed.get("--ask") or "", min_ttl))


def _detach() -> None:
    """A session of its own, so that Ctrl-C in the terminal is not meant for it; nothing to read from or write to; an
    end after a minute."""
    if sys.platform != "win32":
        import signal

        try:
            os.setsid()
        except PermissionError:
            # The leader of a process group cannot have a session of its own; its child can (setsid(2)).
            if os.fork():
                os._exit(0)
            os.setsid()
        signal.alarm(renew.BACKGROUND_SECONDS)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
