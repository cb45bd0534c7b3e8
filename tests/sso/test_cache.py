"""The files that we share with the AWS CLI and the SDKs."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from typing import TYPE_CHECKING, Any

import pytest
from botocore.tokens import SSOTokenProvider
from botocore.utils import JSONFileCache, SSOTokenLoader

from shellhook.errors import ShellhookError
from shellhook.sso.cache import Cache, Registration, Token
from shellhook.sso.center import Center

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_795_348_800  # 2026-11-22T12:00:00Z
URL = "https://corp.awsapps.com/start"
CORP = Center(name="corp", start_url=URL, region="eu-west-1", where="config:1", endpoints={})
OLD = CORP.replace(name=None)
TOKEN = Token(
    start_url=URL, region="eu-west-1", access_token="5ecret-access", expires=NOW, client_id="id",
    client_secret="5ecret-client", registration_expires=NOW + 7, refresh_token="5ecret-refresh",
)  # fmt: skip


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache({"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)})


def put(cache: Cache, name: str, content: object) -> None:
    os.makedirs(cache.directory, exist_ok=True)
    with open(os.path.join(cache.directory, name), "w", encoding="utf-8") as file:
        file.write(content if isinstance(content, str) else json.dumps(content))


def only_file(cache: Cache) -> tuple[str, dict[str, Any]]:
    (name,) = os.listdir(cache.directory)
    with open(os.path.join(cache.directory, name), encoding="utf-8") as file:
        return name, json.load(file)


def test_a_token_is_written_as_the_cli_writes_it(cache: Cache) -> None:
    cache.put_token(CORP, TOKEN)
    name, content = only_file(cache)
    assert name == "ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
    assert content == {
        "startUrl": URL,
        "region": "eu-west-1",
        "accessToken": "5ecret-access",
        "expiresAt": "2026-11-22T12:00:00Z",
        "clientId": "id",
        "clientSecret": "5ecret-client",
        "registrationExpiresAt": "2026-11-22T12:00:07Z",
        "refreshToken": "5ecret-refresh",
    }
    assert cache.token(CORP) == TOKEN


def test_without_a_session_the_start_url_names_the_file(cache: Cache) -> None:
    bare = TOKEN.replace(client_id=None, client_secret=None, registration_expires=None, refresh_token=None)
    cache.put_token(OLD, bare)
    name, content = only_file(cache)
    assert name == "a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json"
    assert list(content) == ["startUrl", "region", "accessToken", "expiresAt"]
    assert cache.token(OLD) == bare


def test_botocore_reads_it_and_we_read_botocores(cache: Cache) -> None:
    cache.put_token(CORP, TOKEN)
    theirs = JSONFileCache(cache.directory)
    loader = SSOTokenLoader(cache=theirs)
    assert loader(URL, session_name="corp")["accessToken"] == "5ecret-access"
    assert SSOTokenProvider._REFRESH_WINDOW == 900, "what we do too"
    loader.save_token(URL, {**loader(URL, session_name="corp"), "accessToken": "5ecret-new"}, session_name="corp")
    assert cache.token(CORP) == TOKEN.replace(access_token="5ecret-new")


TIMES = [
    ("2026-11-22T12:00:00Z", "the CLI"),
    ("2026-11-22T12:00:00.506Z", "the JavaScript SDK"),
    ("2026-11-22T12:00:00UTC", "the first versions"),
    ("2026-11-22T12:00:00.123456789Z", "Go"),
    ("2026-11-22T13:00:00+01:00", "an offset"),
    ("2026-11-22T12:00:00", "no zone"),
]


@pytest.mark.parametrize("text", [text for text, _ in TIMES], ids=[who for _, who in TIMES])
def test_the_times_of_others(text: str, cache: Cache) -> None:
    put(cache, "ee0bfd2552fbd840c02cc48b6e823320543c450f.json", {"accessToken": "t", "expiresAt": text})
    found = cache.token(CORP)
    assert found is not None
    assert found.expires == NOW


DAMAGED: list[object] = [
    "", "{", "[]", "null", '"text"', {}, {"accessToken": "t"}, {"expiresAt": "2026-11-22T12:00:00Z"},
    {"accessToken": "t", "expiresAt": "tomorrow"}, {"accessToken": "t", "expiresAt": 1},
    {"accessToken": "t", "expiresAt": None}, "\x00\x01", "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("content", DAMAGED, ids=lambda content: str(content)[:30])
def test_a_damaged_file_is_no_login(content: object, cache: Cache) -> None:
    put(cache, "ee0bfd2552fbd840c02cc48b6e823320543c450f.json", content)
    assert cache.token(CORP) is None
    assert list(cache.tokens()) == []
    cache.put_token(CORP, TOKEN)
    assert cache.token(CORP) == TOKEN


@pytest.mark.parametrize(
    ("changes", "is_it"),
    [
        ({"startUrl": "https://other.awsapps.com/start"}, False),
        ({"region": "us-east-1"}, False),
        ({"startUrl": f"{URL}/#/"}, True),
        ({"startUrl": f"{URL}#"}, True),
        ({"startUrl": None, "region": None}, True),
    ],
)
def test_a_token_of_another_portal_is_not_the_session_s(changes: dict[str, Any], is_it: bool, cache: Cache) -> None:
    cache.put_token(CORP, TOKEN)
    name, content = only_file(cache)
    put(cache, name, {**content, **changes})
    assert (cache.token(CORP) is not None) == is_it


def test_what_it_takes_to_refresh() -> None:
    assert TOKEN.can_refresh(NOW)
    assert not TOKEN.can_refresh(NOW + 7), "the registration is over"
    for missing in ("refresh_token", "client_id", "client_secret", "registration_expires"):
        assert not TOKEN.replace(**{missing: None}).can_refresh(NOW)


REGISTRATION = Registration(client_id="id", client_secret="5ecret", expires=NOW + 1000)
BY_BROWSER = REGISTRATION.replace(scopes=("sso:account:access",), grants=("authorization_code", "refresh_token"))


@pytest.mark.parametrize(
    "center",
    [
        CORP,
        CORP.replace(scopes=("sso:account:access",)),
        OLD,
    ],
    ids=["no scopes", "scopes", "old"],
)
def test_a_registration_lies_where_the_cli_looks(center: Center, cache: Cache) -> None:

    cache.put_registration(center, BY_BROWSER)
    scopes = None if center.scopes is None else list(center.scopes)
    # awscli/botocore/utils.py, BaseSSOTokenFetcher._registration_cache_key
    key = {"tool": "botocore", "startUrl": URL, "region": "eu-west-1", "scopes": scopes, "session_name": center.name}
    expected = hashlib.sha1(json.dumps(key, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
    assert only_file(cache) == (
        f"{expected}.json",
        {
            "clientId": "id",
            "clientSecret": "5ecret",
            "expiresAt": "2026-11-22T12:16:40Z",
            "scopes": ["sso:account:access"],
            "grantTypes": ["authorization_code", "refresh_token"],
        },
    )
    assert cache.registration(center, NOW, by_browser=True) == BY_BROWSER


def test_which_registrations_can_be_used_again(cache: Cache) -> None:
    assert cache.registration(CORP, NOW, by_browser=False) is None
    cache.put_registration(CORP, REGISTRATION)
    assert "grantTypes" not in only_file(cache)[1]
    assert cache.registration(CORP, NOW, by_browser=False) == REGISTRATION
    assert cache.registration(CORP, NOW, by_browser=True) is None, "of the other kind"
    assert cache.registration(CORP, NOW + 101, by_browser=False) is None, "its last 15 minutes"
    cache.drop_registration(CORP)
    assert cache.registration(CORP, NOW, by_browser=False) is None


def test_forgetting(cache: Cache) -> None:
    cache.forget(CORP)  # nothing there
    cache.put_token(CORP, TOKEN)
    cache.put_registration(CORP, REGISTRATION)
    cache.put_token(OLD, TOKEN)
    assert len(list(cache.tokens())) == 2, "a registration is none"
    cache.forget(CORP)
    assert only_file(cache)[0].startswith("a51746")


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_nobody_else_may_read_it(cache: Cache) -> None:
    former = os.umask(0)
    try:
        cache.put_token(CORP, TOKEN)
        cache.put_registration(CORP, REGISTRATION)
    finally:
        os.umask(former)
    for name in os.listdir(cache.directory):
        assert stat.S_IMODE(os.stat(os.path.join(cache.directory, name)).st_mode) == 0o600
    for directory in (cache.directory, os.path.dirname(cache.directory)):
        assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700


def test_a_reader_never_sees_half_of_it(cache: Cache) -> None:
    cache.put_token(CORP, TOKEN)
    long = TOKEN.replace(access_token="x" * 100_000)
    seen: list[Token | None] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(cache.token(CORP))

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(20):
        cache.put_token(CORP, long)
        cache.put_token(CORP, TOKEN)
    stop.set()
    thread.join()
    assert all(token in (TOKEN, long) for token in seen)
    assert len(os.listdir(cache.directory)) == 1, "nothing is left lying about"


def test_what_cannot_be_written_is_said(cache: Cache, tmp_path: Path) -> None:
    (tmp_path / ".aws").write_text("a file")
    with pytest.raises(ShellhookError, match="cannot be written") as caught:
        cache.put_token(CORP, TOKEN)
    assert "5ecret" not in str(caught.value)
    assert cache.token(CORP) is None


def test_no_secret_is_shown() -> None:
    assert "5ecret" not in repr(TOKEN) + repr(REGISTRATION) + repr([BY_BROWSER])
