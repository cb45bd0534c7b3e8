"""Settings of a profile that would be lost when AWS_PROFILE goes, and where services are reached."""

from __future__ import annotations

from shellhook.errors import BadConfiguration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.profiles import Configuration, Profile


# The settings themselves, which go into a section that stands for the profile.
SETTINGS = (
    "output",
    "ca_bundle",
    "endpoint_url",
    "services",
    "ignore_configured_endpoint_urls",
    "use_fips_endpoint",
    "use_dualstack_endpoint",
    "sts_regional_endpoints",
)
_IGNORE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
_KINDS = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
# On if they are "true"; the variable goes before the profile (botocore/configprovider.py).
_SWITCHES = (_IGNORE, *_KINDS)
# Is STS the region's, or in the older regions the global one (botocore/args.py, _should_set_global_sts_endpoint)?
STS_IS_REGIONAL = "AWS_STS_REGIONAL_ENDPOINTS"
_CALLED = ("sts", "iam", "sso", "sso_oidc", "signin")  # by the names that the settings have for them


def variables(leaf: Profile | None, configuration: Configuration, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that stand for settings of the profile, which would be lost with AWS_PROFILE."""
    settings = {}
    for switch in _SWITCHES:
        setting = (leaf.get(switch.removeprefix("AWS_").lower()) if leaf else None) or ""
        if setting.lower() == "true" and switch not in environ:
            settings[switch] = "true"
    regional = leaf.get("sts_regional_endpoints") if leaf else None
    if regional in ("legacy", "regional") and STS_IS_REGIONAL not in environ:
        settings[STS_IS_REGIONAL] = regional
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
    """service -> URL, "" for all of them (botocore/configprovider.py, ConfiguredEndpointProvider).

    Raises BadConfiguration if the profile names a services section that is not there, as botocore does.
    """
    if leaf is None or _are_ignored(leaf, environ):
        return {}
    found = {}
    if leaf.get("endpoint_url"):
        found[""] = leaf.get("endpoint_url") or ""
    named = leaf.get("services")
    services = configuration.services(named) if named is not None else None
    # botocore comes to look for it only where the environment names no endpoint for all
    if named is not None and services is None and not environ.get("AWS_ENDPOINT_URL"):
        raise BadConfiguration(
            f"profile {leaf.name!r} names a services section that does not exist",
            why=f"{leaf.where['services']}: services = {named}",
            remedy=f"add a section [services {named}], or remove the line",
        )
    for service, values in (services.nested if services else {}).items():
        # A service has a name that a variable can have; another one is nobody's, and botocore passes it over.
        if values.get("endpoint_url") and service.isascii() and service.replace("_", "").isalnum():
            found[service] = values["endpoint_url"]
    return found


def _are_ignored(leaf: Profile | None, environ: Mapping[str, str]) -> bool:
    """The variable before the profile; either one also puts the endpoints in the environment out of force
    (botocore/args.py, _compute_configured_endpoint_url)."""
    setting = (leaf and leaf.get("ignore_configured_endpoint_urls")) or ""
    return environ.get(_IGNORE, setting).lower() == "true"


def kinds(variables: Mapping[str, str]) -> tuple[str, ...]:
    """The kinds of AWS's own endpoints that are wanted, by the names of botocore's Config."""
    return tuple(kind.removeprefix("AWS_").lower() for kind in _KINDS if variables.get(kind))


def of_calls(leaf: Profile | None, configuration: Configuration, environ: Mapping[str, str]) -> dict[str, str]:
    """Where the services that we call are reached, if not at AWS's own address: variables before files, the service's
    own before the one for all (botocore/configprovider.py, ConfiguredEndpointProvider.provide)."""
    if _are_ignored(leaf, environ):
        return {}
    configured = _configured_endpoints(leaf, configuration, environ)
    found = {}
    for service in _CALLED:
        url = (
            environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
            or environ.get("AWS_ENDPOINT_URL")
            or configured.get(service)
            or configured.get("")
        )
        if url:
            found[service] = url
    return found
