"""The hook in each PowerShell on this machine, Windows PowerShell 5.1 among them, without a terminal: so it runs on
Windows too. What takes a terminal is in tests/shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import Desk

PROGRAMS = ("powershell", "pwsh")
SCRIPT = r"""
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. ([scriptblock]::Create((shellhook init powershell) -join "`n"))
$env:AWS_PROFILE = 'mine'
assume deploy
"on: $env:SHELLHOOK_PROFILE $env:SHELLHOOK_ACCOUNT $(Test-Path Env:AWS_PROFILE) $(Test-Path Env:AWS_SESSION_TOKEN)"
assume --check
"check: $LASTEXITCODE"
assume --off
"off: $env:AWS_PROFILE $(Test-Path Env:SHELLHOOK_PROFILE) $(Test-Path Env:AWS_SESSION_TOKEN)"
"""


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_session_comes_and_goes(program: str, desk: Desk, tmp_path: Path) -> None:
    path = shutil.which(program)
    if path is None:
        if sys.platform == "win32" and program in os.environ.get("SHELLHOOK_REQUIRE", "").split():
            pytest.fail(f"{program} is required, and is not on this machine", pytrace=False)
        pytest.skip(f"{program} is not on this machine")
    # Windows' programs find their own parts by variables of the system.
    around = dict(os.environ) if sys.platform == "win32" else {}
    scripts = str(Path(sys.executable).parent)
    environ = {**around, **desk.environ, "PATH": os.pathsep.join([scripts, os.environ["PATH"]])}
    environ |= {"LOCALAPPDATA": str(tmp_path), "APPDATA": str(tmp_path), "SHELLHOOK_PROMPT": "off"}
    done = subprocess.run(
        [path, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", SCRIPT],
        env=environ,
        cwd=desk.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.splitlines() == ["on: deploy 111122223333 False True", "check: 0", "off: mine False False"], done
