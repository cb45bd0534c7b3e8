"""`assume PROFILE --serve -- COMMAND`: the endpoint lives as long as the command, whose end is its own."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.endpoint.served import is_there, wait_until

if TYPE_CHECKING:
    from tests.desk import Desk

WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'].rpartition(':')[2])"
ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def served(*command: str) -> tuple[str, ...]:
    return ("assume", "read-only", "--serve", "--", *command)


def test_the_command_has_the_role_and_no_key(desk: Desk) -> None:
    done = desk.run(*served(sys.executable, "-c", WHO))
    assert (done.status, done.out.strip(), done.err) == (0, "assumed-role/read-only/me", "")
    done = desk.run(*served("env"))
    environ = dict(line.split("=", 1) for line in done.out.splitlines())
    assert "AWS_CONTAINER_AUTHORIZATION_TOKEN" in environ
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} & environ.keys()
    wait_until(lambda: not is_there(environ))


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("sh", "-c", "exit 7"), 7),
        (("sh", "-c", "kill -TERM $$"), -signal.SIGTERM),
        (("sh", "-c", "kill -KILL $$"), -signal.SIGKILL),
        (("no-such-command",), 127),
        (("/",), 126),
        ((), 125),
    ],
)
def test_the_end_is_the_commands_own(desk: Desk, command: tuple[str, ...], status: int) -> None:
    assert desk.run(*served(*command)).status == status
    wait_until(lambda: not any((desk.state / "shellhook" / "serving").glob("*")))


def test_the_endpoint_is_none_of_the_commands_children(desk: Desk) -> None:
    """One that waits for all of them would wait for ever."""
    wait = "import os\ntry:\n  os.wait()\nexcept ChildProcessError:\n  print('none')"
    assert desk.run(*served(sys.executable, "-c", wait)).out == "none\n"


def test_what_is_interrupted_takes_its_endpoint_along(desk: Desk) -> None:
    process = desk.start(*served(sys.executable, "-c", f"{ENVIRONMENT}; import sys; sys.stdout.flush(); input()"))
    assert process.stdout is not None
    environ = json.loads(process.stdout.readline())
    assert is_there(environ)
    assert psutil.Process(process.pid).cmdline()[1] == "-c", "it has become the command"
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode in (-signal.SIGINT, 130)
    wait_until(lambda: not is_there(environ))


def test_what_outranks_it_is_said_before_the_command_runs(desk: Desk) -> None:
    desk.keys("default", **desk.key_of("alice"))
    done = desk.run(*served("touch", "made"))
    assert done.status == 125
    assert "keys in the profile `default`" in done.err
    assert not (desk.home / "made").exists()
    assert desk.run("assume", "read-only", "--serve", "--force", "--", "true").status == 0
