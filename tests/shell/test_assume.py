"""`assume` in a real shell, typed by a person, answered by the real backend and an AWS that means it."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

from shellhook.environment import OURS
from shellhook.sandbox import Sandbox
from shellhook.sandbox.files import ODD_NAME
from tests.shell.person import Meet
from tests.shell.shells import Shell

ACCOUNT, SECOND_ACCOUNT = "111122223333", "444455556666"
ALICE = f"MFA code of alice (arn:aws:iam::{ACCOUNT}:mfa/alice): "
DOTS = ALICE + "••••••"
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def test_a_role_that_wants_no_code_is_had_without_a_question(shell: Shell, person: Meet) -> None:
    me = person(shell)
    result = me.types("assume read-only")
    assert (result.status, result.output) == (0, "")
    now = me.environment()
    assert all(now[name] for name in KEYS)
    assert (now["SHELLHOOK_PROFILE"], now["SHELLHOOK_ROLE"]) == ("read-only", "read-only")
    assert (now["SHELLHOOK_ACCOUNT"], now["AWS_ACCOUNT_ID"]) == (ACCOUNT, ACCOUNT)
    assert (now["AWS_REGION"], now["AWS_DEFAULT_REGION"]) == ("us-east-1", "us-east-1")
    assert 3300 < int(now["SHELLHOOK_EXPIRES"]) - time.time() <= 3601
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", now["AWS_CREDENTIAL_EXPIRATION"])
    assert me.is_at_aws() == "assumed-role/read-only/me"


def test_one_code_is_asked_and_lasts_for_other_roles(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(shell)
    code = me.code()
    me.asked("assume power-user")
    me.answers(code)
    result = me.ready()
    assert (result.status, result.output) == (0, DOTS)
    assert me.is_at_aws() == "assumed-role/power-user/me"
    for profile, account, region in (("auditor", SECOND_ACCOUNT, "us-east-1"), ("admin", SECOND_ACCOUNT, "eu-west-1")):
        result = me.types(f"assume {profile}")
        assert (result.status, result.output) == (0, ""), "no second code"
        now = me.environment()
        assert (now["SHELLHOOK_PROFILE"], now["AWS_ACCOUNT_ID"], now["AWS_REGION"]) == (profile, account, region)
        assert f"assumed-role/{profile}/me" in me.is_at_aws()
    assert len(sandbox.calls("GetSessionToken")) == 1
    state = me.state()
    assert code not in me.session.terminal.history()
    assert code not in "\n".join(me.session.history())
    assert [name for name, text in state.variables.items() if code in text] == []


def test_a_wrong_code_is_asked_again(shell: Shell, person: Meet) -> None:
    me = person(shell)
    me.asked("assume power-user")
    me.answers("12345")
    me.sees("a code has 6 digits")
    me.sees_question()
    me.answers(me.sandbox.wrong_code("alice"))
    me.sees("did not take")
    me.sees_question()
    me.answers(me.code())
    assert me.ready().status == 0
    assert me.profile() == "power-user"


def test_after_three_wrong_codes_nothing_has_changed(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(shell)
    before = me.state()
    first = int(sandbox.wrong_code("alice"))
    me.asked("assume power-user")
    for number in range(3):
        me.session.terminal.wait(lambda screen, refused=number: screen.count("did not take") == refused, 60)
        me.sees_question()
        me.answers(f"{first + number:06}")
    result = me.ready()
    assert result.status == 4
    assert result.output.count(DOTS) == 3
    assert me.changed_since(before) == {}


def test_a_used_code_is_not_sent_again(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(shell)
    code = me.code()
    me.asked("assume power-user")
    me.answers(code)
    assert me.ready().status == 0
    me.types("shellhook forget --all")
    me.asked("assume power-user")
    me.answers(code)
    me.sees(r"used already: wait for the next one, \d+s from now")
    me.sees_question()
    assert len(sandbox.calls("GetSessionToken")) == 1
    me.answers(me.code())
    assert me.ready().status == 0


def test_ctrl_c_at_the_question(shell: Shell, person: Meet) -> None:
    me = person(shell)
    before = me.state()
    me.asked("assume power-user")
    me.session.type("123")
    me.session.key("ctrl-z")  # which would leave the shell waiting for it for ever
    me.session.type("4")
    me.sees("••••$")
    me.session.key("ctrl-c")
    result = me.ready()
    assert result.status == 130
    assert "Traceback" not in result.output
    assert me.changed_since(before) == {}
    settings = me.types("stty -a").output
    assert re.search(r" echo\b", settings), "what is typed is shown again"
    assert re.search(r" icanon\b", settings)
    assert re.search(r"susp = \^Z", settings)
    me.asked("assume power-user")
    me.answers(me.code())
    assert me.ready().status == 0


def test_off_puts_back_what_was_there(shell: Shell, person: Meet, sessions: Path) -> None:
    there = {
        "AWS_ACCESS_KEY_ID": "AKIABEFORE",
        "AWS_SECRET_ACCESS_KEY": "before, with 'quotes' and $HOME",
        "AWS_SESSION_TOKEN": "",
        "AWS_PROFILE": "base",
        "AWS_DEFAULT_REGION": "ap-south-1",
        "AWS_DEFAULT_OUTPUT": "",
        "AWS_VAULT": "",
        "AWS_SSO_PROFILE": "two\nlines",
    }
    if shell.kind == "powershell":
        there = {name: value for name, value in there.items() if value}
    me = person(shell, sessions=sessions, env=there)
    before = me.state()
    for line in ("assume read-only", "assume power-user", "assume read-only"):
        assert me.types(line).status == 0
    on = me.environment()
    assert on["AWS_REGION"] == "us-east-1"
    assert not {"AWS_PROFILE", "AWS_VAULT", "AWS_SSO_PROFILE"} & on.keys()
    result = me.types("assume --off")
    assert (result.status, result.output) == (0, "")
    after = me.state()
    assert set(after.environment) - set(before.environment) == {b"SHELLHOOK_PREVIOUS"}
    left = {name: value for name, value in after.environment.items() if name != b"SHELLHOOK_PREVIOUS"}
    assert left == before.environment
    assert list((me.desk.state / "shellhook" / "before").iterdir()) == [], "old keys are not kept longer than needed"
    assert me.types("assume --off").status == 2


def test_off_leaves_what_was_changed_by_hand(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, env={"AWS_REGION": "ap-south-1", "AWS_PROFILE": "base"})
    me.types("assume read-only")
    me.types(shell.export("AWS_REGION", "sa-east-1"))
    me.types(shell.export("AWS_PROFILE", "mine"))
    me.types(shell.remove("AWS_DEFAULT_REGION"))
    for name in KEYS:
        me.types(shell.export(name, f"my own {name}"))
    assert me.types("assume --off").status == 0
    now = me.environment()
    assert (now["AWS_REGION"], now["AWS_PROFILE"]) == ("sa-east-1", "mine")
    assert "AWS_DEFAULT_REGION" not in now
    assert [now[name] for name in KEYS] == [f"my own {name}" for name in KEYS]
    assert not [name for name in OURS if name in now and name != "SHELLHOOK_PREVIOUS"]


def test_the_previous_one_and_back(shell: Shell, person: Meet, sessions: Path, sandbox: Sandbox) -> None:
    me = person(shell, sessions=sessions)
    result = me.types("assume -")
    assert result.status == 2
    assert "no previous session" in result.output
    me.types("assume read-only")
    me.types("assume power-user --region ap-south-1")
    keys = me.environment()["AWS_ACCESS_KEY_ID"]
    for profile, region in (("read-only", "us-east-1"), ("power-user", "ap-south-1"), ("read-only", "us-east-1")):
        assert me.types("assume -").status == 0
        now = me.environment()
        assert (now["SHELLHOOK_PROFILE"], now["AWS_REGION"]) == (profile, region)
    me.types("assume --off")
    assert me.profile() is None
    assert me.types("assume -").status == 0
    assert me.profile() == "read-only"
    me.types("assume power-user --region ap-south-1")
    assert me.environment()["AWS_ACCESS_KEY_ID"] == keys
    assert sandbox.calls("GetSessionToken") == []


def test_renew_gets_a_new_session_and_keeps_the_rest(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    assert me.types("assume --renew").status == 2
    me.types("assume power-user --region ap-south-1")
    before = me.environment()
    me.types(shell.export("AWS_REGION", "sa-east-1"))
    result = me.types("assume --renew")
    assert (result.status, result.output) == (0, ""), "no code while the MFA session lives"
    after = me.environment()
    assert after["AWS_ACCESS_KEY_ID"] != before["AWS_ACCESS_KEY_ID"]
    assert after["SHELLHOOK_KEY_ID"] == after["AWS_ACCESS_KEY_ID"]
    assert after["SHELLHOOK_REQUEST"] == before["SHELLHOOK_REQUEST"]
    assert after["AWS_REGION"] == "sa-east-1", "changed by hand"
    assert after["AWS_DEFAULT_REGION"] == "ap-south-1"
    assert me.types("assume --off").status == 0
    assert me.environment()["AWS_REGION"] == "sa-east-1"


def test_a_name_that_careless_quoting_falls_over(shell: Shell, person: Meet) -> None:
    me = person(shell)
    result = me.types(f"assume {shell.quote(ODD_NAME)}")
    assert (result.status, result.output) == (0, "")
    assert me.environment()["SHELLHOOK_PROFILE"] == me.environment()["AWSUME_PROFILE"] == ODD_NAME
    assert me.types("assume read-only").status == 0
    assert me.types("assume -").status == 0
    assert me.profile() == ODD_NAME
    assert ODD_NAME in me.types("assume --status").output
    assert me.types("assume --off").status == 0
    assert not (me.desk.home / "owned").exists()


def test_status_for_people_and_for_programs(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions)
    assert me.types("assume --status").status == 2
    none = me.types("assume --status --json")
    assert (none.status, json.loads(none.output)["state"]) == (2, "none")
    me.types("assume power-user")
    shown = me.types("assume --status")
    assert shown.status == 0
    lines = dict(line.split(maxsplit=1) for line in shown.output.splitlines())
    assert (lines["profile"], lines["account"], lines["region"]) == ("power-user", ACCOUNT, "eu-central-1")
    assert re.fullmatch(r"(\d\dm|1h00m) left, until \S+Z", lines["session"])
    now = me.environment()
    told = me.types("assume --status --json")
    report = json.loads(told.output)
    assert (told.status, report["state"], report["role"]) == (0, "valid", "power-user")
    assert report["expires"] == int(now["SHELLHOOK_EXPIRES"])
    assert not [name for name in KEYS if now[name] in shown.output + told.output]
    expired = me.types("env SHELLHOOK_EXPIRES=1000000000 shellhook status --json")
    assert (expired.status, json.loads(expired.output)["state"]) == (1, "expired")
    me.types(shell.export("AWS_PROFILE", "base"))
    changed = me.types("assume --status --json")
    assert (changed.status, json.loads(changed.output)["state"]) == (1, "changed")
