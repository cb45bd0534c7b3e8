"""signout-url: where a browser is signed out of the console."""

from __future__ import annotations

import os

from shellhook import arn, assume, endpoints, federation, profiles
from shellhook.cli import options
from shellhook.cli.options import FLAG, VALUE
from shellhook.errors import WrongUsage

HELP = """\
shellhook signout-url [--region REGION]     the page that signs a browser out of the console. AWS lets one identity at
                                            a time in, unless the console's own multi-session support is on"""
KINDS = {"--region": VALUE, "--help": FLAG}
SHORT = {"-r": "--region", "-h": "--help"}


def run(words: list[str]) -> int:
    """Print the address for the partition of the region that is asked for, or set."""
    parsed = options.parse(words, KINDS, SHORT, most=0)
    here = assume.Here(dict(os.environ))
    region = parsed.get("--region") or here.environ.get("AWS_REGION") or here.environ.get("AWS_DEFAULT_REGION") or ""
    if region and not arn.is_region(region):
        raise WrongUsage(f"{region!r} cannot be a region")
    partition = arn.partition_of_region(region)
    moved = endpoints.of_calls(None, profiles.read(here.files()), here.environ).get("signin")
    at = federation.address(partition, region or arn.STS_REGION[partition], moved)
    print(federation.Endpoint(url=at).logout)
    return 0
