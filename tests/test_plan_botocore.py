"""The same question to botocore and to us: which calls, with which parameters, from which credentials.

botocore runs whole, but for the wire: what its clients would send is written down and answered here. The differences
that are announced are the functions below whose names begin with `announced`; any other is a defect.
`tests/proof/test_right` asks the same of whole configurations that are made up.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import botocore.client
import pytest
from botocore.exceptions import (
    BotoCoreError,
    CredentialRetrievalError,
    InfiniteLoopConfigError,
    InvalidConfigError,
    MissingDependencyException,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.loaders import create_loader
from botocore.session import Session

from shellhook.errors import ShellhookError
from shellhook.hops import HOUR, LONGEST_ROLE
from shellhook.session import Session as OurSession
from shellhook.sts import Aws
from tests.plans import BASE, KEYS, make, role
from tests.test_aws_session import asked_at
from tests.test_chain import BEGINS, REFUSES
from tests.test_plan import DEVICES, DURATIONS, VAULT
from tests.test_plan_places import ENDPOINTS, SERVICES, Reached
from tests.test_profiles import write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from shellhook.plan import Plan

LOADER = create_loader()  # shared: a session of its own would parse STS's model again
START = "https://corp.awsapps.com/start"
IN_AN_HOUR = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)


class Answer(NamedTuple):
    """What somebody makes of a profile: what is wrong with it, or the source's key and the AssumeRole calls after it;
    and where STS is reached ("" is AWS's own)."""

    wrong: str = ""
    source: str = ""
    calls: tuple[Mapping[str, object], ...] = ()
    endpoint: str = ""
    region: str = ""


# --- botocore

WRONG = [
    # botocore's exception, words of its text, what it means
    (ProfileNotFound, "", "no such profile"),
    (InfiniteLoopConfigError, "", "a circle"),
    (InvalidConfigError, "contains both", "two sources"),
    (InvalidConfigError, "source_profile", "no such source"),
    (InvalidConfigError, "must have credentials", "no credentials"),
    (InvalidConfigError, "sso-session does not exist", "no such sso-session"),
    (InvalidConfigError, "inconsistent", "a contradiction"),
    (InvalidConfigError, "is missing required configuration", "half of Identity Center"),
    (InvalidConfigError, "sso_session configuration does not exist", "no such sso-session"),
    (InvalidConfigError, "missing the following configuration", "half of Identity Center"),
    (InvalidConfigError, "no role ARN", "a web identity without a role"),
    (InvalidConfigError, "credential source", "no such credential_source"),
    (InvalidConfigError, "services configuration does not exist", "no such services"),
    (PartialCredentialsError, "source_profile or credential_source", "no source"),
    (PartialCredentialsError, "", "half a key"),
    (CredentialRetrievalError, "No credentials found in credential_source", "not here"),
    (MissingDependencyException, "", "not here"),
]


def meaning(error: BotoCoreError) -> str:
    return next((means for kind, words, means in WRONG if isinstance(error, kind) and words in str(error)), repr(error))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with tokens of IAM Identity Center, for botocore to find, and an environment without AWS in it."""
    directory = tmp_path_factory.mktemp("home")
    token = {
        "startUrl": START,
        "region": "eu-west-1",
        "accessToken": "t",
        "expiresAt": IN_AN_HOUR.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    for name in (START, "s", "t", "u", "b", "corp"):
        file = directory / f"{hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()}.json"
        file.write_text(json.dumps(token))
    (directory / "token").write_text("token")
    with pytest.MonkeyPatch.context() as patch:
        for provider in ("credentials.SSOProvider", "tokens.SSOTokenProvider"):
            patch.setattr(f"botocore.{provider}._SSO_TOKEN_CACHE_DIR", str(directory))
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("HOME", str(directory))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield directory


def answered_by_botocore(
    files: Any, profile: str | None, environ: Mapping[str, str], patch: pytest.MonkeyPatch
) -> Answer:
    """botocore's answer. Nothing is sent."""
    sent: list[tuple[str, dict[str, object], str, str, str]] = []

    def write_down(client: Any, operation: str, parameters: dict[str, object]) -> dict[str, object]:
        signer = client._request_signer._credentials
        sent.append(
            (
                operation,
                parameters,
                getattr(signer, "access_key", ""),
                client.meta.endpoint_url,
                client.meta.region_name,
            )
        )
        keys: dict[str, object] = {
            "AccessKeyId": f"{operation}{len(sent)}",
            "SecretAccessKey": "s",
            "SessionToken": "t",
        }
        if operation == "GetRoleCredentials":
            keys = {"accessKeyId": f"SSO {parameters['accountId']} {parameters['roleName']}", "secretAccessKey": "s"}
            keys |= {"sessionToken": "t", "expiration": int(IN_AN_HOUR.timestamp() * 1000)}
            return {"roleCredentials": keys}
        if operation == "AssumeRoleWithWebIdentity":
            keys["AccessKeyId"] = f"WEB {parameters['RoleArn']}"
        return {"Credentials": {**keys, "Expiration": IN_AN_HOUR}}

    for name, value in environ.items():
        patch.setenv(name, value)
    patch.setenv("AWS_CONFIG_FILE", files.config)
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", files.credentials)
    patch.setattr(botocore.client.BaseClient, "_make_api_call", write_down)
    session = Session(profile=profile)
    session.register_component("data_loader", LOADER)
    try:
        for provider in session.get_component("credential_provider").providers:
            if provider.METHOD == "assume-role":
                provider._prompter = lambda _question: "123456"
        found = session.get_credentials()
        if found is None:
            return Answer(wrong="no credentials")
        key = found.get_frozen_credentials().access_key
    except BotoCoreError as error:
        return Answer(wrong=meaning(error))
    calls = [call for call in sent if call[0] == "AssumeRole"]
    if not calls:
        return Answer(source=key)
    _, _, source, endpoint, region = calls[0]
    parameters = tuple({name: value for name, value in call[1].items() if name != "TokenCode"} for call in calls)
    own = endpoint.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
    return Answer(source=source, calls=parameters, endpoint="" if own else endpoint, region=region)


# --- we

OUR_WORDS = {
    "no profile ": "no such profile",
    "goes round in a circle": "a circle",
    "names two sources": "two sources",
    "source_profile that does not exist": "no such source",
    "nothing to assume it with": "no source",
    "has no credentials": "no credentials",
    "has half a key": "half a key",
    "sso-session that does not exist": "no such sso-session",
    "contradict each other": "a contradiction",
    "lacks sso_": "half of Identity Center",
    "cannot assume its role": "a web identity without a role",
    "has no role to assume": "a web identity without a role",
    "credential_source that does not exist": "no such credential_source",
    "services section that does not exist": "no such services",
    "there are no credentials in the environment": "no credentials in the environment",
    "lasts 12h at most": "too long",
}


def answered_by_us(made: Plan) -> Answer:
    """Our plan, in the same words."""
    kind, *identity = made.source.identity
    if kind in ("instance", "container", "login"):
        return Answer(wrong="not here")
    if kind == "machine":
        return Answer(wrong="no credentials")
    source = identity[0]
    if kind == "sso":
        source = f"SSO {identity[0]} {identity[1]}"
    elif kind == "web-identity":
        source = f"WEB {identity[1]}"
    elif kind == "process":
        source = json.loads(identity[0].removeprefix("echo '").removesuffix("'"))["AccessKeyId"]
    roles = tuple(hop.parameters for hop in made.hops if hop.api == "AssumeRole")
    return Answer(source=source, calls=roles, endpoint=made.endpoints.get("sts", ""), region=made.sts_region)


# --- what may differ


def announced_durations(calls: list[dict[str, Any]], *, capped: bool) -> list[dict[str, Any]]:
    """AWS gives a role that is assumed with a session 1 h at most, and refuses more: it is not asked for more."""
    for number, call in enumerate(calls):
        if "DurationSeconds" in call and (number > 0 or capped):
            call["DurationSeconds"] = min(call["DurationSeconds"], HOUR)
    return calls


def announced_names(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A role session that nobody names has the user's name, not the time in it."""
    for call in calls:
        if str(call["RoleSessionName"]).startswith("botocore-session-"):
            call["RoleSessionName"] = "me"
    return calls


def announced_devices(calls: list[dict[str, Any]], made: Plan) -> list[dict[str, Any]]:
    """A code buys an MFA session, with the first device that is named; it goes with a role's own call only where that
    is the only one, and longer than 1 h. With a session's credentials there is no code to send. An empty mfa_serial,
    which STS would refuse, names none."""
    serials = [call.pop("SerialNumber") for call in calls if "SerialNumber" in call]
    named = next((serial for serial in serials if serial), None)
    if made.source.long_term is False or named is None:
        assert made.mfa in ("never", "refused")
        return announced_durations(calls, capped=made.source.long_term is False)
    assert made.device == named
    if len(calls) == 1 and calls[0].get("DurationSeconds", 0) > HOUR:
        assert made.mfa == "direct"
        calls[0]["SerialNumber"] = named
        return calls
    assert (made.mfa, made.hops[0].api, made.hops[0].parameters["SerialNumber"]) == ("first", "GetSessionToken", named)
    return announced_durations(calls, capped=True)


# What is wrong with it is the same in other words; (ours, theirs).
ANNOUNCED_WORDS = {
    # An access key ID is missing: we say so, botocore looks at the secret alone as at nothing.
    ("half a key", "no credentials"),
    # Half a key in the environment, or none of it.
    ("no credentials in the environment", "half a key"),
    ("no credentials in the environment", "not here"),
}


def announced_refusal(wrong: str, theirs: Answer) -> bool:
    """What no role's session may last is refused before AWS is asked, and before an endpoint is looked for."""
    asked = any(call.get("DurationSeconds", 0) > LONGEST_ROLE for call in theirs.calls)
    return wrong == "too long" and (asked or theirs.wrong in ("not here", "no such services"))


def assert_alike(
    directory: Path, config: str, credentials: str, profile: str | None, environ: Mapping[str, str]
) -> None:
    files = write(directory, config, credentials)
    with pytest.MonkeyPatch.context() as patch:
        theirs = answered_by_botocore(files, profile, environ, patch)
    try:
        made = make(directory, config, profile, credentials=credentials, environ=environ)
    except ShellhookError as error:
        wrong = " and ".join(means for words, means in OUR_WORDS.items() if words in error.what) or error.what
        assert wrong == theirs.wrong or (wrong, theirs.wrong) in ANNOUNCED_WORDS or announced_refusal(wrong, theirs)
        return
    ours = answered_by_us(made)
    assert (ours.wrong, ours.source) == (theirs.wrong, theirs.source)
    if not theirs.calls:
        assert not ours.calls, "announced: a user's own keys give a session of GetSessionToken"
        return
    calls = announced_devices(announced_names([dict(call) for call in theirs.calls]), made)
    assert [dict(call) for call in ours.calls] == calls
    assert ours.endpoint == theirs.endpoint
    assert ours.region in ("", theirs.region)


# --- tables


def of_files(config: str) -> str:
    """A process prints keys, and a token file is there."""
    return config.replace("credential_process = k\n", f"credential_process = {process('k')}\n")


def process(name: str) -> str:
    keys = json.dumps({"Version": 1, "AccessKeyId": name, "SecretAccessKey": "s"}, separators=(",", ":"))
    return f"echo '{keys}'"


ROWS = [
    *(
        pytest.param(of_files(row.config), row.credentials, row.profile, row.environ or {}, id=row.title)
        for row in (*BEGINS, *REFUSES)
        if row.kind != "container"  # botocore would ask it
    ),
    *(
        pytest.param(of_files(row.config), "", "x", {}, id=row.title)
        for row in (*VAULT, *DURATIONS, *DEVICES)
        if not (row.asked or row.learned or row.defaults)
    ),
]


@pytest.mark.parametrize(("config", "credentials", "profile", "environ"), ROWS)
def test_tables(
    config: str, credentials: str, profile: str | None, environ: dict[str, str], home: Path, tmp_path: Path
) -> None:
    environ = {"AWS_DEFAULT_REGION": "us-east-1", **environ}
    environ = {name: str(home / "token") if value == "/t" else value for name, value in environ.items()}
    config = config.replace("credential_process = get keys", f"credential_process = {process('p')}")
    config = config.replace("= /t\n", f"= {home / 'token'}\n")
    assert_alike(tmp_path, config, credentials, profile, environ)


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.title)
@pytest.mark.parametrize("services", ["local", "nope"])
def test_endpoints_and_regions(row: Reached, services: str, home: Path, tmp_path: Path) -> None:
    lines = row.lines.replace("services = local", f"services = {services}")
    lines += "" if "region" in lines else "\nregion = eu-west-1"
    config = role("x", "base", lines) + BASE + "region = us-west-2\nendpoint_url = http://of-the-source\n" + SERVICES
    assert_alike(tmp_path, config, "", "x", row.environ)


BUNDLELESS = [row for row in ENDPOINTS if "ca_bundle" not in row.lines]  # that file is not there


@pytest.mark.parametrize("row", BUNDLELESS, ids=lambda row: row.title)
def test_our_client_goes_there(row: Reached, home: Path, tmp_path: Path) -> None:
    made = make(tmp_path, f"[profile x]\n{KEYS}region = eu-west-1\n{row.lines}\n{SERVICES}", environ=row.environ)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**row.environ, "AWS_CONFIG_FILE": str(tmp_path / "config")}.items():
            patch.setenv(name, value)
        theirs = asked_at(Session(profile="x").create_client("sts"))
    keys = OurSession(access_key_id="AKIA", secret_access_key="s")
    assert asked_at(Aws(row.environ)._client("sts", made, keys)) == theirs


@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1"])
@pytest.mark.parametrize("fips", ["true", "false"])
@pytest.mark.parametrize("dualstack", ["true", "false"])
def test_the_kind_of_aws_s_own_endpoint(region: str, fips: str, dualstack: str, home: Path, tmp_path: Path) -> None:
    lines = f"region = {region}\nuse_fips_endpoint = {fips}\nuse_dualstack_endpoint = {dualstack}\n"
    made = make(tmp_path, f"[profile x]\n{KEYS}{lines}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        theirs = asked_at(Session(profile="x").create_client("sts"))
    keys = OurSession(access_key_id="AKIA", secret_access_key="s")
    assert asked_at(Aws({})._client("sts", made, keys)) == theirs
