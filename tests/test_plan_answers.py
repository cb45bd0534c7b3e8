"""What a plan answers: is its session kept, what tells it from others, where was what it uses named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shellhook.errors import BadConfiguration, WrongUsage
from shellhook.plan import DAY_LONG
from tests.plans import ACCOUNT, BASE, DEVICE, arn, calls, make, role

if TYPE_CHECKING:
    from pathlib import Path

SSO = "sso_account_id = 1\nsso_role_name = r\nsso_start_url = u\nsso_region = eu-west-1\n"
PROCESS = "[profile base]\ncredential_process = k\n"
PASTED = ("ASIA", "theirs", ACCOUNT, "admin")


@pytest.mark.parametrize(
    ("config", "asked", "kept"),
    [
        pytest.param(role("x") + BASE, {}, True, id="a role"),
        pytest.param(BASE, {"profile": "base"}, True, id="keys, which buy a session"),
        pytest.param(BASE, {"profile": "base", "long_term": True}, False, id="keys as they are"),
        pytest.param(PROCESS, {"profile": "base"}, False, id="a process, which keeps its own"),
        pytest.param(f"[profile base]\n{SSO}", {"profile": "base"}, True, id="Identity Center, which keeps a token"),
        pytest.param("", {"profile": None, "pasted": PASTED}, True, id="pasted"),
    ],
)
def test_is_its_session_kept(config: str, asked: dict[str, Any], kept: bool, tmp_path: Path) -> None:
    assert make(tmp_path, config, **asked).is_kept is kept


def test_what_stands_for_a_profile_where_there_is_none(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}
    assert make(tmp_path, "", None, pasted=PASTED).profile == "theirs"
    assert make(tmp_path, "", None, environ=keys).profile == "environment"
    assert make(tmp_path, "", None, environ=keys, role_arn=arn("team/admin")).profile == "admin"


def test_a_code_buys_twelve_hours(tmp_path: Path) -> None:
    assert DAY_LONG == 12 * 60 * 60
    assert calls(make(tmp_path, BASE + f"mfa_serial = {DEVICE}", "base")) == ["session 43200 +me"]


def test_a_role_that_once_wanted_a_code_wants_one_of_its_sources_device(tmp_path: Path) -> None:
    config = role("x") + BASE + f"mfa_serial = {DEVICE}"
    assert make(tmp_path, config).mfa == "refused"
    assert make(tmp_path, config, learned={"mfa": "yes"}).mfa == "first"


@pytest.mark.parametrize("source", [PROCESS, f"[profile base]\n{SSO}"])
def test_long_term_keys_that_are_not_there(source: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="holds no long-term keys"):
        make(tmp_path, source, "base", long_term=True)


def test_without_a_device_none_is_sent(tmp_path: Path) -> None:
    hop = make(tmp_path, BASE, "base").hops[0]
    assert (dict(hop.parameters), dict(hop.where)) == ({"DurationSeconds": DAY_LONG}, {})


def test_with_a_code_of_its_own_the_roles_after_the_first_stay(tmp_path: Path) -> None:
    refused = make(tmp_path, role("x", "y") + role("y", "z") + role("z") + BASE)
    direct = refused.with_code(DEVICE)
    assert calls(direct) == ["z +me", "y", "x"]
    assert calls(refused.after_mfa_session(DEVICE).with_code(DEVICE)) == ["z +me", "y", "x"]


def test_where_the_device_of_a_code_was_named(tmp_path: Path) -> None:
    """A refusal names it."""
    made = make(tmp_path, role("x", "base", f"mfa_serial = {DEVICE}") + BASE)
    line = f"{tmp_path / 'config'}:4"
    assert made.device_where == line
    assert [hop.where.get("SerialNumber") for hop in made.hops] == [line, None]
    assert made.with_code(DEVICE).hops[0].where["SerialNumber"] == line
    assert make(tmp_path, role("x") + BASE).device_where == ""


def test_a_device_that_is_named_goes_before_what_an_earlier_run_found(tmp_path: Path) -> None:
    learned = {"device": DEVICE.replace("mfa/me", "mfa/other"), "mfa": "yes"}
    named = f"mfa_serial = {DEVICE}"
    assert make(tmp_path, BASE + named, "base", learned=learned).device == DEVICE
    assert make(tmp_path, role("x", "base", named) + BASE, learned=learned).device == DEVICE
    assert make(tmp_path, BASE, "base", learned=learned).device == learned["device"]


@pytest.mark.parametrize("option", ["--role-arn", "--chain"])
def test_where_a_role_that_is_none_was_named(option: str, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"--role-arn": {"role_arn": "arn:no"}, "--chain": {"chain": ("arn:no",)}}[option]
    with pytest.raises(BadConfiguration) as caught:
        make(tmp_path, BASE, "base", **asked)
    assert caught.value.why == option


@pytest.mark.parametrize(
    ("asked", "partition"),
    [
        ({"region": "cn-north-1", "environ": {"AWS_REGION": "eu-west-1"}}, "aws-cn"),
        ({"environ": {"AWS_REGION": "cn-north-1"}}, "aws-cn"),
        ({"environ": {"AWS_DEFAULT_REGION": "cn-north-1", "AWS_REGION": "eu-west-1"}}, "aws-cn"),
        ({}, "aws"),
    ],
)
def test_a_bare_name_is_a_role_of_the_regions_partition(asked: dict[str, Any], partition: str, tmp_path: Path) -> None:
    made = make(tmp_path, BASE, "base", role_arn="power-user", learned={"account": ACCOUNT}, **asked)
    assert made.role_arn == arn("power-user", partition=partition)


def test_a_portal_elsewhere_is_another_source(tmp_path: Path) -> None:
    """The endpoint of the portal tells sessions that come from it apart, and no others."""
    environ = {"AWS_ENDPOINT_URL_SSO": "http://localhost"}
    config = role("x") + f"[profile base]\n{SSO}"
    assert make(tmp_path, config).identity(1) != make(tmp_path, config, environ=environ).identity(1)
    config = role("x") + BASE
    assert make(tmp_path, config).identity(1) == make(tmp_path, config, environ=environ).identity(1)


@pytest.mark.parametrize(
    ("option", "asked"),
    [
        ("--external-id", {"external_id": "e"}),
        ("--role-session-name", {"role_session_name": "n"}),
        ("--source-identity", {"source_identity": "i"}),
        ("--tags", {"tags": (("a", "b"),)}),
        ("--transitive-tag-keys", {"transitive_tag_keys": ("a",)}),
        ("--policy", {"policy": "{}"}),
        ("--policy-arns", {"policy_arns": ("a",)}),
    ],
)
def test_an_option_of_a_role_where_there_is_none_is_named(option: str, asked: dict[str, Any], tmp_path: Path) -> None:
    assert make(tmp_path, BASE, "base", **asked).notes == (f"{option} is not used: 'base' assumes no role",)
