"""The browser that has no window: what it presses, where it follows, where it does not go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shellhook.sandbox.browser import DENY, fetch, press
from tests import servers
from tests.sandbox.logins import fetch_by_device, oidc, register, start_device

if TYPE_CHECKING:
    from shellhook.sandbox import Sandbox


def test_a_page_without_buttons_is_given_back() -> None:
    with servers.answering(404, b"<p>nothing here</p>") as server:
        page = press(f"{server.url}/there", DENY)
        assert (page.status, page.url, page.text) == (404, f"{server.url}/there", "<p>nothing here</p>")
        assert server.requests == ["GET /there"]


def test_what_is_typed_and_what_is_written_in_the_page_is_sent() -> None:
    form = b'<form method="post" action="/on"><input name="a" value="1"><input name="b"><button name="c">Go</button>'
    with servers.answering(200, form) as server:
        press(f"{server.url}/there", "Go", b="x y")
        assert (server.requests, server.asked) == (["GET /there", "POST /on"], b"a=1&b=x+y&c=")


@pytest.mark.parametrize("url", ["https://device.sso.us-east-1.amazonaws.com/", "file:///etc/passwd", "nonsense"])
def test_it_stays_on_this_machine(url: str) -> None:
    with pytest.raises(OSError, match="is not on this machine"):
        fetch(url)


@pytest.mark.parametrize("words", [[], ["--button", "Deny"], ["--button", "No"]])
def test_as_a_program(sandbox: Sandbox, words: list[str]) -> None:
    client = register(sandbox)
    begun = start_device(sandbox, client)
    command = [sys.executable, "-m", "shellhook.sandbox.browser", *words, begun["verificationUriComplete"]]
    subprocess.run(command, cwd=Path(__file__).parents[2], check=True)
    if not words:
        assert fetch_by_device(sandbox, client, begun["deviceCode"])
        return
    name = "AccessDeniedException" if words[1] == DENY else "AuthorizationPendingException"
    with pytest.raises(getattr(oidc(sandbox).exceptions, name)):
        fetch_by_device(sandbox, client, begun["deviceCode"])
