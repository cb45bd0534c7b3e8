"""`assume` in shells as people set them up: options, traces, traps, read-only variables; nested shells, subshells."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell import shells
from tests.shell.conftest import present
from tests.shell.person import Meet, Person
from tests.shell.shells import Shell

_COMMON = {
    "xtrace": "set -x",
    "verbose": "set -v",
    "strict": "set -eu",
    "noclobber": "set -o noclobber",
    "noglob": "set -f",
    "IFS": "IFS='=-/:s0123456789'",
    "allexport": "set -a; /bin/true",
}
_ALIASED = "local eval command builtin set export unset trap printf return read test true false kill type"
MODES = {
    "bash": {
        **_COMMON,
        "both traces": "PS4='$LINENO '; set -xv",
        "posix": "set -o posix",
        "failing pipes": "set -euo pipefail -E -T",
        "glob options": "shopt -s extglob failglob nocasematch nocaseglob dotglob",
        "aliases": "; ".join(f"alias {name}='echo aliased'" for name in _ALIASED.split()),
    },
    "zsh": {
        **_COMMON,
        "both traces": "PS4='%N:%i '; set -xv",
        "ksh arrays": "setopt ksh_arrays",
        "word splitting": "setopt sh_word_split glob_subst",
        "strange": "setopt err_return warn_create_global ksh_glob null_glob csh_null_glob rc_expand_param no_equals",
        "of sh": "emulate sh",
        "of ksh": "emulate ksh",
        "aliases": "; ".join(f"alias {name}='echo aliased'" for name in _ALIASED.split()),
        "global aliases": "alias -g renew=no shell=no zsh=no pid=no L='| cat'",
    },
    "fish": {
        "trace": "set -g fish_trace 1",
        "exported trace": "set -gx fish_trace all",
        "IFS": "set -g IFS = - / s",
        "functions": "; ".join(f"function {name}; echo mine; end" for name in ("string", "printf", "source", "env")),
    },
    "powershell": {
        "strict": "Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'",
        "trace": "Set-PSDebug -Trace 1",
    },
}
BASH_AND_ZSH = [shell for shell in shells.ALL if shell.kind in ("bash", "zsh")]
EVERY_MODE = [pytest.param(shell, mode, id=f"{shell}-{mode}") for shell in shells.ALL for mode in MODES[shell.kind]]


def secrets(me: Person) -> list[str]:
    """The parts of the session that is on that are to be seen nowhere."""
    now = me.environment()
    return [now["AWS_SECRET_ACCESS_KEY"], now["AWS_SESSION_TOKEN"]]


def befores(me: Person) -> list[Path]:
    """The snapshots of what was there before."""
    return list((me.desk.state / "shellhook" / "before").iterdir())


@pytest.mark.parametrize(("shell", "mode"), EVERY_MODE)
def test_it_works_and_leaves_the_mode_alone(shell: Shell, mode: str, person: Meet, sessions: Path) -> None:
    me = person(present(shell), sessions=sessions, env={"AWS_PROFILE": "base", "AWS_REGION": "ap-south-1"})
    me.types(MODES[shell.kind][mode])
    before = me.state()
    assert me.types("assume power-user").status == 0
    now, seen = me.environment(), secrets(me)
    assert (now["SHELLHOOK_PROFILE"], now["AWS_REGION"]) == ("power-user", "eu-central-1")
    assert "AWS_PROFILE" not in now
    assert me.types("assume read-only").status == 0
    assert me.types("assume -").status == 0
    assert me.profile() == "power-user"
    assert "did you mean" in me.types("assume power-usr || true" if shell.kind != "fish" else "assume power-usr").output
    assert me.types("assume read-only -- sh -c 'exit 0'").status == 0
    seen += secrets(me)
    assert me.types("assume --off").status == 0
    changed = me.changed_since(before)
    assert {name for name in changed if "SHELLHOOK_PREVIOUS" not in name} == set()
    assert [secret for secret in seen if secret in me.session.terminal.history()] == []


@pytest.mark.parametrize("shell", BASH_AND_ZSH, indirect=True, ids=str)
@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_SECRET_ACCESS_KEY", "SHELLHOOK_BEFORE"])
def test_a_read_only_variable_stops_all_of_it(shell: Shell, name: str, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, env={"AWS_PROFILE": "base"})
    me.types(f"readonly {name}")
    before = me.state()
    result = me.types("assume read-only")
    assert result.status == 1
    assert f"{name} is read-only: nothing was changed" in result.output
    assert me.changed_since(before) == {}


@pytest.mark.parametrize("shell", BASH_AND_ZSH, indirect=True, ids=str)
def test_off_is_all_or_nothing_too(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, env={"AWS_PROFILE": "base"})
    me.types("assume read-only")
    me.types("readonly AWS_REGION")
    before = me.state()
    assert me.types("assume --off").status == 1
    assert me.changed_since(before) == {}
    assert me.types("assume power-user").status == 1
    assert me.changed_since(before) == {}


@pytest.mark.parametrize("shell", [shell for shell in shells.ALL if shell.kind == "fish"], indirect=True, ids=str)
def test_a_universal_variable_of_fish_is_named(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    me.types("set -Ux AWS_PROFILE base")
    me.types("set -Ux AWS_REGION ap-south-1")
    before = me.state()
    result = me.types("assume read-only")
    assert (result.status, result.output.splitlines()[-1]) == (1, "  -> set -eU AWS_PROFILE")
    assert me.changed_since(before) == {}
    me.types("set -eU AWS_PROFILE")
    assert me.types("assume read-only").status == 0, "one that gets another value is only covered"
    assert me.environment()["AWS_REGION"] == "us-east-1"
    assert me.types("assume --off").status == 0
    assert me.environment()["AWS_REGION"] == "ap-south-1"


@pytest.mark.parametrize(
    ("shell", "trap"),
    [
        pytest.param(shell, trap, id=f"{shell}-{trap}")
        for shell in BASH_AND_ZSH
        for trap in ("trap 'echo \"my own\"' INT", "trap '' INT", "function TRAPINT() { echo my own; }")
        if shell.kind == "zsh" or "TRAPINT" not in trap
    ],
)
def test_a_trap_of_the_users_stays(shell: Shell, trap: str, person: Meet) -> None:
    me = person(present(shell))
    me.types(trap)
    before = me.state()
    me.asked("assume power-user")
    me.session.key("ctrl-c")
    assert me.ready().status == 130
    assert me.changed_since(before) == {}
    me.asked("assume power-user")
    me.answers(me.code())
    assert me.ready().status == 0
    me.types("assume --off")
    assert {name for name in me.changed_since(before) if "SHELLHOOK_PREVIOUS" not in name} == set()


def test_a_nested_shell_goes_back_to_the_same_state(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, env={"AWS_PROFILE": "base"})
    before = me.environment()
    me.types("assume read-only")
    outer = me.environment()
    words = shell.interactive(me.desk.home)
    me.session.enter(" ".join(shell.quote(word) if " " in word else word for word in words))
    assert me.profile() == "read-only"
    assert me.types("assume power-user").status == 0
    assert me.types("assume --off").status == 0
    inner = me.environment()
    assert {**inner, "SHLVL": ""} == {**before, "SHLVL": "", "SHELLHOOK_PREVIOUS": inner["SHELLHOOK_PREVIOUS"]}
    assert me.types("assume --off").status == 2
    assert me.types("assume -").status == 0
    assert me.profile() == "power-user"
    me.session.leave()
    assert {**me.environment(), "SHELLHOOK_SEGMENT": ""} == {**outer, "SHELLHOOK_SEGMENT": ""}
    assert me.types("assume --off").status == 0
    after = me.environment()
    assert after == {**before, "SHELLHOOK_PREVIOUS": after["SHELLHOOK_PREVIOUS"]}


@pytest.mark.parametrize("shell", BASH_AND_ZSH, indirect=True, ids=str)
def test_in_parentheses_nothing_is_the_shells_own(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, env={"AWS_PROFILE": "base"})
    before = me.state()
    assert me.types("( assume read-only; echo $SHELLHOOK_PROFILE )").output == "read-only"
    assert me.types("( assume read-only; assume --off; echo $AWS_PROFILE )").output == "base"
    assert me.changed_since(before) == {}
    me.types("assume read-only")
    on, kept = me.state(), befores(me)
    assert me.types("( assume power-user; echo $SHELLHOOK_PROFILE )").output == "power-user"
    assert me.types("( assume --off; echo ${SHELLHOOK_PROFILE-none} $AWS_PROFILE )").output == "none base"
    assert me.types("echo $( assume --off; echo $AWS_PROFILE )").output == "base"
    assert me.changed_since(on) == {}
    assert befores(me) == kept
    assert me.types("assume --off").status == 0
    assert me.environment()["AWS_PROFILE"] == "base"


def test_in_a_pipeline_it_is_a_subshells_matter(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    result = me.types("assume read-only | cat")
    assert (result.status, result.output) == (0, ""), "nothing of it is printed"
    assert me.profile() == (None if shell.kind in ("bash", "zsh") else "read-only")
    me.types("assume --off")
    result = me.types("echo x | assume power-user")
    assert (result.status, result.output) == (0, "")
    assert me.profile() == (None if shell.kind == "bash" else "power-user")


def test_the_hook_can_be_loaded_twice(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    before = me.state()
    assert me.types(shell.source(me.hook)).status == 0
    assert me.changed_since(before) == {}
    me.types("assume read-only")
    before = me.state()
    me.types(shell.source(me.hook))
    assert me.changed_since(before) == {}
    assert me.types("assume --off").status == 0
