"""Every shell's completion finds the names that `shellhook.profiles` finds, and starts no process for it.

Many pairs of files are written first; then a shell is started once, and reads them one after the other.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shellhook import shells as hooks
from shellhook.errors import BadConfiguration
from shellhook.profiles import Files, read
from tests.shell.shells import Shell, clean_environment
from tests.test_profiles import ACCEPTED, BROKEN, Content, write

Pair = tuple[Content, Content]

# What each shell does with the directories that are its arguments: it prints the names in each, a NUL behind each name
# and a newline behind the last. `%` is where the completion is. PowerShell's names are what a TAB would offer.
LOOPS = {
    "bash": """
source %/shellhook.bash
for place in "${places[@]}"; do
  AWS_CONFIG_FILE=$place/config AWS_SHARED_CREDENTIALS_FILE=$place/credentials
  __shellhook_names
  for name in ${__shellhook_profiles[@]+"${__shellhook_profiles[@]}"}; do printf '%s\\0' "$name"; done
  printf '\\n'
done
""",
    "zsh": """
source %/_shellhook 2>/dev/null
for place in $places; do
  export AWS_CONFIG_FILE=$place/config AWS_SHARED_CREDENTIALS_FILE=$place/credentials
  __shellhook_names
  for name in "${__shellhook_profiles[@]}"; do printf '%s\\0' "$name"; done
  printf '\\n'
done
""",
    "fish": """
source %/shellhook.fish
for place in $places
    set -gx AWS_CONFIG_FILE $place/config
    set -gx AWS_SHARED_CREDENTIALS_FILE $place/credentials
    __shellhook_names
    for name in $__shellhook_profiles
        printf '%s\\0' $name
    end
    printf '\\n'
end
""",
    "powershell": """
. %/shellhook.ps1
foreach ($place in $places) {
    $env:AWS_CONFIG_FILE = "$place/config"
    $env:AWS_SHARED_CREDENTIALS_FILE = "$place/credentials"
    $names = (TabExpansion2 'assume ' 7).CompletionMatches |
        Where-Object { $_.ResultType -eq 'ParameterValue' } | ForEach-Object { $_.ListItemText }
    [Console]::Out.Write((@($names | ForEach-Object { "$_`0" }) -join '') + "`n")
}
""",
}


def setup(shell: Shell, places: Sequence[str]) -> str:
    """The lines that load the hook and name the directories."""
    words = " ".join(map(shell.quote, places))
    listed = {"fish": f"set -g places {words}", "powershell": "$places = @(" + words.replace("' '", "', '") + ")"}
    return listed.get(shell.kind, f"places=({words})")


def script(shell: Shell, places: Sequence[str], root: Path) -> str:
    """The whole of what it does."""
    hook = root / f"hook.{shell.extension}"
    hook.write_text(hooks.hook(shell.kind, "/nowhere/shellhook"), encoding="utf-8")
    # The whole path is quoted: '/dir'/file is two words in PowerShell.
    loop = re.sub(
        r"%/(\S+)", lambda found: shell.quote(f"{hooks._directory('completions')}/{found[1]}"), LOOPS[shell.kind]
    )
    return "\n".join([shell.source(hook), setup(shell, places), loop])


def environment(root: Path) -> dict[str, str]:
    """There is a store, as there is wherever `assume` was used; and no program to be found."""
    state = root / "state"
    (state / "shellhook").mkdir(parents=True, exist_ok=True)
    return clean_environment(root) | {"XDG_STATE_HOME": str(state), "PATH": str(root / "nothing")}


def asked(shell: Shell, places: Sequence[Path], root: Path) -> list[list[str]]:
    """The names that the shell finds in each place. It says nothing else."""
    done = shell.run(script(shell, list(map(str, places)), root), env=environment(root), cwd=root, timeout=60)
    assert (done.stderr, done.returncode) == (b"", 0)
    *lines, last = done.stdout.decode("utf-8", "surrogateescape").split("\n")
    assert last == ""
    return [line.split("\0")[:-1] for line in lines]


def is_plain(name: str) -> bool:
    """Nothing but characters that every shell takes for printable."""
    return all(character == " " or unicodedata.category(character)[0] in "LNPS" for character in name)


def judged(place: Path) -> list[str]:
    """The names that there are."""
    return read(Files(config=str(place / "config"), credentials=str(place / "credentials"))).names()


def check(shell: Shell, pairs: Sequence[Pair]) -> None:
    """Whatever it finds is a name; all that can be shown and typed are found, in order if the shell keeps it."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        places = [root / str(number) for number in range(len(pairs))]
        for place, (config, credentials) in zip(places, pairs, strict=True):
            place.mkdir()
            write(place, config, credentials)
        found = asked(shell, places, root)
        expected = [judged(place) for place in places]
    count = len(found)
    assert count == len(places)
    for pair, names, wanted in zip(pairs, found, expected, strict=True):
        # Of the names that not every shell can show, each shows some.
        borderline = {name for name in wanted if not is_plain(name) and not has_control(name)} | {""}
        if shell.kind in ("bash", "fish"):
            names = list(dict.fromkeys(names))  # readline and fish themselves show once what is there twice
        if "3.2" in shell.name:  # which takes bytes that are no text for printable
            borderline |= {name for name in names if any("\udc80" <= character <= "\udcff" for character in name)}
        shown = [name for name in names if name not in borderline]
        plain = [name for name in wanted if is_plain(name) and name]
        if shell.kind == "zsh":  # which sorts them itself
            shown, plain = sorted(shown), sorted(plain)
        assert shown == plain, pair
        assert set(names) - borderline <= set(wanted), pair


def has_control(name: str) -> bool:
    """One of those that drive a terminal is never shown."""
    return any(unicodedata.category(character) == "Cc" for character in name)


def test_the_table(shell: Shell) -> None:
    rows = [row for row in ACCEPTED + BROKEN if not row.title.startswith("UTF-16")]
    check(shell, [(row.config, row.credentials) for row in rows])


FURTHER: list[Pair] = [
    ("[profile a]", "[b]"),
    ("[profile a]\r\n\r\n[profile b]\r\n", "[c]\r\n[a]\r\n[d]"),
    ("[profile a]\r[profile b]\r\r[default]\r", "[c]\r"),
    ("\n\n  [profile a]\n[profile b]\n  [profile c]\n", " [d]\n\t[e]\n"),
    ("[profile a]\nx = 1\n [profile b]\n[profile c]\n y = 2\n [profile d]\n  [profile e]\n", ""),
    ("[profile a]\nx =\n  [profile b]\n\n  [profile c]\ny\n  [profile d]\n", ""),
    ("[profile a]\n    x = 1\n  [profile b]\n    [profile c]\n", ""),
    ("[profile a]\nx = 1\n# comment\n  [profile b]\n; comment\n\n  [profile c]\n", ""),
    ("[profile a]\nx = [1]\n  # [profile b]\n  ; [profile c]\n#[profile d]\n", ""),
    ("[profile a]\nx : 1\n  [profile b]\n= 2\n  [profile c]\n", ""),
    ("[profile a]\npolicy = [\n  [profile b]\n  ]\n]\n[profile c]\n", ""),
    ("[]\n[ ]\n[profile a", "[]\n[ ]\n[profile a"),
    ("[[profile a]]\n[profile [b]]\n[profile c[d]\n", "[[a]]\n[b]c]d\n[]]\n"),
    ("[profile *]\n[profile ?x]\n[profile $HOME]\n[profile ~]\n[profile {a,b}]\n[profile !x]\n", "[*]\n[a*]\n[-n]\n"),
    ("[profile -e]\n[profile -n]\n[profile --]\n[profile @]\n[profile #]\n[profile ;]\n", "[@]\n[0]\n[%s]\n[\\n]\n"),
    ("[profile a'b'c]\n[profile 'a b'\"c d\"e\\ f]\n[profile \\'x\\']\n[profile \"a\\\\b\\$\\\"\"]\n", "['a b']\n"),
    ("[profile a\\\\]\n[profile a\\]\n[profile 'a\\']\n[profile \"a\\\"]\n", ""),
    (
        "[profile a\\\tb]\n[profile 'a\tb']\n[profile \"a\x1b[31m\"]\n[profile a\x07]\n[profile b]\n",
        "[a\tb]\n[c\x7f]\n",
    ),
    ("['profile' a]\n[pro'file' b]\n[profile\\ c d]\n[profile'x' e]\n[profile\"\" f]\n", ""),
    (
        "[sso-session a]\n[services b]\n[sso-sessionx c]\n[servicesx d]\n[default x]\n[DEFAULT]\n",
        "[default]\n[DEFAULT]\n",
    ),
    ("[profile \u00e4\u00f6\u00fc]\n[profile \u65e5\u672c]\n[profile \U0001f600]\n", "[\u00e9t\u00e9]\n"),
    ("[profile a]\n" * 3, "[a]\n[b]\n[a]\n[b]\n"),
    ("".join(f"[profile p{n % 40}]\n" for n in range(120)), "".join(f"[p{n}]\nk = v\n" for n in range(60))),
    ("[default]\n[profile default]\n[profile 'default']\n", "[default]\n"),
    ("[profile a]\nk = v\x0b[profile b]\x0c[profile c]\u2028[profile d]\x85[profile e]\n", ""),
    ("\ufeff[profile a]\n", "\ufeff\n[b]\n"),
    ("\ufeff", "\ufeff[a]"),
    ("[profile a]\n\t\n \n[profile b] \n[profile c]\t# x]\n", ""),
    (b"[profile a]\n\xff\xfe\n[profile \xff]\n[profile b]\n", b"[\xe9]\n[c]\n"),
]


def test_further_files(shell: Shell) -> None:
    check(shell, FURTHER)


NAMES = st.one_of(
    st.sampled_from(
        ["a", "b", "a b", "default", "DEFAULT", "'a b'", '"a b"', "a\\ b", "'a", "a' b'", 'a"\\""', "[x]", "]"]
    ),
    st.text(st.sampled_from("ab \t'\"\\[]#;=:$*-\u00e4\u65e5"), max_size=8),
)
HEADERS = st.builds(
    "{}[{}{}]{}".format,
    st.sampled_from(["", "", "", "", " ", "\t", "    "]),
    st.sampled_from(
        ["profile ", "profile ", "profile ", "profile", "profile\t", "profiles ", "", "sso-session ", " profile "]
    ),
    NAMES,
    st.sampled_from(["", "", "", " ", " # x", "x]"]),
)
OPTIONS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "", " ", "  ", "    ", "\t"]),
    st.sampled_from(["role_arn", "k", "s3", "", "#", ";", "["]),
    st.sampled_from([" = ", "=", ":", "", " "]),
    st.sampled_from(["v", "", "[x]", "[profile y]", "a = b"]),
)
RAW = st.text(st.sampled_from("[]profile \t'\"\\=:#;a\u00e4\r"), max_size=20)
LINES = st.one_of(HEADERS, HEADERS, OPTIONS, OPTIONS, st.sampled_from(["", "", " ", "# c", "  ; c"]), RAW)
FILES = st.builds(
    lambda lines, end, last: end.join(lines) + (end if last else ""),
    st.lists(LINES, max_size=14),
    st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]),
    st.booleans(),
)
PAIRS = st.lists(st.tuples(FILES, FILES), min_size=60, max_size=60)


@pytest.mark.filterwarnings("ignore")
@settings(
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a failure shows the pair that it is about
    suppress_health_check=list(HealthCheck),
)
@given(pairs=PAIRS)
def test_any_files(shell: Shell, pairs: list[Pair]) -> None:
    check(shell, pairs)


def test_no_process_is_started(shell: Shell, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    place = tmp_path / "place"
    place.mkdir()
    write(place, *FURTHER[15])
    if strace is None or shell.kind == "powershell":  # whose runtime has threads and more of its own
        assert asked(shell, [place] * 3, tmp_path) == [judged(place)] * 3
        return
    log = tmp_path / "log"
    calls = "trace=clone,clone3,fork,vfork,execve"
    with_nothing = [strace, "-f", "-o", str(log), "-e", calls, *shell.script(), "exit"]
    traced = [*with_nothing[:-1], script(shell, [str(place)] * 3, tmp_path)]

    def started(command: list[str]) -> int:
        done = subprocess.run(command, env=environment(tmp_path), cwd=tmp_path, capture_output=True, check=False)
        if b"ptrace" in done.stderr:
            pytest.skip("processes may not be traced here")
        assert (done.stderr, done.returncode) == (b"", 0)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        # fish has threads of its own.
        return sum("CLONE_THREAD" not in line and "(" in line and "resumed" not in line for line in lines)

    assert started(traced) == started(with_nothing)


LOCATED = [
    ({"AWS_CONFIG_FILE": "~/c"}, "home/c"),
    ({"AWS_CONFIG_FILE": "$PLACE/c"}, "place/c"),
    ({"AWS_CONFIG_FILE": "${PLACE}/$UNKNOWN_/c"}, "place/$UNKNOWN_/c"),
    ({"AWS_CONFIG_FILE": "${PLACE}s ${x/$PLACE"}, ""),
    ({"AWS_CONFIG_FILE": "~$TAIL"}, "home/tail"),
    ({"AWS_CONFIG_FILE": "$TILDE/c"}, "home/c"),
    ({"AWS_CONFIG_FILE": "c d"}, "work/c d"),
    ({"AWS_CONFIG_FILE": "~nobody-at-all/c"}, "work/~nobody-at-all/c"),
    ({"AWS_CONFIG_FILE": "*"}, "work/*"),
    ({"AWS_CONFIG_FILE": "$(touch owned)`touch owned`"}, "work/$(touch owned)`touch owned`"),
    ({"AWS_CONFIG_FILE": ""}, ""),
    ({}, "home/.aws/config"),
]


@pytest.mark.parametrize(("variables", "path"), LOCATED)
def test_where_the_config_file_is(shell: Shell, variables: dict[str, str], path: str, tmp_path: Path) -> None:
    decoys = ["home/.aws/config", "home/c", "place/c", "work/c", "work/c d"]
    (tmp_path / "work").mkdir()
    for number, name in enumerate(dict.fromkeys([*decoys, path])):
        if name:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(f"[profile found{number if name != path else ''}]\n", encoding="ascii")
    given = {"HOME": str(tmp_path / "home"), "PLACE": str(tmp_path / "place"), "TAIL": "/tail", "TILDE": "~"}
    loop = LOOPS[shell.kind].split("\n")
    kept = [line for line in loop if "AWS_" not in line]
    code = script(shell, ["-"], tmp_path).replace("\n".join(loop[2:]), "\n".join(kept[2:]))
    done = shell.run(code, env=environment(tmp_path) | given | variables, cwd=tmp_path / "work")
    assert (done.stderr, done.returncode) == (b"", 0)
    assert done.stdout == (b"found\0\n" if path else b"\n")
    assert not (tmp_path / "work" / "owned").exists()


def test_files_that_cannot_be_read_are_empty_and_silent(shell: Shell, tmp_path: Path) -> None:
    places = [tmp_path / str(number) for number in range(5)]
    for place in places:
        place.mkdir()
        write(place, "[profile there]\n", "[x]\n")
    for name in ("config", "credentials"):
        (places[0] / name).unlink()
        (places[1] / name).unlink()
        (places[1] / name).mkdir()
    (places[2] / "config").chmod(0)
    (places[3] / "credentials").write_bytes(os.urandom(100_000).replace(b"[", b"("))
    places[4].chmod(0)
    reads_all = os.access(places[2] / "config", os.R_OK)  # root does
    try:
        found = asked(shell, places, tmp_path)
    finally:
        places[4].chmod(0o700)
    assert found == [
        [],
        [],
        ["there", "x"] if reads_all else ["x"],
        ["there"],
        ["there", "x"] if reads_all else [],
    ]


def test_what_can_be_judged_is(tmp_path: Path) -> None:
    """The judge itself refuses nothing of what is asked here."""
    for pair in FURTHER:
        try:
            read(write(tmp_path, *pair)).names()
        except BadConfiguration as error:  # pragma: no cover
            pytest.fail(str(error))
