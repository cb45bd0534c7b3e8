"""Which calls turn the source into what was asked: durations and their caps, devices, regions, endpoints, and what
tells one session from another. The chains themselves are in `test_chain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from shellhook import chain, plan
from shellhook.errors import BadConfiguration, WrongUsage
from shellhook.plan import DAY_LONG
from shellhook.profiles import read
from shellhook.session import Session
from tests.plans import ACCOUNT, BASE, DEVICE, KEYS, arn, calls, make, request, role
from tests.test_profiles import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shellhook.plan import Plan

NOTHING: Mapping[str, Any] = {}
H = 3600
MFA = f"mfa_serial = {DEVICE}"
OTHER_DEVICE = DEVICE.replace("mfa/me", "mfa/other")
SECURITY_KEY = f"arn:aws:iam::{ACCOUNT}:u2f/user/me/key-ABC"
SSO = "sso_account_id = 1\nsso_role_name = r\nsso_start_url = u\nsso_region = eu-west-1\n"
SESSION = f"[profile base]\n{KEYS}aws_session_token = t\n"
PROCESS = "[profile base]\ncredential_process = k\n"


class Calls(NamedTuple):
    """What is asked of which configuration, the calls, when a code is wanted, and words of the notes."""

    title: str
    config: str
    calls: list[str]
    mfa: str
    asked: Mapping[str, Any] = NOTHING
    notes: tuple[str, ...] = ()  # words, one note each
    learned: Mapping[str, str] = NOTHING
    defaults: Mapping[str, str] = NOTHING


# aws-vault's cases (vault_test.go): a configuration and a duration -> the calls. Where we differ, the title says how.
VAULT = [
    Calls(
        "own keys, role and device: a code for the day, not for the role alone",
        role("x", "x", MFA) + KEYS,
        [f"session {DAY_LONG} +me", "x"],
        "first",
    ),
    Calls(
        "source with a role and keys, target with a role, the same device",
        role("x", "base", MFA) + role("base", "base", MFA) + KEYS,
        [f"session {DAY_LONG} +me", "x"],  # the source's own role is not assumed: botocore stops at keys
        "first",
    ),
    Calls(
        "a chain of roles, one device",
        role("x", "y", MFA) + role("y", "base", MFA) + BASE,
        [f"session {DAY_LONG} +me", "y", "x"],
        "first",
    ),
    Calls(
        "the same, 12 h asked: the MFA session has them, the role's end with the hour",
        role("x", "y", MFA) + role("y", "base", MFA) + BASE,
        [f"session {DAY_LONG} +me", "y", f"x {H}"],
        "first",
        {"duration_seconds": 12 * H},
        ("--duration-seconds 43200s is cut to 1h",),
    ),
    Calls(
        "target with a role, 12 h: direct",
        role("x", "base", MFA) + BASE,
        ["x 43200 +me"],
        "direct",
        {"duration_seconds": 12 * H},
    ),
    Calls(
        "target with a role, 1 h",
        role("x", "base", MFA) + BASE,
        [f"session {DAY_LONG} +me", f"x {H}"],
        "first",
        {"duration_seconds": H},
    ),
    Calls(
        "source -> admin -> target: one code at the source, none later",
        role("x", "admin", MFA) + role("admin", "base", MFA) + BASE + MFA,
        [f"session {DAY_LONG} +me", "admin", "x"],
        "first",
    ),
    Calls(
        "a session passed on between roles is capped too",
        role("x", "admin", "duration_seconds = 7200") + role("admin") + BASE,
        ["admin", f"x {H}"],
        "refused",
        notes=("config:4 7200s is cut to 1h",),
    ),
    Calls("Issue1195: the source is of Identity Center", role("x") + f"[profile base]\n{SSO}", ["x"], "never"),
]

DURATIONS = [
    Calls("none asked: STS's own hour", role("x") + BASE, ["x"], "refused"),
    Calls("of the profile", role("x", "base", "duration_seconds = 7200") + BASE, ["x 7200"], "refused"),
    Calls(
        "the option wins",
        role("x", "base", "duration_seconds = 7200") + BASE,
        ["x 900"],
        "refused",
        {"duration_seconds": 900},
    ),
    Calls("of the settings, at last", role("x") + BASE, ["x 1800"], "refused", defaults={"duration_seconds": "1800"}),
    Calls(
        "the profile wins over the settings",
        role("x", "base", "duration_seconds = 7200") + BASE,
        ["x 7200"],
        "refused",
        defaults={"duration_seconds": "1800"},
    ),
    Calls(
        "O26 12h in a profile is ignored, but not silently",
        role("x", "base", "duration_seconds = 12h") + BASE,
        ["x"],
        "refused",
        notes=("config:4: duration_seconds is no number",),
    ),
    Calls("empty, the same", role("x", "base", "duration_seconds =") + BASE, ["x"], "refused", notes=("config:4",)),
    Calls("what int() takes", role("x", "base", "duration_seconds = 3_600") + BASE, [f"x {H}"], "refused"),
    Calls(
        "the options and settings are the last role's",
        role("x", "y") + role("y", "base", "duration_seconds = 1000") + BASE,
        ["y 1000", "x 2000"],
        "refused",
        {"duration_seconds": 2000},
        defaults={"duration_seconds": "3000"},
    ),
    Calls(
        "long, with a device: direct, and a code of its own",
        role("x", "base", MFA, "duration_seconds = 14400") + BASE,
        ["x 14400 +me"],
        "direct",
    ),
    Calls(
        "long, from the settings",
        role("x", "base", MFA) + BASE,
        ["x 7200 +me"],
        "direct",
        defaults={"duration_seconds": "7200"},
    ),
    Calls(
        "a long first role of two is cut: it is assumed with the MFA session",
        role("x", "y") + role("y", "base", MFA, "duration_seconds = 7200") + BASE,
        [f"session {DAY_LONG} +me", f"y {H}", "x"],
        "first",
        notes=("config:8 7200s is cut to 1h",),
    ),
    Calls(
        "long, from a session",
        role("x", "base", "duration_seconds = 7200") + SESSION,
        [f"x {H}"],
        "never",
        notes=("config:4 7200s is cut to 1h: AWS allows no more to a role assumed with a session",),
    ),
    Calls(
        "long, from what may be a session: AWS will tell",
        role("x", "base", "duration_seconds = 7200") + PROCESS,
        ["x 7200"],
        "refused",
    ),
    Calls(
        "long, on the command line's chain",
        role("x") + BASE,
        ["x", f"more {H}"],
        "refused",
        {"chain": ("more",), "duration_seconds": 2 * H},
        ("--duration-seconds 7200s is cut to 1h: AWS allows no more to a role assumed by another role",),
    ),
]

KEYS_ONLY = [
    Calls(
        "keys without a device: it is to be found out", BASE.replace("base", "x"), [f"session {DAY_LONG}"], "refused"
    ),
    Calls("keys with a device", f"[profile x]\n{KEYS}{MFA}\n", [f"session {DAY_LONG} +me"], "first"),
    Calls(
        "a device found by an earlier run",
        BASE.replace("base", "x"),
        [f"session {DAY_LONG} +me"],
        "first",
        learned={"device": DEVICE},
    ),
    Calls(
        "no device, as an earlier run was told",
        BASE.replace("base", "x"),
        [f"session {DAY_LONG}"],
        "never",
        learned={"device": ""},
    ),
    Calls(
        "a duration is the session's", BASE.replace("base", "x"), ["session 900"], "refused", {"duration_seconds": 900}
    ),
    Calls(
        "more than a role may have",
        BASE.replace("base", "x"),
        [f"session {36 * H}"],
        "refused",
        {"duration_seconds": 36 * H},
    ),
    Calls("--mfa-duration", BASE.replace("base", "x"), ["session 7200"], "refused", {"mfa_duration": 7200}),
    Calls(
        "mfa_duration of the settings",
        BASE.replace("base", "x"),
        ["session 1800"],
        "refused",
        defaults={"mfa_duration": "1800"},
    ),
    Calls("keys that are a session: as they are", SESSION.replace("base", "x"), [], "never"),
    Calls("a process: as it prints", PROCESS.replace("base", "x"), [], "never"),
    Calls("Identity Center: as it gives", f"[profile x]\n{SSO}", [], "never"),
    Calls("--long-term: as they are", f"[profile x]\n{KEYS}{MFA}\n", [], "never", {"long_term": True}),
]

DEVICES = [
    Calls("none named: a code only if AWS refuses", role("x") + BASE, ["x"], "refused"),
    Calls("the role's own: a code first", role("x", "base", MFA) + BASE, [f"session {DAY_LONG} +me", "x"], "first"),
    Calls("an empty mfa_serial names none", role("x", "base", "mfa_serial =") + BASE, ["x"], "refused"),
    Calls("the source's only: not the role's", role("x") + BASE + MFA, ["x"], "refused"),
    Calls(
        "--serial-number wins",
        role("x", "base", MFA) + BASE + MFA,
        [f"session {DAY_LONG} +other", "x"],
        "first",
        {"serial_number": OTHER_DEVICE},
    ),
    Calls(
        "--serial-number for a role without a device",
        role("x") + BASE,
        [f"session {DAY_LONG} +me", "x"],
        "first",
        {"serial_number": DEVICE},
    ),
    Calls(
        "--mfa-duration is the MFA session's",
        role("x", "base", MFA) + BASE,
        ["session 900 +me", "x"],
        "first",
        {"mfa_duration": 900},
    ),
    Calls(
        "found by an earlier run: still only if AWS refuses",
        role("x") + BASE,
        ["x"],
        "refused",
        learned={"device": DEVICE},
    ),
    Calls(
        "the profile's own wins over what was found",
        role("x", "base", MFA) + BASE,
        [f"session {DAY_LONG} +me", "x"],
        "first",
        learned={"device": OTHER_DEVICE},
    ),
    Calls("none, as an earlier run was told", role("x") + BASE, ["x"], "refused", learned={"device": ""}),
    Calls(
        "a role that refused the MFA session: direct from then on",
        role("x", "base", MFA) + BASE,
        ["x +me"],
        "direct",
        learned={"direct": "yes"},
    ),
    Calls(
        "a device that a later role names buys the MFA session: it is the same user's",
        role("x", "y", MFA) + role("y") + BASE,
        [f"session {DAY_LONG} +me", "y", "x"],
        "first",
    ),
    Calls(
        "a later role's own device cannot be sent: said so",
        role("x", "y", f"mfa_serial = {OTHER_DEVICE}") + role("y", "base", MFA) + BASE,
        [f"session {DAY_LONG} +me", "y", "x"],
        "first",
        notes=(f"config:4: {OTHER_DEVICE}",),
    ),
    Calls(
        "a device beside a session: said so",
        role("x", "base", MFA) + SESSION,
        ["x"],
        "never",
        notes=("config:4: mfa_serial is not used",),
    ),
    Calls(
        "a device beside what may be long-term keys",
        role("x", "base", MFA) + PROCESS,
        [f"session {DAY_LONG} +me", "x"],
        "first",
    ),
    Calls(
        "the role's is a security key: the broker refuses before it asks",
        role("x", "base", f"mfa_serial = {SECURITY_KEY}") + BASE,
        [f"session {DAY_LONG} +key-ABC", "x"],
        "first",
    ),
    Calls(
        "the source's is a security key: another is looked for",
        role("x") + BASE + f"mfa_serial = {SECURITY_KEY}\n",
        ["x"],
        "refused",
    ),
    Calls(
        "an ad hoc role: the source's device is not the role's",
        BASE + MFA,
        ["r"],
        "refused",
        {"profile": "base", "role_arn": arn("r")},
    ),
]


@pytest.mark.parametrize("row", [*VAULT, *DURATIONS, *KEYS_ONLY, *DEVICES], ids=lambda row: row.title)
def test_calls(row: Calls, tmp_path: Path) -> None:
    made = make(tmp_path, row.config, learned=row.learned, defaults=row.defaults, **row.asked)
    assert (calls(made), made.mfa) == (row.calls, row.mfa)
    assert len(made.notes) == len(row.notes), made.notes
    for note, words in zip(made.notes, row.notes, strict=True):
        assert words in note.replace(f"{tmp_path}/", "")


UNUSED = [
    pytest.param(f"[profile x]\n{KEYS}", {"external_id": "e-1", "tags": (("a", "b"),)}, ["--external-id", "--tags"]),
    pytest.param(f"[profile x]\n{KEYS}", {"duration_seconds": 900}, []),
    pytest.param(
        f"[profile x]\n{SSO}", {"duration_seconds": 900, "policy": "{}"}, ["--policy", "--duration-seconds 900s"]
    ),
    pytest.param(f"[profile x]\n{KEYS}", {"duration_seconds": 900, "long_term": True}, ["--duration-seconds 900s"]),
    pytest.param(role("x") + BASE, {"duration_seconds": 900, "external_id": "e-1", "policy": "{}"}, []),
]


@pytest.mark.parametrize(("config", "asked", "options"), UNUSED)
def test_an_option_that_has_no_effect_is_said(
    config: str, asked: dict[str, Any], options: list[str], tmp_path: Path
) -> None:
    notes = make(tmp_path, config, **asked).notes
    assert [note.split(" is not used")[0] for note in notes] == options
    assert all("'x'" in note for note in notes)


def planned_device(made: Plan) -> tuple[str | None, str]:
    return made.device, made.device_where.rsplit("/", 1)[-1]


DEVICE_PLACES = [
    pytest.param(role("x", "base", MFA) + BASE, {}, {}, (DEVICE, "config:4"), id="of the role"),
    pytest.param(role("x") + BASE + MFA, {}, {}, (DEVICE, "config:7"), id="of the source, if AWS refuses"),
    pytest.param(
        role("x") + BASE, {"serial_number": "GAHT12345678"}, {}, ("GAHT12345678", "--serial-number"), id="option"
    ),
    pytest.param(role("x") + BASE + MFA, {}, {"device": OTHER_DEVICE}, (OTHER_DEVICE, "an earlier run"), id="learned"),
    pytest.param(role("x") + BASE + MFA, {}, {"device": ""}, ("", "an earlier run"), id="learned that there is none"),
    pytest.param(role("x") + BASE, {}, {}, (None, ""), id="to be found out"),
    pytest.param(
        role("x") + BASE + f"mfa_serial = {SECURITY_KEY}\n",
        {},
        {},
        (None, ""),
        id="to be found out beside a security key",
    ),
    pytest.param(role("x", "base", MFA) + SESSION, {}, {}, ("", "config:4"), id="none, from a session"),
]


@pytest.mark.parametrize(("config", "asked", "learned", "expected"), DEVICE_PLACES)
def test_which_device(
    config: str, asked: dict[str, Any], learned: dict[str, str], expected: tuple[str | None, str], tmp_path: Path
) -> None:
    assert planned_device(make(tmp_path, config, learned=learned, **asked)) == expected


def test_o15_the_default_profile_is_not_inherited(tmp_path: Path) -> None:
    made = make(tmp_path, f"[default]\n{MFA}\nregion = eu-west-1\n" + role("x") + BASE)
    assert (made.device, made.region) == (None, None)


def test_a_code_later_turns_one_plan_into_the_other(tmp_path: Path) -> None:
    config = role("x") + BASE
    refused, asked = make(tmp_path, config), make(tmp_path, config.replace("[profile base]", f"{MFA}\n[profile base]"))
    through = refused.after_mfa_session(DEVICE)
    assert calls(through) == calls(asked)
    assert through.identity(1) == asked.identity(1), "the same MFA session, whoever asked for the code"
    direct = asked.with_code(DEVICE)
    assert (calls(direct), direct.mfa) == (["x +me"], "direct")
    assert refused.with_code(DEVICE).hops[0].parameters == direct.hops[0].parameters


MFA_PROCESSES = [
    pytest.param(role("x", "base", "mfa_process = own") + BASE + "mfa_process = theirs", "own", id="own"),
    pytest.param(role("x") + BASE + "mfa_process = theirs", "theirs", id="inherited from the source (aws-vault #389)"),
    pytest.param(role("x") + BASE, "settings", id="the settings'"),
]


@pytest.mark.parametrize(("config", "expected"), MFA_PROCESSES)
def test_mfa_process(config: str, expected: str, tmp_path: Path) -> None:
    assert make(tmp_path, config, defaults={"mfa_process": "settings"}).mfa_process == expected


TOO_LONG = [
    pytest.param("", {"duration_seconds": 13 * H}, ["--duration-seconds 46800s", "12h"], WrongUsage, id="option"),
    pytest.param("duration_seconds = 46800", {}, ["config:4 46800s", "12h"], BadConfiguration, id="profile"),
]


@pytest.mark.parametrize(("line", "asked", "words", "kind"), TOO_LONG)
def test_no_role_lasts_longer(
    line: str, asked: dict[str, int], words: list[str], kind: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(kind) as caught:
        make(tmp_path, role("x", "base", line) + BASE, **asked)
    assert all(word in str(caught.value) for word in words), caught.value


# --- the parameters of a role


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


def test_options_are_the_last_roles_and_settings_everyones(tmp_path: Path) -> None:
    config = role("x", "y", "external_id = of-x") + role("y", "base", "external_id = of-y") + BASE
    made = make(
        tmp_path,
        config,
        external_id="typed",
        role_session_name="named",
        tags=(("a", "b"),),
        policy="{}",
        defaults={"role_session_name": "settings"},
    )
    assert parameters(made, 0) == {"RoleSessionName": "settings", "ExternalId": "of-y"}
    assert parameters(made, 1) == {
        "RoleSessionName": "named",
        "ExternalId": "typed",
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


BAD_TAGS = ["tag1=value1,", "tagA=valueA,tagB", "=value", ","]


@pytest.mark.parametrize("tags", BAD_TAGS)
def test_bad_tags_of_a_profile(tags: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="config:4") as caught:
        make(tmp_path, role("x", "base", f"session_tags = {tags}") + BASE)
    assert "key=value" in caught.value.remedy


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


# --- which session it is

FULL = (
    role(
        "x",
        "y",
        "external_id = e-x",
        "role_session_name = n-x",
        "source_identity = i-x",
        "session_tags = a=b",
        "transitive_session_tags = a",
        "duration_seconds = 1000",
    )
    + role("y", "base", MFA, "duration_seconds = 2000")
    + BASE
)


def identities(directory: Path, config: str = FULL, **asked: Any) -> list[str]:
    """What tells apart the MFA session, the first role's, and the second's."""
    made = make(directory, config, **asked)
    assert [hop.api for hop in made.hops[:3]] == ["GetSessionToken", "AssumeRole", "AssumeRole"]
    return [made.identity(number) for number in (1, 2, 3)]


SWAPPED = "role_session_name = n-x\nexternal_id = e-x"
# What is changed, and which of the three sessions are others then.
ALL, ROLES, LAST, NONE = [True, True, True], [False, True, True], [False, False, True], [False, False, False]
CHANGES = [
    ("the key", {"replace": ("AKIABASE", "AKIAELSE")}, ALL),
    ("the secret of the same key", {"replace": ("base-secret", "rotated")}, NONE),
    ("the device", {"serial_number": OTHER_DEVICE}, ALL),
    ("--mfa-duration", {"mfa_duration": 900}, ALL),
    ("the endpoint", {"environ": {"AWS_ENDPOINT_URL_STS": "http://localhost"}}, ALL),
    ("the endpoint of another service", {"environ": {"AWS_ENDPOINT_URL_S3": "http://localhost"}}, NONE),
    ("the region: an MFA session is good in all of them", {"region": "eu-west-1"}, ROLES),
    ("the first role", {"replace": ("role/y", "role/z")}, ROLES),
    ("the first role's duration", {"replace": ("2000", "2001")}, ROLES),
    ("the second role", {"replace": ("role/x", "role/z")}, LAST),
    ("its account", {"replace": (arn("x"), arn("x", "444455556666"))}, LAST),
    ("its external ID", {"replace": ("e-x", "e-z")}, LAST),
    ("its session name", {"replace": ("n-x", "n-z")}, LAST),
    ("its source identity", {"replace": ("i-x", "i-z")}, LAST),
    ("its tags", {"replace": ("a=b", "a=c")}, LAST),
    ("its transitive tags", {"replace": ("tags = a\n", "tags = b\n")}, LAST),
    ("its duration", {"replace": ("1000", "1001")}, LAST),
    ("--duration-seconds", {"duration_seconds": 1200}, LAST),
    ("--external-id", {"external_id": "typed"}, LAST),
    ("--policy", {"policy": "{}"}, LAST),
    ("--policy-arns", {"policy_arns": ("a",)}, LAST),
    ("the user's name, which names the first role's session", {"user": "you"}, ROLES),
    ("the names of the profiles", {"replace": ("base", "else")}, NONE),
    ("the profile's own name", {"replace": ("[profile x]", "[profile w]"), "profile": "w"}, NONE),
    ("the order of the settings", {"replace": ("external_id = e-x\nrole_session_name = n-x", SWAPPED)}, NONE),
    ("output and bundle", {"replace": ("role/x", "role/x\noutput = json\nca_bundle = /b")}, NONE),
    ("where the same value comes from", {"external_id": "e-x", "duration_seconds": 1000}, NONE),
    ("the directory of the files", {"elsewhere": True}, NONE),
]


@pytest.mark.parametrize(("change", "differ"), [pytest.param(how, who, id=title) for title, how, who in CHANGES])
def test_identity(change: dict[str, Any], differ: list[bool], tmp_path: Path) -> None:
    asked = dict(change)
    config, directory = FULL, tmp_path / "a"
    former, new = asked.pop("replace", ("", ""))
    assert former in config
    config = config.replace(former, new) if former else config
    if asked.pop("elsewhere", False):
        directory = tmp_path / "b"
    for each in ("a", "b"):
        (tmp_path / each).mkdir()
    before, after = identities(tmp_path / "a"), identities(directory, config, **asked)
    assert [one != other for one, other in zip(before, after, strict=True)] == differ


def test_one_mfa_session_serves_every_role_of_the_user(tmp_path: Path) -> None:
    config = role("x", "base", MFA) + role("y", "base", MFA, "region = eu-west-1", "external_id = e-1") + BASE + MFA
    sessions = {make(tmp_path, config, profile).identity(1) for profile in ("x", "y", "base")}
    assert len(sessions) == 1


SOURCES = [
    pytest.param(
        f"[profile base]\n{SSO}", [("role_name = r", "role_name = s"), ("_id = 1", "_id = 2"), ("= u", "= v")], id="sso"
    ),
    pytest.param("[profile base]\ncredential_process = k\n", [("= k", "= l")], id="process"),
    pytest.param(
        f"[profile base]\nrole_arn = {arn('b')}\nweb_identity_token_file = /t\n",
        [("/t", "/u"), ("role/b", "role/c"), ("/t", "/t\nrole_session_name = n")],
        id="web identity",
    ),
]


@pytest.mark.parametrize(("source", "changes"), SOURCES)
def test_every_part_of_a_source_tells_it_from_others(
    source: str, changes: list[tuple[str, str]], tmp_path: Path
) -> None:
    sources = [source, *(source.replace(*change) for change in changes)]
    found = [make(tmp_path, role("x") + text).identity(1) for text in sources]
    assert len(set(found)) == len(sources)
    renamed = (role("x") + source).replace("base", "else")
    assert make(tmp_path, renamed).identity(1) == found[0]


def test_what_is_secret_does_not_tell_sessions_apart(tmp_path: Path) -> None:
    for text in identities(tmp_path):
        assert "secret" not in text
        assert text.isascii()


def test_what_a_repr_shows(tmp_path: Path) -> None:
    """A repr ends in a traceback or a log: neither keys nor an external ID belong there."""
    hidden = "wJalrXUtnFEMI"
    config = (role("x", "base", "external_id = theirs", MFA) + BASE).replace("base-secret", hidden)
    files = write(tmp_path, config.replace("theirs", hidden))
    wanted, found = request(files, external_id=hidden), read(files)
    _, source, steps = chain.begin(wanted, found, {})
    made = plan.make(wanted.replace(external_id=None), found, {}, "me", {}, {})
    session = Session(access_key_id="AKIABASE", secret_access_key=hidden, session_token=hidden)
    assert made.hops[-1].parameters["ExternalId"] == hidden
    for each in (made, made.hops[-1], wanted, session, found, found.profile("base"), source, steps):
        assert hidden not in repr(each), repr(each)
        assert hidden not in str(each)
        assert type(each).__name__ in repr(each) or each is steps
