"""Somebody whose key is to go into a keyring, and what must work for them before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import caller
from tests.desk import PROGRAM
from tests.keyrings import Memory, memory

if TYPE_CHECKING:
    from tests.desk import Desk

__all__ = ["memory"]  # a fixture

KEPT = """\
# the keys; do not touch
[other]
region = %(here)s ; not a comment

\t; mine
[mine]
# of 2024
{key}
   # old: aws_access_key_id = AKIAOLDOLDOLDOLDOLD
region=us-east-1
endpoint_url =   {endpoint}
[last]
"""
ALICE = "arn:aws:iam::111122223333:user/alice"


@pytest.fixture
def mine(desk: Desk, memory: Memory) -> dict[str, str]:
    """A profile `mine` with alice's key, in a file that is not tidy. The key."""
    desk.environ.update(memory.environ)
    key = desk.key_of("alice")
    lines = f"aws_access_key_id = {key['aws_access_key_id']}\nAWS_Secret_Access_Key:{key['aws_secret_access_key']}"
    desk.credentials.write_text(KEPT.format(key=lines, endpoint=desk.sandbox.endpoint))
    return key


def line(key: dict[str, str]) -> str:
    return f"credential_process = {PROGRAM} keys process {key['aws_access_key_id']}"


def who(desk: Desk, profile: str) -> str:
    """Who AWS says a program is that uses that profile."""
    return caller.arn(desk.environ, profile)
