"""Other tools in the way, by what they leave in the environment and in start-up files."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING

import pytest

from shellhook.doctor import neighbours

if TYPE_CHECKING:
    from pathlib import Path


def found(environ: dict[str, str], home: Path, shell: str = "bash") -> list[tuple[str, str, str]]:
    every = neighbours.found({"HOME": str(home), "PATH": str(home / "bin"), **environ}, shell)
    return [(each.status, each.message, each.where) for each in every]


def direnv(*names: str) -> str:
    """As direnv writes it: JSON, deflated, in URLs' base64 (direnv/gzenv/gzenv.go)."""
    diff = {"p": {}, "n": dict.fromkeys(names, "sEcReT")}
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(diff).encode())).decode()


def test_nobody(tmp_path: Path) -> None:
    assert found({}, tmp_path) == [("ok", "none that is known", "")]


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"AWS_VAULT": "dev"}, "a subshell of aws-vault"),
        ({"AWSUME_PROFILE": "dev", "AWS_ACCESS_KEY_ID": "ASIA"}, "a session of awsume"),
        (
            {"DIRENV_DIFF": direnv("AWS_PROFILE", "PATH", "AWS_SECRET_ACCESS_KEY"), "DIRENV_FILE": "/w/.envrc"},
            "direnv sets",
        ),
    ],
)
def test_what_others_leave_in_the_environment(environ: dict[str, str], message: str, tmp_path: Path) -> None:
    ((status, said, _),) = found(environ, tmp_path)
    assert (status, message in said) == ("warn", True)
    assert "sEcReT" not in said


@pytest.mark.parametrize(
    "environ",
    [
        {"AWSUME_PROFILE": "dev", "AWS_ACCESS_KEY_ID": "ASIA", "SHELLHOOK_PROFILE": "dev"},  # a session of ours
        {"DIRENV_DIFF": direnv("PATH")},
        {"DIRENV_DIFF": "damaged"},
        {"DIRENV_DIFF": base64.urlsafe_b64encode(zlib.compress(b"[]")).decode()},
    ],
)
def test_what_is_in_nobody_s_way(environ: dict[str, str], tmp_path: Path) -> None:
    assert [each[0] for each in found(environ, tmp_path)] == ["ok"]


@pytest.mark.parametrize(
    ("shell", "file", "line", "is_found"),
    [
        ("bash", ".bashrc", 'alias assume=". assume"', True),
        ("bash", ".bash_aliases", "  alias assume='source assume'", True),
        ("zsh", ".zshenv", 'alias -g assume="x"', True),
        ("zsh", ".bashrc", 'alias assume="x"', False),
        ("bash", ".bashrc", '# alias assume="x"', False),
        ("bash", ".bashrc", "alias assumed=x", False),
        ("fish", ".bashrc", 'alias assume="x"', False),
    ],
)
def test_an_alias_goes_before_our_function(shell: str, file: str, line: str, is_found: bool, tmp_path: Path) -> None:
    (tmp_path / file).write_text(f"# mine\n{line}\n")
    ((status, _, where),) = found({}, tmp_path, shell)
    assert (status, where) == (("warn", f"{tmp_path / file}:2") if is_found else ("ok", ""))


def test_another_assume_on_the_path(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "assume"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    ((status, _, where),) = found({}, tmp_path)
    assert (status, where) == ("warn", str(program))


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("", "starship shows profile and time"),
        ("[aws]\nforce_display = true\n[git]\ndisabled = true\n", "starship shows profile and time"),
        ("[aws]\ndisabled = true\n", "none that is known"),
    ],
)
def test_why_the_prompt_shows_nothing_of_ours(toml: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "starship.toml").write_text(toml)
    environ = {"STARSHIP_SHELL": "bash", "STARSHIP_CONFIG": str(tmp_path / "starship.toml")}
    ((status, said, _),) = found(environ, tmp_path)
    assert (status, message in said) == ("ok", True)


def test_the_aws_plugin_of_oh_my_zsh(tmp_path: Path) -> None:
    (tmp_path / ".zshrc").write_text("ZSH=x\nplugins=(\n  git\n  aws\n)\n")
    ((status, said, where),) = found({}, tmp_path, "zsh")
    assert (status, "oh-my-zsh" in said, where) == ("ok", True, f"{tmp_path / '.zshrc'}:2")
