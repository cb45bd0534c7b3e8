"""What one prompt costs: a thousand calls of what the hook runs there, in one shell, less what the loop takes."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from typing import TYPE_CHECKING

from shellhook import install

if TYPE_CHECKING:
    from pathlib import Path

CALLS = 1000
REQUEST = "0123456789abcdef0123456789abcdef"
# Microseconds, the marker of a session included.
BUDGETS = {"bash": 35, "zsh": 35, "fish": 100}
_POSIX = """
__shellhook_precmd
%s
time_it() {
  local i=0 start=$EPOCHREALTIME
  while ((i++ < %d)); do $1; done
  echo "$1 $start $EPOCHREALTIME"
}
time_it :
time_it __shellhook_precmd
"""
_FISH = """
__shellhook_precmd
for it in : __shellhook_precmd
    set start (date +%%s.%%N)
    for i in (seq %d); $it; end
    echo $it $start (date +%%s.%%N)
end
"""
_CODE = {
    # bash has two functions there: one before, one behind what others do at a prompt.
    "bash": _POSIX % ("PS1='$ '; __shellhook_is_settled=1; __shellhook_precmd", CALLS) + "time_it __shellhook_last\n",
    "zsh": _POSIX % ("zmodload zsh/datetime; __shellhook_precmd", CALLS),
    "fish": "set -g SHELLHOOK_PROMPT manual\n" + _FISH % CALLS,  # no prompt is drawn here that would say it was
}
_OPTIONS = {"bash": ["--noprofile", "--norc"], "zsh": ["-f"], "fish": ["--no-config"]}


def print_table(directory: Path, rounds: int) -> None:
    """Measure every shell that is there in turn, and print medians in microseconds."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("AWS", "SHELLHOOK"))}
    without = {**given, "HOME": str(directory), "XDG_STATE_HOME": str(directory), "XDG_DATA_HOME": str(directory)}
    expires = int(time.time()) + 5 * 3600
    _mark(directory, expires)
    on = {
        **without,
        "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
        "SHELLHOOK_KEY_ID": "ASIAEXAMPLE",
        "SHELLHOOK_PROFILE": "power-user",
        "SHELLHOOK_ROLE": "power-user",
        "SHELLHOOK_ACCOUNT": "111122223333",
        "SHELLHOOK_REGION": "eu-central-1",
        "SHELLHOOK_EXPIRES": str(expires),
        "SHELLHOOK_RENEW": str(expires - 900),
        "SHELLHOOK_REQUEST": REQUEST,
    }
    hooks = {shell: install.write_hook(shell, without) for shell in _CODE if shutil.which(shell)}
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for shell, hook in hooks.items():
            for name, environ in (("no session", without), ("session on", on)):
                taken = _timed(shell, str(hook), environ)
                loop = taken.pop(":")
                times.setdefault(f"{shell}, {name}", []).append(sum(each - loop for each in taken.values()))
        if shutil.which("starship"):
            times.setdefault("starship's aws module", []).append(_starship(directory, on))
    print(f"\none prompt: medians of {rounds} rounds of {CALLS}, microseconds\n")
    for row, each in sorted(times.items()):
        budget = BUDGETS.get(row.partition(",")[0], 0) if row.endswith("session on") else 0
        median = statistics.median(each)
        print(f"{row:<52}{median:>9.1f}{budget or '':>9}{'  over' if budget and median > budget else ''}")


def _timed(shell: str, hook: str, environ: dict[str, str]) -> dict[str, float]:
    """Microseconds of one call of each function."""
    code = f". '{hook}'\n{_CODE[shell]}".replace(". '", "source '", 1)
    done = subprocess.run(
        [shell, *_OPTIONS[shell], "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return {name: (float(end) - float(start)) / CALLS * 1e6 for name, start, end in lines}


def _starship(directory: Path, environ: dict[str, str]) -> float:
    """Microseconds of a prompt of starship's that shows its aws module alone."""
    configuration = directory / "starship.toml"
    configuration.write_text('format = "$aws"\n', encoding="ascii")
    environ = {**environ, "STARSHIP_CONFIG": str(configuration), "AWS_SECRET_ACCESS_KEY": "x", "AWSUME_PROFILE": "x"}
    started = time.perf_counter()
    subprocess.run(["starship", "prompt"], env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return (time.perf_counter() - started) * 1e6


def _mark(directory: Path, expires: int) -> None:
    marker = directory / "shellhook" / "markers" / REQUEST
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.write_text(f"{expires}\npower-user\n", encoding="ascii")
    os.utime(marker, (expires, expires))
