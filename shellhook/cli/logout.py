"""logout: the end of a login to IAM Identity Center."""

from __future__ import annotations

import os

from shellhook import assume, endpoints, profiles
from shellhook.cli import login, options
from shellhook.cli.options import FLAG
from shellhook.errors import ShellhookError, WrongUsage
from shellhook.sso import center
from shellhook.sso.cache import Cache
from shellhook.sso.center import Center
from shellhook.sso.portal import NotAssigned, Portal, TokenRefused
from shellhook.store import forgetting
from shellhook.ui import plain, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.sso.cache import Token

HELP = """\
shellhook logout [PROFILE|SESSION]     end a login to IAM Identity Center: at AWS, in ~/.aws/sso/cache, and the stored
                                       sessions that came from it
shellhook logout --all                 all of them
AWS goes on taking what is in a shell's variables until it expires."""
KINDS = {"--all": FLAG, "--help": FLAG}
SHORT = {"-h": "--help"}


def run(words: list[str]) -> int:
    """Log out, and say what was done."""
    parsed = options.parse(words, KINDS, SHORT)
    here = assume.Here(dict(os.environ))
    if not parsed.has("--all"):
        at = login.meant(here, parsed)
        token = Cache(here.original).token(at)
        if token is not None:
            _revoke(here, at, token)
        Cache(here.original).forget(at)
        _report(at.shown, token is not None, forgetting.forget_login(here.store, at.key))
        return 0
    if parsed.positional:
        raise WrongUsage(f"--all, or {parsed.positional[0]!r}?")
    return _all(here)


def _all(here: Here) -> int:
    configuration, cache = profiles.read(here.files()), Cache(here.original)
    for at in center.every(configuration, here.original):
        token = cache.token(at)
        if token is not None:
            _revoke(here, at, token)
            _report(at.shown, True, forgetting.forget_login(here.store, at.key))
        cache.forget(at)
    for name, token in cache.tokens():
        # Of a session that the files do not name any more: what is needed stands in the token's own file.
        reached = endpoints.of_calls(None, configuration, here.original)
        at = Center(name=None, start_url=token.start_url, region=token.region, where=name, endpoints=reached)
        _revoke(here, at, token)
        cache.forget_file(name)
        _report(at.shown, True, 0)
    forgotten = forgetting.forget_login(here.store, None)
    if forgotten:
        print(f"{forgotten} more stored session{'' if forgotten == 1 else 's'} forgotten")
    return 0


def _revoke(here: Here, at: Center, token: Token) -> None:
    """Tell the portal, if it can be told: what is here is deleted all the same."""
    try:
        Portal(at, here.original).logout(token.access_token)
    except TokenRefused:
        pass  # it has ended there already
    except NotAssigned:
        say(f"shellhook: {at.shown}: the portal did not end the login; AWS ends it by itself")
    except ShellhookError as error:
        say(f"shellhook: {at.shown}: the portal could not be told: AWS takes the login until it ends by itself")
        say(f"  {error}")


def _report(name: str, was_in: bool, forgotten: int) -> None:
    sessions = f"; {forgotten} stored session{'' if forgotten == 1 else 's'} forgotten" if forgotten else ""
    print(plain(f"{name}: {'signed out' if was_in else 'was not signed in'}{sessions}"))
