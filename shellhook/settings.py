"""Settings of the backend: option, then variable, then profile table, then file, then default.

`$XDG_CONFIG_HOME/shellhook/config.toml` (`%APPDATA%\\shellhook` on Windows), with `[profile.NAME]` tables for one
profile, or SHELLHOOK_* of the same name. None is needed.
"""

from __future__ import annotations

import os
import sys

from shellhook import directories
from shellhook.errors import BadConfiguration, WrongUsage
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# What may be set, and what it is without being set.
KNOWN = {
    "duration_seconds": "",
    "mfa_duration": "12h",
    "mfa_process": "",
    "role_session_name": "",
    "browser": "",
    "session_store": "",
}
_CHOICES = {"session_store": ("files", "keyring")}  # without being set: the first
_LONGEST = {"duration_seconds": 43_200, "mfa_duration": 129_600}  # of AssumeRole and GetSessionToken, in seconds
_SHORTEST = 900


class Setting(Record):
    """A value, as text, and where it came from: a variable's name, file and line, or "the default"."""

    value: str
    where: str


class Settings:
    """The settings as they are for one profile or another. The file is read once, and only if it is there."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.path = os.path.join(directories.config(environ), "config.toml")
        self.warnings: list[str] = []
        self._file = self._read()

    def get(self, name: str, profile: str | None) -> Setting:
        """The setting of that name for a profile, None for no profile in particular.

        Raises BadConfiguration for a value that cannot be used.
        """
        variable = f"SHELLHOOK_{name.upper()}"
        table = self._file.get("profile", {}).get(profile, {}) if profile is not None else {}
        if self._environ.get(variable):
            found: Any = self._environ[variable]
            where = variable
        elif name in table:
            found, where = table[name], self._where(name, profile)
        elif name in self._file:
            found, where = self._file[name], self._where(name, None)
        else:
            found, where = KNOWN[name], "the default"
        return Setting(value=_checked(name, found, where), where=where)

    def defaults(self, profile: str | None) -> dict[str, str]:
        """What a plan takes where neither request nor profile says anything: the settings that have a value."""
        given = {name: self.get(name, profile).value for name in KNOWN}
        return {name: value for name, value in given.items() if value}

    def profiles(self) -> list[str]:
        """The profiles that have a table of their own."""
        return list(self._file.get("profile", {}))

    def _read(self) -> dict[str, Any]:
        if not os.path.exists(self.path):
            return {}
        # 20 ms, which only those pay who have the file.
        if sys.version_info >= (3, 11):
            import tomllib
        else:
            import tomli as tomllib
        try:
            with open(self.path, "rb") as file:
                found: dict[str, Any] = tomllib.load(file)
        except (OSError, ValueError) as error:  # TOMLDecodeError, and UnicodeDecodeError
            raise BadConfiguration(f"{self.path} cannot be read", why=str(error)) from None
        profiles = found.get("profile", {})
        if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
            raise BadConfiguration(
                f"{self._where('profile', None)}: profile is not a table", remedy="write it as [profile.NAME]"
            )
        self._look_for_unknown(found)
        return found

    def _look_for_unknown(self, found: Mapping[str, Any]) -> None:
        tables = [(None, found), *found.get("profile", {}).items()]
        for profile, table in tables:
            for name in table:
                if name not in KNOWN and not (profile is None and name == "profile"):
                    import difflib

                    near = difflib.get_close_matches(name, KNOWN, 1)
                    meant = f"; did you mean {near[0]!r}?" if near else ""
                    self.warnings.append(f"{self._where(name, profile)}: there is no setting {name!r}{meant}")

    def _where(self, name: str, profile: str | None) -> str:
        """file:line of a setting. tomllib does not say; the line that begins with the name, in the right table."""
        in_table = profile is None
        with open(self.path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                text = line.strip()
                if text.startswith("["):
                    first, _, rest = (part.strip() for part in text[1 : text.rfind("]")].partition("."))
                    if profile is None and first == name:
                        return f"{self.path}:{number}"
                    in_table = first == "profile" and rest in (profile, f'"{profile}"', f"'{profile}'")
                elif in_table and text.split("=")[0].strip().strip("\"'") == name:
                    return f"{self.path}:{number}"
        return self.path


def _checked(name: str, found: Any, where: str) -> str:
    """The value as text, durations in seconds. Raises BadConfiguration."""
    if name not in _LONGEST:
        if not isinstance(found, str):
            raise BadConfiguration(f"{name} ({where}) is not a text", remedy="write it in quotes")
        if found and found not in _CHOICES.get(name, (found,)):
            raise BadConfiguration(
                f"{name} ({where}) cannot be {found!r}", remedy=f"one of: {', '.join(_CHOICES[name])}"
            )
        return found
    if found == "":
        return ""
    from shellhook.request import parse_duration

    try:
        seconds = parse_duration(str(found), f"{name} ({where})")
    except WrongUsage as error:
        raise BadConfiguration(error.what, remedy=error.remedy) from None
    if not _SHORTEST <= seconds <= _LONGEST[name]:
        raise BadConfiguration(
            f"{name} ({where}) {seconds}s cannot be granted",
            why=f"AWS takes {_SHORTEST // 60}m to {_LONGEST[name] // 3600}h",
        )
    return str(seconds)
