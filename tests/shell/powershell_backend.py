"""A backend of a few lines for the tests of PowerShell's hook: it speaks the protocol and knows no AWS.

A profile's name says what happens:

    bad       refused with 3          skip      0 and no answer       ask      wants the code 123456, on the terminal
    gone      removes AWS_PROFILE     damaged   $T_DAMAGE after a good line     values   what the file $T_VALUES holds

Any other is a session of that name, for $T_LIFE seconds (else an hour); with $T_RENEW it can be renewed silently, from
so many seconds before its end on. Each call's words are a line of JSON in $T_LOG. What `renew` does:

    --pick-up       the newest session, as the marker tells
    --ask           the code is wanted if $T_CODE is set, and Enter skips it; with $T_KEYS keys were waiting
    --background    waits for the file $T_GATE, if that is set; fails if $T_FAIL is set
"""

from __future__ import annotations

import getpass
import json
import os
import sys
import time
from pathlib import Path

from shellhook.shells.powershell import render

SECRET, TOKEN = "SECRET'$(x)`\u2019%0A", "TOKEN=\r\n=="
QUESTION = "MFA code (Enter skips): "
SHOWN = {"-c", "--console", "--status", "--check", "--print", "--list", "--json", "--help", "-h", "--version"}


def main() -> None:
    """Take the words of the command line and exit as the real one would."""
    with open(os.environ["T_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(sys.argv[1:]) + "\n")
    if sys.argv[1] == "renew":
        sys.exit(renew(os.environ["SHELLHOOK_PROFILE"], sys.argv))
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
    if name == "bad":
        return refuse("no profile 'bad'", 3)
    if name == "skip":
        return 0
    if name == "ask":
        question("MFA code: ")
    text = session(name, got(name))
    if name == "gone":
        text = render({}, ["AWS_PROFILE"])
    if name == "damaged":
        text += os.environ.get("T_DAMAGE", "") + "\n"
    if name == "values":
        with open(os.environ["T_VALUES"], encoding="utf-8") as file:
            text = render(json.load(file), [])
    return give(text)


def give(text: str) -> int:
    """The answer, in full."""
    sys.stdout.buffer.write(text.encode())
    return 0


def question(text: str) -> None:
    """Go on after the right code; after anything else this ends, and Enter alone is a skip."""
    try:
        code = getpass.getpass(text)
    except KeyboardInterrupt:
        with open("/dev/tty", "w", encoding="ascii") as terminal:
            terminal.write("\n")  # as the real one does: what is said next begins a line
        sys.exit(130)
    if not code:
        sys.exit(0)
    if code != "123456":
        sys.exit(refuse("a wrong code", 4))


def marker(name: str) -> Path:
    """The marker of a request that is nothing but a name."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(state, "shellhook", "markers", name.encode().hex().rjust(32, "0")[-32:])


def got(name: str) -> int:
    """Get a new session; its expiry, which is all that one differs by from another."""
    expires = int(time.time()) + int(os.environ.get("T_LIFE", "3600"))
    file = marker(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{expires}\n{name}\n", encoding="utf-8")
    os.utime(file, (expires, expires))
    return expires


def session(name: str, expires: int) -> str:
    """What the hook takes for that session."""
    values = {
        "AWS_ACCESS_KEY_ID": f"ASIA{expires}",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": TOKEN,
        "SHELLHOOK_PROFILE": name,
        "SHELLHOOK_ROLE": name,
        "SHELLHOOK_EXPIRES": str(expires),
        "SHELLHOOK_KEY_ID": f"ASIA{expires}",
        "SHELLHOOK_REQUEST": marker(name).name,
    }
    if "T_RENEW" not in os.environ:
        return render(values, ["AWS_PROFILE", "SHELLHOOK_RENEW"])
    return render({**values, "SHELLHOOK_RENEW": str(expires - int(os.environ["T_RENEW"]))}, ["AWS_PROFILE"])


def renew(name: str, words: list[str]) -> int:
    """As the table on top says."""
    if "--pick-up" in words:
        return give(session(name, int(marker(name).stat().st_mtime)))
    if "--background" in words:
        return background(name)
    if "T_KEYS" in os.environ:
        return give(render({}, [f"__shellhook_asked_{words[words.index('--ask') + 1]}"]))
    if "T_CODE" in os.environ:
        question(QUESTION)
    return give(session(name, got(name)))


def background(name: str) -> int:
    """Leave the terminal, and do the work when the test says so; not for ever, should the test have ended."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    end = time.monotonic() + 60
    while "T_GATE" in os.environ and not os.path.exists(os.environ["T_GATE"]):
        if time.monotonic() > end:
            return 1
        time.sleep(0.02)
    if "T_FAIL" in os.environ:
        return 1
    got(name)
    return 0
