"""The segment in a prompt: what it says, where it stands, in which colour, and what it leaves alone."""

from __future__ import annotations

import re
import sys

import pytest

from shellhook import shells as hooks
from tests.shell import shells
from tests.shell.backend import Backend
from tests.shell.conftest import present
from tests.shell.faked import children, drawn, row, segment, session_on, setting
from tests.shell.session import ShellSession, Start
from tests.shell.shells import Shell

HOUR, MINUTE = 3600, 60
BETWEEN = 30  # in the middle of a minute: the text does not change while it is looked at
COLORS = {"OK": "green", "WARN": "brown", "ALARM": "red", "CHANGED": "magenta", "DANGER": "red"}

# What stands in the environment, and the segment.
TEXTS: list[tuple[str, dict[str, str | None], int | None, str]] = [
    ("hours", {}, HOUR + 5 * MINUTE, "power-user 1h05m"),
    ("many hours", {}, 35 * HOUR + 59 * MINUTE, "power-user 35h59m"),
    ("minutes", {}, 59 * MINUTE, "power-user 59m"),
    ("no warning yet", {}, 15 * MINUTE, "power-user 15m"),
    ("warning", {}, 14 * MINUTE, "power-user 14m!"),
    ("no alarm yet", {}, 5 * MINUTE, "power-user 5m!"),
    ("alarm", {}, 4 * MINUTE, "power-user 4m!!"),
    ("expired", {}, -HOUR, "power-user expired"),
    ("changed keys", {"AWS_ACCESS_KEY_ID": "AKIAOTHER"}, HOUR, "power-user changed"),
    ("no keys", {"AWS_ACCESS_KEY_ID": None}, HOUR, "power-user changed"),
    ("a profile beside", {"AWS_PROFILE": "other"}, HOUR, "power-user changed"),
    ("changed and expired", {"AWS_PROFILE": ""}, -HOUR, "power-user changed"),
    ("unknown expiry", {}, None, "power-user"),
    ("another profile", {"SHELLHOOK_PROFILE": "prod"}, HOUR, "power-user (prod) 1h00m"),
    ("no role", {"SHELLHOOK_ROLE": None, "SHELLHOOK_PROFILE": "base"}, HOUR, "base 1h00m"),
    ("no profile", {"SHELLHOOK_PROFILE": None}, HOUR, "power-user 1h00m"),
    ("blanks", {"SHELLHOOK_ROLE": " a  b ", "SHELLHOOK_PROFILE": " a  b "}, HOUR, " a  b  1h00m"),
    ("letters", {"SHELLHOOK_ROLE": "été", "SHELLHOOK_PROFILE": "日本"}, HOUR, "été (日本) 1h00m"),
    ("leading zeros", {"SHELLHOOK_EXPIRES": "0000001000"}, None, "power-user expired"),
    ("warned early", {"SHELLHOOK_WARN": "2h"}, HOUR, "power-user 1h00m!"),
    ("warned in seconds", {"SHELLHOOK_WARN": "3720"}, HOUR, "power-user 1h00m!"),
    ("warned late", {"SHELLHOOK_WARN": "60s"}, 14 * MINUTE, "power-user 14m"),
    ("alarmed early", {"SHELLHOOK_ALARM": "14m"}, 13 * MINUTE, "power-user 13m!!"),
    ("no duration", {"SHELLHOOK_WARN": "soon", "SHELLHOOK_ALARM": "1d"}, 14 * MINUTE, "power-user 14m!"),
    (
        "all fields",
        {
            "SHELLHOOK_FORMAT": "<{role}|{profile}|{account}|{region}|{left}>",
            "SHELLHOOK_ACCOUNT": "111122223333",
            "SHELLHOOK_REGION": "eu-west-1",
        },
        HOUR,
        "<power-user|power-user|111122223333|eu-west-1|1h00m>",
    ),
    (
        "literal",
        {"SHELLHOOK_FORMAT": "a {b} {role {} } {left}%n\\u$HOME`x`"},
        HOUR,
        "a {b} {role {} } 1h00m%n\\u$HOME`x`",
    ),
    ("no field", {"SHELLHOOK_FORMAT": "role}x"}, HOUR, "role}x"),
    ("a role like a field", {"SHELLHOOK_FORMAT": "{role}={left}", "SHELLHOOK_ROLE": "{left}"}, HOUR, "{left}=1h00m"),
    ("absent fields", {"SHELLHOOK_FORMAT": "[{account}{region}]"}, HOUR, "[]"),
]
CHANGEABLE = {name: None for _, changes, _, _ in TEXTS for name in changes}


@pytest.fixture
def at(evaluating: Shell, backend: Backend, start: Start) -> ShellSession:
    """A shell with the hook, and no session."""
    hook = evaluating.source(backend.hook(evaluating))
    return start(evaluating, rc=hook, env={"SHELLHOOK_PROMPT": None}, columns=240)


def on(session: ShellSession, left: int | None = HOUR + BETWEEN, **changes: str | None) -> None:
    """Let a session be on from now."""
    session.run(setting(session.shell, {**CHANGEABLE, **session_on(left, **changes)}))


def test_the_text(at: ShellSession) -> None:
    """Every text in turn in one shell, so that none leaves a trace in the next."""
    found = {}
    for title, changes, left, _ in TEXTS:
        on(at, None if left is None else left + BETWEEN, **{"SHELLHOOK_PROMPT": "manual", **changes})
        found[title] = segment(at)
    assert found == {title: text for title, _, _, text in TEXTS}


def test_it_is_exported_and_goes_with_the_session(at: ShellSession, backend: Backend) -> None:
    assert segment(at) is None
    on(at)
    assert segment(at) == "power-user 1h00m"
    backend.answers(hooks.module(at.shell.kind).render({}, ["SHELLHOOK_REQUEST", "SHELLHOOK_EXPIRES"]).encode())
    at.run("assume --off")
    assert segment(at) is None
    assert "power-user" not in row(at)


def test_an_inherited_segment_without_a_session_goes(evaluating: Shell, backend: Backend, start: Start) -> None:
    session = start(evaluating, rc=evaluating.source(backend.hook(evaluating)), env={"SHELLHOOK_SEGMENT": "old"})
    assert segment(session) is None


def place(session: ShellSession, text: str = "[power-user 1h00m]") -> str:
    """Where the segment stands in the row of the prompt."""
    left, right = re.split(r"\[\d+:\d+\]>", row(session))
    counted = left.count(text), right.count(text)
    return {(0, 0): "", (1, 0): "left", (0, 1): "right"}.get(counted, f"{counted}")


def test_the_place_switched_while_running(at: ShellSession) -> None:
    default = "left" if at.shell.kind == "bash" else "right"
    on(at)
    assert place(at) == default
    for setting_of_it in ("left", "manual", "right", "off", "left", None, "off", None):
        at.run(setting(at.shell, {"SHELLHOOK_PROMPT": setting_of_it}))
        wanted = {"manual": "", "off": "", None: default, "right": default}.get(setting_of_it, setting_of_it)
        assert place(at) == wanted, setting_of_it
        assert not row(at).startswith(" "), "nothing is left of it"
        assert segment(at) == "power-user 1h00m"


def test_sourcing_twice_places_one(at: ShellSession, backend: Backend) -> None:
    on(at)
    for _ in range(2):
        assert at.run(at.shell.source(backend.hook(at.shell))).output == ""
        assert place(at) in ("left", "right")


def test_a_prompt_that_is_written_anew_gets_it_again(at: ShellSession) -> None:
    on(at)
    anew = {
        "bash": "PS1='new '\"$PS1\"; PS1='[$((PROBE_PROMPTS += 1)):$?]> '",
        "zsh": "PROMPT='[%1v:%?]> '; RPROMPT=theirs",
        "fish": "function fish_right_prompt; echo theirs; end",
    }[at.shell.kind]
    for _ in range(2):
        at.run(anew)
        at.run("true")  # fish sees at the prompt after that its function is gone
        assert place(at) in ("left", "right")
        if at.shell.kind != "bash":
            assert "theirs [power-user" in row(at)


def color(session: ShellSession, text: str = "power-user") -> str:
    """The colour of the segment: pyte's name."""
    session.wait(text)
    line, column = session.terminal.find(text)
    character = session.terminal.attributes(line, column)
    return f"{'bold ' * character.bold}{character.fg}"


def test_the_colours(at: ShellSession) -> None:
    shown = {}
    for state, left, changes in (
        ("OK", HOUR, {}),
        ("WARN", 10 * MINUTE, {}),
        ("ALARM", MINUTE, {}),
        ("ALARM expired", -HOUR, {}),
        ("CHANGED", HOUR, {"AWS_PROFILE": "x"}),
        ("DANGER", HOUR, {"SHELLHOOK_DANGER": "x *prod* power-?ser"}),
        ("DANGER of profile", HOUR, {"SHELLHOOK_DANGER": "*prod*", "SHELLHOOK_PROFILE": "a-prod"}),
        ("no DANGER", HOUR, {"SHELLHOOK_DANGER": "power [p]ower-user power-use"}),
        ("own OK", HOUR, {"SHELLHOOK_COLOR_OK": "1;36"}),
        ("own WARN", 10 * MINUTE, {"SHELLHOOK_COLOR_WARN": "36"}),
        ("own ALARM", MINUTE, {"SHELLHOOK_COLOR_ALARM": "36"}),
        ("own CHANGED", HOUR, {"AWS_PROFILE": "x", "SHELLHOOK_COLOR_CHANGED": "36"}),
        ("own DANGER", HOUR, {"SHELLHOOK_DANGER": "*", "SHELLHOOK_COLOR_DANGER": "36"}),
        ("no number", HOUR, {"SHELLHOOK_COLOR_OK": "31m;x"}),
        ("NO_COLOR", HOUR, {"NO_COLOR": "1"}),
    ):
        quiet = dict.fromkeys(("SHELLHOOK_DANGER", "NO_COLOR", *(f"SHELLHOOK_COLOR_{n}" for n in COLORS)))
        on(at, left + BETWEEN, **{**quiet, **changes})
        at.run("clear")
        shown[state] = color(at)
    plain = "default" if at.shell.kind != "fish" else shown["no number"]
    assert shown == {
        "OK": "green",
        "WARN": "brown",
        "ALARM": "red",
        "ALARM expired": "red",
        "CHANGED": "magenta",
        "DANGER": "bold red",
        "DANGER of profile": "bold red",
        "no DANGER": "green",
        "own OK": "bold cyan",
        "own WARN": "cyan",
        "own ALARM": "cyan",
        "own CHANGED": "cyan",
        "own DANGER": "cyan",
        "no number": plain,
        "NO_COLOR": "default",
    }


def test_in_a_dumb_terminal(evaluating: Shell, backend: Backend, start: Start) -> None:
    hook = evaluating.source(backend.hook(evaluating))
    session = start(evaluating, rc=hook, env={**session_on(), "TERM": "dumb"})
    assert place(session, "[power-user 3h05m]") == "left"
    assert color(session) == "default"


def test_a_narrow_window_and_a_wider_one(evaluating: Shell, backend: Backend, start: Start) -> None:
    session = start(evaluating, rc=evaluating.source(backend.hook(evaluating)), columns=30, env=session_on())
    session.type("echo 123456789012345678901234567890")
    session.key("enter")
    assert session.ready().screen.endswith("\n123456789012345678901234567890")
    session.terminal.resize(40, 100)
    session.run("true")
    assert place(session, "[power-user 3h05m]") in ("left", "right")
    session.terminal.resize(40, 30)
    session.run("true")
    session.type("echo abc")
    session.key("enter")
    assert "\nabc" in session.ready().screen


@pytest.fixture
def zsh() -> Shell:
    """zsh alone."""
    return present(shells.Zsh("zsh"))


MULTI_LINE = {
    "bash": "PS1='top\\n'$PS1",
    "zsh": "PROMPT=$'top\\n'$PROMPT",
    "fish": "functions -c fish_prompt lower; function fish_prompt; set -l s $status; echo top; __set $s; lower; end; "
    "function __set; return $argv; end",
}


def test_a_prompt_of_two_lines(evaluating: Shell, backend: Backend, start: Start) -> None:
    rc = "\n".join([MULTI_LINE[evaluating.kind], evaluating.source(backend.hook(evaluating))])
    session = start(evaluating, rc=rc, env=session_on(SHELLHOOK_PROMPT="left"))
    session.run("clear")
    assert session.screen().startswith("[power-user 3h05m] top\n")
    assert session.run("(exit 3)" if evaluating.kind != "fish" else "false").status == (
        3 if evaluating.kind != "fish" else 1
    )


VI = {"bash": "set -o vi", "zsh": "bindkey -v", "fish": "fish_vi_key_bindings"}


def test_in_vi_mode(evaluating: Shell, backend: Backend, start: Start) -> None:
    rc = "\n".join([VI[evaluating.kind], evaluating.source(backend.hook(evaluating))])
    session = start(evaluating, rc=rc, env=session_on())
    session.type("echo one two")
    session.key("escape")
    session.terminal.pump(0.6)  # bash and fish wait for more behind an escape
    session.type("bdwI")
    session.key("enter")
    assert session.ready().output == "one"
    session.wait(lambda _: "[power-user 3h05m]" in drawn(session))


@pytest.mark.parametrize("option", ["prompt_subst", "no_prompt_subst"])
def test_zsh_and_substitution_in_prompts(option: str, backend: Backend, start: Start, zsh: Shell) -> None:
    rc = "\n".join([f"setopt {option}", zsh.source(backend.hook(zsh))])
    session = start(zsh, rc=rc, env=session_on(SHELLHOOK_ROLE="$(touch f)%n!!`touch f`"))
    assert "[$(touch f)%n!!`touch f` (power-user) 3h05m]" in row(session)
    assert not (session.home / "f").exists()


def test_zsh_whose_prompts_have_no_percent_signs(backend: Backend, start: Start, zsh: Shell) -> None:
    plain = "unsetopt prompt_percent; setopt prompt_subst; PROMPT='[$psvar[1]:$?]> '"
    session = start(zsh, rc=f"{plain}\n{zsh.source(backend.hook(zsh))}", env=session_on())
    assert segment(session) == "power-user 3h05m"
    assert "%" not in row(session)
    session.run("setopt prompt_percent")
    assert place(session, "[power-user 3h05m]") == "right"


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how many processes there were")
def test_no_process_for_a_hundred_prompts(at: ShellSession) -> None:
    on(at)
    at.run("true")
    before = children(at)
    for _ in range(50):
        at.run("true")
        at.key("enter")
        at.ready()
    assert children(at) == before
    at.run("/bin/true")
    assert children(at) > before, "so it would be seen"
    assert at.terminal.session_processes() == [at.terminal.process.pid]
