"""The picture of the README: real, whole, and still the program's."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from docs import picture, svg
from docs.svg import Frame
from tests.docs.pages import ROOT

TEXT = "{http://www.w3.org/2000/svg}text"


def drawn(source: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(source).iter(TEXT)]  # noqa: S314 - our own


def test_it_shows_the_lines_that_are_typed_and_needs_nothing_else() -> None:
    source = (ROOT / "docs" / "picture.svg").read_text("utf-8")
    shown = drawn(source)
    for line, _ in picture.LINES:
        assert any(text.endswith(line) for text in shown), "make picture"
    assert any(re.match("MFA code of alice .*: ••••••$", text) for text in shown)
    assert not re.search(r"<script|@import|@font-face|url\(|href|\bsrc=", source)
    assert len(source) < 60_000


def test_a_row_is_seen_while_it_is_on_the_screen() -> None:
    def frame(*texts: str) -> Frame:
        rows = tuple(((0, text, "default"),) if text else () for text in texts)
        return Frame(rows=rows, cursor=(0, 0), seconds=1)

    made = svg.picture([frame("a", ""), frame("a", "<b>"), frame("c", "<b>"), frame("a", "<b>")], 10, 2)
    assert drawn(made) == ["a", "<b>", "c"]
    rules = dict(re.findall(r"@keyframes (\w+) \{ (.*) \}", made))
    seen = {name: re.findall(r"([\d.]+)% \{ visibility: (\w)", rule) for name, rule in rules.items()}
    assert seen["r0"] == [("0.000", "v"), ("50.000", "h"), ("75.000", "v"), ("100.000", "h")]
    assert seen["r1"] == [("0", "h"), ("25.000", "v"), ("100.000", "h")]
    assert seen["r2"] == [("0", "h"), ("50.000", "v"), ("75.000", "h")]
    assert re.findall(r'class="row (r\d) end"', made) == ["r0", "r1"], "where nothing moves, the last screen stands"
