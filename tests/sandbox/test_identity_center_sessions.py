"""botocore as its users use it: profiles of the sandbox's files, with a token in the cache that the AWS CLI writes."""

from __future__ import annotations

import hashlib
import json
import os
import time
from typing import TYPE_CHECKING

import botocore.session
import pytest
from botocore.credentials import SSOProvider
from botocore.exceptions import ClientError, SSOTokenLoadError, UnauthorizedSSOTokenError
from botocore.tokens import SSOTokenProvider

from tests.sandbox.logins import log_in

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from shellhook.sandbox import Sandbox

CORP = "ee0bfd2552fbd840c02cc48b6e823320543c450f.json"


@pytest.fixture(autouse=True)
def cache(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The token cache of somebody whose AWS is the sandbox alone."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    for provider in (SSOProvider, SSOTokenProvider):
        monkeypatch.setattr(provider, "_SSO_TOKEN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write_token(path: Path, sandbox: Sandbox, granted: dict[str, Any], ends: float) -> None:
    """A token file as the AWS CLI writes it; `ends` is epoch seconds."""
    path.parent.mkdir(exist_ok=True)
    names = ("accessToken", "clientId", "clientSecret", "refreshToken")
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    token = {
        "startUrl": sandbox.start_url,
        "region": "eu-central-1",
        "expiresAt": time.strftime(stamp, time.gmtime(ends)),
        "registrationExpiresAt": time.strftime(stamp, time.gmtime(time.time() + 86_400)),
        **{name: granted[name] for name in names if name in granted},
    }
    path.write_text(json.dumps(token), encoding="utf-8")


def who_am_i(profile: str) -> str:
    arn: str = botocore.session.Session(profile=profile).create_client("sts").get_caller_identity()["Arn"]
    return arn


@pytest.mark.parametrize("by", ["endpoint_url of the profile", "AWS_ENDPOINT_URL", "of each service"])
def test_every_way_leads_to_the_sandbox(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, cache: Path, by: str, tmp_path: Path
) -> None:
    if by != "AWS_ENDPOINT_URL":
        monkeypatch.delenv("AWS_ENDPOINT_URL")
    if by != "endpoint_url of the profile":
        copy = tmp_path / "config"
        copy.write_text(sandbox.config_file.read_text("utf-8").replace("endpoint_url = ", "no_endpoint = "), "utf-8")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(copy))
    if by == "of each service":
        for service in ("SSO", "SSO_OIDC", "STS"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", sandbox.endpoint)
    write_token(cache / CORP, sandbox, log_in(sandbox), time.time())  # over, so that it is refreshed
    assert "assumed-role/AWSReservedSSO_AdministratorAccess_" in who_am_i("corp-admin")
    assert [call["values"]["grantType"] for call in sandbox.calls("CreateToken", service="sso-oidc")][-1:] == [
        "refresh_token"
    ]


def test_profiles_of_one_session(sandbox: Sandbox, cache: Path) -> None:
    write_token(cache / CORP, sandbox, log_in(sandbox), time.time() + 3600)
    assert who_am_i("corp-admin").startswith("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin")
    assert who_am_i("corp-power").startswith("arn:aws:sts::444455556666:assumed-role/AWSReservedSSO_PowerUser")
    assert who_am_i("corp-deploy").startswith("arn:aws:sts::111122223333:assumed-role/deploy/")
    with pytest.raises(ClientError, match=r"ForbiddenException.* No access"):
        who_am_i("corp-billing")


def test_a_profile_of_the_old_kind(sandbox: Sandbox, cache: Path) -> None:
    name = hashlib.sha1(sandbox.start_url.encode(), usedforsecurity=False).hexdigest()
    write_token(cache / f"{name}.json", sandbox, log_in(sandbox, scopes=[]), time.time() + 3600)
    assert "/AWSReservedSSO_ReadOnlyAccess_" in who_am_i("corp-old")


def test_the_token_provider_refreshes_and_rotates(sandbox: Sandbox, cache: Path) -> None:
    granted = log_in(sandbox)
    write_token(cache / CORP, sandbox, granted, time.time() + 60)
    session = botocore.session.Session(profile="corp-admin")
    token = SSOTokenProvider(session).load_token().get_frozen_token().token
    kept = json.loads((cache / CORP).read_text("utf-8"))
    assert kept["accessToken"] == token != granted["accessToken"]
    assert kept["refreshToken"] not in ("", granted["refreshToken"])
    assert kept["clientSecret"] == granted["clientSecret"]


def test_without_a_token(sandbox: Sandbox) -> None:
    with pytest.raises(SSOTokenLoadError):
        who_am_i("corp-admin")


def test_a_login_that_was_ended(sandbox: Sandbox, cache: Path) -> None:
    write_token(cache / CORP, sandbox, log_in(sandbox), time.time() + 3600)
    sandbox.end_logins()
    with pytest.raises(UnauthorizedSSOTokenError):
        who_am_i("corp-admin")
