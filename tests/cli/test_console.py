"""assume --console, and shellhook signout-url, as programs."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from shellhook.sandbox.browser import fetch
from tests.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Done

ACCOUNT = "111122223333"
READ_ONLY = f"arn:aws:sts::{ACCOUNT}:assumed-role/read-only/me"
CHROMIUM = shutil.which("chromium")
# A browser that fetches its page and writes it down.
_BROWSER = """\
#!{python}
import os, sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
with opener.open(sys.argv[-1]) as answer, open({page!r} + ".part", "wb") as file:
    file.write(answer.read())
os.rename({page!r} + ".part", {page!r})
"""


def browser(desk: Desk, name: str = "browser") -> tuple[str, Path]:
    """The command of such a browser, and where its page will be."""
    page, program = desk.home / f"{name}.html", desk.home / name
    program.write_text(_BROWSER.format(python=sys.executable, page=str(page)), encoding="utf-8")
    program.chmod(0o755)
    return str(program), page


def appeared(page: Path) -> str:
    """The page, as soon as it is there."""
    deadline = time.monotonic() + 20
    while not page.exists():
        assert time.monotonic() < deadline, "the browser has opened nothing"
        time.sleep(0.02)
    return page.read_text(encoding="utf-8")


def shown(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in re.findall(r'<dd id="(\w+)">([^<]*)</dd>', text)}


def printed(done: Done) -> str:
    """The link, which is all that is on standard output."""
    assert done.status == 0, done
    (line,) = done.out.splitlines()
    assert "good for 15 minutes" in done.err
    assert "SigninToken" not in done.err
    return line


def test_the_link_is_printed_alone(desk: Desk) -> None:
    link = printed(desk.run(*desk.hooked("dave-read-only", "--console=ec2", "--print")))
    said = shown(fetch(link).text)
    assert said["identity"] == READ_ONLY
    assert said["destination"] == "https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1"


def test_the_browser_is_opened(desk: Desk) -> None:
    command, page = browser(desk)
    done = desk.run(*desk.hooked("dave-read-only", "-c"), env={"BROWSER": command})
    assert (done.status, done.out) == (0, "")
    assert done.err == "shellhook: the console of dave-read-only, account 111122223333: it opens in the browser\n"
    assert shown(appeared(page))["identity"] == READ_ONLY


def test_a_profile_has_a_browser_of_its_own(desk: Desk) -> None:
    (_, other), (command, page) = browser(desk, "other"), browser(desk)
    settings = desk.home / ".config" / "shellhook"
    settings.mkdir(parents=True)
    (settings / "config.toml").write_text(
        f'browser = "{desk.home}/other"\n[profile.dave-read-only]\nbrowser = "{command} --as={{profile}} {{url}}"\n'
    )
    assert desk.run(*desk.hooked("dave-read-only", "--console")).status == 0
    assert shown(appeared(page))["identity"] == READ_ONLY
    assert not other.exists()


@pytest.mark.parametrize("variables", [{"SSH_CONNECTION": "a 1 b 2"}, {"SSH_TTY": "/dev/pts/1"}])
def test_over_ssh_it_is_printed(desk: Desk, variables: dict[str, str]) -> None:
    done = desk.run(*desk.hooked("dave-read-only", "--console"), env={**variables, "DISPLAY": ":0"})
    assert shown(fetch(printed(done)).text)["identity"] == READ_ONLY
    assert "this is an SSH session" in done.err


def test_a_browser_that_fails_is_no_loss(desk: Desk) -> None:
    done = desk.run(*desk.hooked("dave-read-only", "--console"), env={"BROWSER": "false"})
    assert shown(fetch(printed(done)).text)["identity"] == READ_ONLY
    assert "BROWSER could not open it" in done.err


def test_without_the_hook_too(desk: Desk) -> None:
    printed(desk.run("assume", "dave-read-only", "--console", "--print"))


def session(desk: Desk, *words: str) -> dict[str, str | None]:
    """The environment of a shell that has assumed something."""
    done = desk.run("assume", *words, "--", sys.executable, "-c", "import os; print(dict(os.environ))")
    assert done.status == 0, done
    given: dict[str, str | None] = eval(done.out)  # noqa: S307 - what Python has just printed
    return given


def test_the_session_that_is_on(desk: Desk) -> None:
    environ = session(desk, "dave-read-only")
    desk.sandbox.forget_calls()
    done = desk.run(*desk.hooked("--console=s3", "--print"), env={**environ, "AWS_REGION": "eu-west-3"})
    said = shown(fetch(printed(done)).text)
    assert said["identity"] == READ_ONLY
    assert said["destination"].startswith("https://eu-west-3."), "a region that was changed by hand"
    assert desk.sandbox.calls("AssumeRole") == [], "from the store"
    done = desk.run(*desk.hooked("--console", "--print", "-r", "eu-west-2"), env=environ)
    assert "eu-west-2" in shown(fetch(printed(done)).text)["destination"]


def test_a_plain_session_is_on(desk: Desk) -> None:
    """GetSessionToken's cannot sign in; the keys it came from can."""
    environ = session(desk, "bob", "--token-code", desk.sandbox.code("bob"))
    assert len(desk.sandbox.calls("GetSessionToken")) == 1
    said = shown(fetch(printed(desk.run(*desk.hooked("--console", "--print"), env=environ))).text)
    assert said["identity"] == f"arn:aws:sts::{ACCOUNT}:federated-user/bob"


def test_a_pasted_session_is_on(desk: Desk) -> None:
    given = session(desk, "dave-read-only")
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    copied = "\n".join(f"export {name}={given[name]}" for name in names)
    script = "import os; print(dict(os.environ))"
    pasted = desk.run("assume", "--paste", "--", sys.executable, "-c", script, stdin=f"{copied}\n")
    environ: dict[str, str | None] = eval(pasted.out)  # noqa: S307
    done = desk.run(*desk.hooked("--console", "--print"), env=environ)
    assert shown(fetch(printed(done)).text)["identity"] == READ_ONLY


def test_the_previous_one(desk: Desk) -> None:
    first = session(desk, "dave-read-only")
    environ = {"SHELLHOOK_PREVIOUS": first["SHELLHOOK_REQUEST"]}
    assert (
        shown(fetch(printed(desk.run(*desk.hooked("-", "-c", "--print"), env=environ))).text)["identity"] == READ_ONLY
    )


def test_a_session_that_was_changed_by_hand(desk: Desk) -> None:
    environ = session(desk, "dave-read-only")
    for change in ({"AWS_PROFILE": "bob"}, {"AWS_ACCESS_KEY_ID": "AKIAOTHER"}):
        done = desk.run(*desk.hooked("--console", "--print"), env={**environ, **change})
        assert (done.status, done.out) == (1, "")
        assert "changed by hand" in done.err


def test_policies_from_a_file_and_by_arn(desk: Desk) -> None:
    policy = desk.home / "policy.json"
    policy.write_text('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}')
    for word in (str(policy), f"file://{policy}", policy.read_text()):
        desk.sandbox.forget_calls()
        printed(desk.run(*desk.hooked("bob", "--console", "--print", "--policy", word)))
        (call,) = desk.sandbox.calls("GetFederationToken")
        assert call["values"]["Policy"] == policy.read_text()
    desk.sandbox.forget_calls()
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    printed(desk.run(*desk.hooked("bob", "--console", "--print", "--policy", arn, "-d", "36h")))
    (call,) = desk.sandbox.calls("GetFederationToken")
    assert "PolicyArns.member.1.arn" in call["parameters"]
    assert call["values"]["DurationSeconds"] == "129600"


REFUSED = [
    (["power-user", "--print"], 64, "--console --print"),
    (["power-user", "--console=lamda"], 64, "did you mean lambda?"),
    (["power-user", "--console=https://example.com/"], 64, "no page of the console"),
    (["power-user", "-c", "ec2"], 64, "assume power-user --console=ec2"),
    (["ec2", "--console"], 3, "assume PROFILE --console=ec2"),
    (["no-such", "--console"], 3, "no profile 'no-such'"),
    (["power-user", "--console", "--", "ls"], 64, "one at a time"),
    (["power-user", "--console", "--off"], 64, "stands alone"),
    (["--console"], 64, "which profile?"),
    (["bob", "--console", "--policy", "/nowhere.json"], 64, "/nowhere.json cannot be read"),
    (["base", "--console"], 1, '{"Effect": "Allow", "Action": "sts:GetFederationToken"'),
    (["carol", "--console"], 1, "assume carol-read-only --console"),
]


@pytest.mark.parametrize(("words", "status", "said"), REFUSED, ids=lambda value: str(value))
def test_refusals(desk: Desk, words: list[str], status: int, said: str) -> None:
    done = desk.run(*desk.hooked(*words))
    assert (done.status, done.out) == (status, ""), done
    assert said in done.err


def test_nobody_signs_in_anywhere(desk: Desk, closed_port: str) -> None:
    done = desk.run(*desk.hooked("dave-read-only", "-c", "--print"), env={"AWS_ENDPOINT_URL_SIGNIN": closed_port})
    assert (done.status, done.out) == (5, "")
    assert f"{closed_port} could not be reached" in done.err


def test_the_link_is_nowhere_but_where_it_is_meant(desk: Desk) -> None:
    """Not in a file, and not in what --debug says; nor is the token that it was made of."""
    done = desk.run(*desk.hooked("dave-read-only", "--console", "--print", "--debug"), env={"SHELLHOOK_DEBUG": "1"})
    token = printed(done).partition("SigninToken=")[2]
    assert len(token) > 100
    root = desk.home.parent
    files = [path for path in root.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if token[:40].encode() in path.read_bytes()] == []
    desk.sandbox.fail(400, action="getSigninToken", count=2)
    done = desk.run(*desk.hooked("dave-read-only", "--console", "--debug"))
    assert done.status == 1
    assert "federation.py" in done.err, "a traceback, without what was sent"
    assert "sessionKey" not in done.err
    assert "getSigninToken" not in done.err


@pytest.mark.skipif(CHROMIUM is None, reason="chromium (of Debian) is not on this machine")
def test_in_a_real_browser(desk: Desk) -> None:
    command = f"{CHROMIUM} --headless --no-sandbox --disable-gpu --no-proxy-server --user-data-dir={{home}} --dump-dom"
    link = printed(desk.run(*desk.hooked("dave-read-only", "--console=ec2", "--print")))
    words = command.format(home=desk.home / "chromium").split()
    done = subprocess.run(
        [*words, link],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, "HOME": str(desk.home)},
    )
    said = shown(done.stdout)
    assert said["identity"] == READ_ONLY
    assert said["destination"] == "https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1"


# --- signout-url


OUT = [
    ([], {}, "https://signin.aws.amazon.com/oauth?Action=logout"),
    ([], {"AWS_REGION": "cn-north-1"}, "https://signin.amazonaws.cn/oauth?Action=logout"),
    (["--region", "us-gov-west-1"], {}, "https://signin.amazonaws-us-gov.com/oauth?Action=logout"),
    (["-r", "eusc-de-east-1"], {}, "https://eusc-de-east-1.signin.amazonaws-eusc.eu/oauth?Action=logout"),
    ([], {"AWS_ENDPOINT_URL_SIGNIN": "https://x.example"}, "https://x.example/oauth?Action=logout"),
]


@pytest.mark.parametrize(("words", "environ", "url"), OUT)
def test_signout_url(desk: Desk, words: list[str], environ: dict[str, str], url: str) -> None:
    nothing = {"AWS_ENDPOINT_URL": None, "AWS_ENDPOINT_URL_SIGNIN": None}
    done = desk.run("signout-url", *words, env={**nothing, **environ})
    assert (done.status, done.out, done.err) == (0, f"{url}\n", "")


@pytest.mark.parametrize("words", [["bob"], ["--region", "a b"], ["--region", "us-iso-east-1"]])
def test_signout_url_refuses(desk: Desk, words: list[str]) -> None:
    done = desk.run("signout-url", *words, env={"AWS_ENDPOINT_URL": None, "AWS_ENDPOINT_URL_SIGNIN": None})
    assert done.status in (1, 64)
    assert done.out == ""


def test_signout_url_in_the_sandbox(desk: Desk) -> None:
    done = desk.run("signout-url")
    assert "Signed out" in fetch(done.out.strip()).text
    assert "--region" in desk.run("signout-url", "--help").out
