"""The broker: which calls an assume costs, who is asked for a code, and what is remembered."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from shellhook.errors import BadConfiguration, NoCode, NoNetwork, ShellhookError
from shellhook.mfa import Asker
from tests.desk import PROPOSED, Typist
from tests.sandbox.people import client, refusal

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from shellhook.session import Session
    from tests.desk import Desk

posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals")
HOUR = 3600


def calls(desk: Desk, service: str = "sts") -> list[str]:
    """The actions since the last look, in order; refused ones with their error."""
    made = desk.sandbox.calls(service=service)
    return [call["action"] + (f": {call['code']}" if call["code"] else "") for call in made]


def taken(desk: Desk) -> list[str]:
    """The same, and the record is emptied."""
    made = calls(desk)
    desk.sandbox.forget_calls()
    return made


def keys(session: Session) -> dict[str, str | None]:
    """A session in the shape STS gives credentials."""
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
    }


def someone(desk: Desk, user: str, *, device: str = PROPOSED) -> Typist:
    """A person with that user's authenticator at hand, who types one good code."""
    return Typist(lambda: desk.sandbox.code(user), device=device)


def until_expired(session: Session) -> None:
    assert session.expires is not None
    time.sleep(max(0.0, session.expires - time.time()) + 0.02)


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


# --- which device


def test_a_role_without_a_device_is_assumed_without_a_code(desk: Desk) -> None:
    """The source names a device; the role does not want one."""
    session = desk.assume("read-only")
    assert calls(desk) == ["AssumeRole"]
    assert session.attended_from is None, "the keys last for ever"
    assert session.renew_from == session.expires - 900


def test_it_is_assumed_from_the_live_mfa_session_if_there_is_one(desk: Desk) -> None:
    mfa_session = desk.assume("base", someone(desk, "alice"))
    taken(desk)
    desk.assume("read-only")
    (call,) = desk.sandbox.calls()
    assert call["access_key_id"] == mfa_session.access_key_id


def open_power_user(desk: Desk, source: str) -> str:
    """A profile of the role that wants MFA, which does not say so."""
    return desk.profile(
        "open", role_arn="arn:aws:iam::111122223333:role/power-user", source_profile=source,
        external_id=desk.sandbox.external_id,
    )  # fmt: skip


def test_the_code_is_asked_if_aws_refuses(desk: Desk) -> None:
    typist = someone(desk, "alice")
    desk.assume(open_power_user(desk, "base"), typist)
    assert typist.asked == [desk.sandbox.devices["alice"]]
    assert taken(desk) == ["AssumeRole: AccessDenied", "GetSessionToken", "AssumeRole"]
    assert desk.said == [
        "AWS refuses arn:aws:iam::111122223333:role/power-user without MFA; trying with a code",
    ]
    assert desk.broker is not None
    assert desk.broker.proved is None, "the user's files name the device"
    desk.assume("open", fresh=True)
    assert taken(desk) == ["AssumeRole"], "the MFA session lives, so it is not refused again"


def test_that_mfa_is_wanted_is_remembered(desk: Desk) -> None:
    """The next time the role is not refused first: the code is asked at once."""
    name = open_power_user(desk, "base")
    assert desk.plan(name).mfa == "refused"
    desk.assume(name, someone(desk, "alice"))
    assert desk.broker is not None
    assert desk.broker.learned == {"mfa": "yes"}
    remembered = desk.plan(name)
    assert remembered.mfa == "first"
    assert [hop.api for hop in remembered.hops] == ["GetSessionToken", "AssumeRole"]


def test_the_device_is_looked_up_where_none_is_named(desk: Desk) -> None:
    """It need not be called like the user."""
    typist = someone(desk, "bob")
    desk.assume("bob-power", typist)
    assert typist.asked == ["arn:aws:iam::111122223333:mfa/bob-phone"]
    assert typist.proposed == []
    assert calls(desk) == ["AssumeRole: AccessDenied", "GetSessionToken", "AssumeRole"]
    assert calls(desk, "iam") == ["ListMFADevices"]
    assert desk.broker is not None
    assert desk.broker.proved == "arn:aws:iam::111122223333:mfa/bob-phone", "offered to be saved as mfa_serial"


def test_what_was_looked_up_is_remembered(desk: Desk) -> None:
    desk.assume("bob-power", someone(desk, "bob"))
    desk.sandbox.forget_calls()
    desk.assume("bob-power", fresh=True)
    assert calls(desk) == ["AssumeRole"]
    assert calls(desk, "iam") == []


def test_a_user_who_may_not_list_devices_is_asked(desk: Desk) -> None:
    desk.keys("assumer", **desk.key_of("alice"))
    typist = someone(desk, "alice")
    desk.assume(open_power_user(desk, "assumer"), typist)
    assert typist.proposed == ["arn:aws:iam::111122223333:mfa/alice"]
    assert typist.asked == ["arn:aws:iam::111122223333:mfa/alice"]
    assert calls(desk, "iam") == ["ListMFADevices: AccessDenied"]
    taken(desk)
    desk.assume("open", fresh=True)
    assert taken(desk) == ["AssumeRole"]


def test_a_device_that_is_not_the_proposed_one(desk: Desk) -> None:
    desk.keys("assumer", **desk.key_of("alice"))
    typist = someone(desk, "alice", device="arn:aws:iam::111122223333:mfa/other")
    with pytest.raises(NoCode, match="could not check the MFA code") as caught:
        desk.assume(open_power_user(desk, "assumer"), typist)
    assert typist.asked == ["arn:aws:iam::111122223333:mfa/other"]
    assert "not this user's" in caught.value.why


def test_a_device_that_aws_does_not_know_is_not_remembered(desk: Desk) -> None:
    """Or a typing mistake could only be undone by an option."""
    desk.keys("assumer", **desk.key_of("alice"))
    open_power_user(desk, "assumer")
    with pytest.raises(NoCode):
        desk.assume("open", someone(desk, "alice", device="arn:aws:iam::111122223333:mfa/other"))
    typist = someone(desk, "alice")
    desk.assume("open", typist)
    assert typist.proposed == ["arn:aws:iam::111122223333:mfa/alice"]


def test_where_only_sts_is_within_reach_the_device_is_asked(desk: Desk, closed_port: str) -> None:
    desk.keys("assumer", **desk.key_of("bob"))
    typist = someone(desk, "bob", device="arn:aws:iam::111122223333:mfa/bob-phone")
    environ = {"AWS_ENDPOINT_URL_IAM": closed_port}
    desk.assume(open_power_user(desk, "assumer"), typist, environ=environ)
    assert typist.proposed == ["arn:aws:iam::111122223333:mfa/bob"]


def test_who_says_there_is_none_is_not_asked_again(desk: Desk) -> None:
    desk.keys("assumer", **desk.key_of("alice"))
    typist = Typist(device="")
    with pytest.raises(ShellhookError, match="does not let you assume"):
        desk.assume(open_power_user(desk, "assumer"), typist)
    assert typist.asked == []
    with pytest.raises(ShellhookError, match="does not let you assume"):
        desk.assume("open", typist)
    assert len(typist.proposed) == 1


@posix
def test_that_is_remembered_although_the_assume_failed(desk: Desk) -> None:
    desk.keys("assumer", **desk.key_of("alice"))
    words = desk.hooked(open_power_user(desk, "assumer"))
    with desk.terminal(*words) as terminal:
        terminal.wait("Use it?")
        terminal.key("enter")
        assert terminal.wait_end() == 1
    with desk.terminal(*words) as terminal:
        assert terminal.wait_end() == 1
        assert "it turned out before that you have no device" in terminal.history().replace("\n", " ")
    assert desk.run("forget", "open").status == 0
    with desk.terminal(*words) as terminal:
        terminal.wait("Use it?")


def test_where_nobody_can_be_asked_nothing_is_remembered(desk: Desk) -> None:
    """In a script carol gets a session without MFA; at a terminal she is asked all the same."""
    desk.assume("carol", Typist(device=None))
    assert desk.said[0].startswith("no MFA device")
    typist = someone(desk, "carol")
    desk.assume("carol", typist, fresh=True)
    assert typist.proposed == ["arn:aws:iam::111122223333:mfa/carol"]


def test_a_code_from_the_command_line_is_of_the_likely_device(desk: Desk) -> None:
    """`assume carol -t 123456` in a script: nobody can be asked, and the code was given for something."""
    done = desk.run(*desk.hooked("carol", "-t", desk.sandbox.code("carol")))
    assert done.status == 0
    assert desk.sandbox.calls("GetSessionToken")[0]["values"]["SerialNumber"] == desk.sandbox.devices["carol"]


def test_a_user_without_a_device_is_not_asked_for_a_code(desk: Desk) -> None:
    desk.assume("dave-read-only")
    open_power_user(desk, "dave")
    for _ in range(2):
        with pytest.raises(ShellhookError, match="does not let you assume"):
            desk.assume("open")
    assert calls(desk, "iam") == ["ListMFADevices"] * 2, "there may be one tomorrow"


def test_bare_keys_without_a_device_give_a_session_and_a_warning(desk: Desk) -> None:
    session = desk.assume("dave")
    (call,) = desk.sandbox.calls()
    assert call["action"] == "GetSessionToken"
    assert call["parameters"] == ["DurationSeconds"]
    assert desk.said == [
        "no MFA device: IAM calls, and whatever policies want MFA for, will be refused to this session"
    ]
    assert session.renew_from is not None, "nobody has to type anything for the next one"
    assert desk.assume("dave") == session


def test_a_session_is_forgotten_by_the_name_of_its_profile(desk: Desk) -> None:
    desk.assume("dave")
    desk.assume("base", someone(desk, "alice"))
    desk.assume("read-only")
    assert desk.store.forget("dave") == 1
    assert desk.store.forget("base") == 1
    assert desk.store.forget("read-only") == 1


def test_bare_keys_with_a_device_that_is_found(desk: Desk) -> None:
    typist = someone(desk, "bob")
    session = desk.assume("bob", typist)
    assert len(typist.asked) == 1
    assert session.device == desk.sandbox.devices["bob"]
    desk.sandbox.forget_calls()
    assert desk.assume("bob") == session
    assert calls(desk) == calls(desk, "iam") == []


def test_a_security_key_is_refused_before_anything_is_asked(desk: Desk) -> None:
    for profile in ("erin", "erin-power"):
        with pytest.raises(NoCode, match="cannot give a code") as caught:
            desk.assume(profile)
        assert "security key" in caught.value.why
        assert "authenticator app" in caught.value.remedy
    assert calls(desk) == []


def test_so_is_one_that_was_looked_up(desk: Desk) -> None:
    desk.keys("erin-too", **desk.key_of("erin"))
    with pytest.raises(NoCode, match="cannot give a code"):
        desk.assume(open_power_user(desk, "erin-too"))
    assert calls(desk) == ["AssumeRole: AccessDenied"]


def test_a_user_who_is_denied_everything_without_mfa_is_let_in_by_one_assume(desk: Desk) -> None:
    """Made by `aws configure` alone: no profile names a device, and IAM does not tell it either."""
    long_term = {"AccessKeyId": (key := desk.key_of("carol"))["aws_access_key_id"],
                 "SecretAccessKey": key["aws_secret_access_key"]}  # fmt: skip
    assert refusal(client(desk.sandbox, "iam", long_term).list_users)[1] == "AccessDenied"
    typist = someone(desk, "carol")
    session = desk.assume("carol", typist)
    assert typist.proposed == ["arn:aws:iam::111122223333:mfa/carol"]
    assert client(desk.sandbox, "iam", keys(session)).list_users()["Users"]
    desk.assume("carol-read-only")
    assert calls(desk).count("GetSessionToken") == 1


# --- a role that wants a younger code


def test_a_strict_role_is_asked_for_directly_and_that_is_remembered(desk: Desk) -> None:
    desk.assume("auditor", someone(desk, "alice"))
    desk.sandbox.age_mfa(400)
    taken(desk)
    typist = someone(desk, "alice")
    session = desk.assume("strict", typist, later=400)
    assert taken(desk) == ["AssumeRole: AccessDenied", "AssumeRole"]
    assert typist.reasons == [
        "arn:aws:iam::111122223333:role/strict refuses the MFA session: it may want a code of its own"
    ]
    assert session.renew_from is None
    again = someone(desk, "alice")
    desk.assume("strict", again, later=400, fresh=True)
    assert taken(desk) == ["AssumeRole"]
    assert len(again.asked) == 1
    desk.assume("auditor", later=HOUR)
    assert taken(desk) == ["AssumeRole"], "the MFA session is still good for others"


def test_who_has_just_typed_a_code_is_not_asked_for_another(desk: Desk) -> None:
    """A role that refuses a session bought now has another reason."""
    desk.profile("wrong-id", role_arn="arn:aws:iam::111122223333:role/power-user", source_profile="base",
                 external_id="wrong", mfa_serial=desk.sandbox.devices["alice"])  # fmt: skip
    typist = someone(desk, "alice")
    with pytest.raises(ShellhookError, match="does not let you assume"):
        desk.assume("wrong-id", typist)
    assert len(typist.asked) == 1
    assert calls(desk) == ["GetSessionToken", "AssumeRole: AccessDenied"]


# --- codes


def wrong_codes(desk: Desk) -> list[str]:
    first = int(desk.sandbox.wrong_code("alice"))
    return [f"{first + number:06}" for number in range(3)]


def test_a_wrong_code_is_asked_again(desk: Desk) -> None:
    typist = Typist(*wrong_codes(desk)[:2], lambda: desk.sandbox.code("alice"))
    desk.assume("base", typist)
    assert len(typist.asked) == 3
    assert calls(desk) == ["GetSessionToken: AccessDenied"] * 2 + ["GetSessionToken"]
    assert len(desk.said) == 2
    assert all(line.startswith("AWS did not take the MFA code: ") for line in desk.said)


def test_three_wrong_codes_are_enough(desk: Desk) -> None:
    typist = Typist(*wrong_codes(desk))
    with pytest.raises(NoCode, match="did not take the MFA code"):
        desk.assume("base", typist)
    assert calls(desk) == ["GetSessionToken: AccessDenied"] * 3
    assert len(desk.said) == 2, "the third is said once, as the error"
    desk.assume("base", someone(desk, "alice"))


def test_a_used_code_is_not_sent(desk: Desk) -> None:
    """AWS would say that it is wrong. We know better, and how long it takes to the next."""
    code = desk.sandbox.code("alice")
    desk.assume("base", Typist(code))
    taken(desk)
    typist = Typist(code, lambda: desk.sandbox.code("alice"))
    desk.assume("base", typist, fresh=True)
    assert taken(desk) == ["GetSessionToken"]
    (said,) = desk.said
    waits = re.fullmatch(r"this MFA code was used already: wait for the next one, (\d+)s from now", said)
    assert waits
    assert 1 <= int(waits[1]) <= 30


def test_a_wrong_code_that_is_typed_again_is_not_sent_again(desk: Desk) -> None:
    wrong = desk.sandbox.wrong_code("alice")
    with pytest.raises(NoCode, match="used already"):
        desk.assume("base", Typist(wrong, wrong, wrong))
    assert calls(desk) == ["GetSessionToken: AccessDenied"]


def test_a_code_that_did_not_get_there_may_be_sent_again(desk: Desk, closed_port: str) -> None:
    code = desk.sandbox.code("alice")
    with pytest.raises(NoNetwork):
        desk.assume("base", Typist(code), environ={"AWS_ENDPOINT_URL": closed_port})
    desk.assume("base", Typist(code))


def test_a_code_from_the_command_line_is_used_without_a_question(desk: Desk) -> None:
    desk.assume("power-user", Asker({}, desk.sandbox.code("alice")))
    assert calls(desk) == ["GetSessionToken", "AssumeRole"]


def test_it_is_used_once() -> None:
    asker = Asker({}, "123456")
    assert asker.has_given
    assert asker.code("me", "exit 1", "") == "123456", "before any command of the profile's"
    assert not asker.has_given


@pytest.mark.parametrize("used", [False, True], ids=["wrong", "used"])
def test_one_that_is_refused_is_not_asked_about(desk: Desk, used: bool) -> None:
    """It stood in a script, maybe: nobody is there to answer."""
    code = desk.sandbox.code("alice") if used else desk.sandbox.wrong_code("alice")
    if used:
        desk.assume("base", Typist(code))
    with pytest.raises(NoCode, match="used already" if used else "did not take"):
        desk.assume("base", Asker({}, code), fresh=True)
    assert calls(desk).count("GetSessionToken") == used


@pytest.mark.parametrize("typed", ["12345", "1234567", "12345a", "", "١٢٣٤٥٦", " 12345"])
def test_what_is_no_code_is_refused_at_once(typed: str) -> None:
    with pytest.raises(NoCode, match="no code"):
        Asker({}, typed)


def test_a_code_that_is_not_needed_is_not_sent(desk: Desk) -> None:
    desk.assume("read-only", Asker({}, "123456"))
    assert "TokenCode" not in desk.sandbox.calls()[0]["parameters"]


# --- mfa_process


def authenticator(desk: Desk, directory: Path, before: str = "") -> str:
    """A command that prints a new code, and keeps count of its runs in `runs`."""
    (directory / "code").write_text(desk.sandbox.code("alice"))
    return f"{before} echo x >> '{directory}/runs'; cat '{directory}/code'"


def with_process(desk: Desk, command: str) -> str:
    return desk.profile(
        "process", mfa_serial=desk.sandbox.devices["alice"], mfa_process=command, **desk.key_of("alice")
    )


def test_the_code_comes_from_the_command(desk: Desk, tmp_path: Path) -> None:
    desk.assume(with_process(desk, authenticator(desk, tmp_path)))
    assert calls(desk) == ["GetSessionToken"]
    assert (tmp_path / "runs").read_text() == "x\n"


def test_blanks_around_it_do_not_matter(desk: Desk) -> None:
    desk.assume(with_process(desk, f"printf '  {desk.sandbox.code('alice')}  \\n\\n'"))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("exit 3", "it ended with status 3"),
        ("echo 123456; exit 1", "it ended with status 1"),
        ("echo 12345", "it did not print 6 digits"),
        ("printf '123456\\n654321\\n'", "it did not print 6 digits"),
        ("printf '\\377\\000'", "it did not print 6 digits"),
        (":", "it did not print 6 digits"),
        ("no-such-command-at-all 2>/dev/null", "it ended with status 127"),
        ("echo 123456 >&2", "it did not print 6 digits"),
    ],
)
def test_a_command_that_gives_none(desk: Desk, command: str, why: str) -> None:
    with pytest.raises(NoCode, match="mfa_process gave no code") as caught:
        desk.assume(with_process(desk, command))
    assert caught.value.why == why
    assert command not in str(caught.value), "the seed of the codes may stand in it"
    assert calls(desk) == []


def test_a_command_whose_code_is_refused_runs_once(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "code").write_text(desk.sandbox.wrong_code("alice"))
    with pytest.raises(NoCode, match="did not take"):
        desk.assume(with_process(desk, f"echo x >> '{tmp_path}/runs'; cat '{tmp_path}/code'"))
    assert (tmp_path / "runs").read_text() == "x\n"


@posix
def test_the_command_has_the_terminal(desk: Desk, tmp_path: Path) -> None:
    """For a touch, a PIN: it can ask and read there."""
    question = "printf 'PIN: ' >&2; read pin; [ \"$pin\" = 1234 ] || exit 9; stty -a >/dev/null || exit 8;"
    with_process(desk, authenticator(desk, tmp_path, question))
    with desk.terminal(*desk.hooked("process")) as terminal:
        terminal.wait("^PIN:")
        terminal.type("1234")
        terminal.key("enter")
        assert terminal.wait_end() == 0
        assert "AWS_ACCESS_KEY_ID" in terminal.history()


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


# --- many shells at once


def finish(processes: list[Any]) -> list[tuple[int, str, str]]:
    ended = [(process, *process.communicate(timeout=60)) for process in processes]
    return [(process.returncode, out, err) for process, out, err in ended]


def assigned(out: str, name: str) -> str:
    found = re.search(rf"\b{name}='?([^\s';]+)", out)
    assert found, out
    return found[1]


class Blocked:
    """A shell that is asked for a code, and has the lock until it gets one: its mfa_process waits for `release`."""

    def __init__(self, desk: Desk, directory: Path) -> None:
        self.gate = directory / "gate"
        os.mkfifo(self.gate)
        with_process(desk, f"echo x >> '{directory}/runs'; echo asking >&2; cat '{self.gate}'")
        self.runs = directory / "runs"
        self.process = desk.start(*desk.hooked("process"))
        assert self.process.stderr
        assert self.process.stderr.readline() == "asking\n"

    def release(self, code: str) -> None:
        self.gate.write_text(code)


@pytest.fixture
def blocked(desk: Desk, tmp_path: Path) -> Blocked:
    return Blocked(desk, tmp_path)


def waiting(desk: Desk) -> Any:
    """A second shell, which says that it waits."""
    process = desk.start(*desk.hooked("process"))
    assert process.stderr
    line = process.stderr.readline()
    assert line == "shellhook: waiting for another shell that is getting this session (Ctrl-C ends the wait)\n"
    return process


@posix
def test_the_wait_for_another_shell_ends_with_ctrl_c(desk: Desk, blocked: Blocked) -> None:
    second = waiting(desk)
    second.send_signal(signal.SIGINT)
    assert finish([second]) == [(130, "", "shellhook: cancelled\n")]
    blocked.release(desk.sandbox.code("alice"))
    ((status, out, _),) = finish([blocked.process])
    assert status == 0
    assert "AWS_SESSION_TOKEN" in out


@posix
def test_who_waits_gets_what_the_other_got(desk: Desk, blocked: Blocked) -> None:
    crowd = [waiting(desk) for _ in range(3)]
    blocked.release(desk.sandbox.code("alice"))
    ended = finish([blocked.process, *crowd])
    assert {status for status, _, _ in ended} == {0}
    assert len({assigned(out, "AWS_ACCESS_KEY_ID") for _, out, _ in ended}) == 1
    assert blocked.runs.read_text() == "x\n"
    assert calls(desk) == ["GetSessionToken"]


@posix
def test_when_the_other_is_killed_the_next_one_asks(desk: Desk, blocked: Blocked) -> None:
    second = waiting(desk)
    os.killpg(blocked.process.pid, signal.SIGKILL)
    assert second.stderr.readline() == "asking\n"
    blocked.release(desk.sandbox.code("alice"))
    assert finish([second])[0][0] == 0
    blocked.process.communicate()
    assert blocked.runs.read_text() == "x\nx\n"


@posix
def test_when_the_other_fails_the_next_one_asks(desk: Desk, blocked: Blocked) -> None:
    second = waiting(desk)
    blocked.release("no code")
    assert finish([blocked.process])[0][0] == 4
    assert second.stderr.readline() == "asking\n"
    blocked.release(desk.sandbox.code("alice"))
    assert finish([second])[0][0] == 0


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
