"""The endpoint of `assume --serve`, read by the programs that it is for, against the sandbox: before and after a
renewal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.endpoint.served import Shell, asked, is_there, shell, wait_until
from tests.judges import readers

if TYPE_CHECKING:
    from tests.desk import Desk
    from tests.judges.readers import Reader

__all__ = ["shell"]  # a fixture

READ_ONLY = "arn:aws:sts::111122223333:assumed-role/read-only/me"


@pytest.fixture(params=readers.ALL, ids=str)
def reader(request: pytest.FixtureRequest) -> Reader:
    """Each program in turn."""
    found: Reader = request.param
    return found


def key(shell: Shell) -> str:
    """The access key ID that the endpoint has."""
    found: str = asked(shell.environ).body["AccessKeyId"]
    return found


def test_the_endpoint(reader: Reader, shell: Shell) -> None:
    shell.assume("read-only", "--serve")
    first, who = reader.who(shell.environ, shell.desk.home)
    assert who == READ_ONLY
    assert first in (None, key(shell))
    shell.assume("--renew")
    again, who = reader.who(shell.environ, shell.desk.home)
    assert who == READ_ONLY
    assert again is None or again == key(shell) != first


def test_a_program_that_runs_on_gets_the_renewed_session(reader: Reader, shell: Shell) -> None:
    if not reader.lives:
        pytest.skip(f"{reader} ends after each command")
    # Within the last minutes of a session SDKs come back at every access: boto3 from 15, the JavaScript SDK from 5 on.
    shell.desk.sandbox.lifetime(290)
    shell.assume("read-only", "--serve")
    with reader.start(shell.environ, shell.desk.home) as running:
        first = running.tells()
        assert first == (key(shell), READ_ONLY)
        shell.desk.sandbox.lifetime(None)
        shell.assume("--renew")
        deadline = time.monotonic() + 60
        while (now := running.asked_again())[0] == first[0] and time.monotonic() < deadline:
            assert now[1] == READ_ONLY  # the JavaScript SDK may fetch in the background
        assert now == (key(shell), READ_ONLY)


def test_a_program_outlives_the_session(reader: Reader, shell: Shell) -> None:
    if not reader.lives:
        pytest.skip(f"{reader} ends after each command")
    shell.desk.sandbox.lifetime(6)
    shell.assume("read-only", "--serve")
    keys, ends = set(), int(shell.environ["SHELLHOOK_EXPIRES"])
    with reader.start(shell.environ, shell.desk.home) as running:
        found = running.tells()
        while time.time() < ends + 1 or len(keys) < 3:
            assert found[1] == READ_ONLY
            assert time.time() < ends + 60, "it gets no new session"
            keys.add(found[0])
            time.sleep(0.1)
            found = running.asked_again()


def test_the_endpoint_of_a_command(reader: Reader, desk: Desk) -> None:
    """What the command gets is what it gives to programs that it starts."""
    with desk.start("assume", "read-only", "--serve", "--", "sh", "-c", "env; echo end; read -r _") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        environ = dict(
            line.rstrip("\n").split("=", 1) for line in iter(process.stdout.readline, "end\n") if "=" in line
        )
        assert reader.who(environ, desk.home)[1] == READ_ONLY
        process.communicate("\n", timeout=30)
    wait_until(lambda: not is_there(environ))


def test_its_own_words_say_what_to_do(reader: Reader, shell: Shell) -> None:
    """The session has ended, and a new one takes a code: what the program shows tells how to get on."""
    if reader.name == "javascript":
        pytest.skip("its chain of providers does not show what an endpoint says")
    shell.desk.sandbox.lifetime(1)
    shell.assume("power-user", "--serve", "--token-code", shell.desk.sandbox.code("alice"))
    wait_until(lambda: asked(shell.environ).status == 403)
    with pytest.raises(AssertionError, match="run in any shell: assume power-user"):
        reader.who(shell.environ, shell.desk.home)
