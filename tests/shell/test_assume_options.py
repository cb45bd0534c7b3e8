"""Roles that no profile names, external IDs typed unseen, what is saved, and other names for the command."""

from __future__ import annotations

from pathlib import Path

from shellhook.sandbox import Sandbox
from tests.shell.person import Meet
from tests.shell.shells import Shell

ALIASES = {
    "bash": "alias assume='echo not me;'",
    "zsh": "alias assume='echo not me;'; alias -g assume='echo not me'",
    "fish": "alias assume 'echo not me'",
    "powershell": "Set-Alias assume Write-Output",
}


def test_an_external_id_is_typed_unseen(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(shell)
    before = me.state()
    me.asked("assume --profile base --role-arn read-only --external-id -", "^External ID: $")
    me.session.key("ctrl-c")
    assert me.ready().status == 130
    assert me.changed_since(before) == {}
    me.asked("assume --profile base --role-arn read-only --external-id -", "^External ID: $")
    me.answers(sandbox.external_id)
    result = me.ready()
    assert (result.status, result.output) == (0, "External ID: " + "•" * len(sandbox.external_id))
    state = me.state()
    assert state.environment[b"SHELLHOOK_ROLE"] == b"read-only"
    assert sandbox.external_id not in me.session.terminal.history()
    assert [name for name, text in {**state.variables, **state.settings}.items() if sandbox.external_id in text] == []
    assert me.types("assume --renew").output == "", "the request remembers it"


def test_a_role_that_no_profile_names_is_saved_as_one(shell: Shell, person: Meet, sandbox: Sandbox) -> None:
    me = person(shell)
    config = me.desk.config.read_text(encoding="utf-8")
    typed = f"assume --profile base --role-arn read-only --external-id {sandbox.external_id} -r eu-west-3"
    me.asked(f"{typed} --save mine", r"^Add it\? \[Y/n\] $")
    me.answers("n")
    assert me.ready().status == 0
    assert me.environment()["AWS_REGION"] == "eu-west-3", "the session is had all the same"
    assert me.desk.config.read_text(encoding="utf-8") == config
    me.asked(f"{typed} --save 'my own'", r"^Add it\? \[Y/n\] $")
    me.sees(r'^    \[profile "my own"\]\n    role_arn = arn:aws:iam::111122223333:role/read-only$')
    me.answers("")
    assert me.ready().status == 0
    added = me.desk.config.read_text(encoding="utf-8").removeprefix(config)
    assert added.startswith('\n[profile "my own"]\nrole_arn = arn:aws:iam::111122223333:role/read-only\n')
    assert f"external_id = {sandbox.external_id}\n" in added
    me.types("assume --off")
    assert me.types("assume 'my own'").status == 0
    now = me.environment()
    assert (now["SHELLHOOK_PROFILE"], now["SHELLHOOK_ROLE"], now["AWS_REGION"]) == ("my own", "read-only", "eu-west-3")
    result = me.types("assume --profile base --role-arn ci/deploy --save deployer --yes")
    assert result.status == 0
    assert "Add it?" not in result.output
    assert me.types("assume deployer").status == 0
    assert me.is_at_aws() == "assumed-role/deploy/me"


def test_the_session_of_keys_with_a_device(shell: Shell, person: Meet) -> None:
    me = person(shell)
    me.asked("assume base")
    me.answers(me.code())
    assert me.ready().status == 0
    assert me.is_at_aws() == "user/alice"
    now = me.environment()
    assert (now["SHELLHOOK_PROFILE"], "SHELLHOOK_ROLE" in now) == ("base", False)
    assert me.types("assume power-user").output == "", "the same code"


def test_a_code_as_an_option(shell: Shell, person: Meet) -> None:
    me = person(shell)
    result = me.types(f"assume power-user --token-code {me.code()}")
    assert (result.status, result.output) == (0, "")
    me.types("shellhook forget --all")
    result = me.types(f"assume power-user -t {me.sandbox.wrong_code('alice')}")
    assert result.status == 4, "and there is no question"
    assert me.profile() == "power-user"


def test_another_name_for_it(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, command="awsrole")
    assert me.types("awsrole read-only").status == 0
    assert me.profile() == "read-only"
    assert me.types("assume --off").status == 127 or shell.kind == "powershell"
    assert me.profile() == "read-only"
    assert me.types("awsrole --off").status == 0
    assert me.profile() is None


def test_an_alias_of_its_name_does_not_stand_before_it(shell: Shell, person: Meet, sessions: Path) -> None:
    me = person(shell, sessions=sessions, first=ALIASES[shell.kind])
    result = me.types("assume read-only")
    assert (result.status, result.output) == (0, "")
    assert me.profile() == "read-only"
