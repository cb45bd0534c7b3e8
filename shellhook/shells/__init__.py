"""The shells: how assignments are written in each, and what their hooks are.

A shell is one module here and one file in shell/. The module has

    quote(text)                       a literal of that shell
    render(assignments, removals)     the code that sets and removes variables, all of them or none
    startup_file(environ)             the file that `install` adds a line to
    line(path)                        that line: sources the rendered hook, if it is there
    init_line()                       what to paste for those who evaluate `shellhook init` at each start
"""

from __future__ import annotations

import importlib
import os

from shellhook import __version__
from shellhook.errors import WrongUsage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    class Shell(Protocol):
        """What a module of this package offers."""

        def quote(self, text: str) -> str: ...
        def render(self, assignments: Mapping[str, str], removals: Sequence[str]) -> str: ...
        def startup_file(self, environ: Mapping[str, str]) -> str: ...
        def line(self, path: str) -> str: ...
        def init_line(self) -> str: ...


NAMES = ("bash", "zsh", "fish", "powershell")
_SUFFIX = {"powershell": "ps1"}
_ALIASES = {"pwsh": "powershell"}
COMMAND = "assume"


def find(name: str) -> str:
    """The shell's own name, of however it is called. Raises WrongUsage."""
    name = _ALIASES.get(name, name)
    if name not in NAMES:
        raise WrongUsage(f"there is no hook for {name!r}", remedy=f"there is one for {', '.join(NAMES)}")
    return name


def module(name: str) -> Shell:
    """The module of a shell; only that one is imported. Raises WrongUsage."""
    return importlib.import_module(f"shellhook.shells.{find(name)}")


def hook(name: str, backend: str, command: str = COMMAND) -> str:
    """The text of a shell's hook, with the backend's path, the name of the user's command and the place of the
    completions filled in."""
    name = find(name)
    quote = module(name).quote
    path = os.path.join(_directory("shell"), f"shellhook.{_SUFFIX.get(name, name)}")
    with open(path, encoding="utf-8", newline="\n") as file:
        text = file.read()
    # Quotes and all: the placeholder is a literal of the shell, and is replaced by one.
    placeholders = {"BACKEND": backend, "COMMAND": command, "COMPLETIONS": completions()}
    for placeholder, value in placeholders.items():
        text = text.replace(f"'@{placeholder}@'", quote(value))
    return f"{stamp(command)}\n{text}"


def completions() -> str:
    """The directory of the completions, which the hooks load at the first TAB."""
    return _directory("completions")


def stamp(command: str = COMMAND) -> str:
    """The first line of a rendered hook: by it the backend sees that another version wrote it."""
    return f"# shellhook {__version__} --cmd {command}"


def _directory(name: str) -> str:
    """shell/ and completions/ lie inside the package where it was installed, beside it in a checkout."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(here, name)
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(here), name)
