"""What the refusal's tests share: what AWS says, and what is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shellhook import refusal
from shellhook.errors import ShellhookError
from shellhook.mfa import Asker
from shellhook.session import Session
from shellhook.sts import Refused
from tests.desk import Typist

if TYPE_CHECKING:
    from typing import Any

    from shellhook.plan import Plan
    from tests.desk import Desk

KEYS = Session(access_key_id="AKIAEXAMPLE", secret_access_key="base-secret")
DENIED = "User: arn:aws:iam::111122223333:user/me is not authorized to perform: sts:AssumeRole on resource: x"
WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
NOT_THEIRS = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
SKEWED = "Signature expired: 20261122T000000Z is now earlier than 20261122T005500Z (20261122T010000Z - 5 min.)"
EXTERNAL_ID = "acme/5ecret"


def explained(plan: Plan, code: str, message: str = "", ahead: float | None = 0, **how: Any) -> ShellhookError:
    """What is said of such an answer to the plan's last call."""
    how = {"sent_code": False, "mfa_session": True, **how}
    return refusal.explain(Refused(code, message, ahead), plan, plan.hops[-1], **how)


# --- the same from the sandbox


def refused(desk: Desk, profile: str, asker: Asker | None = None, **asked: Any) -> ShellhookError:
    with pytest.raises(ShellhookError) as caught:
        desk.assume(profile, asker, **asked)
    assert desk.sandbox.external_id not in str(caught.value)
    return caught.value


def typist(desk: Desk) -> Typist:
    return Typist(lambda: desk.sandbox.code("alice"))


def role(name: str, account: str = "111122223333") -> str:
    return f"arn:aws:iam::{account}:role/{name}"


ANSWER = (
    b'<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
    b"<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>5ecret</SecretAccessKey><SessionToken>5ecret</SessionToken>"
    b"<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
)
