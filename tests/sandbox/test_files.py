"""The throwaway configuration, read by botocore as it would read the user's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import botocore.session
import pytest
from botocore.exceptions import (
    ClientError,
    InfiniteLoopConfigError,
    InvalidConfigError,
    PartialCredentialsError,
)

from shellhook.sandbox.files import ODD_NAME

if TYPE_CHECKING:
    from shellhook.sandbox import Sandbox


@pytest.fixture(autouse=True)
def _only_the_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)


def session(profile: str, code: str = "") -> botocore.session.Session:
    found = botocore.session.Session(profile=profile)
    resolver = found.get_component("credential_provider")
    resolver.get_provider("assume-role")._prompter = lambda _: code
    return found


def who_am_i(profile: str, code: str = "") -> str:
    found = session(profile, code)
    region = found.get_config_variable("region") or "us-east-1"
    arn: str = found.create_client("sts", region_name=region).get_caller_identity()["Arn"]
    return arn


@pytest.mark.parametrize("by", ["endpoint_url of the profile", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"])
def test_every_way_leads_to_the_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    if by.startswith("AWS_"):
        plain = sandbox.config_file.read_text(encoding="utf-8").replace("endpoint_url = ", "no_endpoint = ")
        copy = sandbox.config_file.with_name("config-without-endpoints")
        copy.write_text(plain, encoding="utf-8")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(copy))
        monkeypatch.setenv(by, sandbox.endpoint)
    assert who_am_i("read-only").startswith("arn:aws:sts::111122223333:assumed-role/read-only/")


def test_the_profiles(sandbox: Sandbox) -> None:
    assert {
        "base", "power-user", "read-only", "admin", "auditor", "strict", "tagged", "long", ODD_NAME, "bob", "bob-power",
        "carol", "carol-read-only", "dave", "dave-read-only", "erin", "erin-power", "loop-a", "loop-b", "broken",
        "no-source", "no-region", "deploy", "services",
        "corp-admin", "corp-power", "corp-billing", "corp-old", "corp-deploy",
    } == set(botocore.session.Session().available_profiles)  # fmt: skip


@pytest.mark.parametrize("profile", ["read-only", ODD_NAME, "dave-read-only", "services"])
def test_profiles_that_need_no_code(profile: str) -> None:
    assert "assumed-role/read-only/" in who_am_i(profile)


def test_a_role_under_a_path() -> None:
    assert who_am_i("deploy").startswith("arn:aws:sts::111122223333:assumed-role/deploy/")


@pytest.mark.parametrize("profile", ["base", "bob", "carol", "dave", "erin"])
def test_profiles_of_bare_keys(profile: str) -> None:
    assert who_am_i(profile).endswith(":user/alice" if profile == "base" else f":user/{profile}")


@pytest.mark.parametrize(
    ("profile", "role"),
    [
        ("power-user", "power-user"),
        ("admin", "admin"),
        ("auditor", "auditor"),
        ("strict", "strict"),
        ("long", "power-user"),
    ],
)
def test_profiles_that_ask_for_a_code(sandbox: Sandbox, profile: str, role: str) -> None:
    assert f"assumed-role/{role}/" in who_am_i(profile, sandbox.code("alice"))


@pytest.mark.parametrize("profile", ["bob-power", "carol-read-only", "erin-power"])
def test_profiles_that_aws_refuses_as_they_are(profile: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        who_am_i(profile, "123456")


@pytest.mark.parametrize(
    ("profile", "error"),
    [("loop-a", InfiniteLoopConfigError), ("broken", InvalidConfigError), ("no-source", PartialCredentialsError)],
)
def test_profiles_that_are_no_use(profile: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        who_am_i(profile)


def test_the_odd_name_is_odd() -> None:
    assert all(mark in ODD_NAME for mark in ["'", '"', "$(", "`", ";", "&", "%", " ", "é", "日"])
