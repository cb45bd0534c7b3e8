"""The ground goes from under a running process: its lock file, its store, the right to write. Nothing is lost, what is
said is one clear sentence, and the next run works."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.broker import Blocked, assigned, blocked, finish
from tests.desk import PROGRAM, Desk, Done
from tests.proof.extent import figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shellhook.sandbox import Sandbox

__all__ = ["blocked"]  # a fixture

pytestmark = pytest.mark.skipif(os.name != "posix", reason="users and locks of POSIX")
NOBODY = 65534


def test_a_lock_that_is_lost_while_it_is_held(desk: Desk, blocked: Blocked) -> None:
    """Two may ask then, and both are served: the lock spares questions, it guards no data of the user's."""
    for lock in (desk.state / "shellhook" / "locks").iterdir():
        lock.unlink()
    second = desk.run(*desk.hooked("process", "-t", desk.sandbox.code("alice")))
    assert second.status == 0, second
    blocked.release(desk.sandbox.code("alice"))
    ((status, out, err),) = finish([blocked.process])
    assert status == 0, err
    assert desk.run(*desk.hooked("process")).status == 0
    assert {assigned(each, "AWS_ACCESS_KEY_ID") for each in (out, second.out)} >= {
        assigned(desk.run(*desk.hooked("process")).out, "AWS_ACCESS_KEY_ID")
    }
    figure("Crash", "a lock file deleted while it is held", "both are served")


def test_a_store_that_is_removed_while_a_code_is_typed(desk: Desk, blocked: Blocked) -> None:
    shutil.rmtree(desk.state / "shellhook")
    blocked.release(desk.sandbox.code("alice"))
    ((status, out, err),) = finish([blocked.process])
    assert "Traceback" not in err
    assert "should not have happened" not in err
    assert (status == 0) is bool(out)
    if status == 0:
        assert assigned(out, "AWS_SESSION_TOKEN")
    assert desk.run("credentials", "read-only").status == 0
    figure("Crash", "the store removed while a code is typed: exit status", status)


class Held:
    """The desk, held to what the files' modes allow: root may write everywhere, unless it is made to forget that."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._held = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []

    def run(self, *words: str) -> Done:
        ended = subprocess.run(
            [*self._held, PROGRAM, *words],
            env=self.desk.environ,
            cwd=self.desk.home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Done(ended.returncode, ended.stdout, ended.stderr)

    def refused(self, said: str, *words: str, status: int = 1) -> None:
        """One clear sentence, the right exit status, and nothing for the shell."""
        done = self.run(*words)
        assert done.status == status, done
        assert said in done.err, done
        assert "Traceback" not in done.err
        assert "should not have happened" not in done.err
        assert done.out == "" or words[0] == "install"

    def files(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.desk.home.rglob("*") if path.is_file()}


@pytest.fixture
def held(sandbox: Sandbox, tmp_path: Path) -> Iterator[Held]:
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and there is no setpriv")
    sandbox.reset()
    desk = Desk(sandbox, tmp_path / "desk")
    yield Held(desk)
    for path in (tmp_path / "desk", *(tmp_path / "desk").rglob("*")):
        path.chmod(0o700)


def test_a_home_that_is_read_only(held: Held) -> None:
    desk = held.desk
    before = held.files()
    for path in (desk.home / ".aws", desk.home, desk.home.parent):
        path.chmod(0o500)
    verbs = [("credentials", "read-only"), desk.hooked("read-only"), ("write", "read-only"), ("login", "corp")]
    for words in verbs:
        held.refused(f"{desk.state}", *words)
    held.refused("cannot be written", "install", "bash", "--yes")
    desk.home.parent.chmod(0o700)  # sessions can be kept; the AWS files cannot be changed
    assert held.run("credentials", "read-only").status == 0
    held.refused(f"{desk.config} cannot be written", "write", "read-only")
    held.refused("cannot be written", *desk.hooked("read-only", "--save", "new", "--yes"))
    assert held.files() == before
    (desk.home / ".aws").chmod(0o700)
    assert held.run("write", "read-only").status == 0
    figure("Crash", "a read-only home: verbs that say so, and change nothing", len(verbs) + 3)


def test_files_that_may_not_be_read(held: Held) -> None:
    before = held.files()
    held.desk.credentials.chmod(0)
    for words in (("credentials", "read-only"), ("write", "read-only"), ("list",)):
        held.refused(f"{held.desk.credentials} cannot be read", *words, status=3)
    held.desk.credentials.chmod(0o600)
    assert held.files() == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
def test_a_store_of_somebody_else(held: Held) -> None:
    desk = held.desk
    assert held.run("credentials", "read-only").status == 0
    os.chown(desk.state / "shellhook", NOBODY, NOBODY)
    (desk.state / "shellhook").chmod(0o777)
    verbs = [("credentials", "read-only"), desk.hooked("read-only"), ("write", "read-only"), ("forget", "--all")]
    for words in verbs:
        held.refused("belongs to another user", *words)
    os.chown(desk.state / "shellhook", 0, 0)
    assert held.run("credentials", "read-only").status == 0
    figure("Crash", "a store that belongs to somebody else: verbs that refuse it", len(verbs))
