"""Contradictions in the environment: each alone, what it is called, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shellhook.doctor import variables
from shellhook.settings import KNOWN

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalr"}
SESSION = {**KEYS, "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SESSION_TOKEN": "IQoJ"}


def found(environ: dict[str, str]) -> list[tuple[str, str, str]]:
    findings = variables.contradictions(environ, environ, ["dev", "prod"])
    return [(each.status, each.message, each.remedy) for each in findings]


@pytest.mark.parametrize(
    ("environ", "status", "message", "remedy"),
    [
        # keys
        ({"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"}, "fail", "half a key", "unset AWS_ACCESS_KEY_ID"),
        ({"AWS_SECRET_ACCESS_KEY": "wJalr"}, "fail", "half a key", "unset AWS_SECRET_ACCESS_KEY"),
        ({**KEYS, "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE"}, "fail", "AWS_SESSION_TOKEN is not set", "set AWS_SESSION_TOKEN"),
        ({**KEYS, "AWS_SESSION_TOKEN": "IQoJ"}, "fail", "a user's own", "unset AWS_SESSION_TOKEN"),
        ({"AWS_SESSION_TOKEN": "IQoJ"}, "warn", "no key", "unset AWS_SESSION_TOKEN"),
        ({**SESSION, "AWS_SECURITY_TOKEN": "other"}, "fail", "differ", "unset AWS_SECURITY_TOKEN"),
        ({**SESSION, "AWS_SECURITY_TOKEN": "IQoJ"}, "warn", "the old name", "set AWS_SESSION_TOKEN"),
        # profiles
        ({"AWS_PROFILE": ""}, "fail", "is empty", "unset AWS_PROFILE"),
        ({"AWS_PROFILE": "ghost"}, "fail", "'ghost', which is no profile", "shellhook list"),
        ({"AWS_PROFILE": "dev", "AWS_DEFAULT_PROFILE": "prod"}, "warn", "differ", "unset AWS_DEFAULT_PROFILE"),
        ({**KEYS, "AWS_PROFILE": "dev"}, "warn", "AWS_PROFILE and keys", "unset AWS_PROFILE"),
        # regions
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}, "warn", "boto3 reads only", "one region"),
        ({"AWS_REGION": "eu_west_1"}, "fail", "cannot be a region", "eu-west-1"),
        # sources that lose
        ({**KEYS, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/x"}, "warn", "take the keys", "unset AWS_A"),
        ({**KEYS, "AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, "warn", "take the keys", "unset AWS_ACCESS_KEY_ID"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, "fail", "which role?", "set AWS_ROLE_ARN"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/no/t", "AWS_ROLE_ARN": "r"}, "fail", "not there", "look for /no/t"),
        # what botocore reads beside the keys
        ({**SESSION, "AWS_CREDENTIAL_EXPIRATION": "2030-01-01T00:00:00"}, "fail", "no time with a zone", "unset"),
        ({**SESSION, "AWS_CREDENTIAL_EXPIRATION": "1893456000"}, "fail", "no time with a zone", "unset"),
        # empty ones
        ({"AWS_REGION": ""}, "warn", "is empty", "unset AWS_REGION"),
        ({"AWS_CA_BUNDLE": ""}, "fail", "is empty", "unset AWS_CA_BUNDLE"),
        ({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}, "warn", "s3 is asked at http://127.0.0.1:9", "unset"),
        # ours
        ({"SHELLHOOK_PROMT": "left"}, "warn", "no setting", "SHELLHOOK_PROMPT?"),
        ({"SHELLHOOK_ZZZ": "1"}, "warn", "no setting", "unset SHELLHOOK_ZZZ"),
        ({"SHELLHOOK_PROMPT": "above"}, "warn", "cannot be 'above'", "left, right"),
        ({"SHELLHOOK_WARN": "soon"}, "warn", "no duration", "15m"),
    ],
)
def test_a_contradiction(environ: dict[str, str], status: str, message: str, remedy: str) -> None:
    (one,) = found(environ)
    assert one[0] == status
    assert message in one[1]
    assert remedy in one[2]


@pytest.mark.parametrize(
    "environ",
    [
        {},
        KEYS,
        SESSION,
        {**SESSION, "AWS_CREDENTIAL_EXPIRATION": "2030-01-01T00:00:00Z"},
        {"AWS_PROFILE": "dev", "AWS_DEFAULT_PROFILE": "dev"},
        {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/x"},
        {"SHELLHOOK_PROMPT": "left", "SHELLHOOK_WARN": "10m", "SHELLHOOK_COLOR_OK": "32", "SHELLHOOK_BROWSER": "x"},
    ],
)
def test_what_is_no_contradiction(environ: dict[str, str]) -> None:
    assert [each[0] for each in found(environ)] == ["ok"]


def test_an_endpoint_of_the_session_s_own_profile_is_meant() -> None:
    (found,) = variables.contradictions({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, {}, [])
    assert found.status == "ok"


def test_every_variable_that_a_hook_looks_at_is_known() -> None:
    """One that is missing here would be called misspelled."""
    hooks = [path.read_text() for path in (Path(__file__).parents[2] / "shell").iterdir() if path.is_file()]
    read = {name for text in hooks for name in re.findall(r"\bSHELLHOOK_[A-Z_]*[A-Z]\b", text)}
    assert len(read) > 15
    settings = {f"SHELLHOOK_{name.upper()}" for name in KNOWN}
    for name in read | settings:
        assert not [each for each in found({name: ""}) if "no setting" in each[1]], name


def test_no_value_that_may_be_a_secret_is_told() -> None:
    environ = {
        "AWS_ACCESS_KEY_ID": "ASIASECRET",
        "AWS_SECRET_ACCESS_KEY": "sEcReT",
        "AWS_SESSION_TOKEN": "",
        "AWS_SECURITY_TOKEN": "sEcReT-token",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "sEcReT-bearer",
        "AWS_CREDENTIAL_EXPIRATION": "sEcReT",
        "AWS_ENDPOINT_URL": "https://me:sEcReT@proxy.example/path?token=sEcReT",
        "SHELLHOOK_MFA_PROCESSS": "pass sEcReT",
    }
    told = str(found(environ))
    assert "secret" not in told.lower().replace("aws_secret_access_key", "")
    assert "https://proxy.example/path" in told
