"""Where a plan's calls go: regions, partitions, endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from shellhook.errors import BadConfiguration
from tests.plans import BASE, NOTHING, make, role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


# --- regions and partitions

REGIONS = [
    # config's lines, option, environment -> what the session sets, where STS is asked
    pytest.param("", None, {}, None, "", id="nothing: STS's default"),
    pytest.param("region = eu-west-1", None, {}, "eu-west-1", "eu-west-1", id="the profile's"),
    pytest.param("region = eu-west-1", "us-west-2", {}, "us-west-2", "us-west-2", id="the option wins"),
    pytest.param("region =", None, {"AWS_REGION": "eu-west-1"}, None, "eu-west-1", id="an empty one is none"),
    pytest.param(
        "region = eu-west-1",
        None,
        {"AWS_DEFAULT_REGION": "us-west-2"},
        "eu-west-1",
        "eu-west-1",
        id="the profile's wins over the environment's: the session is of the profile",
    ),
    pytest.param(
        "",
        None,
        {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-west-2"},
        None,
        "us-west-2",
        id="O21 botocore reads AWS_DEFAULT_REGION",
    ),
    pytest.param("", None, {"AWS_REGION": "eu-west-1"}, None, "eu-west-1", id="O21 and others AWS_REGION"),
]


@pytest.mark.parametrize(("line", "option", "environ", "region", "sts"), REGIONS)
def test_region(line: str, option: str | None, environ: dict[str, str], region: str, sts: str, tmp_path: Path) -> None:
    made = make(tmp_path, role("x", "base", line) + BASE + "region = ap-south-1", region=option, environ=environ)
    assert (made.region, made.sts_region) == (region, sts)


PARTITIONS = [
    ("aws-cn", "cn-north-1", "cn-northwest-1"),
    ("aws-us-gov", "us-gov-west-1", "us-gov-east-1"),
    ("aws-eusc", "eusc-de-east-1", "eusc-de-east-1"),
    ("aws-iso", "us-iso-east-1", "us-iso-west-1"),
    ("aws-iso-b", "us-isob-east-1", "us-isob-east-1"),
    ("aws-iso-e", "eu-isoe-west-1", "eu-isoe-west-1"),
    ("aws-iso-f", "us-isof-south-1", "us-isof-east-1"),
]


@pytest.mark.parametrize(("partition", "default", "other"), PARTITIONS)
def test_partition(partition: str, default: str, other: str, tmp_path: Path) -> None:
    config = role("x").replace("arn:aws:", f"arn:{partition}:") + BASE
    made = make(tmp_path, config)
    assert (made.partition, made.sts_region, made.region) == (partition, default, None)
    assert make(tmp_path, config, region=other).sts_region == other
    for asked in ({"region": "eu-west-1"}, {"environ": {"AWS_REGION": "eu-west-1"}}):
        with pytest.raises(BadConfiguration) as caught:
            make(tmp_path, config, **asked)
        assert f":{partition}:" in caught.value.what
        assert "eu-west-1" in caught.value.what
        assert default in caught.value.remedy


BAD_REGIONS = ["us-east-1 ; c", "us-east-1.evil.example", "https://evil", "-a", "a\x1b]0;b\x07", "ü", "1", "a" * 64]


@pytest.mark.parametrize("region", BAD_REGIONS)
def test_a_region_that_would_make_another_host(region: str, tmp_path: Path) -> None:
    """botocore's validate_region_name. O29: a comment behind a value belongs to the value."""
    with pytest.raises(BadConfiguration) as caught:
        make(tmp_path, role("x", "base", f"region = {region}") + BASE)
    assert repr(region) in caught.value.what
    assert "config:4" in caught.value.why
    with pytest.raises(BadConfiguration, match="--region"):
        make(tmp_path, role("x") + BASE, region=region)
    with pytest.raises(BadConfiguration, match="AWS_REGION"):
        make(tmp_path, role("x") + BASE, environ={"AWS_REGION": region})


# --- endpoints and other settings of the profile


class Reached(NamedTuple):
    """Lines of the profile, the environment: where STS is reached, and which variables the session sets."""

    title: str
    lines: str
    sts: str | None
    sets: dict[str, str]
    environ: Mapping[str, str] = NOTHING


SERVICES = (
    "[services local]\nsts =\n  endpoint_url = http://sts\ns3 =\n  endpoint_url = http://s3\n  addressing = path\n"
)
ENDPOINTS = [
    Reached("none", "", None, {}),
    Reached("of the profile", "endpoint_url = http://all", "http://all", {"AWS_ENDPOINT_URL": "http://all"}),
    Reached(
        "of its services section",
        "services = local",
        "http://sts",
        {"AWS_ENDPOINT_URL_STS": "http://sts", "AWS_ENDPOINT_URL_S3": "http://s3"},
    ),
    Reached(
        "the service's before the one for all",
        "services = local\nendpoint_url = http://all",
        "http://sts",
        {"AWS_ENDPOINT_URL_STS": "http://sts", "AWS_ENDPOINT_URL_S3": "http://s3", "AWS_ENDPOINT_URL": "http://all"},
    ),
    Reached(
        "the environment's before the profile's",
        "services = local",
        "http://env",
        {"AWS_ENDPOINT_URL_STS": "http://sts", "AWS_ENDPOINT_URL_S3": "http://s3"},
        {"AWS_ENDPOINT_URL": "http://env"},
    ),
    Reached(
        "the environment's own for the service",
        "",
        "http://env-sts",
        {},
        {"AWS_ENDPOINT_URL": "http://env", "AWS_ENDPOINT_URL_STS": "http://env-sts"},
    ),
    Reached(
        "ignored by the profile: and by every program in the shell",
        "endpoint_url = http://all\nignore_configured_endpoint_urls = True",
        None,
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
    ),
    Reached(
        "ignored by the profile, the environment's too",
        "ignore_configured_endpoint_urls = true",
        None,
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_ENDPOINT_URL": "http://env"},
    ),
    Reached(
        "ignored by the environment",
        "endpoint_url = http://all",
        None,
        {},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "http://env"},
    ),
    Reached(
        "the environment has the last word on ignoring",
        "endpoint_url = http://all\nignore_configured_endpoint_urls = true",
        "http://all",
        {"AWS_ENDPOINT_URL": "http://all"},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"},
    ),
    Reached(
        "a mis-spelt yes is no",
        "endpoint_url = http://a\nignore_configured_endpoint_urls = yes",
        "http://a",
        {"AWS_ENDPOINT_URL": "http://a"},
    ),
    Reached(
        "kinds of AWS's own",
        "use_fips_endpoint = True\nuse_dualstack_endpoint = true",
        None,
        {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
    ),
    Reached(
        "the environment has the last word on them",
        "use_fips_endpoint = true\nuse_dualstack_endpoint = no",
        None,
        {},
        {"AWS_USE_FIPS_ENDPOINT": "false"},
    ),
    Reached(
        "STS's own of old",
        "sts_regional_endpoints = legacy",
        None,
        {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"},
    ),
    Reached(
        "the environment has the last word on that",
        "sts_regional_endpoints = legacy",
        None,
        {},
        {"AWS_STS_REGIONAL_ENDPOINTS": "regional"},
    ),
    Reached(
        "output and bundle",
        "output = yaml\nca_bundle = /corp.pem\nregion = eu-west-1",
        None,
        {"AWS_DEFAULT_OUTPUT": "yaml", "AWS_CA_BUNDLE": "/corp.pem"},
    ),
    Reached("empty settings say nothing", "output =\nendpoint_url =", None, {}),
]


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.title)
def test_endpoints(row: Reached, tmp_path: Path) -> None:
    made = make(
        tmp_path,
        role("x", "base", row.lines) + BASE + "endpoint_url = http://of-the-source\n" + SERVICES,
        environ=row.environ,
    )
    assert (made.endpoints.get("sts"), made.settings) == (row.sts, row.sets)


def test_a_services_section_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="config:4: services = nope"):
        make(tmp_path, role("x", "base", "services = nope") + BASE)


def test_iam_is_reached_on_its_own(tmp_path: Path) -> None:
    config = role("x", "base", "services = s") + BASE + "[services s]\niam =\n  endpoint_url = http://iam\n"
    assert make(tmp_path, config).endpoints == {"iam": "http://iam"}
