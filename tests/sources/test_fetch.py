"""Sources that have to be asked: the machine, a container, an identity provider, IAM Identity Center, a command; and
the chains that begin with them."""

from __future__ import annotations

import hashlib
import json
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

import botocore.session
import pytest
from botocore.exceptions import ConfigParseError

from shellhook import sources
from shellhook.errors import BadConfiguration, ShellhookError
from shellhook.sources import fetch
from tests import servers
from tests.desk import Typist
from tests.plans import configuration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shellhook.session import Session
    from tests.desk import Desk

ROLE = "arn:aws:iam::111122223333:role/read-only"
EXPIRES = "2100-01-01T00:00:00Z"
ANSWER = (
    b'<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    b"<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAWEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
    b"<SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>"
    b"</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
)


def container(session: Session) -> bytes:
    """What a container's endpoint answers."""
    return json.dumps(
        {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "Token": session.session_token,
            "Expiration": EXPIRES,
            "AccountId": "111122223333",
        }
    ).encode()


def typist(desk: Desk) -> Typist:
    return Typist(lambda: desk.sandbox.code("alice"))


def no_credentials(desk: Desk, profile: str, environ: Mapping[str, str] | None = None) -> ShellhookError:
    with pytest.raises(ShellhookError) as caught:
        desk.assume(profile, environ=environ)
    return caught.value


# --- a container


@pytest.fixture
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore asks a container three times, a second apart."""
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)


@pytest.fixture
def in_container(desk: Desk) -> str:
    return desk.profile("task", role_arn="arn:aws:iam::444455556666:role/admin", credential_source="EcsContainer")


def test_a_chain_that_begins_in_a_container(desk: Desk, in_container: str) -> None:
    power_user = desk.assume("power-user", typist(desk))
    with servers.answering(200, container(power_user)) as endpoint:
        environ = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{endpoint.url}/creds/task",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer 5ecret",
        }
        session = desk.assume(in_container, environ=environ)
        assert session.arn == "arn:aws:sts::444455556666:assumed-role/admin/me"
        assert desk.assume(in_container, environ=environ) == session
    assert endpoint.requests == ["GET /creds/task"]
    assert endpoint.headers["authorization"] == "Bearer 5ecret"


@pytest.mark.usefixtures("without_pauses")
def test_what_a_container_says_is_passed_on(desk: Desk, in_container: str) -> None:
    with servers.answering(403, b"log in again: corp login") as endpoint:
        environ = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer 5ecret",
        }
        error = no_credentials(desk, in_container, environ)
    assert len(endpoint.requests) == 3
    assert "log in again: corp login" in error.why
    assert "5ecret" not in str(error)


@pytest.mark.usefixtures("without_pauses")
@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"AccessKeyId": "A", "SecretAccessKey": "5ecret"}'])
def test_what_is_no_answer_of_a_container(desk: Desk, in_container: str, body: bytes) -> None:
    with servers.answering(200, body) as endpoint:
        error = no_credentials(desk, in_container, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url})
    assert error.what == "profile 'task' gave no credentials"
    assert "5ecret" not in str(error)


def test_a_host_that_may_not_be_asked(desk: Desk, in_container: str) -> None:
    error = no_credentials(desk, in_container, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/"})
    assert "192.0.2.1" in error.why


def test_there_is_no_container(desk: Desk, in_container: str) -> None:
    assert isinstance(no_credentials(desk, in_container), BadConfiguration)


# --- the environment


def upper(key: Mapping[str, str]) -> dict[str, str]:
    return {name.upper(): value for name, value in key.items()}


def test_a_chain_that_begins_in_the_environment(desk: Desk) -> None:
    desk.profile("x", role_arn=ROLE, credential_source="Environment", external_id=desk.sandbox.external_id)
    session = desk.assume("x", environ=upper(desk.key_of("dave")))
    assert session.arn == "arn:aws:sts::111122223333:assumed-role/read-only/me"


def test_the_environment_s_keys_buy_an_mfa_session(desk: Desk) -> None:
    desk.profile(
        "x", role_arn="arn:aws:iam::111122223333:role/power-user", credential_source="Environment",
        external_id=desk.sandbox.external_id, mfa_serial=desk.sandbox.devices["alice"],
    )  # fmt: skip
    desk.assume("x", typist(desk), environ=upper(desk.key_of("alice")))
    assert [call["action"] for call in desk.sandbox.calls()] == ["GetSessionToken", "AssumeRole"]


def test_another_key_in_the_environment_is_another_session(desk: Desk) -> None:
    desk.profile("x", role_arn=ROLE, credential_source="Environment", external_id=desk.sandbox.external_id)
    dave = desk.assume("x", environ=upper(desk.key_of("dave")))
    bob = desk.assume("x", environ=upper(desk.key_of("bob")))
    assert dave.access_key_id != bob.access_key_id
    assert desk.assume("x", environ=upper(desk.key_of("dave"))) == dave


# --- a command


def prints(desk: Desk, directory: Path, **answer: object) -> str:
    """A profile whose command prints this."""
    path = directory / "answer.json"
    path.write_text(json.dumps({"Version": 1, **answer}))
    return desk.profile("process", credential_process=f"cat '{path}'")


def test_a_command_that_gives_long_term_keys_buys_an_mfa_session(desk: Desk, tmp_path: Path) -> None:
    key = desk.key_of("alice")
    source = prints(desk, tmp_path, AccessKeyId=key["aws_access_key_id"], SecretAccessKey=key["aws_secret_access_key"])
    desk.profile(
        "x", role_arn="arn:aws:iam::111122223333:role/power-user", source_profile=source,
        external_id=desk.sandbox.external_id, mfa_serial=desk.sandbox.devices["alice"],
    )  # fmt: skip
    desk.assume("x", typist(desk))
    desk.assume("x", fresh=True)
    assert [call["action"] for call in desk.sandbox.calls()] == ["GetSessionToken", "AssumeRole", "AssumeRole"]


def test_the_command_s_own_session_ends_when_it_says(desk: Desk, tmp_path: Path) -> None:
    prints(desk, tmp_path, AccessKeyId="ASIA", SecretAccessKey="s", SessionToken="t", Expiration=EXPIRES)
    session = desk.assume("process")
    assert (session.access_key_id, session.expires) == ("ASIA", 4_102_444_800)
    assert session.issued == pytest.approx(time.time(), abs=5)
    assert session.profile == "process"


def test_the_command_runs_each_time(desk: Desk, tmp_path: Path) -> None:
    """How long its credentials are good is its affair, also where it does not say so."""
    prints(desk, tmp_path, AccessKeyId="ASIAFIRST", SecretAccessKey="s", SessionToken="t")
    assert desk.assume("process").expires is None
    prints(desk, tmp_path, AccessKeyId="ASIASECOND", SecretAccessKey="s", SessionToken="t")
    assert desk.assume("process").access_key_id == "ASIASECOND"


def test_what_a_command_says_is_passed_on_and_what_it_prints_is_not(desk: Desk) -> None:
    desk.profile("process", credential_process="sh -c 'echo 5ecret; echo log in first >&2; exit 3'")
    error = no_credentials(desk, "process")
    assert "log in first" in error.why
    assert "5ecret" not in str(error)


@pytest.mark.parametrize(
    "command", ["echo 5ecret", 'echo \'{"Version": 1, "SecretAccessKey": "5ecret"}\'', "printf '\\377'", "true"]
)
def test_what_a_command_must_not_print(desk: Desk, command: str) -> None:
    desk.profile("process", credential_process=command)
    error = no_credentials(desk, "process")
    assert error.what == "profile 'process' gave no credentials"
    assert "5ecret" not in str(error)
    assert "see what it prints" in error.remedy


# --- keys


def test_of_keys_in_both_files_those_of_the_credentials_file_count(desk: Desk) -> None:
    desk.profile("both", aws_access_key_id="AKIAOLD", aws_secret_access_key="old")
    desk.keys("both", **desk.key_of("dave"))
    desk.profile("x", role_arn=ROLE, source_profile="both", external_id=desk.sandbox.external_id)
    assert desk.assume("x").arn == "arn:aws:sts::111122223333:assumed-role/read-only/me"


# --- a section that is broken is nobody else's


def test_a_broken_section_elsewhere_does_not_matter(desk: Desk, tmp_path: Path) -> None:
    """botocore refuses the whole file for it, and we ask botocore for these."""
    prints(desk, tmp_path, AccessKeyId="ASIA", SecretAccessKey="s")
    desk.config.write_text(f"{desk.config.read_text('utf-8')}\n[profile worse]\nnot a setting\n", "utf-8")
    theirs = botocore.session.Session(profile="process")
    theirs.set_config_variable("config_file", str(desk.config))
    with pytest.raises(ConfigParseError):
        theirs.get_credentials()
    assert desk.assume("process").access_key_id == "ASIA"
    with servers.answering(200, ANSWER) as sts:
        (tmp_path / "token").write_text("a.b.c")
        desk.profile("web", role_arn=ROLE, web_identity_token_file=str(tmp_path / "token"))
        assert desk.assume("web", environ={"AWS_ENDPOINT_URL_STS": sts.url}).access_key_id == "ASIAWEB"
    with pytest.raises(BadConfiguration, match="worse"):
        desk.assume("worse")


# --- what was pasted is in the store, or gone


def test_pasted_credentials_that_have_ended(tmp_path: Path) -> None:
    source = sources.of_pasted(("ASIA", "from the portal", "", ""))
    with pytest.raises(ShellhookError, match="pasted as from the portal have ended"):
        fetch.credentials(source, configuration(tmp_path, ""), {})


# --- IAM Identity Center, and `aws login`

START = "https://corp.awsapps.com/start"


def identity_center(desk: Desk, **more: str) -> str:
    return desk.profile(
        "sso", sso_account_id="111122223333", sso_role_name="Admin", sso_start_url=START, sso_region="eu-west-1", **more
    )


def token(desk: Desk, expires: str) -> None:
    """The token that `aws sso login` leaves (for a profile without an sso-session)."""
    cache = desk.home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    name = hashlib.sha1(START.encode(), usedforsecurity=False).hexdigest()
    content = {"startUrl": START, "region": "eu-west-1", "accessToken": "5ecret", "expiresAt": expires}
    (cache / f"{name}.json").write_text(json.dumps(content))


PORTAL = json.dumps(
    {
        "roleCredentials": {
            "accessKeyId": "ASIASSO",
            "secretAccessKey": "s",
            "sessionToken": "t",
            "expiration": 4_102_444_800_000,
        }
    }
).encode()


def test_without_a_token_it_is_said_how_to_log_in(desk: Desk) -> None:
    done = desk.run(*desk.hooked(identity_center(desk)))
    assert (done.status, done.out) == (4, "")
    assert "shellhook login sso" in done.err


def test_with_a_token_that_is_over_too(desk: Desk) -> None:
    token(desk, "2020-01-01T00:00:00Z")
    done = desk.run(*desk.hooked(identity_center(desk)))
    assert done.status == 4
    assert "shellhook login sso" in done.err
    assert "5ecret" not in done.err


@pytest.mark.parametrize("expires", ["2100-01-01T00:00:00Z", "2100-01-01T00:00:00UTC", "2100-01-01T00:00:00.123Z"])
def test_with_a_token_it_is_the_permission_set_s_session(desk: Desk, expires: str) -> None:
    token(desk, expires)
    with servers.answering(200, PORTAL) as portal:
        done = desk.run(*desk.hooked(identity_center(desk)), env={"AWS_ENDPOINT_URL_SSO": portal.url})
    assert done.status == 0, done
    assert "ASIASSO" in done.out
    assert "4102444800" in done.out, "the portal counts milliseconds"
    assert portal.requests == ["GET /federation/credentials?role_name=Admin&account_id=111122223333"]
    assert portal.headers["x-amz-sso_bearer_token"] == "5ecret"
    assert "5ecret" not in done.out


@pytest.mark.parametrize(
    ("status", "body", "ours", "said"),
    [
        (200, b"<html>Welcome", 5, "no answer that is AWS's"),
        (401, b'{"message": "Session token not found"}', 4, "shellhook login sso"),
    ],
)
def test_a_portal_that_refuses(desk: Desk, status: int, body: bytes, ours: int, said: str) -> None:
    token(desk, EXPIRES)
    with servers.answering(status, body, {"x-amzn-ErrorType": "UnauthorizedException"}) as portal:
        done = desk.run(*desk.hooked(identity_center(desk)), env={"AWS_ENDPOINT_URL_SSO": portal.url})
    assert (done.status, done.out) == (ours, "")
    assert "should not have happened" not in done.err
    assert said in done.err
    assert "Welcome" not in done.err


@pytest.mark.skipif(find_spec("awscrt") is not None, reason="the package that is missing here is there")
def test_without_its_package_an_aws_login_session_names_the_extra(desk: Desk) -> None:
    desk.profile("login", login_session="arn:aws:iam::111122223333:user/alice")
    error = no_credentials(desk, "login")
    assert "pip install 'shellhook[login]'" in error.remedy
    assert "'login'" in error.what
