"""The files of `~/.aws/sso/cache`, as the AWS CLI v2, boto3 and the other SDKs write and read them: log in with one,
use the other.

Names, keys and times are those of botocore's SSOTokenLoader, and of SSOTokenFetcherAuth in the CLI's own botocore
(awscli/botocore/utils.py). A file is 0600 from the moment it is there, and replaced in one step.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from datetime import datetime, timezone

from shellhook.errors import ShellhookError
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from shellhook.sso.center import Center

# The CLI does not use a registration in its last 15 minutes (BaseSSOTokenFetcher._EXPIRY_WINDOW).
_REGISTRATION_WINDOW = 900


class Token(Record):
    """A login. Times are epoch seconds. What it takes to refresh it may be absent."""

    start_url: str
    region: str
    access_token: str
    expires: int
    client_id: str | None = None
    client_secret: str | None = None
    registration_expires: int | None = None
    refresh_token: str | None = None

    def __repr__(self) -> str:
        return f"Token({self.start_url}, expires={self.expires})"

    def left(self, now: float) -> float:
        """Seconds that the access token has left."""
        return self.expires - now

    def can_refresh(self, now: float) -> bool:
        """Is there all it takes to get another without a person (botocore/tokens.py, _refresh_access_token)? Whether
        AWS still takes it is known when it is asked."""
        whole = self.refresh_token and self.client_id and self.client_secret
        return bool(whole) and (self.registration_expires or 0) > now


class Registration(Record):
    """This machine, as a client that AWS knows. `grants` is empty for one that logs in by device code."""

    client_id: str
    client_secret: str
    expires: int
    scopes: tuple[str, ...] | None = None
    grants: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Registration(expires={self.expires})"


class Cache:
    """The directory. `environ` says whose home it is in."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        home = environ.get("USERPROFILE" if os.name == "nt" else "HOME") or os.path.expanduser("~")
        self.directory = os.path.join(home, ".aws", "sso", "cache")

    # --- tokens

    def token(self, center: Center) -> Token | None:
        """The login that is kept, however old; None if there is none, or it is of another portal than the session's by
        that name now. Raises ShellhookError."""
        found = _token(self._read(_name_of(center.key)))
        if found is None:
            return None
        elsewhere = (found.start_url and _plain(found.start_url) != _plain(center.start_url)) or (
            found.region and found.region != center.region
        )
        return None if elsewhere else found

    def put_token(self, center: Center, token: Token) -> None:
        """Keep a login. Raises ShellhookError."""
        content: dict[str, Any] = {
            "startUrl": token.start_url,
            "region": token.region,
            "accessToken": token.access_token,
            "expiresAt": written(token.expires),
            "clientId": token.client_id,
            "clientSecret": token.client_secret,
            "registrationExpiresAt": written(token.registration_expires) if token.registration_expires else None,
            "refreshToken": token.refresh_token,
        }
        self._write(_name_of(center.key), {name: value for name, value in content.items() if value is not None})

    def tokens(self) -> Iterator[tuple[str, Token]]:
        """Every login that is kept, whoever's program did it, with the name of its file."""
        try:
            names = sorted(os.listdir(self.directory))
        except OSError:
            return
        for name in names:
            found = _token(self._read(name)) if name.endswith(".json") else None
            if found is not None:
                yield name, found

    # --- registrations

    def registration(self, center: Center, now: float, *, by_browser: bool) -> Registration | None:
        """A registration that can be used again: of that kind, and not about to expire."""
        saved = self._read(_registration_name(center))
        try:
            found = Registration(
                client_id=saved["clientId"],
                client_secret=saved["clientSecret"],
                expires=_read_time(saved["expiresAt"]),
                scopes=tuple(saved["scopes"]) if "scopes" in saved else None,
                grants=tuple(saved.get("grantTypes", ())),
            )
        except (KeyError, TypeError, ValueError):
            return None
        right = ("authorization_code" in found.grants) == by_browser
        return found if right and found.expires - now >= _REGISTRATION_WINDOW else None

    def put_registration(self, center: Center, registration: Registration) -> None:
        """Keep a registration. Raises ShellhookError."""
        content: dict[str, Any] = {
            "clientId": registration.client_id,
            "clientSecret": registration.client_secret,
            "expiresAt": written(registration.expires),
        }
        if registration.scopes is not None:
            content["scopes"] = list(registration.scopes)
        if registration.grants:
            content["grantTypes"] = list(registration.grants)
        self._write(_registration_name(center), content)

    # --- forgetting

    def drop_registration(self, center: Center) -> None:
        """Forget the registration: AWS does not know it any more."""
        self._unlink(_registration_name(center))

    def forget(self, center: Center) -> None:
        """Delete login and registration."""
        self._unlink(_name_of(center.key))
        self.drop_registration(center)

    def forget_file(self, name: str) -> None:
        """Delete what `tokens` gave."""
        self._unlink(name)

    # --- files

    def _read(self, name: str) -> dict[str, Any]:
        """What is in a file; nothing if it is not there or damaged, as botocore has it (JSONFileCache)."""
        try:
            with open(os.path.join(self.directory, name), "rb") as file:
                found = json.loads(file.read())
        except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
            return {}
        except OSError as error:
            raise ShellhookError(
                f"{os.path.join(self.directory, name)} cannot be read", why=str(error.strerror)
            ) from None
        return found if isinstance(found, dict) else {}

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        path = os.path.join(self.directory, name)
        temporary = f"{path}.{os.urandom(8).hex()}.tmp"
        try:
            for directory in (os.path.dirname(self.directory), self.directory):
                # Only its last part gets the mode from makedirs; one that is there already is left as it is.
                os.makedirs(directory, 0o700, exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise ShellhookError(f"{self.directory} cannot be written", why=str(error.strerror)) from None

    def _unlink(self, name: str) -> None:
        try:
            os.unlink(os.path.join(self.directory, name))
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:
            raise ShellhookError(
                f"{os.path.join(self.directory, name)} cannot be removed", why=str(error.strerror)
            ) from None


def written(epoch: int) -> str:
    """A time as the CLI writes it: 2026-11-22T10:00:00Z."""
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_time(text: str) -> int:
    """The time of a file, as epoch seconds: with Z (CLI v2), with milliseconds (the JavaScript SDK), with UTC (older
    ones), or an offset. Raises ValueError."""
    whole, rest = text[:19], text[19:]
    zone = rest.lstrip(".0123456789")
    parsed = datetime.fromisoformat(whole + ("+00:00" if zone in ("", "Z", "UTC") else zone))
    return int(parsed.timestamp())


def _token(saved: Mapping[str, Any]) -> Token | None:
    """The login in a file, if it is one: as SSOTokenLoader has it, with an access token and an end."""
    try:
        registered = saved.get("registrationExpiresAt")
        return Token(
            start_url=str(saved.get("startUrl") or ""),
            region=str(saved.get("region") or ""),
            access_token=str(saved["accessToken"]),
            expires=_read_time(saved["expiresAt"]),
            client_id=saved.get("clientId"),
            client_secret=saved.get("clientSecret"),
            registration_expires=_read_time(registered) if registered else None,
            refresh_token=saved.get("refreshToken"),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _plain(start_url: str) -> str:
    """A start URL without what the portal's page adds to it: `/start/`, `/start#/`."""
    return start_url.partition("#")[0].rstrip("/").lower()


def _name_of(key: str) -> str:
    """SHA-1 of a session's name or a start URL: the name of the file, no protection of anything."""
    return f"{hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()}.json"


def _registration_name(center: Center) -> str:
    """As BaseSSOTokenFetcher._registration_cache_key of the CLI: JSON with its separators and order."""
    what = {
        "tool": "botocore",
        "startUrl": center.start_url,
        "region": center.region,
        "scopes": None if center.scopes is None else list(center.scopes),
        "session_name": center.name,
    }
    return _name_of(json.dumps(what, sort_keys=True))
