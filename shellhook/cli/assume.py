"""assume: the verb behind the hook's function.

shellhook assume --shell S --pid P --hook 1 [--subshell=N] -- WORDS
"""

from __future__ import annotations

import os
import sys

from shellhook import answer, assume, typed
from shellhook.answer import Caller
from shellhook.assume import Here
from shellhook.cli import options, request_words
from shellhook.cli.options import FLAG, MAYBE, VALUE
from shellhook.errors import Cancelled, ShellhookError, WrongUsage
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Outcome
    from shellhook.cli.options import Parsed
    from shellhook.request import Request

HOOK = 1
COMMAND_FAILED = 125  # we, not the command behind `--` (as env, timeout and their like have it)
KINDS = {
    **request_words.KINDS,
    "--save": VALUE,
    "--paste": FLAG,
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
    "--version": FLAG,
}
SHORT = {**request_words.SHORT, "-c": "--console"}
# What may stand beside an option that is a command of its own.
_ALONE = {
    "--status": ("--json", "--verify"),
    "--check": ("--min-ttl",),
    "--off": (),
    "--paste": ("--region", "--duration-seconds", "--write", "--force"),
}
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
    parsed = options.parse(words, KINDS, SHORT, command=True)
    if parsed.has("--version"):
        from shellhook import __version__

        print(f"shellhook {__version__}")
        return 0
    _refuse_beside(parsed)
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
    outcome = _outcome(here, parsed)
    _after(here, parsed, outcome)  # what can still fail: endpoints begin and end with the answer
    if parsed.has("--write"):
        _write(here, parsed, outcome, from_shell)
    text = answer.session(here, from_shell, outcome, renewal=request_words.is_repeated(parsed))
    if not outcome.stored:
        from shellhook import install

        install.refresh(from_shell.shell, here.environ)
    return print_code(text)


def _refuse_beside(parsed: Parsed) -> None:
    """Raises WrongUsage for words that would go unheeded. And for those that make the hook show what we print where
    that is code for the shell, with the secret key in it."""
    for option, beside in _ALONE.items():
        others = [*parsed.positional, *(each for each in parsed.options if each not in (option, *beside, "--debug"))]
        if parsed.command is not None and option != "--paste":
            others.append("--")
        if parsed.has(option) and others:
            raise WrongUsage(f"{option} stands alone, and there is {', '.join(others)}")
    for option in ("--json", "--verify"):
        if parsed.has(option) and not parsed.has("--status"):
            raise WrongUsage(
                f"{option} goes with --status", remedy="a session as JSON: shellhook export PROFILE --format json"
            )


def _told(words: list[str]) -> tuple[Caller | None, list[str]]:
    """What the hook said of itself, and the words that the user typed."""
    if words[:1] != ["--shell"]:
        return None, words
    told = options.parse(words, HOOK_KINDS, command=True)
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


def _outcome(here: Here, parsed: Parsed) -> Outcome:
    """The session asked for. What would make it useless is refused before it is got."""
    if parsed.has("--paste"):
        return assume.obtain(here, _pasted(here, parsed))
    wanted = request_words.request_of(here, parsed, choose=typed.picked)
    if wanted.serve and not request_words.is_repeated(parsed):
        from shellhook.endpoint import outranked

        outranked.refuse(here, force=parsed.has("--force"))
    if parsed.has("--write"):
        from shellhook import written

        written.check_early(wanted, parsed.get("--write") or None, force=parsed.has("--force"))
    return request_words.outcome_of(here, parsed, wanted)


def _write(here: Here, parsed: Parsed, outcome: Outcome, caller: Caller) -> None:
    """assume PROFILE --write."""
    from shellhook import written

    holder = answer.kept_before(here, caller)
    name = written.write(here, outcome, parsed.get("--write") or None, holder=holder, force=parsed.has("--force"))
    say(f"shellhook: [{name}] of {outcome.request.credentials} has the session, too")


def _pasted(here: Here, parsed: Parsed) -> Request:
    from shellhook import paste

    return paste.taken(here, parsed.get("--region"), request_words.duration(parsed, "--duration-seconds"))


def _run_command(here: Here, parsed: Parsed) -> int:
    """assume PROFILE -- COMMAND."""
    command = parsed.command or []
    try:
        if not command:
            raise WrongUsage("there is no command after --")
        if parsed.has("--write"):
            raise WrongUsage("--write: the command has the variables", remedy="beside it: shellhook write PROFILE")
        if parsed.has("--save"):
            raise WrongUsage("--save: not with a command", remedy="without one: assume PROFILE --save NAME")
        outcome = _outcome(here, parsed)
        environ = answer.for_command(here, outcome)
    except Cancelled:
        raise
    except ShellhookError as error:
        say(f"shellhook: {error}")
        return COMMAND_FAILED
    return answer.run(command, environ)


def _after(here: Here, parsed: Parsed, outcome: Outcome) -> None:
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
