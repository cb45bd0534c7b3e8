"""assume --console: the AWS console, signed in as a session; the shell keeps the one it has."""

from __future__ import annotations

from shellhook import arn, assume, browser, console_link, environment, typed
from shellhook.cli import request_words
from shellhook.errors import NoSuchProfile, ShellhookError, WrongUsage
from shellhook.request import parse_duration
from shellhook.services import PATHS
from shellhook.settings import Settings
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.cli.options import Parsed
    from shellhook.console_link import Link
    from shellhook.request import Request

# What may stand beside --console where it is about the session that is on.
_BESIDE_A_SESSION = ("--console", "--print", "--region", "--token-code", "--min-ttl", "--renew", "--yes", "--debug")
_NOT_WITH_IT = ("--off", "--paste", "--save", "--write", "--serve", "--json", "--verify")
MINUTES = 15  # in which a link is to be used


def run(here: Here, parsed: Parsed) -> int:
    """Open the console, or print the link: alone on standard output."""
    if not parsed.has("--console"):
        raise WrongUsage("--print prints the link to the console", remedy="say so: --console --print")
    others = [option for option in _NOT_WITH_IT if parsed.has(option)]
    if parsed.command is not None or others:
        beside = others[0] if others else "a command"
        raise WrongUsage(f"--console and {beside}: one at a time")
    minimum = parsed.get("--min-ttl")
    wanted, region = _request(here, parsed)
    try:
        link = console_link.make(
            here,
            wanted,
            parsed.get("--console") or "",
            region=region,
            code=parsed.get("--token-code"),
            min_ttl=None if minimum is None else parse_duration(minimum, "--min-ttl"),
            fresh=parsed.has("--renew"),
        )
    except NoSuchProfile as error:
        if wanted.profile in PATHS:
            error.remedy = f"for the console of a service: assume PROFILE --console={wanted.profile}"
        raise
    _show(here, link, printed=parsed.has("--print"))
    return 0


def _request(here: Here, parsed: Parsed) -> tuple[Request, str | None]:
    """The request that is named, else that of the session that is on, else a chosen one; and the region to land in
    where that is not the session's."""
    if parsed.positional or parsed.has("--profile", "--role-arn", "--chain") or not here.is_on:
        return request_words.request_of(here, parsed, choose=typed.picked), None
    changes = [option for option in parsed.options if option not in _BESIDE_A_SESSION]
    if changes:
        raise WrongUsage(
            f"{', '.join(changes)}: the session that is on is taken as it is", remedy="to change it, name the profile"
        )
    if environment.is_changed(here.environ):
        raise ShellhookError(
            "the session that is on has been changed by hand: whose console is meant?",
            why="the keys in the environment are not those that were set, or AWS_PROFILE is set beside them",
            remedy="name the profile: assume PROFILE --console",
        )
    saved = assume.saved_request(here, here.request, "the session that is on is not known any more: name its profile")
    regions = [parsed.get("--region"), *(here.environ.get(name) for name in environment.REGIONS)]
    region = next((given for given in regions if given), None)
    if region is not None and not arn.is_region(region):
        raise WrongUsage(f"{region!r} cannot be a region")
    return saved, region


def _show(here: Here, link: Link, *, printed: bool) -> None:
    reason = ""
    if not printed:
        setting = Settings(here.original).get("browser", link.profile)
        found, reason = browser.find(here.original, setting.value, setting.where)
        if found is not None:
            names = {"profile": link.profile, "account": link.account}
            if browser.open_page(found, link.url, here.original, names):
                what = "the link is on the clipboard" if found.piped else "it opens in the browser"
                account = f", account {link.account}" if link.account else ""
                say(f"shellhook: the console of {environment.printable(link.profile)}{account}: {what}")
                return
            reason = f"{found.where} could not open it"
    print(link.url, flush=True)
    because = f"no browser is opened: {reason}; " if reason else ""
    say(f"shellhook: {because}the link is good for {MINUTES} minutes, and for whoever has it")
