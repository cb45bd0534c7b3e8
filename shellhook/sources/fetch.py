"""The credentials of a source."""

from __future__ import annotations

from shellhook import sources
from shellhook.errors import ShellhookError
from shellhook.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.mfa import Asker
    from shellhook.profiles import Configuration
    from shellhook.sources import Source


def credentials(
    source: Source,
    configuration: Configuration,
    environ: Mapping[str, str],
    asker: Asker | None = None,
    leaf: str | None = None,
    region: str | None = None,
) -> Session:
    """The credentials that a chain begins with. `environ` is the environment before any session of ours, `asker` who
    may be asked to log in, if anybody, `leaf` the profile that was asked for, and `region` where its STS is asked, if
    that is not what botocore makes of profile and environment.

    Raises BadConfiguration, ShellhookError, and what the asker raises.
    """
    if source.kind == "keys" and source.profile is not None:
        keys = configuration.profile(source.profile).static_keys()
        return Session(
            access_key_id=keys["aws_access_key_id"],
            secret_access_key=keys["aws_secret_access_key"],
            session_token=sources.token(keys),
            account=keys.get("aws_account_id"),
        )
    if source.kind == sources.KEYRING:
        from shellhook import keys as long_term_keys
        from shellhook import os_keyring
        from shellhook.mfa import Nobody

        if isinstance(asker, Nobody):
            os_keyring.never_ask()
        key_id = source.identity[1]
        return Session(access_key_id=key_id, secret_access_key=long_term_keys.secret(key_id), account=source.account)
    if source.kind == "environment":
        return Session(
            access_key_id=environ["AWS_ACCESS_KEY_ID"],
            secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
            session_token=environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN") or None,
            account=environ.get("AWS_ACCOUNT_ID"),
        )
    if source.kind == sources.PASTED:
        raise ShellhookError(
            f"the credentials {source.where} have ended, or are not kept any more",
            remedy="copy them anew, and: assume --paste",
        )
    if source.kind == "sso":
        from shellhook.mfa import Nobody
        from shellhook.sources import identity_center

        return identity_center.credentials(source, leaf, configuration, environ, asker or Nobody())
    from shellhook.sources import from_botocore

    return from_botocore.credentials(source, configuration, environ, leaf, region)
