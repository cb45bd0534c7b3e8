"""Files of the user's: changed by one process at a time, in one step, with nothing left beside them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from shellhook import user_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks on directories, which Windows has not")
ADDS = """
import sys
from shellhook import user_files
print("starts", flush=True)
with user_files.held(sys.argv[1]):
    print("holds", flush=True)
    sys.stdin.readline()
    user_files.replace(sys.argv[1], user_files.read(sys.argv[1]) + b"theirs ")
"""


def somebody(file: Path) -> subprocess.Popen[str]:
    """A process that adds to the file, and goes on in the middle of that when it is given a line."""
    started = subprocess.Popen(
        [sys.executable, "-c", ADDS, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout
    assert started.stdout.readline() == "starts\n"
    return started


def test_whoever_changes_a_file_waits_for_the_one_who_does(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_bytes(b"first ")
    with user_files.held(str(file)):
        other = somebody(file)
        before = user_files.read(str(file))
        user_files.replace_unchanged(str(file), before, before + b"ours ")
    assert other.communicate("\n", timeout=30) == ("holds\n", None)
    assert file.read_bytes() == b"first ours theirs "


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    file = tmp_path / "config"
    other = somebody(file)
    assert other.stdout
    assert other.stdout.readline() == "holds\n"
    other.kill()
    other.communicate(timeout=30)
    user_files.replace(str(file), b"ours")
    assert file.read_bytes() == b"ours"


def test_what_a_killed_process_left_goes_with_the_next_change(tmp_path: Path) -> None:
    """It holds the user's keys. Files that only look like it are the user's."""
    file = tmp_path / "credentials"
    left = tmp_path / "credentials.shellhook-0123456789abcdef"
    for path in (file, left, tmp_path / "credentials.bak", tmp_path / "config.shellhook-0123456789abcdef"):
        path.write_bytes(b"keys")
    user_files.replace(str(file), b"new")
    assert {path.name for path in tmp_path.iterdir()} == {
        "credentials",
        "credentials.bak",
        "config.shellhook-0123456789abcdef",
    }


def test_a_directory_that_cannot_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on some network file systems: nothing fails for it, and nothing is swept that might be somebody's."""

    def refused(_descriptor: int, _how: int) -> None:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr("fcntl.flock", refused)
    file, left = tmp_path / "credentials", tmp_path / "credentials.shellhook-0123456789abcdef"
    left.write_bytes(b"")
    user_files.replace_unchanged(str(file), b"", b"new")
    assert (file.read_bytes(), left.exists()) == (b"new", True)
