"""Faults of `make prove` that change nothing, each with the reason: `module: line of source => what became of it`."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {}
