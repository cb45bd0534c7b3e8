"""The prompt of a real PowerShell: what the segment says, where it stands, and that all else is as it was."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.shell import powershell_bench
from tests.shell.powershell_bench import PWSH, Bench
from tests.shell.session import ShellSession, Start

# A session as a program started in its shell inherits it; no marker tells of a newer one.
ON = {
    "SHELLHOOK_REQUEST": "0" * 32,
    "SHELLHOOK_PROFILE": "dev",
    "SHELLHOOK_ROLE": "power-user",
    "SHELLHOOK_ACCOUNT": "111122223333",
    "SHELLHOOK_REGION": "eu-central-1",
    "SHELLHOOK_KEY_ID": "ASIAOURS",
    "AWS_ACCESS_KEY_ID": "ASIAOURS",
    "SHELLHOOK_PROMPT": "left",
}
PROMPT = "function global:prompt { '> ' }\n"
SHOW = '"$(prompt)"'
COLOUR = "& (Get-Module shellhook) { $null = Get-Segment; $script:Colour }"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A fresh bench."""
    return powershell_bench.in_directory(tmp_path)


def seconds_left(seconds: int) -> str:
    """The line that sets the session's end."""
    return f"$env:SHELLHOOK_EXPIRES = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() + {seconds}"


def prompts(bench: Bench, *lines: str, before: str = PROMPT, **more: str) -> list[str]:
    """Our part of the prompt after each of the lines, which say nothing themselves."""
    code = "\n".join(f"{line}\n{SHOW}" for line in lines)
    shown = bench.run(code, before=before, **{**ON, **more}).splitlines()  # type: ignore[arg-type]
    assert all(text.endswith("> ") for text in shown), shown
    return [text.removesuffix("> ").rstrip() for text in shown]


def test_the_segment_counts_down(bench: Bench) -> None:
    wanted = {
        90_030: "25h00m",
        7_290: "2h01m",
        3_930: "1h05m",
        3_590: "59m",
        930: "15m",
        870: "14m!",
        330: "5m!",
        270: "4m!!",
        90: "1m!!",
        45: r"4\ds!!",
        0: "expired",
        -90_000: "expired",
    }
    shown = prompts(bench, *map(seconds_left, wanted), SHELLHOOK_ROLE="dev")
    for text, left in zip(shown, wanted.values(), strict=True):
        assert re.fullmatch(rf"\[dev {left}\]", text), (text, left)


@pytest.mark.parametrize("expires", ["", "never", "x[$(calc)]", "-5", "99999999999999999999"])
def test_an_unknown_end_is_never_expired(bench: Bench, expires: str) -> None:
    assert prompts(bench, "", SHELLHOOK_EXPIRES=expires) == ["[power-user (dev)]"]


def test_a_session_of_seconds_runs_out(bench: Bench, start: Start) -> None:
    session = bench.open(start, T_LIFE="4", SHELLHOOK_REPROMPT="off")
    session.run("assume dev")
    seen = [segment(session)]
    give_up = time.monotonic() + 30
    while "expired" not in seen[-1]:
        assert time.monotonic() < give_up, seen
        session.run("")
        seen.append(segment(session))
    assert seen[-1] == "[dev expired]"
    assert all(re.fullmatch(r"\[dev [1-4]s!!\]", text) for text in seen[:-1]), seen


def test_whose_session_it_is(bench: Bench) -> None:
    lines = [
        "$env:SHELLHOOK_ROLE = 'dev'",
        "$env:SHELLHOOK_ROLE = 'Dev'",
        "$env:SHELLHOOK_ROLE = $null",
        "$env:SHELLHOOK_PROFILE = $null; $env:SHELLHOOK_ROLE = 'admin'",
    ]
    shown = prompts(bench, seconds_left(870), *lines)
    assert shown == ["[power-user (dev) 14m!]", "[dev 14m!]", "[Dev (dev) 14m!]", "[dev 14m!]", "[admin 14m!]"]


def test_a_format_of_the_users_own(bench: Bench) -> None:
    wanted = {
        "{role}@{account} {left}": "[power-user@111122223333 14m!]",
        "{profile}/{region}{left}{left}": "[dev/eu-central-114m!14m!]",
        "{nothing} {role {ROLE}": "[{nothing} {role {ROLE}]",
        "{ROLE}{left}": "[{ROLE}14m!]",
        "$(1 + 1) `n {profile}": "[$(1 + 1) `n dev]",
    }
    lines = [f"$env:SHELLHOOK_FORMAT = {PWSH.quote(text)}" for text in wanted]
    odd = "$env:SHELLHOOK_FORMAT = '{role} {left}'; $env:SHELLHOOK_ROLE = '{left}'"
    assert prompts(bench, seconds_left(870), *lines, odd)[1:] == [*wanted.values(), "[{left} 14m!]"]


def test_when_it_warns(bench: Bench) -> None:
    lines = [
        "$env:SHELLHOOK_WARN = '2h'",
        "$env:SHELLHOOK_ALARM = '90m'",
        "$env:SHELLHOOK_WARN = '60s'; $env:SHELLHOOK_ALARM = '30'",
        "$env:SHELLHOOK_WARN = 'soon'; $env:SHELLHOOK_ALARM = '-1'",
    ]
    shown = prompts(bench, seconds_left(3_930), *lines, SHELLHOOK_ROLE="dev")
    assert shown == ["[dev 1h05m]", "[dev 1h05m!]", "[dev 1h05m!!]", "[dev 1h05m]", "[dev 1h05m]"]


def test_somebody_elses_keys(bench: Bench) -> None:
    lines = [
        "$env:AWS_ACCESS_KEY_ID = 'AKIAOTHER'",
        "$env:AWS_ACCESS_KEY_ID = 'ASIAOURS'",
        "$env:AWS_PROFILE = 'other'",
        "$env:AWS_PROFILE = $null; $env:AWS_ACCESS_KEY_ID = $null",
    ]
    shown = prompts(bench, *lines, SHELLHOOK_ROLE="dev", SHELLHOOK_EXPIRES="1000")
    assert shown == ["[dev changed]", "[dev expired]", "[dev changed]", "[dev changed]"]


def test_a_name_cannot_drive_the_terminal(bench: Bench) -> None:
    role = "x\x1b]0;T\x07\x1b[31m\u202e$(calc)`n\r\n\u2028y"
    shown = prompts(bench, "", SHELLHOOK_ROLE=role, SHELLHOOK_PROFILE="")
    assert shown == ["[x?]0;T??[31m?$(calc)`n???y]"]


def test_the_colours(bench: Bench) -> None:
    steps = {
        seconds_left(7_290): "32",
        seconds_left(870): "33",
        seconds_left(270): "31",
        seconds_left(-5): "31",
        "$env:SHELLHOOK_EXPIRES = $null": "32",
        "$env:SHELLHOOK_COLOR_OK = '38;5;208'": "38;5;208",
        '$env:SHELLHOOK_COLOR_OK = "1m`e]0;x"': "32",
        "$env:SHELLHOOK_DANGER = 'other *prod*'": "32",
        "$env:SHELLHOOK_ROLE = 'my-prod-admin'": "1;31",
        "$env:SHELLHOOK_ROLE = 'MY-PROD-ADMIN'": "32",
        "$env:SHELLHOOK_DANGER = 'a de?'": "1;31",
        "$env:SHELLHOOK_DANGER = '[d]ev d`ev .* ??'": "32",
        "$env:SHELLHOOK_DANGER = 'dev'; $env:SHELLHOOK_COLOR_DANGER = '41'": "41",
        seconds_left(870) + " ": "41",
        "$env:SHELLHOOK_DANGER = 'DEV'": "33",
        seconds_left(-5) + " ": "31",
        "$env:AWS_PROFILE = 'other'": "35",
    }
    said = bench.run("\n".join(f"{line}\n{COLOUR}" for line in steps), **ON).splitlines()  # type: ignore[arg-type]
    assert dict(zip(steps, said, strict=True)) == steps


def test_the_colour_is_on_the_screen(bench: Bench, start: Start) -> None:
    session = bench.open(start, SHELLHOOK_REPROMPT="off")
    session.run("assume dev")
    assert colour(session, "dev ") == "green"
    session.run(f"$env:SHELLHOOK_REQUEST = '{'0' * 32}'; $env:SHELLHOOK_EXPIRES = 1000")
    assert colour(session, "dev expired") == "red"
    assert colour(session, ":0]>") == "default"
    session.run("$env:NO_COLOR = 1")
    assert colour(session, "dev expired") == "default"
    session.run("$env:NO_COLOR = $null; $env:TERM = 'dumb'")
    assert colour(session, "dev expired") == "default"


@pytest.mark.parametrize(
    ("setting", "placed"), [("", True), ("left", True), ("right", True), ("manual", False), ("off", False)]
)
def test_where_it_stands(bench: Bench, setting: str, placed: bool) -> None:
    code = f'{SHOW}\n"$env:SHELLHOOK_SEGMENT|"'
    said = bench.run(code, before=PROMPT, **{**ON, "SHELLHOOK_PROMPT": setting})  # type: ignore[arg-type]
    assert said.splitlines() == ["[power-user (dev)] > " if placed else "> ", "power-user (dev)|"]


def test_without_a_session_nothing_is_shown_and_the_variable_is_gone(bench: Bench) -> None:
    code = f"{SHOW}\nTest-Path Env:SHELLHOOK_SEGMENT"
    more = {"SHELLHOOK_PROMPT": "left", "SHELLHOOK_SEGMENT": "of the parent's"}
    assert bench.run(code, before=PROMPT, **more) == "> \nFalse\n"  # type: ignore[arg-type]


STARSHIP = {
    "": False,
    "[aws]\nstyle = 'bold'\n": False,
    "[aws]\nformat = '[$symbol]'\n  disabled = true\n[git_status]\n": True,
    "[git_status]\ndisabled = true\n[aws]\nsymbol = 'a'\n": False,
    "[aws]\nsymbol = 'a'\n[git_status]\ndisabled = true\n": False,
    "format = '$directory$character'\n": True,
    "format = '$directory$aws'\n": False,
    "format = '${aws}$character'\n": False,
    "add_newline = false\nformat = '$all'\n": False,
    "[directory]\nformat = '$path'\n": False,
}


@pytest.mark.parametrize("configuration", STARSHIP, ids=lambda text: repr(str(text)))
def test_it_stands_back_where_starship_shows_profile_and_time(bench: Bench, configuration: str) -> None:
    file = bench.root / "starship.toml"
    file.write_text(configuration, encoding="ascii")
    before = "function global:prompt { $null = 'starship'; '> ' }\n"
    shown = prompts(bench, "", before=before, STARSHIP_CONFIG=str(file), SHELLHOOK_PROMPT="")
    assert shown == ["[power-user (dev)]" if STARSHIP[configuration] else ""]


def test_starship_without_a_file_shows_them(bench: Bench) -> None:
    before = "function global:prompt { $null = 'starship'; '> ' }\n"
    nothing = str(bench.root / "nothing")
    assert prompts(bench, "", before=before, STARSHIP_CONFIG=nothing, SHELLHOOK_PROMPT="") == [""]


def test_the_users_status_is_what_it_was(bench: Bench, start: Start) -> None:
    session = bench.open(start)
    session.run("$Error.Clear(); assume dev")
    assert session.run("sh -c 'exit 7'").status == 7
    assert re.fullmatch(r"\[dev (1h00m|59m)\]", segment(session))
    assert session.run('"$? $LASTEXITCODE"').output == "False 7"
    assert session.run('"$? $LASTEXITCODE"').output == "True 7"
    assert session.run("sh -c 'exit 0'").status == 0
    assert session.run("$Error.Count").output == "0"


def test_other_programs_see_the_segment(bench: Bench, start: Start) -> None:
    session = bench.open(start, SHELLHOOK_PROMPT="manual")
    session.run("assume dev")
    assert segment(session) == ""
    assert re.fullmatch(rb"dev (1h00m|59m)", session.environment()[b"SHELLHOOK_SEGMENT"])


def test_a_prompt_calls_no_backend(bench: Bench, start: Start) -> None:
    session = bench.open(start)
    session.run("assume dev")
    for _ in range(20):
        session.run("")
    assert [words[0] for words in bench.log()] == ["assume"]


def test_loading_again_shows_one_segment(bench: Bench) -> None:
    load = PWSH.source(bench.hook)
    assert prompts(bench, f"{load}\n{load}") == ["[power-user (dev)]"]


def test_what_another_has_wrapped_between_two_loads_only_passes_on(bench: Bench) -> None:
    wrap = '$global:theirs = $function:prompt\nfunction global:prompt { "(theirs) $(& $global:theirs)" }'
    shown = prompts(bench, f"{wrap}\n{PWSH.source(bench.hook)}")
    assert shown == ["[power-user (dev)] (theirs)"]


def test_removing_it_puts_prompt_and_line_reader_back(bench: Bench, start: Start) -> None:
    assert prompts(bench, "Remove-Module shellhook") == [""]
    session = bench.open(start)
    session.run("assume dev")
    reader = "$function:PSConsoleHostReadLine.ToString().Contains('Import-Session')"
    assert session.run(reader).output == "True"
    assert session.run("Remove-Module shellhook; sh -c 'exit 2'").status == 2
    assert segment(session) == ""
    assert session.run(reader).output == "False"


@pytest.mark.parametrize("when", ["before", "after"])
def test_under_the_strictest_modes(bench: Bench, when: str) -> None:
    strict = "Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'\n"
    strict += "$PSNativeCommandUseErrorActionPreference = $true\n"
    lines = [
        seconds_left(870),
        "assume dev; $env:SHELLHOOK_EXPIRES = 1000",  # whose marker tells of a newer one
        "$env:SHELLHOOK_EXPIRES = 'x[$(calc)]'; $env:SHELLHOOK_FORMAT = '{role} {account}'",
        "$env:SHELLHOOK_REQUEST = $null",
    ]
    before = PROMPT + (strict if when == "before" else "")
    first = strict if when == "after" else ""
    shown = prompts(bench, first + lines[0], *lines[1:], before=before, SHELLHOOK_DANGER="a b")
    assert shown[0] == "[power-user (dev) 14m!]"
    assert shown[1] in ("[dev 1h00m]", "[dev 59m]")
    assert shown[2:] == ["[dev 111122223333]", ""]


def test_no_other_module_is_loaded(bench: Bench) -> None:
    code = f"assume dev\n$env:SHELLHOOK_EXPIRES = 1000\n{SHOW}\n(Get-Module).Name -join ' '"
    said = bench.run(code, **{**ON, "SHELLHOOK_DANGER": "*prod*", "SHELLHOOK_FORMAT": "{role}"})  # type: ignore[arg-type]
    assert said.splitlines()[-1] == "shellhook"


def segment(session: ShellSession) -> str:
    """What stands before the prompt of the probe."""
    return session.terminal.before_cursor().rpartition("[")[0].rstrip()


def colour(session: ShellSession, text: str) -> str:
    """That of the lowest place where the text stands, by the terminal's name."""
    return str(session.terminal.attributes(*session.terminal.find(text)).fg)
