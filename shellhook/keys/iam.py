"""The user's access keys at IAM, and what it takes to be let at them."""

from __future__ import annotations

import time

from shellhook import assume, os_keyring, refusal
from shellhook.errors import NoNetwork, ShellhookError
from shellhook.record import Record
from shellhook.request import Request
from shellhook.session import Session
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    T = TypeVar("T")

    from shellhook.assume import Here
    from shellhook.plan import Plan
    from shellhook.sts import Aws

LIMIT = 2  # access keys that a user may have (IAM quotas)
PROPAGATION = 60.0  # seconds for which a new key may be unknown to some of AWS; usually it is a few
_UNKNOWN = ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch")


class Key(Record):
    """An access key as IAM lists it: "Active" or "Inactive", and when it was made, epoch seconds."""

    key_id: str
    status: str
    created: int


class Iam:
    """IAM as the user of a key: with the key itself, or, where policies want a code, with the profile's MFA session.

    `signed` is the key that calls are signed with.
    """

    def __init__(self, here: Here, aws: Aws, plan: Plan, signed: Session) -> None:
        self._here, self._aws, self._plan = here, aws, plan
        self._signed, self._is_new = signed, False
        self._mfa: Session | None = None

    def sign_with(self, key: Session) -> None:
        """Go on with a new key of the same user, which is given time to become known. An MFA session serves on."""
        self._signed, self._is_new = key, True

    def listed(self) -> list[Key]:
        """The user's keys."""
        answer = self._call("list_access_keys", {}, "AccessKeyMetadata")
        return [
            Key(key_id=each["AccessKeyId"], status=each["Status"], created=int(each["CreateDate"].timestamp()))
            for each in answer["AccessKeyMetadata"]
        ]

    def create(self) -> Session:
        """A new key. It is shown this once: AWS keeps no secret that it would tell again."""
        given = self._call("create_access_key", {}, "AccessKey")["AccessKey"]
        return Session(access_key_id=given["AccessKeyId"], secret_access_key=given["SecretAccessKey"])

    def deactivate(self, key_id: str) -> None:
        """Set a key inactive; nothing happens if it is gone."""
        self._call("update_access_key", {"AccessKeyId": key_id, "Status": "Inactive"}, "ResponseMetadata", gone=True)

    def delete(self, key_id: str) -> None:
        """Delete a key; nothing happens if it is gone."""
        self._call("delete_access_key", {"AccessKeyId": key_id}, "ResponseMetadata", gone=True)

    def caller(self, key: Session, *, is_new: bool = False) -> str:
        """The ARN of whom a key belongs to; a new one is given time to become known. Raises ShellhookError."""
        from shellhook.sts import Refused

        def call() -> str:
            return self._aws.caller(self._plan, key)[1]

        try:
            return _once_known(call) if is_new else call()
        except Refused as error:
            raise refusal.clock(error) or ShellhookError(
                f"AWS does not take the key {key.access_key_id}", why=f"{error.code}: {error.message}"
            ) from None

    def _call(self, name: str, parameters: Mapping[str, object], field: str, *, gone: bool = False) -> dict[str, Any]:
        from shellhook.sts import Refused

        def call() -> dict[str, Any]:
            return self._aws.iam(name, self._plan, self._mfa or self._signed, parameters, field)

        try:
            try:
                return _once_known(call) if self._is_new and self._mfa is None else call()
            except Refused as error:
                if not refusal.is_denied(error) and not (self._mfa and error.code in _UNKNOWN):
                    raise
                self._mfa = self._mfa_session(error)
                return call()
        except NoNetwork as error:
            error.remedy += "\nthen run it again: what was begun is finished"
            raise
        except Refused as error:
            if gone and error.code == "NoSuchEntity":
                return {}
            raise self._explained(error, name) from None

    def _mfa_session(self, denied: Exception) -> Session:
        """The MFA session of the profile; `denied` is raised if there is none to be had."""
        if self._mfa is not None:
            raise denied
        say("AWS refuses this to the key alone; trying with the MFA session")
        files = self._here.files()
        request = Request(profile=self._plan.profile, config=files.config, credentials=files.credentials)
        session = assume.obtain(self._here, request).session
        if session.device is None:
            raise denied
        return session

    def _explained(self, error: Any, name: str) -> ShellhookError:
        if (wrong_clock := refusal.clock(error)) is not None:
            return wrong_clock
        if error.code in _UNKNOWN:
            remedy = "the key is inactive, deleted, or mistyped: see it in the IAM console"
        elif refusal.is_denied(error):
            remedy = "the user needs iam:ListAccessKeys, iam:CreateAccessKey, iam:UpdateAccessKey\n"
            remedy += "and iam:DeleteAccessKey on themselves"
        else:
            remedy = "run it again: what was begun is finished then"
        action = "".join(word.capitalize() for word in name.split("_"))
        return ShellhookError(
            f"AWS did not do {action} for profile {self._plan.profile!r}",
            why=f"{error.code}: {error.message}",
            remedy=remedy,
        )


def _once_known(call: Callable[[], T]) -> T:
    """What the call gives. A key that AWS does not know may be one that it does not know yet: then again, for a
    minute."""
    from shellhook.sts import Refused

    deadline, said = time.monotonic() + PROPAGATION, False
    while True:
        try:
            return call()
        except Refused as error:
            if error.code not in _UNKNOWN or time.monotonic() > deadline:
                raise
            if not said:
                said = True
                say("waiting for AWS to know the key (seconds, a minute at most)")
            time.sleep(1)


def secret_of(key_id: str) -> Session | None:
    """A key that is in the keyring, None if it is not. Raises ShellhookError if the keyring cannot be asked."""
    secret = os_keyring.get(key_id)
    return Session(access_key_id=key_id, secret_access_key=secret) if secret is not None else None
