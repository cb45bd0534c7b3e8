"""The keyring that programs load which a test has started: PYTHON_KEYRING_BACKEND names it. It asks the test.

Nothing of pytest is imported here: each of those programs would take a tenth of a second for that.
"""

from __future__ import annotations

import os
from multiprocessing.connection import Client
from typing import Any

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

ADDRESS = "TEST_KEYRING_ADDRESS"


class Backend(KeyringBackend):
    """The keyring of the test that has started this program."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return self._ask("get", service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._ask("set", service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._ask("delete", service, username)

    @staticmethod
    def _ask(*words: str) -> Any:
        port, _, key = os.environ[ADDRESS].partition(":")
        with Client(("127.0.0.1", int(port)), authkey=bytes.fromhex(key)) as connection:
            connection.send(words)
            if (answer := connection.recv()) == "locked":
                raise KeyringLocked("locked")
            return answer[0]
