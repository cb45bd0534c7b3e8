"""The calls to STS, and the two to IAM that help them, through botocore. The only room that talks to AWS.

botocore and not boto3: what boto3 adds is not used here, and takes 20 ms to import.
"""

from __future__ import annotations

import contextlib
import threading

from shellhook import deadline, endpoints
from shellhook.errors import BadConfiguration, NoNetwork
from shellhook.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from shellhook.plan import Plan

_LOOK = "look at your network, VPN, proxy and firewall"
# How systems, and urllib3, say that a host has no address.
_NOT_FOUND = ("resolve", "name resolution", "Name or service", "nodename", "getaddrinfo")
_THROTTLED = ("Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown")
_FAILED = ("InternalFailure", "InternalError", "ServiceUnavailable", "ServiceFailure")
_SECRET_PARAMETERS = ("ExternalId", "TokenCode")


class Refused(Exception):
    """AWS answered, and said no. `code` and `message` are its own; `clock_ahead` is how many seconds its clock is ahead
    of ours, None if it did not say."""

    def __init__(self, code: str, message: str, clock_ahead: float | None) -> None:
        super().__init__(code)
        self.code, self.message, self.clock_ahead = code, message, clock_ahead


class Aws:
    """AWS, as reached from this process. `environ` is the environment before any session of ours: what a session of
    ours put there (endpoints, keys) must not lead its own successor's calls astray. `patience` is what differs from
    aws_session.PATIENCE."""

    def __init__(self, environ: Mapping[str, str], patience: Mapping[str, Any] | None = None) -> None:
        self._environ = environ
        self._patience = patience or {}
        self._clients: dict[tuple[object, ...], Any] = {}
        self._warming: threading.Thread | None = None
        self._is_wanted = threading.Event()

    def warm(self, plan: Plan, session: Session) -> None:
        """Begin to load botocore and make the STS client, while the user types."""
        if self._warming is None:
            # Nothing is reported from here: what fails now will fail again, and be explained, when it is needed.
            self._warming = threading.Thread(target=self._warm, args=(plan, session), daemon=True)
            self._warming.start()

    def assume_role(self, plan: Plan, session: Session, parameters: Mapping[str, object]) -> Session:
        """AssumeRole. Raises Refused, NoNetwork."""
        return self._session("assume_role", plan, session, parameters)

    def session_token(self, plan: Plan, session: Session, parameters: Mapping[str, object]) -> Session:
        """GetSessionToken. Raises Refused, NoNetwork."""
        return self._session("get_session_token", plan, session, parameters)

    def federation_token(self, plan: Plan, session: Session, parameters: Mapping[str, object]) -> Session:
        """GetFederationToken. Raises Refused, NoNetwork."""
        return self._session("get_federation_token", plan, session, parameters)

    def caller(self, plan: Plan, session: Session) -> tuple[str, str]:
        """Account and ARN of whoever the credentials belong to; needs no permission. Raises Refused, NoNetwork."""
        answer = self._call("sts", "get_caller_identity", plan, session, {}, "Account")
        return answer["Account"], answer["Arn"]

    def mfa_devices(self, plan: Plan, session: Session) -> list[str]:
        """Serial numbers of the calling user's own devices. Raises Refused, NoNetwork."""
        answer = self._call("iam", "list_mfa_devices", plan, session, {}, "MFADevices")
        return [device["SerialNumber"] for device in answer["MFADevices"]]

    def longest(self, plan: Plan, session: Session, role: str) -> int:
        """MaxSessionDuration of a role of the caller's account, in seconds. Raises Refused, NoNetwork."""
        answer = self._call("iam", "get_role", plan, session, {"RoleName": role}, "Role")
        return int(answer["Role"]["MaxSessionDuration"])

    def key_created(self, plan: Plan, session: Session) -> int | None:
        """When the calling user's key was made, epoch seconds. Raises Refused, NoNetwork."""
        answer = self._call("iam", "list_access_keys", plan, session, {}, "AccessKeyMetadata")
        for key in answer["AccessKeyMetadata"]:
            if key["AccessKeyId"] == session.access_key_id:
                return int(key["CreateDate"].timestamp())
        return None

    def iam(
        self, name: str, plan: Plan, session: Session, parameters: Mapping[str, object], field: str
    ) -> dict[str, Any]:
        """The answer of a call to IAM, which has that field. Raises Refused, NoNetwork."""
        return self._call("iam", name, plan, session, parameters, field)

    def _session(self, name: str, plan: Plan, session: Session, parameters: Mapping[str, object]) -> Session:
        answer = self._call("sts", name, plan, session, parameters, "Credentials")
        given = answer["Credentials"]
        caller = (answer.get("AssumedRoleUser") or answer.get("FederatedUser") or {}).get("Arn")
        try:
            return Session(
                access_key_id=given["AccessKeyId"],
                secret_access_key=given["SecretAccessKey"],
                session_token=given["SessionToken"],
                expires=int(given["Expiration"].timestamp()),
                account=caller.split(":")[4] if caller else session.account,
                arn=caller or session.arn,
            )
        except KeyError as missing:
            url = self._client("sts", plan, session).meta.endpoint_url
            raise not_aws(url, f"it has no {missing.args[0]}") from None

    def _call(
        self, service: str, name: str, plan: Plan, session: Session, parameters: Mapping[str, object], field: str
    ) -> dict[str, Any]:
        """The answer of AWS, which has that field."""
        client = self._client(service, plan, session)
        from botocore import exceptions, parsers

        patience = deadline.SECONDS_TO_LOOK if service == "iam" else deadline.SECONDS
        try:
            answer: dict[str, Any] = deadline.within(patience, lambda: getattr(client, name)(**parameters))
        except exceptions.ClientError as error:
            problem = error.response.get("Error", {})
            if not problem.get("Code"):
                raise not_aws(client.meta.endpoint_url, f"HTTP status {_http_status(error.response)}") from None
            if (passing := busy(str(problem["Code"]), client.meta.endpoint_url)) is not None:
                raise passing from None
            message = _without_secrets(str(problem.get("Message", "")), parameters)
            raise Refused(str(problem.get("Code", "")), message, clock_ahead(error.response)) from None
        except exceptions.ParamValidationError as error:
            raise Refused("ParamValidation", _without_secrets(str(error), parameters), None) from None
        except (exceptions.HTTPClientError, exceptions.EndpointConnectionError, OSError) as error:
            raise unreachable(error, client.meta.endpoint_url) from None
        except (exceptions.BotoCoreError, parsers.ResponseParserError, KeyError, ValueError) as error:
            # Not its text: that quotes the answer, in which credentials may stand.
            raise not_aws(client.meta.endpoint_url, f"it cannot be read as one ({type(error).__name__})") from None
        if field not in answer:
            raise not_aws(client.meta.endpoint_url, f"it has no {field}")
        return answer

    def _warm(self, plan: Plan, session: Session) -> None:
        # The question first: two threads that import take turns, and it would be there 60 ms later.
        self._is_wanted.wait(0.05)
        with contextlib.suppress(Exception):
            self._client("sts", plan, session)

    def _client(self, service: str, plan: Plan, session: Session) -> Any:
        if self._warming is not None and self._warming is not threading.current_thread():
            self._is_wanted.set()
            self._warming.join()
        place = plan.sts_region, plan.endpoints.get(service), plan.settings.get(endpoints.STS_IS_REGIONAL)
        key = (service, session.access_key_id, *place, *endpoints.kinds(plan.settings))
        if key not in self._clients:
            self._clients[key] = self._new_client(service, plan, session)
        return self._clients[key]

    def _new_client(self, service: str, plan: Plan, session: Session) -> Any:
        from shellhook import aws_session

        with aws_session.environment(self._environ):
            ours = aws_session.without_files(("sts", "iam"))
            import botocore.config

            if endpoints.STS_IS_REGIONAL in plan.settings:
                ours.set_config_variable("sts_regional_endpoints", plan.settings[endpoints.STS_IS_REGIONAL])
            try:
                return ours.create_client(
                    service,
                    region_name=plan.sts_region or "us-east-1",
                    endpoint_url=plan.endpoints.get(service),
                    aws_access_key_id=session.access_key_id,
                    aws_secret_access_key=session.secret_access_key,
                    aws_session_token=session.session_token,
                    verify=plan.settings.get("AWS_CA_BUNDLE"),
                    config=botocore.config.Config(
                        user_agent_extra="shellhook",
                        **{
                            **aws_session.PATIENCE,
                            **self._patience,
                            **dict.fromkeys(endpoints.kinds(plan.settings), True),
                            # What is configured is in plan.endpoints; the profile may have put the variables out of
                            # force, which botocore sees here.
                            "ignore_configured_endpoint_urls": True,
                        },
                    ),
                )
            except ValueError as error:
                raise BadConfiguration(
                    f"{service} cannot be reached at {plan.endpoints.get(service)!r}",
                    why=str(error),
                    remedy="look at endpoint_url in the profile, and at AWS_ENDPOINT_URL",
                ) from None


def _http_status(response: Mapping[str, Any]) -> object:
    return response.get("ResponseMetadata", {}).get("HTTPStatusCode")


def clock_ahead(response: Mapping[str, Any]) -> float | None:
    """How far AWS's clock, as its Date header has it, is ahead of ours, in seconds."""
    date = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    if not date:
        return None
    import email.utils
    import time

    try:
        return email.utils.parsedate_to_datetime(date).timestamp() - time.time()
    except (TypeError, ValueError):
        return None


def _without_secrets(message: str, parameters: Mapping[str, object]) -> str:
    """AWS quotes a value that breaks its rules."""
    for name in _SECRET_PARAMETERS:
        if parameters.get(name):
            message = message.replace(str(parameters[name]), "...")
    return message


def busy(code: str, place: str) -> NoNetwork | None:
    """The error for a refusal that passes by itself, if it is one: too many calls, or a fault of AWS's own, also a
    gateway's, whose code is the HTTP status."""
    if code in _THROTTLED:
        return NoNetwork(
            "AWS is throttling the calls", why=f"{place}: tried 3 times, with pauses", remedy="try again in a minute"
        )
    if code in _FAILED or (code.startswith("5") and code.isdigit()):
        return NoNetwork("AWS has a problem of its own", why=f"{place}: {code}, 3 times", remedy="try again later")
    return None


def not_aws(url: str, why: str) -> NoNetwork:
    """What to say where something answered, and not as AWS does."""
    return NoNetwork(
        f"{url} gave no answer that is AWS's",
        why=why,
        remedy="a proxy, or the login page of a network, may have answered in its place",
    )


def reason(error: Exception) -> str:
    """What botocore's exception tells of the network. "" where somebody has answered who does not speak HTTP: the text
    quotes it."""
    import http.client

    cause = getattr(error, "kwargs", {}).get("error") or error
    if isinstance(cause, http.client.HTTPException) and not isinstance(cause, http.client.RemoteDisconnected):
        return str(cause) if isinstance(cause, http.client.IncompleteRead) else ""
    last = cause.args[-1] if cause.args else None
    if isinstance(last, Exception):
        return reason(last)
    # urllib3 begins with what it is about: `AWSHTTPConnection(host='...', port=...): `
    text = last if isinstance(last, str) else str(cause)
    return text.partition("): ")[2] or text


def unreachable(error: Exception, url: str) -> NoNetwork:
    """What is wrong with the network, as far as botocore's exception tells (botocore/httpsession.py)."""
    from botocore import exceptions

    text = reason(error)
    if not text:
        return not_aws(url, "it is no HTTP")
    if isinstance(error, exceptions.ProxyConnectionError):
        named = error.kwargs["proxy_url"]  # botocore has taken name and password out of it
        proxy = f"{named.replace('***:***@', '')} " if named else ""
        return NoNetwork(
            f"the proxy {proxy}cannot be reached",
            why=text,
            remedy="look at HTTPS_PROXY and NO_PROXY; through NO_PROXY amazonaws.com is reached without it",
        )
    if isinstance(error, exceptions.SSLError):
        return NoNetwork(
            f"{url} could not prove who it is",
            why=text,
            remedy="behind a proxy that opens TLS, name its certificates: AWS_CA_BUNDLE, or ca_bundle in the profile\n"
            "if one is named, see whether it is a file of certificates",
        )
    if isinstance(error, (exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError, TimeoutError)):
        return NoNetwork(f"{url} did not answer in time", why=text, remedy=_LOOK)
    if any(words in text for words in _NOT_FOUND):
        return NoNetwork(
            f"{url} could not be found",
            why=text,
            remedy="you may be offline; else look at the region's name and your DNS",
        )
    return NoNetwork(f"{url} could not be reached", why=text, remedy=_LOOK)
