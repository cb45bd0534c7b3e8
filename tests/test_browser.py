"""Which browser there is, and opening a page in it."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.parse
from typing import TYPE_CHECKING

import pytest

from shellhook import browser
from shellhook.browser import Browser
from shellhook.errors import BadConfiguration

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="commands of POSIX")
URL = "http://127.0.0.1:1/?a=b&c=$(touch owned)'\" x"
SSH = {"SSH_CONNECTION": "a 1 b 2"}
SHOWN = {"DISPLAY": ":0"}
HOME = os.path.expanduser("~")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of programs, which is the whole PATH; no container, and not macOS."""
    monkeypatch.setattr(browser, "_CONTAINER_FILES", (str(tmp_path / "dockerenv"),))
    monkeypatch.setattr(sys, "platform", "linux")
    directory = tmp_path / "bin"
    directory.mkdir()
    return directory


def program(directory: Path, name: str, status: int = 0) -> None:
    """A browser that writes down what it was told, and what it was given."""
    code = (
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"path = {str(directory.parent / name)!r}\n"
        "json.dump([sys.argv[1:], dict(os.environ)], open(path + '.part', 'w'))\n"
        f"os.rename(path + '.part', path)\nsys.exit({status})\n"
    )
    (directory / name).write_text(code, encoding="utf-8")
    (directory / name).chmod(0o755)


def told(directory: Path, name: str) -> tuple[list[str], dict[str, str]]:
    path = directory.parent / name
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    words, environ = json.loads(path.read_text())
    return words, environ


FOUND = [
    ("the setting", {"BROWSER": "b", **SSH}, "firefox -P work {url}", (("firefox", "-P", "work", "{url}"),)),
    ("the setting, without a place", {}, "firefox --new-window", (("firefox", "--new-window", "{url}"),)),
    ("a place within a word", {}, "x --app={url}", (("x", "--app={url}"),)),
    ("quotes", {}, "'/my apps/browser' -x", (("/my apps/browser", "-x", "{url}"),)),
    ("BROWSER", {"BROWSER": "b"}, "", (("b", "{url}"),)),
    ("BROWSER over SSH", {"BROWSER": "b", **SSH}, "", (("b", "{url}"),)),
    ("several", {"BROWSER": "b:c %s -z"}, "", (("b", "{url}"), ("c", "{url}", "-z"))),
    ("the background is ours", {"BROWSER": "b %s &"}, "", (("b", "{url}"),)),
    ("terminals' are left out", {"BROWSER": "w3m:b"}, "", (("b", "{url}"),)),
    ("the system's", SHOWN, "", (("xdg-open", "{url}"), ("firefox", "{url}"))),
    ("Wayland", {"WAYLAND_DISPLAY": "w"}, "", (("xdg-open", "{url}"), ("firefox", "{url}"))),
]


@pytest.mark.parametrize(("environ", "template", "commands"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_which(environ: dict[str, str], template: str, commands: tuple[tuple[str, ...], ...], programs: Path) -> None:
    for name in ("xdg-open", "firefox"):
        program(programs, name)
    found, reason = browser.find({"PATH": str(programs), **environ}, template, "config.toml:1")
    assert found is not None
    assert (found.commands, reason) == (commands, "")


NONE = [
    (SSH, "this is an SSH session"),
    ({**SSH, **SHOWN}, "this is an SSH session"),
    ({"SSH_TTY": "/dev/pts/1", **SHOWN}, "this is an SSH session"),
    ({}, "there is no display"),
    ({"container": "podman"}, "this is a container"),
    (SHOWN, "none is installed"),
    ({"BROWSER": "w3m", **SHOWN}, "BROWSER names one for terminals only"),
]


@pytest.mark.parametrize(("environ", "reason"), NONE)
def test_none(environ: dict[str, str], reason: str, programs: Path) -> None:
    assert browser.find({"PATH": str(programs), **environ}) == (None, reason)


def test_a_container_has_none(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "dockerenv").touch()
    assert browser.find({"PATH": str(programs)}) == (None, "this is a container")


def test_windows_below_linux(programs: Path) -> None:
    program(programs, "explorer.exe", status=1)
    environ = {"PATH": str(programs), "WSL_DISTRO_NAME": "Debian"}
    found, _ = browser.find(environ)
    assert found is not None
    assert browser.open_page(found, URL, environ), "it ends with 1 when all is well"


def test_other_systems(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    found, _ = browser.find({})
    assert found is not None
    assert found.commands == (("open", "{url}"),)
    assert browser.find(SSH) == (None, "this is an SSH session")
    monkeypatch.setattr(sys, "platform", "win32")
    found, _ = browser.find({})
    assert found is not None
    assert found.commands == ()
    quoted, _ = browser.find({}, r'"C:\My Apps\b.exe" {url}', "config.toml:1")
    assert quoted is not None
    assert quoted.commands == ((r"C:\My Apps\b.exe", "{url}"),)


@pytest.mark.parametrize("template", ["'open", "{url}", "&", " "])
def test_a_template_that_cannot_be_read(template: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        browser.find({}, template, "config.toml:7")
    assert "config.toml:7" in caught.value.why


def test_the_page_is_one_word_and_no_shell_sees_it(programs: Path) -> None:
    program(programs, "b")
    environ = {"PATH": str(programs)}
    assert browser.open_page(Browser(commands=(("b", "-n", "{url}"),), where="x"), URL, environ)
    assert told(programs, "b")[0] == ["-n", URL]
    assert not os.path.exists("owned")


def test_it_gets_no_keys(programs: Path) -> None:
    program(programs, "b")
    environ = {"PATH": str(programs), "AWS_SECRET_ACCESS_KEY": "5ecret", "AWS_SESSION_TOKEN": "5ecret", "X": "y"}
    assert browser.open_page(Browser(commands=(("b", "{url}"),), where="x"), URL, environ)
    given = told(programs, "b")[1]
    assert given["X"] == "y"
    assert "5ecret" not in given.values()


def test_the_next_one_if_the_first_fails(programs: Path) -> None:
    program(programs, "bad", status=3)
    program(programs, "good")
    found = Browser(commands=(("missing", "{url}"), ("bad", "{url}"), ("good", "{url}")), where="x")
    assert browser.open_page(found, URL, {"PATH": str(programs)})
    assert told(programs, "good")[0] == [URL]
    assert not browser.open_page(found.replace(commands=found.commands[:2]), URL, {"PATH": str(programs)})


def test_one_that_stays_open_is_not_waited_for() -> None:
    started = time.monotonic()
    assert browser.open_page(Browser(commands=(("sleep", "5"),), where="x"), URL, {"PATH": os.environ["PATH"]})
    assert time.monotonic() - started < 3


# --- a page for each account, and the clipboard

NAMES = {"profile": "it's {url} & $(x)", "account": "111122223333"}
# A template, and what the browser is told.
FILLED = [
    ("b --profile-directory={profile} {url}", ["--profile-directory=it's {url} & $(x)", URL]),
    ("b --incognito --user-data-dir=/k/{account} {url}", ["--incognito", "--user-data-dir=/k/111122223333", URL]),
    (
        "b 'ext+container:name={account}&url={url}'",
        [f"ext+container:name=111122223333&url={urllib.parse.quote(URL, safe='')}"],
    ),
    ("b {other} {} {url}", ["{other}", "{}", URL]),
    ("b --user-data-dir=~/k ~/{account} x~/y", [f"--user-data-dir={HOME}/k", f"{HOME}/111122223333", "x~/y", URL]),
]


@pytest.mark.parametrize(("template", "words"), FILLED, ids=[row[0] for row in FILLED])
def test_templates(template: str, words: list[str], programs: Path) -> None:
    program(programs, "b")
    environ = {"PATH": str(programs)}
    found, _ = browser.find(environ, template, "config.toml:1")
    assert found is not None
    assert browser.open_page(found, URL, environ, NAMES)
    assert told(programs, "b")[0] == words


def copier(directory: Path, name: str, status: int = 0) -> None:
    """A program that copies what it reads, to a file."""
    (directory / name).write_text(
        f'#!/bin/sh\ncat > "{directory.parent}/{name}"\nfor word; do echo "$word"; done > "{directory.parent}/words"\n'
        f"exit {status}\n",
        encoding="utf-8",
    )
    (directory / name).chmod(0o755)


def test_the_clipboard_is_told_unseen(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{programs}:/usr/bin:/bin"
    monkeypatch.setattr(browser, "_CLIPBOARDS", ("copy-none", "copy-bad", "copy-good -selection clipboard"))
    copier(programs, "copy-bad", status=1)
    copier(programs, "copy-good")
    found, reason = browser.find({"PATH": path}, "clipboard", "config.toml:1")
    assert found is not None
    assert (found.piped, reason) == (True, "")
    assert browser.open_page(found, URL, {"PATH": path}, NAMES)
    assert (programs.parent / "copy-good").read_text() == URL
    assert (programs.parent / "words").read_text().split() == ["-selection", "clipboard"]
    assert not browser.open_page(found.replace(commands=found.commands[:1]), URL, {"PATH": path})


def test_no_clipboard(programs: Path) -> None:
    found, reason = browser.find({"PATH": str(programs)}, "clipboard", "config.toml:1")
    assert found is None
    assert "xclip" in reason
