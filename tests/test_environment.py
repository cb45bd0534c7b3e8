"""Which variables a session sets and clears, and how they go back.

The laws are about any environment: what is there before, which sessions come and go, what is changed by hand between.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from botocore.credentials import EnvProvider
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from shellhook import environment
from shellhook.environment import (
    CLEARED,
    CONTAINER,
    ENDPOINT,
    EXPIRATIONS,
    KEYS,
    OURS,
    REGIONS,
    SETTINGS,
    Digests,
    Served,
)
from shellhook.session import Session
from tests.proof.extent import extent

if TYPE_CHECKING:
    from collections.abc import Mapping

    Variables = dict[str, str | None]  # name -> value, None is absent

NOW = 1_700_000_000
SESSION = Session(
    access_key_id="ASIASESSION",
    secret_access_key="s3cr3t",
    session_token="t0ken",
    expires=NOW + 3600,
    issued=NOW,
    account="111122223333",
)
SERVED = Served(uri="http://127.0.0.1:4711/" + "d" * 32, token="t0ken-of-the-endpoint")
DIGESTS = Digests(request="a" * 32, previous="b" * 32, before="c" * 32)


def settled(
    environ: Mapping[str, str] | None = None,
    before: Mapping[str, str | None] | None = None,
    session: Session = SESSION,
    digests: Digests = DIGESTS,
    *,
    profile: str = "power-user",
    role: str | None = "power-user",
    region: str | None = "eu-west-1",
    sets: Mapping[str, str] | None = None,
    served: Served | None = None,
) -> Variables:
    environ = environ or {}
    before = environment.snapshot(environ) if before is None else before
    return environment.settle(
        session, digests, environ, before, profile=profile, role=role, region=region, settings=sets or {}, served=served
    )


def applied(environ: Mapping[str, str], values: Mapping[str, str | None]) -> dict[str, str]:
    """The environment after a shell has taken the values."""
    after = {name: value for name, value in environ.items() if values.get(name, "") is not None}
    after.update({name: value for name, value in values.items() if value is not None})
    return after


# The contract, name by name (docs: "What a session sets"). None: absent while the session is on.
CONTRACT = {
    "AWS_ACCESS_KEY_ID": "ASIASESSION",
    "AWS_SECRET_ACCESS_KEY": "s3cr3t",
    "AWS_SESSION_TOKEN": "t0ken",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_DEFAULT_OUTPUT": "yaml",
    "AWS_CA_BUNDLE": "/corp.pem",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
    "AWS_ENDPOINT_URL": "http://all",
    "AWS_ENDPOINT_URL_S3": "http://s3",
    "AWS_CREDENTIAL_EXPIRATION": "2023-11-14T23:13:20Z",
    "AWS_SESSION_EXPIRATION": "2023-11-14T23:13:20Z",
    "AWS_ACCOUNT_ID": "111122223333",
    "AWSUME_PROFILE": "work",
    "SHELLHOOK_PROFILE": "work",
    "SHELLHOOK_ROLE": "power-user",
    "SHELLHOOK_ACCOUNT": "111122223333",
    "SHELLHOOK_REGION": "eu-west-1",
    "SHELLHOOK_EXPIRES": "1700003600",
    "SHELLHOOK_RENEW": "1700002700",
    "SHELLHOOK_KEY_ID": "ASIASESSION",
    "SHELLHOOK_SERVED": None,
    "SHELLHOOK_REQUEST": "a" * 32,
    "SHELLHOOK_PREVIOUS": "b" * 32,
    "SHELLHOOK_BEFORE": "c" * 32,
    "AWS_PROFILE": None,
    "AWS_DEFAULT_PROFILE": None,
    "AWS_SECURITY_TOKEN": None,
    "AWS_VAULT": None,
    "AWSUME_EXPIRATION": None,
    "AWSU_PROFILE": None,
    "AWS_SSO_PROFILE": None,
}
SETS = {
    "AWS_DEFAULT_OUTPUT": "yaml",
    "AWS_CA_BUNDLE": "/corp.pem",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
    "AWS_ENDPOINT_URL": "http://all",
    "AWS_ENDPOINT_URL_S3": "http://s3",
}


def test_what_a_session_sets() -> None:
    assert settled(profile="work", sets=SETS) == CONTRACT


@pytest.mark.parametrize("name", CONTRACT)
def test_whatever_was_there_is_settled(name: str) -> None:
    environ = {name: "former", "UNRELATED": "stays"}
    after = applied(environ, settled(environ, profile="work", sets=SETS))
    expected = {variable: value for variable, value in CONTRACT.items() if value is not None}
    assert after == {**expected, "UNRELATED": "stays"}


def test_what_a_served_session_sets() -> None:
    """No key, and no time after which botocore would take what it has for expired."""
    expected = CONTRACT | dict.fromkeys([*KEYS, *CONTAINER, "AWS_CREDENTIAL_EXPIRATION", "SHELLHOOK_KEY_ID"])
    expected |= {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": SERVED.uri,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": SERVED.token,
        "SHELLHOOK_SERVED": SERVED.uri,
    }
    assert settled(profile="work", sets=SETS, served=SERVED) == expected
    assert SERVED.token not in repr(SERVED)


def test_the_endpoint_that_there_is() -> None:
    environ = applied({}, settled(served=SERVED))
    assert environment.served_by(environ) == SERVED
    assert SERVED.id == "d" * 32
    assert environment.served_by(applied({}, settled())) is None
    assert environment.served_by({**environ, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/"}) is None
    elsewhere = dict.fromkeys(("SHELLHOOK_SERVED", "AWS_CONTAINER_CREDENTIALS_FULL_URI"), "http://evil.example:80/x")
    assert environment.served_by({**environ, **elsewhere}) is None


SILENT = [
    # what is different about the session -> the variables that are absent for it
    pytest.param({"session_token": None}, {"AWS_SESSION_TOKEN"}, id="long-term keys have no token"),
    pytest.param(
        {"expires": None}, {*EXPIRATIONS, "SHELLHOOK_EXPIRES", "SHELLHOOK_RENEW"}, id="nobody says when it ends"
    ),
    pytest.param({"attended_from": 0}, {"SHELLHOOK_RENEW"}, id="a person is needed to renew it"),
    pytest.param({"attended_from": NOW + 3000}, set(), id="a person is needed later"),
    pytest.param({"account": None}, {"AWS_ACCOUNT_ID", "SHELLHOOK_ACCOUNT"}, id="the account is not known"),
]


@pytest.mark.parametrize(("change", "absent"), SILENT)
def test_where_the_session_has_nothing_to_say(change: dict[str, object], absent: set[str]) -> None:
    environ = dict.fromkeys(CONTRACT, "former")
    values = settled(environ, session=SESSION.replace(**change))
    former = set(SETS)
    assert {name for name, value in values.items() if value is None} == absent | {*CLEARED, "SHELLHOOK_SERVED"}
    assert {name for name, value in values.items() if value == "former"} == former


REGION = [
    # the session's, what was there before -> AWS_REGION, AWS_DEFAULT_REGION, SHELLHOOK_REGION
    pytest.param("r", {}, "r", "r", "r", id="the session's, in both variables"),
    pytest.param("r", {"AWS_REGION": "p", "AWS_DEFAULT_REGION": "q"}, "r", "r", "r", id="the session's wins"),
    pytest.param(None, {}, None, None, None, id="none"),
    pytest.param(None, {"AWS_REGION": "p"}, "p", None, "p", id="the former one, in the variable where it was"),
    pytest.param(None, {"AWS_DEFAULT_REGION": "q"}, None, "q", "q", id="the former one, in the other variable"),
    pytest.param(None, {"AWS_REGION": "", "AWS_DEFAULT_REGION": "q"}, "", "q", "q", id="an empty one is none"),
]


@pytest.mark.parametrize(("region", "environ", "aws", "default", "shown"), REGION)
def test_region(region: str | None, environ: dict[str, str], aws: str, default: str, shown: str) -> None:
    values = settled(environ, region=region)
    assert [values[name] for name in (*REGIONS, "SHELLHOOK_REGION")] == [aws, default, shown]


def test_other_ways_to_credentials_stay() -> None:
    environ = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_ROLE_ARN": "arn",
        "AWS_CONFIG_FILE": "/config",
    }
    after = applied(environ, settled(environ))
    assert environ.items() <= after.items()


def test_botocore_reads_the_session() -> None:
    later = 4_102_444_800  # 2100: botocore raises for what has expired
    found = EnvProvider(applied({}, settled(session=SESSION.replace(expires=later)))).load()
    assert (found.access_key, found.secret_key, found.token, found.account_id) == (
        "ASIASESSION",
        "s3cr3t",
        "t0ken",
        "111122223333",
    )
    assert found._expiry_time == datetime.datetime.fromtimestamp(later, datetime.timezone.utc)


TIMES = [(0, "1970-01-01T00:00:00Z"), (NOW, "2023-11-14T22:13:20Z"), (1709164800, "2024-02-29T00:00:00Z")]


@pytest.mark.parametrize(("epoch", "text"), TIMES)
def test_rfc3339(epoch: int, text: str) -> None:
    assert environment.rfc3339(epoch) == text
    assert datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() == epoch


HOSTILE = [
    pytest.param("a\x1b]0;owned\x07b", "a?]0;owned?b", id="ESC"),
    pytest.param("a\nb\tc\x7f", "a?b?c?", id="control characters"),
    pytest.param("a\u202eb", "a?b", id="right to left"),
    pytest.param("a\udcffb", "a?b", id="no text"),
    pytest.param("prod-été 1 $(x) `y` %n \\e", "prod-été 1 $(x) `y` %n \\e", id="what only a shell minds stays"),
]


@pytest.mark.parametrize(("name", "shown"), HOSTILE)
def test_names_are_shown_without_control_characters(name: str, shown: str) -> None:
    values = settled(profile=name, role=name)
    assert (values["SHELLHOOK_PROFILE"], values["AWSUME_PROFILE"], values["SHELLHOOK_ROLE"]) == (shown,) * 3


STATES = [
    pytest.param({}, False, False, id="nothing is on"),
    pytest.param({"SHELLHOOK_REQUEST": "a"}, False, False, id="half of it"),
    pytest.param({"SHELLHOOK_REQUEST": "a", "SHELLHOOK_KEY_ID": ""}, False, False, id="empty"),
    pytest.param(applied({}, settled()), True, False, id="on"),
    pytest.param({**applied({}, settled()), "AWS_ACCESS_KEY_ID": "x"}, True, True, id="other keys stand over ours"),
    pytest.param({**applied({}, settled()), "AWS_PROFILE": "x"}, True, True, id="a profile stands beside ours"),
    pytest.param({**applied({}, settled()), "AWS_PROFILE": ""}, True, True, id="an empty one is no better"),
    pytest.param(applied({}, settled(served=SERVED)), True, False, id="served"),
    pytest.param({**applied({}, settled(served=SERVED)), "AWS_ACCESS_KEY_ID": "x"}, True, True, id="keys beside it"),
    pytest.param({**applied({}, settled(served=SERVED)), CONTAINER[0]: "x"}, True, True, id="another endpoint"),
]


@pytest.mark.parametrize(("environ", "on", "changed"), STATES)
def test_states(environ: dict[str, str], on: bool, changed: bool) -> None:
    assert environment.is_on(environ) is on
    if on:
        assert environment.is_changed(environ) is changed


@pytest.mark.parametrize("digits", ["9" * 30, "9" * 5000, "-1", "１２", "1e9", "", " 1", "\n"])
def test_what_stands_in_the_environment_is_checked_before_it_is_used(digits: str) -> None:
    environ = {**applied({}, settled()), "SHELLHOOK_EXPIRES": digits}
    after = applied(environ, environment.restore(environ, {}, {}))
    assert "SHELLHOOK_EXPIRES" not in after
    assert "AWS_ACCESS_KEY_ID" not in after


# --- laws

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
endpoints = st.sampled_from(["", "_S3", "_STS", "_DYNAMODB"]).map(ENDPOINT.__add__)
contract = st.one_of(st.sampled_from([*KEYS, *REGIONS, *SETTINGS, *EXPIRATIONS, *CLEARED, *CONTAINER]), endpoints)
others = st.sampled_from(["AWS_ACCOUNT_ID", "AWSUME_PROFILE", "AWS_CONFIG_FILE", "AWS_ROLE_ARN", "HOME"])
starts = st.dictionaries(st.one_of(contract, others), texts, max_size=8)
sets = st.dictionaries(st.one_of(st.sampled_from(SETTINGS), endpoints), texts.filter(bool), max_size=4)
sessions = st.builds(
    Session,
    access_key_id=texts.filter(bool),
    secret_access_key=texts,
    session_token=st.none() | texts,
    expires=st.none() | st.integers(0, 2**33),
    account=st.none() | texts,
    attended_from=st.none() | st.integers(0, 2**33),
)


@st.composite
def assumes(draw: st.DrawFn) -> tuple[Session, dict[str, object], dict[str, str]]:
    """A session, and what is said of it; and the settings that it brings along."""
    brought = draw(sets)
    said = {"profile": draw(texts), "role": draw(st.none() | texts), "region": draw(st.none() | texts), "sets": brought}
    said["served"] = draw(st.sampled_from([None, SERVED, SERVED.replace(uri=SERVED.uri[::-1])]))
    return draw(sessions), said, brought


def without_ours(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in OURS}


@settings(max_examples=extent(50, 500), deadline=None)
@given(start=starts, came=st.lists(assumes(), min_size=1, max_size=3))
def test_off_gives_back_exactly_what_was_there(start: dict[str, str], came: list) -> None:
    """However many sessions came, in this shell or in shells nested in it: the snapshot is of before the first."""
    before = environment.snapshot(start)
    environ = dict(start)
    for session, said, _ in came:
        environ = applied(environ, settled(environ, before, session, **said))
        assert environment.is_on(environ)
    brought = came[-1][2]
    restored = applied(environ, environment.restore(environ, before, brought))
    assert restored == {**start, "SHELLHOOK_PREVIOUS": DIGESTS.request}
    assert not environment.is_on(restored)
    assert without_ours(environment.original(environ, before, brought)) == start


@settings(max_examples=extent(50, 500), deadline=None)
@given(start=starts, first=assumes(), second=assumes())
def test_nothing_lingers_of_the_session_before(start: dict[str, str], first: tuple, second: tuple) -> None:
    before = environment.snapshot(start)
    between = applied(start, settled(start, before, first[0], **first[1]))
    after = applied(between, settled(between, before, second[0], **second[1]))
    assert after == applied(start, settled(start, before, second[0], **second[1]))


changeable = st.one_of(
    st.sampled_from([*REGIONS, *SETTINGS, *EXPIRATIONS, *CLEARED, "AWS_ACCOUNT_ID", "AWSUME_PROFILE"]), endpoints
)


@settings(max_examples=extent(50, 500), deadline=None)
@example(
    start={"AWS_REGION": ""},
    came=(SESSION, {"profile": "x", "role": None, "region": None, "sets": {}}, {}),
    name="AWS_REGION",
    value=None,
)
@given(start=starts, came=assumes(), name=changeable, value=st.none() | texts)
def test_what_was_changed_by_hand_stays(start: dict[str, str], came: tuple, name: str, value: str | None) -> None:
    before = environment.snapshot(start)
    session, said, brought = came
    environ = applied(start, settled(start, before, session, **said))
    assume(environ.get(name) != value)
    # Set by hand to the very region that is shown, it cannot be told from ours.
    assume(name not in REGIONS or value != environ.get("SHELLHOOK_REGION"))
    environ = applied(environ, {name: value})
    for back in (
        applied(environ, environment.restore(environ, before, brought)),
        environment.original(environ, before, brought),
    ):
        assert without_ours(back) == applied(start, {name: value})


@settings(max_examples=extent(25, 500), deadline=None)
@given(start=starts, came=assumes(), keys=st.tuples(texts.filter(bool), texts, st.none() | texts))
def test_keys_that_were_put_over_ours_stay(start: dict[str, str], came: tuple, keys: tuple) -> None:
    before = environment.snapshot(start)
    session, said, brought = came
    assume(keys[0] != session.access_key_id)
    theirs = dict(zip(KEYS, keys, strict=True))
    environ = applied(applied(start, settled(start, before, session, **said)), theirs)
    assert environment.is_changed(environ)
    restored = applied(environ, environment.restore(environ, before, brought))
    assert without_ours(restored) == applied(start, theirs)


def test_without_the_snapshot_all_is_cleared() -> None:
    """It may be gone: then nothing of ours is left, at least."""
    start = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_REGION": "p", "HOME": "/home/me"}
    environ = applied(start, settled(start, sets=SETS))
    restored = applied(environ, environment.restore(environ, {}, SETS))
    assert restored == {"HOME": "/home/me", "SHELLHOOK_PREVIOUS": DIGESTS.request}
