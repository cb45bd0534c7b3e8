"""The two ways to log in, against the sandbox: by browser with PKCE, and by device code."""

from __future__ import annotations

import shlex
import sys
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shellhook.errors import BadConfiguration, Cancelled, NoLogin, NoNetwork, ShellhookError
from shellhook.sandbox import browser as pressing
from shellhook.sso import flows
from shellhook.sso.cache import Cache, Token
from tests import servers
from tests.sso.people import BROWSER, Somebody, calls, center_of, files, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Desk

DENY = f"{BROWSER} --button Deny"


@pytest.fixture(autouse=True)
def with_a_browser(desk: Desk) -> None:
    desk.environ["BROWSER"] = BROWSER


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hardly a pause between two questions for a token: test_pending_and_slower judges that."""
    pause = flows.Flow._pause
    monkeypatch.setattr(flows.Flow, "_pause", lambda self, seconds, *more: pause(self, seconds / 20, *more))


def log_in(desk: Desk, word: str = "corp-admin", *, by_device: bool = False) -> Token:
    return sign_in(desk, Somebody(), word, by_device=by_device).log_in()


def script(desk: Desk, path: Path, code: str) -> None:
    """Let this be the user's browser; `url` is what it is to open."""
    path.write_text(f"import sys\nurl = sys.argv[1]\n{code}\n", encoding="utf-8")
    desk.environ["BROWSER"] = shlex.join([sys.executable, str(path)])


def opened(desk: Desk, path: Path) -> str:
    """What the browser was told to open, waited for."""
    deadline = time.monotonic() + 20
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return path.read_text()


# --- by browser


def test_by_browser(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    token = log_in(desk)
    assert token.left(time.time()) > 3500
    assert token.refresh_token
    assert calls(desk) == ["RegisterClient", "CreateToken"]
    register, create = desk.sandbox.calls(service="sso-oidc")
    assert register["parameters"] == ["clientName", "clientType", "grantTypes", "issuerUrl", "redirectUris", "scopes"]
    assert create["parameters"] == ["clientId", "clientSecret", "code", "codeVerifier", "grantType", "redirectUri"]
    out, err = capfd.readouterr()
    assert out == ""
    assert "shellhook: corp: logging in at d-0000000000.awsapps.com, in the browser" in err
    assert "/authorize?" in err
    for secret in (token.access_token, token.refresh_token, token.client_secret):
        assert secret not in err


def test_the_registration_serves_again(desk: Desk) -> None:
    first = log_in(desk)
    desk.sandbox.forget_calls()
    second = log_in(desk)
    assert calls(desk) == ["CreateToken"]
    assert (first.client_id, first.access_token == second.access_token) == (second.client_id, False)
    assert sorted("accessToken" in content for content in files(desk).values()) == [False, True]


def test_what_the_page_is_asked(desk: Desk, tmp_path: Path) -> None:
    script(desk, tmp_path / "b", f"open({str(tmp_path / 'url')!r}, 'w').write(url)")
    thread = threading.Thread(target=lambda: pressing.press(opened(desk, tmp_path / "url")))
    thread.start()
    log_in(desk)
    thread.join(10)
    url = urlsplit(opened(desk, tmp_path / "url"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{desk.sandbox.endpoint}/authorize"
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    redirect = urlsplit(asked.pop("redirect_uri"))
    assert (redirect.hostname, redirect.path) == ("127.0.0.1", "/oauth/callback")
    assert redirect.port
    assert len(asked.pop("state")) >= 40
    assert len(asked.pop("code_challenge")) == 43
    assert asked.pop("client_id")
    assert asked == {"response_type": "code", "code_challenge_method": "S256", "scopes": "sso:account:access"}


def test_the_page_is_where_the_oidc_endpoint_is(desk: Desk, tmp_path: Path) -> None:
    """AWS_ENDPOINT_URL_SSO_OIDC moves it, and so does a path of it not."""
    at = center_of(desk).replace(endpoints={"sso_oidc": f"{desk.sandbox.endpoint}"})
    assert (
        flows.oidc.Oidc(at, desk.environ)
        .page(flows.oidc.Registration(client_id="id", client_secret="s", expires=0), "http://127.0.0.1:1/x", "s", "c")
        .startswith(f"{desk.sandbox.endpoint}/authorize?response_type=code&client_id=id&")
    )
    for region, host in (
        ("eu-west-1", "oidc.eu-west-1.amazonaws.com"),
        ("cn-north-1", "oidc.cn-north-1.amazonaws.com.cn"),
    ):
        page = flows.oidc.Oidc(at.replace(region=region, endpoints={}), {}).page(
            flows.oidc.Registration(client_id="id", client_secret="s", expires=0), "http://127.0.0.1:1/x", "s", "c"
        )
        assert page.startswith(f"https://{host}/authorize?")


FOREIGN = """
import socket, urllib.error, urllib.request
from urllib.parse import parse_qs, urlsplit
from shellhook.sandbox import browser
back = parse_qs(urlsplit(url).query)["redirect_uri"][0]
def knock(target):
    try:
        return urllib.request.urlopen(target).status
    except urllib.error.HTTPError as error:
        return error.code
with socket.create_connection(("127.0.0.1", urlsplit(back).port)) as garbage:
    garbage.sendall(b"\\x16\\x03 no request\\r\\n\\r\\n")
    garbage.recv(1000)
seen = [knock(back + "?code=theirs&state=theirs"), knock(back + "?error=access_denied"), knock(back)]
done = browser.press(url)
seen += [done.status]
open(OUT, "w").write(repr(seen))
"""


def test_garbage_and_other_pages_are_turned_away_and_the_login_goes_on(desk: Desk, tmp_path: Path) -> None:
    script(desk, tmp_path / "b", f"OUT = {str(tmp_path / 'seen')!r}\n{FOREIGN}")
    assert log_in(desk).left(time.time()) > 3500
    assert opened(desk, tmp_path / "seen") == "[403, 403, 403, 200]"
    assert calls(desk) == ["RegisterClient", "CreateToken"], "no code of theirs was tried"


def test_it_is_refused(desk: Desk) -> None:
    desk.environ["BROWSER"] = DENY
    with pytest.raises(NoLogin, match="the login was refused") as caught:
        log_in(desk)
    assert "access_denied" in caught.value.why
    assert "shellhook login corp" in caught.value.remedy
    assert Cache(desk.environ).token(center_of(desk)) is None


def test_nobody_does_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.environ["BROWSER"] = "true"
    monkeypatch.setattr(flows, "LOGIN_SECONDS", 0.3)
    with pytest.raises(NoLogin, match="was not done in time"):
        log_in(desk)
    assert files(desk) == {}, "the page may have refused the registration"


def test_ctrl_c(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.environ["BROWSER"] = "true"

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shellhook.sso.callback.Listener.wait", interrupted)
    with pytest.raises(Cancelled):
        log_in(desk)


def test_a_code_that_aws_does_not_take(desk: Desk) -> None:
    desk.sandbox.fail(400, "InvalidGrantException", "Invalid code", action="CreateToken")
    with pytest.raises(NoLogin, match="AWS did not take the login") as caught:
        log_in(desk)
    assert "InvalidGrantException: Invalid code" in caught.value.why


@pytest.mark.parametrize("command", ["no-such-browser", "false"])
def test_a_browser_that_does_not_start(
    command: str, desk: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.environ["BROWSER"] = command
    monkeypatch.setattr(flows, "LOGIN_SECONDS", 0.3)
    with pytest.raises(NoLogin):
        log_in(desk)
    err = capfd.readouterr().err
    assert "the browser could not be started (BROWSER)" in err
    assert "/authorize?" in err, "it can be opened by hand"


def test_a_command_with_more_in_braces(desk: Desk, tmp_path: Path) -> None:
    script(desk, tmp_path / "b", f"open({str(tmp_path / 'words')!r}, 'w').write(' '.join(sys.argv[1:-1]))")
    desk.environ["SHELLHOOK_BROWSER"] = f"{desk.environ['BROWSER']} {{profile}} {{account}} {{url}}"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(flows, "LOGIN_SECONDS", 1)
        with pytest.raises(NoLogin):
            log_in(desk)
    assert opened(desk, tmp_path / "words") == "corp-admin corp"


@pytest.mark.usefixtures("at_once")
def test_an_identity_center_without_logins_by_browser(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    desk.sandbox.fail(400, "UnsupportedGrantTypeException", action="RegisterClient")
    assert log_in(desk).left(time.time()) > 3500
    assert "StartDeviceAuthorization" in calls(desk)
    assert "with a code, then" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("changes", "said"), [({"region": "eu west"}, "'eu west'"), ({"endpoints": {"sso_oidc": "ftp:/x y"}}, "'ftp:/x y'")]
)
def test_what_cannot_be_reached(changes: dict[str, Any], said: str, desk: Desk) -> None:
    at = center_of(desk).replace(endpoints={})
    with pytest.raises(BadConfiguration, match="corp cannot be reached") as caught:
        flows.oidc.Oidc(at.replace(**changes), {}).register(by_browser=True)
    assert said in caught.value.what
    assert f"{desk.config}:" in caught.value.why


BEGINS = [
    ("InvalidScopeException", ["sso_registration_scopes", "config:"]),
    ("InvalidRequestException", ["d-0000000000.awsapps.com", "eu-central-1", "sso_region"]),
    ("InvalidClientMetadataExceptionX", ["InvalidClientMetadataExceptionX"]),
]


@pytest.mark.parametrize(("code", "said"), BEGINS)
def test_aws_does_not_begin(code: str, said: list[str], desk: Desk) -> None:
    desk.sandbox.fail(400, code, "Invalid", action="RegisterClient")
    with pytest.raises(ShellhookError, match="corp: AWS does not begin a login") as caught:
        log_in(desk)
    assert [words for words in said if words not in str(caught.value)] == [], str(caught.value)


@pytest.mark.parametrize(("status", "code"), [(400, "SlowDownException"), (500, "InternalServerException")])
def test_aws_is_too_busy(status: int, code: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)
    desk.sandbox.fail(status, code, action="RegisterClient", count=3)
    with pytest.raises(NoNetwork):
        log_in(desk)


@pytest.mark.parametrize("body", [b"<html>Welcome 5ecret", b"{}", b'{"clientId": "5ecret"}', b'{"clientId"', b""])
def test_somebody_answers_in_its_place(body: bytes, desk: Desk) -> None:
    with servers.answering(200, body, {"Content-Type": "application/json"}) as other:
        desk.environ["AWS_ENDPOINT_URL_SSO_OIDC"] = other.url
        with pytest.raises(NoNetwork, match="no answer that is AWS's") as caught:
            log_in(desk)
    assert "5ecret" not in str(caught.value)


# --- by device


@pytest.mark.usefixtures("at_once")
def test_by_device(desk: Desk, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    desk.sandbox.identity_center(decision="allow")
    token = log_in(desk, by_device=True)
    assert token.refresh_token, "it can be refreshed too"
    assert calls(desk) == ["RegisterClient", "StartDeviceAuthorization", "CreateToken"]
    assert calls(desk, "browser") == [], "no browser is opened: it was asked so"
    err = capfd.readouterr().err
    assert "logging in at d-0000000000.awsapps.com, with a code\n" in err
    assert f"open {desk.sandbox.endpoint}/device in any browser, and enter " in err
    assert "device?user_code=" in err


def test_pending_and_slower(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "_SLOW_DOWN", 1)
    desk.sandbox.identity_center(decision="allow")
    desk.sandbox.fail(400, "AuthorizationPendingException", action="CreateToken")
    desk.sandbox.fail(400, "SlowDownException", action="CreateToken")
    log_in(desk, by_device=True)
    asked = [call["at"] for call in desk.sandbox.calls("CreateToken", service="sso-oidc")]
    assert len(asked) == 3
    assert 0.9 < asked[1] - asked[0] < 1.9, "the interval of the server"
    assert asked[2] - asked[1] > 1.9, "slower from then on"


REFUSED = [
    ("AccessDeniedException", "the login was refused"),
    ("ExpiredTokenException", "was not done in time"),
    ("InvalidGrantException", "AWS did not take the login"),
]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("code", "said"), REFUSED)
def test_refused_by_device(code: str, said: str, desk: Desk) -> None:
    desk.sandbox.fail(400, code, action="CreateToken")
    with pytest.raises(NoLogin, match=said) as caught:
        log_in(desk, by_device=True)
    assert caught.value.status == 4


def test_a_code_that_nobody_enters(desk: Desk) -> None:
    """It ends by our clock, whatever AWS says."""
    desk.sandbox.identity_center(device_lifetime=2)
    desk.sandbox.fail(400, "AuthorizationPendingException", action="CreateToken", count=20)
    started = time.monotonic()
    with pytest.raises(NoLogin, match="was not done in time"):
        log_in(desk, by_device=True)
    assert 1.5 < time.monotonic() - started < 10


@pytest.mark.usefixtures("at_once")
def test_a_network_that_is_gone_for_a_while(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)
    desk.sandbox.identity_center(decision="allow")
    desk.sandbox.fail(503, "ServiceUnavailable", action="CreateToken", count=6)  # two questions, each tried three times
    assert log_in(desk, by_device=True).left(time.time()) > 3500
    desk.sandbox.fail(503, "ServiceUnavailable", action="CreateToken", count=9)
    with pytest.raises(NoNetwork):
        log_in(desk, by_device=True)


@pytest.mark.usefixtures("at_once")
def test_a_registration_that_is_none_any_more(desk: Desk) -> None:
    desk.sandbox.identity_center(decision="allow")
    log_in(desk, by_device=True)
    desk.sandbox.forget_calls()
    desk.sandbox.fail(401, "InvalidClientException", action="StartDeviceAuthorization")
    log_in(desk, by_device=True)
    assert [call for call in calls(desk) if call != "CreateToken"] == [
        "StartDeviceAuthorization InvalidClientException", "RegisterClient", "StartDeviceAuthorization",
    ]  # fmt: skip


@pytest.mark.usefixtures("at_once")
def test_a_profile_of_the_older_kind_logs_in_by_device_and_the_browser_helps(desk: Desk) -> None:
    token = log_in(desk, "corp-old")
    assert token.refresh_token is None
    assert "scopes" not in desk.sandbox.calls("RegisterClient", service="sso-oidc")[0]["parameters"]
    assert "DecideDevice" in calls(desk, "browser")


@pytest.mark.usefixtures("at_once")
def test_without_a_browser_it_is_by_device(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    del desk.environ["BROWSER"]
    desk.environ["SSH_CONNECTION"] = "192.0.2.1 50000 192.0.2.2 22"
    desk.sandbox.identity_center(decision="allow")
    log_in(desk)
    assert "with a code (this is an SSH session)" in capfd.readouterr().err


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "-version"])
def test_only_web_pages_are_opened(url: str, desk: Desk) -> None:
    made = flows.Flow(center_of(desk), Cache(desk.environ), desk.environ, time.time)
    found, _ = flows.browser.find(desk.environ)
    assert found is not None
    with pytest.raises(ShellhookError, match="a page that is none"):
        made._open(found, url)
