"""What is built, and that it works where it was installed: in any virtual environment, with any Python at hand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shellhook import __version__, shells
from tests.desk import Desk

if TYPE_CHECKING:
    from shellhook.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
WINDOWS = sys.platform == "win32"
# Those on the PATH, those named as SHELLHOOK_PYTHONS=path:path, and the one that runs this.
SUPPORTED = [f"3.{minor}" for minor in range(10, 15)]


def built(source: Path, target: Path) -> list[Path]:
    """The wheel and the source distribution of a tree."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(target)], cwd=source, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [next(target.glob(kind)) for kind in ("*.whl", "*.tar.gz")]


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both, built once."""
    return built(ROOT, tmp_path_factory.mktemp("dist"))


def in_wheel(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def files_of(directory: str) -> list[str]:
    return sorted(path.name for path in (ROOT / directory).iterdir() if path.is_file())


def test_the_wheel_has_all_that_is_needed_at_run_time(distributions: list[Path]) -> None:
    there = in_wheel(distributions[0])
    for directory in ("shell", "completions"):
        for name in files_of(directory):
            assert there[f"shellhook/{directory}/{name}"] == (ROOT / directory / name).read_bytes()
    assert "shellhook/py.typed" in there
    about = f"shellhook-{__version__}"
    assert there[f"{about}.dist-info/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    for page in ("assume.1", "shellhook.1"):
        assert there[f"{about}.data/data/share/man/man1/{page}"] == (ROOT / "docs" / page).read_bytes()
    assert b"shellhook = shellhook.__main__:main" in there[f"{about}.dist-info/entry_points.txt"]
    tops = {name.partition("/")[0] for name in there}
    assert tops == {"shellhook", f"{about}.dist-info", f"{about}.data"}, "nothing else lands in site-packages"


def test_its_description_is_the_readme(distributions: list[Path]) -> None:
    about = in_wheel(distributions[0])[f"shellhook-{__version__}.dist-info/METADATA"].decode()
    assert re.findall("^Requires-Python: (.*)$", about, re.MULTILINE) == [">=3.10"]
    assert "License-Expression: MIT" in about
    assert about.rstrip().endswith((ROOT / "README.md").read_text("utf-8").rstrip())
    named = re.findall(r"Python :: (3\.\d+)", about)
    assert named == SUPPORTED


def test_the_source_distribution_builds_the_same_wheel(distributions: list[Path], tmp_path: Path) -> None:
    with tarfile.open(distributions[1]) as archive:
        members = {member.name for member in archive.getmembers()}
        if sys.version_info >= (3, 12):
            archive.extractall(tmp_path, filter="data")
        else:
            archive.extractall(tmp_path)  # noqa: S202 - of our own making
    source = tmp_path / f"shellhook-{__version__}"
    for name in ("Makefile", "tests/conftest.py", "docs/reference.py", "benchmarks/__main__.py", "shell/shellhook.zsh"):
        assert f"{source.name}/{name}" in members, "what `make test` needs"
    again, _ = built(source, tmp_path / "again")
    assert in_wheel(again) == in_wheel(distributions[0])


# --- installed


def pythons() -> dict[str, str]:
    """Version -> its program, of each supported Python at hand."""
    found = {f"3.{sys.version_info.minor}": sys.executable}
    named = [path for path in os.environ.get("SHELLHOOK_PYTHONS", "").split(os.pathsep) if path]
    for path in [*named, *filter(None, (shutil.which(f"python{version}") for version in SUPPORTED))]:
        told = subprocess.run(
            [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True
        )
        if told.stdout.strip() in SUPPORTED:
            found.setdefault(told.stdout.strip(), path)
    return found


PYTHONS = pythons()


@pytest.fixture(scope="module", params=SUPPORTED)
def installed(
    request: pytest.FixtureRequest, distributions: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The directory of programs of a fresh environment, under a path with a blank, which has the wheel. What it
    depends on is lent from this environment: nothing is fetched."""
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    environment = tmp_path_factory.mktemp("installed") / "an environment"
    subprocess.run([PYTHONS[request.param], "-m", "venv", "--without-pip", str(environment)], check=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(environment)]
    subprocess.run([*pip, "install", "--no-index", "--no-deps", "--no-compile", str(distributions[0])], check=True)
    packages = next(environment.rglob("site-packages"))
    # Below what is installed there. An editable install of ours is a .pth too, which is not read from here.
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment / ("Scripts" if WINDOWS else "bin")


def test_the_hooks_are_found_wherever_it_was_installed(installed: Path, tmp_path: Path) -> None:
    program = str(installed / ("shellhook.exe" if WINDOWS else "shellhook"))

    def run(*words: str) -> str:
        done = subprocess.run([program, *words], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert run("--version") == f"shellhook {__version__}\n"
    for shell in shells.NAMES:
        hook = run("init", shell)
        assert hook.startswith(shells.stamp())
        assert "'@" not in hook, "every placeholder is filled in"
        assert shells.module(shell).quote(program) in hook
        completions = next(installed.parent.rglob("site-packages/shellhook/completions"))
        assert shells.module(shell).quote(str(completions)) in hook
        assert {"words", "shellhook.bash"} <= {file.name for file in completions.iterdir()}


@pytest.mark.skipif(WINDOWS, reason="a bash of POSIX")
def test_it_gives_a_shell_a_session(installed: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    desk = Desk(sandbox, tmp_path)
    line = 'eval "$(shellhook init bash)" && assume deploy && echo "$SHELLHOOK_PROFILE $SHELLHOOK_ACCOUNT"'
    path = os.pathsep.join([str(installed), desk.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", line], env={**desk.environ, "PATH": path}, cwd=desk.home, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "deploy 111122223333\n", "")
