"""The credentials of a source."""

from __future__ import annotations

from shellhook import sources
from shellhook.errors import BadConfiguration
from shellhook.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.profiles import Configuration
    from shellhook.sources import Source


def credentials(source: Source, configuration: Configuration, environ: Mapping[str, str]) -> Session:
    """The credentials that a chain begins with. `environ` is the environment before any session of ours.

    Raises BadConfiguration, ShellhookError.
    """
    if source.kind == "keys" and source.profile is not None:
        keys = configuration.profile(source.profile).static_keys()
        return Session(
            access_key_id=keys["aws_access_key_id"],
            secret_access_key=keys["aws_secret_access_key"],
            session_token=sources.token(keys),
            account=keys.get("aws_account_id"),
        )
    if source.kind == "environment":
        return Session(
            access_key_id=environ["AWS_ACCESS_KEY_ID"],
            secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
            session_token=environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN") or None,
            account=environ.get("AWS_ACCOUNT_ID"),
        )
    if source.profile is None:
        raise BadConfiguration(f"nothing can be fetched from {source.where}")
    from shellhook.sources import from_botocore

    return from_botocore.credentials(source, configuration, environ)
