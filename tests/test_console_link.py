"""Which credentials sign in to the console, and for how long."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest

from shellhook import console_link, federated_user, sts
from shellhook.errors import NoNetwork, ShellhookError, WrongUsage
from shellhook.sandbox.browser import fetch
from tests.plans import KEYS, configuration, make
from tests.sso.people import logged_in

if TYPE_CHECKING:
    from pathlib import Path

    from shellhook.console_link import Link
    from tests.desk import Desk

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"


def landed(link: Link) -> dict[str, str]:
    """What the page says of who has signed in."""
    rows = re.findall(r'<dd id="(\w+)">([^<]*)</dd>', fetch(link.url).text)
    return {name: html.unescape(text) for name, text in rows}


def link(desk: Desk, profile: str, asked: str = "", code: str | None = None, **overrides: Any) -> Link:
    return console_link.make(desk.here, desk.request(profile, **overrides), asked, code=code)


def signed_in_with(desk: Desk) -> list[str | None]:
    """The durations that were asked for, call by call."""
    return [call["values"].get("SessionDuration") for call in desk.sandbox.calls(service="signin")]


def role(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{name}/me"


def test_a_role_assumed_directly_has_a_long_console(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    said = landed(link(desk, "long", "ec2", code=desk.sandbox.code("alice")))
    assert said["identity"] == role("power-user")
    assert said["seconds"] == "43200"
    assert said["destination"] == "https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1"
    assert said["issuer"] == "shellhook"
    # Without a device named, from the keys alone.
    assert landed(link(desk, "dave-read-only"))["seconds"] == "43200"
    assert "lasts" not in capsys.readouterr().err


def test_a_role_assumed_with_a_session_has_a_short_one(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    identities = []
    for profile, code in (("power-user", desk.sandbox.code("alice")), ("read-only", None), ("admin", None)):
        said = landed(link(desk, profile, code=code))
        identities.append(said["identity"])
        assert int(said["seconds"]) <= 3600
        assert "lasts as long as the session, 1h00m" in capsys.readouterr().err.replace("59m", "1h00m")
    # read-only names no device: it is assumed from the MFA session that there is.
    assert identities == [role("power-user"), role("read-only"), role("admin", OTHER_ACCOUNT)]
    assert signed_in_with(desk) == [None, None, None]


def test_a_duration_that_is_refused_all_the_same(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_link, "_is_short", lambda *_: False)
    said = landed(link(desk, "power-user", code=desk.sandbox.code("alice")))
    assert said["identity"] == role("power-user")
    assert signed_in_with(desk) == ["43200", None]
    assert "AWS did not grant it 12h" in capsys.readouterr().err


def test_the_region_is_the_sessions(desk: Desk) -> None:
    code = desk.sandbox.code("alice")
    assert landed(link(desk, "power-user", "s3", code))["destination"].startswith("https://eu-central-1.")
    assert landed(link(desk, "power-user", "s3", region="eu-west-3"))["destination"].startswith("https://eu-west-3.")
    here = desk.here
    request = desk.request("no-region")
    assert landed(console_link.make(here, request, "s3"))["destination"].startswith("https://us-east-1.")
    with pytest.raises(WrongUsage, match="cn-north-1"):
        console_link.make(here, desk.request("power-user"), "s3", region="cn-north-1")


def test_a_session_of_identity_center_signs_in_directly(desk: Desk) -> None:
    logged_in(desk)
    said = landed(link(desk, "corp-admin"))
    assert "assumed-role/AWSReservedSSO_AdministratorAccess_" in said["identity"]
    assert said["seconds"] == "43200"
    said = landed(link(desk, "corp-deploy"))
    assert said["identity"] == role("deploy")
    assert int(said["seconds"]) <= 3600, "a role on top of it is chained"


# --- bare keys


def test_bare_keys_are_a_federated_user(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    made = link(desk, "bob", "iam")
    assert (made.profile, made.account) == ("bob", ACCOUNT)
    said = landed(made)
    assert said["identity"] == f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    assert int(said["seconds"]) == pytest.approx(43_200, abs=5)
    (call,) = desk.sandbox.calls("GetFederationToken")
    assert call["values"] == {"DurationSeconds": "43200", "Name": "bob", "Policy": federated_user.EVERYTHING}
    assert desk.sandbox.calls("GetSessionToken") == []
    assert "12h00m" in capsys.readouterr().err.replace("11h59m", "12h00m")


def test_bare_keys_with_a_duration_and_a_policy(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    link(desk, "bob", code="123456", duration_seconds=129_600, policy=policy)
    (call,) = desk.sandbox.calls("GetFederationToken")
    assert call["values"] == {"DurationSeconds": "129600", "Name": "bob", "Policy": policy}
    assert "code is not used" in capsys.readouterr().err
    desk.sandbox.forget_calls()
    link(desk, "bob", policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",))
    (call,) = desk.sandbox.calls("GetFederationToken")
    assert "Policy" not in call["parameters"]
    assert "PolicyArns.member.1.arn" in call["parameters"]


def test_keys_of_the_environment(desk: Desk) -> None:
    keys = desk.key_of("bob")
    desk.environ["AWS_ACCESS_KEY_ID"] = keys["aws_access_key_id"]
    desk.environ["AWS_SECRET_ACCESS_KEY"] = keys["aws_secret_access_key"]
    made = console_link.make(desk.here, desk.request(None), "")
    assert landed(made)["identity"] == f"arn:aws:sts::{ACCOUNT}:federated-user/bob"


def test_keys_that_only_turn_out_to_be_long_term(desk: Desk, tmp_path: Path) -> None:
    keys = desk.key_of("bob")
    answer = tmp_path / "answer.json"
    answer.write_text(
        f'{{"Version": 1, "AccessKeyId": "{keys["aws_access_key_id"]}", '
        f'"SecretAccessKey": "{keys["aws_secret_access_key"]}"}}'
    )
    desk.profile("command", credential_process=f"cat '{answer}'")
    assert landed(link(desk, "command"))["identity"] == f"arn:aws:sts::{ACCOUNT}:federated-user/bob"


def test_a_permission_that_is_missing(desk: Desk) -> None:
    with pytest.raises(ShellhookError, match="'base'") as caught:
        link(desk, "base")
    statement = (
        '{"Effect": "Allow", "Action": "sts:GetFederationToken", '
        f'"Resource": "arn:aws:sts::{ACCOUNT}:federated-user/alice"}}'
    )
    assert caught.value.remedy.endswith(statement)
    assert "assume power-user --console, " in caught.value.remedy


def test_a_user_who_is_denied_everything_without_mfa(desk: Desk) -> None:
    with pytest.raises(ShellhookError, match="'carol'") as caught:
        link(desk, "carol")
    assert "refused everything" in caught.value.why
    assert caught.value.remedy.endswith("assume carol-read-only --console")


def test_a_key_that_aws_does_not_know(desk: Desk) -> None:
    desk.sandbox.deactivate("bob")
    with pytest.raises(ShellhookError, match="gives no session") as caught:
        link(desk, "bob")
    assert "deleted or deactivated" in caught.value.why


class _Asked:
    """STS and IAM that answer as they are told to."""

    def __init__(self, probe: Exception | None = None, token: Exception | None = None, arn: str = "") -> None:
        self.probe, self.token, self.arn = probe, token, arn or f"arn:aws:iam::{ACCOUNT}:user/team/someone"
        self.sent: dict[str, object] = {}

    def __call__(self, *_: object) -> _Asked:
        return self

    def caller(self, *_: object) -> tuple[str, str]:
        return ACCOUNT, self.arn

    def federation_token(self, plan: object, keys: Any, parameters: dict[str, object]) -> Any:
        if self.token:
            raise self.token
        self.sent = dict(parameters)
        return keys.replace(arn=f"arn:aws:sts::{ACCOUNT}:federated-user/x", session_token="t")

    def key_created(self, *_: object) -> int:
        if self.probe:
            raise self.probe
        return 0


def federated(asked: _Asked, directory: Path, monkeypatch: pytest.MonkeyPatch, **wanted: Any) -> tuple[Any, list[str]]:
    from shellhook.session import Session
    from tests.plans import request
    from tests.test_profiles import write

    monkeypatch.setattr(federated_user, "Aws", asked)
    plan = make(directory, f"[profile x]\n{KEYS}")
    keys, said = Session(access_key_id="AKIABASE", secret_access_key="base-secret"), []
    given = federated_user.session(plan, keys, request(write(directory, ""), **wanted), {}, ["a b", "c"], said.append)
    return given, said


DENIED = "User: u is not authorized to perform: iam:ListAccessKeys on resource: user u "
PROBES = [
    (None, False),
    (sts.Refused("AccessDenied", f"{DENIED}with an explicit deny in an identity-based policy", None), True),
    (sts.Refused("AccessDenied", f"{DENIED}because no identity-based policy allows it", None), False),
    (NoNetwork("IAM is out of reach"), False),
]


@pytest.mark.parametrize(("probe", "warned"), PROBES)
def test_a_console_that_would_be_refused_everything(
    probe: Exception | None, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, said = federated(_Asked(probe), tmp_path, monkeypatch)
    assert given.session_token == "t"
    assert given.account == ACCOUNT
    assert bool(said) == warned
    if warned:
        assert "refused everything" in said[0]
        assert "assume 'a b' --console, assume c --console" in said[0]


def test_credentials_that_aws_takes_no_such_call_from_sign_in_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = sts.Refused("AccessDenied", "Cannot call GetFederationToken with session credentials", None)
    given, said = federated(_Asked(token=refused), tmp_path, monkeypatch)
    assert given.access_key_id == "AKIABASE"
    assert said == []


NAMES = [
    (f"arn:aws:iam::{ACCOUNT}:user/team/someone", "someone", 43_200),
    (f"arn:aws:iam::{ACCOUNT}:user/{'long.' * 10}", ("long." * 10)[:32], 43_200),
    (f"arn:aws:iam::{ACCOUNT}:user/x", "shellhook", 43_200),
    (f"arn:aws:iam::{ACCOUNT}:root", "root", 3600),
]


@pytest.mark.parametrize(("arn", "name", "seconds"), NAMES)
def test_names(arn: str, name: str, seconds: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _Asked(arn=arn)
    federated(asked, tmp_path, monkeypatch)
    assert asked.sent["Name"] == name
    assert asked.sent["DurationSeconds"] == seconds


def test_the_roles_that_are_named(tmp_path: Path) -> None:
    text = f"[profile x]\n{KEYS}\n[profile b]\nrole_arn = r\nsource_profile = x\n[profile c]\nsource_profile = x\n"
    text = f"[profile wrecked]\nregion us-east-1\n{text}"
    assert federated_user.roles_of(make(tmp_path, text), configuration(tmp_path, text)) == ["b"]
