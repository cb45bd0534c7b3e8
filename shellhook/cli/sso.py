"""sso: profiles for what IAM Identity Center offers."""

from __future__ import annotations

import os

from shellhook import arn, assume
from shellhook.cli import login, options
from shellhook.cli.options import FLAG, VALUE
from shellhook.errors import WrongUsage
from shellhook.mfa import Asker
from shellhook.sso import offered, sync
from shellhook.ui import plain, say

HELP = f"""\
shellhook sso sync [SESSION]     a profile for each account and role that the portal offers, in ~/.aws/config between
                                 two marked lines; what you change there stays, names too

  --template NAME    how new profiles are called: {sync.TEMPLATE}; there are also {{account_id}} and {{session}}
  --region REGION    the region of new ones
  --prune            remove those whose role is not assigned any more
  --dry-run          show what would change
  --yes              do not ask"""
KINDS = {
    "--session": VALUE,
    "--template": VALUE,
    "--region": VALUE,
    "--prune": FLAG,
    "--dry-run": FLAG,
    "--yes": FLAG,
    "--help": FLAG,
}
SHORT = {"-h": "--help", "-y": "--yes"}


def run(words: list[str]) -> int:
    """Show the change, ask, make it."""
    parsed = options.parse(words, KINDS, SHORT)
    if parsed.positional[:1] != ["sync"]:
        raise WrongUsage("sso: there is only `shellhook sso sync`", remedy="see what it takes: shellhook sso --help")
    template = parsed.get("--template") or sync.TEMPLATE
    sync.check_template(template)
    region = parsed.get("--region")
    if region is not None and not arn.is_region(region):
        raise WrongUsage(f"--region: {region!r} cannot be a region")
    here = assume.Here(dict(os.environ))
    parsed.positional[:] = [*parsed.positional[1:], *filter(None, [parsed.get("--session")])]
    center, asker = login.meant(here, parsed), Asker(here.environ, None)
    change = offered.change(here, center, asker, template, region, prune=parsed.has("--prune"))
    for name in change.gone if not parsed.has("--prune") else ():
        say(f"not assigned any more: {name} (--prune removes it)")
    if change.after == change.before:
        print(f"{here.files().config}: nothing to change")
        return 0
    print(plain(offered.difference(change, here.files().config)), end="", flush=True)
    if parsed.has("--dry-run"):
        return 0
    if not parsed.has("--yes") and not asker.confirm("Write it?"):
        print("nothing was changed (without a terminal, --yes answers)")
        return 1
    offered.write(change, here.files().config)
    print(f"done: {len(change.added)} added{f', {len(change.gone)} removed' if parsed.has('--prune') else ''}")
    return 0
