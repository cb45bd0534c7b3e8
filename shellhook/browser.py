"""The user's browser: is there one, which, and opening a page in it.

The `browser` setting, a command with {url} in it, or `clipboard`; $BROWSER; the system's own. No shell is involved, and
nothing is printed or logged: what a URL may tell is for its caller to know. A browser takes its page from its command
line and nowhere else, where others on the machine may see it; what copies to the clipboard takes it unseen.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.parse

from shellhook.errors import BadConfiguration
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LINUX = ("xdg-open", "gio open", "x-www-browser", "firefox", "chromium", "google-chrome")
_WINDOWS_FROM_LINUX = ("wslview", "explorer.exe")
# They want the terminal, which is not theirs to have; and the portal's pages are scripts.
_FOR_TERMINALS = ("www-browser", "w3m", "lynx", "links", "elinks", "browsh")
_CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv")
# A browser outlives a session, and has no use for it.
_NOT_FOR_BROWSERS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
# They read what they are to copy. Those that are there are tried in turn: one may have no display to do it on.
_CLIPBOARDS = ("pbcopy", "wl-copy", "xclip -selection clipboard", "xsel --clipboard --input", "clip.exe")
_CLIPBOARD = "clipboard"
_COPIES = 5.0  # seconds that copying may take
_AT_ONCE = 0.3  # seconds in which a command that cannot open anything has mostly said so


class Browser(Record):
    """A way to open a page: commands to try in turn, with {url} where it goes; none is the operating system's own way
    (Windows). If `piped`, they read the URL, and copy it."""

    commands: tuple[tuple[str, ...], ...]
    where: str
    piped: bool = False


def find(environ: Mapping[str, str], template: str = "", where: str = "") -> tuple[Browser | None, str]:
    """The browser, or None and the reason. `template` is the setting, `where` the place it was found at.

    What the user names is believed, also over SSH: editors that are connected so set $BROWSER to what opens pages at
    the user's end. Raises BadConfiguration for a template that cannot be read.
    """
    if template == _CLIPBOARD:
        copying = [words for words in map(str.split, _CLIPBOARDS) if shutil.which(words[0], path=environ.get("PATH"))]
        if not copying:
            return None, f"there is none of {', '.join(words.split()[0] for words in _CLIPBOARDS)}"
        return Browser(commands=tuple(map(tuple, copying)), where=where, piped=True), ""
    if template:
        return Browser(commands=(_words(template, where),), where=where), ""
    named = [word for word in environ.get("BROWSER", "").split(os.pathsep) if word.strip()]
    commands = [command for command in (_words(word, "BROWSER") for word in named) if not _is_for_terminals(command)]
    if commands:
        return Browser(commands=tuple(commands), where="BROWSER"), ""
    if named:
        return None, "BROWSER names one for terminals only"
    reason = _why_none(environ)
    if reason:
        return None, reason
    if sys.platform == "win32":
        return Browser(commands=(), where="Windows"), ""
    if sys.platform == "darwin":
        return Browser(commands=(("open", "{url}"),), where="macOS"), ""
    known = (*_WINDOWS_FROM_LINUX, *_LINUX) if "WSL_DISTRO_NAME" in environ else _LINUX
    present = [words for words in map(str.split, known) if shutil.which(words[0], path=environ.get("PATH"))]
    if not present:
        return None, "none is installed"
    return Browser(commands=tuple((*words, "{url}") for words in present), where="the system's"), ""


def open_page(browser: Browser, url: str, environ: Mapping[str, str], names: Mapping[str, str] | None = None) -> bool:
    """Open a page; False if that is known to have failed. It is not waited for. `names` are what a command may have in
    braces beside {url}."""
    if not browser.commands:
        try:
            os.startfile(url)  # type: ignore[attr-defined, unused-ignore]  # noqa: S606 - Windows has no other way
        except (OSError, AttributeError):
            return False
        return True
    outside = {name: value for name, value in environ.items() if name not in _NOT_FOR_BROWSERS}
    if browser.piped:
        return any(_copies(command, url, outside) for command in browser.commands)
    places = {**(names or {}), "url": url}
    return any(_starts([_filled(word, places) for word in command], outside) for command in browser.commands)


def _filled(word: str, places: Mapping[str, str]) -> str:
    """A word of a command with everything in its place. What is put there is not looked through again. An address that
    holds another, as those of Firefox's containers do (ext+container:name=...&url=...), has it quoted."""
    quoted = word.startswith("ext+")

    def value(found: re.Match[str]) -> str:
        text = places.get(found[1], found[0])
        return urllib.parse.quote(text, safe="") if quoted else text

    return re.sub(r"\{(\w+)\}", value, word)


def _copies(command: tuple[str, ...], url: str, environ: Mapping[str, str]) -> bool:
    program = shutil.which(command[0], path=environ.get("PATH"))
    if program is None:
        return False
    try:
        done = subprocess.run(
            [program, *command[1:]],
            input=url.encode(),
            stdout=subprocess.DEVNULL,  # not a pipe: those of X stay to serve what was copied, and would hold it open
            stderr=subprocess.DEVNULL,
            env=environ,
            timeout=_COPIES,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _starts(command: list[str], environ: Mapping[str, str]) -> bool:
    program = shutil.which(command[0], path=environ.get("PATH"))
    if program is None:
        return False
    try:
        # A session of its own: Ctrl-C in the terminal is not for it, and it stays when the terminal goes.
        process = subprocess.Popen(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=environ,
        )
    except OSError:
        return False
    try:
        # explorer.exe, to which WSL comes at last, ends with 1 when all is well.
        return process.wait(_AT_ONCE) == 0 or os.path.basename(program) == "explorer.exe"
    except subprocess.TimeoutExpired:
        process.returncode = 0  # it goes on without us, and Python need not warn of it
        return True


def _why_none(environ: Mapping[str, str]) -> str:
    """Why there is no browser to be seen from here; "" if there should be one."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return "this is an SSH session"
    if sys.platform in ("win32", "darwin") or "WSL_DISTRO_NAME" in environ:
        return ""
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return ""
    if environ.get("container") or any(map(os.path.exists, _CONTAINER_FILES)):
        return "this is a container"
    return "there is no display"


def _is_for_terminals(command: tuple[str, ...]) -> bool:
    return os.path.basename(command[0]) in _FOR_TERMINALS


def _words(template: str, where: str) -> tuple[str, ...]:
    """A command line, as $BROWSER has it too: `%s` or {url} is the page, behind it all where there is neither."""
    try:
        words = shlex.split(template, posix=sys.platform != "win32")
    except ValueError as error:
        raise BadConfiguration(f"browser {template!r} cannot be read", why=f"{where}: {error}") from None
    if sys.platform == "win32":
        words = [word.strip('"') for word in words]  # a backslash is no quote there, and quotes stay
    words = [word.replace("%s", "{url}") for word in words if word != "&"]
    words = [_at_home(word) for word in words]
    if not words or words[0] == "{url}":
        raise BadConfiguration(f"browser {template!r} names no command", why=where)
    return tuple(words if any("{url}" in word for word in words) else [*words, "{url}"])


def _at_home(word: str) -> str:
    """~/ as a shell would have it, also where it is the value of an option: --user-data-dir=~/..."""
    name, equals, value = word.partition("=")
    if name.startswith("-") and value.startswith("~/"):
        return name + equals + os.path.expanduser(value)
    return os.path.expanduser(word) if word.startswith("~/") else word
