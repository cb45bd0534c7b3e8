"""From `shellhook install`, typed into a real shell, to a new shell that has `assume`; and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from shellhook import shells as hooks
from shellhook.install import BEGIN, END, hook_file
from tests.shell.person import Meet, Person
from tests.shell.shells import Shell


def a_new_shell(me: Person) -> None:
    """Open another shell in this one: it reads the start-up file as it is now, and says nothing."""
    words = me.shell.interactive(me.desk.home)
    me.session.enter(" ".join(me.shell.quote(word) if " " in word else word for word in words))
    lines = me.session.screen().split("\n")
    assert lines[-2].endswith(words[-1]), f"nothing stands between the line and the prompt: {lines[-2:]}"


def installed_hook(me: Person) -> Path:
    """Where the hook is rendered to."""
    return Path(hook_file(me.shell.kind, {"HOME": str(me.desk.home)}))


def test_installed_used_and_removed_without_a_trace(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, hooked=False)
    file = me.desk.home / shell.startup
    before = file.read_bytes()

    me.asked(f"shellhook install {shell.kind}", r"^Add it\? \[Y/n\] $")
    me.sees(rf"^to be added to {file}:$")
    me.sees(f"^    {BEGIN}$")
    me.answers("n")
    assert me.ready().status == 1
    assert file.read_bytes() == before
    assert not installed_hook(me).exists()

    me.asked(f"shellhook install {shell.kind}", r"^Add it\? \[Y/n\] $")
    me.answers("y")
    result = me.ready()
    assert (result.status, result.output.splitlines()[-1]) == (
        0,
        f"done: open a new {shell.kind}, and type: assume PROFILE",
    )
    added = file.read_bytes()
    assert added.startswith(before)
    assert added.decode().endswith(END + "\n")
    a_new_shell(me)
    assert me.types("assume read-only").status == 0
    assert me.profile() == "read-only"
    me.session.leave()

    again = me.types("shellhook install")
    assert (again.status, again.output) == (0, f"{file} loads shellhook already; the hook was written anew")
    assert file.read_bytes() == added

    me.asked("shellhook uninstall", r"^Remove it\? \[Y/n\] $")
    me.answers("n")
    assert me.ready().status == 1
    assert file.read_bytes() == added
    me.asked("shellhook uninstall", r"^Remove it\? \[Y/n\] $")
    me.answers("y")
    assert me.ready().status == 0
    assert file.read_bytes() == before
    assert not installed_hook(me).exists()
    a_new_shell(me)
    assert me.types("assume read-only").status != 0
    assert me.profile() is None


def test_under_another_name_and_without_a_question(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, hooked=False)
    result = me.types(f"shellhook install {shell.kind} --cmd awsrole --yes")
    assert result.status == 0
    assert "Add it?" not in result.output
    a_new_shell(me)
    assert me.types("awsrole read-only").status == 0
    assert me.profile() == "read-only"
    me.session.leave()
    installed_hook(me).unlink()
    a_new_shell(me)  # which says nothing of a hook that is not there


def test_without_the_hook_it_fails_and_says_what_to_type(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, hooked=False)
    result = me.types("shellhook assume read-only")
    assert result.status == 1
    line = hooks.module(shell.kind).init_line()
    assert f"try it in this shell: {line}" in result.output
    assert "shellhook install" in result.output
    assert me.profile() is None
    result = me.types(line)
    assert (result.status, result.output) == (0, "")
    result = me.types("assume read-only")
    assert (result.status, result.output) == (0, "")
    assert me.profile() == "read-only"
    assert me.types(line.replace(f"init {shell.kind}", f"init {shell.kind} --cmd awsrole")).status == 0
    assert me.types("awsrole --off").status == 0
    assert me.profile() is None


def test_a_hook_of_another_version_is_rendered_anew_when_there_is_time(
    shell: Shell, person: Meet, sessions: Path
) -> None:
    me = person(shell, sessions=sessions, hooked=False)
    me.types(f"shellhook install {shell.kind} --cmd awsrole --yes")
    current = installed_hook(me).read_text(encoding="utf-8")
    stamp, _, rest = current.partition("\n")
    assert stamp == hooks.stamp("awsrole")
    old = f"# shellhook 0.0.1 --cmd awsrole\n{rest}# and what that had\n"
    installed_hook(me).write_text(old, encoding="utf-8")
    a_new_shell(me)
    assert me.types("awsrole read-only").status == 0
    assert installed_hook(me).read_text(encoding="utf-8") == old, "not where the session is in the store"
    assert me.types("awsrole deploy").status == 0
    assert installed_hook(me).read_text(encoding="utf-8") == current
    written = installed_hook(me).stat().st_mtime_ns
    assert me.types("awsrole --renew").status == 0
    assert installed_hook(me).stat().st_mtime_ns == written, "once"


def test_a_start_up_file_that_lies_elsewhere(shell: Shell, person: Meet, tmp_path: Path) -> None:
    if shell.kind == "powershell":
        pytest.skip("its start-up file is not elsewhere")
    me = person(shell, hooked=False)
    file = me.desk.home / shell.startup
    before = file.read_bytes()
    elsewhere = tmp_path / "dotfiles"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    assert me.types(f"shellhook install {shell.kind} --yes").status == 0
    assert file.is_symlink(), "as people keep them who have a repository for them"
    assert elsewhere.read_bytes().startswith(before)
    assert me.types(f"shellhook uninstall {shell.kind} --yes").status == 0
    assert file.is_symlink()
    assert elsewhere.read_bytes() == before
