"""MiniStack in this process, and the few of its functions that the layer steps between.

It is imported only here and only after its environment is set: it reads it while it is imported.
"""

from __future__ import annotations

import dataclasses
import datetime
import importlib
import logging
import os
import secrets
import string
from typing import TYPE_CHECKING

from shellhook.errors import ShellhookError
from shellhook.sandbox import iam
from shellhook.sandbox.exchange import under_way
from shellhook.sandbox.roles import request_keys
from shellhook.sandbox.wire import Refused

if TYPE_CHECKING:
    from typing import Any, Protocol

    from shellhook.sandbox.exchange import Exchange

    class Layer(Protocol):
        """What the layer says when MiniStack is about to judge."""

        def now(self) -> float: ...
        def authenticated(self, exchange: Exchange, credential: Any) -> None: ...
        def principal_keys(
            self, exchange: Exchange | None, access_key_id: str, keys: dict[str, Any]
        ) -> dict[str, Any]: ...
        def authorized(self, exchange: Exchange, region: str) -> None: ...
        def denied(self, exchange: Exchange, caller: str, action: str, resource: str, *, explicit: bool) -> None: ...


# What is used of MiniStack beside its app. None of it is promised to us, so it is looked for at the start.
_NEEDED = {
    "ministack.app": ["app", "AUTH", "SERVICE_HANDLERS"],
    "ministack.core.iam_evaluator": [
        "AuthError",
        "EvalContext",
        "EvalResult",
        "ResolvedCredential",
        "_gather_user_policies",
        "_principal_keys",
        "authenticate",
        "check_credentials",
        "combine_resource_policy",
        "enforce",
        "evaluate_trust_policy",
        "resolve_principal",
    ],
    "ministack.core.responses": ["get_account_id", "set_request_account_id"],
    "ministack.core.sigv4": ["request_time_failure"],
    "ministack.services.iam": ["_mfa_devices", "_roles", "handle_request"],
    "ministack.services.sts": ["_evict_expired_sessions", "_principal_keys", "_sessions", "register_session"],
}


def prepare_environment(account: str) -> None:
    """Let this process's environment mean: judge everything, keep nothing, listen nowhere.

    The caller's own AWS variables go first: MiniStack takes AWS_ACCESS_KEY_ID for its root key.
    """
    for name in [name for name in os.environ if name.startswith(("AWS_", "MINISTACK_", "LOCALSTACK_"))]:
        del os.environ[name]
    os.environ.update(
        AUTH="true",
        MINISTACK_ACCOUNT_ID=account,
        MINISTACK_REGION="us-east-1",
        PERSIST_STATE="0",
        S3_PERSIST="0",
        CLOUDTRAIL_RECORDING="0",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        LOG_LEVEL="CRITICAL",
    )
    os.environ.pop("SERVICES", None)


class Emulator:
    """MiniStack's judgement under the names that the layer uses."""

    def __init__(self, layer: Layer, account: str) -> None:
        prepare_environment(account)
        modules = {name: importlib.import_module(name) for name in _NEEDED}
        lacking = [
            f"{name}.{item}" for name, items in _NEEDED.items() for item in items if not hasattr(modules[name], item)
        ]
        if lacking:
            raise ShellhookError(
                "this MiniStack cannot be the sandbox",
                why=f"it lacks {', '.join(lacking)}",
                remedy="pip install 'shellhook[demo]'",
            )
        if not modules["ministack.app"].AUTH:
            raise ShellhookError("MiniStack was imported before the sandbox could tell it to check who asks")
        logging.getLogger("ministack").setLevel(logging.CRITICAL)
        self.layer = layer
        self.app: Any = modules["ministack.app"].app
        self._evaluator: Any = modules["ministack.core.iam_evaluator"]
        self._responses: Any = modules["ministack.core.responses"]
        self._iam: Any = modules["ministack.services.iam"]
        self._sts: Any = modules["ministack.services.sts"]
        self._enforce = self._evaluator.enforce
        self._trusts = self._evaluator.evaluate_trust_policy
        self._step_in(modules["ministack.app"], modules["ministack.core.sigv4"])

    # What the layer asks

    def session(self, access_key_id: str) -> dict[str, Any] | None:
        """MiniStack's record of a temporary session, `Expiration` in epoch seconds of the machine's clock."""
        found: dict[str, Any] | None = self._sts._sessions.get(access_key_id)
        return found

    def open_session(self, role: dict[str, Any], name: str, ends: float) -> tuple[str, dict[str, Any]]:
        """A session of a role as AssumeRoleWithSAML opens it, past the trust policy: its access key ID, and the record.

        `ends` is epoch seconds of the machine's clock.
        """
        key = "ASIA" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(16))
        account = role["Arn"].split(":")[4]
        session = {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/{name}",
            "UserId": f"{role['RoleId']}:{name}",
            "SecretAccessKey": secrets.token_urlsafe(30),
            "SessionToken": secrets.token_urlsafe(120),
            "Expiration": ends,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
            "SessionTags": [],
        }
        self._sts.register_session(key, session)
        return key, session

    def principal(self, access_key_id: str) -> Any:
        """The caller that an authenticated key stands for: `arn`, `account`, `keys` ..."""
        return self._evaluator.resolve_principal(access_key_id, self._responses.get_account_id())

    def role(self, role_arn: str) -> dict[str, Any] | None:
        """The role of that very ARN."""
        parts = role_arn.split(":", 5)
        found: dict[str, Any] | None = None
        if len(parts) == 6:
            found = self._iam._roles.get_scoped(parts[4], None, role_arn.rsplit("/", 1)[-1])
        return found if found and found["Arn"] == role_arn else None

    def identity_decision(self, exchange: Exchange, action: str, resource: str, region: str) -> str:
        """`Allow`, `Deny` or `ImplicitDeny` by the policies of the caller."""
        context = {**request_keys(exchange), **_tag_keys(exchange)}
        denied = self._enforce(exchange.access_key_id, action, "sts", region, resource, context)
        if isinstance(denied, self._evaluator.AuthError):
            raise Refused(403, denied.code, denied.message)
        return "Allow" if denied is None else str(denied.decision)

    def grants(
        self, caller: Any, exchange: Exchange, action: str, role: dict[str, Any], identity: str, region: str
    ) -> bool:
        """Whether the role's trust policy and the caller's policies together allow the action."""
        context = self._evaluator.EvalContext(
            principal_arn=caller.arn,
            principal_type=caller.type,
            principal_account=caller.account,
            action=action,
            resource_arn=role["Arn"],
            region=region,
            service_context={**request_keys(exchange), **_tag_keys(exchange)},
            principal_keys=caller.keys,
        )
        trust = role["AssumeRolePolicyDocument"]
        owner = role["Arn"].split(":")[4]
        decision = self._evaluator.EvalResult(identity, caller.arn)
        combined = self._evaluator.combine_resource_policy(decision, context, trust, owner, limits=caller.limits)
        return bool(self._trusts(trust, caller.arn, context)) and combined.decision == "Allow"

    async def administer(self, account: str, action: str, **parameters: str) -> bytes:
        """Call MiniStack's IAM as the account's root, past signatures and policies; its answer's XML."""
        self._responses.set_request_account_id(account)
        form = {"Action": [action], **{name: [value] for name, value in parameters.items()}}
        status, _, document = await self._iam.handle_request("POST", "/", {}, b"", form)
        if status != 200:
            raise ShellhookError(f"MiniStack refused {action}", why=document.decode())
        return bytes(document)

    def add_security_key(self, account: str, user: str, serial: str) -> None:
        """Let IAM list a FIDO key of the user's; MiniStack knows only virtual devices."""
        device = {"SerialNumber": serial, "User": user, "EnableDate": "2024-01-01T00:00:00Z", "Base32StringSeed": ""}
        self._iam._mfa_devices.set_scoped(account, None, serial, device)

    # Where the layer steps in

    def _step_in(self, app: Any, sigv4: Any) -> None:
        """Put the layer between MiniStack's steps: who it is, what is known of them, what they may, what time it is."""
        layer, evaluator = self.layer, self._evaluator
        authenticate, principal_keys, trusts = evaluator.authenticate, evaluator._principal_keys, self._trusts
        gather_user_policies = evaluator._gather_user_policies
        request_time_failure, iam_handler = sigv4.request_time_failure, app.SERVICE_HANDLERS["iam"]

        def authenticate_and_check(access_key_id: str, account_id: str) -> Any:
            found = authenticate(access_key_id, account_id)
            exchange = under_way.get()
            if exchange and isinstance(found, evaluator.ResolvedCredential):
                layer.authenticated(exchange, found)
            return found

        def principal_keys_with_mfa(credential: Any) -> dict[str, Any]:
            return layer.principal_keys(under_way.get(), credential.access_key_id, principal_keys(credential))

        def user_policies_filled_in(user: str, account_id: str) -> list[list[Any]]:
            return [[_filled_in(each, user) for each in policy] for policy in gather_user_policies(user, account_id)]

        def enforce_for_roles_and_users(
            access_key_id: str,
            action: str,
            service: str,
            region: str,
            resource_arn: str = "*",
            service_context: dict[str, Any] | None = None,
        ) -> Any:
            exchange = under_way.get()
            failed = evaluator.check_credentials(access_key_id, service) if exchange else None
            if failed:
                return failed
            if exchange and action == "sts:AssumeRole":
                layer.authorized(exchange, region)
                return None
            if exchange and service == "iam" and iam.means_caller(exchange):
                resource_arn = self.principal(access_key_id).arn
            elif exchange:
                resource_arn = iam.to_be_made(exchange, self._responses.get_account_id()) or resource_arn
            denied = self._enforce(access_key_id, action, service, region, resource_arn, service_context)
            if exchange and isinstance(denied, evaluator.EvalResult):
                layer.denied(exchange, denied.principal_arn, action, resource_arn, explicit=denied.decision == "Deny")
            return denied

        async def iam_of_caller(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
        ) -> Any:
            exchange = under_way.get()
            if exchange and iam.means_caller(exchange):
                query = {**query, "UserName": [exchange.caller_name]}
            return await iam_handler(method, path, headers, body, query)

        def trusts_with_request(document: Any, caller_arn: str, context: Any = None) -> bool:
            exchange = under_way.get()
            if exchange and context is not None:
                context.service_context.update(request_keys(exchange))
            return bool(trusts(document, caller_arn, context))

        def request_time_failure_by_our_clock(signature: Any, *, now: Any = None) -> Any:
            clock = datetime.datetime.fromtimestamp(layer.now(), datetime.timezone.utc)
            return request_time_failure(signature, now=now or clock)

        evaluator.authenticate = authenticate_and_check
        evaluator._gather_user_policies = user_policies_filled_in
        evaluator._principal_keys = self._sts._principal_keys = principal_keys_with_mfa
        evaluator.enforce = enforce_for_roles_and_users
        evaluator.evaluate_trust_policy = trusts_with_request
        sigv4.request_time_failure = request_time_failure_by_our_clock
        # Forgotten sessions would be unknown ones; AWS knows them as expired.
        self._sts._evict_expired_sessions = lambda: None
        app.SERVICE_HANDLERS["iam"] = iam_of_caller


def _filled_in(statement: Any, user: str) -> Any:
    """A statement about the resources of whoever asks; MiniStack takes policy variables for text.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    named = [resource.replace("${aws:username}", user) for resource in statement.resources]
    return statement if named == statement.resources else dataclasses.replace(statement, resources=named)


def _tag_keys(exchange: Exchange) -> dict[str, Any]:
    """The condition keys of the session tags that were sent."""
    tags = exchange.tags
    keys: dict[str, Any] = {f"aws:requesttag/{name}".lower(): value for name, value in tags.items()}
    return {**keys, "aws:tagkeys": list(tags)} if tags else keys
