"""`assume PROFILE --serve`, without a shell: what the environment has, who programs are, and when the endpoint ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

from shellhook.environment import CONTAINER, KEYS
from tests.endpoint.served import Shell, asked, exchanged, is_there, request, shell, wait_until

if TYPE_CHECKING:
    from shellhook.sandbox import Sandbox
    from tests.desk import Desk

__all__ = ["shell"]  # a fixture


def test_a_program_has_the_role_and_no_key_is_in_the_environment(shell: Shell) -> None:
    shell.assume("read-only", "--serve")
    assert [name for name in KEYS if name in shell.environ] == []
    assert "AWS_CREDENTIAL_EXPIRATION" not in shell.environ
    assert shell.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"].startswith("http://127.0.0.1:")
    assert len(shell.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]) == 64
    assert shell.who() == "assumed-role/read-only/me"
    assert shell.environ["SHELLHOOK_ROLE"] == "read-only"
    assert int(shell.environ["SHELLHOOK_EXPIRES"]) > time.time() + 3500


def test_the_endpoint_knows_what_nobody_else_can_see(shell: Shell) -> None:
    """Its token and its session came through a pipe: they are in no argument list and in no environment."""
    shell.assume("read-only", "--serve")
    (process,) = shell.endpoints()
    secrets = [shell.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"], asked(shell.environ).body["SecretAccessKey"]]
    seen = [*process.cmdline(), *process.environ().values()]
    assert [secret for secret in secrets if any(secret in text for text in seen)] == []
    assert process.terminal() is None
    assert process.cwd() == "/"
    assert [file.path for file in process.open_files()] == []
    if sys.platform == "linux":
        assert {os.readlink(f"/proc/{process.pid}/fd/{number}") for number in (0, 1, 2)} == {"/dev/null"}
    assert [connection.laddr.ip for connection in process.net_connections()] == ["127.0.0.1"]
    assert os.getsid(process.pid) != os.getsid(0)
    assert process.ppid() != shell.process.pid


def test_each_shell_has_its_own(desk: Desk, shell: Shell) -> None:
    with Shell(desk) as other:
        shell.assume("read-only", "--serve")
        other.assume("read-only", "--serve")
        for name in CONTAINER[:2]:
            assert shell.environ[name] != other.environ[name]
        stolen = {
            **shell.environ,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": other.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"],
        }
        answer = asked(stolen)
        assert (answer.status, answer.body["Code"]) == (401, "Unauthorized")
        assert asked(shell.environ).status == asked(other.environ).status == 200
        other.end()
        wait_until(lambda: not is_there(other.environ))
        assert asked(shell.environ).status == 200


def test_a_page_in_a_browser_gets_nothing(shell: Shell) -> None:
    """One of a name that leads to 127.0.0.1, even if it knew the token and the path."""
    shell.assume("read-only", "--serve")
    uri, token = (shell.environ[name] for name in CONTAINER[:2])
    port, path = int(uri.rsplit(":", 1)[1].split("/")[0]), "/" + uri.rsplit("/", 1)[1]
    answer = exchanged(port, request(port, path, token, host=f"rebound.example:{port}"))
    assert (answer.status, list(answer.body)) == (403, ["Code", "Message"])
    answer = exchanged(port, request(port, path, token, more="Origin: http://localhost:1\r\n"))
    assert "access-control" not in answer.head.lower()


def test_it_is_gone_soon_after_its_shell(shell: Shell) -> None:
    shell.assume("read-only", "--serve")
    shell.end()
    began = time.monotonic()
    wait_until(lambda: not is_there(shell.environ))
    assert time.monotonic() - began < 5
    wait_until(lambda: not shell.endpoints())
    assert not any((shell.desk.state / "shellhook" / "serving").iterdir())


def test_off_gives_back_what_was_there(desk: Desk, shell: Shell) -> None:
    shell.environ |= {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost:1/mine", "AWS_ACCESS_KEY_ID": "AKIA"}
    shell.environ |= {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/mine", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": ""}
    former = dict(shell.environ)
    shell.assume("read-only", "--serve")
    served = dict(shell.environ)
    assert not {*CONTAINER[2:], "AWS_ACCESS_KEY_ID"} & served.keys()
    shell.assume("--off")
    of_bash = {"PWD", "SHLVL", "OLDPWD", "_", "SHELLHOOK_PREVIOUS"}
    assert {name: value for name, value in shell.environ.items() if name not in of_bash} == former
    wait_until(lambda: not is_there(served))
    shell.assume("-")
    assert shell.who() == "assumed-role/read-only/me", "and back again"
    assert "SHELLHOOK_SERVED" in shell.environ


def test_another_assume_ends_it(desk: Desk, shell: Shell) -> None:
    shell.assume("read-only", "--serve")
    served = dict(shell.environ)
    shell.assume("deploy")
    assert not {*CONTAINER, "SHELLHOOK_SERVED"} & shell.environ.keys()
    assert shell.who() == "assumed-role/deploy/me"
    wait_until(lambda: not is_there(served))
    shell.assume("-")
    assert shell.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] != served["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    assert shell.who() == "assumed-role/read-only/me"
    shell.assume("-")
    assert "SHELLHOOK_SERVED" not in shell.environ
    assert shell.who() == "assumed-role/deploy/me"


def test_another_served_profile_has_another_endpoint(desk: Desk, shell: Shell) -> None:
    shell.assume("read-only", "--serve")
    first = dict(shell.environ)
    shell.assume("deploy", "--serve")
    assert shell.who() == "assumed-role/deploy/me"
    wait_until(lambda: not is_there(first))
    wait_until(lambda: len(shell.endpoints()) == 1)


def test_what_fails_leaves_the_endpoint_as_it_is(shell: Shell) -> None:
    shell.assume("read-only", "--serve")
    for words in (["nobody", "--serve"], ["carol-read-only", "--serve"], ["--off", "--bogus"]):
        shell.refused(*words)
    time.sleep(1.2)  # it looks once a second
    assert shell.who() == "assumed-role/read-only/me"
    assert len(shell.endpoints()) == 1


def test_a_nested_shell_has_it_too_and_leaves_it(desk: Desk, shell: Shell) -> None:
    shell.assume("read-only", "--serve")
    with Shell(desk) as nested:
        nested.environ = dict(shell.environ)
        assert nested.who() == "assumed-role/read-only/me"
        nested.assume("--off")
        assert "AWS_CONTAINER_CREDENTIALS_FULL_URI" not in nested.environ
        nested.environ = dict(shell.environ)
        nested.assume("deploy")
        assert nested.who() == "assumed-role/deploy/me"
    time.sleep(1.2)
    assert shell.who() == "assumed-role/read-only/me"


def test_a_nested_shell_whose_parent_is_gone_gets_its_own(desk: Desk, shell: Shell) -> None:
    with Shell(desk) as nested:
        shell.assume("read-only", "--serve")
        nested.environ = dict(shell.environ)
        shell.end()
        wait_until(lambda: not is_there(nested.environ))
        nested.assume("--renew")
        assert nested.who() == "assumed-role/read-only/me"
        assert (
            nested.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] != shell.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        )


def test_renewing_keeps_the_endpoint_for_what_runs_in_the_background(shell: Shell) -> None:
    shell.assume("read-only", "--serve")
    former, first = dict(shell.environ), asked(shell.environ).body["AccessKeyId"]
    shell.assume("--renew")
    assert {name: shell.environ[name] for name in CONTAINER[:2]} == {name: former[name] for name in CONTAINER[:2]}
    assert asked(shell.environ).body["AccessKeyId"] != first
    assert len(shell.endpoints()) == 1


def test_one_that_was_killed_is_replaced_at_the_next_renewal(shell: Shell) -> None:
    shell.assume("read-only", "--serve")
    (process,) = shell.endpoints()
    process.kill()
    wait_until(lambda: not shell.endpoints())
    shell.assume("--renew")
    assert shell.who() == "assumed-role/read-only/me"


def test_an_assume_that_is_cut_off_leaves_no_endpoint(desk: Desk, shell: Shell, sandbox: Sandbox) -> None:
    """It was started, and the shell never heard of it."""
    from shellhook.endpoint import process

    told = b'{"id": "%s", "token": "t", "owner": {"pid": %d, "started": %f}, "request": "", "session": {}}\n'
    identifier = desk.store.put_served(shell.process.pid)
    owner = psutil.Process(shell.process.pid)
    started = subprocess.Popen(
        process.COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=desk.environ, cwd="/"
    )
    assert started.stdin is not None
    assert started.stdout is not None
    with started.stdin, started.stdout:
        started.stdin.write(told % (identifier.encode(), owner.pid, owner.create_time()))
        started.stdin.flush()
        assert int(started.stdout.readline()) > 1024
        wait_until(shell.endpoints)
    assert started.wait(10) == 0
    wait_until(lambda: not shell.endpoints())


def test_status_names_it_and_asks_it(shell: Shell) -> None:
    shell.assume("read-only", "--serve")
    done = shell.desk.run("status", "--verify", env=shell._changes())
    assert done.status == 0, done
    assert f"served at  {shell.environ['SHELLHOOK_SERVED'].rpartition('/')[0]}" in done.out
    assert "assumed-role/read-only/me" in done.out
    assert "renewal    silent, by the endpoint" in done.out
    assert "key" not in done.out.split()
    shell.endpoints()[0].send_signal(signal.SIGKILL)
    wait_until(lambda: not is_there(shell.environ))
    done = shell.desk.run("status", "--verify", env=shell._changes())
    assert done.status == 2
    assert "the endpoint of this shell does not answer" in done.err
    assert "assume --renew" in done.err


def test_where_programs_would_not_ask_it_it_is_refused(desk: Desk, shell: Shell, sandbox: Sandbox) -> None:
    desk.keys("default", **desk.key_of("alice"))
    line = desk.credentials.read_text(encoding="utf-8").split("\n").index("[default]") + 2
    sandbox.forget_calls()
    status, said = shell.refused("read-only", "--serve")
    assert status == 1
    assert f"{desk.credentials}:{line}: keys in the profile `default`" in said
    assert sandbox.calls() == [], "before anything is asked of anybody"
    assert not shell.endpoints()
    said = shell.assume("read-only", "--serve", "--force")
    assert f"{desk.credentials}:{line}: keys in the profile `default`" in said
    assert asked(shell.environ).status == 200
    assert shell.who() == "user/alice", "as it was said"
    assert shell.assume("--renew") == ""


def test_a_shell_that_cannot_be_seen_has_none(desk: Desk) -> None:
    """The endpoint could not tell when to end."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    done = desk.run("assume", "--shell", "bash", "--pid", str(gone.pid), "--hook", "1", "--", "read-only", "--serve")
    assert (done.status, done.out) == (1, "")
    assert f"there is no process {gone.pid}" in done.err
    assert not any((desk.state / "shellhook" / "serving").glob("*"))


def test_long_term_keys_can_be_served(desk: Desk, shell: Shell) -> None:
    """Nobody says when they end: programs come back in an hour."""
    shell.assume("base", "--long-term", "--serve")
    assert shell.who() == "user/alice"
    assert "SHELLHOOK_EXPIRES" not in shell.environ


def test_the_program_is_not_for_people(desk: Desk) -> None:
    assert desk.run("serve-endpoint", "--help").status == 0
    terminal = desk.terminal("serve-endpoint")
    try:
        terminal.wait("not for people")
        assert terminal.wait_end() == 64
    finally:
        terminal.close()
    assert desk.run("serve-endpoint", stdin="").status == 1
