"""`shellhook keys` as a program: a key moves into the keyring, and whoever used it still can."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests import aws_cli
from tests.keyholder import ALICE, line, mine, who
from tests.keyrings import Memory, memory
from tests.killed import killed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Desk

__all__ = ["memory", "mine"]  # fixtures

# --- import


def test_import(mine: dict[str, str], desk: Desk, memory: Memory) -> None:
    role = {"role_arn": "arn:aws:iam::111122223333:role/read-only", "external_id": desk.sandbox.external_id}
    desk.profile("reader", **role, source_profile="mine", role_session_name="me")
    before = desk.credentials.read_text()
    assert who(desk, "mine") == ALICE
    done = desk.run("keys", "import", "mine", "--yes")
    assert (done.status, done.out) == (0, ""), done
    assert line(mine) in done.err
    assert mine["aws_secret_access_key"] not in done.err
    assert memory.held == {mine["aws_access_key_id"]: mine["aws_secret_access_key"]}
    there = before.replace(f"aws_access_key_id = {mine['aws_access_key_id']}\n", line(mine) + "\n")
    there = there.replace(f"AWS_Secret_Access_Key:{mine['aws_secret_access_key']}\n", "")
    assert desk.credentials.read_text() == there
    assert [file.name for file in desk.credentials.parent.iterdir() if "keyring" in file.name] == []
    assert who(desk, "mine") == ALICE
    assert who(desk, "reader") == "arn:aws:sts::111122223333:assumed-role/read-only/me"


def test_every_line_end_stays(mine: dict[str, str], desk: Desk) -> None:
    before = desk.credentials.read_bytes().replace(b"\n", b"\r\n").rstrip()
    desk.credentials.write_bytes(before)
    assert desk.run("keys", "import", "mine", "--yes").status == 0
    there = desk.credentials.read_bytes()
    lines = before.split(b"\r\n")
    key = next(number for number, each in enumerate(lines) if each.startswith(b"aws_access_key_id"))
    assert there.split(b"\r\n") == [*lines[:key], line(mine).encode(), *lines[key + 2 :]]


def test_a_key_in_the_config_file(desk: Desk, memory: Memory) -> None:
    desk.environ.update(memory.environ)
    key = desk.key_of("bob")
    desk.profile('"my key"', **key)
    assert desk.run("keys", "import", "my key", "--yes").status == 0
    assert key["aws_secret_access_key"] not in desk.config.read_text().partition("my key")[2]
    assert who(desk, "my key") == "arn:aws:iam::111122223333:user/bob"


def test_a_secret_in_the_other_file_is_not_the_key_s(desk: Desk, memory: Memory) -> None:
    """It outranks the other line where both files are asked, and nobody does: `aws` takes the pair of one file."""
    desk.environ.update(memory.environ)
    key = desk.key_of("bob")
    desk.profile("mix", **key)
    desk.keys("mix", aws_secret_access_key="old")
    before = desk.credentials.read_bytes()
    done = desk.run("keys", "import", "mix", "--yes")
    assert done.status == 0, done
    assert memory.held == {key["aws_access_key_id"]: key["aws_secret_access_key"]}
    assert key["aws_secret_access_key"] not in desk.config.read_text().partition("mix")[2]
    assert desk.credentials.read_bytes() == before
    assert who(desk, "mix") == "arn:aws:iam::111122223333:user/bob"


@pytest.mark.parametrize("inherited", [["aws_secret_access_key"], ["aws_access_key_id"], []])
def test_what_others_inherit_stays(inherited: list[str], desk: Desk, memory: Memory) -> None:
    desk.environ.update(memory.environ)
    key = desk.key_of("bob")
    default = {name: key[name] for name in inherited} or {"aws_access_key_id": "AKIAOTHEROTHEROTHER"}
    for section, values in (("DEFAULT", default), ("heir", {n: key[n] for n in key if n not in inherited})):
        desk.keys(section, **values)
    before = desk.credentials.read_bytes()
    done = desk.run("keys", "import", "heir", "--yes")
    assert (done.status, done.out) == (3, ""), done
    assert "other profiles inherit what is in [DEFAULT]" in done.err
    assert (desk.credentials.read_bytes(), memory.held) == (before, {})


@pytest.mark.skipif(not aws_cli.PROGRAM, reason=aws_cli.MISSING)
def test_the_aws_cli_finds_it(mine: dict[str, str], desk: Desk) -> None:
    assert desk.run("keys", "import", "mine", "--yes").status == 0
    cli = aws_cli.Cli(desk.sandbox, desk.home)
    cli.environ.update(desk.environ)
    assert cli.who_am_i("mine") == ALICE


def test_it_is_shown_and_asked(mine: dict[str, str], desk: Desk, memory: Memory) -> None:
    before = desk.credentials.read_bytes()
    with desk.terminal("keys", "import", "mine") as terminal:
        terminal.wait(r"Move it\? \[Y/n\]$")
        shown = terminal.history().replace("\n", "")
        assert f"credentials:8: the key {mine['aws_access_key_id']} of profile 'mine'" in shown
        assert "keys process" in shown
        terminal.type("n")
        terminal.key("enter")
        assert terminal.wait_end() == 1
        assert mine["aws_secret_access_key"] not in terminal.history().replace("\n", "")
    assert (desk.credentials.read_bytes(), memory.held) == (before, {})
    assert desk.run("keys", "import", "mine").status == 1, "without a terminal nobody says yes"


def test_a_second_time(mine: dict[str, str], desk: Desk) -> None:
    desk.run("keys", "import", "mine", "--yes")
    done = desk.run("keys", "import", "mine", "--yes")
    assert (done.status, done.err) == (0, "the key of 'mine' is in the keyring already\n")


def test_the_same_secret_elsewhere_is_named(mine: dict[str, str], desk: Desk) -> None:
    desk.keys("twin", **mine)
    done = desk.run("keys", "import", "mine", "--yes")
    assert "the same secret stands here too" in done.err


@pytest.mark.parametrize("trouble", ["locked", "forgetful"])
def test_a_keyring_that_does_not_keep_it(trouble: str, mine: dict[str, str], desk: Desk, memory: Memory) -> None:
    before = desk.credentials.read_bytes()
    memory.locked, memory.forgetful = trouble == "locked", trouble == "forgetful"
    done = desk.run("keys", "import", "mine", "--yes")
    assert (done.status, done.out) == (1, "")
    assert "keyring" in done.err.splitlines()[-3]
    assert (desk.credentials.read_bytes(), memory.held) == (before, {})
    assert [file.name for file in desk.credentials.parent.iterdir() if "keyring" in file.name] == []


def test_what_a_killed_run_left_is_cleared_away(mine: dict[str, str], desk: Desk) -> None:
    before = desk.credentials.read_bytes()
    desk.run("keys", "import", "mine", "--yes")
    backup = desk.credentials.with_name("credentials.before-keyring")
    backup.write_bytes(before)
    assert str(backup) in desk.run("keys", "list").err
    done = desk.run("keys", "import", "mine")
    assert done.status == 0
    assert not backup.exists()


STEPS = ["_unlink", "_back_up", "put", "replace", "_unlink"]


def test_the_steps(mine: dict[str, str], desk: Desk) -> None:
    assert killed(desk.environ, 0, "import", "mine", "--yes") == STEPS


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_killed(step: int, mine: dict[str, str], desk: Desk, memory: Memory) -> None:
    killed(desk.environ, step, "import", "mine", "--yes")
    assert who(desk, "mine") == ALICE
    done = desk.run("keys", "import", "mine", "--yes")
    assert done.status == 0, done
    assert list(memory.held) == [mine["aws_access_key_id"]]
    assert line(mine) in desk.credentials.read_text()
    assert mine["aws_secret_access_key"] not in "".join(file.read_text() for file in desk.config.parent.iterdir())
    assert who(desk, "mine") == ALICE


REFUSED = [
    # profile, its settings, what is said
    pytest.param(
        {"role_arn": "arn:aws:iam::1:role/x", "source_profile": "base"}, "name the profile that holds", id="role"
    ),
    pytest.param({"aws_access_key_id": "AKIA" + "B" * 16, "role_arn": "x"}, "`aws` would not find", id="a role too"),
    pytest.param({"sso_account_id": "1"}, "lacks", id="sso"),
    pytest.param({"credential_process": "true"}, "come from elsewhere (process)", id="process"),
    pytest.param({}, "no key of its own", id="nothing"),
    pytest.param({"aws_access_key_id": "AKIA" + "B" * 16}, "half a key", id="half"),
    pytest.param(
        {"aws_access_key_id": "ASIA" + "B" * 16, "aws_secret_access_key": "s", "aws_session_token": "t"},
        "that of a session",
        id="session",
    ),
    pytest.param({"aws_access_key_id": "A B", "aws_secret_access_key": "s"}, "cannot be one", id="no ID"),
]


@pytest.mark.parametrize(("settings", "said"), REFUSED)
def test_what_is_not_moved(settings: dict[str, str], said: str, desk: Desk, memory: Memory) -> None:
    desk.environ.update(memory.environ)
    desk.profile("x", **settings)
    before = desk.config.read_bytes()
    done = desk.run("keys", "import", "x", "--yes")
    assert done.status in (3, 64)
    assert said in done.err, done
    assert desk.config.read_bytes() == before


# --- what it is good for


def test_assume_buys_an_mfa_session_and_roles_with_it(mine: dict[str, str], desk: Desk, memory: Memory) -> None:
    role = "arn:aws:iam::111122223333:role/power-user"
    desk.profile("boss", role_arn=role, source_profile="mine", external_id=desk.sandbox.external_id)
    serial = desk.sandbox.devices["alice"]
    words = desk.hooked("boss", "--serial-number", serial, "--token-code", desk.sandbox.code("alice"))
    assert desk.run(*words).status == 0
    assert desk.run("keys", "import", "mine", "--yes").status == 0
    asked = len(memory.asked)
    done = desk.run(*desk.hooked("boss", "--serial-number", serial, "--region", "eu-west-1"))
    assert done.status == 0, "the MFA session that was bought before serves on"
    assert len(memory.asked) == asked, "and needs no key"
    assert desk.run("forget", "--all").status == 0
    words = desk.hooked("boss", "--serial-number", serial, "--token-code", desk.sandbox.code("alice"))
    done = desk.run(*words)
    assert done.status == 0, done
    assert memory.asked[asked:] == [("get", mine["aws_access_key_id"])]
    calls = [call["action"] for call in desk.sandbox.calls()]
    assert calls[-2:] == ["GetSessionToken", "AssumeRole"]


def test_explain_says_where_it_is_and_asks_no_keyring(mine: dict[str, str], desk: Desk, memory: Memory) -> None:
    desk.run("keys", "import", "mine", "--yes")
    asked = len(memory.asked)
    done = desk.run("explain", "mine")
    assert "1. the access key of profile 'mine', in the keyring" in done.out
    assert len(memory.asked) == asked


def test_long_term(mine: dict[str, str], desk: Desk) -> None:
    desk.run("keys", "import", "mine", "--yes")
    done = desk.run(*desk.hooked("mine", "--long-term"))
    assert f"AWS_SECRET_ACCESS_KEY={mine['aws_secret_access_key']}" in done.out.replace("'", "")


def test_process(mine: dict[str, str], desk: Desk, memory: Memory) -> None:
    desk.run("keys", "import", "mine", "--yes")
    done = desk.run("keys", "process", mine["aws_access_key_id"])
    given = {"AccessKeyId": mine["aws_access_key_id"], "SecretAccessKey": mine["aws_secret_access_key"]}
    assert (json.loads(done.out), done.err) == ({"Version": 1, **given}, "")
    memory.held.clear()
    done = desk.run("keys", "process", mine["aws_access_key_id"])
    assert (done.status, done.out) == (1, "")
    assert f"the keyring has no key {mine['aws_access_key_id']}" in done.err
    assert desk.run("keys", "process", "x; y").status == 64


# --- where the secret is not


def test_nothing_else_has_the_secret(mine: dict[str, str], desk: Desk) -> None:
    secret = mine["aws_secret_access_key"]
    env = {"SHELLHOOK_DEBUG": "1"}
    said = ""
    for words in (("import", "mine", "--yes"), ("list",), ("remove", "other"), ("rotate", "mine", "--yes")):
        done = desk.run("keys", *words, env=env)
        said += done.out + done.err
    assert secret[:20] not in said
    assert secret[20:] not in said
    kept = [file for file in desk.home.parent.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]
    assert kept == []
    assert [file for file in desk.state.rglob("*") if file.stat().st_mode & 0o077] == []


def program(desk: Desk, process: str) -> Path:
    """A `shellhook` that does something else where it is run by `aws`."""
    path = desk.home / "my programs" / "shellhook"
    path.parent.mkdir()
    path.write_text(
        f"#!{sys.executable}\nimport os, subprocess, sys\n"
        f"if 'process' in sys.argv:\n    {process}\n"
        "from shellhook.__main__ import main\nmain()\n"
    )
    path.chmod(0o700)
    return path


def run(path: Path, desk: Desk) -> subprocess.CompletedProcess[str]:
    words = [str(path), "keys", "import", "mine", "--yes"]
    return subprocess.run(words, env=desk.environ, cwd=desk.home, capture_output=True, text=True, timeout=60)


def test_the_backup_is_the_owners_alone_and_other_permissions_stay(mine: dict[str, str], desk: Desk) -> None:
    desk.credentials.chmod(0o644)
    backup = f"{desk.credentials}.before-keyring"
    look = f"os.path.exists({backup!r}) and open('seen', 'w').write(oct(os.stat({backup!r}).st_mode))"
    done = run(program(desk, look), desk)
    assert done.returncode == 0, done
    assert (desk.home / "seen").read_text() == "0o100600"
    assert "credential_process = '" in desk.credentials.read_text(), "its path has a blank"
    assert who(desk, "mine") == ALICE
    assert stat.S_IMODE(desk.credentials.stat().st_mode) == 0o644


@pytest.mark.parametrize("process", ["sys.exit('no keyring for me')", "sys.exit(print('{}'))"])
def test_if_aws_would_not_get_the_key_all_is_as_it_was(
    process: str, mine: dict[str, str], desk: Desk, memory: Memory
) -> None:
    before = desk.credentials.read_bytes()
    done = run(program(desk, process), desk)
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not give it" in done.stderr
    assert (desk.credentials.read_bytes(), memory.held) == (before, {})
    assert [file.name for file in desk.credentials.parent.iterdir() if "keyring" in file.name] == []
