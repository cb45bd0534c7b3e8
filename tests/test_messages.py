"""One voice for all errors: the rules of CONTRIBUTING ("How messages are written"), held against each raised one."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

import shellhook
from docs import reference
from shellhook import errors
from shellhook.__main__ import VERBS
from shellhook.errors import ShellhookError

ROOT = Path(shellhook.__file__).parent
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, ShellhookError)} - {
    "Cancelled"
}
FILLED = "\N{WHITE SQUARE}"  # stands for what is filled in


class Message(NamedTuple):
    """An error, or a line of `doctor`, as it stands in the code: which part of it, its text, and where it is."""

    part: str
    text: str
    where: str


def _texts(node: ast.expr) -> list[str]:
    """What an expression may say: each side of an `if`, and nothing where that is only known as it runs."""
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    if isinstance(node, ast.BinOp):
        return [one + other for one in _texts(node.left) or [FILLED] for other in _texts(node.right) or [FILLED]]
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else FILLED for part in node.values)]
    return []


def _messages() -> list[Message]:
    found = []
    for file in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            parts: list[tuple[str, ast.expr]] = []
            if node.func.id in KINDS:
                parts = [
                    *(("what", each) for each in node.args),
                    *((each.arg or "", each.value) for each in node.keywords),
                ]
            elif "doctor" in file.parts and node.func.id in ("ok", "warn", "fail"):
                parts = list(zip(("check", "what", "remedy"), node.args, strict=False))
            where = f"{file.relative_to(ROOT)}:{node.lineno}"
            found += [Message(part, text, where) for part, value in parts for text in _texts(value)]
    return found


MESSAGES = _messages()
RULES = {
    "what happened is one line": lambda each: each.part == "what" and "\n" in each.text,
    "no full stop ends a line": lambda each: re.search(r"[^.]\.$", each.text, re.MULTILINE),
    "nobody is shouted at, nobody is begged": lambda each: re.search(r"!(\s|$)|[Pp]lease|[Ss]orry|[Oo]ops", each.text),
    "a line begins with a small letter, unless a name begins it": lambda each: re.search(
        r"^(A|An|The|This|That|You|Your|It|No|Not|There|Cannot|Could|See|Run|Try|Add|Use|Set|Look|Give)\b",
        each.text,
        re.MULTILINE,
    ),
    "a duration is written as it is typed: 45s, 15m, 12h": lambda each: re.search(
        rf"(\d|{FILLED}) (s|sec|seconds|m|min|minutes|h|hours)\b", each.text
    ),
    "a name is quoted in one way, '...'": lambda each: re.search(rf"[\"“”‘’]{FILLED}|profile {FILLED}\.", each.text),
    "a command is in backticks, or ends its line behind a colon": lambda each: (
        each.part == "remedy"
        and re.search(
            rf"(?<![`:]) (shellhook ({'|'.join(VERBS)})|aws configure|pip install)\b", re.sub("`.*?`", "", each.text)
        )
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_every_error_is_written_by_the_rules(rule: str) -> None:
    assert len(MESSAGES) > 300
    assert [each for each in MESSAGES if RULES[rule](each)] == []


def test_every_command_that_an_error_names_exists() -> None:
    for each in MESSAGES:
        for verb, words in re.findall(r"(?<![\w/])shellhook ([a-z][\w-]*)([^`\n]*)", each.text):
            if each.part == "what" or verb in ("again", "somewhere"):  # the program, not a command
                continue
            assert verb in VERBS, each
            options = set(re.findall(r"(?<= )--[a-z][\w-]*", words))
            assert options <= reference.command(verb).KINDS.keys(), each
        for words in re.findall(r"(?:^|: |`)assume ([^`\n]*)", each.text, re.MULTILINE):
            options = {word.partition("=")[0] for word in re.findall(r"(?:^| )(--[a-z][\w-]*)", words.split(" -- ")[0])}
            assert options <= reference.command("assume").KINDS.keys(), each
