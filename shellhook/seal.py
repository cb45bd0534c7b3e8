"""Sessions at rest, encrypted: AES-GCM, under a key that is held in the operating system's keyring.

What is no secret stays readable (a session's expiry and profile), so that sweeping and forgetting do without the
keyring. `session_store = "keyring"` asks for it; what was sealed is opened whatever the setting says by then.
"""

from __future__ import annotations

import marshal
import os

from shellhook import os_keyring
from shellhook.errors import ShellhookError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

SEALED = "sealed"
_NAME = "sessions"  # of the key in the keyring
_KEY_LENGTH, _NONCE_LENGTH = 32, 12  # bytes; the nonce's is that of NIST SP 800-38D
_FORMAT = 4  # of marshal, as in store/files.py


def key(*, make: bool) -> bytes | None:
    """The key, 32 bytes. None if there is none and none is to be made. The caller holds a lock where one may be.

    Raises ShellhookError if the keyring cannot be asked.
    """
    kept = os_keyring.get(_NAME)
    try:
        found = bytes.fromhex(kept or "")
    except ValueError:
        found = b""
    if len(found) == _KEY_LENGTH:
        return found
    if not make:
        return None
    found = os.urandom(_KEY_LENGTH)
    os_keyring.put(_NAME, found.hex())
    return found


def closed(key: bytes, place: str, saved: Mapping[str, Any], secrets: Sequence[str]) -> dict[str, Any]:
    """`saved` with its secret fields sealed. `place` is the file's: sealed, they are of no use in another.

    Raises ShellhookError if `cryptography` is missing.
    """
    nonce = os.urandom(_NONCE_LENGTH)
    hidden = {name: saved[name] for name in secrets if name in saved}
    text = _cipher(key).encrypt(nonce, marshal.dumps(hidden, _FORMAT), place.encode())
    return {**{name: value for name, value in saved.items() if name not in hidden}, SEALED: nonce + text}


def opened(key: bytes | None, place: str, saved: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `closed` was given; None if that key did not seal it. Raises ShellhookError if `cryptography` is missing."""
    if key is None:
        return None
    sealed = saved[SEALED]
    cipher = _cipher(key)
    from cryptography.exceptions import InvalidTag

    try:
        hidden = marshal.loads(cipher.decrypt(sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:], place.encode()))  # noqa: S302
    except (InvalidTag, ValueError, TypeError):
        return None
    return {**{name: value for name, value in saved.items() if name != SEALED}, **hidden}


def _cipher(key: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise ShellhookError(
            "encrypted sessions need one more package",
            why="cryptography is not installed",
            remedy="pip install 'shellhook[keyring]'",
        ) from None
    return AESGCM(key)
