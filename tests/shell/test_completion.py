"""TAB in a real shell, pressed by a person: the line that stands there then, what is listed, and what runs at Enter."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from shellhook import shells as hooks
from tests.shell.backend import Backend
from tests.shell.session import Start
from tests.shell.shells import Shell

CONFIG = """\
[default]
region = eu-central-1
[profile power-user]
role_arn = arn:aws:iam::111122223333:role/team/the-power
source_profile = base
[profile power-tool]
sso_account_id = 444455556666
sso_role_name = the-tool
[profile read-only]
credential_process = /bin/false
[profile my prod]
[profile 'my prod']
[sso-session corp]
"""
CREDENTIALS = """\
[base]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = wJalrXUtnFEMI
"""
# Notes its words; faster than the one that can do more.
_BACKEND = """\
#!/bin/sh
for word; do printf '%s\\0' "$word"; done >"${0%/*}/words"
"""
MARK = "@@"  # typed behind TAB: once it is on the screen, TAB has done its work
_LINE = re.compile(r"\[\d+:\d+\]> (.*)" + MARK + "$")
# The key that lists and inserts nothing.
LISTING = {"bash": "alt-?", "zsh": "ctrl-d", "fish": "tab", "powershell": "alt-="}
COMPINIT = "autoload -Uz compinit; compinit -u -d $HOME/.zcompdump"


class Desk:
    """Somebody with AWS files at home and the hook loaded, at a shell where files of tempting names lie about."""

    def __init__(self, shell: Shell, start: Start, backend: Backend, rc: str = "", **env: str | None) -> None:
        self.shell, self.backend = shell, backend
        self.words = backend.directory / "words"
        hook = backend.hook(shell)
        backend.path.write_text(_BACKEND, encoding="ascii")
        first = COMPINIT if shell.kind == "zsh" else ""
        self.session = start(shell, rc="\n".join([first, rc, shell.source(hook)]), env=env, columns=160)
        self.home = self.session.home
        (self.home / ".aws").mkdir()
        self.write(CONFIG, CREDENTIALS)
        for name in ("power-file", "re-file", "eu-file"):
            (self.home / name).touch()

    def write(self, config: str | None = None, credentials: str | None = None) -> None:
        """Write the AWS files; in place, as editors may."""
        for name, text in (("config", config), ("credentials", credentials)):
            if text is not None:
                (self.home / ".aws" / name).write_text(text, encoding="utf-8")

    def after(self, typed: str, *keys: str) -> str:
        """The line after TAB; then it is cleared. A blank at its end, which not every shell puts there, is cut off."""
        self.session.type(typed)
        self.session.key(*(keys or ("tab",)))
        self.session.type(MARK)
        self.session.terminal.wait(lambda _: _LINE.search(self.session.terminal.before_cursor()))
        found = _LINE.search(self.session.terminal.before_cursor())
        assert found
        self.clear()
        return found[1].rstrip()

    def clear(self) -> None:
        """An empty line again."""
        self.session.key("ctrl-u")
        self.session.wait(lambda _: re.search(r"\]> $", self.session.terminal.before_cursor()))

    def listed(self, typed: str, *wanted: str) -> str:
        """What is listed for a word, once all of that is to be seen below the line; then it is cleared."""
        before = self.session.terminal.history().count("\n")
        self.session.type(typed)
        self.session.terminal.wait(lambda _: self.session.terminal.before_cursor().rstrip().endswith(typed.rstrip()))
        self.session.key(LISTING[self.shell.kind])

        def below() -> str:
            return "\n".join(self.session.terminal.history().split("\n")[before:])

        self.session.wait(lambda _: all(has(below(), word) for word in wanted))
        text = below()
        self.after("")  # what is still being drawn
        return text + "\n" + below()

    def runs(self, typed: str, *keys: str) -> list[str]:
        """TAB, Enter: the words that the backend gets."""
        self.words.unlink(missing_ok=True)
        self.session.type(typed)
        self.session.key(*(keys or ("tab",)), "enter")
        self.session.ready()
        words = self.words.read_bytes().decode().split("\0")[:-1]
        return words[words.index("--") + 1 :]

    def check(self, table: Iterable[tuple[str, str]]) -> None:
        """Each line becomes that other one; all that do not are shown."""
        wanted = dict(table)
        assert {typed: self.after(typed) for typed in wanted} == wanted


Sit = Callable[..., Desk]


def has(text: str, word: str) -> bool:
    """Does it stand there by itself?"""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def unchanged(*lines: str) -> list[tuple[str, str]]:
    """Lines at which there is nothing to complete."""
    return [(line, line.rstrip()) for line in lines]


@pytest.fixture
def sit(shell: Shell, start: Start, backend: Backend) -> Sit:
    """`sit()`: a desk at the shell."""

    def sat(rc: str = "", **env: str | None) -> Desk:
        return Desk(shell, start, backend, rc, **env)

    return sat


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the completions at an awkward place, which the hook is told of."""
    real = hooks._directory
    copy = tmp_path / "the user's $completions"
    copy.mkdir()
    for file in Path(real("completions")).iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(hooks, "_directory", lambda name: str(copy) if name == "completions" else real(name))
    return copy


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


def test_options_and_their_values(sit: Sit) -> None:
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
            *unchanged("assume --policy re", "assume --no-such-op", "assume --region -", "assume --debug=re"),
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
        ("assume power-user -- cat re-", "assume power-user -- cat re-file"),
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


def test_a_name_with_a_leading_dash(sit: Sit) -> None:
    desk = sit()
    desk.write("[profile -dash]\n[profile --dashes]\n", "")
    assert desk.runs("assume --profile -da") == ["--profile", "-dash"]
    assert desk.runs("assume --profile=--da") == ["--profile=--dashes"]


# What is shown beside a name


def marker(state: Path, name: str, expires: int, digest: str = "0" * 32) -> None:
    """What the store says of a session."""
    directory = state / "shellhook" / "markers"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / digest).write_text(f"{expires}\n{name}\n", encoding="utf-8")
    os.utime(directory / digest, (expires, expires))


def test_account_role_and_what_is_left_are_shown(sit: Sit, shell: Shell, tmp_path: Path) -> None:
    if shell.kind == "powershell" or "3.2" in shell.name:
        pytest.skip("its listing has names alone")
    desk = sit(XDG_STATE_HOME=str(tmp_path / "state"))
    now = int(time.time())
    marker(tmp_path / "state", "power-user", now + 42 * 60 + 30)
    marker(tmp_path / "state", "power-user", now + 60, "1" * 32)
    marker(tmp_path / "state", "power-tool", now - 60, "2" * 32)
    marker(tmp_path / "state", "base", now + 3 * 3600 + 5 * 60 + 30, "3" * 32)
    text = desk.listed("assume ", "power-user", "111122223333", "power-tool", "444455556666", "base", "process")
    (row,) = {line for line in text.split("\n") if has(line, "111122223333")}
    assert re.search(r"power-user\W+111122223333 the-power +live 42m", row)
    assert re.search(r"power-tool\W+444455556666 the-tool", text)
    assert re.search(r"base\W+keys +live 3h05m", text)
    assert len(set(re.findall(r"live \w+", text))) == 2, "what is over is not live"


def test_a_damaged_store_is_no_matter(sit: Sit, tmp_path: Path) -> None:
    state = tmp_path / "state"
    marker(state, "power-user", 1)
    future = time.time() + 1000
    for number, content in enumerate(
        (b"", b"\n", b"x[$(touch owned)]\npower-user\n", b"9" * 40 + b"\npower-user\n", b"\0\xff\n\n")
    ):
        file = state / "shellhook" / "markers" / str(number)
        file.write_bytes(content)
        os.utime(file, (future, future))
    (state / "shellhook" / "markers" / "directory").mkdir()
    desk = sit(XDG_STATE_HOME=str(state))
    text = desk.listed("assume ", "power-user", "base")
    assert "live" not in text
    assert not (desk.home / "owned").exists()


# Changes, and what is missing


def test_a_file_that_changed_is_read_again(sit: Sit, tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "shellhook").mkdir(parents=True, mode=0o700)
    desk = sit(XDG_STATE_HOME=str(state))
    for number in range(12):
        desk.write(config=f"[profile zz{number:02}]\n")  # as long as before, in the same second
        assert desk.after("assume zz") == f"assume zz{number:02}"
        assert desk.after("assume zz") == f"assume zz{number:02}"
    desk.write(credentials="[yyy]\n")
    assert desk.after("assume yy") == "assume yyy"


def test_another_file_in_its_place_is_read_however_old_it_is(sit: Sit, tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "shellhook").mkdir(parents=True, mode=0o700)
    desk = sit(XDG_STATE_HOME=str(state))
    aws = desk.home / ".aws"
    past = time.time() - 100_000
    os.utime(aws / "config", (past, past))
    assert desk.after("assume re") == "assume read-only"
    new = aws / "new"
    new.write_text("[profile re-placed]\n", encoding="ascii")
    os.utime(new, (past - 1000, past - 1000))
    new.rename(aws / "config")
    assert desk.after("assume re") == "assume re-placed"
    new.write_text("[profile re-linked]\n", encoding="ascii")
    os.utime(new, (past - 2000, past - 2000))
    (aws / "config").unlink()
    assert desk.after("assume re") == "assume re"
    (aws / "config").symlink_to("new")
    assert desk.after("assume re") == "assume re-linked"
    desk.session.run(desk.shell.export("AWS_CONFIG_FILE", "other"))
    assert desk.after("assume re") == "assume re"
    (desk.home / "other").write_text("[profile re-lative]\n", encoding="ascii")
    os.utime(desk.home / "other", (past, past))
    assert desk.after("assume re") == "assume re-lative"
    (desk.home / "sub").mkdir()
    desk.session.run("cd sub")
    assert desk.after("assume re") == "assume re"


def test_nothing_is_said_of_files_that_cannot_be_read(sit: Sit, tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(bytes(range(256)) * 20)
    secret = tmp_path / "unreadable"
    secret.write_text("[profile re-al]\n", encoding="ascii")
    secret.chmod(0)
    for file in (binary, secret, tmp_path, tmp_path / "none", tmp_path / "a" / "b"):
        desk = sit(AWS_CONFIG_FILE=str(file))
        if file == secret and os.access(secret, os.R_OK):
            secret.unlink()  # root may read everything
        before = desk.session.screen()
        desk.session.terminal.wait(lambda _: True)
        assert desk.after("assume ba") == "assume base"
        assert desk.session.screen() == before, file
        desk.session.close()


def test_files_that_are_empty_or_gone(sit: Sit) -> None:
    desk = sit()
    before = desk.session.screen()
    desk.write("", "")
    desk.check(unchanged("assume ", "assume re"))
    for name in ("config", "credentials"):
        (desk.home / ".aws" / name).unlink()
    desk.check(unchanged("assume ", "assume re"))
    (desk.home / ".aws").rmdir()
    desk.check(unchanged("assume ", "assume re"))
    assert desk.session.screen() == before


def test_without_the_words_there_are_profiles(sit: Sit, elsewhere: Path) -> None:
    (elsewhere / "words").unlink()
    desk = sit()
    before = desk.session.screen()
    desk.check([("assume re", "assume read-only"), *unchanged("assume --reg", "shellhook expla")])
    assert desk.session.screen() == before


def test_without_the_file_tab_is_what_it_was(sit: Sit, elsewhere: Path) -> None:
    for file in elsewhere.iterdir():
        file.unlink()
    desk = sit()
    before = desk.session.screen()
    desk.check([("assume re-", "assume re-file"), ("cat re-", "cat re-file")])
    assert desk.session.screen() == before


def test_the_first_tab_answers_and_loads_nothing_twice(sit: Sit, elsewhere: Path) -> None:
    desk = sit()
    assert desk.after("shellhook explain re") == "shellhook explain read-only"
    for file in elsewhere.iterdir():
        file.unlink()
    desk.check(
        [
            ("assume re", "assume read-only"),
            ("assume --reg", "assume --region"),
            ("shellhook expla", "shellhook explain"),
        ]
    )


# What stays as it is

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
        secret = re.compile("AKIAEXAMPLE|wJalrXUtnFEMI")
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
