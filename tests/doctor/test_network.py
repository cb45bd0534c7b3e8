"""AWS in reach or not, its clock, proxies and certificates: servers on this machine stand in for what answers."""

from __future__ import annotations

import ssl
import time
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from shellhook import profiles
from shellhook.doctor import network
from shellhook.doctor.network import Answer
from shellhook.profiles import Files
from tests import servers

if TYPE_CHECKING:
    from pathlib import Path

AWS = "https://sts.eu-west-1.amazonaws.com/"


def found_at(url: str, environ: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    findings = network.reach(url, lambda: network.ask(url, environ or {}))
    return [(each.check, each.status, each.message) for each in findings]


@pytest.mark.parametrize(
    ("minutes", "status", "message"),
    [
        (0, "ok", "right, by AWS's"),
        (-2, "warn", "2m ahead of AWS's"),
        (10, "fail", "10m behind AWS's: AWS refuses what is signed with it"),
        (-10, "fail", "10m ahead of AWS's"),
    ],
)
def test_the_clock_of_a_server(minutes: int, status: str, message: str) -> None:
    class Dated(servers._Handler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(time.time() + minutes * 60, usegmt=True)

    with servers.answering(403, b"", {"x-amzn-requestid": "1"}) as server:
        server.RequestHandlerClass = Dated
        found = found_at(server.url)
    assert found[0][:2] == ("network", "ok")
    assert found[1][:2] == ("clock", status)
    assert message in found[1][2]


@pytest.mark.parametrize(
    ("ahead", "status"),
    [(None, "warn"), (0.4, "ok"), (-29, "ok"), (31, "warn"), (-299, "warn"), (301, "fail"), (-9e9, "fail")],
)
def test_how_far_a_clock_may_be_off(ahead: float | None, status: str) -> None:
    assert network.clock(ahead).status == status


def test_out_of_reach_is_no_fault_of_the_machine(closed_port: str) -> None:
    found = found_at(closed_port)
    assert [each[:2] for each in found] == [("network", "warn"), ("clock", "warn")]
    assert found[0][2].endswith("Connection refused")


def test_what_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_PATIENCE", 0.2)
    with servers.silent() as place:
        began = time.monotonic()
        found = found_at(f"http://{place}")
    assert time.monotonic() - began < 4
    assert (found[0][:2], "did not answer in time" in found[0][2]) == (("network", "warn"), True)


def test_a_login_page_in_the_place_of_aws() -> None:
    found = list(network.reach(AWS, lambda: Answer(status=200, clock_ahead=0.0, is_aws=False)))
    assert (found[0].status, "does not look like AWS" in found[0].message) == ("warn", True)


def test_a_proxy_that_is_not_there_and_its_password(closed_port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = closed_port.removeprefix("http://")
    for name in ("no_proxy", "NO_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:sEcReT@{place}")
    found = found_at(AWS)
    assert found[0][2].startswith(f"the proxy http://{place} cannot be reached")
    assert "sEcReT" not in str(found)


@pytest.mark.parametrize("url", ["foo", "ftp://x", "https://", ""])
def test_what_is_no_address(url: str) -> None:
    ((check, status, _),) = found_at(url)
    assert (check, status) == ("network", "fail")


@pytest.mark.parametrize(
    ("environ", "bypassed", "expected"),
    [
        ({}, False, [("ok", "none")]),
        ({"HTTPS_PROXY": "http://me:sEcReT@proxy:3128"}, False, [("ok", "through http://proxy:3128")]),
        ({"https_proxy": "proxy:3128"}, False, [("ok", "through proxy:3128")]),
        ({"HTTPS_PROXY": "http://proxy"}, True, [("ok", "none: NO_PROXY leaves sts.eu-west-1.amazonaws.com out")]),
        ({"HTTP_PROXY": "http://proxy"}, False, [("ok", "none for https; HTTP_PROXY set")]),
        (
            {"HTTPS_PROXY": "http://a", "https_proxy": "http://b"},
            False,
            [
                ("warn", "HTTPS_PROXY and https_proxy differ: most programs take the lower one"),
                ("ok", "through http://b"),
            ],
        ),
    ],
)
def test_proxies(environ: dict[str, str], bypassed: bool, expected: list[tuple[str, str]]) -> None:
    assert [(each.status, each.message) for each in network.proxies(AWS, environ, bypassed)] == expected


def test_certificates(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    environ = {"AWS_CA_BUNDLE": str(bundle)}
    assert network.certificates({}).status == "ok"
    missing = network.certificates(environ)
    assert (missing.status, "which is not there" in missing.message) == ("fail", True)
    bundle.write_text("no certificates")
    assert network.certificates(environ).status == "fail"
    known = ssl.create_default_context().get_ca_certs(binary_form=True)
    if known:
        bundle.write_text(ssl.DER_cert_to_PEM_cert(known[0]))
        assert network.certificates(environ).status == "ok"


@pytest.mark.parametrize(
    ("environ", "config", "url"),
    [
        ({}, "", "https://sts.us-east-1.amazonaws.com/"),
        ({"AWS_REGION": "eu-west-1"}, "", AWS),
        ({"AWS_REGION": "cn-north-1"}, "", "https://sts.cn-north-1.amazonaws.com.cn/"),
        ({"AWS_REGION": "eusc-de-east-1"}, "", "https://sts.eusc-de-east-1.amazonaws.eu/"),
        ({"AWS_REGION": "no.host/x"}, "", "https://sts.us-east-1.amazonaws.com/"),
        ({}, "[default]\nregion = eu-west-1\n", AWS),
        ({"AWS_PROFILE": "dev"}, "[profile dev]\nregion = eu-west-1\n", AWS),
        ({"AWS_PROFILE": "broken"}, "[profile broken]\nx\n", "https://sts.us-east-1.amazonaws.com/"),
        ({"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9"}, "", "http://127.0.0.1:9"),
    ],
)
def test_where_aws_is_asked(environ: dict[str, str], config: str, url: str, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(config)
    files = Files(config=str(tmp_path / "config"), credentials=str(tmp_path / "credentials"))
    assert network.address(profiles.read(files), environ) == url


def test_no_credentials_are_sent() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "sEcReT"}
    with servers.answering(403, b"") as server:
        found_at(server.url, keys)
        assert server.requests == ["GET /"]
        assert "authorization" not in server.headers
        assert "AKIAEXAMPLE" not in str(server.headers)
