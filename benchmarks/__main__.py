"""`make bench`: medians of whole processes, in one run, beside the budgets and beside the peers found on the PATH.

Rows are run in turn, A B C A B C, so that a machine that slows down slows all of them. Nothing here is a test: a
budget that does not hold is printed, and judged by whoever reads it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import code_path, completions, peers, prompts
from benchmarks.code_path import PICKER, QUESTION, until_shown
from benchmarks.worlds import many_profiles
from shellhook import install
from shellhook.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = int(os.environ.get("ROUNDS", "15"))


class Row:
    """Something that is timed: a command, or a function that gives seconds. `base` is taken off: what is not ours."""

    def __init__(self, name: str, time_once: Callable[[], float], budget: float | None = None, base: str = "") -> None:
        self.name, self.time_once, self.budget, self.base = name, time_once, budget, base
        self.times: list[float] = []

    @property
    def median(self) -> float:
        """Milliseconds."""
        return statistics.median(self.times) * 1000


def command(
    words: list[str], environ: dict[str, str], *, before: Callable[[], None] | None = None
) -> Callable[[], float]:
    """How long a command takes, in seconds; `before` runs unmeasured. Raises CalledProcessError if it fails."""

    def once() -> float:
        if before is not None:
            before()
        started = time.perf_counter()
        subprocess.run(
            words,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return time.perf_counter() - started

    return once


def void(_: object) -> None:
    """Drop a result."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="shellhook-bench-") as name, Sandbox() as sandbox:
        rows = _rows(Path(name), sandbox)
        for row in rows:
            row.time_once()  # the first fills caches
        for _ in range(ROUNDS):
            for row in rows:
                row.times.append(row.time_once())
        _print(rows)
        prompts.print_table(Path(name) / "prompts", ROUNDS)
        completions.print_table(Path(name), sandbox.config_file, min(ROUNDS, 5))


def _rows(directory: Path, sandbox: Sandbox) -> list[Row]:
    backend = install.backend(os.environ)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AWS", "SHELLHOOK"))}
    # Bytecode is written as an installation writes it.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environ |= {
        **sandbox.environment(),
        "HOME": str(directory),
        "TERM": "xterm",
        "XDG_STATE_HOME": str(directory / "state"),
    }
    large = {**environ, "AWS_CONFIG_FILE": str(many_profiles(sandbox.config_file, directory / "config-1000", 1000))}
    huge = {**environ, "AWS_CONFIG_FILE": str(many_profiles(sandbox.config_file, directory / "config-10000", 10_000))}
    sessions = directory / "state" / "shellhook" / "sessions"

    def call(*words: str) -> list[str]:
        return [backend, "assume", "--shell", "bash", "--pid", str(os.getpid()), "--hook", "1", "--", *words]

    def forget() -> None:
        shutil.rmtree(sessions, ignore_errors=True)

    def keep(world: dict[str, str]) -> Callable[[], None]:
        return lambda: void(command(call("read-only"), world)())

    rows = [
        Row("python -c pass", command([sys.executable, "-c", "pass"], environ)),
        Row("shellhook init bash", command([backend, "init", "bash"], environ), 60),
        Row("assume, session in the store", command(call("read-only"), environ, before=keep(environ)), 30),
        Row("assume, in the store, 1,000 profiles", command(call("read-only"), large, before=keep(large)), 30),
        Row("assume, in the store, 10,000 profiles", command(call("read-only"), huge, before=keep(huge))),
        Row(
            "credential_process, session in the store",
            command([backend, "credentials", "read-only"], environ, before=keep(environ)),
            30,
        ),
        Row("a call to STS on this machine", lambda: code_path.one_call(sandbox)),
        Row(
            "assume, one hop, no code",
            command(call("read-only"), environ, before=forget),
            150,
            "a call to STS on this machine",
        ),
        Row("question there after", lambda: until_shown(QUESTION, call("power-user"), environ, forget), 60),
        Row("picker there after, 10,000 profiles", lambda: until_shown(PICKER, call(), huge, forget), 150),
        Row("shellhook list, 1,000 profiles", command([backend, "list"], large)),
        Row("shellhook list, 10,000 profiles", command([backend, "list"], huge)),
        Row(
            "assume, from the code typed to the end",
            lambda: code_path.from_code(call("power-user"), environ, forget, sandbox),
            20,
            "two calls to STS on this machine",
        ),
        Row("two calls to STS on this machine", lambda: code_path.one_call(sandbox) + code_path.one_call(sandbox)),
    ]
    for shell, budget in (("bash", 3), ("zsh", 3), ("fish", 8)):
        if shutil.which(shell):
            rows += _start(shell, budget, environ)
    peers.prepare(environ, sandbox.code("alice"))
    for world, commands in ((environ, peers.SESSIONS), (large, peers.COMPLETERS), (environ, peers.VERSIONS)):
        rows += [Row(name, command(words, world)) for name, words in peers.found(world, commands)]
    return rows


def _start(shell: str, budget: float, environ: dict[str, str]) -> list[Row]:
    """A shell that starts and ends, without and with the line that `install` writes."""
    options = {"bash": ["--noprofile", "--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    hook = install.write_hook(shell, {**environ, "XDG_DATA_HOME": environ["HOME"]})
    plain = f"{shell} alone"
    return [
        Row(plain, command([shell, *options, "-c", ":"], environ)),
        Row(f"{shell}, the line of install", command([shell, *options, "-c", f". '{hook}'"], environ), budget, plain),
    ]


def _print(rows: list[Row]) -> None:
    by_name = {row.name: row for row in rows}
    stored = by_name["assume, session in the store"].median
    print(f"\nmedians of {ROUNDS} rounds; {sys.version.split()[0]}, {os.cpu_count()} processors\n")
    print(f"{'':<52}{'ms':>9}{'budget':>9}{'x stored assume':>18}")
    for row in rows:
        own = row.median - (by_name[row.base].median if row.base else 0)
        budget = f"{row.budget:g}" if row.budget is not None else ""
        name = f"{row.name}, less {row.base}" if row.base else row.name
        mark = "" if row.budget is None or own <= row.budget else "  over"
        print(f"{name[:51]:<52}{own:>9.1f}{budget:>9}{own / stored:>17.2f}x{mark}")


if __name__ == "__main__":
    main()
