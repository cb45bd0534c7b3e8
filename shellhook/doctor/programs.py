"""The programs and packages that this stands on: Python, botocore, the AWS CLI if there is one."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec

from shellhook import __version__
from shellhook.doctor import fail, ok, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shellhook.doctor import Finding

_LEAST_PYTHON, _LEAST_BOTOCORE = (3, 10), (1, 40)  # pyproject.toml
_IMPORTED = ("botocore", "boto3", "prompt_toolkit", "psutil", "shellingham")
_PATIENCE = 3.0  # seconds for the version of a program


def python(version: Sequence[int], executable: str) -> Finding:
    """The Python that runs this."""
    shown = ".".join(map(str, version[:3]))
    if tuple(version[:2]) < _LEAST_PYTHON:
        return fail(
            "python", f"{shown}; 3.10 or later is needed", "install shellhook again, with a newer Python", executable
        )
    return ok("python", f"{shown}; shellhook {__version__}", executable)


def packages() -> Iterator[Finding]:
    """What is imported at run time."""
    missing = [name for name in _IMPORTED if find_spec(name) is None]
    if missing:
        yield fail("packages", f"{', '.join(missing)} cannot be imported", "install shellhook again")
    if "botocore" in missing:
        return
    import botocore

    version = botocore.__version__
    if numbers(version) < _LEAST_BOTOCORE:
        yield fail("packages", f"botocore {version} is too old", "pip install --upgrade boto3", botocore.__file__)
    else:
        yield ok("packages", f"botocore {version}", os.path.dirname(botocore.__file__))


def aws_cli(environ: Mapping[str, str], patience: float = _PATIENCE) -> Finding:
    """The AWS CLI on the PATH. It is not needed, and an old one misses some of what we leave for it."""
    check = "aws-cli"
    path = shutil.which("aws", path=environ.get("PATH"))
    if path is None:
        return ok(check, "not on the PATH, and not needed")
    said = output([path, "--version"], environ, patience)
    found = re.search(r"aws-cli/(\d+)\.(\d+)\.(\d+)", said or "")
    if said is None:
        return ok(check, f"did not say its version within {patience:g}s", path)
    if found is None:
        return warn(check, "does not say its version: it may be broken", f"try it: {path} --version", path)
    version = tuple(map(int, found.groups()))
    shown = ".".join(found.groups())
    if version[0] == 1:
        return warn(
            check,
            f"{shown}: version 1 knows neither `aws sso login` nor `aws configure sso`",
            "`shellhook login` does it; or install version 2",
            path,
        )
    if version < (2, 9):
        return warn(check, f"{shown} does not know [sso-session] sections", "install a newer one: 2.9 or later", path)
    return ok(check, shown, path)


def output(words: Sequence[str], environ: Mapping[str, str], patience: float = _PATIENCE) -> str | None:
    """What a program says on standard output, in so many seconds; None if it did not end by then, or cannot be
    started. It gets no credentials. What it started ends with it."""
    bare = {name: value for name, value in environ.items() if not name.startswith(("AWS_", "SHELLHOOK_"))}
    try:
        process = subprocess.Popen(
            words,
            env=bare,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=os.name == "posix",
        )
    except OSError:
        return None
    try:
        said, _ = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)  # a shim has started another
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=1)
        return None
    return said.decode("utf-8", "replace")


def numbers(version: str) -> tuple[int, ...]:
    """The first two numbers of a version, (0,) if there are none."""
    found = re.search(r"(\d+)\.(\d+)", version)
    return tuple(map(int, found.groups())) if found else (0,)
