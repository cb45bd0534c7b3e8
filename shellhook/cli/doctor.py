"""doctor: what is wrong here, and what to do about it."""

from __future__ import annotations

import json
import os
import sys

from shellhook.cli import options
from shellhook.cli.options import FLAG
from shellhook.environment import printable
from shellhook.ui import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shellhook.doctor import Finding

HELP = """\
shellhook doctor [--json]     what is wrong with shell, hook, files, environment, session, keyring, network or clock,
                              and what to do about it; changes nothing
  exit status 1 if something fails; a warning is no failure"""
KINDS = {"--json": FLAG, "--help": FLAG}
SHORT = {"-h": "--help"}
_SGR = {"ok": "32", "warn": "33", "fail": "1;31"}


def run(words: list[str]) -> int:
    """Print what was found; 1 if something fails."""
    parsed = options.parse(words, KINDS, SHORT, most=0)
    from shellhook.doctor import examination

    findings = examination.examine(dict(os.environ))
    if parsed.has("--json"):
        print(json.dumps([each.as_dict() for each in findings], indent=2))
    else:
        print("\n".join(_lines(findings, colors=_has_colors(os.environ))))
    return 1 if any(each.status == "fail" for each in findings) else 0


def _lines(findings: Sequence[Finding], *, colors: bool) -> Iterator[str]:
    """One line each, the remedies under what needs one, and the sum of it."""
    shown = table.lines([[each.status, each.check, _told(each)] for each in findings])
    for each, line in zip(findings, shown, strict=True):
        yield f"\033[{_SGR[each.status]}m{line[:4]}\033[m{line[4:]}" if colors else line
        if each.status != "ok":
            yield from (f"      -> {printable(remedy)}" for remedy in each.remedy.splitlines())
    counts = {status: sum(each.status == status for each in findings) for status in ("fail", "warn", "ok")}
    yield ""
    yield ", ".join(f"{count} {status}" for status, count in counts.items() if count)


def _told(finding: Finding) -> str:
    said = not finding.where or finding.where in finding.message
    return finding.message if said else f"{finding.message}   ({finding.where})"


def _has_colors(environ: Mapping[str, str]) -> bool:
    """https://no-color.org"""
    return sys.stdout.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
