"""A sandbox of one's own: started as a process, asked things over its administrative requests, stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from shellhook.errors import ShellhookError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any


class SandboxFailed(ShellhookError):
    """The sandbox did not start, or did not do what it was asked."""


class Sandbox:
    """A running sandbox; a context manager. All times are in seconds.

    `directory` is where the throwaway AWS files go; without one, a temporary one that the server removes at its end.
    `devices` (serial numbers) and `keys` (access key IDs) are by user: alice, bob, carol, dave, erin.
    """

    def __init__(self, *, lifetime: float | None = None, directory: Path | None = None, timeout: float = 30.0) -> None:
        command = [sys.executable, "-m", "shellhook.sandbox"]
        if directory is not None:
            command += ["--directory", str(directory)]
        if lifetime is not None:
            command += ["--lifetime", str(lifetime)]
        # Its standard input is a pipe that nobody writes to: it ends with this process, however that ends. A Ctrl-C
        # on this terminal is meant for others.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [_root(), os.environ.get("PYTHONPATH")]))},
        )
        said = self._first_line(timeout)
        self.endpoint: str = said["endpoint"]
        self.config_file = Path(said["config"])
        self.credentials_file = Path(said["credentials"])
        self.start_url: str = said["start_url"]  # of the portal of IAM Identity Center
        self.external_id: str = said["external_id"]
        self.devices: dict[str, str] = said["devices"]
        self.keys: dict[str, str] = said["keys"]
        self._token: str = said["token"]

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def environment(self) -> dict[str, str]:
        """The variables that lead AWS clients here and nowhere else."""
        return {
            "AWS_CONFIG_FILE": str(self.config_file),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials_file),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_SIGNIN": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def code(self, user: str) -> str:
        """A code of the user's device that STS will take. Never the same twice, and never a wait."""
        return str(self._ask("POST", "code", device=user)["code"])

    def shown_code(self, user: str) -> tuple[str, float, bool]:
        """What the user's authenticator shows now, for how many seconds more, and whether STS has taken it already."""
        return shown_code(self.control, user)

    def wrong_code(self, user: str) -> str:
        """Six digits that STS will not take from this user now."""
        return str(self._ask("GET", "wrong", device=user)["code"])

    def calls(self, action: str | None = None, *, service: str = "sts") -> list[dict[str, Any]]:
        """The requests since the start, `reset` or `forget_calls`, oldest first, refused ones too.

        Each has service, action, access_key_id, region, parameters (names), values (those that are no secret), at
        (epoch), status and code (of the error). `sso-oidc`, `sso`, `signin` and `browser` are services too.
        """
        calls: list[dict[str, Any]] = self._ask("GET", "calls")["calls"]
        return [call for call in calls if call["service"] == service and action in (None, call["action"])]

    def forget_calls(self) -> None:
        """Empty the record of requests."""
        self._ask("POST", "forget")

    def lifetime(self, seconds: float | None) -> None:
        """Let every new session live this long, whatever was asked for; None: as was asked for."""
        self._ask("POST", "lifetime", seconds="" if seconds is None else str(seconds))

    def clock(self, ahead: float) -> None:
        """Let the server's clock be that many seconds ahead of this machine's."""
        self._ask("POST", "clock", ahead=str(ahead))

    def fail(
        self, status: int, code: str = "", message: str = "", *, count: int = 1, delay: float = 0, action: str = ""
    ) -> None:
        """Let the next `count` requests (of one action, or any) be answered so. Status 0: truly, after the delay."""
        self._ask(
            "POST",
            "fail",
            status=str(status),
            code=code,
            message=message,
            count=str(count),
            delay=str(delay),
            action=action,
        )

    def deactivate(self, user: str) -> None:
        """Deactivate the user's long-term key."""
        self._ask("POST", "key", user=user, status="Inactive")

    def activate(self, user: str) -> None:
        """Activate the user's long-term key again."""
        self._ask("POST", "key", user=user, status="Active")

    def age_mfa(self, seconds: float) -> None:
        """Let the code of every MFA session have been typed that much earlier."""
        self._ask("POST", "age", seconds=str(seconds))

    def strict_age(self, seconds: int) -> None:
        """Let the role `strict` want a code that was typed less than this long ago."""
        self._ask("POST", "strict", seconds=str(seconds))

    def identity_center(self, **terms: float | str) -> None:
        """Change how logins and the portal behave, until `reset`; what is not named stays.

        In seconds, for what is handed out from now on: `token_lifetime` (of access tokens), `login_lifetime` (of
        refresh tokens), `registration_lifetime`, `device_lifetime`, `code_lifetime`, `interval` (of polling). `page` is
        the most items of one answer, `rate` how many requests a second the portal takes (0: any number); `decision` is
        "allow" or "deny" where nobody needs to press a button. Single refusals are ordered with `fail`, for instance
        fail(400, "SlowDownException", action="CreateToken").
        """
        self._ask("POST", "identity_center", **{name: str(value) for name, value in terms.items()})

    def assign(self, account: str, role: str, name: str = "") -> None:
        """Assign a permission set in an account, which comes into being under that name if it is not there."""
        self._ask("POST", "assign", account=account, role=role, name=name)

    def unassign(self, account: str, role: str = "") -> None:
        """Take a permission set away from the user, or all of an account."""
        self._ask("POST", "unassign", account=account, role=role)

    def add_accounts(self, count: int) -> None:
        """Let the portal have so many more accounts, with one role each."""
        self._ask("POST", "accounts", count=str(count))

    def end_logins(self) -> None:
        """End every login, as an administrator may: all access and refresh tokens are worthless."""
        self._ask("POST", "end_logins")

    def reset(self) -> None:
        """Undo everything that was asked for and forget the calls. Sessions and used codes stay."""
        self._ask("POST", "reset")

    def stop(self) -> None:
        """End the server, which removes its temporary directory."""
        if self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()

    @property
    def control(self) -> str:
        """What a process of its own needs to ask this sandbox things: `shown_code`."""
        return f"{self.endpoint} {self._token}"

    def _ask(self, method: str, asked: str, /, **parameters: str) -> dict[str, Any]:
        return _asked(self.endpoint, self._token, method, asked, parameters)

    def _first_line(self, timeout: float) -> dict[str, Any]:
        """What the server prints as soon as it listens."""
        timer = threading.Timer(timeout, self._process.kill)
        timer.start()
        line = self._process.stdout.readline() if self._process.stdout else b""
        timer.cancel()
        if not line:
            status = self._process.wait()
            self.stop()
            raise SandboxFailed("the sandbox did not start", why=f"it ended with status {status}; its words are above")
        said: dict[str, Any] = json.loads(line)
        return said


def shown_code(control: str, user: str) -> tuple[str, float, bool]:
    """`Sandbox.shown_code` of the sandbox with that `control`. Raises SandboxFailed if it is gone."""
    endpoint, _, token = control.partition(" ")
    try:
        said = _asked(endpoint, token, "GET", "code", {"device": user})
    except OSError as error:
        raise SandboxFailed("the sandbox does not answer", why=str(error)) from None
    return str(said["code"]), float(said["left"]), bool(said["used"])


def _asked(endpoint: str, token: str, method: str, name: str, parameters: dict[str, str]) -> dict[str, Any]:
    connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=30)
    try:
        headers = {"Authorization": f"Bearer {token}"}
        connection.request(method, f"/_sandbox/{name}?{urlencode(parameters)}", headers=headers)
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
    finally:
        connection.close()
    if response.status != 200:
        raise SandboxFailed(f"the sandbox refused {name}", why=str(answer.get("error")))
    return answer


def _root() -> str:
    """Where this package lies: it may not be installed."""
    return str(Path(__file__).resolve().parents[2])
