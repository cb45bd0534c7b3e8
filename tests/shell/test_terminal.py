"""The terminal itself: what it shows, what it answers, that it fails when it should and leaves nothing behind."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.shell.terminal import Terminal

ENV = {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
Open = Callable[..., Terminal]


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Open]:
    """Terminals that are closed after the test."""
    opened: list[Terminal] = []

    def open_one(*argv: str, **options: int) -> Terminal:
        opened.append(Terminal(argv, env=ENV, cwd=tmp_path, **options))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.close()


def python(code: str) -> tuple[str, ...]:
    """A program of a few lines."""
    return sys.executable, "-I", "-S", "-c", code


def test_shows_what_is_written_where_it_is_written(open_terminal: Open) -> None:
    terminal = open_terminal("printf", r"one\n\033[5;10Htwo\033[1;3H3")
    assert terminal.wait_end() == 0
    assert terminal.screen() == "on3\n\n\n\n         two"
    assert terminal.last_line() == "         two"
    assert terminal.find("two") == (4, 9)


def test_wait_takes_a_pattern_or_a_predicate(open_terminal: Open) -> None:
    terminal = open_terminal("cat")
    terminal.type("hello")
    terminal.key("enter")
    assert terminal.wait("^hello\nhello$").startswith("hello")
    assert terminal.wait(lambda text: text.count("hello") == 2) == "hello\nhello"


def test_wait_fails_in_time_and_shows_the_screen(open_terminal: Open) -> None:
    terminal = open_terminal("sh", "-c", "echo what there is; cat")
    terminal.wait("what there is")
    began = time.monotonic()
    with pytest.raises(
        AssertionError, match=r"(?s)what there is not.*not seen in 0.2 s.*\|what there is\n.*cursor: row 1"
    ):
        terminal.wait("what there is not", timeout=0.2)
    assert time.monotonic() - began < 5


def test_wait_fails_at_once_when_the_program_has_ended(open_terminal: Open) -> None:
    terminal = open_terminal("sh", "-c", "echo bye; exit 3")
    with pytest.raises(AssertionError, match=r"(?s)before the end.*\|bye"):
        terminal.wait("never", timeout=60)


def test_find_fails_with_the_screen(open_terminal: Open) -> None:
    terminal = open_terminal("echo", "this")
    terminal.wait_end()
    with pytest.raises(AssertionError, match=r"(?s)'that' is not on the screen.*\|this"):
        terminal.find("that")


def test_endless_output_does_not_stop_a_wait_from_ending(open_terminal: Open) -> None:
    terminal = open_terminal("yes")
    with pytest.raises(AssertionError, match=r"not seen in 0.3 s"):
        terminal.wait("no", timeout=0.3)


def test_what_scrolled_off_is_kept(open_terminal: Open) -> None:
    terminal = open_terminal("seq", "500", rows=10)
    terminal.wait_end()
    assert terminal.screen().split("\n")[0] == "492"
    assert terminal.history().split("\n") == [str(n) for n in range(1, 501)]


def test_more_can_be_typed_than_a_pipe_holds(open_terminal: Open) -> None:
    terminal = open_terminal(
        *python(
            "import sys, tty; tty.setraw(0); print('!', end='', flush=True)\n"
            "left = 100_000\nwhile left: left -= len(sys.stdin.buffer.read1(left))\nprint('all')"
        )
    )
    terminal.wait("!")
    terminal.type("x" * 100_000)
    terminal.wait("all")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["enter"], "0d"),
        (["tab", "escape", "backspace"], "091b7f"),
        (["ctrl-a", "ctrl-x", "ctrl-z", "ctrl-@"], "01181a00"),
        (["alt-f", "up", "left", "home"], "1b66" + "1b5b41" + "1b5b44" + "1b5b48"),
    ],
)
def test_keys(open_terminal: Open, keys: list[str], expected: str) -> None:
    count = len(expected) // 2
    terminal = open_terminal(
        *python(
            "import sys, tty; tty.setraw(0); print('!', end='', flush=True); "
            f"print(sys.stdin.buffer.read({count}).hex())"
        )
    )
    terminal.wait("!")
    terminal.key(*keys)
    terminal.wait(f"!{expected}$")


def test_cursor_keys_follow_the_application_mode(open_terminal: Open) -> None:
    terminal = open_terminal(
        *python(
            r"import sys, tty; tty.setraw(0); print('\033[?1h!', end='', flush=True); "
            "print(sys.stdin.buffer.read(3).hex())"
        )
    )
    terminal.wait("!")
    terminal.key("up")
    terminal.wait("!1b4f41")


def test_an_unknown_key_is_an_error(open_terminal: Open) -> None:
    with pytest.raises(KeyError):
        open_terminal("cat").key("any")


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (r"\033[6n", "ESC[1;2R"),
        (r"\033[c", "ESC[?6c"),
        (r"\033]10;?\007", r"ESC]10;rgb:dddd/dddd/ddddESC\\"),
        (r"\033]11;?\033\\", r"ESC]11;rgb:0000/0000/0000ESC\\"),
    ],
)
def test_queries_are_answered(open_terminal: Open, query: str, answer: str) -> None:
    terminal = open_terminal(
        *python(
            "import sys, tty; tty.setraw(0); "
            f"print('!', end='', flush=True); print({query.encode().decode('unicode_escape')!r}, end='', flush=True); "
            f"print('<' + sys.stdin.buffer.read({len(answer.replace('ESC', '.').encode().decode('unicode_escape'))})"
            ".decode().replace(chr(27), 'ESC') + '>')"
        )
    )
    assert answer.encode().decode("unicode_escape") in terminal.wait(">")


def test_sequences_of_newer_terminals_leave_no_trace(open_terminal: Open) -> None:
    """fish 4 and others ask for key protocols and terminfo strings; cut in two anywhere, they are still unseen."""
    sequences = r"\033[>4;1m\033[=5u\033[?u\033P+q696e646e\033\\\033[>0q\033]133;A\007\033[?2026h"
    terminal = open_terminal("sh", "-c", f"printf 'a{sequences}b'")
    terminal.wait_end()
    assert terminal.screen() == "ab"
    row, column = terminal.find("b")
    assert not terminal.attributes(row, column).bold
    screen = terminal.emulator
    for byte in sequences.encode().decode("unicode_escape").encode("latin-1"):
        screen.feed(bytes([byte]))
    screen.feed("ü".encode()[:1])
    screen.feed("ü".encode()[1:])
    assert terminal.screen() == "abü"


def test_colours_are_seen(open_terminal: Open) -> None:
    terminal = open_terminal("printf", r"\033[31;1mred\033[0m plain")
    terminal.wait_end()
    red, plain = terminal.attributes(*terminal.find("red")), terminal.attributes(*terminal.find("plain"))
    assert (red.fg, red.bold, plain.fg, plain.bold) == ("red", True, "default", False)


def test_resizing_tells_the_program_and_keeps_the_lines_at_the_cursor(open_terminal: Open) -> None:
    terminal = open_terminal(
        "sh", "-c", "trap 'stty size' WINCH; seq 6; while :; do sleep 0.05; done", rows=10, columns=20
    )
    terminal.wait("^6$")
    terminal.resize(4, 60)
    assert terminal.wait("^4 60$").split("\n")[:2] == ["5", "6"]
    assert terminal.history().startswith("1\n2\n3\n")
    terminal.resize(12, 30)
    terminal.wait("^12 30$")


def test_the_terminal_controls_the_session(open_terminal: Open) -> None:
    terminal = open_terminal("sh", "-c", "echo unseen >/dev/null; echo hello >/dev/tty; cat; echo not reached")
    terminal.wait("hello")
    terminal.type("cat reads")
    terminal.key("enter")
    terminal.wait("(cat reads\n?){2}")
    terminal.key("ctrl-c")
    assert terminal.wait_end() == 128 + signal.SIGINT
    assert "not reached" not in terminal.screen()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_signals_have_their_defaults(open_terminal: Open) -> None:
    """Also where the tests were started in the background, by a shell that lets them ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        terminal = open_terminal("grep", "SigIgn", "/proc/self/status")
    finally:
        signal.signal(signal.SIGINT, before)
    terminal.wait_end()
    ignored = int(terminal.screen().split()[1], 16)
    assert [s.name for s in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE) if ignored >> (s - 1) & 1] == []


def test_closing_kills_everything_in_the_session(tmp_path: Path) -> None:
    files = len(psutil.Process().open_files()), psutil.Process().num_fds()
    script = (
        "trap '' HUP TERM INT; (trap '' HUP; sleep 1000) & setsid -f true; set -m; sleep 1001 & echo up; sleep 1002"
    )
    with Terminal(["bash", "-c", script], env=ENV, cwd=tmp_path) as terminal:
        terminal.wait("up")
        pids = terminal.session_processes()
        assert len(pids) >= 3
    assert terminal.process.returncode is not None
    assert not [pid for pid in pids if psutil.pid_exists(pid) and Terminal._alive(pid)]
    assert not psutil.pid_exists(terminal.process.pid), "a zombie"
    assert (len(psutil.Process().open_files()), psutil.Process().num_fds()) == files
    terminal.close()  # twice does no harm


def test_a_program_that_is_not_there_ends_with_a_failure(tmp_path: Path) -> None:
    with Terminal([str(tmp_path / "nothing")], env=ENV, cwd=tmp_path) as terminal:
        assert terminal.wait_end() != 0
        assert "FileNotFoundError" in terminal.screen()
