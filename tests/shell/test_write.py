"""`assume PROFILE --write` in a real shell: the variables change as always, and a section of the credentials file goes
along, to the end."""

from __future__ import annotations

import time

import pytest

from shellhook.profiles import Files, read
from shellhook.sandbox import Sandbox
from tests.shell.expired import QUESTION
from tests.shell.person import PATIENCE, Meet, Person
from tests.shell.shells import Shell
from tests.shell.test_renewal import enter, enter_until

NAME = "read-only-session"


def section(me: Person, name: str = NAME) -> dict[str, str]:
    """What the credentials file says of a session."""
    files = Files(config=str(me.desk.home / "none"), credentials=str(me.desk.credentials))
    there = read(files)
    return there.profile(name).settings if name in there.names() else {}


def both_have(me: Person, name: str = NAME) -> bool:
    """Do shell and file have one session?"""
    now, there = me.environment(), section(me, name)
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    return [now.get(each.upper()) for each in names] == [there.get(each) for each in names]


def files(me: Person) -> tuple[bytes, bytes]:
    return me.desk.config.read_bytes(), me.desk.credentials.read_bytes()


def test_the_shell_has_it_and_the_file_until_off(shell: Shell, person: Meet) -> None:
    me = person(shell)
    before = files(me)
    result = me.types("assume read-only --write")
    assert (result.status, result.output) == (
        0,
        f"shellhook: [{NAME}] of {me.desk.credentials} has the session, too",
    )
    assert both_have(me)
    now = me.environment()
    assert section(me)["expiration"] == now["AWS_CREDENTIAL_EXPIRATION"]
    assert me.is_at_aws() == "assumed-role/read-only/me"
    assert me.types("assume --renew").status == 0
    assert both_have(me)
    assert me.types("assume --off").status == 0
    assert files(me) == before
    assert me.profile() is None
    assert "AWS_ACCESS_KEY_ID" not in me.environment()


def test_another_name(shell: Shell, person: Meet) -> None:
    me = person(shell)
    result = me.types("assume read-only --write=terraform")
    assert result.status == 0, result
    assert both_have(me, "terraform")
    assert section(me) == {}


def test_a_refusal_changes_nothing_and_asks_nothing(shell: Shell, person: Meet) -> None:
    me = person(shell)
    before, state = files(me), me.state()
    for line, said in (
        ("assume power-user --write=read-only", "cannot hold a session"),
        ("assume power-user --write=bob", "holds long-term keys"),
        ("assume power-user --write -- true", "the command has the variables"),
    ):
        result = me.types(line)
        assert result.status in (1, 125)
        assert said in result.output
        assert "MFA code" not in result.output
    assert me.changed_since(state) == {}
    assert files(me) == before


def test_a_subshell_and_a_nested_shell_leave_it(evaluating: Shell, person: Meet) -> None:
    me = person(evaluating)
    me.types("assume read-only --write")
    if evaluating.kind != "fish":
        assert me.types("( assume --off )").status == 0
        assert both_have(me)
    nested = f"{evaluating.program} -c {evaluating.quote(f'{evaluating.source(me.hook)}; assume --off')}"
    assert me.types(nested).status == 0
    assert both_have(me)


def test_silent_renewal_writes_it_too(evaluating: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(evaluating)
    sandbox.lifetime(4)
    me.types("assume read-only --write")
    sandbox.lifetime(None)
    old = section(me)["aws_access_key_id"]
    enter_until(me, lambda: me.environment()["AWS_ACCESS_KEY_ID"] != old)
    assert both_have(me)
    assert me.types("assume --off").status == 0
    assert section(me) == {}


@pytest.mark.parametrize("place", ["prompt", "command"])
def test_a_renewal_with_a_code_writes_it_too(place: str, evaluating: Shell, person: Meet, sandbox: Sandbox) -> None:
    if place == "command" and evaluating.name.endswith("3.2"):
        pytest.skip("bash 3.2 cannot tell a command that a key runs, such as the one that reads its state here")
    me = person(evaluating, env={"SHELLHOOK_REPROMPT": place, "SHELLHOOK_COMMANDS": "true"})
    sandbox.lifetime(1)
    me.types(f"assume power-user --token-code {me.code()} --write")
    sandbox.lifetime(None)
    old = section(me, "power-user-session")["aws_access_key_id"]
    ends = int(me.environment()["SHELLHOOK_EXPIRES"])
    me.session.terminal.wait(lambda _: time.time() > ends + 1, PATIENCE)  # an older fish counts from when it began
    enter(me, "true")
    me.sees(QUESTION)
    me.answers(me.code())
    me.ready()
    assert both_have(me, "power-user-session")
    assert section(me, "power-user-session")["aws_access_key_id"] != old


def test_what_was_pasted_can_be_written(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    if shell.kind == "powershell":
        pytest.skip("it has no < for files")
    me = person(shell, env={"AWS_ENDPOINT_URL": sandbox.endpoint})
    session = me.desk.assume("read-only")
    (me.desk.home / "copied").write_text(
        f"[pasted]\naws_access_key_id={session.access_key_id}\naws_secret_access_key={session.secret_access_key}\n"
        f"aws_session_token={session.session_token}\n"
    )
    assert me.types("assume --paste -r eu-west-1 --write < copied").status == 0
    assert both_have(me, "pasted-session")
