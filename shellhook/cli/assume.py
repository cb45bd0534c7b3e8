"""assume: the verb behind the hook's function.

shellhook assume --shell S --pid P --hook 1 [--subshell=N] -- WORDS
"""

from __future__ import annotations

import os
import sys

from shellhook import answer, assume, typed
from shellhook.answer import Caller
from shellhook.assume import Here
from shellhook.cli import options
from shellhook.cli.options import FLAG, MANY, MAYBE, VALUE
from shellhook.errors import Cancelled, ShellhookError, WrongUsage
from shellhook.hops import parse_tags
from shellhook.request import Request, parse_duration
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from shellhook.cli.options import Parsed

HOOK = 1
COMMAND_FAILED = 125  # we, not the command behind `--` (as env, timeout and their like have it)
KINDS = {
    "--profile": VALUE,
    "--region": VALUE,
    "--duration-seconds": VALUE,
    "--external-id": VALUE,
    "--token-code": VALUE,
    "--serial-number": VALUE,
    "--role-arn": VALUE,
    "--chain": VALUE,
    "--role-session-name": VALUE,
    "--source-identity": VALUE,
    "--tags": MANY,
    "--transitive-tag-keys": VALUE,
    "--policy": VALUE,
    "--policy-arns": VALUE,
    "--mfa-duration": VALUE,
    "--min-ttl": VALUE,
    "--save": VALUE,
    "--paste": FLAG,
    "--long-term": FLAG,
    "--renew": FLAG,
    "--off": FLAG,
    "--status": FLAG,
    "--check": FLAG,
    "--verify": FLAG,
    "--console": MAYBE,
    "--print": FLAG,
    "--write": MAYBE,
    "--serve": FLAG,
    "--force": FLAG,
    "--json": FLAG,
    "--yes": FLAG,
    "--debug": FLAG,
    "--help": FLAG,
    "--version": FLAG,
}
SHORT = {
    "-p": "--profile",
    "-r": "--region",
    "-d": "--duration-seconds",
    "-e": "--external-id",
    "-t": "--token-code",
    "-c": "--console",
    "-h": "--help",
}
# What other verbs take too: what makes a request, and how its session is got.
OF_A_REQUEST = {
    option: KINDS[option]
    for option in (
        *("--profile", "--region", "--duration-seconds", "--external-id", "--token-code", "--serial-number"),
        *("--role-arn", "--chain", "--role-session-name", "--source-identity", "--tags", "--transitive-tag-keys"),
        *("--policy", "--policy-arns", "--mfa-duration", "--min-ttl", "--long-term", "--renew", "--debug", "--help"),
    )
}
SHORT_OF_A_REQUEST = {short: option for short, option in SHORT.items() if option in OF_A_REQUEST}
# What may stand beside a request that is repeated: it is no part of one.
_BESIDE_A_REQUEST = (
    *("--token-code", "--min-ttl", "--renew", "--save", "--yes", "--debug", "--profile"),
    *("--console", "--print", "--write", "--force"),
)
_BESIDE_PASTED = ("--paste", "--region", "--duration-seconds", "--write", "--force", "--debug")
HOOK_KINDS = {"--shell": VALUE, "--pid": VALUE, "--hook": VALUE, "--subshell": VALUE}
HELP = """\
assume                          choose one of the profiles there are
assume PROFILE                  this shell has the profile's role
assume -                        the previous one again
assume --renew                  the same with a new session
assume --off                    back to what was there before
assume --status [--json]        what is on, and how long it lasts; --verify asks AWS
assume --check [--min-ttl 30m]  exit status 0 if a session is on and lasts so long, 1 if not, 2 if none is on
assume PROFILE -- COMMAND       one command has it, this shell stays as it is
assume PROFILE --console[=ec2]  the AWS console, signed in as that role: a service, a path or an address of it; without
                                PROFILE, of the session that is on; --print prints the link
assume PROFILE --write[=NAME]   also in a section of the credentials file, PROFILE-session by default, until --off;
                                --force writes over long-term keys
assume PROFILE --serve          no keys in the shell, but an endpoint on 127.0.0.1 that always has them for programs;
                                --force serves although programs would take something else first

  -r, --region REGION           -d, --duration-seconds 4h       -t, --token-code CODE
  -e, --external-id ID          (- asks for it unseen)          -p, --profile PROFILE
  --role-arn ROLE               an ARN, or a name in the source's account
  --chain ROLE,ROLE             then assume these, one from another
  --paste                       credentials that you copied, from the access portal for one: they are not shown
  --save NAME                   keep what was typed as a profile
  --serial-number DEVICE        --mfa-duration 12h              --min-ttl 30m
  --role-session-name NAME      --source-identity NAME          --long-term
  --tags KEY=VALUE,...          --transitive-tag-keys KEY,...   --policy FILE|ARN|JSON
  --policy-arns ARN,...         --yes                           --debug"""


def run(words: list[str]) -> int:
    """Do what the words say. Standard output is code for the shell, or for people where the hook does not capture."""
    from_shell, words = _told(words)
    parsed = options.parse(words, KINDS, SHORT)
    if parsed.has("--help"):
        print(HELP)
        return 0
    if parsed.has("--version"):
        from shellhook import __version__

        print(f"shellhook {__version__}")
        return 0
    here = Here(dict(os.environ))
    if parsed.has("--status"):
        from shellhook.cli import status

        return status.show(here, parsed.has("--json"), parsed.has("--verify"))
    if parsed.has("--check"):
        from shellhook.cli import check

        return check.check(here.environ, parsed.get("--min-ttl"))
    if parsed.has("--console", "--print"):
        from shellhook.cli import console

        return console.run(here, parsed)
    if parsed.command is not None:
        return _run_command(here, parsed)
    if from_shell is None:
        from shellhook import install

        raise install.no_hook(here.environ)
    if parsed.has("--off"):
        return print_code(answer.off(here, from_shell))
    outcome = outcome_of(here, parsed)
    if parsed.has("--write"):
        _write(here, parsed, outcome, from_shell)
    text = answer.session(here, from_shell, outcome, renewal=_is_renewal(parsed))
    _after(here, parsed, outcome)
    if not outcome.stored:
        from shellhook import install

        install.refresh(from_shell.shell, here.environ)
    return print_code(text)


def _told(words: list[str]) -> tuple[Caller | None, list[str]]:
    """What the hook said of itself, and the words that the user typed."""
    if words[:1] != ["--shell"]:
        return None, words
    told = options.parse(words, HOOK_KINDS)
    return caller(told), told.command or []


def caller(told: Parsed) -> Caller:
    """The shell that called, from the hook's options. Raises WrongUsage for a damaged call."""
    pid, number = told.get("--pid") or "", told.get("--hook") or ""
    if not (pid + number).isascii() or not pid.isdigit() or not number.isdigit():
        raise WrongUsage("the hook's call is damaged", remedy="open a new shell")
    if int(number) != HOOK:
        say("shellhook: this shell has the hook of another version: open a new one")
    subshell = told.get("--subshell") not in (None, "", "0")
    return Caller(shell=told.get("--shell") or "", pid=int(pid), subshell=subshell)


def outcome_of(here: Here, parsed: Parsed, wanted: Request | None = None) -> assume.Outcome:
    """The session that the words ask for. `wanted` is their request, where that is known already."""
    if parsed.has("--paste"):
        return assume.obtain(here, _pasted(here, parsed))
    wanted, code = wanted or request_of(here, parsed, choose=typed.picked), parsed.get("--token-code")
    if wanted.serve and not _is_renewal(parsed):
        from shellhook.endpoint import outranked

        outranked.refuse(here, force=parsed.has("--force"))
    if parsed.has("--write"):
        from shellhook import written

        written.check_early(wanted, parsed.get("--write") or None, force=parsed.has("--force"))
    min_ttl = duration(parsed, "--min-ttl")
    return typed.obtain(here, wanted, code=code, min_ttl=min_ttl, fresh=parsed.has("--renew"))


def _write(here: Here, parsed: Parsed, outcome: assume.Outcome, caller: Caller) -> None:
    """assume PROFILE --write."""
    from shellhook import written

    holder = answer.kept_before(here, caller)
    name = written.write(here, outcome, parsed.get("--write") or None, holder=holder, force=parsed.has("--force"))
    say(f"shellhook: [{name}] of {outcome.request.credentials} has the session, too")


def _pasted(here: Here, parsed: Parsed) -> Request:
    from shellhook import paste

    others = [option for option in parsed.options if option not in _BESIDE_PASTED]
    if parsed.positional or others:
        raise WrongUsage(f"--paste stands alone, and there is {', '.join([*parsed.positional, *others])}")
    return paste.taken(here, parsed.get("--region"), duration(parsed, "--duration-seconds"))


def _is_renewal(parsed: Parsed) -> bool:
    return parsed.has("--renew") and not parsed.positional and not parsed.has("--profile", "--role-arn")


def request_of(here: Here, parsed: Parsed, choose: Callable[[Here], str] | None = None) -> Request:
    """The request that the words make, or the saved one they name; where they name no profile, that of the one that
    `choose` gives."""
    if len(parsed.positional) > 1:
        first, second, *rest = parsed.positional
        others = " ".join([second, *rest])
        if parsed.has("--console"):
            raise WrongUsage(f"{first!r}, and then {second!r}?", remedy=f"assume {first} --console={second}")
        raise WrongUsage(
            f"one profile at a time: {first!r}, and then {second!r}?",
            remedy=f"to run a command with it: assume {first} -- {others}\n"
            f"a name with blanks wants quotes: assume '{first} {others}'",
        )
    name = parsed.positional[0] if parsed.positional else parsed.get("--profile")
    if parsed.positional and parsed.has("--profile"):
        raise WrongUsage(f"--profile {parsed.get('--profile')!r} and {name!r}: one profile at a time")
    if name == "-" or _is_renewal(parsed):
        changes = [option for option in parsed.options if option not in _BESIDE_A_REQUEST]
        if changes:
            raise WrongUsage(
                f"{', '.join(changes)}: a request is repeated as it was", remedy="to change it, name the profile again"
            )
    if name == "-":
        return assume.saved_request(here, here.previous, "there is no previous session to go back to")
    if _is_renewal(parsed):
        return assume.saved_request(here, here.request, "no session is on in this shell")
    files = here.files()
    if name is None and not parsed.has("--role-arn", "--chain"):
        if choose is None:
            raise typed.unnamed(here)
        name = choose(here)
    return Request(
        profile=name,
        config=files.config,
        credentials=files.credentials,
        region=parsed.get("--region"),
        duration_seconds=duration(parsed, "--duration-seconds"),
        external_id=external_id(here, parsed),
        serial_number=parsed.get("--serial-number"),
        role_arn=parsed.get("--role-arn"),
        chain=_list(parsed, "--chain"),
        role_session_name=parsed.get("--role-session-name"),
        source_identity=parsed.get("--source-identity"),
        tags=tuple(pair for given in parsed.many.get("--tags", []) for pair in parse_tags(given, "--tags")),
        transitive_tag_keys=_list(parsed, "--transitive-tag-keys"),
        policy=_policy(parsed),
        policy_arns=(*_list(parsed, "--policy-arns"), *_policy_arn(parsed)),
        mfa_duration=duration(parsed, "--mfa-duration"),
        long_term=parsed.has("--long-term"),
        serve=parsed.has("--serve"),
    )


def duration(parsed: Parsed, name: str) -> int | None:
    """Seconds, of an option."""
    value = parsed.get(name)
    return None if value is None else parse_duration(value, name)


def _list(parsed: Parsed, name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in (parsed.get(name) or "").split(",") if part.strip())


def external_id(here: Here, parsed: Parsed) -> str | None:
    value = parsed.get("--external-id")
    if value != "-":
        return value
    from shellhook.ui.terminal import NoTerminal, Terminal

    try:
        return Terminal(here.environ).ask_unseen("External ID: ")
    except NoTerminal as reason:
        raise ShellhookError("--external-id - asks for it, and there is no terminal", why=str(reason)) from None


def _policy_arn(parsed: Parsed) -> tuple[str, ...]:
    value = parsed.get("--policy") or ""
    return (value,) if value.startswith("arn:") else ()


def _policy(parsed: Parsed) -> str | None:
    """The policy itself: as it stands, or out of a file."""
    value = parsed.get("--policy")
    if value is None or value.startswith("arn:"):
        return None
    if value.lstrip().startswith("{"):
        return value
    try:
        with open(os.path.expanduser(value.removeprefix("file://")), encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"--policy {value} cannot be read", why=str(error)) from None


def _run_command(here: Here, parsed: Parsed) -> int:
    """assume PROFILE -- COMMAND."""
    command = parsed.command or []
    try:
        if not command:
            raise WrongUsage("there is no command after --")
        if parsed.has("--write"):
            raise WrongUsage("--write: the command has the variables", remedy="beside it: shellhook write PROFILE")
        outcome = outcome_of(here, parsed)
        environ = answer.for_command(here, outcome)
    except Cancelled:
        raise
    except ShellhookError as error:
        say(f"shellhook: {error}")
        return COMMAND_FAILED
    return answer.run(command, environ)


def _after(here: Here, parsed: Parsed, outcome: assume.Outcome) -> None:
    """What follows a session: what was learned or typed may be kept in the user's files."""
    name, yes = parsed.get("--save"), parsed.has("--yes")
    if name is None and outcome.proved is None:
        return
    from shellhook import keep
    from shellhook.mfa import Asker

    asker = Asker(here.environ, None)
    if name is not None:
        keep.as_profile(name, outcome, asker, yes)
    elif outcome.proved is not None:
        keep.device(outcome.proved, outcome, asker)


def print_code(text: str) -> int:
    """Code for the shell, as bytes: a value need not be text in the locale's encoding, and Windows would add CR."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
    return 0
