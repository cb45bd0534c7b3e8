"""The store's files: whose they are, and what they may be read by."""

from __future__ import annotations

import marshal
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shellhook.errors import ShellhookError
from shellhook.store import Store
from tests.store.kept import NOW, SESSION, mode, nothing, write_everything

if TYPE_CHECKING:
    from collections.abc import Callable

posix = pytest.mark.skipif(os.name != "posix", reason="owners, modes and signals are POSIX")


@posix
@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_everything_is_the_user_s_alone_whatever_the_umask(store: Store, umask: int) -> None:
    former = os.umask(umask)
    try:
        write_everything(store)
    finally:
        os.umask(former)
    written = [Path(store.directory), *Path(store.directory).rglob("*")]
    assert {path.name for path in written if path.is_dir()} == {
        "shellhook", "sessions", "requests", "markers", "before", "codes", "locks",
    }  # fmt: skip
    assert {mode(path) for path in written if path.is_dir()} == {0o700}
    assert {mode(path) for path in written if path.is_file()} == {0o600}


@posix
def test_loose_permissions_are_tightened(store: Store) -> None:
    write_everything(store)
    os.chmod(store.directory, 0o755)  # noqa: S103
    Store(store.directory).digest("x")
    assert mode(store.directory) == 0o700


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.digest("x"),
        lambda store: store.put_session("a" * 32, SESSION),
        lambda store: store.put_request("a" * 32, {"request": {}}),
        lambda store: store.mark("a" * 32, NOW, "x"),
        lambda store: store.put_before(1, {}),
        lambda store: store.lock("a" * 32, nothing).__enter__(),
        lambda store: store.request("b" * 32),
        lambda store: store.before("b" * 32),
    ],
    ids=["digest", "session", "request", "marker", "before", "lock", "reading a request", "reading before"],
)
@posix
def test_another_user_s_store_is_refused(tmp_path: Path, use: Callable[[Store], object]) -> None:
    """`sudo -E` keeps XDG_STATE_HOME and HOME: root's files would lie in it from then on."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    theirs = tmp_path / "theirs"
    for room in ("requests", "before"):
        (theirs / room).mkdir(parents=True)
        (theirs / room / ("b" * 32)).write_bytes(marshal.dumps({"request": {}, "pid": 1, "variables": {}}))
    for path in (theirs, *theirs.rglob("*")):
        os.chown(path, 54_321, 54_321)
    with pytest.raises(ShellhookError, match="belongs to another user") as caught:
        use(Store(str(theirs)))
    assert "sudo without -E" in caught.value.remedy
    assert not (theirs / "key").exists()
    assert not (theirs / "sessions").exists()


@posix
def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ShellhookError, match=r"file/shellhook cannot be made"):
        Store(str(tmp_path / "file" / "shellhook")).digest("x")
    store = Store(str(tmp_path))
    (tmp_path / "sessions").write_text("")
    with pytest.raises(ShellhookError, match="cannot be written"):
        store.put_session(store.digest("x"), SESSION)
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / ("a" * 32)).mkdir()
    with pytest.raises(ShellhookError, match="cannot be read"):
        store.request("a" * 32)
