"""The store: sessions at rest, and everything beside them that shells and processes share."""

from __future__ import annotations

import hmac
import marshal
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from shellhook.errors import ShellhookError
from shellhook.session import Session
from shellhook.store import Store, is_digest, state_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

posix = pytest.mark.skipif(os.name != "posix", reason="owners, modes and signals are POSIX")
NOW = 1_800_000_000
DAY = 86_400
SESSION = Session(
    access_key_id="ASIAEXAMPLE", secret_access_key="s3cret", session_token="t0ken", expires=NOW + 3600, issued=NOW,
    attended_from=NOW + 7200, account="111122223333", arn="arn:aws:sts::111122223333:assumed-role/x/me", profile="x",
)  # fmt: skip
# What a crash, a full disk or another program may leave.
DAMAGED = [
    b"",
    b"\0" * 40,
    b"no such format",
    b'{"access_key_id": "ASIA"}',
    marshal.dumps({"access_key_id": "ASIA"}),
    marshal.dumps({"unknown": 1}),
    marshal.dumps({1: 2}),
    marshal.dumps(["access_key_id"]),
    marshal.dumps(vars(SESSION))[:100],
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "state" / "shellhook"))


def files(store: Store) -> dict[str, Path]:
    """Every file in the store by its path there."""
    top = Path(store.directory)
    return {str(path.relative_to(top)): path for path in top.rglob("*") if path.is_file()}


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def nothing() -> None:
    """For locks that nobody else has."""
    raise AssertionError("somebody else has the lock")


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


class Other:
    """Another process on the same store: what it is to do, in Python, with `store` at hand. It says "ready" first, and
    goes on when it is told to."""

    def __init__(self, store: Store, code: str) -> None:
        program = (
            "import sys\nfrom shellhook.store import Store\nstore = Store(sys.argv[1])\n"
            f"print('ready', flush=True)\nsys.stdin.readline()\n{code}"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, store.directory],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.line() == "ready"

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def line(self) -> str:
        """The next line it prints."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def end(self) -> tuple[int, str]:
        """Wait for it; its status and what it said on standard error."""
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said


@pytest.fixture
def others(store: Store) -> Iterator[Callable[[str], Other]]:
    started: list[Other] = []

    def start(code: str) -> Other:
        started.append(Other(store, code))
        return started[-1]

    yield start
    for other in started:
        other.process.kill()
        other.process.communicate()


HOLD = """
with store.lock('a' * 32, lambda: print('waiting', flush=True)):
    print('has it', flush=True)
    sys.stdin.readline()
"""


# --- where it is


@posix
@pytest.mark.parametrize(
    ("environ", "directory"),
    [
        ({"XDG_STATE_HOME": "/var/state", "HOME": "/home/me"}, "/var/state/shellhook"),
        ({"HOME": "/home/me"}, "/home/me/.local/state/shellhook"),
        ({"XDG_STATE_HOME": "", "HOME": "/home/me"}, "/home/me/.local/state/shellhook"),
        ({"XDG_STATE_HOME": "state", "HOME": "/home/me"}, "/home/me/.local/state/shellhook"),
        ({"XDG_STATE_HOME": "./state", "HOME": "/home/me"}, "/home/me/.local/state/shellhook"),
        ({"XDG_STATE_HOME": "~/state", "HOME": "/home/me"}, "/home/me/.local/state/shellhook"),
    ],
)
def test_the_directory_is_absolute_whatever_the_environment_says(environ: dict[str, str], directory: str) -> None:
    assert state_directory(environ) == directory


def test_nothing_is_made_before_something_is_written(store: Store) -> None:
    assert store.session("a" * 32) is None
    assert store.request("a" * 32) is None
    assert store.before("a" * 32) is None
    store.sweep(NOW)
    assert store.forget(None) == 0
    assert not os.path.exists(store.directory)


# --- digests


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0123456789abcdef" * 2, True),
        ("0123456789ABCDEF" * 2, False),
        ("a" * 31, False),
        ("a" * 33, False),
        ("a" * 31 + "\n", False),
        ("../" + "a" * 29, False),
        ("٠" * 32, False),
        ("", False),
        (None, False),
    ],
)
def test_what_a_digest_looks_like(text: str | None, is_one: bool) -> None:
    assert is_digest(text) is is_one


@pytest.mark.parametrize("text", ["", "a", "été 日本", "not UTF-8: \udcff", "x" * 100_000])
def test_a_digest_is_an_hmac_under_the_store_s_key(store: Store, text: str) -> None:
    digest = store.digest(text)
    key = files(store)["key"].read_bytes()
    assert len(key) == 32
    assert digest == hmac.new(key, text.encode("utf-8", "surrogateescape"), "sha256").hexdigest()[:32]
    assert is_digest(digest)
    assert Store(store.directory).digest(text) == digest


def test_no_two_stores_have_the_same_digests(tmp_path: Path) -> None:
    """Or what is digested could be guessed from the names of the files."""
    assert Store(str(tmp_path / "one")).digest("x") != Store(str(tmp_path / "two")).digest("x")


@pytest.mark.parametrize("key", [None, b"", b"short", b"x" * 33], ids=["absent", "empty", "short", "long"])
def test_processes_that_make_the_key_at_once_agree(
    store: Store, others: Callable[[str], Other], key: bytes | None
) -> None:
    if key is not None:
        os.makedirs(store.directory)
        Path(store.directory, "key").write_bytes(key)
    crowd = [others("print(store.digest('x'), flush=True)") for _ in range(6)]
    for other in crowd:
        other.go()
    assert {other.line() for other in crowd} == {store.digest("x")}
    assert len(files(store)["key"].read_bytes()) == 32


# --- modes and owners


def write_everything(store: Store) -> None:
    digest = store.digest("x")
    store.put_session(digest, SESSION)
    store.put_request(digest, {"request": {}, "learned": {}, "sets": {}})
    store.mark(digest, NOW, "x")
    store.put_before(os.getpid(), {"AWS_ACCESS_KEY_ID": "AKIA"})
    store.note_code("arn:aws:iam::111122223333:mfa/me", "123456", NOW)
    with store.lock(digest, nothing):
        pass


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


# --- sessions and requests


def test_a_session_comes_back_as_it_was_kept(store: Store) -> None:
    digest = store.digest("plan")
    store.put_session(digest, SESSION)
    assert Store(store.directory).session(digest) == SESSION
    forever = Session(access_key_id="AKIA", secret_access_key="s")
    store.put_session(digest, forever)
    assert store.session(digest) == forever


def test_a_session_is_usable_while_it_has_more_than_the_minimum_left(store: Store) -> None:
    digest = store.digest("plan")
    store.put_session(digest, SESSION.replace(attended_from=0))
    assert store.usable_session(digest, NOW + 3539, None)
    assert store.usable_session(digest, NOW + 3540, None) is None
    assert store.usable_session(digest, NOW, 3599)
    assert store.usable_session(digest, NOW, 3600) is None
    assert store.usable_session(digest, NOW + 3599, 0)
    assert store.usable_session(digest, NOW + 3600, 0) is None
    assert store.usable_session(store.digest("another"), NOW, None) is None


@pytest.mark.parametrize("content", DAMAGED, ids=repr)
def test_a_damaged_file_is_no_file(store: Store, content: bytes) -> None:
    digest = store.digest("device me")
    write_everything(store)
    store.note_code("me", "123456", NOW)
    identifier = store.put_before(os.getpid(), {})
    paths = [
        f"sessions/{store.digest('x')}",
        f"requests/{store.digest('x')}",
        f"before/{identifier}",
        f"codes/{digest}",
    ]
    for path in paths:
        files(store)[path].write_bytes(content)
    assert store.session(store.digest("x")) is None
    assert store.request(store.digest("x")) is None
    assert store.before(identifier) is None
    assert not store.was_sent("me", "123456", NOW)
    write_everything(store)
    assert store.session(store.digest("x")) == SESSION
    assert store.request(store.digest("x")) is not None


@pytest.mark.parametrize("name", ["", "..", "../key", "a" * 31, "A" * 32, "a" * 32 + ".0123456789abcdef"])
def test_a_name_that_is_no_digest_never_becomes_a_path(store: Store, name: str) -> None:
    """SHELLHOOK_REQUEST and its like come from the environment."""
    write_everything(store)
    before = files(store)
    assert store.session(name) is None
    assert store.request(name) is None
    assert store.before(name) is None
    store.drop_before(name)
    assert files(store) == before


def test_a_file_is_replaced_in_one_step(store: Store) -> None:
    """Who reads while it is written finds the old session or the new one, whole."""
    digest = store.digest("plan")
    store.put_session(digest, SESSION)
    with files(store)[f"sessions/{digest}"].open("rb") as reader:
        store.put_session(digest, SESSION.replace(access_key_id="ASIANEWER"))
        whole = reader.read()
    assert b"ASIAEXAMPLE" in whole
    assert b"s3cret" in whole
    assert store.session(digest) == SESSION.replace(access_key_id="ASIANEWER")
    assert [name for name in files(store) if name.startswith("sessions/")] == [f"sessions/{digest}"]


def test_readers_and_writers_do_not_disturb_each_other(store: Store, others: Callable[[str], Other]) -> None:
    digest = store.digest("plan")
    store.put_session(digest, SESSION)
    busy = others(
        "from shellhook.session import Session\n"
        "for number in range(1, 400):\n"
        f"    store.put_session({digest!r}, Session(access_key_id='A' * number, secret_access_key='s', expires=number))"
    )
    busy.go()
    looks = 0
    while busy.process.poll() is None:
        found = store.session(digest)
        assert found is not None
        assert found == SESSION or len(found.access_key_id) == found.expires
        # Expired or not, whoever sweeps meanwhile leaves alone what is being written.
        store.sweep(-10 * DAY)
        looks += 1
    assert busy.end() == (0, "")
    assert looks > 10


def test_a_request_comes_back_with_what_was_learned(store: Store) -> None:
    digest = store.digest("request")
    kept = {"request": {"profile": "été"}, "learned": {"device": ""}, "sets": {"AWS_CA_BUNDLE": "/x"}}
    store.put_request(digest, kept)
    assert Store(store.directory).request(digest) == kept


# --- markers


def test_a_marker_is_what_the_hooks_read(store: Store) -> None:
    """Digits on the first line, the profile on the second, and the expiry again as modification time."""
    digest = store.digest("request")
    store.mark(digest, NOW, "power user")
    marker = files(store)[f"markers/{digest}"]
    assert marker.read_bytes() == b"1800000000\npower user\n"
    assert marker.stat().st_mtime == NOW


def test_a_marker_is_renamed_into_place_when_the_expiry_changes(store: Store) -> None:
    digest = store.digest("request")
    store.mark(digest, NOW, "x")
    marker = files(store)[f"markers/{digest}"]
    first = marker.stat()
    store.mark(digest, NOW, "x")
    assert marker.stat().st_ino == first.st_ino, "an unchanged one is left alone"
    with marker.open("rb") as reader:
        store.mark(digest, NOW + 3600, "x")
        assert reader.read() == b"1800000000\nx\n"
    assert marker.read_bytes() == b"1800003600\nx\n"
    assert marker.stat().st_mtime == NOW + 3600
    assert len(files(store)) == 3, "the key, its lock, the marker, nothing half-written"


def test_the_marker_of_a_session_without_an_end(store: Store) -> None:
    digest = store.digest("request")
    store.mark(digest, None, "keys")
    marker = files(store)[f"markers/{digest}"]
    assert marker.read_bytes() == b"0\nkeys\n"
    assert marker.stat().st_mtime == 0
    store.sweep(NOW)
    assert marker.exists()


@pytest.mark.parametrize(
    ("profile", "shown"),
    [("a\nb", "ab"), ("\x1b]0;title\x07", "]0;title"), ("été 日本", "été 日本"), ("\udcff", ""), ("", "")],
)
def test_a_marker_s_second_line_is_one_line_without_control_characters(store: Store, profile: str, shown: str) -> None:
    digest = store.digest("request")
    store.mark(digest, NOW, profile)
    assert files(store)[f"markers/{digest}"].read_text("utf-8") == f"{NOW}\n{shown}\n"


# --- what was there before


def test_a_snapshot_comes_back_with_what_was_absent(store: Store) -> None:
    variables = {"AWS_REGION": "eu-west-1", "AWS_PROFILE": None, "AWS_CA_BUNDLE": "", "AWS_DEFAULT_OUTPUT": "\udcff"}
    identifier = store.put_before(4711, variables)
    assert is_digest(identifier)
    assert Store(store.directory).before(identifier) == {"pid": 4711, "variables": variables}
    store.drop_before(identifier)
    assert store.before(identifier) is None
    store.drop_before(identifier)


def test_a_snapshot_is_swept_when_its_shell_is_dead(store: Store, others: Callable[[str], Other]) -> None:
    shell = others("")
    identifier = store.put_before(shell.process.pid, {})
    store.sweep(NOW)
    assert store.before(identifier)
    store.sweep(NOW + 400 * DAY)
    assert store.before(identifier), "a shell may live long"
    shell.process.kill()
    shell.process.wait()
    store.sweep(NOW)
    assert store.before(identifier) is None


def test_a_process_of_the_same_number_is_not_the_shell(store: Store) -> None:
    """Numbers are used again: one that was started after the snapshot was written is somebody else's."""
    identifier = store.put_before(os.getpid(), {})
    path = files(store)[f"before/{identifier}"]
    started = psutil.Process().create_time()
    os.utime(path, (started + 1, started + 1))
    store.sweep(NOW)
    assert path.exists()
    os.utime(path, (started - 60, started - 60))
    store.sweep(NOW)
    assert not path.exists()


# --- locks


def test_a_lock_is_held_by_one(store: Store, others: Callable[[str], Other]) -> None:
    """`waiting` is said once, however long it takes, and not at all if nobody has the lock."""
    holder, waiter = others(HOLD), others(HOLD)
    holder.go()
    assert holder.line() == "has it"
    waiter.go()
    assert waiter.line() == "waiting"
    holder.go()
    assert holder.end() == (0, "")
    assert waiter.line() == "has it"
    waiter.go()
    assert waiter.end() == (0, "")
    with store.lock("a" * 32, nothing):
        pass


def test_locks_of_other_names_are_free(store: Store, others: Callable[[str], Other]) -> None:
    holder = others(HOLD)
    holder.go()
    assert holder.line() == "has it"
    with store.lock("b" * 32, nothing), store.lock("c" * 32, nothing):
        pass


@posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_lock_of_a_killed_process_is_free(store: Store, others: Callable[[str], Other], number: int) -> None:
    holder, waiter = others(HOLD), others(HOLD)
    holder.go()
    assert holder.line() == "has it"
    waiter.go()
    assert waiter.line() == "waiting"
    holder.process.send_signal(number)
    assert waiter.line() == "has it"


@posix
def test_the_wait_for_a_lock_ends_with_ctrl_c(store: Store, others: Callable[[str], Other]) -> None:
    holder, waiter = others(HOLD), others(HOLD)
    holder.go()
    assert holder.line() == "has it"
    waiter.go()
    assert waiter.line() == "waiting"
    waiter.process.send_signal(signal.SIGINT)
    _, said = waiter.end()
    assert "KeyboardInterrupt" in said
    holder.go()
    assert holder.end() == (0, "")


def test_a_lock_is_freed_by_an_error(store: Store) -> None:
    def fails() -> None:
        with store.lock("a" * 32, nothing):
            raise ValueError

    with pytest.raises(ValueError):
        fails()
    with store.lock("a" * 32, nothing):
        pass


@posix
def test_a_lock_that_is_a_link_leads_nowhere(store: Store, tmp_path: Path) -> None:
    """What is left in a lock would be written over whatever it leads to."""
    store.digest("x")
    (tmp_path / "precious").write_text("precious")
    (Path(store.directory) / "locks").mkdir(exist_ok=True)
    (Path(store.directory) / "locks" / "x").symlink_to(tmp_path / "precious")
    with pytest.raises(ShellhookError, match="cannot be written"), store.lock("x", lambda: None) as lock:
        lock.leave("skipped")
    assert (tmp_path / "precious").read_text() == "precious"


def test_lock_files_are_never_unlinked(store: Store) -> None:
    """Of two files of one name, two processes could each lock one."""
    digest = store.digest("plan")
    with store.lock(digest, nothing):
        lock = files(store)[f"locks/{digest}"].stat().st_ino
        store.sweep(NOW + 400 * DAY)
        store.forget(None)
        assert files(store)[f"locks/{digest}"].stat().st_ino == lock
    with store.lock(digest, nothing):
        assert files(store)[f"locks/{digest}"].stat().st_ino == lock


@posix
def test_a_child_does_not_inherit_a_lock(store: Store) -> None:
    """The command of mfa_process may leave something running in the background."""
    with store.lock("a" * 32, nothing):
        child = subprocess.Popen(
            [sys.executable, "-c", "print(flush=True); input()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            close_fds=False,
        )
    try:
        assert child.stdout
        child.stdout.readline()
        with store.lock("a" * 32, nothing):
            pass
    finally:
        child.communicate(b"\n")


def test_threads_wait_for_each_other_too(store: Store) -> None:
    said = threading.Event()
    had: list[int] = []

    def second() -> None:
        with store.lock("a" * 32, said.set):
            had.append(2)

    with store.lock("a" * 32, nothing):
        thread = threading.Thread(target=second)
        thread.start()
        assert said.wait(10)
        had.append(1)
    thread.join(10)
    assert had == [1, 2]


# --- MFA codes

DEVICE = "arn:aws:iam::111122223333:mfa/me"


def test_the_last_code_is_known_again_for_90_seconds(store: Store) -> None:
    assert not store.was_sent(DEVICE, "123456", NOW)
    store.note_code(DEVICE, "123456", NOW)
    assert Store(store.directory).was_sent(DEVICE, "123456", NOW)
    assert store.was_sent(DEVICE, "123456", NOW + 89.9)
    assert not store.was_sent(DEVICE, "123456", NOW + 90)
    assert not store.was_sent(DEVICE, "123456", NOW - 3600), "the clock was set back: nothing is known"
    assert not store.was_sent(DEVICE, "654321", NOW)
    assert not store.was_sent(DEVICE.replace("me", "you"), "123456", NOW)


def test_only_an_hmac_of_a_code_is_kept(store: Store) -> None:
    store.note_code(DEVICE, "123456", NOW)
    assert not [path for path in files(store).values() if b"123456" in path.read_bytes() or b"mfa" in path.read_bytes()]


# --- forgetting and sweeping


def test_forget_deletes_the_sessions_and_markers_of_a_profile(store: Store) -> None:
    for number, profile in enumerate(["dev", "dev", "prod", "dev "]):
        digest = store.digest(f"{number}")
        store.put_session(digest, SESSION.replace(profile=profile))
        store.mark(digest, NOW, profile)
    assert store.forget("dev") == 2
    left = [store.session(store.digest(f"{number}")) for number in range(4)]
    assert [session.profile for session in left if session] == ["prod", "dev "]
    assert len([name for name in files(store) if name.startswith("markers/")]) == 2
    assert store.forget("dev") == 0
    assert store.forget(None) == 2
    assert store.forget(None) == 0
    assert not [name for name in files(store) if name.startswith(("sessions/", "markers/"))]


def test_forget_keeps_what_is_no_session(store: Store) -> None:
    """The key, snapshots of shells that live, requests that shells may replay, locks that somebody may hold."""
    write_everything(store)
    kept = {name for name in files(store) if not name.startswith(("sessions/", "markers/"))}
    store.forget(None)
    assert set(files(store)) == kept


def test_forget_deletes_damaged_sessions_too(store: Store) -> None:
    write_everything(store)
    files(store)[f"sessions/{store.digest('x')}"].write_bytes(b"{")
    files(store)[f"markers/{store.digest('x')}"].write_bytes(b"\xff\n\xff")
    assert store.forget("any") == 1
    assert store.forget(None) == 0
    assert not [name for name in files(store) if name.startswith("markers/")]


def test_forget_forgets_what_was_learned(store: Store) -> None:
    """That there is no MFA device, say: there may be one since."""
    for profile in ("dev", "prod"):
        store.put_request(store.digest(profile), {"request": {"profile": profile}, "learned": {"device": ""}})
    store.forget("dev")
    found = [store.request(store.digest(profile)) for profile in ("dev", "prod")]
    assert [saved["learned"] for saved in found if saved] == [{}, {"device": ""}]
    store.forget(None)
    assert store.request(store.digest("prod")) == {"request": {"profile": "prod"}, "learned": {}}


def stamp(path: Path, epoch: float) -> None:
    os.utime(path, (epoch, epoch))


@pytest.mark.parametrize(
    ("age", "swept"),
    [
        (-3600, set()),
        (0, set()),
        (DAY - 1, set()),
        (DAY + 1, {"sessions", "markers"}),
        (29 * DAY, {"sessions", "markers"}),
    ],
)
def test_what_expired_a_day_ago_is_swept(store: Store, age: int, swept: set[str]) -> None:
    digest = store.digest("x")
    store.put_session(digest, SESSION.replace(expires=NOW - age))
    store.put_request(digest, {"request": {}})
    store.mark(digest, NOW - age, "x")
    stamp(files(store)[f"requests/{digest}"], NOW - age)
    store.sweep(NOW)
    assert {"sessions", "requests", "markers"} - {name.split("/")[0] for name in files(store)} == swept


def test_sweeping_is_due_once_an_hour(store: Store) -> None:
    now = time.time()
    old = SESSION.replace(expires=int(now - 2 * DAY))
    for later, swept in ((0, True), (3500, False), (3700, True)):
        store.put_session(store.digest("x"), old)
        store.sweep_if_due(now + later)
        assert (store.session(store.digest("x")) is None) is swept
    stamp(files(store)["swept"], now + DAY)
    store.put_session(store.digest("x"), old)
    store.sweep_if_due(now)
    assert store.session(store.digest("x")) is None, "the clock was set back"


def test_sessions_without_an_end_stay(store: Store) -> None:
    digest = store.digest("x")
    store.put_session(digest, SESSION.replace(expires=None))
    store.sweep(NOW + 400 * DAY)
    assert store.session(digest)


def test_codes_are_swept_when_they_are_forgotten(store: Store) -> None:
    store.note_code(DEVICE, "123456", NOW)
    code = files(store)[f"codes/{store.digest(f'device {DEVICE}')}"]
    stamp(code, NOW - 89)
    store.sweep(NOW)
    assert code.exists()
    stamp(code, NOW - 91)
    store.sweep(NOW)
    assert not code.exists()


def test_a_request_is_swept_a_month_after_its_last_use(store: Store) -> None:
    used, unused = store.digest("used"), store.digest("unused")
    for digest in (used, unused):
        store.put_request(digest, {"request": {}, "learned": {}, "sets": {}})
        stamp(files(store)[f"requests/{digest}"], time.time() - 31 * DAY)
    store.put_request(used, {"request": {}, "learned": {}, "sets": {}})  # what every assume does
    store.sweep(time.time())
    assert store.request(used)
    assert store.request(unused) is None


def test_damaged_sessions_are_swept(store: Store) -> None:
    write_everything(store)
    session = files(store)[f"sessions/{store.digest('x')}"]
    session.write_bytes(b"{")
    store.sweep(NOW)
    assert not session.exists()


@posix
def test_what_a_killed_writer_leaves_is_swept_a_day_later(store: Store) -> None:
    """And not before: another process may be about to rename it."""
    write_everything(store)
    rooms = ("sessions", "requests", "markers")
    left = [Path(store.directory, room, "a" * 32 + ".0123456789abcdef") for room in rooms]
    left += [Path(store.directory, f"{name}.0123456789abcdef") for name in ("key", "usage", "swept")]
    for path in left:
        path.write_bytes(b"{")
        stamp(path, NOW - 60)
    store.sweep(NOW)
    assert store.forget("somebody") == 0
    assert all(path.exists() for path in left)
    for path in left:
        stamp(path, NOW - 2 * DAY)
    store.sweep(NOW)
    assert not any(path.exists() for path in left)


def test_forgetting_what_was_learned_is_no_changed_profile(store: Store) -> None:
    """The session that a request ended in was that of another plan: it says nothing about the next."""
    digest = "c" * 32
    kept = {"request": {"profile": "p"}, "learned": {"mfa": "yes"}, "sets": {}, "session": "d" * 32}
    store.put_request(digest, kept)
    store.forget("p")
    assert store.request(digest) == {"request": {"profile": "p"}, "learned": {}, "sets": {}}


def test_a_login_s_sessions_are_forgotten_with_it(store: Store) -> None:
    for digest, sign_in in (("a", "corp"), ("b", "other"), ("c", None)):
        store.put_session(digest * 32, SESSION.replace(sign_in=sign_in))
        store.put_request(digest * 32, {"request": {"profile": "p"}, "session": digest * 32})
        store.mark(digest * 32, NOW, "p")
    assert store.forget_login("corp") == 1
    assert [store.marked(digest * 32) for digest in "abc"] == [0, NOW, NOW]
    assert store.forget_login(None) == 1
    assert store.session("c" * 32) == SESSION, "it came from no login"
