"""Renewal in a real PowerShell: in the background, by another shell, with a question at the prompt or before a line."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.shell import powershell_bench
from tests.shell.powershell_bench import PWSH, Bench, Seat
from tests.shell.session import Start

FRESH = r"\[dev (1h00m|59m)\] $"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A fresh bench."""
    return powershell_bench.in_directory(tmp_path)


def silently_from_now(more: str = "") -> str:
    """The line after which the session may be renewed in the background; the next one lives longer."""
    return f"$env:T_LIFE = 7200; $env:T_RENEW = 0; $env:SHELLHOOK_RENEW = 1{more}"


# In the background


def test_a_session_is_renewed_in_the_background_and_picked_up_by_the_next_line(bench: Bench, start: Start) -> None:
    me = Seat(bench, start)
    before, expiry = me.key(), bench.newest()
    me.types(silently_from_now())
    me.wait(lambda: me.calls("--background"))
    for _ in range(3):
        assert me.types("echo a").output == "a"
    me.session.type('"key $env:AWS_ACCESS_KEY_ID"')
    me.session.terminal.wait(lambda _: me.session.terminal.before_cursor().endswith('KEY_ID"'))
    me.gate.touch()
    me.wait(lambda: bench.newest() > expiry)
    me.session.key("enter")
    after = me.session.ready().output
    assert re.fullmatch(r"key ASIA\d+", after), "nothing was said about it, and no key is lost"
    assert after != f"key {before}"
    assert after == f"key {me.key()}"
    assert me.calls("--background") == me.calls("--pick-up") == 1
    pid = me.types("$PID").output
    words = ["renew", "--shell", "powershell", "--pid", pid, "--hook", "1"]
    assert bench.log()[-2:] == [[*words, "--background"], [*words, "--pick-up"]]


def test_a_renewal_leaves_no_zombie(bench: Bench, start: Start) -> None:
    me = Seat(bench, start)
    me.gate.touch()
    me.types(silently_from_now())
    me.wait(lambda: me.calls("--background"))
    shell = psutil.Process(me.session.terminal.process.pid)
    me.wait(lambda: not shell.children())


def test_the_end_of_the_shell_is_not_held_up(bench: Bench, start: Start) -> None:
    me = Seat(bench, start)
    before = bench.newest()
    me.types(silently_from_now())
    me.wait(lambda: me.calls("--background"))
    me.enters("exit")
    assert me.session.terminal.wait_end() == 0
    assert bench.newest() == before, "it is still at work"
    me.gate.touch()
    give_up = time.monotonic() + 20
    while bench.newest() == before:
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_a_renewal_that_came_to_nothing_is_followed_by_a_question(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, T_CODE="1", T_FAIL="1")
    me.gate.touch()
    me.types(f"{silently_from_now()}; {me.expiring()}")
    assert me.before_prompt() == "[dev expired] ", "the prompt that starts it asks nothing"
    me.wait(lambda: me.calls("--background"))
    me.asked("echo a")
    me.answers("123456")
    assert re.search(r"\[dev (2h00m|1h59m)\] $", me.before_prompt())
    assert me.calls("--background") == 1


def test_a_backend_that_cannot_be_started_is_no_matter_at_the_prompt(bench: Bench, start: Start) -> None:
    me = Seat(bench, start)
    bench.program("backend", "", python="/nonexistent/python3")
    me.types(f"$Error.Clear(); {silently_from_now()}")
    assert re.search(FRESH, me.before_prompt())
    assert me.types("$Error.Count").output == "0"


# From another shell


def test_another_shells_session_is_picked_up(bench: Bench, start: Start) -> None:
    me, other = Seat(bench, start), Seat(bench, start)
    other.types("$env:T_LIFE = 7200; assume dev")
    me.types("echo a")
    assert me.key() == other.key()
    assert re.search(r"\[dev (2h00m|1h59m)\] $", me.before_prompt())
    calls = me.calls("--pick-up")
    me.types("echo a")
    assert me.calls("--pick-up") == calls


def test_somebody_elses_keys_are_left_alone(bench: Bench, start: Start) -> None:
    me, other = Seat(bench, start, T_CODE="1"), Seat(bench, start)
    me.types(f"$env:AWS_ACCESS_KEY_ID = 'AKIAOTHER'; {silently_from_now()}")
    other.types("$env:T_LIFE = 7200; assume dev")
    calls = len(bench.log())
    assert me.types("aws s3").output == "aws ran with AKIAOTHER s3"
    assert me.types("$env:SHELLHOOK_EXPIRES = 1000; aws s3").output == "aws ran with AKIAOTHER s3"
    assert me.before_prompt() == "[dev changed] "
    assert len(bench.log()) == calls


def test_a_trace_shows_no_secret(bench: Bench) -> None:
    code = "assume dev; $env:SHELLHOOK_EXPIRES = 1000; Set-PSDebug -Trace 2\n$null = prompt\nSet-PSDebug -Off\nsay end"
    said = bench.run(code)
    assert sum("--pick-up" in words for words in bench.log()) == 1
    assert "DEBUG" in said
    assert "end p=dev" in said
    assert "SECRET" not in said
    assert "TOKEN=" not in said


# At the prompt


def test_the_prompt_that_finds_the_session_expired_asks(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, T_CODE="1")
    me.asked(f"{me.expiring()}; sh -c 'exit 6'")
    assert me.answers("123456").status == 6
    assert re.search(FRESH, me.before_prompt())
    assert me.types('"$? $LASTEXITCODE"').output == "False 6"
    assert me.key() == f"ASIA{bench.newest()}"
    pid = me.types("$PID").output
    assert bench.log()[-1] == ["renew", "--shell", "powershell", "--pid", pid, "--hook", "1", "--ask", "prompt"]
    assert "123456" not in me.session.screen()
    assert "123456" not in "".join(me.session.history())


@pytest.mark.parametrize("how", ["enter", "ctrl-c"])
def test_a_question_at_the_prompt_is_skipped_and_does_not_come_back(bench: Bench, start: Start, how: str) -> None:
    me = Seat(bench, start, T_CODE="1", SHELLHOOK_REPROMPT="prompt")
    me.asked(f"{me.expiring()}; sh -c 'exit 6'")
    skipped = me.interrupts() if how == "ctrl-c" else me.answers("")
    assert skipped.status == 6
    assert me.before_prompt() == "[dev expired] "
    for line in ("echo a", "echo b"):
        assert me.types(line).output == line[-1]
    assert me.calls("--ask") == 1
    me.asked(me.expiring())
    me.answers("123456")
    assert re.search(FRESH, me.before_prompt())


def test_what_needs_no_question_is_renewed_without(bench: Bench, start: Start) -> None:
    me = Seat(bench, start)
    me.types(me.expiring())
    assert re.search(FRESH, me.before_prompt())
    assert me.calls("--ask", "prompt") == 1


def test_a_new_session_that_is_over_at_once_does_not_take_the_prompt_away(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, SHELLHOOK_REPROMPT="prompt")
    me.types(f"$env:T_LIFE = '-5'; {me.expiring()}")
    assert me.before_prompt() == "[dev expired] "


def test_no_question_over_keys_that_were_typed_already(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, T_CODE="1")
    waits = "sh -c 'echo started; until test -e \"$T_GATE\"; do sleep 0.05; done'"
    me.enters(f"{me.expiring()}; {waits}")
    me.session.wait(r"^started$")
    me.session.type("echo typed-")
    me.session.wait(r"^echo typed-$")
    me.gate.touch()
    me.session.wait(r"\[dev expired\] \[\d+:0\]> echo typed-$")
    assert me.calls("--ask") == 0
    me.asked("ahead")
    assert "\ntyped-ahead\n" in me.session.screen(), "none of them is lost"
    me.answers("")
    assert me.calls("--ask") == 1, "what was not asked then is asked at the next prompt"


def test_a_prompt_that_is_only_drawn_again_asks_nothing(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, T_CODE="1", SHELLHOOK_REPROMPT="prompt")
    me.types(f"Set-PSReadLineKeyHandler -Chord Ctrl+g -ScriptBlock {{ {me.expiring()} }}")
    me.session.key("ctrl-g", "ctrl-l")  # as if it had run out while the prompt waited
    me.session.ready()
    assert me.before_prompt() == "[dev expired] "
    assert me.calls("--ask") == 0
    me.asked("")
    me.answers("")
    assert me.calls("--ask") == 1


def test_a_backend_that_finds_keys_waiting_is_asked_again(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, T_CODE="1", T_KEYS="1")
    me.types(me.expiring())
    assert me.before_prompt() == "[dev expired] "
    assert me.calls("--ask", "prompt") == 1
    assert me.types("aws s3").output.startswith("aws ran with ASIA")
    assert (me.calls("--ask", "prompt"), me.calls("--ask", "command")) == (2, 1)
    me.asked("$env:T_KEYS = $null")
    me.answers("")
    me.asked("aws s3")
    me.answers("")
    assert (me.calls("--ask", "prompt"), me.calls("--ask", "command")) == (3, 2)


# Before a line


def test_the_line_that_needs_the_session_is_asked_for_first_and_then_runs(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, T_CODE="1", SHELLHOOK_REPROMPT="command")
    assert me.types(f"{me.expiring()}; sh -c 'exit 6'").status == 6
    assert me.before_prompt() == "[dev expired] "
    assert me.types("assume --status; sh -c 'exit 6'").status == 6
    assert me.calls("--ask") == 0
    me.asked('"$? $LASTEXITCODE"; aws s3')
    said = me.answers("123456").output
    assert said.endswith(f"False 6\naws ran with {me.key()} s3")
    assert re.search(FRESH, me.before_prompt())
    assert bench.log()[-1][-2:] == ["--ask", "command"]


def test_ctrl_c_takes_the_line_back_once(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, T_CODE="1", SHELLHOOK_REPROMPT="command")
    me.types(f"{me.expiring()}; sh -c 'exit 6'")
    me.asked("aws s3")
    result = me.interrupts()
    assert result.status == 6
    assert "aws ran" not in result.output
    assert me.session.history()[-1] == "aws s3"
    assert me.types("aws again").output == f"aws ran with {me.key()} again"
    assert me.calls("--ask") == 1


def test_enter_runs_the_line_as_it_is(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, T_CODE="1", SHELLHOOK_REPROMPT="command")
    before = me.key()
    me.types(me.expiring())
    me.asked("aws s3")
    assert me.answers("").output.endswith(f"aws ran with {before} s3")
    assert me.before_prompt() == "[dev expired] "


def test_a_session_with_too_little_left_is_renewed_before_the_line(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, T_CODE="1", SHELLHOOK_MIN_TTL="2h")
    me.types("echo a")
    assert me.calls("--ask") == 0
    me.asked("aws s3")
    me.answers("")
    assert bench.log()[-1][-4:] == ["--ask", "command", "--min-ttl", "7200"]


def test_off_asks_nothing(bench: Bench, start: Start) -> None:
    me = Seat(bench, start, T_CODE="1", SHELLHOOK_REPROMPT="off")
    me.types(me.expiring())
    assert me.types("aws s3").output.startswith("aws ran with")
    assert me.calls("--ask") == 0


LINES = {
    "aws s3 ls": True,
    "AWS s3 ls": True,
    "aws": True,
    "$x = aws a; $x": True,
    "echo 1 | aws b": True,
    "echo 1 && aws c": True,
    "sudo -E aws d": True,
    "/usr/bin/env A=b aws e": True,
    "timeout 5 aws f": True,
    "foreach ($i in 1) { terraform g }": True,
    '"a $(aws h)"': True,
    '& "aws" i': True,
    "/opt/bin/aws j": True,
    "aws.exe k": True,
    "aws-nuke run": True,
    "tf plan": True,
    "terraform plan": True,
    "aws configure list; aws s3 ls": True,
    "aws --region eu-west-1 s3 sso": True,
    "assume prod -- aws l": False,
    "echo aws": False,
    "echo 'aws m'": False,
    "sudo echo n": False,
    "awsome": False,
    "aws s3 ls --profile x": False,
    "aws --profile=x s3 ls": False,
    "env AWS_PROFILE=x aws s3 ls": False,
    "$env:AWS_PROFILE = 'x'; aws s3 ls": False,
    "${env:AWS_PROFILE}='x'; aws s3 ls": False,
    "aws configure list": False,
    "aws --debug sso login": False,
    "aws s3 help": False,
    "aws --version": False,
    "terraform fmt -recursive": False,
    "terraform -version": False,
    "": False,
    "'unfinished": False,
}


def test_which_lines_use_aws(bench: Bench) -> None:
    look = "& (Get-Module shellhook) { Test-AwsLine $args[0] }"
    code = "Set-Alias -Scope Global tf terraform\n" + "\n".join(f"{look} {PWSH.quote(line)}" for line in LINES)
    said = bench.run(code).splitlines()
    assert dict(zip(LINES, said, strict=True)) == {line: str(wanted) for line, wanted in LINES.items()}
    theirs = f"{look} 'aws a'; {look} 'my-tool a'; {look} 'MY-TOOL a'; {look} 'mytool a'"
    assert bench.run(theirs, SHELLHOOK_COMMANDS="My-* other").splitlines() == ["False", "True", "True", "False"]


# Never


def test_nothing_is_asked_in_a_script(bench: Bench) -> None:
    code = "assume dev; $env:SHELLHOOK_EXPIRES = 1000; $env:SHELLHOOK_REQUEST = '0' * 32\n$null = prompt\nsay end"
    assert bench.run(code, T_CODE="1", SHELLHOOK_REPROMPT="both") == "end p=dev errors=0\n"
    assert [words[0] for words in bench.log()] == ["assume"]


def test_nothing_is_asked_of_a_pipe(bench: Bench) -> None:
    lines = [PWSH.source(bench.hook), "assume dev", "$env:SHELLHOOK_REQUEST = '0' * 32"]
    lines += [
        "$env:SHELLHOOK_EXPIRES = 1000",
        f"& {PWSH.quote(str(bench.root / 'programs' / 'aws'))} piped",
        "exit",
        "",
    ]
    done = subprocess.run(
        [PWSH.program or "", "-NoLogo", "-NoProfile"],
        input="\n".join(lines).encode(),
        env=bench.environment(T_CODE="1", SHELLHOOK_REPROMPT="both"),
        cwd=bench.root / "work",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    assert b"aws ran with ASIA" in done.stdout
    assert [words[0] for words in bench.log()] == ["assume"]
