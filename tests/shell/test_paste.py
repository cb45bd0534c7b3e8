"""`assume --paste` in a real shell: what was copied is pasted unseen, or comes from a file."""

from __future__ import annotations

import time

import pytest

from shellhook.environment import rfc3339
from shellhook.sandbox import Sandbox
from tests.desk import Desk
from tests.shell.person import Meet, Person
from tests.shell.shells import Shell

QUESTION = "empty line: .*$"
LASTS = r"How long do they last\? \[1h\] $"


def somebody(shell: Shell, person: Meet, sandbox: Sandbox) -> Person:
    """No profile says where AWS is."""
    return person(shell, env={"AWS_ENDPOINT_URL": sandbox.endpoint})


def copied(me: Person, profile: str = "read-only", *more: str) -> str:
    """Credentials of a session of the sandbox, as the access portal shows them."""
    session = Desk.assume(me.desk, profile)
    return "\n".join(
        [
            "[111122223333_ReadOnly]",
            f"aws_access_key_id={session.access_key_id}",
            f"aws_secret_access_key={session.secret_access_key}",
            f"aws_session_token={session.session_token}",
            *more,
        ]
    )


def pasted(me: Person, text: str) -> None:
    me.asked("assume --paste -r eu-west-1", QUESTION)
    for line in [*text.splitlines(), ""]:
        me.answers(line)


def test_what_is_pasted_is_a_session_and_is_not_shown(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = somebody(shell, person, sandbox)
    text = copied(me)
    pasted(me, text)
    me.sees_question(LASTS)
    me.answers("2h")
    result = me.ready()
    assert result.status == 0, result
    now = me.environment()
    assert (now["SHELLHOOK_PROFILE"], now["SHELLHOOK_ROLE"]) == ("111122223333_ReadOnly", "read-only")
    assert now["AWS_REGION"] == "eu-west-1"
    assert 7000 < int(now["SHELLHOOK_EXPIRES"]) - time.time() <= 7200
    assert "SHELLHOOK_RENEW" not in now
    assert me.is_at_aws() == "assumed-role/read-only/me"
    secret = text.splitlines()[2].partition("=")[2]
    assert secret not in me.session.terminal.history()
    assert secret not in "\n".join(me.session.history())
    holders = [name for name, value in me.state().variables.items() if secret in value]
    assert [name for name in holders if name != "AWS_SECRET_ACCESS_KEY"] == []


def test_it_is_a_session_like_any_other(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = somebody(shell, person, sandbox)
    pasted(me, copied(me, "read-only", f"aws_session_expires={rfc3339(int(time.time()) + 3000)}"))
    assert me.ready().status == 0
    assert me.types("assume read-only").status == 0
    assert me.profile() == "read-only"
    assert me.types("assume -").status == 0
    assert me.profile() == "111122223333_ReadOnly"
    assert "pasted as 111122223333_ReadOnly" in me.types("assume --status").output
    assert me.types("assume --off").status == 0
    assert me.profile() is None


def test_from_a_file(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    if shell.kind == "powershell":
        pytest.skip("it has no < for files")
    me = somebody(shell, person, sandbox)
    (me.desk.home / "copied").write_text(copied(me))
    result = me.types("assume --paste -r eu-west-1 < copied")
    assert result.status == 0, result
    assert "taken to be in 1h" in result.output
    assert me.is_at_aws() == "assumed-role/read-only/me"


def test_ctrl_c_and_nonsense_change_nothing(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = somebody(shell, person, sandbox)
    before = me.state()
    me.asked("assume --paste", QUESTION)
    me.answers("export AWS_SECRET_ACCESS_KEY=hidden")
    me.session.key("ctrl-c")
    assert me.ready().status == 130
    pasted(me, "hello")
    result = me.ready()
    assert result.status == 64
    assert "these are no credentials" in result.output
    pasted(me, copied(me).replace("aws_session_token=", "aws_session_token=x"))
    result = me.ready()
    assert result.status == 1
    assert "AWS does not take the pasted credentials" in result.output
    assert me.changed_since(before) == {}
    assert "hidden" not in me.session.terminal.history()


def test_it_stands_alone(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = somebody(shell, person, sandbox)
    assert me.types("assume --paste power-user").status == 64
    assert me.types("assume --paste --chain x").status == 64
