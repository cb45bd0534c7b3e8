"""What may be asked, how a request is kept, and what tells one from another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shellhook import request
from shellhook.errors import WrongUsage
from shellhook.request import Request, from_saved, parse_duration
from tests.proof.extent import extent

FILES = {"config": "/home/me/.aws/config", "credentials": "/home/me/.aws/credentials"}


def asked(**overrides: Any) -> Request:
    return Request(**{"profile": "x", **FILES, **overrides})


DURATIONS = [
    ("0", 0),
    ("900", 900),
    ("900s", 900),
    ("15m", 900),
    ("12h", 43_200),
    ("007m", 420),
    ("999999999", 999_999_999),
]


@pytest.mark.parametrize(("text", "seconds"), DURATIONS)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text, "-d") == seconds


NO_DURATIONS = [
    "",
    "h",
    "1d",
    "1.5h",
    "-1",
    "+1",
    "1 h",
    " 1",
    "1h30m",
    "12H",
    "１２",
    "²",
    "1_000",
    "1e3",
    "9999999999",
    "0x1",
]


@pytest.mark.parametrize("text", NO_DURATIONS)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        parse_duration(text, "--min-ttl")
    assert "--min-ttl" in caught.value.what
    assert repr(text) in caught.value.what
    assert "90m" in caught.value.remedy


# AWS's limits (STS API reference): the last that is taken and the first that is not, on both sides.
LONGEST_ID = "a" * 1224
TAG = ("k", "v")
TAKEN = [
    {"duration_seconds": 900},
    {"duration_seconds": 129_600},
    {"mfa_duration": 900},
    {"mfa_duration": 129_600},
    {"role_session_name": "ab"},
    {"role_session_name": "_+=,.@-" + "a" * 57},
    {"source_identity": "me@corp"},
    {"external_id": "ab"},
    {"external_id": LONGEST_ID},
    {"external_id": "a:b/c,d@e-f=g+h_i.j"},
    {"tags": (TAG,) * 50},
    {"tags": (("k" * 128, "v" * 256),)},
    {"tags": (("k", ""),)},
    {"policy": '{"Version": "2012-10-17"}'},
    {"long_term": True},
    {"serve": True},
]
NOT_TAKEN = [
    ({"duration_seconds": 899}, ["--duration-seconds 899s", "15m"]),
    ({"duration_seconds": 0}, ["--duration-seconds 0s", "15m"]),
    ({"duration_seconds": 129_601}, ["--duration-seconds 129601s", "36h"]),
    ({"mfa_duration": 899}, ["--mfa-duration", "15m"]),
    ({"mfa_duration": 129_601}, ["--mfa-duration", "36h"]),
    ({"role_session_name": "a"}, ["--role-session-name 'a'", "2 to 64"]),
    ({"role_session_name": "a" * 65}, ["--role-session-name", "2 to 64"]),
    ({"role_session_name": "a b"}, ["--role-session-name 'a b'", "2 to 64"]),
    ({"role_session_name": "été"}, ["--role-session-name 'été'"]),
    ({"role_session_name": ""}, ["--role-session-name ''"]),
    ({"source_identity": "a:b"}, ["--source-identity 'a:b'"]),
    ({"external_id": "a"}, ["--external-id", "2 to 1,224"]),
    ({"external_id": LONGEST_ID + "a"}, ["--external-id"]),
    ({"external_id": "not this!"}, ["--external-id"]),
    ({"tags": (TAG,) * 51}, ["--tags", "51", "50"]),
    ({"tags": (("", "v"),)}, ["--tags", "1 to 128"]),
    ({"tags": (("k" * 129, "v"),)}, ["--tags", "1 to 128"]),
    ({"tags": (("key", "v" * 257),)}, ["--tags", "'key'", "256"]),
    ({"policy": "{not json"}, ["--policy", "JSON"]),
    ({"role_arn": ""}, ["--role-arn"]),
    ({"long_term": True, "role_arn": "r"}, ["--long-term"]),
    ({"long_term": True, "chain": ("r",)}, ["--long-term"]),
]


def short(value: object) -> str:
    return str(value)[:60]


@pytest.mark.parametrize("overrides", TAKEN, ids=short)
def test_what_aws_takes(overrides: dict[str, Any]) -> None:
    request.check(asked(**overrides))


@pytest.mark.parametrize(("overrides", "words"), NOT_TAKEN, ids=short)
def test_what_aws_does_not_take(overrides: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(WrongUsage) as caught:
        request.check(asked(**overrides))
    assert [word for word in words if word not in str(caught.value)] == []
    assert caught.value.status == 64


def test_an_external_id_is_never_shown() -> None:
    secret = "wJalrXUtnFEMI "
    with pytest.raises(WrongUsage) as caught:
        request.check(asked(external_id=secret))
    assert secret not in str(caught.value)
    shown = repr(asked(external_id=secret, region="eu-west-1"))
    assert ", external_id='...'" in shown
    assert "region='eu-west-1'" in shown
    assert (shown[:8], shown[-1]) == ("Request(", ")")


def test_a_long_key_of_a_tag_is_not_shown_whole() -> None:
    with pytest.raises(WrongUsage, match=f"--tags: '{'k' * 40}': "):
        request.check(asked(tags=(("k" * 129, "v"),)))


# --- kept, and replayed

texts = st.text(max_size=8)
lists = st.lists(texts, max_size=3).map(tuple)
requests = st.builds(
    Request,
    profile=st.none() | texts,
    config=texts,
    credentials=texts,
    region=st.none() | texts,
    duration_seconds=st.none() | st.integers(900, 129_600),
    external_id=st.none() | texts,
    serial_number=st.none() | texts,
    role_arn=st.none() | texts,
    chain=lists,
    role_session_name=st.none() | texts,
    source_identity=st.none() | texts,
    tags=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    transitive_tag_keys=lists,
    policy=st.none() | texts,
    policy_arns=lists,
    mfa_duration=st.none() | st.integers(900, 129_600),
    long_term=st.booleans(),
    serve=st.booleans(),
)


@settings(max_examples=extent(30, 500), deadline=None)
@given(wanted=requests)
def test_what_is_kept_is_the_same_request(wanted: Request) -> None:
    replayed = from_saved(json.loads(json.dumps(wanted.as_saved())))
    assert replayed == wanted
    assert replayed.identity() == wanted.identity()


@settings(max_examples=extent(30, 500), deadline=None)
@given(one=requests, other=requests)
def test_equal_requests_and_no_others_have_one_identity(one: Request, other: Request) -> None:
    assert (one.identity() == other.identity()) is (one == other)


EACH = {
    "profile": "y",
    "config": "/c",
    "credentials": "/c",
    "region": "r",
    "duration_seconds": 900,
    "external_id": "e-1",
    "serial_number": "s",
    "role_arn": "r",
    "chain": ("r",),
    "role_session_name": "n",
    "source_identity": "i",
    "tags": (TAG,),
    "transitive_tag_keys": ("k",),
    "policy": "{}",
    "policy_arns": ("p",),
    "mfa_duration": 900,
    "long_term": True,
    "serve": True,
    "pasted": ("ASIA", "name", "1", "role"),
}


def test_every_part_of_a_request_tells_it_from_others() -> None:
    assert set(EACH) == set(asked().as_saved()) | set(Request._fields), "a field is missing from this test"
    others = [asked(**{name: value}) for name, value in EACH.items()]
    assert len({each.identity() for each in [asked(), *others]}) == len(EACH) + 1


def test_the_code_is_never_part_of_it() -> None:
    """A code is used once: a request that held it could not be replayed, and would have another name each time."""
    assert not [name for name in Request._fields if "code" in name]
    with pytest.raises(TypeError, match="token_code"):
        asked(token_code="123456")


def test_only_what_was_asked_is_kept() -> None:
    assert asked(region="r").as_saved() == {"profile": "x", "region": "r", **FILES}
    assert asked(profile=None).as_saved() == FILES


@pytest.mark.parametrize("text", ["été", "\udcff", "a\nb", "'\"\\"])
def test_an_identity_is_ascii(text: str) -> None:
    assert asked(profile=text).identity().isascii()
