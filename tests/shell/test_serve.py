"""`assume PROFILE --serve` in a real shell: programs have the role, no key is in the environment, and nothing stays."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from shellhook.environment import CONTAINER, KEYS
from shellhook.sandbox import Sandbox
from tests.endpoint.served import asked, is_there, wait_until
from tests.shell.conftest import present
from tests.shell.person import PATIENCE, Meet, Person
from tests.shell.shells import Shell
from tests.shell.test_residue import EVERY_TRACE, HISTORY, Onlooker, Secrets, everything, files

QUESTION = r"^MFA code of alice .*, Enter skips: $"


def served(me: Person, line: str = "assume read-only --serve") -> dict[str, str]:
    """The environment with an endpoint."""
    result = me.types(line)
    assert (result.status, result.output) == (0, "")
    return me.environment()


def test_a_program_has_the_role_and_no_key_is_there(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, env={"AWS_PROFILE": "base", CONTAINER[0]: "http://localhost:1/mine"})
    before = me.environment()
    environ = served(me)
    assert not {*KEYS, "AWS_CREDENTIAL_EXPIRATION", "AWS_PROFILE"} & environ.keys()
    assert me.is_at_aws() == "assumed-role/read-only/me"
    assert re.fullmatch(r"read-only (\d\dm|1h00m)", me.environment()["SHELLHOOK_SEGMENT"])
    assert "served at  http://127.0.0.1:" in me.types("assume --status").output
    assert me.types("assume --check --min-ttl 5m").status == 0
    assert me.types("assume --off").status == 0
    assert me.environment() == {**before, "SHELLHOOK_PREVIOUS": environ["SHELLHOOK_REQUEST"]}
    wait_until(lambda: not is_there(environ))


def test_it_is_gone_when_the_shell_is(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    environ = served(me)
    assert asked(environ).status == 200
    me.answers("exit")
    me.session.terminal.wait_end(PATIENCE)
    wait_until(lambda: not is_there(environ))
    other = person(shell, sessions=sessions)
    environ = served(other)
    other.session.close()
    wait_until(lambda: not is_there(environ), "after its window was closed")


def test_going_from_one_to_another_and_back(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    environ = served(me)
    assert me.types("assume power-user").status == 0
    assert not {*CONTAINER, "SHELLHOOK_SERVED"} & me.environment().keys()
    assert me.is_at_aws() == "assumed-role/power-user/me"
    wait_until(lambda: not is_there(environ))
    assert me.types("assume -").status == 0
    assert not {*KEYS} & me.environment().keys()
    assert me.is_at_aws() == "assumed-role/read-only/me"
    assert me.types("assume --renew").status == 0
    assert me.is_at_aws() == "assumed-role/read-only/me"
    assert me.types("assume no-such-profile --serve").status == 3
    assert me.is_at_aws() == "assumed-role/read-only/me"


def test_the_clock_moves_on_with_the_endpoint(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(shell, env={"SHELLHOOK_REPROMPT": "both"})
    sandbox.lifetime(5)
    first = served(me)
    sandbox.lifetime(None)
    wait_until(lambda: asked(first).body["Expiration"] != first["AWS_SESSION_EXPIRATION"])
    now, deadline = me.environment(), time.monotonic() + PATIENCE
    while int(now["SHELLHOOK_EXPIRES"]) < int(first["SHELLHOOK_EXPIRES"]) + 3000:
        assert time.monotonic() < deadline, "the marker comes a moment after the endpoint's first answer"
        assert me.types("true").status == 0
        now = me.environment()
    assert not {*KEYS} & now.keys()
    assert now[CONTAINER[0]] == first[CONTAINER[0]]


def test_where_it_takes_a_code_the_prompt_asks_and_the_endpoint_goes_on(
    evaluating: Shell, person: Meet, sandbox: Sandbox
) -> None:
    me = person(evaluating, env={"SHELLHOOK_REPROMPT": "prompt"})
    sandbox.lifetime(3)
    me.asked("assume power-user --serve")
    me.answers(me.code())
    assert me.ready().status == 0
    environ = me.environment()
    wait_until(lambda: asked(environ).status == 403)
    sandbox.lifetime(None)
    deadline = time.monotonic() + PATIENCE
    while not re.search(QUESTION, me.session.terminal.before_cursor()):
        assert time.monotonic() < deadline, me.session.terminal.picture()
        if re.search(r"\]> $", me.session.terminal.before_cursor()):
            me.session.key("enter")
        me.session.terminal.pump(0.05)
    me.answers(me.code())
    me.ready()
    assert me.environment()[CONTAINER[0]] == environ[CONTAINER[0]]
    assert not {*KEYS} & me.environment().keys()
    assert asked(environ).status == 200
    assert me.is_at_aws() == "assumed-role/power-user/me"


def test_in_parentheses_it_lives_no_longer_than_they(evaluating: Shell, person: Meet, sessions: Path) -> None:
    if evaluating.kind == "fish":
        pytest.skip("fish has no subshells")
    me = person(evaluating, sessions=sessions)
    before = me.state()
    call = "python3 aws-call.py Arn"
    result = me.types(f"( assume read-only --serve; echo ${CONTAINER[0]} ${CONTAINER[1]}; {call} )")
    uri, token, who = result.output.split()
    assert who.endswith("assumed-role/read-only/me")
    wait_until(lambda: not is_there({"SHELLHOOK_SERVED": uri, CONTAINER[0]: uri, CONTAINER[1]: token}))
    assert me.changed_since(before) == {}
    environ = served(me)
    me.types("( assume --off )")
    me.types("( assume power-user )")
    time.sleep(1.2)  # it looks once a second
    assert is_there(environ), "the one outside stays"


def test_a_nested_shell_has_it_and_leaves_it(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    environ = served(me)
    me.session.enter(" ".join(shell.interactive(me.session.home)))
    assert me.is_at_aws() == "assumed-role/read-only/me"
    assert me.types("assume power-user").status == 0
    assert me.is_at_aws() == "assumed-role/power-user/me"
    me.session.leave()
    time.sleep(1.2)
    assert is_there(environ)
    assert me.is_at_aws() == "assumed-role/read-only/me"


def test_a_command_has_it_and_its_end_is_its_own(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    before = me.state()
    who = "python3 aws-call.py Arn"
    assert me.types(f"assume read-only --serve -- {who}").output.endswith("assumed-role/read-only/me")
    assert me.types("assume read-only --serve -- sh -c 'exit 7'").status == 7
    assert me.types("assume read-only --serve -- sh -c 'echo ${AWS_SECRET_ACCESS_KEY-none}'").output == "none"
    me.answers("assume read-only --serve -- sh -c 'echo begun; exec sleep 1000'")
    me.sees("^begun$")
    me.session.key("ctrl-c")
    assert me.ready().status == 130
    assert me.changed_since(before) == {}
    wait_until(lambda: not any((me.desk.state / "shellhook" / "serving").iterdir()))


def test_where_programs_would_not_ask_it_that_is_said(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    me.desk.keys("default", **me.desk.key_of("alice"))
    before = me.state()
    result = me.types("assume read-only --serve")
    assert result.status == 1
    assert re.search(r"credentials:\d+: keys in the profile `default`, which SDKs take first", result.output)
    assert me.changed_since(before) == {}


def test_its_token_and_its_keys_are_where_they_have_to_be(
    shell: Shell, person: Meet, sandbox: Sandbox, tmp_path: Path
) -> None:
    root = tmp_path / "person0"
    me = person(shell, rc=HISTORY.get(shell.kind, ""), env={"TMPPREFIX": str(root / "tmp" / "zsh")})
    temporary = (root / "tmp").stat().st_mtime_ns
    onlooker = Onlooker(me)
    sandbox.fail(0, delay=0.3, action="AssumeRole")
    me.answers("assume read-only --serve")
    onlooker.look_until_called(sandbox, 1)
    assert me.ready().status == 0
    onlooker.look()
    token = me.environment()[CONTAINER[1]]
    secrets = Secrets(token=token)
    secrets.add_sessions(me)
    held = {place for _, place in secrets.found(everything(me))}
    assert held <= {f"environment {CONTAINER[1]}", f"variables {CONTAINER[1]}"}
    assert held
    assert secrets.found(onlooker.seen) == set()
    assert {name for name, _ in secrets.found(dict(files(me.desk.state)))} & {"token"} == set()
    assert me.types("assume --off").status == 0
    assert secrets.found(everything(me)) == set()
    # At its exit .NET takes its sockets out of there.
    seen = (root / "tmp").stat().st_mtime_ns if shell.kind == "powershell" else None
    me.answers("exit")
    me.session.terminal.wait_end(PATIENCE)
    assert secrets.found(dict(files(root / "home")) | dict(files(root / "tmp"))) == set()
    seen = seen or (root / "tmp").stat().st_mtime_ns
    assert seen == temporary, "no temporary file, not even for a moment"


@pytest.mark.parametrize(("shell", "trace"), EVERY_TRACE)
def test_no_trace_shows_its_token(shell: Shell, trace: str, person: Meet, sessions: Path) -> None:
    me = person(present(shell), sessions=sessions, env={"SHELLHOOK_DEBUG": "1"})
    me.types(trace)
    assert me.types("assume read-only --serve").status == 0
    secrets = Secrets(token=me.environment()[CONTAINER[1]])
    for line in ("assume --renew", "assume --status", "assume --status --json", "assume read-only --serve -- true"):
        me.types(line)
    assert me.types("assume --off").status == 0
    secrets.add_sessions(me)
    assert secrets.found({"terminal": me.session.terminal.history()}) == set()
