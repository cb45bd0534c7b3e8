"""The session of a shell, and the keyring where it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keyring as package
import pytest

from shellhook import os_keyring, profiles
from shellhook.doctor import keyring, session
from shellhook.profiles import Files
from shellhook.store import Store

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_800_000_000
ON = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "SHELLHOOK_KEY_ID": "ASIAEXAMPLE",
    "SHELLHOOK_PROFILE": "power-user",
    "SHELLHOOK_REQUEST": "0" * 32,
    "SHELLHOOK_BEFORE": "1" * 32,
    "SHELLHOOK_EXPIRES": str(NOW + 3600),
}


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({}, "ok", "power-user is on, 1h00m left"),
        ({"SHELLHOOK_EXPIRES": ""}, "ok", "power-user is on; nobody knows for how long"),
        ({"SHELLHOOK_EXPIRES": str(NOW - 1)}, "warn", "power-user has expired: AWS refuses what is run here"),
        ({"AWS_ACCESS_KEY_ID": "AKIAOTHER"}, "warn", "somebody else has set keys"),
        ({"AWS_PROFILE": "x"}, "warn", "somebody else has set keys"),
        ({"SHELLHOOK_REQUEST": ""}, "ok", "none is on in this shell; there are keys of somebody else's"),
    ],
)
def test_what_is_on(changes: dict[str, str], status: str, message: str) -> None:
    (found,) = session.of_shell({**ON, **changes}, NOW)
    assert found.status == status
    assert message in found.message
    assert bool(found.remedy) is (status != "ok")


def test_what_renewal_and_off_need(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    lost = list(session.of_store(ON, store))
    assert [(each.status, each.where) for each in lost] == [("warn", "SHELLHOOK_REQUEST"), ("warn", "SHELLHOOK_BEFORE")]
    before = store.put_before(1, {"AWS_PROFILE": None})
    store.put_request("0" * 32, {"request": {}})
    assert list(session.of_store({**ON, "SHELLHOOK_BEFORE": before}, store)) == []
    assert list(session.of_store({}, store)) == []


def test_a_digest_that_is_none_leads_to_no_file(tmp_path: Path) -> None:
    found = list(session.of_store({**ON, "SHELLHOOK_REQUEST": "../../etc/passwd"}, Store(str(tmp_path))))
    assert (found[0].status, found[0].where) == ("fail", "SHELLHOOK_REQUEST")


def files_with(text: str, tmp_path: Path) -> Files:
    (tmp_path / "config").write_text(text)
    return Files(config=str(tmp_path / "config"), credentials=str(tmp_path / "credentials"))


def test_a_keyring_that_nothing_needs_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os_keyring, "get", lambda name: pytest.fail("asked"))
    reasons = keyring.needed(
        {"XDG_CONFIG_HOME": "/none"}, profiles.read(files_with("[profile a]\nregion = us-east-1\n", tmp_path))
    )
    (found,) = keyring.usable(reasons)
    assert (found.status, "not needed" in found.message) == ("ok", True)


def test_what_needs_it_is_named(tmp_path: Path) -> None:
    from shellhook import keys

    text = f"[profile a]\ncredential_process = {keys.command('/bin/shellhook', 'AKIAIOSFODNN7EXAMPLE')}\n"
    environ = {"SHELLHOOK_SESSION_STORE": "keyring", "XDG_CONFIG_HOME": "/none"}
    assert keyring.needed(environ, profiles.read(files_with(text, tmp_path))) == [
        "session_store (SHELLHOOK_SESSION_STORE)",
        f"the key of a ({tmp_path / 'config'}:2)",
    ]


def test_a_keyring_that_is_needed_and_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os_keyring._Manner, "may_ask", True)  # put back afterwards: other tests may ask
    former = package.get_keyring()
    from keyring.backends import fail, null

    try:
        package.set_keyring(fail.Keyring())
        (found,) = keyring.usable(["session_store (file:1)", "the key of a (file:2)"])
        assert found.status == "fail"
        assert found.message.startswith("needed for session_store (file:1) and 1 more; ")
        assert found.remedy
        package.set_keyring(null.Keyring())
        (found,) = keyring.usable(["session_store (file:1)"])
        assert (found.status, found.message) == (
            "ok",
            "needed for session_store (file:1); keyring.backends.null.Keyring answers",
        )
    finally:
        package.set_keyring(former)
