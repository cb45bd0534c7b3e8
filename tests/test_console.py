"""Where one lands in the console."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shellhook import console
from shellhook.errors import ShellhookError, WrongUsage
from shellhook.services import PATHS

WORDS = (Path(__file__).parents[1] / "completions" / "words").read_text(encoding="utf-8")
HOME = "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"

LANDINGS = [
    ("", HOME),
    ("ec2", "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1"),
    ("logs", "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups"),
    ("/ec2/home", "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1"),
    ("ec2/home#Volumes:", "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#Volumes:"),
    ("ec2/home?x=1#V", "https://eu-west-1.console.aws.amazon.com/ec2/home?x=1&region=eu-west-1#V"),
    ("ec2/home?region=us-east-2", "https://eu-west-1.console.aws.amazon.com/ec2/home?region=us-east-2"),
    ("//evil.example/x", "https://eu-west-1.console.aws.amazon.com/evil.example/x?region=eu-west-1"),
    ("https://us-east-1.console.aws.amazon.com/s3/home#x", "https://us-east-1.console.aws.amazon.com/s3/home#x"),
    ("https://health.aws.amazon.com/health/home", "https://health.aws.amazon.com/health/home"),
    # As it is copied from a browser that holds several sessions.
    (
        "https://111122223333-ab12cd34.us-east-1.console.aws.amazon.com/lambda/home?region=us-east-1",
        "https://us-east-1.console.aws.amazon.com/lambda/home?region=us-east-1",
    ),
]


@pytest.mark.parametrize(("asked", "url"), LANDINGS)
def test_landings(asked: str, url: str) -> None:
    assert console.destination(asked, "aws", "eu-west-1") == url


PARTITIONS = [
    ("aws-cn", "cn-north-1", "https://console.amazonaws.cn/ec2/home?region=cn-north-1"),
    ("aws-cn", "cn-northwest-1", "https://cn-northwest-1.console.amazonaws.cn/ec2/home?region=cn-northwest-1"),
    ("aws-us-gov", "us-gov-west-1", "https://console.amazonaws-us-gov.com/ec2/home?region=us-gov-west-1"),
    ("aws-us-gov", "us-gov-east-1", "https://us-gov-east-1.console.amazonaws-us-gov.com/ec2/home?region=us-gov-east-1"),
    ("aws-eusc", "eusc-de-east-1", "https://eusc-de-east-1.console.amazonaws-eusc.eu/ec2/home?region=eusc-de-east-1"),
]


@pytest.mark.parametrize(("partition", "region", "url"), PARTITIONS)
def test_partitions(partition: str, region: str, url: str) -> None:
    assert console.destination("ec2", partition, region) == url
    assert console.destination(url, partition, region) == url


FOREIGN = [
    "https://example.com/",
    "http://console.aws.amazon.com/ec2",
    "https://console.amazonaws.cn/ec2/home",
    "https://aws.amazon.com.example.com/",
    "https://me@console.aws.amazon.com/",
    "https://notaws.amazon.com/",
    "javascript://console.aws.amazon.com/",
]


@pytest.mark.parametrize("url", FOREIGN)
def test_addresses_that_are_no_page_of_it(url: str) -> None:
    with pytest.raises(WrongUsage, match="no page of the console") as caught:
        console.destination(url, "aws", "us-east-1")
    assert "https://console.aws.amazon.com" in caught.value.why


@pytest.mark.parametrize(
    ("asked", "meant"), [("lamda", "lambda"), ("S3", "s3"), ("dynamo", "dynamodb"), ("cloudwach", "cloudwatch")]
)
def test_near_misses(asked: str, meant: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        console.check(asked)
    assert repr(asked) in caught.value.what
    assert "did you mean" in caught.value.remedy
    assert meant in caught.value.remedy


def test_no_service_at_all() -> None:
    with pytest.raises(WrongUsage) as caught:
        console.check("qqqqqq")
    assert "did you mean" not in caught.value.remedy
    assert "--console=/ec2/home" in caught.value.remedy


def test_a_partition_without_a_known_console() -> None:
    with pytest.raises(ShellhookError, match="aws-iso"):
        console.destination("ec2", "aws-iso", "us-iso-east-1")


def test_the_services_are_well_formed_and_in_order() -> None:
    assert len(PATHS) >= 80
    assert list(PATHS) == sorted(PATHS)
    for name, path in PATHS.items():
        assert re.fullmatch(r"[a-z][a-z0-9]*", name), name
        assert re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)+(#\S+)?", path, re.IGNORECASE), path


def test_completion_offers_the_same_services() -> None:
    offered = [line.split("\t")[1] for line in WORDS.splitlines() if line.startswith("service\t")]
    assert offered == list(PATHS)
