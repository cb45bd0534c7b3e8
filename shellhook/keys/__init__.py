"""Long-term keys in the operating system's keyring: which line stands for one in the AWS files.

    credential_process = /home/me/.local/bin/shellhook keys process AKIA...

Every SDK gets the key by running that; we know it by its look, and ask the keyring ourselves. The key's ID stands in
the line, where it is no secret, so that a plan can be made without the keyring; the secret is kept under the ID.
"""

from __future__ import annotations

import sys

from shellhook.errors import ShellhookError

_VERB = " keys process "
_PROGRAMS = ("shellhook", "shellhook.exe")


class NotThere(ShellhookError):
    """The keyring has no key of that ID."""


def is_key_id(text: str) -> bool:
    """Can this be the ID of an access key (IAM API reference, AccessKey)?"""
    return 16 <= len(text) <= 128 and text.isascii() and text.replace("_", "a").isalnum()


def key_id_in(command: str) -> str | None:
    """The ID of the key that a `credential_process` of ours gives; None if it is none of ours."""
    program, verb, key_id = command.rpartition(_VERB)
    name = program.strip().strip("\"'").replace("\\", "/").rpartition("/")[2].lower()
    return key_id.strip() if verb and name in _PROGRAMS and is_key_id(key_id.strip()) else None


def command(program: str, key_id: str, platform: str = sys.platform) -> str:
    """The `credential_process` of a key. `program` is our own absolute path, quoted as botocore takes it apart
    (botocore/compat.py, compat_shell_split): with double quotes on Windows, as a POSIX shell does elsewhere.

    Raises ShellhookError for a path that no line can hold.
    """
    if not program.isprintable() or (platform == "win32" and '"' in program):
        raise ShellhookError(f"{program!r} cannot be written as a command", remedy="install shellhook somewhere else")
    if platform == "win32":
        quoted = f'"{program}"' if " " in program else program
    else:
        import shlex

        quoted = shlex.quote(program)
    return f"{quoted}{_VERB}{key_id}"


def secret(key_id: str) -> str:
    """The secret of a key, from the keyring. Raises NotThere, ShellhookError."""
    from shellhook import os_keyring

    found = os_keyring.get(key_id)
    if found is None:
        raise NotThere(
            f"the keyring has no key {key_id}",
            why="the AWS files name it, and it was removed, or is in another keyring",
            remedy="shellhook keys remove PROFILE takes the line away; then: shellhook keys add PROFILE",
        )
    return found
