"""`assume PROFILE -- COMMAND` in a real shell: the command has the session, its end is its own, the shell stays as it
is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell.person import Meet
from tests.shell.shells import Shell

# What is typed behind `assume read-only --`, the exit status, and the output where there is one.
COMMANDS = [
    ("sh -c 'exit 7'", 7, ""),
    ("sh -c 'kill -TERM $$'", 143, None),  # some shells say so
    ("sh -c 'kill -KILL $$'", 137, None),
    ("no-such-command --off", 127, "shellhook: there is no command 'no-such-command'"),
    ("/", 126, "shellhook: '/' cannot be run: Permission denied"),
    ("", 125, "shellhook: there is no command after --"),
    ("printf '<%s>\\n' 'a b' '$HOME' '*' -- -h --off '日本'", 0, "<a b>\n<$HOME>\n<*>\n<-->\n<-h>\n<--off>\n<日本>"),
    ("sh -c 'test -t 0 && test -t 1 && test -t 2 && echo attached'", 0, "attached"),
    ("sh -c 'echo $SHELLHOOK_PROFILE ${AWS_PROFILE-none} ${AWS_SESSION_TOKEN:+token}'", 0, "read-only none token"),
    ("python3 aws-call.py Account", 0, "111122223333"),
]

SLEEPER = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
print("started", flush=True)
time.sleep(1000)
"""


def test_the_end_of_a_command_is_its_own_and_nothing_changes(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, env={"AWS_PROFILE": "base", "AWS_VAULT": ""})
    before = me.state()
    for command, status, output in COMMANDS:
        result = me.types(f"assume read-only -- {command}")
        assert (command, result.status) == (command, status), result.screen
        assert output is None or result.output == output
    result = me.types("assume power-usr -- touch made")
    assert result.status == 125
    assert "did you mean 'power-user'?" in result.output
    assert not (me.desk.home / "made").exists()
    assert me.changed_since(before) == {}


def test_a_command_is_answered_and_interrupted(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    (me.desk.home / "sleeper.py").write_text(SLEEPER, encoding="utf-8")
    me.types("assume power-user")
    me.types("clear")
    before = me.state()
    me.asked("""assume read-only -- sh -c 'printf "name? "; read name; echo "<$name>"'""", r"^name\? $")
    me.answers("me")
    assert me.ready().output == "name? me\n<me>"
    sleep = "assume read-only -- python3 sleeper.py"
    # A loop around it ends too; not in fish, of any function.
    loops = [f"while true; do {sleep}; done"] if shell.kind in ("bash", "zsh") else []
    for line in (sleep, *loops):
        me.types("clear")
        me.answers(line)
        me.sees("^started$")
        me.session.key("ctrl-c")
        status = me.ready().status
        assert status == 130 or (line in loops and status == 1), "what bash 3.2 says of a loop"
    assert me.types("assume read-only -- yes | head -n 1").output == "y", "and it has ended"
    assert me.changed_since(before) == {}
    assert me.profile() == "power-user"


def test_a_code_is_asked_before_the_command_runs(shell: Shell, person: Meet) -> None:
    me = person(shell)
    before = me.state()
    me.asked("assume power-user -- sh -c 'echo ran as $SHELLHOOK_ROLE'")
    me.session.key("ctrl-c")
    result = me.ready()
    assert result.status == 130
    assert "ran" not in result.output
    me.asked("assume power-user -- sh -c 'echo ran as $SHELLHOOK_ROLE'")
    me.answers(me.code())
    result = me.ready()
    assert (result.status, result.output.splitlines()[-1]) == (0, "ran as power-user")
    assert me.changed_since(before) == {}


def test_a_shell_as_the_command_can_go_back(shell: Shell, person: Meet, sessions: Path) -> None:
    if shell.kind == "powershell":
        pytest.skip("the tester's PowerShell cannot be nested behind another command")
    me = person(shell, sessions=sessions, env={"AWS_PROFILE": "base"})
    me.types("assume power-user")
    outer = me.environment()
    words = " ".join(shell.quote(word) if " " in word else word for word in shell.interactive(me.desk.home))
    me.session.enter(f"assume read-only -- {words}")
    assert me.profile() == "read-only"
    assert me.types("assume --off").status == 0
    inner = me.environment()
    assert inner["AWS_PROFILE"] == "base"
    assert "AWS_ACCESS_KEY_ID" not in inner
    assert me.types("assume read-only").status == 0
    me.session.leave()
    now = me.environment()
    assert {name: now[name] for name in now if name.startswith(("AWS", "SHELLHOOK"))} == {
        name: outer[name] for name in outer if name.startswith(("AWS", "SHELLHOOK"))
    }
    assert me.types("assume --off").status == 0
    assert me.environment()["AWS_PROFILE"] == "base"


def test_a_question_is_not_in_what_the_command_prints(shell: Shell, person: Meet) -> None:
    me = person(shell)
    me.asked("assume power-user -- sh -c 'echo $SHELLHOOK_ROLE' >out")
    me.answers(me.code())
    assert me.ready().status == 0
    assert (me.desk.home / "out").read_text(encoding="utf-8").strip() == "power-user"
