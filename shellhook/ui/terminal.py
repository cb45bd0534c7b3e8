"""Questions on the terminal itself, whatever standard input and output are.

The standard library's termios and msvcrt: a question has to be there within 60 ms of the command, and prompt-toolkit
takes twice that to import.
"""

from __future__ import annotations

import contextlib
import os
import sys

from shellhook.errors import Cancelled
from shellhook.ui import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_ERASE = ("\x7f", "\x08")
_ERASE_ALL = ("\x15", "\x17")  # Ctrl-U, Ctrl-W
_ENTER = ("\r", "\n")


class NoTerminal(Exception):
    """There is no terminal to ask on, or it is not ours to read from now."""


class Terminal:
    """The terminal of this process. Opened anew for each question: it may be gone by the next."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
        unicode = "utf-8" in locale.lower() or "utf8" in locale.lower() or sys.platform == "win32"
        self._dot = "•" if unicode else "*"

    def ask_unseen(self, question: str) -> str:
        """The line that is typed, each letter shown as a dot.

        Raises Cancelled on Ctrl-C or when the terminal goes away, NoTerminal.
        """
        return self._ask(question, lambda letter: self._dot if letter.isprintable() else "")

    def ask(self, question: str) -> str:
        """The line that is typed, shown. Raises Cancelled, NoTerminal."""
        return self._ask(question, lambda letter: letter if letter.isprintable() else "")

    def ask_lines_unseen(self, question: str) -> str:
        """The lines that are typed or pasted, up to an empty one; a dot is shown for each. Empty ones before them do
        not count. Raises Cancelled, NoTerminal."""
        lines: list[str] = []
        with opened() as (_, read, write):
            line: list[str] = []
            try:
                write(plain(question))
                while True:
                    letter = read()
                    if letter == "\x03" or (letter in ("", "\x04") and not (lines or line)):
                        raise Cancelled
                    ended = letter in _ENTER or letter in ("", "\x04")
                    if not ended:
                        line.append(letter)
                        continue
                    if "".join(line).strip():
                        lines.append("".join(line))
                        write(self._dot)
                    elif lines:
                        return "\n".join(lines)
                    line.clear()
            except (KeyboardInterrupt, OSError):
                raise Cancelled from None
            finally:
                with contextlib.suppress(OSError):
                    write("\r\n")

    def confirm(self, question: str, default: bool) -> bool:
        """Yes or no; Enter takes the default, which is shown in capitals. Raises Cancelled, NoTerminal."""
        while True:
            answer = self.ask(f"{question} [{'Y/n' if default else 'y/N'}] ").strip().lower()
            if answer in ("", "y", "yes", "n", "no"):
                return answer[0] == "y" if answer else default

    def look(self) -> None:
        """Raises NoTerminal if nobody could be asked."""
        with opened():
            pass

    def _ask(self, question: str, shown: Callable[[str], str]) -> str:
        with opened() as (_, read, write):
            typed: list[str] = []
            try:
                write(plain(question))
                while True:
                    letter = read()
                    if letter in ("", "\x03") or (letter == "\x04" and not typed):
                        raise Cancelled
                    if letter in _ENTER:
                        return "".join(typed)
                    if letter in _ERASE and typed:
                        write("\b \b" * len(shown(typed.pop())))
                    elif letter in _ERASE_ALL:
                        write("\b \b" * sum(len(shown(each)) for each in typed))
                        typed.clear()
                    elif shown(letter):
                        typed.append(letter)
                        write(shown(letter))
            except (KeyboardInterrupt, OSError):  # the latter when the terminal goes away
                raise Cancelled from None
            finally:
                # Not after SIGHUP: the terminal may be gone, and the reason of the end must not be lost over it.
                with contextlib.suppress(OSError):
                    write("\r\n")


def keys_are_waiting() -> bool:
    """Has something been typed that nobody has read yet? It stays where it is.

    In canonical mode a terminal tells of whole lines only: it is off for the look. TCSANOW, since every other way of
    changing the mode throws away or waits for something.
    """
    if sys.platform == "win32":
        import msvcrt

        return bool(msvcrt.kbhit())
    import select
    import termios

    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if os.tcgetpgrp(descriptor) != os.getpgrp():
            return False
        former = termios.tcgetattr(descriptor)
        quiet = termios.tcgetattr(descriptor)
        quiet[3] &= ~(termios.ECHO | termios.ICANON)
        try:
            termios.tcsetattr(descriptor, termios.TCSANOW, quiet)
            return bool(select.select([descriptor], [], [], 0)[0])
        finally:
            termios.tcsetattr(descriptor, termios.TCSANOW, former)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def opened() -> Iterator[tuple[int, Callable[[], str], Callable[[str], None]]]:
    """The terminal, in a mode in which what is typed is not shown and every key comes as a letter: its descriptor (-1
    on Windows), and functions that read a letter and write text; "" is the end of the terminal.

    Raises NoTerminal.
    """
    if sys.platform == "win32":
        import msvcrt

        with open("CONOUT$", "w", encoding="utf-8") as console:

            def write(text: str) -> None:
                console.write(text)
                console.flush()

            yield -1, msvcrt.getwch, write
        return
    import codecs
    import termios

    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise NoTerminal(f"/dev/tty: {error.strerror}") from None
    try:
        if os.tcgetpgrp(descriptor) != os.getpgrp():
            raise NoTerminal("running in the background")  # reading would stop this process, and the shell wait for it
        former = termios.tcgetattr(descriptor)
        quiet = termios.tcgetattr(descriptor)
        quiet[3] &= ~(termios.ECHO | termios.ICANON)
        quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
        # Ctrl-Z would stop this process alone: a shell that captures its output would wait for ever. And a Ctrl-C that
        # comes as a signal just before the read would only be heard after it: as a letter it is never late.
        quiet[6][termios.VSUSP] = quiet[6][termios.VINTR] = b"\0"
        decoder = codecs.getincrementaldecoder("utf-8")("replace")

        def read() -> str:
            while True:
                received = os.read(descriptor, 1)
                letter = decoder.decode(received)
                if letter or not received:
                    return letter

        try:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
            yield descriptor, read, lambda text: _write(descriptor, text)
        finally:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(descriptor, termios.TCSADRAIN, former)
    finally:
        os.close(descriptor)


def _write(descriptor: int, text: str) -> None:
    content = text.encode("utf-8", "replace")
    while content:
        content = content[os.write(descriptor, content) :]
