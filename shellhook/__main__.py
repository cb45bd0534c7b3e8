"""The entry: picks the command, and imports only that command's file."""

from __future__ import annotations

import gc
import os
import sys

from shellhook.errors import Cancelled, ShellhookError, WrongUsage

# Verb -> what it is for. Each has a module in cli/ with `run(words) -> exit status`.
VERBS = {
    "assume": "used by the hook: the session of a profile, as code for the shell",
    "renew": "used by the hook: a session that runs out",
    "explain": "what `assume PROFILE` would do, without doing it",
    "status": "which session is on, and how long it lasts",
    "install": "add the hook to your shell's start-up file",
    "uninstall": "remove it again",
    "init": "print the hook of a shell",
    "config": "every setting, its value, and where it comes from",
    "forget": "delete stored sessions",
    "demo": "try it all against an AWS on this machine",
}


def main() -> None:
    """Run the command named by the first word, and exit with its status."""
    gc.disable()  # the process lives for one command
    sys.exit(_status(sys.argv[1:]))


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
        # The reader went away (`| head`): nothing is left to say, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except Exception as error:
        if debug:
            _show_traceback()
        else:
            _say(f"shellhook: this should not have happened: {type(error).__name__}. See it with SHELLHOOK_DEBUG=1")
        return 1


def _run(words: list[str]) -> int:
    if not words or words[0] in ("--help", "-h", "help"):
        return _help()
    if words[0] == "--version":
        from shellhook import __version__

        print(f"shellhook {__version__}")
        return 0
    if words[0] not in VERBS:
        import difflib

        near = difflib.get_close_matches(words[0], VERBS, 1)
        raise WrongUsage(
            f"there is no command {words[0]!r}", remedy=f"did you mean {near[0]}?" if near else "see shellhook --help"
        )
    import importlib

    status: int = importlib.import_module(f"shellhook.cli.{words[0]}").run(words[1:])
    return status


def _help() -> int:
    lines = ["shellhook: AWS credentials for the shell you are in", "", "  shellhook COMMAND [--help]", ""]
    lines += [f"  {verb:<10} {text}" for verb, text in VERBS.items()]
    lines += ["", "With the hook loaded, `assume PROFILE` in your shell is all you need: shellhook install"]
    print("\n".join(lines))
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)


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
