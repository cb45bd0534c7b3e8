"""The broker: which MFA device is whose, and whether a code is wanted at all."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from shellhook import deadline
from shellhook.errors import NoCode, ShellhookError
from shellhook.store import forgetting
from tests.broker import HOUR, calls, keys, someone, taken
from tests.desk import Typist
from tests.sandbox.people import client, refusal

if TYPE_CHECKING:
    from tests.desk import Desk

posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals")


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


def test_an_iam_that_does_not_answer_is_not_waited_for_long(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "SECONDS_TO_LOOK", 0.3)
    desk.keys("bob-plain", **desk.key_of("bob"))
    typist = someone(desk, "bob", device="arn:aws:iam::111122223333:mfa/bob-phone")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environ = {"AWS_ENDPOINT_URL_IAM": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        desk.assume(open_power_user(desk, "bob-plain"), typist, environ=environ)
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
    assert forgetting.forget(desk.store, "dave") == 1
    assert forgetting.forget(desk.store, "base") == 1
    assert forgetting.forget(desk.store, "read-only") == 1


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


def test_so_is_a_strict_role_whose_device_only_the_source_names(desk: Desk) -> None:
    """Without the MFA session it would be assumed, with the code that AWS refuses it without."""
    desk.profile("open-strict", role_arn="arn:aws:iam::111122223333:role/strict", source_profile="base",
                 external_id=desk.sandbox.external_id)  # fmt: skip
    desk.assume("auditor", someone(desk, "alice"))
    desk.sandbox.age_mfa(400)
    taken(desk)
    typist = someone(desk, "alice")
    desk.assume("open-strict", typist, later=400)
    assert taken(desk) == ["AssumeRole: AccessDenied", "AssumeRole"]
    assert typist.asked == [desk.sandbox.devices["alice"]]
    again = someone(desk, "alice")
    desk.assume("open-strict", again, later=400, fresh=True)
    assert taken(desk) == ["AssumeRole"]
    assert len(again.asked) == 1


def test_who_has_just_typed_a_code_is_not_asked_for_another(desk: Desk) -> None:
    """A role that refuses a session bought now has another reason."""
    desk.profile("wrong-id", role_arn="arn:aws:iam::111122223333:role/power-user", source_profile="base",
                 external_id="wrong", mfa_serial=desk.sandbox.devices["alice"])  # fmt: skip
    typist = someone(desk, "alice")
    with pytest.raises(ShellhookError, match="does not let you assume"):
        desk.assume("wrong-id", typist)
    assert len(typist.asked) == 1
    assert calls(desk) == ["GetSessionToken", "AssumeRole: AccessDenied"]
