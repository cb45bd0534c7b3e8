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


def lasting(seconds: int) -> dict[str, str]:
    """A session with so many seconds left."""
    return {**ON, "SHELLHOOK_EXPIRES": str(int(time.time()) + seconds)}


@pytest.mark.parametrize(
    ("environ", "minimum"), [(lasting(3600), None), (lasting(3600), "30m"), (lasting(10), None), (ON, "12h")]
)
def test_good(environ: dict[str, str], minimum: str | None) -> None:
    assert check(environ, minimum) == 0


@pytest.mark.parametrize(
    ("environ", "minimum", "status", "said"),
    [
        ({}, None, 2, "no session is on"),
        (lasting(1805), "1h", 1, "work has 30m left"),
        (lasting(-5), None, 1, "work has expired"),
        ({**lasting(3600), "AWS_ACCESS_KEY_ID": "AKIA"}, None, 1, "not the session's"),
        (lasting(3600), "soon", 64, "--min-ttl"),
    ],
)
def test_not_good(environ: dict[str, str], minimum: str | None, status: int, said: str) -> None:
    with pytest.raises(ShellhookError, match=said) as caught:
        check(environ, minimum)
    assert caught.value.status == status
    assert isinstance(caught.value, NoSession) is (status == 2)
