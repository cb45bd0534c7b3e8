"""status: what is on in this shell, and how long it lasts."""

from __future__ import annotations

import json
import os
import time

from shellhook import assume, status
from shellhook.cli import options
from shellhook.cli.options import FLAG
from shellhook.errors import NoSession, ShellhookError
from shellhook.request import from_saved
from shellhook.ui import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.status import Status

HELP = """\
shellhook status [--json] [--verify]     also: assume --status
  --verify    ask AWS who these keys are, and how old the long-term key is"""
KINDS = {"--json": FLAG, "--verify": FLAG, "--help": FLAG}
SHORT = {"-h": "--help"}


def run(words: list[str]) -> int:
    """Print the status; 0 if a session is on and valid, 1 if it is not valid, 2 if none is on."""
    parsed = options.parse(words, KINDS, SHORT, most=0)
    return show(assume.Here(dict(os.environ)), parsed.has("--json"), parsed.has("--verify"))


def show(here: Here, as_json: bool, verify: bool) -> int:
    """Print what is on. Raises NoSession, and with `verify` what AWS says against it."""
    now = time.time()
    report = _with_sources(here, status.of(here.environ, now), verify)
    if as_json:
        print(json.dumps(report.as_dict(), indent=2))
    elif report.state == "none":
        raise NoSession("no session is on in this shell", remedy="assume PROFILE")
    else:
        for name, value in report.lines(now):
            print(plain(f"{name:<10} {value}"))
    return {"valid": 0, "none": NoSession.status}.get(report.state, 1)


def _with_sources(here: Here, report: Status, verify: bool) -> Status:
    saved = here.store.request(here.request or "")
    if saved is None or report.state == "none":
        return report
    try:
        plan, configuration = assume.planned(here, from_saved(saved["request"]), saved.get("learned", {}), quiet=True)
    except ShellhookError:
        return report  # the profile is gone or broken: the session is none the worse for it
    report = status.with_sources(report, plan, here.store)
    if plan.source.kind == "sso":
        from shellhook.sso import center
        from shellhook.sso.cache import Cache

        at = center.of_source(plan.source, plan.profile, configuration, here.original)
        token = Cache(here.original).token(at)
        report = report.replace(
            sign_in=at.shown,
            sign_in_expires=token.expires if token else None,
            sign_in_refreshes=token.can_refresh(time.time()) if token else None,
        )
    if not verify:
        return report
    from shellhook import verify as asking

    caller, created = asking.who(here, plan, configuration)
    return report.replace(caller=caller, key_created=created)
