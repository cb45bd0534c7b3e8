"""Where a setting comes from: option, then variable, then profile table, then file, then default."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shellhook import plan
from shellhook.cli import config as cli_config
from shellhook.errors import BadConfiguration
from shellhook.profiles import read
from shellhook.settings import KNOWN, Settings
from tests.plans import BASE, calls, role
from tests.plans import request as asked
from tests.test_profiles import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.desk import Desk


def settings(directory: Path, toml: str | bytes | None = None, **variables: str) -> Settings:
    if toml is not None:
        file = directory / "shellhook" / "config.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(toml.encode() if isinstance(toml, str) else toml)
    return Settings({"XDG_CONFIG_HOME": str(directory), "APPDATA": str(directory), **variables})


FILE = """\
mfa_process = "of the file"

[profile.x]
mfa_process = 'of x'

[profile."my profile"]
mfa_process = "of mine"  # a comment
"""

PLACES = [
    # profile, variables -> value, where it came from
    pytest.param("x", {"SHELLHOOK_MFA_PROCESS": "of the variable"}, "of the variable", "SHELLHOOK_MFA_PROCESS", id="1"),
    pytest.param("x", {}, "of x", "config.toml:4", id="2 the profile's table"),
    pytest.param("x", {"SHELLHOOK_MFA_PROCESS": ""}, "of x", "config.toml:4", id="an empty variable is none"),
    pytest.param("my profile", {}, "of mine", "config.toml:7", id="a name in quotes"),
    pytest.param("y", {}, "of the file", "config.toml:1", id="3 the file"),
    pytest.param(None, {}, "of the file", "config.toml:1", id="no profile in particular"),
]


@pytest.mark.parametrize(("profile", "variables", "value", "where"), PLACES)
def test_precedence(profile: str | None, variables: dict[str, str], value: str, where: str, tmp_path: Path) -> None:
    found = settings(tmp_path, FILE, **variables).get("mfa_process", profile)
    assert (found.value, found.where.rsplit("/", 1)[-1]) == (value, where)


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert not found.warnings
    assert {name: found.get(name, "x").where for name in KNOWN} == dict.fromkeys(KNOWN, "the default")
    assert found.defaults("x") == {"mfa_duration": "43200"}, "what has a value"


# What stands in the rooms behind the settings: the option, and the profile itself.
ORDER = [
    pytest.param({"duration_seconds": 900}, "duration_seconds = 1000", "[profile.x]\nduration_seconds = 1100", "x 900"),
    pytest.param({}, "duration_seconds = 1000", "[profile.x]\nduration_seconds = 1100", "x 1000"),
    pytest.param({}, "", "duration_seconds = 1200\n[profile.x]\nduration_seconds = 1100", "x 1100"),
    pytest.param({}, "", "duration_seconds = 1200\n[profile.y]\nduration_seconds = 1100", "x 1200"),
    pytest.param({}, "", "", "x"),
]


@pytest.mark.parametrize(("option", "line", "toml", "call"), ORDER)
def test_options_and_profiles_come_first(
    option: dict[str, int], line: str, toml: str, call: str, tmp_path: Path
) -> None:
    files = write(tmp_path, role("x", "base", line) + BASE)
    defaults = settings(tmp_path, toml).defaults("x")
    assert calls(plan.make(asked(files, **option), read(files), {}, "me", {}, defaults)) == [call]


DURATIONS = [('"12h"', "43200"), ('"15m"', "900"), ("900", "900"), ('"900"', "900"), ('"900s"', "900")]


@pytest.mark.parametrize(("written", "seconds"), DURATIONS)
def test_durations_are_seconds(written: str, seconds: str, tmp_path: Path) -> None:
    assert settings(tmp_path, f"mfa_duration = {written}").get("mfa_duration", None).value == seconds
    assert settings(tmp_path, f"duration_seconds = {written}").get("duration_seconds", "x").value == seconds
    assert settings(tmp_path, "", SHELLHOOK_MFA_DURATION=written.strip('"')).defaults(None)["mfa_duration"] == seconds


BAD = [
    # the file, variables -> words of the error, beside the name of the setting
    pytest.param('mfa_duration = "1 day"', {}, ["config.toml:1", "'1 day'", "12h"], id="no duration"),
    pytest.param("\n[profile.x]\nmfa_duration = -900", {}, ["config.toml:3", "'-900'"], id="a negative one"),
    pytest.param("mfa_duration = 1.5", {}, ["config.toml:1"], id="a fraction"),
    pytest.param("mfa_duration = true", {}, ["config.toml:1"], id="a yes"),
    pytest.param('mfa_duration = ["12h"]', {}, ["config.toml:1"], id="a list"),
    pytest.param("", {"SHELLHOOK_MFA_DURATION": "soon"}, ["SHELLHOOK_MFA_DURATION", "'soon'"], id="a variable"),
    pytest.param('mfa_duration = "14m"', {}, ["config.toml:1", "840", "15m"], id="less than AWS grants"),
    pytest.param('mfa_duration = "37h"', {}, ["config.toml:1", "36h"], id="more than AWS grants"),
]


@pytest.mark.parametrize(("toml", "variables", "words"), BAD)
def test_bad_durations(toml: str, variables: dict[str, str], words: list[str], tmp_path: Path) -> None:
    found = settings(tmp_path, toml, **variables)
    for ask in (lambda: found.get("mfa_duration", "x"), lambda: found.defaults("x")):
        with pytest.raises(BadConfiguration) as caught:
            ask()
        assert [word for word in ["mfa_duration", *words] if word.lower() not in str(caught.value).lower()] == []
        assert caught.value.status == 3


def test_a_role_lasts_12_hours_at_most(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="duration_seconds"):
        settings(tmp_path, 'duration_seconds = "13h"').get("duration_seconds", None)


BROKEN = [
    pytest.param("mfa_process = ", id="no value"),
    pytest.param("mfa_process = a", id="no quotes"),
    pytest.param('mfa_process = "a"\nmfa_process = "b"', id="twice"),
    pytest.param("[profile.x", id="half a header"),
    pytest.param(b"mfa_process = '\xff'", id="no text"),
    pytest.param("profile = 1", id="a profile that is no table"),
    pytest.param("[profile]\nx = 1", id="a profile's table that is none"),
    pytest.param('mfa_process = ["a"]', id="a list for a text"),
    pytest.param("mfa_process = 1979-05-27", id="a date for a text"),
]


@pytest.mark.parametrize("toml", BROKEN)
def test_a_file_that_cannot_be_read(toml: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"config\.toml"):
        settings(tmp_path, toml).get("mfa_process", "x")


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "shellhook" / "config.toml").mkdir(parents=True)
    with pytest.raises(BadConfiguration, match=r"config\.toml cannot be read"):
        settings(tmp_path)


def test_unknown_keys_are_named_with_their_line(tmp_path: Path) -> None:
    toml = """\
mfa_proces = "a"
mfa_process = "b"

[profile.x]
color = 1
"region" = "r"

[ profile."my profile" ] # mine
keyring = ""

[colours]
red = 1
"""
    warnings = settings(tmp_path, toml).warnings
    file = tmp_path / "shellhook" / "config.toml"
    expected = {1: "mfa_proces", 5: "color", 6: "region", 9: "keyring", 11: "colours"}
    assert len(warnings) == len(expected)
    for line, name in expected.items():
        assert any(f"{file}:{line}:" in warning and repr(name) in warning for warning in warnings), (line, warnings)


def test_a_key_that_is_nearly_right(tmp_path: Path) -> None:
    (warning,) = settings(tmp_path, 'mfa_proces = "a"').warnings
    assert "'mfa_process'" in warning


WHERE = [
    ({"XDG_CONFIG_HOME": "/c"}, "/c/shellhook/config.toml"),
    ({}, "/home/me/.config/shellhook/config.toml"),
    ({"XDG_CONFIG_HOME": ""}, "/home/me/.config/shellhook/config.toml"),
    ({"XDG_CONFIG_HOME": "relative"}, "/home/me/.config/shellhook/config.toml"),
]


@pytest.mark.skipif("sys.platform == 'win32'", reason="paths of POSIX")
@pytest.mark.parametrize(("variables", "path"), WHERE)
def test_where_the_file_is(variables: Mapping[str, str], path: str) -> None:
    assert Settings({"HOME": "/home/me", **variables}).path == path


# --- the command


def shown(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    lines = [line.split(None, 2) for line in capsys.readouterr().out.splitlines() if line]
    return {name: rest for name, *rest in lines}


def test_config_prints_each_value_and_where_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in KNOWN:
        monkeypatch.delenv(f"SHELLHOOK_{name.upper()}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    monkeypatch.setenv("SHELLHOOK_ROLE_SESSION_NAME", "me")
    file = settings(tmp_path, '[profile.x]\nmfa_process = "code"\n').path
    assert cli_config.run(["--profile", "x"]) == 0
    lines = shown(capsys)
    assert file in lines["file:"]
    assert lines["mfa_process"] == ["code", f"{file}:2"]
    assert lines["role_session_name"] == ["me", "SHELLHOOK_ROLE_SESSION_NAME"]
    assert lines["mfa_duration"] == ["43200", "the default"]
    settings(tmp_path, "unheard = 1\n")
    assert cli_config.run([]) == 3
    assert f"{file}:1:" in " ".join(shown(capsys)["unknown:"])


def test_config_knows_the_profiles_that_there_are(desk: Desk) -> None:
    assert desk.run("config", "--profile", "read-only").status == 0
    assert desk.run("config", "--profile", "broken").status == 0, "its settings are none of its section's"
    done = desk.run("config", "--profile", "read-onyl")
    assert (done.status, done.out) == (3, "")
    assert "did you mean 'read-only'" in done.err
