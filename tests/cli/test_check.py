"""`check`: statuses that scripts go by."""

from __future__ import annotations

import time

import pytest

from shellhook.cli.check import check
from shellhook.errors import NoSession, ShellhookError

ON = {
    "SHELLHOOK_REQUEST": "a" * 32,
    "SHELLHOOK_KEY_ID": "ASIA",
    "AWS_ACCESS_KEY_ID": "ASIA",
    "SHELLHOOK_PROFILE": "work",
}


def lasting(seconds: int | None) -> dict[str, str]:
    """A session with so many seconds left from now on; None: its end is not known."""
    return ON if seconds is None else {**ON, "SHELLHOOK_EXPIRES": str(int(time.time()) + seconds)}


@pytest.mark.parametrize(("seconds", "minimum"), [(3600, None), (3600, "30m"), (10, None), (None, "12h")])
def test_good(seconds: int | None, minimum: str | None) -> None:
    assert check(lasting(seconds), minimum) == 0


@pytest.mark.parametrize(
    ("seconds", "changes", "minimum", "status", "said"),
    [
        (None, dict.fromkeys(ON, ""), None, 2, "no session is on"),
        (1830, {}, "1h", 1, "work has 30m left"),
        (-5, {}, None, 1, "work has expired"),
        (3600, {"AWS_ACCESS_KEY_ID": "AKIA"}, None, 1, "not the session's"),
        (3600, {}, "soon", 64, "--min-ttl"),
    ],
)
def test_not_good(seconds: int | None, changes: dict[str, str], minimum: str | None, status: int, said: str) -> None:
    environ = {name: value for name, value in {**lasting(seconds), **changes}.items() if value}
    with pytest.raises(ShellhookError, match=said) as caught:
        check(environ, minimum)
    assert caught.value.status == status
    assert isinstance(caught.value, NoSession) is (status == 2)
