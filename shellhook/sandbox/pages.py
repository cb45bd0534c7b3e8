"""The pages that a browser is shown when it logs in to the sandbox: plain HTML, buttons, no script."""

from __future__ import annotations

from html import escape

_PAGE = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 16px/1.5 sans-serif; max-width: 40em; margin: 4em auto }} button {{ font: inherit }}</style>
</head><body><h1>{title}</h1>
{body}
</body></html>
"""
_BUTTONS = """\
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button>"""


def page(title: str, body: str) -> bytes:
    """A whole page. `body` is HTML, `title` text."""
    return _PAGE.format(title=escape(title), body=body).encode()


def said(title: str, text: str) -> bytes:
    """A page that only says something."""
    return page(title, f"<p>{escape(text)}</p>")


def consent(user: str, ticket: str) -> bytes:
    """The page of a login by browser; the ticket says which login its buttons are about."""
    return page(
        "Allow access to your data?",
        f"<p>An application on this computer wants to act as {escape(user)} in the AWS accounts of the sandbox.</p>\n"
        f'<form method="post" action="/authorize"><input type="hidden" name="ticket" value="{escape(ticket)}">\n'
        f"{_BUTTONS}</form>",
    )


def device(user: str, user_code: str) -> bytes:
    """The page of a login by device: the code is compared, or typed."""
    return page(
        "Authorization requested",
        f"<p>Does the device show this code? It wants to act as {escape(user)} in the AWS accounts of the sandbox.</p>"
        f'\n<form method="post" action="/device"><input name="user_code" value="{escape(user_code)}" size="9">\n'
        f"{_BUTTONS}</form>",
    )
