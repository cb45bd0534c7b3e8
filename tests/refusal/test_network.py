"""What stands between us and AWS: it is known from AWS, and bounded in time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from shellhook.errors import BadConfiguration, NoNetwork
from shellhook.sts import Aws
from tests import servers
from tests.refusal.refused import ANSWER, KEYS, refused

if TYPE_CHECKING:
    from pathlib import Path

    from shellhook.plan import Plan
    from tests.desk import Desk


def unreachable(plan: Plan, url: str, environ: dict[str, str] | None = None, **patience: float) -> NoNetwork:
    """The error of a call to `url`."""
    aws = Aws(environ or {}, patience)
    with pytest.raises(NoNetwork) as caught:
        aws.assume_role(plan.replace(endpoints={"sts": url}), KEYS, plan.hops[-1].parameters)
    assert "5ecret" not in str(caught.value)
    assert caught.value.status == 5
    assert caught.value.remedy
    return caught.value


def test_a_server_that_answers_as_aws_does(plan: Plan) -> None:
    with servers.answering(200, ANSWER) as server:
        there = plan.replace(endpoints={"sts": server.url})
        session = Aws({}).assume_role(there, KEYS, plan.hops[-1].parameters)
    assert session.access_key_id == "ASIAEXAMPLE"
    assert session.expires == 1_893_456_000


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html><body>Log in to this network</body></html>"),
        (200, b"<html><br>Log in"),
        (200, b""),
        (200, b"\xff\xfe\0"),
        (200, b'{"AccessKeyId": "5ecret"}'),
        (200, ANSWER[:-100]),
        (200, ANSWER.replace(b"<SecretAccessKey>5ecret</SecretAccessKey>", b"")),
        (200, ANSWER.replace(b"Credentials>", b"Nothing>")),
        (200, ANSWER.replace(b"2030-01-01T00:00:00Z", b"5ecret")),
        (302, b""),
        (403, b"<html>forbidden</html>"),
        (404, b"not here"),
        (407, b"who are you"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_garbage_is_not_aws(plan: Plan, status: int, body: bytes) -> None:
    """An answer that cannot be read is not shown: credentials may stand in it."""
    with servers.answering(status, body, {"Location": "https://login.example"}) as server:
        error = unreachable(plan, server.url)
    assert error.what == f"{server.url} gave no answer that is AWS's"
    assert "login page" in error.remedy
    assert len(error.why) < 80


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateway_with_a_problem(desk: Desk, status: int) -> None:
    with servers.answering(status, b"<html><h1>Bad gateway") as server:
        error = refused(desk, "read-only", environ={"AWS_ENDPOINT_URL_STS": server.url})
    assert error.status == 5
    assert len(server.requests) == 3


def test_nobody_listens(plan: Plan, closed_port: str) -> None:
    error = unreachable(plan, closed_port)
    assert error.what == f"{closed_port} could not be reached"
    assert "refused" in error.why.lower()


def test_there_is_no_such_host(plan: Plan) -> None:
    error = unreachable(plan, "http://sts.eu-west-1.invalid")
    assert error.what == "http://sts.eu-west-1.invalid could not be found"
    assert "DNS" in error.remedy


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_black_hole_ends(plan: Plan, scheme: str) -> None:
    begun = time.monotonic()
    with servers.silent() as place:
        error = unreachable(plan, f"{scheme}://{place}", connect_timeout=0.1, read_timeout=0.1)
    assert error.what == f"{scheme}://{place} did not answer in time"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there(plan: Plan, monkeypatch: pytest.MonkeyPatch, closed_port: str, scheme: str) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    proxy = closed_port.replace("http://", "http://somebody:5ecret@")
    monkeypatch.setenv(f"{scheme}_proxy", proxy)
    error = unreachable(plan, f"{scheme}://sts.example.com")
    assert error.what == f"the proxy {closed_port} cannot be reached"
    assert "HTTPS_PROXY" in error.remedy


def test_a_proxy_that_refuses(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with servers.answering(407, b"") as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        error = unreachable(plan, "https://sts.example.com")
    assert error.what == f"the proxy {proxy.url} cannot be reached"
    assert "407" in error.why
    assert proxy.requests[0] == "CONNECT sts.example.com:443"


def test_no_tls_where_tls_should_be(plan: Plan) -> None:
    with servers.answering(200, ANSWER) as server:
        error = unreachable(plan, server.url.replace("http:", "https:"))
    assert error.what.endswith("could not prove who it is")
    assert "AWS_CA_BUNDLE" in error.remedy


def test_a_bundle_of_certificates_that_is_not_there(plan: Plan, tmp_path: Path) -> None:
    with servers.silent() as place:
        error = unreachable(plan, f"https://{place}", {"AWS_CA_BUNDLE": str(tmp_path / "nothing.pem")})
    assert "see whether it is a file of certificates" in error.remedy


@pytest.mark.parametrize("url", ["nowhere", "http://", "http://two words.example"])
def test_an_endpoint_that_is_no_url(plan: Plan, url: str) -> None:
    with pytest.raises(BadConfiguration, match="sts cannot be reached at"):
        Aws({}).assume_role(plan.replace(endpoints={"sts": url}), KEYS, plan.hops[-1].parameters)
