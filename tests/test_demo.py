"""`shellhook demo`: without a terminal, a tour is typed into a real shell; at one, the user's own shell is opened."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from shellhook.sandbox.tour import STEPS
from tests.desk import PROGRAM
from tests.shell import shells
from tests.shell.conftest import present
from tests.shell.session import ShellSession
from tests.shell.shells import Shell
from tests.sso.people import BROWSER

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")


@pytest.fixture(params=shells.ALL, ids=str)
def shell(request: pytest.FixtureRequest) -> Shell:
    """Each shell in turn."""
    return present(request.param)


def servers(temporary: Path) -> list[int]:
    """Processes of a sandbox that keeps its files below a directory."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "shellhook.sandbox" in process.cmdline() and process.environ().get("TMPDIR") == str(temporary):
                found.append(process.pid)
    return found


def test_without_a_terminal_the_tour_is_typed_and_shown(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    for directory in (home, temporary):
        directory.mkdir()
    environ = {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "USER": "me",
        "AWS_PROFILE": "mine",  # which is of no concern to the demo
        "AWS_ACCESS_KEY_ID": "AKIAMINE",
    }
    done = subprocess.run(
        [PROGRAM, "demo"], env=environ, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    typed = [line.partition("demo$ ")[2] for line in lines if "demo$ " in line]
    assert [line for line in typed if line] == [text for step in STEPS for text in (f"# {step.says}", step.line)]
    assert "[power-user 1h00m] demo$ " in done.stdout, "the prompt of that shell"
    assert re.search("^MFA code of alice .*: ([•*]){6}$", done.stdout, re.MULTILINE)
    assert "arn:aws:sts::111122223333:assumed-role/power-user/me" in lines
    assert "7" in lines
    assert lines[-2:] == ["0", "demo$ "]
    assert "AKIAMINE" not in done.stdout
    assert list(home.iterdir()) == []
    assert list(temporary.iterdir()) == []
    assert servers(temporary) == []


def test_without_bash_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    environ = {"HOME": str(tmp_path), "PATH": str(tmp_path / "bin"), "TMPDIR": str(tmp_path), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [PROGRAM, "demo"], env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "install bash" in done.stderr


def test_at_a_terminal_it_is_the_users_own_shell(shell: Shell, tmp_path: Path) -> None:
    temporary, config = tmp_path / "tmp", tmp_path / "home" / ".aws" / "config"
    config.parent.mkdir(parents=True)
    config.write_text("[default]\n", encoding="ascii")
    login = config.parent / "sso" / "cache" / "ee0bfd2552fbd840c02cc48b6e823320543c450f.json"  # SHA-1 of `corp`
    login.parent.mkdir(parents=True)
    login.write_text("theirs", encoding="ascii")
    start = shell.export("MINE", "of my own start-up file") + "\n" + shell.export("BROWSER", BROWSER)
    with ShellSession(shell, tmp_path, rc=start, columns=200) as session:
        before = session.environment()
        session.enter("shellhook demo", timeout=60)
        session.terminal.wait(lambda _: len(servers(temporary)) == 1)
        shown = session.terminal.history()
        assert [step.line for step in STEPS if step.line not in shown] == []
        assert session.environment()[b"MINE"] == b"of my own start-up file"

        assert session.run("assume read-only", 60).status == 0
        assert session.environment()[b"SHELLHOOK_PROFILE"] == b"read-only"
        assert "/read-only/" in session.run("aws-whoami", 60).output
        told = session.run("shellhook demo --code", 60)
        assert told.status == 0
        given = re.fullmatch(r"(\d{6})   for \d+s", told.output)
        assert given, told.output
        session.type("assume power-user")
        session.key("enter")
        session.terminal.wait(lambda _: re.search("MFA code of .*: $", session.terminal.before_cursor()), 60)
        session.type(given[1])
        session.key("enter")
        assert session.ready(60).status == 0
        assert "/power-user/" in session.run("aws-whoami", 60).output
        later = session.run("shellhook demo --code", 60).output
        assert "used already" in later or given[1] not in later  # the next one may have begun

        assert session.run("assume corp-admin", 60).status == 0
        assert "/AWSReservedSSO_AdministratorAccess" in session.run("aws-whoami", 60).output
        session.type("not this")
        session.cancel()
        assert session.run("echo still here").output == "still here"

        assert session.leave(60).status == 0
        assert session.environment() == before
        assert session.run("shellhook demo --code", 60).status == 2
        assert servers(temporary) == []
        assert list(temporary.glob("shellhook*")) == []
        assert config.read_text(encoding="ascii") == "[default]\n"
        assert [(file.name, file.read_text("ascii")) for file in login.parent.iterdir()] == [(login.name, "theirs")]
        assert list(session.home.rglob("*shellhook*")) == []
