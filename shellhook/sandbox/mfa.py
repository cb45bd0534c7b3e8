"""MFA as STS checks it: the code that comes with a request, and what a session remembers of it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import time

from shellhook.sandbox.wire import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox.circumstances import Circumstances
    from shellhook.sandbox.devices import Device
    from shellhook.sandbox.exchange import Exchange

# The blanks are STS's own.
WRONG = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
HALF = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
NOT_THEIRS = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
PRESENT, AGE = "aws:multifactorauthpresent", "aws:multifactorauthage"


class Mfa:
    """The devices of the world, and the sessions that were bought with a code."""

    def __init__(self, circumstances: Circumstances) -> None:
        self.devices: dict[str, Device] = {}
        self._circumstances = circumstances
        self._proved: dict[str, float] = {}  # access key ID of a GetSessionToken session -> when its code was taken

    def check(self, exchange: Exchange, user_arn: str) -> None:
        """Judge the code of a request that `user_arn` has signed; Refused in STS's words. It is used up if it is good.

        STS says the same of a wrong and of a used code, and the same of every device that is not this user's, a FIDO
        key (`u2f/`) included: such a key has no codes.
        """
        serial, code = exchange.fields.get("SerialNumber"), exchange.fields.get("TokenCode")
        if serial is None and code is None:
            return
        if not serial or not code:
            raise Refused(403, "AccessDenied", HALF)
        device = self.devices.get(serial)
        # A device proves its user together with the user's long-term key; no device belongs to a session.
        if device is None or device.owner != user_arn or exchange.caller_is_session:
            raise Refused(403, "AccessDenied", NOT_THEIRS)
        if not device.accepts(code, self._circumstances.now()):
            raise Refused(403, "AccessDenied", WRONG)
        exchange.code_was_good = True

    def remember(self, access_key_id: str) -> None:
        """This session was bought with a code, just now."""
        self._proved[access_key_id] = time.time()

    def grow_older(self, seconds: float) -> None:
        """Let every such session be that much older, as `aws:MultiFactorAuthAge` counts."""
        self._proved = {key: proved - seconds for key, proved in self._proved.items()}

    def is_proved(self, access_key_id: str) -> bool:
        """Whether the session was bought with a code."""
        return access_key_id in self._proved

    def condition_keys(self, exchange: Exchange | None, access_key_id: str, keys: dict[str, Any]) -> dict[str, Any]:
        """The MFA keys of a request's context, over the keys that describe the caller.

        Long-term keys have none, unless the request itself carries a good code. A GetSessionToken session has "true"
        and the age if it was bought with a code. Every other session has "false", a role's too: what AssumeRole
        returns says nothing of the code it was asked with.
        """
        proved = self._proved.get(access_key_id)
        if proved is not None:
            return {**keys, PRESENT: "true", AGE: str(int(time.time() - proved))}
        if exchange and exchange.code_was_good and exchange.access_key_id == access_key_id:
            return {**keys, PRESENT: "true", AGE: "0"}
        return keys
