"""A manual page in the macros of man(7)."""

from __future__ import annotations

import re
import textwrap


class Page:
    """One page, written from its top to its end. Text may have `code`, which is set in bold."""

    def __init__(self, name: str, what: str) -> None:
        self._lines = [
            r".\" made by `make docs` from the commands themselves; changes here are lost",
            f'.TH {name.upper()} 1 "" shellhook "User Commands"',
            ".SH NAME",
            rf"{name} \- {_escaped(what)}",
        ]

    def section(self, title: str) -> Page:
        """A new section."""
        self._lines.append(f".SH {title}")
        return self

    def part(self, title: str) -> Page:
        """A part of a section."""
        self._lines.append(f'.SS "{_escaped(title)}"')
        return self

    def text(self, text: str) -> Page:
        """A paragraph."""
        self._lines += [".PP", *_filled(text)]
        return self

    def item(self, term: str, text: str) -> Page:
        """A term and what is said of it."""
        self._lines += [".TP", rf"\fB{_escaped(term)}\fR", *_filled(text)]
        return self

    def literal(self, text: str) -> Page:
        """Lines as they are."""
        self._lines += [".PP", ".nf", *(_guarded(_escaped(line)) for line in text.splitlines()), ".fi"]
        return self

    def __str__(self) -> str:
        # A paragraph macro right behind a title does nothing, and the linters say so.
        lines = [
            line
            for line, before in zip(self._lines, ["", *self._lines[:-1]], strict=True)
            if line != ".PP" or not before.startswith((".SH", ".SS"))
        ]
        return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")
    return text.replace("~", r"\(ti").replace("^", r"\(ha").replace('"', r"\(dq")


def _filled(text: str) -> list[str]:
    # A sentence a line, as man(7) wants it.
    sentences = re.split(r"(?<=[a-z`)][.:;]) (?=[A-Z])", text)
    marked = [
        "".join(rf"\fB{_escaped(part)}\fR" if at % 2 else _escaped(part) for at, part in enumerate(sentence.split("`")))
        for sentence in sentences
    ]
    return [_guarded(line) for sentence in marked for line in textwrap.wrap(sentence, 79, break_on_hyphens=False)]


def _guarded(line: str) -> str:
    """A line that begins like a macro is none."""
    return rf"\&{line}" if line.startswith((".", "'")) else line
