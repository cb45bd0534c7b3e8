"""An expired session: renewed silently where that can be, else with a question that can be skipped, once."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from shellhook.sandbox import Sandbox
from tests.shell.backend import Backend
from tests.shell.expired import QUESTION, Meet, World
from tests.shell.faked import segment, session_on
from tests.shell.person import PATIENCE, Person
from tests.shell.session import Start
from tests.shell.shells import Shell

WAITING = "waiting for another shell"


def enter_until(me: Person, good: Callable[[], object]) -> None:
    """Press Enter at the prompt until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not good():
        assert time.monotonic() < deadline, me.session.terminal.picture()
        me.session.key("enter")
        me.ready()
        me.session.terminal.pump(0.02)


def key(me: Person) -> str:
    """The access key ID that is set."""
    return me.environment()["AWS_ACCESS_KEY_ID"]


def enter(me: Person, line: str) -> None:
    """Type a line and Enter, and wait for nothing."""
    me.session.type(line)
    me.session.key("enter")


def reprompts(me: Person, how: str | None) -> str:
    """The line that sets SHELLHOOK_REPROMPT."""
    return me.shell.remove("SHELLHOOK_REPROMPT") if how is None else me.shell.export("SHELLHOOK_REPROMPT", how)


def test_time_goes_by(evaluating: Shell, backend: Backend, start: Start) -> None:
    env = session_on(3, SHELLHOOK_PROMPT="manual")
    session = start(evaluating, rc=evaluating.source(backend.hook(evaluating)), env=env)
    seen = []
    deadline = time.monotonic() + PATIENCE
    while seen[-1:] != ["power-user expired"] and time.monotonic() < deadline:
        session.key("enter")
        session.ready()
        text = segment(session) or ""
        seen += [text] if text not in seen else []
    expected = ["power-user 2s!!", "power-user 1s!!", "power-user expired"]
    assert [text for text in expected if text in seen] == seen[-len(expected) :]
    assert backend.calls() == []


# --- silently


def test_silent_renewal(
    evaluating: Shell,
    late: Meet,
    worlds: Callable[[str], World],
    sandbox: Sandbox,
) -> None:
    sandbox.fail(0, delay=0.7, action="AssumeRole")
    me = late(evaluating, "read-only", SHELLHOOK_REPROMPT="both")
    old = worlds("read-only").key
    assert me.session.started.screen == ""
    assert me.types("echo typed meanwhile").output == "typed meanwhile", "no keystroke is lost, and nothing is said"
    enter_until(me, lambda: key(me) != old)
    now = me.environment()
    assert now["SHELLHOOK_KEY_ID"] == now["AWS_ACCESS_KEY_ID"]
    assert int(now["SHELLHOOK_EXPIRES"]) > time.time() + 3000
    assert now["SHELLHOOK_SEGMENT"].startswith("read-only ")
    assert me.is_at_aws() == "assumed-role/read-only/me"
    assert "[1]" not in me.session.terminal.history()
    assert me.types("jobs").output.strip() in ("", "jobs: There are no jobs")
    shell = psutil.Process(me.session.terminal.process.pid)
    if shell.children():
        me.types("env true")  # fish may wait for a disowned child only when another one ends
    assert [child.status() for child in shell.children()] == []
    assert len(sandbox.calls("AssumeRole")) == 1


def test_two_shells_of_one_request(evaluating: Shell, late: Meet, sandbox: Sandbox) -> None:
    me = late(evaluating, "read-only")
    old = me.environment()["SHELLHOOK_KEY_ID"]
    other = late(evaluating, "read-only", state=Path(me.environment()["XDG_STATE_HOME"]))
    enter_until(me, lambda: key(me) != old)
    enter_until(other, lambda: key(other) == key(me))
    assert len(sandbox.calls("AssumeRole")) == 1


def test_it_is_tried_once(evaluating: Shell, late: Meet, worlds: Callable[[str], World], sandbox: Sandbox) -> None:
    worlds("read-only")  # had while it can be
    sandbox.fail(403, "AccessDenied", "no", count=50, action="AssumeRole")
    me = late(evaluating, "read-only")
    enter_until(me, lambda: sandbox.calls("AssumeRole"))
    for _ in range(5):
        me.types("true")
    assert len(sandbox.calls("AssumeRole")) == 1
    assert me.environment()["SHELLHOOK_SEGMENT"] == "read-only expired"


def test_where_the_background_fails_a_later_prompt_asks(evaluating: Shell, late: Meet) -> None:
    me = late(evaluating, "power-user", SHELLHOOK_REPROMPT="prompt", SHELLHOOK_RENEW="1000000000")
    assert me.session.started.screen == "", "not at the prompt that starts it"
    number = me.session.prompts[-1]
    while not re.search(QUESTION, me.session.screen(), re.MULTILINE):
        # Nor while it is under way.
        me.session.key("enter")
        number += 1
        me.sees(rf"{QUESTION}|\[{number}:0\]>\s*$")
    me.answers(me.code())
    me.ready()
    assert me.environment()["SHELLHOOK_SEGMENT"].startswith("power-user ")


# --- before a command


def test_the_same_line_runs_with_the_new_session(
    evaluating: Shell,
    late: Meet,
    worlds: Callable[[str], World],
) -> None:
    me = late(evaluating, "power-user", SHELLHOOK_REPROMPT="command")
    old = worlds("power-user").key
    me.types(me.shell.export("AWS_REGION", "sa-east-1"))
    enter(me, "aws s3 ls")
    me.sees("power-user expired .* ago\n(.|\n)*" + QUESTION)
    me.answers(me.code())
    result = me.ready()
    new = key(me)
    assert (new != old, f"aws has {new}" in result.output, result.status) == (True, True, 0)
    assert me.environment()["AWS_REGION"] == "sa-east-1"
    assert me.types("aws s3 ls").output == f"aws has {new}"


LINES = [
    "aws s3 ls",
    "true | aws s3 ls | cat",
    "true && aws s3 ls",
    "sudo -E aws s3 ls",
    "env A=b aws s3 ls",
    "A=b aws s3 ls",
    "time aws s3 ls",
    "echo $(aws s3 ls)",
    "echo 'it is'; aws s3 ls",
    """echo "don't" && aws s3 ls && echo "won't\"""",
    "if true; then aws s3 ls; fi",
    "terraform plan",
]
# What only one shell has.
ITS_OWN = {
    "bash": ["a s3 ls", "cat <(aws s3 ls)"],
    "zsh": [
        "a s3 ls",
        "twice s3 ls",
        "noglob aws s3 ls",
        "nocorrect aws s3 ls",
        "cat <(aws s3 ls)",
        "cat =(aws s3 ls)",
        'echo "$(a s3 ls)"',
        "true && sudo a s3 ls",
    ],
    "fish": [],
}
ALIASES = {
    "bash": "alias a=aws",
    "zsh": "alias a=aws twice=a other='aws --profile other' sudo='sudo '",
    "fish": "",
}
OTHERS = [
    "aws configure list",
    "aws help",
    "aws --version",
    "aws sso login",
    "aws s3 ls --profile other",
    "aws --profile=other s3 ls",
    "AWS_PROFILE=other aws s3 ls",
    "true;AWS_PROFILE=other aws s3 ls",
    "echo $(AWS_PROFILE=other aws s3 ls)",
    "terraform fmt",
    "echo aws s3 ls",
    "echo 'x; aws s3 ls'",
    """echo "it's" 'x; aws s3 ls'""",
    "true # aws",
]


def in_fish(line: str) -> str:
    """The line as fish has it."""
    return line.replace("$(", "(").replace("; then", ";").replace("; fi", "; end")


def test_which_lines_are_asked_before(
    evaluating: Shell,
    late: Meet,
    worlds: Callable[[str], World],
) -> None:
    me = late(evaluating, "power-user", rc=ALIASES[evaluating.kind], SHELLHOOK_REPROMPT="command")
    forget = me.shell.remove("__shellhook_asked_command")
    for line in LINES + ITS_OWN[evaluating.kind]:
        if evaluating.kind == "fish":
            line = in_fish(line)
        me.types(forget)
        enter(me, line)
        me.sees(QUESTION)
        me.session.key("enter")
        assert f" has {worlds('power-user').key}" in me.ready().output, "skipped: it runs as it is"
        assert "MFA" not in me.types(line).output, "once per expiry"
        me.types("clear")
    me.types(forget)
    others = {"bash": ["(AWS_PROFILE=other aws s3 ls)"], "zsh": ["(AWS_PROFILE=other aws s3 ls)", "other s3 ls"]}
    for line in OTHERS + others.get(evaluating.kind, []):
        if evaluating.kind == "fish":
            line = in_fish(line)
        assert "MFA" not in me.types(line).output, line
    enter(me, "aws s3 ls")
    me.sees(QUESTION)


UNKEPT = {"bash": "HISTCONTROL=ignoreboth", "zsh": "setopt hist_ignore_space hist_ignore_dups", "fish": ""}


def test_lines_that_the_history_does_not_keep(evaluating: Shell, late: Meet) -> None:
    me = late(evaluating, "power-user", first=UNKEPT[evaluating.kind], SHELLHOOK_REPROMPT="command")
    forget = f" {me.shell.remove('__shellhook_asked_command')}"
    me.types("true")
    for line in (" aws s3 ls", " true; aws s3 ls" if evaluating.kind != "bash" else " aws s3 ls | cat", "aws s3 ls"):
        enter(me, line)
        me.sees(QUESTION)
        me.session.key("enter")
        assert "aws has" in me.ready().output
        me.types(" clear")
        me.types(forget)
        assert me.types(" echo not kept").output == "not kept", "nor is the line before it judged instead"
        if evaluating.kind != "fish":
            me.types(" echo one two")
            assert me.types(' echo "=$_"').output == "=two", "and $_ is the user's"
    enter(me, "aws s3 ls")  # as the last one that was kept, so it is not kept either
    me.sees(QUESTION)


def test_ctrl_c_cancels_the_line(evaluating: Shell, late: Meet) -> None:
    me = late(evaluating, "power-user", SHELLHOOK_REPROMPT="command")
    enter(me, "aws s3 ls; echo second")
    me.sees(QUESTION)
    me.session.key("ctrl-c")
    result = me.ready()
    assert ("aws has" in result.output, "\nsecond" in result.output) == (evaluating.kind == "fish",) * 2
    assert "aws has" in me.types("aws s3 ls").output
    assert "MFA" not in me.types("aws s3 ls").output


def test_a_minimum(evaluating: Shell, late: Meet, worlds: Callable[[str], World]) -> None:
    old = worlds("short").key
    me = late(evaluating, "short", SHELLHOOK_REPROMPT="command", SHELLHOOK_RENEW=None)
    assert me.types("aws s3 ls").output == f"aws has {old}"
    me.types(me.shell.export("SHELLHOOK_MIN_TTL", "30m"))
    result = me.types("aws s3 ls")
    assert f"aws has {key(me)}" in result.output
    assert key(me) != old


# --- at the prompt


@pytest.mark.parametrize("answer", ["enter", "ctrl-c"])
def test_the_question_at_the_prompt_can_be_skipped(evaluating: Shell, late: Meet, answer: str) -> None:
    me = late(evaluating, "power-user")
    enter(me, reprompts(me, "prompt"))
    me.sees(QUESTION)
    me.session.key(answer)
    me.ready()
    for line in ("true", "aws s3 ls", ""):
        enter(me, line)
        assert "MFA" not in me.ready().output
    assert me.environment()["SHELLHOOK_SEGMENT"] == "power-user expired"


def test_where_it_asks_is_a_setting(evaluating: Shell, late: Meet) -> None:
    me = late(evaluating, "power-user", SHELLHOOK_REPROMPT="off")
    assert "MFA" not in me.types("aws s3 ls").output
    assert "MFA" not in me.types(reprompts(me, "command")).output
    assert "MFA" not in me.types("true").output
    enter(me, reprompts(me, None))
    me.sees(QUESTION)
    me.session.key("enter")
    me.ready()
    me.types("clear")
    enter(me, "aws s3 ls")
    me.sees(QUESTION)
    me.session.key("enter")
    assert "aws has" in me.ready().output


def test_keys_typed_ahead_are_kept_and_not_asked_over(evaluating: Shell, late: Meet) -> None:
    me = late(evaluating, "power-user")
    fifo = me.desk.home / "fifo"
    os.mkfifo(fifo)
    enter(me, f"{reprompts(me, 'prompt')}; cat fifo")
    me.session.terminal.wait(lambda _: len(me.session.terminal.session_processes()) > 1, PATIENCE)
    me.session.type("echo kept")
    me.session.terminal.pump(0.1)
    fifo.write_text("", encoding="ascii")
    me.session.wait("echo kept$", PATIENCE)
    me.session.wait(r"\]> echo kept$", PATIENCE)
    assert "MFA" not in me.session.screen()
    me.session.key("enter")
    me.sees(QUESTION)
    assert "\nkept" in me.session.screen()


# --- never


@pytest.mark.parametrize("how", ["other keys", "AWS_PROFILE"])
def test_changed_behind_our_back(evaluating: Shell, late: Meet, sandbox: Sandbox, how: str) -> None:
    changes = {"AWS_PROFILE": "base"} if how == "AWS_PROFILE" else {"AWS_ACCESS_KEY_ID": "AKIAOTHER"}
    me = late(evaluating, "read-only", SHELLHOOK_REPROMPT="both", **changes)
    for line in ("true", "aws s3 ls", "true"):
        me.types(line)
    assert me.environment()["SHELLHOOK_SEGMENT"] == "read-only changed"
    assert sandbox.calls() == []
    assert list((me.desk.state / "shellhook").glob("locks/*")) == []


def test_no_script_is_asked(evaluating: Shell, late: Meet, sandbox: Sandbox) -> None:
    me = late(evaluating, "power-user")
    (me.desk.home / "script").write_text(f"{evaluating.source(me.hook)}\naws s3 ls\n", encoding="utf-8")
    program = evaluating.program
    set_it = me.shell.export("SHELLHOOK_REPROMPT", "command")
    for line in (f"{program} script", f"{program} -c '. ./script; aws s3 ls'", f"echo aws s3 ls | {program}"):
        result = me.types(f"{set_it}; {line}")
        assert "aws has" in result.output
        assert "MFA" not in result.output
    assert sandbox.calls() == []


def test_an_edited_profile(
    evaluating: Shell,
    late: Meet,
    sandbox: Sandbox,
    worlds: Callable[[str], World],
) -> None:
    me = late(evaluating, "read-only", SHELLHOOK_REPROMPT="command", SHELLHOOK_RENEW=None)
    config = worlds("read-only").desk.config
    former = config.read_text(encoding="utf-8")
    try:
        config.write_text(former.replace("role/read-only", "role/power-user"), encoding="utf-8")
        result = me.types("aws s3 ls")
    finally:
        config.write_text(former, encoding="utf-8")
    assert "profile changed: assume again" in result.output
    assert f"aws has {worlds('read-only').key}" in result.output
    assert sandbox.calls() == []


# --- several at once


@pytest.mark.parametrize("answer", ["code", "skip"])
def test_one_of_two_shells_asks(evaluating: Shell, late: Meet, sandbox: Sandbox, answer: str) -> None:
    if evaluating.name.endswith("3.2"):
        pytest.skip("bash 3.2 cannot tell a command that a key runs, such as the one that reads its state here")
    me = late(evaluating, "power-user", SHELLHOOK_REPROMPT="command")
    other = late(
        evaluating,
        "power-user",
        state=Path(me.environment()["XDG_STATE_HOME"]),
        SHELLHOOK_REPROMPT="command",
    )
    enter(me, "aws s3 ls")
    me.sees(QUESTION)
    enter(other, "aws s3 ls")
    other.sees(WAITING)
    if answer == "code":
        me.answers(me.code())
    else:
        me.session.key("enter")
    mine, theirs = me.ready().output, other.ready().output
    assert key(me) == key(other)
    assert f"aws has {key(me)}" in mine
    assert f"aws has {key(me)}" in theirs
    assert "MFA" not in theirs
    assert len(sandbox.calls("GetSessionToken")) == (answer == "code")


def test_twenty_at_once_make_one_call(sandbox: Sandbox, tmp_path: Path) -> None:
    world = World(sandbox, tmp_path, "power-user", 1)
    code = f"sleep 0.5 && echo {sandbox.code('alice')}"
    text = world.desk.config.read_text(encoding="utf-8")
    world.desk.config.write_text(
        text.replace("[profile base]\n", f"[profile base]\nmfa_process = {code}\n"), encoding="utf-8"
    )
    sandbox.forget_calls()
    words = ["renew", "--shell", "bash", "--pid", str(os.getpid()), "--hook", "1", "--ask", "command", "--min-ttl", "0"]
    processes = [world.desk.start(*words, env=world.variables) for _ in range(20)]
    answers = [(process.communicate("", PATIENCE), process.returncode) for process in processes]
    assert [err for (_, err), status in answers if status] == []
    assert all(world.key not in out and "AWS_ACCESS_KEY_ID" in out for (out, _), _ in answers)
    assert len(sandbox.calls("GetSessionToken")) == 1
    assert len(sandbox.calls("AssumeRole")) == 1
