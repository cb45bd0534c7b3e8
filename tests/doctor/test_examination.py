"""All checks together: whatever breaks or hangs, there is an end, and the others are heard."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NoReturn

import pytest

from shellhook.doctor import examination, ok
from shellhook.errors import BadConfiguration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shellhook.doctor import Finding


def breaks() -> NoReturn:
    raise RuntimeError("sEcReT")


def breaks_later() -> Iterator[Finding]:
    yield ok("later", "so far")
    raise KeyError("sEcReT")


def exits() -> NoReturn:
    raise SystemExit(3)


def explains() -> NoReturn:
    raise BadConfiguration("the file cannot be read", why="Permission denied", remedy="chmod u+r file")


def test_what_breaks_is_a_finding_and_says_where_and_never_what_it_quotes() -> None:
    found = examination.run(
        [
            ("one", breaks),
            ("later", breaks_later),
            ("exit", exits),
            ("known", explains),
            ("fine", lambda: [ok("fine", "x")]),
        ],
        5,
    )
    assert [(each.check, each.status, each.message) for each in found] == [
        ("one", "fail", "this check broke: RuntimeError"),
        ("later", "ok", "so far"),
        ("later", "fail", "this check broke: KeyError"),
        ("exit", "fail", "this check broke: SystemExit"),
        ("known", "fail", "the file cannot be read: Permission denied"),
        ("fine", "ok", "x"),
    ]
    assert found[0].where.startswith(__file__)
    assert found[4].remedy == "chmod u+r file"
    assert "sEcReT" not in str(found)


def test_what_hangs_is_left_behind_and_what_it_found_so_far_is_told() -> None:
    never = threading.Event()

    def hangs() -> Iterator[Finding]:
        yield ok("hangs", "so far")
        never.wait()

    began = time.monotonic()
    found = examination.run([("hangs", hangs), ("fine", lambda: [ok("fine", "x")])], 0.2)
    never.set()
    assert time.monotonic() - began < 3
    assert [(each.check, each.status, each.message) for each in found] == [
        ("hangs", "ok", "so far"),
        ("hangs", "warn", "not done within 0.2s"),
        ("fine", "ok", "x"),
    ]


@pytest.mark.parametrize(
    "environ", [{}, {"HOME": "/dev/null", "XDG_STATE_HOME": "/dev/null"}, {"HOME": "no/where"}, {"HOME": "\0"}]
)
def test_no_environment_is_too_broken(environ: dict[str, str]) -> None:
    checks = [check for check in examination.checks(environ) if check[0] not in ("network", "proxy", "aws-cli")]
    found = examination.run(checks, 30)
    assert {each.check for each in found} >= {"python", "packages", "environment", "session", "other-tools"}
    assert all(each.remedy for each in found if each.status != "ok")
