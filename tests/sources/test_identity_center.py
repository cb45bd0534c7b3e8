"""Sessions of IAM Identity Center: in the store, renewed, with roles on top; and what is said of a role that is not
assigned."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from shellhook import assume
from shellhook.errors import NoLogin, NoNetwork, ShellhookError
from shellhook.sources import identity_center
from tests import servers
from tests.sso.people import ADMIN, BROWSER, H, aged, calls, center_of, logged_in

if TYPE_CHECKING:
    from tests.desk import Desk

ACCOUNT, SECOND_ACCOUNT = "111122223333", "444455556666"


@pytest.fixture(autouse=True)
def with_a_login(desk: Desk) -> None:
    desk.environ["BROWSER"] = BROWSER
    logged_in(desk)
    desk.sandbox.forget_calls()


# --- the session


def test_a_session(desk: Desk) -> None:
    session = desk.assume("corp-admin")
    assert session.access_key_id.startswith("ASIA")
    assert session.left(time.time()) == pytest.approx(H, abs=10)
    assert (session.account, session.profile, session.sign_in) == (ACCOUNT, "corp-admin", "corp")
    assert calls(desk, "sso") == ["GetRoleCredentials"]


def test_the_second_time_it_comes_from_the_store(desk: Desk) -> None:
    session = desk.assume("corp-admin")
    assert desk.assume("corp-admin") == session
    assert calls(desk, "sso") == ["GetRoleCredentials"]
    assert desk.assume("corp-admin", fresh=True) != session


def test_so_it_does_without_the_broker(desk: Desk) -> None:
    wanted = desk.request("corp-admin")
    first = assume.obtain(desk.here, wanted)
    second = assume.obtain(desk.here, wanted)
    assert (first.stored, second.stored, second.session) == (False, True, first.session)


@pytest.mark.parametrize(
    "changes",
    [
        {"sso_role_name": "ReadOnlyAccess"},
        {"sso_account_id": SECOND_ACCOUNT},
        {"sso_session": "also-corp"},
        {"services": "elsewhere"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_makes_it_another_session(changes: dict[str, str], desk: Desk) -> None:
    start = f"sso_start_url = {desk.sandbox.start_url}\nsso_region = eu-central-1\n"
    elsewhere = "[services elsewhere]\nsso =\n  endpoint_url = http://127.0.0.1:1\n"
    text = desk.config.read_text("utf-8")
    desk.config.write_text(f"{text}\n[sso-session also-corp]\n{start}{elsewhere}", "utf-8")
    settings = {"sso_session": "corp", "sso_account_id": ACCOUNT, "sso_role_name": ADMIN}
    desk.profile("same", **settings)
    desk.profile("other", **{**settings, **changes})
    del desk.environ["AWS_ENDPOINT_URL"]
    key, same, other = (assume.session_key(desk.here, desk.plan(name)) for name in ("corp-admin", "same", "other"))
    assert key == same
    assert key != other


# --- renewal


@pytest.mark.parametrize(
    ("left", "refreshes", "is_silent"),
    [(2 * H, True, True), (60, True, True), (2 * H, False, True), (40 * 60, False, False), (90, False, False)],
)
def test_silent_renewal_is_promised_while_the_token_does_it(
    left: float, refreshes: bool, is_silent: bool, desk: Desk
) -> None:
    token = aged(desk, left, **({} if refreshes else {"refresh_token": None}))
    session = desk.assume("corp-admin")
    assert (session.renew_from is not None) == is_silent
    if not refreshes:
        assert session.attended_from == token.expires - 60


def test_it_is_renewed_silently_with_a_refreshed_token(desk: Desk) -> None:
    session = desk.assume("corp-admin")
    aged(desk, -1)
    renewed = desk.assume("corp-admin", later=H - 100)
    assert renewed != session
    assert calls(desk) == ["CreateToken"]


def test_the_portal_no_longer_takes_the_token(desk: Desk) -> None:
    """The file says that it lasts; a refresh helps."""
    desk.sandbox.fail(401, "UnauthorizedException", "Session token not found or invalid", action="GetRoleCredentials")
    desk.assume("corp-admin")
    assert calls(desk, "sso") == ["GetRoleCredentials UnauthorizedException", "GetRoleCredentials"]
    assert calls(desk) == ["CreateToken"]


def test_everything_was_ended_by_an_administrator(desk: Desk) -> None:
    desk.sandbox.end_logins()
    with pytest.raises(NoLogin, match="corp: the sign-in has expired"):
        desk.assume("corp-admin")


def test_a_fresh_token_is_refused_too(desk: Desk) -> None:
    desk.sandbox.fail(401, "UnauthorizedException", action="GetRoleCredentials", count=2)
    with pytest.raises(NoLogin, match="the portal does not take the login") as caught:
        desk.assume("corp-admin")
    assert "eu-central-1" in caught.value.why
    assert "shellhook login corp --force" in caught.value.remedy


# --- roles on top


def test_a_role_on_top(desk: Desk) -> None:
    session = desk.assume("corp-deploy")
    assert session.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/me"
    assert (session.sign_in, session.profile) == ("corp", "corp-deploy")
    assert session.renew_from is not None
    assert calls(desk, "sso") == ["GetRoleCredentials"]
    desk.assume("corp-deploy", fresh=True)
    desk.assume("corp-admin")
    assert calls(desk, "sso") == ["GetRoleCredentials"], "the session below is that of the store"


def test_a_role_on_top_lasts_an_hour(desk: Desk) -> None:
    made = desk.plan("corp-deploy", duration_seconds=4 * H)
    assert made.hops[0].parameters["DurationSeconds"] == H
    assert any("cut to 1h" in note for note in made.notes)
    assert any("is not used" in note for note in desk.plan("corp-admin", duration_seconds=4 * H).notes)


def test_a_role_on_top_is_renewed_from_the_session_below_while_that_lasts(desk: Desk) -> None:
    aged(desk, 30 * 60, refresh_token=None)
    below = desk.assume("corp-admin")
    session = desk.assume("corp-deploy")
    assert session.attended_from == below.spent_from, "the token is over by then, and is not wanted"


# --- not assigned


def refused(desk: Desk, profile: str) -> ShellhookError:
    with pytest.raises(ShellhookError) as caught:
        desk.assume(profile)
    return caught.value


def test_a_role_that_is_not_assigned(desk: Desk) -> None:
    error = refused(desk, "corp-billing")
    assert error.what == f"corp: you are not assigned Billing in account {SECOND_ACCOUNT}"
    assert "in that account you have: AdministratorAccess, PowerUserAccess, ReadOnlyAccess" in error.why
    assert f"{desk.config}:" in error.why
    assert "sso_role_name" in error.remedy


def test_an_account_that_is_not_assigned(desk: Desk) -> None:
    desk.sandbox.unassign(SECOND_ACCOUNT)
    error = refused(desk, "corp-power")
    assert f"{ACCOUNT} (Acme Production)" in error.why
    assert "sso_account_id" in error.remedy


def test_many_accounts_are_cut_short(desk: Desk) -> None:
    desk.sandbox.unassign(SECOND_ACCOUNT)
    desk.sandbox.add_accounts(40)
    assert refused(desk, "corp-power").why.endswith(", ...")


def test_nothing_is_assigned(desk: Desk) -> None:
    for account in (ACCOUNT, SECOND_ACCOUNT, "777788889999", "222233334444"):
        desk.sandbox.unassign(account)
    assert "nor in any other" in refused(desk, "corp-power").why


def test_what_is_assigned_cannot_be_learned(desk: Desk) -> None:
    desk.sandbox.fail(401, "UnauthorizedException", action="ListAccountRoles")
    assert refused(desk, "corp-billing").what.startswith("corp: you are not assigned Billing")


# --- the portal answers otherwise


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "TooManyRequestsException", NoNetwork),
        (500, "InternalServerException", NoNetwork),
        (503, "ServiceUnavailable", NoNetwork),
        (400, "InvalidRequestException", ShellhookError),
    ],
)
def test_refusals(
    status: int, code: str, kind: type[ShellhookError], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)
    desk.sandbox.fail(status, code, "Invalid", action="GetRoleCredentials", count=3)
    error = refused(desk, "corp-admin")
    assert isinstance(error, kind)
    assert isinstance(error, NoNetwork) == (kind is NoNetwork)


@pytest.mark.parametrize("body", [b"<html>5ecret", b'{"roleCredentials": {"secretAccessKey": "5ecret"}}', b"{}"])
def test_somebody_answers_in_its_place(body: bytes, desk: Desk) -> None:
    with servers.answering(200, body, {"Content-Type": "application/json"}) as other:
        desk.environ["AWS_ENDPOINT_URL_SSO"] = other.url
        error = refused(desk, "corp-admin")
    assert isinstance(error, NoNetwork)
    assert "5ecret" not in str(error)


def test_the_clock_is_wrong(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """By ours it is tomorrow: the session is over as it comes."""

    class Tomorrow:
        @staticmethod
        def time() -> float:
            return time.time() + 24 * H

    monkeypatch.setattr(identity_center, "time", Tomorrow)
    monkeypatch.setattr("shellhook.sso.portal.clock_ahead", lambda answer: -24.0 * H)
    error = refused(desk, "corp-admin")
    assert "over by this machine's clock" in error.what
    assert "ahead by 24h00m" in error.why


def test_where_the_endpoints_are_those_of_a_services_section(desk: Desk) -> None:
    text = desk.config.read_text("utf-8")
    nested = f"\n  endpoint_url = {desk.sandbox.endpoint}\n"
    desk.config.write_text(f"{text}\n[services mine]\nsso ={nested}sso_oidc ={nested}sts ={nested}", "utf-8")
    del desk.environ["AWS_ENDPOINT_URL"]
    settings = {"sso_session": "corp", "sso_account_id": ACCOUNT, "sso_role_name": ADMIN}
    desk.profile("mine", **settings, services="mine", endpoint_url="http://127.0.0.1:1")
    assert desk.assume("mine").account == ACCOUNT
    assert center_of(desk, "mine").endpoints["sso"] == desk.sandbox.endpoint
