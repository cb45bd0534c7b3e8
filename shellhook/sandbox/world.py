"""The people, roles and policies of the sandbox: what one meets in real accounts.

Keys, MFA seeds and the external ID are new in every sandbox; names and account numbers are always these.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from shellhook.record import Record
from shellhook.sandbox.devices import Device
from shellhook.sandbox.wire import element

if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox.emulator import Emulator

ACCOUNT = "111122223333"
SECOND_ACCOUNT = "444455556666"
HOUR = 3600
# How old, in seconds, the code of a session may be for the role `strict`.
STRICT_AGE = 300

Document = dict[str, "Any"]


def _user_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def _role_arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def _allow(*actions: str, on: list[str] | None = None) -> Document:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on or ["*"]}


def _trust(principal: str, *actions: str, **condition: dict[str, Any]) -> Document:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": ["sts:AssumeRole", *actions]}
    return _policy({**statement, "Condition": condition} if condition else statement)


def _policy(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


# The usual policy of "no MFA, no access". It lets a user in without MFA only to buy a session with a code, and to
# look at herself; not to list her devices.
DENY_WITHOUT_MFA: Document = {
    "Sid": "DenyAllExceptSignInWithoutMFA",
    "Effect": "Deny",
    "NotAction": ["iam:ChangePassword", "iam:GetUser", "sts:GetSessionToken"],
    "Resource": ["*"],
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
LIST_OWN_DEVICES = "iam:ListMFADevices"


class User(Record):
    """A user, what they may do, and their MFA device, if they have one: the name of a virtual one, or a FIDO key."""

    name: str
    policy: Document
    device: str = ""
    security_key: str = ""  # the serial number of a FIDO key


class Role(Record):
    """A role: whom it trusts, what it may do, and its MaxSessionDuration in seconds."""

    name: str
    trust: Document
    policy: Document
    account: str = ACCOUNT
    path: str = "/"
    maximum: int = HOUR


class Key(Record):
    """The long-term key of a user."""

    access_key_id: str
    secret_access_key: str


USERS = (
    # May assume roles and nothing else: IAM does not even show her her own devices.
    User(
        name="alice",
        device="alice",
        policy=_policy(
            _allow(
                "sts:AssumeRole",
                "sts:TagSession",
                "sts:SetSourceIdentity",
                on=[_role_arn("*"), _role_arn("auditor", SECOND_ACCOUNT)],
            )
        ),
    ),
    # May look up his devices; his one is not called like him.
    User(
        name="bob",
        device="bob-phone",
        policy=_policy(
            _allow("sts:AssumeRole", on=[_role_arn("*")]),
            _allow(LIST_OWN_DEVICES, "iam:GetUser", on=[_user_arn("bob")]),
            # The latter to sign in to the console with nothing but a long-term key.
            _allow("iam:GetRole", "sts:GetFederationToken"),
        ),
    ),
    # Made by `aws configure` alone.
    User(
        name="carol",
        device="carol",
        policy=_policy(
            _allow("s3:ListAllMyBuckets", "ec2:Describe*", "iam:List*", "iam:Get*"),
            _allow("sts:AssumeRole", on=[_role_arn("read-only"), _role_arn("power-user")]),
            DENY_WITHOUT_MFA,
        ),
    ),
    # Has no device, and may find that out.
    User(
        name="dave",
        policy=_policy(
            _allow("sts:AssumeRole", on=[_role_arn("*")]),
            _allow(LIST_OWN_DEVICES, "iam:GetUser", on=[_user_arn("dave")]),
        ),
    ),
    # Has a security key, which STS cannot ask.
    User(
        name="erin",
        security_key=f"arn:aws:iam::{ACCOUNT}:u2f/user/erin/yubikey-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        policy=_policy(
            _allow("sts:AssumeRole", on=[_role_arn("*")]),
            _allow(LIST_OWN_DEVICES, "iam:GetUser", on=[_user_arn("erin")]),
        ),
    ),
)


def roles(external_id: str, strict_age: int = STRICT_AGE) -> tuple[Role, ...]:
    """Every role; `strict_age` in seconds."""
    own_account = f"arn:aws:iam::{ACCOUNT}:root"
    knows_id = {"sts:ExternalId": external_id}
    everything = _policy(_allow("*"))
    return (
        Role(
            name="power-user",
            maximum=12 * HOUR,
            trust=_trust(own_account, StringEquals=knows_id, Bool={"aws:MultiFactorAuthPresent": "true"}),
            policy=_policy(
                {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "sts:AssumeRole"], "Resource": ["*"]},
                _allow("sts:AssumeRole", on=[_role_arn("admin", SECOND_ACCOUNT)]),
            ),
        ),
        Role(
            name="read-only",
            trust=_trust(own_account, StringEquals=knows_id),
            policy=_policy(_allow("s3:Get*", "s3:List*", "ec2:Describe*", "iam:Get*", "iam:List*")),
        ),
        # In the other account, for whoever is power-user here: a chain.
        Role(
            name="admin",
            account=SECOND_ACCOUNT,
            maximum=12 * HOUR,
            trust=_trust(_role_arn("power-user")),
            policy=everything,
        ),
        # In the other account, for everyone here whose own policies allow it.
        Role(
            name="auditor",
            account=SECOND_ACCOUNT,
            maximum=4 * HOUR,
            trust=_trust(own_account, Bool={"aws:MultiFactorAuthPresent": "true"}),
            policy=_policy(_allow("s3:List*", "iam:List*")),
        ),
        # Wants a code that was typed just now.
        Role(
            name="strict",
            trust=_trust(
                own_account, StringEquals=knows_id, NumericLessThan={"aws:MultiFactorAuthAge": str(strict_age)}
            ),
            policy=everything,
        ),
        # One of those that lie under a path.
        Role(
            name="deploy",
            path="/ci/",
            trust=_trust(own_account),
            policy=_policy(_allow("s3:PutObject")),
        ),
        # Wants to know who is behind the session.
        Role(
            name="tagged",
            trust=_trust(
                own_account,
                "sts:TagSession",
                "sts:SetSourceIdentity",
                StringLike={"aws:RequestTag/team": "*", "sts:SourceIdentity": "*"},
            ),
            policy=everything,
        ),
    )


class World:
    """Everything that exists in the two accounts, once `populate` has told MiniStack."""

    def __init__(self) -> None:
        self.external_id = f"acme/{secrets.token_hex(8)}"
        self.keys: dict[str, Key] = {}  # by user
        self.devices: dict[str, Device] = {}  # by user

    async def populate(self, emulator: Emulator) -> None:
        """Create the users, their keys and devices, and the roles."""
        for user in USERS:
            await emulator.administer(ACCOUNT, "CreateUser", UserName=user.name)
            policy = json.dumps(user.policy)
            await emulator.administer(
                ACCOUNT, "PutUserPolicy", UserName=user.name, PolicyName="own", PolicyDocument=policy
            )
            answer = await emulator.administer(ACCOUNT, "CreateAccessKey", UserName=user.name)
            self.keys[user.name] = Key(
                access_key_id=element(answer, "AccessKeyId") or "",
                secret_access_key=element(answer, "SecretAccessKey") or "",
            )
            if user.device:
                answer = await emulator.administer(ACCOUNT, "CreateVirtualMFADevice", VirtualMFADeviceName=user.device)
                serial = element(answer, "SerialNumber") or ""
                await emulator.administer(ACCOUNT, "EnableMFADevice", UserName=user.name, SerialNumber=serial)
                self.devices[user.name] = Device(serial, _user_arn(user.name))
            if user.security_key:
                emulator.add_security_key(ACCOUNT, user.name, user.security_key)
        for role in roles(self.external_id):
            await emulator.administer(
                role.account,
                "CreateRole",
                RoleName=role.name,
                Path=role.path,
                AssumeRolePolicyDocument=json.dumps(role.trust),
                MaxSessionDuration=str(role.maximum),
            )
            await emulator.administer(
                role.account,
                "PutRolePolicy",
                RoleName=role.name,
                PolicyName="own",
                PolicyDocument=json.dumps(role.policy),
            )

    async def set_strict_age(self, emulator: Emulator, seconds: int) -> None:
        """Let `strict` want a code that is at most so old."""
        strict = next(role for role in roles(self.external_id, seconds) if role.name == "strict")
        await emulator.administer(
            strict.account, "UpdateAssumeRolePolicy", RoleName=strict.name, PolicyDocument=json.dumps(strict.trust)
        )

    async def set_key_status(self, emulator: Emulator, user: str, *, active: bool) -> None:
        """Activate or deactivate a user's long-term key."""
        status = "Active" if active else "Inactive"
        key = self.keys[user].access_key_id
        await emulator.administer(ACCOUNT, "UpdateAccessKey", UserName=user, AccessKeyId=key, Status=status)
