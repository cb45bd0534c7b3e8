"""What the portal of IAM Identity Center gives to who is logged in: accounts, roles, their credentials; logging out."""

from __future__ import annotations

from shellhook.errors import ShellhookError
from shellhook.record import Record
from shellhook.session import Session
from shellhook.sso import calls
from shellhook.sts import Refused, clock_ahead, not_aws

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from shellhook.sso.center import Center


class TokenRefused(Exception):
    """The portal does not take the access token: it was revoked, or is older than we believe."""


class NotAssigned(Exception):
    """Whoever is logged in does not have that role in that account."""


class Account(Record):
    """An account that somebody has roles in. `name` and `email` are what the portal shows, "" if it knows none."""

    id: str
    name: str = ""
    email: str = ""


class Portal:
    """The portal of a center. Every method raises TokenRefused, NoNetwork, and ShellhookError for what AWS refuses
    otherwise."""

    def __init__(self, center: Center, environ: Mapping[str, str]) -> None:
        self._center, self._environ = center, environ
        self._made: Any = None
        # How far AWS's clock is ahead of ours, in seconds, as its last answer had it; None if it did not say.
        self.clock_ahead: float | None = None

    @property
    def _client(self) -> Any:
        if self._made is None:
            self._made = calls.client("sso", self._center, self._environ)
        return self._made

    def role_credentials(self, token: str, account: str, role: str) -> Session:
        """GetRoleCredentials: a session of the permission set, for as long as that says. Raises NotAssigned."""
        answer = self._call("get_role_credentials", "roleCredentials", token, roleName=role, accountId=account)
        given = answer["roleCredentials"]
        try:
            return Session(
                access_key_id=given["accessKeyId"],
                secret_access_key=given["secretAccessKey"],
                session_token=given["sessionToken"],
                expires=int(given["expiration"]) // 1000,  # milliseconds
                account=account,
            )
        except KeyError as missing:
            raise not_aws(self._client.meta.endpoint_url, f"it has no {missing.args[0]}") from None

    def accounts(self, token: str) -> Iterator[Account]:
        """ListAccounts, page by page."""
        for item in self._pages("list_accounts", "accountList", token):
            yield Account(
                id=item["accountId"], name=item.get("accountName") or "", email=item.get("emailAddress") or ""
            )

    def roles(self, token: str, account: str) -> Iterator[str]:
        """ListAccountRoles: the names of the roles in an account, page by page. Raises NotAssigned."""
        for item in self._pages("list_account_roles", "roleList", token, accountId=account):
            yield item["roleName"]

    def logout(self, token: str) -> None:
        """Logout: the token, and whatever can refresh it, ends at AWS. Credentials that were given for it live on."""
        self._call("logout", "", token)

    def _pages(self, name: str, field: str, token: str, **parameters: object) -> Iterator[dict[str, Any]]:
        following: dict[str, object] = {}
        while True:
            answer = self._call(name, field, token, **parameters, **following)
            yield from answer[field]
            if not answer.get("nextToken"):
                return
            following = {"nextToken": answer["nextToken"]}

    def _call(self, name: str, field: str, token: str, **parameters: object) -> dict[str, Any]:
        needed = [field] if field else []
        try:
            answer = calls.call(self._client, name, *needed, accessToken=token, **parameters)
        except Refused as error:
            self.clock_ahead = error.clock_ahead
            if error.code == "UnauthorizedException":
                raise TokenRefused from None
            if error.code in ("ForbiddenException", "AccessDeniedException", "ResourceNotFoundException"):
                raise NotAssigned from None
            raise calls.throttled(error) or ShellhookError(
                f"{self._center.shown}: the portal refuses {name.replace('_', ' ')}",
                why=f"{error.code}: {error.message}\n{self._center.where}",
                remedy="look at sso_account_id and sso_role_name of the profile, and at sso_region",
            ) from None
        self.clock_ahead = clock_ahead(answer)
        return answer
