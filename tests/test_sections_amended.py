"""Single settings changed or taken out; every other byte stays, and so does what the files mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shellhook import sections, user_files
from shellhook.errors import BadConfiguration
from shellhook.profiles import read
from tests.proof.extent import extent
from tests.test_profiles import meaning, write
from tests.test_profiles_botocore import directory
from tests.test_sections import accepted

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["directory"]  # a fixture

NEW = "credential_process = x"
OUT = {2: ("key", NEW), 3: ("secret", None)}
AMENDED = [
    # what is there -> what stands there after `key` was changed and `secret` taken out
    pytest.param("[x]\nkey = a\nsecret = b\nr = c\n", f"[x]\n{NEW}\nr = c\n", id="plain"),
    pytest.param("[x]\r\nkey=a\r\nsecret=b\r\nr=c", f"[x]\r\n{NEW}\r\nr=c", id="Windows"),
    pytest.param("[x]\n\t KEY :a  \n  Secret:b\n", f"[x]\n\t {NEW}\n", id="odd spacing"),
    pytest.param("[x]\nkey = a\nsecret = b", f"[x]\n{NEW}\n", id="no newline at the end"),
    pytest.param(
        "[x]\nkey = a % %(b)s\nsecret = \xe9\n# \xe9\n", f"[x]\n{NEW}\n# \xe9\n", id="% and what is not ASCII"
    ),
    pytest.param("[x]\rkey = a\rsecret = b\rr = c\r", f"[x]\r{NEW}\rr = c\r", id="old Macs"),
]


@pytest.mark.parametrize(("there", "after"), AMENDED)
def test_amended(there: str, after: str) -> None:
    assert sections.amended(there.encode(), OUT) == after.encode()


def test_bytes_that_are_no_text_stay() -> None:
    assert sections.amended(b"[\xff]\nkey=\xff\nsecret=\xfe\n; \xff", OUT) == f"[\udcff]\n{NEW}\n; \udcff".encode(
        errors="surrogateescape"
    )


@pytest.mark.parametrize("there", ["", "[x]\n", "[x]\nother = a\nsecret = b\n", "[x]\nkey = a\n# secret = b\n"])
def test_other_lines_are_left_alone(there: str) -> None:
    with pytest.raises(BadConfiguration, match="any more"):
        sections.amended(there.encode(), OUT)


def test_a_file_that_changed_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_bytes(b"now")
    with pytest.raises(BadConfiguration, match="has changed meanwhile"):
        user_files.replace_unchanged(str(file), b"before", b"after")
    assert file.read_bytes() == b"now"
    user_files.replace_unchanged(str(file), b"now", b"after")
    assert file.read_bytes() == b"after"


INDENTS = st.sampled_from(["", "", " ", "\t", "    "])
LINES = st.one_of(
    st.sampled_from(["", "# a comment", "  ; k0 = another", "[other]", "  [profile z]", "s3 =\n  a = 1\n  b = 2"]),
    st.builds("{}{}{}".format, INDENTS, st.sampled_from(["NAME = v", "NAME:v % #", "Name= v = w ; x"]), st.just("")),
)
ENDS = st.sampled_from(["\n", "\r\n"])


@settings(max_examples=extent(30, 300), deadline=None)
@given(lines=st.lists(LINES, max_size=10), end=ENDS, data=st.data())
def test_what_is_taken_out_is_gone_and_nothing_else_changes(
    directory: Path, lines: list[str], end: str, data: st.DataObject
) -> None:
    named = [line.replace("NAME", f"k{n}").replace("Name", f"K{n}") for n, line in enumerate(lines)]
    text = end.join(["[profile x]", *"\n".join(named).split("\n"), "last = 1", ""])
    files = write(directory, text)
    former, theirs = meaning(read(files)), accepted(files)
    assume("x" in former)
    profile = read(files).profile("x")
    own = [name for name, value in profile.settings.items() if "\n" not in value]
    assume(own)
    name = data.draw(st.sampled_from(own))
    before = (directory / "config").read_bytes()
    after = sections.amended(before, {profile.where[name].line: (name, None)})
    user_files.replace_unchanged(files.config, before, after)
    del former["x"][name]
    assert meaning(read(files)) == former
    if theirs is not None:
        del theirs["x"][name]
        assert accepted(files) == theirs
