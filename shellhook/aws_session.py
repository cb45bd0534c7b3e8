"""botocore sessions that see what we want them to see: the environment before any session of ours, and profiles that
were read already."""

from __future__ import annotations

import contextlib
import logging
import os

from shellhook import fewer_imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from shellhook.profiles import Configuration


# How long botocore waits, in seconds, for a connection and for an answer, and how often. Its own patience is a minute
# each, five times.
PATIENCE: Mapping[str, Any] = {
    "connect_timeout": 5,
    "read_timeout": 20,
    "retries": {"mode": "standard", "total_max_attempts": 3},
}
DEFAULT = "default"  # the section that stands for a profile where there is none


def without_files(services: Sequence[str]) -> Any:
    """A botocore session for clients of these services, which reads no AWS file: parsing 1,000 profiles once more
    takes it 34 ms. Nor does it look through its 400 service directories for their names, or register handlers for
    other services.
    """
    with fewer_imports.for_botocore():
        import botocore.session

    session = _closed(botocore.session.Session(include_builtin_handlers=False))
    loader = session.get_component("data_loader")
    load = loader.load_data_with_path
    loader.list_available_services = lambda type_name: list(services)
    loader.load_data_with_path = lambda name: _endpoints(load) if name == "endpoints" else load(name)
    return session


def of_profile(name: str | None, configuration: Configuration, further: Mapping[str, str], leaf: str | None) -> Any:
    """A botocore session for the credentials of a profile as we have read it: a broken section elsewhere in the file
    does not concern it, nor does a login that its credentials do not come from. `further` are settings that go before
    its own; without a profile they are all.

    The session is on `leaf`, the profile that was asked for, where that is another one: whose region, endpoints and
    bundle are those of all calls of a chain (botocore/credentials.py, create_credential_resolver).
    """
    import botocore.config
    import botocore.session

    class Session(botocore.session.Session):  # type: ignore[misc, unused-ignore]
        @property
        def full_config(self) -> dict[str, Any]:
            return whole

    found = {each: configuration.profile(each) for each in (leaf, name) if each is not None and name is not None}
    said = {
        each: {key: value for key, value in {**profile.settings, **profile.nested}.items() if key != "sso_session"}
        for each, profile in found.items()
    }
    name = name or DEFAULT
    said[name] = {**said.get(name, {}), **further}
    asked = next(iter(said))
    services_name = found[asked].get("services") if asked in found else None
    services = configuration.services(services_name) if services_name else None
    whole = {
        "profiles": said,
        "services": {services_name: {**services.settings, **services.nested}} if services else {},
    }
    made = _closed(Session(profile=asked))
    made.set_default_client_config(botocore.config.Config(**PATIENCE))
    return made


@contextlib.contextmanager
def environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """os.environ with the AWS variables of `wanted`, for a while; no profile, since botocore would look for it."""
    former = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    inside = {
        name: value
        for name, value in wanted.items()
        if name.startswith("AWS_") and name not in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
    }
    try:
        _exchange(former, inside)
        yield
    finally:
        _exchange(inside, former)


def _endpoints(load: Callable[[str], tuple[Any, Any]]) -> tuple[dict[str, Any], Any]:
    """What botocore/data/endpoints.json says of partitions, without what it says of 400 services: parsing that takes 12
    ms, and where STS and IAM are is decided by their rule sets (botocore/regions.py, EndpointRulesetResolver)."""
    partitions, path = load("partitions")
    less = {
        "version": 3,
        "partitions": [
            {
                "partition": partition["id"],
                "dnsSuffix": partition["outputs"]["dnsSuffix"],
                "regionRegex": partition["regionRegex"],
                "regions": partition["regions"],
                "defaults": {
                    "hostname": "{service}.{region}.{dnsSuffix}",
                    "protocols": ["https"],
                    "signatureVersions": ["v4"],
                    "variants": [
                        {"tags": ["fips"], "hostname": "{service}-fips.{region}.{dnsSuffix}"},
                        {"tags": ["dualstack"], "hostname": "{service}.{region}.api.aws", "dnsSuffix": "api.aws"},
                        {"tags": ["dualstack", "fips"], "hostname": "{service}-fips.{region}.api.aws"},
                    ],
                },
                "services": {},
            }
            for partition in partitions["partitions"]
        ],
    }
    return less, path


def _closed(session: Any) -> Any:
    # botocore's log for debugging has codes, external IDs and answers in it, whole. It stays off, whoever turned the
    # root logger on (a sitecustomize, a debugger). Its warnings are tracebacks of errors that we explain.
    for name in ("botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    session.set_config_variable("config_file", os.devnull)
    session.set_config_variable("credentials_file", os.devnull)
    return session


def _exchange(there: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for name in there:
        os.environ.pop(name, None)
    os.environ.update(wanted)
