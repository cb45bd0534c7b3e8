"""What a terminal shows: pyte's screen, with scrollback, sensible resizing and the answers that shells wait for."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import Any

import pyte

# Complete control strings that pyte would print or take for another sequence: DCS, SOS, PM and APC strings, CSI with a
# private prefix (`ESC[>4;1m` is "modifyOtherKeys", not "underlined and bold"), and `ESC[?..` reports and queries.
_NOT_FOR_PYTE = re.compile(
    rb"\x1b[PX^_][^\x1b]*(?:\x1b(?!\\)[^\x1b]*)*\x1b\\"
    rb"|\x1b\[[<=>][0-?]*[ -/]*[@-~]"
    rb"|\x1b\[\?[0-?]*[ -/]*[@-gi-km-~]",
)
# The beginning of a sequence whose rest has not arrived yet.
_UNFINISHED = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*(?:\x1b(?!\\)[^\x1b]*)*\x1b?)?\Z",
)
_COLOUR_QUERY = re.compile(rb"\x1b\](1[01]);\?(?:\x07|\x1b\\)")
_COLOURS = {b"10": b"rgb:dddd/dddd/dddd", b"11": b"rgb:0000/0000/0000"}


class Screen(pyte.Screen):
    """A grid of characters; bytes go in with `feed`, answers to queries go out through `reply`."""

    def __init__(self, rows: int, columns: int, reply: Callable[[bytes], None]) -> None:
        self.scrolled_off: deque[Any] = deque(maxlen=20_000)
        self.reply = reply
        self.unfinished = b""
        super().__init__(columns, rows)
        self.stream = pyte.ByteStream(self)

    def feed(self, data: bytes) -> None:
        """Draw what a program wrote, and answer what it asked."""
        data = self.unfinished + data
        tail = _UNFINISHED.search(data)
        self.unfinished = data[tail.start() :] if tail else b""
        data = data[: tail.start()] if tail else data
        for query in _COLOUR_QUERY.finditer(data):
            self.reply(b"\x1b]%b;%b\x1b\\" % (query[1], _COLOURS[query[1]]))
        self.stream.feed(_NOT_FOR_PYTE.sub(b"", data))

    def write_process_input(self, data: str) -> None:
        """pyte's answers to `ESC[c`, `ESC[5n` and `ESC[6n`."""
        self.reply(data.encode())

    def index(self) -> None:
        """Next line; the one that leaves at the top is kept."""
        if self.margins is None and self.cursor.y == self.lines - 1:
            self.scrolled_off.append(self.buffer[0])
        super().index()

    def erase_in_display(self, how: int = 0, *args: object, **kwargs: object) -> None:
        """Clear; `ESC[3J` clears the scrollback too."""
        super().erase_in_display(how, *args, **kwargs)
        if how == 3:
            self.scrolled_off.clear()

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Another size, as xterm does it: rows below the cursor go first (pyte drops the top ones), nothing reflows."""
        lines, columns = lines or self.lines, columns or self.columns
        for _ in range(self.cursor.y - lines + 1):
            self.scrolled_off.append(self.buffer[0])
            for y in range(self.lines - 1):
                self.buffer[y] = self.buffer[y + 1]
            self.buffer[self.lines - 1] = type(self.buffer[0])(self.default_char)
            self.cursor.y -= 1
        for y in [y for y in self.buffer if y >= lines]:
            del self.buffer[y]
        for line in self.buffer.values():
            for x in [x for x in line if x >= columns]:
                del line[x]
        self.lines, self.columns = lines, columns
        self.set_margins()
        self.ensure_hbounds()
        self.ensure_vbounds()

    def row(self, y: int) -> str:
        """The text of one row of the screen, blanks at its end removed."""
        return self._text(self.buffer[y])

    def text(self) -> str:
        """The screen as a person sees it, without the blank rows at its end."""
        return "\n".join(self.row(y) for y in range(self.lines)).rstrip("\n")

    def history(self) -> str:
        """Everything since the start or the last `ESC[3J`: what scrolled off, then the screen."""
        return "\n".join([*(self._text(line) for line in self.scrolled_off), self.text()])

    def before_cursor(self) -> str:
        """The cursor's row up to the cursor."""
        line = self.buffer[self.cursor.y]
        return "".join(line[x].data for x in range(self.cursor.x))

    def _text(self, line: Any) -> str:
        return "".join(line[x].data for x in range(min(self.columns, max(line, default=-1) + 1))).rstrip()
