"""The hook at rest, and the block in the start-up file that loads it: added once, and taken away without a trace."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shellhook import install, shells, user_files
from shellhook.cli import init as cli_init
from shellhook.cli import install as cli_install
from shellhook.cli import uninstall as cli_uninstall
from shellhook.errors import ShellhookError, WrongUsage
from shellhook.install import BEGIN, END

if TYPE_CHECKING:
    from collections.abc import Mapping

each_shell = pytest.mark.parametrize("shell", shells.NAMES)
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")


def home(directory: Path) -> dict[str, str]:
    return {"HOME": str(directory), "XDG_DATA_HOME": str(directory / "data")}


@pytest.fixture(scope="module")
def one_home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This process has another home, and no terminal that it could ask on."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def startup(shell: str, environ: Mapping[str, str]) -> Path:
    return Path(shells.module(shell).startup_file(environ))


def added(shell: str, environ: Mapping[str, str]) -> bytes | None:
    """What the start-up file holds after an install."""
    change = install.planned(shell, environ)
    install.apply(change)
    return content(shell, environ)


def removed(shell: str, environ: Mapping[str, str]) -> bytes | None:
    """... after an uninstall."""
    install.apply(install.planned(shell, environ, remove=True))
    return content(shell, environ)


def content(shell: str, environ: Mapping[str, str]) -> bytes | None:
    file = startup(shell, environ)
    return file.read_bytes() if file.exists() else None


def put(shell: str, environ: Mapping[str, str], there: bytes | None) -> None:
    file = startup(shell, environ)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    if there is not None:
        file.write_bytes(there)


BLOCK = b"# >>> shellhook >>>\nLINE\n# <<< shellhook <<<\n"
ADDED = [
    # what is there -> what stands there after an install, LINE for the line that sources the hook
    pytest.param(None, BLOCK, id="no file"),
    pytest.param(b"", b"\n" + BLOCK, id="an empty one"),
    pytest.param(b"a\n", b"a\n\n" + BLOCK, id="a blank line between"),
    pytest.param(b"a", b"a\n" + BLOCK, id="no newline at the end"),
    pytest.param(b"a\n\n", b"a\n\n\n" + BLOCK, id="a blank line at the end"),
    pytest.param(b"a\r\nb\r\n", b"a\r\nb\r\n\r\n" + BLOCK.replace(b"\n", b"\r\n"), id="Windows"),
    pytest.param(b"a\r\nb", b"a\r\nb\r\n" + BLOCK.replace(b"\n", b"\r\n"), id="Windows, no newline at the end"),
    pytest.param(b"\n", b"\n\n" + BLOCK, id="a blank line alone"),
    pytest.param(b"a\r", b"a\r\n" + BLOCK, id="a carriage return at the end"),
    pytest.param(b"\xff\xfe\0", b"\xff\xfe\0\n" + BLOCK, id="no text"),
]


@each_shell
@pytest.mark.parametrize(("there", "after"), ADDED)
def test_what_is_added(shell: str, there: bytes | None, after: bytes, tmp_path: Path) -> None:
    environ = home(tmp_path)
    put(shell, environ, there)
    line = shells.module(shell).line(install.hook_file(shell, environ)).encode()
    assert added(shell, environ) == after.replace(b"LINE", line)
    assert added(shell, environ) == after.replace(b"LINE", line), "a second time changes nothing"
    assert removed(shell, environ) == there
    assert removed(shell, environ) == there


MARKERS = [
    f"x\n{BEGIN}\n",
    f"x\n{END}\n",
    f"{END}\nx\n{BEGIN}\n",
    f"{BEGIN}\n" * 2,
    f"x {BEGIN}",
]


@settings(max_examples=100, deadline=None)
@given(
    shell=st.sampled_from(shells.NAMES),
    there=st.none() | st.binary(max_size=12) | st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n"])).map(b"".join),
)
def test_uninstall_leaves_no_trace(one_home: dict[str, str], shell: str, there: bytes | None) -> None:
    put(shell, one_home, there)
    after = added(shell, one_home)
    assert after is not None
    assert after.startswith(there or b"")
    assert removed(shell, one_home) == there


def test_what_was_changed_while_it_was_asked_stays(one_home: dict[str, str]) -> None:
    put("bash", one_home, b"a\n")
    change = install.planned("bash", one_home)
    put("bash", one_home, b"b\n")
    with pytest.raises(ShellhookError, match="has changed meanwhile"):
        install.apply(change)
    assert content("bash", one_home) == b"b\n"


@pytest.mark.parametrize("there", MARKERS)
def test_half_a_block_is_not_ours(there: str, one_home: dict[str, str]) -> None:
    put("bash", one_home, there.encode())
    assert (added("bash", one_home) or b"").startswith(there.encode())
    assert removed("bash", one_home) == there.encode()


@settings(max_examples=100, deadline=None)
@given(there=st.text("ab\n", max_size=6), below=st.text("ab\n", min_size=1, max_size=6))
def test_what_was_added_below_stays(one_home: dict[str, str], there: str, below: str) -> None:
    """Other programs' installers do so."""
    put("bash", one_home, there.encode())
    after = added("bash", one_home)
    assert after is not None
    startup("bash", one_home).write_bytes(after + below.encode())
    left = removed("bash", one_home)
    assert left in ((there + below).encode(), (there + "\n" + below).encode())
    assert left.splitlines() == [line for text in (there, below) for line in text.encode().splitlines()]


@each_shell
def test_a_block_of_another_place_is_replaced(shell: str, tmp_path: Path) -> None:
    environ = home(tmp_path)
    put(shell, environ, b"above\n")
    added(shell, {**environ, "XDG_DATA_HOME": str(tmp_path / "former")})
    after = added(shell, environ) or b""
    assert after.count(BEGIN.encode()) == after.count(END.encode()) == 1
    assert b"former" not in after
    assert removed(shell, environ) == b"above\n"


@posix
def test_a_link_stays_one_and_permissions_stay(tmp_path: Path) -> None:
    environ = home(tmp_path)
    dotfile = tmp_path / "dotfiles"
    dotfile.write_bytes(b"a\n")
    dotfile.chmod(0o640)
    (tmp_path / ".bashrc").symlink_to(dotfile)
    added("bash", environ)
    assert (tmp_path / ".bashrc").is_symlink()
    assert stat.S_IMODE(dotfile.stat().st_mode) == 0o640
    assert removed("bash", environ) == b"a\n"
    assert (tmp_path / ".bashrc").is_symlink()


@posix
def test_a_link_to_nothing_is_one_again(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").symlink_to(tmp_path / "dotfile")
    assert added("bash", home(tmp_path)) is not None
    assert removed("bash", home(tmp_path)) is None
    assert (tmp_path / ".bashrc").is_symlink()


def test_planning_writes_nothing(tmp_path: Path) -> None:
    install.planned("bash", home(tmp_path))
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").mkdir()
    with pytest.raises(ShellhookError, match=r"\.bashrc cannot be read"):
        install.planned("bash", home(tmp_path))


# --- where things are

STARTUP_FILES = [
    ("bash", {}, ".bashrc"),
    ("zsh", {}, ".zshrc"),
    ("zsh", {"ZDOTDIR": "HOME/z"}, "z/.zshrc"),
    ("fish", {}, ".config/fish/config.fish"),
    ("fish", {"XDG_CONFIG_HOME": "HOME/c"}, "c/fish/config.fish"),
    ("powershell", {}, ".config/powershell/Microsoft.PowerShell_profile.ps1"),
    ("powershell", {"XDG_CONFIG_HOME": "HOME/c"}, "c/powershell/Microsoft.PowerShell_profile.ps1"),
]


@posix
@pytest.mark.parametrize(("shell", "variables", "path"), STARTUP_FILES)
def test_startup_file(shell: str, variables: dict[str, str], path: str) -> None:
    environ = {"HOME": "/home/me", **{name: value.replace("HOME", "/home/me") for name, value in variables.items()}}
    assert shells.module(shell).startup_file(environ) == f"/home/me/{path}"


@posix
@pytest.mark.parametrize(("shell", "variables", "path"), [row for row in STARTUP_FILES if not row[1]])
def test_startup_file_without_a_home(shell: str, variables: dict[str, str], path: str) -> None:
    assert shells.module(shell).startup_file(variables) == os.path.join(os.path.expanduser("~"), path)


WINDOWS = {"OS": "Windows_NT", "USERPROFILE": "C:\\Users\\me", "ProgramFiles": "C:\\Program Files"}
ON_WINDOWS = [
    pytest.param({}, "C:\\Users\\me\\Documents\\PowerShell", id="no PSModulePath"),
    pytest.param(
        {
            "ProgramFiles(x86)": "E:\\x86",
            "SystemRoot": "C:\\Windows",
            "PSModulePath": "E:\\x86\\WindowsPowerShell\\Modules;"
            "C:\\Windows\\System32\\WindowsPowerShell\\Modules;D:\\Docs\\PowerShell\\Modules",
        },
        "D:\\Docs\\PowerShell",
        id="the machine's are nobody's",
    ),
    pytest.param(
        {"PSModulePath": "C:\\Program Files\\PowerShell\\Modules;D:\\OneDrive\\Docs\\PowerShell\\Modules"},
        "D:\\OneDrive\\Docs\\PowerShell",
        id="PowerShell 7, where OneDrive has moved it",
    ),
    pytest.param(
        {"PSMODULEPATH": "C:\\Users\\me\\Documents\\WindowsPowerShell\\Modules\\"},
        "C:\\Users\\me\\Documents\\WindowsPowerShell",
        id="Windows PowerShell",
    ),
]


@pytest.mark.parametrize(("variables", "folder"), ON_WINDOWS)
def test_startup_file_of_powershell_on_windows(variables: dict[str, str], folder: str) -> None:
    found = shells.module("powershell").startup_file({**WINDOWS, **variables})
    assert found == f"{folder}\\Microsoft.PowerShell_profile.ps1"


def test_startup_file_of_powershell_where_nobody_is_at_home() -> None:
    found = shells.module("powershell").startup_file({"OS": "Windows_NT"})
    assert found == "Documents\\PowerShell\\Microsoft.PowerShell_profile.ps1"


# --- the hook

HOOKS = {"bash": "hook.bash", "zsh": "hook.zsh", "fish": "hook.fish", "powershell": "hook.ps1"}


@pytest.mark.parametrize(("shell", "name"), HOOKS.items())
def test_the_hook_is_rendered(shell: str, name: str, tmp_path: Path) -> None:
    path = Path(install.write_hook(shell, home(tmp_path), "aws-as"))
    text = path.read_text(encoding="utf-8")
    assert path == tmp_path / "data" / "shellhook" / name
    assert text.splitlines()[0] == shells.stamp("aws-as")
    quote = shells.module(shell).quote
    assert quote(install.backend({})) in text
    assert quote("aws-as") in text
    assert "@BACKEND@" not in text
    assert "@COMMAND@" not in text
    assert text == shells.hook(shell, install.backend({}), "aws-as")
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_backend_is_an_absolute_path_of_a_program() -> None:
    path = install.backend({})
    assert os.path.isabs(path)
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("shellhook ")


@each_shell
def test_a_hook_of_another_version_is_rendered_anew(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = home(tmp_path)
    with monkeypatch.context() as former:
        former.setattr(shells, "__version__", "0.0.1")
        path = Path(install.write_hook(shell, environ, "as"))
        assert "0.0.1" in path.read_text(encoding="utf-8")
    install.refresh(shell, environ)
    assert path.read_text(encoding="utf-8") == shells.hook(shell, install.backend(environ), "as"), "its --cmd is kept"


UNTOUCHED = [
    pytest.param(f"{shells.stamp()}\n# changed by hand\n".encode(), id="of this version"),
    pytest.param(b"# somebody else's\n", id="not ours"),
    pytest.param(b"", id="empty"),
    pytest.param(b"\xff\xfe\n", id="no text"),
]


@pytest.mark.parametrize("there", UNTOUCHED)
def test_what_is_not_an_older_hook_stays(there: bytes, tmp_path: Path) -> None:
    environ = home(tmp_path)
    user_files.replace(install.hook_file("bash", environ), there)
    install.refresh("bash", environ)
    assert Path(install.hook_file("bash", environ)).read_bytes() == there


def test_nothing_is_rendered_where_nothing_was_installed(tmp_path: Path) -> None:
    install.refresh("bash", home(tmp_path))
    assert list(tmp_path.iterdir()) == []


# --- the commands


@each_shell
def test_install_and_uninstall(shell: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = startup(shell, os.environ)
    assert cli_install.run([shell, "--cmd", "as", "--yes"]) == 0
    shown = capsys.readouterr().out
    assert str(file) in shown
    assert BEGIN in shown, "what is added is shown"
    assert "as PROFILE" in shown
    hook = Path(install.hook_file(shell, os.environ))
    assert hook.read_text(encoding="utf-8").startswith(shells.stamp("as"))
    assert str(hook) in file.read_text(encoding="utf-8")
    assert cli_install.run([shell]) == 0, "nothing to ask"
    assert hook.read_text(encoding="utf-8").startswith(shells.stamp())
    assert cli_uninstall.run([shell, "--yes"]) == 0
    assert not file.exists()
    assert not hook.exists()
    assert not hook.parent.exists()
    assert cli_uninstall.run([shell, "--yes"]) == 0
    assert "does not load" in capsys.readouterr().out


@posix
def test_a_place_that_cannot_be(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/dev/null")
    with pytest.raises(ShellhookError, match=r"/dev/null/shellhook/hook.zsh cannot be written") as caught:
        cli_install.run(["zsh", "--yes"])
    assert caught.value.why == "Not a directory"
    assert not any(here.iterdir())


def test_nothing_is_written_without_an_answer(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shellhook.mfa.Asker.confirm", lambda *_: False)
    assert cli_install.run(["bash"]) == 1
    assert list(here.iterdir()) == []
    assert cli_install.run(["bash", "--yes"]) == 0
    before = (here / ".bashrc").read_bytes()
    assert cli_uninstall.run(["bash"]) == 1
    assert (here / ".bashrc").read_bytes() == before
    assert os.path.exists(install.hook_file("bash", os.environ))


BAD_NAMES = ["", "1a", "-a", "a b", "a;b", "a$b", "été", "a/b", "a'b", "if", "end", "Process"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_a_shell_could_take_for_something_else(name: str, here: Path) -> None:
    with pytest.raises(WrongUsage, match="--cmd"):
        cli_install.run(["bash", f"--cmd={name}", "--yes"])
    assert list(here.iterdir()) == []


RESERVED = {
    "bash": "compgen -k",
    "zsh": "zmodload zsh/parameter; print -l $reswords",
    "fish": "for word in (builtin -n); function $word; end; or builtin echo $word; end",
}


@pytest.mark.parametrize("shell", RESERVED)
def test_no_word_of_a_shell_s_own_is_taken(shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    words = subprocess.run([shell, "-c", RESERVED[shell]], capture_output=True, text=True, check=False).stdout.split()
    named = [word for word in words if word.isalpha()]
    assert len(named) > 10
    for word in named:
        with pytest.raises(WrongUsage, match="--cmd"):
            cli_init.command(word)


def test_a_shell_that_there_is_no_hook_for(here: Path) -> None:
    with pytest.raises(WrongUsage, match="'tcsh'") as caught:
        cli_install.run(["tcsh", "--yes"])
    assert all(name in caught.value.remedy for name in shells.NAMES)


def test_the_refusal_without_a_hook_says_what_to_add() -> None:
    refused = install.no_hook({"SHELL": "/bin/bash"})
    assert "shellhook install" in refused.remedy
    assert "init" in refused.remedy
