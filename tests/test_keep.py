"""What `--save` writes is the same session again; what a first code proved becomes the profile's device."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from shellhook import keep, plan, profiles
from shellhook.assume import Outcome
from shellhook.errors import ShellhookError, WrongUsage
from shellhook.mfa import Asker
from shellhook.profiles import Files
from shellhook.request import Request
from shellhook.session import Session
from tests.plans import ACCOUNT, BASE, DEVICE, KEYS, arn, request, role
from tests.test_profiles import write
from tests.test_profiles_botocore import botocore_reads

if TYPE_CHECKING:
    from pathlib import Path

SESSION = Session(access_key_id="ASIA", secret_access_key="s3cr3t")
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "env-secret"}


CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/"}
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": arn("w")}


class Answering(Asker):
    """Somebody who answers yes or no, and remembers what was asked."""

    def __init__(self, answer: bool) -> None:
        super().__init__({}, None)
        self.answer = answer
        self.questions: list[str] = []

    def confirm(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer


def outcome_of(
    wanted: Request, environ: dict[str, str] | None = None, proved: str | None = None, user: str = "me"
) -> Outcome:
    read = profiles.read(Files(config=wanted.config, credentials=wanted.credentials))
    made = plan.make(wanted, read, environ or {}, user, {}, {})
    return Outcome(request=wanted, digest="", plan=made, session=SESSION, proved=proved)


def config_of(files: Files) -> str:
    with open(files.config, encoding="utf-8", newline="") as file:
        return file.read()


MFA = f"mfa_serial = {DEVICE}"
WHOLE = {
    "external_id": "e-1",
    "role_session_name": "named",
    "source_identity": "id",
    "tags": (("team", "a b"), ("cost", "")),
    "transitive_tag_keys": ("team", "cost"),
    "serial_number": DEVICE,
    "duration_seconds": 1800,
    "region": "eu-west-1",
}
SAVED = [
    # what is there, of which profile, what was typed, the environment
    pytest.param(BASE, "base", {"role_arn": arn("r")}, {}, id="a role on a user"),
    pytest.param(BASE + f"aws_account_id = {ACCOUNT}\n", "base", {"role_arn": "team/r"}, {}, id="a bare name"),
    pytest.param(BASE, "base", {"role_arn": arn("r"), **WHOLE}, {}, id="everything that can be said"),
    pytest.param(
        BASE, "base", {"role_arn": arn("r"), "duration_seconds": 7200, "serial_number": DEVICE}, {}, id="long"
    ),
    pytest.param(role("x", "y", MFA) + role("y") + BASE, "x", {"chain": ("more",)}, {}, id="a role on a chain"),
    pytest.param(
        role("x", "y", "external_id = e-x") + role("y") + BASE,
        "x",
        {"region": "eu-west-1"},
        {},
        id="a chain, another region",
    ),
    pytest.param(
        role(
            "x",
            "base",
            MFA,
            "external_id = e",
            "role_session_name = n",
            "source_identity = i",
            "session_tags = a=b",
            "transitive_session_tags = a",
            "duration_seconds = 900",
            "region = eu-west-1",
            "output = json",
            "ca_bundle = /b",
            "mfa_process = p",
            "endpoint_url = http://e",
            "use_fips_endpoint = true",
            "use_dualstack_endpoint = true",
            "sts_regional_endpoints = legacy",
        )
        + BASE,
        "x",
        {"external_id": "typed"},
        {},
        id="a profile with all of it, one thing changed",
    ),
    pytest.param(role("x", "x", MFA) + KEYS, "x", {"duration_seconds": 900}, {}, id="a profile with keys of its own"),
    pytest.param(
        f"[profile x]\nrole_arn = {arn('x')}\ncredential_source = Environment\n",
        "x",
        {"duration_seconds": 900},
        ENVIRONMENT,
        id="credential_source",
    ),
    pytest.param(
        f"[profile x]\nrole_arn = {arn('x')}\ncredential_source = Environment\n",
        "x",
        {"role_arn": arn("r")},
        ENVIRONMENT,
        id="a role on a credential_source",
    ),
    pytest.param("", None, {"role_arn": arn("r"), "external_id": "e-1"}, ENVIRONMENT, id="the environment's keys"),
    pytest.param("[profile y]\n", None, {"role_arn": arn("r")}, CONTAINER, id="a container's credentials"),
    pytest.param(
        f"[profile web]\nrole_arn = {arn('w')}\nweb_identity_token_file = /t\n",
        "web",
        {"role_arn": arn("r")},
        {},
        id="a profile's web identity",
    ),
    pytest.param(role("x") + BASE, None, {"role_arn": arn("r")}, {"AWS_PROFILE": "x"}, id="the profile of AWS_PROFILE"),
    pytest.param(
        BASE + "region = eu-west-1\nendpoint_url = http://e\nservices = s\n[services s]\nsts =\n"
        "  endpoint_url = http://sts\n",
        "base",
        {"role_arn": arn("r")},
        {},
        id="where the profile's AWS is",
    ),
]


@pytest.mark.parametrize(("there", "profile", "typed", "environ"), SAVED)
@pytest.mark.parametrize("name", ["new", "my profile"])
def test_what_is_saved_is_the_same_session(
    there: str, profile: str | None, typed: dict[str, Any], environ: dict[str, str], name: str, tmp_path: Path
) -> None:
    files = write(tmp_path, there)
    before = outcome_of(request(files, profile, **typed), environ)
    keep.as_profile(name, before, Answering(False), yes=True)
    after = outcome_of(request(files, name), environ)
    hops = len(before.plan.hops)
    assert after.plan.identity(hops) == before.plan.identity(hops)
    assert len(after.plan.hops) == hops
    for part in ("mfa", "device", "region", "settings", "endpoints", "mfa_process"):
        assert getattr(after.plan, part) == getattr(before.plan, part), part
    assert config_of(files).startswith(there)
    assert botocore_reads(files).full_config["profiles"][name]["role_arn"] == before.plan.role_arn


def test_it_is_shown_first_and_written_after_a_yes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = write(tmp_path, BASE)
    outcome = outcome_of(request(files, "base", role_arn=arn("r")))
    no, yes = Answering(False), Answering(True)
    keep.as_profile("new", outcome, no, yes=False)
    assert config_of(files) == BASE
    shown = capsys.readouterr().err
    assert files.config in shown
    keep.as_profile("new", outcome, yes, yes=False)
    added = config_of(files).removeprefix(BASE).strip()
    assert added == f"[profile new]\nrole_arn = {arn('r')}\nsource_profile = base"
    assert "\n".join(f"    {line}" for line in added.splitlines()) in shown
    assert len(no.questions) == len(yes.questions) == 1


def test_what_a_profile_cannot_say_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = request(write(tmp_path, BASE), "base", role_arn=arn("r"), policy="{}", mfa_duration=900)
    keep.as_profile("new", outcome_of(wanted), Answering(True), yes=False)
    said = capsys.readouterr().err
    assert "--policy, --mfa-duration" in said
    assert "--policy-arns" not in said


def test_a_device_that_was_proved_on_the_way_is_saved_with_it(tmp_path: Path) -> None:
    files = write(tmp_path, BASE)
    keep.as_profile("new", outcome_of(request(files, "base", role_arn=arn("r")), proved=DEVICE), Answering(True), True)
    assert profiles.read(files).profile("new").get("mfa_serial") == DEVICE


NOT_SAVED = [
    ("base", {"role_arn": arn("r")}, ["'base'", "already"]),
    ("new", {}, ["role"]),
    ("new", {"chain": ("a", "b")}, ["one by one"]),
    ("new", {"role_arn": arn("a"), "chain": ("b",)}, ["one by one"]),
    ("a]b", {"role_arn": arn("r")}, ["'a]b'"]),
    ("new", {"role_arn": arn("r"), "serial_number": "a\nb"}, ["mfa_serial"]),
]


@pytest.mark.parametrize(("name", "typed", "words"), NOT_SAVED)
def test_what_cannot_be_saved(name: str, typed: dict[str, Any], words: list[str], tmp_path: Path) -> None:
    files = write(tmp_path, BASE)
    with pytest.raises(ShellhookError) as caught:
        keep.as_profile(name, outcome_of(request(files, "base", **typed)), Answering(True), True)
    assert isinstance(caught.value, WrongUsage) or name == "a]b" or "serial_number" in typed
    assert [word for word in words if word not in str(caught.value)] == []
    assert config_of(files) == BASE


WITHOUT_A_NAME = [
    # what is there, of which profile, the environment, and what is said
    pytest.param(
        "", None, WEB, ["the environment: web-identity", "add a profile"], id="the environment's web identity"
    ),
    pytest.param("[profile x]\n", None, {**WEB, "AWS_PROFILE": "x"}, ["web-identity"], id="the same, and a profile"),
    pytest.param("[profile x]\n", "x", {}, ["config:1", "credential_source"], id="what the machine offers"),
    pytest.param(role("x") + KEYS + BASE, "x", {}, ["config:2", "its keys"], id="a role with keys beside it"),
]


@pytest.mark.parametrize(("there", "profile", "environ", "words"), WITHOUT_A_NAME)
def test_what_no_source_profile_can_name(
    there: str, profile: str | None, environ: dict[str, str], words: list[str], tmp_path: Path
) -> None:
    files = write(tmp_path, there)
    outcome = outcome_of(request(files, profile, role_arn=arn("r")), environ)
    with pytest.raises(WrongUsage) as caught:
        keep.as_profile("new", outcome, Answering(True), yes=True)
    assert [word for word in words if word not in str(caught.value)] == []
    assert config_of(files) == there


# --- a device


DEVICES = [
    # the profile's file before, and after
    pytest.param(role("x") + BASE, "", role("x").replace("]\n", f"]\n{MFA}\n") + BASE, id="a role"),
    pytest.param("[profile x]\r\n  region = a", "", f"[profile x]\r\n  {MFA}\r\n  region = a", id="indented, Windows"),
    pytest.param("", f"[x]\n{KEYS}", f"[profile x]\n{MFA}\n", id="a profile of the credentials file"),
    pytest.param("[profile y]\n", f"[x]\n{KEYS}", f"[profile y]\n\n[profile x]\n{MFA}\n", id="the same, and others"),
]


@pytest.mark.parametrize(("config", "credentials", "after"), DEVICES)
def test_a_device_becomes_the_profiles(config: str, credentials: str, after: str, tmp_path: Path) -> None:
    files = write(tmp_path, config, credentials)
    asker = Answering(True)
    keep.device(DEVICE, outcome_of(request(files), proved=DEVICE), asker)
    assert config_of(files) == after
    assert files.config in asker.questions[0]
    assert botocore_reads(files).full_config["profiles"]["x"]["mfa_serial"] == DEVICE
    assert outcome_of(request(files)).plan.device == DEVICE
    if credentials:
        assert (tmp_path / "credentials").read_text() == credentials


def test_no_means_no(tmp_path: Path) -> None:
    files = write(tmp_path, role("x") + BASE)
    keep.device(DEVICE, outcome_of(request(files), proved=DEVICE), Answering(False))
    assert config_of(files) == role("x") + BASE


UNTOUCHED = [
    pytest.param(role("x", "base", "mfa_serial =") + BASE, "x", {}, id="there is a line, which is empty"),
    pytest.param(role("x", "base", "MFA_Serial=") + BASE, "x", {}, id="the same, in other letters"),
    pytest.param(role("r") + BASE, None, ENVIRONMENT, id="keys of the environment, and a profile named like the role"),
]


@pytest.mark.parametrize(("config", "profile", "environ"), UNTOUCHED)
def test_where_a_device_has_no_place(config: str, profile: str | None, environ: dict[str, str], tmp_path: Path) -> None:
    """A second mfa_serial in one section would make botocore refuse the whole file."""
    files = write(tmp_path, config)
    wanted = request(files, profile, role_arn=None if profile else arn("r"))
    asker = Answering(True)
    keep.device(DEVICE, outcome_of(wanted, environ, DEVICE), asker)
    assert config_of(files) == config
    assert asker.questions == []


def test_nothing_fails_for_a_device(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The session is there: what cannot be written is said, no more."""
    files = write(tmp_path, role("x") + BASE)
    outcome = outcome_of(request(files), proved=DEVICE)
    gone = outcome.replace(plan=outcome.plan.replace(profile="gone"))
    keep.device(DEVICE, gone, Answering(True))
    write(tmp_path, "[profile x]\nnonsense\n")
    keep.device(DEVICE, outcome, Answering(True))
    assert "config:2" in capsys.readouterr().err
    assert config_of(files) == "[profile x]\nnonsense\n"


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_config_that_was_not_there_is_nobody_elses(tmp_path: Path) -> None:
    files = Files(config=str(tmp_path / "aws" / "config"), credentials=str(tmp_path / "credentials"))
    (tmp_path / "credentials").write_text(f"[x]\n{KEYS}")
    keep.device(DEVICE, outcome_of(request(files), proved=DEVICE), Answering(True))
    assert config_of(files) == f"[profile x]\n{MFA}\n"
    assert stat.S_IMODE(os.stat(files.config).st_mode) == 0o600
