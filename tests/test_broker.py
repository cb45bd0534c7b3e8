"""The broker: which calls an assume costs, and what is remembered."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from shellhook.errors import BadConfiguration, ShellhookError
from tests.broker import HOUR, calls, keys, someone, taken, until_expired

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from shellhook.session import Session
    from tests.desk import Desk


# --- what is in the store costs nothing


def test_a_stored_session_costs_no_call(desk: Desk) -> None:
    first = desk.assume("read-only")
    assert taken(desk) == ["AssumeRole"]
    assert desk.assume("read-only") == first
    assert taken(desk) == []


def test_it_is_the_session_of_whoever_asks_for_the_same(desk: Desk) -> None:
    """The profile's name is no part of it: two profiles that mean the same share a session."""
    settings = dict(line.split(" = ") for line in _section(desk.config, "profile read-only"))
    desk.profile("twin", **settings)
    assert desk.assume("twin") == desk.assume("read-only")
    assert taken(desk) == ["AssumeRole"]


@pytest.mark.parametrize(
    "asked",
    [
        {"region": "eu-west-1"},
        {"role_session_name": "somebody"},
        {"duration_seconds": 900},
        {"policy": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]}'},
    ],
    ids=lambda asked: next(iter(asked)),
)
def test_whatever_is_asked_differently_is_another_session(desk: Desk, asked: dict[str, Any]) -> None:
    first = desk.assume("read-only")
    assert desk.assume("read-only", **asked).access_key_id != first.access_key_id
    assert desk.assume("read-only") == first


def test_an_edited_profile_is_not_served_yesterday_s_role(desk: Desk) -> None:
    desk.assume("deploy")
    known = f"role/read-only\nexternal_id = {desk.sandbox.external_id}"
    desk.config.write_text(desk.config.read_text().replace("role/ci/deploy", known))
    assert desk.assume("deploy").arn == "arn:aws:sts::111122223333:assumed-role/read-only/me"
    assert taken(desk) == ["AssumeRole", "AssumeRole"]


def _section(config: Path, header: str) -> list[str]:
    return config.read_text("utf-8").split(f"[{header}]\n")[1].split("\n[")[0].strip().splitlines()


# --- one code for the day


def test_one_code_serves_every_role_of_the_user(desk: Desk) -> None:
    typist = someone(desk, "alice")
    sessions = [desk.assume(profile, typist) for profile in ("power-user", "auditor", "strict", "base")]
    assert typist.asked == [desk.sandbox.devices["alice"]]
    bought, *roles = desk.sandbox.calls()
    assert calls(desk) == ["GetSessionToken", "AssumeRole", "AssumeRole", "AssumeRole"]
    assert bought["access_key_id"] == desk.sandbox.keys["alice"]
    assert bought["values"] == {"DurationSeconds": "43200", "SerialNumber": desk.sandbox.devices["alice"]}
    mfa_session = sessions[-1]
    assert {call["access_key_id"] for call in roles} == {mfa_session.access_key_id}
    assert not [call for call in roles if {"TokenCode", "SerialNumber"} & set(call["parameters"])]


def test_it_serves_every_region(desk: Desk) -> None:
    desk.assume("power-user", someone(desk, "alice"))
    desk.assume("power-user", region="ap-southeast-2")
    desk.assume("auditor", region="eu-west-1")
    assert calls(desk).count("GetSessionToken") == 1


def test_a_role_is_renewed_silently_while_it_lasts(desk: Desk) -> None:
    first = desk.assume("power-user", someone(desk, "alice"))
    mfa_session = desk.assume("base")
    assert first.renew_from == first.expires - 900
    assert first.attended_from == mfa_session.spent_from
    taken(desk)
    again = desk.assume("power-user", later=HOUR - 890)
    assert again.access_key_id != first.access_key_id
    assert taken(desk) == ["AssumeRole"]


def test_a_fresh_role_costs_no_code_and_no_other_session(desk: Desk) -> None:
    first = desk.assume("power-user", someone(desk, "alice"))
    taken(desk)
    assert desk.assume("power-user", fresh=True).access_key_id != first.access_key_id
    assert taken(desk) == ["AssumeRole"]


def test_a_fresh_mfa_session_costs_one(desk: Desk) -> None:
    first = desk.assume("base", someone(desk, "alice"))
    typist = someone(desk, "alice")
    assert desk.assume("base", typist, fresh=True).access_key_id != first.access_key_id
    assert len(typist.asked) == 1
    assert taken(desk) == ["GetSessionToken", "GetSessionToken"]


def test_it_cannot_be_renewed_silently(desk: Desk) -> None:
    session = desk.assume("base", someone(desk, "alice"))
    assert session.attended_from == 0
    assert session.renew_from is None
    assert session.usable(session.expires - 61, None)


def test_the_code_is_asked_again_when_it_ends(desk: Desk) -> None:
    desk.assume("power-user", someone(desk, "alice"))
    typist = someone(desk, "alice")
    desk.assume("power-user", typist, later=12 * HOUR - 30)
    assert len(typist.asked) == 1
    assert calls(desk) == ["GetSessionToken", "AssumeRole"] * 2


@pytest.mark.parametrize("seconds", [900, 129_600])
def test_it_lasts_as_long_as_is_asked(desk: Desk, seconds: int) -> None:
    desk.assume("power-user", someone(desk, "alice"), mfa_duration=seconds)
    assert desk.sandbox.calls("GetSessionToken")[0]["values"]["DurationSeconds"] == str(seconds)


def test_sessions_of_seconds(desk: Desk) -> None:
    """The role ends and the MFA session lives, then both are over."""
    desk.assume("base", someone(desk, "alice"), mfa_duration=43_200)
    desk.sandbox.lifetime(1)
    role = desk.assume("power-user")
    assert desk.assume("power-user") == role
    until_expired(role)
    other = desk.assume("power-user")
    assert other.access_key_id != role.access_key_id
    assert calls(desk) == ["GetSessionToken", "AssumeRole", "AssumeRole"]
    desk.assume("base", someone(desk, "alice"), fresh=True)
    until_expired(desk.assume("base"))
    typist = someone(desk, "alice")
    desk.assume("power-user", typist)
    assert len(typist.asked) == 1


# --- how long is enough


def test_a_session_with_less_than_the_minimum_left_is_not_taken(desk: Desk) -> None:
    desk.sandbox.lifetime(1000)
    first = desk.assume("read-only")
    desk.sandbox.lifetime(None)
    assert desk.assume("read-only", min_ttl=900) == first
    assert desk.assume("read-only", min_ttl=1800).access_key_id != first.access_key_id
    assert not desk.said
    assert calls(desk) == ["AssumeRole", "AssumeRole"]


def test_a_minimum_of_a_few_minutes_takes_what_would_be_renewed(desk: Desk) -> None:
    first = desk.assume("read-only")
    assert desk.assume("read-only", min_ttl=60, later=HOUR - 120) == first


def test_where_the_longest_is_too_short_it_is_taken_and_said(desk: Desk) -> None:
    session = desk.assume("read-only", min_ttl=2 * HOUR)
    assert session.left(time.time()) == pytest.approx(HOUR, abs=5)
    assert desk.said == ["the longest session to be had is shorter than the 7200s asked for: taken all the same"]


def test_a_minimum_does_not_cost_a_code(desk: Desk) -> None:
    """It is asked of the role; the MFA session must only last for the call."""
    desk.assume("power-user", someone(desk, "alice"))
    desk.assume("power-user", min_ttl=HOUR - 10, later=11.5 * HOUR)
    assert calls(desk) == ["GetSessionToken", "AssumeRole", "AssumeRole"]


# --- a long single session


@pytest.mark.parametrize(
    ("profile", "asked"), [("long", {}), ("power-user", {"duration_seconds": 43_200})], ids=["profile", "option"]
)
def test_a_long_session_is_assumed_directly_with_a_code_of_its_own(
    desk: Desk, profile: str, asked: dict[str, Any]
) -> None:
    desk.assume("power-user", someone(desk, "alice"))
    taken(desk)
    typist = someone(desk, "alice")
    session = desk.assume(profile, typist, **asked)
    assert session.left(time.time()) == pytest.approx(12 * HOUR, abs=5)
    assert typist.reasons == ["a session of more than 1h takes a code of its own, whatever MFA session there is"]
    (call,) = desk.sandbox.calls()
    assert call["access_key_id"] == desk.sandbox.keys["alice"]
    assert {"TokenCode", "SerialNumber"} <= set(call["parameters"])
    assert session.renew_from is None
    assert desk.assume(profile, **asked) == session


def test_a_long_session_of_a_role_that_names_no_device(desk: Desk) -> None:
    """A live MFA session would cut it to an hour: it is assumed from the keys, and the code is asked if AWS refuses."""
    desk.profile("open", role_arn="arn:aws:iam::111122223333:role/power-user", source_profile="base",
                 external_id=desk.sandbox.external_id)  # fmt: skip
    desk.assume("base", someone(desk, "alice"))
    taken(desk)
    typist = someone(desk, "alice")
    session = desk.assume("open", typist, duration_seconds=4 * HOUR)
    assert session.left(time.time()) == pytest.approx(4 * HOUR, abs=5)
    assert len(typist.asked) == 1
    assert taken(desk) == ["AssumeRole: AccessDenied", "AssumeRole"]


def test_a_role_assumed_with_a_session_is_cut_to_an_hour_and_it_is_said(desk: Desk, tmp_path: Path) -> None:
    """Only fetching them can tell whether the credentials of a command are a user's key or a session's."""
    power_user = desk.assume("power-user", someone(desk, "alice"))
    command = _command(tmp_path, power_user)
    desk.profile("process", credential_process=command)
    desk.profile("admin-long", role_arn="arn:aws:iam::444455556666:role/admin", source_profile="process",
                 duration_seconds="14400")  # fmt: skip
    session = desk.assume("admin-long")
    assert session.left(time.time()) == pytest.approx(HOUR, abs=5)
    assert desk.said == ["cut to 1h: AWS allows no more to a role that is assumed with a session"]


def _command(directory: Path, session: Session, **fields: str) -> str:
    """A credential_process that prints a session."""
    import json

    answer = {"Version": 1, **keys(session), **fields}
    path = directory / "credentials.json"
    path.write_text(json.dumps({name: value for name, value in answer.items() if value is not None}))
    return f'"{sys.executable}" -c "print(open(\'{path}\').read())"'


# --- chains


def test_a_chain_is_continued_where_the_store_ends(desk: Desk) -> None:
    desk.profile("admin-here", role_arn="arn:aws:iam::444455556666:role/admin", source_profile="power-user",
                 region="eu-central-1")  # fmt: skip
    power_user = desk.assume("power-user", someone(desk, "alice"))
    taken(desk)
    admin = desk.assume("admin-here")
    (call,) = desk.sandbox.calls()
    assert call["access_key_id"] == power_user.access_key_id
    assert call["values"]["RoleArn"] == "arn:aws:iam::444455556666:role/admin"
    assert admin.arn == "arn:aws:sts::444455556666:assumed-role/admin/me"
    assert admin.account == "444455556666"


def test_the_parts_of_a_chain_are_kept_too(desk: Desk) -> None:
    desk.assume("admin", someone(desk, "alice"))
    assert taken(desk) == ["GetSessionToken", "AssumeRole", "AssumeRole"]
    desk.assume("power-user", region="eu-west-1")
    desk.assume("base")
    assert taken(desk) == []


def test_every_hop_of_a_chain_lasts_an_hour_at_most(desk: Desk) -> None:
    session = desk.assume("admin", someone(desk, "alice"), duration_seconds=12 * HOUR)
    assert session.left(time.time()) == pytest.approx(HOUR, abs=5)
    assert [call["values"].get("DurationSeconds") for call in desk.sandbox.calls("AssumeRole")] == [None, "3600"]


def test_a_chain_is_renewed_silently_as_long_as_its_mfa_session(desk: Desk) -> None:
    admin = desk.assume("admin", someone(desk, "alice"))
    taken(desk)
    desk.assume("admin", later=HOUR - 800)
    assert taken(desk) == ["AssumeRole", "AssumeRole"]
    assert admin.attended_from == desk.assume("base").spent_from


# --- where credentials begin


def test_keys_from_the_environment_and_a_role_by_its_name(desk: Desk) -> None:
    """The account is asked once, and remembered with the request."""
    key = {name.upper(): value for name, value in desk.key_of("bob").items()}
    asked = {"role_arn": "read-only", "external_id": desk.sandbox.external_id, "environ": key}
    session = desk.assume(None, **asked)
    assert session.arn == "arn:aws:sts::111122223333:assumed-role/read-only/me"
    assert taken(desk) == ["GetCallerIdentity", "AssumeRole"]
    desk.assume(None, **asked, fresh=True)
    assert taken(desk) == ["AssumeRole"]


def test_the_command_s_session_is_not_kept(desk: Desk, tmp_path: Path) -> None:
    """A code cannot go with a session; the command may print another one tomorrow."""
    first, second = desk.assume("read-only"), desk.assume("read-only", fresh=True)
    process = desk.profile("process", credential_process=_command(tmp_path, first))
    desk.profile("deploy-too", role_arn="arn:aws:iam::111122223333:role/ci/deploy", source_profile=process,
                 mfa_serial=desk.sandbox.devices["alice"])  # fmt: skip
    for session in (first, second):
        _command(tmp_path, session)
        desk.sandbox.forget_calls()
        with pytest.raises(ShellhookError, match="does not let you assume"):
            desk.assume("deploy-too")
        assert [call["access_key_id"] for call in desk.sandbox.calls()] == [session.access_key_id]
    stored = (desk.state / "shellhook" / "sessions").iterdir()
    assert len(list(stored)) == 1, "that of read-only"


def test_keys_as_they_are(desk: Desk) -> None:
    session = desk.assume("base", long_term=True)
    assert session.access_key_id == desk.sandbox.keys["alice"]
    assert session.session_token is None
    assert calls(desk) == []
    assert not (desk.state / "shellhook" / "sessions").exists()


def test_what_cannot_begin_is_refused_without_a_call(desk: Desk) -> None:
    for profile in ("loop-a", "broken", "no-source"):
        with pytest.raises(BadConfiguration):
            desk.assume(profile)
    assert desk.sandbox.calls() == []


# --- nothing is left where it must not be


def test_secrets_are_in_the_store_alone(desk: Desk, tmp_path: Path) -> None:
    code = desk.sandbox.code("alice")
    done = desk.run(*desk.hooked("power-user", "-t", code))
    assert done.status == 0
    session = desk.assume("power-user")
    secrets = [session.secret_access_key, str(session.session_token), desk.assume("base").secret_access_key, code]
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        content = path.read_bytes()
        found = [secret for secret in secrets if secret.encode() in content]
        assert not found or path.is_relative_to(desk.state / "shellhook" / "sessions"), path
        assert code.encode() not in content, path
    assert not any(secret in done.err for secret in secrets)
    assert desk.sandbox.external_id not in done.err + done.out


def test_a_failed_assume_prints_nothing_for_the_shell(desk: Desk) -> None:
    for words in (["broken"], ["power-user", "-t", desk.sandbox.wrong_code("alice")], ["nobody"]):
        done = desk.run(*desk.hooked(*words))
        assert done.status != 0
        assert done.out == ""
        assert done.err.startswith("shellhook: ")
