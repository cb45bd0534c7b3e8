"""Where to land in the AWS console: a service's short name, a path, or an address -> a URL of the right console."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from shellhook.errors import ShellhookError, WrongUsage
from shellhook.services import HOME, PATHS

# Partition -> the domain of its console, and the region that is reached there without being named in front.
# GovCloud user guide, "AWS Management Console"; docs.amazonaws.cn, "Endpoints"; docs.aws.eu, "Endpoints". The AWS
# toolkits know of no host for cn-north-1 (AwsConsoleUrlFactory.kt).
_CONSOLES = {
    "aws": ("console.aws.amazon.com", ""),
    "aws-cn": ("console.amazonaws.cn", "cn-north-1"),
    "aws-us-gov": ("console.amazonaws-us-gov.com", "us-gov-west-1"),
    "aws-eusc": ("console.amazonaws-eusc.eu", ""),
}
# What a console that holds several sessions puts in front of its host: the account, and which of them it is. Another
# session is another name, so an address that was copied there would lead nowhere.
_SESSION_OF_A_BROWSER = re.compile(r"\d{12}-[0-9a-z]+\.")


def check(asked: str) -> None:
    """Refuse a short name that is none. Raises WrongUsage with those that are near."""
    if not asked or asked in PATHS or _is_place(asked):
        return
    import difflib

    near = difflib.get_close_matches(asked.lower(), PATHS) or [name for name in PATHS if asked.lower() in name]
    meant = f"did you mean {' or '.join(near[:3])}?\n" if near else ""
    raise WrongUsage(
        f"--console: there is no service {asked!r}",
        remedy=f"{meant}any page of the console can be named by its path or address: --console=/ec2/home",
    )


def destination(asked: str, partition: str, region: str) -> str:
    """The URL of what was asked for: a short name, a path, an address of this partition's console, or "" for its home.

    Raises WrongUsage for an address that is no page of it, ShellhookError for a partition without a known console.
    """
    check(asked)
    domain, unnamed = _console(partition)
    if "://" in asked:
        return _address(asked, partition, domain)
    parts = urlsplit((PATHS.get(asked) or asked or HOME).lstrip("/"))
    query = parts.query
    if "region=" not in query:
        query = f"{query}&region={region}" if query else f"region={region}"
    host = domain if region == unnamed else f"{region}.{domain}"
    return urlunsplit(("https", host, f"/{parts.path}", query, parts.fragment))


def _is_place(asked: str) -> bool:
    """A path or an address, rather than a name?"""
    return any(letter in asked for letter in "/?#")


def _console(partition: str) -> tuple[str, str]:
    if partition not in _CONSOLES:
        raise ShellhookError(
            f"the console of partition {partition} cannot be signed in to from here",
            why=f"known are those of {', '.join(_CONSOLES)}",
        )
    return _CONSOLES[partition]


def _address(url: str, partition: str, domain: str) -> str:
    """An address as it was given, if a session of this partition can sign in there."""
    parts = urlsplit(url)
    host, own = parts.netloc.lower(), domain.removeprefix("console.")
    # Some services have a host of their own beside the console's: health.aws.amazon.com.
    if parts.scheme != "https" or not (host == own or host.endswith(f".{own}")) or "@" in host or ":" in host:
        raise WrongUsage(
            f"--console: {parts.scheme}://{parts.netloc} is no page of the console",
            why=f"the session is of partition {partition}, whose console is https://{domain}",
        )
    return urlunsplit(parts._replace(netloc=_SESSION_OF_A_BROWSER.sub("", host)))
