"""Questions on a real terminal, with standard input, output and error elsewhere: what is shown, and what comes of the
keys that people press."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.desk import PROGRAM as SHELLHOOK
from tests.shell.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.desk import Desk

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX terminals")

ROOT = Path(__file__).parents[1]
DEVICE = "arn:aws:iam::111122223333:mfa/me"
QUESTION = f"MFA code of me ({DEVICE}):"
# What is asked stands in `ask`, with `terminal` and `asker` at hand. What comes of it goes to the file "answer", which
# appears when it is whole. Standard output and error are the files "out" and "err"; the terminal's settings are in
# "before" and "after".
PROGRAM = """
import os, sys
from shellhook import mfa
from shellhook.errors import Cancelled, NoCode
from shellhook.ui.terminal import NoTerminal, Terminal
terminal, asker = Terminal(os.environ), mfa.Asker(os.environ, None)
try:
    answer = repr({ask})
except (Cancelled, NoCode, NoTerminal) as error:
    answer = f"{{type(error).__name__}}: {{error}}"
with open("answer.new", "w") as file:
    file.write(answer)
os.rename("answer.new", "answer")
"""
SHELL = """
stty -a >before
{before}
"{python}" -c "$PROGRAM" </dev/null >out 2>err {after}
status=$?
stty -a >after
exit $status
"""


class Asked:
    """A program that asks one question on a terminal of its own."""

    def __init__(self, directory: Path, ask: str, before: str = "", after: str = "", **env: str) -> None:
        self.directory = directory
        environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "PROGRAM": PROGRAM.format(ask=ask),
            "TERM": "xterm",
            **env,
        }
        script = SHELL.format(python=sys.executable, before=before, after=after)
        self.terminal = Terminal(["sh", "-c", script], env=environ, cwd=directory)

    def read(self, name: str) -> str:
        return (self.directory / name).read_text()

    def answer(self) -> str:
        """What came of it, once it is there."""
        self.terminal.wait(lambda _: (self.directory / "answer").exists())
        return self.read("answer")

    def python(self) -> psutil.Process:
        """The process that asks."""
        (child,) = psutil.Process(self.terminal.process.pid).children()
        return child

    def quiet(self) -> bool:
        """Nothing on standard output, and the terminal as it was found."""
        self.terminal.wait_end()
        return self.read("out") == "" and self.read("before") == self.read("after") != ""


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[..., Asked]]:
    asked: list[Asked] = []

    def start(question: str = f"asker.code({DEVICE!r}, None, '')", **options: str) -> Asked:
        directory = tmp_path / str(len(asked))
        directory.mkdir()
        asked.append(Asked(directory, question, **options))
        return asked[-1]

    yield start
    for each in asked:
        each.terminal.close()


def test_a_code_is_asked_on_the_terminal_alone(ask: Callable[..., Asked]) -> None:
    asked = ask()
    asked.terminal.wait(lambda screen: screen == QUESTION)
    asked.terminal.type("123456")
    asked.terminal.wait(lambda screen: screen == f"{QUESTION} ••••••")
    asked.terminal.key("enter")
    assert asked.answer() == "'123456'"
    assert asked.quiet()
    assert asked.read("err") == ""
    assert "123456" not in asked.terminal.history()


def test_the_cursor_waits_behind_the_question(ask: Callable[..., Asked]) -> None:
    asked = ask()
    asked.terminal.wait(lambda _: asked.terminal.before_cursor() == f"{QUESTION} ")


@pytest.mark.parametrize(("locale", "dot"), [("C", "*"), ("de_DE.UTF-8", "•"), ("en_US.utf8", "•"), ("POSIX", "*")])
def test_dots_are_what_the_locale_can_show(ask: Callable[..., Asked], locale: str, dot: str) -> None:
    asked = ask("terminal.ask_unseen('? ')", LC_ALL=locale)
    asked.terminal.wait(r"^\?$")
    asked.terminal.type("abc")
    asked.terminal.wait(lambda screen: screen == f"? {dot * 3}")


def test_backspace_and_ctrl_u(ask: Callable[..., Asked]) -> None:
    asked = ask()
    asked.terminal.wait(lambda screen: screen == QUESTION)
    asked.terminal.key("backspace")
    asked.terminal.type("999")
    asked.terminal.key("backspace")
    asked.terminal.wait(lambda screen: screen == f"{QUESTION} ••")
    asked.terminal.key("ctrl-u", "backspace")
    asked.terminal.wait(lambda _: asked.terminal.before_cursor() == f"{QUESTION} ")
    asked.terminal.wait(lambda screen: screen == QUESTION)
    asked.terminal.type("123457")
    asked.terminal.key("ctrl-h")
    asked.terminal.type("6")
    asked.terminal.key("enter")
    assert asked.answer() == "'123456'"


@pytest.mark.parametrize("pasted", ["123 456", " 123456 ", "1 2 3 4 5 6"])
def test_blanks_in_what_is_pasted_do_not_matter(ask: Callable[..., Asked], pasted: str) -> None:
    asked = ask()
    asked.terminal.wait(lambda screen: screen == QUESTION)
    asked.terminal.type(f"{pasted}\r")
    assert asked.answer() == "'123456'"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "１２３４５６", "123\t456"])
def test_what_is_no_code_is_asked_again(ask: Callable[..., Asked], typed: str) -> None:
    asked = ask()
    asked.terminal.wait(lambda screen: screen == QUESTION)
    asked.terminal.type(f"{typed}\r")
    if typed == "123\t456":  # a tab is no letter
        assert asked.answer() == "'123456'"
        return
    asked.terminal.wait(lambda screen: screen.count(QUESTION) == 2)
    assert asked.read("err") == "a code has 6 digits (Ctrl-C cancels)\n"
    asked.terminal.type("654321\r")
    assert asked.answer() == "'654321'"


def test_what_was_typed_before_the_question_counts(ask: Callable[..., Asked]) -> None:
    """A quick hand types the code while the program starts."""
    asked = ask(before="read line <&2")
    asked.terminal.type("x\r123456\r")
    assert asked.answer() == "'123456'"


def test_ctrl_c_cancels(ask: Callable[..., Asked]) -> None:
    asked = ask()
    asked.terminal.wait(lambda screen: screen == QUESTION)
    asked.terminal.type("123")
    asked.terminal.key("ctrl-c")
    assert asked.answer() == "Cancelled: cancelled"
    assert asked.quiet()


def test_so_does_the_signal(ask: Callable[..., Asked]) -> None:
    """`kill -INT`, or a terminal that sends it of its own accord."""
    asked = ask()
    asked.terminal.wait(lambda screen: screen == QUESTION)
    asked.python().send_signal(signal.SIGINT)
    assert asked.answer() == "Cancelled: cancelled"
    assert asked.quiet()


def test_ctrl_d_cancels_where_nothing_was_typed(ask: Callable[..., Asked]) -> None:
    asked = ask("terminal.ask('? ')")
    asked.terminal.wait(r"^\?$")
    asked.terminal.type("ab")
    asked.terminal.key("ctrl-d")
    asked.terminal.type("c")
    asked.terminal.wait(r"^\? abc$")
    asked.terminal.key("ctrl-u", "ctrl-d")
    assert asked.answer() == "Cancelled: cancelled"
    assert asked.quiet()


def test_ctrl_z_does_not_stop_it(ask: Callable[..., Asked]) -> None:
    """A shell that captures its output would wait for ever. (Only a job of a shell can be stopped by it.)"""
    asked = ask(before="set -m")
    asked.terminal.wait(lambda screen: screen == QUESTION)
    asked.terminal.key("ctrl-z")
    asked.terminal.type("1")
    asked.terminal.wait(lambda screen: screen == f"{QUESTION} •")
    asked.terminal.type("23456\r")
    assert asked.answer() == "'123456'"
    assert asked.quiet()


def test_a_window_that_is_closed_cancels(ask: Callable[..., Asked]) -> None:
    """The signal that comes with it may be ignored: `nohup`, `trap '' HUP`."""
    asked = ask(before="trap '' HUP")
    asked.terminal.wait(lambda screen: screen == QUESTION)
    asked.terminal.close()
    assert asked.read("answer") == "Cancelled: cancelled"
    assert asked.read("err") == ""


def test_a_window_that_is_closed_ends_it(ask: Callable[..., Asked]) -> None:
    asked = ask()
    asked.terminal.wait(lambda screen: screen == QUESTION)
    asking = asked.python()
    asked.terminal.close()
    assert not asking.is_running() or asking.status() == psutil.STATUS_ZOMBIE


def test_without_a_terminal_there_is_nobody_to_ask(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM.format(ask="terminal.ask('? ')")]
    subprocess.run(command, cwd=tmp_path, env=environ, start_new_session=True, check=True, stdin=subprocess.DEVNULL)
    assert (tmp_path / "answer").read_text().startswith("NoTerminal: ")


def test_in_the_background_it_does_not_ask(ask: Callable[..., Asked]) -> None:
    """Reading would stop it, and whoever waits for it."""
    asked = ask("terminal.ask('? ')", before="set -m", after="& wait")
    assert asked.answer() == "NoTerminal: running in the background"
    assert asked.terminal.screen() == ""


def test_where_nobody_can_be_asked_for_a_code_it_is_said_how_to_give_one(tmp_path: Path) -> None:
    environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM.format(ask="asker.code('me', None, '')")]
    subprocess.run(command, cwd=tmp_path, env=environ, start_new_session=True, check=True, stdin=subprocess.DEVNULL)
    answer = (tmp_path / "answer").read_text()
    assert answer.startswith("NoCode: an MFA code is needed, and there is no terminal to ask on")
    assert "--token-code" in answer
    assert "mfa_process" in answer


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        ('echo " 123456 "', "'123456'"),
        ("exit 1", "Cancelled: cancelled"),
        ("echo yes", "NoCode: what SSH_ASKPASS gave is no code"),
        (None, "NoCode: SSH_ASKPASS cannot be run"),
    ],
)
def test_without_a_terminal_ssh_s_way_of_asking_is_taken(tmp_path: Path, program: str | None, answer: str) -> None:
    askpass = tmp_path / "askpass"
    if program:
        askpass.write_text(f'#!/bin/sh\nprintf %s "$1" >asked\n{program}\n')
        askpass.chmod(0o700)
    environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "SSH_ASKPASS": str(askpass), "DISPLAY": ":0"}
    command = [sys.executable, "-c", PROGRAM.format(ask=f"asker.code({DEVICE!r}, None, '')")]
    subprocess.run(command, cwd=tmp_path, env=environ, start_new_session=True, check=True, stdin=subprocess.DEVNULL)
    assert (tmp_path / "answer").read_text().startswith(answer)
    if program:
        assert (tmp_path / "asked").read_text() == f"{QUESTION} "


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ("y\r", repr(DEVICE)),
        ("YES\r", repr(DEVICE)),
        ("\r", "''"),
        ("none\r", "''"),
        ("arn:aws:iam::111122223333:mfa/phone\r", "'arn:aws:iam::111122223333:mfa/phone'"),
        ("GAHT12345678\r", "'GAHT12345678'"),
        ("what?\rtwo words here\r y \r", repr(DEVICE)),
        ("\x03", "Cancelled: cancelled"),
    ],
)
def test_the_question_which_device(ask: Callable[..., Asked], keys: str, answer: str) -> None:
    asked = ask(f"asker.device({DEVICE!r})")
    asked.terminal.wait(r"Use it\? \[y, another ARN or serial number, Enter for none\]")
    assert DEVICE in asked.read("err")
    asked.terminal.type(keys)
    assert asked.answer() == answer
    assert asked.quiet()


@pytest.mark.parametrize(
    ("default", "keys", "answer"),
    [(True, "\r", True), (False, "\r", False), (True, "n\r", False), (False, "Y\r", True), (True, "what\rno\r", False)],
)
def test_yes_or_no(ask: Callable[..., Asked], default: bool, keys: str, answer: bool) -> None:
    asked = ask(f"terminal.confirm('Add it?', {default})")
    asked.terminal.wait(r"^Add it\? \[Y/n\]$" if default else r"^Add it\? \[y/N\]$")
    asked.terminal.type(keys)
    assert asked.answer() == repr(answer)


def test_what_is_typed_is_shown_where_it_is_no_secret(ask: Callable[..., Asked]) -> None:
    asked = ask("terminal.ask('Name: ')")
    asked.terminal.wait("^Name:$")
    asked.terminal.type("été 日本")
    asked.terminal.wait("^Name: été 日 ?本")
    asked.terminal.key("enter")
    assert asked.answer() == repr("été 日本")


# --- the same, asked by the program


def test_the_program_asks_while_its_input_and_output_are_elsewhere(desk: Desk) -> None:
    """As a shell calls it: standard output captured, standard input maybe from a loop's file."""
    words = " ".join(f"'{word}'" for word in desk.hooked("power-user"))
    script = f"'{SHELLHOOK}' {words} </dev/null >out; echo $? >status.new; mv status.new status"
    with Terminal(["sh", "-c", script], env=desk.environ, cwd=desk.home) as terminal:
        terminal.wait(re.escape(f"MFA code of alice ({desk.sandbox.devices['alice']}):"))
        code = desk.sandbox.code("alice")
        terminal.type(code)
        terminal.key("enter")
        terminal.wait_end()
        assert code not in terminal.history()
    assert (desk.home / "status").read_text() == "0\n"
    assert "AWS_SESSION_TOKEN" in (desk.home / "out").read_text()
    assert code not in (desk.home / "out").read_text()


def test_ctrl_c_at_the_program_s_question(desk: Desk) -> None:
    with desk.terminal(*desk.hooked("power-user")) as terminal:
        terminal.wait("MFA code of alice")
        terminal.key("ctrl-c")
        assert terminal.wait_end() == 130
        assert terminal.history().rstrip().endswith("shellhook: cancelled")
    assert desk.sandbox.calls() == []
