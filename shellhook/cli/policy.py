"""policy: the IAM policy documents that a person needs, filled in."""

from __future__ import annotations

import os

from shellhook import policy, policy_for, request
from shellhook.assume import Here
from shellhook.cli import options
from shellhook.cli.options import FLAG, MANY, VALUE
from shellhook.cli.request_words import external_id
from shellhook.environment import printable
from shellhook.errors import WrongUsage
from shellhook.ui import say

HELP = """\
shellhook policy trust [PROFILE]              who may assume a role: its trust policy
shellhook policy mfa-deny [PROFILE]           for users: nothing without MFA, but enrolling a device and using it
shellhook policy assume-only PROFILE|ARN...   for a user: these roles may be assumed, and nothing else
shellhook policy federation [PROFILE]         for a user of bare keys: `assume --console` without a role

JSON on standard output, for file:// of `aws iam`; on standard error, what it is and where it goes. AWS is not asked.

  --principal ARN       who assumes, where the profile's files do not say; may be repeated; an account's number is
                        everybody there whose own policies allow it
  --external-id ID      the role wants it: the profile's, if it has one; - asks for it unseen
  --mfa, --no-mfa       does the role want a code? As the profile has it, unless one of them is given
  -r, --region REGION   of which partition, without a profile"""
KINDS = {
    "--principal": MANY,
    "--external-id": VALUE,
    "--mfa": FLAG,
    "--no-mfa": FLAG,
    "--region": VALUE,
    "--help": FLAG,
}
SHORT = {"-e": "--external-id", "-r": "--region", "-h": "--help"}
_ONLY_FOR_TRUST = ("--external-id", "--mfa", "--no-mfa")


def run(words: list[str]) -> int:
    """Print the document, and say where it goes."""
    parsed = options.parse(words, KINDS, SHORT)
    kind, *names = parsed.positional or [""]
    if kind not in policy_for.BY_NAME:
        what = f"there is no policy {kind!r}" if kind else "which policy?"
        raise WrongUsage(what, remedy=f"one of: {', '.join(policy_for.BY_NAME)}")
    unused = [option for option in _ONLY_FOR_TRUST if kind != "trust" and parsed.has(option)]
    if unused:
        raise WrongUsage(f"{', '.join(unused)}: only `policy trust` takes that")
    if parsed.has("--mfa") and parsed.has("--no-mfa"):
        raise WrongUsage("--mfa and --no-mfa: which?")
    here = Here(dict(os.environ))
    asked = policy_for.Asked(
        names=tuple(names),
        principals=tuple(parsed.many.get("--principal", [])),
        external_id=external_id(here, parsed),
        mfa=parsed.has("--mfa") if parsed.has("--mfa", "--no-mfa") else None,
        region=parsed.get("--region"),
    )
    # Neither a plan nor AWS looks at what is only printed.
    request.check(request.Request(profile=None, config="", credentials="", external_id=asked.external_id))
    made = policy_for.BY_NAME[kind](here, asked)
    print(policy.text(made.document), flush=True)
    say(f"shellhook: {printable(made.note)}")
    return 0
