"""The prompt under odd settings and in a hostile environment: none of it is run, and nothing of the user's is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.shell import shells
from tests.shell.backend import Backend
from tests.shell.conftest import present
from tests.shell.faked import REQUEST, drawn, mark, row, segment, session_on, setting
from tests.shell.session import ShellSession, Start
from tests.shell.shells import Shell

NAMES = [
    "$(touch f)`touch f`",
    "%n%m%F{red}%(!.a.b)%{x%}",
    r"\u\h\w\e[31m\[\]$(touch f)\n",
    "${PATH}$HOME!!!1",
    "{left}{role}",
    "x[$(touch f)0]",
    "';touch f;'\"; touch f; \"",
    "-n",
    "-e \\x1b[31m",
    "* ? [a-z] ~",
    "%20v %s %d",
]
DRIVING = "a\x1b]0;title\x07b\nc\rd\x9be\x7ff\te"


def started(start: Start, shell: Shell, backend: Backend, rc: str = "", **changes: str | None) -> ShellSession:
    """A shell that inherits a session."""
    hook = shell.source(backend.hook(shell))
    return start(shell, rc=f"{hook}\n{rc}", env={**session_on(), **changes}, columns=240)


def touched(session: ShellSession) -> bool:
    """Has anything been run that stands in a name?"""
    return (session.home / "f").exists()


@pytest.mark.parametrize("where", ["left", "right"])
def test_names_are_text(evaluating: Shell, backend: Backend, start: Start, where: str) -> None:
    session = started(start, evaluating, backend, SHELLHOOK_PROMPT=where)
    for name in NAMES:
        session.run(setting(evaluating, {"SHELLHOOK_ROLE": name, "SHELLHOOK_PROFILE": name, "SHELLHOOK_DANGER": name}))
        assert segment(session) == f"{name} 3h05m"
        assert f"[{name} 3h05m]" in row(session)
        session.run(setting(evaluating, {"SHELLHOOK_FORMAT": f"{{role}}{name}", "SHELLHOOK_ROLE": "x"}))
        assert f"[x{name.replace('{left}', '3h05m').replace('{role}', 'x')}]" in row(session)
        session.run(setting(evaluating, {"SHELLHOOK_FORMAT": None}))
    assert not touched(session)


def test_names_cannot_drive_the_terminal(evaluating: Shell, backend: Backend, start: Start) -> None:
    variables = dict.fromkeys(("SHELLHOOK_ROLE", "SHELLHOOK_PROFILE", "SHELLHOOK_REGION"), DRIVING)
    session = started(start, evaluating, backend, **variables, SHELLHOOK_FORMAT="{role}|{profile}|{region}")
    shown = "a?]0;title?b?c?d?e?f?e"
    assert f"[{shown}|{shown}|{shown}]" in row(session)
    assert segment(session) == f"{shown}|{shown}|{shown}"
    assert "title" not in session.terminal.emulator.title


@pytest.mark.parametrize(
    ("expires", "text"),
    [
        ("x[$(touch f)0]", "power-user"),
        ("1+$(touch f)", "power-user"),
        ("-1", "power-user"),
        ("1e9", "power-user"),
        ("99999999999999999999", "power-user"),
        ("09", "power-user expired"),
        ("12 34", "power-user"),
        ("", "power-user"),
    ],
)
def test_an_expiry_that_is_no_number(
    evaluating: Shell, backend: Backend, start: Start, expires: str, text: str
) -> None:
    session = started(start, evaluating, backend, SHELLHOOK_EXPIRES=expires, SHELLHOOK_RENEW=expires)
    assert f"[{text}]" in row(session)
    session.run("aws; true")
    assert not touched(session)
    assert [call.words[-1] for call in backend.calls()] in ([], ["--background"] * (expires == "09"))


@pytest.mark.parametrize("name", ["SHELLHOOK_RENEW", "SHELLHOOK_WARN", "SHELLHOOK_ALARM", "SHELLHOOK_MIN_TTL"])
def test_numbers_that_are_none(evaluating: Shell, backend: Backend, start: Start, name: str) -> None:
    session = started(start, evaluating, backend, **{name: "x[$(touch f)0]"})
    assert "[power-user 3h05m]" in row(session)
    session.run("aws; true")
    assert not touched(session)
    assert backend.calls() == []


def test_a_request_that_is_a_path(evaluating: Shell, backend: Backend, start: Start, tmp_path: Path) -> None:
    (tmp_path / "state" / "shellhook" / "markers").mkdir(parents=True)
    (tmp_path / "x").write_text("99999999999\n", encoding="ascii")
    for request in ("../../../x", "../../../../x", f"{REQUEST}/../../../../x", REQUEST.upper(), REQUEST + "\n"):
        session = started(start, evaluating, backend, SHELLHOOK_REQUEST=request, XDG_STATE_HOME=str(tmp_path / "state"))
        assert "[power-user 3h05m]" in row(session)
        session.close()
    assert backend.calls() == [], "nothing was found to be picked up"


@pytest.mark.parametrize("text", ["x[$(touch f)0]\n", "", "\n\n", "99999999999999999999\n", "-5\n"])
def test_a_marker_that_is_damaged(evaluating: Shell, backend: Backend, start: Start, tmp_path: Path, text: str) -> None:
    mark(tmp_path, 1)
    (tmp_path / "shellhook" / "markers" / REQUEST).write_text(text, encoding="ascii")
    session = started(start, evaluating, backend, XDG_STATE_HOME=str(tmp_path))
    assert "[power-user 3h05m]" in row(session)
    session.run("true")
    assert not touched(session)
    assert backend.calls() == []


STATUS = {
    "bash": ("false | (exit 42)", 'echo "=$? ${PIPESTATUS[*]}"', "=42 1 42"),
    "zsh": ("false | (exit 42)", 'echo "=$? $pipestatus"', "=42 1 42"),
    "fish": ("false | sh -c 'exit 42'", 'echo "=$status $pipestatus"', "=42 1 42"),
}


@pytest.mark.parametrize("left", [3 * 3600, 50, -50])
def test_the_status_is_that_of_the_last_command(evaluating: Shell, backend: Backend, start: Start, left: int) -> None:
    if evaluating.name.endswith("3.2"):
        pytest.skip("a DEBUG trap costs bash 3.2 its PIPESTATUS")
    session = started(start, evaluating, backend, **session_on(left))
    line, show, expected = STATUS[evaluating.kind]
    for _ in range(2):
        assert session.run(line).status == 42
        assert session.run(show).output.splitlines()[-1] == expected


@pytest.mark.parametrize("where", ["left", "right"])
def test_the_users_own_prompt_sees_the_statuses(evaluating: Shell, backend: Backend, start: Start, where: str) -> None:
    if evaluating.kind != "fish":
        pytest.skip("the others' prompts are no functions")
    shows = 'function fish_prompt; echo -n "<$status $pipestatus>"; echo -n "[$PROBE_PROMPTS:0]> "; end'
    shows += '; function fish_right_prompt; echo "{$status $pipestatus}"; end'
    session = start(
        evaluating, rc=f"{shows}\n{evaluating.source(backend.hook(evaluating))}", env=session_on(SHELLHOOK_PROMPT=where)
    )
    session.run("false | sh -c 'exit 42'")
    assert "<42 1 42>[" in row(session)
    session.run("false | sh -c 'exit 42'")
    session.wait(lambda _: "{42 1 42}" in drawn(session))


@pytest.mark.parametrize("where", ["left", "right"])
def test_the_users_own_prompt_is_told_what_ours_is(
    evaluating: Shell, backend: Backend, start: Start, where: str
) -> None:
    """As fish 4.1 does with --final-rendering."""
    if evaluating.kind != "fish":
        pytest.skip("the others' prompts are no functions")
    name = {"left": "fish_prompt", "right": "fish_right_prompt"}[where]
    told = f"functions -q {name}; and functions -c {name} theirs; or function theirs; end\n"
    told += f'function {name}; echo -n "<$argv>"; theirs; end'
    session = start(
        evaluating, rc=f"{told}\n{evaluating.source(backend.hook(evaluating))}", env=session_on(SHELLHOOK_PROMPT=where)
    )
    line = f"string match -q '*<--final-rendering x>*' ({name} --final-rendering x); and echo told"
    assert session.run(line).output == "told"


def test_the_last_argument_is_the_users(backend: Backend, start: Start, evaluating: Shell) -> None:
    if evaluating.kind == "fish":
        pytest.skip("bash and zsh have $_")
    session = started(start, evaluating, backend)
    session.run("echo one two")
    assert session.run('echo "=$_"').output == "=two"
    assert session.run('echo three; echo "=$_"').output == "three\n=three"


@pytest.mark.parametrize("options", ["", "set -E; "])
def test_an_err_trap_hears_of_each_failure_once(
    evaluating: Shell, backend: Backend, start: Start, options: str
) -> None:
    if evaluating.kind == "fish" or (evaluating.kind == "zsh" and options):
        pytest.skip("bash and zsh have such a trap, bash with an option of its own")
    session = started(start, evaluating, backend, f"{options}trap 'echo failed' ERR")
    for _ in range(2):
        result = session.run("sh -c 'exit 42'")  # for 3.2 parentheses are no command
        assert (result.output, result.status) == ("failed", 42)
        assert session.run("true").output == ""


SETTINGS = {
    "bash": [
        "set -eu",
        "set -u -o pipefail -E -T",
        "set -f; set -C",
        "IFS=0123456789",
        "IFS='aeiou/|'",
        "IFS=",
        "shopt -s nocasematch extglob nullglob failglob",
        "set -o posix",
        "alias local='echo aliased' builtin='echo aliased' return='echo aliased'; shopt -s expand_aliases",
        "trap 'echo err' ERR",
    ],
    "zsh": [
        "setopt err_return no_unset",
        "setopt ksh_arrays sh_word_split glob_subst",
        "IFS=0123456789",
        "IFS=",
        "setopt no_glob no_clobber null_glob no_nomatch",
        "setopt warn_create_global warn_nested_var",
        "setopt no_prompt_subst prompt_bang",
        "alias -g G='| cat' assume='| cat' local='| cat'",
        "setopt extended_glob rc_expand_param csh_null_glob",
    ],
    "fish": ["set -g IFS ''", "function date; echo no; end; function seq; end"],
}


def test_odd_settings(evaluating: Shell, backend: Backend, start: Start, tmp_path: Path) -> None:
    """Nothing is said, the segment follows the session, and renewal is called, under each of them."""
    for code in SETTINGS[evaluating.kind]:
        session = started(start, evaluating, backend, rc=code, XDG_STATE_HOME=str(tmp_path))
        assert (code, session.started.screen) == (code, "")
        assert "[power-user 3h05m]" in row(session), code
        for left, text in ((14 * 60 + 30, "14m!"), (30, r"(3[01]|2\d)s!!"), (-5, "expired"), (3630, "1h00m")):
            changes = {"SHELLHOOK_EXPIRES": session_on(left)["SHELLHOOK_EXPIRES"]}
            result = session.run(setting(evaluating, changes))
            assert result.output == "", code
            assert re.fullmatch(f"power-user {text}", segment(session) or ""), code
        session.close()


def test_a_trace_shows_little_of_it(evaluating: Shell, backend: Backend, start: Start) -> None:
    session = started(start, evaluating, backend)
    session.run("set fish_trace 1" if evaluating.kind == "fish" else "set -x")
    for _ in range(2):
        session.run("true")
        trace = session.run("true").screen.splitlines()
        ours = [line for line in trace if "shellhook" in line or "SHELLHOOK" in line]
        assert len(ours) <= 8, trace
        assert all(len(line) < 70 for line in ours), "no more than what is called"
        assert len(trace) <= 15, trace


def test_zsh_users_who_empty_psvar(backend: Backend, start: Start, tmp_path: Path) -> None:
    """As the examples of vcs_info do at each prompt. The segment is in it."""
    zsh = present(shells.Zsh("zsh"))
    empties = 'emptied() { psvar=("$psvar[1]") }; precmd_functions+=(emptied)'
    env = session_on(XDG_STATE_HOME=str(tmp_path))
    mark(tmp_path, int(env["SHELLHOOK_EXPIRES"] or 0))  # or each prompt would be drawn anew
    session = start(zsh, rc=f"{empties}\n{zsh.source(backend.hook(zsh))}", env=env, columns=240)
    for _ in range(3):
        assert "[power-user 3h05m]" in row(session)
        session.run("true")
