"""What an assume would do, said without doing it: each call, where its parameters come from, if a code is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shellhook import explain
from shellhook.plan import Plan
from shellhook.session import Session
from shellhook.store import Store
from tests.plans import BASE, DEVICE, KEYS, arn, make, role

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_700_000_000
MFA = f"mfa_serial = {DEVICE}"
SESSION = Session(access_key_id="ASIA", secret_access_key="wJalrXUtnFEMI", expires=NOW + 3600, issued=NOW)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def keep(store: Store, made: Plan, hops: int, **changes: Any) -> None:
    store.put_session(store.digest(made.identity(hops)), SESSION.replace(**changes))


def explained(made: Plan, store: Store, now: float = NOW) -> str:
    return "\n".join(explain.lines(made, store, now))


def code_line(text: str) -> str:
    (line,) = [line for line in text.splitlines() if line.startswith("code:")]
    return line


def test_every_call_and_where_its_parameters_come_from(store: Store, tmp_path: Path) -> None:
    config = (
        role("x", "y", "external_id = e-secret", "duration_seconds = 1800", "region = eu-west-1", "output = json")
        + role("y", "base", MFA)
        + BASE
    )
    made = make(tmp_path, config, tags=(("team", "a b"),), policy_arns=("arn:p",), policy='{"hidden": 1}', user="me")
    text = explained(made, store).replace(f"{tmp_path}/", "")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[:2] == ["1. the access key of profile 'base'", "config:13"]
    for line in (
        "2. GetSessionToken: the MFA session",
        "DurationSeconds 12h00m",
        f"SerialNumber {DEVICE} config:11",
        f"3. AssumeRole {arn('y')} config:9",
        "RoleSessionName me your user name",
        f"4. AssumeRole {arn('x')} config:2",
        "ExternalId (set, not shown) config:4",
        "Policy (set) --policy",
        "PolicyArns arn:p --policy-arns",
        "Tags team=a b --tags",
        "DurationSeconds 30m config:5",
        "region: eu-west-1 (STS is asked in eu-west-1)",
        "sets: AWS_DEFAULT_OUTPUT=json",
    ):
        assert line in lines, (line, text)
    assert [line for line in lines if line == "not in the store"] == ["not in the store"] * 3


CODES = [
    # config, what was asked, how many hops are in the store -> words of the line about the code
    pytest.param(
        role("x", "base", MFA) + BASE, {}, 0, [DEVICE, "config:4", "12h00m"], id="the MFA session buys the day"
    ),
    pytest.param(role("x", "base", MFA) + BASE, {}, 1, ["none", "MFA session is in the store"], id="it is there"),
    pytest.param(role("x", "base", MFA) + BASE, {}, 2, ["none", "the session is in the store"], id="all is there"),
    pytest.param(
        role("x", "base", MFA) + BASE, {"duration_seconds": 7200}, 0, [DEVICE, "takes for itself"], id="a long session"
    ),
    pytest.param(role("x") + BASE, {}, 0, ["only if AWS refuses", "asked of IAM"], id="no device named"),
    pytest.param(role("x") + BASE + MFA, {}, 0, ["only if AWS refuses", DEVICE, "config:7"], id="the source's device"),
    pytest.param(role("x") + BASE, {"learned": {"device": ""}}, 0, ["none"], id="there is none"),
    pytest.param(BASE.replace("base", "x"), {}, 0, ["if the user has a device"], id="bare keys"),
    pytest.param(role("x") + BASE + "aws_session_token = t", {}, 0, ["none"], id="a session cannot send one"),
]


@pytest.mark.parametrize(("config", "asked", "stored", "words"), CODES)
def test_will_a_code_be_asked(
    config: str, asked: dict[str, Any], stored: int, words: list[str], store: Store, tmp_path: Path
) -> None:
    made = make(tmp_path, config, **asked)
    if stored:
        keep(store, made, stored)
    line = code_line(explained(made, store))
    assert [word for word in words if word not in line] == [], line


STORED = [
    ({}, "in the store, 1h00m left"),
    ({"expires": None}, "in the store"),
    ({"expires": NOW - 1}, "in the store, expired at 2023-11-14T22:13:19Z"),
    ({"expires": NOW + 100, "issued": NOW - 3500}, "in the store, 1m left: too little, a new one will be got"),
]


@pytest.mark.parametrize(("changes", "words"), STORED)
def test_is_it_in_the_store(changes: dict[str, Any], words: str, store: Store, tmp_path: Path) -> None:
    made = make(tmp_path, role("x") + BASE)
    keep(store, made, 1, **changes)
    assert words in [line.strip() for line in explained(made, store).splitlines()]


def test_notes_are_among_it(store: Store, tmp_path: Path) -> None:
    made = make(tmp_path, role("x", "base", "duration_seconds = 12h") + BASE)
    assert any(line.startswith("note:") and made.notes[0] in line for line in explained(made, store).splitlines())


def test_a_command_for_codes_is_shown(store: Store, tmp_path: Path) -> None:
    text = explained(make(tmp_path, role("x", "base", MFA, "mfa_process = op item get AWS --otp") + BASE), store)
    assert "op item get AWS --otp" in text


SOURCES = [
    (f"[profile x]\n{KEYS}", "access key", "its own keys"),
    ("[profile x]\ncredential_process = k\n", "credential_process", "its own keys"),
    ("[profile x]\nlogin_session = s\n", "aws login", "its own keys"),
    ("[profile x]\nregion = eu-west-1\n", "this machine", "its own keys"),
    (f"[profile x]\nrole_arn = {arn('w')}\nweb_identity_token_file = /t\n", "web identity", "role w"),
    (f"[profile x]\nrole_arn = {arn('w')}\ncredential_source = Environment\n", "in the environment", "role w"),
    (f"[profile x]\nrole_arn = {arn('w')}\ncredential_source = EcsContainer\n", "container", "role w"),
    (f"[profile x]\nrole_arn = {arn('w')}\ncredential_source = Ec2InstanceMetadata\n", "instance", "role w"),
    (
        "[profile x]\nsso_account_id = 1\nsso_role_name = Admin\nsso_start_url = u\nsso_region = r\n",
        "Identity Center",
        "role Admin",
    ),
]


@pytest.mark.parametrize(("config", "kind", "title"), SOURCES)
def test_every_kind_of_source_has_a_sentence(config: str, kind: str, title: str, store: Store, tmp_path: Path) -> None:
    made = make(tmp_path, config, environ={"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"})
    first, where = explain.lines(made, store, NOW)[:2]
    assert kind in first
    assert f"{tmp_path}/config:" in where
    assert explain.title(made) == f"x: {title}"


SSO = "sso_account_id = 1\nsso_role_name = Admin\nsso_start_url = u\nsso_region = r\n"


def test_the_session_of_a_login(store: Store, tmp_path: Path) -> None:
    made = make(tmp_path, role("x") + f"[profile base]\n{SSO}")
    stands = "corp, 1h00m left", "one will be asked"
    shown = [line.strip() for line in explain.lines(made, store, NOW, stands)]
    assert shown[2:5] == ["GetRoleCredentials Admin in 1", "not in the store", "sign-in: corp, 1h00m left"]
    assert "login:    one will be asked" in shown
    keep(store, made, 0)
    spared = "login:    none will be asked: the session is in the store"
    assert spared in explain.lines(made, store, NOW, stands)
    assert "in the store, 1h00m left" in explained(made, store).splitlines()[3]
    assert "none will be asked" in code_line(explained(made, store))


def test_nothing_secret_is_shown(store: Store, tmp_path: Path) -> None:
    hidden = "wJalrXUtnFEMI"
    config = role("x", "base", f"external_id = {hidden}", MFA) + BASE.replace("base-secret", hidden)
    made = make(tmp_path, config, policy=f'"{hidden}"')
    keep(store, made, 2)
    assert hidden not in explained(made, store)
