"""Many processes at once: one code and one call for what they share, and nothing lost of what they do not."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from shellhook.profiles import Files, read
from tests.broker import assigned, authenticator, calls, taken
from tests.desk import Done, Typist
from tests.proof.extent import extent, figure
from tests.sso.people import logged_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Desk

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")
MANY = extent(8, 100)
PATIENCE = 60 + 3 * MANY  # seconds, on a machine with two processors that others use too
ODD = b"# 100%% \xc3\xa9\r\n[odd]\r\naws_access_key_id=AKIA%s\r\n\r\n   ; odd\r\n[last]\r\nx=%(y)s\r\n"


def at_once(desk: Desk, *commands: tuple[str, ...]) -> list[Done]:
    """All of them are started before one is waited for; how each ended."""
    began = time.monotonic()
    started = [desk.start(*words) for words in commands]
    ends = [process.communicate(timeout=PATIENCE) for process in started]
    figure("Concurrency", f"{len(commands)} processes of `{commands[0][0]}`, s", round(time.monotonic() - began, 1))
    return [Done(process.returncode, *end) for process, end in zip(started, ends, strict=True)]


def expire(desk: Desk) -> None:
    """Every session in the store has ended a minute ago."""
    for file in (desk.state / "shellhook" / "sessions").iterdir():
        session = desk.store.session(file.name)
        assert session
        desk.store.put_session(file.name, session.replace(expires=int(time.time() - 60)))


def roles(desk: Desk, many: int) -> list[str]:
    """As many profiles, each with a session of its own."""
    read_only = dict(read(desk.here.files()).profile("read-only").settings)
    return [desk.profile(f"role{n}", **{**read_only, "role_session_name": f"number{n}"}) for n in range(many)]


@pytest.mark.parametrize("profiles", [["power-user"], ["power-user", "auditor"]], ids=["one role", "two roles"])
def test_one_code_and_one_call_for_an_expired_session(desk: Desk, tmp_path: Path, profiles: list[str]) -> None:
    for profile in profiles:
        desk.assume(profile, Typist(lambda: desk.sandbox.code("alice")))
    expire(desk)
    taken(desk)
    settings = f"\nmfa_process = {authenticator(desk, tmp_path, 'sleep 0.3;')}\n"
    desk.config.write_text(desk.config.read_text().replace("[profile base]\n", f"[profile base]{settings}"))
    ended = at_once(desk, *[desk.hooked(profiles[number % len(profiles)]) for number in range(MANY)])
    assert [each for each in ended if each.status] == []
    assert len({assigned(each.out, "AWS_ACCESS_KEY_ID") for each in ended}) == len(profiles)
    assert sorted(calls(desk)) == ["AssumeRole"] * len(profiles) + ["GetSessionToken"]
    assert (tmp_path / "runs").read_text() == "x\n"
    assert {each.err.count("waiting for another shell") for each in ended} <= {0, 1}
    figure("Concurrency", f"{MANY} processes, {len(profiles)} expired: codes asked, GetSessionToken calls", "1, 1")


def test_different_ones_neither_wait_nor_lose_anything(desk: Desk) -> None:
    names = roles(desk, MANY)
    ended = at_once(desk, *[desk.hooked(name) for name in names])
    assert [each for each in ended if each.status] == []
    keys = {assigned(each.out, "AWS_ACCESS_KEY_ID") for each in ended}
    assert len(keys) == MANY
    assert not any("waiting" in each.err for each in ended)
    assert Counter(calls(desk)) == {"AssumeRole": MANY}
    kept = [desk.store.session(file.name) for file in (desk.state / "shellhook" / "sessions").iterdir()]
    assert {session.access_key_id for session in kept if session} == keys
    assert desk.store.uses().keys() == set(names)
    assert desk.store.live(time.time()).keys() == set(names)
    assert [path for path in desk.state.rglob("*.*") if path.is_file()] == []
    figure("Concurrency", f"{MANY} different sessions at once: in the store, in `usage`, marked", f"{MANY}, all, all")


def test_everything_that_writes_to_the_aws_files_at_once(desk: Desk) -> None:
    """Sections for other programs, roles that are saved and profiles of the portal: all are there, once, and everything
    else is as it was, to the byte. Who found that the file had changed since it was shown says so, and does nothing."""
    logged_in(desk)
    names = roles(desk, MANY)
    config = desk.config.read_bytes()
    credentials = desk.credentials.read_bytes() + ODD
    desk.credentials.write_bytes(credentials)
    written = [("write", name) for name in names]
    saved = [desk.hooked(name, "--save", f"{name}-saved", "--yes") for name in names[: MANY // 4]]
    synced = [("sso", "sync", "--session", "corp", "--yes")]
    ended = at_once(desk, *written, *saved, *synced)
    refused = [each for each in ended if each.status]
    assert all("has changed meanwhile" in each.err for each in refused), refused
    assert [each for each in ended[: len(written) + len(saved)] if each.status] == [], "they wait for each other"
    if refused:
        assert desk.run(*synced[0]).status == 0
    now, theirs = desk.config.read_bytes(), desk.credentials.read_bytes()
    assert theirs.startswith(credentials)
    assert now.startswith(config)
    for name in names:
        assert theirs.count(b"[%s-session]" % name.encode()) == now.count(b"[profile %s-session]" % name.encode()) == 1
        section = read(Files(config=os.devnull, credentials=str(desk.credentials))).profile(f"{name}-session")
        assert {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"} <= section.settings.keys()
    there = re.findall(rb"^\[profile (\w+-saved)\]", now, re.MULTILINE)
    assert sorted(there) == sorted(f"{name}-saved".encode() for name in names[: MANY // 4])
    assert now.count(b"# >>> shellhook sso corp >>>") == now.count(b"# <<< shellhook sso corp <<<") == 1
    assert read(desk.here.files()).check() == []
    assert {path.name for path in desk.config.parent.iterdir()} == {"config", "credentials", "sso"}
    for taken_away in at_once(desk, *[("write", name, "--off") for name in names]):
        assert taken_away.status == 0, taken_away
    assert desk.credentials.read_bytes() == credentials
    figure("Concurrency", "sections written to the AWS files at once, none lost", len(written) + len(saved))
