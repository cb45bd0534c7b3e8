"""Values on their way into a real PowerShell: each arrives as it is, and nothing of a secret stays beside it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shell import powershell_bench
from tests.shell.powershell_backend import SECRET, TOKEN
from tests.shell.powershell_bench import PWSH, WRITE, Bench
from tests.shell.session import ShellSession, Start

# What an environment can hold, and PowerShell: text without NUL. What means something on the way comes often. Empty
# values are a test of their own.
LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
AWKWARD = st.sampled_from("%05ADad=\r\n'\"`$(){};&|\\~*?[] \u0338\u2018\u201b\u0085\u2028\ufeff\U0001f600")
VALUES = st.lists(st.text(LETTERS | AWKWARD, min_size=1, max_size=60), min_size=50, max_size=300)
ALWAYS = [SECRET, TOKEN, "=\u0338", "\u0338", " \t ", "\ufeff", "%", "%250D", "\r", "\n"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A fresh bench."""
    return powershell_bench.in_directory(tmp_path)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(VALUES)
def test_any_value_arrives_as_it_is(bench: Bench, values: list[str]) -> None:
    wanted = {f"V{number}": value for number, value in enumerate([*values, *ALWAYS])}
    given_values, written = bench.root / "values", bench.root / "written"
    given_values.write_text(json.dumps(wanted), encoding="utf-8")
    written.unlink(missing_ok=True)
    write = f"& {PWSH.quote(str(bench.program('write', WRITE)))} {PWSH.quote(str(written))}"
    said = bench.run(f"assume values; say $? $LASTEXITCODE\n{write}", T_VALUES=str(given_values))
    assert said == "True 0 p= errors=0\n"
    found = json.loads(written.read_text(encoding="utf-8"))
    assert {name: bytes.fromhex(found[name]).decode() for name in wanted} == wanted


def test_an_empty_value_is_kept_where_powershell_can(bench: Bench) -> None:
    (bench.root / "values").write_text('{"EMPTY": ""}', encoding="ascii")
    code = "assume values\n$can = $PSVersionTable.PSVersion -ge [version]'7.5'\n\"$can $(Test-Path env:EMPTY)\""
    assert bench.run(code, T_VALUES=str(bench.root / "values")) in ("True True\n", "False False\n")


def test_another_encoding_of_the_shell_touches_no_value(bench: Bench) -> None:
    code = 'import os; print(os.environb[b"AWS_SECRET_ACCESS_KEY"].hex())'
    said = bench.run(
        f"$before = [Console]::OutputEncoding.CodePage\nassume dev\n"
        f"& {PWSH.quote(sys.executable)} -c {PWSH.quote(code)}\n$before; [Console]::OutputEncoding.CodePage",
        LC_ALL="de_DE.ISO-8859-1",
        LANG="de_DE.ISO-8859-1",
    ).splitlines()
    assert said[0] == SECRET.encode().hex()
    assert said[1] == said[2] != "65001"


def test_a_trace_shows_no_secret(bench: Bench) -> None:
    lines = "assume 'd*v'\nassume dev\nassume bad\nassume x -- true '*'"
    said = bench.run(f"Set-PSDebug -Trace 2\n{lines}\nSet-PSDebug -Off\nsay end")
    assert "DEBUG" in said
    assert "end p=dev" in said
    assert "SECRET" not in said
    assert "TOKEN=" not in said


def test_nothing_of_its_own_is_left_outside(bench: Bench) -> None:
    names = "@(Get-Variable -Scope Global).Name + @(Get-ChildItem Function:).Name"
    code = f"assume dev; assume bad; assume x -- $env:SHOW '*'\n$new = {names} | Where-Object {{ $_ -notin $known }}"
    said = bench.run(f'{code}\n"$new"', before=f"$known = 'known', 'say' + {names}")
    ours = set(said.splitlines()[-1].split()) - {"$", "?", "^", "_", "LASTEXITCODE", "StackTrace", "PSItem", "Matches"}
    assert ours == {"assume"}


Open = Callable[..., ShellSession]


@pytest.fixture
def interactive(bench: Bench, start: Start) -> Open:
    """An interactive PowerShell with the hook in its profile."""

    def started() -> ShellSession:
        theirs = ("HOME", "TMPDIR")
        more: Mapping[str, str | None] = {k: v for k, v in bench.environment().items() if k not in theirs}
        return start(PWSH, rc=PWSH.source(bench.hook), env=more)

    return started


def test_a_code_is_asked_on_the_terminal_and_not_shown(interactive: Open) -> None:
    session = interactive()
    session.type("assume ask")
    session.key("enter")
    session.wait(r"^MFA code:")
    session.type("123456")
    session.key("enter")
    assert session.ready().status == 0
    assert session.environment()[b"SHELLHOOK_PROFILE"] == b"ask"
    assert "123456" not in session.screen()
    assert session.history() == ["assume ask"]


def test_ctrl_c_at_the_code_changes_nothing(interactive: Open) -> None:
    session = interactive()
    session.run("assume dev")
    session.type("assume ask")
    session.key("enter")
    session.wait(r"^MFA code:")
    session.key("ctrl-c")
    assert session.ready().status in (130, 137), "PowerShell kills the program outright"
    assert session.environment()[b"SHELLHOOK_PROFILE"] == b"dev"
    assert session.run("echo alive").output == "alive"


def test_a_command_has_the_terminal(interactive: Open) -> None:
    session = interactive()
    session.run("assume dev")
    script = "test -t 0 && test -t 1 && test -t 2 && echo all"
    assert session.run(f"assume x -- sh -c '{script}'").output == "all"
    assert session.run(f"assume x -- sh -c '{script}' '*'").output == "all", "where the call is written out"
    assert session.run("assume --status").output == "shown --status on a terminal"
    session.type("assume x -- sh -c 'echo started; sleep 60'")
    session.key("enter")
    session.wait(r"^started$")
    session.key("ctrl-c")
    assert session.ready().status != 0
    assert session.environment()[b"SHELLHOOK_PROFILE"] == b"dev"


def test_the_secret_is_in_the_environment_and_nowhere_else(interactive: Open, bench: Bench) -> None:
    session = interactive()
    transcript = bench.root / "transcript"
    session.run(f"Start-Transcript {PWSH.quote(str(transcript))} | Out-Null")
    for line in ("assume dev", "assume bad", "assume x -- true '*'"):
        session.run(line)
    session.run("Stop-Transcript | Out-Null")
    state = session.state()
    assert state.environment[b"AWS_SECRET_ACCESS_KEY"] == SECRET.encode()
    assert state.environment[b"AWS_SESSION_TOKEN"] == TOKEN.encode()
    shown = session.run("& (Get-Module shellhook) { Get-Variable -Scope Script } | ForEach-Object { $_.Value }").output
    held = json.dumps([state.variables, state.functions, state.settings, shown])
    assert "SECRET'" not in held
    assert "TOKEN=" not in held
    assert "assume dev" in transcript.read_text(encoding="utf-8-sig")
    probe = (session.probe / "environment", session.probe / "shell")
    for file in bench.root.parent.rglob("*"):
        if file.is_file() and file not in probe:
            assert b"SECRET'" not in file.read_bytes(), file
