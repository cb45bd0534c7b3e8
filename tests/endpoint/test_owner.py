"""The process that an endpoint lives for: which it is, and whether it is still there."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import psutil
import pytest

from shellhook.answer import Caller
from shellhook.endpoint import owner
from shellhook.endpoint.owner import Owner, Watch
from tests.endpoint.served import wait_until

# Says which process a call from here belongs to: argv has the shell's number.
PROGRAM = """
import json, os, sys
from shellhook.answer import Caller
from shellhook.endpoint import owner
found = owner.of_shell(Caller(shell="bash", pid=int(sys.argv[1]), subshell=sys.argv[2] == "1"))
print(json.dumps([found.pid, os.getpid(), os.getppid()]))
"""


@pytest.fixture
def waiting() -> subprocess.Popen[bytes]:
    """A process that ends when it is told to."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_a_process_lives_until_it_ends(waiting: subprocess.Popen[bytes]) -> None:
    watch = Watch(owner.of_shell(Caller(shell="bash", pid=waiting.pid)))  # noqa: S604
    assert watch.lives()
    waiting.kill()
    wait_until(lambda: not watch.lives(), "before it was waited for")
    waiting.wait()
    assert not watch.lives()


def test_a_process_that_becomes_another_program_is_still_the_same(waiting: subprocess.Popen[bytes]) -> None:
    started = owner.myself()
    assert started == Owner(pid=os.getpid(), started=psutil.Process().create_time())
    script = "import os, sys; input(); os.execvp(sys.executable, [sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        watch = Watch(owner.of_shell(Caller(shell="bash", pid=process.pid)))  # noqa: S604
        process.stdin.write(b"\n")
        process.stdin.flush()
        wait_until(lambda: psutil.Process(process.pid).cmdline()[-1:] == ["input()"])
        assert watch.lives()
        process.stdin.write(b"\n")
    wait_until(lambda: not watch.lives())


def test_another_process_by_the_same_number_is_not_the_owner(waiting: subprocess.Popen[bytes]) -> None:
    started = psutil.Process(waiting.pid).create_time()
    assert not Watch(Owner(pid=waiting.pid, started=started - 60)).lives()
    assert not Watch(Owner(pid=waiting.pid, started=0.0)).lives()
    assert Watch(Owner(pid=waiting.pid, started=started + 1)).lives(), "boot times are good to the second"


def test_who_is_gone_already() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    assert not Watch(owner.of_shell(Caller(shell="bash", pid=done.pid))).lives()  # noqa: S604


# How it is called, and whether that is from a subshell of the shell.
CALLS = [
    ('"$@" $$ 0', False),
    ('x=$("$@" $$ 0); echo "$x"', False),
    ('("$@" $$ 1; :)', True),
    ('(x=$("$@" $$ 1); echo "$x"; :)', True),
    ('( ( ( "$@" $$ 1; : ); : ); echo; )', True),
]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize(("call", "is_subshell"), CALLS)
def test_what_is_set_in_parentheses_dies_with_them(shell: str, call: str, is_subshell: bool) -> None:
    code = f'{call}; wait; printf "%s\\n" $$'
    done = subprocess.run(
        [shell, "-c", code, shell, sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    first, *_, last = done.stdout.split("\n")[0], done.stdout.split()[-1]
    found, program, _ = json.loads(first)
    if is_subshell:
        assert found not in (int(last), program)
    else:
        assert found == int(last)
