"""What whoever started the sandbox may ask of it: short sessions, a wrong clock, faults, a record of the calls."""

from __future__ import annotations

import time
from collections import deque

from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox.exchange import Exchange

# Values that are no secret and that a test wants to see. Of every other parameter only the name is kept.
_SHOWN = (
    *("DurationSeconds", "RoleArn", "RoleSessionName", "SerialNumber", "SourceIdentity", "UserName"),
    *("clientName", "clientType", "scopes", "grantTypes", "grantType", "redirectUris", "redirectUri", "issuerUrl"),
    *("startUrl", "account_id", "role_name", "max_result", "response_type", "redirect_uri", "code_challenge_method"),
    *("Name", "Policy", "SessionDuration", "Issuer", "Destination"),
)


class Fault(Record):
    """An answer given instead of the real one. `delay` is in seconds and comes before it; status 0 answers truly."""

    status: int
    code: str
    message: str
    delay: float = 0.0
    action: str = ""  # only of this action; empty: of any


class Circumstances:
    """The state of the day. Nothing in it is visible to the client but by what AWS would show it."""

    def __init__(self, lifetime: float | None = None) -> None:
        self.start_lifetime = lifetime
        self.calls: list[dict[str, Any]] = []
        self.faults: deque[Fault] = deque()
        self.reset()

    def reset(self) -> None:
        """As at the start."""
        self.lifetime = self.start_lifetime  # seconds that every new session lives, or None: what was asked for
        self.ahead = 0.0  # seconds that this server's clock is ahead of the machine's
        self.calls.clear()
        self.faults.clear()

    def now(self) -> float:
        """Epoch seconds by this server's clock."""
        return time.time() + self.ahead

    def fault_for(self, action: str) -> Fault | None:
        """The next fault that was ordered for such a request, taken off the list."""
        for fault in self.faults:
            if fault.action in ("", action):
                self.faults.remove(fault)
                return fault
        return None

    def note(self, exchange: Exchange) -> dict[str, Any]:
        """Enter a request in the record; its outcome is added when it is known."""
        call: dict[str, Any] = {
            "service": exchange.service,
            "action": exchange.action,
            "access_key_id": exchange.access_key_id,
            "region": exchange.signed.region if exchange.signed else "",
            "at": time.time(),
            "parameters": sorted(name for name in exchange.fields if name not in ("Action", "Version")),
            "values": {name: exchange.fields[name] for name in _SHOWN if name in exchange.fields},
            "status": 0,
            "code": "",
        }
        self.calls.append(call)
        return call
