"""The entry: exit statuses, and what is said on the way out."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from shellhook import __version__
from shellhook.__main__ import VERBS
from tests import servers
from tests.desk import PROGRAM, Done

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.desk import Desk

posix = pytest.mark.skipif(os.name != "posix", reason="signals and file descriptors")


# --- exit statuses


def test_0_it_is_done(desk: Desk) -> None:
    for words in (desk.hooked("read-only"), ["explain", "read-only"], ["forget", "--all"], ["init", "bash"]):
        assert desk.run(*words).status == 0


def test_1_aws_refuses(desk: Desk) -> None:
    desk.profile("x", role_arn="arn:aws:iam::111122223333:role/nothing", source_profile="dave")
    done = desk.run(*desk.hooked("x"))
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("shellhook: AWS does not let you assume")


@pytest.mark.parametrize("words", [["--off"], ["--renew"], ["-"]])
def test_2_no_session_is_on(desk: Desk, words: list[str]) -> None:
    done = desk.run(*desk.hooked(*words))
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("shellhook: ")


def test_2_there_is_no_status_of_no_session(desk: Desk) -> None:
    assert desk.run("status").status == 2
    assert desk.run("assume", "--status").status == 2
    assert desk.run("status", "--json").status == 2


@pytest.mark.parametrize("profile", ["nobody", "loop-a", "broken", "no-source"])
def test_3_no_such_profile_or_one_that_cannot_be_used(desk: Desk, profile: str) -> None:
    done = desk.run(*desk.hooked(profile))
    assert (done.status, done.out) == (3, "")


def test_3_a_file_that_cannot_be_read(desk: Desk) -> None:
    settings = desk.home / ".config" / "shellhook" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("this is = = no toml")
    done = desk.run(*desk.hooked("read-only"))
    assert done.status == 3
    assert str(settings) in done.err


def test_4_no_code_or_a_wrong_one(desk: Desk) -> None:
    nobody_to_ask = desk.run(*desk.hooked("power-user"))
    assert nobody_to_ask.status == 4
    assert "--token-code" in nobody_to_ask.err
    assert desk.run(*desk.hooked("power-user", "-t", desk.sandbox.wrong_code("alice"))).status == 4
    assert desk.run(*desk.hooked("power-user", "-t", "12345")).status == 4
    assert desk.run(*desk.hooked("erin-power")).status == 4


def test_5_aws_is_out_of_reach(desk: Desk, closed_port: str) -> None:
    done = desk.run(*desk.hooked("read-only"), env={"AWS_ENDPOINT_URL": closed_port})
    assert (done.status, done.out) == (5, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["asume", "x"], "there is no command 'asume'\n  -> did you mean assume?"),
        (["xyzzy"], "there is no command 'xyzzy'\n  -> see what there is: shellhook --help"),
        (["assume", "--profil", "x"], "there is no option --profil\n  -> did you mean --profile?"),
        (["status", "--xyzzy"], "there is no option --xyzzy\n  -> see --help"),
        (["forget"], "forget what?"),
        (["init"], "which shell?"),
        (["init", "tcsh"], "there is no hook for 'tcsh'"),
        (["explain"], "which profile?"),
    ],
)
def test_64_the_words_make_no_sense(desk: Desk, words: list[str], said: str) -> None:
    done = desk.run(*words)
    assert (done.status, done.out) == (64, "")
    assert done.err.startswith(f"shellhook: {said}")


@pytest.mark.parametrize(
    "words",
    [
        ["read-only", "power-user"],
        ["read-only", "-d", "soon"],
        ["read-only", "-d", "60"],
        ["read-only", "--region"],
        ["read-only", "-e", "x"],
        ["--long-term", "--role-arn", "x", "base"],
        [],
    ],
    ids=" ".join,
)
def test_64_neither_do_these(desk: Desk, words: list[str]) -> None:
    done = desk.run(*desk.hooked(*words))
    assert (done.status, done.out) == (64, "")
    assert desk.sandbox.calls() == []


@pytest.mark.parametrize("words", [["--shell", "bash"], ["--shell", "bash", "--pid", "x", "--hook", "1", "--", "x"]])
def test_64_a_call_that_no_hook_makes(desk: Desk, words: list[str]) -> None:
    assert desk.run("assume", *words).status == 64


@posix
def test_130_ctrl_c_while_aws_does_not_answer(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        process = desk.start(*desk.hooked("read-only"), env={"AWS_ENDPOINT_URL": url})
        listening.settimeout(20)
        connection, _ = listening.accept()
        with connection:
            connection.recv(1)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "shellhook: cancelled\n")


# --- after `--` the status is the command's


def test_the_status_of_a_command_is_its_own(desk: Desk) -> None:
    assert desk.run("assume", "read-only", "--", "sh", "-c", "exit 7").status == 7
    done = desk.run("assume", "read-only", "--", "sh", "-c", "echo $AWSUME_PROFILE; echo $# >&2", "sh", "a b", "--off")
    assert (done.status, done.out, done.err) == (0, "read-only\n", "2\n")


@posix
def test_so_is_the_signal_that_ends_it(desk: Desk) -> None:
    assert desk.run("assume", "read-only", "--", "sh", "-c", "kill -TERM $$").status == -signal.SIGTERM
    done = desk.run("assume", "read-only", "--", "sh", "-c", "yes | head -n 1; echo ${PIPESTATUS:-none}")
    assert done.out == "y\nnone\n"
    assert done.err == ""


def test_the_shells_words_for_a_command_that_cannot_be_run(desk: Desk) -> None:
    assert desk.run("assume", "read-only", "--", "no-such-command").status == 127
    done = desk.run("assume", "read-only", "--", "")
    assert (done.status, done.err) == (127, "shellhook: there is no command ''\n")
    assert desk.run("assume", "read-only", "--", str(desk.home)).status == 126


@pytest.mark.parametrize(
    "words", [["nobody", "--", "true"], ["read-only", "--"], ["read-only", "-d", "x", "--", "true"]]
)
def test_125_is_ours(desk: Desk, words: list[str]) -> None:
    done = desk.run("assume", *words)
    assert (done.status, done.out) == (125, "")
    assert done.err.startswith("shellhook: ")


# --- without the hook


def test_without_the_hook_it_fails_and_says_what_to_add(desk: Desk) -> None:
    """A program cannot change the shell that started it: to be told that it worked would be the worst of all."""
    done = desk.run("assume", "read-only")
    assert (done.status, done.out) == (1, "")
    assert "shellhook install" in done.err
    assert re.search(r"shellhook init (bash|zsh|fish|powershell)", done.err)
    assert desk.sandbox.calls() == [], "nothing is asked of AWS for nothing"


def test_a_hook_of_another_version_gets_its_answer_and_a_line(desk: Desk) -> None:
    words = [word if word != "1" else "2" for word in desk.hooked("read-only")]
    done = desk.run(*words)
    assert done.status == 0
    assert "AWS_SESSION_TOKEN" in done.out
    assert done.err == "shellhook: this shell has the hook of another version: open a new one\n"


# --- help and version


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_command(desk: Desk, words: list[str]) -> None:
    done = desk.run(*words)
    assert (done.status, done.err) == (0, "")
    assert all(f"\n  {verb} " in done.out for verb in VERBS)
    assert all(len(line) <= 100 for line in done.out.splitlines())


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("options", [["--help"], ["-h", "--debug"]], ids=" ".join)
def test_every_command_has_help(desk: Desk, verb: str, options: list[str]) -> None:
    """And takes --debug, as docs/settings.md says."""
    done = desk.run(verb, *options)
    assert (done.status, done.err) == (0, "")
    assert verb in done.out


def test_the_version(desk: Desk) -> None:
    assert desk.run("--version").out == desk.run("assume", "--version").out == f"shellhook {__version__}\n"


def imported(desk: Desk, *words: str) -> set[str]:
    """What a command imports, started as the installed script does: -m has imports of its own."""
    start = "from shellhook.__main__ import main; main()"
    command = [sys.executable, "-X", "importtime", "-c", start, *words]
    done = subprocess.run(command, env=desk.environ, cwd=desk.home, capture_output=True, text=True, check=False)
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("words", [["--help"], ["status"], ["assume", "--off"], ["init", "zsh"], ["forget", "--all"]])
def test_a_command_loads_what_it_needs(desk: Desk, words: list[str]) -> None:
    loaded = imported(desk, *words)
    assert "shellhook.errors" in loaded
    assert not loaded & {"botocore", "boto3", "prompt_toolkit", "psutil", "argparse", "configparser", "ssl"}


def test_a_stored_session_loads_next_to_nothing(desk: Desk) -> None:
    """It has 30 ms: contextlib with functools and collections would take 2.6 of them, hashlib with OpenSSL 4."""
    desk.run(*desk.hooked("read-only"))
    loaded = imported(desk, *desk.hooked("read-only"))
    assert {"shellhook.assume", "shellhook.store.lock"} <= loaded
    assert not loaded & {"contextlib", "functools", "collections", "json", "re", "typing", "dataclasses", "_hashlib"}
    assert not loaded & {"shellhook.broker", "shellhook.mfa", "shellhook.store.sweeping", "shellhook.store.forgetting"}


# --- standard output and error that are not there


def piped(words: Sequence[str], desk: Desk, *, out: bool = False, err: bool = False) -> Done:
    """Run it with its output, or error, going to a pipe whose reader is gone."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        process = subprocess.Popen(
            [PROGRAM, *words],
            stdin=subprocess.DEVNULL,
            stdout=writer if out else subprocess.PIPE,
            stderr=writer if err else subprocess.PIPE,
            env=desk.environ,
            cwd=desk.home,
            text=True,
        )
    finally:
        os.close(writer)
    said = process.communicate(timeout=20)
    return Done(process.returncode, said[0] or "", said[1] or "")


@posix
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["init", "bash"], ["explain", "power-user"]])
def test_a_reader_that_goes_away_is_no_error_to_speak_of(desk: Desk, words: list[str]) -> None:
    """`shellhook explain x | head -1`."""
    done = piped(words, desk, out=True)
    assert (done.status, done.err) == (141, "")


@posix
def test_so_it_is_for_the_shell_s_code(desk: Desk) -> None:
    done = piped(desk.hooked("read-only"), desk, out=True)
    assert (done.status, done.err) == (141, "")


@posix
def test_where_nobody_reads_the_errors_the_status_tells(desk: Desk) -> None:
    assert piped(desk.hooked("nobody"), desk, err=True).status == 3
    assert piped(["xyzzy"], desk, err=True).status == 64


def closed(words: Sequence[str], desk: Desk, redirection: str) -> Done:
    """Run it as a shell does with `>&-` or `2>&-`."""
    command = ["sh", "-c", f'exec "$0" "$@" {redirection}', PROGRAM, *words]
    done = subprocess.run(command, env=desk.environ, cwd=desk.home, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


@posix
def test_nothing_for_people_goes_to_the_shell_when_standard_error_is_closed(desk: Desk) -> None:
    """`assume x 2>&-`: the shell evaluates what it reads on standard output."""
    desk.config.write_text(f"text before the first section\n{desk.config.read_text('utf-8')}", "utf-8")
    assert "text before" in desk.run(*desk.hooked("read-only")).err
    done = closed(desk.hooked("read-only"), desk, "2>&-")
    assert done.status == 0
    assert "AWS_SESSION_TOKEN" in done.out
    assert "text before" not in done.out
    failed = closed(desk.hooked("nobody"), desk, "2>&-")
    assert (failed.status, failed.out) == (3, "")


@posix
@pytest.mark.parametrize("words", [["hooked"], ["init", "bash"], ["export", "read-only"], ["list"], ["--help"]])
def test_without_standard_output_it_fails_before_anything_is_done(desk: Desk, words: list[str]) -> None:
    done = closed(desk.hooked("read-only") if words == ["hooked"] else words, desk, ">&-")
    assert (done.status, done.err) == (1, "shellhook: standard output cannot be written\n  it is closed\n")
    assert desk.sandbox.calls() == []


@posix
def test_what_prints_nothing_needs_none(desk: Desk) -> None:
    assert closed(["check"], desk, ">&-").status == closed(["assume", "--check"], desk, ">&-").status == 2
    done = closed(["assume", "read-only", "--", "sh", "-c", "echo $AWSUME_PROFILE >&2"], desk, ">&-")
    assert (done.status, done.err) == (0, "read-only\n")


@posix
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("words", [["hooked"], ["--help"], ["init", "bash"], ["list"], ["forget", "--all"]])
def test_a_full_disk_is_no_success(desk: Desk, words: list[str]) -> None:
    """Half of the code would be worse than none."""
    done = closed(desk.hooked("read-only") if words == ["hooked"] else words, desk, ">/dev/full")
    said = "shellhook: standard output cannot be written\n  No space left on device\n"
    assert (done.status, done.err) == (1, said)


@pytest.mark.parametrize("verb", [["list"], ["explain"], ["doctor"], ["doctor", "--json"], ["config"]], ids=" ".join)
def test_a_name_that_the_locale_does_not_have_is_shown_all_the_same(desk: Desk, verb: list[str]) -> None:
    name = "\u65e5\u672c"
    desk.profile(f'"{name}"', **desk.key_of("bob"))
    words = [*verb, name] if verb == ["explain"] else [*verb, "--profile", name] if verb == ["config"] else verb
    env = {"PYTHONIOENCODING": "ascii", "XDG_CONFIG_HOME": str(desk.home / name)}
    done = desk.run(*words, env=env)
    assert "should not have happened" not in done.err
    assert done.out
    if verb in (["list"], ["explain"]):
        assert "\\u65e5\\u672c" in done.out
    if "--json" in words:
        json.loads(done.out)


# --- what should not have happened

BROKEN = """
import sys
from shellhook import __main__
from shellhook.cli import status

def run(words):
    secret = "5ecret"
    try:
        {"5ecret": 1}["5ecret " + secret]
    except KeyError as error:
        raise ValueError(f"quoted: {secret}") from error

status.run = run
sys.argv = ["shellhook", "status", *sys.argv[1:]]
__main__.main()
"""


def mistaken(desk: Desk, *words: str, **env: str) -> Done:
    """The program with a mistake in it."""
    command = [sys.executable, "-c", BROKEN, *words]
    environ = {**desk.environ, **env}
    done = subprocess.run(command, env=environ, cwd=desk.home, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def test_a_mistake_of_ours_is_said_in_a_line(desk: Desk) -> None:
    done = mistaken(desk)
    assert (done.status, done.out) == (1, "")
    assert done.err == ("shellhook: this should not have happened: ValueError. See it with SHELLHOOK_DEBUG=1\n")


@pytest.mark.parametrize("how", ["option", "variable"])
def test_debug_shows_places_and_no_values(desk: Desk, how: str) -> None:
    done = mistaken(desk, "--debug") if how == "option" else mistaken(desk, SHELLHOOK_DEBUG="1")
    assert (done.status, done.out) == (1, "")
    assert re.search(r"__main__\.py:\d+ in _run$", done.err, re.MULTILINE)
    assert re.search(r"<string>:\d+ in run$", done.err, re.MULTILINE)
    assert "ValueError" in done.err
    assert "KeyError" in done.err
    assert "5ecret" not in done.err


def test_debug_shows_the_places_of_an_error_that_is_explained(desk: Desk, closed_port: str) -> None:
    done = desk.run(*desk.hooked("read-only", "--debug"), env={"AWS_ENDPOINT_URL": closed_port})
    assert done.status == 5
    assert re.search(r"sts\.py:\d+ in _call$", done.err, re.MULTILINE)
    assert "shellhook: " in done.err.splitlines()[-3]


def test_a_gateway_that_is_no_aws_is_explained(desk: Desk) -> None:
    with servers.answering(200, b"<html>Welcome to this hotel</html>") as server:
        done = desk.run(*desk.hooked("read-only"), env={"AWS_ENDPOINT_URL": server.url})
    assert done.status == 5
    assert "hotel" not in done.err
    assert "should not have happened" not in done.err
