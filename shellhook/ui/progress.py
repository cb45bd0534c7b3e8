"""A line about what is waited for, written over until it is gone. On a terminal only."""

from __future__ import annotations

import contextlib
import os

from shellhook.ui import shown, stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class Progress:
    """A context manager: the line is gone at its end, however that comes."""

    def __init__(self) -> None:
        out = stream()
        self._out = out if out is not None and out.isatty() else None
        self._shown = 0

    def show(self, text: str) -> None:
        """Show this instead of what was there."""
        if self._out is None or not (text or self._shown):
            return
        try:
            columns = os.get_terminal_size(self._out.fileno()).columns or 80
        except OSError:
            columns = 80
        text = shown(text)[: columns - 1]  # a line that wraps cannot be written over
        with contextlib.suppress(OSError):
            # Blanks over what was longer, not an escape sequence: every terminal and console knows them.
            # Two more: the terminal may have shown a ^C behind it.
            blanks = min(self._shown + 2, columns - 1) - len(text)
            self._out.write(f"\r{text}{' ' * blanks}\r{text}")
            self._out.flush()
        self._shown = len(text)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.show("")
