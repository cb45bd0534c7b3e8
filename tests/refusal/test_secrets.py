"""Whatever is refused: never a traceback, never a secret."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import pytest

from shellhook.session import Session
from tests import servers
from tests.desk import Typist
from tests.refusal.refused import ANSWER, refused, role, typist

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tests.desk import Desk


def provoked(desk: Desk, how: str) -> list[str]:
    """The words of a command line that fails, with something secret involved."""
    external = {"source_profile": "dave", "external_id": "my-5ecret"}
    if how == "external ID":
        desk.profile("x", role_arn=role("read-only"), **external)
    elif how == "external ID that AWS quotes":
        desk.profile("x", role_arn=role("read-only"), **{**external, "external_id": "my 5ecret"})
    elif how == "external ID that we quote":
        return ["read-only", "-e", "my 5ecret"]
    elif how == "code":
        desk.profile("x", mfa_serial=desk.sandbox.devices["alice"], **desk.key_of("alice"))
        return ["x", "-t", "505050"]
    elif how == "secret key":
        desk.keys("x", aws_access_key_id=desk.sandbox.keys["dave"], aws_secret_access_key="5ecret" * 7)
    elif how == "command":
        desk.profile("x", credential_process='echo \'{"Version": 1, "SecretAccessKey": "5ecret"}\'')
    elif how == "mfa_process":
        desk.profile("x", mfa_serial=desk.sandbox.devices["alice"], mfa_process="echo 5ecret", **desk.key_of("alice"))
    return ["x"]


HOWS = ["external ID", "external ID that AWS quotes", "external ID that we quote", "code", "secret key", "command",
        "mfa_process"]  # fmt: skip


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("how", HOWS)
def test_no_traceback_and_no_secret_is_shown(desk: Desk, how: str, debug: bool) -> None:
    done = desk.run(*desk.hooked(*provoked(desk, how), *(["--debug"] if debug else [])))
    assert done.status not in (0, 120, -6, -11), done
    assert done.out == ""
    assert "Traceback" not in done.err
    assert "should not have happened" not in done.err
    assert "shellhook: " in done.err
    shown = done.err.replace(str(desk.home), "")
    assert "5ecret" not in shown
    assert "505050" not in shown
    assert not any(
        value in shown for value in (*desk.key_of("alice").values(), desk.key_of("dave")["aws_secret_access_key"])
    )
    assert ("in _run" in done.err) is debug, "places, and only for those who asked"


def test_an_answer_that_breaks_off_is_not_shown_with_debug_either(desk: Desk) -> None:
    with servers.answering(200, ANSWER[:-100]) as server:
        done = desk.run(
            *desk.hooked("read-only", "--debug"), env={"AWS_ENDPOINT_URL_STS": server.url, "SHELLHOOK_DEBUG": "1"}
        )
    assert done.status == 5
    assert "in assume_role" in done.err
    assert "5ecret" not in done.err


@pytest.fixture
def log() -> Any:
    """Everything that is logged while a test runs, at every level, by everybody."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_botocore_s_log_for_debugging_stays_empty(desk: Desk, log: io.StringIO, tmp_path: Path) -> None:
    """It would have the code, the external ID, the answer and the session token, whoever turned logging on."""
    code = desk.sandbox.code("alice")
    session = desk.assume("power-user", Typist(code))
    refused(desk, "power-user", fresh=True, external_id="my-5ecret", later=60, asker=typist(desk))
    (tmp_path / "token").write_text("5ecret")
    (tmp_path / "answer").write_text('{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "5ecret"}')
    desk.profile("web", role_arn=role("read-only"), web_identity_token_file=str(tmp_path / "token"))
    desk.profile("process", credential_process=f"cat {tmp_path}/answer")
    desk.assume("process")
    refused(desk, "web")
    logging.getLogger("somebody").debug("else")
    text = log.getvalue()
    secrets = [code, desk.sandbox.external_id, session.secret_access_key, session.session_token, "5ecret"]
    assert "else" in text, "others may log"
    assert not [secret for secret in secrets if str(secret) in text]
    assert "AssumeRole" not in text


def test_the_repr_of_a_session_has_no_secret() -> None:
    """It may stand in a traceback of a debugger, or of pytest."""
    session = Session(access_key_id="ASIA5ECRET99", secret_access_key="5ecret", session_token="5ecret")
    assert "5ecret" not in repr(session)
    assert "ASIA5ECRET" not in repr(session)
