"""Every command in the pages is typed into a real bash, in front of the sandbox, and shows what the page shows.

A page is a story: one shell, one home, from its first block to its last. What cannot run here says why, in a remark
before it. `...` stands for whatever is there, times and ports for any of their kind.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.docs.pages import MADE, PAGES, Step, blocks, steps
from tests.shell.conftest import present
from tests.shell.person import PATIENCE, Meet, Person
from tests.shell.session import Result
from tests.shell.shells import Bash

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
TYPED = ("sh", "console")
STORIES = [page for page in PAGES if page != MADE and any(block.language in TYPED for block in blocks(page))]
SHELL = Bash("bash")
# Stand-ins for programs that a page may start. `aws` makes the call it is asked for, with boto3.
_AWS = """\
#!/usr/bin/env python3
import sys
import boto3, botocore.exceptions
service, call, *rest = sys.argv[1:]
if (service, call) == ("s3", "ls"):
    service, call, rest = "s3", "list-buckets", ["--query", "Owner.ID"]
try:
    answer = getattr(boto3.client(service), call.replace("-", "_"))()
except botocore.exceptions.BotoCoreError as error:
    sys.exit(f"aws: {error}")
for name in rest[rest.index("--query") + 1].split(".") if "--query" in rest else ():
    answer = answer.get(name)
print(answer)
"""
# What may differ from one time to the next, and what it may be then.
_KINDS = {
    r"\.\.\.": ".*",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    r"\b\d+h\d\dm|\b\d+m\b|\b\d+h\b": r"(?:\d+h\d\dm|\d+m|\d+h)",
    r"\b\d\d:\d\d\b": r"\d\d:\d\d",
    r"(?<=127\.0\.0\.1:)\d+": r"\d+",
    " *•+": r"(?:\s+[•*]+)?",
    " +": r"\s+",
}
_KIND = re.compile("|".join(f"({kind})" for kind in _KINDS))


def programs(home: Path) -> Path:
    directory = home / "bin"
    directory.mkdir()
    for name, text in {"aws": _AWS, "terraform": "#!/bin/sh\n"}.items():
        (directory / name).write_text(text)
        (directory / name).chmod(0o755)
    return directory


def pattern(shown: str, home: Path) -> str:
    """The shown text as a pattern for what is seen."""
    made = []
    for line in map(str.rstrip, shown.replace("/home/me", str(home)).splitlines()):
        if line == "...":
            made.append(r"(?:.*\n)*?")
            continue
        at = 0
        for kind in _KIND.finditer(line):
            made += [re.escape(line[at : kind.start()]), list(_KINDS.values())[(kind.lastindex or 0) - 1]]
            at = kind.end()
        made += [re.escape(line[at:]), r"[ ]*\n"]
    return "".join(made)


def same(shown: str, seen: str, home: Path) -> bool:
    """Does the page show what is seen?"""
    lines = "".join(line.rstrip() + "\n" for line in seen.rstrip().splitlines())
    return re.fullmatch(pattern(shown, home), lines) is not None


def play(me: Person, step: Step) -> Result:
    """Type a step's lines, answer questions for codes and those that the page answers, and wait for the prompt."""
    before = me.session.prompts[-1]
    for line in step.typed.split("\n"):
        me.answers(line)
    answers = re.findall(r"\[Y/n\] (\w)?", step.shown or "")

    def ready_or_asked(_: str) -> object:
        text = me.session.terminal.before_cursor()
        return me.session._prompt()[0] > before or re.search(r"MFA code of (\w+) .*: $|\[Y/n\] $", text)

    while True:
        me.session.terminal.wait(ready_or_asked, PATIENCE)
        if me.session._prompt()[0] > before:
            return me.ready()
        question = me.session.terminal.before_cursor()
        user = re.search(r"MFA code of (\w+) ", question)
        me.answers(me.code({"bob-phone": "bob"}.get(user[1], user[1])) if user else answers.pop(0) if answers else "y")
        me.session.terminal.wait(lambda _, asked=question: me.session.terminal.before_cursor() != asked, PATIENCE)


@pytest.mark.parametrize("page", STORIES, ids=lambda page: page.name)
def test_what_is_typed_works_and_shows_what_the_page_shows(page: Path, person: Meet, tmp_path: Path) -> None:
    present(SHELL)
    (tmp_path / "programs").mkdir()
    path = [str(programs(tmp_path / "programs")), str(Path(sys.executable).parent), "/usr/local/bin:/usr/bin:/bin"]
    me = person(SHELL, env={"PATH": ":".join(path)})
    for block in blocks(page):
        if block.language not in TYPED or block.excuse:
            continue
        for step in steps(block):
            where = f"{page.name}:{block.line}: {step.typed}"
            if step.prompt is not None:
                segment = me.environment().get("SHELLHOOK_SEGMENT", "")
                assert same(step.prompt, segment, me.desk.home), f"{where}\nthe prompt shows {segment!r}"
            result = play(me, step)
            if step.shown is None:
                assert result.status == 0, f"{where}\n{result.screen}"
            else:
                assert same(step.shown, result.output, me.desk.home), f"{where}\n{result.output}"


def test_what_is_not_run_says_why() -> None:
    excuses = {block.excuse for page in PAGES for block in blocks(page) if block.excuse}
    assert all(len(excuse) > 10 for excuse in excuses)


@pytest.mark.parametrize(
    ("shown", "seen", "alike"),
    [
        ("read-only 1h00m", "read-only 59m", True),
        ("until 2026-01-01T08:00:00Z", "until 2030-12-31T23:59:59Z", True),
        ("power-user 1h00m", "read-only 1h00m", False),
        ("a\n...\nz", "a\nb\nc\nz", True),
        ("a\nz", "a\nb\nz", False),
        ("MFA code of alice: ••••••", "MFA code of alice:", True),
        ("file:12", "file:13", False),
    ],
)
def test_how_a_page_is_compared(shown: str, seen: str, alike: bool) -> None:
    assert same(shown, seen, Path("/home/me")) == alike
