"""The errors a user can see: three parts, and the exit status that a script can rely on."""

from __future__ import annotations

import pytest

from shellhook import errors
from shellhook.errors import ShellhookError

STATUS = {
    "ShellhookError": 1,
    "NoSession": 2,
    "BadConfiguration": 3,
    "NoSuchProfile": 3,
    "NoCode": 4,
    "NoLogin": 4,
    "NoNetwork": 5,
    "WrongUsage": 64,
    "Cancelled": 130,
}


def test_every_error_has_its_status() -> None:
    found = {
        name: kind.status
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, ShellhookError)
    }
    assert found == STATUS
    for name, status in STATUS.items():
        assert f"{name} " in (errors.__doc__ or "")
        assert str(status) in (errors.__doc__ or "")


SHOWN = [
    ({}, "what"),
    ({"why": "because"}, "what\n  because"),
    ({"remedy": "do this"}, "what\n  -> do this"),
    (
        {"why": "because\nof that", "remedy": "do this\nor that"},
        "what\n  because\n  of that\n  -> do this\n  -> or that",
    ),
]


@pytest.mark.parametrize(("parts", "shown"), SHOWN)
def test_what_is_shown(parts: dict[str, str], shown: str) -> None:
    error = ShellhookError("what", **parts)
    assert str(error) == shown
    assert (error.what, error.why, error.remedy) == ("what", parts.get("why", ""), parts.get("remedy", ""))
