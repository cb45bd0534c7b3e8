"""Where a chain begins and which roles it goes through. O7 to O26 are rows of the table of botocore's answers that the
project keeps; `test_plan_botocore` asks botocore itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from shellhook import chain, plan
from shellhook.errors import BadConfiguration, NoSuchProfile, ShellhookError, WrongUsage
from tests.plans import BASE, KEYS, arn, configuration, make, request, role
from tests.test_profiles import write

if TYPE_CHECKING:
    from pathlib import Path

    from shellhook.sources import Source

ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "env-secret"}
POD = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": arn("pod")}
TASK = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x"}
SSO = (
    "sso_account_id = 111122223333\nsso_role_name = Admin\n"
    "sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
)


def begin(
    directory: Path,
    config: str,
    credentials: str = "",
    profile: str | None = "x",
    environ: dict[str, str] | None = None,
    *,
    long_term: bool = False,
) -> tuple[Source, list[str]]:
    """The source, and the names of the roles."""
    wanted = request(write(directory, config, credentials), profile, long_term=long_term)
    read = configuration(directory, config, credentials)
    _, source, steps = chain.begin(wanted, read, environ or {})
    return source, [step.role.rsplit("/", 1)[-1] for step in steps]


class Begins(NamedTuple):
    """Where a configuration begins: the kind of source, what tells it from others, and the roles after it."""

    title: str
    config: str
    kind: str
    of: str | None  # the source's profile
    roles: list[str]
    credentials: str = ""
    profile: str | None = "x"
    environ: dict[str, str] | None = None


BEGINS = [
    Begins("keys in the config file", f"[profile x]\n{KEYS}", "keys", "x", []),
    Begins("keys in the credentials file", "", "keys", "x", [], credentials=f"[x]\n{KEYS}"),
    Begins("one role", role("x") + BASE, "keys", "base", ["x"]),
    Begins("a chain", role("x", "y") + role("y", "z") + role("z") + BASE, "keys", "base", ["z", "y", "x"]),
    Begins("a chain over both files", role("x", "y"), "keys", "y", ["x"], credentials=f"[y]\n{KEYS}"),
    Begins("O4 a role in the credentials file", BASE, "keys", "base", ["x"], role("x").replace("profile x", "x")),
    Begins("O7 a role wins over the profile's own keys", role("x") + KEYS + BASE, "keys", "base", ["x"]),
    Begins(
        "a chain stops at keys, whatever else is there", role("x", "y") + role("y") + KEYS + BASE, "keys", "y", ["x"]
    ),
    Begins("O8 Identity Center wins over keys", f"[profile x]\n{SSO}{KEYS}", "sso", "x", []),
    Begins("Identity Center below a role", role("x", "y") + f"[profile y]\n{SSO}", "sso", "y", ["x"]),
    Begins(
        "an sso-session",
        "[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n[sso-session s]\nsso_region = a\n"
        "sso_start_url = b\n",
        "sso",
        "x",
        [],
    ),
    Begins("O13 A -> A with keys", role("x", "x") + KEYS, "keys", "x", ["x"]),
    Begins("O14 include_profile is nothing", f"[profile x]\n{KEYS}include_profile = nope\n", "keys", "x", []),
    Begins("O17 a named profile wins over the environment", BASE, "keys", "base", [], "", "base", ENVIRONMENT),
    Begins(
        "O18 no profile named: the environment's keys, whatever AWS_PROFILE says",
        BASE,
        "environment",
        None,
        [],
        profile=None,
        environ={**ENVIRONMENT, "AWS_PROFILE": "base"},
    ),
    Begins("no profile named: AWS_PROFILE", BASE, "keys", "base", [], "", None, {"AWS_PROFILE": "base"}),
    Begins(
        "AWS_DEFAULT_PROFILE before AWS_PROFILE, as botocore looks",
        BASE,
        "keys",
        "base",
        [],
        profile=None,
        environ={"AWS_PROFILE": "nope", "AWS_DEFAULT_PROFILE": "base"},
    ),
    Begins("no profile named, in a pod", "", "web-identity", None, [], profile=None, environ=POD),
    Begins(
        "a pod's identity before the profile's keys",
        f"[default]\n{KEYS}",
        "web-identity",
        "default",
        [],
        profile=None,
        environ=POD,
    ),
    Begins(
        "a profile's role before a pod's identity",
        role("x") + BASE,
        "keys",
        "base",
        ["x"],
        profile=None,
        environ={**POD, "AWS_PROFILE": "x"},
    ),
    Begins("a named profile before a pod's identity", BASE, "keys", "base", [], "", "base", POD),
    Begins("no profile named, in a task", "", "container", None, [], profile=None, environ=TASK),
    Begins("a profile's keys before a task's", f"[default]\n{KEYS}", "keys", "default", [], "", None, TASK),
    Begins("no profile named at all", f"[default]\n{KEYS}", "keys", "default", [], profile=None),
    Begins(
        "an empty key in the environment is none",
        BASE,
        "keys",
        "base",
        [],
        "",
        None,
        {
            "AWS_ACCESS_KEY_ID": "",
            "AWS_PROFILE": "base",
        },
    ),
    Begins(
        "O22 names of settings have no case", role("x").replace("role_arn", "Role_Arn") + BASE, "keys", "base", ["x"]
    ),
    Begins("credential_process", "[profile x]\ncredential_process = get keys\n", "process", "x", []),
    Begins("a process below a role", role("x", "y") + "[profile y]\ncredential_process = k\n", "process", "y", ["x"]),
    Begins(
        "a process wins over keys of the config file",
        f"[profile x]\n{KEYS}credential_process = k\n",
        "process",
        "x",
        [],
    ),
    Begins(
        "keys of the credentials file win over a process",
        "[profile x]\ncredential_process = k\n",
        "keys",
        "x",
        [],
        credentials=f"[x]\n{KEYS}",
    ),
    Begins(
        "a lone secret in the credentials file is no key",
        "[profile x]\ncredential_process = k\n",
        "process",
        "x",
        [],
        credentials="[x]\naws_secret_access_key = s\n",
    ),
    Begins("`aws login`", "[profile x]\nlogin_session = s\n", "login", "x", []),
    Begins(
        "a web identity is no role of another source",
        f"[profile x]\nrole_arn = {arn('x')}\nweb_identity_token_file = /t\n",
        "web-identity",
        "x",
        [],
    ),
    Begins(
        "a web identity below a role",
        role("x", "y") + f"[profile y]\nrole_arn = {arn('y')}\nweb_identity_token_file = /t\n",
        "web-identity",
        "y",
        ["x"],
    ),
    Begins("nothing at all: the machine's own role", "[profile x]\nregion = a\n", "machine", "x", []),
    Begins(
        "credential_source Environment",
        f"[profile x]\nrole_arn = {arn('x')}\ncredential_source = Environment\n",
        "environment",
        None,
        ["x"],
        environ=ENVIRONMENT,
    ),
    Begins(
        "credential_source of a machine",
        f"[profile x]\nrole_arn = {arn('x')}\ncredential_source = Ec2InstanceMetadata\n",
        "instance",
        "x",
        ["x"],
    ),
    Begins(
        "credential_source in the middle of a chain",
        role("x", "y") + f"[profile y]\nrole_arn = {arn('y')}\ncredential_source = EcsContainer\n",
        "container",
        "y",
        ["y", "x"],
    ),
]


@pytest.mark.parametrize("row", BEGINS, ids=lambda row: row.title)
def test_where_a_chain_begins(row: Begins, tmp_path: Path) -> None:
    source, roles = begin(tmp_path, row.config, row.credentials, row.profile, row.environ)
    assert (source.kind, source.profile, roles) == (row.kind, row.of, row.roles)


class Refuses(NamedTuple):
    """A configuration that cannot be used: the error, and words that must be in it (places without the directory)."""

    title: str
    config: str
    words: list[str]
    kind: type[ShellhookError] = BadConfiguration
    credentials: str = ""
    profile: str | None = "x"
    environ: dict[str, str] | None = None


REFUSES = [
    Refuses(
        "O9 two sources",
        role("x", "base", "credential_source = Environment") + BASE,
        ["'x'", "config:3: source_profile", "config:4: credential_source", "remove one"],
    ),
    Refuses(
        "O10 a role alone",
        f"[profile x]\nrole_arn = {arn('x')}\n",
        ["'x'", "config:2", "source_profile and credential_source", "add source_profile"],
    ),
    Refuses(
        "O11 a source_profile that is not there",
        role("x", "bace") + BASE,
        ["'x'", "config:3: source_profile = bace", "did you mean 'base'?"],
    ),
    Refuses(
        "a source_profile of a source_profile that is not there",
        role("x", "y") + role("y", "nope"),
        ["'y'", "config:6: source_profile = nope"],
    ),
    Refuses(
        "O12 A -> B -> A",
        role("x", "y") + role("y", "x"),
        ["circle", "config:6: x -> y -> x", "let source_profile end"],
    ),
    Refuses("O13 A -> A without keys", role("x", "x"), ["circle", "config:3: x -> x"]),
    Refuses(
        "a circle that the chain runs into", role("x", "y") + role("y", "z") + role("z", "y"), ["x -> y -> z -> y"]
    ),
    Refuses(
        "O16 source_profile without role_arn",
        "[profile x]\nsource_profile = base\n" + BASE,
        ["config:2", "add role_arn"],
    ),
    Refuses("O19 AWS_PROFILE=ghost", BASE, ["'ghost'"], NoSuchProfile, profile=None, environ={"AWS_PROFILE": "ghost"}),
    Refuses(
        "O19 with the environment's keys, too",
        BASE,
        ["'ghost'"],
        NoSuchProfile,
        profile=None,
        environ={**ENVIRONMENT, "AWS_PROFILE": "ghost"},
    ),
    Refuses(
        "an sso-session that is completed by the profile",
        "[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\nsso_region = a\n"
        "[sso-session s]\nsso_start_url = b\n",
        ["sso-session of profile 'x' lacks sso_region", "config:6"],
    ),
    Refuses("O22 names of profiles have case", "[profile X]\n", ["no profile 'x'", "did you mean 'X'?"], NoSuchProfile),
    Refuses(
        "O23 half a key",
        "[profile x]\naws_access_key_id = AKIA\n",
        ["'x'", "config:2: aws_access_key_id is set, aws_secret_access_key is not", "aws configure --profile x"],
    ),
    Refuses("the other half", "[profile x]\naws_secret_access_key = s\n", ["config:2: aws_secret_access_key is set"]),
    Refuses(
        "the halves in two files do not make a key",
        f"[profile x]\n{KEYS}",
        ["credentials:2: aws_access_key_id is set, aws_secret_access_key is not"],
        credentials="[x]\naws_access_key_id = AKIA\n",
    ),
    Refuses(
        "half a key below a role",
        role("x", "y") + role("y") + "aws_access_key_id = A\n" + BASE,
        ["'y'", "config:7: aws_access_key_id is set"],
    ),
    Refuses(
        "a source without credentials: the machine's role is not taken for it, as with botocore",
        role("x", "y") + "[profile y]\nregion = a\n",
        ["'y'", "config:3", "no credentials"],
    ),
    Refuses(
        "O24 an sso-session that is not there",
        "[profile x]\nsso_session = zz\nsso_account_id = 1\nsso_role_name = r\n",
        ["'x'", "config:2: sso_session = zz", "[sso-session zz]"],
    ),
    Refuses(
        "O25 the profile and its sso-session contradict each other",
        f"[profile x]\nsso_session = s\n{SSO}[sso-session s]\nsso_start_url = other\nsso_region = eu-west-1\n",
        [
            "config:5: sso_start_url = https://corp.awsapps.com/start",
            "config:8: sso_start_url = other",
            "remove sso_start_url",
        ],
    ),
    Refuses(
        "half of Identity Center",
        "[profile x]\nsso_account_id = 1\n",
        ["lacks sso_role_name and sso_start_url and sso_region", "aws configure sso"],
    ),
    Refuses(
        "a web identity without a role",
        "[profile x]\nweb_identity_token_file = /t\n",
        ["config:2: web_identity_token_file is set, role_arn is not"],
    ),
    Refuses(
        "a pod's token without a role",
        "",
        ["the environment", "AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not", "set AWS_ROLE_ARN"],
        profile=None,
        environ={"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"},
    ),
    Refuses(
        "a pod, and AWS_PROFILE=ghost", BASE, ["'ghost'"], NoSuchProfile, "", None, {**POD, "AWS_PROFILE": "ghost"}
    ),
    Refuses(
        "credential_source has case",
        f"[profile x]\nrole_arn = {arn('x')}\ncredential_source = environment\n",
        ["config:3: 'environment'", "Environment, Ec2InstanceMetadata, EcsContainer"],
    ),
    Refuses(
        "credential_source Environment, and there is nothing",
        f"[profile x]\nrole_arn = {arn('x')}\ncredential_source = Environment\n",
        ["config:3", "AWS_ACCESS_KEY_ID is not set"],
    ),
    Refuses(
        "half a key in the environment",
        f"[profile x]\nrole_arn = {arn('x')}\ncredential_source = Environment\n",
        ["AWS_SECRET_ACCESS_KEY is not set"],
        environ={"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": ""},
    ),
]


@pytest.mark.parametrize("row", REFUSES, ids=lambda row: row.title)
def test_what_cannot_be_used(row: Refuses, tmp_path: Path) -> None:
    with pytest.raises(row.kind) as caught:
        begin(tmp_path, row.config, row.credentials, row.profile, row.environ)
    shown = str(caught.value)
    assert [word for word in row.words if word not in shown.replace(f"{tmp_path}/", "")] == [], shown
    assert caught.value.status == 3
    assert "base-secret" not in shown


LONG_TERM = [
    # config, what the source's keys are: True a user's own, False a session's, None nobody knows yet
    pytest.param(f"[profile x]\n{KEYS}", "", True, id="keys"),
    pytest.param(f"[profile x]\n{KEYS}aws_session_token = t\n", "", False, id="a session"),
    pytest.param(f"[profile x]\n{KEYS}aws_security_token = t\n", "", False, id="a session, by its older name"),
    pytest.param(f"[profile x]\n{KEYS}aws_session_token =\n", "", True, id="an empty token is none"),
    pytest.param(
        f"[profile x]\n{KEYS}aws_session_token = t\n", f"[x]\n{KEYS}", True, id="the token is of another file"
    ),
    pytest.param(f"[profile x]\n{KEYS}", "[x]\naws_session_token = t\n", True, id="the keys are of another file"),
    pytest.param(f"[profile x]\n{SSO}", "", False, id="Identity Center"),
    pytest.param("[profile x]\nlogin_session = s\n", "", False, id="aws login"),
    pytest.param("[profile x]\ncredential_process = k\n", "", None, id="a process may print either"),
]


@pytest.mark.parametrize(("config", "credentials", "long_term"), LONG_TERM)
def test_a_users_keys_or_a_sessions(config: str, credentials: str, long_term: bool | None, tmp_path: Path) -> None:
    assert begin(tmp_path, config, credentials)[0].long_term is long_term


@pytest.mark.parametrize("token", ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"])
def test_a_session_in_the_environment(token: str, tmp_path: Path) -> None:
    source, _ = begin(tmp_path, "", profile=None, environ={**ENVIRONMENT, token: "t"})
    assert (source.identity, source.long_term) == (("environment", "AKIAENV"), False)
    assert source.where == "the environment"


def test_what_a_pod_and_a_task_begin_with(tmp_path: Path) -> None:
    made = make(tmp_path, "[default]\nregion = eu-west-1\n", None, environ=POD)
    assert (made.profile, made.region) == ("default", "eu-west-1")
    source, _ = begin(tmp_path, "", profile=None, environ=TASK)
    assert (source.identity, source.where, source.long_term) == (("container",), "the environment", False)


def test_long_term_takes_the_profiles_own_keys(tmp_path: Path) -> None:
    source, roles = begin(tmp_path, role("x") + KEYS + BASE, long_term=True)
    assert (source.profile, roles) == ("x", [])


def test_long_term_of_a_role_says_whose_keys_there_are(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"--long-term.*'x'.*role") as caught:
        begin(tmp_path, role("x") + BASE, long_term=True)
    assert "base" in caught.value.remedy
    with pytest.raises(WrongUsage) as caught:
        begin(tmp_path, f"[profile x]\nrole_arn = {arn('x')}\ncredential_source = Environment\n", long_term=True)
    assert caught.value.remedy.endswith(": its source")


def test_plans_are_pure(tmp_path: Path) -> None:
    files = write(tmp_path, role("x") + BASE)
    wanted, read = request(files), configuration(tmp_path, role("x") + BASE)
    first, second = (plan.make(wanted, read, {}, "me", {}, {}) for _ in range(2))
    assert first == second
    assert first.identity(1) == second.identity(1)
