"""The commands, one file each: parse arguments, call the rooms, print. No logic."""

from __future__ import annotations
