"""A terminal's screens as one SVG that moves: each row of text is drawn once, and shown while it is on the screen."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from shellhook.record import Record

if TYPE_CHECKING:
    from typing import Any

_SVG = "http://www.w3.org/2000/svg"
# pixels
_WIDTH, _HEIGHT, _SIZE, _EDGE, _TOP = 8.43, 20, 14, 16, 44
_DOTS = ("#f85149", "#d29922", "#3fb950")
_COLORS = {"green": "#3fb950", "brown": "#d29922", "red": "#f85149", "magenta": "#bc8cff", "default": "#e6edf3"}
_STYLE = """\
text { font: %dpx ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre }
.row { visibility: hidden }
.end { visibility: visible }
@media (prefers-reduced-motion: reduce) { .row, .cursor { animation: none !important } }"""


class Frame(Record):
    """A screen: its rows as runs of (column, text, colour), the cursor's place, and how long it is looked at, in
    seconds."""

    rows: tuple[tuple[tuple[int, str, str], ...], ...]
    cursor: tuple[int, int]
    seconds: float


def frame(screen: Any, seconds: float) -> Frame:
    """What a terminal shows now."""
    rows = tuple(_runs(screen.buffer[y], screen.columns) for y in range(screen.lines))
    return Frame(rows=rows, cursor=(screen.cursor.y, screen.cursor.x), seconds=seconds)


def _runs(line: Any, columns: int) -> tuple[tuple[int, str, str], ...]:
    """Letters of one colour that stand together, blanks at the ends left out."""
    runs: list[tuple[int, str, str]] = []
    for x in range(columns):
        letter = line[x]
        if runs and runs[-1][2] == letter.fg and runs[-1][0] + len(runs[-1][1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + letter.data, letter.fg)
        else:
            runs.append((x, letter.data, letter.fg))
    return tuple((x, text.rstrip(), color) for x, text, color in runs if text.strip())


def picture(frames: list[Frame], columns: int, rows: int) -> str:
    """The frames, one after another, for ever."""
    total = sum(each.seconds for each in frames)
    width, height = round(columns * _WIDTH + 2 * _EDGE), _TOP + rows * _HEIGHT + _EDGE
    rules, drawn = [_STYLE % _SIZE], []
    starts = [sum(each.seconds for each in frames[:at]) for at in range(len(frames) + 1)]
    for number, ((y, runs), spans) in enumerate(_shown(frames, starts).items()):
        # The last screen is what is seen where nothing moves.
        last = spans[-1][1] >= total
        rules.append(_rule(f"r{number}", spans, total))
        name = f"row r{number} end" if last else f"row r{number}"
        drawn.append(f'<g class="{name}">{"".join(_text(y, run) for run in runs)}</g>')
    rules.append(_cursor(frames, starts, total))
    y, x = frames[-1].cursor
    cursor = (
        f'<rect class="cursor" x="{_EDGE}" y="{_TOP - 15}" width="{_WIDTH}" height="18" fill="#e6edf3" opacity=".7"'
    )
    cursor += f' transform="translate({x * _WIDTH:.1f} {y * _HEIGHT})"/>'
    dots = "".join(f'<circle cx="{20 + 18 * at}" cy="18" r="5.5" fill="{color}"/>' for at, color in enumerate(_DOTS))
    return "\n".join(
        [
            f'<svg xmlns="{_SVG}" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
            "<!-- made by `make picture` from a real terminal; changes here are lost -->",
            "<style>\n" + "\n".join(rules) + "\n</style>",
            f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8" fill="#0d1117" stroke="#484f58"/>',
            dots,
            *drawn,
            cursor,
            "</svg>\n",
        ]
    )


def _shown(frames: list[Frame], starts: list[float]) -> dict[Any, list[tuple[float, float]]]:
    """Row and its text -> when it is shown, in seconds from the start."""
    spans: dict[Any, list[tuple[float, float]]] = {}
    for each, start, end in zip(frames, starts, starts[1:], strict=False):
        for y, runs in enumerate(each.rows):
            if not runs:
                continue
            known = spans.setdefault((y, runs), [])
            if known and known[-1][1] == start:
                known[-1] = (known[-1][0], end)
            else:
                known.append((start, end))
    return spans


def _rule(name: str, spans: list[tuple[float, float]], total: float) -> str:
    """The keyframes of a row: visible in its spans. `step-end` holds each value until the next."""
    steps = []
    for start, end in spans:
        steps += [f"{start / total:.3%} {{ visibility: visible }}", f"{end / total:.3%} {{ visibility: hidden }}"]
    first = "" if spans[0][0] == 0 else "0% { visibility: hidden } "
    return f"@keyframes {name} {{ {first}{' '.join(steps)} }}\n{_played(name, total)}"


def _cursor(frames: list[Frame], starts: list[float], total: float) -> str:
    steps = [
        f"{start / total:.3%} {{ transform: translate({each.cursor[1] * _WIDTH:.1f}px, {each.cursor[0] * _HEIGHT}px) }}"
        for each, start in zip(frames, starts, strict=False)
    ]
    return f"@keyframes cursor {{ {' '.join(steps)} }}\n{_played('cursor', total)}"


def _played(name: str, seconds: float) -> str:
    return f".{name} {{ animation: {name} {seconds:.2f}s step-end infinite }}"


def _text(y: int, run: tuple[int, str, str]) -> str:
    x, text, color = run
    fill = _COLORS.get(color, _COLORS["default"])
    # Its length is fixed: a font with other widths is squeezed, and columns stay columns.
    place = f'x="{_EDGE + x * _WIDTH:.1f}" y="{_TOP + y * _HEIGHT}" textLength="{len(text) * _WIDTH:.1f}"'
    shown = escape(text, quote=False)
    return f'<text {place} lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="{fill}">{shown}</text>'
