"""One section of an AWS file is added or changed; every other byte stays, and botocore reads what was written."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ConfigParseError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shellhook import sections, user_files
from shellhook.errors import BadConfiguration, ShellhookError
from shellhook.profiles import Where, read
from tests.proof.extent import extent
from tests.test_profiles import meaning, write
from tests.test_profiles_botocore import botocore_reads, contents, directory

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["directory"]  # a fixture

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
NEW = "[profile new]\nregion = eu-west-1\n"

APPENDED = [
    # what is there -> what stands there after `[profile new]` was added
    pytest.param("", NEW, id="nothing"),
    pytest.param("[profile x]\n", f"[profile x]\n\n{NEW}", id="a blank line between"),
    pytest.param("[profile x]\nr = a", f"[profile x]\nr = a\n\n{NEW}", id="no newline at the end"),
    pytest.param("[profile x]\n\n", f"[profile x]\n\n\n{NEW}", id="blank lines at the end"),
    pytest.param("[profile x]\r\nr = a\r\n", "[profile x]\r\nr = a\r\n\r\n" + NEW.replace("\n", "\r\n"), id="Windows"),
    pytest.param("# %(a)s\n[x]\ns3 =\n  a = 1\n", f"# %(a)s\n[x]\ns3 =\n  a = 1\n\n{NEW}", id="a block, %, a comment"),
    pytest.param("\ufeff[profile x]\n", f"\ufeff[profile x]\n\n{NEW}", id="a byte-order mark"),
    pytest.param("nonsense", f"nonsense\n\n{NEW}", id="what nobody can read"),
]


@pytest.mark.parametrize(("there", "after"), APPENDED)
def test_append(there: str, after: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_bytes(there.encode())
    sections.append(str(file), "[profile new]", {"region": "eu-west-1"})
    assert file.read_bytes() == after.encode()


def test_append_to_a_file_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / ".aws" / "config"
    sections.append(str(file), "[profile new]", {"region": "eu-west-1"})
    assert file.read_text() == NEW
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


MFA = {"mfa_serial": "arn:aws:iam::111122223333:mfa/me"}
LINE = f"mfa_serial = {MFA['mfa_serial']}"
INSERTED = [
    # what is there, the profile's header -> what stands there after the device was added
    pytest.param("[profile x]\nr = a\n", 1, f"[profile x]\n{LINE}\nr = a\n", id="below the header"),
    pytest.param("[profile x]", 1, f"[profile x]\n{LINE}\n", id="no newline at the end"),
    pytest.param("[a]\r\n[profile x]\r\nr = a", 2, f"[a]\r\n[profile x]\r\n{LINE}\r\nr = a", id="Windows"),
    pytest.param(
        '# c\n\n[profile "x"] # d\n# e\nr = a\n[profile y]\n',
        3,
        f'# c\n\n[profile "x"] # d\n{LINE}\n# e\nr = a\n[profile y]\n',
        id="comments, and a header in quotes",
    ),
    pytest.param("  [profile x]\n  r = a\n", 1, f"  [profile x]\n  {LINE}\n  r = a\n", id="all of it indented"),
    pytest.param(
        "[profile x]\n# c\n\n    r = a\n", 1, f"[profile x]\n    {LINE}\n# c\n\n    r = a\n", id="indented settings"
    ),
    pytest.param("[profile x]\n\t[profile y]\n", 1, f"[profile x]\n\t{LINE}\n\t[profile y]\n", id="an indented header"),
    pytest.param("\ufeff[profile x]\n", 1, f"\ufeff[profile x]\n{LINE}\n", id="a byte-order mark"),
]


@pytest.mark.parametrize(("there", "line", "after"), INSERTED)
def test_insert(there: str, line: int, after: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_bytes(there.encode())
    sections.insert(Where(file=str(file), line=line), "x", MFA)
    assert file.read_bytes() == after.encode()
    assert read(write(tmp_path, after)).profile("x").get("mfa_serial") == MFA["mfa_serial"]


CHANGED = ["", "[profile y]\n", "r = a\n", "[profile x\n", "[profile 'x]\n", "[profile x y]\n"]


@pytest.mark.parametrize("there", CHANGED)
def test_a_file_that_changed_since_it_was_read(there: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(there)
    with pytest.raises(BadConfiguration, match="config:1 has changed"):
        sections.insert(Where(file=str(file), line=1), "x", MFA)
    assert file.read_text() == there


def test_utf_16_is_left_alone(tmp_path: Path) -> None:
    """PowerShell 5.1 writes it; `aws` cannot read it, and what we would add could not be read either."""
    file = tmp_path / "config"
    there = "[profile x]\r\n".encode("utf-16")
    file.write_bytes(there)
    with pytest.raises(BadConfiguration, match="UTF-16"):
        sections.append(str(file), "[profile new]", MFA)
    assert file.read_bytes() == there


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b"])
def test_a_value_of_more_than_one_line_is_not_written(value: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    with pytest.raises(ShellhookError, match="region"):
        sections.append(str(file), "[profile new]", {"region": value})
    assert not file.exists()


@posix
def test_a_link_stays_one_and_permissions_stay(tmp_path: Path) -> None:
    there, link = tmp_path / "dotfiles", tmp_path / "config"
    there.write_text("[profile x]\n")
    there.chmod(0o640)
    link.symlink_to(there)
    sections.append(str(link), "[profile new]", {"region": "eu-west-1"})
    assert link.is_symlink()
    assert there.read_text() == f"[profile x]\n\n{NEW}"
    assert stat.S_IMODE(there.stat().st_mode) == 0o640


@posix
def test_a_link_to_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "config").symlink_to(tmp_path / "dotfiles" / "config")
    sections.append(str(tmp_path / "config"), "[profile new]", {"region": "eu-west-1"})
    assert (tmp_path / "dotfiles" / "config").read_text() == NEW
    assert (tmp_path / "config").is_symlink()


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    with pytest.raises(ShellhookError, match=r"config cannot be"):
        sections.append(str(tmp_path / "config"), "[profile new]", {})
    with pytest.raises(ShellhookError, match=r"config cannot be written"):
        user_files.replace(str(tmp_path / "config"), b"")
    assert [file.name for file in tmp_path.iterdir()] == ["config"]


# --- names

HEADERS = [
    ("x", "[profile x]"),
    ("default", "[default]"),
    ("prod-été", "[profile prod-été]"),
    ("my profile", '[profile "my profile"]'),
    ('a"b\\c', '[profile "a\\"b\\\\c"]'),
    ("it's", '[profile "it\'s"]'),
    ("a#b;c", '[profile "a#b;c"]'),
    (" x ", '[profile " x "]'),
    ("$(x) `y`", '[profile "$(x) `y`"]'),
]


@pytest.mark.parametrize(("name", "header"), HEADERS)
def test_header(name: str, header: str) -> None:
    assert sections.header(name) == header


@pytest.mark.parametrize("name", ["", "a]b", "a\nb", "a\tb", "a\x1bb", "a\u202eb", "\udcff"])
def test_names_that_cannot_be_written(name: str) -> None:
    with pytest.raises(ShellhookError) as caught:
        sections.header(name)
    assert repr(name) in caught.value.what
    assert "no tab, line end or other character that does not show" in caught.value.why


printable = st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="]")


@settings(max_examples=extent(50, 500), deadline=None)
@given(name=st.text(printable | st.sampled_from(" '\"\\#;[="), min_size=1, max_size=12))
def test_a_header_is_read_as_the_name(directory: Path, name: str) -> None:
    files = write(directory, f"{sections.header(name)}\nregion = a\n")
    assert read(files).names() == botocore_reads(files).available_profiles == [name]


# --- laws, of any file

NAME = "brand new"
SETTINGS = {"role_arn": "arn:aws:iam::111122223333:role/x", "external_id": "a=b #c"}


@settings(max_examples=extent(50, 500), deadline=None)
@given(config=contents)
def test_what_is_appended_is_found_and_nothing_else_changes(directory: Path, config: str) -> None:
    files = write(directory, config)
    former, before = meaning(read(files)), (directory / "config").read_bytes()
    assume(NAME not in former)
    theirs = accepted(files)
    sections.append(files.config, sections.header(NAME), SETTINGS)
    assert (directory / "config").read_bytes().startswith(before)
    after = meaning(read(files))
    assert SETTINGS.items() <= after.pop(NAME).items()
    assert after == former
    if theirs is not None:
        after = accepted(files) or {}
        assert SETTINGS.items() <= after.pop(NAME, {}).items()
        assert after == theirs


@settings(max_examples=extent(50, 500), deadline=None)
@given(config=contents, data=st.data())
def test_what_is_inserted_is_found_and_nothing_else_changes(directory: Path, config: str, data: st.DataObject) -> None:
    files = write(directory, config)
    former, theirs, before = meaning(read(files)), accepted(files), (directory / "config").read_bytes()
    assume(former)
    name = data.draw(st.sampled_from(sorted(former)))
    header = read(files).profile(name).header
    assert header is not None
    sections.insert(header, name, MFA)
    lines = (directory / "config").read_bytes().splitlines(keepends=True)
    (added,) = [line for line in lines if LINE.encode() in line]
    assert added.decode().strip() == LINE
    lines.remove(added)
    assert b"".join(lines) in (before, before + b"\n", before + b"\r\n")
    assert meaning(read(files)) == {**former, name: {**former[name], **MFA}}
    if theirs is not None:
        assert accepted(files) == {**theirs, name: {**theirs[name], **MFA}}


def accepted(files) -> dict[str, dict[str, object]] | None:
    """The profiles that botocore reads, None if it refuses the file."""
    try:
        return botocore_reads(files).full_config["profiles"]
    except ConfigParseError:
        return None
