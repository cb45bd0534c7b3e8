"""A plan whose calls are refused, and no pauses before that is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plans import make
from tests.refusal.refused import EXTERNAL_ID

if TYPE_CHECKING:
    from pathlib import Path

    from shellhook.plan import Plan


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A role with an external ID, and a device that is named: an MFA session, then the role."""
    return make(
        tmp_path,
        "[profile base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = base-secret\n"
        "[profile x]\nrole_arn = arn:aws:iam::111122223333:role/power-user\nsource_profile = base\n"
        f"external_id = {EXTERNAL_ID}\nmfa_serial = arn:aws:iam::111122223333:mfa/me\nregion = eu-west-1\n",
    )


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to 3 s before it has tried three times."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)
