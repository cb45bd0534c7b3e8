"""Other tools that give shells AWS credentials, or show them: which are in the way of what."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import zlib

from shellhook import shells
from shellhook.doctor import ok, warn
from shellhook.doctor.shell import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shellhook.doctor import Finding

CHECK = "other-tools"
_STARTUP = {
    "bash": (".bashrc", ".bash_profile", ".bash_aliases", ".profile"),
    "zsh": (".zshrc", ".zshenv", ".zprofile"),
}


def found(environ: Mapping[str, str], shell: str | None) -> list[Finding]:
    """All of them, or one finding that there is none. `shell` is the one that called."""
    every = [
        *_subshell(environ),
        *_awsume(environ),
        *_aliases(environ, shell),
        *_another_assume(environ),
        *_direnv(environ),
        *_prompts(environ, shell),
    ]
    return every or [ok(CHECK, "none that is known")]


def _subshell(environ: Mapping[str, str]) -> Iterator[Finding]:
    if environ.get("AWS_VAULT"):
        yield warn(
            CHECK,
            "this is a subshell of aws-vault: its keys are set, and are not renewed",
            "`exit` leaves it; `assume` in it takes their place for as long as it lasts",
            "AWS_VAULT",
        )


def _awsume(environ: Mapping[str, str]) -> Iterator[Finding]:
    ours = environ.get("SHELLHOOK_PROFILE")
    if environ.get("AWSUME_PROFILE") and not ours and environ.get("AWS_ACCESS_KEY_ID"):
        yield warn(
            CHECK,
            "a session of awsume is on: it is not renewed, and no prompt of ours shows it",
            "awsume --unset, or assume over it",
            "AWSUME_PROFILE",
        )


def _aliases(environ: Mapping[str, str], shell: str | None) -> Iterator[Finding]:
    """bash and zsh take an alias before a function of that name; granted makes one."""
    home = environ.get("HOME") or os.path.expanduser("~")
    for name in _STARTUP.get(shell or "", ()):
        path = os.path.join(environ.get("ZDOTDIR") or home if shell == "zsh" else home, name)
        for number, line in enumerate(read(path).splitlines(), 1):
            if re.match(rf"\s*alias\s+(-\w+\s+)?{shells.COMMAND}=", line):
                yield warn(
                    CHECK,
                    f"an alias `{shells.COMMAND}` goes before the hook's function: another tool's, such as granted's",
                    f"remove the line, or give ours another name: shellhook install {shell} --cmd NAME",
                    f"{path}:{number}",
                )


def _another_assume(environ: Mapping[str, str]) -> Iterator[Finding]:
    path = shutil.which(shells.COMMAND, path=environ.get("PATH"))
    if path is not None:
        yield warn(
            CHECK,
            f"a program `{shells.COMMAND}` is on the PATH: scripts, and shells without the hook, run that",
            "nothing, if you know; or give ours another name: shellhook install --cmd NAME",
            path,
        )


def _direnv(environ: Mapping[str, str]) -> Iterator[Finding]:
    """direnv keeps what it changed in a variable, as JSON, deflated (direnv/gzenv)."""
    text = environ.get("DIRENV_DIFF")
    if not text:
        return
    try:
        diff = json.loads(zlib.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
        names = sorted(name for name in diff["n"] if name.startswith("AWS_"))
    except (ValueError, zlib.error, KeyError, TypeError):
        return
    if names:
        where = environ.get("DIRENV_FILE") or environ.get("DIRENV_DIR", "").removeprefix("-")
        yield warn(
            CHECK,
            f"direnv sets {', '.join(names)} here: over a session's, whenever you come to this directory",
            "take it out of that file, and assume what you need",
            where,
        )


def _prompts(environ: Mapping[str, str], shell: str | None) -> Iterator[Finding]:
    home = environ.get("HOME") or os.path.expanduser("~")
    if environ.get("STARSHIP_SHELL"):
        path = environ.get("STARSHIP_CONFIG") or os.path.join(home, ".config", "starship.toml")
        aws = re.search(r"^\[aws\](.*?)(?=^\[|\Z)", read(path), re.MULTILINE | re.DOTALL)
        if not (aws and re.search(r"^\s*disabled\s*=\s*true", aws[1], re.MULTILINE)):
            yield ok(
                CHECK, "starship shows profile and time: the hook adds nothing, unless SHELLHOOK_PROMPT says so", path
            )
    zshrc = os.path.join(environ.get("ZDOTDIR") or home, ".zshrc")
    plugins = re.search(r"^\s*plugins=\(([^)]*)\)", read(zshrc), re.MULTILINE) if shell == "zsh" else None
    if plugins and "aws" in plugins[1].split():
        line = read(zshrc)[: plugins.start()].count("\n") + 1
        yield ok(
            CHECK, "oh-my-zsh's aws plugin: `asp` sets AWS_PROFILE, which a session of ours clears", f"{zshrc}:{line}"
        )
