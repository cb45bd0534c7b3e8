"""What hook and backend say to each other, with a backend of a few lines: words, statuses, what is taken or shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell.backend import Backend
from tests.shell.session import ShellSession, Start
from tests.shell.shells import Shell, clean_environment

SESSION = {"AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_REGION": "eu-central-1", "SHELLHOOK_PROFILE": "power user"}
SHOWN = [
    "-c",
    "--status",
    "--check",
    "--console",
    "--console=ec2",
    "-c=ec2",
    "--print",
    "--list",
    "--json",
    "--help",
    "-h",
    "--version",
]
TAKEN = [
    "-",
    "--off",
    "--renew",
    "x --region eu-west-1",
    "x -r eu-west-1",
    "x --token-code 123456",
    "x --external-id=-",
]


def loaded(start: Start, shell: Shell, backend: Backend, **environment: str) -> ShellSession:
    """A session with the hook."""
    return start(shell, rc=shell.source(backend.hook(shell)), env=environment)


def in_the_way(shell: Shell, name: str) -> str:
    """The line that makes a variable one that can't be removed, as each shell has it."""
    return f"set -Ux {name} universal" if shell.kind == "fish" else f"readonly {name}=mine"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["power-user"],
        [
            "a b",
            "",
            " ",
            "'",
            '"',
            "\\",
            "*",
            "~",
            "$(id)",
            "`id`",
            "$HOME",
            ";",
            "|",
            "!x",
            "#",
            "{a,b}",
            "[x]",
            "a=b",
        ],
        ["äöü", "日本", "😀", "e\u0301"],
        ["x", "-", "-x", "--", "--x", "-n", "-e"],
        ["one\ntwo", "tab\there", "\x01\x1b\x7f", "end\n"],
    ],
)
def test_words_arrive_as_they_were_typed(evaluating: Shell, backend: Backend, tmp_path: Path, words: list[str]) -> None:
    line = " ".join(["assume", *map(evaluating.quote, words)])
    code = f"{evaluating.source(backend.hook(evaluating))}\n{line}"
    done = evaluating.run(code, env=clean_environment(tmp_path), cwd=tmp_path)
    assert (done.stderr, done.returncode) == (b"", 0)
    (call,) = backend.calls()
    assert call.typed == words


def test_the_hook_says_who_calls(shell: Shell, backend: Backend, start: Start) -> None:
    session = loaded(start, shell, backend)
    session.run("assume x")
    (call,) = backend.calls()
    assert call.words[0] == "assume"
    assert (call.option("--shell"), call.option("--hook")) == (shell.kind, "1")
    assert call.option("--pid") == str(session.terminal.process.pid)
    assert not call.terminal, "its output is taken"


def test_in_parentheses_the_shell_is_named_and_nothing_stays(backend: Backend, start: Start, evaluating: Shell) -> None:
    if evaluating.kind == "fish":
        pytest.skip("fish has no subshells")
    backend.gives(evaluating, SESSION)
    session = loaded(start, evaluating, backend)
    result = session.run("(assume x; echo $AWS_REGION)")
    assert (result.status, result.output) == (0, "eu-central-1")
    (call,) = backend.calls()
    assert call.option("--pid") == str(session.terminal.process.pid)
    assert b"AWS_REGION" not in session.environment()


def test_a_session_is_set_and_old_variables_go(shell: Shell, backend: Backend, start: Start) -> None:
    backend.gives(shell, SESSION, ["AWS_PROFILE", "AWS_VAULT", "AWS_SESSION_TOKEN"])
    session = loaded(start, shell, backend, AWS_PROFILE="old", AWS_VAULT="")
    before = session.state()
    result = session.run("assume power-user")
    assert (result.status, result.output) == (0, "")
    after = session.state()
    names = {name.encode(): value.encode() for name, value in SESSION.items()}
    expected = {**before.environment, **names}
    assert after.environment == {
        name: expected[name] for name in expected if name not in (b"AWS_PROFILE", b"AWS_VAULT")
    }
    changed = {name.split(" ", 1)[1].strip("b'") for name in after.differences(before)}
    assert changed <= {*SESSION, "AWS_PROFILE", "AWS_VAULT", "traps"}, "a helper variable was left behind"


def test_nothing_is_an_answer(shell: Shell, backend: Backend, start: Start) -> None:
    session = loaded(start, shell, backend)
    before = session.state()
    assert session.run("assume x").status == 0
    assert session.state().differences(before) == {}


def test_a_failure_is_not_evaluated_and_its_status_is_ours(shell: Shell, backend: Backend, start: Start) -> None:
    backend.gives(shell, SESSION)
    answer = (backend.directory / "answer").read_bytes()
    session = loaded(start, shell, backend)
    before = session.state()
    for status in (1, 2, 3, 4, 5, 64, 125, 130, 255):
        backend.answers(answer, status, errors=b"shellhook: no\n")
        result = session.run("assume x")
        assert (result.status, result.output) == (status, "shellhook: no")
        assert session.state().differences(before) == {}, status


def test_a_backend_that_is_gone_is_said_and_changes_nothing(shell: Shell, backend: Backend, start: Start) -> None:
    session = loaded(start, shell, backend)
    backend.path.unlink()
    before = session.state()
    result = session.run("assume x")
    assert result.status == 127
    assert "install" in result.output
    assert session.state().differences(before) == {}


def test_what_people_read_is_shown_and_not_evaluated(shell: Shell, backend: Backend, start: Start) -> None:
    backend.answers(b"export EVIL=1; set -gx EVIL 1; EVIL=1\n", 7)
    session = loaded(start, shell, backend)
    for words in (*SHOWN, *(f"x {option}" for option in SHOWN), "x -- echo hi", "-- env", "x -- -h"):
        result = session.run(f"assume {words}")
        assert (result.status, result.output) == (7, "export EVIL=1; set -gx EVIL 1; EVIL=1"), words
        (call,) = backend.calls()
        assert call.terminal, words
        told = words
        if shell.kind == "powershell" and words in ("-c", "-h", "x -c", "x -h"):  # bound: told by its long name
            told = words.replace("-c", "--console").replace("-h", "--help")
        assert " ".join(call.typed) == told
    assert "EVIL" not in session.variables()


def test_all_else_is_taken(shell: Shell, backend: Backend, start: Start) -> None:
    session = loaded(start, shell, backend)
    for number, words in enumerate(TAKEN):
        backend.gives(shell, {**SESSION, "AWS_REGION": f"eu-central-{number}"})
        result = session.run(f"assume {words}")
        assert (result.status, result.output) == (0, ""), words
        assert session.environment()[b"AWS_REGION"] == f"eu-central-{number}".encode(), words


def test_a_variable_in_the_way_stops_all_of_it(evaluating: Shell, backend: Backend, start: Start) -> None:
    backend.gives(evaluating, SESSION, ["AWS_PROFILE", "AWS_VAULT"])
    session = loaded(start, evaluating, backend, AWS_VAULT="old")
    session.run(in_the_way(evaluating, "AWS_PROFILE"))
    before = session.state()
    result = session.run("assume x")
    assert result.status == 1
    assert "AWS_PROFILE" in result.output
    assert "nothing was changed" in result.output
    assert session.state().differences(before) == {}


def test_a_read_only_variable_that_was_to_be_set_stops_all_of_it(
    evaluating: Shell, backend: Backend, start: Start
) -> None:
    if evaluating.kind == "fish":
        pytest.skip("fish has none of the user's")
    backend.gives(evaluating, SESSION, ["AWS_PROFILE"])
    session = loaded(start, evaluating, backend, AWS_PROFILE="old")
    session.run("readonly SHELLHOOK_PROFILE")  # the last that is set; and it holds nothing
    before = session.state()
    result = session.run("assume x")
    assert result.status == 1
    assert "SHELLHOOK_PROFILE" in result.output
    assert session.state().differences(before) == {}


@pytest.mark.parametrize(
    "before_that", ["", "trap 'echo \"my own\"' INT", "set -x"], ids=["plain", "own trap", "trace"]
)
def test_ctrl_c_at_a_question_is_130_and_changes_nothing(
    shell: Shell, backend: Backend, start: Start, before_that: str
) -> None:
    if before_that and shell.kind not in ("bash", "zsh"):
        pytest.skip("bash and zsh have these")
    backend.gives(shell, SESSION)
    backend.answers((backend.directory / "answer").read_bytes(), question="code? ")
    session = loaded(start, shell, backend)
    session.run(before_that)
    before = session.state()
    session.type("assume x")
    session.key("enter")
    session.wait(r"^code\?")
    session.key("ctrl-c")
    assert session.ready().status in ((130, 137) if shell.kind == "powershell" else (130,))
    assert session.state().differences(before) == {}, "options and the user's trap are as they were"
    assert "alive" in session.run("echo alive").output.split("\n")


def test_a_question_is_answered_on_the_terminal(shell: Shell, backend: Backend, start: Start) -> None:
    backend.gives(shell, SESSION)
    backend.answers((backend.directory / "answer").read_bytes(), question="code? ")
    session = loaded(start, shell, backend)
    session.type("assume x")
    session.key("enter")
    session.wait(r"^code\?")
    session.type("123456")
    session.key("enter")
    assert session.ready().status == 0
    assert session.environment()[b"AWS_REGION"] == b"eu-central-1"
    assert "123456" not in "\n".join(session.history())
