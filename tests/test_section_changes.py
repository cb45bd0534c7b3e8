"""Settings of one section are changed and taken out; every other byte stays, and botocore reads what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shellhook import sections
from shellhook.errors import BadConfiguration
from shellhook.ini import IniFile
from shellhook.profiles import read
from tests.proof.extent import extent
from tests.test_profiles import meaning, write
from tests.test_profiles_botocore import contents, directory
from tests.test_sections import accepted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

__all__ = ["directory"]  # a fixture


def changed(content: bytes, values: Mapping[str, str], *dropped: str) -> bytes:
    return sections.changed(IniFile("credentials", content), content, "x", values, dropped)


def removed(content: bytes, keys: Collection[str], gap: bytes | None = None) -> bytes:
    return sections.removed(IniFile("credentials", content), content, "x", keys, gap)


CHANGED = [
    # what is there -> what stands there after `key` became `new`
    pytest.param("[x]\nkey = old\n", "[x]\nkey = new\n", id="the value"),
    pytest.param("[x]\nkey=old", "[x]\nkey=new", id="no blanks, no newline at the end"),
    pytest.param("[x]\n  KEY   :\told  \nr = a\n", "[x]\n  KEY   :\tnew\nr = a\n", id="spaced as it was"),
    pytest.param("[x]\r\nkey = old\r\n\r\n[y]\r\n", "[x]\r\nkey = new\r\n\r\n[y]\r\n", id="Windows"),
    pytest.param("[x]\nkey =\n", "[x]\nkey = new\n", id="an empty value"),
    pytest.param("[x]\nr = a\n", "[x]\nkey = new\nr = a\n", id="not there yet"),
    pytest.param("[x]", "[x]\nkey = new\n", id="nothing there yet"),
    pytest.param("[x]\n# c\n\n  r = a\n", "[x]\n  key = new\n# c\n\n  r = a\n", id="indented settings"),
    pytest.param("[y]\nkey = a\n[x]\nkey = b\n[z]\nkey = c", "[y]\nkey = a\n[x]\nkey = new\n[z]\nkey = c", id="others"),
    pytest.param(
        "[x]\nkey =\n  a = 1\n  # c\n  b = 2\n\nr = a\n",
        "[x]\nkey = new\n  # c\n\nr = a\n",
        id="a block, a comment",
    ),
    pytest.param("[DEFAULT]\nkey = a\n[x]\nr = %\n", "[DEFAULT]\nkey = a\n[x]\nkey = new\nr = %\n", id="inherited"),
    pytest.param("\ufeff[x]\nkey = \xe9\n", "\ufeff[x]\nkey = new\n", id="a byte-order mark"),
]


@pytest.mark.parametrize(("there", "after"), CHANGED)
def test_changed(there: str, after: str) -> None:
    assert changed(there.encode(), {"key": "new"}) == after.encode()


def test_some_are_changed_some_are_new_and_some_go() -> None:
    there = b"# %(a)s\n[x]\nthree=3\none = 1\n\n# c\ntwo = 2\n"
    after = b"# %(a)s\n[x]\nfour = d\nthree=c\n\n# c\ntwo = 2\n"
    assert changed(there, {"three": "c", "four": "d"}, "one", "five") == after


REMOVED = [
    # what is there, the gap -> what is left without `key`
    pytest.param("[x]\nkey = a\nr = a\n", b"", "[x]\nr = a\n", id="a setting is left: the header stays"),
    pytest.param("[y]\n\n[x]\nkey = a\n", b"\n", "[y]\n", id="nothing is left: header and gap go"),
    pytest.param("[y]\n\n[x]\nkey = a\n", None, "[y]\n\n[x]\n", id="the header is not ours"),
    pytest.param("[y]\nr = a\n\n[x]\nkey = a\n", b"\n\n", "[y]\nr = a", id="the last line had no end"),
    pytest.param("[y]\nr = a\n\n[x]\nkey = a\n\n[z]\n", b"\n\n", "[y]\nr = a\n\n[z]\n", id="but needs one"),
    pytest.param("[y]\n[x]\nkey = a\n[z]\n", b"\n", "[y]\n[z]\n", id="somebody closed the gap"),
    pytest.param("[y]\n\n[x]\nkey = a\n# of z\n[z]\n", b"\n", "[y]\n# of z\n[z]\n", id="comments stay"),
    pytest.param("[x]\nkey = a\n", b"", "", id="there was nothing"),
]


@pytest.mark.parametrize(("there", "gap", "after"), REMOVED)
def test_removed(there: str, gap: bytes | None, after: str) -> None:
    assert removed(there.encode(), ["key"], gap) == after.encode()


@pytest.mark.parametrize("broken", [b"[x]\nnonsense\n", b"[x]\nkey = a\nKEY = b\n"])
def test_a_broken_section_is_left_alone(broken: bytes) -> None:
    with pytest.raises(BadConfiguration, match="cannot be changed") as caught:
        changed(broken, {"key": "new"})
    assert "credentials:" in caught.value.why
    assert "nonsense" not in str(caught.value)


# --- laws, of any file

NEW = {"aws_access_key_id": "ASIAX", "region": "eu-west-1", "s3": "plain"}


@settings(max_examples=extent(50, 500), deadline=None)
@given(config=contents, data=st.data())
def test_what_is_changed_is_read_and_nothing_else_changes(directory: Path, config: str, data: st.DataObject) -> None:
    files = write(directory, config)
    former, theirs, content = meaning(read(files)), accepted(files), (directory / "config").read_bytes()
    assume(former)
    name = data.draw(st.sampled_from(sorted(former)))
    file = IniFile(files.config, content)
    header = sections.find(file, name, in_config=True)
    assert header is not None
    dropped = data.draw(st.sets(st.sampled_from(["role_arn", "a"])))
    (directory / "config").write_bytes(sections.changed(file, content, header, NEW, dropped))
    after = meaning(read(files))
    unconcerned = after[name].keys() - dropped
    assert {key: after[name][key] for key in unconcerned} == {
        key: value for key, value in {**former[name], **NEW}.items() if key not in dropped
    }
    again = IniFile(files.config)
    assert dropped.isdisjoint(sections.values(again, header))
    assert {key: value for key, value in after.items() if key != name} == {
        key: value for key, value in former.items() if key != name
    }
    if theirs is not None:
        assert NEW.items() <= (accepted(files) or {})[name].items()


@settings(max_examples=extent(50, 500), deadline=None)
@given(config=contents)
def test_what_is_added_and_removed_was_never_there(directory: Path, config: str) -> None:
    files = write(directory, config)
    content = (directory / "config").read_bytes()
    assume("brand new" not in meaning(read(files)))
    gap = sections.gap_behind(content)
    with_it = content + gap + sections.added(content, '[profile "brand new"]', NEW)
    file = IniFile(files.config, with_it)
    header = sections.find(file, "brand new", in_config=True)
    assert header is not None
    assert sections.removed(file, with_it, header, NEW.keys(), gap) == content
