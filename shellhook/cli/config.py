"""config: every setting, its value, and where it comes from."""

from __future__ import annotations

import os

from shellhook import profiles
from shellhook.assume import Here
from shellhook.cli import options
from shellhook.cli.options import FLAG, VALUE
from shellhook.settings import KNOWN, Settings
from shellhook.ui import plain

HELP = "shellhook config [--profile PROFILE]     every setting, its value, and where it comes from"
KINDS = {"--profile": VALUE, "--help": FLAG}
SHORT = {"-h": "--help", "-p": "--profile"}


def run(words: list[str]) -> int:
    """Print the settings; unknown ones are named with their line, and make it fail. Raises NoSuchProfile."""
    parsed = options.parse(words, KINDS, SHORT, most=0)
    settings, profile = Settings(os.environ), parsed.get("--profile")
    if profile is not None and profile not in settings.profiles():
        configuration = profiles.read(Here(dict(os.environ)).files())
        if profile not in configuration.names():
            configuration.profile(profile)  # says so, and what may be meant
    print(f"file: {settings.path}{'' if os.path.exists(settings.path) else ' (not there)'}\n")
    for name in KNOWN:
        found = settings.get(name, profile)
        print(plain(f"{name:<20} {found.value or '-':<20} {found.where}"))
    for warning in settings.warnings:
        print(plain(f"\nunknown: {warning}"))
    return 3 if settings.warnings else 0
