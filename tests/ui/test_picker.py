"""The picker as prompt-toolkit draws it. (That it is used from a shell: tests/shell/test_picker.py.)"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.desk import Desk

posix = pytest.mark.skipif(os.name != "posix", reason="terminals are POSIX ones here")


@posix
@pytest.mark.parametrize(("env", "color"), [({}, "brightblack"), ({"NO_COLOR": "1"}, "default")])
def test_colours_are_for_those_who_want_them(desk: Desk, env: dict[str, str], color: str) -> None:
    with desk.terminal("assume", "--", "true", env=env) as terminal:
        terminal.wait("Esc leave")
        terminal.type("loop-")  # once this is drawn it is not the first picture any more
        terminal.wait(r"^assume> loop-\s*\n> loop-a ")
        row, column = terminal.find("2 of ")
        assert terminal.attributes(row, column).fg == color
        row, column = terminal.find("loop-a")
        assert terminal.attributes(row, column).reverse, "what is no colour stays"
        terminal.key("escape")
        assert terminal.wait_end() == 130
