"""The process is killed, or the disk full or read-only, at every step that changes a file: what is the user's is what
it was or what it should be, whole, and the next run works and leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from shellhook.store import Store, sweeping
from tests.desk import Desk, Done
from tests.keyrings import Memory, memory
from tests.proof.extent import extent, figure
from tests.shell.terminal import Terminal
from tests.sso.people import logged_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shellhook.sandbox import Sandbox

__all__ = ["memory"]  # a fixture

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
DAY = 86_400
# What differs from one session, key or store to the next.
VARIES = re.compile(
    rb"(ASIA\w+|(?<=secret_access_key = )\S+|(?<=session_token = )\S+|\d{4}-\d\d-\d\dT[\d:]+Z|[0-9a-f]{16,})"
)


class Scenario(NamedTuple):
    """A verb that changes files: what is there before it, its words (CODE is a new one of alice's), the exit status of
    the next run where the first had done its work, and what undoes it; `typed` at a terminal, where it asks. A question
    that was killed is not always asked again: the files may stay as they were."""

    title: str
    prepare: Callable[[Desk], None]
    words: tuple[str, ...]
    twice: int = 0
    undo: tuple[str, ...] = ()
    typed: str = ""


def nothing(desk: Desk) -> None:
    """The files as they are."""


def stored(desk: Desk) -> None:
    """The session is in the store."""
    done(desk, "credentials", "read-only")


def section(desk: Desk) -> None:
    """A section was written."""
    done(desk, "write", "read-only")


def on_login(desk: Desk) -> None:
    """Somebody is logged in to IAM Identity Center."""
    logged_in(desk)


def imported(desk: Desk) -> None:
    done(desk, "keys", "import", "mine", "--yes")


def hooked(desk: Desk) -> None:
    (desk.home / ".bashrc").write_text("# mine\nexport A=b")
    done(desk, "install", "bash", "--yes")


def bashrc(desk: Desk) -> None:
    (desk.home / ".bashrc").write_bytes(b"# mine, \xff and not ended\nexport A=b")


def done(desk: Desk, *words: str) -> None:
    ended = desk.run(*words)
    assert ended.status == 0, ended


ASSUME = ("assume", "--shell", "bash", "--pid", str(os.getpid()), "--hook", "1", "--")
SCENARIOS = [
    Scenario(
        "a session is written for other programs", stored, ("write", "read-only"), undo=("write", "read-only", "--off")
    ),
    Scenario("a key moves into the keyring", nothing, ("keys", "import", "mine", "--yes")),
    Scenario("the hook is installed", bashrc, ("install", "bash", "--yes"), undo=("uninstall", "bash", "--yes")),
    Scenario("profiles are synced", on_login, ("sso", "sync", "--session", "corp", "--yes")),
    Scenario("a written session is renewed", section, ("write", "read-only", "--renew")),
    Scenario("it is taken away", section, ("write", "read-only", "--off"), twice=2),
    Scenario("a role is saved as a profile", stored, (*ASSUME, "read-only", "--save", "new", "--yes"), twice=64),
    Scenario("a key is removed", imported, ("keys", "remove", "mine", "--yes"), twice=64),
    Scenario("the hook is uninstalled", hooked, ("uninstall", "bash", "--yes")),
    Scenario("a shell's first assume", nothing, (*ASSUME, "read-only")),
    Scenario("sessions are forgotten", section, ("forget", "--all")),
    Scenario("a login ends", on_login, ("logout",)),
    Scenario("a device is saved", nothing, (*ASSUME, "mine", "--token-code", "CODE"), typed="y\ry\r"),
]


class Place:
    """A desk whose files can be put back, and what a run on a failing machine does to them."""

    def __init__(self, desk: Desk, memory: Memory) -> None:
        self.desk, self.memory = desk, memory
        self._root = desk.home.parent
        self._kept = self._root.parent / "kept"
        self._held: dict[str, str] = {}

    def keep(self) -> None:
        shutil.copytree(self._root, self._kept, symlinks=True)
        self._held = dict(self.memory.held)

    def put_back(self) -> None:
        shutil.rmtree(self._root)
        shutil.copytree(self._kept, self._root, symlinks=True)
        self.memory.held.clear()
        self.memory.held.update(self._held)

    def run(self, fault: str, step: int, scenario: Scenario) -> tuple[Done, list[str]]:
        """A run, and the steps that it did."""
        notes = self._root.parent / "notes"
        notes.unlink(missing_ok=True)
        words = self._words(scenario)
        command = [sys.executable, "-m", "tests.proof.faulty", fault, str(step), str(self._root), str(notes), *words]
        environ = {**self.desk.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        if scenario.typed:
            return self._at_a_terminal(command, environ, scenario.typed), notes.read_text().splitlines()
        ended = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
        )
        return Done(ended.returncode, ended.stdout, ended.stderr), notes.read_text().splitlines()

    def again(self, scenario: Scenario) -> Done:
        """The next run, on a machine that fails nobody."""
        return self.run("kill", 0, scenario)[0] if scenario.typed else self.desk.run(*scenario.words)

    def _words(self, scenario: Scenario) -> list[str]:
        return [self.desk.sandbox.code("alice") if word == "CODE" else word for word in scenario.words]

    def _at_a_terminal(self, command: list[str], environ: dict[str, str], typed: str) -> Done:
        out, err = self._root.parent / "out", self._root.parent / "err"
        redirected = ["sh", "-c", 'out=$1 err=$2; shift 2; exec "$@" >"$out" 2>"$err"', "sh", str(out), str(err)]
        with Terminal([*redirected, *command], env=environ, cwd=os.getcwd()) as terminal:
            terminal.type(typed)
            status = terminal.wait_end(60)
        return Done(-signal.SIGKILL if status == 128 + signal.SIGKILL else status, out.read_text(), err.read_text())

    def theirs(self) -> dict[str, bytes]:
        """The user's own files, what varies masked."""
        files = [self.desk.config, self.desk.credentials, self.desk.home / ".bashrc"]
        return {path.name: VARIES.sub(b"?", path.read_bytes()) for path in files if path.exists()}

    def names(self) -> set[str]:
        """Every file at home, by its name."""
        there = (path for path in self.desk.home.rglob("*") if path.is_file())
        return {str(path.relative_to(self.desk.home)) for path in there if "sso/cache" not in str(path)}

    def unfinished(self) -> list[str]:
        """What is left in the store of files that were never finished, a day later."""
        store = Store(str(self.desk.state / "shellhook"))
        sweeping.sweep(store, time.time() + 2 * DAY)
        return [str(path) for path in self.desk.state.rglob("*.*")]


@pytest.fixture
def place(sandbox: Sandbox, tmp_path: Path, memory: Memory) -> Place:
    """A desk in a directory that can be copied, with a key that can move into the keyring."""
    sandbox.reset()
    desk = Desk(sandbox, tmp_path / "desk")
    desk.environ.update(memory.environ)
    desk.keys("mine", region="us-east-1", endpoint_url=sandbox.endpoint, **desk.key_of("alice"))
    return Place(desk, memory)


def steps(count: int) -> list[int]:
    """Which steps are tried: all, or the last but a few, where the user's files change."""
    return list(range(1, count + 1)) if extent(0, 1) else [max(1, count * 2 // 3)]


Content = dict[str, bytes]


def the_next_run_works(scenario: Scenario, place: Place, kept: tuple[Content, Content, set[str]], at: str) -> None:
    """It does what the first should have done, and leaves nothing else."""
    before, after, names = kept
    again = place.again(scenario)
    assert again.status in (0, scenario.twice), (at, again)
    assert "Traceback" not in again.err
    left = place.theirs()
    if scenario.typed and left == before:
        return  # what was half written beside it goes when the file is changed the next time
    assert left == after, at
    assert place.names() == names, at


@pytest.mark.parametrize("scenario", SCENARIOS[: extent(3, len(SCENARIOS))], ids=lambda scenario: scenario.title)
def test_killed_at_every_step(scenario: Scenario, place: Place) -> None:
    scenario.prepare(place.desk)
    place.keep()
    before = place.theirs()
    whole, did = place.run("kill", 0, scenario)
    assert whole.status == 0, whole
    after, names = place.theirs(), place.names()
    tried = steps(len(did))
    for step in tried:
        place.put_back()
        ended, _ = place.run("kill", step, scenario)
        at = f"killed at {step}, {did[step - 1]}"
        assert ended.status == -signal.SIGKILL, (at, ended)
        now = place.theirs()
        for name in before.keys() | after.keys():
            assert now.get(name) in (before.get(name), after.get(name)), (at, name, now.get(name))
        the_next_run_works(scenario, place, (before, after, names), at)
        if scenario.undo:
            done(place.desk, *scenario.undo)
            assert place.theirs() == before, at
        assert place.unfinished() == [], at
    figure("Crash", f"{scenario.title}: killed at every step, of which there are", len(tried))


@pytest.mark.parametrize("fault", ["full", "off"])
@pytest.mark.parametrize("scenario", SCENARIOS[: extent(1, len(SCENARIOS))], ids=lambda scenario: scenario.title)
def test_a_disk_that_takes_no_more(scenario: Scenario, fault: str, place: Place) -> None:
    scenario.prepare(place.desk)
    place.keep()
    before = place.theirs()
    whole, did = place.run(fault, 0, scenario)
    assert whole.status == 0, whole
    after, names = place.theirs(), place.names()
    tried = steps(len(did))
    for step in tried:
        place.put_back()
        ended, _ = place.run(fault, step, scenario)
        at = f"{fault} from {step}, {did[step - 1]}"
        now = place.theirs()
        for name in before.keys() | after.keys():
            assert now.get(name) in (before.get(name), after.get(name)), (at, name, now.get(name))
        if ended.status:
            assert ended.status == 1, (at, ended)
            assert "shellhook: " in ended.err, (at, ended)
            assert "should not have happened" not in ended.err, (at, ended)
            assert ended.out == "" or scenario.words[0] in ("install", "uninstall", "sso"), (at, ended)
        elif now != after:
            assert scenario.typed, (at, ended)
            assert "cannot be written" in ended.err, (at, ended)
        the_next_run_works(scenario, place, (before, after, names), at)
    figure("Crash", f"{scenario.title}: {fault} from every step on, of which there are", len(tried))
