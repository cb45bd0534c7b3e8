"""A session as text in the form that somebody else reads. Pure."""

from __future__ import annotations

from shellhook import environment, process_credentials, session_section, shells, written
from shellhook.errors import ShellhookError, WrongUsage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.session import Session

FORMATS = ("env", "fish", "powershell", "json", "ini", "docker")
# Beside the keys these are taken instead of them, or make an SDK look for a profile.
_IN_THE_WAY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")


def check(form: str) -> None:
    """Raises WrongUsage for a format that there is not."""
    if form not in FORMATS:
        raise WrongUsage(f"--format {form!r}: there is no such format", remedy=f"one of {', '.join(FORMATS)}")


def text(form: str, session: Session, profile: str, region: str | None, settings: Mapping[str, str]) -> str:
    """The session of a profile in one of FORMATS. `settings` are variables that the profile would have meant.

    Raises ShellhookError for what cannot be said in that format.
    """
    check(form)
    if form == "json":
        return process_credentials.text(session)
    if form == "ini":
        return _ini(session, profile, region)
    values = _variables(session, region, settings)
    try:
        return {"env": _env, "fish": _fish, "powershell": _powershell, "docker": _docker}[form](values)
    except ValueError as error:
        raise ShellhookError(f"the session cannot be written as {form}", why=str(error)) from None


def _variables(session: Session, region: str | None, settings: Mapping[str, str]) -> dict[str, str | None]:
    """The variables that SDKs read; None for what must not be there."""
    expires = None if session.expires is None else environment.rfc3339(session.expires)
    values: dict[str, str | None] = dict.fromkeys(_IN_THE_WAY)
    keys = (session.access_key_id, session.secret_access_key, session.session_token)
    values.update(zip(environment.KEYS, keys, strict=True))
    values.update(dict.fromkeys(environment.REGIONS, region) if region else {})
    values.update(settings)
    values.update(dict.fromkeys(environment.EXPIRATIONS, expires))
    values["AWS_ACCOUNT_ID"] = session.account
    return values


def _env(values: Mapping[str, str | None]) -> str:
    from shellhook.shells import posix

    there, absent = _divided(values)
    posix.check([*values], [*there.values()])
    lines = [f"export {name}={posix.quote(value)}" for name, value in there.items()]
    return "\n".join([f"unset {' '.join(absent)}", *lines, ""])


def _fish(values: Mapping[str, str | None]) -> str:
    from shellhook.shells import posix

    there, absent = _divided(values)
    posix.check([*values], [*there.values()])
    quote = shells.module("fish").quote
    lines = [f"set -gx {name} {quote(value)}" for name, value in there.items()]
    return "\n".join([*(f"set -e {name}" for name in absent), *lines, ""])


def _powershell(values: Mapping[str, str | None]) -> str:
    from shellhook.shells import posix

    there, absent = _divided(values)
    posix.check([*values], [*there.values()])
    quote = shells.module("powershell").quote
    lines = [f"$Env:{name} = {quote(value)}" for name, value in there.items()]
    # Not $null: PowerShell 7.5 leaves an empty variable then, and an empty AWS_PROFILE is a profile without a name.
    return "\n".join([*(f"Remove-Item Env:\\{name} -ErrorAction Ignore" for name in absent), *lines, ""])


def _docker(values: Mapping[str, str | None]) -> str:
    """For --env-file: nothing is quoted there, and a line is a variable."""
    there, _ = _divided(values)
    for name, value in there.items():
        if "\n" in value or "\r" in value:
            raise ValueError(f"{name} has more than one line")
    return "".join(f"{name}={value}\n" for name, value in there.items())


def _ini(session: Session, profile: str, region: str | None) -> str:
    from shellhook import sections

    there = {**session_section.settings(session), **({"region": region} if region else {})}
    sections.header(profile)  # a name that can stand there?
    return f"{sections.text(f'[{written.default_name(profile)}]', there)}\n"


def _divided(values: Mapping[str, str | None]) -> tuple[dict[str, str], list[str]]:
    there = {name: value for name, value in values.items() if value is not None}
    return there, [name for name, value in values.items() if value is None]
