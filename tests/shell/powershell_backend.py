"""A backend of a few lines for the tests of PowerShell's hook: it speaks the protocol and knows no AWS.

A profile's name says what happens:

    bad       refused with 3          skip      0 and no answer       ask      wants the code 123456, on the terminal
    gone      removes AWS_PROFILE     damaged   $T_DAMAGE after a good line     values   what the file $T_VALUES holds

Any other is a session of that name. Each call's words are a line of JSON in $T_LOG.
"""

from __future__ import annotations

import getpass
import json
import os
import sys

from shellhook.shells.powershell import render

SECRET, TOKEN = "SECRET'$(x)`\u2019%0A", "TOKEN=\r\n=="
SHOWN = {"-c", "--console", "--status", "--check", "--print", "--list", "--json", "--help", "-h", "--version"}


def main() -> None:
    """Take the words of the command line and exit as the real one would."""
    with open(os.environ["T_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(sys.argv[1:]) + "\n")
    words = sys.argv[sys.argv.index("--") + 1 :]
    command = None
    if "--" in words:
        command = words[words.index("--") + 1 :]
        words = words[: words.index("--")]
    names = [word for word in words if word == "-" or not word.startswith("-")]
    if SHOWN & {word.partition("=")[0] for word in words}:
        print("shown", *words, "on a terminal" if sys.stdout.isatty() else "in a pipe")
        sys.exit(1 if "--check" in words else 0)
    if len(names) > 1:
        sys.exit(refuse(f"unexpected {names[1]!r}", 64))
    if command is not None:
        execute(command)
    sys.exit(answer((names or ["nothing"])[0]))


def refuse(text: str, status: int) -> int:
    """Say why, on standard error."""
    sys.stderr.write(f"shellhook: {text}\n")
    return status


def execute(command: list[str]) -> None:
    """Become the command."""
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError:
        sys.exit(refuse(f"no command {command[0]!r}", 127))


def answer(name: str) -> int:
    """Print what the hook takes; the status."""
    session = {"SHELLHOOK_PROFILE": name, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
    if name == "bad":
        return refuse("no profile 'bad'", 3)
    if name == "skip":
        return 0
    if name == "ask":
        try:
            if getpass.getpass("MFA code: ") != "123456":
                return refuse("a wrong code", 4)
        except KeyboardInterrupt:
            return 130
    text = render(session, ["AWS_PROFILE"])
    if name == "gone":
        text = render({}, ["AWS_PROFILE"])
    if name == "damaged":
        text += os.environ.get("T_DAMAGE", "") + "\n"
    if name == "values":
        with open(os.environ["T_VALUES"], encoding="utf-8") as file:
            text = render(json.load(file), [])
    sys.stdout.buffer.write(text.encode())
    return 0
