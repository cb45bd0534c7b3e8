"""The AWS CLI v2 logs in to the sandbox: what judges the sandbox is not ours.

Runs where SHELLHOOK_AWS_CLI names an `aws` of version 2; tests/aws_cli.py fetches one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from shellhook.sandbox.browser import DENY
from tests.aws_cli import MISSING, PROGRAM, Cli
from tests.sandbox.logins import CALLBACK, SCOPE

if TYPE_CHECKING:
    from pathlib import Path

    from shellhook.sandbox import Sandbox

pytestmark = pytest.mark.skipif(not PROGRAM, reason=MISSING)

CORP = "ee0bfd2552fbd840c02cc48b6e823320543c450f.json"


@pytest.fixture
def cli(sandbox: Sandbox, tmp_path: Path) -> Cli:
    return Cli(sandbox, tmp_path)


def test_it_is_version_2(cli: Cli) -> None:
    status, out = cli.run("--version")
    assert (status, out[:10]) == (0, "aws-cli/2.")


def test_by_browser(sandbox: Sandbox, cli: Cli) -> None:
    status, out = cli.run("sso", "login", "--profile", "corp-admin")
    assert status == 0, out
    assert "Successfully logged into" in out
    first, second = (sandbox.calls(action, service="sso-oidc")[0] for action in ("RegisterClient", "CreateToken"))
    assert (first["values"]["redirectUris"], first["values"]["scopes"]) == (CALLBACK, SCOPE)
    assert second["values"]["grantType"] == "authorization_code"
    assert "/AWSReservedSSO_AdministratorAccess_" in cli.who_am_i("corp-admin")
    assert "444455556666:assumed-role/AWSReservedSSO_PowerUserAccess_" in cli.who_am_i("corp-power")
    assert ":assumed-role/deploy/" in cli.who_am_i("corp-deploy")
    status, out = cli.run("sts", "get-caller-identity", "--profile", "corp-billing")
    assert status != 0
    assert "(ForbiddenException)" in out


def test_by_browser_denied(sandbox: Sandbox, tmp_path: Path) -> None:
    status, out = Cli(sandbox, tmp_path, DENY).run("sso", "login", "--profile", "corp-admin")
    assert status != 0, out
    assert not list(tmp_path.glob(f".aws/sso/cache/{CORP}"))


@pytest.mark.parametrize(
    ("words", "profile"),
    [(["--profile", "corp-admin", "--use-device-code"], "corp-admin"), (["--profile", "corp-old"], "corp-old")],
    ids=["session", "old kind"],
)
def test_by_device(sandbox: Sandbox, cli: Cli, words: list[str], profile: str) -> None:
    status, out = cli.log_in_by_device(*words)
    assert status == 0, out
    assert "assumed-role/AWSReservedSSO_" in cli.who_am_i(profile)


def test_by_device_slowed_down(sandbox: Sandbox, cli: Cli) -> None:
    # The CLI asks once more at once, and only then waits: once is not enough where the button is pressed sooner.
    sandbox.fail(400, "SlowDownException", action="CreateToken", count=2)
    status, out = cli.log_in_by_device("--profile", "corp-admin", "--use-device-code")
    assert status == 0, out
    asked = [call["at"] for call in sandbox.calls("CreateToken", service="sso-oidc")]
    assert asked[-1] - asked[0] > 5


def test_by_device_denied(cli: Cli) -> None:
    status, out = cli.log_in_by_device("--profile", "corp-admin", "--use-device-code", button=DENY)
    assert status != 0
    assert "AccessDeniedException" in out


def test_by_device_too_late(sandbox: Sandbox, cli: Cli) -> None:
    sandbox.identity_center(device_lifetime=0)
    status, out = cli.run("sso", "login", "--no-browser", "--profile", "corp-admin", "--use-device-code")
    assert status != 0
    assert "expired" in out


def test_an_old_token_is_refreshed_and_a_login_ended(sandbox: Sandbox, cli: Cli) -> None:
    sandbox.identity_center(decision="allow", token_lifetime=60)
    assert cli.run("sso", "login", "--profile", "corp-admin")[0] == 0
    before = json.loads((cli.cache / CORP).read_text("utf-8"))
    assert cli.who_am_i("corp-admin")
    after = json.loads((cli.cache / CORP).read_text("utf-8"))
    assert after["refreshToken"] != before["refreshToken"]
    assert cli.run("sso", "logout") == (0, "")
    assert [call["status"] for call in sandbox.calls("Logout", service="sso")] == [200]
    assert cli.run("sts", "get-caller-identity", "--profile", "corp-admin")[0] != 0


def test_accounts_and_roles(sandbox: Sandbox, cli: Cli) -> None:
    sandbox.identity_center(decision="allow", page=2)
    assert cli.run("sso", "login", "--profile", "corp-admin")[0] == 0
    token = json.loads((cli.cache / CORP).read_text("utf-8"))["accessToken"]
    given = ("--access-token", token, "--region", "eu-central-1", "--output", "json")
    sandbox.fail(429, "TooManyRequestsException", "HTTP 429 Unknown Code", action="ListAccounts")
    status, out = cli.run("sso", "list-accounts", *given)
    assert status == 0, out
    assert len(json.loads(out)["accountList"]) == 4
    status, out = cli.run("sso", "list-account-roles", "--account-id", "444455556666", *given)
    assert [role["roleName"] for role in json.loads(out)["roleList"]][1] == "PowerUserAccess"
