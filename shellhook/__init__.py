"""AWS credentials for the shell you are in."""

from __future__ import annotations

__version__ = "0.1.0"
