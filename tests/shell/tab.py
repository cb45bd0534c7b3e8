"""Somebody who presses TAB in a real shell: their files, their line, and what stands there then."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from shellhook import shells as hooks
from tests.shell.backend import Backend
from tests.shell.session import Start
from tests.shell.shells import Shell

CONFIG = """\
[default]
region = eu-central-1
[profile power-user]
role_arn = arn:aws:iam::111122223333:role/team/the-power
source_profile = base
[profile power-tool]
sso_account_id = 444455556666
sso_role_name = the-tool
[profile read-only]
credential_process = /bin/false --password pa55word
[profile my prod]
[profile 'my prod']
[sso-session corp]
"""
CREDENTIALS = """\
[base]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = wJalrXUtnFEMI
"""
# Notes its words; faster than the one that can do more.
_BACKEND = """\
#!/bin/sh
for word; do printf '%s\\0' "$word"; done >"${0%/*}/words"
"""
HERE = {"powershell": f".{os.sep}"}  # what it puts before the name of a file
MARK = "@@"  # typed behind TAB: once it is on the screen, TAB has done its work
_LINE = re.compile(r"\[\d+:\d+\]> (.*)" + MARK + "$")
# The key that lists and inserts nothing.
LISTING = {"bash": "alt-?", "zsh": "ctrl-d", "fish": "tab", "powershell": "alt-="}
COMPINIT = "autoload -Uz compinit; compinit -u -d $HOME/.zcompdump"


class Desk:
    """Somebody with AWS files at home and the hook loaded, at a shell where files of tempting names lie about."""

    def __init__(self, shell: Shell, start: Start, backend: Backend, rc: str = "", **env: str | None) -> None:
        self.shell, self.backend = shell, backend
        self.words = backend.directory / "words"
        hook = backend.hook(shell)
        backend.path.write_text(_BACKEND, encoding="ascii")
        first = COMPINIT if shell.kind == "zsh" else ""
        self.session = start(shell, rc="\n".join([first, rc, shell.source(hook)]), env=env, columns=160)
        self.home = self.session.home
        (self.home / ".aws").mkdir()
        self.write(CONFIG, CREDENTIALS)
        for name in ("power-file", "re-file", "eu-file"):
            (self.home / name).touch()

    def write(self, config: str | None = None, credentials: str | None = None) -> None:
        """Write the AWS files; in place, as editors may."""
        for name, text in (("config", config), ("credentials", credentials)):
            if text is not None:
                (self.home / ".aws" / name).write_text(text, encoding="utf-8")

    def after(self, typed: str, *keys: str) -> str:
        """The line after TAB; then it is cleared. A blank at its end, which not every shell puts there, is cut off."""
        self.session.type(typed)
        self.session.key(*(keys or ("tab",)))
        self.session.type(MARK)
        self.session.terminal.wait(lambda _: _LINE.search(self.session.terminal.before_cursor()))
        found = _LINE.search(self.session.terminal.before_cursor())
        assert found
        self.clear()
        return found[1].rstrip()

    def clear(self) -> None:
        """An empty line again."""
        self.session.key("ctrl-u")
        self.session.wait(lambda _: re.search(r"\]> $", self.session.terminal.before_cursor()))

    def listed(self, typed: str, *wanted: str) -> str:
        """What is listed for a word, once all of that is to be seen below the line; then it is cleared."""
        before = self.session.terminal.history().count("\n")
        self.session.type(typed)
        self.session.terminal.wait(lambda _: self.session.terminal.before_cursor().rstrip().endswith(typed.rstrip()))
        self.session.key(LISTING[self.shell.kind])

        def below() -> str:
            return "\n".join(self.session.terminal.history().split("\n")[before:])

        self.session.wait(lambda _: all(has(below(), word) for word in wanted))
        text = below()
        self.after("")  # what is still being drawn
        return text + "\n" + below()

    def runs(self, typed: str, *keys: str) -> list[str]:
        """TAB, Enter: the words that the backend gets."""
        self.words.unlink(missing_ok=True)
        self.session.type(typed)
        self.session.key(*(keys or ("tab",)), "enter")
        self.session.ready()
        words = self.words.read_bytes().decode().split("\0")[:-1]
        return words[words.index("--") + 1 :]

    def check(self, table: Iterable[tuple[str, str]]) -> None:
        """Each line becomes that other one; all that do not are shown."""
        wanted = dict(table)
        assert {typed: self.after(typed) for typed in wanted} == wanted


Sit = Callable[..., Desk]


def has(text: str, word: str) -> bool:
    """Does it stand there by itself?"""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def unchanged(*lines: str) -> list[tuple[str, str]]:
    """Lines at which there is nothing to complete."""
    return [(line, line.rstrip()) for line in lines]


@pytest.fixture
def sit(shell: Shell, start: Start, backend: Backend) -> Sit:
    """`sit()`: a desk at the shell."""

    def sat(rc: str = "", **env: str | None) -> Desk:
        return Desk(shell, start, backend, rc, **env)

    return sat


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the completions at an awkward place, which the hook is told of."""
    real = hooks._directory
    copy = tmp_path / "the user's $completions"
    copy.mkdir()
    for file in Path(real("completions")).iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(hooks, "_directory", lambda name: str(copy) if name == "completions" else real(name))
    return copy
