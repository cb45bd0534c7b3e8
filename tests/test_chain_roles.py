"""The roles of a chain by their names: bare ones, those of the command line, and what is no role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shellhook.errors import BadConfiguration
from tests.plans import ACCOUNT, BASE, DEVICE, KEYS, arn, make, role
from tests.test_chain import ENVIRONMENT, SSO

if TYPE_CHECKING:
    from pathlib import Path


# Roles named without an account are in that of the role before, else of the source.
OTHER = "444455556666"
NAMED = [
    pytest.param("[profile base]\n" + KEYS + f"mfa_serial = {DEVICE}\n", {}, [arn("r")], id="of the user's device"),
    pytest.param(f"[profile base]\n{KEYS}aws_account_id = {OTHER}\n", {}, [arn("r", OTHER)], id="of aws_account_id"),
    pytest.param(BASE, {"account": OTHER}, [arn("r", OTHER)], id="of an earlier run"),
    pytest.param(BASE, {}, [arn("r", "?")], id="not known yet"),
    pytest.param(
        f"[profile base]\n{KEYS}mfa_serial = GAHT12345678\n", {}, [arn("r", "?")], id="a hardware device has no account"
    ),
    pytest.param(f"[profile base]\n{SSO}", {}, [arn("r")], id="of Identity Center"),
    pytest.param(
        f"[profile base]\nrole_arn = {arn('b', OTHER)}\nsource_profile = k\n[profile k]\n{KEYS}",
        {},
        [arn("b", OTHER), arn("r", OTHER)],
        id="of the role before",
    ),
]


@pytest.mark.parametrize(("config", "learned", "roles"), NAMED)
@pytest.mark.parametrize("name", ["r", "/r", "team/r"])
def test_bare_names(config: str, learned: dict[str, str], roles: list[str], name: str, tmp_path: Path) -> None:
    made = make(tmp_path, config, "base", role_arn=name, learned=learned)
    found = [str(hop.parameters["RoleArn"]) for hop in made.hops if hop.api == "AssumeRole"]
    *before, last = roles
    assert found == [*before, last.replace(":role/r", f":role/{name.lstrip('/')}")]
    assert made.wants_account is (":?:" in roles[-1])
    assert made.profile == "base"


def test_bare_names_are_of_the_partition_in_use(tmp_path: Path) -> None:
    config = f"[profile base]\n{KEYS}aws_account_id = {ACCOUNT}\n"
    assert make(tmp_path, config, "base", role_arn="r", region="cn-north-1").role_arn == arn("r", partition="aws-cn")
    after = make(tmp_path, config, "base", chain=(arn("a", OTHER, "aws-us-gov"), "r"))
    assert after.role_arn == arn("r", OTHER, "aws-us-gov")
    before = make(tmp_path, config, "base", chain=("r", arn("a", OTHER, "aws-us-gov")))
    assert before.hops[-2].parameters["RoleArn"] == arn("r", ACCOUNT, "aws-us-gov")


def test_a_partition_that_nothing_is_known_of(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="partitions: arn:aws-moon:iam") as caught:
        make(tmp_path, BASE, "base", role_arn=arn("r", partition="aws-moon"), region="eu-west-1")
    assert "aws-moon's, such as its first" in caught.value.remedy


def test_a_chain_on_the_command_line(tmp_path: Path) -> None:
    made = make(tmp_path, role("x") + BASE, chain=("one", arn("two", OTHER), "three"))
    assert [hop.parameters["RoleArn"] for hop in made.hops] == [
        arn("x"),
        arn("one"),
        arn("two", OTHER),
        arn("three", OTHER),
    ]
    assert [hop.where["RoleArn"].rsplit("/", 1)[-1] for hop in made.hops] == [
        "config:2",
        "--chain",
        "--chain",
        "--chain",
    ]


def test_a_role_and_a_chain_on_the_command_line(tmp_path: Path) -> None:
    made = make(tmp_path, BASE, "base", role_arn=arn("one"), chain=("two",))
    assert [hop.parameters["RoleArn"] for hop in made.hops] == [arn("one"), arn("two")]


@pytest.mark.parametrize("profile", [None, "base"])
def test_a_role_that_no_profile_says_anything_about(profile: str | None, tmp_path: Path) -> None:
    made = make(tmp_path, BASE, profile, role_arn=arn("AWSReservedSSO_Ops_0123456789abcdef"), environ=ENVIRONMENT)
    assert made.source.kind == ("keys" if profile else "environment")
    assert made.profile == (profile or "Ops"), "what the prompt shows"


NO_ROLES = [
    f"arn:aws:iam::{ACCOUNT}:user/me",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/x/me",
    "arn:aws:s3:::bucket",
    "/",
]


@pytest.mark.parametrize("text", NO_ROLES)
def test_what_is_not_the_arn_of_a_role(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration) as caught:
        make(tmp_path, BASE, "base", role_arn=text)
    assert repr(text) in caught.value.what
    assert caught.value.why == "--role-arn"
    with pytest.raises(BadConfiguration, match="config:2"):
        make(tmp_path, role("x").replace(arn("x"), text) + BASE)


def test_an_empty_role_in_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="config:2"):
        make(tmp_path, role("x").replace(arn("x"), "") + BASE)
