"""Who may be what in which account, as the portal of IAM Identity Center knows it: accounts and permission sets."""

from __future__ import annotations

import hashlib

from shellhook.record import Record
from shellhook.sandbox.world import ACCOUNT, HOUR, SECOND_ACCOUNT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

THIRD_ACCOUNT = "777788889999"
ODD_ACCOUNT = "222233334444"
# Organizations allows every printable ASCII character in the name of an account (API_CreateAccount).
ODD_ACCOUNT_NAME = """R&D [old]; "it's" $(touch owned) #1 / `50%`"""

# Where the Identity Center of the sandbox lives: not where its profiles work.
REGION = "eu-central-1"
# Any other domain than AWS's own, the AWS CLI 2.38 would look up and follow (awscli's vanity URLs). Nobody is asked at
# this address; and a client that was not led to the sandbox is told by the real AWS that there is no such portal.
START_URL = "https://d-0000000000.awsapps.com/start"
USER = "alice"


class PermissionSet(Record):
    """What becomes a role in every account it is assigned in. `seconds` is its session duration, 1 to 12 h."""

    name: str
    statement: dict[str, Any]
    seconds: int = HOUR


def _allow(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": ["*"]}


PERMISSION_SETS = {
    permission_set.name: permission_set
    for permission_set in (
        PermissionSet(name="AdministratorAccess", statement=_allow("*")),
        PermissionSet(
            name="PowerUserAccess",
            statement={"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": ["*"]},
            seconds=8 * HOUR,
        ),
        PermissionSet(
            name="ReadOnlyAccess",
            statement=_allow("s3:Get*", "s3:List*", "ec2:Describe*", "iam:Get*", "iam:List*"),
            seconds=12 * HOUR,
        ),
        PermissionSet(name="Billing", statement=_allow("aws-portal:*", "ce:*")),
    )
}


def role_name(account: str, permission_set: str) -> str:
    """The name of the role that a permission set becomes in an account, always the same in the sandbox."""
    suffix = hashlib.sha256(f"{account}/{permission_set}".encode()).hexdigest()[:16]
    return f"AWSReservedSSO_{permission_set}_{suffix}"


class Assignments:
    """The accounts and, for each, the permission sets that are assigned to the one user."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As at the start."""
        self.names = {
            ACCOUNT: "Acme Production",
            SECOND_ACCOUNT: "Acme Staging",
            THIRD_ACCOUNT: "Acme Data Lab",
            ODD_ACCOUNT: ODD_ACCOUNT_NAME,
        }
        self.roles = {
            ACCOUNT: ["AdministratorAccess", "ReadOnlyAccess", "Billing"],
            SECOND_ACCOUNT: ["AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess"],
            THIRD_ACCOUNT: ["PowerUserAccess"],
            ODD_ACCOUNT: ["ReadOnlyAccess"],
        }

    def assign(self, account: str, role: str, name: str = "") -> None:
        """Assign a permission set; an account of 12 digits that is not there yet comes into being. Raises ValueError.

        A permission set that the sandbox does not know may do nothing.
        """
        if len(account) != 12 or not account.isdigit():
            raise ValueError(f"{account} is no account")
        if name or account not in self.names:
            self.names[account] = name or f"Account {account}"
        assigned = self.roles.setdefault(account, [])
        if role not in assigned:
            assigned.append(role)

    def unassign(self, account: str, role: str = "") -> None:
        """Take a permission set away, or all of an account. An account without any is not shown. Raises KeyError."""
        kept = [assigned for assigned in self.roles[account] if role and assigned != role]
        if kept:
            self.roles[account] = kept
        else:
            del self.roles[account], self.names[account]

    def add_accounts(self, count: int) -> None:
        """So many more accounts, as in a large company, each with one role."""
        for number in range(1, count + 1):
            self.assign(f"{900_000_000_000 + number}", "ReadOnlyAccess", f"Acme Team {number:04}")
