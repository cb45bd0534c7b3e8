"""Another user on the machine: what they put in the place of our files, or before them, gives them nothing."""

from __future__ import annotations

import contextlib
import json
import marshal
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.endpoint.served import Shell, asked
from tests.proof.extent import extent, figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desk import Desk, Done

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="whose a file is is another matter there")
as_root = pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can be two users")
THEM = 54_321
PRECIOUS = "precious\n"
EVIL = {"access_key_id": "AKIAEVIL", "secret_access_key": "s", "expires": int(time.time()) + 9999, "issued": 1}


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A desk whose store has everything in it that a day brings."""
    desk.environ["SHELLHOOK_ASKED"] = ""
    assert desk.run(*desk.hooked("power-user", "--token-code", desk.sandbox.code("alice"))).status == 0
    for words in (desk.hooked("read-only"), ("write", "read-only", "other"), ("list",)):
        assert desk.run(*words).status == 0
    return desk


def places(desk: Desk) -> list[Path]:
    """Every directory and file of the store; not all of them where time is short."""
    every = sorted((desk.state / "shellhook").rglob("*"))
    return every[:: extent(12, 1)]


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[None]:
    """The place is free for something else, for a while."""
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    try:
        yield
    finally:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        aside.rename(path)


def used(desk: Desk) -> list[Done]:
    """What is done with a store, all day."""
    return [desk.run(*words) for words in (desk.hooked("read-only"), desk.hooked("power-user"), ("forget", "nobody"))]


def complaints(done: Done) -> list[str]:
    traceback = "Traceback" in done.err or "should not have happened" in done.err
    return [word for word, found in {"AKIAEVIL": "AKIAEVIL" in done.out, "a traceback": traceback}.items() if found]


@as_root
def test_files_of_theirs_are_not_believed(full: Desk) -> None:
    there = [full.state / "shellhook", *places(full)]
    for path in there:
        with replaced(path):
            if path.with_name(f"{path.name}.aside").is_dir():
                path.mkdir(0o777)
            else:
                path.write_bytes(marshal.dumps(EVIL, 4))
            os.chown(path, THEM, THEM)
            for done in used(full):
                assert complaints(done) == [], (path, done)
                # What is not needed is not looked at; an MFA session that is gone is asked for; all else is said.
                said = "belongs to another user" in done.err or "cannot" in done.err or "MFA code is needed" in done.err
                assert done.status == 0 or said, (path, done)
    figure("Neighbours", "places of the store with another user's file or directory", len(there))
    assert [done.status for done in used(full)] == [0, 0, 0], "and it is as it was"


@pytest.mark.parametrize("to", ["a file", "a directory", "nowhere"])
def test_links_lead_nobody_to_what_is_precious(to: str, full: Desk, tmp_path: Path) -> None:
    """Links in the place of everything in the store, as somebody could make who once was let into it."""
    victim = tmp_path / "victim"
    there = places(full)
    for path in there:
        victim.unlink(missing_ok=True) if not victim.is_dir() else shutil.rmtree(victim)
        if to == "a file":
            victim.write_text(PRECIOUS)
        elif to == "a directory":
            victim.mkdir(0o755)
            (victim / "precious").write_text(PRECIOUS)
        with replaced(path):
            path.symlink_to(victim)
            for done in [*used(full), full.run(*full.hooked("deploy"))]:
                assert complaints(done) == [], (path, done)
            if to == "a file":
                assert victim.read_text() == PRECIOUS, path
            elif to == "a directory":
                assert (victim / "precious").read_text() == PRECIOUS
                assert victim.stat().st_mode & 0o777 == 0o755
    figure("Neighbours", f"places of the store with a link to {to}", len(there))


@as_root
def test_a_link_of_theirs_does_not_lead_the_store_into_a_directory_of_ours(desk: Desk, tmp_path: Path) -> None:
    """A parent that all may write in, and somebody was there first."""
    ours = tmp_path / "ours"
    ours.mkdir(0o755)
    desk.state.mkdir()
    desk.state.chmod(0o777)
    link = desk.state / "shellhook"
    link.symlink_to(ours)
    os.chown(link, THEM, THEM, follow_symlinks=False)
    done = desk.run(*desk.hooked("read-only"))
    assert (done.status, done.out) == (1, "")
    assert "belongs to another user" in done.err
    assert list(ours.iterdir()) == []
    assert ours.stat().st_mode & 0o777 == 0o755
    os.chown(link, os.geteuid(), os.getegid(), follow_symlinks=False)
    assert desk.run(*desk.hooked("read-only")).status == 0, "a link of one's own is one's own affair"


@as_root
def test_the_whole_store_put_aside_and_another_in_its_place(full: Desk) -> None:
    root = full.state / "shellhook"
    shutil.copytree(root, full.state / "evil")
    root.rename(full.state / "aside")
    (full.state / "evil").rename(root)
    for path in (root, *root.rglob("*")):
        os.chown(path, THEM, THEM)
    for done in used(full)[:2]:
        assert (done.status, done.out) == (1, "")
        assert "belongs to another user" in done.err


@as_root
@pytest.mark.parametrize("how", ["theirs", "for all to write in"])
def test_no_hook_is_put_where_others_can_write(how: str, desk: Desk) -> None:
    data = desk.home / "share" / "shellhook"
    data.mkdir(parents=True)
    (desk.home / ".bashrc").write_text(PRECIOUS)
    if how == "theirs":
        os.chown(data, THEM, THEM)
    else:
        data.chmod(0o777)
    done = desk.run("install", "bash", "--yes", env={"XDG_DATA_HOME": str(data.parent)})
    assert done.status == 1
    assert "can be written by others" in done.err
    assert list(data.iterdir()) == []
    assert (desk.home / ".bashrc").read_text() == PRECIOUS


LOOK = """
import json, os, socket, sys
pids, port, path = json.loads(sys.argv[1])
seen = []
for pid in pids:
    seen.append(open(f"/proc/{pid}/cmdline").read())
    for name in ("environ", "mem", "fd/0", "maps"):
        try:
            seen.append(open(f"/proc/{pid}/{name}", "rb").read(100000).decode("latin-1"))
        except OSError as error:
            pass
with socket.create_connection(("127.0.0.1", port)) as connection:
    connection.sendall(f"GET {path} HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n\\r\\n".encode())
    while more := connection.recv(65536):
        seen.append(more.decode())
print("\\n".join(seen))
"""


@as_root
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc to look into")
def test_another_user_gets_nothing_of_an_endpoint(desk: Desk) -> None:
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or pytest.skip("no Python is for all users")
    with Shell(desk) as shell:
        shell.assume("read-only", "--serve")
        token = shell.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        uri = shell.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        port, _, path = uri.partition("http://127.0.0.1:")[2].partition("/")
        pids = [each.pid for each in shell.endpoints()]
        assert pids
        done = subprocess.run(
            [python, "-I", "-S", "-c", LOOK, json.dumps([pids, int(port), f"/{path}"])],
            capture_output=True,
            text=True,
            cwd="/",
            user=THEM,
            group=THEM,
            extra_groups=[],
            check=False,
        )
        assert "401 Unauthorized" in done.stdout, done.stderr
        assert "serve-endpoint" in done.stdout
        answer = asked(shell.environ)
        assert answer.status == 200
        secrets = [token, str(answer.body["SecretAccessKey"]), str(answer.body["Token"])]
        assert [secret for secret in secrets if secret in done.stdout] == []
