"""The entry: picks the command, and imports only that command's file."""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper

from shellhook.errors import Cancelled, ShellhookError, WrongUsage

# Verb -> what it is for. Each has a module in cli/ with `run(words) -> exit status`.
VERBS = {
    "assume": "used by the hook: the session of a profile, as code for the shell",
    "renew": "used by the hook: a session that runs out",
    "serve-endpoint": "used by `assume --serve`",
    "explain": "what `assume PROFILE` would do, without doing it",
    "list": "the profiles there are, and what is wrong with some",
    "status": "which session is on, and how long it lasts",
    "check": "is the session good for so long? for scripts",
    "credentials": "print a session as JSON, for SDKs (credential_process)",
    "write": "put a session into the credentials file",
    "export": "print a session as text: env, fish, powershell, json, ini, docker",
    "install": "add the hook to your shell's start-up file",
    "uninstall": "remove the hook from your shell's start-up file",
    "init": "print the hook of a shell",
    "config": "every setting, its value, and where it comes from",
    "login": "log in to IAM Identity Center (AWS SSO), if need be",
    "sso": "write profiles for what IAM Identity Center offers",
    "logout": "log out of IAM Identity Center, here and at AWS",
    "signout-url": "the page that signs a browser out of the console",
    "keys": "long-term keys in the operating system's keyring",
    "doctor": "what is wrong here, and what to do about it",
    "policy": "print an IAM policy, filled in from your profiles",
    "forget": "delete stored sessions",
    "demo": "try it all against an AWS on this machine",
}


def main() -> None:
    """Run the command named by the first word, and exit with its status."""
    gc.disable()  # the process lives for one command
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        # A name that the locale's encoding does not have is shown all the same. Code goes out as bytes.
        sys.stdout.reconfigure(errors="backslashreplace")
    status = _status(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        # What cannot be written is dropped: Python would try again at exit, complain, and end with 120.
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    # To take Python down with botocore loaded takes 40 ms, and nothing here waits for it. It may even crash, where what
    # was being imported while the user typed still is.
    os._exit(status)


def _status(words: list[str]) -> int:
    debug = "--debug" in words or bool(os.environ.get("SHELLHOOK_DEBUG"))
    try:
        return _run(words)
    except ShellhookError as error:
        if debug:
            _show_traceback()
        _say(f"shellhook: {error}")
        return error.status
    except KeyboardInterrupt:
        _say(f"shellhook: {Cancelled()}")
        return Cancelled.status
    except BrokenPipeError:
        return 141  # the reader went away (`| head`): as if SIGPIPE had ended us, and nothing is left to say
    except Exception as error:
        if debug:
            _show_traceback()
        if isinstance(error, OSError) and _is_of_output(error):
            _say(f"shellhook: {_unwritable(str(error.strerror))}")
        elif not debug:
            _say(f"shellhook: this should not have happened: {type(error).__name__}. See it with SHELLHOOK_DEBUG=1")
        return 1


def _is_of_output(error: OSError) -> bool:
    """Is it standard output that could not be written? What is written elsewhere says so itself, by name."""
    import errno

    return error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF)


def _unwritable(why: str) -> ShellhookError:
    return ShellhookError("standard output cannot be written", why=why)


def _run(words: list[str]) -> int:
    if sys.stdout is None and not _prints_nothing(words):
        raise _unwritable("it is closed")  # before anything is asked, or done: print would say nothing
    if not words or words[0] in ("--help", "-h", "help"):
        return _help()
    if words[0] == "--version":
        from shellhook import __version__

        print(f"shellhook {__version__}", flush=True)
        return 0
    if words[0] not in VERBS:
        import difflib

        near = difflib.get_close_matches(words[0], VERBS, 1)
        raise WrongUsage(
            f"there is no command {words[0]!r}",
            remedy=f"did you mean {near[0]}?" if near else "see what there is: shellhook --help",
        )
    import importlib

    from shellhook.cli.options import HelpAsked

    command = importlib.import_module(f"shellhook.cli.{words[0].replace('-', '_')}")
    try:
        status: int = command.run(words[1:])
    except HelpAsked:
        print(command.HELP)
        status = 0
    if sys.stdout is not None:
        sys.stdout.flush()  # a success only if it was written
    return status


def _prints_nothing(words: list[str]) -> bool:
    """Is it `check`, `assume --check`, or `assume PROFILE -- COMMAND`, whose command may do without?"""
    starts_a_command = words[:1] == ["assume"] and words[1:2] != ["--shell"] and "--" in words
    return words[:1] == ["check"] or "--check" in words or starts_a_command


def _help() -> int:
    lines = ["shellhook: AWS credentials for the shell you are in", "", "  shellhook COMMAND [--help]", ""]
    lines += [f"  {verb:<11} {text}" for verb, text in VERBS.items()]
    lines += ["", "With the hook loaded, `assume PROFILE` in your shell is all you need: shellhook install"]
    print("\n".join(lines), flush=True)
    return 0


def _say(text: str) -> None:
    from shellhook.ui import say

    say(text)


def _show_traceback() -> None:
    """The traceback's places and the kinds of errors, not their texts: botocore's quote parameters and answers."""
    import traceback

    error = sys.exc_info()[1]
    while error is not None:
        for frame in traceback.extract_tb(error.__traceback__):
            _say(f"  {frame.filename}:{frame.lineno} in {frame.name}")
        _say(f"  {type(error).__name__}")
        error = error.__cause__ or error.__context__


if __name__ == "__main__":
    main()
