"""What kind of source a profile is, what tells it from others, and the credentials it gives. No network: the sources
that need one are only asked until it would be."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from shellhook import sources
from shellhook.errors import BadConfiguration, ShellhookError
from shellhook.session import Session
from shellhook.sources import fetch
from tests.plans import ACCOUNT, KEYS, arn, configuration

if TYPE_CHECKING:
    from pathlib import Path

    from shellhook.profiles import Profile

SSO = (
    f"sso_account_id = {ACCOUNT}\nsso_role_name = Admin\n"
    "sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
)
WEB = f"role_arn = {arn('web')}\nweb_identity_token_file = /token\n"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "env-secret"}


def profile(directory: Path, lines: str, credentials: str = "") -> Profile:
    return configuration(directory, f"[profile x]\n{lines}", credentials and f"[x]\n{credentials}").profile("x")


def source_of(directory: Path, lines: str, credentials: str = "") -> sources.Source | None:
    read = configuration(directory, f"[profile x]\n{lines}", credentials and f"[x]\n{credentials}")
    return sources.of_profile(read.profile("x"), read)


# The order is botocore's: each of these wins over all that follow.
IN_ORDER = [
    ("web-identity", WEB, ""),
    ("sso", SSO, ""),
    ("keys", "", KEYS.replace("BASE", "CREDENTIALS")),
    ("login", "login_session = s\n", ""),
    ("process", "credential_process = k\n", ""),
    ("keys", KEYS, ""),
]


@pytest.mark.parametrize("number", range(len(IN_ORDER)))
def test_the_order(number: int, tmp_path: Path) -> None:
    later = IN_ORDER[number:]
    source = source_of(tmp_path, "".join(row[1] for row in later), "".join(row[2] for row in later))
    assert source is not None
    assert source.kind == later[0][0]
    if source.kind == "keys":
        assert source.identity == ("keys", "AKIACREDENTIALS" if number == 2 else "AKIABASE")


FOUND = [
    # lines, credentials -> what tells it from others, its account, its role, the line it stands in
    pytest.param(KEYS, "", ("keys", "AKIABASE"), None, None, "config:2", id="keys"),
    pytest.param(
        f"aws_account_id = {ACCOUNT}\n{KEYS}", "", ("keys", "AKIABASE"), ACCOUNT, None, "config:3", id="an account"
    ),
    pytest.param(
        SSO,
        "",
        ("sso", ACCOUNT, "Admin", "https://corp.awsapps.com/start", "eu-west-1"),
        ACCOUNT,
        "Admin",
        "config:2",
        id="Identity Center",
    ),
    pytest.param(
        WEB + "role_session_name = n\n",
        "",
        ("web-identity", "/token", arn("web"), "n"),
        ACCOUNT,
        "web",
        "config:3",
        id="a web identity",
    ),
    pytest.param("credential_process = k -v\n", "", ("process", "k -v"), None, None, "config:2", id="a process"),
]


@pytest.mark.parametrize(("lines", "credentials", "identity", "account", "role", "where"), FOUND)
def test_what_is_known_of_it(
    lines: str,
    credentials: str,
    identity: tuple[str, ...],
    account: str | None,
    role: str | None,
    where: str,
    tmp_path: Path,
) -> None:
    source = source_of(tmp_path, lines, credentials)
    assert source is not None
    assert (source.identity, source.account, source.role) == (identity, account, role)
    assert source.where == str(tmp_path / where)
    assert "secret" not in "".join(source.identity)


def test_there_may_be_none(tmp_path: Path) -> None:
    assert source_of(tmp_path, "region = a\nweb_identity_token_file =\n") is None


HAS = [
    ("", False, False),
    ("aws_access_key_id = a\n", True, False),
    ("aws_secret_access_key = a\n", True, False),
    ("aws_session_token = a\n", False, False),
    ("role_arn = r\n", False, True),
    ("role_arn = r\nweb_identity_token_file = t\n", False, False),
    ("role_arn = r\nweb_identity_token_file =\n", False, False),
    ("source_profile = y\n", False, False),
]


@pytest.mark.parametrize(("lines", "keys", "role"), HAS)
def test_keys_and_roles(lines: str, keys: bool, role: bool, tmp_path: Path) -> None:
    found = profile(tmp_path, lines)
    assert (sources.has_keys(found), sources.has_role(found)) == (keys, role)


# --- credentials


def credentials_of(directory: Path, lines: str, credentials: str = "", **environ: str) -> Session:
    read = configuration(directory, f"[profile x]\n{lines}", credentials and f"[x]\n{credentials}")
    source = sources.of_profile(read.profile("x"), read)
    if source is None:
        source = sources.Source(kind="machine", profile="x", identity=("machine",), where="config:1")
    return fetch.credentials(source, read, {"HOME": str(directory), "AWS_EC2_METADATA_DISABLED": "true", **environ})


FETCHED = [
    pytest.param(KEYS, "", ("AKIABASE", "base-secret", None, None), id="keys"),
    pytest.param(
        KEYS + f"aws_session_token = t\naws_account_id = {ACCOUNT}\n",
        "",
        ("AKIABASE", "base-secret", "t", ACCOUNT),
        id="a session",
    ),
    pytest.param(
        KEYS + "aws_security_token = old\naws_session_token = new\n",
        "",
        ("AKIABASE", "base-secret", "old", None),
        id="a token by both names: as botocore takes it",
    ),
    pytest.param(
        KEYS + "aws_session_token = t\n",
        "aws_access_key_id = A\naws_secret_access_key = S\n",
        ("A", "S", None, None),
        id="all of one file",
    ),
]


@pytest.mark.parametrize(("lines", "credentials", "expected"), FETCHED)
def test_keys_of_the_files(lines: str, credentials: str, expected: tuple[str | None, ...], tmp_path: Path) -> None:
    found = credentials_of(tmp_path, lines, credentials)
    assert (found.access_key_id, found.secret_access_key, found.session_token, found.account) == expected
    assert found.expires is None


@pytest.mark.parametrize(
    ("variables", "token"),
    [({}, None), ({"AWS_SESSION_TOKEN": "n"}, "n"), ({"AWS_SESSION_TOKEN": "n", "AWS_SECURITY_TOKEN": "o"}, "o")],
)
def test_keys_of_the_environment(variables: dict[str, str], token: str | None, tmp_path: Path) -> None:
    environ = {**ENVIRONMENT, **variables, "AWS_ACCOUNT_ID": ACCOUNT}
    source = sources.of_environment(environ, "here")
    found = fetch.credentials(source, configuration(tmp_path, ""), environ)
    assert (found.access_key_id, found.session_token, found.account) == ("AKIAENV", token, ACCOUNT)
    assert source.long_term is (token is None)


def printing(text: str, status: int = 0) -> str:
    code = f"print({text!r}); raise SystemExit({status})"
    return f"credential_process = {shlex.join([sys.executable, '-S', '-c', code])}\n"


ANSWER = {"Version": 1, "AccessKeyId": "ASIAPROC", "SecretAccessKey": "s", "SessionToken": "t"}


def test_a_process(tmp_path: Path) -> None:
    lines = printing(json.dumps({**ANSWER, "Expiration": "2100-01-01T00:00:00Z", "AccountId": ACCOUNT}))
    found = credentials_of(tmp_path, lines)
    assert (found.access_key_id, found.secret_access_key, found.session_token) == ("ASIAPROC", "s", "t")
    assert (found.expires, found.account) == (4_102_444_800, ACCOUNT)


def test_a_role_beside_a_process_is_left_aside(tmp_path: Path) -> None:
    """Somebody's source_profile: botocore takes the first of its sources, and assumes nothing on the way."""
    lines = f"{printing(json.dumps(ANSWER))}role_arn = {arn('x')}\nsource_profile = x\n{KEYS}"
    assert credentials_of(tmp_path, lines).access_key_id == "ASIAPROC"


def test_a_process_sees_the_environment_without_a_session_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAOURS")
    monkeypatch.setenv("AWS_PROFILE", "gone")
    code = "import os; print(os.environ['TEXT'] if 'AWS_PROFILE' not in os.environ else '')"
    lines = f"credential_process = {shlex.join([sys.executable, '-c', code])}\n"
    monkeypatch.setenv("TEXT", json.dumps({**ANSWER, "AccessKeyId": "ASIATHEIRS"}))
    assert credentials_of(tmp_path, lines, AWS_ACCESS_KEY_ID="AKIAENV").access_key_id == "ASIATHEIRS"


GIVES_NONE = [
    pytest.param(printing("", 3), ["'x'", "credential_process"], id="a process that fails"),
    pytest.param(printing("no json"), ["credential_process"], id="a process that prints something else"),
    pytest.param(printing("[]"), ["credential_process"], id="a process that prints no object"),
    pytest.param(printing(json.dumps({**ANSWER, "Version": 2})), ["credential_process"], id="another version"),
    pytest.param(
        printing(json.dumps({**ANSWER, "Expiration": 1})), ["credential_process"], id="an expiry that is no text"
    ),
    pytest.param(printing(json.dumps({**ANSWER, "Expiration": "2001-01-01T00:00:00Z"})), ["x"], id="expired"),
    pytest.param("credential_process = /no/such/program\n", ["/no/such/program"], id="a process that is not there"),
    pytest.param("credential_process = 'open\n", ["credential_process"], id="a command with an open quote"),
    pytest.param(SSO, ["corp.awsapps.com", "shellhook login x"], id="Identity Center, not logged in"),
    pytest.param(WEB, ["/token"], id="a web identity without its token"),
    pytest.param("login_session = s\n", ["aws login", "x"], id="`aws login`, not logged in or not installed"),
    pytest.param("region = a\n", ["'x'", "aws configure --profile x"], id="nothing, and no machine's role"),
]


@pytest.mark.parametrize(("lines", "words"), GIVES_NONE)
def test_a_source_that_gives_none(lines: str, words: list[str], tmp_path: Path) -> None:
    with pytest.raises(ShellhookError) as caught:
        credentials_of(tmp_path, lines)
    shown = str(caught.value)
    assert [word for word in words if word not in shown] == [], shown
    assert "config:" in shown, "where it stands"


def test_a_container_that_is_none(tmp_path: Path) -> None:
    source = sources.of_credential_source(
        profile(tmp_path, "role_arn = r\ncredential_source = EcsContainer\n"), ENVIRONMENT
    )
    with pytest.raises(BadConfiguration, match="'x' has no credentials"):
        fetch.credentials(source, configuration(tmp_path, "[profile x]\nrole_arn = r\n"), {})
