"""What the picker shows, as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shellhook.catalog import Entry
from shellhook.ui import menu, table
from shellhook.ui.menu import View

NOW = 1_700_000_000
ENTRIES = [
    Entry(name="power-user", kind="role", account="111122223333", role="power-user", region="eu-west-1", mfa="d"),
    Entry(name="corp", kind="sso", account="444455556666", role="Admin", expires=NOW + 2520),
    Entry(name="broken", problem="/home/me/.aws/config:12: not `name = value`"),
    Entry(name="日本", kind="keys"),
]


def view(entries: list[Entry] | None = None, weights: dict[str, float] | None = None) -> View:
    known = {entry.name: entry for entry in entries or ENTRIES}
    return View(list(known), known.__getitem__, weights or {}, NOW)


def text(shown: View, columns: int = 100, rows: int = 24) -> list[str]:
    return ["".join(piece for _, piece in line).rstrip() for line in shown.lines(columns, rows)]


def test_columns() -> None:
    assert text(view()) == [
        "> power-user  111122223333  power-user  eu-west-1  MFA",
        "  corp        444455556666  Admin                       42m",
        "  broken      /home/me/.aws/config:12: not `name = value`",
        "  日本                      (keys)",
        "  4 of 4   up/down choose   Enter assume   Esc leave",
    ]


def test_forty_columns_show_what_matters_most() -> None:
    shown = text(view(), 40)
    assert shown[:2] == ["> power-user  power-user  MFA", "  corp        Admin            42m"]
    assert max(map(table.width, shown)) < 40


@pytest.mark.parametrize("columns", [1, 8, 20, 33, 40, 80, 300])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    long = [*ENTRIES, Entry(name="n" * 200, account="1" * 12, role="r" * 64, problem="p" * 500), Entry(name="é" * 90)]
    assert max(map(table.width, text(view(long), columns))) <= max(columns, 12)


def test_the_page_follows_the_choice_and_goes_round() -> None:
    shown = view([Entry(name=f"p{number}") for number in range(30)])
    assert len(text(shown)) == menu.ROWS + 1
    shown.move(-1)
    assert shown.name() == "p29"
    assert "> p29" in text(shown)
    shown.move(-menu.ROWS)
    assert shown.name() == "p17"
    shown.move(menu.ROWS)
    shown.move(menu.ROWS)
    assert shown.name() == "p29", "a page stops at the end"
    shown.move(1)
    assert text(shown)[0] == "> p0"
    assert len(text(shown, rows=6)) == 4, "a low terminal has a short page"


def test_typing_chooses_the_best_fit_and_shows_where_it_fits() -> None:
    shown = view()
    shown.move(1)
    shown.type("444")
    assert (shown.name(), text(shown)[-1]) == ("corp", "  1 of 4   up/down choose   Enter assume   Esc leave")
    assert ("reverse bold underline", "444") in shown.lines(100, 24)[0]
    shown.type("zzz")
    assert (shown.name(), text(shown)[0]) == (None, "  no profile fits")
    shown.move(1)
    shown.type("")
    assert shown.name() == "power-user"


def test_the_most_used_stand_first() -> None:
    assert view(weights={"corp": 1.0}).name() == "corp"


def test_only_what_is_shown_was_read() -> None:
    read: list[str] = []

    def entry(name: str) -> Entry:
        read.append(name)
        return Entry(name=name)

    shown = View([f"p{number}" for number in range(10_000)], entry, {}, NOW)
    shown.lines(100, 24)
    assert len(read) == menu.ROWS


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=5))
def test_nothing_that_drives_a_terminal_is_shown(name: str, role: str, typed: str) -> None:
    shown = view([Entry(name=name, role=role), Entry(name="x", problem=role)])
    shown.type(typed)
    assert all(line.isprintable() for line in text(shown))
    picture = menu.first_picture(shown, 80, 24, colors=False)
    assert "\x1b]" not in picture


def test_the_first_picture_leaves_the_cursor_where_one_types() -> None:
    picture = menu.first_picture(view(), 80, 24, colors=True)
    assert picture.startswith("\r\x1b[Jassume> \r\n")
    assert picture.endswith("\x1b[5A\r\x1b[8C")
    assert "\x1b[32m42m\x1b[m" in picture
    assert "\x1b[32m" not in menu.first_picture(view(), 80, 24, colors=False)


CELLS = [
    ("ab", 4, "ab  "),
    ("abcd", 4, "abcd"),
    ("abcde", 4, "abc…"),
    ("日本語", 4, "日… "),
    ("x", 0, ""),
    ("e\u0301x", 2, "e\u0301x"),
]


@pytest.mark.parametrize(("given_text", "cells", "expected"), CELLS, ids=[each for each, _, _ in CELLS])
def test_a_cell(given_text: str, cells: int, expected: str) -> None:
    assert table.cell(given_text, cells) == expected


@given(st.text(max_size=20), st.integers(0, 30))
def test_a_cell_has_its_width(given_text: str, cells: int) -> None:
    assert table.width(table.cell(given_text, cells)) == cells


def test_columns_that_are_empty_everywhere_take_no_room() -> None:
    assert table.lines([["a", "", "x"], ["bb", "", "y"]]) == ["a   x", "bb  y"]
    assert table.lines([]) == []


def test_the_last_cell_of_a_short_row_goes_on() -> None:
    assert table.lines([["a", "1", "2"], ["bb", "a long one"], ["c", "345", ""]]) == [
        "a   1    2",
        "bb  a long one",
        "c   345",
    ]
