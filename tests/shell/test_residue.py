"""Where secrets can be found after an assume, and while it runs: in the variables and the store, and nowhere else."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from shellhook.sandbox import Sandbox
from shellhook.store import Store
from tests.proof.extent import extent
from tests.shell import shells
from tests.shell.conftest import present
from tests.shell.person import Meet, Person
from tests.shell.shells import Shell

# So that there is a history in a file.
HISTORY = {"zsh": "HISTFILE=~/.zsh_history SAVEHIST=100", "bash": "HISTFILE=~/.bash_history"}
TRACES = {
    "bash": ["set -x", "set -v", "set -xv; PS4='+$LINENO:${FUNCNAME-} '"],
    "zsh": ["set -x", "set -v", "set -xv; PS4='+%N:%i '"],
    "fish": ["set -g fish_trace 1", "set -gx fish_trace all"],
    "powershell": ["Set-PSDebug -Trace 2"],
}
EVERY_TRACE = [
    pytest.param(shell, trace, id=f"{shell}-{trace}") for shell in shells.ALL for trace in TRACES[shell.kind]
]


MORE_LINES = [
    "assume read-only --console --print > link",
    "assume read-only --console",
    "shellhook login corp",
    "assume corp-admin",
    "shellhook sso sync corp --dry-run",
    "shellhook logout corp",
    "shellhook login corp",
]


class Secrets:
    """Texts that are not to be found, each by what it is called in a failure. Half of one is too much as well."""

    def __init__(self, **texts: str) -> None:
        self._patterns: dict[str, re.Pattern[str]] = {}
        for name, text in texts.items():
            self.add(name, text)

    def add(self, name: str, text: str) -> None:
        if text.isdigit():
            self._patterns[name] = re.compile(rf"(?<![0-9]){text}(?![0-9])")  # a code may be part of a longer number
        else:
            middle = len(text) // 2
            self._patterns[name] = re.compile(f"{re.escape(text[:middle])}|{re.escape(text[middle:])}")

    def add_sessions(self, me: Person) -> None:
        """Those of every session in the store."""
        store = Store(str(me.desk.state / "shellhook"))
        for number, file in enumerate((me.desk.state / "shellhook" / "sessions").iterdir()):
            session = store.session(file.name)
            assert session is not None
            assert session.session_token is not None
            self.add(f"secret key {number}", session.secret_access_key)
            self.add(f"session token {number}", session.session_token)

    def found(self, places: Mapping[str, str]) -> set[tuple[str, str]]:
        """Which secret stands at which place."""
        return {
            (name, place)
            for place, text in places.items()
            for name, pattern in self._patterns.items()
            if pattern.search(text)
        }


class Onlooker:
    """What every user of the machine can see of commands while they run: argument lists; and names of open files."""

    def __init__(self, me: Person) -> None:
        self._me = me
        self.seen: dict[str, str] = {}

    def look(self) -> None:
        """Take it all down."""
        ours = set(self._me.session.terminal.session_processes())
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                words = process.cmdline()
                names = [file.path for file in process.open_files()] if process.pid in ours else []
                self.seen[f"process {process.pid} {len(self.seen)}"] = "\n".join([*words, *names])

    def look_until_called(self, sandbox: Sandbox, count: int) -> None:
        """Look again and again, until AWS has been asked so often, and then once more."""

        def done(_: str) -> bool:
            self.look()
            return len(sandbox.calls()) >= count

        self._me.session.terminal.wait(done, 60)
        self.look()


def everything(me: Person) -> dict[str, str]:
    """All that the shell holds, and what its terminal shows."""
    state = me.state()
    places = {f"environment {name.decode()}": value.decode("latin-1") for name, value in state.environment.items()}
    for kind in ("variables", "functions", "settings"):
        places |= {f"{kind} {name}": text for name, text in getattr(state, kind).items()}
    return {**places, "terminal": me.session.terminal.history()}


def files(root: Path) -> Iterator[tuple[str, str]]:
    """Every file below a directory: its path, and its content with its name."""
    for path in root.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(root)), f"{path.name}\n{path.read_bytes().decode('latin-1')}"


def test_secrets_are_in_the_variables_and_in_the_store(
    shell: Shell, person: Meet, sandbox: Sandbox, tmp_path: Path
) -> None:
    root = tmp_path / "person0"
    me = person(shell, rc=HISTORY.get(shell.kind, ""), env={"TMPPREFIX": str(root / "tmp" / "zsh")})
    temporary = (root / "tmp").stat().st_mtime_ns
    code = me.code()
    secrets = Secrets(
        code=code, external_id=sandbox.external_id, own_key=me.desk.key_of("alice")["aws_secret_access_key"]
    )
    onlooker = Onlooker(me)
    # The role refuses without a code, then come the session of the user and that of the role: all of them slowly.
    sandbox.fail(0, delay=0.3, count=3)
    me.asked("assume --profile base --role-arn power-user --external-id -", "^External ID: $")
    me.answers(sandbox.external_id)
    onlooker.look_until_called(sandbox, 1)
    me.sees_question()
    onlooker.look()
    me.answers(code)
    onlooker.look_until_called(sandbox, 3)
    assert me.ready().status == 0
    assert me.environment()["SHELLHOOK_ROLE"] == "power-user"
    assert len(onlooker.seen) > 10

    secrets.add_sessions(me)
    allowed = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    held = {place for _, place in secrets.found(everything(me))}
    assert held == {f"{kind} {name}" for kind in ("environment", "variables") for name in allowed} or (
        shell.kind == "powershell" and held == {f"environment {name}" for name in allowed}
    )
    assert secrets.found(onlooker.seen) == set()

    for line in (
        *("assume read-only", "assume -", "assume --renew"),
        *("assume read-only --write", "shellhook write read-only other", "assume --renew"),
        *("shellhook credentials read-only > /dev/null", "shellhook export read-only > /dev/null"),
        *("assume read-only --serve", "assume --renew", "assume read-only --serve -- true"),
        *("shellhook write read-only other --off", "assume --off"),
    ):
        assert me.types(line).status == 0, line
    secrets.add_sessions(me)
    assert secrets.found(everything(me)) == set()

    # At its exit .NET takes its sockets out of there.
    seen = (root / "tmp").stat().st_mtime_ns if shell.kind == "powershell" else None
    me.answers("exit")
    me.session.terminal.wait_end(60)
    written = dict(files(root / "home")) | dict(files(root / "tmp"))
    history = [name for name in written if "history" in name and "assume --renew" in written[name]]
    assert history or shell.kind == "powershell"
    theirs = {("external_id", ".aws/config"), ("own_key", ".aws/credentials")}
    assert secrets.found(written) == theirs
    seen = seen or (root / "tmp").stat().st_mtime_ns
    assert seen == temporary, "no temporary file, not even for a moment"
    in_store = secrets.found(dict(files(me.desk.state)))
    # What was typed is kept to be replayed; of a code nothing but an HMAC, and of the user's own key nothing.
    assert {name for name, _ in in_store if name in ("code", "own_key")} == set()
    rooms = {"external_id": "requests"}
    assert [found for found in in_store if rooms.get(found[0], "sessions") not in found[1]] == []
    assert [path for path in me.desk.state.rglob("*") if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(("shell", "trace"), EVERY_TRACE)
def test_no_trace_and_no_report_shows_a_secret(shell: Shell, trace: str, person: Meet, sandbox: Sandbox) -> None:
    me = person(
        present(shell), env={"SHELLHOOK_DEBUG": "1", "BROWSER": f"{sys.executable} -m shellhook.sandbox.browser"}
    )
    code, wrong = me.code(), sandbox.wrong_code("alice")
    secrets = Secrets(code=code, wrong=wrong, external_id=sandbox.external_id, typed="not/the-one-it-wants")
    secrets.add("own_key", me.desk.key_of("alice")["aws_secret_access_key"])
    me.types(trace)
    me.asked("assume power-user")
    me.answers(wrong)
    me.sees("did not take")
    me.sees_question()
    me.answers(code)
    assert me.ready().status == 0
    me.asked("assume power-user --external-id -", "^External ID: $")
    me.answers("not/the-one-it-wants")
    assert "external ID is not the role's" in me.ready().output
    for line in (
        "assume power-user --region 'not a region'",
        "assume read-only -- sh -c 'exit 3'",
        "assume read-only --write",
        "assume read-only --serve",
        "shellhook write read-only base",
        "shellhook export read-only --format xml",
        "shellhook credentials read-only > /dev/null",
        "assume --status",
        "assume --status --json",
        "shellhook explain power-user",
        "shellhook config",
        "shellhook keys import base --yes",
        "shellhook keys list",
        *(MORE_LINES if extent(0, 1) else ()),
        "assume -",
        "assume --off",
    ):
        me.types(line)
    secrets.add_sessions(me)
    for path in (me.desk.home / ".aws" / "sso" / "cache").glob("*.json"):
        kept = json.loads(path.read_text())
        for name in {"accessToken", "refreshToken", "clientSecret"} & kept.keys():
            secrets.add(f"{name} {path.name}", kept[name])
    if (me.desk.home / "link").exists():
        secrets.add("link", (me.desk.home / "link").read_text().partition("SigninToken=")[2].strip())
    assert secrets.found({"terminal": me.session.terminal.history()}) == set()
    assert ".py:" in me.session.terminal.history(), "there was a report of where it happened"
