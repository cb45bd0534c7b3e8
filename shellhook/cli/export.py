"""export: a session as text, for whoever reads it."""

from __future__ import annotations

import os

from shellhook import assume, environment, exported
from shellhook.cli import options, request_words
from shellhook.cli.assume import print_code
from shellhook.cli.options import VALUE
from shellhook.cli.request_words import SHORT

KINDS = {**request_words.KINDS, "--format": VALUE}
HELP = """\
shellhook export PROFILE [--format FORMAT] [options of assume]
  env          for bash, zsh and sh: eval "$(shellhook export PROFILE)"
  fish         shellhook export PROFILE --format fish | source
  powershell   shellhook export PROFILE --format powershell | Out-String | Invoke-Expression
  json         as credential_process has it
  ini          a section of the credentials file
  docker       docker run --env-file <(shellhook export PROFILE --format docker)
Such a session is not renewed. In your own shell: assume PROFILE"""


def run(words: list[str]) -> int:
    """Print the session, and nothing else on standard output."""
    parsed = options.parse(words, KINDS, SHORT)
    form = parsed.get("--format") or "env"
    exported.check(form)
    here = assume.Here(dict(os.environ))
    outcome = request_words.outcome_of(here, parsed)
    former = (here.original.get(name) for name in reversed(environment.REGIONS))
    region = outcome.plan.region or next((each for each in former if each), None)
    text = exported.text(form, outcome.session, outcome.plan.profile, region, outcome.plan.settings)
    return print_code(text)
