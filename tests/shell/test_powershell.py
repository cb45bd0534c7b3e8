"""The command `assume` in a real PowerShell: what reaches the backend, what is taken, `$?` and `$LASTEXITCODE`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.shell import powershell_bench
from tests.shell.powershell_bench import HOOK, PWSH, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A fresh bench."""
    return powershell_bench.in_directory(tmp_path)


def test_a_session_is_set_and_replaced(bench: Bench) -> None:
    said = bench.run("assume dev; say $? $LASTEXITCODE\nassume -p prod; say $? $LASTEXITCODE")
    assert said == "True 0 p=dev errors=0\nTrue 0 p=prod errors=0\n"


def test_the_backend_is_told_which_shell_it_is_for(bench: Bench) -> None:
    said = bench.run("assume dev; $PID")
    expected = ["assume", "--shell", "powershell", "--pid", said.strip(), "--hook", "1", "--", "dev"]
    assert bench.log() == [expected]


def test_a_refusal_changes_nothing_and_leaves_no_error(bench: Bench) -> None:
    said = bench.run("assume dev\nassume bad; say $? $LASTEXITCODE\nassume bad && 'and'\nassume bad || 'or'")
    refused = "shellhook: no profile 'bad'"
    assert said.splitlines() == [refused, "False 3 p=dev errors=0", refused, refused, "or"]


def test_an_empty_answer_is_a_success_that_changes_nothing(bench: Bench) -> None:
    assert bench.run("assume dev\nassume skip; say $? $LASTEXITCODE") == "True 0 p=dev errors=0\n"


@pytest.mark.parametrize("line", ["two words=1", "=x", "1A=x", "A=%41", "A=%", "A=%0a", "A B", ""])
def test_of_a_damaged_answer_nothing_is_taken(bench: Bench, line: str) -> None:
    said = bench.run("assume dev\nassume damaged; say $? $LASTEXITCODE", T_DAMAGE=line)
    damaged = "shellhook: the answer of the backend is damaged; nothing was changed"
    assert said.splitlines() == [damaged, "False 1 p=dev errors=0"]


@pytest.mark.parametrize("line", ["assume dev", "assume --status", "'x' | assume dev -- cat", "assume dev -- echo '*'"])
@pytest.mark.parametrize("how", ["it is gone", "its Python is gone"])
def test_without_a_backend_a_sentence_says_what_to_do(bench: Bench, how: str, line: str) -> None:
    backend = bench.root / "no backend"
    if how == "its Python is gone":
        bench.program(backend.name, "", python="/nonexistent/python3")
    said = bench.run(f"{line}; say $? $LASTEXITCODE", hook=bench.render("assume", backend))
    first, last = said.splitlines()
    assert first.startswith(f"shellhook: {backend} is gone or cannot be started: install shellhook again (pip install")
    assert last == "False 127 p= errors=0"


def test_a_removed_variable_is_gone_for_programs_too(bench: Bench) -> None:
    code = 'import os; print(os.environ.get("AWS_PROFILE", "none"))'
    look = f"& {PWSH.quote(sys.executable)} -c {PWSH.quote(code)}"
    assert bench.run(f"{look}\nassume gone\n{look}", AWS_PROFILE="mine") == "mine\nnone\n"


TYPED = {
    "assume": [],
    "assume ''": [""],
    "assume -": ["-"],
    "assume 007": ["007"],
    "assume 0x10": ["0x10"],
    "assume 1e3": ["1e3"],
    "assume 5kb": ["5kb"],
    "assume x 0": ["x", "0"],
    "assume x y": ["x", "y"],
    "assume -p x": ["x"],
    "assume -Profile x": ["x"],
    "assume --profile x": ["--profile", "x"],
    "assume x -d 4h -r eu-west-1 -c": ["x", "--duration-seconds=4h", "--region=eu-west-1", "--console"],
    "assume x -r:eu-west-1": ["x", "--region=eu-west-1"],
    "assume -r eu-west-1 x": ["x", "--region=eu-west-1"],
    "assume --region eu-west-1 x": ["--region", "eu-west-1", "x"],
    "assume x --console=ec2": ["x", "--console=ec2"],
    "assume x --external-id -": ["x", "--external-id", "-"],
    "assume x -e -": ["x", "--external-id=-"],
    "assume x -t 012345": ["x", "--token-code=012345"],
    "assume x --token-code 012345": ["x", "--token-code", "012345"],
    "assume x --token-code 1e3 --console": ["x", "--token-code", "1e3", "--console"],
    "assume x -Tags a=1,b=2": ["x", "--tags=a=1,b=2"],
    "assume x --tags a=1,b=2": ["x", "--tags", "a=1,b=2"],
    "assume x --tags=a=1,b=2": ["x", "--tags=a=1,b=2"],
    "assume --chain a,b": ["--chain", "a,b"],
    "assume --chain a,b -r eu": ["--region=eu", "--chain", "a,b"],
    "assume --tags a=1,b=2 x": ["--tags", "a=1,b=2", "x"],
    "assume -Chain a,b x": ["x", "--chain=a,b"],
    "assume x -Debug": ["x", "--debug"],
    "assume x -Verbose -ErrorAction Stop": ["x"],
    "assume -Off": ["--off"],
    "assume x -Off:$false": ["x"],
    "assume -h": ["--help"],
    "assume -- true": ["--", "true"],
    "assume -d 4h -- true": ["--duration-seconds=4h", "--", "true"],
    "assume -p x -- true a": ["x", "--", "true", "a"],
    "assume x --external-id -- true a": ["x", "--external-id", "--", "true", "a"],
}


def test_words_arrive_as_they_were_typed(bench: Bench) -> None:
    bench.run("\n".join(TYPED))
    assert dict(zip(TYPED, bench.calls(), strict=True)) == TYPED


def test_no_word_of_an_assume_is_a_pattern_for_files(bench: Bench) -> None:
    (bench.root / "work" / "dev1").touch()
    code = """assume 'dev*' -r eu; say $? $LASTEXITCODE
assume dev? --external-id ''
$name = '[d]ev1'; assume $name '' --policy 'it''s "so"'
assume '~' --debug
assume bad '*'; say $? $LASTEXITCODE"""
    said = bench.run(code).splitlines()
    assert bench.calls() == [
        ["dev*", "--region=eu"],
        ["dev?", "--external-id", ""],
        ["[d]ev1", "", "--policy", 'it\'s "so"'],
        ["~", "--debug"],
        ["bad", "*"],
    ]
    assert said[0] == "True 0 p=dev* errors=0"
    assert said[-1].startswith("False 64 p=")


def test_every_option_can_be_spelled_as_powershell_does(bench: Bench) -> None:
    expected = {}
    declared = HOOK.read_text("ascii").partition("function assume {")[2]
    for kind, name in re.findall(r"\[(string|switch)(?:\[\])?\]\$(\w+)", declared.partition("\n        )\n")[0]):
        option = "--" + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
        if kind == "switch":
            expected[f"assume x -{name}"] = ["x", option]
        elif name not in ("ProfileName", "Arguments"):
            expected[f"assume x -{name} v"] = ["x", f"{option}=v"]
    bench.run("\n".join(expected))
    assert dict(zip(expected, bench.calls(), strict=True)) == expected


@pytest.mark.parametrize(
    "words", ["--status", "-Status", "--console", "--console=ec2", "-c", "-Print", "--list", "-Json"]
)
def test_what_people_read_is_not_captured(bench: Bench, words: str) -> None:
    said = bench.run(f'assume dev\nassume x {words}; say $? $LASTEXITCODE\n$kept = assume x {words}; "kept: $kept"')
    first, second, kept = said.splitlines()
    assert re.fullmatch(r"shown x --\S+ in a pipe", first)
    assert second == "True 0 p=dev errors=0"
    assert kept == f"kept: {first}"


def test_the_status_of_what_is_not_captured(bench: Bench) -> None:
    assert bench.run("assume --check; say $? $LASTEXITCODE").splitlines()[-1] == "False 1 p= errors=0"


WORDS = "-e -v --region y -d z -p:a=b -x: c -- 'a b' ''"
BEHIND = {
    f"assume x -d 4h -- $show {WORDS}": "<-e><-v><--region><y><-d><z><-p:a=b><-x:><c><--><a b><>",
    "assume x -- $show -Debug -Off -Status -h --help --status": "<-Debug><-Off><-Status><-h><--help><--status>",
    "assume x -- $show 007 1e3 0x10 -n 5kb": "<007><1e3><0x10><-n><5kb>",
    "assume x -- $show @list -d $list": "<s3><ls><-d><s3><ls>",
    "assume x -- $show @none end": "<end>",
    'assume x -- $show "a $word" $word b$word': "<a w><w><bw>",
    "assume x -- $show --filters Name=a,Values=b last": "<--filters><Name=a,Values=b><last>",
    "assume x -- $show a,b": "<a,b>",
    "assume x -- $show (1 + 1) @('p', 'q')": "<2><p><q>",
    "assume x -- $show '*' '?.txt' \"$star\" '[ab].txt'": "<*><?.txt><*><[ab].txt>",
    "assume x -- $show a*.txt '*'": "<a.txt><*>",
    "assume x -- $show '~' '~/x' -p:'*'": "<~><~/x><-p:*>",
    "assume x -- $show '' '*' 'it''s \"so\"' 7": '<><*><it\'s "so"><7>',
    "assume x -- $show @list '*' @list": "<s3><ls><*><s3><ls>",
    "'in' | assume x -- $show '*'": "<*>",
    "am x -- $show al": "<al>",
    "& $name x -- $show amp": "<amp>",
    "assume x `\n  --region eu `\n  -- $show several lines": "<several><lines>",
    "if ($true) { assume x -- $show nested }": "<nested>",
    "through 1 2": "<1><2><end>",
    "wrapped x '--' $show a": "<a>",
}
THROUGH = "function through { assume x -- $env:SHOW @args end }\nfunction wrapped { assume @args }\n"


def test_a_command_gets_its_words_as_they_were_typed(bench: Bench) -> None:
    for name in ("a.txt", "b.txt"):
        (bench.root / "work" / name).touch()
    variables = "$show = $env:SHOW; $list = 's3', 'ls'; $none = @(); $word = 'w'; $star = '*'; $name = 'assume'\n"
    lines = [f'{line}\n"status $LASTEXITCODE"' for line in BEHIND]
    said = bench.run(f"{variables}{THROUGH}Set-Alias am assume\n" + "\n".join(lines)).split("\nstatus 3\n")
    assert dict(zip(BEHIND, said, strict=False)) == BEHIND
    assert said[len(BEHIND) :] == [""]


@pytest.mark.parametrize("line", ["through 1 -y 3", "wrapped x -- $env:SHOW a", "assume x $env:SHOW a"])
def test_words_out_of_step_run_nothing(bench: Bench, line: str) -> None:
    said = bench.run(f"{THROUGH}{line}; say $? $LASTEXITCODE").splitlines()
    assert [text.partition(" ")[0] for text in said[:-1]] == ["shellhook:"]
    assert said[-1].endswith(" 64 p= errors=0")


def test_a_command_has_its_own_status(bench: Bench) -> None:
    said = bench.run("""assume x -- sh -c 'exit 7'; say $? $LASTEXITCODE
assume x -- /none; say $? $LASTEXITCODE
assume x -- true; say $? $LASTEXITCODE
assume x -- sh -c 'exit 7' && 'and'
assume x -- sh -c 'exit 7' || 'or'""").splitlines()
    none = "shellhook: no command '/none'"
    assert said == ["False 7 p= errors=0", none, "False 127 p= errors=0", "True 0 p= errors=0", "or"]


def test_a_command_reads_what_is_piped_to_it_and_can_be_piped_on(bench: Bench) -> None:
    said = bench.run("'one', 'two' | assume x -- cat -n | ForEach-Object { '[' + $_.Trim() + ']' }")
    assert said == "[1\tone]\n[2\ttwo]\n"
    said = bench.run("try { assume x -- echo a | ForEach-Object { throw 'mine' } } catch { \"caught $_\" }")
    assert said == "caught mine\n", "an error further down the pipe is not taken for a missing backend"


def test_before_7_4_the_line_says_where_the_words_stood(bench: Bench) -> None:
    said = bench.run("""$line = "if (1) { assume x --region eu -- aws s3 -p:a '*' }"
$invocation = [pscustomobject]@{ Statement = $null; Line = $line; OffsetInLine = 10 }
$words = 'x', '--region', 'eu', 'aws', 's3', '-p:', 'a', '*'
$places = [System.Collections.Generic.List[int]]::new()
$join = { Join-Word $args[0] $args[1] $null $args[2] }
$joined = & (Get-Module shellhook) $join $words $invocation $places
($joined -join '|') + " $places" """)
    assert said == "x|--region|eu|--|aws|s3|-p:a|* 1\n"


def test_another_name_for_the_command(bench: Bench) -> None:
    code = "be-role dev -r eu; say $? $LASTEXITCODE\nbe-role x -- $env:SHOW '*' a\nbe-role bad && 'and'\nassume"
    said = bench.run(code, before="function assume { 'mine' }", hook=bench.render("be-role"))
    assert said.splitlines() == ["True 0 p=dev errors=0", "<*><a>", "shellhook: no profile 'bad'", "mine"]
    assert bench.calls()[0] == ["dev", "--region=eu"]


@pytest.mark.parametrize("command", ["assume", "be-role"])
def test_an_alias_of_its_name_goes(bench: Bench, command: str) -> None:
    alias = f"Set-Alias {command} Write-Output -Scope Global -Option ReadOnly"
    said = bench.run(f"{command} dev; say $? $LASTEXITCODE", before=alias, hook=bench.render(command))
    assert said == "True 0 p=dev errors=0\n"


def test_loading_again_changes_nothing(bench: Bench) -> None:
    load = PWSH.source(bench.hook)
    said = bench.run(f"{load}\n{load}\nassume dev; say $? (@(Get-Module shellhook).Count)\n{load}\nsay $?")
    assert said == "True 1 p=dev errors=0\nTrue p=dev errors=0\n"


def test_it_can_be_removed(bench: Bench) -> None:
    code = "Remove-Module shellhook; say (@(Get-Command assume, Import-Session -ErrorAction Ignore).Count)"
    assert bench.run(code) == "0 p= errors=0\n"


@pytest.mark.parametrize("form", ['. ([scriptblock]::Create(@ -join "`n"))', "Invoke-Expression (@ | Out-String)"])
def test_the_forms_of_the_init_line_load_it_too(bench: Bench, form: str) -> None:
    nothing = bench.root / "nothing.ps1"
    nothing.touch()
    lines = f"(Get-Content {PWSH.quote(str(bench.hook))})"  # as `shellhook init powershell` gives them
    said = bench.run(form.replace("@", lines) + "\nassume dev; say $? $LASTEXITCODE", hook=nothing)
    assert said == "True 0 p=dev errors=0\n"


@pytest.mark.parametrize("when", ["before", "after"])
def test_under_the_strictest_modes(bench: Bench, when: str) -> None:
    strict = "Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'\n"
    strict += "$PSNativeCommandUseErrorActionPreference = $true\n"
    code = """assume bad; say $? $LASTEXITCODE
assume dev -r eu; say $? $LASTEXITCODE
assume x -- sh -c 'exit 7'; say $? $LASTEXITCODE
assume x -- $env:SHOW '*' a,b 7; say $? $LASTEXITCODE
assume --status; say $? $LASTEXITCODE
assume --chain a,b; say $? $LASTEXITCODE"""
    said = bench.run(code, before=strict) if when == "before" else bench.run(strict + code)
    assert said.splitlines() == [
        "shellhook: no profile 'bad'",
        "False 3 p= errors=0",
        "True 0 p=dev errors=0",
        "False 7 p=dev errors=0",
        "<*><a,b><7>",
        "False 3 p=dev errors=0",
        "shown --status in a pipe",
        "True 0 p=dev errors=0",
        "True 0 p=a,b errors=0",
    ]


def test_no_other_module_is_loaded(bench: Bench) -> None:
    said = bench.run("""$loaded = (Get-Module).Name -join ' '
assume dev; assume bad; assume x -- $env:SHOW '*'
"$loaded, $((Get-Module).Name -join ' ')" """)
    assert said.splitlines()[-1] == "shellhook, shellhook"
