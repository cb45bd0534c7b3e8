"""Sections of the credentials file that hold a session for other programs: written, renewed, taken away."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import BotoCoreError
from botocore.session import Session as BotocoreSession

from shellhook import assume, written
from shellhook.environment import rfc3339
from shellhook.errors import ShellhookError
from shellhook.profiles import Files, read
from shellhook.store import sweeping
from tests.test_profiles import write
from tests.test_renew import on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shellhook.sandbox import Sandbox
    from tests.desk import Desk

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
NAME = "read-only-session"
LONG_TERM = "aws_access_key_id = AKIAX\naws_secret_access_key = secret\n"
TEMPORARY = LONG_TERM.replace("AKIA", "ASIA") + "aws_session_token = token\n"


def section(desk: Desk, name: str = NAME) -> dict[str, str]:
    """What a section of the credentials file says."""
    file = read(Files(config=os.devnull, credentials=str(desk.credentials)))
    return file.profile(name).settings if name in file.names() else {}


def done(desk: Desk, *words: str, env: Mapping[str, str] | None = None) -> str:
    """A command that succeeds; what it said."""
    ended = desk.run(*words, env=env)
    assert (ended.status, ended.out) == (0, ""), ended
    return ended.err


# --- what is written


def test_a_section_and_its_region(desk: Desk, sandbox: Sandbox) -> None:
    before = desk.credentials.read_bytes(), desk.config.read_bytes()
    said = done(desk, "write", "read-only")
    assert said == f"shellhook: [{NAME}] of {desk.credentials} has the session\n"
    session = desk.assume("read-only")
    assert session.expires is not None
    assert section(desk) == {
        "aws_access_key_id": session.access_key_id,
        "aws_secret_access_key": session.secret_access_key,
        "aws_session_token": session.session_token,
        "aws_account_id": "111122223333",
        "expiration": rfc3339(session.expires),
        "x_security_token_expires": rfc3339(session.expires),
    }
    assert desk.credentials.read_bytes().startswith(before[0])
    added = f"\n[profile {NAME}]\nregion = us-east-1\nendpoint_url = {sandbox.endpoint}\n"
    assert desk.config.read_bytes() == before[1] + added.encode()
    done(desk, "write", "read-only", "--off")
    assert (desk.credentials.read_bytes(), desk.config.read_bytes()) == before


@pytest.mark.parametrize("words", [["write", "read-only", "other"], ["write", "-p", "read-only", "-r", "eu-west-2"]])
def test_another_name_or_region(desk: Desk, words: list[str]) -> None:
    done(desk, *words)
    name = "other" if "other" in words else NAME
    assert section(desk, name)
    region = read(desk.here.files()).profile(name).get("region")
    assert region == ("us-east-1" if name == "other" else "eu-west-2")


def test_where_the_profile_s_aws_is_goes_beside_it(desk: Desk) -> None:
    kinds = {"output": "text", "use_fips_endpoint": "false", "use_dualstack_endpoint": "false"}  # on, no URL is taken
    role = "arn:aws:iam::111122223333:role/read-only"
    desk.profile("x", role_arn=role, source_profile="dave", external_id=desk.sandbox.external_id, **kinds)
    done(desk, "write", "x")
    assert read(desk.here.files()).profile("x-session").settings.items() >= kinds.items()


def test_the_users_own_region_stays(desk: Desk) -> None:
    config = desk.config.read_bytes() + b"\n[profile mine]\n# home\nregion=eu-north-1\n"
    desk.config.write_bytes(config)
    assert "region is eu-north-1" in done(desk, "write", "read-only", "mine")
    assert desk.config.read_bytes() == config
    done(desk, "write", "read-only", "mine", "--off")
    assert desk.config.read_bytes() == config


ODD = (
    b"# keys, 100%% of them\r\n[one]\r\naws_access_key_id=AKIA%s\r\n\r\n   ; odd\r\n\r\n"
    b"[two]\r\n\taws_secret_access_key : x # no comment\r\n\r\n\r\n[last]\r\nx=%(y)s"
)


def test_everything_else_stays_to_the_byte(desk: Desk) -> None:
    theirs = desk.credentials.read_bytes().replace(b"\n", b"\r\n") + ODD
    desk.credentials.write_bytes(theirs)
    done(desk, "write", "read-only")
    first = desk.credentials.read_bytes()
    assert first.startswith(theirs + b"\r\n\r\n[read-only-session]\r\naws_access_key_id = ASIA")
    assert b"\n" not in first.replace(b"\r\n", b"")
    desk.credentials.write_bytes(first + b"# behind it\r\n[behind]\r\n  a = b")
    done(desk, "write", "read-only", "--renew")
    second = desk.credentials.read_bytes()
    assert second.startswith(theirs)
    assert second.endswith(b"\r\n# behind it\r\n[behind]\r\n  a = b")
    assert second.count(b"[read-only-session]") == 1
    done(desk, "write", "read-only", "--off")
    assert desk.credentials.read_bytes() == theirs + b"\r\n# behind it\r\n[behind]\r\n  a = b"


def test_a_session_of_others_is_written_over_in_place(desk: Desk) -> None:
    theirs = b"\n[shared]\n; for the old program\naws_access_key_id=ASIAOLD\naws_secret_access_key=old\n"
    theirs += b"aws_security_token=old\naws_session_token=old\nregion=eu-west-3\n"
    before = desk.credentials.read_bytes()
    desk.credentials.write_bytes(before + theirs)
    done(desk, "write", "read-only", "shared")
    after = desk.credentials.read_bytes()
    assert after.startswith(before + b"\n[shared]\naws_account_id = 111122223333\nexpiration = ")
    assert b"; for the old program\naws_access_key_id=ASIA" in after
    assert b"old\n" not in after[len(before) :]
    assert section(desk, "shared")["region"] == "eu-west-3"
    done(desk, "write", "read-only", "shared", "--off")
    assert desk.credentials.read_bytes() == before + b"\n[shared]\n; for the old program\nregion=eu-west-3\n"


@posix
def test_for_the_owner_alone_and_through_a_link(desk: Desk) -> None:
    dotfiles = desk.home / "dotfiles"
    desk.credentials.rename(dotfiles)
    desk.credentials.symlink_to(dotfiles)
    dotfiles.chmod(0o644)
    done(desk, "write", "read-only")
    assert desk.credentials.is_symlink()
    assert stat.S_IMODE(dotfiles.stat().st_mode) == 0o600
    assert f"[{NAME}]" in dotfiles.read_text()
    assert {path.name for path in desk.home.iterdir()} <= {".aws", "dotfiles"}, "no temporary file is left"


@posix
def test_files_that_are_not_there_yet(desk: Desk) -> None:
    desk.environ |= desk.key_of("alice") | {"AWS_CONFIG_FILE": str(desk.home / "new" / "config")}
    desk.environ |= {name.upper(): value for name, value in desk.key_of("alice").items()}
    desk.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(desk.home / "new" / "credentials")
    done(desk, "write", "--role-arn", "arn:aws:iam::111122223333:role/read-only", "-e", desk.sandbox.external_id)
    made = desk.home / "new"
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert (made / "credentials").read_text().startswith(f"[{NAME}]\naws_access_key_id = ASIA")
    assert not (made / "config").exists(), "no region, nothing to say"


# --- what is refused

NAMES = [
    # config and credentials beside the keys, and whether botocore reads the keys then
    pytest.param("", True, id="nothing"),
    pytest.param("region = a\noutput = json\n", True, id="settings"),
    pytest.param("mfa_serial = arn:aws:iam::111122223333:mfa/me\nsource_profile = base\n", True, id="a source alone"),
    pytest.param("credential_process = false\n", True, id="a process"),
    pytest.param("role_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\n", False, id="a role"),
    pytest.param("role_arn = arn:aws:iam::111122223333:role/x\ncredential_source = Environment\n", False, id="another"),
    pytest.param("role_arn = arn:aws:iam::111122223333:role/x\nweb_identity_token_file = t\n", False, id="web"),
    pytest.param("sso_session = corp\nsso_account_id = 1\nsso_role_name = r\n", False, id="SSO"),
    pytest.param("sso_start_url = u\nsso_region = r\nsso_account_id = 1\nsso_role_name = r\n", False, id="old SSO"),
]


@pytest.mark.parametrize(("says", "is_read"), NAMES)
def test_a_name_whose_keys_programs_would_not_read_is_refused(
    says: str, is_read: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = "[profile base]\n[sso-session corp]\nsso_start_url = u\nsso_region = r\n"
    files = write(tmp_path, f"{base}[profile x]\n{says}", f"[base]\n{LONG_TERM}[x]\n{TEMPORARY}")
    monkeypatch.setenv("AWS_CONFIG_FILE", files.config)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", files.credentials)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")  # whoever would assume the role fails at once
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    try:
        reads_keys = BotocoreSession(profile="x").get_credentials().access_key == "ASIAX"
    except (BotoCoreError, OSError):
        reads_keys = False
    assert reads_keys == is_read
    if is_read:
        written.check(files, "x", force=False)
    else:
        with pytest.raises(ShellhookError, match="would not read the keys") as caught:
            written.check(files, "x", force=True)
        assert f"{files.config}:6: " in caught.value.why


@pytest.mark.parametrize("where", ["config", "credentials"])
def test_long_term_keys_are_not_written_over_without_force(where: str, desk: Desk) -> None:
    if where == "config":
        desk.config.write_bytes(desk.config.read_bytes() + f"\n[profile keys]\n{LONG_TERM}".encode())
        at = f"{desk.config}:"
    else:
        desk.credentials.write_bytes(desk.credentials.read_bytes() + f"\n[keys]\n{LONG_TERM}".encode())
        at = f"{desk.credentials}:"
    before = desk.config.read_bytes(), desk.credentials.read_bytes()
    refused = desk.run("write", "power-user", "keys")
    assert (refused.status, refused.out) == (1, "")
    assert "'keys' holds long-term keys" in refused.err
    assert at in refused.err
    assert "--force" in refused.err
    assert "code" not in refused.err, "and nobody was asked for one before"
    assert (desk.config.read_bytes(), desk.credentials.read_bytes()) == before
    done(desk, "write", "read-only", "keys", "--force")
    assert section(desk, "keys")["aws_access_key_id"].startswith("ASIA")
    done(desk, "write", "read-only", "keys", "--off")
    assert section(desk, "keys") == {}


def test_a_process_that_gives_keys_is_not_masked_without_force(desk: Desk) -> None:
    desk.keys("vault", credential_process="pass show aws")
    refused = desk.run("write", "read-only", "vault")
    assert refused.status == 1
    assert "has a credential_process" in refused.err


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["read-only", "DEFAULT"], 1, "no profile"),
        (["read-only", "a]b"], 1, "cannot be the name"),
        (["read-only", "a\nb"], 1, "cannot be the name"),
        (["base", "--long-term"], 1, "long-term keys, which are not copied"),
        (["read-only", "x", "y"], 64, "quotes"),
        (["read-only", "--off"], 2, "no section that shellhook has written"),
        (["--off"], 64, "which section"),
        (["no-such-profile"], 3, "no profile"),
    ],
)
def test_refused(words: list[str], status: int, said: str, desk: Desk) -> None:
    before = desk.config.read_bytes(), desk.credentials.read_bytes()
    refused = desk.run("write", *words)
    assert (refused.status, refused.out) == (status, ""), refused
    assert said in refused.err
    assert (desk.config.read_bytes(), desk.credentials.read_bytes()) == before


# --- renewed


def test_a_renewal_is_written_by_whoever_makes_it(desk: Desk) -> None:
    done(desk, "write", "read-only")
    first = section(desk)
    environ = on(desk, "read-only", "--renew")
    second = section(desk)
    assert second["aws_access_key_id"] == environ["AWS_ACCESS_KEY_ID"] != first["aws_access_key_id"]
    assert second["aws_session_token"] == environ["AWS_SESSION_TOKEN"]
    assert second["expiration"] == environ["AWS_CREDENTIAL_EXPIRATION"]


def test_a_session_that_another_request_got_is_written_when_it_is_picked_up(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.lifetime(1000)
    environ = on(desk, "read-only", "--write")
    sandbox.lifetime(None)
    desk.profile("twin", **read(desk.here.files()).profile("read-only").settings)
    other = on(desk, "twin", "--renew")
    assert section(desk)["aws_access_key_id"] == environ["AWS_ACCESS_KEY_ID"]
    ended = desk.run("renew", "--shell", "bash", "--pid", str(os.getpid()), "--hook", "1", "--pick-up", env=environ)
    assert other["AWS_ACCESS_KEY_ID"] in ended.out
    assert section(desk)["aws_access_key_id"] == other["AWS_ACCESS_KEY_ID"]


@pytest.mark.parametrize("change", ["gone", "of others"])
def test_what_is_not_ours_any_more_is_left_alone(change: str, desk: Desk) -> None:
    before = desk.credentials.read_bytes()
    environ = on(desk, "read-only", "--write")
    theirs = before if change == "gone" else before + f"\n[{NAME}]\n{TEMPORARY}".encode()
    desk.credentials.write_bytes(theirs)
    on(desk, "read-only", "--renew")
    assert desk.credentials.read_bytes() == theirs
    desk.run(*desk.hooked("--off"), env=environ)
    assert desk.credentials.read_bytes() == theirs


def test_an_older_session_does_not_replace_a_newer(desk: Desk) -> None:
    desk.sandbox.lifetime(1000)
    older = desk.assume("read-only")
    desk.sandbox.lifetime(None)
    done(desk, "write", "read-only", "--renew")
    newer = section(desk)
    (entry,) = desk.store.written().values()
    written.renewed(desk.here, entry["request"], older)
    assert section(desk) == newer


def test_a_file_that_cannot_be_written_does_not_fail_a_renewal(desk: Desk) -> None:
    environ = on(desk, "read-only", "--write")
    desk.credentials.write_bytes(desk.credentials.read_bytes() + b"nonsense\n")
    ended = desk.run(*desk.hooked("--renew"), env=environ)
    assert ended.status == 0
    assert ended.out
    assert f"[{NAME}] could not be renewed" in ended.err


def test_many_programs_at_once_lose_nothing(desk: Desk) -> None:
    desk.run("credentials", "read-only")
    before = desk.config.read_bytes(), desk.credentials.read_bytes()
    names = [f"program-{number}" for number in range(6)]
    processes = [desk.start("write", "read-only", name) for name in names]
    ends = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 6, ends
    assert all(section(desk, name) for name in names)
    processes = [desk.start("write", "read-only", name, "--off") for name in reversed(names)]
    ends = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 6, ends
    assert not any(section(desk, name) for name in names)
    assert (desk.config.read_bytes(), desk.credentials.read_bytes()) == before


# --- taken away


def test_off_takes_it_away_but_not_another_shells(desk: Desk) -> None:
    before = desk.config.read_bytes(), desk.credentials.read_bytes()
    mine, theirs = on(desk, "read-only", "--write"), on(desk, "read-only", "--write")
    bystander = on(desk, "read-only")
    assert desk.run(*desk.hooked("--off"), env=bystander).status == 0
    assert desk.run(*desk.hooked("--off"), env=mine).status == 0
    assert section(desk), "another shell has it on"
    assert desk.run(*desk.hooked("--off"), env=theirs).status == 0
    assert (desk.config.read_bytes(), desk.credentials.read_bytes()) == before
    assert desk.store.written() == {}


def test_off_takes_away_what_the_shell_wrote_before_it_went_on(desk: Desk) -> None:
    before = desk.credentials.read_bytes()
    mine = on(desk, "read-only", "--write")
    code = desk.run(*desk.hooked("auditor", "--token-code", desk.sandbox.code("alice")), env=mine)
    assert code.status == 0
    assert section(desk)
    desk.run(*desk.hooked("--off"), env=mine)
    assert desk.credentials.read_bytes() == before


def test_what_a_program_wrote_stays_when_a_shell_leaves(desk: Desk) -> None:
    done(desk, "write", "read-only")
    mine = on(desk, "read-only", "--write")
    desk.run(*desk.hooked("--off"), env=mine)
    assert section(desk)
    done(desk, "write", "read-only", "--off")
    assert section(desk) == {}


def test_a_setting_that_the_user_added_stays(desk: Desk) -> None:
    done(desk, "write", "read-only")
    with desk.config.open("a") as file:
        file.write("output = table\n")
    done(desk, "write", "read-only", "--off")
    assert desk.config.read_text().endswith(f"[profile {NAME}]\noutput = table\n")
    assert f"[{NAME}]" not in desk.credentials.read_text()


def test_a_shell_that_is_gone_wants_nothing(desk: Desk) -> None:
    mine = on(desk, "read-only", "--write")
    with subprocess.Popen(["true"]) as gone:
        words = ("assume", "--shell", "bash", "--pid", str(gone.pid), "--hook", "1", "--", "read-only", "--write")
        assert desk.run(*words).status == 0
    sweeping.sweep(desk.store, 0)
    desk.run(*desk.hooked("--off"), env=mine)
    assert section(desk) == {}


def test_what_nobody_has_renewed_for_a_month_is_not_known_any_more(desk: Desk) -> None:
    done(desk, "write", "read-only")
    sweeping.sweep(desk.store, time.time() + 29 * 86_400)
    assert desk.store.has_written()
    sweeping.sweep(desk.store, time.time() + 31 * 86_400)
    assert not desk.store.has_written()


@pytest.mark.parametrize("words", [["read-only"], ["--all"]])
def test_what_is_forgotten_is_not_in_a_file_either(words: list[str], desk: Desk) -> None:
    before = desk.credentials.read_bytes()
    done(desk, "write", "read-only")
    assert desk.run("forget", "power-user").status == 0
    assert section(desk)
    assert desk.run("forget", *words).status == 0
    assert desk.credentials.read_bytes() == before


@pytest.mark.parametrize("fatal", [1, 2, 3])
def test_killed_at_any_write_nothing_is_unknown(fatal: int, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the files is known to be ours: by the entry, which is written first."""
    before = desk.config.read_bytes(), desk.credentials.read_bytes()
    outcome = assume.obtain(desk.here, desk.request("read-only"))
    replace, calls = os.replace, []

    def killed(source: str, target: str) -> None:
        calls.append(target)
        if len(calls) == fatal:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        written.write(desk.here, outcome, None, holder="a" * 32, force=False)
    monkeypatch.undo()
    assert len(calls) == fatal
    written.left_by(desk.here, "a" * 32)
    assert (desk.config.read_bytes(), desk.credentials.read_bytes()) == before
    assert desk.store.written() == {}
