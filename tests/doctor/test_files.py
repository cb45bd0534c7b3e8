"""Files that are broken for real: removed, opened to all, given to others, linked to nowhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from shellhook.doctor import files
from shellhook.profiles import Files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from shellhook.doctor import Finding

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
BY_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
NOT_BY_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


def told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(each.status, each.message) for each in findings]


def links_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "gone")


def becomes_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("breaking", "status", "message"),
    [
        (lambda path: path.chmod(0o600), "ok", "0600, yours"),
        (lambda path: path.chmod(0o640), "warn", "others can read your keys"),
        (lambda path: path.chmod(0o666), "fail", "everybody on this machine can change it"),
        pytest.param(lambda path: path.chmod(0), "fail", "cannot be read", marks=NOT_BY_ROOT),
        pytest.param(lambda path: os.chown(path, 12345, -1), "warn", "belongs to user 12345", marks=BY_ROOT),
        (links_to_nowhere, "fail", "which is not there"),
        (becomes_a_directory, "fail", "has to be a file"),
        (lambda path: path.unlink(), "ok", "not there"),
    ],
)
def test_a_file_of_keys(breaking: Callable[[Path], None], status: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    path.write_text("[a]\n")
    path.chmod(0o600)
    breaking(path)
    (found,) = files.one("aws-files", str(path), secret=True)
    assert (found.status, found.where) == (status, str(path))
    assert message in found.message
    assert bool(found.remedy) is (status != "ok")


@pytest.mark.parametrize("mode", [0o640, 0o644, 0o664])
def test_a_config_file_is_read_by_whoever_likes(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("")
    path.chmod(mode)
    assert [each.status for each in files.one("aws-files", str(path), secret=False)] == ["ok"]


def test_a_remedy_does_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "it's odd; $(x)"
    path.write_text("")
    path.chmod(0o666)
    (found,) = files.one("aws-files", str(path), secret=True)
    assert os.system(found.remedy) == 0  # noqa: S605
    (found,) = files.one("aws-files", str(path), secret=True)
    assert found.status == "warn"
    assert os.system(found.remedy) == 0  # noqa: S605
    assert told(files.one("aws-files", str(path), secret=True)) == [("ok", "0600, yours")]


def test_a_variable_that_names_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    both = Files(config=str(tmp_path / "config"), credentials=str(tmp_path / "credentials"))
    assert [each.status for each in files.of_aws(both, {})] == ["ok", "ok"]
    found = list(files.of_aws(both, {"AWS_CONFIG_FILE": "config"}))
    assert (found[0].status, found[0].message) == ("fail", "AWS_CONFIG_FILE names a file that is not there")


def test_whoever_can_write_the_directory_can_change_the_files(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    both = Files(config=str(tmp_path / "config"), credentials=os.devnull)
    assert ("fail", str(tmp_path)) in [(each.status, each.where) for each in files.of_aws(both, {})]
    tmp_path.chmod(0o1777)
    assert "fail" not in [each.status for each in files.of_aws(both, {})], "as /tmp is"


def a_store(root: Path) -> Path:
    directory = root / "state" / "shellhook"
    (directory / "sessions").mkdir(parents=True)
    (directory / "sessions" / "one").write_bytes(b"")
    directory.chmod(0o700)
    return directory


def test_a_store_that_is_right(tmp_path: Path) -> None:
    assert told(files.of_store(str(a_store(tmp_path)))) == [("ok", "0700, yours")]


def test_a_store_that_is_not_there_yet(tmp_path: Path) -> None:
    assert told(files.of_store(str(tmp_path / "a" / "b"))) == [("ok", "not there yet: the first session makes it")]


def test_a_store_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ((status, message),) = told(files.of_store(str(tmp_path / "file" / "shellhook")))
    assert (status, message) == ("fail", f"it cannot be made: {tmp_path / 'file'} is not yours to write")


@pytest.mark.parametrize(
    ("breaking", "status", "message"),
    [
        (lambda store: store.chmod(0o755), "warn", "open to others"),
        pytest.param(lambda store: os.chown(store, 12345, -1), "fail", "only its owner", marks=BY_ROOT),
        pytest.param(
            lambda store: os.chown(store / "sessions" / "one", 12345, -1), "fail", "another user", marks=BY_ROOT
        ),
        pytest.param(lambda store: store.chmod(0o500), "fail", "cannot be written", marks=NOT_BY_ROOT),
    ],
)
def test_a_store_that_is_not(breaking: Callable[[Path], None], status: str, message: str, tmp_path: Path) -> None:
    store = a_store(tmp_path)
    breaking(store)
    ((found, said),) = told(files.of_store(str(store)))
    assert found == status
    assert message in said


def test_logins(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert told(files.of_sso_cache(str(cache))) == [("ok", "no login to IAM Identity Center yet")]
    cache.mkdir()
    (cache / "good.json").write_text("{}")
    (cache / "good.json").chmod(0o600)
    assert told(files.of_sso_cache(str(cache))) == [("ok", "1 file, yours alone")]
    (cache / "open.json").write_text("{}")
    (cache / "open.json").chmod(0o644)
    (cache / "torn.json").write_text('{"accessToken": "sEcReT')
    (cache / "torn.json").chmod(0o600)
    found = list(files.of_sso_cache(str(cache)))
    assert [(each.status, each.where) for each in found] == [
        ("warn", str(cache / "open.json")),
        ("warn", str(cache / "torn.json")),
    ]
    assert "sEcReT" not in str(found)
