"""The sign-in endpoint as a client meets it: what is sent there, what is made of answers, and what is never told."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shellhook import federation
from shellhook.errors import BadConfiguration, NoNetwork, ShellhookError
from shellhook.federation import Endpoint
from shellhook.session import Session
from tests import servers
from tests.plans import BASE, make, role

SECRETS = {"access_key_id": "ASIAME", "secret_access_key": "5ecret/key+", "session_token": "t0ken&=="}
SESSION = Session(**SECRETS, arn="arn:aws:sts::111122223333:assumed-role/r/me", account="111122223333")
GOOD = json.dumps({"SigninToken": "s1gn-in"}).encode()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(federation, "_PAUSE", 0.0)
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def refused(url: str, session: Session = SESSION, kind: type[ShellhookError] = ShellhookError) -> str:
    """What is said where nothing comes of it: nothing secret."""
    with pytest.raises(kind) as caught:
        federation.sign_in(Endpoint(url=url), session, None)
    assert type(caught.value) is kind
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    for text in (*SECRETS.values(), "getSigninToken", "s1gn"):
        assert text not in str(caught.value)
    return str(caught.value)


def test_what_is_sent() -> None:
    with servers.answering(200, GOOD) as server:
        assert federation.sign_in(Endpoint(url=server.url), SESSION, 43_200) == ("s1gn-in", True)
        assert federation.sign_in(Endpoint(url=server.url), SESSION, None) == ("s1gn-in", False)
    first, second = (urlsplit(request.split(" ")[1]) for request in server.requests)
    assert first.path == "/federation"
    asked = parse_qs(first.query)
    assert asked.pop("Session") == [
        json.dumps({"sessionId": "ASIAME", "sessionKey": "5ecret/key+", "sessionToken": "t0ken&=="})
    ]
    assert asked == {"Action": ["getSigninToken"], "SessionDuration": ["43200"]}
    assert "SessionDuration" not in parse_qs(second.query)


def test_the_link() -> None:
    link = Endpoint(url="https://signin.aws.amazon.com").login("a b&c", "https://console.aws.amazon.com/x?y=1#z")
    parts = urlsplit(link)
    assert link.startswith("https://signin.aws.amazon.com/federation?Action=login&")
    assert parse_qs(parts.query) == {
        "Action": ["login"],
        "Issuer": ["shellhook"],
        "Destination": ["https://console.aws.amazon.com/x?y=1#z"],
        "SigninToken": ["a b&c"],
    }


HOSTS = [
    ("aws", "eu-west-1", "https://signin.aws.amazon.com"),
    ("aws-cn", "cn-north-1", "https://signin.amazonaws.cn"),
    ("aws-us-gov", "us-gov-east-1", "https://signin.amazonaws-us-gov.com"),
    ("aws-eusc", "eusc-de-east-1", "https://eusc-de-east-1.signin.amazonaws-eusc.eu"),
]


@pytest.mark.parametrize(("partition", "region", "url"), HOSTS)
def test_partitions(partition: str, region: str, url: str) -> None:
    assert federation.address(partition, region, None) == url


def test_a_partition_that_has_none() -> None:
    with pytest.raises(ShellhookError, match="aws-iso"):
        federation.address("aws-iso", "us-iso-east-1", None)


MOVED = [
    ("AWS_ENDPOINT_URL_SIGNIN", "https://signin.example/", "https://signin.example"),
    ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "http://127.0.0.1:1"),
    ("AWS_ENDPOINT_URL_SIGNIN", "http://localhost:4566", "http://localhost:4566"),
    ("AWS_ENDPOINT_URL_STS", "https://sts.example", "https://signin.aws.amazon.com"),
]


@pytest.mark.parametrize(("name", "value", "url"), MOVED)
def test_it_can_be_moved(name: str, value: str, url: str, tmp_path: Path) -> None:
    plan = make(tmp_path, role("x") + BASE, environ={name: value})
    assert federation.endpoint(plan, "us-east-1", {}).url == url


def test_a_services_section_moves_it_too(tmp_path: Path) -> None:
    section = "[services local]\nsignin =\n    endpoint_url = https://signin.example\n"
    plan = make(tmp_path, role("x", "base", "services = local") + BASE + section)
    assert federation.endpoint(plan, "us-east-1", {}).url == "https://signin.example"


@pytest.mark.parametrize(
    "moved", ["signin.example", "ftp://signin.example", "https://", "http://10.0.0.1", "http://127.example"]
)
def test_where_keys_are_not_sent(moved: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        federation.address("aws", "us-east-1", moved)
    assert repr(moved) in caught.value.what
    assert "AWS_ENDPOINT_URL_SIGNIN" in caught.value.remedy


def test_certificates_are_the_profiles_else_the_environments(tmp_path: Path) -> None:
    own = make(tmp_path, role("x", "base", "ca_bundle = /own.pem") + BASE)
    bare = make(tmp_path, role("x") + BASE)
    environ = {"AWS_CA_BUNDLE": "/theirs.pem"}
    assert federation.endpoint(own, "us-east-1", environ).ca_bundle == "/own.pem"
    assert federation.endpoint(bare, "us-east-1", environ).ca_bundle == "/theirs.pem"
    assert federation.endpoint(bare, "us-east-1", {"REQUESTS_CA_BUNDLE": "/r.pem"}).ca_bundle == "/r.pem"
    assert federation.endpoint(bare, "us-east-1", {}).ca_bundle is None


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for bundle in (tmp_path / "none.pem", tmp_path / "empty.pem"):
        with pytest.raises(BadConfiguration, match=bundle.name) as caught:
            federation.sign_in(Endpoint(url="https://signin.example", ca_bundle=str(bundle)), SESSION, None)
        assert "AWS_CA_BUNDLE" in caught.value.remedy


def test_a_duration_that_is_refused_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int | None] = []

    def token(at: Endpoint, session: Session, seconds: int | None) -> str:
        asked.append(seconds)
        if seconds is not None:
            raise federation._Refused(400)
        return "s1gn-in"

    monkeypatch.setattr(federation, "_token", token)
    assert federation.sign_in(Endpoint(url="https://x"), SESSION, 43_200) == ("s1gn-in", False)
    assert asked == [43_200, None]


def test_credentials_that_are_not_taken() -> None:
    with servers.answering(400, b"<html>Invalid credentials: t0ken</html>") as server:
        said = refused(server.url)
        assert "GetSessionToken" not in said
        assert "revoked" in said
        assert "assume --renew" in said
        assert "GetSessionToken" in refused(server.url, SESSION.replace(arn=None))
    assert len(server.requests) == 2, "the same is not asked again"


def test_credentials_that_have_expired(closed_port: str) -> None:
    said = refused(closed_port, SESSION.replace(expires=int(time.time()) - 1))
    assert "have expired" in said
    assert "assume --renew" in said


ANSWERS: list[tuple[int, bytes, dict[str, str], str, int]] = [
    (200, b"<html>log in to the hotel</html>", {}, "no answer that is AWS's", 1),
    (200, b'{"SigninToken": ""}', {}, "no answer that is AWS's", 1),
    (200, b'{"SigninToken": 1}', {}, "no answer that is AWS's", 1),
    (200, b'["s1gn"]', {}, "no answer that is AWS's", 1),
    (200, b"x" * 70_000, {}, "does not end", 1),
    (302, b"", {"Location": "https://hotel.example/"}, "HTTP status 302", 1),
    (503, b"", {}, "503, 3 times", 3),
    (429, b"", {}, "throttling", 3),
]


@pytest.mark.parametrize(("status", "body", "headers", "said", "times"), ANSWERS)
def test_answers_of_others(status: int, body: bytes, headers: dict[str, str], said: str, times: int) -> None:
    with servers.answering(status, body, headers) as server:
        assert said in refused(server.url, kind=NoNetwork)
    assert len(server.requests) == times


def test_nobody_is_there(closed_port: str) -> None:
    assert f"{closed_port} could not be reached" in refused(closed_port, kind=NoNetwork)


def test_nothing_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(federation, "_PATIENCE", 0.2)
    started = time.monotonic()
    with servers.silent() as place:
        assert "did not answer in time" in refused(f"http://{place}", kind=NoNetwork)
    assert time.monotonic() - started < 5


def test_no_tls_where_it_is_expected() -> None:
    with servers.answering(200, GOOD) as server:
        said = refused(server.url.replace("http:", "https:"), kind=NoNetwork)
    assert "could not prove who it is" in said
    assert "AWS_CA_BUNDLE" in said


def test_a_proxy_is_used_and_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with servers.answering(407, b"") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        said = refused("https://signin.aws.amazon.com", kind=NoNetwork)
    assert "proxy" in said
    assert {request.split("?")[0] for request in proxy.requests} == {"CONNECT signin.aws.amazon.com:443"}
    assert "ASIAME" not in " ".join(proxy.requests)


def test_nothing_secret_is_in_a_repr() -> None:
    from shellhook.console_link import Link

    link = Link(url="https://x/?SigninToken=s1gn", profile="p", account="1")
    assert "s1gn" not in repr(link)
    shown: Any = repr(SESSION)
    assert "5ecret" not in shown
