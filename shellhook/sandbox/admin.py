"""What whoever started the sandbox asks of it, over `/_sandbox/`, with the token that only the starter knows."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from shellhook.sandbox.circumstances import Fault

if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox.cloud import Cloud, Receive, Send
    from shellhook.sandbox.devices import Device

PREFIX = "/_sandbox/"


class Admin:
    """The administrative requests; every other one is the cloud's. An answer is a JSON object."""

    def __init__(self, cloud: Cloud, token: str) -> None:
        self._cloud = cloud
        self._token = token

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer, or pass on to the cloud."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._cloud(scope, receive, send)
            return
        status, answer = await self._answer(scope)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    async def _answer(self, scope: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            return 403, {"error": "the sandbox's own token is wanted"}
        name = f"{scope['method'].lower()}_{scope['path'].removeprefix(PREFIX)}"
        asked = getattr(self, name, None)
        if asked is None or not name.isidentifier():
            return 404, {"error": f"there is no {name}"}
        parameters = {key: values[0] for key, values in parse_qs(scope["query_string"].decode()).items()}
        try:
            return 200, await asked(**parameters)
        except (KeyError, TypeError, ValueError) as error:
            return 400, {"error": repr(error)}

    def _device(self, name: str) -> Device:
        """A device by the name of its user or by its serial number."""
        devices = self._cloud.world.devices
        return devices[name] if name in devices else self._cloud.mfa.devices[name]

    async def get_code(self, device: str) -> dict[str, Any]:
        """What the authenticator app shows now, for how many seconds, and whether it has been used."""
        code, left, used = self._device(device).shown(self._cloud.now())
        return {"code": code, "left": left, "used": used}

    async def post_code(self, device: str) -> dict[str, Any]:
        """A code that STS will take, given to nobody else."""
        return {"code": self._device(device).fresh(self._cloud.now())}

    async def get_wrong(self, device: str) -> dict[str, Any]:
        """Six digits that STS will not take."""
        return {"code": self._device(device).wrong(self._cloud.now())}

    async def get_calls(self) -> dict[str, Any]:
        """Every request since the start or the last reset."""
        return {"calls": self._cloud.circumstances.calls}

    async def post_forget(self) -> dict[str, Any]:
        """Empty the record of the requests."""
        self._cloud.circumstances.calls.clear()
        return {}

    async def post_lifetime(self, seconds: str = "") -> dict[str, Any]:
        """How long every new session lives, whatever was asked for; without a number, as asked."""
        self._cloud.circumstances.lifetime = float(seconds) if seconds else None
        return {}

    async def post_clock(self, ahead: str) -> dict[str, Any]:
        """How many seconds the server's clock is ahead of the machine's."""
        self._cloud.circumstances.ahead = float(ahead)
        return {}

    async def post_fail(
        self, status: str, code: str = "", message: str = "", count: str = "1", delay: str = "0", action: str = ""
    ) -> dict[str, Any]:
        """Let the next `count` requests fail like this, `delay` seconds after they came."""
        fault = Fault(status=int(status), code=code, message=message, delay=float(delay), action=action)
        self._cloud.circumstances.faults.extend([fault] * int(count))
        return {}

    async def post_key(self, user: str, status: str) -> dict[str, Any]:
        """Set the status of a user's long-term key: Active or Inactive."""
        await self._cloud.world.set_key_status(
            self._cloud.emulator, user, active={"Active": True, "Inactive": False}[status]
        )
        return {}

    async def post_age(self, seconds: str) -> dict[str, Any]:
        """Let every session that was bought with a code be that much older."""
        self._cloud.mfa.grow_older(float(seconds))
        return {}

    async def post_strict(self, seconds: str) -> dict[str, Any]:
        """How old a code may be for the role `strict`."""
        await self._cloud.world.set_strict_age(self._cloud.emulator, int(seconds))
        return {}

    async def post_identity_center(self, **terms: str) -> dict[str, Any]:
        """Change how logins and the portal behave: some of `oidc.Terms`."""
        self._cloud.identity_center.change(terms)
        return {}

    async def post_assign(self, account: str, role: str, name: str = "") -> dict[str, Any]:
        """Assign a permission set in an account, which is called `name`."""
        self._cloud.identity_center.portal.assignments.assign(account, role, name)
        return {}

    async def post_unassign(self, account: str, role: str = "") -> dict[str, Any]:
        """Take a permission set away, or the whole account."""
        self._cloud.identity_center.portal.assignments.unassign(account, role)
        return {}

    async def post_accounts(self, count: str) -> dict[str, Any]:
        """So many more accounts."""
        self._cloud.identity_center.portal.assignments.add_accounts(int(count))
        return {}

    async def post_end_logins(self) -> dict[str, Any]:
        """End every login, as an administrator may."""
        self._cloud.identity_center.logins.end()
        return {}

    async def post_reset(self) -> dict[str, Any]:
        """Everything as at the start, but for the sessions and codes that were handed out."""
        await self._cloud.reset()
        return {}
