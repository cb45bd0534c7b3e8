"""`shellhook export`: a session as text that others read."""

from __future__ import annotations

import configparser
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shellhook import exported
from shellhook.environment import rfc3339
from shellhook.errors import ShellhookError
from shellhook.session import Session
from tests.shell import shells
from tests.shell.conftest import present

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Desk
    from tests.shell.shells import Shell

FORMAT = {"bash": "env", "zsh": "env", "fish": "fish", "powershell": "powershell"}


def session_of(desk: Desk) -> dict[str, str]:
    session = desk.assume("read-only")
    assert session.session_token is not None
    assert session.expires is not None
    stamp = rfc3339(session.expires)
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": desk.sandbox.endpoint,
        "AWS_CREDENTIAL_EXPIRATION": stamp,
        "AWS_SESSION_EXPIRATION": stamp,
        "AWS_ACCOUNT_ID": "111122223333",
    }


def out(desk: Desk, *words: str) -> str:
    done = desk.run("export", "read-only", *words)
    assert (done.status, done.err) == (0, ""), done
    return done.out


@pytest.mark.parametrize("kind", [each for each in shells.ALL if each.name in FORMAT], ids=str)
def test_a_shell_that_evaluates_it_has_the_session_and_nothing_beside_it(
    kind: Shell, desk: Desk, tmp_path: Path
) -> None:
    shell = present(kind)
    (tmp_path / "code").write_text(out(desk, "--format", FORMAT[shell.kind]))
    source = f". '{tmp_path / 'code'}'" if shell.kind != "fish" else f"source '{tmp_path / 'code'}'"
    if shell.kind == "powershell":
        source = f"Get-Content -Raw '{tmp_path / 'code'}' | Invoke-Expression"
    before = {
        "AWS_PROFILE": "old",
        "AWS_SECURITY_TOKEN": "old",
        "AWS_SESSION_TOKEN": "old",
        "PATH": desk.environ["PATH"],
    }
    done = subprocess.run(
        [*shell.script(), f"{source}\nenv -0"], env=before, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done
    assert done.stderr == ""
    found = dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry.startswith("AWS_"))
    assert found == session_of(desk)


def test_env_is_the_default_and_has_nothing_else(desk: Desk) -> None:
    text = out(desk)
    assert text == out(desk, "--format=env")
    assert {line.split(" ")[0] for line in text.splitlines()} == {"unset", "export"}


def test_docker_reads_lines(desk: Desk) -> None:
    found = dict(line.split("=", 1) for line in out(desk, "--format", "docker").splitlines())
    assert found == session_of(desk)


def test_ini_is_a_section(desk: Desk) -> None:
    parser = configparser.RawConfigParser()
    parser.read_string(out(desk, "--format", "ini"))
    expected = session_of(desk)
    assert parser.sections() == ["read-only-session"]
    assert dict(parser["read-only-session"]) == {
        "aws_access_key_id": expected["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": expected["AWS_SECRET_ACCESS_KEY"],
        "aws_session_token": expected["AWS_SESSION_TOKEN"],
        "aws_account_id": expected["AWS_ACCOUNT_ID"],
        "expiration": expected["AWS_CREDENTIAL_EXPIRATION"],
        "x_security_token_expires": expected["AWS_CREDENTIAL_EXPIRATION"],
        "region": "us-east-1",
    }


def test_json_is_what_credential_process_gives(desk: Desk) -> None:
    assert out(desk, "--format", "json") == desk.run("credentials", "read-only").out


def test_options_of_assume(desk: Desk) -> None:
    text = out(desk, "--format", "docker", "-r", "eu-west-1", "-d", "20m")
    assert "AWS_REGION=eu-west-1\n" in text


def test_an_unknown_format_is_refused_before_anything_is_asked(desk: Desk) -> None:
    done = desk.run("export", "power-user", "--format", "xml")
    assert (done.status, done.out) == (64, "")
    assert "one of env, fish, powershell, json, ini, docker" in done.err


def test_without_a_session_nothing_is_printed(desk: Desk) -> None:
    done = desk.run("export", "power-user")
    assert (done.status, done.out) == (4, "")


# --- values that no session has, and that a setting of a profile may have

values = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
SESSION = Session(access_key_id="ASIAX", secret_access_key="secret", session_token="token", expires=0)


@given(value=values)
def test_every_value_is_quoted(value: str) -> None:
    shown = exported.text("env", SESSION, "x", None, {"AWS_CA_BUNDLE": value})
    code = f"{shown}\nprintf '%s' \"$AWS_CA_BUNDLE\""
    done = subprocess.run(["bash", "-c", code], capture_output=True, check=True)
    assert done.stdout.decode() == value


def test_what_a_line_cannot_hold_is_refused() -> None:
    with pytest.raises(ShellhookError, match="docker") as caught:
        exported.text("docker", SESSION, "x", None, {"AWS_CA_BUNDLE": "a\nb"})
    assert "AWS_CA_BUNDLE has more than one line" in caught.value.why
    with pytest.raises(ShellhookError, match="env"):
        exported.text("env", SESSION, "x", None, {"AWS_CA_BUNDLE": "a\0b"})


def test_keys_without_a_token_leave_no_old_one() -> None:
    keys = Session(access_key_id="AKIAX", secret_access_key="secret")
    assert "AWS_SESSION_TOKEN" in exported.text("env", keys, "x", None, {}).splitlines()[0]
    assert "set -e AWS_SESSION_TOKEN" in exported.text("fish", keys, "x", None, {})
    assert "Remove-Item Env:\\AWS_SESSION_TOKEN" in exported.text("powershell", keys, "x", None, {})
    assert "AWS_SESSION_TOKEN" not in exported.text("docker", keys, "x", None, {})
