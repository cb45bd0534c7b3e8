"""Programs that ask AWS who they are: boto3 at least; more where a variable names them.

SHELLHOOK_AWS_CLI      `aws` of version 2 (tests/aws_cli.py fetches one)
SHELLHOOK_AWS_CLI_V1   `aws` of version 1: pip install awscli
SHELLHOOK_NODE_SDK     a directory in which was said: npm install @aws-sdk/client-sts @aws-sdk/credential-providers
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Each prints access key ID and ARN on a line, once at the start and once for every line it reads: one program that
# lives through a renewal.
_BOTO3 = """
import sys
import boto3
session = boto3.Session()
while True:
    key = session.get_credentials().get_frozen_credentials().access_key
    print(key, session.client("sts").get_caller_identity()["Arn"], flush=True)
    if not sys.stdin.readline():
        break
"""
_JAVASCRIPT = """
const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");
const client = new STSClient({ endpoint: process.env.AWS_ENDPOINT_URL });
const tell = async () => {
  const key = (await client.config.credentials()).accessKeyId;
  console.log(key, (await client.send(new GetCallerIdentityCommand({}))).Arn);
};
const lines = require("readline").createInterface({ input: process.stdin })[Symbol.asyncIterator]();
(async () => {
  do { await tell(); } while (!(await lines.next()).done);
})().catch((error) => { console.error(error); process.exit(1); });
"""


class Reader:
    """A program, by what it is called in a test; `command` is None where it is not on this machine. `lives`: it can be
    asked again without being started anew."""

    def __init__(self, name: str, command: list[str] | None, missing: str, *, lives: bool) -> None:
        self.name, self._command, self._missing, self.lives = name, command, missing, lives

    def __repr__(self) -> str:
        return self.name

    def start(self, environ: Mapping[str, str], directory: Path) -> Running:
        """Start it there, with that environment. The test is skipped where there is none."""
        if self._command is None:
            pytest.skip(self._missing)
        return Running(self._command, environ, directory)

    def who(self, environ: Mapping[str, str], directory: Path) -> tuple[str | None, str]:
        """Its access key ID, None if it does not tell, and the ARN that AWS says it is."""
        with self.start(environ, directory) as running:
            if self.lives:
                return running.tells()
            return None, json.loads(running.all())["Arn"]


class Running:
    """One that was started."""

    def __init__(self, command: list[str], environ: Mapping[str, str], directory: Path) -> None:
        self._process = subprocess.Popen(
            command,
            env=dict(environ),
            cwd=directory,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate(timeout=60)

    def tells(self) -> tuple[str, str]:
        """The next line that it prints: access key ID and ARN."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(self._process.communicate(timeout=60)[1])
        key, _, arn = line.strip().partition(" ")
        return key, arn

    def asked_again(self) -> tuple[str, str]:
        """What it says when it is asked once more."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self.tells()

    def all(self) -> str:
        """What it prints until its end."""
        out, err = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, err
        return str(out)


def _cli(variable: str) -> list[str] | None:
    program = os.environ.get(variable)
    return [program, "sts", "get-caller-identity", "--output", "json"] if program else None


def _node() -> list[str] | None:
    # `node -e` looks for modules where it is started: in a directory that the test does not have.
    directory, node = os.environ.get("SHELLHOOK_NODE_SDK"), shutil.which("node")
    code = f"module.paths.unshift({json.dumps(os.path.join(directory or '', 'node_modules'))});{_JAVASCRIPT}"
    return [node, "-e", code] if directory and node else None


ALL = [
    Reader("boto3", [sys.executable, "-c", _BOTO3], "", lives=True),
    Reader("aws-cli-1", _cli("SHELLHOOK_AWS_CLI_V1"), "SHELLHOOK_AWS_CLI_V1 names no aws of version 1", lives=False),
    Reader("aws-cli-2", _cli("SHELLHOOK_AWS_CLI"), "SHELLHOOK_AWS_CLI names no aws of version 2", lives=False),
    Reader("javascript", _node(), "SHELLHOOK_NODE_SDK names no directory, or there is no node", lives=True),
]
