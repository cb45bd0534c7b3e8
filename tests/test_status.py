"""What the environment says about the session that is on."""

from __future__ import annotations

from typing import Any

import pytest

from shellhook import status

NOW = 1_700_000_000
ON = {
    "SHELLHOOK_REQUEST": "a" * 32,
    "SHELLHOOK_KEY_ID": "ASIAEXAMPLE",
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "SHELLHOOK_PROFILE": "work",
    "SHELLHOOK_ROLE": "power-user",
    "SHELLHOOK_ACCOUNT": "111122223333",
    "SHELLHOOK_REGION": "eu-west-1",
    "SHELLHOOK_EXPIRES": str(NOW + 100),
}
STATES = [
    pytest.param({}, {"state": "none", "left": None, "key": None}, id="none"),
    pytest.param(ON, {"state": "valid", "left": 100, "expires": NOW + 100, "role": "power-user"}, id="on"),
    pytest.param({**ON, "SHELLHOOK_EXPIRES": str(NOW)}, {"state": "expired", "left": 0}, id="expired"),
    pytest.param({**ON, "SHELLHOOK_EXPIRES": str(NOW - 5)}, {"state": "expired", "left": -5}, id="expired long ago"),
    pytest.param({**ON, "AWS_PROFILE": "x"}, {"state": "changed", "left": 100}, id="a profile beside it"),
    pytest.param(
        {**ON, "AWS_ACCESS_KEY_ID": "AKIAOTHER"}, {"state": "changed", "key": "THER"}, id="other keys over it"
    ),
    pytest.param({**ON, "SHELLHOOK_EXPIRES": ""}, {"state": "valid", "left": None}, id="nobody knows its end"),
    pytest.param({**ON, "SHELLHOOK_EXPIRES": "9" * 40}, {"state": "valid", "left": None}, id="no time at all"),
    pytest.param({**ON, "SHELLHOOK_RENEW": "9" * 20}, {"state": "valid", "renew_from": None}, id="nor is this"),
    pytest.param({**ON, "SHELLHOOK_EXPIRES": "x[$(id)]"}, {"state": "valid", "expires": None}, id="no number"),
]


@pytest.mark.parametrize(("environ", "expected"), STATES)
def test_states(environ: dict[str, str], expected: dict[str, Any]) -> None:
    found = status.of(environ, NOW).as_dict()
    assert expected.items() <= found.items()
    assert dict(status.of(environ, NOW).lines(NOW)) or not environ


LINES = [
    pytest.param(ON, {"profile": "work", "key": "...MPLE", "session": "1m left, until 2023-11-14T22:15:00Z"}, id="on"),
    pytest.param(
        {**ON, "SHELLHOOK_EXPIRES": str(NOW - 5)}, {"session": "expired at 2023-11-14T22:13:15Z"}, id="expired"
    ),
]


@pytest.mark.parametrize(("environ", "expected"), LINES)
def test_lines(environ: dict[str, str], expected: dict[str, str]) -> None:
    found = status.of(environ, NOW).lines(NOW)
    assert expected.items() <= dict(found).items()
    assert [name for name, _ in found] == ["profile", "role", "account", "region", "key", "session", "renewal"]


LOGINS: list[tuple[dict[str, Any], str]] = [
    (
        {"sign_in_expires": NOW + 4000, "sign_in_refreshes": True},
        "corp: 1h06m left, until 2023-11-14T23:20:00Z; refreshed",
    ),
    ({"sign_in_expires": NOW + 4000, "sign_in_refreshes": False}, "corp: 1h06m left, until 2023-11-14T23:20:00Z"),
    ({"sign_in_expires": NOW - 1, "sign_in_refreshes": False}, "corp: expired at 2023-11-14T22:13:19Z"),
    ({}, "corp: not signed in"),
]


@pytest.mark.parametrize(("known", "line"), LOGINS)
def test_a_login_has_a_clock_of_its_own(known: dict[str, Any], line: str) -> None:
    found = dict(status.of(ON, NOW).replace(sign_in="corp", renewal="login", **known).lines(NOW))
    assert found["sign-in"].startswith(line)
    assert found["session"].startswith("1m left")
    assert found["renewal"] == "a login will be asked"


def test_what_is_not_known_has_no_line() -> None:
    sparse = {name: ON[name] for name in ("SHELLHOOK_REQUEST", "SHELLHOOK_KEY_ID", "AWS_ACCESS_KEY_ID")}
    assert [name for name, _ in status.of(sparse, NOW).lines(NOW)] == ["key"]
    changed = status.of({**ON, "AWS_PROFILE": "x"}, NOW).lines(NOW)
    assert [name for name, _ in changed[-2:]] == ["changed", "outranked"]


SPANS = [(0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h00m"), (7500, "2h05m"), (129_600, "36h00m")]


@pytest.mark.parametrize(("seconds", "text"), SPANS)
def test_span(seconds: int, text: str) -> None:
    assert status.span(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(44.6, "45s"), (599.2, "10m"), (7199, "2h00m")])
def test_about(seconds: float, text: str) -> None:
    assert status.about(seconds) == text
