"""`shellhook sso sync` against the sandbox's portal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shellhook.sandbox import Sandbox
from shellhook.sso import offered
from tests.desk import Desk, Done
from tests.sso.people import BROWSER, logged_in


@pytest.fixture
def desk(sandbox: Sandbox, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(sandbox, tmp_path)
    desk.environ["BROWSER"] = BROWSER
    logged_in(desk)
    yield desk
    sandbox.reset()


def synced(desk: Desk, *words: str, **options: object) -> Done:
    return desk.run("sso", "sync", *words, timeout=60, **options)  # type: ignore[arg-type]


def test_all_that_is_offered_can_be_assumed(desk: Desk) -> None:
    before = desk.config.read_bytes()
    done = synced(desk, "--yes")
    assert done.status == 0, done
    assert "+[profile " in done.out
    after = desk.config.read_bytes()
    assert after.startswith(before)
    names = [line.split("[profile ")[1].rstrip("]") for line in done.out.splitlines() if "[profile " in line]
    assert len(names) == after.count(b"[profile ") - before.count(b"[profile ")
    for name in names[:2]:
        assumed = desk.run(*desk.hooked(name.strip('"')))
        assert (assumed.status, assumed.err) == (0, ""), name
    again = synced(desk, "--yes")
    assert (again.status, again.out) == (0, f"{desk.config}: nothing to change\n")
    assert desk.config.read_bytes() == after


def test_a_dry_run_and_a_no_change_nothing(desk: Desk) -> None:
    before = desk.config.read_bytes()
    done = synced(desk, "--dry-run")
    assert (done.status, "+[profile " in done.out) == (0, True)
    asked = synced(desk)
    assert asked.status == 1
    assert "--yes answers" in asked.out
    assert desk.config.read_bytes() == before


def test_what_was_taken_away_is_named_and_pruned(desk: Desk, sandbox: Sandbox) -> None:
    assert synced(desk, "--yes").status == 0
    sandbox.unassign("444455556666")
    kept = synced(desk, "--yes")
    assert "nothing to change" in kept.out
    assert "not assigned any more: " in kept.err
    pruned = synced(desk, "--yes", "--prune")
    assert pruned.status == 0
    assert "-sso_account_id = 444455556666" in pruned.out
    assert "sso_account_id = 444455556666" not in desk.config.read_text().partition(">>> shellhook sso")[2]


def test_many_pages_and_a_portal_that_throttles(desk: Desk, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.identity_center(page=2)
    sandbox.add_accounts(7)
    # More than botocore tries by itself.
    for _ in range(4):
        sandbox.fail(429, "TooManyRequestsException", "HTTP 429 Unknown Code", action="ListAccountRoles")
    pauses: list[float] = []
    monkeypatch.setattr(offered.time, "sleep", pauses.append)
    from shellhook.mfa import Asker
    from tests.sso.people import center_of

    change = offered.change(desk.here, center_of(desk), Asker({}, None), "{account_id}-{role}", None, prune=False)
    assert len(change.added) >= 7 + 4
    assert 1 in pauses, "ours, after those of botocore"


def test_a_file_that_changed_meanwhile_is_not_written(desk: Desk) -> None:
    from shellhook.errors import BadConfiguration
    from shellhook.mfa import Asker
    from tests.sso.people import center_of

    change = offered.change(desk.here, center_of(desk), Asker({}, None), "{account_id}-{role}", None, prune=False)
    desk.config.write_text("[default]\n")
    with pytest.raises(BadConfiguration):
        offered.write(change, str(desk.config))
    assert desk.config.read_text() == "[default]\n"


def test_refusals(desk: Desk) -> None:
    assert synced(desk, "--template", "x").status == 64
    unusable = synced(desk, "--yes", "--region", "eu_west_1")
    assert (unusable.status, "'eu_west_1' cannot be a region" in unusable.err) == (64, True)
    assert synced(desk, "nowhere").status == 3
    assert desk.run("sso").status == 64
    desk.config.write_text(desk.config.read_text() + "# >>> shellhook sso corp >>>\n")
    damaged = synced(desk, "--yes")
    assert damaged.status == 3
    assert "cannot be told from yours" in damaged.err


def test_without_a_terminal_a_login_is_named(desk: Desk) -> None:
    for file in (desk.home / ".aws" / "sso" / "cache").iterdir():
        file.unlink()
    done = synced(desk, "--yes")
    assert done.status == 4
    assert "shellhook login corp" in done.err
