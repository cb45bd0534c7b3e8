"""The commands beside `assume`: what they print, and their exit status."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from shellhook import shells
from shellhook.cli import explain, forget, init, status
from shellhook.errors import NoSession, NoSuchProfile, WrongUsage
from tests.plans import BASE, DEVICE, arn, role

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Desk


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two profiles, and no session."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "SHELLHOOK_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(role("power-user", "base", f"mfa_serial = {DEVICE}") + BASE)
    return tmp_path


def on(monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    variables = {
        "SHELLHOOK_REQUEST": "a" * 32,
        "SHELLHOOK_KEY_ID": "ASIAEXAMPLE",
        "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
        "SHELLHOOK_PROFILE": "power-user",
        "SHELLHOOK_EXPIRES": str(int(time.time()) + left),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


# --- explain


def test_explain_takes_the_words_of_assume(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert explain.run(["power-user", "--chain", "other", "-r", "eu-west-1"]) == 0
    shown = capsys.readouterr().out
    for words in ("power-user: role other", arn("power-user"), arn("other"), "--chain", "eu-west-1", "code:"):
        assert words in shown


def test_explain_knows_no_other_profiles() -> None:
    with pytest.raises(NoSuchProfile, match="power-usr") as caught:
        explain.run(["power-usr"])
    assert "power-user" in caught.value.remedy


# --- status


@pytest.mark.parametrize(("left", "code", "word"), [(100, 0, "until"), (-100, 1, "expired")])
def test_status(
    left: int, code: int, word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on(monkeypatch, left)
    assert status.run([]) == code
    shown = capsys.readouterr().out
    assert "power-user" in shown
    assert word in shown
    assert "wJalrXUtnFEMI" not in shown


def test_status_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert status.run(["--json"]) == NoSession.status
    assert json.loads(capsys.readouterr().out)["state"] == "none"
    on(monkeypatch, 100)
    assert status.run(["--json"]) == 0
    text = capsys.readouterr().out
    shown = json.loads(text)
    assert (shown["state"], shown["profile"], shown["key"]) == ("valid", "power-user", "MPLE")
    assert 95 <= shown["left"] <= 100
    assert "wJalrXUtnFEMI" not in text


def test_status_of_nothing() -> None:
    with pytest.raises(NoSession):
        status.run([])


# --- init, forget


@pytest.mark.parametrize("shell", shells.NAMES)
def test_init_prints_the_hook(shell: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert init.run([shell, "--cmd", "as"]) == 0
    assert capfdbinary.readouterr().out.decode().startswith(shells.stamp("as"))


@pytest.mark.parametrize("words", [[], ["bash", "zsh"]])
def test_init_wants_one_shell(words: list[str]) -> None:
    with pytest.raises(WrongUsage, match="which shell"):
        init.run(words)


@pytest.mark.parametrize("words", [[], ["x", "y"], ["x", "--all"]])
def test_forget_wants_to_know_what(words: list[str]) -> None:
    with pytest.raises(WrongUsage, match="forget what"):
        forget.run(words)


def test_a_section_that_cannot_be_read_keeps_nothing_else_from_being_forgotten(desk: Desk) -> None:
    for name in ("deploy", "read-only"):
        assert desk.run("write", name).status == 0
    text = desk.credentials.read_text()
    desk.credentials.write_text(text.replace("[read-only-session]\n", "[read-only-session]\nrubbish\n"))
    done = desk.run("forget", "--all")
    assert (done.status, done.out) == (3, "2 sessions forgotten\n"), done
    assert "what was written for 'read-only' could not be taken away" in done.err
    assert "deploy-session" not in desk.credentials.read_text()
    assert not desk.store.files.names("sessions")
    desk.credentials.write_text(desk.credentials.read_text().replace("rubbish\n", ""))
    assert desk.run("forget", "--all").status == 0
    assert "session]" not in desk.credentials.read_text()
