"""A desk to work at: AWS files of the sandbox, a home and a store of one's own, and what is typed there.

desk.assume("power-user", typed) is one assume in this process, with a clock and a person to be asked that the test
provides; desk.run("assume", ...) is the program itself, desk.terminal(...) the same in front of a person.
"""

from __future__ import annotations

import configparser
import os
import subprocess
import sysconfig
import time
from typing import TYPE_CHECKING

from shellhook import assume
from shellhook.assume import Here
from shellhook.broker import Broker
from shellhook.mfa import Asker
from shellhook.request import Request
from shellhook.sources import fetch
from shellhook.store import Store
from shellhook.sts import Aws

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from shellhook.plan import Plan
    from shellhook.sandbox import Sandbox
    from shellhook.session import Session
    from tests.shell.terminal import Terminal

PROPOSED = "the one that is proposed"
PROGRAM = os.path.join(sysconfig.get_path("scripts"), "shellhook")


class Typist(Asker):
    """Somebody who is asked: answers with the codes given to them, or with new ones of the user, and remembers what was
    asked. `device` is the answer to the question which device is theirs, None if they cannot be asked that."""

    def __init__(self, *codes: str | Callable[[], str], device: str | None = PROPOSED) -> None:
        super().__init__({}, None)
        self._codes = list(codes)
        self._device = device
        self.asked: list[str] = []  # the devices that a code was asked of
        self.reasons: list[str] = []  # what was said before such a question
        self.proposed: list[str] = []  # the devices that were proposed

    def code(self, device: str, process: str | None, reason: str) -> str:
        if process is not None:
            return super().code(device, process, reason)
        self.asked.append(device)
        self.reasons.append(reason)
        assert self._codes, f"an unexpected question for a code of {device}"
        code = self._codes.pop(0)
        return code if isinstance(code, str) else code()

    def device(self, proposed: str) -> str | None:
        self.proposed.append(proposed)
        return proposed if self._device is PROPOSED else self._device


class Done:
    """How a program ended: `status`, and what it wrote to standard output and standard error."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    def __repr__(self) -> str:
        return f"status {self.status}\n--- standard output\n{self.out}\n--- standard error\n{self.err}"


class Desk:
    """Somebody's files and environment, under `root`. `config` and `credentials` are copies of the sandbox's, to be
    changed at will; `environ` is what every program gets, whatever the machine's own environment is."""

    def __init__(self, sandbox: Sandbox, root: Path) -> None:
        self.sandbox = sandbox
        self.home = root / "home"
        for directory in (self.home / ".aws", root / "tmp"):
            directory.mkdir(parents=True)
        self.config, self.credentials = self.home / ".aws" / "config", self.home / ".aws" / "credentials"
        self.config.write_bytes(sandbox.config_file.read_bytes())
        self.credentials.write_bytes(sandbox.credentials_file.read_bytes())
        self.state = root / "state"
        self.environ: dict[str, str] = {
            **sandbox.environment(),
            "AWS_CONFIG_FILE": str(self.config),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials),
            "HOME": str(self.home),
            "TMPDIR": str(root / "tmp"),
            "XDG_STATE_HOME": str(self.state),
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "USER": "me",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",  # never the machine's own
        }
        self.store = Store(str(self.state / "shellhook"))
        self.said: list[str] = []
        self.broker: Broker | None = None
        self._learned: dict[str, dict[str, str]] = {}
        self._aws = Aws(self.environ)

    # --- files

    def profile(self, name: str, **settings: str) -> str:
        """Add a profile to the config file, reached at the sandbox unless it says otherwise."""
        settings = {"region": "us-east-1", "endpoint_url": self.sandbox.endpoint, **settings}
        self._append(self.config, f"profile {name}", settings)
        return name

    def keys(self, name: str, **settings: str) -> str:
        """Add keys to the credentials file."""
        self._append(self.credentials, name, settings)
        return name

    def key_of(self, user: str) -> dict[str, str]:
        """The long-term key of one of the sandbox's users, as a profile has it."""
        parser = configparser.RawConfigParser()
        parser.read(self.credentials, encoding="utf-8")
        return dict(parser["base" if user == "alice" else user])

    @staticmethod
    def _append(path: Path, section: str, settings: Mapping[str, str]) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))

    # --- in this process

    @property
    def here(self) -> Here:
        return Here(self.environ)

    def request(self, profile: str | None, **overrides: Any) -> Request:
        return Request(profile=profile, config=str(self.config), credentials=str(self.credentials), **overrides)

    def plan(self, profile: str | None, **overrides: Any) -> Plan:
        """The plan of a request, with what earlier ones learned."""
        wanted = self.request(profile, **overrides)
        return assume.planned(self.here, wanted, self._learned.get(wanted.identity(), {}))[0]

    def assume(
        self,
        profile: str | None,
        asker: Asker | None = None,
        *,
        later: float = 0,
        min_ttl: int | None = None,
        fresh: bool = False,
        environ: Mapping[str, str] | None = None,
        **overrides: Any,
    ) -> Session:
        """The session of a request, `later` seconds from now by our clock alone. Without `asker`, any question fails
        the test. What is said goes to `said`; what is learned serves the next assume of the same request."""
        wanted = self.request(profile, **overrides)
        learned = self._learned.setdefault(wanted.identity(), {})
        here = Here({**self.environ, **(environ or {})})
        made, configuration = assume.planned(here, wanted, learned)
        self.said.clear()
        self.broker = Broker(
            here.store,
            lambda: time.time() + later,
            asker or Typist(),
            self._aws,
            lambda: fetch.credentials(made.source, configuration, here.original, None, made.profile, made.sts_region),
            self.said.append,
            min_ttl=min_ttl,
            fresh=fresh,
        )
        if made.wants_account:
            self.broker.account(made)
            learned.update((name, value) for name, value in self.broker.learned.items() if value is not None)
            made, configuration = assume.planned(here, wanted, learned)
        try:
            return self.broker.session(made)
        finally:
            for name, value in self.broker.learned.items():
                learned.pop(name, None) if value is None else learned.update({name: value})

    # --- the program itself

    def run(
        self, *words: str, env: Mapping[str, str | None] | None = None, stdin: str = "", timeout: float = 30
    ) -> Done:
        """Run `shellhook WORDS` without a terminal. None in `env` removes a variable."""
        process = self.start(*words, env=env)
        out, err = process.communicate(stdin, timeout)
        return Done(process.returncode, out, err)

    def start(self, *words: str, env: Mapping[str, str | None] | None = None) -> subprocess.Popen[str]:
        """Start it, in a session of its own: no terminal is in reach."""
        return subprocess.Popen(
            [PROGRAM, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(env),
            cwd=self.home,
            start_new_session=True,
            text=True,
        )

    def terminal(self, *words: str, env: Mapping[str, str | None] | None = None) -> Terminal:
        """Start it in a terminal."""
        from tests.shell.terminal import Terminal

        return Terminal([PROGRAM, *words], env=self._environment(env), cwd=self.home)

    def hooked(self, *words: str) -> tuple[str, ...]:
        """The words by which the hook of a bash calls the program. The shell is this process."""
        return ("assume", "--shell", "bash", "--pid", str(os.getpid()), "--hook", "1", "--", *words)

    def _environment(self, changes: Mapping[str, str | None] | None) -> dict[str, str]:
        wanted = {**self.environ, **(changes or {})}
        return {name: value for name, value in wanted.items() if value is not None}


def variables(code: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment after a bash has run that code."""
    done = subprocess.run(
        ["bash", "-c", f"{code}\nexec env -0"], env=dict(environ), capture_output=True, text=True, check=True
    )
    return dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry)


def on(desk: Desk, *words: str) -> dict[str, str]:
    """The environment with a session."""
    done = desk.run(*desk.hooked(*words))
    assert done.status == 0, done
    return variables(done.out, desk.environ)
