"""TAB in a real shell that was set up in odd ways: it works, and leaves all as it was."""

from __future__ import annotations

import re
from pathlib import Path

from tests.shell.shells import Shell
from tests.shell.tab import MARK, Sit, elsewhere, sit

__all__ = ["elsewhere", "sit"]  # fixtures

HOSTILE = {
    "bash": [
        "set -u",
        "set -e",
        "set -f -C",
        "IFS=aeiour-",
        "IFS=",
        "shopt -s nocasematch nullglob failglob dotglob; shopt -u extglob",
        "set -o posix",
        "alias local=false printf=false read=false set=false declare=false return=false source=false",
        "printf() { echo no; }; read() { echo no; }; mapfile() { echo no; }; local() { echo no; }",
        "COMP_WORDBREAKS=$' \\t\\n'",
        "set -o errtrace -o functrace; trap 'echo no' ERR",
        "set -o vi; bind '\"\\e?\": possible-completions'",
    ],
    "zsh": [
        "setopt no_unset",
        "setopt err_return",
        "setopt ksh_arrays sh_word_split glob_subst",
        "setopt no_clobber null_glob dot_glob no_case_match no_case_glob",
        "setopt extended_glob ksh_glob rc_quotes ignore_braces no_rc_expand_param rc_expand_param",
        "setopt warn_create_global warn_nested_var",
        "IFS=aeiour-",
        "IFS=",
        "alias local=false printf=false builtin=false read=false; alias -g G='| cat' -- --=x",
    ],
    "fish": [
        "alias string=false",
        "alias set=false printf=false test=false",
        "set -g IFS aeiour-",
        "function read; echo no; end",
    ],
    "powershell": [
        "Set-StrictMode -Version Latest",
        "$ErrorActionPreference = 'Stop'",
        "$OFS = 'x'; $PSNativeCommandUseErrorActionPreference = $true",
    ],
}


def test_under_every_setting(sit: Sit, shell: Shell, elsewhere: Path) -> None:
    for code in HOSTILE[shell.kind]:
        desk = sit()
        desk.session.run(code)
        before = desk.session.screen()
        table = {
            "assume re": "assume read-only",
            "assume --region eu-n": "assume --region eu-north-1",
            "assume --region=eu-n": "assume --region=eu-north-1",
            "shellhook expla": "shellhook explain",
        }
        assert {typed: desk.after(typed) for typed in table} == table, code
        assert desk.session.screen() == before, code
        assert desk.runs("assume power-u") == ["power-user"], code
        desk.session.close()


# What the shells themselves change: 3.2 leaves `history` out of its options until the next `set`, whatever that sets;
# zsh loads parts of its completion system, and keeps what Ctrl-U removes.
OWN = {
    "bash:bash-3.2": "|variables SHELLOPTS",
    "zsh": r"|variables (CUTBUFFER|killring|registers)|functions _[a-z_]+",
}


def test_status_and_state_stay(sit: Sit, shell: Shell) -> None:
    desk = sit()
    desk.after("assume re")
    desk.session.run("sh -c 'exit 7'")
    before = desk.session.state()
    desk.check([("assume re", "assume read-only"), ("assume --region=eu-n", "assume --region=eu-north-1")])
    changed = desk.session.state().differences(before)
    ours = r" __?shellhook" + OWN.get(shell.name, "")
    assert {name: pair for name, pair in changed.items() if not re.search(ours, name)} == {}
    assert desk.session.run("").status == 7


def test_the_first_tab_adds_names_of_ours_alone(sit: Sit, shell: Shell) -> None:
    desk = sit()
    desk.after("cat no-such-fi")  # what the shell itself loads at a first TAB
    before = desk.session.state()
    desk.after("assume re")
    desk.after("shellhook explain --region=eu-n")
    desk.after("assume no-such-thi")
    changed = set(desk.session.state().differences(before))
    ours = r" (__?shellhook|shellhook|assume$|completions$|_comp)" + OWN.get(shell.name, "")
    assert {name for name in changed if not re.search(ours, name)} == set()


TRACES = {
    "bash": ["set -x", "set -v"],
    "zsh": ["setopt xtrace", "setopt verbose"],
    "fish": ["set -g fish_trace 1"],
    "powershell": ["Set-PSDebug -Trace 1"],
}


def test_no_trace_and_no_variable_holds_a_key(sit: Sit, shell: Shell) -> None:
    for trace in TRACES[shell.kind]:
        desk = sit()
        desk.session.run(trace)
        assert desk.runs("assume re") == ["read-only"]
        secret = re.compile("AKIAEXAMPLE|wJalrXUtnFEMI|pa55word")
        assert not secret.search(desk.session.terminal.history()), trace
        if shell.kind != "powershell":
            assert not [name for name, text in desk.session.state().variables.items() if secret.search(text)], trace
        desk.session.close()


def test_ctrl_c_after_tab(sit: Sit) -> None:
    desk = sit()
    desk.session.type("assume no-such")
    desk.session.key("tab")
    # While a completion runs, bash 4.4 and 5.2 lose a Ctrl-C, and 3.2 may crash: any completion.
    desk.session.type(MARK)
    desk.session.terminal.wait(lambda _: desk.session.terminal.before_cursor().endswith(MARK))
    desk.session.cancel()
    assert desk.session.run("echo alive").output == "alive"
    assert desk.runs("assume re") == ["read-only"]
