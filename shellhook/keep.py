"""What was typed, or turned out, written into the user's AWS config: shown first, and after a yes."""

from __future__ import annotations

from shellhook import chain, endpoints, profiles, sections, sources, user_files
from shellhook.errors import NoSuchProfile, ShellhookError, WrongUsage
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Outcome
    from shellhook.mfa import Asker
    from shellhook.profiles import Configuration

# Settings of the profile asked for that go on in the new one: those of its role, if that is the role that is kept ...
_OF_THE_ROLE = (
    "source_profile",
    "credential_source",
    "mfa_serial",
    "external_id",
    "role_session_name",
    "source_identity",
    "session_tags",
    "transitive_session_tags",
    "duration_seconds",
)
# ... and those that a role on top of it had too.
_OF_THE_SESSION = ("region", *endpoints.SETTINGS, "mfa_process")

# What a credential_source says, by the kind of a source that the environment has ...
_CREDENTIAL_SOURCES = {"environment": "Environment", "container": "EcsContainer"}
# ... and what to do where none says it: only profiles with credentials of their own can be a source_profile.
_UNNAMED = {
    "web-identity": "add a profile with that web_identity_token_file and role_arn, and assume the role from there",
    "machine": "add it by hand, with credential_source = Ec2InstanceMetadata or EcsContainer",
    sources.PASTED: "assume it from a profile",
}


def as_profile(name: str, outcome: Outcome, asker: Asker, yes: bool) -> None:
    """Write the request as a profile of its own, so that `assume NAME`, and the AWS CLI, can have it again.

    Raises WrongUsage if the name is taken or there is nothing a profile could say.
    """
    request = outcome.request
    configuration = profiles.read(profiles.Files(config=request.config, credentials=request.credentials))
    _check_free(name, configuration)
    if request.chain and (request.role_arn or len(request.chain) > 1):
        raise WrongUsage("--save keeps one role: save the roles of the chain one by one, each on the one before")
    if outcome.plan.role_arn is None:
        raise WrongUsage("--save keeps a role, and none was assumed")
    settings = _settings(outcome, outcome.plan.role_arn, configuration)
    title = sections.header(name)
    say(f"to be added to {request.config}:\n\n{_indented(sections.text(title, settings))}\n")
    lost = [
        option
        for option, value in (
            ("--policy", request.policy),
            ("--policy-arns", request.policy_arns),
            ("--mfa-duration", request.mfa_duration),
        )
        if value
    ]
    if lost:
        say(f"a profile cannot say {', '.join(lost)}: give it again each time")
    if yes or asker.confirm("Add it?"):
        with user_files.held(request.config):
            _check_free(name, profiles.read(configuration.files))
            sections.append(request.config, title, settings)


def _check_free(name: str, configuration: Configuration) -> None:
    if name in configuration.names():
        raise WrongUsage(f"there is a profile {name!r} already", remedy="give --save another name")


def _settings(outcome: Outcome, role_arn: str, configuration: Configuration) -> dict[str, str]:
    """What the section says. Raises WrongUsage where no profile can begin as the request does."""
    request, plan = outcome.request, outcome.plan
    settings = {"role_arn": role_arn}
    in_environment = plan.source.where == chain.ENVIRONMENT
    if in_environment and plan.source.kind in _CREDENTIAL_SOURCES:
        settings["credential_source"] = _CREDENTIAL_SOURCES[plan.source.kind]
    elif in_environment or plan.source.kind in ("machine", sources.PASTED):
        raise WrongUsage(
            f"--save: no profile can say where the credentials for {role_arn} come from",
            why=f"{plan.source.where}: {plan.source.kind}",
            remedy=_UNNAMED[plan.source.kind],
        )
    else:
        leaf = configuration.profile(plan.profile)
        on_top = bool(request.role_arn or request.chain)
        if on_top:
            if sources.has_role(leaf) and sources.has_keys(leaf):
                raise WrongUsage(
                    f"--save: as a source_profile, {leaf.name!r} would stand for its keys, not for its role",
                    why=f"{leaf.where['role_arn']}: role_arn, beside keys of its own",
                    remedy="keep the keys in a profile of their own, and name that as its source_profile",
                )
            settings["source_profile"] = leaf.name
        kept = _OF_THE_SESSION if on_top else _OF_THE_ROLE + _OF_THE_SESSION
        settings.update({setting: leaf.settings[setting] for setting in kept if leaf.get(setting)})
    typed = {
        "external_id": request.external_id,
        "role_session_name": request.role_session_name,
        "source_identity": request.source_identity,
        "session_tags": ",".join(f"{key}={value}" for key, value in request.tags),
        "transitive_session_tags": ",".join(request.transitive_tag_keys),
        "mfa_serial": request.serial_number or outcome.proved,
        "duration_seconds": request.duration_seconds and str(request.duration_seconds),
        "region": request.region,
    }
    return {**settings, **{setting: value for setting, value in typed.items() if value}}


def device(serial: str, outcome: Outcome, asker: Asker) -> None:
    """Write the device that AWS took a code of as the profile's mfa_serial. Nothing fails for it: the session is
    there."""
    request, plan = outcome.request, outcome.plan
    files = profiles.Files(config=request.config, credentials=request.credentials)
    if plan.source.where == chain.ENVIRONMENT:
        return  # there is no profile that it could be of
    try:
        found = profiles.read(files).profile(plan.profile)
        say(f"AWS took a code of {serial}")
        if "mfa_serial" in found.where:
            # Named, and empty. A second line of that name would make `aws` refuse the whole file.
            say(f"to have it asked at once, write it at {found.where['mfa_serial']}")
            return
        title = sections.header(plan.profile)
        if not asker.confirm(f"Save it as mfa_serial of {title} in {request.config}?"):
            return
        if found.header is not None and found.header.file == files.config:
            sections.insert(found.header, plan.profile, {"mfa_serial": serial})
        else:
            sections.append(request.config, title, {"mfa_serial": serial})
    except NoSuchProfile:
        return
    except ShellhookError as error:
        say(f"shellhook: {error}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
