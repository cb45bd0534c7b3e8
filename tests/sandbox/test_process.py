"""The server as a process: where it listens, when it ends, what it leaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest

from shellhook.errors import ShellhookError
from shellhook.sandbox import Sandbox, SandboxFailed
from shellhook.sandbox.server import _listen

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait for a condition; fail if it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def ended(pid: int) -> bool:
    """Whether a process is over, be it reaped or not."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_it_listens_on_loopback_alone(sandbox: Sandbox) -> None:
    server = psutil.Process(sandbox.pid)
    addresses = [connection.laddr for connection in server.net_connections() if connection.status == psutil.CONN_LISTEN]
    assert [(address.ip, address.port) for address in addresses] == [("127.0.0.1", urlsplit(sandbox.endpoint).port)]
    assert not [connection for connection in server.net_connections() if connection.type == socket.SOCK_DGRAM]


def test_it_answers_at_once() -> None:
    """asyncio turns Nagle's algorithm off for such a socket; with it a kept connection waits 40 ms per request."""
    with _listen(0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_it_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = set(Path("/tmp").iterdir()) if os.name == "posix" else set()
    with Sandbox() as running:
        assert running.config_file.is_relative_to(tmp_path)
        running.code("alice")
    assert list(tmp_path.iterdir()) == []
    if os.name == "posix":
        assert not [path for path in set(Path("/tmp").iterdir()) - before if "ministack" in path.name]


def test_files_are_the_owner_s_alone(tmp_path: Path) -> None:
    with Sandbox(directory=tmp_path / "aws") as running:
        assert running.config_file == tmp_path / "aws" / "config"
        if os.name == "posix":
            assert {path.stat().st_mode & 0o777 for path in (tmp_path / "aws").iterdir()} == {0o600}
    assert running.config_file.exists(), "a directory that was given stays"


def test_it_stops_when_told() -> None:
    with Sandbox() as running:
        server = psutil.Process(running.pid)
        running.stop()
    assert not server.is_running()


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_it_stops_at_a_signal(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Sandbox() as running:
        os.kill(running.pid, getattr(signal, name))
        until(lambda: not list(tmp_path.iterdir()))


STARTER = """
import os, sys
from shellhook.sandbox import Sandbox
running = Sandbox()
print(running.pid, flush=True)
if sys.argv[1] == "exit":
    os._exit(1)
sys.stdin.read()
"""


@pytest.mark.skipif(os.name != "posix", reason="kill")
@pytest.mark.parametrize("end", ["exit", "kill"])
def test_it_stops_when_its_starter_dies(end: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, end], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    with starter:
        assert starter.stdout
        server = int(starter.stdout.readline())
        if end == "kill":
            starter.kill()
    until(lambda: ended(server))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="sh")
def test_it_stops_when_an_orphan_without_a_pipe(tmp_path: Path) -> None:
    """As `python -m shellhook.sandbox &` in a shell that is then closed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    out = tmp_path / "out"
    line = '"$1" -m shellhook.sandbox </dev/null >"$2" & echo $!; while ! [ -s "$2" ]; do sleep 0.05; done'
    command = ["sh", "-c", line, "sh", sys.executable, str(out)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=60)
    server = int(done.stdout)
    until(lambda: ended(server))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_a_ctrl_c_of_the_terminal_is_not_for_it(sandbox: Sandbox) -> None:
    assert os.getpgid(sandbox.pid) != os.getpgid(0)


def test_a_port_of_one_s_own_and_a_lifetime(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "shellhook.sandbox",
        "--port",
        str(port),
        "--lifetime",
        "5",
        "--directory",
        str(tmp_path),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as server:
        assert server.stdout
        said = json.loads(server.stdout.readline())
        assert said["endpoint"] == f"http://127.0.0.1:{port}"
        assert server.stdin
        server.stdin.close()
        assert server.wait(10) == 0


def test_a_port_that_is_taken_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "shellhook.sandbox", "--port", str(taken.getsockname()[1])]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        assert subprocess.run(command, env=environment, check=False).returncode == 1
    said = capfd.readouterr().err
    assert said.startswith("the sandbox cannot listen on port")
    assert "Traceback" not in said


def test_one_that_does_not_start_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false" if os.path.exists("/bin/false") else "/usr/bin/false")
    with pytest.raises(SandboxFailed, match="did not start"):
        Sandbox()


WITHOUT = """
import sys
sys.modules["ministack"] = None
from importlib import util
found = util.find_spec
util.find_spec = lambda name, *rest: None if name == "ministack" else found(name, *rest)
import shellhook.sandbox
"""


def test_without_ministack_it_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'shellhook[demo]'" in done.stderr
    assert issubclass(SandboxFailed, ShellhookError)


def test_a_ministack_that_has_changed_is_said() -> None:
    strange = (
        "import ministack.services.sts as sts; del sts._sessions\nfrom shellhook.sandbox.cloud import Cloud; Cloud()"
    )
    done = subprocess.run([sys.executable, "-c", strange], cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    assert "this MiniStack cannot be the sandbox" in done.stderr
    assert "ministack.services.sts._sessions" in done.stderr
