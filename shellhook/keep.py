"""What was typed, or turned out, written into the user's AWS config: shown first, and after a yes."""

from __future__ import annotations

from shellhook import profiles, sections
from shellhook.errors import NoSuchProfile, ShellhookError, WrongUsage
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Outcome
    from shellhook.mfa import Asker


def as_profile(name: str, outcome: Outcome, asker: Asker, yes: bool) -> None:
    """Write the request as a profile of its own, so that `assume NAME`, and the AWS CLI, can have it again.

    Raises WrongUsage if the name is taken or there is nothing a profile could say.
    """
    request, plan = outcome.request, outcome.plan
    configuration = profiles.read(profiles.Files(config=request.config, credentials=request.credentials))
    if name in configuration.names():
        raise WrongUsage(f"there is a profile {name!r} already", remedy="give --save another name")
    if request.chain and (request.role_arn or len(request.chain) > 1):
        raise WrongUsage("--save keeps one role: save the roles of the chain one by one, each on the one before")
    if plan.role_arn is None:
        raise WrongUsage("--save keeps a role, and none was assumed")
    hop = plan.hops[-1]
    settings = {"role_arn": plan.role_arn}
    if request.profile is None and plan.source.profile is None:
        settings["credential_source"] = "Environment"
    elif request.role_arn or request.chain:
        settings["source_profile"] = request.profile or plan.source.profile or "default"
    else:
        settings["source_profile"] = plan.source.profile or "default"
    for setting, parameter in (("external_id", "ExternalId"), ("role_session_name", "RoleSessionName")):
        if parameter in hop.parameters and hop.where.get(parameter) != "your user name":
            settings[setting] = str(hop.parameters[parameter])
    if request.serial_number:
        settings["mfa_serial"] = request.serial_number
    if request.duration_seconds:
        settings["duration_seconds"] = str(request.duration_seconds)
    if request.region:
        settings["region"] = request.region
    title = sections.header(name)
    say(f"to be added to {request.config}:\n\n{_indented(sections.text(title, settings))}\n")
    if yes or asker.confirm("Add it?"):
        sections.append(request.config, title, settings)


def device(serial: str, outcome: Outcome, asker: Asker) -> None:
    """Write the device that AWS took a code of as the profile's mfa_serial. Nothing fails for it: the session is
    there."""
    request, plan = outcome.request, outcome.plan
    files = profiles.Files(config=request.config, credentials=request.credentials)
    title = sections.header(plan.profile)
    say(f"AWS took a code of {serial}")
    if not asker.confirm(f"Save it as mfa_serial of {title} in {request.config}?"):
        return
    try:
        found = profiles.read(files).profile(plan.profile)
        in_config = found.header is not None and found.header.file == files.config
        if in_config and found.header is not None:
            sections.insert(found.header, title, {"mfa_serial": serial})
        else:
            sections.append(request.config, title, {"mfa_serial": serial})
    except NoSuchProfile:
        return
    except ShellhookError as error:
        say(f"shellhook: {error}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
