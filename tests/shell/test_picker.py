"""`assume` alone, in a real shell: the picker is typed into, looked at, and left."""

from __future__ import annotations

import pytest

from tests.shell.person import Meet, Person
from tests.shell.shells import Shell


def opened(me: Person, line: str = "assume") -> None:
    me.answers(line)
    me.sees("^assume>")
    me.sees("Esc leave")


def chosen(me: Person) -> str:
    """The name in the line that is marked."""
    screen = me.session.terminal.screen()
    return next((line.split()[1] for line in screen.splitlines() if line.startswith("> ")), "")


def sees_chosen(me: Person, name: str) -> None:
    me.session.terminal.wait(lambda _: chosen(me) == name, 30)


def test_a_profile_is_typed_and_taken(shell: Shell, person: Meet) -> None:
    me = person(shell)
    opened(me)
    me.session.type("rea")
    sees_chosen(me, "read-only")
    me.session.key("enter")
    result = me.ready()
    assert (result.status, result.output) == (0, ""), "nothing of the picker stays on the screen"
    assert me.profile() == "read-only"
    assert me.is_at_aws() == "assumed-role/read-only/me"


def test_a_name_that_is_typed_blindly_needs_no_look(shell: Shell, person: Meet) -> None:
    me = person(shell)
    me.answers("assume -r eu-west-1")
    me.session.terminal.wait(lambda text: "\nassume>" in text, 30)  # echo is off from here on
    me.answers("read-only")
    assert me.ready().status == 0
    now = me.environment()
    assert (now["SHELLHOOK_PROFILE"], now["AWS_REGION"]) == ("read-only", "eu-west-1"), "its options hold"


def test_arrows_choose_and_tab_writes_the_name(shell: Shell, person: Meet) -> None:
    me = person(shell)
    opened(me)
    first = chosen(me)
    me.session.key("down")
    me.session.terminal.wait(lambda _: chosen(me) not in ("", first), 30)
    second = chosen(me)
    me.session.key("up")
    sees_chosen(me, first)
    me.session.key("down")
    sees_chosen(me, second)
    me.session.key("tab")
    me.sees(f"assume> {second}")
    me.session.key("escape")
    assert me.ready().status == 130


@pytest.mark.parametrize("key", ["escape", "ctrl-c", "ctrl-d"])
def test_leaving_changes_nothing(key: str, shell: Shell, person: Meet) -> None:
    me = person(shell)
    before = me.state()
    opened(me)
    me.session.key(key)
    result = me.ready()
    assert result.status == 130
    assert me.changed_since(before) == {}
    assert me.types("echo still here").output == "still here"


def test_a_narrow_terminal_and_one_that_is_resized(shell: Shell, person: Meet) -> None:
    me = person(shell)
    opened(me)
    me.session.terminal.resize(24, 40)
    me.session.type("power")
    me.sees("assume> power")
    sees_chosen(me, "power-user")
    assert max(len(line) for line in me.session.terminal.screen().splitlines()) <= 40
    me.session.key("ctrl-c")
    assert me.ready().status == 130


def test_what_is_used_stands_first_the_next_time(shell: Shell, person: Meet) -> None:
    me = person(shell)
    assert me.types("assume read-only").status == 0
    opened(me)
    assert chosen(me) == "read-only"
    me.session.key("escape")
    me.ready()


def test_an_abbreviation_is_taken_after_a_yes_alone(shell: Shell, person: Meet) -> None:
    me = person(shell)
    for answer, status in (("", 3), ("n", 3), ("y", 0)):
        me.asked("assume read-on", r"Take 'read-only'\? \[y/N\] $")
        me.answers(answer)
        assert me.ready().status == status
        assert (me.profile() == "read-only") is (status == 0)


def test_for_one_command(shell: Shell, person: Meet) -> None:
    me = person(shell)
    before = me.state()
    opened(me, "assume -- python3 aws-call.py Arn")
    me.answers("read-only")
    assert "assumed-role/read-only/me" in me.ready().output
    assert me.changed_since(before) == {}
