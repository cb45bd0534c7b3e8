"""Lines that `aws` refuses a file for: each with its place and its remedy, and botocore's word for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import botocore.configloader
import botocore.exceptions
import pytest

from shellhook import profiles
from shellhook.doctor import configuration
from shellhook.profiles import Files

if TYPE_CHECKING:
    from pathlib import Path

GOOD = b"[profile a]\nregion = us-east-1\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = sEcReT\n"


def files_with(content: bytes, tmp_path: Path) -> Files:
    (tmp_path / "config").write_bytes(content)
    return Files(config=str(tmp_path / "config"), credentials=str(tmp_path / "credentials"))


def does_aws_read(files: Files) -> bool:
    try:
        botocore.configloader.load_config(files.config)
    except botocore.exceptions.ConfigParseError:
        return False
    return True


@pytest.mark.parametrize(
    ("content", "line", "remedy", "mended"),
    [
        (b"\xef\xbb\xbf" + GOOD, 1, "without a byte-order mark", GOOD),
        (GOOD + b"[profile a]\nregion = x\n", 5, "merge the two sections", GOOD),
        (GOOD + b"region = sEcReT\n", 5, "remove one of the two lines", GOOD),
        (b"sEcReT\n" + GOOD, 1, "put a [section] above it, or # before it", b"# sEcReT\n" + GOOD),
        (GOOD + b"sEcReT\n", 5, "put # before it", GOOD + b"# sEcReT\n"),
        (GOOD + b"# caf\xe9\n[profile \xe9]\n", 5, "save the file as UTF-8", "# café\n[profile é]\n".encode()),
    ],
)
def test_a_broken_line_is_found_and_the_remedy_mends_it(
    content: bytes, line: int, remedy: str, mended: bytes, tmp_path: Path
) -> None:
    files = files_with(content, tmp_path)
    assert not does_aws_read(files)
    found = list(configuration.of_aws(files))
    assert [(each.status, each.where) for each in found] == [("fail", f"{files.config}:{line}")]
    assert found[0].message.endswith("`aws` refuses the whole file")
    assert remedy in found[0].remedy
    assert "sEcReT" not in str(found)

    files_with(mended, tmp_path)
    assert does_aws_read(files)
    assert list(configuration.of_aws(files)) == []


def test_profiles_that_cannot_work_are_named_with_their_line(tmp_path: Path) -> None:
    role = b"role_arn = arn:aws:iam::111122223333:role/x\n"
    files = files_with(GOOD + b"[profile b]\n" + role + b"[profile c]\n" + role + b"source_profile = d\n", tmp_path)
    found = list(configuration.of_profiles(profiles.read(files), {}))
    assert [(each.status, each.where, each.message.split(":")[0]) for each in found] == [
        ("warn", f"{files.config}:6", "b"),
        ("warn", f"{files.config}:9", "c"),
    ]
    assert found[0].remedy == "add source_profile = the profile that holds your keys"


def test_many_that_cannot_work_are_counted(tmp_path: Path) -> None:
    one = "[profile p{}]\nrole_arn = arn:aws:iam::111122223333:role/x\n"
    files = files_with("".join(one.format(number) for number in range(15)).encode(), tmp_path)
    found = list(configuration.of_profiles(profiles.read(files), {}))
    assert len(found) == 11
    assert (found[-1].message, found[-1].remedy) == ("5 more profiles cannot work", "shellhook list")


def test_all_that_could(tmp_path: Path) -> None:
    (found,) = configuration.of_profiles(profiles.read(files_with(GOOD, tmp_path)), {})
    assert (found.status, found.message) == ("ok", "1, all of which could work")


def test_no_profile_at_all(tmp_path: Path) -> None:
    (found,) = configuration.of_profiles(profiles.read(files_with(b"", tmp_path)), {})
    assert (found.status, "aws configure" in found.remedy) == ("warn", True)


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("", "ok", "every setting can be used"),
        ('browser = "clipboard"\n[profile.dev]\nduration_seconds = "4h"\n', "ok", "every setting can be used"),
        ("browser = \n", "fail", "cannot be read"),
        ('brwoser = "x"\n', "warn", "there is no setting 'brwoser'; did you mean 'browser'?"),
        ('session_store = "disk"\n', "fail", "cannot be 'disk'"),
        ("[profile.dev]\nmfa_duration = 5\n", "fail", "cannot be granted"),
        ('profile = "x"\n', "fail", "profile is not a table"),
    ],
)
def test_settings(text: str, status: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "shellhook" / "config.toml"
    path.parent.mkdir()
    path.write_text(text)
    (found,) = configuration.of_settings({"XDG_CONFIG_HOME": str(tmp_path)})
    assert found.status == status
    assert message in found.message
    assert bool(found.remedy) is (status != "ok")


def test_settings_in_the_environment() -> None:
    (found,) = configuration.of_settings({"XDG_CONFIG_HOME": "/none", "SHELLHOOK_MFA_DURATION": "a day"})
    assert (found.status, "SHELLHOOK_MFA_DURATION" in found.message) == ("fail", True)
