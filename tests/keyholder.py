"""Somebody whose key is to go into a keyring, and what must work for them before and after."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

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
    """Who boto3 is as that profile."""
    code = f"import boto3; print(boto3.Session(profile_name={profile!r}).client('sts').get_caller_identity()['Arn'])"
    done = subprocess.run([sys.executable, "-c", code], env=desk.environ, capture_output=True, text=True, timeout=60)
    return done.stdout.strip() or done.stderr
