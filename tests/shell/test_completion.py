"""TAB in a real shell, pressed by a person: the line that stands there then, what is listed, and what runs at Enter."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.shell.backend import Backend
from tests.shell.session import Start
from tests.shell.shells import Shell
from tests.shell.tab import HERE, Desk, Sit, elsewhere, has, sit, unchanged

__all__ = ["elsewhere", "sit"]  # fixtures

# Where what completes


def test_a_profile_wherever_one_can_stand(sit: Sit) -> None:
    sit().check(
        [
            ("assume power-u", "assume power-user"),
            ("assume pow", "assume power-"),
            ("assume re", "assume read-only"),
            ("assume ba", "assume base"),
            ("assume -r eu-west-1 --debug re", "assume -r eu-west-1 --debug read-only"),
            ("assume --external-id x --region=eu-west-1 re", "assume --external-id x --region=eu-west-1 read-only"),
            ("assume --profile re", "assume --profile read-only"),
            ("assume -p re", "assume -p read-only"),
            ("assume --profile=re", "assume --profile=read-only"),
            ("assume --region eu-west-1 --profile=power-t", "assume --region eu-west-1 --profile=power-tool"),
            *unchanged("assume cor", "assume nothing-like-that"),
        ]
    )


def test_a_second_word_gets_nothing_but_options(sit: Sit) -> None:
    sit().check(
        [
            *unchanged("assume power-user re", "assume -r eu-west-1 power-user re", "assume power-user --debug re"),
            *unchanged("assume power-user "),
            ("assume power-user --tok", "assume power-user --token-code"),
            ("assume power-user --profile re", "assume power-user --profile read-only"),
        ]
    )


def test_options_and_their_values(sit: Sit, shell: Shell) -> None:
    # PowerShell does not ask of a word with one dash: it lists the function's parameters.
    one_dash = [] if shell.kind == "powershell" else ["assume --region -"]
    sit().check(
        [
            ("assume --reg", "assume --region"),
            ("assume --region eu-n", "assume --region eu-north-1"),
            ("assume -r eu-n", "assume -r eu-north-1"),
            ("assume --region=eu-n", "assume --region=eu-north-1"),
            ("assume --duration-seconds 36", "assume --duration-seconds 36h"),
            ("assume --min-ttl=36", "assume --min-ttl=36h"),
            ("assume power-user -d 36", "assume power-user -d 36h"),
            *unchanged("assume --external-id re", "assume --external-id ", "assume --role-arn re", "assume --tags=re"),
            *unchanged("assume --policy re", "assume --no-such-op", *one_dash, "assume --debug=re"),
        ]
    )


def test_what_is_listed(sit: Sit) -> None:
    desk = sit()
    text = desk.listed("assume ", "power-user", "power-tool", "read-only", "base", "default")
    assert not has(text, "corp")
    assert not has(text, "--region")
    assert not has(text, "power-file")
    assert not has(text, "wJalrXUtnFEMI")
    text = desk.listed("assume --re", "--region", "--renew")
    assert not has(text, "--status")
    text = desk.listed("assume -p power-", "power-user", "power-tool")
    assert not has(text, "read-only")
    text = desk.listed("shellhook ", "assume", "explain", "status", "uninstall")
    assert not has(text, "read-only")


def test_what_shellhook_takes(sit: Sit) -> None:
    sit().check(
        [
            ("shellhook expla", "shellhook explain"),
            ("shellhook --ver", "shellhook --version"),
            ("shellhook forget re", "shellhook forget read-only"),
            ("shellhook explain re", "shellhook explain read-only"),
            ("shellhook explain --role-arn x re", "shellhook explain --role-arn x read-only"),
            ("shellhook assume -r eu-n", "shellhook assume -r eu-north-1"),
            ("shellhook assume --profile=re", "shellhook assume --profile=read-only"),
            ("shellhook init fi", "shellhook init fish"),
            ("shellhook init --cmd x fi", "shellhook init --cmd x fish"),
            ("shellhook check --min", "shellhook check --min-ttl"),
            ("shellhook check --min-ttl 36", "shellhook check --min-ttl 36h"),
            ("shellhook config -p re", "shellhook config -p read-only"),
            ("shellhook keys impo", "shellhook keys import"),
            ("shellhook keys import re", "shellhook keys import read-only"),
            ("shellhook policy trust --mfa re", "shellhook policy trust --mfa read-only"),
            *unchanged("shellhook keys add re", "shellhook keys import base re", "shellhook sso sync re"),
            *unchanged("shellhook status re", "shellhook forget base re", "shellhook nonsense re", "shellhook re"),
            *unchanged("shellhook assume base re", "shellhook check --reg"),
        ]
    )


def test_the_users_own_command_behind_two_dashes(sit: Sit, shell: Shell, tmp_path: Path) -> None:
    own = {
        "bash": "complete -W 'apple banana' fruit-program; _pear() { COMPREPLY=(\"$2$3-${#COMP_WORDS[@]}\"); }; "
        "complete -F _pear pear-program",
        "zsh": "_fruit() { compadd apple banana }; compdef _fruit fruit-program; "
        "_pear() { compadd -- $words[CURRENT]$words[CURRENT-1]-$#words }; compdef _pear pear-program",
        "fish": "complete -c fruit-program -f -a 'apple banana'; "
        "complete -c pear-program -f "
        "-a '(commandline -ct)(commandline -opc)[-1]-(math 1 + (count (commandline -opc)))'",
        "powershell": "Register-ArgumentCompleter -Native -CommandName fruit-program -ScriptBlock "
        "{ param($word) 'apple', 'banana' | Where-Object { $_.StartsWith($word) } }",
    }[shell.kind]
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("fruit-program", "pear-program"):
        (programs / name).write_text("#!/bin/sh\n", encoding="ascii")
        (programs / name).chmod(0o755)
    desk = sit(own, PATH=os.pathsep.join([str(programs), "/usr/bin", "/bin"]))
    table = [
        ("assume power-user -- fruit-pr", "assume power-user -- fruit-program"),
        (
            "assume -r eu-west-1 power-user -- fruit-program app",
            "assume -r eu-west-1 power-user -- fruit-program apple",
        ),
        ("shellhook assume power-user -- fruit-program ban", "shellhook assume power-user -- fruit-program banana"),
        ("assume power-user -- cat re-", f"assume power-user -- cat {HERE.get(shell.kind, '')}re-file"),
        ("assume --external-id -- re", "assume --external-id -- read-only"),
        *unchanged("assume power-user -- --reg"),
    ]
    if shell.kind != "powershell":
        table.append(("assume power-user -- pear-program one t", "assume power-user -- pear-program one tone-3"))
    desk.check(table)


def test_a_value_that_stands_only_behind_an_equals_sign(sit: Sit, elsewhere: Path) -> None:
    words = (elsewhere / "words").read_text(encoding="ascii")
    rows = ["assume\t--paint\t=colour\ta colour", "assume\t-c\t=colour\ta colour", "colour\tturquoise\t-\tblue"]
    (elsewhere / "words").write_text(words + "\n".join(rows) + "\n", encoding="ascii")
    sit().check(
        [
            ("assume --paint=tur", "assume --paint=turquoise"),
            ("assume --paint re", "assume --paint read-only"),
            ("assume -c re", "assume -c read-only"),
            ("assume --paint -- nothing-like-th", "assume --paint -- nothing-like-th"),
            *unchanged("assume --paint tur"),
        ]
    )


def test_the_function_by_another_name(shell: Shell, start: Start, backend: Backend, elsewhere: Path) -> None:
    hook = backend.hook
    backend.hook = lambda shell, command="become": hook(shell, command)  # type: ignore[method-assign]
    desk = Desk(shell, start, backend)
    desk.check(
        [
            ("become re", "become read-only"),
            ("become --region=eu-n", "become --region=eu-north-1"),
            ("shellhook assume re", "shellhook assume read-only"),
        ]
    )
    assert desk.runs("become re") == ["read-only"]


# Names that careless quoting falls over

ODD = [
    "a b  c",
    "b'quote",
    'c"quotes"',
    "d:colon:s",
    "e@at@s",
    "f/sl/ash",
    "g$HOME",
    "h$(touch owned)",
    "i`touch owned`",
    "j\\back\\slash",
    "k*star?",
    "l[ab]",
    "m{a,b}",
    "n;semi&and|pipe",
    "o<less>",
    "p(parens)",
    "q=equals=s",
    "r!bang!",
    "s#hash #hash",
    "t~tilde",
    "u%percent^caret",
    "v, comma",
    "w\u00e9\u20ac\U0001f600",
    "x+plus.dot_",
    "~lead",
    "#lead",
    "$lead",
    "*lead",
    "\u00e4lead",
    "@lead",
    "(lead",
]


QUOTED_ALONE = "'*"


def config_of(names: Iterable[str]) -> str:
    """A config file with these profiles."""
    headers = ("[profile '" + name.replace("\\", "\\\\").replace("'", "'\\''") + "']" for name in names)
    return "".join(header.replace("\\\\", "\\") + "\n" for header in headers)


@pytest.mark.parametrize("how", ["bare", "quoted", "option", "equals"])
def test_odd_names_complete_and_then_work(sit: Sit, shell: Shell, how: str) -> None:
    desk = sit()
    desk.write(config_of(ODD), "")
    wanted, got = {}, {}
    for name in ODD:
        if "lead" in name:
            typed = f"'{name[:2]}"
        elif how == "quoted":
            # A quote would end the word. And fish takes a `*` at the end of what is typed for a pattern, quoted or not.
            typed = f"'{name[0] if name[1] in QUOTED_ALONE else name[:2]}"
        else:
            typed = name[0]
        if how == "equals" and typed[0] == "'" and shell.kind == "powershell":
            continue  # --profile='x is another thing there
        before = {"option": ["--region", "eu-west-1", "--profile"]}.get(how, [])
        if how == "equals":
            wanted[name] = [f"--profile={name}"]
            got[name] = desk.runs(f"assume --profile={typed}")
        else:
            wanted[name] = [*before, name]
            got[name] = desk.runs(" ".join(["assume", *before, typed]))
    assert got == wanted
    assert not (desk.home / "owned").exists()


def test_a_quote_that_is_open_and_a_blank_that_is_escaped(sit: Sit, shell: Shell) -> None:
    desk = sit()
    desk.write("[profile 'my prod one']\n[profile 'my prod two']\n", "")
    escaped = "`" if shell.kind == "powershell" else "\\"
    for typed in ("'my prod o", '"my prod o', f"my{escaped} prod{escaped} o", f"'my'{escaped} prod{escaped} o"):
        if shell.kind == "powershell" and typed[0] not in "'\"":
            continue
        assert desk.runs(f"assume {typed}") == ["my prod one"], typed
    desk.session.type("assume my")
    desk.session.key("tab")
    assert desk.runs("t") == ["my prod two"]


def test_a_name_with_a_leading_dash(sit: Sit, shell: Shell) -> None:
    desk = sit()
    desk.write("[profile -dash]\n[profile --dashes]\n", "")
    typed = "'-da" if shell.kind == "powershell" else "-da"  # which would list the function's parameters
    assert desk.runs(f"assume --profile {typed}") == ["--profile", "-dash"]
    assert desk.runs("assume --profile=--da") == ["--profile=--dashes"]
