"""What the endpoint answers to what, byte by byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shellhook.endpoint import protocol
from shellhook.endpoint.protocol import Place, Refusal
from shellhook.session import Session

NOW = 1_700_000_000
PLACE = Place(port=4711, path="/0123456789abcdef", token="5ecret-t0ken")
SESSION = Session(
    access_key_id="ASIAEXAMPLE",
    secret_access_key="s3cr3t",
    session_token="t0ken",
    expires=NOW + 3600,
    account="111122223333",
)
GOOD = f"GET {PLACE.path} HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nAuthorization: {PLACE.token}"
# What is different about a request -> the status that it gets, None: the session.
REQUESTS = [
    ("", "", None),
    ("127.0.0.1:4711", "localhost:4711", None),
    ("127.0.0.1:4711", "LOCALHOST:4711", None),
    ("Host: ", "host:", None),
    ("Authorization: ", "AUTHORIZATION:\t", None),
    ("HTTP/1.1", "HTTP/1.0", None),
    ("127.0.0.1:4711", "127.0.0.1:4711\r\nContent-Length: 0", None),
    ("127.0.0.1:4711", "127.0.0.1:4711\r\nOrigin: http://evil.example", None),
    ("127.0.0.1:4711", "evil.example:4711", 403),
    ("127.0.0.1:4711", "evil.example", 403),
    ("127.0.0.1:4711", "127.0.0.1", 403),
    ("127.0.0.1:4711", "127.0.0.1:80", 403),
    ("127.0.0.1:4711", "127.0.0.1.nip.io:4711", 403),
    ("127.0.0.1:4711", "127.1:4711", 403),
    ("127.0.0.1:4711", "[::1]:4711", 403),
    ("127.0.0.1:4711", "", 403),
    ("Host: 127.0.0.1:4711\r\n", "", 403),
    ("127.0.0.1:4711", "127.0.0.1:4711\r\nHost: evil.example", 403),
    ("127.0.0.1:4711", "127.0.0.1:4711\r\nHost: 127.0.0.1:4711", 403),
    ("GET", "POST", 405),
    ("GET", "HEAD", 405),
    ("GET", "OPTIONS", 405),
    ("GET", "get", 405),
    ("GET", "CONNECT", 405),
    ("127.0.0.1:4711", "127.0.0.1:4711\r\nContent-Length: 1", 413),
    ("127.0.0.1:4711", "127.0.0.1:4711\r\nContent-Length: -1", 413),
    ("127.0.0.1:4711", "127.0.0.1:4711\r\nContent-Length: 0\r\nContent-Length: 5", 413),
    ("127.0.0.1:4711", "127.0.0.1:4711\r\nTransfer-Encoding: chunked", 413),
    ("cdef ", " ", 404),
    ("cdef ", "cdef/ ", 404),
    ("cdef ", "cdef?x ", 404),
    ("cdef ", "CDEF ", 404),
    ("/0123456789abcdef", "/", 404),
    ("/0123456789abcdef", "*", 404),
    ("/0123456789abcdef", "//0123456789abcdef", 404),
    ("/0123456789abcdef", "http://127.0.0.1:4711/0123456789abcdef", 404),
    ("5ecret-t0ken", "5ecret-t0kem", 401),
    ("5ecret-t0ken", "5ecret-t0ke", 401),
    ("5ecret-t0ken", "5ecret-t0kenn", 401),
    ("5ecret-t0ken", "5ECRET-T0KEN", 401),
    ("5ecret-t0ken", "Bearer 5ecret-t0ken", 401),
    ("5ecret-t0ken", "", 401),
    ("5ecret-t0ken", "é", 401),
    ("5ecret-t0ken", "5ecret-t0ken\r\nAuthorization: 5ecret-t0ken", 401),
    ("\r\nAuthorization: 5ecret-t0ken", "", 401),
    (" HTTP/1.1", "", 400),
    (" HTTP/1.1", " HTTP/2.0", 400),
    (" HTTP/1.1", " x HTTP/1.1", 400),
    ("GET ", "\x16\x03\x01", 400),
]


@pytest.mark.parametrize(("old", "new", "status"), REQUESTS)
def test_what_is_answered_to_what(old: str, new: str, status: int | None) -> None:
    assert old in GOOD
    refusal = protocol.judged(GOOD.replace(old, new).encode("latin-1"), PLACE)
    assert (refusal.status if refusal else None) == status


@given(st.binary(max_size=300))
def test_whatever_comes_is_refused(head: bytes) -> None:
    refusal = protocol.judged(head, PLACE)
    assert refusal is not None
    assert protocol.refused(refusal).startswith(f"HTTP/1.1 {refusal.status} ".encode())


def split(answer: bytes) -> tuple[str, dict[str, str]]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}\r\n" in head.decode() + "\r\n"
    return head.decode(), json.loads(body)


def test_a_session_as_sdks_want_it() -> None:
    head, body = split(protocol.credentials(SESSION, NOW))
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert body == {
        "AccessKeyId": "ASIAEXAMPLE",
        "SecretAccessKey": "s3cr3t",
        "Token": "t0ken",
        "Expiration": "2023-11-14T23:13:20Z",
        "AccountId": "111122223333",
    }


def test_what_botocore_cannot_do_without_is_there() -> None:
    """Without an end it fails: then it is to come back in an hour. Long-term keys have no token, and an empty one is
    none."""
    endless = SESSION.replace(expires=None, session_token=None, account=None)
    _, body = split(protocol.credentials(endless, NOW + 0.5))
    assert body == {
        "AccessKeyId": "ASIAEXAMPLE",
        "SecretAccessKey": "s3cr3t",
        "Token": "",
        "Expiration": "2023-11-14T23:13:20Z",
    }


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 431, 503])
def test_a_refusal_is_read_by_programs_and_by_people(status: int) -> None:
    head, body = split(protocol.refused(Refusal(status=status, code="Why", message="été: do this")))
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert body == {"Code": "Why", "Message": "shellhook: été: do this"}


@pytest.mark.parametrize("answer", [protocol.credentials(SESSION, NOW), protocol.refused(protocol.too_large())])
def test_no_page_may_read_it_and_nobody_keeps_it(answer: bytes) -> None:
    head, _ = split(answer)
    assert "access-control" not in head.lower()
    for line in ("Cache-Control: no-store", "X-Content-Type-Options: nosniff", "Content-Type: application/json"):
        assert line in head


def test_the_token_is_not_shown() -> None:
    assert PLACE.token not in repr(PLACE)
