"""Records behave as frozen dataclasses do, where we use it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shellhook.record import Record

ROOT = Path(__file__).parents[1]


class Point(Record):
    x: int
    y: int
    name: str | None = None


class Named(Point):
    colour: str = "red"


def test_fields_are_given_by_keyword() -> None:
    point = Point(x=1, y=2)
    assert (point.x, point.y, point.name) == (1, 2, None)
    assert Named(x=1, y=2, name="a").colour == "red"


@pytest.mark.parametrize(("values", "word"), [({"x": 1}, "y"), ({"x": 1, "y": 2, "z": 3}, "z")])
def test_what_is_missing_or_unknown_is_named(values: dict[str, int], word: str) -> None:
    with pytest.raises(TypeError, match=f"Point .* {word}"):
        Point(**values)


def test_records_are_frozen() -> None:
    with pytest.raises(AttributeError, match="frozen"):
        Point(x=1, y=2).x = 3


def test_equal_is_what_has_equal_fields_and_is_of_one_class() -> None:
    point = Point(x=1, y=2)
    assert point == Point(y=2, x=1, name=None)
    assert point != Point(x=1, y=3)
    assert point != Named(x=1, y=2)
    assert point != (1, 2)
    assert len({point, Point(x=1, y=2), Point(x=2, y=2)}) == 2


def test_replace_leaves_the_record_as_it_was() -> None:
    point = Point(x=1, y=2)
    assert point.replace(y=3, name="a") == Point(x=1, y=3, name="a")
    assert point == Point(x=1, y=2)
    with pytest.raises(TypeError, match="z"):
        point.replace(z=1)


def test_a_repr_shows_the_fields() -> None:
    assert repr(Point(x=1, y=2, name="a")) == "Point(x=1, y=2, name='a')"


def test_nothing_slow_is_imported() -> None:
    code = "import sys, shellhook.record; print([n for n in ('dataclasses', 'inspect', 'typing') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
