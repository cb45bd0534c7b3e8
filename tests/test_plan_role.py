"""What a plan says of its roles: the parameters of the calls, and the names that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shellhook.errors import BadConfiguration
from tests.plans import BASE, KEYS, SSO, H, arn, make, role

if TYPE_CHECKING:
    from pathlib import Path

    from shellhook.plan import Plan


def parameters(made: Plan, hop: int = -1) -> dict[str, object]:
    return {name: value for name, value in made.hops[hop].parameters.items() if name != "RoleArn"}


TAGS = [{"Key": "team", "Value": "a b"}, {"Key": "cost", "Value": ""}]
PARAMETERS = [
    pytest.param("", {}, {"RoleSessionName": "me"}, {"RoleSessionName": "your user name"}, id="nothing"),
    pytest.param(
        "role_session_name = theirs\nexternal_id = e-1\nsource_identity = s",
        {},
        {"RoleSessionName": "theirs", "ExternalId": "e-1", "SourceIdentity": "s"},
        {"RoleSessionName": "config:4", "ExternalId": "config:5", "SourceIdentity": "config:6"},
        id="the profile's",
    ),
    pytest.param(
        "role_session_name = theirs\nexternal_id = e-1\nsource_identity = s",
        {"role_session_name": "typed", "external_id": "e-2", "source_identity": "t"},
        {"RoleSessionName": "typed", "ExternalId": "e-2", "SourceIdentity": "t"},
        {
            "RoleSessionName": "--role-session-name",
            "ExternalId": "--external-id",
            "SourceIdentity": "--source-identity",
        },
        id="the options win",
    ),
    pytest.param(
        "role_session_name =", {}, {"RoleSessionName": "me"}, {"RoleSessionName": "your user name"}, id="an empty name"
    ),
    pytest.param(
        "session_tags =  team = a b ,cost=\ntransitive_session_tags = team , cost,,",
        {},
        {"RoleSessionName": "me", "Tags": TAGS, "TransitiveTagKeys": ["team", "cost"]},
        {"Tags": "config:4", "TransitiveTagKeys": "config:5"},
        id="tags of the profile, as aws-vault writes them",
    ),
    pytest.param(
        "session_tags = a=b\ntransitive_session_tags = a",
        {"tags": (("team", "a b"), ("cost", "")), "transitive_tag_keys": ("team",)},
        {"RoleSessionName": "me", "Tags": TAGS, "TransitiveTagKeys": ["team"]},
        {"Tags": "--tags", "TransitiveTagKeys": "--transitive-tag-keys"},
        id="tags of the options",
    ),
    pytest.param(
        "transitive_session_tags =", {}, {"RoleSessionName": "me"}, {"RoleSessionName": "your user name"}, id="no tags"
    ),
    pytest.param(
        "",
        {"policy": "{}", "policy_arns": ("p", "q")},
        {"RoleSessionName": "me", "Policy": "{}", "PolicyArns": [{"arn": "p"}, {"arn": "q"}]},
        {"Policy": "--policy", "PolicyArns": "--policy-arns"},
        id="session policies",
    ),
]


@pytest.mark.parametrize(("lines", "asked", "expected", "where"), PARAMETERS)
def test_parameters(
    lines: str, asked: dict[str, Any], expected: dict[str, object], where: dict[str, str], tmp_path: Path
) -> None:
    made = make(tmp_path, role("x", "base", lines) + BASE, **asked)
    assert parameters(made) == expected
    found = {name: place.rsplit("/", 1)[-1] for name, place in made.hops[0].where.items()}
    assert where.items() <= found.items()


def test_the_settings_are_named_too(tmp_path: Path) -> None:
    made = make(
        tmp_path,
        role("x", "y") + role("y") + BASE,
        defaults={"role_session_name": "ours", "duration_seconds": "900"},
    )
    assert [hop.where.get("RoleSessionName") for hop in made.hops] == ["the settings", "the settings"]
    assert [hop.where.get("DurationSeconds") for hop in made.hops] == [None, "the settings"], "the last role's alone"


def test_an_hour_is_no_more_than_aws_allows_in_a_chain(tmp_path: Path) -> None:
    made = make(tmp_path, role("x", "y") + role("y") + BASE, duration_seconds=H)
    assert (made.hops[-1].parameters["DurationSeconds"], made.notes) == (H, ())


def test_options_are_the_last_roles_and_settings_everyones(tmp_path: Path) -> None:
    config = role("x", "y", "external_id = of-x") + role("y", "base", "external_id = of-y") + BASE
    made = make(
        tmp_path,
        config,
        external_id="typed",
        role_session_name="named",
        source_identity="me",
        tags=(("a", "b"),),
        policy="{}",
        defaults={"role_session_name": "settings"},
    )
    assert parameters(made, 0) == {"RoleSessionName": "settings", "ExternalId": "of-y"}
    assert parameters(made, 1) == {
        "RoleSessionName": "named",
        "ExternalId": "typed",
        "SourceIdentity": "me",
        "Tags": [{"Key": "a", "Value": "b"}],
        "Policy": "{}",
    }


USERS = [
    ("jane.doe@corp", "jane.doe@corp"),
    ("CORP\\jane", "CORP-jane"),
    ("jane doe", "jane-doe"),
    ("été", "-t-"),
    ("j", "shellhook"),
    ("", "shellhook"),
    ("x" * 80, "x" * 64),
]


@pytest.mark.parametrize(("user", "name"), USERS)
def test_the_user_names_the_session(user: str, name: str, tmp_path: Path) -> None:
    assert parameters(make(tmp_path, role("x") + BASE, user=user)) == {"RoleSessionName": name}


BAD_TAGS = ["tag1=value1,", "tagA=valueA,tagB", "=value", "a=b, =value", ","]


@pytest.mark.parametrize("tags", BAD_TAGS)
def test_bad_tags_of_a_profile(tags: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="config:4") as caught:
        make(tmp_path, role("x", "base", f"session_tags = {tags}") + BASE)
    assert "key=value" in caught.value.remedy


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=": 'b c' is no tag"):
        make(tmp_path, role("x", "base", "session_tags = a=1, b c ,d=2") + BASE)
    with pytest.raises(BadConfiguration) as caught:
        make(tmp_path, role("x", "base", "duration_seconds = 43201") + BASE)
    assert caught.value.remedy == ""


ROLES_SHOWN = [
    pytest.param(role("x") + BASE, {}, "x", id="a role"),
    pytest.param(role("x") + BASE, {"chain": ("team/other",)}, "other", id="the last of a chain, without its path"),
    pytest.param(role("x") + BASE, {"role_arn": "AWSReservedSSO_Ops_0a1b"}, "Ops", id="a permission set's role"),
    pytest.param(f"[profile x]\n{SSO}".replace("= r", "= Admin"), {}, "Admin", id="a permission set"),
    pytest.param(
        f"[profile x]\nrole_arn = {arn('web')}\nweb_identity_token_file = /t\n", {}, "web", id="a web identity's role"
    ),
    pytest.param(f"[profile x]\n{KEYS}", {}, None, id="a user"),
]


@pytest.mark.parametrize(("config", "asked", "shown"), ROLES_SHOWN)
def test_role(config: str, asked: dict[str, Any], shown: str | None, tmp_path: Path) -> None:
    assert make(tmp_path, config, **asked).role == shown
