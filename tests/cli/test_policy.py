"""shellhook policy: what it prints is given to an IAM that judges, and the people it is for try what they may."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.people import (
    ACCOUNT,
    assume,
    client,
    mfa_session,
    refusal,
    role_arn,
    sts,
    user_arn,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from shellhook.sandbox import Sandbox
    from tests.desk import Desk, Done

TAGS = {"Tags": [{"Key": "team", "Value": "ops"}], "SourceIdentity": "me"}


class Administrator:
    """Somebody who may do everything in the account, and leaves it as it was."""

    def __init__(self, sandbox: Sandbox, leaving: contextlib.ExitStack) -> None:
        self._leaving = leaving
        self.iam = client(sandbox, "iam", assume(sandbox, "alice", "tagged", external_id=False, **TAGS))

    def role(self, name: str, trust: str) -> None:
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        self._leaving.callback(self.iam.delete_role, RoleName=name)

    def policy(self, user: str, document: str, name: str = "printed") -> None:
        self.iam.put_user_policy(UserName=user, PolicyName=name, PolicyDocument=document)
        self._leaving.callback(self.iam.delete_user_policy, UserName=user, PolicyName=name)

    def user(self, name: str) -> dict[str, str]:
        """A new user, who may do nothing; their key."""
        self.iam.create_user(UserName=name)
        self._leaving.callback(self.iam.delete_user, UserName=name)
        key: dict[str, str] = self.iam.create_access_key(UserName=name)["AccessKey"]
        self._leaving.callback(self.iam.delete_access_key, UserName=name, AccessKeyId=key["AccessKeyId"])
        return {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}


@pytest.fixture
def administrator(desk: Desk) -> Iterator[Administrator]:
    with contextlib.ExitStack() as leaving:
        yield Administrator(desk.sandbox, leaving)


def printed(desk: Desk, *words: str) -> str:
    """The document, and nothing beside it on standard output; one line on standard error."""
    done: Done = desk.run("policy", *words)
    assert done.status == 0, done
    assert json.loads(done.out)["Version"] == "2012-10-17"
    assert len(done.err.splitlines()) == 1, done
    return done.out


def tries(desk: Desk, who: str | dict[str, Any], role: str, **sent: Any) -> str:
    """What becomes of an AssumeRole: "assumed", or AWS's refusal."""
    sent.setdefault("external_id", False)
    try:
        assume(desk.sandbox, who, role, **sent)
    except Exception as error:
        return str(error).partition("(")[2].partition(")")[0]
    return "assumed"


def test_a_role_that_wants_both_is_assumed_with_both_and_by_that_user_only(
    desk: Desk, administrator: Administrator
) -> None:
    desk.profile(
        "new",
        role_arn=role_arn("new"),
        source_profile="base",
        mfa_serial=desk.sandbox.devices["alice"],
        external_id="acme/7",
    )
    administrator.role("new", printed(desk, "trust", "new"))
    right = {"ExternalId": "acme/7"}
    assert tries(desk, "alice", "new", **right, code=True) == "assumed"
    assert tries(desk, "alice", "new", **right) == "AccessDenied"
    assert tries(desk, "alice", "new", ExternalId="acme/8", code=True) == "AccessDenied"
    assert tries(desk, "alice", "new", code=True) == "AccessDenied"
    assert tries(desk, "bob", "new", **right, code=True) == "AccessDenied"
    # One code does for the day: behind its session is MFA as well.
    assert tries(desk, mfa_session(desk.sandbox, "alice"), "new", **right) == "assumed"


def test_what_was_printed_for_a_profile_is_what_assume_needs(desk: Desk, administrator: Administrator) -> None:
    device = desk.sandbox.devices["alice"]
    desk.profile("new", role_arn=role_arn("new"), source_profile="base", mfa_serial=device, external_id="acme/7")
    administrator.role("new", printed(desk, "trust", "new"))
    done = desk.run("export", "new", "--token-code", desk.sandbox.code("alice"))
    assert done.status == 0, done
    assert "AWS_SESSION_TOKEN" in done.out


def test_options_take_the_place_of_what_the_files_do_not_say(desk: Desk, administrator: Administrator) -> None:
    words = ("trust", "--principal", user_arn("dave"), "--principal", user_arn("bob"), "--external-id", "acme/9")
    administrator.role("theirs", printed(desk, *words))
    assert tries(desk, "dave", "theirs", ExternalId="acme/9") == "assumed"
    assert tries(desk, "bob", "theirs", ExternalId="acme/9") == "assumed"
    assert tries(desk, "dave", "theirs") == "AccessDenied"
    assert tries(desk, "alice", "theirs", ExternalId="acme/9") == "AccessDenied"


def test_an_account_is_everybody_there_whose_own_policies_allow_it(desk: Desk, administrator: Administrator) -> None:
    administrator.role("anybodys", printed(desk, "trust", "--principal", ACCOUNT, "--mfa"))
    assert tries(desk, "bob", "anybodys", code=True) == "assumed"
    assert tries(desk, "dave", "anybodys") == "AccessDenied"
    assert tries(desk, "carol", "anybodys", code=True) == "AccessDenied", "her policies name two other roles"


def test_a_chain_trusts_the_role_before_and_wants_no_code_that_could_never_come(
    desk: Desk, administrator: Administrator
) -> None:
    desk.profile("after", role_arn=role_arn("after"), source_profile="read-only")
    document = printed(desk, "trust", "after")
    administrator.role("after", document)
    read_only = assume(desk.sandbox, "alice", "read-only")
    assert tries(desk, read_only, "after") == "assumed", document
    assert tries(desk, "alice", "after", code=True) == "AccessDenied"
    # Nor where the first role of the chain has wanted one.
    assert "MultiFactorAuth" not in printed(desk, "trust", "admin")
    refused = desk.run("policy", "trust", "after", "--mfa")
    assert (refused.status, refused.out) == (64, "")
    assert "never has MFA" in refused.err


def test_a_profile_that_sends_tags_has_them_trusted_and_allowed(desk: Desk, administrator: Administrator) -> None:
    desk.profile(
        "tags", role_arn=role_arn("tags"), source_profile="base", session_tags="team=ops", source_identity="me"
    )
    administrator.role("tags", printed(desk, "trust", "tags"))
    newcomer = administrator.user("newcomer")
    administrator.policy("newcomer", printed(desk, "assume-only", "tags", "--principal", user_arn("newcomer")))
    assert tries(desk, "alice", "tags", **TAGS) == "assumed"
    administrator.iam.update_assume_role_policy(
        RoleName="tags", PolicyDocument=printed(desk, "trust", "tags", "--principal", ACCOUNT)
    )
    assert tries(desk, newcomer, "tags", **TAGS) == "assumed"


def test_assume_only_is_those_roles_and_nothing_else(desk: Desk, administrator: Administrator) -> None:
    newcomer = administrator.user("newcomer")
    assert tries(desk, newcomer, "read-only", external_id=True) == "AccessDenied"
    administrator.role("other", printed(desk, "trust", "--principal", ACCOUNT))
    administrator.policy("newcomer", printed(desk, "assume-only", role_arn("other"), "read-only"))
    assert tries(desk, newcomer, "other") == "assumed"
    assert tries(desk, newcomer, "read-only", external_id=True) == "assumed"
    assert tries(desk, newcomer, "power-user", external_id=True) == "AccessDenied"
    for call in (
        client(desk.sandbox, "s3", newcomer).list_buckets,
        client(desk.sandbox, "iam", newcomer).list_mfa_devices,
        lambda: sts(desk.sandbox, newcomer).get_federation_token(Name="newcomer"),
    ):
        assert refusal(call)[:2] == (403, "AccessDenied")


def test_under_mfa_deny_one_sees_ones_device_buys_a_session_and_nothing_more(
    desk: Desk, administrator: Administrator
) -> None:
    s3 = client(desk.sandbox, "s3", "bob")
    administrator.policy("bob", '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}', name="s3")
    assert s3.list_buckets()["Buckets"] == []
    administrator.policy("bob", printed(desk, "mfa-deny"))
    assert refusal(s3.list_buckets)[:2] == (403, "AccessDenied")
    assert tries(desk, "bob", "read-only", external_id=True) == "AccessDenied"
    devices = client(desk.sandbox, "iam", "bob").list_mfa_devices()["MFADevices"]
    assert [device["SerialNumber"] for device in devices] == [desk.sandbox.devices["bob"]]
    assert refusal(lambda: client(desk.sandbox, "iam", "bob").list_mfa_devices(UserName="dave"))[:2] == (
        403,
        "AccessDenied",
    )
    session = mfa_session(desk.sandbox, "bob")
    assert client(desk.sandbox, "s3", session).list_buckets()["Buckets"] == []
    assert tries(desk, session, "read-only", external_id=True) == "assumed"


def test_under_mfa_deny_one_enrols_a_device_of_one_s_own(desk: Desk, administrator: Administrator) -> None:
    newcomer = administrator.user("newcomer")
    mine = client(desk.sandbox, "iam", newcomer)
    assert refusal(lambda: mine.create_virtual_mfa_device(VirtualMFADeviceName="newcomer"))[1] == "AccessDenied"
    administrator.policy("newcomer", printed(desk, "mfa-deny"))
    serial = mine.create_virtual_mfa_device(VirtualMFADeviceName="newcomer")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    try:
        assert (
            refusal(lambda: mine.enable_mfa_device(UserName="dave", SerialNumber=serial, **codes))[1] == "AccessDenied"
        )
        mine.enable_mfa_device(UserName="newcomer", SerialNumber=serial, **codes)
        # Not without MFA: whoever has stolen the key could take the device away.
        taken = refusal(lambda: mine.deactivate_mfa_device(UserName="newcomer", SerialNumber=serial))
        assert taken[1] == "AccessDenied"
    finally:
        administrator.iam.deactivate_mfa_device(UserName="newcomer", SerialNumber=serial)
        administrator.iam.delete_virtual_mfa_device(SerialNumber=serial)


def test_federation_lets_bare_keys_in_under_their_own_name(desk: Desk, administrator: Administrator) -> None:
    assert desk.run("assume", "base", "--console", "--print").status == 1
    administrator.policy("alice", printed(desk, "federation", "base"))
    done = desk.run("assume", "base", "--console", "--print")
    assert done.status == 0, done
    assert done.out.startswith(desk.sandbox.endpoint)
    other = refusal(lambda: sts(desk.sandbox, "alice").get_federation_token(Name="bob"))
    assert other[1] == "AccessDenied"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((), 64, "which policy?"),
        (("trusts",), 64, "there is no policy 'trusts'"),
        (("trust",), 64, "--principal arn:aws:iam::111122223333:user/NAME"),
        (("trust", "bob-power"), 64, "the files do not say whose the credentials are"),
        (("trust", "base"), 64, "assumes no role"),
        (("trust", "nobody"), 3, "no profile 'nobody'"),
        (("trust", "power-user", "read-only"), 64, "one profile at a time"),
        (("trust", "--mfa", "--no-mfa"), 64, "which?"),
        (("trust", "power-user", "--principal", "*"), 64, "nobody that a policy can name"),
        (("trust", "power-user", "--principal", "arn:aws-cn:iam::1:user/li"), 64, "partition aws-cn"),
        (("trust", "power-user", "--external-id", ""), 64, "--external-id cannot be right"),
        (("trust", "power-user", "--external-id", "a b"), 64, "--external-id cannot be right"),
        (("mfa-deny", "--mfa"), 64, "only `policy trust` takes that"),
        (("mfa-deny", "-r", "cn_north-1"), 64, "'cn_north-1' cannot be a region"),
        (("mfa-deny", "-r", ""), 64, "'' cannot be a region"),
        (("assume-only", "arn:aws:iam::111122223333:role/"), 64, "is the ARN of no role"),
        (("assume-only", "arn:aws:iam::12:role/x"), 64, "is the ARN of no role"),
        (("assume-only", role_arn("a b")), 64, "is the ARN of no role"),
        (("assume-only",), 64, "which role may be assumed?"),
        (("assume-only", "power-user", "admin"), 64, "is assumed by role power-user"),
        (("federation", "corp-admin"), 64, "for the keys of a user"),
    ],
)
def test_what_cannot_be_filled_in_says_what_is_missing(
    desk: Desk, words: tuple[str, ...], status: int, said: str
) -> None:
    done = desk.run("policy", *words)
    assert (done.status, done.out) == (status, "")
    assert said in done.err


def test_roles_are_named_as_a_policy_may_name_them(desk: Desk) -> None:
    roles = [role_arn("team/power-user"), role_arn("ci-*"), "arn:aws-cn:iam::*:role/x"]
    assert json.loads(printed(desk, "assume-only", *roles))["Statement"][0]["Resource"] == roles


def test_the_region_of_the_environment_says_which_partition(desk: Desk) -> None:
    done = desk.run("policy", "mfa-deny", env={"AWS_REGION": "cn_north-1"})
    assert (done.status, done.out) == (64, "")
    assert "AWS_REGION" in done.err
    assert "arn:aws-cn:iam" in desk.run("policy", "mfa-deny", env={"AWS_REGION": "cn-north-1"}).out


def test_aws_is_not_asked(desk: Desk) -> None:
    printed(desk, "trust", "power-user")
    assert desk.sandbox.calls() == []


def test_the_line_says_what_it_is_of_whom_and_where_it_goes(desk: Desk) -> None:
    done = desk.run("policy", "trust", "power-user")
    line = next(
        number for number, text in enumerate(desk.config.read_text().splitlines(), 1) if text.startswith("mfa_serial")
    )
    assert done.err.startswith(
        "shellhook: trust policy of role power-user: user alice (by the name of the MFA device, "
    )
    assert f"{desk.config}:{line + 8}" in done.err
    assert done.err.endswith(
        "with the external ID and an MFA code, may assume it. Make the role with it: "
        "aws iam create-role --role-name power-user --assume-role-policy-document file://trust.json\n"
    )
    assert desk.sandbox.external_id not in done.err


def test_a_security_key_gives_no_code(desk: Desk) -> None:
    done = desk.run("policy", "trust", "erin-power")
    assert "user erin, with the external ID and an MFA code, may assume it. A security key gives no code" in done.err
    assert "security key" not in desk.run("policy", "trust", "erin-power", "--no-mfa").err
