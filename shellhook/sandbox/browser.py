"""A browser for those who have none: fetches a page, presses one of its buttons, and follows where that leads.

As a program: `python -m shellhook.sandbox.browser [--button Deny] URL`.
"""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

from shellhook.record import Record

ALLOW, DENY = "Allow", "Deny"
# A proxy of the user's is not to see what is asked of this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Page(Record):
    """Where a browser ended up: HTTP status, address, text."""

    status: int
    url: str
    text: str


def fetch(url: str, form: dict[str, str] | None = None, *, timeout: float = 30.0) -> Page:
    """The page at an address, redirections followed; a form is posted. `timeout` in seconds. Raises OSError."""
    if not url.startswith("http://127.0.0.1:"):
        raise OSError(f"{url.partition('?')[0]} is not on this machine")
    sent = None if form is None else urlencode(form).encode()
    try:
        with _opener.open(url, sent, timeout) as answer:
            return Page(status=answer.status, url=answer.url, text=answer.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        with error:
            return Page(status=error.code, url=error.url, text=error.read().decode("utf-8", "replace"))


def press(url: str, button: str = ALLOW, *, timeout: float = 30.0, **typed: str) -> Page:
    """Press a button of the page at an address, `typed` in its fields; the page that follows.

    A page without that button is given back as it is: it may have led on by itself, or refused. Raises OSError.
    """
    shown = fetch(url, timeout=timeout)
    form = _Form()
    form.feed(shown.text)
    if button not in form.buttons:
        return shown
    name, value = form.buttons[button]
    return fetch(urljoin(shown.url, form.action), {**form.fields, **typed, name: value}, timeout=timeout)


class _Form(HTMLParser):
    """The one form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.buttons: dict[str, tuple[str, str]] = {}  # by what is written on them
        self._button: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input":
            self.fields[given.get("name", "")] = given.get("value", "")
        elif tag == "button":
            self._button = given.get("name", ""), given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._button:
            self.buttons[data.strip()] = self._button
            self._button = None


def main() -> int:
    """Press; 0 if where it led answered without an error."""
    parser = argparse.ArgumentParser(prog="python -m shellhook.sandbox.browser", description=__doc__.split("\n")[0])
    parser.add_argument("--button", default=ALLOW)
    parser.add_argument("url")
    asked = parser.parse_args()
    return 0 if press(asked.url, asked.button).status < 400 else 1


if __name__ == "__main__":
    sys.exit(main())
