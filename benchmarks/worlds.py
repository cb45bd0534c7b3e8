"""AWS files of a size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def many_profiles(original: Path, path: Path, number: int) -> Path:
    """A copy of a config file behind so many other profiles, eight lines each, as the tools that write them do."""
    profiles = [
        f"[profile team-{each:05}]\nrole_arn = arn:aws:iam::{each:012}:role/Developer\nsource_profile = base\n"
        f"region = eu-central-1\noutput = json\nrole_session_name = somebody\nduration_seconds = 3600\n\n"
        for each in range(number)
    ]
    path.write_text("".join(profiles) + original.read_text(encoding="utf-8"), encoding="utf-8")
    return path
