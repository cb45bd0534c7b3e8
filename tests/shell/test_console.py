"""`assume --console` in a real shell: the link goes where standard output goes, or the browser opens; what is on in the
shell stays on."""

from __future__ import annotations

import html
import re
import sys
import time
from pathlib import Path

from shellhook.sandbox.browser import fetch
from tests.shell.backend import Backend
from tests.shell.person import Meet, Person
from tests.shell.session import Start
from tests.shell.shells import Shell
from tests.shell.tab import Desk as TabPresser
from tests.shell.test_residue import everything, files

READ_ONLY = "arn:aws:sts::111122223333:assumed-role/read-only/me"
POWER_USER = "arn:aws:sts::111122223333:assumed-role/power-user/me"
# Fetches its page, and writes down who has signed in.
BROWSER = """\
import re, sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
text = opener.open(sys.argv[1]).read().decode()
with open("identity.part", "w") as file:
    file.write(re.search('id="identity">([^<]*)', text)[1])
import os
os.rename("identity.part", "identity")
"""


def identity(link: str) -> str:
    """Who the page says has signed in."""
    found = re.search(r'id="identity">([^<]*)', fetch(link).text)
    assert found, link
    return html.unescape(found[1])


def appears(file: Path) -> str:
    """The content of a file that somebody is about to write, which is gone then."""
    deadline = time.monotonic() + 30
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    text = file.read_text(encoding="utf-8")
    file.unlink()
    return text


def token_of(me: Person) -> str:
    """The sign-in token of the link in `link`, which is all that this file has, and goes."""
    place = me.desk.home / "link"
    (line,) = place.read_text(encoding="utf-8-sig").splitlines()
    place.unlink()
    assert identity(line) in (READ_ONLY, POWER_USER)
    return line.partition("SigninToken=")[2]


def test_the_link_is_printed_and_the_shell_stays_as_it_is(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    me.types("assume power-user")
    me.types("clear")
    before = me.state()
    tokens = []
    for line in (
        "assume read-only --console=ec2 --print",
        "assume --console --print",
        "assume read-only -c=s3 --print",
    ):
        result = me.types(f"{line} > link")
        assert result.status == 0, result.screen
        assert "good for 15 minutes" in result.output
        tokens.append(token_of(me))
    result = me.types("assume read-only --console=lamda")
    assert result.status == 64
    assert "did you mean lambda?" in result.output
    assert me.changed_since(before) == {}
    assert me.profile() == "power-user"
    assert all(len(token) > 100 for token in tokens)
    places = {**everything(me), **dict(files(me.desk.home.parent))}
    assert [(place, token[:9]) for place, text in places.items() for token in tokens if token[:40] in text] == []


def test_the_browser_opens(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, env={"BROWSER": f"{sys.executable} browser.py"})
    (me.desk.home / "browser.py").write_text(BROWSER, encoding="utf-8")
    before = me.state()
    result = me.types("assume read-only --console")
    assert result.status == 0, result.screen
    assert "the console of read-only, account 111122223333: it opens in the browser" in result.output
    assert appears(me.desk.home / "identity") == READ_ONLY
    assert me.changed_since(before) == {}
    me.types("assume power-user")
    assert me.types("assume -c").status == 0
    assert appears(me.desk.home / "identity") == POWER_USER
    assert me.profile() == "power-user"


def test_a_code_is_asked_and_can_be_refused(shell: Shell, person: Meet) -> None:
    me = person(shell)
    before = me.state()
    me.asked("assume power-user --console --print > link")
    me.session.key("ctrl-c")
    assert me.ready().status == 130
    me.asked("assume power-user --console --print > link")
    me.answers(me.code())
    result = me.ready()
    assert result.status == 0, result.screen
    assert token_of(me)
    assert me.changed_since(before) == {}


def test_services_complete(shell: Shell, start: Start, backend: Backend) -> None:
    TabPresser(shell, start, backend).check(
        [
            ("assume power-user --console=lamb", "assume power-user --console=lambda"),
            ("assume --console=dyn", "assume --console=dynamodb"),
            ("assume --cons", "assume --console"),
            ("shellhook signout", "shellhook signout-url"),
        ]
    )
