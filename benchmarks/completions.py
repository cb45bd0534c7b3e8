"""What a TAB costs: from the key to the rest of the name on the terminal, less what the same shell takes for a command
that has one word to complete."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import statistics
import time
from typing import TYPE_CHECKING

from benchmarks.worlds import many_profiles
from shellhook import install

if TYPE_CHECKING:
    from pathlib import Path

# Milliseconds at so many profiles: the first TAB of a shell, and the next.
BUDGETS = {"bash": {10: (40, 10), 1000: (40, 10), 10_000: (400, 60)}}
OTHERS = {10: (10, 10), 1000: (10, 10), 10_000: (100, 60)}
_SHELLS = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
_BEGIN = {
    "bash": "complete -W power-user plain; ",
    # With what zsh's own completions load at the first TAB.
    "zsh": "autoload -Uz compinit; compinit -D -u; "
    "_plain() { local expl; _wanted names expl name compadd power-user }; compdef _plain plain; ",
    "fish": "set -g fish_autosuggestion_enabled 0; complete -c plain -f -a power-user; ",
}
_TYPED, _REST = b" power-us", b"er"
_ESCAPES = re.compile(rb"\x1b(\[[0-9;?<>=]*[a-zA-Z]|[\]P][^\x07\x1b]*(\x07|\x1b\\)|[()][0-9A-B]|[=>])")


def print_table(directory: Path, config: Path, rounds: int) -> None:
    """Measure every shell that is there, and print medians in milliseconds. `config` is what the profiles are added
    to."""
    print(f"\none TAB, key to screen: medians of {rounds} rounds, milliseconds\n")
    for shell in filter(shutil.which, _SHELLS):
        for number in OTHERS:
            path = many_profiles(config, directory / f"config-{number}", number)
            os.utime(path, (0, time.time() - 3600))  # not as fresh as to be doubted
            environ = {
                "PATH": os.environ["PATH"],
                "HOME": str(directory),
                "XDG_STATE_HOME": str(directory),
                "XDG_DATA_HOME": str(directory),
                "TERM": "xterm",
                "LC_ALL": "C.UTF-8",
                "AWS_CONFIG_FILE": str(path),
                "SHELLHOOK_PROMPT": "off",
            }
            hook = install.write_hook(shell, {**os.environ, **environ})
            budgets = BUDGETS.get(shell, OTHERS)[number]
            times = [
                (_once(shell, hook, environ, b"assume"), _once(shell, hook, environ, b"plain")) for _ in range(rounds)
            ]
            for at, (name, budget) in enumerate(zip(("the first", "the next"), budgets, strict=True)):
                ours, plain = (statistics.median(each[of][at] for each in times) for of in (0, 1))
                median = (ours - plain) * 1000
                row = f"{shell}, {number:,} profiles, {name}"
                print(f"{row:<52}{median:>9.1f}{budget:>9}{'  over' if median > budget else ''}")


def _once(shell: str, hook: str, environ: dict[str, str], command: bytes) -> tuple[float, float]:
    """Seconds of the first TAB of a shell behind that command, and of the next."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(_SHELLS[shell][0], _SHELLS[shell], environ)
    try:
        _type(terminal, f"{_BEGIN[shell]}. '{hook}'; echo rea''dy\r".encode())
        _until(terminal, b"ready")
        _settle(terminal)
        return _tab(terminal, command), _tab(terminal, command)
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def _tab(terminal: int, command: bytes) -> float:
    _type(terminal, command + _TYPED)
    _settle(terminal)
    started = time.perf_counter()
    os.write(terminal, b"\t")
    _until(terminal, _REST)
    taken = time.perf_counter() - started
    _type(terminal, b"\x15")
    _settle(terminal)
    return taken


def _type(terminal: int, text: bytes) -> None:
    os.write(terminal, text)


def _until(terminal: int, wanted: bytes) -> None:
    seen = b""
    while wanted not in _ESCAPES.sub(b"", seen):
        if not select.select([terminal], [], [], 10)[0]:
            raise TimeoutError(f"{wanted!r} was not printed, but {seen!r}")
        seen += os.read(terminal, 65536)


def _settle(terminal: int) -> None:
    """Until nothing is drawn any more."""
    while select.select([terminal], [], [], 0.15)[0]:
        os.read(terminal, 65536)
