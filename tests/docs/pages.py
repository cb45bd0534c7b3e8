"""The pages as a test reads them: blocks to be run, links, headings, and what is written as code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from shellhook.__main__ import VERBS
from shellhook.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
MADE = ROOT / "docs" / "commands.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("completions/*.md")])
# Pages that come with a verb, and what may be said of it before it is there.
COMING = {"doctor": "docs/doctor.md", "policy": "docs/policies.md"}
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r"<!-- not run: (\S.*?) -->\n+\Z")
_NEEDS = re.compile(r"<!-- needs: shellhook ([\w-]+) -->\n+\Z")
_PROMPT = re.compile(r"^(?:\[(.*?)\] )?\$ ", re.MULTILINE)


class Block(Record):
    """A fenced block: its language and text, the line it begins at; `excuse` says why it is not run, if it is not."""

    language: str
    text: str
    line: int
    excuse: str = ""


class Step(Record):
    """What is typed, with the segment that the prompt shows before it, and what is shown then; None: whatever it is."""

    typed: str
    prompt: str | None = None
    shown: str | None = None


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    text = page.read_text("utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        before = text[: fence.start()]
        excused, needing = _NOT_RUN.search(before), _NEEDS.search(before)
        excuse = excused[1] if excused else ""
        if needing and needing[1] not in VERBS:
            excuse = f"there is no `shellhook {needing[1]}` yet"
        found.append(Block(language=fence[1], text=fence[2], line=before.count("\n") + 1, excuse=excuse))
    return found


def steps(block: Block) -> list[Step]:
    """What a block has typed: ```sh, line by line; ```console, what stands behind `$ `, with what it shows."""
    if block.language == "sh":
        return [Step(typed=typed) for typed in _commands(block.text)]
    found = []
    prompts = [*_PROMPT.finditer(block.text)]
    for prompt, following in zip(prompts, [*prompts[1:], None], strict=True):
        end = following.start() if following else len(block.text)
        lines = block.text[prompt.end() : end].split("\n")
        typed = [lines.pop(0)]
        while typed[-1].endswith("\\"):
            typed.append(lines.pop(0).removeprefix("> "))
        found.append(Step(typed="\n".join(typed), prompt=prompt[1], shown="\n".join(lines).strip("\n")))
    return found


def _commands(text: str) -> Iterator[str]:
    """Commands of a script as they are typed: here-documents and continued lines in one, no remarks."""
    lines = iter(text.splitlines())
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        typed = [line]
        while typed[-1].endswith("\\"):
            typed.append(next(lines))
        here = re.search(r"<<'?(\w+)'?", line)
        while here and typed[-1] != here[1]:
            typed.append(next(lines))
        yield "\n".join(typed)


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).replace("`", "").lower() for title in titles]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in plain}


def links(page: Path) -> list[str]:
    """Where the links and pictures of a page lead."""
    text = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text("utf-8")))
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href|srcset)="([^"]+)"', text)


def code(page: Path) -> list[str]:
    """What is written as code: spans, and the lines of blocks in which something is typed."""
    text = page.read_text("utf-8")
    spans = [span.replace(r"\|", "|") for span in re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))]
    typed = [step.typed for block in blocks(page) if block.language in ("sh", "console") for step in steps(block)]
    return spans + [line for command in typed for line in command.splitlines()]
