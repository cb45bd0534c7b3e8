"""The AWS CLI v2 and we share a login: whoever did it, both use it, refresh it, and register no second time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shellhook.sso.cache import Cache
from tests import aws_cli
from tests.aws_cli import Cli
from tests.sso.people import ADMIN, BROWSER, aged, calls, center_of, files, logged_in

if TYPE_CHECKING:
    from tests.desk import Desk

pytestmark = pytest.mark.skipif(not aws_cli.PROGRAM, reason=aws_cli.MISSING)


@pytest.fixture
def cli(desk: Desk) -> Cli:
    """The AWS CLI in the home of the desk."""
    desk.environ["BROWSER"] = BROWSER
    return Cli(desk.sandbox, desk.home)


def logs_in(cli: Cli, *words: str) -> None:
    status, shown = cli.run("sso", "login", *words)
    assert status == 0, shown


def test_the_cli_logs_in_and_we_use_it(desk: Desk, cli: Cli) -> None:
    logs_in(cli, "--sso-session", "corp")
    theirs = files(desk)
    assert desk.assume("corp-admin").account == "111122223333"
    assert desk.run("login", "corp").out.startswith("corp: signed in already")
    assert files(desk) == theirs
    logged_in(desk)
    assert calls(desk).count("RegisterClient") == 1, "its registration serves us"
    assert files(desk).keys() == theirs.keys()
    assert {name: sorted(content) for name, content in files(desk).items()} == {
        name: sorted(content) for name, content in theirs.items()
    }


def test_we_log_in_and_the_cli_uses_it(desk: Desk, cli: Cli) -> None:
    logged_in(desk)
    ours = files(desk)
    assert f"AWSReservedSSO_{ADMIN}_" in cli.who_am_i("corp-admin")
    logs_in(cli, "--sso-session", "corp")
    assert calls(desk).count("RegisterClient") == 1, "our registration serves it"
    assert files(desk).keys() == ours.keys()


def test_by_device(desk: Desk, cli: Cli) -> None:
    desk.sandbox.identity_center(decision="allow")
    assert desk.run("login", "corp", "--device-code").status == 0
    assert f"AWSReservedSSO_{ADMIN}_" in cli.who_am_i("corp-admin")
    logs_in(cli, "--sso-session", "corp", "--use-device-code", "--no-browser")
    assert calls(desk).count("RegisterClient") == 1
    assert desk.run("login", "corp", "--device-code", "--force").status == 0
    assert calls(desk).count("RegisterClient") == 1


def test_without_a_session(desk: Desk, cli: Cli) -> None:
    logged_in(desk, "corp-old")
    assert "AWSReservedSSO_ReadOnlyAccess_" in cli.who_am_i("corp-old")
    logs_in(cli, "--profile", "corp-old")
    assert desk.assume("corp-old").account == "111122223333"
    assert calls(desk).count("RegisterClient") == 1


def test_each_refreshes_what_the_other_got(desk: Desk, cli: Cli) -> None:
    logs_in(cli, "--sso-session", "corp")
    aged(desk, -1)
    desk.assume("corp-admin")
    ours = aged(desk, -1)
    cli.who_am_i("corp-power")
    theirs = Cache(desk.environ).token(center_of(desk))
    assert theirs is not None
    assert theirs.access_token != ours.access_token
    desk.assume("corp-power")
    assert Cache(desk.environ).token(center_of(desk)) == theirs
    assert calls(desk, "browser").count("Authorize") == 1


def test_our_logout_is_the_cli_s(desk: Desk, cli: Cli) -> None:
    logs_in(cli, "--sso-session", "corp")
    assert desk.run("logout").status == 0
    status, shown = cli.run("sts", "get-caller-identity", "--profile", "corp-power")
    assert status != 0
    assert "Token for corp does not exist" in shown or "sso login" in shown
    logged_in(desk)
    cli.run("sso", "logout")
    assert Cache(desk.environ).token(center_of(desk)) is None
    assert desk.run(*desk.hooked("corp-admin")).status == 4
