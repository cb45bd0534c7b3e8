"""`make prove`: the proofs at full length, and their figures as the tables of `docs/proof.md`, on standard output."""

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
    """Run, print, and end as pytest did. Arguments are pytest's."""
    with tempfile.TemporaryDirectory(prefix="shellhook-prove-") as directory:
        figures = Path(directory) / "figures"
        figures.touch(0o600)
        words = sys.argv[1:] or ["tests/proof"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words], env={**os.environ, FIGURES: str(figures)}, check=False
        )
        print(f"\n{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
        _print([json.loads(line) for line in figures.read_text(encoding="utf-8").splitlines()])
    return done.returncode


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
