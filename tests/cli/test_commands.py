"""The commands beside `assume`: what they print, and their exit status."""

from __future__ import annotations

import importlib
import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from shellhook import __main__, shells
from shellhook.cli import explain, forget, init, status
from shellhook.errors import NoSession, NoSuchProfile, WrongUsage
from tests.plans import BASE, DEVICE, arn, role

if TYPE_CHECKING:
    from pathlib import Path


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


# --- the entry


def ended(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["shellhook", *words])
    with pytest.raises(SystemExit) as caught:
        __main__.main()
    return int(caught.value.code or 0)


STATUSES = [
    (["--help"], 0),
    (["--version"], 0),
    ([], 0),
    (["status"], 2),
    (["explain", "nope"], 3),
    (["explain", "power-user", "--zzz"], 64),
    (["nope"], 64),
]


@pytest.mark.parametrize(("words", "code"), STATUSES, ids=str)
def test_exit_status(words: list[str], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(monkeypatch, *words) == code


def test_an_error_is_said_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended(monkeypatch, "stats")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "'stats'" in shown.err
    assert "status?" in shown.err


def test_every_verb_has_a_command_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in __main__.VERBS:
        assert importlib.import_module(f"shellhook.cli.{verb}").run(["--help"]) == 0, verb
        assert capsys.readouterr().out.strip(), verb


def test_no_traceback_and_no_text_of_what_should_not_have_happened(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its text may quote parameters and answers of AWS."""

    def fail(_words: list[str]) -> int:
        raise ValueError("wJalrXUtnFEMI")

    monkeypatch.setattr(status, "run", fail)
    assert ended(monkeypatch, "status") == 1
    shown = capsys.readouterr().err
    assert "ValueError" in shown
    assert "Traceback" not in shown
    monkeypatch.setenv("SHELLHOOK_DEBUG", "1")
    assert ended(monkeypatch, "status") == 1
    debug = capsys.readouterr().err
    assert "in fail" in debug
    assert "wJalrXUtnFEMI" not in shown + debug


def test_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_words: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(status, "run", interrupted)
    assert ended(monkeypatch, "status") == 130
