"""Is AWS in reach, through which proxy, with which certificates, and what does its clock say? No credentials are
sent."""

from __future__ import annotations

import os
import re
import time
from urllib.parse import urlsplit

from shellhook import arn, endpoints, sts
from shellhook.doctor import fail, ok, warn
from shellhook.doctor.variables import without_password
from shellhook.errors import NoNetwork, ShellhookError
from shellhook.record import Record
from shellhook.status import about

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from shellhook.doctor import Finding
    from shellhook.profiles import Configuration

_PATIENCE = 2.5  # seconds for a connection, and for an answer
_NOTICED, _REFUSED = 30, 300  # seconds: as long as a code lives; what AWS allows a signature (SigV4) to be off by
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")  # botocore looks at no ALL_PROXY
_BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")  # in the order in which botocore looks at them


class Answer(Record):
    """What came back: `clock_ahead` is how many seconds AWS's clock is ahead of ours, None if it did not say; `is_aws`
    if it looks like AWS's."""

    status: int
    clock_ahead: float | None
    is_aws: bool


def address(configuration: Configuration, environ: Mapping[str, str]) -> str:
    """Where STS is asked: in the region that is set, or that of the default profile."""
    leaf, region = None, environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    name = environ.get("AWS_DEFAULT_PROFILE") or environ.get("AWS_PROFILE") or "default"
    if name in configuration.names():
        try:
            leaf = configuration.profile(name)
        except ShellhookError:
            leaf = None  # said elsewhere
    region = region or (leaf.get("region") if leaf else None) or ""
    moved = endpoints.of_calls(None, configuration, environ).get("sts")
    if moved:
        return moved
    import botocore.loaders

    partition = arn.partition_of_region(region)
    known = botocore.loaders.create_loader().load_data("partitions")["partitions"]
    suffix = next((each["outputs"]["dnsSuffix"] for each in known if each["id"] == partition), "amazonaws.com")
    if not arn.is_region(region):
        region = arn.STS_REGION[partition]
    return f"https://sts.{region}.{suffix}/"


def ask(url: str, environ: Mapping[str, str]) -> Answer:
    """A GET without credentials, as botocore would send it: its proxies, its certificates. Raises NoNetwork."""
    import botocore.awsrequest
    import botocore.httpsession
    import botocore.utils
    from botocore import exceptions

    bundle = next((environ[name] for name in _BUNDLES if environ.get(name)), True)
    given: dict[str, Any] = {"timeout": _PATIENCE, "verify": bundle, "proxies": botocore.utils.get_environ_proxies(url)}
    session = botocore.httpsession.URLLib3Session(**given)
    request = botocore.awsrequest.AWSRequest(method="GET", url=url, headers={"User-Agent": "shellhook"}).prepare()
    try:
        response = session.send(request)
    except (exceptions.HTTPClientError, exceptions.EndpointConnectionError, OSError) as error:
        raise sts.unreachable(error, without_password(url)) from None
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(
        status=response.status_code,
        clock_ahead=sts.clock_ahead({"ResponseMetadata": {"HTTPHeaders": headers}}),
        is_aws="x-amzn-requestid" in headers,
    )


def reach(url: str, asked: Callable[[], Answer]) -> Iterator[Finding]:
    """Can AWS be reached, and how does its clock stand to ours? Being offline is no fault of this machine."""
    shown = without_password(url)
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        yield fail("network", f"{shown!r} is no address of http or https", "look at AWS_ENDPOINT_URL and its like")
        return
    began = time.monotonic()
    try:
        answer = asked()
    except NoNetwork as error:
        yield warn("network", f"{error.what}{': ' + _short(error.why) if error.why else ''}", error.remedy, shown)
        yield warn("clock", "not compared: AWS did not answer", "once it does: shellhook doctor")
        return
    took = f"{(time.monotonic() - began) * 1000:.0f} ms"
    if answer.is_aws or _is_here(url):
        yield ok("network", f"answers in {took}", shown)
    else:
        yield warn(
            "network",
            f"what answered (HTTP {answer.status}) does not look like AWS",
            "a proxy, or the login page of a network, may have answered in its place",
            shown,
        )
    yield clock(answer.clock_ahead)


def clock(ahead: float | None) -> Finding:
    """Our clock against AWS's. `ahead` is how many seconds AWS's is ahead."""
    if ahead is None:
        return warn("clock", "not compared: the answer has no Date", "look at it yourself: date -u")
    off = abs(ahead)
    slow = "behind" if ahead > 0 else "ahead of"
    remedy = "let the system set it: timedatectl set-ntp true, sudo sntp -sS time.apple.com, or w32tm /resync"
    if off >= _REFUSED:
        return fail("clock", f"{about(off)} {slow} AWS's: AWS refuses what is signed with it", remedy)
    if off >= _NOTICED:
        return warn("clock", f"{about(off)} {slow} AWS's: MFA codes made here, and times left, are off", remedy)
    return ok("clock", "within seconds of AWS's" if off >= 2 else "right, by AWS's")


def proxies(url: str, environ: Mapping[str, str], bypassed: bool) -> Iterator[Finding]:
    """Which proxy variables there are, and whether they apply to AWS."""
    given = {name: environ.get(name.lower()) or environ.get(name) for name in _PROXIES}
    used = {name: value for name, value in given.items() if value}
    for name in _PROXIES:
        lower, upper = environ.get(name.lower()), environ.get(name)
        if lower and upper and lower != upper:
            yield warn(
                "proxy", f"{name} and {name.lower()} differ: most programs take the lower one", "set both alike", name
            )
    scheme = urlsplit(url).scheme.upper()
    name = f"{scheme}_PROXY"
    if name not in used:
        others = f" for {scheme.lower()}; {', '.join(used)} set" if used else ""
        yield ok("proxy", f"none{others}")
    elif bypassed:
        yield ok("proxy", f"none: NO_PROXY leaves {urlsplit(url).hostname} out", "NO_PROXY")
    else:
        yield ok("proxy", f"through {without_password(used[name])}", name)


def certificates(environ: Mapping[str, str]) -> Finding:
    """The bundle that is to be trusted, if one is named."""
    name = next((name for name in _BUNDLES if environ.get(name)), None)
    if name is None:
        return ok("certificates", "botocore's own")
    path = environ[name]
    if not os.path.exists(path):
        return fail("certificates", f"{name} names {path}, which is not there", f"put it there, or: unset {name}", name)
    import ssl

    try:
        if os.path.isdir(path):
            ssl.create_default_context(capath=path)
        else:
            ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        remedy = f"let it name a file of PEM certificates, or: unset {name}"
        return fail("certificates", f"{path} cannot be used as certificates: {reason}", remedy, name)
    return ok("certificates", f"those of {path}", name)


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _short(why: str) -> str:
    """What the system said, without the names of classes and the addresses of objects around it."""
    found = re.search(r"\[Errno -?\d+\] ([^)'\"]+)", why)
    return found[1] if found else why.rpartition(": ")[2]
