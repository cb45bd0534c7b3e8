"""assume --paste: credentials that somebody copied become a session like any other, until they end."""

from __future__ import annotations

import sys
import time

from shellhook import arn, assume, copied, refusal
from shellhook.errors import ShellhookError, WrongUsage
from shellhook.request import Request, parse_duration
from shellhook.session import Session
from shellhook.status import span
from shellhook.ui import say
from shellhook.ui.terminal import NoTerminal, Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.copied import Pasted

HOUR = 3600
_LONGEST = 65_536  # letters
_QUESTION = "paste the credentials (they are not shown), then an empty line: "


def taken(here: Here, region: str | None, seconds: int | None) -> Request:
    """The request that stands for credentials that are pasted now, from standard input or unseen at the terminal. They
    are in the store then, after AWS has said whose they are. `seconds` is how long they last, if the user says so.

    Raises WrongUsage for what is no credentials, ShellhookError for what AWS does not take, NoNetwork, Cancelled.
    """
    at_terminal = sys.stdin is None or sys.stdin.isatty()
    found = copied.parse(_read(here, at_terminal))
    if region is not None:
        found = found.replace(region=region)
    session = Session(
        access_key_id=found.access_key_id,
        secret_access_key=found.secret_access_key,
        session_token=found.session_token,
        attended_from=0,
    )
    account, who = _owner(here, found, session)
    request = _request(here, found, account, who)
    now = time.time()
    expires = _expires(here, found, seconds, now, ask=at_terminal)
    if expires <= now:
        raise ShellhookError(
            f"the pasted credentials ended {span(int(now - expires))} ago", remedy="copy them anew, and paste those"
        )
    made, _ = assume.planned(here, request, {}, quiet=True)
    kept = session.replace(expires=expires, issued=int(now), account=account, arn=who, profile=made.profile)
    here.store.put_session(assume.session_key(here, made), kept)
    return request


def _read(here: Here, at_terminal: bool) -> str:
    if at_terminal:
        try:
            return Terminal(here.environ).ask_lines_unseen(_QUESTION)
        except NoTerminal as reason:
            raise WrongUsage(
                "--paste asks for credentials, and there is no terminal",
                why=str(reason),
                remedy="assume --paste < FILE",
            ) from None
    text = sys.stdin.read(_LONGEST + 1)
    if len(text) > _LONGEST:
        raise WrongUsage("this is too long to be credentials")
    return text


def _request(here: Here, found: Pasted, account: str, who: str) -> Request:
    files = here.files()
    resource = (arn.parse(who) or arn.Arn(partition="aws", service="sts", account=account, resource="")).resource
    kind, _, rest = resource.partition("/")
    role = arn.shown_role(rest.partition("/")[0]) if kind == "assumed-role" else ""
    name = found.name or "-".join(filter(None, (account, role or rest or kind)))
    pasted = (found.access_key_id, name, account, role)
    return Request(profile=None, config=files.config, credentials=files.credentials, region=found.region, pasted=pasted)


def _owner(here: Here, found: Pasted, session: Session) -> tuple[str, str]:
    """Account and ARN of whom the credentials belong to, asked of AWS."""
    from shellhook.sts import Aws, Refused

    made, _ = assume.planned(here, _request(here, found, "", ""), {}, quiet=True)
    try:
        return Aws(here.original).caller(made, session)
    except Refused as error:
        partition = "" if found.region else "; those of another partition (China, GovCloud) need --region"
        raise refusal.clock(error) or ShellhookError(
            "AWS does not take the pasted credentials",
            why=f"{error.code}: they have ended, or are not whole{partition}",
            remedy="copy them anew, all of them, and paste those",
        ) from None


def _expires(here: Here, found: Pasted, seconds: int | None, now: float, *, ask: bool) -> int:
    """When they end, epoch: as they say, as the user says, or taken to be in an hour."""
    if found.expires is not None:
        return found.expires
    if seconds is None and ask:
        seconds = _asked(here)
    if seconds is None:
        say("when they end is not said: taken to be in 1h (--duration-seconds says otherwise)")
        seconds = HOUR
    return int(now) + seconds


def _asked(here: Here) -> int | None:
    terminal = Terminal(here.environ)
    while True:
        answer = terminal.ask("How long do they last? [1h] ").strip()
        if not answer:
            return None
        try:
            return parse_duration(answer, "this")
        except WrongUsage as error:
            say(str(error))
