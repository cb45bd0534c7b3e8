"""What goes over the wire to STS, ours beside botocore's: each parameter, and who signed it for which region."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from shellhook import plan
from shellhook.broker import Broker
from shellhook.errors import ShellhookError
from shellhook.profiles import read
from shellhook.sources import fetch
from shellhook.store import Store
from shellhook.sts import Aws
from tests.desk import Typist
from tests.plans import BASE, DEVICE, arn, request
from tests.proof.configurations import configuration
from tests.proof.extent import extent, figure
from tests.proof.recorder import Call, Recorder, given, recording
from tests.proof.test_right import announced_region, announced_tags
from tests.test_plan_botocore import LOADER, announced_devices, announced_names, home
from tests.test_profiles import write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from shellhook.plan import Plan
    from shellhook.profiles import Files
    from shellhook.request import Request
    from tests.proof.configurations import Made

__all__ = ["home"]  # a fixture

CODE = "123456"
PARTS = extent(1, 8)  # for as many processes
ELSEWHERE = ("sso", "instance", "container", "login", "machine")  # sources that another service gives


@pytest.fixture(scope="module")
def sts() -> Iterator[Recorder]:
    with recording() as server:
        yield server


def called_by_us(made: Plan, files: Files, environ: Mapping[str, str], root: Path, sts: Recorder) -> list[Call]:
    """The calls that a session of this plan takes, made by our own client. Nothing is in the store."""
    Broker(
        Store(str(root / os.urandom(8).hex())),
        time.time,
        Typist(CODE, device=None),
        Aws(environ),
        lambda: fetch.credentials(made.source, read(files), environ, None, made.profile),
        lambda _said: None,
    ).session(made)
    return sts.taken()


def called_by_botocore(profile: str | None, environ: Mapping[str, str], sts: Recorder) -> list[Call] | None:
    """... by botocore; None if it has no credentials for it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        session = Session(profile=profile)
        session.register_component("data_loader", LOADER)
        for provider in session.get_component("credential_provider").providers:
            if provider.METHOD == "assume-role":
                provider._prompter = lambda _question: CODE
        try:
            found = session.get_credentials()
            if found is None or not found.get_frozen_credentials().access_key:
                return None
        except (BotoCoreError, ValueError):
            return None
        finally:
            calls = sts.taken()
    return calls


def typed(call: Call) -> dict[str, Any]:
    """A call's parameters as botocore's caller gives them, the code and what every call has left out."""
    assert call.parameters["Version"] == "2011-06-15"
    left = {name: value for name, value in call.parameters.items() if name not in ("Action", "Version", "TokenCode")}
    assert ("SerialNumber" in left) is ("TokenCode" in call.parameters)
    assert call.parameters.get("TokenCode", CODE) == CODE
    return {name: int(value) if name == "DurationSeconds" else value for name, value in left.items()}


def roles(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.action == "AssumeRole"]


@pytest.mark.parametrize("part", range(PARTS))
def test_the_calls_of_made_up_configurations(part: int, home: Path, sts: Recorder, tmp_path: Path) -> None:
    met: Counter[int] = Counter()
    for number in range(part, extent(60, 1000), PARTS):
        made = configuration(number, home / "token")
        files = write(tmp_path, *made.texts(mended=True))
        environ = {name: value for name, value in made.environ.items() if "ENDPOINT" not in name}
        environ |= {"AWS_ENDPOINT_URL": sts.url, "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true"}
        environ |= {"AWS_CONFIG_FILE": files.config, "AWS_SHARED_CREDENTIALS_FILE": files.credentials}
        for profile in read(files).names():
            one = made._replace(profile=profile, environ=environ)
            planned = planned_role(one, files)
            if planned is None:
                continue
            theirs = called_by_botocore(profile, announced_region(one, read(files)), sts)
            if theirs is None:
                continue
            ours = called_by_us(planned, files, environ, tmp_path, sts)
            try:
                assert_alike(planned, ours, theirs)
            except AssertionError as error:
                raise AssertionError(f"profile {profile!r} of configuration {number}: {made}") from error
            met[len(ours)] += 1
    assert met.total() > 5
    figure("Right", f"roles whose calls over the wire were compared, part {part + 1}", met.total())


def planned_role(made: Made, files: Files) -> Plan | None:
    """The plan of a profile that assumes a role by calls to STS; None of any other: `test_right` has those."""
    try:
        planned = plan.make(request(files, made.profile), read(files), made.environ, "me", {}, {})
    except ShellhookError:
        return None
    calls_sts = planned.role_arn and planned.source.kind not in ELSEWHERE
    return planned if calls_sts and planned.endpoints.get("sts") == made.environ["AWS_ENDPOINT_URL"] else None


def assert_alike(planned: Plan, ours: list[Call], theirs: list[Call]) -> None:
    wanted = announced_devices(announced_names([typed(call) for call in roles(theirs)]), planned)
    assert announced_tags([typed(call) for call in roles(ours)]) == wanted
    assert [call.region for call in roles(ours)] == announced_empty_regions(roles(theirs))
    assert {call.service for call in ours if call.key_id} == {"sts"}
    # Each is signed with what the one before it gave; the first with the source, ours maybe through an MFA session.
    first = ours.index(roles(ours)[0])
    assert [call.key_id for call in ours[first + 1 :]] == [given(n) for n in range(first + 1, len(ours))]
    assert ours[0].key_id == theirs[0].key_id
    if [call.action for call in ours[:first]] == ["GetSessionToken"]:
        assert typed(ours[0]) == {"DurationSeconds": planned.mfa_duration, "SerialNumber": planned.device}
        assert ours[1].key_id == given(1)
    else:
        assert [call._replace(parameters={}) for call in ours[:first]] == [
            call._replace(parameters={}) for call in theirs[: len(theirs) - len(roles(theirs))]
        ]


def announced_empty_regions(theirs: list[Call]) -> list[str]:
    """An empty region is none, which is us-east-1 to both."""
    return [call.region or "us-east-1" for call in theirs]


# --- what can only be typed


def any_request(dice: Random, files: Files) -> tuple[Request, dict[str, Any]]:
    """A request of a role with options, and the parameters of its AssumeRole, as AWS's documentation has them."""
    word = "".join(dice.choice("abcXYZ019_+=,.@-") for _ in range(dice.randint(2, 64)))
    policy = json.dumps({"Statement": [word, "é\n&+ %"]})
    tags = (("k é", "v=,"), ("k2", ""))
    # An option, its value, the parameter that it is, and that one's value
    some: list[tuple[str, Any, str, Any]] = [
        ("external_id", f"{word}:/", "ExternalId", f"{word}:/"),
        ("role_session_name", word, "RoleSessionName", word),
        ("source_identity", word, "SourceIdentity", word),
        ("duration_seconds", seconds := dice.randint(900, 3600), "DurationSeconds", seconds),
        ("tags", tags, "Tags", [{"Key": key, "Value": value} for key, value in tags]),
        ("transitive_tag_keys", ("k é", "k2"), "TransitiveTagKeys", ["k é", "k2"]),
        ("policy", policy, "Policy", policy),
        (
            "policy_arns",
            (f"arn:aws:iam::aws:policy/{word}",),
            "PolicyArns",
            [{"arn": f"arn:aws:iam::aws:policy/{word}"}],
        ),
        ("serial_number", DEVICE, "", None),
        ("region", dice.choice(["us-east-1", "eu-west-1", "us-west-2"]), "", None),
    ]
    taken = dice.sample(some, dice.randint(0, len(some)))
    parameters = {name: value for _, _, name, value in taken if name}
    options = {option: value for option, value, _, _ in taken}
    wanted = request(files, "base", role_arn="typed", **options)
    return wanted, {"RoleArn": arn("typed"), "RoleSessionName": "me", **parameters}


def test_the_calls_of_options(sts: Recorder, tmp_path: Path) -> None:
    """The bodies and scopes are those of botocore, called with what AWS's documentation asks for."""
    files = write(tmp_path, f"{BASE}aws_account_id = 111122223333\nregion = ap-south-1\n")
    environ = {"AWS_ENDPOINT_URL": sts.url}
    session = Session()
    session.register_component("data_loader", LOADER)

    def client(region: str | None, key_id: str, secret: str, token: str | None = None) -> Any:
        return session.create_client(
            "sts",
            region or "ap-south-1",
            endpoint_url=sts.url,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )

    compared = extent(10, 1000)
    for number in range(compared):
        wanted, parameters = any_request(Random(number), files)  # noqa: S311 - the same each time
        ours = called_by_us(plan.make(wanted, read(files), environ, "me", {}, {}), files, environ, tmp_path, sts)
        theirs = client(wanted.region, "AKIABASE", "base-secret")
        if wanted.serial_number:
            theirs.get_session_token(DurationSeconds=43_200, SerialNumber=DEVICE, TokenCode=CODE)
            theirs = client(wanted.region, given(1), "s", "t1")
        theirs.assume_role(**parameters)
        assert ours == sts.taken(), number
    figure("Right", "requests with options whose calls over the wire were compared with botocore's", compared)
