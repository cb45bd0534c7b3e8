"""One file: where its sections are, and what is told of it. What its sections mean is in test_profiles."""

from __future__ import annotations

from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING

import pytest

from shellhook.errors import BadConfiguration
from shellhook.ini import IniFile
from shellhook.profiles import read
from tests.test_profiles import write

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_that_gives_no_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = write(tmp_path, "[profile x]\n")

    def refuse(*_arguments: object) -> None:
        raise OSError

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(BadConfiguration) as caught:
        read(files)
    assert caught.value.why == ""


def test_the_lines_of_a_section(tmp_path: Path) -> None:
    for end in ("", "\n"):
        file = IniFile(write(tmp_path, f"\n[profile x]\nr = 1\n\n[profile y]\n# c\nr = 2{end}").config)
        assert (file.lines("profile x"), file.lines("profile y")) == (range(2, 5), range(5, 8))


def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_an_utf8_locale(raw: BytesIO, *, encoding: str, newline: str) -> TextIOWrapper:
        return TextIOWrapper(raw, encoding="utf-8", newline=newline)

    monkeypatch.setattr("shellhook.ini.TextIOWrapper", of_an_utf8_locale)
    (warning,) = read(write(tmp_path, b"\n[profile x]\nr = \xff\n")).warnings
    assert "config:3: bytes that are not UTF-8" in warning


def test_what_is_below_a_line_without_a_name_does_not_continue_it(tmp_path: Path) -> None:
    assert read(write(tmp_path, "[profile a]\nx = 1\n= 2\n  [profile c]\n")).names() == ["a", "c"]
