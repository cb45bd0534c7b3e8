"""`shellhook keys` that is killed: `python -m tests.killed STEP WORDS` ends by SIGKILL right after the step of that
number, 0 never. It prints the steps as it goes."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from shellhook import os_keyring, user_files
from shellhook.cli import keys
from shellhook.keys import moving
from shellhook.store import Store
from shellhook.sts import Aws

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Whatever outlives the process, or asks somebody else.
_STEPS: list[tuple[Any, str]] = [
    (Aws, "_call"),
    (Store, "put_rotation"),
    (Store, "drop_rotation"),
    (os_keyring, "put"),
    (os_keyring, "delete"),
    (user_files, "replace"),
    (moving, "_back_up"),
    (moving, "_unlink"),
]


def main(last: int, words: list[str]) -> int:
    done: list[str] = []

    def counted(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(step)
        def counting(*words: Any, **named: Any) -> Any:
            given = step(*words, **named)
            done.append(str(words[2]) if name == "_call" else name)
            print(len(done), done[-1], file=sys.stderr, flush=True)
            if len(done) == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return given

        return counting

    for place, name in _STEPS:
        setattr(place, name, counted(name, getattr(place, name)))
    return keys.run(words)


def killed(environ: Mapping[str, str], step: int, *words: str) -> list[str]:
    """The steps that `shellhook keys WORDS` did which was killed after so many; 0: it was not."""
    command = [sys.executable, "-m", "tests.killed", str(step), *words]
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, timeout=60)
    assert done.returncode == (-signal.SIGKILL if step else 0), done.stderr
    lines = [line.split() for line in done.stderr.splitlines()]
    return [line[1] for line in lines if len(line) == 2 and line[0].isdigit()]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
