"""Which variables a session sets and clears, and what was there before. Pure."""

from __future__ import annotations

from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.session import Session

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")  # botocore reads only the second, other SDKs only the first
SETTINGS = (
    "AWS_DEFAULT_OUTPUT",
    "AWS_CA_BUNDLE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_STS_REGIONAL_ENDPOINTS",
)
ENDPOINT = "AWS_ENDPOINT_URL"  # and AWS_ENDPOINT_URL_S3 and its like
EXPIRATIONS = ("AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION")
SERVED_URI, SERVED_TOKEN = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"
# Settled where a session is served, else left alone: keys outrank them. The last two outrank the first two in botocore
# (botocore/credentials.py, ContainerProvider).
CONTAINER = (
    SERVED_URI,
    SERVED_TOKEN,
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
# Set beside the keys, these make SDKs take something else, or prompts show it: absent while a session is on. An empty
# AWS_PROFILE is no better: botocore looks for a profile without a name.
CLEARED = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_VAULT",
    "AWSUME_EXPIRATION",
    "AWSU_PROFILE",
    "AWS_SSO_PROFILE",
)
OURS = (
    "SHELLHOOK_PROFILE",
    "SHELLHOOK_ROLE",
    "SHELLHOOK_ACCOUNT",
    "SHELLHOOK_REGION",
    "SHELLHOOK_EXPIRES",
    "SHELLHOOK_RENEW",
    "SHELLHOOK_KEY_ID",
    "SHELLHOOK_SERVED",
    "SHELLHOOK_REQUEST",
    "SHELLHOOK_PREVIOUS",
    "SHELLHOOK_BEFORE",
)
# Everything of the contract that was somebody else's before, endpoints excepted: their names are open-ended.
THEIRS = (*KEYS, *REGIONS, *SETTINGS, *EXPIRATIONS, "AWS_ACCOUNT_ID", "AWSUME_PROFILE", *CLEARED, *CONTAINER)


class Digests(Record):
    """What the shell is given to renew (`request`), to go back (`previous`), and to restore (`before`)."""

    request: str
    previous: str | None
    before: str


class Served(Record):
    """An endpoint that gives a session (`assume --serve`): where it is, and the token that it wants."""

    uri: str
    token: str

    def __repr__(self) -> str:
        return f"Served(uri={self.uri!r})"

    @property
    def id(self) -> str:
        """What it is called in the store."""
        return self.uri.rpartition("/")[2]


def region(environ: Mapping[str, str]) -> str | None:
    """The region that the environment names for botocore, else for others."""
    return environ.get("AWS_DEFAULT_REGION") or environ.get("AWS_REGION") or None


def in_region(environ: Mapping[str, str], name: str | None) -> dict[str, str]:
    """The same environment with that region, or none."""
    others = {each: value for each, value in environ.items() if each not in REGIONS}
    return {**others, "AWS_DEFAULT_REGION": name} if name else others


def is_on(environ: Mapping[str, str]) -> bool:
    """Is a session of ours on in this environment?"""
    has_one = environ.get("SHELLHOOK_KEY_ID") or environ.get("SHELLHOOK_SERVED")
    return bool(environ.get("SHELLHOOK_REQUEST") and has_one)


def is_changed(environ: Mapping[str, str]) -> bool:
    """Has somebody else put their keys over ours, a profile beside them, or another endpoint in the place of ours?"""
    served = environ.get("SHELLHOOK_SERVED")
    return bool(
        environ.get("AWS_ACCESS_KEY_ID") != environ.get("SHELLHOOK_KEY_ID")
        or environ.get("AWS_PROFILE") is not None
        or (served and environ.get(SERVED_URI) != served)
    )


def snapshot(environ: Mapping[str, str]) -> dict[str, str | None]:
    """The variables that a session will change, as they are: what `--off` puts back."""
    taken: dict[str, str | None] = {name: environ.get(name) for name in THEIRS}
    taken.update({name: value for name, value in environ.items() if name.startswith(ENDPOINT)})
    return taken


def original(environ: Mapping[str, str], before: Mapping[str, str | None], sets: Mapping[str, str]) -> dict[str, str]:
    """The environment as it was before the first assume, as far as a session changes it. What the user changed by hand
    since counts as theirs."""
    restored = dict(environ)
    for name, value in restore(environ, before, sets).items():
        if value is None:
            restored.pop(name, None)
        else:
            restored[name] = value
    return restored


def settle(
    session: Session,
    digests: Digests,
    environ: Mapping[str, str],
    before: Mapping[str, str | None],
    *,
    profile: str,
    role: str | None,
    region: str | None,
    settings: Mapping[str, str],
    served: Served | None = None,
) -> dict[str, str | None]:
    """What every variable of the contract is while `session` is on: each of them, so that nothing lingers.

    Region, output, bundle and endpoints go back to what they were before where the session has nothing to say. Where it
    is `served` there are no keys, and none of the time that ends them: the endpoint will have others by then.
    """
    expires = None if session.expires is None else str(session.expires)
    stamp = None if session.expires is None else rfc3339(session.expires)
    former_region = next((before[name] for name in REGIONS if before.get(name)), None)
    account = session.account
    values: dict[str, str | None] = dict.fromkeys(CLEARED)
    keys = (session.access_key_id, session.secret_access_key, session.session_token)
    values.update(zip(KEYS, (None, None, None) if served else keys, strict=True))
    values.update({name: region or before.get(name) for name in REGIONS})
    values.update({name: settings.get(name, before.get(name)) for name in (*SETTINGS, *endpoints(environ, before))})
    values.update({name: value for name, value in settings.items() if name.startswith(ENDPOINT)})
    values.update(dict.fromkeys(EXPIRATIONS, stamp))
    if served:
        # botocore would read this one. The other is for prompts.
        values["AWS_CREDENTIAL_EXPIRATION"] = None
        values.update(dict.fromkeys(CONTAINER))
        values.update({SERVED_URI: served.uri, SERVED_TOKEN: served.token})
    else:
        values.update(_container_again(environ, before))
    values["AWS_ACCOUNT_ID"] = account
    values["AWSUME_PROFILE"] = values["SHELLHOOK_PROFILE"] = printable(profile)
    values["SHELLHOOK_ROLE"] = printable(role or "") or None
    values["SHELLHOOK_ACCOUNT"] = account
    values["SHELLHOOK_REGION"] = region or former_region
    values["SHELLHOOK_EXPIRES"] = expires
    values["SHELLHOOK_RENEW"] = None if session.renew_from is None else str(session.renew_from)
    values["SHELLHOOK_KEY_ID"] = None if served else session.access_key_id
    values["SHELLHOOK_SERVED"] = served.uri if served else None
    values["SHELLHOOK_REQUEST"] = digests.request
    values["SHELLHOOK_PREVIOUS"] = digests.previous
    values["SHELLHOOK_BEFORE"] = digests.before
    return values


def restore(
    environ: Mapping[str, str], before: Mapping[str, str | None], sets: Mapping[str, str]
) -> dict[str, str | None]:
    """What `--off` makes of every variable: what it was before, but what the user changed by hand since stays.

    `sets` are the settings and endpoints that the session set. SHELLHOOK_PREVIOUS stays, so that `assume -` undoes it.
    """
    expires = expiry(environ)
    stamp = None if expires is None else rfc3339(expires)
    region = environ.get("SHELLHOOK_REGION")
    values: dict[str, str | None] = {}
    if environ.get("AWS_ACCESS_KEY_ID") == environ.get("SHELLHOOK_KEY_ID"):
        values.update({name: before.get(name) for name in KEYS})
    set_by_us: dict[str, str | None] = dict.fromkeys(CLEARED)
    set_by_us.update({name: region or before.get(name) for name in REGIONS})
    set_by_us.update(dict.fromkeys(EXPIRATIONS, stamp))
    if environ.get("SHELLHOOK_SERVED"):
        set_by_us["AWS_CREDENTIAL_EXPIRATION"] = None
    set_by_us["AWS_ACCOUNT_ID"] = environ.get("SHELLHOOK_ACCOUNT")
    set_by_us["AWSUME_PROFILE"] = environ.get("SHELLHOOK_PROFILE")
    for name in (*SETTINGS, *endpoints(environ, before)):
        set_by_us[name] = sets.get(name, before.get(name))
    values.update({name: before.get(name) for name, ours in set_by_us.items() if environ.get(name) == ours})
    values.update(_container_again(environ, before))
    values.update(dict.fromkeys(OURS))
    values["SHELLHOOK_PREVIOUS"] = environ.get("SHELLHOOK_REQUEST")
    return values


def _container_again(environ: Mapping[str, str], before: Mapping[str, str | None]) -> dict[str, str | None]:
    """The container's variables as they were before, where an endpoint of ours stands in them."""
    served = environ.get("SHELLHOOK_SERVED")
    return {name: before.get(name) for name in CONTAINER} if served and environ.get(SERVED_URI) == served else {}


def served_by(environ: Mapping[str, str]) -> Served | None:
    """The endpoint that the session of this environment is served by, if it is, and nobody has put another there."""
    uri = environ.get("SHELLHOOK_SERVED", "")
    if not uri.startswith("http://127.0.0.1:") or environ.get(SERVED_URI) != uri:
        return None
    return Served(uri=uri, token=environ.get(SERVED_TOKEN, ""))


def endpoints(environ: Mapping[str, str], before: Mapping[str, str | None]) -> list[str]:
    """The names of the endpoint variables there are, or were."""
    return sorted({name for names in (environ, before) for name in names if name.startswith(ENDPOINT)})


def expiry(environ: Mapping[str, str]) -> int | None:
    """SHELLHOOK_EXPIRES, if it is digits: anybody can write to an environment. More than eleven are no time that a
    calendar has."""
    text = environ.get("SHELLHOOK_EXPIRES", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 11 else None


def printable(text: str, keep: str = "") -> str:
    """Text that can only be read: what is not printable could drive the terminal (ESC ] 0 sets its title, ESC [ 6n
    makes it type). The letters to `keep` stay."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter in keep else "?" for letter in text)


def rfc3339(epoch: int) -> str:
    """Epoch seconds as starship, botocore and others read them: UTC, and Z. A value without a zone makes botocore
    raise."""
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))
