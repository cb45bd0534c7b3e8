"""How far a proof goes, and what it found."""

from __future__ import annotations

import json
import os

FIGURES = "SHELLHOOK_PROVE"  # the file that figures are appended to; set by `make prove` alone


def extent(short: int, long: int) -> int:
    """`long` where this is `make prove`, else `short`: how many examples, processes or places."""
    return long if os.environ.get(FIGURES) else short


def figure(chapter: str, what: str, found: object) -> None:
    """Keep a figure for `docs/proof.md`, such as ("Right", "configurations compared with botocore", 5000). Dropped
    under `make test`. One write of one line: tests in parallel do not mix theirs."""
    if path := os.environ.get(FIGURES):
        line = json.dumps([chapter, what, str(found)], ensure_ascii=False) + "\n"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
