"""The IAM policy documents that a person needs to assume roles. Pure: names in, documents out."""

from __future__ import annotations

import json

from shellhook.federated_user import LONGEST_NAME
from shellhook.hops import session_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    Document = dict[str, Any]

# What a call to AssumeRole needs permission for beside itself, by the parameter that it sends (IAM user guide, "Pass
# session tags in AWS STS" and "Monitor and control actions taken with assumed roles").
_ACTIONS = {"Tags": "sts:TagSession", "SourceIdentity": "sts:SetSourceIdentity"}


def text(document: Document) -> str:
    """A document as `file://` of the AWS CLI takes it."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def actions(parameters: Mapping[str, object]) -> list[str]:
    """The permissions that an AssumeRole with these parameters wants, of the caller and of the role."""
    return ["sts:AssumeRole", *(action for sent, action in _ACTIONS.items() if parameters.get(sent))]


def trust(
    principals: Sequence[str],
    *,
    pattern: str | None = None,
    external_id: str | None = None,
    mfa: bool = False,
    allowed: Sequence[str] = ("sts:AssumeRole",),
) -> Document:
    """A role's trust policy: who may assume it, and on what condition.

    `pattern` narrows an account to the principals whose ARN is like it. `mfa` wants a code: sent along, or behind the
    session that assumes. Not a code that was typed lately (`aws:MultiFactorAuthAge`): then one for the day would not
    do.
    """
    condition: Document = {}
    if pattern is not None:
        condition["ArnLike"] = {"aws:PrincipalArn": pattern}
    if external_id is not None:
        condition["StringEquals"] = {"sts:ExternalId": external_id}
    if mfa:
        condition["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    statement = {"Effect": "Allow", "Principal": {"AWS": _one_or_all(principals)}, "Action": _one_or_all(allowed)}
    return _policy({**statement, "Condition": condition} if condition else statement)


def mfa_deny(partition: str) -> Document:
    """Nothing without MFA, for any user: but they may enrol a device of their own, see it, and buy a session with its
    code. Allows nothing else.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
    """
    own = ["iam:DeactivateMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:GetMFADevice", "iam:ListMFADevices"]
    return _policy(
        {
            "Sid": "AllowViewAccountInfo",
            "Effect": "Allow",
            "Action": "iam:ListVirtualMFADevices",
            "Resource": "*",
        },
        {
            "Sid": "AllowManageOwnVirtualMFADevice",
            "Effect": "Allow",
            "Action": "iam:CreateVirtualMFADevice",
            "Resource": f"arn:{partition}:iam::*:mfa/*",
        },
        {
            "Sid": "AllowManageOwnUserMFA",
            "Effect": "Allow",
            "Action": [*own, "iam:ResyncMFADevice"],
            "Resource": f"arn:{partition}:iam::*:user/${{aws:username}}",
        },
        {
            "Sid": "DenyAllExceptListedIfNoMFA",
            "Effect": "Deny",
            "NotAction": [
                "iam:CreateVirtualMFADevice",
                "iam:EnableMFADevice",
                "iam:GetUser",
                "iam:GetMFADevice",
                "iam:ListMFADevices",
                "iam:ListVirtualMFADevices",
                "iam:ResyncMFADevice",
                "sts:GetSessionToken",
            ],
            "Resource": "*",
            # A request signed with long-term keys does not have the key at all: IfExists catches it.
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        },
    )


def assume_only(roles: Sequence[str], allowed: Sequence[str] = ("sts:AssumeRole",)) -> Document:
    """These roles may be assumed, and nothing else is allowed."""
    return _policy({"Effect": "Allow", "Action": _one_or_all(allowed), "Resource": _one_or_all(roles)})


def federation(partition: str, account: str | None, user: str | None) -> Document:
    """What the console of bare keys takes: GetFederationToken under the user's own name, as `assume --console` sends
    it. `account` and `user` are None where they are not known: IAM fills in the name, and the account is the user's."""
    name = session_name(user)[:LONGEST_NAME] if user else "${aws:username}"
    resource = f"arn:{partition}:sts::{account or '*'}:federated-user/{name}"
    return _policy({"Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": resource})


def _policy(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _one_or_all(names: Sequence[str]) -> str | list[str]:
    return names[0] if len(names) == 1 else list(names)
