"""shellhook doctor, typed into each real shell: it knows which that is, and what can be known of its hook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.shell.person import Meet, Person
from tests.shell.shells import Shell


def looked_at(me: Person) -> dict[str, dict[str, Any]]:
    """The first finding of each check."""
    out = me.desk.home / "findings"
    for _ in range(5):
        me.types(f"shellhook doctor --json >{out}")
        if "not done within" not in out.read_text():
            break  # it does not wait for a busy machine; a test has to
    findings: dict[str, dict[str, Any]] = {}
    for each in json.loads(out.read_text()):
        findings.setdefault(each["check"], each)
    return findings


def test_it_knows_the_shell_and_that_its_hook_did_the_assume(shell: Shell, person: Meet, sessions: Path) -> None:
    if Path(shell.program or "").name.partition(".")[0] not in (shell.kind, "pwsh"):
        pytest.skip("a shell is known by its program's name")
    me = person(shell, sessions=sessions)
    before = looked_at(me)
    assert before["shell"]["message"].split()[0] == shell.kind
    assert before["shell"]["status"] == "ok"
    # The start-up file sources the hook from a place of the test's own.
    assert (before["startup-file"]["status"], before["session"]["status"]) == ("ok", "ok")
    assert "cannot see into" in before["loaded"]["message"]

    assert me.types("assume read-only").status == 0
    after = looked_at(me)
    assert after["loaded"]["message"] == f"this {shell.kind} has the hook: it did the assume"
    assert after["session"]["message"].startswith("read-only is on, ")
    assert after["environment"]["status"] == "ok", after["environment"]
    environment = me.environment()
    told = str(after)
    assert not [name for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN") if environment[name] in told]
