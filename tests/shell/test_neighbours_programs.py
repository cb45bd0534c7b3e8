"""Programs and modules that somebody has planted: at the front of the PATH, in the current directory, among Python's
own. None of them is run, neither by a hook nor by the program."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from shellhook.sandbox import Sandbox
from tests.desk import Desk
from tests.shell.person import Meet
from tests.shell.shells import Shell, clean_environment

PROGRAMS = (
    "shellhook python python3 sh bash zsh fish env aws security xdg-open sed awk cat date grep head tr uname hostname "
    "id whoami stty tty tput ps mktemp dbus-launch gpg git test [ printf echo true kill sleep ls rm mkdir touch"
)
MODULES = (
    "json re os io subprocess typing dataclasses argparse ssl socket hmac hashlib marshal time signal shlex difflib "
    "urllib http email logging threading uuid boto3 botocore urllib3 keyring psutil shellingham prompt_toolkit "
    "shellhook cryptography sitecustomize usercustomize readline tomllib tomli jmespath dateutil certifi site"
)


def plant(directory: Path, touched: Path) -> None:
    """A program of each name, which tells that it was run."""
    directory.mkdir()
    for name in PROGRAMS.split():
        file = directory / name
        file.write_text(f"#!/bin/sh\n: > '{touched}/{name}'\n/bin/echo planted\n")
        file.chmod(0o755)


def test_no_program_is_run_by_its_name(shell: Shell, person: Meet, sandbox: Sandbox, tmp_path: Path) -> None:
    """They are first in the PATH, and the current directory is."""
    planted, touched = tmp_path / "planted", tmp_path / "touched"
    touched.mkdir()
    plant(planted, touched)
    clean = clean_environment(tmp_path)["PATH"]
    path = os.pathsep.join([".", str(planted), clean])
    me = person(shell, rc=shell.export("PATH", path), env={"SHELLHOOK_PROMPT": "left", "SHELLHOOK_REPROMPT": "both"})
    me.types(f"cd {shell.quote(str(planted))}")
    for file in touched.iterdir():
        file.unlink()  # of the shell's own start, and of our asking it
    me.asked("assume power-user")
    me.answers(me.code())
    assert me.ready().status == 0
    for line in ("assume read-only", "assume -", "assume --status", "assume read-only --serve", "assume --off"):
        result = me.types(line)
        assert result.status == 0, result.screen
        assert "planted" not in result.output
    assert sorted(file.name for file in touched.iterdir()) == []


@pytest.fixture
def hijacking(desk: Desk) -> Path:
    """The current directory has a module of each name, which tells that it was imported; the path of what they tell."""
    told = desk.home / "told"
    for name in MODULES.split():
        content = f"open({str(told)!r}, 'a').write({name!r} + ' ')\nraise ImportError('planted')\n"
        (desk.home / f"{name}.py").write_text(content)
    (desk.home / "start.py").write_text(f"open({str(told)!r}, 'a').write('PYTHONSTARTUP ')\n")
    (desk.home / "evil.pth").write_text(f"import os; open({str(told)!r}, 'a').write('pth ')\n")
    return told


def test_no_module_comes_from_the_current_directory(hijacking: Path, desk: Desk, sandbox: Sandbox) -> None:
    desk.environ["PYTHONSTARTUP"] = str(desk.home / "start.py")
    desk.environ["BROWSER"] = f"{sys.executable} -I -m shellhook.sandbox.browser"
    for words in (
        desk.hooked("read-only"),
        desk.hooked("power-user", "--token-code", sandbox.code("alice")),
        desk.hooked("read-only", "--serve"),
        desk.hooked("dave-read-only", "--console", "--print"),
        desk.hooked("corp-admin"),
        ("explain", "read-only"),
        ("list", "--json"),
        ("credentials", "read-only"),
        ("export", "read-only"),
        ("write", "read-only", "other"),
        ("config",),
        ("sso", "sync", "corp", "--dry-run"),
        ("keys", "list"),
        ("init", "bash"),
        ("forget", "--all"),
    ):
        done = desk.run(*words)
        assert done.status in (0, 4), (words, done)  # corp-admin wants a login, and nobody is there for it
        assert not hijacking.exists(), (words, hijacking.read_text())
