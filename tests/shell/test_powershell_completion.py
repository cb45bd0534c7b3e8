"""TAB in PowerShell: what its completer answers, in a real one."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from shellhook import shells
from shellhook.profiles import Files, read
from tests.shell import powershell_bench
from tests.shell.powershell_bench import PWSH
from tests.shell.session import Start
from tests.shell.tab import CONFIG, CREDENTIALS
from tests.shell.test_powershell_completion_static import COMPLETIONS, ROWS, expected
from tests.shell.test_powershell_static import read_literal
from tests.test_profiles import ACCEPTED, BROKEN, Content, write

# One line each: what is inserted, what is listed, what is told of it, and its kind.
TAB = r"""
function tab($line) {
    foreach ($each in (TabExpansion2 $line $line.Length).CompletionMatches) {
        "$line`t$($each.CompletionText)`t$($each.ListItemText)`t$($each.ToolTip)`t$($each.ResultType)"
    }
}
"""


@dataclass(frozen=True)
class Match:
    """One thing that TAB offers."""

    text: str
    shown: str
    tip: str
    kind: str


class Desk:
    """A bench with AWS files at home, and files of tempting names in the current directory."""

    def __init__(self, root: Path) -> None:
        self.bench = powershell_bench.in_directory(root)
        self.aws = self.bench.root / "home" / ".aws"
        self.aws.mkdir()
        write(self.aws, CONFIG, CREDENTIALS)
        for name in ("power-file", "re-file", "eu-file"):
            (self.bench.root / "work" / name).touch()

    def offers(self, *lines: str, before: str = "", hook: Path | None = None, **more: str) -> list[list[Match]]:
        """What TAB offers at the end of each line, one after the other; nothing else is said."""
        code = "\n".join([TAB, before, *(f"tab {PWSH.quote(line)}; 'next'" for line in lines)])
        found: list[list[Match]] = [[]]
        for line in self.bench.run(code, hook=hook, **more).splitlines():
            if line == "next":
                found.append([])
                continue
            typed, text, shown, tip, kind = line.split("\t")
            assert typed == lines[len(found) - 1]
            found[-1].append(Match(text, shown, tip, kind))
        assert found.pop() == []
        assert len(found) == len(lines)
        return found

    def texts(self, *lines: str, before: str = "", hook: Path | None = None, **more: str) -> dict[str, list[str]]:
        """The texts alone; none, where the word stays as it is."""
        found = self.offers(*lines, before=before, hook=hook, **more)
        return {
            line: [match.text for match in matches if match.kind != "Text"]
            for line, matches in zip(lines, found, strict=True)
        }


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A fresh desk."""
    return Desk(tmp_path)


NAMES = ["default", "power-user", "power-tool", "read-only", "'my prod'", "base"]
OPTIONS = [row[1] for row in ROWS if row[0] == "assume"]
LONG = [option for option in OPTIONS if option.startswith("--")]

OFFERED = {
    "assume ": NAMES,
    "assume pow": ["power-user", "power-tool"],
    "assume POWER-U": ["power-user"],
    "assume -r eu-west-1 --debug re": ["read-only"],
    "assume --external-id x --region=eu-west-1 re": ["read-only"],
    "assume -Region eu-west-1 -Off re": ["read-only"],
    "assume -Region:eu-west-1 re": ["read-only"],
    "assume --profile re": ["read-only"],
    "assume -p re": ["read-only"],
    "assume -p:re": ["read-only"],
    "assume -ProfileName re": ["read-only"],
    "assume --profile=re": ["--profile=read-only"],
    "assume --profile=my": ["'--profile=my prod'"],
    "assume '--profile=my p": ["'--profile=my prod'"],
    "assume 'my p": ["'my prod'"],
    'assume "my p': ["'my prod'"],
    'assume "my prod"': ["'my prod'"],
    "assume my` p": ["'my prod'"],
    "assume cor": [],
    "assume power-user re": [],
    "assume power-user ": [],
    "assume power-user --profile re": ["read-only"],
    "assume power-user --tok": ["--token-code"],
    "assume --": LONG,
    "assume --re": [option for option in LONG if option.startswith("--re")],
    "assume --no-such": [],
    "assume --region eu-n": ["eu-north-1"],
    "assume --region=eu-n": ["--region=eu-north-1"],
    "assume -r eu-n": ["eu-north-1"],
    "assume x -Region eu-n": ["eu-north-1"],
    "assume -DurationSeconds 3": ["30m", "36h"],
    "assume --min-ttl=36": ["--min-ttl=36h"],
    "assume --external-id re": [],
    "assume --external-id ": [],
    "assume --debug=re": [],
    "assume --external-id -- re": ["read-only"],
    "if ($true) { assume re": ["read-only"],
    "1 | ForEach-Object { $_ }; assume re": ["read-only"],
    "shellhook ": [row[1] for row in ROWS if row[0] == "shellhook" and row[1][0] != "-"],
    "shellhook exp": ["explain"],
    "shellhook --ver": ["--version"],
    "./shellhook exp": ["explain"],
    "shellhook re": [],
    "shellhook explain re": ["read-only"],
    "shellhook explain --profile my": ["'my prod'"],
    "shellhook explain --role-arn x re": ["read-only"],
    "shellhook assume --ren": ["--renew"],
    "shellhook assume base re": [],
    "shellhook init fi": ["fish"],
    "shellhook init --cmd x fi": ["fish"],
    "shellhook check --min": ["--min-ttl"],
    "shellhook check --reg": [],
    "shellhook config -p re": ["read-only"],
    "shellhook keys import re": ["read-only"],
    "shellhook forget re": ["read-only"],
    "shellhook status re": [],
    "shellhook nonsense re": [],
}


def test_what_is_offered_where(desk: Desk) -> None:
    assert desk.texts(*OFFERED) == OFFERED


def test_where_there_is_nothing_the_word_stays(desk: Desk) -> None:
    lines = ["assume cor", "assume 'cor x", "assume power-user 12", "assume base ", "assume --no-such", "assume -t:re"]
    found = [[match.text for match in matches] for matches in desk.offers(*lines)]
    assert found == [["cor"], ["'cor x"], ["12"], [" "], ["--no-such"], ["re"]]


def test_somebody_elses_command_behind_the_dashes(desk: Desk) -> None:
    own = """
Register-ArgumentCompleter -Native -CommandName fruit -ScriptBlock {
    param($word)
    'apple', 'banana' | Where-Object { $_.StartsWith($word) } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}"""
    found = desk.texts(
        "assume base -- Get-Chil",
        "assume -r eu-west-1 -- fruit ban",
        "shellhook assume base -- fruit ap",
        "assume base -- shellhook explain re",
        "assume base '--' fruit ap",
        "assume base -- --reg",
        before=own,
    )
    assert list(found.values()) == [["Get-ChildItem"], ["banana"], ["apple"], ["read-only"], ["apple"], []]


def test_what_is_told_of_a_profile(desk: Desk) -> None:
    markers = desk.bench.root / "state" / "shellhook" / "markers"
    markers.mkdir(parents=True)
    now = int(time.time())
    told: list[tuple[Content, int]] = [
        (f"{now + 42 * 60 + 30}\npower-user\n", now + 2600),
        (f"{now + 60}\npower-user\n", now + 60),
        (f"{now - 60}\npower-tool\n", now - 60),
        (f"{now + 11130}\nbase\n", now + 11130),
        ("x[$(exit)]\nread-only\n", now + 1000),
        (b"9" * 40 + b"\nread-only\n", now + 1000),
        (b"\0\xff", now + 1000),
        ("", now + 1000),
    ]
    for number, (content, expires) in enumerate(told):
        file = markers / f"{number:032x}"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(file, (expires, expires))
    (markers / "directory").mkdir()
    (matches,) = desk.offers("assume ", XDG_STATE_HOME=str(desk.bench.root / "state"))
    assert {match.shown: match.tip for match in matches} == {
        "default": "default",
        "power-user": "111122223333 the-power  live 42m",
        "power-tool": "444455556666 the-tool",
        "read-only": "process",
        "my prod": "my prod",
        "base": "keys  live 3h05m",
    }


def test_many_are_not_described(desk: Desk) -> None:
    role = "role_arn = arn:aws:iam::111122223333:role/x"
    write(desk.aws, "".join(f"[profile p{number:03}]\n{role}\n" for number in range(300)), "[-dash]\n")
    all_of_them, some = desk.offers("assume ", "assume p01")
    assert [match.tip for match in all_of_them] == [match.shown for match in all_of_them]
    assert len(all_of_them) == 301
    assert all_of_them[-1].text == "--profile=-dash"
    assert {match.tip for match in some} == {"111122223333 x"}


ODD = ["a b  c", "it's", 'c"quotes"', "d:colon:s", "e@at@s", "f/sl/ash", "g$HOME", "h$(exit)", "i`tick", "j\\back"]
ODD += ["k*star?", "l[ab]", "m{a,b}", "n;semi&and|pipe", "o<less>", "p(parens)", "q=equals=s", "r!bang!", "s#a #b"]
ODD += ["t~tilde", "u%percent^", "v, comma", "w\u20ac\U0001f600", "x+plus.dot_", "\u65e5\u672c", "\u00e4", "_", "B"]
ODD += ["~lead", "#lead", "$lead", "*lead", "\u00e4lead", "@lead", "(lead", "\u2019curly", "\u201ba\u2018b"]
ODD += ["007", "1e3", "0x10", "5kb", "12", "1.5", "-dash", "--dashes", "-a=b c", "--x=y", "b", "a:", "a-b", "a--"]


def header(name: str) -> str:
    """A header that stands for it."""
    return "[profile '" + "'\\''".join(name.split("'")) + "']\n"


def test_a_name_comes_back_as_it_is(desk: Desk) -> None:
    write(desk.aws, "".join(map(header, ODD)), "")
    assert read(Files(config=str(desk.aws / "config"), credentials=str(desk.aws / "credentials"))).names() == ODD
    for before, wanted in {
        "assume ": [[f"--profile={name}" if name[0] == "-" else name] for name in ODD],
        "assume --profile ": [["--profile", name] for name in ODD],
        "assume --profile=": [[f"--profile={name}"] for name in ODD],
    }.items():
        (desk.bench.root / "log").unlink(missing_ok=True)
        word = before[: before.rindex(" ") + 1]
        desk.bench.run(
            f"foreach ($each in (TabExpansion2 '{before}' {len(before)}).CompletionMatches) "
            f'{{ Invoke-Expression "{word}$($each.CompletionText)" }}'
        )
        assert desk.bench.calls() == wanted


def test_the_names_are_those_of_the_backend(desk: Desk) -> None:
    rows = [*ACCEPTED, *BROKEN]
    places = [desk.bench.root / str(number) for number in range(len(rows))]
    for place, row in zip(places, rows, strict=True):
        place.mkdir()
        write(place, row.config, row.credentials)
    loop = (
        f"foreach ($place in {', '.join(PWSH.quote(str(place)) for place in places)}) {{\n"
        '$env:AWS_CONFIG_FILE = "$place/config"; $env:AWS_SHARED_CREDENTIALS_FILE = "$place/credentials"\n'
        "(TabExpansion2 'assume ' 7).CompletionMatches | Where-Object { $_.ResultType -eq 'ParameterValue' } |\n"
        "    ForEach-Object { $_.ListItemText }; 'next' }"
    )
    said = desk.bench.run(loop).split("next\n")
    assert said.pop() == ""
    assert [text.splitlines() for text in said] == [expected(place) for place in places]


LOCATED = {
    "~/c": "home/c",
    "$PLACE/c": "place/c",
    "${PLACE}/$UNKNOWN_/c": "place/$UNKNOWN_/c",
    "~$TAIL": "home/tail",
    "$TILDE/c": "home/c",
    "c d": "work/c d",
    "~nobody/c": "work/~nobody/c",
    "*": "work/*",
    "": "",
}


@pytest.mark.parametrize("value", LOCATED)
def test_where_the_config_file_is(desk: Desk, value: str) -> None:
    root, path = desk.bench.root, LOCATED[value]
    for place in ("home/c", "place/c", "work/c", path or "work/c"):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(f"[profile found{'' if place == path else '-wrong'}]\n", encoding="ascii")
    more = {"AWS_CONFIG_FILE": value, "PLACE": str(root / "place"), "TAIL": "/tail", "TILDE": "~"}
    assert desk.texts("assume f", **more) == {"assume f": ["found"] if path else []}  # type: ignore[arg-type]


def test_what_changed_is_read_again(desk: Desk) -> None:
    config = desk.aws / "config"
    past = time.time() - 100_000
    os.utime(config, (past, past))
    write_it = "[System.IO.File]::WriteAllText($config, {})"
    lines = [f"$config = {PWSH.quote(str(config))}", "tab 'assume re'", "tab 'assume re'"]
    for name in ("re-a", "re-b", "re-c"):  # as long as before, in the same second
        lines += [write_it.format(f'"[profile {name}]`n"'), "tab 'assume re'", "tab 'assume re'"]
    # However old it is: by a move, through a link, by another name, in another directory.
    old = "[System.IO.File]::SetLastWriteTimeUtc($config, [DateTime]::new(2020, 1, 1))"
    lines += [write_it.format('"[profile re-d]`n"'), old, "tab 'assume re'", "tab 'assume re'"]
    lines += ["Remove-Item $config", "tab 'assume re'", "mkdir sub | Out-Null; $env:AWS_CONFIG_FILE = 'c'"]
    lines += ['[System.IO.File]::WriteAllText("$PWD/c", "[profile re-e]`n")', "tab 'assume re'"]
    lines += ["cd sub", "tab 'assume re'"]
    said = desk.bench.run("\n".join([TAB, *lines]))
    texts = [line.split("\t")[1] for line in said.splitlines()]
    changed = [name for name in ("re-a", "re-b", "re-c", "re-d") for _ in range(2)]
    assert texts == ["read-only"] * 2 + changed + ["re", "re-e", "re"]


def test_a_link_is_followed(desk: Desk) -> None:
    target = desk.aws / "target"
    target.write_text("[profile re-a]\n", encoding="ascii")
    os.utime(target, (1_600_000_000, 1_600_000_000))
    (desk.aws / "config").unlink()
    (desk.aws / "config").symlink_to("target")
    change = f"[System.IO.File]::WriteAllText({PWSH.quote(str(target))}, '[profile re-b]')"
    said = desk.bench.run("\n".join([TAB, "tab 'assume re'", change, "tab 'assume re'"]))
    assert [line.split("\t")[1] for line in said.splitlines()] == ["re-a", "re-b"]


@pytest.mark.parametrize("what", ["binary", "unreadable", "directory", "missing", "empty", "in no directory"])
def test_files_that_cannot_be_read_are_empty_and_silent(desk: Desk, what: str) -> None:
    file = desk.bench.root / what
    if what == "binary":
        file.write_bytes(bytes(range(256)) * 20)
    elif what == "unreadable":
        file.write_text("[profile re-al]\n", encoding="ascii")
        file.chmod(0)
        if os.access(file, os.R_OK):
            file.unlink()  # root may read everything
    elif what == "directory":
        file.mkdir()
    elif what == "empty":
        file.touch()
    path = file / "x" if what == "in no directory" else file
    assert desk.texts("assume ba", "assume re", AWS_CONFIG_FILE=str(path)) == {"assume ba": ["base"], "assume re": []}


MODES = [
    "Set-StrictMode -Version Latest",
    "$ErrorActionPreference = 'Stop'",
    "$OFS = 'x'; $PSNativeCommandUseErrorActionPreference = $true",
    "Set-Location Env:",
]


@pytest.mark.parametrize("mode", MODES)
def test_under_every_setting(desk: Desk, mode: str) -> None:
    lines = ["assume re", "assume --region=eu-n", "shellhook exp", "assume power-user -d 36", "assume nothing"]
    wanted = [["read-only"], ["--region=eu-north-1"], ["explain"], ["36h"], []]
    assert list(desk.texts(*lines, before=mode).values()) == wanted


def test_status_and_errors_stay(desk: Desk) -> None:
    lines = ["assume re", "assume nothing-like-that", "assume base -- sh -", "shellhook exp"]
    tabs = "; ".join(f"$null = TabExpansion2 {PWSH.quote(line)} {len(line)}" for line in lines)
    said = desk.bench.run(f"sh -c 'exit 6'\n{tabs}\nsay $LASTEXITCODE")
    assert said == "6 p= errors=0\n"


def test_nothing_of_its_own_is_left_outside(desk: Desk) -> None:
    names = "@(Get-Variable -Scope Global).Name + @(Get-ChildItem Function:).Name"
    code = f"$null = TabExpansion2 'assume re' 9\n$new = {names} | Where-Object {{ $_ -notin $known }}\n\"$new\""
    said = desk.bench.run(code, before=f"$known = 'known', 'say' + {names}")
    ours = set(said.split()) - {"$", "?", "^", "_", "LASTEXITCODE", "StackTrace", "PSItem", "Matches", "new"}
    assert ours == {"assume"}


def test_a_trace_shows_no_key(desk: Desk) -> None:
    write(desk.aws, CONFIG + "aws_secret_access_key = wJalrXUtnFEMI\n  [x\n", CREDENTIALS + "\n  [profile y]\n")
    said = desk.bench.run(f"{TAB}\nSet-PSDebug -Trace 2\ntab 'assume '\nSet-PSDebug -Off")
    assert "DEBUG" in said
    assert "read-only" in said
    assert not re.search("AKIAEXAMPLE|wJalrXUtnFEMI|pa55word", said)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the completions at an awkward place, which hooks are told of."""
    real = shells._directory
    copy = tmp_path / "the user's $completions \u2019"
    copy.mkdir()
    for name in ("shellhook.ps1", "words"):
        (copy / name).write_bytes((COMPLETIONS / name).read_bytes())
    monkeypatch.setattr(shells, "_directory", lambda name: str(copy) if name == "completions" else real(name))
    return copy


def test_the_files_may_lie_anywhere_and_are_read_once(elsewhere: Path, desk: Desk) -> None:
    (elsewhere / "words").write_text("assume\t--paint\t=colour\ta colour\ncolour\tred\t-\tas wine\n", encoding="ascii")
    gone = f"Remove-Item -Recurse -LiteralPath {PWSH.quote(str(elsewhere))}"
    said = desk.bench.run(
        "\n".join([TAB, "tab 'assume re'", gone, "tab 'assume --paint=r'", "tab 'assume --paint re'"])
    )
    found = [line.split("\t")[1:4] for line in said.splitlines()]
    assert found == [
        ["read-only", "read-only", "process"],
        ["--paint=red", "red", "as wine"],
        ["read-only", "read-only", "process"],
    ]


def test_without_the_words_there_are_profiles(elsewhere: Path, desk: Desk) -> None:
    (elsewhere / "words").unlink()
    lines = ["assume re", "assume --reg", "shellhook exp"]
    assert desk.texts(*lines) == {"assume re": ["read-only"], "assume --reg": [], "shellhook exp": []}


def test_without_the_file_tab_is_what_it_was(elsewhere: Path, desk: Desk) -> None:
    (elsewhere / "shellhook.ps1").unlink()
    found = desk.offers("assume re-")
    assert [[match.kind for match in matches] for matches in found] == [["ProviderItem"]]


def test_the_command_by_another_name(desk: Desk) -> None:
    lines = ["become re", "become --region=eu-n", "shellhook assume re"]
    wanted = [["read-only"], ["--region=eu-north-1"], ["read-only"]]
    assert list(desk.texts(*lines, hook=desk.bench.render("become")).values()) == wanted


def test_a_key_is_pressed(desk: Desk, start: Start) -> None:
    session = desk.bench.open(start, AWS_CONFIG_FILE=str(desk.aws / "config"))
    session.run("sh -c 'exit 7'")
    session.type("assume my")
    session.key("tab")
    session.wait(r"assume 'my prod'$")
    session.cancel()
    assert session.run("").status == 7
    session.type("assume my")
    session.key("tab")
    session.wait(r"assume 'my prod'$")
    session.key("enter")
    assert session.ready().status == 0
    assert desk.bench.calls() == [["my prod"]]


def test_the_hook_is_told_where_the_file_is(elsewhere: Path) -> None:
    text = shells.hook("powershell", "/opt/shellhook")
    (value,) = re.findall(r"^    \$script:Completions = (.*)$", text, re.MULTILINE)
    assert read_literal(value) == str(elsewhere)
