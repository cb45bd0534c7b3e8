"""The operating system's keyring, through the package `keyring`: Keychain, Credential Manager, Secret Service, KWallet.

A secret under a name. A keyring that is locked, absent or stuck never holds us for longer than `_patience` says: its
calls run in a thread that is left behind when the time is over.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from shellhook.errors import ShellhookError
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SERVICE = "shellhook"
_WITH_A_DIALOG, _HEADLESS = 120, 8  # seconds: somebody may have to look up a password; nobody can be asked
_QUIET = 3  # seconds after which we say what we are waiting for
_REMEDY = "a machine without a desktop may have none: leave the keys in ~/.aws/credentials, and session_store unset"
_NONE = ("NoKeyringError", "InitError", "RuntimeError", "ModuleNotFoundError", "AttributeError", "ValueError")


class _Manner:
    """May the keyring ask to be unlocked?"""

    may_ask = True


def never_ask() -> None:
    """From now on a locked keyring stays locked: nobody is there, or nobody asked for it."""
    _Manner.may_ask = False


def get(name: str) -> str | None:
    """The secret of that name, None if there is none. Raises ShellhookError if the keyring cannot be asked."""
    found: str | None = _ask("give out", lambda keyring: keyring.get_password(SERVICE, name))
    return found


def put(name: str, secret: str) -> None:
    """Keep a secret, and see that it is kept. Raises ShellhookError."""

    def kept(keyring: Any) -> bool:
        keyring.set_password(SERVICE, name, secret)
        return bool(keyring.get_password(SERVICE, name) == secret)

    if not _ask("keep", kept, secret):
        raise ShellhookError(f"the keyring did not keep {name}", why="it gives back something else", remedy=_REMEDY)


def delete(name: str) -> None:
    """Forget a secret; nothing happens if there is none. Raises ShellhookError."""

    def gone(keyring: Any) -> None:
        if keyring.get_password(SERVICE, name) is not None:
            keyring.delete_password(SERVICE, name)

    _ask("delete", gone)


def _ask(verb: str, call: Callable[[Any], Any], secret: str = "") -> Any:
    """What a call of the keyring gives, in bounded time."""
    answers: list[Any] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(call(_chosen()))
        except BaseException as error:  # an exit in a backend's library, too, is no answer
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    began, patience, said = time.monotonic(), _patience(), False
    while thread.is_alive() and time.monotonic() - began < patience:
        thread.join(0.1)  # in slices: Windows lets no Ctrl-C through a longer wait
        if not said and patience > _HEADLESS and time.monotonic() - began > _QUIET:
            said = True
            say("waiting for the keyring: it may be showing a dialog (Ctrl-C ends the wait)")
    if answers:
        return answers[0]
    if not errors:
        raise ShellhookError(f"the keyring did not answer within {patience}s", remedy=_REMEDY)
    raise _explained(errors[0], verb, secret) from None


def _patience() -> int:
    if not _Manner.may_ask:
        return _HEADLESS
    shows = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return _WITH_A_DIALOG if shows else _HEADLESS


def _chosen() -> Any:
    """The keyring that the package chooses, or was told to take (PYTHON_KEYRING_BACKEND, keyringrc.cfg). What its
    authors do not recommend, such as a plain file, is not chosen."""
    import keyring
    from keyring import core

    if core._keyring_backend is None:
        core.init_backend(core.recommended)
    chosen: Any = keyring.get_keyring()
    several = getattr(chosen, "backends", [chosen])  # of keyring's chainer
    if not _Manner.may_ask and any(type(each).__module__.endswith("SecretService") for each in several):
        import secretstorage  # of the package keyring, on Linux

        connection = secretstorage.dbus_init()
        try:
            if secretstorage.get_default_collection(connection).is_locked():
                from keyring.errors import KeyringLocked

                raise KeyringLocked
        finally:
            connection.close()
    return chosen


def _explained(error: BaseException, verb: str, secret: str) -> ShellhookError:
    """What is wrong with the keyring. Backends have exceptions of many kinds: names tell them."""
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, ModuleNotFoundError) and (error.name or "") in ("keyring", "secretstorage", "jeepney"):
        return ShellhookError(
            "the keyring needs one more package",
            why=f"{error.name} is not installed",
            remedy="pip install 'shellhook[keyring]'",
        )
    if "KeyringLocked" in kinds:
        return ShellhookError(
            "the keyring is locked",
            why="it was not unlocked, or nobody could be asked",
            remedy="unlock it, and try again",
        )
    why = " ".join(str(error).split()) or kinds[0]
    why = why.replace(secret, "...") if secret else why
    if any(kind in _NONE for kind in kinds):
        return ShellhookError("there is no keyring to be had here", why=why, remedy=_REMEDY)
    return ShellhookError(f"the keyring did not {verb} it", why=f"{kinds[0]}: {why}", remedy="unlock it, and try again")
