"""The same question to botocore and to us, over the rows of `test_profiles` and over files that hypothesis makes up.

What botocore accepts, we read the same. What it refuses, we warn about; and that costs no section but its own.
"""

from __future__ import annotations

import os
import shlex
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ConfigParseError
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from shellhook.ini import words
from shellhook.profiles import Configuration, Files, Profile, locate, read
from tests.proof.extent import extent
from tests.test_profiles import ACCEPTED, BROKEN, Meaning, Row, meaning, write

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("aws")


def botocore_reads(files: Files) -> Session:
    """A botocore session that has read both files. Raises ConfigParseError where botocore does."""
    session = Session()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_CONFIG_FILE", files.config)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", files.credentials)
        patch.delenv("AWS_PROFILE", raising=False)
        assert session.full_config is not None
    return session


def sections(find: Callable[[str], Profile | None], names: list[str]) -> Meaning:
    found = {name: find(name) for name in names}
    return {name: {**section.settings, **section.nested} for name, section in found.items() if section}


def assert_read_alike(ours: Configuration, theirs: Session) -> None:
    full = theirs.full_config
    sessions, services = full.get("sso_sessions", {}), full.get("services", {})
    assert ours.names() == theirs.available_profiles
    assert meaning(ours) == full["profiles"]
    assert sections(ours.sso_session, [*sessions, "x"]) == sessions
    assert sections(ours.services, [*services, "x"]) == services


@pytest.mark.parametrize("row", ACCEPTED, ids=lambda row: row.title)
def test_rows_that_botocore_accepts(row: Row, tmp_path: Path) -> None:
    files = write(tmp_path, row.config, row.credentials)
    assert_read_alike(read(files), botocore_reads(files))


@pytest.mark.parametrize("row", BROKEN, ids=lambda row: row.title)
def test_rows_that_botocore_refuses(row: Row, tmp_path: Path) -> None:
    with pytest.raises(ConfigParseError):
        botocore_reads(write(tmp_path, row.config, row.credentials))


# Files of lines that look like a config, in any order and any indentation.
HEADERS = ["profile x", "profile y", 'profile "x"', "profile\tz ", "profile a b", "default", "profile default", "x"]
HEADERS += ["sso-session x", "services x", "DEFAULT", " x", "profile 'a b", "profile x\\", "", "]", "profile x]", "é"]
LINES = [*(f"[{header}]" for header in HEADERS), "[profile x] # c", "[profile x"]
LINES += ["region = a", "Region: b", "role_arn=c:d", "s3 =", "s3 = x", "a = b ; c", "a =", "= b", "nonsense", "%(a)s"]
LINES += ["# c", "; region = z", "", "", "", "[] = 1", "a\x0bb = c\x0bd\x1c", "é\u2028 = \x85x\u00a0", "\ufeff"]
BLANKS = ["", "", "", "", "  ", "    ", "\t", " \x0c", "\u00a0"]
ENDS = ["\n", "\n", "\n", "\r\n", "\r", " \n", "\n\n"]

lines = st.tuples(st.sampled_from(BLANKS), st.sampled_from(LINES), st.sampled_from(ENDS)).map("".join)
likely = st.lists(lines, max_size=14).map("".join)
any_text = st.text(st.one_of(st.sampled_from("[]=: \t\n\r#;\"'\\profilex"), st.characters(codec="utf-8")), max_size=60)
contents = st.one_of(likely, likely.map("[profile q]\n".__add__), any_text, any_text.map("[profile ".__add__))


@settings(max_examples=extent(75, 1000), deadline=None)
@given(config=contents, credentials=st.one_of(st.just(""), contents))
def test_any_file(directory: Path, config: str, credentials: str) -> None:
    files = write(directory, config, credentials)
    ours = read(files)
    warnings = list(ours.check())
    try:
        theirs = botocore_reads(files)
    except ConfigParseError:
        assert warnings
    else:
        # A bad block in [DEFAULT] goes unnoticed by botocore while each section overrides it.
        assert not warnings or "DEFAULT" in config + credentials
        if not warnings:
            assert_read_alike(ours, theirs)


# Sections that botocore accepts, to be broken one by one.
options = st.dictionaries(
    st.sampled_from(["region", "role_arn", "s3", "k"]),
    st.sampled_from(["a", "", "b\n  c", "\n  d = e", "\n\n  f = g\n\n  h=i", "[j]"]),
)
healthy = st.dictionaries(st.sampled_from("uvwxyz"), options, min_size=2)
BREAKAGES = ["nonsense", "= a", "region = 1\nREGION = 2", "s9 =\n  nonsense", "bytes = \udcff", "\udcfe"]


def section(name: str, content: dict[str, str], *, credentials: bool) -> str:
    header = f"[{name}]" if credentials else f"[profile {name}]"
    return "".join(f"{line}\n" for line in [header, *(f"{key} = {value}" for key, value in content.items())])


@settings(max_examples=extent(40, 500), deadline=None)
@given(data=st.data(), profiles=healthy, credentials=st.booleans())
def test_what_is_broken_costs_its_own_section(
    directory: Path, data: st.DataObject, profiles: dict[str, dict[str, str]], credentials: bool
) -> None:
    texts = {name: section(name, content, credentials=credentials) for name, content in profiles.items()}

    def files(content: str) -> Files:
        raw = content.encode(errors="surrogateescape")
        return write(directory, credentials=raw) if credentials else write(directory, raw)

    expected = botocore_reads(files("".join(texts.values()))).full_config["profiles"]
    victim = data.draw(st.sampled_from(list(texts)))
    how = data.draw(st.sampled_from([*BREAKAGES, "duplicate", "mark", "text"]))
    if how == "duplicate":
        broken = "".join([*texts.values(), texts[victim], "nonsense\n"])
    elif how in ("mark", "text"):
        broken = ("\ufeff" if how == "mark" else "nonsense\n") + "".join(texts.values())
    else:
        broken = "".join([*texts.values()]).replace(texts[victim], f"{texts[victim]}{how}\n")
        del expected[victim]
    with pytest.raises(ConfigParseError):
        botocore_reads(files(broken))
    configuration = read(files(broken))
    assert meaning(configuration) == expected
    assert len(configuration.check()) in (1, 2)


@settings(max_examples=extent(100, 1000))
@given(st.text(st.one_of(st.sampled_from(" \t\r\n'\"\\ab"), st.characters(codec="utf-8")), max_size=20))
def test_words_are_those_of_shlex(text: str) -> None:
    try:
        expected = shlex.split(text)
    except ValueError:
        expected = None
    assert words(text) == expected


PATHS = ["c", "~/c", "$PLACE/c", "${PLACE}/c", "$HOME/c", "~/$NAME/c", "", "~nobody/c", "$UNKNOWN/c", ".", "~"]


@pytest.mark.skipif(os.name == "nt", reason="the home is another variable there")
@pytest.mark.parametrize("path", PATHS)
def test_the_same_file_is_read(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for directory in (".", "home", "place", "home/name"):
        (tmp_path / directory).mkdir(exist_ok=True)
        (tmp_path / directory / "c").write_text(f"[profile in-{directory}]\n")
    for variable, value in {"HOME": f"{tmp_path}/home", "PLACE": f"{tmp_path}/place", "NAME": "name"}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_CONFIG_FILE", path)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    assert read(locate(os.environ)).names() == Session().available_profiles


def test_what_is_no_utf8_goes_by_the_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = write(tmp_path, "[profile é]\r\n# ü\r\nr = ß\r\n".encode("latin-1"))

    def of_such_a_locale(raw: BytesIO, *, encoding: str, newline: str) -> TextIOWrapper:
        assert encoding == "locale"
        return TextIOWrapper(raw, encoding="latin-1", newline=newline)

    monkeypatch.setattr("shellhook.ini.TextIOWrapper", of_such_a_locale)
    monkeypatch.setattr("configparser.io.text_encoding", lambda _encoding: "latin-1")
    assert_read_alike(read(files), botocore_reads(files))
    assert read(files).names() == ["é"]
