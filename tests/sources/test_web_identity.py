"""Web identity: a pod's, or a profile's with a token file, asked of STS where the chain says."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import botocore.session
import pytest
from botocore.exceptions import NoCredentialsError

from shellhook import assume, aws_session, profiles, sources
from shellhook.assume import Here
from shellhook.errors import NoNetwork, ShellhookError
from shellhook.sources import fetch
from tests import servers
from tests.plans import configuration
from tests.sources.test_fetch import ANSWER, ROLE, no_credentials

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import NoReturn

    from botocore.awsrequest import AWSPreparedRequest

    from tests.desk import Desk


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
