"""The sign-in endpoint: temporary credentials -> a sign-in token -> a link that opens the console.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html

Whoever has the link is signed in, so it is as good as a password for 15 minutes: neither it nor what it is made of is
in any message, log or file.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import ssl
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode, urlsplit

from shellhook import deadline, sts
from shellhook.errors import BadConfiguration, NoNetwork, ShellhookError
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from shellhook.plan import Plan
    from shellhook.session import Session

LONGEST = 43_200  # SessionDuration, 12 h
ISSUER = "shellhook"
# The European Sovereign Cloud has no address but the region's own (botocore/data/signin, docs.aws.eu "Endpoints").
_HOSTS = {
    "aws": "signin.aws.amazon.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
    "aws-eusc": "{region}.signin.amazonaws-eusc.eu",
}
_PATIENCE = 10.0  # seconds for a connection, and for each part of an answer
_TRIES, _PAUSE = 3, 0.5  # as often as botocore tries, seconds between
_LONGEST_ANSWER = 65_536  # bytes: a sign-in token has a few hundred
_BUSY = (429, 500, 502, 503, 504)


class _Refused(Exception):
    """The endpoint answered, and said no. What it says is a page for people, and need not be without secrets."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Endpoint(Record):
    """Where one signs in: the URL before /federation. `ca_bundle` names certificates to trust in place of the
    system's."""

    url: str
    ca_bundle: str | None = None

    def login(self, token: str, destination: str) -> str:
        """The link."""
        asked = {"Action": "login", "Issuer": ISSUER, "Destination": destination, "SigninToken": token}
        return f"{self.url}/federation?{urlencode(asked)}"

    @property
    def logout(self) -> str:
        """Where a browser is signed out again. Nothing secret is in it."""
        return f"{self.url}/oauth?Action=logout"


def endpoint(plan: Plan, region: str, environ: Mapping[str, str]) -> Endpoint:
    """The endpoint of a plan's partition, or where the configuration moves it to, as it does botocore's `signin`
    (AWS_ENDPOINT_URL_SIGNIN). Raises ShellhookError for a partition that has none."""
    bundle = plan.settings.get("AWS_CA_BUNDLE") or environ.get("AWS_CA_BUNDLE") or environ.get("REQUESTS_CA_BUNDLE")
    return Endpoint(url=address(plan.partition, region, plan.endpoints.get("signin")), ca_bundle=bundle or None)


def address(partition: str, region: str, moved: str | None) -> str:
    """The endpoint's URL; `moved` is where it has been moved to. Raises ShellhookError for a partition that has none,
    BadConfiguration for no URL."""
    if moved:
        parts = urlsplit(moved)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadConfiguration(f"{moved!r} is no address to sign in at", remedy="look at AWS_ENDPOINT_URL_SIGNIN")
        if parts.scheme == "http" and not _is_this_machine(parts.hostname):
            # Other calls are only signed; this one has the keys themselves in it.
            raise BadConfiguration(
                f"{moved!r} cannot be signed in at: the keys would go there unencrypted",
                remedy="give AWS_ENDPOINT_URL_SIGNIN an https:// address",
            )
        return moved.rstrip("/")
    if partition not in _HOSTS:
        raise ShellhookError(
            f"nobody can sign in to the console of partition {partition} from here",
            why=f"known are the sign-in endpoints of {', '.join(_HOSTS)}",
        )
    return f"https://{_HOSTS[partition].format(region=region)}"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def sign_in(at: Endpoint, session: Session, seconds: int | None) -> tuple[str, bool]:
    """A sign-in token for a session, and whether the console lasts `seconds`. Where AWS does not grant that, or with
    None, it lasts as long as the session.

    Raises NoNetwork, and ShellhookError for credentials that are not taken.
    """
    try:
        return _token(at, session, seconds), seconds is not None
    except _Refused as refused:
        # One sentence, if any, for every cause: so without it, what is left may still be good.
        if seconds is None or refused.status != 400:
            raise _not_taken(at, session, refused.status) from None
    try:
        return _token(at, session, None), False
    except _Refused as refused:
        raise _not_taken(at, session, refused.status) from None


def _token(at: Endpoint, session: Session, seconds: int | None) -> str:
    if session.left(time.time()) <= 0:
        raise ShellhookError(
            "the credentials have expired: nobody can sign in with them", remedy="get new ones: assume --renew"
        )
    credentials = {
        "sessionId": session.access_key_id,
        "sessionKey": session.secret_access_key,
        "sessionToken": session.session_token,
    }
    asked = {"Action": "getSigninToken", "Session": json.dumps(credentials)}
    if seconds is not None:
        asked["SessionDuration"] = str(seconds)
    try:
        token = json.loads(_get(at, urlencode(asked)))["SigninToken"]
    except (ValueError, KeyError, TypeError):
        token = None
    if not isinstance(token, str) or not token:
        raise sts.not_aws(at.url, "it has no SigninToken")
    return token


def _get(at: Endpoint, query: str) -> bytes:
    """The answer to a GET, which AWS documents for this: what is in the query is secret, and stays in here."""
    opener = urllib.request.build_opener(_NoRedirection, urllib.request.HTTPSHandler(context=_trust(at)))
    opener.addheaders = [("User-Agent", ISSUER), ("Accept", "application/json")]
    failure: NoNetwork | None = None
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE * attempt)
        try:
            body = deadline.within(deadline.SECONDS / _TRIES, lambda: _answer(opener, f"{at.url}/federation?{query}"))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in _BUSY:
                code = "Throttling" if error.code == 429 else str(error.code)
                failure = sts.busy(code, at.url)
                continue
            if error.code < 400:
                raise sts.not_aws(at.url, f"HTTP status {error.code}, which leads elsewhere") from None
            raise _Refused(error.code) from None
        except OSError as error:
            failure = _unreachable(error, at.url)
            if isinstance(_reason(error), (ssl.SSLError, TimeoutError)):
                break  # it would be the same again, and a wait
        except (http.client.HTTPException, ValueError) as error:
            # Not its text: that may quote what was sent.
            raise sts.not_aws(at.url, f"it cannot be read as one ({type(error).__name__})") from None
        else:
            if len(body) > _LONGEST_ANSWER:
                raise sts.not_aws(at.url, "it does not end")
            return body
    raise failure or sts.not_aws(at.url, "nothing came")


def _answer(opener: urllib.request.OpenerDirector, url: str) -> bytes:
    with opener.open(url, timeout=_PATIENCE) as answer:
        body: bytes = answer.read(_LONGEST_ANSWER + 1)
        return body


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    """The endpoint sends nobody elsewhere; a network's login page does."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _trust(at: Endpoint) -> ssl.SSLContext:
    """TLS as Python has it by default, with the user's own certificates if they name some (a file or a directory)."""
    bundle = at.ca_bundle
    if bundle is None and not any(ssl.get_default_verify_paths()[:2]):
        # A Python that came without the system's certificates, as python.org's for macOS does: botocore has some.
        import botocore

        bundle = os.path.join(os.path.dirname(botocore.__file__), "cacert.pem")
    try:
        if bundle is not None and os.path.isdir(bundle):
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:  # SSLError is one
        raise BadConfiguration(
            f"{bundle} cannot be used as certificates", why=str(error), remedy="look at AWS_CA_BUNDLE and ca_bundle"
        ) from None


def _reason(error: OSError) -> object:
    return getattr(error, "reason", error)


def _unreachable(error: OSError, url: str) -> NoNetwork:
    """urllib's exception as botocore's, which the words are for."""
    from botocore import exceptions

    reason = _reason(error)
    if isinstance(reason, ssl.SSLError):
        return sts.unreachable(exceptions.SSLError(endpoint_url=url, error=reason), url)
    if isinstance(reason, TimeoutError):
        return sts.unreachable(exceptions.ReadTimeoutError(endpoint_url=url, error=reason), url)
    if "Tunnel connection failed" in str(reason):
        return sts.unreachable(exceptions.ProxyConnectionError(proxy_url="", error=reason), url)
    return sts.unreachable(OSError(str(reason)), url)


def _not_taken(at: Endpoint, session: Session, status: int) -> ShellhookError:
    lines = [f"{at.url}: HTTP status {status}. AWS does not say why. Likely:"]
    if session.arn is None or ":assumed-role/" not in session.arn:
        lines.append("- they are of GetSessionToken: AWS signs in those of a role or a federated user only")
    lines.append("- the session was revoked, or has expired for AWS")
    return ShellhookError(
        "AWS does not sign these credentials in to the console",
        why="\n".join(lines),
        remedy="get a new session, and try again: assume --renew",
    )
