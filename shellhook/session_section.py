"""A session in the AWS files: a section of the credentials file, and one beside it in the config file."""

from __future__ import annotations

from shellhook import environment, sections, user_files
from shellhook.ini import IniFile
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.session import Session

KEY = "aws_access_key_id"
_EXPIRES = "expiration"  # what starship reads, and others that show how long it lasts ...
_EXPIRES_TOO = "x_security_token_expires"  # ... and what saml2aws and its readers call the same
# Everything that is put into the credentials file, and what would be taken instead of it: botocore's older name of the
# token comes first (SharedCredentialProvider.TOKENS).
_OURS = (KEY, "aws_secret_access_key", "aws_session_token", "aws_account_id", _EXPIRES, _EXPIRES_TOO)
_INSTEAD = ("aws_security_token",)


def settings(session: Session) -> dict[str, str]:
    """A session as a section of the credentials file has it."""
    expires = None if session.expires is None else environment.rfc3339(session.expires)
    values = (
        *(session.access_key_id, session.secret_access_key, session.session_token),
        *(session.account, expires, expires),
    )
    return {name: value for name, value in zip(_OURS, values, strict=True) if value is not None}


class Credentials:
    """A section of the credentials file, as it is now."""

    def __init__(self, path: str, name: str) -> None:
        self._path, self._title = path, f"[{name}]"
        self._content = user_files.read(path)
        self._file = IniFile(path, self._content)
        self.header = sections.find(self._file, name, in_config=False)
        self.gap = sections.gap_behind(self._content)
        self.values = {} if self.header is None else sections.values(self._file, self.header)

    def is_newer(self, session: Session) -> bool:
        """Is what stands there better than the session? Times of one form compare as they stand."""
        expires = self.values.get(_EXPIRES)
        return bool(expires and session.expires and expires > environment.rfc3339(session.expires))

    def write(self, session: Session) -> None:
        """Put the session there. Raises ShellhookError, BadConfiguration if the file has changed meanwhile."""
        wanted = settings(session)
        if self.header is None:
            content = self._content + self.gap + sections.added(self._content, self._title, wanted)
        else:
            dropped = {*_OURS, *_INSTEAD}.difference(wanted)
            content = sections.changed(self._file, self._content, self.header, wanted, dropped)
        self._put(content)

    def take_away(self, gap: bytes | None) -> None:
        """Leave nothing of ours; the header stays if `gap`, what was put before it, is None. Raises likewise."""
        if self.header is not None:
            self._put(sections.removed(self._file, self._content, self.header, _OURS, gap))

    def _put(self, content: bytes) -> None:
        if content != self._content:
            user_files.replace_unchanged(self._path, self._content, content, private=True)


class Config:
    """The section beside it in the config file: the region, and what else the profile means. It is written if there is
    none, or the one there is was written by us; the user's own is left as it is.

    `former` is what we wrote there before, and `gap` what was put before it. `self.beside` and `self.gap` are the same
    for what will be written; empty and None for the user's own.
    """

    def __init__(
        self, path: str, name: str, wanted: Mapping[str, str], former: Mapping[str, str], gap: bytes | None
    ) -> None:
        self._path, self._title, self._former = path, sections.header(name), former
        self._region = wanted.get("region")
        self._content = user_files.read(path)
        self._file = IniFile(path, self._content)
        self.header = sections.find(self._file, name, in_config=True)
        self.gap: bytes | None = None
        self.beside: dict[str, str] = {}
        if self.header is None:
            self.gap, self.beside = (sections.gap_behind(self._content) if wanted else None), dict(wanted)
        elif former:
            self.gap, self.beside = gap, dict(wanted)

    def write(self) -> None:
        """Write it, or say that the user's is another. Raises ShellhookError, BadConfiguration likewise."""
        if self.header is None and self.beside:
            added = sections.added(self._content, self._title, self.beside)
            self._put(self._content + sections.gap_behind(self._content) + added)
        elif self.header is not None and self._former:
            dropped = self._former.keys() - self.beside.keys()
            self._put(sections.changed(self._file, self._content, self.header, self.beside, dropped))
        elif self.header is not None:
            region = sections.values(self._file, self.header).get("region")
            if region != self._region:
                say(f"shellhook: {self._title} in {self._path} stays as it is: its region is {region or 'not set'}")

    def take_away(self) -> None:
        """Leave nothing of ours: what has another value by now is the user's. Raises likewise."""
        if self.header is not None and self._former:
            there = sections.values(self._file, self.header)
            ours = [name for name, value in self._former.items() if there.get(name) == value]
            self._put(sections.removed(self._file, self._content, self.header, ours, self.gap))

    def _put(self, content: bytes) -> None:
        if content != self._content:
            user_files.replace_unchanged(self._path, self._content, content)
