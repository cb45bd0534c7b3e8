"""How assignments are written in each shell, as text. `tests/shell` has the real shells read it."""

from __future__ import annotations

import os
import re
import shlex
import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shellhook import __version__, shells
from shellhook.errors import WrongUsage
from shellhook.shells import bash, fish, posix, powershell, zsh
from tests.proof.extent import extent

if TYPE_CHECKING:
    from pathlib import Path

each = pytest.mark.parametrize("shell", shells.NAMES)
values = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
hostile = [
    "",
    "'",
    "''",
    "\\",
    "\\'",
    "a\nb",
    "$(x)",
    "`y`",
    "%0A",
    "%",
    "\r\n",
    "!",
    "é\u2019",
    "\U0001f511",
    " -n",
    "*",
]


# --- quoting


@settings(max_examples=extent(60, 1000), deadline=None)
@given(text=values)
def test_posix_quote(text: str) -> None:
    assert shlex.split(posix.quote(text), posix=True) == [text]


@settings(max_examples=extent(60, 1000), deadline=None)
@given(text=values)
def test_a_word_to_type(text: str) -> None:
    assert shlex.split(posix.word(text), posix=True) == [text]


EVERY = f"{string.ascii_letters}{string.digits}_@%+=:,./-"  # what no shell takes for more than it is
TYPED = [
    (EVERY, EVERY),
    ("corp-admin", "corp-admin"),
    ("a/b@c.d:1", "a/b@c.d:1"),
    ("my role", "'my role'"),
    ("", "''"),
    ("~", "'~'"),
]


@pytest.mark.parametrize(("text", "typed"), TYPED)
def test_a_word_is_quoted_where_it_has_to_be(text: str, typed: str) -> None:
    assert posix.word(text) == typed


@settings(max_examples=extent(60, 1000), deadline=None)
@given(text=values)
def test_fish_quote(text: str) -> None:
    quoted = fish.quote(text)
    inside = quoted[1:-1]
    assert quoted == f"'{inside}'"
    assert not re.search(r"(?<!\\)(\\\\)*'", inside), "the quote does not end before"
    assert re.sub(r"\\(['\\])", r"\1", inside) == text


@settings(max_examples=extent(60, 1000), deadline=None)
@given(text=values)
def test_powershell_quote(text: str) -> None:
    quoted = powershell.quote(text)
    assert quoted.isascii()
    assert quoted.isprintable()
    parts = re.findall(r"'((?:[^']|'')*)'|\[char\]0x([0-9A-F]{4})", quoted)
    units = "".join(plain.replace("''", "'") if not code else chr(int(code, 16)) for plain, code in parts)
    assert units.encode("utf-16", "surrogatepass").decode("utf-16") == text


@each
@pytest.mark.parametrize("text", hostile, ids=ascii)
def test_a_literal_is_one_word(shell: str, text: str) -> None:
    quoted = shells.module(shell).quote(text)
    assert quoted[0] in "'("
    assert quoted[-1] in "')"


# --- assignments


@pytest.mark.parametrize("module", [bash, zsh])
def test_posix_assigns_all_at_once_or_nothing(module) -> None:
    text = module.render({"A": "1", "B": "it's"}, ["C", "D"])
    assert text.count("export A='1' B='it'\"'\"'s'") == 1
    assert "unset -v C D" in text
    assert "unset -v A B C D" in text, "read-only names are looked for first, in a subshell"
    assert text.index("(\\builtin unset -v A B C D)") < text.index("export")
    assert "false" in text
    assert text.endswith("\n")


def test_fish_looks_for_universal_variables_first() -> None:
    text = fish.render({"A": "1"}, ["C", "D"])
    assert "set -gx A '1'" in text
    assert "set -eg C" in text
    assert text.index("for __shellhook_name in C D") < text.index("set -gx A")
    assert "    false\nelse\n" in text
    assert text.endswith("    true\nend\n"), "to remove what is not there is no failure"


@each
def test_where_there_is_nothing_to_set_or_remove_nothing_is_named(shell: str) -> None:
    """`export` and `unset` alone would list or do something else."""
    render = shells.module(shell).render
    assert not re.search(r"export\s*$", render({}, ["A"]), re.MULTILINE)
    assert not re.search(r"unset -v\s*$", render({"A": "1"}, []), re.MULTILINE)


def taken(lines: str) -> dict[str, str | None]:
    """What PowerShell's hook makes of the lines."""
    found: dict[str, str | None] = {}
    for line in lines.split("\n")[:-1]:
        name, equals, value = line.partition("=")
        decoded = re.sub("%(25|0D|0A)", lambda code: chr(int(code[1], 16)), value)
        found[name] = decoded if equals else None
    return found


names = st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True)


@settings(max_examples=extent(60, 1000), deadline=None)
@given(assignments=st.dictionaries(names, values, max_size=4), removals=st.lists(names, max_size=3))
def test_powershell_lines(assignments: dict[str, str], removals: list[str]) -> None:
    removals = [name for name in removals if name not in assignments]
    lines = powershell.render(assignments, removals)
    assert taken(lines) == {**assignments, **dict.fromkeys(removals)}
    assert "\r" not in lines


def test_powershell_lines_to_the_letter() -> None:
    lines = powershell.render({"A": "5%\r\n=", "B": ""}, ["C", "D"])
    assert lines == "A=5%25%0D%0A=\nB=\nC\nD\n"
    for surrogate in ("\ud800", "\udfff"):
        with pytest.raises(ValueError, match="not text"):
            powershell.render({"A": surrogate}, [])


POWERSHELL_LITERALS = [
    ("it's", "'it''s'"),
    ("~é", "('~' + [char]0x00E9 + '')"),
    ("\U0001f511k", "('' + [char]0xD83D + [char]0xDD11 + 'k')"),
    ("\ud800", "('' + [char]0xD800 + '')"),
    ("\n", "('' + [char]0x000A + '')"),
]


@pytest.mark.parametrize(("text", "literal"), POWERSHELL_LITERALS, ids=ascii)
def test_powershell_literals_to_the_letter(text: str, literal: str) -> None:
    assert powershell.quote(text) == literal
    assert powershell.line("/a b") == "if ([System.IO.File]::Exists('/a b')) { . '/a b' }"


def test_powershell_has_no_literal_for_a_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        powershell.quote("a\0b")


@each
@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "A;B", "A$(x)", "A\nB", "É", "A=B"], ids=ascii)
def test_names_that_no_shell_has(shell: str, name: str) -> None:
    """Names come from the user's files too (services sections)."""
    render = shells.module(shell).render
    with pytest.raises(ValueError, match="variable"):
        render({name: "v"}, [])
    with pytest.raises(ValueError, match="variable"):
        render({}, ["GOOD", name])


@each
def test_a_nul_has_no_place_in_an_environment(shell: str) -> None:
    with pytest.raises(ValueError, match="NUL"):
        shells.module(shell).render({"A": "a\0b"}, [])


@each
def test_a_value_is_only_where_it_is_assigned(shell: str) -> None:
    """Not in a message, a comment or a second variable."""
    text = shells.module(shell).render({"A": "s3cr3t", "B": "x"}, ["C"])
    assert text.count("s3cr3t") == 1


# --- the shells


@pytest.mark.parametrize(("name", "found"), [*((name, name) for name in shells.NAMES), ("pwsh", "powershell")])
def test_find(name: str, found: str) -> None:
    assert shells.find(name) == found
    assert callable(shells.module(name).render)


@pytest.mark.parametrize("name", ["tcsh", "", "Bash", "../bash", "posix"])
def test_there_is_no_hook_for_others(name: str) -> None:
    for ask in (shells.find, shells.module, lambda name: shells.hook(name, "/b")):
        with pytest.raises(WrongUsage) as caught:
            ask(name)
        assert repr(name) in caught.value.what
        assert "bash, zsh, fish, powershell" in caught.value.remedy


@each
@pytest.mark.parametrize("path", ["/usr/bin/shellhook", "/home/it's me/$(x)/é\u2019"])
def test_the_backends_path_is_a_literal(shell: str, path: str) -> None:
    text = shells.hook(shell, path, "aws-as")
    quote = shells.module(shell).quote
    assert text.splitlines()[0] == f"# shellhook {__version__} --cmd aws-as"
    assert quote(path) in text
    assert quote("aws-as") in text
    assert re.findall(r"'@[A-Z]+@'", text) == []


@each
def test_the_command_is_assume(shell: str) -> None:
    assert shells.hook(shell, "/b").splitlines()[0].endswith(" --cmd assume")


def test_the_completions_are_in_the_package_or_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert os.path.isfile(os.path.join(shells.completions(), "_shellhook"))
    package = tmp_path / "shellhook"
    monkeypatch.setattr(shells, "__file__", str(package / "shells" / "__init__.py"))
    assert shells.completions() == str(tmp_path / "completions")
    (package / "completions").mkdir(parents=True)
    assert shells.completions() == str(package / "completions")


@each
def test_the_line_is_silent_without_a_hook(shell: str) -> None:
    line = shells.module(shell).line("/home/it's me/hook")
    assert line.count(shells.module(shell).quote("/home/it's me/hook")) == 2, "asked for, and sourced"
    assert "\n" not in line
    assert shell in shells.module(shell).init_line()
