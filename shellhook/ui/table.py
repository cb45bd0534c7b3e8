"""Columns: text cut and filled to the cells it takes on a terminal."""

from __future__ import annotations

from shellhook.environment import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def width(text: str) -> int:
    """The cells that a text takes: two for a wide letter, none for one that combines (Unicode, UAX 11)."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def cell(text: str, cells: int) -> str:
    """The text in so many cells, filled with blanks, or cut with an ellipsis as its last letter."""
    missing = cells - width(text)
    if missing >= 0:
        return text + " " * missing
    kept = ""
    for letter in text:
        if width(kept + letter) > cells - 1:
            break
        kept += letter
    return kept + ("…" if cells else "") + " " * (cells - width(kept) - 1)


def fitting(widths: Sequence[int], order: Sequence[int], room: int, gap: int = 2) -> list[int]:
    """The columns that fit into so many cells, by their place: those named first in `order` stay longest. An empty
    column (width 0) takes no room and is left out; the first is there in any case."""
    kept, used = [order[0]], widths[order[0]]
    for column in order[1:]:
        if widths[column] and used + gap + widths[column] <= room:
            kept.append(column)
            used += gap + widths[column]
    return sorted(kept)


def lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows in aligned columns, two blanks between them; what is empty everywhere takes no room. The last cell of a
    row that is shorter than others goes on over their columns."""
    shown = [[printable(text) for text in row] for row in rows]
    most = max(map(len, shown), default=0)
    widths = [0] * most
    for row in shown:
        for column, text in enumerate(row if len(row) == most else row[:-1]):
            widths[column] = max(widths[column], width(text))
    aligned = []
    for row in shown:
        short = len(row) < most
        cells = [cell(text, wide) for text, wide in zip(row[:-1] if short else row, widths, strict=False) if wide]
        aligned.append("  ".join([*cells, row[-1]] if short else cells).rstrip())
    return aligned
