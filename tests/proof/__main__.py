"""`make prove`: the proofs at full length, and their figures as the tables of `docs/proof.md`, on standard output.

Without arguments: the tests here, then the judges, then the mutants, $JOBS at a time. Arguments are pytest's, for those
tests alone.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.proof.extent import FIGURES


def main() -> int:
    """Run, print, and end with the status of the first that failed."""
    with tempfile.TemporaryDirectory(prefix="shellhook-prove-") as directory:
        figures = Path(directory) / "figures"
        figures.touch(0o600)
        environ = {**os.environ, FIGURES: str(figures)}
        ours = [
            ["pytest", "-n", os.environ.get("JOBS", "2"), *_tests()],
            ["tests.proof.judges"],
            ["tests.proof.mutants"],
        ]
        parts = [["pytest", *sys.argv[1:]]] if sys.argv[1:] else ours
        done = [subprocess.run([sys.executable, "-m", *words], env=environ, check=False).returncode for words in parts]
        print(f"\n{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
        _print([json.loads(line) for line in figures.read_text(encoding="utf-8").splitlines()])
    return next(filter(None, done), 0)


def _tests() -> list[str]:
    """All files of tests that go further here than under `make test`, or have a figure."""
    files = Path(__file__).parents[1].rglob("test_*.py")
    return sorted(str(file) for file in files if "tests.proof.extent import" in file.read_text(encoding="utf-8"))


def _print(rows: list[tuple[str, str, str]]) -> None:
    chapters: dict[str, list[tuple[str, str]]] = {}
    for chapter, what, found in rows:
        chapters.setdefault(chapter, []).append((what, found))
    for chapter, found_there in sorted(chapters.items()):
        print(f"\n## {chapter}\n\n| what | found |\n|---|---|")
        for what, found in sorted(found_there):
            print(f"| {what} | {found} |")


if __name__ == "__main__":
    sys.exit(main())
