"""Every kind of call that we make over a network, with every fault that a network has: it ends in time, with one clear
sentence and the status for it, and nothing is other than before."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests import servers
from tests.certificates import KINDS, Maker
from tests.desk import PROGRAM, Done
from tests.endpoint.served import wait_until
from tests.keyrings import Memory, memory
from tests.proof.extent import extent, figure
from tests.sso.people import BROWSER, aged, logged_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.desk import Desk

__all__ = ["memory"]  # a fixture

LONG = bool(extent(0, 1))  # with our own patience; else with a twentieth of it
# The program, as it is but for how long it waits.
PATIENT = f"""
import sys
from shellhook.__main__ import main
sys.argv[0] = {PROGRAM!r}
main()
"""
IMPATIENT = f"""
from shellhook import aws_session, deadline, federation
aws_session.PATIENCE = {{**aws_session.PATIENCE, "connect_timeout": 0.3, "read_timeout": 0.5}}
deadline.SECONDS, federation._PATIENCE = 4, 0.5
{PATIENT}"""
COMMAND = [PROGRAM] if LONG else [sys.executable, "-c", IMPATIENT]
ROLE = "arn:aws:iam::111122223333:role/read-only"

# --- the calls: what is typed, what has to be there for it, and the variable that says where it is asked


class Call:
    """`most` is how many seconds it may take: one call's, and what a loaded machine takes to start a program."""

    def __init__(
        self, variable: str, *words: str, prepare: Callable[[Desk], None] = lambda desk: None, most: float = 80
    ) -> None:
        self.variable, self.words, self.prepare, self.most = variable, words, prepare, most

    def typed(self, desk: Desk) -> tuple[str, ...]:
        """The words, as the hook gives them where they are `assume`'s."""
        return desk.hooked(*self.words[1:]) if self.words[0] == "assume" else self.words


def with_a_token(desk: Desk) -> None:
    logged_in(desk)


def with_an_old_token(desk: Desk) -> None:
    logged_in(desk)
    aged(desk, -1)


def with_a_token_file(desk: Desk) -> None:
    (desk.home / "token").write_text("ey.5ecret.token")
    desk.profile("web", role_arn=ROLE, web_identity_token_file=str(desk.home / "token"), role_session_name="pod")


def with_a_key_in_the_keyring(desk: Desk) -> None:
    assert desk.run("keys", "import", "bob", "--yes").status == 0


def from_the_machine(kind: str) -> Callable[[Desk], None]:
    def prepare(desk: Desk) -> None:
        desk.profile("task", role_arn=ROLE, credential_source=kind)

    return prepare


STS, SSO, OIDC, IAM = (f"AWS_ENDPOINT_URL_{name}" for name in ("STS", "SSO", "SSO_OIDC", "IAM"))
CALLS = {
    "role": Call(STS, "assume", "dave-read-only"),
    "portal": Call(SSO, "assume", "corp-admin", prepare=with_a_token),
    "refresh": Call(OIDC, "login", "corp", prepare=with_an_old_token),
    "device login": Call(OIDC, "login", "corp", "--device-code"),
    "console": Call("AWS_ENDPOINT_URL_SIGNIN", "assume", "dave-read-only", "--console", "--print"),
    "rotation": Call(IAM, "keys", "rotate", "bob", "--yes", prepare=with_a_key_in_the_keyring),
    "web identity": Call(STS, "assume", "web", prepare=with_a_token_file),
    # It goes on, with pauses of a minute in all, where the portal throttles: there may be hundreds of accounts.
    "sync": Call(SSO, "sso", "sync", "corp", "--yes", prepare=with_a_token, most=120),
    "container": Call("AWS_CONTAINER_CREDENTIALS_FULL_URI", "assume", "task", prepare=from_the_machine("EcsContainer")),
    "instance": Call(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT", "assume", "task", prepare=from_the_machine("Ec2InstanceMetadata")
    ),
}
OF_THE_MACHINE = ("container", "instance")  # botocore asks these, its own way, and at this machine only
# What some calls cannot meet: keys are sent nowhere but to this machine without TLS.
UNFIT = {"container": ("no such", "proxy", "TLS"), "instance": ("proxy", "TLS"), "console": ("no such",)}
UNFIT |= {} if LONG else {"sync": ("throttled",)}

# --- the faults: each gives an address that has it, and further variables

Fault = tuple[str, dict[str, str]]
HTML = b"<html><body>Welcome to our hotel! <a href='https://hotel.example/login'>Log in</a> 5ecret</body></html>"
THROTTLING = b"<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"


@contextlib.contextmanager
def at(place: AbstractContextManager[str], scheme: str = "http", **variables: str) -> Iterator[Fault]:
    with place as address:
        yield f"{scheme}://{address}", variables


@contextlib.contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[Fault]:
    with servers.answering(status, body, {name.replace("_", "-"): value for name, value in headers.items()}) as server:
        yield server.url, {}


@contextlib.contextmanager
def behind(place: AbstractContextManager[str]) -> Iterator[Fault]:
    """A proxy that is such a place: what is asked for is anywhere."""
    with place as address:
        yield "https://aws.example", {"HTTPS_PROXY": f"http://somebody:5ecret@{address}"}


@contextlib.contextmanager
def refusing_proxy() -> Iterator[Fault]:
    with servers.answering(407, b"who are you?") as server:
        yield "https://aws.example", {"HTTPS_PROXY": server.url}


def faults(maker: Maker, variable: str) -> dict[str, Callable[[], AbstractContextManager[Fault]]]:
    """Each fault, as a call has it that is led astray by that variable."""
    throttling = (400, THROTTLING) if variable in (STS, IAM) else (429, b'{"message": "Rate exceeded"}')

    def tls(kind: str) -> Callable[[], AbstractContextManager[Fault]]:
        context = maker.context(kind)
        return lambda: at(servers.behaving(servers.cut_short, context), "https", AWS_CA_BUNDLE=str(maker.bundle))

    return {
        "no such host": lambda: at(contextlib.nullcontext("aws.invalid")),
        "refused": lambda: at(servers.closed()),
        "dropped": lambda: at(servers.full()),
        "silent": lambda: at(servers.silent()),
        "reset": lambda: at(servers.behaving(servers.resetting)),
        "cut short": lambda: at(servers.behaving(servers.cut_short)),
        "trickle": lambda: at(servers.behaving(servers.trickling)),
        "no HTTP": lambda: at(servers.behaving(servers.garbage)),
        "500": lambda: answering(500, HTML),
        "503": lambda: answering(503, b"", Retry_After="3600"),
        "throttled": lambda: answering(*throttling, x_amzn_ErrorType="TooManyRequestsException"),
        "captive portal": lambda: answering(200, HTML, Content_Type="text/html"),
        "redirect": lambda: answering(302, b"", Location="https://hotel.example/login"),
        "redirect for good": lambda: answering(308, b"", Location="http://127.0.0.1:1/"),
        "proxy refused": lambda: behind(servers.closed()),
        "proxy dropped": lambda: behind(servers.full()),
        "proxy silent": lambda: behind(servers.silent()),
        "proxy refuses": refusing_proxy,
        **{f"TLS {kind}": tls(kind) for kind in KINDS if kind != "right"},
        "TLS silent": lambda: at(servers.silent(), "https"),
        "TLS to plain": lambda: at(servers.behaving(servers.garbage), "https"),
    }


# --- one fault and one call


def kept(root: Path, prefix: str = "") -> dict[str, bytes]:
    """What is in the files there, but for what only says that there was an attempt."""
    noted = re.compile(r"/(locks/.*|swept|usage)$")
    found = {f"{prefix}{path.relative_to(root)}": path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return {name: content for name, content in found.items() if not noted.search(name)}


def run(desk: Desk, call: Call, url: str, variables: dict[str, str], root: Path) -> tuple[Done, float]:
    """The program, at a copy of home and store. What it ended with, and how many seconds it took."""
    shutil.copytree(desk.home, root / "home")
    if desk.state.exists():
        shutil.copytree(desk.state, root / "state")
    environ = {**desk.environ, "HOME": str(root / "home"), "XDG_STATE_HOME": str(root / "state"), **variables}
    if call.variable == "AWS_EC2_METADATA_SERVICE_ENDPOINT":
        del environ["AWS_EC2_METADATA_DISABLED"]
    begun = time.monotonic()
    done = subprocess.run(
        [*COMMAND, *call.typed(desk)],
        env={**environ, call.variable: url},
        cwd=root / "home",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=300,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr), time.monotonic() - begun


def complaints(name: str, done: Done, place: str, before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """What is not as it should be after a fault."""
    *_, what = [line for line in done.err.splitlines() if line.startswith("shellhook: ")] or [""]
    changed = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    # What a container answers is meant for its user; and botocore does not always say that it did not answer.
    machine = name in OF_THE_MACHINE
    checks = {
        f"status {done.status}": done.status == 5 or (machine and done.status == 1),
        "standard output": done.out == "",
        "a traceback": "Traceback" not in done.err and "should not have happened" not in done.err,
        "no sentence": bool(what),
        "no place": place in done.err or "proxy" in what or "AWS STS" in done.err,
        "no remedy": "\n  -> " in done.err,
        "what others said": machine or not re.search("5ecret|Welcome", done.err),
        f"changed: {changed}": not changed,
    }
    return [complaint for complaint, is_fine in checks.items() if not is_fine]


@pytest.mark.parametrize("name", CALLS)
def test_a_fault_is_said_in_time_and_changes_nothing(name: str, desk: Desk, memory: Memory, tmp_path: Path) -> None:
    call = CALLS[name]
    desk.environ.update(memory.environ | {"BROWSER": BROWSER})
    call.prepare(desk)
    assert desk.run(*desk.hooked("read-only")).status == 0, "a session that is there before"
    if name == "console":
        assert desk.run(*desk.hooked("dave-read-only")).status == 0
    before = {**kept(desk.home, "home/"), **kept(desk.state, "state/")}
    (tmp_path / "tls").mkdir()
    every = faults(Maker(tmp_path / "tls"), call.variable)
    chosen = [fault for fault in every if not fault.startswith(UNFIT.get(name, ()))]
    chosen = chosen if LONG else chosen[list(CALLS).index(name) :: len(CALLS)]

    def suffer(fault: str) -> tuple[float, str]:
        root = tmp_path / fault
        root.mkdir()
        with every[fault]() as (url, variables):
            done, seconds = run(desk, call, url, variables, root)
        found = complaints(name, done, url.partition("://")[2], before, kept(root))
        if seconds > call.most:
            found.append(f"{seconds:.0f} s")
        return seconds, f"{fault}: {', '.join(found)}\n{done}" if found else ""

    with ThreadPoolExecutor(6 if LONG else 4) as pool:
        suffered = dict(zip(chosen, pool.map(suffer, chosen), strict=True))
    seconds, worst = max((seconds, fault) for fault, (seconds, _) in suffered.items())
    figure("Network", f"{name}: faults, and the longest wait", f"{len(suffered)}, {seconds:.0f} s ({worst})")
    said = [report for _, report in suffered.values() if report]
    assert not said, "\n\n".join(said)
    assert desk.run(*desk.hooked("read-only"), env={"HTTP_PROXY": "http://127.0.0.1:1"}).status == 0, "it is still good"


# --- Ctrl-C, wherever it waits

# As glibc's getaddrinfo is, where no name server answers: a Ctrl-C does not end it.
NO_NAME_SERVER = """
import socket, time
def getaddrinfo(*_, **__):
    print("asked", flush=True, file=open("asked", "w"))
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            time.sleep(30)
        except KeyboardInterrupt:
            pass
    raise socket.gaierror(-3, "Temporary failure in name resolution")
socket.getaddrinfo = getaddrinfo
"""
WAITS = {
    "name": Call(STS, "assume", "dave-read-only"),
    "role": CALLS["role"],
    "console": CALLS["console"],
    "portal": CALLS["portal"],
    "device login": CALLS["device login"],
    "web identity": CALLS["web identity"],
}


@pytest.mark.parametrize("name", [*WAITS][: extent(2, len(WAITS))])
def test_ctrl_c_ends_any_wait_at_once(name: str, desk: Desk, tmp_path: Path) -> None:
    call = WAITS[name]
    desk.environ["BROWSER"] = BROWSER
    call.prepare(desk)
    assert desk.run(*desk.hooked("dave-read-only" if name == "console" else "read-only")).status == 0
    before = kept(tmp_path)
    patch = NO_NAME_SERVER if name == "name" else ""
    command = [sys.executable, "-c", f"{patch}{PATIENT}", *call.typed(desk)]
    reached: list[object] = []
    behaviour = servers.behaving(lambda connection: [reached.append(1), connection.recv(1)])
    with behaviour as place:
        url = "http://sts.example" if name == "name" else f"http://{place}"
        environ = {**desk.environ, call.variable: url}
        process = subprocess.Popen(
            command, env=environ, cwd=desk.home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        wait_until(lambda: reached or (desk.home / "asked").exists())
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        seconds = time.monotonic() - begun
    figure("Network", f"{name}: from Ctrl-C to the end", f"{seconds:.2f} s")
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert seconds < 10, "30 s are what it waits for"
    (desk.home / "asked").unlink(missing_ok=True)
    assert kept(tmp_path) == before


# --- what is no fault: a proxy that works; and a clock that is wrong


def test_through_a_proxy(desk: Desk) -> None:
    desk.environ["BROWSER"] = BROWSER
    logged_in(desk)
    with servers.forwarding() as proxy:
        for words in (["dave-read-only"], ["corp-admin"], ["dave-read-only", "--console", "--print"]):
            done = desk.run(*desk.hooked(*words), env={"http_proxy": proxy.url})
            assert done.status == 0, done
    asked = [request.partition(desk.sandbox.endpoint)[2].partition("?")[0] for request in proxy.requests]
    assert asked == ["/", "/federation/credentials", "/federation"], proxy.requests


SKEWED = "Signature expired: 20261122T000000Z is now earlier than 20261122T000500Z (20261122T001000Z - 5 min.)"


@pytest.mark.parametrize("ahead", [600, -600][: extent(1, 2)])
@pytest.mark.parametrize("name", ["role", "rotation", "portal", "console"][: extent(2, 4)])
def test_a_clock_that_is_ten_minutes_off(name: str, ahead: int, desk: Desk, memory: Memory) -> None:
    call = CALLS[name]
    desk.environ.update(memory.environ | {"BROWSER": BROWSER})
    call.prepare(desk)
    if name == "console":
        assert desk.run(*desk.hooked("dave-read-only")).status == 0
    desk.sandbox.clock(ahead)
    if name in ("role", "rotation"):  # the sandbox would still take it
        desk.sandbox.fail(403, "SignatureDoesNotMatch", SKEWED)
    done = desk.run(*call.typed(desk))
    if name in ("portal", "console"):  # nothing is signed there
        assert done.status == 0, done
        return
    assert (done.status, done.out) == (1, ""), done
    assert f"its clock is wrong by 10m: it is {'behind' if ahead > 0 else 'ahead'}" in done.err
    assert "set the clock" in done.err
