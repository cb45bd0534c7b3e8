"""Logging in to IAM Identity Center from a real shell, in front of a person."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest

from shellhook.sandbox import Sandbox, browser
from tests.shell import shells
from tests.shell.conftest import present
from tests.shell.person import PATIENCE, Meet, Person
from tests.shell.shells import Shell
from tests.sso.people import BROWSER

ADMIN = "assumed-role/AWSReservedSSO_AdministratorAccess_"
SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
QUESTION = r"corp: the sign-in has expired\. Log in now\? \[y/N\] $"


@pytest.fixture
def bash() -> Shell:
    """One shell is enough for what is the same program behind all of them."""
    return present(next(each for each in shells.ALL if each.kind == "bash"))


def page(me: Person, pattern: str) -> str:
    """An address on the screen, which may be broken over lines."""
    seen: list[str] = []

    def look(_: str) -> bool:
        text = "".join(line.rstrip() for line in me.session.terminal.screen().split("\n"))
        seen[:] = re.findall(pattern, text)
        return bool(seen)

    me.session.terminal.wait(look, PATIENCE)
    return seen[-1]


def pressed_until_asked(me: Person) -> None:
    """Press Enter at the prompt until the question is there: silent renewal is tried first."""
    deadline = time.monotonic() + PATIENCE
    while not re.search(QUESTION, me.session.terminal.before_cursor()):
        assert time.monotonic() < deadline, me.session.terminal.picture()
        if re.search(r"\]> $", me.session.terminal.before_cursor()):
            me.session.key("enter")
        me.session.terminal.pump(0.05)


def expired(me: Person, sandbox: Sandbox) -> None:
    """The session of this shell is over, and so is the login at AWS."""
    sandbox.lifetime(1)
    assert me.types("assume corp-admin").status == 0
    sandbox.lifetime(None)
    sandbox.end_logins()
    ends = int(me.environment()["SHELLHOOK_EXPIRES"])
    while time.time() <= ends:
        time.sleep(0.05)


def test_by_browser(evaluating: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(evaluating, env={"BROWSER": BROWSER})
    result = me.types("assume corp-admin")
    assert result.status == 0
    first, second, *_ = result.output.splitlines()
    assert first == "shellhook: corp: not signed in: logging in at d-0000000000.awsapps.com, in the browser"
    assert second.startswith("  if no page opens")
    assert me.is_at_aws().startswith(ADMIN)
    assert me.environment()["SHELLHOOK_ROLE"] == "AdministratorAccess"
    result = me.types("assume corp-power")
    assert (result.status, result.output) == (0, ""), "the login is there"
    result = me.types("assume corp-deploy")
    assert (result.status, result.output) == (0, "")
    assert me.is_at_aws() == "assumed-role/deploy/me"
    assert len(sandbox.calls("Authorize", service="browser")) == 1
    clocks = dict(line.split(maxsplit=1) for line in me.types("assume --status").output.splitlines())
    assert re.match(r"corp: 59m left, until .*; refreshed silently", clocks["sign-in"])
    assert re.match(r"59m left|1h00m left", clocks["session"])


def test_no_secret_stays_in_the_shell(bash: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(bash, env={"BROWSER": BROWSER})
    me.types("assume corp-admin")
    cache = me.desk.home / ".aws" / "sso" / "cache"
    content = "".join(path.read_text() for path in cache.iterdir())
    secrets = re.findall(r'"(?:accessToken|refreshToken|clientSecret)": "([^"]+)"', content)
    assert len(secrets) == 4
    state = me.state()
    everything = [*state.variables.values(), *state.functions.values(), me.session.terminal.history()]
    assert [secret[:6] for secret in secrets if any(secret in text for text in everything)] == []
    assert [path.name for path in (me.desk.home.parent / "tmp").iterdir()] == []


def test_the_page_can_be_opened_by_hand(bash: Shell, person: Meet) -> None:
    me = person(bash, env={"BROWSER": "true"})
    me.answers("assume corp-admin")
    me.sees(r"waiting for the browser, 9:5\d left \(Ctrl-C ends it\)")
    url = page(me, r"http://127\.0\.0\.1:\d+/authorize\?[^ ]*code_challenge=[\w-]{43}")
    assert browser.press(url).status == 200
    assert me.ready().status == 0
    assert "waiting" not in me.session.screen(), "the line is gone"
    assert me.is_at_aws().startswith(ADMIN)


def test_with_a_code_over_ssh(bash: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(bash, env=SSH)
    me.answers("assume corp-admin")
    me.sees("with a code \\(this is an SSH session\\)")
    me.sees(r"and enter [A-Z]{4}-[A-Z]{4}")
    me.sees(r"waiting for you to allow it, 9:5\d left \(Ctrl-C ends it\)")
    browser.press(page(me, r"http://127\.0\.0\.1:\d+/device\?user_code=[A-Z]{4}-[A-Z]{4}"))
    assert me.ready().status == 0
    assert me.is_at_aws().startswith(ADMIN)


@pytest.mark.parametrize("env", [{"BROWSER": "true"}, SSH], ids=["browser", "code"])
def test_ctrl_c_ends_it(env: dict[str, str], evaluating: Shell, person: Meet) -> None:
    me = person(evaluating, env=env)
    before = me.state()
    me.answers("assume corp-admin")
    me.sees(r"waiting for .* left \(Ctrl-C ends it\)")
    me.session.key("ctrl-c")
    result = me.ready()
    assert result.status == 130
    assert "cancelled" in result.output
    assert me.changed_since(before) == {}


def test_it_is_refused(bash: Shell, person: Meet) -> None:
    me = person(bash, env={"BROWSER": f"{BROWSER} --button Deny"})
    result = me.types("assume corp-admin")
    assert result.status == 4
    assert "corp: the login was refused" in result.output
    assert me.profile() is None


def test_login_and_logout(bash: Shell, person: Meet) -> None:
    me = person(bash, env={"BROWSER": BROWSER})
    assert "corp: signed in: 59m left" in me.types("shellhook login").output
    assert me.types("shellhook login corp").output.startswith("corp: signed in already")
    me.types("assume corp-admin")
    assert me.types("shellhook logout").output.startswith("corp: signed out; 1 stored session forgotten")
    assert me.is_at_aws().startswith(ADMIN), "AWS takes what is in the shell until it expires"


# --- what nobody asked for


def test_an_expired_session_asks_before_it_opens_anything(bash: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(bash, env={"BROWSER": BROWSER, "SHELLHOOK_REPROMPT": "prompt"})
    expired(me, sandbox)
    sandbox.forget_calls()
    pressed_until_asked(me)
    assert sandbox.calls(service="browser") == []
    me.answers("y")
    assert me.ready().status == 0
    assert len(sandbox.calls("Authorize", service="browser")) == 1
    assert me.is_at_aws().startswith(ADMIN)


@pytest.mark.parametrize("key", ["enter", "ctrl-c"])
def test_the_question_is_skipped_once_for_all(key: str, bash: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(bash, env={"BROWSER": BROWSER, "SHELLHOOK_REPROMPT": "prompt"})
    expired(me, sandbox)
    sandbox.forget_calls()
    pressed_until_asked(me)
    me.session.key(key)
    me.ready()
    for _ in range(3):
        assert me.types("echo on").output == "on"
    assert sandbox.calls(service="browser") == []


def test_a_token_that_can_be_refreshed_is_no_reason_to_ask(bash: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(bash, env={"BROWSER": BROWSER, "SHELLHOOK_REPROMPT": "prompt"})
    sandbox.identity_center(token_lifetime=61)
    sandbox.lifetime(1)
    assert me.types("assume corp-admin").status == 0
    sandbox.lifetime(None)
    old = me.environment()["AWS_ACCESS_KEY_ID"]
    deadline = time.monotonic() + PATIENCE
    while me.environment()["AWS_ACCESS_KEY_ID"] == old:
        assert time.monotonic() < deadline, me.session.terminal.picture()
        me.session.key("enter")
        me.ready()
    assert "Log in now" not in me.session.terminal.history()
    assert "refresh" not in me.session.terminal.history()
    assert len(sandbox.calls("Authorize", service="browser")) == 1


def test_nothing_of_ours_is_loaded_for_a_stored_session(bash: Shell, person: Meet) -> None:
    """It has 30 ms: what logging in takes must not be among what is imported."""
    me = person(bash, env={"BROWSER": BROWSER})
    me.types("assume corp-admin")
    # Not the installed script: some versions of pip write one that imports re.
    command = [sys.executable, "-X", "importtime", "-m", "shellhook", *me.desk.hooked("corp-admin")]
    done = subprocess.run(command, env=me.desk.environ, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "shellhook.assume" in loaded
    assert not loaded & {"json", "re", "botocore", "http", "shellhook.broker", "shellhook.sso.cache", "shellhook.mfa"}
