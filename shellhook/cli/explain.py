"""explain: what `assume` with the same words would do."""

from __future__ import annotations

import os
import time

from shellhook import assume, explain
from shellhook.cli import options, request_words
from shellhook.cli.assume import KINDS, SHORT
from shellhook.ui import plain

HELP = """\
shellhook explain PROFILE [options of assume]     shows each call, where its parameters come from, whether it is in the
                                                  store, and whether an MFA code will be asked; calls nothing"""


def run(words: list[str]) -> int:
    """Print the plan."""
    parsed = options.parse(words, KINDS, SHORT)
    here = assume.Here(dict(os.environ))
    wanted = request_words.request_of(here, parsed)
    plan, configuration, _ = assume.recalled(here, wanted)
    now, stands = time.time(), None
    if plan.source.kind == "sso":
        from shellhook.sso import center
        from shellhook.sso.cache import Cache
        from shellhook.sso.login import asked, standing

        at = center.of_source(plan.source, plan.profile, configuration, here.original)
        token = Cache(here.original).token(at)
        stands = f"{at.shown}, {standing(token, now)}", asked(token, now)
    print(plain(explain.title(plan)), end="\n\n")
    print(plain("\n".join(explain.lines(plan, here.store, now, stands))))
    return 0
