"""What can be known of PowerShell without one: the hook's text, and the protocol on the side of the backend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_powershell
from hypothesis import given
from hypothesis import strategies as st

from shellhook import shells
from shellhook.shells import powershell

ROOT = Path(__file__).resolve().parents[2]
HOOK = ROOT / "shell" / "shellhook.ps1"
SHIPPED = sorted([*(ROOT / "shell").glob("*.ps1"), *(ROOT / "completions").glob("*.ps1")])
ALL = sorted(file for file in ROOT.rglob("*.ps1") if not {".venv", "build", "dist"} & set(file.parts))
LANGUAGE = tree_sitter.Language(tree_sitter_powershell.language())

OPTIONS = """
region duration-seconds external-id token-code console role-arn role-session-name serial-number source-identity tags
transitive-tag-keys policy policy-arns chain save mfa-duration min-ttl long-term renew off status check print list json
write serve paste force verify yes help version
"""

# What an environment can hold, and PowerShell: text without NUL. Those that mean something on the way come often.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
AWKWARD = st.lists(st.sampled_from("%05ADad=\r\n'\"`$(){};&|\\~*?[] \u0338\u2018\u201b\ufeff\U0001f600")).map("".join)
VALUES = TEXT | AWKWARD
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True)


def nodes(text: str) -> Iterator[tree_sitter.Node]:
    """Every node of the syntax tree, parents first."""
    waiting = [tree_sitter.Parser(LANGUAGE).parse(text.encode()).root_node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children)


def errors(text: str) -> list[str]:
    """Where the grammar gives up."""
    bad = (node for node in nodes(text) if node.is_error or node.is_missing)
    return [f"line {node.start_point.row + 1}: {node.text!r}" for node in bad]


def called(text: str) -> set[str]:
    """The commands that a script names."""
    return {str(node.text, "utf-8") for node in nodes(text) if node.type == "command_name" and node.text}


def bare(text: str) -> str:
    """The script without its comments and strings."""
    code = bytearray(text.encode())
    for node in nodes(text):
        if node.type in ("comment", "string_literal"):
            code[node.start_byte : node.end_byte] = b" " * (node.end_byte - node.start_byte)
    return code.decode()


def read_literal(text: str) -> str:
    """What PowerShell makes of a literal that `quote` wrote."""
    units = b""
    for part in text.removeprefix("(").removesuffix(")").split(" + ") if text.startswith("(") else [text]:
        if part.startswith("[char]0x"):
            units += bytes.fromhex(part.removeprefix("[char]0x"))
        else:
            assert re.fullmatch(r"'(?:[ -&(-~]|'')*'", part), part
            units += part[1:-1].replace("''", "'").encode("utf-16-be")
    return units.decode("utf-16-be")


def take(answer: str) -> dict[str, str | None]:
    """What the hook does with an answer; None: removed."""
    found: dict[str, str | None] = {}
    pattern = re.search(r"IsMatch\(\$line, '([^']+)'\)", HOOK.read_text("ascii"))
    assert pattern
    for line in answer.split("\n")[:-1]:
        assert re.search(pattern[1].replace(r"\z", r"\Z"), line), line
        name, equals, value = line.partition("=")
        found[name] = value.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%") if equals else None
    return found


@pytest.mark.parametrize("file", ALL, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_script_is_valid_and_ascii(file: Path) -> None:
    assert errors(file.read_bytes().decode("ascii")) == []


def test_the_grammar_sees_an_error() -> None:
    assert errors("if ($true) { 'unfinished' ")


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_no_module_is_loaded_and_nothing_is_evaluated(file: Path) -> None:
    """Only cmdlets of the engine itself are called, and functions that stand in the file."""
    text = file.read_text("ascii")
    engine = {"Get-Module", "Remove-Module", "New-Module", "Import-Module", "Export-ModuleMember"}
    engine |= {"Register-ArgumentCompleter", "ForEach-Object", "Where-Object"}
    own = set(re.findall(r"^ *function ([\w-]+)", text, re.MULTILINE))
    # What the grammar takes for a command: a keyword on the line after `}` of an assigned `if`, a number with a suffix.
    assert called(text) - own <= engine | {"TabExpansion2", "else", "elseif", "0L"}


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_nothing_that_windows_powershell_lacks(file: Path) -> None:
    code = bare(file.read_text("ascii"))
    for pattern in (
        r"&&",
        r"\|\|",
        r"\?\?",
        r"\?\.",
        r"\?\[",
        r"\s\?\s",
        r"\.ArgumentList",
        r"\$Is(Windows|Linux|MacOS|CoreCLR)\b",
    ):
        assert not re.search(pattern, code), pattern
    assert not re.search(r"\bclean\b\s*\{|-Parallel\b|\busing\b|\bclass\b|\benum\b", code)


def test_each_placeholder_stands_once_as_the_value_of_an_assignment() -> None:
    text = HOOK.read_text("ascii")
    for name in ("BACKEND", "COMMAND"):
        assert text.count(f"@{name}@") == 1
        assert re.search(rf"^    \$script:\w+ = '@{name}@'$", text, re.MULTILINE)


@pytest.mark.parametrize("command", ["assume", "be-role"])
@pytest.mark.parametrize("backend", ["/opt/it's/$(x)/shellhook", "C:\\Users\\Jos\u00e9\u2019s\\shellhook.exe"])
def test_the_rendered_hook_is_valid_and_ascii(backend: str, command: str) -> None:
    text = shells.hook("powershell", backend, command)
    assert text.isascii()
    assert errors(text) == []
    assigned = re.findall(r"^    \$script:(Backend|Command) = (.*)$", text, re.MULTILINE)
    assert {name: read_literal(value) for name, value in assigned} == {"Backend": backend, "Command": command}


def test_every_option_has_its_name_in_powershells_spelling() -> None:
    text = HOOK.read_text("ascii").partition("function assume")[2]
    declared = re.findall(r"\[(?:string|string\[\]|switch)\]\$(\w+)", text)
    spelled = [re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower() for name in declared]
    assert sorted(spelled) == sorted(["profile-name", *OPTIONS.split()])


def test_the_short_options_are_those_of_the_contract() -> None:
    aliases = re.findall(r"\[Alias\(([^)]*)\)\]", HOOK.read_text("ascii"))
    assert sorted(re.findall(r"'(\w)'", " ".join(aliases))) == ["c", "d", "e", "h", "p", "r", "t"]


@given(VALUES)
def test_a_quoted_text_is_ascii_and_reads_as_it_was(text: str) -> None:
    literal = powershell.quote(text)
    assert literal.isascii()
    assert literal.isprintable()
    assert read_literal(literal) == text
    assert errors(f"$x = {literal}") == []


def test_quoting_shows_no_more_than_it_must() -> None:
    assert powershell.quote("/usr/bin/it's") == "'/usr/bin/it''s'"
    assert powershell.quote("Jos\u00e9") == "('Jos' + [char]0x00E9 + '')"
    with pytest.raises(ValueError, match="NUL"):
        powershell.quote("a\0b")


@given(st.dictionaries(NAMES, VALUES), st.lists(NAMES, unique=True))
def test_an_answer_comes_back_as_it_was(assignments: dict[str, str], removals: list[str]) -> None:
    removals = [name for name in removals if name not in assignments]
    answer = powershell.render(assignments, removals)
    assert take(answer) == {**assignments, **dict.fromkeys(removals)}
    assert "\r" not in answer
    assert answer.count("\n") == len(assignments) + len(removals)


def test_what_an_answer_looks_like() -> None:
    assert powershell.render({"A": "1=2 %0D\r\n", "B": ""}, ["C"]) == "A=1=2 %250D%0D%0A\nB=\nC\n"
    assert powershell.render({}, []) == ""


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "A=B", "\u00c4", "A\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        powershell.render({name: "x"}, [])
    with pytest.raises(ValueError, match="name"):
        powershell.render({}, [name])


@pytest.mark.parametrize("value", ["a\0", "\ud800", "secret\udcff"])
def test_a_value_that_no_environment_holds_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(ValueError, match="a value") as refused:
        powershell.render({"A": value}, [])
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("path", ["/home/me/.local/share/shellhook/hook.ps1", "C:\\Users\\Jos\u00e9\\it's\\hook.ps1"])
def test_the_lines_for_the_profile_are_valid_and_load_no_module(path: str) -> None:
    line = powershell.line(path)
    assert line.isascii()
    assert line.count(powershell.quote(path)) == 2
    for text in (line, powershell.init_line()):
        assert errors(text) == []
        assert "\n" not in text
        assert not {name for name in called(text) if "-" in name}


def test_the_init_line_stands_in_the_hook() -> None:
    assert f"#     {powershell.init_line()}\n" in HOOK.read_text("ascii")


PROFILE = "Microsoft.PowerShell_profile.ps1"
MACHINE = "C:\\Program Files\\WindowsPowerShell\\Modules;C:\\WINDOWS\\system32\\WindowsPowerShell\\v1.0\\Modules"
WINDOWS = {
    "OS": "Windows_NT",
    "USERPROFILE": "C:\\Users\\me",
    "ProgramFiles": "C:\\Program Files",
    "SystemRoot": "C:\\WINDOWS",
    "PSModulePath": MACHINE,
}


@pytest.mark.parametrize(
    ("environ", "file"),
    [
        ({"HOME": "/home/me"}, f"/home/me/.config/powershell/{PROFILE}"),
        ({"HOME": "/home/me", "XDG_CONFIG_HOME": ""}, f"/home/me/.config/powershell/{PROFILE}"),
        ({"HOME": "/home/me", "XDG_CONFIG_HOME": "/etc/me"}, f"/etc/me/powershell/{PROFILE}"),
        (WINDOWS, f"C:\\Users\\me\\Documents\\PowerShell\\{PROFILE}"),
        (
            {**WINDOWS, "PSModulePath": f"C:\\Users\\me\\Documents\\WindowsPowerShell\\Modules;{MACHINE}"},
            f"C:\\Users\\me\\Documents\\WindowsPowerShell\\{PROFILE}",
        ),
        (
            {
                **WINDOWS,
                "PSModulePath": "D:\\OneDrive\\Docs\\PowerShell\\Modules;c:\\program files\\powershell\\7\\Modules;"
                + MACHINE,
            },
            f"D:\\OneDrive\\Docs\\PowerShell\\{PROFILE}",
        ),
    ],
)
def test_the_profile_is_where_powershell_looks(environ: dict[str, str], file: str) -> None:
    assert powershell.startup_file(environ) == file
    assert powershell.startup_file({name.upper(): value for name, value in environ.items()}) == file
