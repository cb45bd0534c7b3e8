"""The policy documents, and whom they name: what files and options say, before any AWS judges it (tests/cli)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from shellhook import policy, principal, profiles
from shellhook.errors import WrongUsage
from shellhook.plan import make
from shellhook.request import Request

if TYPE_CHECKING:
    from pathlib import Path

ALICE = "arn:aws:iam::111122223333:user/alice"
KEYS = "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = wJalr"
FILES = f"""
[profile base]
{KEYS}
mfa_serial = arn:aws:iam::111122223333:mfa/alice
[profile fido]
{KEYS}
mfa_serial = arn:aws:iam::111122223333:u2f/user/erin/yubikey-ABC
[profile token]
{KEYS}
mfa_serial = GAHT12345678
[profile under-a-path]
{KEYS}
mfa_serial = arn:aws:iam::111122223333:mfa/team/alice
[profile root]
{KEYS}
mfa_serial = arn:aws:iam::111122223333:mfa/root-account-mfa-device
[profile china]
{KEYS}
mfa_serial = arn:aws-cn:iam::111122223333:mfa/li
region = cn-north-1
[profile sso]
sso_start_url = https://d-0000000000.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 111122223333
sso_role_name = Admin
[profile pod]
role_arn = arn:aws:iam::111122223333:role/pod
web_identity_token_file = /token
[profile vendor]
credential_process = vendor
[profile first]
role_arn = arn:aws:iam::111122223333:role/first
source_profile = base
"""


def caller_of(source: str, tmp_path: Path) -> principal.Principal | None:
    """Who calls AssumeRole for a role that this profile is the source of."""
    config = tmp_path / "config"
    config.write_text(f"{FILES}\n[profile x]\nrole_arn = arn:aws:iam::444455556666:role/x\nsource_profile = {source}\n")
    files = profiles.Files(config=str(config), credentials=str(tmp_path / "none"))
    configuration = profiles.read(files)
    region = "cn-north-1" if source == "china" else "us-east-1"
    if source == "china":
        config.write_text(config.read_text().replace("arn:aws:iam::444455556666:role/x", "arn:aws-cn:iam::4:role/x"))
        configuration = profiles.read(files)
    request = Request(profile="x", config=files.config, credentials=files.credentials, region=region)
    return principal.of_role(make(request, configuration, {}, "me", {}, {}), configuration)


@pytest.mark.parametrize(
    ("source", "arn", "name"),
    [
        ("base", ALICE, "user alice"),
        ("fido", "arn:aws:iam::111122223333:user/erin", "user erin"),
        ("root", "arn:aws:iam::111122223333:root", "account 111122223333"),
        ("china", "arn:aws-cn:iam::111122223333:user/li", "user li"),
        ("sso", "arn:aws:iam::111122223333:root", "permission set Admin"),
        ("pod", "arn:aws:iam::111122223333:role/pod", "role pod"),
        ("first", "arn:aws:iam::111122223333:role/first", "role first"),  # a chain
    ],
)
def test_who_assumes_a_role(source: str, arn: str, name: str, tmp_path: Path) -> None:
    found = caller_of(source, tmp_path)
    assert found is not None
    assert (found.arn, found.name) == (arn, name)


@pytest.mark.parametrize("source", ["token", "under-a-path", "vendor"])
def test_nobody_is_guessed_where_the_files_do_not_say(source: str, tmp_path: Path) -> None:
    assert caller_of(source, tmp_path) is None


def test_a_guess_says_what_it_is_and_where_it_comes_from(tmp_path: Path) -> None:
    found = caller_of("base", tmp_path)
    assert found is not None
    assert found.where == f"by the name of the MFA device, {tmp_path / 'config'}:5"


def test_a_permission_set_is_meant_by_a_pattern_that_outlives_its_suffix(tmp_path: Path) -> None:
    found = caller_of("sso", tmp_path)
    assert found is not None
    assert found.pattern == ("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Admin_*")


@pytest.mark.parametrize(
    ("given", "arn"),
    [
        (ALICE, ALICE),
        ("111122223333", "arn:aws-cn:iam::111122223333:root"),
        ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root"),
        ("arn:aws:iam::111122223333:role/ci/deploy", "arn:aws:iam::111122223333:role/ci/deploy"),
        ("arn:aws:sts::111122223333:assumed-role/a/me", "arn:aws:sts::111122223333:assumed-role/a/me"),
    ],
)
def test_whom_an_option_names(given: str, arn: str) -> None:
    assert principal.given(given, "aws-cn").arn == arn


@pytest.mark.parametrize(
    "given",
    [
        *("*", "alice", "11112222333", "arn:aws:iam::111122223333:user/", "arn:aws:iam::111122223333:user/*"),
        *("arn:aws:iam::111122223333:group/all", "arn:aws:iam::111122223333:mfa/alice", "arn:aws:iam:::user/alice"),
        "arn:aws:iam::111122223333:root/x",
    ],
)
def test_what_no_policy_can_name_is_refused(given: str) -> None:
    with pytest.raises(WrongUsage, match="nobody that a policy can name"):
        principal.given(given, "aws")


def test_a_trust_policy_without_conditions_has_no_empty_one() -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}
    assert policy.trust([ALICE]) == {"Version": "2012-10-17", "Statement": [statement]}


def test_the_conditions_of_a_trust_policy() -> None:
    (statement,) = policy.trust([ALICE, "x"], pattern="p", external_id="acme", mfa=True)["Statement"]
    assert statement["Principal"] == {"AWS": [ALICE, "x"]}
    assert statement["Condition"] == {
        "ArnLike": {"aws:PrincipalArn": "p"},
        "StringEquals": {"sts:ExternalId": "acme"},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    }


def test_tags_and_a_source_identity_are_permissions_of_their_own() -> None:
    sent = {"Tags": [{"Key": "a", "Value": "b"}], "SourceIdentity": "me", "ExternalId": "x"}
    assert policy.actions(sent) == ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]


@pytest.mark.parametrize(
    ("user", "name"),
    [("alice", "alice"), ("a" * 40, "a" * 32), (None, "${aws:username}")],
)
def test_a_console_is_asked_for_under_the_user_s_own_name_as_far_as_aws_takes_it(user: str | None, name: str) -> None:
    (statement,) = policy.federation("aws-us-gov", None, user)["Statement"]
    assert statement["Resource"] == f"arn:aws-us-gov:sts::*:federated-user/{name}"


def test_mfa_deny_leaves_open_what_aws_s_own_example_leaves_open() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html"""
    statements = {each["Sid"]: each for each in policy.mfa_deny("aws")["Statement"]}
    deny = statements["DenyAllExceptListedIfNoMFA"]
    assert set(deny["NotAction"]) == {
        *("iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:GetMFADevice"),
        *("iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"),
    }
    assert deny["Condition"] == {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    assert [each["Effect"] for each in statements.values()] == ["Allow", "Allow", "Allow", "Deny"]


def test_mfa_deny_is_of_the_partition() -> None:
    text = policy.text(policy.mfa_deny("aws-cn"))
    assert "arn:aws:" not in text
    assert json.loads(text)["Statement"][2]["Resource"] == "arn:aws-cn:iam::*:user/${aws:username}"
