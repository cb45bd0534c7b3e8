"""The picker: `assume` alone. prompt-toolkit reads the keys and draws what changes, inline, on the terminal itself.

It takes 150 ms to import, so the first picture is drawn without it; what is typed until then waits in the terminal.
"""

from __future__ import annotations

import os
import sys

from shellhook.errors import Cancelled
from shellhook.ui.menu import QUESTION, ROWS, View, first_picture
from shellhook.ui.terminal import NoTerminal, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def pick(view: View, environ: Mapping[str, str]) -> str:
    """The profile that is chosen. Raises Cancelled, and NoTerminal where nobody can choose."""
    if environ.get("TERM", "dumb" if os.name == "posix" else "") == "dumb":
        raise NoTerminal("this terminal cannot move its cursor")
    with opened() as (descriptor, _, write):
        if descriptor < 0:
            return _chosen(view, None, lambda: None)
        columns, rows = _size(descriptor)
        write(first_picture(view, columns, rows, colors=not environ.get("NO_COLOR")))
        try:
            return _chosen(view, descriptor, lambda: write("\r"))
        finally:
            write("\r\x1b[J")  # whatever of the first picture is still there, after a Ctrl-C that came early


def _size(descriptor: int) -> tuple[int, int]:
    """Columns and rows. Some terminals, over a serial line for one, say that they have none."""
    columns, rows = os.get_terminal_size(descriptor)
    return columns or 80, rows or 24


def _chosen(view: View, descriptor: int | None, begin: Callable[[], None]) -> str:
    application = _application(view, descriptor)
    begin()  # in the first column, where prompt-toolkit takes the cursor to be
    # Account and role are read while the user looks, so that they can be searched for at the first key.
    read_ahead: Callable[[], Any] = lambda: application.create_background_task(view.read_ahead())  # noqa: E731
    name = application.run(pre_run=read_ahead, handle_sigint=False)
    if name is None:
        raise Cancelled
    return str(name)


def _application(view: View, descriptor: int | None) -> Any:
    """prompt-toolkit's part: keys, and drawing what changes."""
    from prompt_toolkit.application import Application
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, VSplit, Window
    from prompt_toolkit.output import ColorDepth

    line = Buffer(multiline=False, on_text_changed=lambda changed: view.type(changed.text))

    def text() -> Any:
        size = application.output.get_size()
        lines = view.lines(size.columns, size.rows)
        return [piece for row in lines for piece in [*row, ("", "\n")]][:-1]

    question = Window(FormattedTextControl(QUESTION), width=len(QUESTION), height=1, dont_extend_width=True)
    profiles = Window(FormattedTextControl(text), dont_extend_height=True, wrap_lines=False)
    body = HSplit([VSplit([question, Window(BufferControl(line), height=1)]), profiles])
    application: Any = Application(
        layout=Layout(body, focused_element=line),
        key_bindings=_keys(view, line),
        erase_when_done=True,
        # Else the output's own depth, and one that is made by hand does not look at NO_COLOR.
        color_depth=ColorDepth.DEPTH_1_BIT if os.environ.get("NO_COLOR") else None,
        **_streams(descriptor),
    )
    # Esc alone is a key here: it need not be waited for half a second whether it begins another one.
    application.ttimeoutlen = application.timeoutlen = 0.05
    return application


def _keys(view: View, line: Any) -> Any:
    from prompt_toolkit.key_binding import KeyBindings

    bindings = KeyBindings()

    def on(*keys: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
        def bound(handler: Callable[[Any], None]) -> Callable[[Any], None]:
            for key in keys:
                bindings.add(key, eager=True)(handler)
            return handler

        return bound

    for keys, by in ((("up", "c-p"), -1), (("down", "c-n"), 1), (("pageup",), -ROWS), (("pagedown",), ROWS)):
        on(*keys)(_moving(view, by))

    @on("enter", "c-j")
    def accept(event: Any) -> None:
        if view.name() is not None:
            event.app.exit(view.name())

    @on("tab")
    def complete(event: Any) -> None:
        if name := view.name():
            line.text = name
            line.cursor_position = len(name)

    @on("escape", "c-c", "c-g", "c-z", "<sigint>")
    def leave(event: Any) -> None:
        event.app.exit(None)

    @on("c-d")
    def end(event: Any) -> None:
        if line.text:
            line.delete()
        else:
            event.app.exit(None)

    return bindings


def _moving(view: View, by: int) -> Callable[[Any], None]:
    return lambda event: view.move(by)


def _streams(descriptor: int | None) -> dict[str, Any]:
    """Where prompt-toolkit reads and writes: the terminal, whatever standard output is."""
    if sys.platform == "win32" or descriptor is None:
        from prompt_toolkit.output import create_output

        return {"output": create_output(always_prefer_tty=True)}
    from prompt_toolkit.data_structures import Size
    from prompt_toolkit.input.vt100 import Vt100Input
    from prompt_toolkit.output.vt100 import Vt100_Output

    # macOS cannot wait for /dev/tty (kqueue refuses it, bugs.python.org/issue24430), but for the terminal's own device.
    stdin = os.fdopen(os.dup(0 if os.isatty(0) else descriptor), "r")
    stdout = os.fdopen(os.dup(descriptor), "w", encoding="utf-8")

    def size() -> Size:
        columns, rows = _size(descriptor)
        return Size(rows=rows, columns=columns)

    # It need not be asked where its cursor is: the picture's height is known, and some terminals do not answer.
    output = Vt100_Output(stdout, size, term=os.environ.get("TERM"), enable_cpr=False)
    return {"input": Vt100Input(stdin), "output": output}
