"""What the pages name exists, and what exists is in the pages: links, verbs, options, settings, messages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from docs import reference
from shellhook import settings
from shellhook.__main__ import VERBS
from tests.docs.pages import COMING, PAGES, ROOT, code, headings, links

SOURCES = [file for file in (ROOT / "shellhook").rglob("*.py") if "sandbox" not in file.parts]
HOOKS = sorted((ROOT / "shell").iterdir())
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    missing = {ROOT / place for verb, place in COMING.items() if verb not in VERBS}
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if target in missing:
            continue
        assert target.exists(), link
        assert not anchor or anchor in headings(target), link


def test_every_page_is_linked_from_the_readme() -> None:
    there = {(ROOT / link.partition("#")[0]).resolve() for link in links(ROOT / "README.md")}
    assert {page for page in PAGES if page.parent == ROOT / "docs"} <= there


# --- verbs and options


@each_page
def test_the_commands_that_it_names_exist(page: Path) -> None:
    for text in code(page):
        for named in re.findall(r"(?<![\w/.-])(?:shellhook)((?: (?:-{0,2}[\w-]+|[A-Z]+))+)", text):
            verb, *words = named.split()
            if verb in ("--help", "--version", "COMMAND") or (verb in COMING and verb not in VERBS):
                continue
            assert verb in VERBS, text
            kinds = reference.command(verb).KINDS
            assert {word for word in words if word.startswith("--") and word != "--"} <= kinds.keys(), text


@each_page
def test_the_options_of_assume_that_it_names_exist(page: Path) -> None:
    assume = reference.command("assume")
    for text in code(page):
        if text.startswith("assume "):
            ours = re.split(r" -- | [<>|&#]|  +", text)[0].removesuffix(" --")
            named = {word.partition("=")[0] for word in re.findall(r"(?<= )--?[a-z][\w=-]*", ours)}
            assert named <= assume.KINDS.keys() | assume.SHORT.keys(), text


def test_every_verb_and_option_is_in_the_reference() -> None:
    text = reference.commands()
    for verb in reference.verbs():
        assert f"### shellhook {verb}\n" in text
    for option in reference.command("assume").KINDS:
        assert option in text


@pytest.mark.parametrize("path", reference.files(), ids=lambda path: path.name)
def test_what_is_made_is_as_it_would_be_made(path: Path) -> None:
    assert path.read_text("utf-8") == reference.files()[path], "make docs"


# --- settings


def test_every_setting_is_in_the_one_table() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = {row[0]: row for row in re.findall(r"^\| `(\w+)` \| (\S+) \| (.*?) \| (.*) \|$", text, re.MULTILINE)}
    for name, default in settings.KNOWN.items():
        _, key, shown, _ = rows[f"SHELLHOOK_{name.upper()}"]
        assert key == f"`{name}`"
        assert default in shown
    assert {key.strip("`") for _, key, *_ in rows.values()} == {*settings.KNOWN, "-"}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.name)
def test_the_programs_that_it_says_use_aws_are_those_of_the_hooks(hook: Path) -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    default = re.findall(r"^\| `SHELLHOOK_COMMANDS` \| - \| `(.*?)` \|", text, re.MULTILINE)[0]
    assert default in " ".join(hook.read_text("utf-8").split())


def test_every_variable_of_ours_is_explained() -> None:
    pages = " ".join((ROOT / "docs" / name).read_text("utf-8") for name in ("settings.md", "prompts.md", "protocol.md"))
    for file in [*SOURCES, *HOOKS]:
        for name in re.findall(r"\bSHELLHOOK_[A-Z_]+[A-Z]\b", file.read_text("utf-8")):
            assert name in pages, f"{name} of {file.name}"


def test_no_page_names_a_variable_that_is_not_there() -> None:
    there = " ".join(file.read_text("utf-8") for file in [*SOURCES, *HOOKS, *(ROOT / "tests").rglob("*.py")])
    there += " ".join(f"SHELLHOOK_{name.upper()}" for name in settings.KNOWN)
    for page in PAGES:
        for name in re.findall(r"\bSHELLHOOK_[A-Z_]+[A-Z]\b", page.read_text("utf-8")):
            assert name in there, f"{name} in {page.name}"


# --- messages


def messages() -> dict[str, str]:
    """Message -> where it is raised: every error but those of usage, `*` for what is filled in."""
    kinds = {"ShellhookError", "NoSession", "BadConfiguration", "NoSuchProfile", "NoCode", "NoLogin", "NoNetwork"}
    found = {}
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds and node.args:
                for text in _texts(node.args[0]):
                    found[text] = f"{file.relative_to(ROOT)}:{node.lineno}"
    return found


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)]
    return []


def test_every_message_is_in_troubleshooting() -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8").replace("`", "")
    rows = re.findall(r"^\| (.*?) \|", text, re.MULTILINE)
    missing = []
    for message, where in messages().items():
        pattern = ".+".join(map(re.escape, message.replace("`", "").split("*")))
        if not any(re.search(pattern, row) for row in rows):
            missing.append(f"{where}: {message}")
    assert missing == []
