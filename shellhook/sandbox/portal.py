"""The portal of the sandbox's IAM Identity Center: accounts, roles, and their credentials for who is logged in.

https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Operations.html
"""

from __future__ import annotations

import base64
import json
import math
import time
from collections import deque

from shellhook.sandbox.assignments import PERMISSION_SETS, REGION, USER, Assignments, PermissionSet, role_name
from shellhook.sandbox.wire import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox.circumstances import Circumstances
    from shellhook.sandbox.emulator import Emulator
    from shellhook.sandbox.oidc import Login, Logins

# AWS's own words: those of botocore's users' bug reports.
_NO_TOKEN = "Session token not found or invalid"  # noqa: S105
_NO_ACCESS = "No access"
_TOO_MANY = "HTTP 429 Unknown Code"
_PATH = f"/aws-reserved/sso.amazonaws.com/{REGION}/"
_LARGEST_PAGE = 100


class Portal:
    """What may be asked with an access token. Every method raises Refused."""

    def __init__(self, logins: Logins, emulator: Emulator, circumstances: Circumstances) -> None:
        self.assignments = Assignments()
        self._logins, self._emulator, self._circumstances = logins, emulator, circumstances
        self._times: deque[float] = deque()  # of the requests of the last second

    async def answer(self, action: str, fields: dict[str, str], token: str) -> dict[str, Any]:
        """The answer to one request."""
        self._check_rate()
        login = self._logins.login_of(token)
        if login is None:
            raise Refused(401, "UnauthorizedException", _NO_TOKEN)
        if action == "ListAccounts":
            return self._accounts(fields)
        if action == "ListAccountRoles":
            return self._roles(fields)
        if action == "GetRoleCredentials":
            return await self._credentials(fields)
        return self._logout(login)

    def _check_rate(self) -> None:
        now, rate = time.monotonic(), self._logins.terms.rate
        while self._times and self._times[0] <= now - 1:
            self._times.popleft()
        if rate and len(self._times) >= rate:
            raise Refused(429, "TooManyRequestsException", _TOO_MANY)
        self._times.append(now)

    def _accounts(self, fields: dict[str, str]) -> dict[str, Any]:
        shown = [
            {"accountId": account, "accountName": name, "emailAddress": f"aws+{account}@example.com"}
            for account, name in self.assignments.names.items()
        ]
        return self._page("accountList", shown, fields)

    def _roles(self, fields: dict[str, str]) -> dict[str, Any]:
        account = _wanted(fields, "account_id")
        if account not in self.assignments.roles:
            raise Refused(403, "ForbiddenException", _NO_ACCESS)
        shown = [{"roleName": role, "accountId": account} for role in self.assignments.roles[account]]
        return self._page("roleList", shown, fields)

    def _page(self, name: str, items: list[dict[str, str]], fields: dict[str, str]) -> dict[str, Any]:
        """The items from where the last page ended; `nextToken` is null on the last one."""
        asked = fields.get("max_result", str(_LARGEST_PAGE))
        if not asked.isdecimal() or not 1 <= int(asked) <= _LARGEST_PAGE:
            raise Refused(400, "InvalidRequestException", "Invalid max_result")
        start = _start_of(fields.get("next_token", ""))
        end = start + min(int(asked), int(self._logins.terms.page))
        following = base64.urlsafe_b64encode(f"from {end}".encode()).decode() if end < len(items) else None
        return {name: items[start:end], "nextToken": following}

    async def _credentials(self, fields: dict[str, str]) -> dict[str, Any]:
        account, name = _wanted(fields, "account_id"), _wanted(fields, "role_name")
        if name not in self.assignments.roles.get(account, []):
            raise Refused(403, "ForbiddenException", _NO_ACCESS)
        nothing = PermissionSet(name=name, statement={"Effect": "Deny", "Action": ["*"], "Resource": ["*"]})
        permission_set = PERMISSION_SETS.get(name, nothing)
        role = await self._role(account, permission_set)
        ordered = self._circumstances.lifetime
        seconds = permission_set.seconds if ordered is None else ordered
        key, session = self._emulator.open_session(role, USER, float(math.ceil(time.time() + seconds)))
        return {
            "roleCredentials": {
                "accessKeyId": key,
                "secretAccessKey": session["SecretAccessKey"],
                "sessionToken": session["SessionToken"],
                "expiration": int(session["Expiration"] + self._circumstances.ahead) * 1000,
            }
        }

    async def _role(self, account: str, permission_set: PermissionSet) -> dict[str, Any]:
        """The role that the permission set is in the account, made when it is first wanted."""
        name = role_name(account, permission_set.name)
        arn = f"arn:aws:iam::{account}:role{_PATH}{name}"
        if self._emulator.role(arn) is None:
            await self._make_role(account, name, permission_set)
        role = self._emulator.role(arn)
        assert role is not None  # noqa: S101 - it was made above
        return role

    async def _make_role(self, account: str, name: str, permission_set: PermissionSet) -> None:
        provider = f"arn:aws:iam::{account}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"
        trust = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            },
        }
        document = {"Version": "2012-10-17", "Statement": permission_set.statement}
        await self._emulator.administer(
            account,
            "CreateRole",
            RoleName=name,
            Path=_PATH,
            AssumeRolePolicyDocument=json.dumps(trust),
            MaxSessionDuration="43200",
        )
        await self._emulator.administer(
            account, "PutRolePolicy", RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document)
        )

    def _logout(self, login: Login) -> dict[str, Any]:
        """The login ends everywhere; the credentials of roles that it was used for live on."""
        self._logins.end(login)
        return {}


def _wanted(fields: dict[str, str], name: str) -> str:
    if not fields.get(name):
        raise Refused(400, "InvalidRequestException", f"Missing {name}")
    return fields[name]


def _start_of(token: str) -> int:
    """Where the page begins that `nextToken` promised."""
    if not token:
        return 0
    try:
        words, number = base64.urlsafe_b64decode(token).decode().split()
        if words == "from":
            return int(number)
    except ValueError:
        pass
    raise Refused(400, "InvalidRequestException", "Invalid next_token")
