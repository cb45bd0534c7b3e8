"""A hook that is older than the program behind it, or outlives it: nobody's shell breaks, and it is said what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from shellhook import shells as hooks
from shellhook.install import hook_file
from tests.desk import PROGRAM
from tests.shell.person import Meet, Person
from tests.shell.shells import Shell
from tests.shell.test_install import a_new_shell


def installed(me: Person) -> Path:
    """The hook that `shellhook install` wrote."""
    assert me.types(f"shellhook install {me.shell.kind} --yes").status == 0
    return Path(hook_file(me.shell.kind, {"HOME": str(me.desk.home)}))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_running_shell_with_an_older_hook_goes_on_and_says_so(shell: Shell, person: Meet, sessions: Path) -> None:
    if shell.kind == "powershell":
        pytest.skip("its hook writes the number in another way")
    me = person(shell, sessions=sessions, hooked=False)
    change(installed(me), "--hook 1", "--hook 0")
    a_new_shell(me)
    result = me.types("assume read-only")
    assert result.output == "shellhook: this shell has the hook of another version: open a new one"
    assert result.status == 0
    assert me.profile() == "read-only"
    assert me.is_at_aws().startswith("assumed-role/read-only/")
    assert me.types("assume --off").status == 0
    assert me.profile() is None


def test_after_a_move_to_another_python_the_hook_is_written_anew(shell: Shell, person: Meet) -> None:
    me = person(shell, hooked=False)
    file = installed(me)
    current = file.read_text(encoding="utf-8")
    completions = hooks.module(shell.kind).quote(hooks.completions())
    change(file, completions, hooks.module(shell.kind).quote("/was/there/shellhook/completions"))
    a_new_shell(me)
    assert me.types("assume deploy").status == 0
    assert file.read_text(encoding="utf-8") == current


GONE = "gone or cannot be started: install shellhook again"


def test_without_the_program_shells_start_in_silence_and_assume_says_what_to_do(shell: Shell, person: Meet) -> None:
    """As after `pipx uninstall shellhook` without `shellhook uninstall` before it."""
    me = person(shell, hooked=False)
    gone = str(me.desk.home / "was" / "shellhook")
    change(installed(me), hooks.module(shell.kind).quote(PROGRAM), hooks.module(shell.kind).quote(gone))
    a_new_shell(me)
    result = me.types("assume read-only")
    assert result.status == 127
    assert f"shellhook: {gone} is {GONE}" in result.output
    assert me.profile() is None
    assert me.types("true").output == "", "the prompt has nothing to say either"


def test_without_its_python_it_says_so_too(shell: Shell, person: Meet) -> None:
    """As after an upgrade of the Python that pipx made the environment with."""
    me = person(shell, hooked=False)
    program = me.desk.home / "shellhook"
    program.write_text("#!/was/there/python3\n", encoding="ascii")
    program.chmod(0o755)
    change(installed(me), hooks.module(shell.kind).quote(PROGRAM), hooks.module(shell.kind).quote(str(program)))
    a_new_shell(me)
    result = me.types("assume read-only")
    assert result.status in (126, 127)
    assert GONE in result.output.replace("\n", " ")
    assert me.profile() is None


def test_a_command_that_is_not_there_is_no_sign_of_that(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    result = me.types("assume read-only -- no-such-command")
    assert result.status == 127
    assert GONE not in result.output
