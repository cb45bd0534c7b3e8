"""Where a secret may not be seen while the hook takes it: traces, arguments, temporary files, helper variables."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.shell import shells
from tests.shell.backend import Backend
from tests.shell.conftest import present
from tests.shell.faked import session_on
from tests.shell.session import Start
from tests.shell.shells import Shell, clean_environment

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE" * 40
OLD = "oLdSeCrEtOfTheSessionBefore"
SESSION = {"AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}


def seen(text: str | bytes) -> list[str]:
    """Which secrets stand in a text (a part of one is enough)."""
    text = text if isinstance(text, str) else text.decode("utf-8", "surrogateescape")
    return [secret for secret in (SECRET, TOKEN, OLD) if secret[:12] in text]


TRACES = {
    "bash": ["set -x", "set -v", "set -xv", "set -o functrace; set -x", "PS4='+ $LINENO '; set -x", "set -e; set -xv"],
    "zsh": ["set -x", "set -v", "set -xv", "setopt xtrace verbose", "PS4='%N:%i> '; set -x"],
    "fish": ["set -g fish_trace 1", "set -gx fish_trace 1", "set -U fish_trace 1", "set -g fish_trace all"],
}


def traced() -> list[object]:
    """Every shell with each of its ways to trace."""
    return [
        pytest.param(shell, case, id=f"{shell}-{case}") for shell in shells.ALL for case in TRACES.get(shell.kind, [])
    ]


def flags_of(case: str) -> set[str]:
    """Which of -x and -v a way to trace turns on."""
    if "xtrace verbose" in case:
        return {"x", "v"}
    return set("".join(re.findall(r"set -([xv]+)", case)))


@pytest.mark.parametrize(("shell", "case"), traced())
def test_a_trace_shows_no_value_and_goes_on(shell: Shell, case: str, backend: Backend, tmp_path: Path) -> None:
    present(shell)
    backend.gives(shell, SESSION, ["AWS_PROFILE"])
    flags = "true" if shell.kind == "fish" else "echo flags=$-"
    lines = [shell.source(backend.hook(shell)), case, "assume x", flags, "true last"]
    environment = clean_environment(tmp_path) | {"AWS_SECRET_ACCESS_KEY": OLD}
    script = tmp_path / f"script.{shell.extension}"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")  # read line by line: -v shows what is read
    done = shell.run(shell.source(script), env=environment, cwd=tmp_path)
    assert done.returncode == 0
    assert seen(done.stdout + done.stderr) == []
    assert b"true last" in done.stderr, "traced before, so traced after"
    if shell.kind != "fish":
        assert set(done.stdout.decode().partition("=")[2]) & {"x", "v"} == flags_of(case)


@pytest.mark.parametrize(("shell", "case"), traced())
def test_a_trace_in_a_terminal_shows_no_value(shell: Shell, case: str, backend: Backend, start: Start) -> None:
    present(shell)
    backend.gives(shell, SESSION)
    session = start(shell, rc=shell.source(backend.hook(shell)), env={"AWS_SECRET_ACCESS_KEY": OLD})
    session.run(case)
    for line in ("assume x", "assume -", "assume --off"):
        assert session.run(line).status == 0
    assert session.environment()[b"AWS_SESSION_TOKEN"] == TOKEN.encode()
    assert seen(session.terminal.history()) == []


# Ways to be told of every command, in functions too.
DEBUGGED = {
    "bash": [
        "set -T; trap 'told \"$BASH_COMMAND\"' DEBUG",
        "shopt -s extdebug; trap 'told \"$BASH_COMMAND\"' DEBUG",
        "set -ET; trap 'told \"$BASH_COMMAND\"' ERR DEBUG",
    ],
    "zsh": ["trap 'told \"$ZSH_DEBUG_CMD\"' DEBUG", 'TRAPDEBUG() { told "$ZSH_DEBUG_CMD" }'],
}


@pytest.mark.parametrize(
    ("shell", "case"),
    [pytest.param(shell, case, id=f"{shell}-{case}") for shell in shells.ALL for case in DEBUGGED.get(shell.kind, [])],
)
def test_a_debug_trap_hears_no_value_and_stays(shell: Shell, case: str, backend: Backend, tmp_path: Path) -> None:
    present(shell)
    backend.gives(shell, SESSION, ["AWS_PROFILE"])
    told = """told() { builtin printf '%s\\n' "$1" >>"$HOME/told"; }"""
    lines = [shell.source(backend.hook(shell)), told, case, "echo $-", "assume x", "echo $-", "true last"]
    environment = clean_environment(tmp_path) | {"AWS_SECRET_ACCESS_KEY": OLD, "HOME": str(tmp_path)}
    script = tmp_path / f"script.{shell.extension}"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    # The script itself, not sourced: in what is sourced, bash has that trap only where it is told to.
    done = subprocess.run(
        [*shell.script()[:-1], script], env=environment, cwd=tmp_path, capture_output=True, timeout=30, check=False
    )
    assert (done.stderr, done.returncode) == (b"", 0)
    heard = (tmp_path / "told").read_text(encoding="utf-8")
    assert seen(heard) == []
    assert "assume x" in heard
    assert "true last" in heard
    before, after = done.stdout.splitlines()
    assert before == after


def test_under_keyword_no_environment_is_shown(evaluating: Shell, backend: Backend, start: Start) -> None:
    """`set -k` takes every word with a = for an assignment, before any command."""
    if evaluating.kind != "bash":
        pytest.skip("bash has this")
    backend.gives(evaluating, {**SESSION, **{name: text for name, text in session_on().items() if text}})
    session = start(evaluating, rc=evaluating.source(backend.hook(evaluating)), env={"AWS_SECRET_ACCESS_KEY": OLD})
    assert session.run("set -k").output == ""
    for line in ("assume x", "true", "aws s3 ls >/dev/null 2>&1; true"):
        result = session.run(line)
        assert (result.output, result.status) == ("", 0)
    assert session.environment()[b"AWS_SESSION_TOKEN"] == TOKEN.encode()
    assert "k" in session.run("echo $-").output, "on before, so on after"


def test_arguments_and_helper_variables_hold_no_secret(evaluating: Shell, backend: Backend, start: Start) -> None:
    backend.gives(evaluating, SESSION)
    session = start(
        evaluating, rc=evaluating.source(backend.hook(evaluating)), env={"AWS_SECRET_ACCESS_KEY": OLD, "MFA": "424242"}
    )
    for line in ("assume x", "assume y", "assume --off"):
        assert session.run(line).status == 0
    assert seen("".join(word for call in backend.calls() for word in call.words)) == []
    state = session.state()
    holders = {name for name, text in state.variables.items() if seen(text)}
    assert holders == {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    assert [name for name, text in state.functions.items() if seen(text)] == []
    assert [name for name, text in state.settings.items() if seen(text)] == []
    assert seen(session.terminal.history()) == []


def test_no_file_is_made_and_no_program_told(evaluating: Shell, backend: Backend, tmp_path: Path) -> None:
    """The directory's own time tells that a file came and went; strace, where it works, sees files anywhere."""
    backend.gives(evaluating, {**SESSION, "LONG": "x" * 100_000})
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    before = temporary.stat().st_mtime_ns
    environment = clean_environment(tmp_path) | {"AWS_SECRET_ACCESS_KEY": OLD, "TMPPREFIX": str(temporary / "zsh")}
    code = f"{evaluating.source(backend.hook(evaluating))}\nassume x"
    log = tmp_path / "log"
    watch = [
        "strace",
        "-f",
        "-qq",
        "-s",
        "200000",
        "-e",
        "trace=execve,open,openat,creat,unlink,unlinkat",
        "-o",
        str(log),
    ]
    works = (
        shutil.which("strace") and subprocess.run([*watch, "true"], capture_output=True, check=False).returncode == 0
    )
    done = subprocess.run(
        [*(watch if works else []), *evaluating.script(), code],
        env=environment,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)
    assert temporary.stat().st_mtime_ns == before
    if works:
        calls = [line for line in log.read_text(errors="replace").splitlines() if "ENOENT" not in line]
        assert [line for line in calls if "execve(" in line and seen(line)] == []
        made = [line for line in calls if re.search(r"O_CREAT|creat\(|unlink", line) and '"/dev/' not in line]
        assert [line for line in made if str(backend.directory) not in line] == []
        assert any("execve(" in line for line in calls), "strace saw nothing at all"
