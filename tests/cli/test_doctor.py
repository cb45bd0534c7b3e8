"""shellhook doctor, end to end: things are broken for real, it says so, and what it tells to do helps."""

from __future__ import annotations

import json
import re
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from shellhook import install
from tests.desk import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.desk import Desk, Done


@pytest.fixture
def well(desk: Desk) -> Desk:
    """A desk at which nothing fails: the hook is installed, and the AWS CLI is not this machine's."""
    desk.environ.update(PATH="/usr/bin:/bin", AWS_REGION="us-east-1", AWS_DEFAULT_REGION="us-east-1")
    for path in (desk.config, desk.credentials):
        path.chmod(0o600)
    desk.config.write_text(desk.config.read_text().partition("[profile loop-a]")[0])
    for kind in ("bash", "zsh", "fish"):  # whichever of them started the tests
        install.write_hook(kind, desk.environ)
        install.apply(install.planned(kind, desk.environ))
    return desk


def examined(desk: Desk, env: Mapping[str, str | None] | None = None) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """Status, and the findings of --json by their check."""
    done = desk.run("doctor", "--json", env=env)
    for _ in range(5):
        if "not done within" not in done.out:
            break
        done = desk.run("doctor", "--json", env=env)  # it does not wait for a busy machine; a test has to
    assert done.err == ""
    findings: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(done.out):
        assert each.keys() == {"check", "status", "message", "remedy", "where"}
        assert each["status"] in ("ok", "warn", "fail")
        assert bool(each["remedy"]) is (each["status"] != "ok"), each
        findings.setdefault(each["check"], []).append(each)
    return done.status, findings


def failing(findings: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    return sorted({name for name, found in findings.items() for each in found if each["status"] == "fail"})


def test_nothing_is_wrong(well: Desk) -> None:
    status, found = examined(well)
    assert (status, failing(found)) == (0, [])
    assert [each["status"] for each in found["clock"]] == ["ok"]
    assert [each["status"] for each in found["network"]] == ["ok"]
    assert found["hook"][0]["message"].startswith("bash: of this version")


def test_for_people(well: Desk) -> None:
    well.config.chmod(0o666)
    done = well.run("doctor")
    assert done.status == 1
    lines = done.out.splitlines()
    assert "\033" not in done.out
    broken = next(number for number, line in enumerate(lines) if line.startswith("fail  aws-files "))
    assert lines[broken].endswith(f"({well.config})")
    assert lines[broken + 1] == f"      -> chmod o-w {well.config}"
    assert re.fullmatch(r"1 fail, \d+ warn, \d+ ok", lines[-1])
    columns = {re.match(r"\w+ +[\w-]+ +", line).end() for line in lines[:-2] if line[:1].strip()}  # type: ignore[union-attr]
    assert len(columns) == 1, "aligned"

    subprocess.run(lines[broken + 1].partition("-> ")[2], shell=True, check=True)  # noqa: S602
    assert well.run("doctor").status == 0


@pytest.mark.parametrize(
    ("env", "color"), [({}, "green"), ({"NO_COLOR": "1"}, "default"), ({"TERM": "dumb"}, "default")]
)
def test_colours_are_for_terminals_that_want_them(well: Desk, env: dict[str, str], color: str) -> None:
    with well.terminal("doctor", env=env) as terminal:
        terminal.wait(r"^\d.* \d+ ok$", 60)
        row, column = terminal.find("ok    clock")  # the last: it is on the screen, however long paths are
        assert terminal.attributes(row, column).fg == color
        assert terminal.attributes(row, column + len("ok    ")).fg == "default"


def test_a_byte_order_mark_and_what_takes_it_away(well: Desk) -> None:
    good = well.config.read_bytes()
    well.config.write_bytes(b"\xef\xbb\xbf" + good)
    status, found = examined(well)
    assert (status, failing(found)) == (1, ["profiles"])
    (fails,) = [each for each in found["profiles"] if each["status"] == "fail"]
    assert fails["where"] == f"{well.config}:1"
    assert "byte-order mark" in fails["remedy"]
    well.config.write_bytes(good)
    assert examined(well)[0] == 0


def test_a_clock_that_is_ten_minutes_off(well: Desk) -> None:
    well.sandbox.clock(600)
    status, found = examined(well)
    assert (status, failing(found)) == (1, ["clock"])
    assert found["clock"][0]["message"].startswith("10m behind AWS's")


def test_offline_is_no_failure(well: Desk, closed_port: str) -> None:
    status, found = examined(well, env={"AWS_ENDPOINT_URL": closed_port})
    assert (status, failing(found)) == (0, [])
    assert [each["status"] for each in found["network"]] == ["warn"]


def test_what_never_answers_holds_nobody_up(well: Desk) -> None:
    from tests import servers

    with servers.silent() as place:
        began = time.monotonic()
        status, found = examined(well, env={"AWS_ENDPOINT_URL": f"http://{place}"})
    assert time.monotonic() - began < 15, "4 s, and what the machine is busy with beside it"
    assert (status, found["network"][0]["status"]) == (0, "warn")


def test_without_the_hook(well: Desk) -> None:
    for name in (".bashrc", ".zshrc", ".config/fish/config.fish"):
        (well.home / name).unlink()
    status, found = examined(well)
    assert (status, failing(found)) == (1, ["startup-file"])
    assert found["startup-file"][0]["remedy"].startswith("shellhook install")


def test_a_hook_whose_program_is_gone_is_mended_by_install(well: Desk) -> None:
    hook = well.home / ".local" / "share" / "shellhook" / "hook.bash"
    hook.write_text(hook.read_text().replace(PROGRAM, "/gone/shellhook"))
    status, found = examined(well)
    assert (status, failing(found)) == (1, ["hook"])
    (broken,) = [each for each in found["hook"] if each["status"] == "fail"]
    assert well.run(*broken["remedy"].split()[1:]).status == 0
    assert examined(well)[0] == 0


def test_a_session_that_has_expired_here(well: Desk) -> None:
    session = {
        "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "sEcReT",
        "AWS_SESSION_TOKEN": "sEcReT",
        "SHELLHOOK_KEY_ID": "ASIAEXAMPLE",
        "SHELLHOOK_REQUEST": "0" * 32,
        "SHELLHOOK_BEFORE": "0" * 32,
        "SHELLHOOK_PROFILE": "power-user",
        "SHELLHOOK_EXPIRES": "1000000000",
    }
    status, found = examined(well, env=session)
    assert (status, failing(found)) == (0, [])
    assert found["session"][0]["message"].startswith("power-user has expired")
    assert found["session"][0]["remedy"] == "assume --renew"


def test_a_keyring_that_is_needed_and_is_not_there(well: Desk) -> None:
    assert examined(well)[1]["keyring"][0]["status"] == "ok"
    status, found = examined(well, env={"SHELLHOOK_SESSION_STORE": "keyring"})
    assert (status, failing(found)) == (1, ["keyring"])


SECRETS = ("AKIASECRET", "sEcReT", "wJalrSECRET")


def test_no_secret_is_shown_whatever_is_broken(well: Desk, tmp_path: Path) -> None:
    """They stand wherever one could be quoted from."""
    well.config.write_text(f"{SECRETS[0]}\n[profile a\n{SECRETS[1]}\n" + well.config.read_text())
    well.credentials.write_text(
        f"[base]\naws_secret_access_key = {SECRETS[2]}\n{SECRETS[2]}\n[base]\nx = {SECRETS[1]}\n"
    )
    (well.home / ".bashrc").write_text(f"export AWS_SECRET_ACCESS_KEY={SECRETS[1]}\nalias assume='x {SECRETS[1]}'\n")
    cache = well.home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    (cache / "x.json").write_text(f'{{"accessToken": "{SECRETS[1]}')
    config = tmp_path / "home" / ".config" / "shellhook" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'mfa_process = "pass {SECRETS[1]}"\nbrowser = {SECRETS[1]}\n')
    environ = {
        "AWS_ACCESS_KEY_ID": SECRETS[0],
        "AWS_SECRET_ACCESS_KEY": SECRETS[1],
        "AWS_SESSION_TOKEN": SECRETS[1],
        "AWS_SECURITY_TOKEN": f"{SECRETS[1]}2",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": SECRETS[1],
        "HTTPS_PROXY": f"http://me:{SECRETS[1]}@127.0.0.1:9",
        "SHELLHOOK_MFA_PROCES": SECRETS[1],
        "AWS_ENDPOINT_URL": f"{well.sandbox.endpoint}/?token={SECRETS[1]}",
        "DIRENV_DIFF": SECRETS[1],
    }
    done: Done = well.run("doctor", env=environ)
    assert not [secret for secret in SECRETS if secret in done.out + done.err], done
    status, found = examined(well, env=environ)
    assert status == 1
    assert {"profiles", "config", "environment"} <= set(failing(found))


@pytest.mark.parametrize(
    "environ",
    [
        {"HOME": "not/absolute", "XDG_STATE_HOME": "neither", "PATH": ""},
        {"HOME": "/dev/null", "XDG_STATE_HOME": None, "AWS_CONFIG_FILE": "/tmp", "AWS_SHARED_CREDENTIALS_FILE": ""},
        {"AWS_ENDPOINT_URL": "nonsense", "AWS_REGION": "no region", "AWS_PROFILE": "", "XDG_STATE_HOME": "/dev/null"},
        {"SHELLHOOK_REQUEST": "../..", "SHELLHOOK_KEY_ID": "x", "SHELLHOOK_BEFORE": "../../x", "LC_ALL": "C"},
        {"AWS_CA_BUNDLE": "/etc/passwd", "HTTPS_PROXY": "::nonsense::", "NO_PROXY": "*,,", "AWS_PROFILE": "é日本"},
    ],
)
def test_never_a_traceback(well: Desk, environ: dict[str, str | None]) -> None:
    done = well.run("doctor", env=environ)
    assert done.status in (0, 1), done
    assert "Traceback" not in done.out + done.err
    assert "this should not have happened" not in done.err
    assert "this check broke" not in done.out, done
    assert done.out.splitlines()[-1].endswith(" ok")


def test_it_takes_no_words(desk: Desk) -> None:
    assert desk.run("doctor", "now").status == 64
