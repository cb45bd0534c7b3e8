"""Time-based one-time passwords, RFC 6238: the six digits of an authenticator app.

IAM's virtual devices use SHA-1, six digits and steps of 30 s
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

STEP = 30


def step_of(now: float) -> int:
    """The number of the 30 s step that `now`, in epoch seconds, lies in."""
    return int(now // STEP)


def code_of_step(seed: str, step: int, digits: int = 6) -> str:
    """The code of one step, by RFC 4226's truncation. `seed` is base32, with or without its padding."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8), casefold=True)
    # SHA-1 is what authenticator apps and IAM agreed on; HMAC does not suffer from its collisions.
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def code(seed: str, now: float) -> str:
    """The code an authenticator app shows at `now`, in epoch seconds."""
    return code_of_step(seed, step_of(now))


def new_seed() -> str:
    """160 random bits in base32: what a person scans as a QR code."""
    return base64.b32encode(secrets.token_bytes(20)).decode()
