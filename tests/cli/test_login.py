"""login and logout, as programs, against the sandbox's Identity Center."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from shellhook.sso.cache import Cache
from tests import servers
from tests.sso.people import BROWSER, H, aged, calls, center_of, files, logged_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.desk import Desk


@pytest.fixture(autouse=True)
def with_a_browser(desk: Desk) -> None:
    desk.environ["BROWSER"] = BROWSER


# --- login


@pytest.mark.parametrize("words", [(), ("corp",), ("corp-admin",), ("corp-deploy",)], ids=" ".join)
def test_login(words: tuple[str, ...], desk: Desk) -> None:
    done = desk.run("login", *words)
    assert done.status == 0, done
    assert done.out.startswith("corp: signed in: 59m left, refreshed silently, until 20")
    token = Cache(desk.environ).token(center_of(desk))
    assert token is not None
    assert not [secret for secret in (token.access_token, token.client_secret) if secret in done.out + done.err]


def test_a_valid_login_is_left_alone(desk: Desk) -> None:
    logged_in(desk)
    desk.sandbox.forget_calls()
    done = desk.run("login", "corp")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("corp: signed in already: 59m left")
    assert calls(desk) == []


def test_unless_it_is_forced(desk: Desk) -> None:
    old = logged_in(desk)
    done = desk.run("login", "corp", "--force")
    assert done.out.startswith("corp: signed in: 59m left")
    assert Cache(desk.environ).token(center_of(desk)) != old


def test_one_that_can_be_refreshed_is(desk: Desk) -> None:
    logged_in(desk)
    aged(desk, -1)
    desk.sandbox.forget_calls()
    done = desk.run("login", "corp")
    assert (done.status, done.err, calls(desk)) == (0, "", ["CreateToken"])


def test_with_a_code(desk: Desk) -> None:
    desk.sandbox.identity_center(decision="allow")
    done = desk.run("login", "corp", "--device-code")
    assert done.status == 0, done
    assert "and enter " in done.err


def test_many_at_once_and_one_browser(desk: Desk) -> None:
    processes = [desk.start("login", "corp") for _ in range(6)]
    ends = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 6, ends
    assert calls(desk, "browser").count("Authorize") == 1
    assert sum("in the browser" in err for _, err in ends) == 1


ERRORS = [
    (("nope",), 3, ["no profile 'nope'", "sso-session"]),
    (("base",), 64, ["'base'", "Identity Center"]),
    (("corp", "corp-old"), 64, ["one at a time"]),
    (("--later",), 64, ["--later"]),
]


@pytest.mark.parametrize(("words", "status", "said"), ERRORS)
def test_errors(words: tuple[str, ...], status: int, said: list[str], desk: Desk) -> None:
    done = desk.run("login", *words)
    assert done.status == status
    assert [text for text in said if text not in done.err] == [], done


def test_refused(desk: Desk) -> None:
    desk.environ["BROWSER"] += " --button Deny"
    done = desk.run("login", "corp")
    assert (done.status, done.out) == (4, "")
    assert "corp: the login was refused" in done.err


def test_the_network(desk: Desk) -> None:
    with servers.closed() as place:
        done = desk.run("login", "corp", env={"AWS_ENDPOINT_URL_SSO_OIDC": f"http://{place}"})
    assert (done.status, done.out) == (5, "")
    assert place in done.err


def test_a_setting_names_the_browser(desk: Desk) -> None:
    desk.environ["SHELLHOOK_BROWSER"] = f"{BROWSER} {{url}}"
    desk.environ["BROWSER"] = "false"
    assert desk.run("login", "corp").status == 0


def test_assume_without_a_terminal_names_the_command(desk: Desk) -> None:
    done = desk.run(*desk.hooked("corp-admin"))
    assert (done.status, done.out) == (4, "")
    assert "corp: not signed in" in done.err
    assert "log in: shellhook login corp" in done.err
    assert calls(desk, "browser") == []


def assumed(desk: Desk, profile: str) -> dict[str, str]:
    """The variables of a shell that has the profile's session."""
    done = desk.run(*desk.hooked(profile))
    assert done.status == 0, done
    pairs = (word.split("=", 1) for word in done.out.split() if word.startswith(("SHELLHOOK_", "AWS_")) and "=" in word)
    return {name: value.strip("'") for name, value in pairs}


def until(good: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not good():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_in_the_background_nobody_is_asked_and_nothing_opens(desk: Desk) -> None:
    logged_in(desk)
    desk.sandbox.lifetime(1)
    environ = assumed(desk, "corp-admin")
    desk.sandbox.lifetime(None)
    aged(desk, -1)
    desk.sandbox.end_logins()
    desk.sandbox.forget_calls()
    until(lambda: time.time() > int(environ["SHELLHOOK_EXPIRES"]))
    words = ("renew", "--shell", "bash", "--pid", "1", "--hook", "1", "--background")
    desk.run(*words, env=environ)
    until(lambda: "CreateToken InvalidGrantException" in calls(desk))
    assert calls(desk, "browser") == []
    logged_in(desk)
    old = aged(desk, -1)
    desk.sandbox.forget_calls()

    def is_refreshed() -> bool:
        desk.run(*words, env=environ)  # until the first one has ended, it has the lock
        token = Cache(desk.environ).token(center_of(desk))
        return token is not None and token.access_token != old.access_token

    until(is_refreshed)
    until(lambda: "GetRoleCredentials" in calls(desk, "sso"))
    assert calls(desk, "browser") == []


def test_a_question_without_a_terminal(desk: Desk) -> None:
    logged_in(desk)
    environ = assumed(desk, "corp-admin")
    aged(desk, -1, refresh_token=None)
    ask = ("renew", "--shell", "bash", "--pid", "1", "--hook", "1", "--ask", "command", "--min-ttl", "7200")
    done = desk.run(*ask, env=environ)
    assert (done.status, done.out) == (4, "")
    assert "log in: shellhook login corp" in done.err


def test_status_and_explain(desk: Desk) -> None:
    token = logged_in(desk)
    shown = desk.run("explain", "corp-deploy").out
    assert "GetRoleCredentials AdministratorAccess in 111122223333" in shown
    assert "sign-in: corp, 59m left, refreshed silently" in shown
    environ = assumed(desk, "corp-admin")
    report = json.loads(desk.run("status", "--json", env=environ).out)
    assert (report["sign_in"], report["sign_in_expires"], report["sign_in_refreshes"]) == ("corp", token.expires, True)
    assert (report["renewal"], report["source"]) == ("silent", "sso of corp-admin")
    assert report["expires"] == pytest.approx(time.time() + H, abs=20)
    lines = desk.run("status", env=environ).out.splitlines()
    assert [line for line in lines if line.startswith("sign-in    corp: 59m left, until 20")]
    assert desk.run("logout", "corp").status == 0
    assert "sign-in    corp: not signed in" in desk.run("status", env=environ).out


# --- logout


def test_logout(desk: Desk) -> None:
    token = logged_in(desk)
    desk.assume("corp-admin")
    desk.assume("corp-deploy")
    desk.assume("read-only")
    done = desk.run("logout", "corp")
    assert (done.status, done.err) == (0, "")
    assert done.out == "corp: signed out; 2 stored sessions forgotten\n"
    assert files(desk) == {}
    assert desk.store.session(desk.store.digest(desk.plan("read-only").identity(1))), "it did not come from there"
    assert calls(desk, "sso")[-1] == "Logout"
    at = center_of(desk)
    Cache(desk.environ).put_token(at, token)
    assert desk.run(*desk.hooked("corp-admin")).status == 4, "AWS does not take it any more, nor refreshes it"


def test_logout_of_nothing(desk: Desk) -> None:
    assert desk.run("logout").out == "corp: was not signed in\n"


def test_the_portal_cannot_be_reached(desk: Desk) -> None:
    logged_in(desk)
    with servers.closed() as place:
        done = desk.run("logout", "corp", env={"AWS_ENDPOINT_URL_SSO": f"http://{place}"})
    assert (done.status, done.out) == (0, "corp: signed out\n")
    assert "the portal could not be told" in done.err
    assert files(desk) == {}


def test_of_a_token_that_aws_has_forgotten(desk: Desk) -> None:
    logged_in(desk)
    desk.sandbox.end_logins()
    done = desk.run("logout", "corp")
    assert (done.status, done.out, done.err) == (0, "corp: signed out\n", "")


def test_logout_of_all(desk: Desk) -> None:
    logged_in(desk)
    logged_in(desk, "corp-old")
    desk.assume("corp-admin")
    text = desk.config.read_text("utf-8")
    desk.config.write_text(text.replace("sso-session corp]", "sso-session renamed]"), "utf-8")
    done = desk.run("logout", "--all")
    assert done.status == 0, done
    assert done.out.count("signed out") == 2
    assert "1 more stored session forgotten" in done.out
    assert not [content for content in files(desk).values() if "accessToken" in content]
    assert calls(desk, "sso").count("Logout") == 2


def test_all_or_one(desk: Desk) -> None:
    assert desk.run("logout", "--all", "corp").status == 64
