"""TAB in a real shell, and the files it reads: what they tell beside a name, what changes in them, what is missing."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from tests.shell.shells import Shell
from tests.shell.tab import HERE, Sit, elsewhere, has, sit, unchanged

__all__ = ["elsewhere", "sit"]  # fixtures

# What is shown beside a name


def marker(state: Path, name: str, expires: int, digest: str = "0" * 32) -> None:
    """What the store says of a session."""
    directory = state / "shellhook" / "markers"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / digest).write_text(f"{expires}\n{name}\n", encoding="utf-8")
    os.utime(directory / digest, (expires, expires))


def test_account_role_and_what_is_left_are_shown(sit: Sit, shell: Shell, tmp_path: Path) -> None:
    if shell.kind == "powershell" or "3.2" in shell.name:
        pytest.skip("its listing has names alone")
    desk = sit(XDG_STATE_HOME=str(tmp_path / "state"))
    now = int(time.time())
    marker(tmp_path / "state", "power-user", now + 42 * 60 + 30)
    marker(tmp_path / "state", "power-user", now + 60, "1" * 32)
    marker(tmp_path / "state", "power-tool", now - 60, "2" * 32)
    marker(tmp_path / "state", "base", now + 3 * 3600 + 5 * 60 + 30, "3" * 32)
    text = desk.listed("assume ", "power-user", "111122223333", "power-tool", "444455556666", "base", "process")
    (row,) = {line for line in text.split("\n") if has(line, "111122223333")}
    assert re.search(r"power-user\W+111122223333 the-power +live 42m", row)
    assert re.search(r"power-tool\W+444455556666 the-tool", text)
    assert re.search(r"base\W+keys +live 3h05m", text)
    assert len(set(re.findall(r"live \w+", text))) == 2, "what is over is not live"


def test_a_damaged_store_is_no_matter(sit: Sit, tmp_path: Path) -> None:
    state = tmp_path / "state"
    marker(state, "power-user", 1)
    future = time.time() + 1000
    for number, content in enumerate(
        (b"", b"\n", b"x[$(touch owned)]\npower-user\n", b"9" * 40 + b"\npower-user\n", b"\0\xff\n\n")
    ):
        file = state / "shellhook" / "markers" / str(number)
        file.write_bytes(content)
        os.utime(file, (future, future))
    (state / "shellhook" / "markers" / "directory").mkdir()
    desk = sit(XDG_STATE_HOME=str(state))
    text = desk.listed("assume ", "power-user", "base")
    assert "live" not in text
    assert not (desk.home / "owned").exists()


# Changes, and what is missing


def test_a_file_that_changed_is_read_again(sit: Sit, tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "shellhook").mkdir(parents=True, mode=0o700)
    desk = sit(XDG_STATE_HOME=str(state))
    for number in range(12):
        desk.write(config=f"[profile zz{number:02}]\n")  # as long as before, in the same second
        assert desk.after("assume zz") == f"assume zz{number:02}"
        assert desk.after("assume zz") == f"assume zz{number:02}"
    desk.write(credentials="[yyy]\n")
    assert desk.after("assume yy") == "assume yyy"


def test_another_file_in_its_place_is_read_however_old_it_is(sit: Sit, tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "shellhook").mkdir(parents=True, mode=0o700)
    desk = sit(XDG_STATE_HOME=str(state))
    aws = desk.home / ".aws"
    past = time.time() - 100_000
    os.utime(aws / "config", (past, past))
    assert desk.after("assume re") == "assume read-only"
    new = aws / "new"
    new.write_text("[profile re-placed]\n", encoding="ascii")
    os.utime(new, (past - 1000, past - 1000))
    new.rename(aws / "config")
    assert desk.after("assume re") == "assume re-placed"
    new.write_text("[profile re-linked]\n", encoding="ascii")
    os.utime(new, (past - 2000, past - 2000))
    (aws / "config").unlink()
    assert desk.after("assume re") == "assume re"
    (aws / "config").symlink_to("new")
    assert desk.after("assume re") == "assume re-linked"
    desk.session.run(desk.shell.export("AWS_CONFIG_FILE", "other"))
    assert desk.after("assume re") == "assume re"
    (desk.home / "other").write_text("[profile re-lative]\n", encoding="ascii")
    os.utime(desk.home / "other", (past, past))
    assert desk.after("assume re") == "assume re-lative"
    (desk.home / "sub").mkdir()
    desk.session.run("cd sub")
    assert desk.after("assume re") == "assume re"


def test_nothing_is_said_of_files_that_cannot_be_read(sit: Sit, tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(bytes(range(256)) * 20)
    secret = tmp_path / "unreadable"
    secret.write_text("[profile re-al]\n", encoding="ascii")
    secret.chmod(0)
    for file in (binary, secret, tmp_path, tmp_path / "none", tmp_path / "a" / "b"):
        desk = sit(AWS_CONFIG_FILE=str(file))
        if file == secret and os.access(secret, os.R_OK):
            secret.unlink()  # root may read everything
        before = desk.session.screen()
        desk.session.terminal.wait(lambda _: True)
        assert desk.after("assume ba") == "assume base"
        assert desk.session.screen() == before, file
        desk.session.close()


def test_files_that_are_empty_or_gone(sit: Sit) -> None:
    desk = sit()
    before = desk.session.screen()
    desk.write("", "")
    desk.check(unchanged("assume ", "assume re"))
    for name in ("config", "credentials"):
        (desk.home / ".aws" / name).unlink()
    desk.check(unchanged("assume ", "assume re"))
    (desk.home / ".aws").rmdir()
    desk.check(unchanged("assume ", "assume re"))
    assert desk.session.screen() == before


def test_without_the_words_there_are_profiles(sit: Sit, elsewhere: Path) -> None:
    (elsewhere / "words").unlink()
    desk = sit()
    before = desk.session.screen()
    desk.check([("assume re", "assume read-only"), *unchanged("assume --reg", "shellhook expla")])
    assert desk.session.screen() == before


def test_without_the_file_tab_is_what_it_was(sit: Sit, shell: Shell, elsewhere: Path) -> None:
    for file in elsewhere.iterdir():
        file.unlink()
    desk = sit()
    before = desk.session.screen()
    file = f"{HERE.get(shell.kind, '')}re-file"
    desk.check([("assume re-", f"assume {file}"), ("cat re-", f"cat {file}")])
    assert desk.session.screen() == before


def test_the_first_tab_answers_and_loads_nothing_twice(sit: Sit, elsewhere: Path) -> None:
    desk = sit()
    assert desk.after("shellhook explain re") == "shellhook explain read-only"
    for file in elsewhere.iterdir():
        file.unlink()
    desk.check(
        [
            ("assume re", "assume read-only"),
            ("assume --reg", "assume --region"),
            ("shellhook expla", "shellhook explain"),
        ]
    )
