"""Clients as one of the people of the sandbox, and what they are refused."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from shellhook.sandbox import Sandbox

ACCOUNT, SECOND_ACCOUNT = "111122223333", "444455556666"
# One attempt: what is counted is what was asked.
_ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=10)
_session = botocore.session.Session(session_vars={"config_file": (None, None, "/dev/null", None)})


def role_arn(name: str) -> str:
    account = SECOND_ACCOUNT if name in ("admin", "auditor") else ACCOUNT
    return f"arn:aws:iam::{account}:role/{name}"


def user_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def long_term(sandbox: Sandbox, user: str) -> dict[str, str]:
    """The user's own key, in the shape STS gives credentials."""
    parser = configparser.RawConfigParser()
    parser.read(sandbox.credentials_file, encoding="utf-8")
    section = parser["base" if user == "alice" else user]
    return {"AccessKeyId": section["aws_access_key_id"], "SecretAccessKey": section["aws_secret_access_key"]}


def client(
    sandbox: Sandbox, service: str, who: str | Mapping[str, Any], region: str = "us-east-1", config: Config = _ONCE
) -> Any:
    """A client of `service` as a user, or with the credentials of a session."""
    credentials = long_term(sandbox, who) if isinstance(who, str) else who
    return _session.create_client(
        service,
        region_name=region,
        endpoint_url=sandbox.endpoint,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
        config=config,
    )


def sts(sandbox: Sandbox, who: str | Mapping[str, Any]) -> Any:
    return client(sandbox, "sts", who)


def assume(sandbox: Sandbox, who: str | Mapping[str, Any], role: str, **sent: Any) -> dict[str, Any]:
    """The credentials of a role; `external_id=False` leaves the external ID out, `code=True` sends a good code."""
    if sent.pop("external_id", True):
        sent.setdefault("ExternalId", sandbox.external_id)
    if sent.pop("code", False):
        sent.update(SerialNumber=sandbox.devices[str(who)], TokenCode=sandbox.code(str(who)))
    answer = sts(sandbox, who).assume_role(**{"RoleArn": role_arn(role), "RoleSessionName": "me", **sent})
    credentials: dict[str, Any] = answer["Credentials"]
    return credentials


def mfa_session(sandbox: Sandbox, user: str, **sent: Any) -> dict[str, Any]:
    """A GetSessionToken session bought with a code."""
    code = sandbox.code(user)
    answer = sts(sandbox, user).get_session_token(SerialNumber=sandbox.devices[user], TokenCode=code, **sent)
    credentials: dict[str, Any] = answer["Credentials"]
    return credentials


def plain_session(sandbox: Sandbox, user: str) -> dict[str, Any]:
    """A GetSessionToken session without a code."""
    credentials: dict[str, Any] = sts(sandbox, user).get_session_token()["Credentials"]
    return credentials


def refusal(call: Callable[[], object]) -> tuple[int, str, str]:
    """HTTP status, code and message of what AWS refuses."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def not_authorized(caller: str, role: str, action: str = "sts:AssumeRole", reason: str = "") -> tuple[int, str, str]:
    """STS's one sentence for a role that may not be assumed."""
    sentence = f"User: {caller} is not authorized to perform: {action} on resource: {role_arn(role)}{reason}"
    return 403, "AccessDenied", sentence
