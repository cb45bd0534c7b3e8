"""An IAM Identity Center to log in to: what an `[sso-session]`, or the older keys of a profile, say of it."""

from __future__ import annotations

from shellhook import chain, endpoints, sources
from shellhook.errors import BadConfiguration, NoSuchProfile, WrongUsage
from shellhook.record import Record
from shellhook.request import Request
from shellhook.shells.posix import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shellhook.profiles import Configuration, Profile
    from shellhook.sources import Source

DEFAULT_SCOPE = "sso:account:access"  # what the AWS CLI asks for where the session names no scopes


class Center(Record):
    """Where to log in. `name` is the sso-session's, None for a profile with keys of its own (`sso_start_url`).

    `scopes` are None where the session says nothing of them. `endpoints` has the URLs of `sso` and `sso_oidc` where
    they are not AWS's own, `kinds` which of AWS's own are wanted. `where` is FILE:LINE of what names it, `profile` the
    profile it was found through.
    """

    name: str | None
    start_url: str
    region: str
    where: str
    scopes: tuple[str, ...] | None = None
    endpoints: Mapping[str, str]
    kinds: tuple[str, ...] = ()
    ca_bundle: str | None = None
    profile: str | None = None

    @property
    def key(self) -> str:
        """What its login is kept under, by us and by the AWS CLI (botocore/utils.py, SSOTokenLoader)."""
        return self.start_url if self.name is None else self.name

    @property
    def host(self) -> str:
        """The host of the page to log in at, as its start URL has it."""
        return self.start_url.partition("://")[2].partition("/")[0] or self.start_url

    @property
    def shown(self) -> str:
        """What people know it by."""
        return self.name or self.host

    @property
    def login_command(self) -> str:
        """The command that logs in to it."""
        return f"shellhook login {word(self.name or self.profile or '')}"


def of_source(source: Source, leaf: str | None, configuration: Configuration, environ: Mapping[str, str]) -> Center:
    """The one that a source of kind `sso` wants a login of. Endpoints are those of `leaf`, the profile that was asked
    for, as botocore has it for all calls of a chain (its session is on that profile). Raises BadConfiguration."""
    profile = configuration.profile(source.profile or "")
    name = profile.get("sso_session")
    session = configuration.sso_session(name) if name is not None else None
    settings = {**profile.settings, **(session.settings if session else {})}
    return _center(
        name, settings, session or profile, configuration.profile(leaf or profile.name), configuration, environ
    )


def of_session(name: str, configuration: Configuration, environ: Mapping[str, str]) -> Center:
    """The one of `[sso-session NAME]`. A session can name no endpoints; those of the first profile of it are meant, so
    that a login goes where `assume` would go. Raises BadConfiguration."""
    session = configuration.sso_session(name)
    if session is None:
        known = configuration.sso_sessions()
        raise BadConfiguration(
            f"there is no sso-session {name!r}",
            why=f"looked in {configuration.files.config}",
            remedy=f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}"
            if known
            else "run: aws configure sso-session",
        )
    missing = [key for key in ("sso_start_url", "sso_region") if not session.get(key)]
    if missing:
        raise BadConfiguration(
            f"sso-session {name!r} lacks {' and '.join(missing)}",
            why=str(session.header),
            remedy="run: aws configure sso-session",
        )
    first = next(_profiles_of(name, configuration), None)
    return _center(name, session.settings, session, first, configuration, environ).replace(profile=None)


def of_word(word: str, configuration: Configuration, environ: Mapping[str, str]) -> Center:
    """The one that a word on the command line means: a session's name, or a profile whose chain begins with one.

    Raises BadConfiguration, NoSuchProfile, and WrongUsage for a profile that has nothing to do with one.
    """
    if configuration.sso_session(word) is not None:
        return of_session(word, configuration, environ)
    files = configuration.files
    wanted = Request(profile=word, config=files.config, credentials=files.credentials)
    try:
        _, source, _ = chain.begin(wanted, configuration, environ)
    except NoSuchProfile as error:
        known = configuration.sso_sessions()
        there = f" (there is {', '.join(known)})" if known else ""
        error.why = f"nor an sso-session of that name{there}; {error.why}"
        raise
    if source.kind != "sso":
        raise WrongUsage(
            f"profile {word!r} is none of IAM Identity Center: there is nothing to log in to", why=source.where
        )
    return of_source(source, word, configuration, environ)


def every(configuration: Configuration, environ: Mapping[str, str]) -> list[Center]:
    """All that can be logged in to: the sso-sessions, then the start URLs of profiles with keys of their own. What is
    broken is left out."""
    found = {}
    for name in configuration.sso_sessions():
        try:
            center = of_session(name, configuration, environ)
        except BadConfiguration:
            continue
        found[center.key] = center
    for name in configuration.names():
        try:
            profile = configuration.profile(name)
            if profile.get("sso_start_url") and profile.get("sso_session") is None:
                source = sources.of_profile(profile, configuration)
                if source is not None and source.kind == "sso":
                    center = of_source(source, name, configuration, environ)
                    found.setdefault(center.key, center)
        except BadConfiguration:
            continue
    return list(found.values())


def only(configuration: Configuration, environ: Mapping[str, str]) -> Center:
    """The only one there is. Raises WrongUsage, which names them, if there are several, or none."""
    found = every(configuration, environ)
    named = [center for center in found if center.name is not None]
    if len(named or found) == 1:
        return (named or found)[0]
    if not found:
        raise WrongUsage(
            "there is nothing to log in to",
            why=f"{configuration.files.config} has no sso-session, and no profile with sso_start_url",
            remedy="run: aws configure sso",
        )
    raise WrongUsage("which one?", remedy="\n".join(center.login_command for center in found))


def _profiles_of(session: str, configuration: Configuration) -> Iterator[Profile]:
    for name in configuration.names():
        try:
            profile = configuration.profile(name)
        except BadConfiguration:
            continue
        if profile.get("sso_session") == session:
            yield profile


def _center(
    name: str | None,
    settings: Mapping[str, str],
    said_by: Profile,
    leaf: Profile | None,
    configuration: Configuration,
    environ: Mapping[str, str],
) -> Center:
    reached = endpoints.of_calls(leaf, configuration, environ)
    scopes = settings.get("sso_registration_scopes")
    return Center(
        name=name,
        start_url=settings["sso_start_url"],
        region=settings["sso_region"],
        where=str(said_by.where.get("sso_start_url", said_by.header)),
        # Split as the AWS CLI does: awscli/customizations/sso/utils.py, parse_sso_registration_scopes
        scopes=None if scopes is None else tuple(scope.strip() for scope in scopes.split(",") if scope.strip()),
        endpoints={service: url for service, url in reached.items() if service in ("sso", "sso_oidc")},
        kinds=endpoints.kinds(endpoints.variables(leaf, configuration, environ)),
        ca_bundle=(leaf.get("ca_bundle") if leaf else None) or None,
        profile=leaf.name if leaf else None,
    )
