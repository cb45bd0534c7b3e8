"""Any text that an environment can hold comes through every real shell, byte for byte; and whatever profiles and roles
are called, nothing of it drives a terminal or is run."""

from __future__ import annotations

import unicodedata
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.proof.extent import extent, figure
from tests.shell.backend import Backend
from tests.shell.conftest import backend, evaluating, present, start
from tests.shell.faked import row, segment, session_on, setting
from tests.shell.test_hooks_values import EVALUATING, read_back, same_bytes
from tests.test_profiles import write

if TYPE_CHECKING:
    from tests.desk import Desk
    from tests.shell.session import Start
    from tests.shell.shells import Shell

__all__ = ["backend", "evaluating", "start"]  # fixtures

BATCH = 200  # values for one process
CONTROLS = [chr(number) for number in (*range(1, 32), *range(127, 160))]
# What some shell makes something of, somewhere.
TOKENS = ["'", '"', "\\", "$(touch f)", "`touch f`", "$x", "${x:-$(touch f)}", "$((1+1))", "!", "!!", "!$", "^a^b"]
TOKENS += [
    "%",
    "%%",
    "%zz",
    "%25",
    "%0A",
    "%d",
    "~",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "{1..3}",
    "#",
    " ",
    "\t",
    "\n",
    "\r\n",
]
TOKENS += ["-n", "--", "=", "a=b", ";", "&", "|", "<", ">", "(", ")", "$'x'", '$"x"', "'\"'\"'", "\\'", "\\\\", "\\n"]
TOKENS += ["\u2018", "\u2019", "\u201a", "\u201b", "\u2028", "\u202e", "\ufeff", "\uf600", "\ufdd0", "e\u0301", "  "]
TOKENS += ["\x1b]0;title\x07", "\x1b[31m", "\x9b31m", "%{x%}", "%F{red}", r"\[\e[0m\]", r"\u\h", "@", "#{", "$env:x"]


def text(dice: Random, *, raw: bool = True) -> str:
    """Any text but a NUL; `raw`: with bytes that are no text, as Python holds them."""
    kinds = ["token", "token", "ascii", "plane", "control", *(["byte"] if raw else [])]
    parts = []
    for _ in range(dice.choice([0, 1, 1, 2, 3, 5, 8, 13])):
        kind = dice.choice(kinds)
        if kind == "token":
            parts.append(dice.choice(TOKENS))
        elif kind == "ascii":
            parts.append(chr(dice.randrange(32, 127)))
        elif kind == "control":
            parts.append(dice.choice(CONTROLS))
        elif kind == "byte":
            parts.append(chr(dice.randrange(0xDC80, 0xDD00)))
        else:
            number = dice.randrange(0x10000) + 0x10000 * dice.randrange(17)
            parts.append("" if 0xD800 <= number < 0xE000 or not number else chr(number))
    ends = dice.choice(["", "", "", "\n", "\n\n", "\r\n", " ", "\\", "'"])
    return "".join(parts) * (dice.choice([1] * 60 + [500])) + ends


@pytest.mark.parametrize("shell", EVALUATING, ids=str)
def test_every_value_comes_through(shell: Shell) -> None:
    present(shell)
    seen = 0
    for batch in range(extent(1, 50)):
        dice = Random(f"{shell} {batch}")  # noqa: S311 - the same each time
        values = [text(dice) for _ in range(BATCH - 1)] + ["x'\\ \n" * (20_000 if batch == 0 else 1)]
        assert read_back(shell, values) == same_bytes(values), batch
        seen += len(values)
    figure("Quoting", f"values through {shell}: wrong ones", f"0 of {seen}")


# --- names


def names(count: int, *, one_line: bool = False) -> list[str]:
    """Names that are not empty; `one_line`: as a header of an AWS file can hold them."""
    dice, found = Random(count), set[str]()  # noqa: S311 - the same each time
    while len(found) < count:
        name = text(dice, raw=False).replace("\n", "" if one_line else "\n")[:60]
        if one_line:
            name = "".join(each for each in name if each not in "]\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029").strip()
        if name.strip():
            found.add(name)
    return sorted(found)


def has_a_width(name: str) -> bool:
    """Do shells and terminals agree on the cells it takes? Of what Unicode has not assigned they think differently; and
    marks that turn the writing never come to a hook (`environment.printable`, see what is said below)."""
    return not any(unicodedata.category(each) in ("Cn", "Co", "Cf", "Zl", "Zp") for each in name)


def drives(shown: str) -> list[str]:
    """What of a text could drive a terminal: control characters but line ends, and marks that turn the writing."""
    return [each for each in shown if each != "\n" and unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def test_hostile_names_in_prompts(evaluating: Shell, backend: Backend, start: Start) -> None:
    """No expansion, no escape: what is shown is the name, its control characters replaced, and nothing is run."""
    hook = evaluating.source(backend.hook(evaluating))
    many = extent(6, 150)
    for where in ("left", "right"):
        session = start(evaluating, rc=hook, env=session_on(SHELLHOOK_PROMPT=where), columns=240)
        title = session.terminal.emulator.title
        for name in filter(has_a_width, names(many)):
            hostile = {"SHELLHOOK_ROLE": name, "SHELLHOOK_PROFILE": name, "SHELLHOOK_DANGER": name}
            (session.home / "set").write_text(setting(evaluating, hostile) + "\n", encoding="utf-8", newline="\n")
            session.run(f"{evaluating.source(session.home / 'set')}")
            shown = segment(session) or ""
            assert [each for each in shown if unicodedata.category(each) == "Cc"] == [], ascii(name)
            assert shown.endswith(" 3h05m"), ascii(name)
            assert len(shown) == len(name) + len(" 3h05m"), (ascii(name), ascii(shown))
            assert "3h05m]" in row(session), ascii(name)
            assert session.terminal.emulator.title == title, ascii(name)
            assert session.run("true").status == 0
            assert not (session.home / "f").exists(), ascii(name)
        session.close()
    figure("Quoting", f"hostile names in the prompt of {evaluating}, left and right: wrong ones", f"0 of {2 * many}")


def test_hostile_names_in_what_is_said(desk: Desk) -> None:
    """Lists, errors, explanations, status: whatever stands in the AWS files, nothing in them drives the terminal."""
    endpoint = f"endpoint_url = {desk.sandbox.endpoint}\nregion = us-east-1\n"
    hostile = ["a\x1b]0;title\x07\x9b31m\u202e$(touch f)%F{red}", *names(extent(0, 60), one_line=True)]
    lines = [desk.config.read_text()]
    for name in hostile:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'[profile "{quoted}"]\nrole_arn = arn:aws:iam::111122223333:role/{name}\n{endpoint}')
        lines.append(f"source_profile = {name}\nexternal_id = {name}\nmfa_serial = {name}\n")
        lines.append(f'[profile "{quoted}-2"]\nrole_arn = {name}\nsource_profile = base\nservices = {name}\n{endpoint}')
        lines.append(f'[profile "{quoted}-3"]\nrole_arn = x\ncredential_source = {name}\nduration_seconds = {name}\n')
        lines.append(f'[profile "{quoted}-4"]\ncredential_process = {name}\n[profile "{quoted}-5"]\nregion = {name}\n')
    write(desk.config.parent, "\n".join(lines), desk.credentials.read_bytes())
    commands = [("list",), ("list", "--long"), ("keys", "list"), ("config",)]
    for name in hostile:
        for end in ("", "-2", "-3", "-4", "-5"):
            commands += [("explain", name + end), desk.hooked(name + end)][: extent(1, 2)]
        commands += [("write", name), ("export", name, "--format", name), ("keys", "import", name), ("forget", name)]
        commands += [("login", name + "-2"), (name,), ("list", name), desk.hooked("read-only", "--save", name)]
    said = 0
    for words in commands:
        done = desk.run(*words)
        assert drives(done.err) == [], (words, ascii(done.err))
        assert drives(done.out) == [], (words, ascii(done.out))
        assert "should not have happened" not in done.err, (words, done.err)
        said += len((done.err + done.out).splitlines())
    figure("Quoting", "lines said about hostile names, none of which drives a terminal", said)
