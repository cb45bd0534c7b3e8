"""The shell that called, and its hook: start-up files, hooks at rest and versions that are broken for real."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from shellhook import __version__, install, shells
from shellhook.doctor import programs, shell
from shellhook.doctor.shell import Calling
from tests.desk import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from shellhook.doctor import Finding

pytestmark = pytest.mark.skipif(os.name != "posix", reason="scripts with #!")


@pytest.fixture(autouse=True)
def _called_as_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [PROGRAM, "doctor"])


def told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(each.status, each.message) for each in findings]


def installed(kind: str, home: Path) -> tuple[dict[str, str], Path]:
    """An environment in which the hook is installed, and the start-up file."""
    environ = {"HOME": str(home)}
    install.write_hook(kind, environ)
    change = install.planned(kind, environ)
    install.apply(change)
    return environ, home / change.path


@pytest.mark.parametrize("kind", shells.NAMES)
def test_installed(kind: str, tmp_path: Path) -> None:
    environ, file = installed(kind, tmp_path)
    (found,) = shell.startup(kind, environ)
    assert (found.status, found.message) == ("ok", "loads the hook")
    assert found.where.startswith(f"{file}:")
    assert told(shell.hooks(environ)) == [("ok", f"{kind}: of this version, {__version__}")]


@pytest.mark.parametrize("kind", shells.NAMES)
def test_not_installed_and_the_remedy(kind: str, tmp_path: Path) -> None:
    (found,) = shell.startup(kind, {"HOME": str(tmp_path)})
    assert found.status == "fail"
    assert found.remedy.splitlines()[0] == f"shellhook install {kind}"
    assert shells.module(kind).init_line() in found.remedy


@pytest.mark.parametrize(
    ("kind", "file", "line"),
    [
        ("bash", ".bashrc", 'eval "$(shellhook init bash)"'),
        ("bash", ".bash_profile", 'eval "$(/opt/bin/shellhook init bash)"'),
        ("zsh", ".zshenv", ". ~/.local/share/shellhook/hook.zsh"),
        ("fish", ".config/fish/conf.d/aws.fish", "shellhook init fish | source"),
    ],
)
def test_loaded_in_a_way_of_one_s_own(kind: str, file: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# shellhook init {kind}\n{line}\n")
    (found,) = shell.startup(kind, {"HOME": str(tmp_path)})
    assert (found.status, found.where) == ("ok", f"{path}:2")
    path.write_text(f"# {line}\n")
    (found,) = shell.startup(kind, {"HOME": str(tmp_path)})
    assert found.status == "fail"


def test_a_block_without_an_end(tmp_path: Path) -> None:
    environ, file = installed("bash", tmp_path)
    file.write_text(file.read_text().replace(install.END, ""))
    (found,) = shell.startup("bash", environ)
    assert (found.status, "has no end" in found.message) == ("fail", True)


def test_a_block_that_loads_another_hook(tmp_path: Path) -> None:
    environ, _ = installed("bash", tmp_path)
    (found,) = shell.startup("bash", {**environ, "XDG_DATA_HOME": str(tmp_path / "data")})
    assert (found.status, found.remedy) == ("warn", "shellhook install bash")


def test_a_start_up_file_that_is_a_link_to_nowhere(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").symlink_to(tmp_path / "dotfiles" / "bashrc")
    found = list(shell.startup("bash", {"HOME": str(tmp_path)}))
    assert (found[0].status, "dotfiles/bashrc, which is not there" in found[0].message) == ("fail", True)


def test_a_hook_that_was_removed(tmp_path: Path) -> None:
    environ, _ = installed("zsh", tmp_path)
    os.unlink(install.hook_file("zsh", environ))
    assert told(shell.startup("zsh", environ))[1] == ("fail", "the hook that it loads is not there")


def rewritten(tmp_path: Path, old: str, new: str) -> list[Finding]:
    """What is found of a hook in which something was changed."""
    environ, _ = installed("bash", tmp_path)
    path = install.hook_file("bash", environ)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert old in text
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new, 1))
    return list(shell.hooks(environ))


def test_a_hook_whose_program_is_gone(tmp_path: Path) -> None:
    (found,) = rewritten(tmp_path, PROGRAM, "/venv/gone/bin/shellhook")
    assert (found.status, found.remedy) == ("fail", "shellhook install bash")
    assert "/venv/gone/bin/shellhook, which is not there any more" in found.message


def test_a_hook_of_another_installation(tmp_path: Path) -> None:
    other = tmp_path / "shellhook"
    other.write_text("#!/bin/sh\n")
    (found,) = rewritten(tmp_path, PROGRAM, str(other))
    assert (found.status, "cannot be run" in found.message) == ("fail", True)
    other.chmod(0o755)
    (found,) = rewritten(tmp_path, PROGRAM, str(other))
    assert (found.status, f"it calls another shellhook, {other}" in found.message) == ("warn", True)


def test_a_hook_of_another_version(tmp_path: Path) -> None:
    (found,) = rewritten(tmp_path, f"# shellhook {__version__}", "# shellhook 0.0.1")
    assert (found.status, found.message) == ("warn", f"bash: of version 0.0.1, this is {__version__}")


def test_the_user_s_name_for_the_function_is_kept(tmp_path: Path) -> None:
    (found,) = rewritten(tmp_path, shells.stamp(), "# shellhook 0.0.1 --cmd as")
    assert found.remedy == "shellhook install bash --cmd as, and open a new shell"
    environ = {"HOME": str(tmp_path)}
    (tmp_path / ".bashrc").unlink()
    (found,) = shell.startup("bash", environ)
    assert found.remedy.splitlines()[0] == "shellhook install bash --cmd as"


def test_a_hook_that_is_not_ours(tmp_path: Path) -> None:
    (found,) = rewritten(tmp_path, "# shellhook", "# something")
    assert (found.status, found.remedy) == ("fail", "shellhook install bash")


def test_a_hook_that_everybody_can_change(tmp_path: Path) -> None:
    environ, _ = installed("bash", tmp_path)
    os.chmod(install.hook_file("bash", environ), 0o666)  # noqa: S103
    (found,) = shell.hooks(environ)
    assert (found.status, "chmod o-w" in found.remedy) == ("fail", True)


def test_is_it_loaded_here(tmp_path: Path) -> None:
    environ, _ = installed("bash", tmp_path)
    here = Calling(name="bash", pid=77, started=time.time() - 60)
    assert told(shell.loaded(here, environ, 77)) == [("ok", "this bash has the hook: it did the assume")]
    (found,) = shell.loaded(here, environ, 78)
    assert (found.status, "written after this bash began" in found.message) == ("warn", True)
    assert "open a new bash" in found.remedy
    (found,) = shell.loaded(here.replace(started=time.time() + 60), environ, None)
    assert (found.status, "assume --status" in found.message) == ("ok", True)
    assert list(shell.loaded(None, environ, None)) == []


def a_shell(tmp_path: Path, name: str, says: str) -> Calling:
    path = tmp_path / name
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return Calling(name=name, path=str(path))


@pytest.mark.parametrize(
    ("name", "says", "status", "message"),
    [
        ("bash", "echo 'GNU bash, version 3.2.57(1)-release'", "ok", "bash 3.2"),
        ("bash", "echo 'GNU bash, version 3.1.0(1)-release'", "fail", "bash 3.1; 3.2 or later is needed"),
        ("zsh", "echo zsh 4.3.17", "fail", "zsh 4.3; 5.0 or later is needed"),
        ("fish", "echo fish, version 3.1.2", "fail", "fish 3.1; 3.2 or later is needed"),
        ("fish", "echo fish, version 4.0.1", "ok", "fish 4.0"),
        ("zsh", "exit 1", "ok", "zsh"),
        ("nu", "echo 0.90.1", "fail", "there is no hook for nu"),
    ],
)
def test_versions_of_shells(name: str, says: str, status: str, message: str, tmp_path: Path) -> None:
    found = shell.version(a_shell(tmp_path, name, says), {})
    assert (found.status, found.message) == (status, message)


def test_what_fish_keeps_for_every_shell(tmp_path: Path) -> None:
    variables = tmp_path / ".config" / "fish" / "fish_variables"
    variables.parent.mkdir(parents=True)
    variables.write_text(
        "# VERSION: 3.0\nSETUVAR --export AWS_SECRET_ACCESS_KEY:sEcReT\nSETUVAR AWS_HIDDEN:x\n"
        "SETUVAR --export EDITOR:vi\nSETUVAR --export SHELLHOOK_PROMPT:left\n"
    )
    found = list(shell.universal({"HOME": str(tmp_path)}))
    assert [(each.status, each.where) for each in found] == [("warn", f"{variables}:2"), ("warn", f"{variables}:5")]
    assert found[0].remedy == "in fish: set -eU AWS_SECRET_ACCESS_KEY"
    assert "sEcReT" not in str(found)


@pytest.mark.parametrize(
    ("says", "status", "message"),
    [
        ("echo aws-cli/2.38.5 Python/3.13.0 Linux", "ok", "2.38.5"),
        ("echo aws-cli/2.4.0 Python/3.8.8 Linux", "warn", "[sso-session]"),
        ("echo aws-cli/1.45.11 Python/3.11 >&2", "warn", "version 1"),
        ("echo oops; exit 1", "warn", "may be broken"),
    ],
)
def test_the_aws_cli(says: str, status: str, message: str, tmp_path: Path) -> None:
    a_shell(tmp_path, "aws", says)
    found = programs.aws_cli({"PATH": f"{tmp_path}:/bin:/usr/bin"}, 20)
    assert found.status == status
    assert message in found.message


def test_an_aws_cli_that_hangs_is_ended_and_what_it_started(tmp_path: Path) -> None:
    a_shell(tmp_path, "aws", f"echo $$ >{tmp_path}/pid; sleep 600 & sleep 600")
    began = time.monotonic()
    found = programs.aws_cli({"PATH": f"{tmp_path}:/bin:/usr/bin"}, 0.5)
    assert time.monotonic() - began < 5
    assert found.status == "ok"
    pid = int((tmp_path / "pid").read_text())
    while living(pid):
        assert time.monotonic() - began < 60


def living(group: int) -> list[int]:
    """The processes of a group that have not ended."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def test_no_aws_cli(tmp_path: Path) -> None:
    assert programs.aws_cli({"PATH": str(tmp_path)}).status == "ok"


def test_an_aws_cli_gets_no_credentials(tmp_path: Path) -> None:
    a_shell(tmp_path, "aws", "echo aws-cli/9.9.9; env >&2")
    said = programs.output([str(tmp_path / "aws")], {"AWS_SECRET_ACCESS_KEY": "sEcReT", "PATH": "/bin:/usr/bin"}, 20)
    assert said is not None
    assert "sEcReT" not in said


@pytest.mark.parametrize(("version", "status"), [((3, 9, 1), "fail"), ((3, 10, 0), "ok"), ((3, 14, 1), "ok")])
def test_python(version: tuple[int, ...], status: str) -> None:
    assert programs.python(version, "/bin/python").status == status


def test_packages_that_are_there() -> None:
    assert [each.status for each in programs.packages()] == ["ok"]
