"""Sources that have to be asked: the machine, a container, an identity provider, IAM Identity Center, a command; and
the chains that begin with them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import botocore.session
import pytest
from botocore.exceptions import ConfigParseError, NoCredentialsError

from shellhook import assume, aws_session, profiles, sources
from shellhook.assume import Here
from shellhook.errors import BadConfiguration, NoNetwork, ShellhookError
from shellhook.sources import fetch
from tests import servers
from tests.desk import Typist
from tests.plans import configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import NoReturn

    from botocore.awsrequest import AWSPreparedRequest

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


# --- web identity


@pytest.fixture
def web(desk: Desk, tmp_path: Path) -> str:
    """A profile of a web identity."""
    (tmp_path / "token").write_text("ey.5ecret.token")
    return desk.profile("web", role_arn=ROLE, web_identity_token_file=str(tmp_path / "token"), role_session_name="pod")


def test_a_web_identity_needs_no_keys(desk: Desk, web: str) -> None:
    with servers.answering(200, ANSWER) as sts:
        session = desk.assume(web, environ={"AWS_ENDPOINT_URL_STS": sts.url})
    assert (session.access_key_id, session.expires) == ("ASIAWEB", 4_102_444_800)
    asked = {name: values[0] for name, values in parse_qs(sts.asked.decode()).items()}
    assert asked.pop("Version")
    assert asked == {
        "Action": "AssumeRoleWithWebIdentity",
        "RoleArn": ROLE,
        "RoleSessionName": "pod",
        "WebIdentityToken": "ey.5ecret.token",
    }
    assert "authorization" not in sts.headers
    assert session.renew_from is not None, "the token file is renewed by others"


def test_in_a_pod_no_profile_is_needed(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("ey.5ecret.token")
    desk.config.write_text("")
    pod = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"), "AWS_ROLE_ARN": ROLE, "AWS_ROLE_SESSION_NAME": "pod"}
    with servers.answering(200, ANSWER) as sts:
        session = desk.assume(None, environ={**pod, "AWS_ENDPOINT_URL_STS": sts.url})
    assert session.access_key_id == "ASIAWEB"
    asked = {name: values[0] for name, values in parse_qs(sts.asked.decode()).items()}
    assert (asked["RoleArn"], asked["RoleSessionName"], asked["WebIdentityToken"]) == (ROLE, "pod", "ey.5ecret.token")
    (tmp_path / "token").unlink()
    with pytest.raises(ShellhookError) as caught:
        desk.assume(None, environ=pod)
    assert caught.value.what == "the environment gave no credentials"
    assert "token file" in caught.value.remedy


def test_half_of_a_web_identity_may_be_the_profile_s(desk: Desk, tmp_path: Path, web: str) -> None:
    with servers.answering(200, ANSWER) as sts:
        desk.assume(None, environ={"AWS_PROFILE": web, "AWS_ROLE_ARN": ROLE + "-2", "AWS_ENDPOINT_URL_STS": sts.url})
    asked = {name: values[0] for name, values in parse_qs(sts.asked.decode()).items()}
    assert (asked["RoleArn"], asked["RoleSessionName"]) == (ROLE + "-2", "pod")


def test_it_is_asked_where_the_profile_says(desk: Desk, tmp_path: Path, web: str) -> None:
    del desk.environ["AWS_ENDPOINT_URL"]
    with servers.answering(200, ANSWER) as sts:
        settings = {"role_arn": ROLE, "web_identity_token_file": str(tmp_path / "token")}
        desk.profile("by-profile", **settings, endpoint_url=sts.url)
        desk.profile("by-services", **settings, endpoint_url="http://127.0.0.1:1", services="mine")
        desk.config.write_text(f"{desk.config.read_text()}\n[services mine]\nsts =\n  endpoint_url = {sts.url}\n")
        for profile in ("by-profile", "by-services"):
            assert desk.assume(profile).access_key_id == "ASIAWEB"


REACHED = [
    # lines of the role that was asked for, the environment; the host is what botocore says, in every one
    pytest.param("", {}, id="nothing is said"),
    pytest.param("region = cn-north-1", {}, id="its region"),
    pytest.param("", {"AWS_DEFAULT_REGION": "eu-west-1"}, id="the environment's region"),
    pytest.param("region = us-east-2\nuse_fips_endpoint = true", {}, id="FIPS"),
    pytest.param("region = us-east-2\nuse_dualstack_endpoint = true", {}, id="both stacks"),
    pytest.param("endpoint_url = http://sts.of-the-role.test", {}, id="its endpoint"),
    pytest.param("services = of-the-role", {}, id="its services"),
    pytest.param("services = of-the-role\nignore_configured_endpoint_urls = true", {}, id="ignored"),
]
WEB_SOURCE = f"""\
[profile web]
role_arn = {ROLE}
web_identity_token_file = TOKEN
region = ap-south-1
endpoint_url = http://sts.of-the-source.test
[services of-the-role]
sts =
  endpoint_url = http://sts.of-its-services.test
[profile x]
role_arn = {ROLE}
source_profile = web
"""


def hosts(fetched: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where calls would go: they are stopped before they are sent."""
    seen: list[str] = []

    def stop(self: object, request: AWSPreparedRequest) -> NoReturn:
        seen.append(str(request.url))
        raise NoCredentialsError

    with monkeypatch.context() as patched:
        patched.setattr("botocore.httpsession.URLLib3Session.send", stop)
        with pytest.raises((NoCredentialsError, ShellhookError)):
            fetched()
    return seen


@pytest.mark.parametrize(("lines", "environ"), REACHED)
def test_a_web_identity_below_a_role_is_asked_where_the_role_says(
    lines: str, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    (tmp_path / "token").write_text("a.b.c")
    read = configuration(tmp_path, WEB_SOURCE.replace("TOKEN", str(tmp_path / "token")) + lines)
    source = sources.of_profile(read.profile("web"), read)
    assert source is not None
    ours = hosts(lambda: fetch.credentials(source, read, environ, leaf="x"), monkeypatch)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    theirs = botocore.session.Session(profile="x")
    theirs.set_config_variable("config_file", read.files.config)
    assert hosts(lambda: theirs.get_credentials().get_frozen_credentials(), monkeypatch)[:1] == ours[:1]
    assert ours, "somebody was asked"
    (given,) = hosts(lambda: fetch.credentials(source, read, environ, leaf="x", region="eu-west-3"), monkeypatch)
    assert ("eu-west-3" in given) == (".test" not in given), "--region, and what the plan makes of it"


def test_the_region_that_was_asked_for_is_that_of_its_call(
    desk: Desk, web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = desk.request(web, region="eu-west-3")
    desk.config.write_text(re.sub("endpoint_url = .*", "", desk.config.read_text()))
    here = Here({name: value for name, value in desk.environ.items() if not name.startswith("AWS_ENDPOINT")})
    (given,) = hosts(lambda: assume.obtain(here, wanted), monkeypatch)
    assert "//sts.eu-west-3.amazonaws.com/" in given


def test_what_is_asked_is_the_source_s_affair(desk: Desk, web: str) -> None:
    desk.profile("x", role_arn=ROLE + "-2", source_profile=web, role_session_name="of-the-role")
    desk.config.write_text(desk.config.read_text().replace("role_session_name = pod\n", ""))
    read = profiles.read(desk.here.files())
    with servers.answering(200, ANSWER) as sts:
        fetch.credentials(desk.plan("x").source, read, {"AWS_ENDPOINT_URL_STS": sts.url}, leaf="x")
    asked = {name: values[0] for name, values in parse_qs(sts.asked.decode()).items()}
    assert asked["RoleArn"] == ROLE
    assert asked["RoleSessionName"] != "of-the-role"


def test_aws_does_not_trust_the_provider(desk: Desk, web: str) -> None:
    error = no_credentials(desk, web)
    assert error.what == "profile 'web' gave no credentials"
    assert "Not authorized to perform sts:AssumeRoleWithWebIdentity" in error.why
    assert "token file" in error.remedy
    assert "5ecret" not in str(error)


@pytest.mark.parametrize("body", [b"<html>Welcome", ANSWER[:300].replace(b">s<", b">5ecret<"), b""])
def test_somebody_answers_in_its_place(desk: Desk, web: str, body: bytes) -> None:
    with servers.answering(200, body) as sts:
        error = no_credentials(desk, web, {"AWS_ENDPOINT_URL_STS": sts.url})
    assert error.what == "profile 'web' gave no credentials"
    assert "Welcome" not in str(error)
    assert "5ecret" not in str(error)


def test_nobody_answers(desk: Desk, web: str, closed_port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)
    error = no_credentials(desk, web, {"AWS_ENDPOINT_URL_STS": closed_port})
    assert isinstance(error, NoNetwork)
    assert closed_port in error.why


def test_a_black_hole_ends(desk: Desk, web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patience = {"connect_timeout": 0.1, "read_timeout": 0.1, "retries": {"mode": "standard", "total_max_attempts": 1}}
    monkeypatch.setattr(aws_session, "PATIENCE", patience)
    with servers.silent() as place:
        error = no_credentials(desk, web, {"AWS_ENDPOINT_URL_STS": f"http://{place}"})
    assert isinstance(error, NoNetwork)
    assert "timed out" in error.why.lower() or "timeout" in error.why.lower()


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
