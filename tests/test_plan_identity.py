"""Which plans end in the same session, and which in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shellhook import chain, plan
from shellhook.profiles import read
from shellhook.session import Session
from tests.plans import BASE, MFA, OTHER_DEVICE, SSO, arn, make, request, role
from tests.test_profiles import write

if TYPE_CHECKING:
    from pathlib import Path


FULL = (
    role(
        "x",
        "y",
        "external_id = e-x",
        "role_session_name = n-x",
        "source_identity = i-x",
        "session_tags = a=b",
        "transitive_session_tags = a",
        "duration_seconds = 1000",
    )
    + role("y", "base", MFA, "duration_seconds = 2000")
    + BASE
)


def identities(directory: Path, config: str = FULL, **asked: Any) -> list[str]:
    """What tells apart the MFA session, the first role's, and the second's."""
    made = make(directory, config, **asked)
    assert [hop.api for hop in made.hops[:3]] == ["GetSessionToken", "AssumeRole", "AssumeRole"]
    return [made.identity(number) for number in (1, 2, 3)]


SWAPPED = "role_session_name = n-x\nexternal_id = e-x"
# What is changed, and which of the three sessions are others then.
ALL, ROLES, LAST, NONE = [True, True, True], [False, True, True], [False, False, True], [False, False, False]
CHANGES = [
    ("the key", {"replace": ("AKIABASE", "AKIAELSE")}, ALL),
    ("the secret of the same key", {"replace": ("base-secret", "rotated")}, NONE),
    ("the device", {"serial_number": OTHER_DEVICE}, ALL),
    ("--mfa-duration", {"mfa_duration": 900}, ALL),
    ("the endpoint", {"environ": {"AWS_ENDPOINT_URL_STS": "http://localhost"}}, ALL),
    ("the endpoint of another service", {"environ": {"AWS_ENDPOINT_URL_S3": "http://localhost"}}, NONE),
    ("the region: an MFA session is good in all of them", {"region": "eu-west-1"}, ROLES),
    ("the first role", {"replace": ("role/y", "role/z")}, ROLES),
    ("the first role's duration", {"replace": ("2000", "2001")}, ROLES),
    ("the second role", {"replace": ("role/x", "role/z")}, LAST),
    ("its account", {"replace": (arn("x"), arn("x", "444455556666"))}, LAST),
    ("its external ID", {"replace": ("e-x", "e-z")}, LAST),
    ("its session name", {"replace": ("n-x", "n-z")}, LAST),
    ("its source identity", {"replace": ("i-x", "i-z")}, LAST),
    ("its tags", {"replace": ("a=b", "a=c")}, LAST),
    ("its transitive tags", {"replace": ("tags = a\n", "tags = b\n")}, LAST),
    ("its duration", {"replace": ("1000", "1001")}, LAST),
    ("--duration-seconds", {"duration_seconds": 1200}, LAST),
    ("--external-id", {"external_id": "typed"}, LAST),
    ("--policy", {"policy": "{}"}, LAST),
    ("--policy-arns", {"policy_arns": ("a",)}, LAST),
    ("the user's name, which names the first role's session", {"user": "you"}, ROLES),
    ("the names of the profiles", {"replace": ("base", "else")}, NONE),
    ("the profile's own name", {"replace": ("[profile x]", "[profile w]"), "profile": "w"}, NONE),
    ("the order of the settings", {"replace": ("external_id = e-x\nrole_session_name = n-x", SWAPPED)}, NONE),
    ("output and bundle", {"replace": ("role/x", "role/x\noutput = json\nca_bundle = /b")}, NONE),
    ("where the same value comes from", {"external_id": "e-x", "duration_seconds": 1000}, NONE),
    ("the directory of the files", {"elsewhere": True}, NONE),
]


@pytest.mark.parametrize(("change", "differ"), [pytest.param(how, who, id=title) for title, how, who in CHANGES])
def test_identity(change: dict[str, Any], differ: list[bool], tmp_path: Path) -> None:
    asked = dict(change)
    config, directory = FULL, tmp_path / "a"
    former, new = asked.pop("replace", ("", ""))
    assert former in config
    config = config.replace(former, new) if former else config
    if asked.pop("elsewhere", False):
        directory = tmp_path / "b"
    for each in ("a", "b"):
        (tmp_path / each).mkdir()
    before, after = identities(tmp_path / "a"), identities(directory, config, **asked)
    assert [one != other for one, other in zip(before, after, strict=True)] == differ


def test_one_mfa_session_serves_every_role_of_the_user(tmp_path: Path) -> None:
    config = role("x", "base", MFA) + role("y", "base", MFA, "region = eu-west-1", "external_id = e-1") + BASE + MFA
    sessions = {make(tmp_path, config, profile).identity(1) for profile in ("x", "y", "base")}
    assert len(sessions) == 1


SOURCES = [
    pytest.param(
        f"[profile base]\n{SSO}", [("role_name = r", "role_name = s"), ("_id = 1", "_id = 2"), ("= u", "= v")], id="sso"
    ),
    pytest.param("[profile base]\ncredential_process = k\n", [("= k", "= l")], id="process"),
    pytest.param(
        f"[profile base]\nrole_arn = {arn('b')}\nweb_identity_token_file = /t\n",
        [("/t", "/u"), ("role/b", "role/c"), ("/t", "/t\nrole_session_name = n")],
        id="web identity",
    ),
]


@pytest.mark.parametrize(("source", "changes"), SOURCES)
def test_every_part_of_a_source_tells_it_from_others(
    source: str, changes: list[tuple[str, str]], tmp_path: Path
) -> None:
    sources = [source, *(source.replace(*change) for change in changes)]
    found = [make(tmp_path, role("x") + text).identity(1) for text in sources]
    assert len(set(found)) == len(sources)
    renamed = (role("x") + source).replace("base", "else")
    assert make(tmp_path, renamed).identity(1) == found[0]


def test_what_is_secret_does_not_tell_sessions_apart(tmp_path: Path) -> None:
    for text in identities(tmp_path):
        assert "secret" not in text
        assert text.isascii()


def test_what_a_repr_shows(tmp_path: Path) -> None:
    """A repr ends in a traceback or a log: neither keys nor an external ID belong there."""
    hidden = "wJalrXUtnFEMI"
    config = (role("x", "base", "external_id = theirs", MFA) + BASE).replace("base-secret", hidden)
    files = write(tmp_path, config.replace("theirs", hidden))
    wanted, found = request(files, external_id=hidden), read(files)
    _, source, steps = chain.begin(wanted, found, {})
    made = plan.make(wanted.replace(external_id=None), found, {}, "me", {}, {})
    session = Session(access_key_id="AKIABASE", secret_access_key=hidden, session_token=hidden)
    assert made.hops[-1].parameters["ExternalId"] == hidden
    shown = {"RoleArn": arn("x"), "RoleSessionName": "me", "ExternalId": "..."}
    assert repr(made.hops[-1]) == f"Hop(AssumeRole, {shown})"
    for each in (made, made.hops[-1], wanted, session, found, found.profile("base"), source, steps):
        assert hidden not in repr(each), repr(each)
        assert hidden not in str(each)
        assert type(each).__name__ in repr(each) or each is steps
