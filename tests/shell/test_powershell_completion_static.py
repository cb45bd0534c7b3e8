"""TAB in PowerShell: what can be known of its completer's text without one. Its patterns are tried in Python."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shellhook.profiles import Files, read
from tests.shell.powershell_bench import HOOK
from tests.shell.test_powershell_static import nodes
from tests.test_profiles import ACCEPTED, BROKEN, Row, write

COMPLETIONS = Path(__file__).parents[2] / "completions"
TEXT = (COMPLETIONS / "shellhook.ps1").read_text("ascii")
ROWS = [line.split("\t") for line in (COMPLETIONS / "words").read_text("ascii").splitlines() if line[:1] != "#"]


def test_the_hook_reads_the_file_at_the_first_tab_alone() -> None:
    text = HOOK.read_text("ascii")
    assert re.findall(r"^    \$script:Completions = '@COMPLETIONS@'$", text, re.MULTILINE)
    section = text.partition("    # --- completion\n")[2]
    assert text.count("$script:Completions") == 2
    assert section.count("$script:Completions") == 1
    assert section.index("-ScriptBlock {") < section.index("$script:Completions")


def test_what_there_is_to_choose_from_is_not_written_down_twice() -> None:
    code = re.sub(r"(^|\s)#.*", "", TEXT)
    lists = {row[1] for row in ROWS if "-" in row[1] or row[1][0].isdigit()} - {"--profile"}
    assert {word for word in lists if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", code)} == set()


def test_file_text_is_no_argument_of_a_function() -> None:
    """Module logging writes arguments down. And where such text is in a variable, no trace shows it."""
    functions = re.split(r"^    function ", TEXT, flags=re.MULTILINE)[1:]
    holding = [text for text in functions if re.search(r"ReadAllText\(\$Path|Read-Text \$|Get-Header \$", text)]
    assert [text.partition(" ")[0] for text in holding] == ["Read-Text", "Get-Header", "Update-Name", "Get-About"]
    for text in holding:
        assert text.splitlines()[1].strip() == "[System.Diagnostics.DebuggerHidden()]"
        calls = [str(node.text, "utf-8") for node in nodes(f"function {text}") if node.type == "command" and node.text]
        assert [call for call in calls if "$text" in call or "$headers" in call] == []


@pytest.mark.parametrize("name", ["prod", "Prod_1", "team:a/b@c", "a=b+c.d", "\u00e4", "12", "--profile=a:b"])
def test_a_plain_name_stands_without_quotes(name: str) -> None:
    assert bool(pattern("Plain").search(name)) == (name != "\u00e4")


@pytest.mark.parametrize(
    "name", [*"-@#~%!.*?[{(<>|&;,'\"`$ ", "a b", "a'", "a\u2019", "007", "1e3", "5kb", "-a", "--a"]
)
def test_any_other_stands_in_quotes(name: str) -> None:
    assert not pattern("Plain").search(name)


# The patterns of the file, tried in Python. What differs between the two kinds does not matter here.


def literals(code: str) -> str:
    """What the literals of an expression say, one behind the other."""
    code = re.sub(r"'\s+#.*", "'", code)
    return "".join(text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')*)'", code))


def pattern(name: str) -> re.Pattern[str]:
    """One of them."""
    found = re.search(rf"^    \$script:{name}Pattern = \[regex\](.*)", TEXT, re.MULTILINE)
    assert found
    text = literals(found[1])
    made = re.match(r'::new\("(.*)\$header", \'(Multiline)', found[1])
    if made:
        parts = re.search(r"^    \$header = (.*)", TEXT, re.MULTILINE)
        assert parts
        text = f"(?m){made[1]}{literals(parts[1])}"
    text = re.sub(r"\(\?<(\w+)>", r"(?P<\1>", text)
    return re.compile(text.replace(r"\p{Cc}", "\0-\x1f\x7f-\x9f").replace(r"\G", ""))


def unseen(name: str) -> bool:
    """What UnseenPattern finds."""
    kinds = {unicodedata.category(letter) for letter in name if letter != " "}
    return bool(kinds & {"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"}) or "\ufffd" in name


def expected(place: Path) -> list[str]:
    """The names that can be shown and typed."""
    names = read(Files(config=str(place / "config"), credentials=str(place / "credentials"))).names()
    return [name for name in names if name and not unseen(name)]


def text_of(path: Path) -> str:
    """Read-Text."""
    raw = path.read_bytes() if path.is_file() else b""
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return "\n" + raw.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


def headers(text: str) -> Sequence[re.Match[str]]:
    """Get-Header, line by line."""
    if not pattern("Indented").search(text):
        return [*pattern("Header").finditer(text)]
    found: list[re.Match[str]] = []
    start, depth, in_option = 0, 0, False
    for match in pattern("AnyHeader").finditer(text):
        indent = len(match["indent"])
        for line in pattern("Line").finditer(text, start) if indent and found else ():
            if line.start() >= match.start():
                break
            if not in_option or len(line[1]) <= depth:
                depth, at = len(line[1]), line[2].replace(":", "=").find("=")
                in_option = at > 0 or (in_option and at < 0)
        start = max(text.find("\n", match.end()), match.end())
        if not (indent and in_option and indent > depth):
            found.append(match)
            depth, in_option = 0, False
    return found


def name_of(text: str) -> str:
    """Get-HeaderName."""
    words, at = [], 0
    while text.startswith("profile") and (match := pattern("Word").match(text, at)):
        words.append(match[1])
        at = match.end()
    if text == "default" or len(words) != 2 or at != len(text):
        return text if text == "default" else ""

    def unquoted(part: re.Match[str]) -> str:
        return re.sub(r'\\(["\\])', r"\1", part[1]) if part[1] is not None else (part[2] or "") + (part[3] or "")

    return pattern("Quoted").sub(unquoted, words[1])


def found_in(place: Path) -> list[str]:
    """Update-Name."""
    names = [match["name"] or name_of(match["raw"]) for match in headers(text_of(place / "config"))]
    sections = [match[0].lstrip()[1:-1] for match in headers(text_of(place / "credentials"))]
    names += [section for section in sections if section != "DEFAULT"]
    return [name for name in dict.fromkeys(names) if name and not unseen(name)]


@pytest.mark.parametrize("row", [*ACCEPTED, *BROKEN], ids=lambda row: row.title)
def test_the_patterns_find_the_names(row: Row, tmp_path: Path) -> None:
    write(tmp_path, row.config, row.credentials)
    assert found_in(tmp_path) == expected(tmp_path)


LINES = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "", " ", "\t", "   "]),
    st.sampled_from(["[profile ", "[profile\t", "[", "[profiles ", "[ profile ", "k = ", "k", "=", "s3 :", "# ", ";"]),
    st.text(st.sampled_from("ab \t'\"\\[]#=:\u00e4"), max_size=6),
    st.sampled_from(["]", "]", "]", "] x", "]]", ""]),
)
FILES = st.builds(str.join, st.sampled_from(["\n", "\n", "\r\n", "\r"]), st.lists(LINES, max_size=9))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=FILES, credentials=FILES)
def test_the_patterns_find_the_names_of_any_files(config: str, credentials: str, tmp_path: Path) -> None:
    write(tmp_path, config, credentials)
    assert found_in(tmp_path) == expected(tmp_path)
