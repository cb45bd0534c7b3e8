"""Plugins and themes that are files, not programs: found in /usr/share, or in the directories that SHELLHOOK_NEIGHBOURS
names (as PATH does), each under its own name, as `git clone` leaves it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.shell import shells
from tests.shell.backend import Backend
from tests.shell.conftest import present
from tests.shell.faked import drawn, session_on
from tests.shell.session import ShellSession, Start
from tests.shell.test_neighbours import COUNTED, TEXT, check, in_order, promptless, ran

PLACES = [*filter(None, os.environ.get("SHELLHOOK_NEIGHBOURS", "").split(os.pathsep)), "/usr/share"]


def theirs(path: str) -> Path:
    """The plugin's file, where it is there; else the test is skipped."""
    files = (Path(place) / path for place in PLACES)
    return next(filter(Path.is_file, files), None) or pytest.skip(f"{path} is not below {':'.join(PLACES)}")


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("bash", "bash-completion/bash_completion"),
        ("zsh", "zsh-autosuggestions/zsh-autosuggestions.zsh"),
        ("zsh", "zsh-syntax-highlighting/zsh-syntax-highlighting.zsh"),
    ],
)
def test_plugins(kind: str, path: str, order: str, backend: Backend, start: Start) -> None:
    shell = present({each.kind: each for each in shells.ALL[:3]}[kind])
    rc = in_order(order, shell.source(theirs(path)), shell.source(backend.hook(shell)))
    check(start(shell, rc=f"{rc}\n{COUNTED[kind]}", env=session_on(), columns=240))


@pytest.mark.parametrize("order", ["before", "after"])
def test_bash_preexec(backend: Backend, start: Start, order: str) -> None:
    bash = present(shells.Bash("bash"))
    loads = bash.source(theirs("bash-preexec/bash-preexec.sh"))
    rc = in_order(
        order, f'{loads}; mine() {{ echo "<$1>"; }}; preexec_functions+=(mine)', bash.source(backend.hook(bash))
    )
    session = start(bash, rc=f"{rc}\n{COUNTED['bash']}", env=session_on(-60, SHELLHOOK_REPROMPT="command"), columns=240)
    assert session.run("true").output == "<true>"
    assert ran(session) == 1
    assert f"[{TEXT.split()[0]} expired]" in drawn(session)
    session.run("aws s3 ls")
    assert [call.words[-1] for call in backend.calls()] == ["0"]


# What their users write, each with the segment of theirs that shows the profile and no time; what their prompt shows.
OH_MY_ZSH = "DISABLE_AUTO_UPDATE=true; ZSH_DISABLE_COMPFIX=true; ZSH_THEME=robbyrussell; plugins=(aws git)"
POWERLEVEL10K = (
    "POWERLEVEL9K_DISABLE_GITSTATUS=true; POWERLEVEL9K_DISABLE_CONFIGURATION_WIZARD=true; POWERLEVEL9K_MODE=ascii; "
    "POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(dir aws prompt_char); POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS=(status)"
)
THEMES = {
    "ohmyzsh/oh-my-zsh.sh": (OH_MY_ZSH, "➜"),
    "powerlevel10k/powerlevel10k.zsh-theme": (POWERLEVEL10K, "aws power-user"),
}


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("path", THEMES)
def test_themes(path: str, order: str, backend: Backend, start: Start) -> None:
    """Both are seen, ours once, after every command."""
    zsh = present(shells.Zsh("zsh"))
    settings, shown = THEMES[path]
    loads = f"{settings}; {zsh.source(theirs(path))}"
    rc = in_order(order, loads, zsh.source(backend.hook(zsh)))
    environ = {**session_on(), "AWSUME_PROFILE": "power-user"}
    session = promptless(start, zsh, f"{rc}\n{COUNTED['zsh']}", environ)
    for number in range(3):
        last = _after(session, number)
        assert last.count(f"[{TEXT}]") == 1
        assert shown in last
    assert len((session.home / "ran").read_text(encoding="ascii")) // 2 in (4, 5), "once for each prompt"


def _after(session: ShellSession, number: int) -> str:
    """What is shown below the output of the next command."""
    session.type(f"echo line$(({number} + 5))")
    session.key("enter")
    session.wait(f"^line{number + 5}$")
    session.wait(lambda text: f"[{TEXT}]" in text.rpartition(f"\nline{number + 5}")[2])
    return session.screen().rpartition(f"\nline{number + 5}")[2]
