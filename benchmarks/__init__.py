"""How fast it is, beside the tools that do the same."""

from __future__ import annotations
