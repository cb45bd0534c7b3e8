"""The line that stands for a key, as botocore takes it apart; and keyrings that do not work."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.compat import compat_shell_split
from hypothesis import given
from hypothesis import strategies as st
from keyring import core, errors
from keyring.backends import fail, null

from shellhook import keys, os_keyring, sources
from shellhook.errors import ShellhookError
from shellhook.profiles import read
from tests.test_profiles import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "AKIAIOSFODNN7EXAMPLE"
PROGRAMS = [
    ("linux", "/usr/bin/shellhook", f"/usr/bin/shellhook keys process {ID}"),
    ("linux", "/home/my self/shellhook", f"'/home/my self/shellhook' keys process {ID}"),
    ("linux", "/it's/$x/shellhook", f"'/it'\"'\"'s/$x/shellhook' keys process {ID}"),
    ("win32", r"C:\bin\shellhook.exe", rf"C:\bin\shellhook.exe keys process {ID}"),
    ("win32", r"C:\Program Files\x\shellhook.exe", rf'"C:\Program Files\x\shellhook.exe" keys process {ID}'),
]


@pytest.mark.parametrize(("platform", "program", "line"), PROGRAMS)
def test_the_line(platform: str, program: str, line: str) -> None:
    assert keys.command(program, ID, platform) == line
    assert compat_shell_split(line, platform) == [program, "keys", "process", ID]
    assert keys.key_id_in(line) == ID


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])), st.sampled_from(["linux", "win32"]))
def test_any_path_is_quoted_and_known_again(path: str, platform: str) -> None:
    separator, name = ("\\", "shellhook.exe") if platform == "win32" else ("/", "shellhook")
    program = f"{separator}{path}{separator}{name}"
    try:
        line = keys.command(program, ID, platform)
    except ShellhookError:
        assert not program.isprintable() or (platform == "win32" and '"' in program)
        return
    assert compat_shell_split(line, platform) == [program, "keys", "process", ID]
    assert keys.key_id_in(line) == ID


@pytest.mark.parametrize(
    "command",
    [
        "",
        f"keys process {ID}",
        f"/usr/bin/other keys process {ID}",
        f"/usr/bin/shellhook credentials {ID}",
        "/usr/bin/shellhook keys process",
        "/usr/bin/shellhook keys process SHORT",
        f"/usr/bin/shellhook keys process {ID}; true",
    ],
)
def test_what_is_none_of_ours(command: str) -> None:
    assert keys.key_id_in(command) is None


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_a_path_that_no_line_can_hold(platform: str) -> None:
    with pytest.raises(ShellhookError, match="cannot be written"):
        keys.command("/a\nb/shellhook", ID, platform)


def test_its_source_is_a_long_term_key_told_like_one_in_a_file(tmp_path: Path) -> None:
    line = f"credential_process = /x/shellhook keys process {ID}"
    pair = f"aws_access_key_id = {ID}\naws_secret_access_key = s"
    configuration = read(
        write(tmp_path, f"[profile a]\n{line}\n[profile b]\n{pair}\n[profile c]\ncredential_process=x\n")
    )
    a, b, c = (sources.of_profile(configuration.profile(name), configuration) for name in "abc")
    assert a is not None and b is not None and c is not None  # noqa: PT018
    assert (a.kind, a.long_term, a.where.rsplit(":", 1)[1]) == ("keyring", True, "2")
    assert a.identity == b.identity, "so that its MFA session outlives the move"
    assert (c.kind, c.long_term) == ("process", None)


# --- keyrings

SECRET = "wJalrXUtnFEMI/K7MDENG"


class Odd(fail.Keyring):  # type: ignore[misc]
    """Does not do what it should."""

    def __init__(self, trouble: BaseException | float | None) -> None:
        super().__init__()
        self.trouble = trouble

    def get_password(self, service: str, username: str) -> str | None:
        if isinstance(self.trouble, BaseException):
            raise self.trouble
        time.sleep(self.trouble or 0)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.get_password(service, username)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(os_keyring._Manner, "may_ask", True)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return lambda backend: monkeypatch.setattr(core, "_keyring_backend", backend)


TROUBLES = [
    (fail.Keyring(), "there is no keyring to be had here"),
    (null.Keyring(), "the keyring did not keep AKIA"),
    (Odd(None), "the keyring did not keep AKIA"),
    (Odd(errors.KeyringLocked("x")), "the keyring is locked"),
    (Odd(errors.InitError(SECRET)), "there is no keyring to be had here"),
    (Odd(errors.PasswordSetError(f"cannot keep {SECRET}")), "the keyring did not keep it"),
    (Odd(SystemExit(3)), "the keyring did not keep it"),
    (Odd(ModuleNotFoundError("no", name="secretstorage")), "the keyring needs one more package"),
]


@pytest.mark.parametrize(("backend", "said"), TROUBLES)
def test_a_keyring_that_does_not_work(backend: Any, said: str, use: Any) -> None:
    use(backend)
    with pytest.raises(ShellhookError) as caught:
        os_keyring.put(ID, SECRET)
    assert caught.value.what.startswith(said)
    assert caught.value.status == 1
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="there it may always be a dialog that is waited for")
def test_one_that_does_not_answer_is_waited_for_no_longer(use: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    use(Odd(2.0))
    monkeypatch.setattr(os_keyring, "_HEADLESS", 0.2)
    began = time.monotonic()
    with pytest.raises(ShellhookError, match=r"did not answer within 0.2s"):
        os_keyring.get(ID)
    assert time.monotonic() - began < 1.5


def test_what_is_not_there(use: Any) -> None:
    use(null.Keyring())
    assert os_keyring.get(ID) is None
    os_keyring.delete(ID)
    with pytest.raises(keys.NotThere, match=f"the keyring has no key {ID}"):
        keys.secret(ID)
