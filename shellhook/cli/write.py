"""write: a session in a section of the credentials file, for programs that read nothing else."""

from __future__ import annotations

import os

from shellhook import assume, written
from shellhook.cli import options, request_words
from shellhook.cli.options import FLAG
from shellhook.cli.request_words import SHORT
from shellhook.errors import WrongUsage
from shellhook.ui import say

KINDS = {**request_words.KINDS, "--force": FLAG, "--off": FLAG}
HELP = """\
shellhook write PROFILE [NAME]          put the session into [NAME] of the credentials file, PROFILE-session by default;
                                        it is put there anew whenever it is renewed, by whatever shell
shellhook write PROFILE [NAME] --off    take the section away again
  --force    also over long-term keys, which are lost then
The same from your own shell, for as long as it has the session: assume PROFILE --write[=NAME]"""


def run(words: list[str]) -> int:
    """Write the section, or take it away."""
    parsed = options.parse(words, KINDS, SHORT)
    here = assume.Here(dict(os.environ))
    if len(parsed.positional) > 2:
        raise WrongUsage("write takes a PROFILE and a NAME", remedy="a name with blanks wants quotes")
    name = parsed.positional.pop() if len(parsed.positional) == 2 else None
    if parsed.has("--off"):
        if not parsed.positional:
            raise WrongUsage("write --off: which section?", remedy="shellhook write PROFILE [NAME] --off")
        written.take_away(here, name or written.default_name(parsed.positional[0]))
        return 0
    wanted = request_words.request_of(here, parsed)
    written.check_early(wanted, name, force=parsed.has("--force"))
    outcome = request_words.outcome_of(here, parsed, wanted)
    put = written.write(here, outcome, name, holder=written.NOBODY, force=parsed.has("--force"))
    say(f"shellhook: [{put}] of {outcome.request.credentials} has the session")
    return 0
