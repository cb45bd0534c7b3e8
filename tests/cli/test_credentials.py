"""`shellhook credentials PROFILE`, as an SDK runs it: what it prints, when it asks, and where."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shellhook.environment import rfc3339
from shellhook.process_credentials import text
from shellhook.session import Session
from tests.desk import PROGRAM
from tests.test_renew import on

if TYPE_CHECKING:
    from pathlib import Path

    from shellhook.sandbox import Sandbox
    from tests.desk import Desk

MEMBERS = ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"]
QUARTER_HOUR = 900


def asked(desk: Desk, *words: str, **env: str) -> dict[str, Any]:
    """What the provider gives, without a terminal."""
    done = desk.run("credentials", *words, env=env)
    assert (done.status, done.err) == (0, ""), done
    found: dict[str, Any] = json.loads(done.out)
    return found


# --- what is printed


def test_exactly_what_sdks_read(desk: Desk) -> None:
    done = desk.run("credentials", "read-only")
    session = desk.assume("read-only")
    assert (done.status, done.err) == (0, "")
    assert done.out.count("\n") == 1
    assert list(json.loads(done.out)) == MEMBERS
    assert session.expires is not None
    assert json.loads(done.out) == {
        "Version": 1,
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": rfc3339(session.expires),
        "AccountId": "111122223333",
    }


any_text = st.text(st.characters(codec="utf-8") | st.sampled_from('"\\\n\x00\x7f\u2028\U0001f600'), min_size=1)


@given(key=any_text, secret=any_text, token=st.none() | any_text, account=st.none() | any_text)
def test_whatever_is_in_it_it_is_json(key: str, secret: str, token: str | None, account: str | None) -> None:
    session = Session(access_key_id=key, secret_access_key=secret, session_token=token, expires=0, account=account)
    shown = text(session)
    assert shown.isascii()
    there = {"AccessKeyId": key, "SecretAccessKey": secret, "Expiration": "1970-01-01T00:00:00Z"}
    there |= {name: value for name, value in (("SessionToken", token), ("AccountId", account)) if value is not None}
    assert json.loads(shown) == {"Version": 1, **there}


def test_long_term_keys_have_neither_token_nor_end(desk: Desk) -> None:
    given_keys = asked(desk, "base", "--long-term")
    key = desk.key_of("alice")
    assert given_keys == {
        "Version": 1,
        "AccessKeyId": key["aws_access_key_id"],
        "SecretAccessKey": key["aws_secret_access_key"],
    }


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["no-such-profile"], 3, "no profile"),
        (["loop-a"], 3, "goes round in a circle"),
        (["read-only", "--write"], 64, "no option --write"),
        ([], 64, "which profile"),
    ],
)
def test_errors_are_for_the_sdk_which_shows_them(words: list[str], status: int, said: str, desk: Desk) -> None:
    done = desk.run("credentials", *words)
    assert (done.status, done.out) == (status, "")
    assert said in done.err


def test_a_broken_section_elsewhere_is_not_spoken_of(desk: Desk) -> None:
    with desk.config.open("a") as file:
        file.write("[profile read-only]\n")
    assert asked(desk, "read-only")["AccessKeyId"]


def test_the_session_of_the_shell_is_no_source(desk: Desk) -> None:
    key = desk.key_of("alice")
    mine = {name.upper(): value for name, value in key.items()}
    desk.environ |= mine
    words = ["--role-arn", "arn:aws:iam::111122223333:role/read-only", "-e", desk.sandbox.external_id]
    environ = on(desk, *words, "-r", "us-east-1")
    assert environ["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    desk.sandbox.forget_calls()
    done = desk.run("credentials", *words, "-d", "30m", env={**environ, "AWS_PROFILE": "base"})
    assert done.status == 0, done
    assert [call["access_key_id"] for call in desk.sandbox.calls("AssumeRole")] == [mine["AWS_ACCESS_KEY_ID"]]


# --- how long what is handed out lasts


def test_what_is_stored_is_given_without_a_call_as_long_as_it_has_a_quarter_of_an_hour(desk: Desk) -> None:
    first = asked(desk, "read-only")
    desk.sandbox.forget_calls()
    assert asked(desk, "read-only") == first
    assert desk.sandbox.calls() == []


@pytest.mark.parametrize("lifetime", [QUARTER_HOUR + 60, QUARTER_HOUR - 60])
def test_one_for_which_an_sdk_would_come_back_at_once_is_renewed_if_that_is_silent(lifetime: int, desk: Desk) -> None:
    session = desk.assume("read-only")
    now = int(time.time())
    key = next(iter((desk.state / "shellhook" / "sessions").iterdir())).name
    desk.store.put_session(key, session.replace(issued=now - 3600 + lifetime, expires=now + lifetime))
    given_now = asked(desk, "read-only")
    if lifetime > QUARTER_HOUR:
        assert given_now["AccessKeyId"] == session.access_key_id
    else:
        assert given_now["AccessKeyId"] != session.access_key_id
        assert given_now["Expiration"] > rfc3339(now + 3000)


def short_of_time(desk: Desk, left: int) -> str:
    """A session of power-user with so many seconds left, and nothing to renew it from without a code. Its key."""
    done = desk.run("credentials", "power-user", "--token-code", desk.sandbox.code("alice"))
    assert done.status == 0, done
    now = int(time.time())
    for file in (desk.state / "shellhook" / "sessions").iterdir():
        session = desk.store.session(file.name)
        assert session is not None
        if session.arn is None or ":assumed-role/" not in session.arn:
            file.unlink()
        else:
            desk.store.put_session(
                file.name, session.replace(issued=now - 3600 + left, expires=now + left, attended_from=0)
            )
    key: str = json.loads(done.out)["AccessKeyId"]
    return key


def test_one_that_takes_a_person_is_given_until_it_is_spent(desk: Desk) -> None:
    key = short_of_time(desk, 600)
    assert asked(desk, "power-user")["AccessKeyId"] == key
    done = desk.run("credentials", "power-user", "--min-ttl", "15m")
    assert (done.status, done.out) == (4, ""), "asked for, it is not enough"


def test_one_that_cannot_be_renewed_now_is_given_until_it_is_spent(desk: Desk) -> None:
    desk.assume("read-only")
    ((session, name),) = [
        (desk.store.session(file.name), file.name) for file in (desk.state / "shellhook" / "sessions").iterdir()
    ]
    assert session is not None
    now = int(time.time())
    desk.store.put_session(name, session.replace(issued=now - 3000, expires=now + 600))
    desk.sandbox.deactivate("alice")
    assert asked(desk, "read-only")["AccessKeyId"] == session.access_key_id
    desk.store.put_session(name, session.replace(issued=now - 3590, expires=now + 10))
    done = desk.run("credentials", "read-only")
    assert (done.status, done.out) == (1, "")
    assert "key" in done.err


# --- questions


def test_without_a_terminal_it_says_what_to_do(desk: Desk) -> None:
    done = desk.run("credentials", "power-user")
    assert (done.status, done.out) == (4, "")
    assert "there is no terminal to ask on" in done.err
    assert "assume power-user" in done.err


# An SDK: runs the command with pipes, then shows what came of it.
SDK = """
import subprocess, sys
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
with open("sdk", "wb") as file:
    file.write(b"%d\\n" % done.returncode + done.stdout + b"--\\n" + done.stderr)
"""


@pytest.mark.parametrize("answer", ["code", "wrong, then code", "ctrl-c"])
def test_questions_are_on_the_terminal_and_pipes_are_the_sdks(answer: str, desk: Desk, tmp_path: Path) -> None:
    from tests.shell.terminal import Terminal

    (tmp_path / "sdk.py").write_text(SDK)
    command = [sys.executable, str(tmp_path / "sdk.py"), PROGRAM, "credentials", "power-user"]
    with Terminal(command, env=desk.environ, cwd=desk.home) as terminal:
        terminal.wait("a program wants the session of power-user", 60)
        terminal.wait(lambda _: terminal.before_cursor().endswith("mfa/alice): "), 60)
        if answer == "wrong, then code":
            terminal.type(desk.sandbox.wrong_code("alice"))
            terminal.key("enter")
            terminal.wait("did not take", 60)
            terminal.wait(lambda _: terminal.before_cursor().endswith("mfa/alice): "), 60)
        if answer == "ctrl-c":
            terminal.key("ctrl-c")
        else:
            terminal.type(desk.sandbox.code("alice"))
            terminal.key("enter")
        terminal.wait_end(60)
    status, _, rest = (desk.home / "sdk").read_text().partition("\n")
    out, _, err = rest.partition("--\n")
    if answer == "ctrl-c":
        assert (status, out, err) == ("130", "", "shellhook: cancelled\n")
    else:
        assert (status, err) == ("0", "")
        assert list(json.loads(out)) == MEMBERS


# --- profiles that come back to themselves


def provider(*words: str) -> str:
    return shlex.join([PROGRAM, "credentials", *words])


def test_a_profile_that_asks_another_is_fine(desk: Desk) -> None:
    desk.profile("sdk", credential_process=provider("read-only"))
    role = "arn:aws:iam::111122223333:role/ci/deploy"
    desk.profile("on-top", role_arn=role, source_profile="sdk")
    assert asked(desk, "sdk") == asked(desk, "read-only")
    done = desk.run("credentials", "on-top")
    assert "asks itself" not in done.err


@pytest.mark.parametrize(
    ("shape", "verb"),
    [
        *((shape, "credentials") for shape in ("itself", "by another", "below a role", "with other options")),
        *(("below a role", verb) for verb in ("export", "write", "assume")),
    ],
)
def test_one_that_asks_itself_ends_with_a_clear_error(shape: str, verb: str, desk: Desk) -> None:
    role = {"role_arn": "arn:aws:iam::111122223333:role/read-only", "source_profile": "below"}
    if shape == "itself":
        desk.profile("x", credential_process=provider("x"))
    elif shape == "by another":
        desk.profile("x", credential_process=provider("y"))
        desk.profile("y", credential_process=provider("x"))
    elif shape == "below a role":
        desk.profile("x", **role)
        desk.profile("below", credential_process=provider("x"))
    else:
        desk.profile("x", **role)
        desk.profile("below", credential_process=provider("x", "-d", "30m"))
    words = desk.hooked("x") if verb == "assume" else (verb, "x")
    done = desk.run(*words, timeout=60)
    assert done.status in (1, 3)
    assert done.out == ""
    assert "asks itself for its credentials" in done.err
    assert str(desk.config) in done.err


def test_many_at_once_make_one_call(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.fail(0, delay=0.5)
    processes = [desk.start("credentials", "read-only") for _ in range(8)]
    ends = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, ends
    assert len({out for out, _ in ends}) == 1
    assert len(sandbox.calls("AssumeRole")) == 1


def test_the_path_that_has_to_be_quick_loads_nothing_heavy(desk: Desk) -> None:
    asked(desk, "read-only")
    done = subprocess.run(
        # Not the installed script: some versions of pip write one that imports re.
        [sys.executable, "-X", "importtime", "-m", "shellhook", "credentials", "read-only"],
        env=desk.environ,
        cwd=desk.home,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time")}
    assert "shellhook.process_credentials" in loaded
    assert loaded.isdisjoint({"json", "re", "argparse", "dataclasses", "typing", "botocore", "subprocess", "psutil"})
