"""Logging in on the wire: RegisterClient, StartDeviceAuthorization, the /authorize page, CreateToken.

What is sent is what the AWS CLI v2 sends (SSOTokenFetcher and SSOTokenFetcherAuth in awscli/botocore/utils.py), so that
the two can use each other's registrations and tokens.
"""

from __future__ import annotations

import time
from urllib.parse import urlencode

from shellhook.errors import ShellhookError
from shellhook.record import Record
from shellhook.sso import calls
from shellhook.sso.cache import Registration, Token
from shellhook.sso.center import DEFAULT_SCOPE
from shellhook.sts import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from shellhook.sso.center import Center

GRANTS = ("authorization_code", "refresh_token")
# Registered without a port; a loopback redirect may have any (RFC 8252, 7.3).
REDIRECT = "http://127.0.0.1/oauth/callback"
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_DEFAULT_INTERVAL = 5  # seconds (RFC 8628, 3.2)


class Authorization(Record):
    """A device login that waits for a person. `ends` is epoch seconds, `interval` seconds between two questions."""

    device_code: str
    user_code: str
    url: str
    url_with_code: str
    ends: float
    interval: float

    def __repr__(self) -> str:
        return f"Authorization({self.url}, ends={self.ends})"


class Oidc:
    """The OIDC endpoint of a center. Every method raises NoNetwork, and Refused where AWS says no."""

    def __init__(self, center: Center, environ: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        self._center, self._environ, self._clock = center, environ, clock
        self._made: Any = None

    @property
    def _client(self) -> Any:
        if self._made is None:
            self._made = calls.client("sso-oidc", self._center, self._environ)
        return self._made

    def register(self, *, by_browser: bool) -> Registration:
        """This machine as a client, for a login by browser or by device code."""
        center = self._center
        # A profile with keys of its own, the older kind, asks for no scopes: its token ends with the login, and is not
        # refreshed. So it is with the CLI.
        default = None if center.name is None else (DEFAULT_SCOPE,)
        scopes = center.scopes or default
        asked: dict[str, object] = {
            "clientName": f"botocore-client-{center.name or int(self._clock())}",
            "clientType": "public",
        }
        if scopes:
            asked["scopes"] = list(scopes)
        if by_browser:
            asked |= {"grantTypes": list(GRANTS), "redirectUris": [REDIRECT], "issuerUrl": center.start_url}
        answer = calls.call(
            self._client, "register_client", "clientId", "clientSecret", "clientSecretExpiresAt", **asked
        )
        return Registration(
            client_id=answer["clientId"],
            client_secret=answer["clientSecret"],
            expires=int(answer["clientSecretExpiresAt"]),
            scopes=scopes,
            grants=GRANTS if by_browser else (),
        )

    def start_device(self, registration: Registration) -> Authorization:
        """A device login begins."""
        answer = calls.call(
            self._client,
            "start_device_authorization",
            *("deviceCode", "userCode", "verificationUri", "expiresIn"),
            clientId=registration.client_id,
            clientSecret=registration.client_secret,
            startUrl=self._center.start_url,
        )
        return Authorization(
            device_code=answer["deviceCode"],
            user_code=answer["userCode"],
            url=answer["verificationUri"],
            url_with_code=answer.get("verificationUriComplete") or answer["verificationUri"],
            ends=self._clock() + answer["expiresIn"],
            interval=answer.get("interval") or _DEFAULT_INTERVAL,
        )

    def page(self, registration: Registration, redirect: str, state: str, challenge: str) -> str:
        """The URL of the page to log in on; it is where the endpoint is, an overridden one too."""
        asked = {
            "response_type": "code",
            "client_id": registration.client_id,
            "redirect_uri": redirect,
            "state": state,
            "code_challenge_method": "S256",
            "scopes": " ".join(registration.scopes or (DEFAULT_SCOPE,)),
            "code_challenge": challenge,
        }
        return f"{calls.address(self._client)}/authorize?{urlencode(asked)}"

    def token_for_device(self, registration: Registration, device_code: str) -> Token:
        """The token of a device login, once somebody has allowed it."""
        return self._token(registration, grantType=_DEVICE_GRANT, deviceCode=device_code)

    def token_for_code(self, registration: Registration, code: str, verifier: str, redirect: str) -> Token:
        """The token of a login by browser. `redirect` is the very URI that the code came to."""
        return self._token(
            registration, grantType="authorization_code", code=code, codeVerifier=verifier, redirectUri=redirect
        )

    def refreshed(self, token: Token) -> Token:
        """Another token for one that can be refreshed."""
        registration = Registration(
            client_id=token.client_id or "",
            client_secret=token.client_secret or "",
            expires=token.registration_expires or 0,
        )
        return self._token(registration, grantType="refresh_token", refreshToken=token.refresh_token)

    def _token(self, registration: Registration, **grant: object) -> Token:
        answer = calls.call(
            self._client,
            "create_token",
            *("accessToken", "expiresIn"),
            clientId=registration.client_id,
            clientSecret=registration.client_secret,
            **grant,
        )
        return Token(
            start_url=self._center.start_url,
            region=self._center.region,
            access_token=answer["accessToken"],
            expires=int(self._clock() + answer["expiresIn"]),
            client_id=registration.client_id,
            client_secret=registration.client_secret,
            registration_expires=registration.expires,
            refresh_token=answer.get("refreshToken"),
        )


def explained(refused: Refused, center: Center) -> ShellhookError:
    """The error for a login that AWS does not even begin."""
    network = calls.throttled(refused)
    if network:
        return network
    what = f"{center.shown}: AWS does not begin a login"
    said = f"{refused.code}: {refused.message}".rstrip(": ")
    if refused.code == "InvalidScopeException":
        return ShellhookError(
            what,
            why=f"{said}\n{center.where}: sso_registration_scopes = {', '.join(center.scopes or ())}",
            remedy=f"ask for {DEFAULT_SCOPE}, which is all that roles take",
        )
    if refused.code == "InvalidRequestException":
        return ShellhookError(
            what,
            why=f"{said}\n{center.where}: {center.start_url} in {center.region}",
            remedy="look at sso_start_url and sso_region: both stand in the console, IAM Identity Center, Settings",
        )
    return ShellhookError(what, why=f"{said}\n{center.where}")
