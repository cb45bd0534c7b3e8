"""The tester of shells, in each real shell: what it reads back is true, and it fails when it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell import conftest, shells
from tests.shell.session import Start
from tests.shell.shells import Bash, Shell

AWKWARD = 's3cr\'et "$(id)" `id` \\ * ~ $HOME !x %p ;&|<> \u00e4\u20ac\U0001f600 '


def function(shell: Shell, name: str, body: str) -> str:
    """The line that defines a function."""
    if shell.kind == "fish":
        return f"function {name}; {body}; end"
    return f"function {name} {{ {body}; }}"


def test_a_clean_start_is_silent(shell: Shell, start: Start) -> None:
    session = start(shell)
    assert session.screen() == "[1:0]>"
    environment = session.environment()
    assert environment[b"HOME"] == bytes(session.home)
    assert not [name for name in environment if name.startswith((b"AWS", b"PROBE", b"PYTEST"))]


def test_status_and_output_of_lines(shell: Shell, start: Start) -> None:
    session = start(shell)
    result = session.run("echo hello")
    assert (result.status, result.output) == (0, "hello")
    assert result.screen.endswith("> echo hello\nhello")
    assert session.run("sh -c 'exit 7'").status == 7
    assert session.run("").status == 7, "an empty line keeps it"
    assert session.run("seq 100").output.split("\n") == [str(n) for n in range(1, 101)], "longer than the screen"


def test_reading_the_state_changes_nothing(shell: Shell, start: Start) -> None:
    session = start(shell)
    session.run("sh -c 'exit 7'")
    before = session.state()
    assert session.state().differences(before) == {}
    assert session.run("").status == 7
    assert session.history() == ["sh -c 'exit 7'"]
    assert session.screen().split("\n")[-1].endswith(":7]>")


def test_values_come_back_byte_by_byte(shell: Shell, start: Start) -> None:
    session = start(shell)
    session.run(shell.export("AWKWARD", AWKWARD))
    session.run(shell.export("EMPTY", "-") if shell.kind == "powershell" else shell.export("EMPTY", ""))
    environment = session.environment()
    assert environment[b"AWKWARD"] == AWKWARD.encode()
    assert environment[b"EMPTY"] == (b"-" if shell.kind == "powershell" else b"")
    session.run(shell.remove("EMPTY"))
    assert b"EMPTY" not in session.environment()


def test_bytes_that_are_no_text_and_newlines_come_back(shell: Shell, start: Start) -> None:
    value = "".join(map(chr, range(1, 128))) + "\udcff\udc80"
    if shell.kind == "powershell":
        pytest.skip("PowerShell holds text, not bytes")
    session = start(shell, env={"BYTES": value})
    assert session.environment()[b"BYTES"] == value.encode("utf-8", "surrogateescape")


def test_variables_functions_and_history_are_seen(shell: Shell, start: Start) -> None:
    session = start(shell)
    before = session.state()
    session.run(shell.assign("harmless", "value 17").replace("set -g", "set -g --"))
    session.run(function(shell, "helper", "echo 18"))
    after = session.state()
    assert set(after.differences(before)) == {"variables harmless", "functions helper"}
    assert "value 17" in after.variables["harmless"]
    assert "echo 18" in after.functions["helper"]
    assert b"harmless" not in after.environment
    assert len(session.history()) == 2
    assert "value 17" in session.history()[0]


def test_the_state_is_read_under_hostile_options(shell: Shell, start: Start) -> None:
    hostile = {
        "bash": "set -efuC; IFS=x; alias printf=false declare=false read=false",
        "zsh": "setopt ksh_arrays sh_word_split glob_subst no_unset noclobber; IFS=x; alias -g printf=false '|'=x",
        "fish": "set -g fish_trace 1; alias printf=false",
        "powershell": "Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'",
    }
    session = start(shell)
    session.run(shell.export("AWKWARD", AWKWARD))
    session.run(hostile[shell.kind])
    state = session.state()
    assert state.environment[b"AWKWARD"] == AWKWARD.encode()
    assert "HOME" in state.variables or shell.kind == "powershell"


def test_the_startup_file_and_sourcing(shell: Shell, start: Start, tmp_path: Path) -> None:
    file = tmp_path / "with a blank's"
    file.write_text(shell.export("SOURCED", "yes") + "\n", encoding="utf-8")
    assert start(shell, rc=shell.source(file)).environment()[b"SOURCED"] == b"yes"
    session = start(shell)
    assert session.run(shell.source(file)).status == 0
    assert session.environment()[b"SOURCED"] == b"yes"


def test_what_a_startup_file_prints_is_seen(shell: Shell, start: Start) -> None:
    assert start(shell, rc="echo too loud").started.screen == "too loud"


def test_the_environment_given(shell: Shell, start: Start) -> None:
    environment = start(shell, env={"LANG": None, "GIVEN": "x"}).environment()
    assert environment[b"GIVEN"] == b"x"
    assert b"LANG" not in environment or shell.kind == "fish"


def test_nested_shells(shell: Shell, start: Start) -> None:
    session = start(shell)
    session.run("sh -c 'exit 7'")
    session.enter(" ".join(shell.quote(word) if " " in word else word for word in shell.interactive(session.home)))
    session.run(shell.export("INNER", "1"))
    assert session.environment()[b"INNER"] == b"1"
    assert session.run("sh -c 'exit 5'").status == 5
    session.leave()
    assert b"INNER" not in session.environment()
    assert session.run("sh -c 'exit 4'").status == 4


def test_ctrl_c_at_the_prompt_and_in_a_program(shell: Shell, start: Start, tmp_path: Path) -> None:
    # Not `sh -c 'echo started; sleep'`: dash can lose a Ctrl-C between the two
    program = tmp_path / "sleeper"
    program.write_text(
        "import signal, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "print('started', flush=True)\n"
        "time.sleep(1000)\n",
        encoding="ascii",
    )
    session = start(shell)
    session.type(f"python3 -I {program}")
    session.key("enter")
    session.wait("^started$")
    session.key("ctrl-c")
    assert session.ready().status == 130
    session.type("never run")
    session.cancel()
    assert session.run("echo alive").output == "alive"
    assert "never run" not in session.history()


def test_a_question_of_a_program(shell: Shell, start: Start) -> None:
    session = start(shell)
    session.type("""sh -c 'printf "name? "; read name; echo "<$name>"; exit 3'""")
    session.key("enter")
    session.wait(r"^name\? $|^name\?$")
    session.type("me")
    session.key("enter")
    result = session.ready()
    assert (result.status, result.output) == (3, "name? me\n<me>")


def test_a_line_that_never_ends_is_a_failure(shell: Shell, start: Start) -> None:
    session = start(shell)
    timeout = 3 if shell.kind == "powershell" else 0.3  # it compiles what a key does when the first one is pressed
    with pytest.raises(AssertionError, match=rf"(?s)not seen in {timeout} s.*sleep 1000"):
        session.run("sleep 1000", timeout=timeout)


def test_a_shell_that_ends_at_once_is_a_failure(shell: Shell, start: Start) -> None:
    with pytest.raises(AssertionError, match="before the end"):
        start(shell, rc="exit 4" if shell.kind == "powershell" else "exec sh -c 'echo broken; exit 4'")


def test_control_characters_are_no_text(shell: Shell, start: Start) -> None:
    with pytest.raises(ValueError, match="keys"):
        start(shell).type("two\nlines")


def test_scripts(shell: Shell, tmp_path: Path) -> None:
    code = "echo out; sh -c 'echo err >&2; exit 3'"
    if shell.kind == "powershell":
        code += "; exit $LASTEXITCODE"  # by itself it ends with 1 after any failure
    done = shell.run(code, env=shells.clean_environment(tmp_path), cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == (b"out\n", b"err\n", 3)


def test_a_missing_shell_is_skipped_and_a_required_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Bash("/nowhere/bash", "bash")
    monkeypatch.setenv("SHELLHOOK_REQUIRE", "zsh")
    with pytest.raises(pytest.skip.Exception, match="/nowhere/bash"):
        conftest.present(missing)
    monkeypatch.setenv("SHELLHOOK_REQUIRE", "zsh bash")
    with pytest.raises(pytest.fail.Exception, match="bash is required"):
        conftest.present(missing)


def test_a_bash_that_was_asked_for_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHELLHOOK_REQUIRE", raising=False)
    monkeypatch.setenv("SHELLHOOK_BASHES", "/nowhere/bash-3.2")
    assert shells.required() == {"bash:bash-3.2"}
    with pytest.raises(pytest.fail.Exception, match=r"/nowhere/bash-3\.2"):
        conftest.present(Bash("/nowhere/bash-3.2", "bash:bash-3.2"))
