"""Sources that botocore fetches: credential_process, web identity, `aws login`, and what a container or an instance
offers. No kind of profile is refused that the AWS CLI accepts."""

from __future__ import annotations

import functools

from shellhook import aws_session, deadline, sts
from shellhook.environment import printable
from shellhook.errors import BadConfiguration, NoNetwork, ShellhookError
from shellhook.session import Session
from shellhook.shells.posix import word
from shellhook.sources import WEB_IDENTITY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from shellhook.profiles import Configuration
    from shellhook.sources import Source


def credentials(
    source: Source,
    configuration: Configuration,
    environ: Mapping[str, str],
    leaf: str | None = None,
    region: str | None = None,
) -> Session:
    """The credentials that botocore finds for the source's profile, asked where `leaf` says, the profile that was
    asked for, and in `region`, if one is given.

    Raises BadConfiguration if it finds none, ShellhookError if they cannot be had now.
    """
    whose = f"profile {source.profile!r}" if source.profile is not None else source.where
    with aws_session.environment(environ):
        # A web identity may be of the environment, or half of it.
        settings = dict(zip(WEB_IDENTITY, source.identity[1:], strict=True)) if source.kind == "web-identity" else {}
        given = {setting: value for setting, value in settings.items() if value}
        session = aws_session.of_profile(source.profile, configuration, given, leaf)
        if region:
            session.set_config_variable("region", region)
        from botocore import exceptions, parsers

        try:
            # A command may ask its user something: that takes as long as it takes.
            fetch = functools.partial(_fetched, source, session)
            found, frozen = fetch() if source.kind == "process" else deadline.within(deadline.SECONDS, fetch)
            if found is None and source.kind == "instance":
                # botocore says no more: it has asked, and does not tell what came of it.
                raise NoNetwork(
                    f"{whose} gave no credentials",
                    why=f"{source.where}: {_place(source, environ)} did not answer, or has no role to give",
                    remedy="is this an EC2 instance, with an instance profile? look at AWS_EC2_METADATA_DISABLED",
                )
            if found is None:
                raise BadConfiguration(
                    f"{whose} has no credentials",
                    why=f"{source.where}: there is neither a role, nor keys, nor anything else to get some from",
                    remedy=f"run: aws configure --profile {word(source.profile or 'default')}",
                )
        except exceptions.MissingDependencyException:
            raise ShellhookError(
                f"{whose} is an `aws login` session, which needs one more package",
                why=source.where,
                remedy="pip install 'shellhook[login]'",
            ) from None
        except parsers.ResponseParserError:
            # Its text quotes the answer, in which credentials may stand.
            raise _not_aws(source, whose, _place(source, environ)) from None
        except (exceptions.HTTPClientError, exceptions.ConnectionError, TimeoutError) as error:
            place = getattr(error, "kwargs", {}).get("endpoint_url") or _place(source, environ)
            raise NoNetwork(
                f"{whose} gave no credentials",
                why=f"{source.where}: {place}: {sts.reason(error) or 'what answers is no HTTP'}",
                remedy="look at your network, VPN, proxy and firewall",
            ) from None
        except exceptions.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code") or "")
            raise sts.busy(code, _place(source, environ)) or _gave_none(source, whose, str(error)) from None
        except exceptions.BotoCoreError as error:
            if source.kind == "container":
                raise _of_container(source, whose, _place(source, environ), str(error)) from None
            raise _gave_none(source, whose, str(error)) from None
        except _UNEXPECTED as error:
            if source.kind == "web-identity" and isinstance(error, KeyError):
                raise _not_aws(source, whose, _place(source, environ)) from None  # XML, and not that of STS
            raise _gave_none(source, whose, f"{type(error).__name__}: {error}") from None
    expiry = getattr(found, "_expiry_time", None)
    return Session(
        access_key_id=frozen.access_key,
        secret_access_key=frozen.secret_key,
        session_token=frozen.token,
        expires=None if expiry is None else int(expiry.timestamp()),
        account=frozen.account_id,
    )


# What a command that prints no JSON, or other JSON, or is not there becomes in botocore; and a missing token file.
_UNEXPECTED = (RuntimeError, LookupError, OSError, ValueError, TypeError, AttributeError)
_REMEDIES = {
    "container": "look at AWS_CONTAINER_CREDENTIALS_FULL_URI, which the container has from whoever started it",
    "login": "log in: aws login --profile {name}",
    "process": "run the command of credential_process yourself, and see what it prints",
    "web-identity": "see whether the token file is there and fresh",
}


def _place(source: Source, environ: Mapping[str, str]) -> str:
    """Who was asked."""
    if source.kind == "instance":
        return f"the metadata service at {environ.get('AWS_EC2_METADATA_SERVICE_ENDPOINT') or 'http://169.254.169.254'}"
    if source.kind == "container":
        return f"the container's {environ.get('AWS_CONTAINER_CREDENTIALS_FULL_URI') or 'http://169.254.170.2'}"
    return "AWS STS" if source.kind == "web-identity" else "AWS"


def _not_aws(source: Source, whose: str, place: str) -> NoNetwork:
    return NoNetwork(
        f"{whose} gave no credentials",
        why=f"{source.where}: {place}: what answered is not AWS, or the answer broke off",
        remedy="a proxy, or the login page of a network, may have answered in its place",
    )


def _of_container(source: Source, whose: str, place: str, said: str) -> ShellhookError:
    """What a container's endpoint answers is for its users, and shown; where it did not, that is the network's."""
    unreached = "Received error when attempting" in said
    return (NoNetwork if unreached else ShellhookError)(
        f"{whose} gave no credentials",
        why=f"{source.where}: {place}: {printable(said)[:400]}",
        remedy="see whether what serves this container's credentials runs",
    )


def _gave_none(source: Source, whose: str, why: str) -> ShellhookError:
    return ShellhookError(
        f"{whose} gave no credentials",
        why=f"{source.where}: {why}",
        remedy=_REMEDIES.get(source.kind, "").format(name=word(source.profile or "")),
    )


# The kinds that have a provider of their own. Asked for a profile as a whole, botocore would assume its role, which is
# left aside where the profile is another one's source.
_OF_THE_MACHINE = {"container": "container-role", "instance": "iam-role"}
_OF_THE_PROFILE = {
    "process": "custom-process",
    "web-identity": "assume-role-with-web-identity",
    "login": "login",
}


def _fetched(source: Source, session: Any) -> tuple[Any, Any]:
    """The credentials object, and what is in it now."""
    if source.kind in _OF_THE_PROFILE:
        # Made as for a source_profile (AssumeRoleProvider._resolve_credentials_from_profile): the session's calls, the
        # source's settings.
        from botocore.credentials import ProfileProviderBuilder

        name = source.profile or aws_session.DEFAULT
        made = ProfileProviderBuilder(session).providers(profile_name=name, disable_env_vars=True)
        found = {each.METHOD: each for each in made}[_OF_THE_PROFILE[source.kind]].load()
    elif source.kind in _OF_THE_MACHINE:
        found = session.get_component("credential_provider").get_provider(_OF_THE_MACHINE[source.kind]).load()
    else:
        found = session.get_credentials()
    return found, found and found.get_frozen_credentials()
