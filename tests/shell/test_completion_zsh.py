"""TAB in zsh, where it is like no other shell: compinit, fpath, styles, options."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from shellhook import shells as hooks
from tests.shell.backend import Backend
from tests.shell.conftest import present
from tests.shell.session import ShellSession, Start
from tests.shell.shells import Zsh
from tests.shell.tab import COMPINIT, MARK

ZSH = Zsh("zsh")
CONFIG = """\
[default]
[profile power-user]
role_arn = arn:aws:iam::111122223333:role/team/the-power
[profile power-tool]
sso_account_id = 444455556666
sso_role_name = the-tool
[profile with:a:colon]
role_arn = arn:aws:iam::111122223333:role/colon
[profile 'with a blank']
[profile read-only]
"""


def sit(start: Start, *lines: str, config: str = CONFIG, **options: object) -> ShellSession:
    """A shell with these lines in its start-up file, and AWS files at home."""
    session = start(present(ZSH), rc="\n".join(lines), **options)
    (session.home / ".aws").mkdir()
    (session.home / ".aws" / "config").write_text(config, encoding="utf-8")
    return session


def after(session: ShellSession, typed: str, *keys: str) -> str:
    """The line after TAB; then it is cleared."""
    session.type(typed)
    session.key(*(keys or ("tab",)))
    session.type(MARK)
    session.terminal.wait(lambda _: session.terminal.before_cursor().endswith(MARK))
    line = session.terminal.before_cursor().partition("> ")[2].removesuffix(MARK).rstrip()
    session.key("ctrl-u")
    session.wait(lambda _: re.search(r"\]> $", session.terminal.before_cursor()))
    return line


def loaded(backend: Backend, command: str = "assume") -> str:
    """The line that loads the hook."""
    return ZSH.source(backend.hook(ZSH, command))


LATE = "late() { precmd_functions=(${precmd_functions:#late}); " + COMPINIT + " }; precmd_functions+=(late)"
AT_THIRD = "third() { ((++prompts < 3)) || { precmd_functions=(${precmd_functions:#third}); " + COMPINIT + " } }"


@pytest.mark.parametrize("order", ["before", "after", "twice", "at the first prompt", "at the third prompt"])
def test_whenever_compinit_runs(start: Start, backend: Backend, order: str) -> None:
    load = loaded(backend)
    session = sit(
        start,
        *{
            "before": [COMPINIT, load],
            "after": [load, COMPINIT],
            "twice": [COMPINIT, load, COMPINIT],
            "at the first prompt": [load, LATE],
            "at the third prompt": ["integer prompts", AT_THIRD, "precmd_functions+=(third)", load],
        }[order],
    )
    for _ in range(4):
        session.run("")
    assert after(session, "assume re") == "assume read-only"
    assert after(session, "shellhook expl") == "shellhook explain"
    assert session.run("print $precmd_functions[(I)__shellhook_offer]").output == "0", "it is done once"


def test_without_compinit_nothing_is_said(start: Start, backend: Backend) -> None:
    session = sit(start, loaded(backend))
    (session.home / "re-file").touch()
    before = session.screen()
    assert after(session, "assume re") == "assume re-file"
    assert session.screen() == before


def test_the_file_on_fpath_works_by_itself(start: Start, tmp_path: Path) -> None:
    directory = tmp_path / "site functions"
    directory.mkdir()
    (directory / "_shellhook").symlink_to(Path(hooks._directory("completions")) / "_shellhook")
    session = sit(start, f"fpath=({ZSH.quote(str(directory))} $fpath)", COMPINIT)
    assert after(session, "assume re") == "assume read-only"
    assert after(session, "assume --region eu-n") == "assume --region eu-north-1"
    assert after(session, "shellhook explain re") == "shellhook explain read-only"
    (session.home / ".aws" / "config").write_text("[profile re-new]\n", encoding="utf-8")
    assert after(session, "assume re") == "assume re-new"


def test_a_copy_of_the_file_without_the_words_has_the_profiles(start: Start, tmp_path: Path) -> None:
    (tmp_path / "_shellhook").write_bytes((Path(hooks._directory("completions")) / "_shellhook").read_bytes())
    session = sit(start, f"fpath=({ZSH.quote(str(tmp_path))} $fpath)", COMPINIT)
    assert after(session, "assume re") == "assume read-only"
    assert after(session, "assume --profile=re") == "assume --profile=read-only"


def test_what_is_said_of_profiles_stands_in_columns(start: Start, backend: Backend, tmp_path: Path) -> None:
    markers = tmp_path / "state" / "shellhook" / "markers"
    markers.mkdir(parents=True)
    expires = int(time.time()) + 42 * 60 + 30
    (markers / "0").write_text(f"{expires}\nwith:a:colon\n", encoding="ascii")
    os.utime(markers / "0", (expires, expires))
    session = sit(start, COMPINIT, loaded(backend), env={"XDG_STATE_HOME": str(tmp_path / "state")}, columns=60)
    session.type("assume ")
    session.key("ctrl-d")
    text = session.wait("with:a:colon +-- 111122223333 colon  live 42m")
    assert re.search("^power-tool +-- 444455556666 the-tool$", text, re.MULTILINE)
    assert re.search("^power-user +-- 111122223333 the-power$", text, re.MULTILINE)
    assert re.search("^with a blank$", text, re.MULTILINE)
    assert len({line.index(" -- ") for line in text.split("\n") if " -- " in line}) == 1


def test_a_narrow_terminal_and_a_long_name(start: Start, backend: Backend) -> None:
    name = "long-" + "\u65e5\u672c" * 8
    config = f"[profile {name}]\nrole_arn = arn:aws:iam::111122223333:role/{'r' * 60}\n[profile long-x]\n"
    session = sit(start, COMPINIT, loaded(backend), config=config, columns=40)
    session.type("assume long-")
    session.key("ctrl-d")
    text = session.wait("long-x")
    below = text.split("\n")[1:]
    assert len(below) == 2, "a line each"


def test_styles_are_heard(start: Start, backend: Backend) -> None:
    styles = [
        "zstyle ':completion:*' matcher-list '' 'm:{a-z}={A-Z} l:|=* r:|=*'",
        "zstyle ':completion:*' format '<%d>'",
        "zstyle ':completion:*' group-name ''",
        "zstyle ':completion:*:profiles' list-separator '#'",
    ]
    session = sit(start, *styles, COMPINIT, loaded(backend), config=CONFIG + "[profile UPPER-one]\n")
    assert after(session, "assume only") == "assume read-only"
    assert after(session, "assume upper") == "assume UPPER-one"
    assert after(session, "assume -p colon") == "assume -p with:a:colon"
    session.type("assume power")
    session.key("ctrl-d")
    session.wait("(?s)^<AWS profile>$.*power-user +# 111122223333 the-power$")
    after(session, "")
    session.run("zstyle ':completion:*:profiles' verbose no")
    session.run("clear")
    session.type("assume power")
    session.key("ctrl-d")
    text = session.wait("power-tool +power-user")
    assert "1111" not in text


def test_menu_selection(start: Start, backend: Backend) -> None:
    session = sit(start, "zstyle ':completion:*' menu select", COMPINIT, loaded(backend))
    session.type("assume power-")
    session.key("tab")
    session.wait("power-tool +-- 4444")
    session.key("tab")
    session.wait("> assume power-tool *$")
    session.key("tab")
    session.wait("> assume power-user *$")
    session.key("enter")
    session.wait(lambda text: "444455556666" not in text)
    session.key("enter")
    session.ready()
    assert [call.typed for call in backend.calls()] == [["power-user"]]


@pytest.mark.parametrize("when", ["before", "after"])
def test_under_options_of_other_shells(start: Start, backend: Backend, when: str) -> None:
    options = "setopt ksh_arrays sh_word_split no_unset glob_subst magic_equal_subst"
    lines = [options, loaded(backend)] if when == "before" else [loaded(backend), options]
    session = sit(start, COMPINIT, *lines, config=CONFIG + "[profile ~tilde]\n[profile '=equals']\n")
    assert after(session, "assume re") == "assume read-only"
    for typed, name in {
        "--profile=with:": "--profile=with:a:colon",
        "'with ": "with a blank",
        "--profile='~t": "--profile=~tilde",
        "'=eq": "=equals",
        "-p '~t": "~tilde",
    }.items():
        session.type(f"assume {typed}")
        session.key("tab", "enter")
        session.ready()
        assert [call.typed[-1] for call in backend.calls()] == [name]


def test_a_variable_that_is_not_exported_is_not_the_backends(start: Start, backend: Backend) -> None:
    session = sit(start, COMPINIT, loaded(backend))
    (session.home / "other").write_text("[profile re-other]\n", encoding="ascii")
    session.run("AWS_CONFIG_FILE=~/other")
    assert after(session, "assume re") == "assume read-only"
    session.run("export AWS_CONFIG_FILE")
    assert after(session, "assume re") == "assume re-other"


def test_no_file_text_stays_in_the_shell(start: Start, backend: Backend) -> None:
    session = sit(start, COMPINIT, loaded(backend), config="[profile re]\nexternal_id = s3cr3t-1d\n[profile 'r e']\n")
    assert after(session, "assume r") == "assume r"
    assert after(session, "assume re") == "assume re"
    assert not [name for name, text in session.variables().items() if "s3cr3t" in text]


def test_a_word_that_is_a_pattern_is_no_pattern(start: Start, backend: Backend) -> None:
    session = sit(start, COMPINIT, loaded(backend))
    for typed in ("shellhook '*' re", "shellhook '[' re", "assume '*' re", "shellhook '(' --re"):
        assert after(session, typed) == typed
