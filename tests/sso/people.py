"""Somebody who logs in to the sandbox's IAM Identity Center, at a desk of the tests."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from shellhook import profiles
from shellhook.errors import ShellhookError
from shellhook.mfa import Asker
from shellhook.sso import center
from shellhook.sso.cache import Cache, Token
from shellhook.sso.login import SignIn

if TYPE_CHECKING:
    from typing import Any

    from shellhook.sso.center import Center
    from tests.desk import Desk

# It presses Allow and is gone.
BROWSER = f"{sys.executable} -m shellhook.sandbox.browser"
ADMIN = "AdministratorAccess"
H = 3600


class Somebody(Asker):
    """Somebody who is asked whether they want to log in: they do, or `answer` is raised. `asked` has what was said."""

    def __init__(self, answer: Exception | None = None, *, skippable: bool = False) -> None:
        super().__init__({}, None, skippable=skippable)
        self.asked: list[str] = []
        self._answer = answer

    def login(self, center: Center, why: str) -> None:
        self.asked.append(why)
        if self._answer is not None:
            raise self._answer


class Unasked(Somebody):
    """Somebody whom nobody may ask."""

    def __init__(self) -> None:
        super().__init__(ShellhookError("nobody should have been asked"))


def center_of(desk: Desk, word: str = "corp-admin") -> Center:
    """What the word means to the desk's files."""
    return center.of_word(word, profiles.read(desk.here.files()), desk.here.original)


def sign_in(desk: Desk, asker: Asker | None = None, word: str = "corp-admin", **how: Any) -> SignIn:
    """What gets a token there."""
    return SignIn(center_of(desk, word), desk.environ, desk.store, asker or Unasked(), **how)


def logged_in(desk: Desk, word: str = "corp-admin") -> Token:
    """The token of a login that somebody has just done."""
    desk.environ.setdefault("BROWSER", BROWSER)
    return sign_in(desk, Somebody(), word).log_in()


def aged(desk: Desk, left: float, word: str = "corp-admin", **changes: Any) -> Token:
    """The kept token, as it is when it has only so many seconds left."""
    import time

    at = center_of(desk, word)
    cache = Cache(desk.environ)
    found = cache.token(at)
    assert found is not None
    token = found.replace(expires=int(time.time() + left), **changes)
    cache.put_token(at, token)
    return token


def calls(desk: Desk, service: str = "sso-oidc") -> list[str]:
    """What was asked of the sandbox: the operation, and what it was refused with."""
    return [
        call["action"] + (f" {call['code']}" if call["code"] else "") for call in desk.sandbox.calls(service=service)
    ]


def files(desk: Desk) -> dict[str, dict[str, Any]]:
    """Each file of the cache, by its name."""
    directory = desk.home / ".aws" / "sso" / "cache"
    return {path.name: json.loads(path.read_text()) for path in sorted(directory.glob("*"))}
