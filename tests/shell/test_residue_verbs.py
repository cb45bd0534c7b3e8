"""Every verb, while it runs and after: which secret may be where. One table; what is not in it is nowhere."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from shellhook.sandbox import Sandbox
from tests.desk import Desk
from tests.keyrings import Memory, memory
from tests.proof.extent import extent, figure
from tests.shell.person import MFA_QUESTION, PATIENCE, Meet, Person
from tests.shell.shells import Shell
from tests.shell.test_residue import HISTORY, Onlooker, Secrets, everything, files
from tests.test_keys_rotate import Frank, admin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["admin", "memory"]  # fixtures

LONG = bool(extent(0, 1))
BROWSER = f"{sys.executable} -m shellhook.sandbox.browser"
Answers = tuple[tuple[str, str], ...]
SESSION, LINK, KEY, SSO = "session", "link", "key", "sso"  # kinds of secrets: what their names begin with


class Verb:
    """What is typed; question -> answer, {name} being a secret's; and where, beside where they always may be, secrets
    of some kinds may be while it runs and after: kind -> a pattern of places."""

    def __init__(self, line: str, *answers: tuple[str, str], short: bool = True, **may: str) -> None:
        self.line, self.answers, self.short, self.may = line, answers, short, may


# Always: what the shell was given, in its variables and so in those of its children; what the store is for; the user's
# own files; the cache that the AWS CLI has too.
ALWAYS = {
    SESSION: r"(environment|variables|process \d+ has) (AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN)$|state/.*/sessions/",
    "endpoint": r"(environment|variables|process \d+ has) AWS_CONTAINER_AUTHORIZATION_TOKEN$",
    "external_id": r"home/\.aws/config$|state/shellhook/requests/",
    "own": r"home/\.aws/credentials$",
    SSO: r"home/\.aws/sso/cache/",
}
OUT = r"home/out$"
VERBS = [
    Verb(
        "assume --profile base --role-arn power-user --external-id -",
        *(("^External ID: $", "{external_id}"), (MFA_QUESTION, "{code}")),
    ),
    Verb("assume read-only", short=False),
    Verb("assume --status", short=False),
    Verb("assume --status --json", short=False),
    Verb("shellhook list --long", short=False),
    Verb("shellhook explain power-user", short=False),
    Verb("shellhook config", short=False),
    Verb("shellhook doctor --json > out; true", short=False),  # its status tells of this machine
    Verb("shellhook policy trust power-user > out", external_id=OUT, short=False),
    Verb("shellhook check", short=False),
    Verb("assume read-only --console", link=r"process \d+$"),  # a browser has its page from its command line
    Verb("assume read-only --console --print > out", link=OUT),
    Verb("assume read-only --write", session=r"home/\.aws/credentials$", short=False),
    Verb("shellhook write read-only other", session=r"home/\.aws/credentials$", short=False),
    Verb("shellhook write read-only other --off", session=r"home/\.aws/credentials$", short=False),
    Verb("assume --off", short=False),
    Verb("shellhook credentials read-only > out", session=OUT, short=False),
    *(
        Verb(f"shellhook export read-only --format {form} > out", session=OUT, short=False)
        for form in ("env", "fish", "powershell", "json", "ini", "docker")
    ),
    Verb("assume read-only --serve"),
    Verb("assume --renew", short=False),
    Verb("assume --off"),
    Verb(
        "assume --paste -r eu-west-1",
        *((r"empty line: .*$", "{copied 0}"), (r"•?$", "{copied 1}"), (r"•?$", "{copied 2}"), (r"•?$", "")),
        *((r"How long do they last\? \[1h\] $", "2h"),),
    ),
    Verb("shellhook keys add mine", ("Access key ID: $", "{dave id}"), (r"(?i)secret.*: $", "{own dave}")),
    Verb("shellhook keys list"),
    Verb("shellhook keys rotate frank --yes"),
    Verb("shellhook keys export frank > out", (r"\[y/N\] $", "y"), key=OUT),
    Verb("shellhook keys process {dave id} > out", own=OUT, short=False),
    Verb(
        "assume frank --long-term", key=r"(environment|variables|process \d+ has) AWS_SECRET_ACCESS_KEY$", short=False
    ),
    Verb("assume --off", short=False, key=r"process \d+ has AWS_SECRET_ACCESS_KEY$"),
    Verb("shellhook keys remove frank --yes"),
    Verb("shellhook keys import bob --yes", own=r"home/\.aws/credentials$"),
    Verb("shellhook login corp"),
    Verb("assume corp-admin"),
    Verb("shellhook sso sync corp --yes"),
    Verb("shellhook login corp --device-code --force"),
    Verb("shellhook logout corp", short=False),
    Verb("shellhook forget read-only", short=False),
    Verb("shellhook forget --all"),
    Verb("assume --off"),
]


class Watching(Onlooker):
    """One of the same user's programs, who sees the environment of processes too, of those in this terminal's session
    and of those that came from there."""

    def look(self) -> None:
        super().look()
        home = str(self._me.desk.home)
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                environ = process.environ()
                if environ.get("HOME") == home:
                    self.seen |= {f"process {process.pid} has {name}": value for name, value in environ.items()}

    def waits(self, good: Callable[[], object]) -> None:
        """Look all the time until it is so."""

        def done(_: str) -> object:
            self.look()
            return good()

        self._me.session.terminal.wait(done, PATIENCE)


class Residue(Secrets):
    """All secrets there are by now. `known` are those that a verb is answered with."""

    def __init__(self, me: Person, frank: Frank, sandbox: Sandbox) -> None:
        super().__init__()
        self._me, self._frank = me, frank
        session = Desk.assume(me.desk, "deploy")
        dave = me.desk.key_of("dave")
        self.known = {
            "external_id": sandbox.external_id,
            "code": me.code(),
            "dave id": dave["aws_access_key_id"],
            "own dave": dave["aws_secret_access_key"],
            "copied 0": f"aws_access_key_id={session.access_key_id}",
            "copied 1": f"aws_secret_access_key={session.secret_access_key}",
            "copied 2": f"aws_session_token={session.session_token}",
        }
        for name in ("external_id", "code", "own dave"):
            self.add(name, self.known[name])
        for user in ("alice", "bob"):
            self.add(f"own {user}", me.desk.key_of(user)["aws_secret_access_key"])

    def gather(self) -> None:
        """What has come meanwhile."""
        me = self._me
        with contextlib.suppress(FileNotFoundError):
            self.add_sessions(me)
        for name in [name for name in self._patterns if name.startswith(("secret key", "session token"))]:
            pattern = self._patterns.pop(name)
            self._patterns[f"{SESSION} {name[:-2]} {pattern.pattern[:12]}"] = pattern
        for key_id, secret in self._frank.memory.held.items():
            if f"own {secret[:4]}" not in self._patterns and secret not in self.known.values():
                self.add(f"{KEY} {key_id}", secret)
        for path in (me.desk.home / ".aws" / "sso" / "cache").glob("*.json"):
            kept = json.loads(path.read_text())
            for name in ("accessToken", "refreshToken", "clientSecret"):
                if name in kept:
                    self.add(f"{SSO} {name} {kept[name][:6]}", kept[name])
        out = me.desk.home / "out"
        if out.exists() and (link := re.search("SigninToken=([^&\\s]+)", out.read_text(encoding="utf-8"))):
            self.add(f"{LINK} {link[1][:6]}", link[1])
        for name, value in me.environment().items():
            if name == "AWS_CONTAINER_AUTHORIZATION_TOKEN":
                self.add(f"endpoint {value[:6]}", value)


def done(me: Person, verb: Verb, residue: Residue) -> dict[str, str]:
    """Type it, answer, and give all that could be seen of processes meanwhile."""
    watching = Watching(me)
    before = me.session.prompts[-1]
    me.answers(verb.line.format(**residue.known))
    for question, answer in verb.answers:
        watching.waits(lambda at=question: re.search(at, me.session.terminal.before_cursor()))
        me.answers(answer.format(**residue.known))
    watching.waits(lambda: me.session._prompt()[0] > before)
    result = me.ready()
    assert result.status == 0, result.screen
    return watching.seen


def test_no_verb_leaves_a_secret_where_it_may_not_be(
    shell: Shell, person: Meet, sandbox: Sandbox, memory: Memory, admin: Any, tmp_path: Path
) -> None:
    if shell.kind != "bash" and not LONG:
        pytest.skip("the verbs are one program: the other shells follow in `make prove`")
    root = tmp_path / "person0"
    env = {
        **memory.environ,
        "BROWSER": BROWSER,
        "AWS_ENDPOINT_URL": sandbox.endpoint,
        "TMPPREFIX": str(root / "tmp" / "zsh"),
    }
    me = person(shell, rc=HISTORY.get(shell.kind, ""), env=env)
    sandbox.identity_center(decision="allow")
    temporary = (root / "tmp").stat().st_mtime_ns
    frank = Frank(me.desk, memory, admin)
    assert me.desk.run("forget", "--all").status == 0
    residue = Residue(me, frank, sandbox)
    residue.gather()
    met: set[str] = set()
    verbs = [verb for verb in VERBS if verb.short or LONG]
    for verb in verbs:
        seen = done(me, verb, residue)
        residue.gather()
        places = {**seen, **everything(me)}
        for directory in ("home", "tmp", "state"):
            places |= {f"{directory}/{path}": text for path, text in files(root / directory)}
        found = residue.found(places)
        met |= {name.partition(" ")[0] for name, _ in found}
        wrong = {
            (name, place)
            for name, place in found
            for kind in [name.partition(" ")[0]]
            if not any(re.search(at, place) for at in (ALWAYS.get(kind, "^$"), verb.may.get(kind, "^$")))
        }
        assert wrong == set(), verb.line
        (me.desk.home / "out").unlink(missing_ok=True)
    assert met == {*ALWAYS, LINK, KEY}, "each was met where it may be; the code nowhere"
    assert (root / "tmp").stat().st_mtime_ns == temporary, "no temporary file, not even for a moment"
    figure(
        "Residue",
        f"{shell}: verbs, and secrets looked for after and during each",
        f"{len(verbs)}, {len(residue._patterns)}",
    )
    frank.gone()
