"""What the picker shows: a line to type in, and below it the profiles that fit. Text and styles, no terminal.

Drawn twice: by prompt-toolkit, and before that is imported, as it stands, so that nobody waits for it.
"""

from __future__ import annotations

from shellhook import choice
from shellhook.environment import printable
from shellhook.status import span
from shellhook.ui import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shellhook.catalog import Entry

    Fragment = tuple[str, str]  # style, text

ROWS = 12
QUESTION = "assume> "
_NAME, _ACCOUNT, _ROLE, _REGION, _MFA, _LEFT = range(6)
_ORDER = (_NAME, _LEFT, _ROLE, _ACCOUNT, _MFA, _REGION)  # what stands longest where there is little room
_FOUND_BY = (_NAME, _ACCOUNT, _ROLE)
_RED, _GREEN, _GREY = "fg:ansired", "fg:ansigreen", "fg:ansibrightblack"
_SGR = {"reverse": "7", "bold": "1", "underline": "4", _RED: "31", _GREEN: "32", _GREY: "90"}
_HINT = "up/down choose   Enter assume   Esc leave"


class View:
    """What is shown: the names that fit what was typed, the chosen one of them, and the page it is on."""

    def __init__(
        self, names: Sequence[str], entry: Callable[[str], Entry], weights: Mapping[str, float], now: float
    ) -> None:
        self._names, self._entry, self._weights, self._now = names, entry, weights, now
        self._widths = [0] * 6
        self.entries: dict[str, Entry] = {}
        self.typed, self.found = "", [""]
        self.chosen = self.top = 0
        self.type("")

    def entry(self, name: str) -> Entry:
        """The profile, read when it is first looked at."""
        if name not in self.entries:
            self.entries[name] = self._entry(name)
        return self.entries[name]

    async def read_ahead(self) -> None:
        """Read every profile, a few at a time."""
        import asyncio

        for place, name in enumerate(self._names):
            self.entry(name)
            if place % 50 == 0:
                await asyncio.sleep(0)

    def type(self, text: str) -> None:
        """Another text was typed: the best fit is chosen."""
        self.typed = text
        self.found = choice.ranked(text, self._names, lambda name: self.entry(name).beside, self._weights)
        self.chosen = self.top = 0

    def move(self, by: int) -> None:
        """Choose another. A single step goes round at the ends, a longer one stops there."""
        last = len(self.found) - 1
        there = self.chosen + by
        self.chosen = (there % (last + 1) if abs(by) == 1 else max(0, min(there, last))) if self.found else 0

    def name(self) -> str | None:
        """The chosen profile."""
        return self.found[self.chosen] if self.found else None

    def lines(self, columns: int, rows: int) -> list[list[Fragment]]:
        """The profiles and the last line, as pieces of (style, text), for a terminal of that size."""
        page = max(1, min(ROWS, rows - 3))
        self.top = max(min(self.top, self.chosen), self.chosen - page + 1)
        shown = [self.entry(name) for name in self.found[self.top : self.top + page]]
        for entry in shown:  # a column never gets narrower while one scrolls
            self._widths = [
                max(wide, table.width(text)) for wide, text in zip(self._widths, self._cells(entry), strict=True)
            ]
        lines = [self._line(entry, columns - 1, entry.name == self.name()) for entry in shown]
        if not shown:
            lines.append([(_GREY, table.cell("  no profile fits", columns - 1).rstrip())])
        count = f"  {len(self.found)} of {len(self._names)}"
        hint = f"{count}   {_HINT}" if len(count) + 3 + len(_HINT) < columns else count
        return [*lines, [(_GREY, table.cell(hint, columns - 1).rstrip())]]

    def _line(self, entry: Entry, columns: int, chosen: bool) -> list[Fragment]:
        mark, back = ("> ", "reverse") if chosen else ("  ", "")
        cells, widths = self._cells(entry), self._widths[:]
        widths[_NAME] = min(widths[_NAME], max(8, columns - 12))
        widths[_ROLE] = min(widths[_ROLE], 32)
        if entry.problem:
            text = f"{mark}{table.cell(cells[_NAME], min(widths[_NAME], columns // 2))}  {printable(entry.problem)}"
            return [(f"{back} {_RED}".strip(), table.cell(text, columns).rstrip())]
        kept = table.fitting(widths, _ORDER, columns - len(mark))
        pieces: list[Fragment] = [(back, mark)]
        for column in kept:
            text = table.cell(cells[column], widths[column])
            style = _GREEN if column == _LEFT else ""
            places = choice.matched(self.typed, cells[column]) if column in _FOUND_BY else set()
            pieces += _highlighted(text, places, back, style)
            pieces.append((back, "" if column == kept[-1] else "  "))
        return pieces

    def _cells(self, entry: Entry) -> tuple[str, ...]:
        left = "" if entry.expires is None else span(int(entry.expires - self._now))
        cells = (entry.name, entry.account, entry.shown_role, entry.region, "MFA" if entry.mfa else "", left)
        return tuple(printable(cell or "") for cell in cells)


def _highlighted(text: str, places: set[int], back: str, style: str) -> list[Fragment]:
    pieces: list[Fragment] = []
    for place, letter in enumerate(text):
        wanted = " ".join(filter(None, (back, style, "bold underline" if place in places else "")))
        if pieces and pieces[-1][0] == wanted:
            pieces[-1] = wanted, pieces[-1][1] + letter
        else:
            pieces.append((wanted, letter))
    return pieces


def first_picture(view: View, columns: int, rows: int, *, colors: bool) -> str:
    """The first picture, with the cursor left where one types."""
    lines = view.lines(columns, rows)
    text = [f"\r\x1b[J{QUESTION}"]
    for line in lines:
        text.append("\r\n")
        for style, piece in line:
            sgr = ";".join(_SGR[word] for word in style.split() if colors or not word.startswith("fg:"))
            text.append(f"\x1b[{sgr}m{piece}\x1b[m" if sgr else piece)
    return f"{''.join(text)}\x1b[{len(lines)}A\r\x1b[{len(QUESTION)}C"
