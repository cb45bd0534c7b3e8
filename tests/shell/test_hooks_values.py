"""Every character reaches the shell as it is, rendered by us and read by the real shell; `tests/proof/test_quoting` has
whole values."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shellhook import shells as rooms
from tests.shell import shells
from tests.shell.backend import Backend
from tests.shell.conftest import present
from tests.shell.shells import PROBES, Shell, clean_environment

# All of Unicode; what no environment can hold is NUL.
CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
AWKWARD = st.sampled_from("'\"\\$`!*?[]{}()<>|&;#~^=%@- \t\n\r\x07\x1b\x7f\u2018\uf600")
TEXTS = st.lists(st.text(st.one_of(CHARACTERS, AWKWARD), max_size=40), min_size=1, max_size=60)
EVALUATING = [shell for shell in shells.ALL if shell.kind != "powershell"]


def read_back(shell: Shell, values: list[str]) -> list[str | None]:
    """The values, rendered, taken by the hook of one real shell, and read from its environment."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        backend = Backend(root)
        backend.gives(shell, {f"VALUE_{number}": value for number, value in enumerate(values)}, ["GONE"])
        write = " ".join(map(shell.quote, [sys.executable, "-I", "-S", str(PROBES / "write_state.py"), name]))
        code = f"{shell.source(backend.hook(shell))}\nassume x\n{write}"
        done = shell.run(code, env=clean_environment(root) | {"GONE": "not yet"}, cwd=root)
        assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)
        entries = (root / "environment").read_bytes().decode("utf-8", "surrogateescape").split("\0")
    environment = dict(entry.split("=", 1) for entry in entries if entry)
    assert "GONE" not in environment
    return [environment.get(f"VALUE_{number}") for number in range(len(values))]


def same_bytes(values: list[str]) -> list[str]:
    """Lone bytes that happen to make up a character are that character when they come back."""
    return [value.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") for value in values]


@pytest.mark.parametrize("shell", EVALUATING, ids=str)
def test_every_single_character_comes_through(shell: Shell) -> None:
    """Each of the first 0x3000 and some of each later block, alone and between letters."""
    present(shell)
    numbers = [*range(1, 0x3000), *range(0x3000, 0x11_0000, 0xFB), *range(0xF600, 0xF700), *range(0xFDD0, 0xFDF0)]
    characters = [chr(number) for number in numbers if not 0xD800 <= number < 0xE000]
    values = [
        "".join(characters),
        *("".join(f"{c}a{c}" for c in characters[at : at + 64]) for at in range(0, 4096, 64)),
    ]
    assert read_back(shell, values) == values


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_what_no_environment_can_hold_is_refused(name: str) -> None:
    for assignments, removals in [({"A": "\0"}, []), ({"a b": ""}, []), ({"": ""}, []), ({}, ["1"]), ({}, ["A;id"])]:
        with pytest.raises(ValueError):
            rooms.module(name).render(assignments, removals)


@given(texts=TEXTS)
def test_powershell_lines_hold_every_text(texts: list[str]) -> None:
    """Decoded as the hook does it: the first = ends the name, then %XX."""
    lines = rooms.module("powershell").render({f"V{n}": text for n, text in enumerate(texts)}, ["GONE"]).split("\n")
    assert [unquote(line.split("=", 1)[1]) for line in lines[: len(texts)]] == texts
    assert lines[len(texts) :] == ["GONE", ""]
