"""Where a chain begins. Which kind of source a profile has is decided here, from its settings alone; the modules beside
this one fetch the credentials, one kind each.

The order is botocore's (botocore/credentials.py, ProfileProviderBuilder.providers): web identity, IAM Identity Center,
keys in the credentials file, `aws login`, credential_process, keys in the config file. A credential_process of our own
stands for a key in the keyring.
"""

from __future__ import annotations

from shellhook import arn
from shellhook.errors import BadConfiguration
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.profiles import Configuration, Profile

PASTED = "pasted"
KEYRING = "keyring"
_KEY, _SECRET = "aws_access_key_id", "aws_secret_access_key"
CONTAINER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
WEB_IDENTITY = {
    "web_identity_token_file": "AWS_WEB_IDENTITY_TOKEN_FILE",
    "role_arn": "AWS_ROLE_ARN",
    "role_session_name": "AWS_ROLE_SESSION_NAME",
}
_CREDENTIAL_SOURCES = {"Environment": "environment", "Ec2InstanceMetadata": "instance", "EcsContainer": "container"}


class Source(Record):
    """The beginning of a chain. `identity` is what tells it from others, and holds no secret.

    `long_term` says whether its credentials are a user's own keys, which may buy an MFA session, or a session's, which
    may not; None if only fetching them can tell. `role` is the name of the role or permission set that they are of.
    """

    kind: str
    profile: str | None
    identity: tuple[str, ...]
    where: str
    long_term: bool | None = None
    account: str | None = None
    role: str | None = None


def has_keys(profile: Profile) -> bool:
    """Does the profile hold keys of its own, complete or not (AssumeRoleProvider._has_static_credentials)?"""
    return profile.get(_KEY) is not None or profile.get(_SECRET) is not None


def has_role(profile: Profile) -> bool:
    """Does the profile assume a role with other credentials (AssumeRoleProvider._has_assume_role_config_vars)?"""
    return profile.get("role_arn") is not None and profile.get("web_identity_token_file") is None


def token(keys: Mapping[str, str]) -> str | None:
    """The session token beside a key, by its older name first (SharedCredentialProvider.TOKENS); None if there is
    none."""
    return keys.get("aws_security_token") or keys.get("aws_session_token") or None


def of_profile(profile: Profile, configuration: Configuration) -> Source | None:
    """The profile's own source, its role left aside; None if it has none.

    Raises BadConfiguration where botocore would raise too.
    """
    get = profile.get
    token_file = get("web_identity_token_file")
    if token_file:
        if not get("role_arn"):
            raise BadConfiguration(
                f"profile {profile.name!r} cannot assume its role",
                why=f"{profile.where['web_identity_token_file']}: web_identity_token_file is set, role_arn is not",
                remedy="add role_arn, the role that trusts the identity provider",
            )
        identity = (token_file, get("role_arn") or "", get("role_session_name") or "")
        role = get("role_arn") or ""
        found = _source("web-identity", profile, "web_identity_token_file", identity, long_term=False)
        return found.replace(account=found.account or _account(role), role=role.rsplit("/", 1)[-1])
    if get("sso_account_id") is not None or get("sso_role_name") is not None:
        return _identity_center(profile, configuration)
    if _KEY in profile.where and profile.where[_KEY].file == configuration.files.credentials:
        return _keys(profile)
    if get("login_session") is not None:
        return _source("login", profile, "login_session", (get("login_session") or "",), long_term=False)
    if get("credential_process") is not None:
        from shellhook import keys

        if (key_id := keys.key_id_in(get("credential_process") or "")) is not None:
            # It is told from others as it would be if it stood in the file: its MFA session outlives the move.
            found = _source("keys", profile, "credential_process", (key_id,), long_term=True)
            return found.replace(kind=KEYRING)
        return _source("process", profile, "credential_process", (get("credential_process") or "",))
    if has_keys(profile):
        return _keys(profile)
    return None


def of_credential_source(profile: Profile, environ: Mapping[str, str]) -> Source:
    """The source that `credential_source` names.

    Raises BadConfiguration for a name botocore does not know (it is case-sensitive there).
    """
    named, where = profile.get("credential_source") or "", str(profile.where["credential_source"])
    kind = _CREDENTIAL_SOURCES.get(named)
    if kind is None:
        raise BadConfiguration(
            f"profile {profile.name!r} names a credential_source that does not exist",
            why=f"{where}: {named!r}",
            remedy=f"use one of {', '.join(_CREDENTIAL_SOURCES)}",
        )
    if kind == "environment":
        return of_environment(environ, where)
    return Source(kind=kind, profile=profile.name, identity=(kind,), where=where, long_term=False)


def of_environment(environ: Mapping[str, str], where: str) -> Source:
    """The keys in the environment variables, as they were before any session of ours.

    Raises BadConfiguration if there are none, or half of them. An empty variable counts as absent, as in botocore
    (EnvProvider).
    """
    key_id = environ.get("AWS_ACCESS_KEY_ID")
    if not key_id or not environ.get("AWS_SECRET_ACCESS_KEY"):
        missing = "AWS_SECRET_ACCESS_KEY" if key_id else "AWS_ACCESS_KEY_ID"
        raise BadConfiguration(
            "there are no credentials in the environment to start from",
            why=f"{where} takes them from there, and {missing} is not set",
            remedy=f"set {missing}, or name a profile to start from",
        )
    is_session = bool(environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN"))
    return Source(
        kind="environment", profile=None, identity=("environment", key_id), where=where, long_term=not is_session
    )


def of_web_identity(environ: Mapping[str, str], profile: Profile | None, where: str) -> Source | None:
    """The web identity that the environment describes; each variable goes before the profile's setting, as in botocore
    (AssumeRoleWithWebIdentityProvider). None if no variable is set, or there is no token.

    Raises BadConfiguration if there is a token and no role.
    """
    if not any(environ.get(variable) for variable in WEB_IDENTITY.values()):
        return None
    found = {
        name: environ.get(variable) or (profile and profile.get(name)) or "" for name, variable in WEB_IDENTITY.items()
    }
    token_file, role, _ = found.values()
    if not token_file:
        return None
    if not role:
        raise BadConfiguration(
            "the environment's web identity has no role to assume",
            why=f"{where}: AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not",
            remedy="set AWS_ROLE_ARN, the role that trusts the identity provider",
        )
    return Source(
        kind="web-identity",
        profile=profile.name if profile else None,
        identity=("web-identity", *found.values()),
        where=where,
        long_term=False,
        account=_account(role),
        role=role.rsplit("/", 1)[-1],
    )


def of_pasted(pasted: tuple[str, ...]) -> Source:
    """Credentials that were pasted: they are in our store only."""
    key_id, name, account, role = pasted
    return Source(
        kind=PASTED,
        profile=None,
        identity=(PASTED, key_id),
        where=f"pasted as {name}",
        long_term=False,
        account=account or None,
        role=role or None,
    )


def _account(role: str) -> str | None:
    """The account of a role's ARN."""
    parsed = arn.parse(role)
    return parsed.account if parsed else None


def _source(
    kind: str,
    profile: Profile,
    setting: str,
    identity: tuple[str, ...],
    *,
    long_term: bool | None = None,
    role: str | None = None,
) -> Source:
    return Source(
        kind=kind,
        profile=profile.name,
        identity=(kind, *identity),
        where=str(profile.where[setting]),
        long_term=long_term,
        account=profile.get("aws_account_id") or profile.get("sso_account_id"),
        role=role,
    )


def _keys(profile: Profile) -> Source:
    # Of one file: botocore's two providers look at one each, so that neither a secret nor a token is of the other.
    keys = profile.static_keys()
    for given, missing in ((_KEY, _SECRET), (_SECRET, _KEY)):
        if missing not in keys and profile.get(given) is not None:
            from shellhook.shells.posix import word

            raise BadConfiguration(
                f"profile {profile.name!r} has half a key",
                why=f"{profile.where[given]}: {given} is set, {missing} is not",
                remedy=f"add {missing} beside it, or run: aws configure --profile {word(profile.name)}",
            )
    return _source("keys", profile, _KEY, (keys[_KEY],), long_term=not token(keys))


def _identity_center(profile: Profile, configuration: Configuration) -> Source:
    """botocore/credentials.py, SSOProvider._load_sso_config: both of account and role, and a start URL and region of
    the profile's own or its sso-session's, which must not contradict each other (O24, O25)."""
    settings = {name: profile.get(name) for name in ("sso_account_id", "sso_role_name", "sso_start_url", "sso_region")}
    session_name, session = profile.get("sso_session"), None
    if session_name is not None:
        session = configuration.sso_session(session_name)
        where = profile.where["sso_session"]
        if session is None:
            raise BadConfiguration(
                f"profile {profile.name!r} names an sso-session that does not exist",
                why=f"{where}: sso_session = {session_name}",
                remedy=f"add a section [sso-session {session_name}], or run: aws configure sso-session",
            )
        for name, theirs in session.settings.items():
            ours = profile.get(name)
            if ours is not None and ours != theirs:
                raise BadConfiguration(
                    f"profile {profile.name!r} and its sso-session contradict each other",
                    why=f"{profile.where[name]}: {name} = {ours}\n{session.where[name]}: {name} = {theirs}",
                    remedy=f"remove {name} from the profile",
                )
            if name in settings:
                settings[name] = theirs
    missing = [name for name, value in settings.items() if value is None]
    if missing:
        raise BadConfiguration(
            f"profile {profile.name!r} lacks {' and '.join(missing)}",
            why=f"{profile.header}: a profile of IAM Identity Center needs all of {', '.join(settings)}",
            remedy="run: aws configure sso",
        )
    # botocore's token comes from the sso-session alone (SSOTokenProvider._load_sso_config)
    missing = [name for name in ("sso_start_url", "sso_region") if session is not None and session.get(name) is None]
    if session is not None and missing:
        raise BadConfiguration(
            f"the sso-session of profile {profile.name!r} lacks {' and '.join(missing)}",
            why=f"{session.header}: a login is by the section alone, whatever profiles add",
            remedy=f"move {' and '.join(missing)} there from the profile",
        )
    shown = "sso_account_id" if "sso_account_id" in profile.where else "sso_role_name"
    # Two sessions with one start URL may be two people: the name counts too.
    named = (*map(str, settings.values()), *([session_name] if session_name is not None else []))
    return _source("sso", profile, shown, named, long_term=False, role=settings["sso_role_name"])
