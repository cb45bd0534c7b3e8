"""What we hand out, read by the programs that it is for, against the sandbox: before and after a renewal."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from shellhook.profiles import Files, read
from tests.desk import PROGRAM
from tests.judges import readers

if TYPE_CHECKING:
    from tests.desk import Desk
    from tests.judges.readers import Reader

READ_ONLY = "arn:aws:sts::111122223333:assumed-role/read-only/me"
POWER_USER = "arn:aws:sts::111122223333:assumed-role/power-user/me"


@pytest.fixture(params=readers.ALL, ids=str)
def reader(request: pytest.FixtureRequest) -> Reader:
    """Each program in turn."""
    found: Reader = request.param
    return found


def variables(desk: Desk, *words: str) -> dict[str, str]:
    """The environment of a shell that has evaluated what `export` prints."""
    done = desk.run("export", *words)
    assert done.status == 0, done
    shown = subprocess.run(
        ["bash", "-c", f"{done.out}\nexec env -0"], env=desk.environ, capture_output=True, text=True, check=True
    )
    return dict(entry.split("=", 1) for entry in shown.stdout.split("\0") if entry)


def key_of(desk: Desk, profile: str) -> str:
    """The access key ID that is in the store."""
    key: str = json.loads(desk.run("credentials", profile).out)["AccessKeyId"]
    return key


def as_profile(desk: Desk, name: str) -> dict[str, str]:
    """The environment of a program that is to use a profile. The endpoint stands in a variable: not every SDK reads it
    from a profile."""
    return {**desk.environ, "AWS_PROFILE": name, "AWS_REGION": "us-east-1", "AWS_SDK_LOAD_CONFIG": "1"}


def test_variables(reader: Reader, desk: Desk) -> None:
    environ = variables(desk, "read-only")
    key, who = reader.who(environ, desk.home)
    assert who == READ_ONLY
    assert key in (None, environ["AWS_ACCESS_KEY_ID"])
    again = variables(desk, "read-only", "--renew")
    assert again["AWS_ACCESS_KEY_ID"] != environ["AWS_ACCESS_KEY_ID"]
    key, who = reader.who(again, desk.home)
    assert who == READ_ONLY
    assert key in (None, again["AWS_ACCESS_KEY_ID"])


def test_the_variables_of_a_command(reader: Reader, desk: Desk) -> None:
    """`assume PROFILE -- PROGRAM`, from a shell that names another profile."""
    environ = {**desk.environ, "AWS_PROFILE": "bob"}
    done = desk.run("assume", "read-only", "--", "env", "-0", env=environ)
    assert done.status == 0, done
    held = dict(entry.split("=", 1) for entry in done.out.split("\0") if entry)
    assert reader.who(held, desk.home)[1] == READ_ONLY


def test_credential_process(reader: Reader, desk: Desk) -> None:
    desk.profile("sdk", credential_process=shlex.join([PROGRAM, "credentials", "read-only"]))
    environ = as_profile(desk, "sdk")
    key, who = reader.who(environ, desk.home)
    assert who == READ_ONLY
    assert key in (None, key_of(desk, "read-only"))
    desk.run("credentials", "read-only", "--renew")
    again, who = reader.who(environ, desk.home)
    assert who == READ_ONLY
    assert again is None or again == key_of(desk, "read-only") != key


def test_a_program_that_runs_on_gets_the_renewed_session(reader: Reader, desk: Desk) -> None:
    if not reader.lives:
        pytest.skip(f"{reader} ends after each command")
    desk.profile("sdk", credential_process=shlex.join([PROGRAM, "credentials", "read-only"]))
    # Within the last minutes of a session SDKs come back at every access: boto3 from 15, the JavaScript SDK from 5 on.
    desk.sandbox.lifetime(290)
    environ = as_profile(desk, "sdk")
    with reader.start(environ, desk.home) as running:
        first = running.tells()
        assert first == (key_of(desk, "read-only"), READ_ONLY)
        desk.sandbox.lifetime(None)
        desk.run("credentials", "read-only", "--renew")
        newest = key_of(desk, "read-only")
        deadline = time.monotonic() + 60
        while (now := running.asked_again())[0] == first[0] and time.monotonic() < deadline:
            assert now[1] == READ_ONLY  # the JavaScript SDK may fetch in the background
        assert now == (newest, READ_ONLY)


def test_a_written_section(reader: Reader, desk: Desk) -> None:
    done = desk.run("write", "read-only")
    assert done.status == 0, done
    environ = as_profile(desk, "read-only-session")
    key, who = reader.who(environ, desk.home)
    assert who == READ_ONLY
    assert key in (None, key_of(desk, "read-only"))
    assert desk.run("credentials", "read-only", "--renew").status == 0
    again, who = reader.who(environ, desk.home)
    assert who == READ_ONLY
    assert again is None or again == key_of(desk, "read-only") != key
    section = read(Files(config=os.devnull, credentials=str(desk.credentials))).profile("read-only-session")
    assert section.get("aws_access_key_id") == key_of(desk, "read-only")


def test_a_role_that_takes_a_code(reader: Reader, desk: Desk) -> None:
    """Whoever has typed the code in the morning, the SDK needs none."""
    assert desk.run(*desk.hooked("power-user", "--token-code", desk.sandbox.code("alice"))).status == 0
    desk.profile("sdk", credential_process=shlex.join([PROGRAM, "credentials", "power-user"]))
    assert reader.who(as_profile(desk, "sdk"), desk.home)[1] == POWER_USER


def test_its_own_words_say_what_is_wrong(reader: Reader, desk: Desk) -> None:
    """A code is needed and nobody can be asked: what the program shows tells what to do."""
    if reader.name == "javascript":
        pytest.skip("it does not show what the process writes")
    desk.profile("sdk", credential_process=shlex.join([PROGRAM, "credentials", "power-user"]))
    with pytest.raises(AssertionError, match="assume power-user"):
        reader.who(as_profile(desk, "sdk"), desk.home)
