"""A token: the one that is kept, a refreshed one, or that of a login; against the sandbox's Identity Center."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import boto3
import pytest

from shellhook import aws_session
from shellhook.errors import Cancelled, NoLogin, NoNetwork
from shellhook.mfa import Nobody, Skipped
from shellhook.sso import login
from shellhook.sso.cache import Cache
from tests import servers
from tests.sso.people import (
    ADMIN,
    BROWSER,
    H,
    Somebody,
    Unasked,
    aged,
    calls,
    center_of,
    files,
    logged_in,
    sign_in,
)  # fmt: skip

if TYPE_CHECKING:
    from tests.desk import Desk


@pytest.fixture(autouse=True)
def with_a_browser(desk: Desk) -> None:
    desk.environ["BROWSER"] = BROWSER


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is given up soon."""
    patience = {"connect_timeout": 0.3, "read_timeout": 0.3, "retries": {"mode": "standard", "total_max_attempts": 1}}
    monkeypatch.setattr(aws_session, "PATIENCE", patience)


# --- kept


def test_a_token_that_lasts_is_taken(desk: Desk) -> None:
    token = logged_in(desk)
    desk.sandbox.forget_calls()
    assert sign_in(desk).token() == token
    assert calls(desk) == []


def test_without_one_a_login_is_offered(desk: Desk) -> None:
    somebody = Somebody()
    token = sign_in(desk, somebody).token()
    assert somebody.asked == ["not signed in"]
    assert calls(desk) == ["RegisterClient", "CreateToken"]
    assert Cache(desk.environ).token(center_of(desk)) == token


def test_with_an_old_one_too(desk: Desk) -> None:
    logged_in(desk)
    aged(desk, 59, refresh_token=None)
    somebody = Somebody()
    assert sign_in(desk, somebody).token().left(time.time()) > 3000
    assert somebody.asked == ["the sign-in has expired"]


@pytest.mark.parametrize("left", [-10_000, 30])
def test_nobody_is_asked_in_the_background(left: float, desk: Desk) -> None:
    logged_in(desk)
    aged(desk, left, refresh_token=None)
    with pytest.raises(NoLogin, match="corp: the sign-in has expired") as caught:
        sign_in(desk, Nobody()).token()
    assert "shellhook login corp" in caught.value.remedy


def test_one_without_a_refresh_token_serves_to_its_last_minute(desk: Desk) -> None:
    logged_in(desk)
    token = aged(desk, 100, refresh_token=None)
    assert sign_in(desk).token() == token


# --- refreshed


@pytest.mark.parametrize("left", [-H, -1, 30, 800])
def test_an_old_one_is_refreshed_silently(left: float, desk: Desk) -> None:
    logged_in(desk)
    old = aged(desk, left)
    desk.sandbox.forget_calls()
    token = sign_in(desk).token()
    assert calls(desk) == ["CreateToken"]
    assert token.access_token != old.access_token
    assert token.left(time.time()) > 3000
    assert token.refresh_token not in (None, old.refresh_token)
    assert (token.client_id, token.registration_expires) == (old.client_id, old.registration_expires)
    assert Cache(desk.environ).token(center_of(desk)) == token


def test_a_refresh_that_is_refused_leads_to_a_login(desk: Desk) -> None:
    logged_in(desk)
    aged(desk, -1)
    desk.sandbox.end_logins()
    somebody = Somebody()
    assert sign_in(desk, somebody).token().left(time.time()) > 3000
    assert somebody.asked == ["the sign-in has expired"]
    assert calls(desk)[2:] == ["CreateToken InvalidGrantException", "CreateToken"], "the registration serves again"


def test_a_registration_that_aws_has_forgotten_is_made_anew(desk: Desk) -> None:
    logged_in(desk)
    aged(desk, -1)
    desk.sandbox.forget_calls()
    desk.sandbox.fail(401, "InvalidClientException", action="CreateToken")
    sign_in(desk, Somebody()).token()
    assert calls(desk) == ["CreateToken InvalidClientException", "RegisterClient", "CreateToken"]


def test_while_it_lasts_a_refusal_or_the_network_is_no_reason_for_a_login(desk: Desk, quick: None) -> None:
    logged_in(desk)
    desk.sandbox.end_logins()
    token = aged(desk, 500)
    assert sign_in(desk).token() == token
    with servers.closed() as place:
        desk.environ["AWS_ENDPOINT_URL_SSO_OIDC"] = f"http://{place}"
        assert sign_in(desk).token() == token


def test_the_network_is_no_reason_for_a_login(desk: Desk, quick: None) -> None:
    logged_in(desk)
    aged(desk, -1)
    with servers.silent() as place:
        desk.environ["AWS_ENDPOINT_URL_SSO_OIDC"] = f"http://{place}"
        with pytest.raises(NoNetwork):
            sign_in(desk).token()


def test_one_that_the_portal_refuses_is_refreshed_however_long_it_says_it_lasts(desk: Desk) -> None:
    token = logged_in(desk)
    again = sign_in(desk).token(refused=token.access_token)
    assert again.access_token != token.access_token
    assert sign_in(desk).token(refused=token.access_token) == again


# --- one for all who wait


def test_one_login_for_many(desk: Desk) -> None:
    people = [Somebody() for _ in range(12)]
    got: list[str] = []

    def want(somebody: Somebody) -> None:
        got.append(sign_in(desk, somebody).token().access_token)

    threads = [threading.Thread(target=want, args=(somebody,)) for somebody in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(got), len(set(got))) == (12, 1)
    assert sum(len(somebody.asked) for somebody in people) == 1
    assert calls(desk) == ["RegisterClient", "CreateToken"]
    assert calls(desk, "browser").count("Authorize") == 1


@pytest.mark.parametrize("answer", [Skipped(), Cancelled()], ids=["skipped", "Ctrl-C"])
def test_a_no_is_the_answer_for_all_who_wait(answer: Exception, desk: Desk) -> None:
    asked: list[str] = []
    begun, everybody = threading.Event(), threading.Event()

    class First(Somebody):
        def login(self, center: object, why: str) -> None:
            asked.append(why)
            begun.set()
            everybody.wait(10)
            raise answer

    outcomes: list[type[BaseException]] = []

    def want() -> None:
        try:
            sign_in(desk, First(skippable=True)).token()
        except (Skipped, Cancelled) as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=want) for _ in range(5)]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    time.sleep(0.5)  # they wait at the lock by then: nothing else shows it
    everybody.set()
    for thread in threads:
        thread.join(30)
    assert asked == ["not signed in"]
    assert outcomes == [type(answer)] * 5
    with pytest.raises(type(answer)):  # who comes later is asked again
        sign_in(desk, First(skippable=True)).token()
    assert len(asked) == 2


def test_while_one_refreshes_the_others_use_what_there_is(desk: Desk) -> None:
    logged_in(desk)
    token = aged(desk, 500)
    held = sign_in(desk)
    with desk.store.lock(held._lock, lambda: None):
        assert sign_in(desk).token() == token


# --- what others make of it


def test_boto3_uses_the_login(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    logged_in(desk)
    logged_in(desk, "corp-old")
    for name, value in {**desk.environ, "HOME": str(desk.home)}.items():
        if name.startswith("AWS_") or name == "HOME":
            monkeypatch.setenv(name, value)
    cache = str(desk.home / ".aws" / "sso" / "cache")
    for provider in ("tokens.SSOTokenProvider", "credentials.SSOProvider"):
        monkeypatch.setattr(f"botocore.{provider}._SSO_TOKEN_CACHE_DIR", cache)
    for profile, role in (("corp-admin", ADMIN), ("corp-old", "ReadOnlyAccess")):
        session = boto3.Session(profile_name=profile)
        caller = session.client("sts", endpoint_url=desk.sandbox.endpoint).get_caller_identity()["Arn"]
        assert f"AWSReservedSSO_{role}_" in caller


def test_boto3_refreshes_it_and_we_go_on_with_that(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    logged_in(desk)
    old = aged(desk, -1)
    for name, value in desk.environ.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    cache = str(desk.home / ".aws" / "sso" / "cache")
    for provider in ("tokens.SSOTokenProvider", "credentials.SSOProvider"):
        monkeypatch.setattr(f"botocore.{provider}._SSO_TOKEN_CACHE_DIR", cache)
    assert boto3.Session(profile_name="corp-admin").get_credentials().get_frozen_credentials().access_key
    token = sign_in(desk, Unasked()).token()
    assert token.access_token != old.access_token
    (name,) = [name for name, content in files(desk).items() if "accessToken" in content]
    assert files(desk)[name]["accessToken"] == token.access_token


# --- how it stands


def test_how_it_stands_and_what_will_be_asked(desk: Desk) -> None:
    now = time.time()
    token = logged_in(desk).replace(expires=int(now) + 4000)
    bare = token.replace(refresh_token=None)
    assert (login.standing(None, now), login.asked(None, now)) == ("not signed in", "one will be asked")
    assert login.standing(token, now) == "1h06m left, refreshed silently"
    assert login.standing(bare, now) == "1h06m left"
    assert login.asked(bare, now) == "none will be asked: the sign-in is valid"
    assert login.standing(token, now + 4000) == "expired, refreshed silently"
    assert "only if AWS does not refresh" in login.asked(token, now + 4000)
    assert (login.standing(bare, now + 4000), login.asked(bare, now + 4000)) == ("expired", "one will be asked")
