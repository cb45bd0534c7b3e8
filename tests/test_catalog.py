"""Profiles as people know them by, and what keeps some from working."""

from __future__ import annotations

from pathlib import Path

import pytest

from shellhook import catalog
from shellhook.catalog import Entry
from shellhook.profiles import read
from tests.plans import ACCOUNT, BASE, DEVICE, arn, role
from tests.test_profiles import write

NOW = 1_700_000_000
SSO = "[sso-session corp]\nsso_start_url = https://corp\nsso_region = eu-west-1\n"
CONFIG = f"""\
{role("power-user", "base", f"mfa_serial = {DEVICE}", "region = eu-west-1")}
{BASE}
{SSO}
[profile corp]
sso_session = corp
sso_account_id = 444455556666
sso_role_name = Admin
[profile made]
credential_process = /bin/x
[profile here]
role_arn = {arn("here")}
credential_source = Environment
"""
FACTS = {
    "power-user": {
        "kind": "role",
        "account": ACCOUNT,
        "role": "power-user",
        "role_arn": arn("power-user"),
        "source": "base",
        "region": "eu-west-1",
        "mfa": DEVICE,
    },
    "base": {"kind": "keys"},
    "corp": {"kind": "sso", "account": "444455556666", "role": "Admin"},
    "made": {"kind": "process"},
    "here": {"kind": "role", "account": ACCOUNT, "role": "here", "role_arn": arn("here"), "source": "Environment"},
}


def entries(tmp_path: Path, config: str, credentials: str = "", environ: dict[str, str] | None = None) -> list[Entry]:
    files = write(tmp_path, config, credentials)
    return catalog.checked(read(files), {}, environ or {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"})


def test_what_is_known_of_each_profile(tmp_path: Path) -> None:
    found = entries(tmp_path, CONFIG)
    assert [each.name for each in found] == list(FACTS)
    for each in found:
        known = {name: value for name, value in each.as_dict().items() if value and name not in ("name", "where")}
        assert known == FACTS[each.name]
        assert (each.where or "").startswith(f"{tmp_path}/config:")


def test_the_newest_session_is_shown(tmp_path: Path) -> None:
    configuration = read(write(tmp_path, CONFIG, ""))
    assert catalog.entry("corp", configuration, {"corp": NOW}).expires == NOW
    assert catalog.entry("base", configuration, {"corp": NOW}).expires is None


PROBLEMS = [
    ("[profile x]\nwhat is this\n", "config:2: not `name = value` (cannot be used)"),
    ("[profile x]\nsso_session = y\nsso_account_id = 1\nsso_role_name = r\n", "config:2: sso_session = y (names an"),
    (f"[profile x]\nrole_arn = {arn('r')}\nsource_profile = y\n", "config:3: source_profile = y"),
    (f"[profile x]\nrole_arn = {arn('r')}\n", "config:2"),
    ("[profile x]\naws_access_key_id = A\n", "config:2: aws_access_key_id is set"),
    (f"{role('x', 'y')}{role('y', 'x')}", "config:6: x -> y -> x (goes round in a circle)"),
]


@pytest.mark.parametrize(("config", "problem"), PROBLEMS, ids=[problem for _, problem in PROBLEMS])
def test_a_profile_that_cannot_work_says_why_and_where(config: str, problem: str, tmp_path: Path) -> None:
    found = entries(tmp_path, config)[0]
    assert problem in found.problem
    assert "\n" not in found.problem


def test_no_secret_is_among_the_facts(tmp_path: Path) -> None:
    found = entries(tmp_path, BASE + CONFIG, "[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = hidden\n")
    text = repr([each.as_dict() for each in found])
    for secret in ("AKIABASE", "base-secret", "AKIAOTHER", "hidden"):
        assert secret not in text


def test_lines_of_the_list(tmp_path: Path) -> None:
    live = Entry(name="a", account="1", role="r", region="eu", mfa="d", expires=NOW + 2520, where="f:1", source="b")
    keys = Entry(name="b", kind="keys", problem="f:2: bad")
    assert catalog.rows([live, keys], NOW, long=False) == [
        ["a", "1", "r", "eu", "MFA", "live 42m"],
        ["b", "! f:2: bad"],
    ]
    assert catalog.rows([live], NOW, long=True)[0][6:] == ["from b", "d", "f:1"]
