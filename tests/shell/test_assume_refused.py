"""What cannot be had, in a real shell: said, with a status of its own, and nothing in the shell has changed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from shellhook.sandbox import Sandbox
from tests.shell.person import Meet
from tests.shell.shells import Shell

# What is typed, the status, and what is said of it.
REFUSED = [
    ("assume power-usr", 3, "no profile 'power-usr'", "did you mean 'power-user'?"),
    ("assume broken", 3, "'broken'", "no-such-profile"),
    ("assume loop-a", 3, "loop-a -> loop-b -> loop-a"),
    ("assume no-source", 3, "add source_profile"),
    ("assume read-only power-user", 64, "one profile at a time", "assume read-only -- power-user"),
    ("assume read-only --profile admin", 64, "one profile at a time"),
    ("assume read-only --regoin eu-west-1", 64, "did you mean --region?"),
    ("assume read-only --region", 64, "--region needs a value"),
    ("assume read-only --region 'not a region'", 3, "cannot be a region"),
    ("assume read-only -d 1x", 64, "no duration"),
    ("assume auditor --token-code 12345", 4, "6 digits"),
    ("assume erin-power", 4, "security key", "--serial-number"),
    ("assume --role-arn no-such-role --profile read-only", 1, "there is no such role"),
    ("assume -", 2, "no previous session"),
]


@pytest.fixture
def nobody() -> Iterator[str]:
    """The URL of an endpoint that refuses connections: its port is taken, and nobody listens there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_a_refusal_says_why_and_changes_nothing(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, env={"AWS_VAULT": "", "AWS_REGION": "ap-south-1"})
    me.types("assume read-only")
    before = me.state()
    for line, status, *texts in REFUSED:
        result = me.types(line)
        said = " ".join(result.output.split())
        assert (line, result.status) == (line, status), said
        assert [text for text in texts if text not in said] == [], said
        assert "Traceback" not in said
    assert me.changed_since(before) == {}
    assert me.types("assume --off").status == 0


def test_a_wrong_external_id_is_told_from_a_missing_code_by_a_code(shell: Shell, person: Meet) -> None:
    """AWS says the same of both."""
    me = person(shell)
    before = me.state()
    me.asked("assume read-only --external-id wrong/one")
    assert "without MFA; trying with a code" in me.session.terminal.history()
    me.answers(me.code())
    result = me.ready()
    said = " ".join(result.output.split())
    assert result.status == 1
    assert "does not let you assume" in said
    assert "external ID is not the role's" in said
    assert me.changed_since(before) == {}


def test_without_a_network(shell: Shell, person: Meet, sessions: Path, nobody: str) -> None:
    me = person(shell, sessions=sessions)
    me.types("assume read-only")
    me.types(shell.export("AWS_ENDPOINT_URL", nobody))
    before = me.state()
    result = me.types("assume deploy")
    assert result.status == 5
    assert "could not be reached" in result.output
    assert "look at your network" in result.output
    assert me.changed_since(before) == {}


def test_ctrl_c_while_aws_does_not_answer(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(shell)
    before = me.state()
    sandbox.fail(0, delay=1.5)
    me.session.type("assume read-only")
    me.session.key("enter")
    me.session.terminal.wait(lambda _: sandbox.calls("AssumeRole"), 30)
    me.session.key("ctrl-c")
    result = me.ready()
    assert result.status in ((130, 137) if shell.kind == "powershell" else (130,))
    assert "Traceback" not in result.output
    assert me.changed_since(before) == {}


def test_who_was_made_by_aws_configure_alone(shell: Shell, person: Meet) -> None:
    """Under a policy that denies everything without MFA, and no device is named anywhere."""
    me = person(shell)
    me.types(shell.export("AWS_PROFILE", "carol"))
    with pytest.raises(ClientError, match="AccessDenied"):
        me.calls_aws("s3", "list_buckets")
    me.asked("assume carol", r"Use it\? .*\] $")
    me.answers("y")
    me.sees_question()
    me.answers(me.code("carol"))
    me.sees_question(r"Save it as mfa_serial of .*\[Y/n\] $")
    me.answers("y")
    assert me.ready().status == 0
    assert "Buckets" in me.calls_aws("s3", "list_buckets")
    device = me.sandbox.devices["carol"]
    assert f"[profile carol]\nmfa_serial = {device}\nregion" in me.desk.config.read_text(encoding="utf-8")
    me.types("assume --off")
    with pytest.raises(ClientError, match="AccessDenied"):
        me.calls_aws("s3", "list_buckets")
    assert me.types("assume carol").status == 0, "from the store"
    assert me.types("assume carol-read-only").output == "", "nor is there a question for her role"
