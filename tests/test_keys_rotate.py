"""Rotation: a new key, verified, in place of the old one; whatever happens, a working key remains."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import boto3
import botocore.exceptions
import pytest

from shellhook.assume import Outcome
from shellhook.errors import ShellhookError
from shellhook.keys import held
from shellhook.keys.iam import Iam
from shellhook.profiles import read
from shellhook.session import Session
from shellhook.sts import Aws, Refused
from tests.desk import PROGRAM, Desk, Typist
from tests.keyrings import Memory, memory
from tests.killed import killed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shellhook.plan import Plan
    from shellhook.sandbox import Sandbox
    from tests.desk import Done

__all__ = ["memory"]  # a fixture

OWN_KEYS = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [
    "iam:ListAccessKeys", "iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"
], "Resource": "arn:aws:iam::111122223333:user/%s"}]}"""


class Frank:
    """A user of his own, who may change his keys; his profile `frank` has its key in the keyring."""

    def __init__(self, desk: Desk, memory: Memory, admin: Any) -> None:
        self.desk, self.memory, self.iam = desk, memory, admin
        desk.environ.update(memory.environ)
        self.name = f"frank-{uuid.uuid4().hex[:8]}"
        self.iam.create_user(UserName=self.name)
        self.allow(OWN_KEYS % self.name)
        self.old = self.new_key()
        # As `keys import` leaves them.
        key_id, memory.held[key_id] = self.old
        desk.profile("frank", credential_process=f"{PROGRAM} keys process {key_id}")
        desk.sandbox.forget_calls()

    def allow(self, policy: str) -> None:
        self.iam.put_user_policy(UserName=self.name, PolicyName="own", PolicyDocument=policy)

    def new_key(self) -> tuple[str, str]:
        given = self.iam.create_access_key(UserName=self.name)["AccessKey"]
        return given["AccessKeyId"], given["SecretAccessKey"]

    def keys(self) -> dict[str, str]:
        """His keys at IAM, and their status."""
        there = self.iam.list_access_keys(UserName=self.name)["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in there}

    @property
    def in_file(self) -> str:
        return held.in_keyring(read(self.desk.here.files()), "frank").key_id

    def is_himself(self) -> bool:
        """Does AWS take the key that stands in his file?"""
        try:
            sts = client("sts", self.desk.sandbox, self.in_file, self.memory.held[self.in_file])
            return str(sts.get_caller_identity()["Arn"]).endswith(f"user/{self.name}")
        except botocore.exceptions.ClientError:
            return False

    def has_only(self, key_id: str) -> bool:
        """Is that his one key: at AWS, in the keyring, in the file, and nothing is under way?"""
        assert self.in_file == key_id
        assert self.keys() == {key_id: "Active"}
        assert list(self.memory.held) == [key_id]
        assert list(self.desk.state.glob("shellhook/rotations/*")) == []
        return self.is_himself()

    def rotates(self, *words: str) -> Done:
        return self.desk.run("keys", "rotate", "frank", "--yes", *words)

    def gone(self) -> None:
        for key_id in self.keys():
            self.iam.delete_access_key(UserName=self.name, AccessKeyId=key_id)
        self.iam.delete_user_policy(UserName=self.name, PolicyName="own")
        self.iam.delete_user(UserName=self.name)


def client(service: str, sandbox: Sandbox, *credentials: str | None) -> Any:
    return boto3.session.Session(*credentials, region_name="us-east-1").client(service, endpoint_url=sandbox.endpoint)


@pytest.fixture(scope="module")
def admin(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """IAM, for a role that may do everything."""
    session = Desk(sandbox, tmp_path_factory.mktemp("admin")).assume("strict", Typist(lambda: sandbox.code("alice")))
    return client("iam", sandbox, session.access_key_id, session.secret_access_key, session.session_token)


@pytest.fixture
def frank(desk: Desk, memory: Memory, admin: Any) -> Iterator[Frank]:
    somebody = Frank(desk, memory, admin)
    yield somebody
    somebody.gone()


def test_rotate(frank: Frank) -> None:
    done = frank.rotates()
    assert done.status == 0, done
    new = frank.in_file
    assert new != frank.old[0]
    assert done.out == f"frank: {new} in place of {frank.old[0]}, which is deleted\n"
    assert frank.has_only(new)
    assert frank.memory.held[new] not in done.out + done.err
    calls = [(call["action"], call["access_key_id"]) for call in frank.desk.sandbox.calls(service="iam")]
    old = ["ListAccessKeys", "ListAccessKeys", "CreateAccessKey"]
    assert calls[:5] == [*((each, frank.old[0]) for each in old), ("UpdateAccessKey", new), ("DeleteAccessKey", new)]


def test_it_is_asked(frank: Frank) -> None:
    with frank.desk.terminal("keys", "rotate", "frank") as terminal:
        terminal.wait(r"Go on\? \[Y/n\]$")
        terminal.type("n")
        terminal.key("enter")
        assert terminal.wait_end() == 1
    assert frank.has_only(frank.old[0])


def test_every_profile_of_the_key_has_the_new_one(frank: Frank) -> None:
    command = frank.desk.here.files()
    line = read(command).profile("frank").settings["credential_process"]
    frank.desk.keys("twin", credential_process=line)
    assert frank.rotates().status == 0
    assert held.in_keyring(read(command), "twin").key_id == frank.in_file
    assert frank.has_only(frank.in_file)


def test_two_at_once_go_one_after_the_other(frank: Frank) -> None:
    started = [frank.desk.start("keys", "rotate", "frank", "--yes") for _ in range(2)]
    ends = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0], ends
    assert frank.has_only(frank.in_file)


# What is done, in order; a run is killed right after each that changes something.
STEPS = [
    "list_access_keys",
    "put_rotation",
    "list_access_keys",
    "create_access_key",
    "put",
    "put_rotation",
    "get_caller_identity",
    "get_caller_identity",
    "replace",
    "update_access_key",
    "delete_access_key",
    "delete",
    "drop_rotation",
]


ROTATE = ("rotate", "frank", "--yes")


def test_the_steps(frank: Frank) -> None:
    assert killed(frank.desk.environ, 0, *ROTATE) == STEPS


CHANGES = [n for n, step in enumerate(STEPS, 1) if step not in ("list_access_keys", "get_caller_identity")]


@pytest.mark.parametrize("step", CHANGES, ids=lambda n: f"{n}-{STEPS[n - 1]}")
def test_killed_after(step: int, frank: Frank) -> None:
    assert killed(frank.desk.environ, step, *ROTATE) == STEPS[:step]
    assert frank.is_himself(), "a working key remains"
    stored = [file.read_bytes() for file in frank.desk.state.rglob("*") if file.is_file()]
    assert [name for name, secret in frank.memory.held.items() if any(secret.encode() in text for text in stored)] == []
    done = frank.rotates()
    assert done.status == 0, done
    assert frank.has_only(frank.in_file)
    assert frank.in_file != frank.old[0]


def test_a_key_whose_secret_was_lost_is_not_deleted_unasked_if_it_may_be_somebody_elses(frank: Frank) -> None:
    killed(frank.desk.environ, STEPS.index("create_access_key"), *ROTATE)
    note = next(frank.desk.state.glob("shellhook/rotations/*"))
    saved = frank.desk.store.rotation(note.name)
    assert saved is not None
    frank.desk.store.put_rotation(note.name, {**saved, "at": saved["at"] - 86_400})
    stranger, _ = frank.new_key()
    done = frank.rotates()
    assert done.status == 1
    assert f"{stranger} is there" in done.err
    assert frank.keys() == {frank.old[0]: "Active", stranger: "Active"}
    with frank.desk.terminal("keys", "rotate", "frank") as terminal:
        terminal.wait(rf"Delete {stranger}, and make another\? \[y/N\]$")
        terminal.type("y")
        terminal.key("enter")
        assert terminal.wait_end(30) == 0
    assert frank.has_only(frank.in_file)


def test_a_new_key_takes_its_time_to_be_known(frank: Frank) -> None:
    frank.desk.sandbox.fail(403, "InvalidClientTokenId", count=2, action="GetCallerIdentity")
    frank.desk.sandbox.fail(403, "InvalidClientTokenId", count=1, action="UpdateAccessKey")
    done = frank.rotates()
    assert done.status == 0, done
    assert done.err.count("waiting for AWS to know the key") == 2
    assert frank.has_only(frank.in_file)


def test_two_keys_are_the_most_there_can_be(frank: Frank) -> None:
    other, _ = frank.new_key()
    done = frank.rotates()
    assert done.status == 1
    assert "has two keys, and IAM allows no third" in done.err
    assert f"aws iam delete-access-key --access-key-id {other} --profile frank" in done.err
    assert frank.keys() == {frank.old[0]: "Active", other: "Active"}


def test_a_user_who_may_not(frank: Frank) -> None:
    frank.allow((OWN_KEYS % frank.name).replace("iam:CreateAccessKey", "iam:GetUser"))
    done = frank.rotates()
    assert done.status == 1
    assert "AWS did not do CreateAccessKey for profile 'frank'" in done.err
    assert "iam:CreateAccessKey" in done.err
    assert frank.has_only(frank.old[0])


def test_a_keyring_that_does_not_keep_the_new_key(frank: Frank) -> None:
    frank.memory.forgetful = True
    done = frank.rotates()
    assert done.status == 1
    assert "the keyring did not keep AKIA" in done.err
    assert frank.has_only(frank.old[0])


def test_a_network_that_goes_away_in_the_middle(frank: Frank) -> None:
    frank.desk.sandbox.fail(500, "InternalFailure", count=9, action="DeleteAccessKey")
    done = frank.rotates()
    assert done.status == 5
    assert "run it again" in done.err
    assert frank.is_himself()
    frank.desk.sandbox.reset()
    assert frank.rotates().status == 0
    assert frank.has_only(frank.in_file)


class WantsCode(Aws):
    """IAM of a user whose policies deny everything without MFA. `asked` has what was asked, and with which key."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def iam(
        self, name: str, plan: Plan, session: Session, parameters: Mapping[str, object], field: str
    ) -> dict[str, Any]:
        self.asked.append((name, session.access_key_id))
        if session.session_token is None:
            raise Refused("AccessDenied", "with an explicit deny in an identity-based policy", None)
        return {field: []}


@pytest.mark.parametrize("device", ["arn:aws:iam::111122223333:mfa/alice", None])
def test_policies_that_want_a_code(device: str | None, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(access_key_id="ASIA", secret_access_key="s", session_token="t", device=device)
    outcome = Outcome(request=desk.request("base"), digest="", plan=desk.plan("base"), session=session, proved=None)
    monkeypatch.setattr("shellhook.assume.obtain", lambda here, request: outcome)
    aws = WantsCode()
    at_iam = Iam(desk.here, aws, desk.plan("base"), Session(access_key_id="AKIA", secret_access_key="s"))
    if device is None:
        with pytest.raises(ShellhookError, match="did not do ListAccessKeys"):
            at_iam.listed()
        return
    assert at_iam.listed() == []
    at_iam.deactivate("x")
    asked = [("list_access_keys", "AKIA"), ("list_access_keys", "ASIA"), ("update_access_key", "ASIA")]
    assert aws.asked == asked, "it is bought once"


@pytest.mark.parametrize(
    ("name", "said"), [("base", "shellhook keys import 'base'"), ("power-user", "those of 'base'")]
)
def test_only_what_is_in_the_keyring(name: str, said: str, desk: Desk) -> None:
    done = desk.run("keys", "rotate", name, "--yes")
    assert (done.status, done.out) == (64, "")
    assert said in done.err
