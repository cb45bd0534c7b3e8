"""Settings of a profile that would be lost when AWS_PROFILE goes, and where services are reached."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.profiles import Configuration, Profile


def variables(leaf: Profile | None, configuration: Configuration, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that stand for settings of the profile, which would be lost with AWS_PROFILE."""
    settings = {}
    for variable, setting in (("AWS_DEFAULT_OUTPUT", "output"), ("AWS_CA_BUNDLE", "ca_bundle")):
        value = leaf.get(setting) if leaf else None
        if value:
            settings[variable] = value
    for service, url in _configured_endpoints(leaf, configuration, environ).items():
        settings["AWS_ENDPOINT_URL" + (f"_{service.upper()}" if service else "")] = url
    return settings


def _configured_endpoints(
    leaf: Profile | None, configuration: Configuration, environ: Mapping[str, str]
) -> dict[str, str]:
    """service -> URL, "" for all of them (botocore/configprovider.py, ConfiguredEndpointProvider)."""
    ignored = environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") or (
        leaf.get("ignore_configured_endpoint_urls") if leaf else None
    )
    if leaf is None or (ignored or "").lower() == "true":
        return {}
    found = {}
    if leaf.get("endpoint_url"):
        found[""] = leaf.get("endpoint_url") or ""
    named = leaf.get("services")
    services = configuration.services(named) if named else None
    for service, values in (services.nested if services else {}).items():
        if values.get("endpoint_url"):
            found[service] = values["endpoint_url"]
    return found


def of_calls(leaf: Profile | None, configuration: Configuration, environ: Mapping[str, str]) -> dict[str, str]:
    """Where the services that we call are reached, if not at AWS's own address: variables before files, the service's
    own before the one for all (botocore/configprovider.py, ConfiguredEndpointProvider.provide)."""
    if (environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") or "").lower() == "true":
        return {}
    configured = _configured_endpoints(leaf, configuration, environ)
    found = {}
    for service in ("sts", "iam"):
        url = (
            environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
            or environ.get("AWS_ENDPOINT_URL")
            or configured.get(service)
            or configured.get("")
        )
        if url:
            found[service] = url
    return found
