"""What the AWS files say of a place to log in to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.session import Session

from shellhook.errors import BadConfiguration, NoSuchProfile, ShellhookError, WrongUsage
from shellhook.sso import calls, center
from shellhook.sso.center import Center
from tests.plans import KEYS, arn, configuration

if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

    from botocore.awsrequest import AWSPreparedRequest

URL = "https://corp.awsapps.com/start"
CORP = f"[sso-session corp]\nsso_start_url = {URL}\nsso_region = eu-west-1\n"
X = "[profile x]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
OLD = f"[profile old]\nsso_start_url = {URL}/#/\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n"


def of(directory: Path, config: str, word: str | None = "x", **environ: str) -> Center:
    read = configuration(directory, config)
    return center.only(read, environ) if word is None else center.of_word(word, read, environ)


def test_of_a_profile_with_a_session(tmp_path: Path) -> None:
    found = of(tmp_path, X + CORP)
    assert (found.name, found.key, found.shown, found.host) == ("corp", "corp", "corp", "corp.awsapps.com")
    assert (found.start_url, found.region, found.scopes, found.endpoints) == (URL, "eu-west-1", None, {})
    assert found.where == f"{tmp_path}/config:6"
    assert found.login_command == "shellhook login corp"


def test_of_the_session_itself(tmp_path: Path) -> None:
    assert of(tmp_path, X + CORP, "corp") == of(tmp_path, X + CORP).replace(profile=None)


def test_a_session_is_reached_where_its_first_profile_reaches_it(tmp_path: Path) -> None:
    second = X.replace("profile x", "profile y") + "endpoint_url = http://of-y\n"
    assert of(tmp_path, f"{X}endpoint_url = http://of-x\n{second}{CORP}", "corp").endpoints["sso"] == "http://of-x"
    assert of(tmp_path, second + CORP, None).endpoints["sso"] == "http://of-y"


def test_of_the_older_keys(tmp_path: Path) -> None:
    found = of(tmp_path, OLD, "old")
    assert (found.name, found.key, found.shown) == (None, f"{URL}/#/", "corp.awsapps.com")
    assert found.login_command == "shellhook login old"


def test_of_a_role_on_top(tmp_path: Path) -> None:
    roles = f"[profile y]\nrole_arn = {arn('y')}\nsource_profile = x\n[profile z]\nrole_arn = {arn('z')}\n"
    assert of(tmp_path, X + CORP + roles + "source_profile = y\n", "z").key == "corp"


def test_a_name_with_blanks_is_quoted_in_the_command(tmp_path: Path) -> None:
    found = of(tmp_path, X.replace("= corp", "= my corp") + CORP.replace("corp]", '"my corp"]'))
    assert found.login_command == "shellhook login 'my corp'"


@pytest.mark.parametrize(
    ("line", "scopes"),
    [
        ("sso_registration_scopes = sso:account:access", ("sso:account:access",)),
        ("sso_registration_scopes = a, b ,,c", ("a", "b", "c")),
        ("sso_registration_scopes =", ()),
        ("", None),
    ],
)
def test_scopes(line: str, scopes: tuple[str, ...] | None, tmp_path: Path) -> None:
    assert of(tmp_path, X + CORP + line).scopes == scopes


SERVICES = "[services s]\nsso =\n  endpoint_url = http://portal\nsso_oidc =\n  endpoint_url = http://oidc\n"
ENDPOINTS = [
    ("", {}, {}),
    ("", {"AWS_ENDPOINT_URL": "http://all"}, {"sso": "http://all", "sso_oidc": "http://all"}),
    (
        "",
        {"AWS_ENDPOINT_URL_SSO": "http://p", "AWS_ENDPOINT_URL_SSO_OIDC": "http://o"},
        {"sso": "http://p", "sso_oidc": "http://o"},
    ),
    ("endpoint_url = http://mine", {}, {"sso": "http://mine", "sso_oidc": "http://mine"}),
    ("services = s", {}, {"sso": "http://portal", "sso_oidc": "http://oidc"}),
    ("services = s", {"AWS_ENDPOINT_URL_SSO": "http://p"}, {"sso": "http://p", "sso_oidc": "http://oidc"}),
    ("services = s\nignore_configured_endpoint_urls = true", {"AWS_ENDPOINT_URL": "http://all"}, {}),
    ("services = s", {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, {}),
]


@pytest.mark.parametrize(("lines", "environ", "endpoints"), ENDPOINTS)
def test_endpoints(lines: str, environ: dict[str, str], endpoints: dict[str, str], tmp_path: Path) -> None:
    assert of(tmp_path, f"{X}{lines}\n{CORP}{SERVICES}", **environ).endpoints == endpoints


@pytest.mark.parametrize("kinds", [(), ("fips",), ("dualstack",), ("fips", "dualstack")])
@pytest.mark.parametrize("service", ["sso", "sso-oidc"])
def test_the_kinds_of_endpoint_are_those_of_botocore(kinds: tuple[str, ...], service: str, tmp_path: Path) -> None:
    lines = "".join(f"use_{kind}_endpoint = true\n" for kind in kinds)
    found = of(tmp_path, f"{X}{lines}{CORP}")
    theirs = Session(profile="x")
    theirs.set_config_variable("config_file", str(tmp_path / "config"))
    config = Config(signature_version=UNSIGNED)
    wanted = place(theirs.create_client(service, region_name=found.region, config=config))
    assert place(calls.client(service, found, {})) == wanted


def place(client: Any) -> str:
    """Where a call of the client would go."""

    def stop(request: AWSPreparedRequest, **_: object) -> NoReturn:
        raise LookupError(request.url)

    client.meta.events.register("before-send", stop)
    logout, register = {"accessToken": "t"}, {"clientName": "x", "clientType": "public"}
    is_portal = client.meta.service_model.service_name == "sso"
    with pytest.raises(LookupError) as caught:
        client.logout(**logout) if is_portal else client.register_client(**register)
    return str(caught.value)


def test_the_endpoints_are_those_of_the_profile_that_was_asked_for(tmp_path: Path) -> None:
    """botocore's session is on that profile, whatever profiles its chain goes through."""
    role = f"[profile y]\nrole_arn = {arn('y')}\nsource_profile = x\nendpoint_url = http://of-y\n"
    assert of(tmp_path, f"{X}endpoint_url = http://of-x\n{CORP}{role}", "y").endpoints["sso"] == "http://of-y"


ONLY = [
    ("the only session", X + CORP, "corp"),
    ("a session before older profiles", OLD + X + CORP, "corp"),
    ("the only start URL", OLD, f"{URL}/#/"),
    ("the same twice", OLD + OLD.replace("old", "older"), f"{URL}/#/"),
    ("a broken one beside it", X + CORP + "[sso-session broken]\nsso_region = a\n", "corp"),
]


@pytest.mark.parametrize(("config", "key"), [row[1:] for row in ONLY], ids=[row[0] for row in ONLY])
def test_the_only_one(config: str, key: str, tmp_path: Path) -> None:
    assert of(tmp_path, config, None).key == key


ERRORS: list[tuple[type[ShellhookError], str, str | None, list[str]]] = [
    (WrongUsage, CORP + CORP.replace("corp]", "other]"), None, ["which one", "login corp", "login other"]),
    (WrongUsage, f"[profile base]\n{KEYS}", None, ["nothing to log in to", "config", "aws configure sso"]),
    (WrongUsage, f"[profile base]\n{KEYS}", "base", ["'base'", "Identity Center", "config:2"]),
    (NoSuchProfile, X + CORP, "nope", ["no profile 'nope'", "sso-session", "corp"]),
    (BadConfiguration, X, "x", ["sso-session that does not exist", "config:2"]),
    (BadConfiguration, "[sso-session corp]\nsso_region = a\n", "corp", ["lacks sso_start_url", "config:1"]),
    (BadConfiguration, X + "sso_region = other\n" + CORP, "x", ["contradict", "config:5", "config:8"]),
]


@pytest.mark.parametrize(("kind", "config", "word", "said"), ERRORS)
def test_errors(kind: type[ShellhookError], config: str, word: str | None, said: list[str], tmp_path: Path) -> None:
    with pytest.raises(kind) as caught:
        of(tmp_path, config, word)
    assert [words for words in said if words not in str(caught.value)] == [], str(caught.value)
