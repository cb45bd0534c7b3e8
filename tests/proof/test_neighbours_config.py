"""AWS files whose values are hostile: each stays the text that it is, whatever a shell, a terminal or a URL would make
of it."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests import servers
from tests.proof.extent import extent, figure

if TYPE_CHECKING:
    from tests.desk import Desk, Done

ROLE = "arn:aws:iam::111122223333:role/read-only"
# What makes a terminal do something: its title, a report that is typed by it, a line that is overwritten.
DRIVING = ["\x1b]0;title\x07", "\x1b[6n", "\x9b6n", "\x1bc", "a\x08b", "\x7f", "\u202e", "\x1b[2K"]
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")
# Texts that mean something to somebody.
HOSTILE = [
    *DRIVING,
    "$(touch f)", "`touch f`", "';touch f;'", '";touch f;"', "x[$(touch f)0]", "${IFS}", "%n%F{red}", "!!", "~", "*",
    "-rf", "--debug", "a b", "\\", "'", '"', "\u2019;touch f;\u2019", "../../etc/passwd", "%(x)s", "{left}",
    "x" * 70_000,
]  # fmt: skip
SETTINGS = [
    *("region", "output", "role_arn", "role_session_name", "external_id", "mfa_serial", "duration_seconds"),
    *("source_profile", "credential_source", "ca_bundle", "endpoint_url", "services", "sso_session", "sso_start_url"),
    *("sso_region", "sso_account_id", "sso_role_name", "web_identity_token_file", "mfa_process", "source_identity"),
    *("session_tags", "sts_regional_endpoints", "aws_access_key_id", "aws_account_id", "login_session"),
]


def complaint(done: Done) -> str:
    """What is wrong with the end of a program, "" if nothing is."""
    if "Traceback" in done.err or "should not have happened" in done.err:
        return "a mistake of ours"
    driving = CONTROL.search(done.err)
    return f"standard error drives the terminal with {driving[0]!r}" if driving else ""


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_value_is_text(setting: str, desk: Desk) -> None:
    role = {"role_arn": ROLE, "source_profile": "dave", "external_id": desk.sandbox.external_id}
    for number, value in enumerate(HOSTILE):
        desk.profile(f"x{number}", **{**role, setting: value})
    start = SETTINGS.index(setting)
    tried = [(start * 7 + step * 11) % len(HOSTILE) for step in range(extent(1, len(HOSTILE)))]
    for number in tried:
        done = desk.run(*desk.hooked(f"x{number}"), timeout=90)
        assert complaint(done) == "", (HOSTILE[number], done)
        assert done.status in (0, 1, 3, 4, 5), (HOSTILE[number], done)
        if done.status == 0:
            code = f"{done.out}\nexec env -0"
            shown = subprocess.run(["bash", "-c", code], cwd=desk.home, capture_output=True, text=True, check=True)
            assert "AWS_ACCESS_KEY_ID=ASIA" in shown.stdout
    for verb in (("list", "--long"), ("explain", f"x{tried[0]}"))[extent(1, 0) :]:
        done = desk.run(*verb)
        assert complaint(done) == "", done
        assert not CONTROL.search(done.out), done
    assert not (desk.home / "f").exists()
    if setting == SETTINGS[0]:
        figure("Neighbours", f"hostile values of each of {len(SETTINGS)} settings", len(tried))


# --- a region is a part of a host's name, and nothing may make another host of it

REGIONS = ["evil.example/", "evil.example#", "x@evil.example", "x/../evil", "evil.example:80", "eu-west-1.evil.example",
           "\\evil.example", "eu west", "-x", "x" * 64, "\u0435u-west-1", "{region}", "%2e", "?", ""]  # fmt: skip


@pytest.mark.parametrize("region", REGIONS[:: extent(4, 1)])
def test_a_region_is_no_host(region: str, desk: Desk) -> None:
    """Nothing is asked of anybody, but a profile without a region of its own of whom it would be asked."""
    with servers.forwarding() as anybody:
        env = {"AWS_ENDPOINT_URL": None, "AWS_ENDPOINT_URL_SIGNIN": None, "HTTP_PROXY": anybody.url}
        env |= {"HTTPS_PROXY": anybody.url, "SHELLHOOK_DEBUG": ""}
        bare = {"endpoint_url": "", "external_id": desk.sandbox.external_id}
        desk.profile("x", role_arn=ROLE, source_profile="dave", **bare, region=region)
        (desk.home / "token").write_text("t")
        desk.profile("web", role_arn=ROLE, web_identity_token_file=str(desk.home / "token"), **bare, region=region)
        sso = {
            "sso_account_id": "111122223333",
            "sso_role_name": "Admin",
            "sso_start_url": "https://x.awsapps.com/start",
        }
        desk.profile("sso", **sso, sso_region=region, endpoint_url="")
        commands = [desk.hooked("x"), desk.hooked("x", "--console", "--print"), desk.hooked("web")]
        commands += [("login", "sso", "--device-code"), desk.hooked("dave-read-only", "--region", region)]
        for words in commands if region else commands[3:4]:
            done = desk.run(*words, env=env)
            assert done.status not in (0, 5), (words, done)
            assert complaint(done) == ""
    assert anybody.requests == []


# --- names become variables, lines go on, and commands are no shell's


@pytest.mark.parametrize(
    "name", ["s3; touch f", "s3=$(touch f)", "ec2\x1b[6n", "é", "0", "a b", "PATH=x", "-n", "x" * 500]
)
def test_the_name_of_a_service_is_no_code(name: str, desk: Desk) -> None:
    role = {"role_arn": ROLE, "source_profile": "dave", "external_id": desk.sandbox.external_id}
    desk.profile("x", **role, services="mine")
    with desk.config.open("a", encoding="utf-8") as file:
        file.write(f"[services mine]\n{name} =\n  endpoint_url = http://127.0.0.1:9/$(touch f)\n")
    done = desk.run(*desk.hooked("x"))
    assert complaint(done) == "", done
    assert done.status == 0, "botocore passes it over"
    code = f"{done.out}\nexec env -0"
    shown = subprocess.run(["bash", "-c", code], cwd=desk.home, capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "AWS_ACCESS_KEY_ID=ASIA" in shown.stdout
    assert not (desk.home / "f").exists()


LINES = ["a\n  $(touch f)", "a\n\ttouch f", "a\0b", "a\r", "a\x0bb", "a\x85b", "a\u2028touch f"]


@pytest.mark.parametrize("value", LINES[:: extent(4, 1)])
@pytest.mark.parametrize("setting", ["region", "output", "endpoint_url", "ca_bundle", "role_session_name"])
def test_a_value_of_several_lines_is_one_value(setting: str, value: str, desk: Desk) -> None:
    role = {"role_arn": ROLE, "source_profile": "dave", "external_id": desk.sandbox.external_id}
    desk.profile("x", **{**role, setting: value})
    done = desk.run(*desk.hooked("x"))
    assert complaint(done) == "", done
    if done.status == 0:
        code = f"{done.out}\nexec env -0"
        shown = subprocess.run(["bash", "-c", code], cwd=desk.home, capture_output=True, check=False)
        assert (shown.returncode, shown.stderr) == (0, b"")
        assert b"AWS_ACCESS_KEY_ID=ASIA" in shown.stdout
    else:
        assert done.out == ""
    assert not (desk.home / "f").exists()


@pytest.mark.parametrize(
    "command",
    ["echo {}; touch f", "echo $(touch f)", "echo `touch f`", "false || touch f", "echo > f", "touch\nf", "'"],
)
def test_a_credential_process_is_run_without_a_shell(command: str, desk: Desk) -> None:
    """As botocore does: its words, and no more (ProcessProvider, compat_shell_split)."""
    desk.profile("x", credential_process=command.replace("\n", "\n  "))
    done = desk.run(*desk.hooked("x"))
    assert done.status in (1, 3), done
    assert done.out == ""
    assert complaint(done) == ""
    assert (desk.home / "f").exists() is (command == "touch\nf"), "two words of one command"


@pytest.mark.parametrize(
    "role", ["arn:aws@evil.example/:iam::111122223333:role/x", "arn:../..:iam::1:role/x", "arn:aws:iam::x/../:role/y"]
)
def test_a_partition_is_no_host(role: str, desk: Desk) -> None:
    with servers.forwarding() as anybody:
        env = {"AWS_ENDPOINT_URL": None, "HTTP_PROXY": anybody.url, "HTTPS_PROXY": anybody.url}
        desk.profile("x", role_arn=role, source_profile="dave", endpoint_url="")
        done = desk.run(*desk.hooked("x", "--console", "--print"), env=env)
        assert done.status != 0
        assert complaint(done) == ""
    asked = {request.partition(" ")[2] for request in anybody.requests}
    assert all(re.fullmatch(r"sts\.[a-z0-9-]+\.amazonaws\.com:443", host) for host in asked), asked
