"""Amazon resource names, regions and partitions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import botocore
import pytest
from botocore.exceptions import InvalidRegionError
from botocore.utils import validate_region_name
from hypothesis import given, settings
from hypothesis import strategies as st

from shellhook import arn
from shellhook.arn import Arn

ROLE = Arn(partition="aws", service="iam", account="111122223333", resource="role/team/power-user")
PARSED = [
    ("arn:aws:iam::111122223333:role/team/power-user", ROLE, "power-user"),
    ("arn:aws-cn:iam::1:role/x", Arn(partition="aws-cn", service="iam", account="1", resource="role/x"), "x"),
    ("arn:aws:iam::1:root", Arn(partition="aws", service="iam", account="1", resource="root"), "root"),
    ("arn:aws:s3:::a:b/c", Arn(partition="aws", service="s3", account="", resource="a:b/c"), "c"),
]


@pytest.mark.parametrize(("text", "parsed", "name"), PARSED)
def test_parse(text: str, parsed: Arn, name: str) -> None:
    assert arn.parse(text) == parsed
    assert parsed.name == name


@pytest.mark.parametrize(
    "text", ["", "power-user", "arn:aws:iam::1", "arn:aws:iam::1:", "ARN:aws:iam::1:x", "arn::i::1:x"]
)
def test_what_is_no_arn(text: str) -> None:
    assert arn.parse(text) is None


@pytest.mark.parametrize("name", ["x", "/x", "/team/x", "team/x"])
def test_role_arn(name: str) -> None:
    found = arn.role_arn(name, "aws", "1")
    assert found == f"arn:aws:iam::1:role/{name.lstrip('/')}"
    parsed = arn.parse(found)
    assert parsed is not None
    assert parsed.name == "x"


SHOWN = [
    ("power-user", "power-user"),
    ("AWSReservedSSO_Admin_0123456789abcdef", "Admin"),
    ("AWSReservedSSO_Power_User_0123456789abcdef", "Power_User"),
    ("AWSReservedSSO_Admin", "AWSReservedSSO_Admin"),
]


@pytest.mark.parametrize(("name", "shown"), SHOWN)
def test_shown_role(name: str, shown: str) -> None:
    assert arn.shown_role(name) == shown


KEYS = [
    ("arn:aws:iam::1:u2f/user/me/key-ABC", True),
    ("arn:aws:iam::1:sms-mfa/me", True),
    ("arn:aws:iam::1:mfa/me", False),
    ("arn:aws:iam::1:mfa/u2f", False),
    ("GAHT12345678", False),
]


@pytest.mark.parametrize(("serial", "is_one"), KEYS)
def test_is_security_key(serial: str, is_one: bool) -> None:
    assert arn.is_security_key(serial) is is_one


@settings(max_examples=200, deadline=None)
@given(text=st.text("abA09-.\n é", max_size=5) | st.text("a-1", min_size=60, max_size=66))
def test_a_region_is_what_botocore_takes_for_one(text: str) -> None:
    try:
        validate_region_name(text)
    except InvalidRegionError:
        accepted = False
    else:
        # Python's `$` lets a newline through, which the name of a host cannot hold.
        accepted = bool(text) and not text.endswith("\n")
    assert arn.is_region(text) is accepted


def test_every_region_of_botocore_is_in_its_partition() -> None:
    file = Path(botocore.__file__).parent / "data" / "partitions.json"
    for partition in json.loads(file.read_text(encoding="utf-8"))["partitions"]:
        name = partition["id"]
        for region in partition["regions"]:
            if re.match(partition["regionRegex"], region):
                assert arn.partition_of_region(region) == name
                assert arn.is_region(region)
        default = arn.STS_REGION[name]
        assert re.match(partition["regionRegex"], default)
        assert arn.partition_of_region(default) == name
