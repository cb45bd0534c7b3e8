"""One call to IAM Identity Center through botocore: unsigned, patient within bounds, a refusal told from a failure."""

from __future__ import annotations

from shellhook import aws_session, deadline
from shellhook.errors import BadConfiguration, NoNetwork
from shellhook.sts import Refused, clock_ahead, not_aws, unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from shellhook.sso.center import Center

_SERVICES = {"sso-oidc": "sso_oidc", "sso": "sso"}  # as botocore calls the service, and the setting of its endpoint


def client(service: str, center: Center, environ: Mapping[str, str]) -> Any:
    """botocore's client of `sso-oidc` or `sso`, for that center. `environ` is the environment before any session of
    ours. Raises BadConfiguration for a URL or region that cannot be one."""
    with aws_session.environment(environ):
        ours = aws_session.without_files(tuple(_SERVICES))
        import botocore
        import botocore.config
        from botocore.exceptions import BotoCoreError

        url = center.endpoints.get(_SERVICES[service])
        try:
            made = ours.create_client(
                service,
                region_name=center.region,
                endpoint_url=url,
                verify=center.ca_bundle,
                config=botocore.config.Config(
                    signature_version=botocore.UNSIGNED,
                    user_agent_extra="shellhook",
                    **{
                        **aws_session.PATIENCE,
                        **dict.fromkeys(center.kinds, True),
                        # What is configured is in center.endpoints.
                        "ignore_configured_endpoint_urls": True,
                    },
                ),
            )
            # botocore's own handler for it (set_operation_specific_signer) is not loaded.
            made.meta.events.register("choose-signer", lambda **_: botocore.UNSIGNED)
        except (ValueError, BotoCoreError) as error:
            raise BadConfiguration(
                f"{center.shown} cannot be reached {f'at {url!r}' if url else f'in {center.region!r}'}",
                why=f"{center.where}\n{error}",
                remedy="look at sso_region, at endpoint_url in the profile, and at AWS_ENDPOINT_URL",
            ) from None
        return made


def call(client: Any, name: str, *needed: str, **parameters: object) -> dict[str, Any]:
    """The answer to one call, in which the fields that are `needed` are. Raises Refused, NoNetwork."""
    from botocore import exceptions, parsers

    url = client.meta.endpoint_url
    try:
        answer: dict[str, Any] = deadline.within(deadline.SECONDS, lambda: getattr(client, name)(**parameters))
    except exceptions.ClientError as error:
        problem = error.response.get("Error", {})
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
        code = str(problem.get("Code") or "")
        if status >= 500 or code == "InternalServerException":
            raise NoNetwork(
                "AWS has a problem of its own", why=f"HTTP status {status} of {url}", remedy="try again later"
            ) from None
        if status == 429 or code == "TooManyRequestsException":
            raise _throttled(url) from None
        if not code or code.isdigit():
            raise not_aws(url, f"HTTP status {status}") from None
        said = problem.get("Message") or error.response.get("error_description") or ""  # the portal, OIDC
        raise Refused(code, str(said), clock_ahead(error.response)) from None
    except exceptions.ParamValidationError:
        # Not its text: that quotes what was sent.
        raise Refused("ParamValidation", "a value cannot be sent as it is", None) from None
    except (exceptions.HTTPClientError, exceptions.EndpointConnectionError, OSError) as error:
        raise unreachable(error, url) from None
    except (exceptions.BotoCoreError, parsers.ResponseParserError, KeyError, ValueError, TypeError) as error:
        # Not its text: that quotes the answer, in which tokens may stand.
        raise not_aws(url, f"it cannot be read as one ({type(error).__name__})") from None
    missing = [field for field in needed if answer.get(field) in (None, "")]
    if missing:
        raise not_aws(url, f"it has no {missing[0]}")
    return answer


class Throttled(NoNetwork):
    """There were too many calls, from here or from this address."""


def throttled(refused: Refused) -> Throttled | None:
    """The error for requests that came too fast, if that is what was refused. (Polling for a token has its own use for
    that refusal; `call` raises it for all others.)"""
    return _throttled(refused.code) if refused.code == "SlowDownException" else None


def _throttled(why: str) -> Throttled:
    return Throttled(
        "AWS is throttling the calls", why=f"{why}: tried 3 times, with pauses", remedy="try again in a minute"
    )


def address(client: Any) -> str:
    """Scheme and host that the client calls, found as the AWS CLI finds it (SSOTokenFetcherAuth): by a call that is
    stopped before it is sent."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    found: list[str] = []

    def stop(params: Mapping[str, Any], **_: object) -> Any:
        found.append(params["url"])
        return AWSResponse(params["url"], 200, HTTPHeaders(), None), {}

    client.meta.events.register("before-call", stop)
    try:
        client.register_client(clientName="temp", clientType="public")
    finally:
        client.meta.events.unregister("before-call", stop)
    scheme, _, rest = found[0].partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
