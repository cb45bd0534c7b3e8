"""Sources that botocore fetches: credential_process, web identity, `aws login`, and what a container or an instance
offers. No kind of profile is refused that the AWS CLI accepts."""

from __future__ import annotations

from shellhook import aws_session
from shellhook.errors import BadConfiguration, NoNetwork, ShellhookError
from shellhook.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from shellhook.profiles import Configuration
    from shellhook.sources import Source


def credentials(source: Source, configuration: Configuration, environ: Mapping[str, str]) -> Session:
    """The credentials that botocore finds for the source's profile.

    Raises BadConfiguration if it finds none, ShellhookError if they cannot be had now.
    """
    name = source.profile or "default"
    with aws_session.environment(environ):
        session = aws_session.of_profile(name, configuration)
        from botocore import exceptions, parsers

        try:
            found = _fetched(source, session)
            if found is None:
                raise BadConfiguration(
                    f"profile {name!r} has no credentials",
                    why=f"{source.where}: there is neither a role, nor keys, nor anything else to get some from",
                    remedy=f"run: aws configure --profile '{name}'",
                )
            frozen = found.get_frozen_credentials()
        except exceptions.MissingDependencyException:
            raise ShellhookError(
                f"profile {name!r} is an `aws login` session, which needs one more package",
                why=source.where,
                remedy="pip install 'shellhook[login]'",
            ) from None
        except parsers.ResponseParserError:
            # Its text quotes the answer, in which credentials may stand.
            raise _gave_none(source, name, "what answered is not AWS, or the answer broke off") from None
        except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
            raise NoNetwork(
                f"profile {name!r} gave no credentials",
                why=f"{source.where}: {error}",
                remedy="look at your network, VPN, proxy and firewall",
            ) from None
        except (exceptions.BotoCoreError, exceptions.ClientError) as error:
            raise _gave_none(source, name, str(error)) from None
        except _UNEXPECTED as error:
            raise _gave_none(source, name, f"{type(error).__name__}: {error}") from None
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
    "login": "log in: aws login --profile '{name}'",
    "process": "run the command of credential_process yourself, and see what it prints",
    "web-identity": "see whether the token file is there and fresh",
}


def _gave_none(source: Source, name: str, why: str) -> ShellhookError:
    return ShellhookError(
        f"profile {name!r} gave no credentials",
        why=f"{source.where}: {why}",
        remedy=_REMEDIES.get(source.kind, "").format(name=name),
    )


# The kinds that have a provider of their own. Asked for a profile as a whole, botocore would assume its role, which is
# left aside where the profile is another one's source.
_PROVIDERS = {
    "container": "container-role",
    "instance": "iam-role",
    "process": "custom-process",
    "web-identity": "assume-role-with-web-identity",
    "login": "login",
}


def _fetched(source: Source, session: Any) -> Any:
    """The credentials object."""
    if source.kind in _PROVIDERS:
        return session.get_component("credential_provider").get_provider(_PROVIDERS[source.kind]).load()
    return session.get_credentials()
