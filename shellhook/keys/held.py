"""What the AWS files say of keys that are in the keyring."""

from __future__ import annotations

from shellhook import keys, sections, sources, user_files
from shellhook.errors import ShellhookError, WrongUsage
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.ini import Where
    from shellhook.profiles import Configuration, Profile

PROCESS = "credential_process"


class Held(Record):
    """A profile whose key is in the keyring: the key's ID, and where the line is that stands for it."""

    profile: str
    key_id: str
    where: Where


def all_in(configuration: Configuration) -> list[Held]:
    """Every such profile, in the order of the files. Broken ones are left out."""
    found = []
    for name in configuration.names():
        try:
            profile = configuration.profile(name)
        except ShellhookError:
            continue
        key_id = keys.key_id_in(profile.get(PROCESS) or "")
        if key_id is not None:
            found.append(Held(profile=name, key_id=key_id, where=profile.where[PROCESS]))
    return found


def of_key(key_id: str, configuration: Configuration) -> list[Held]:
    """The profiles that stand for that key."""
    return [each for each in all_in(configuration) if each.key_id == key_id]


def in_keyring(configuration: Configuration, name: str) -> Held:
    """The key of a profile. Raises WrongUsage if it is not in the keyring, NoSuchProfile, BadConfiguration."""
    profile = configuration.profile(name)
    source = sources.of_profile(profile, configuration)
    if source is None or source.kind != sources.KEYRING:
        elsewhere = source is not None and source.kind == "keys"
        raise WrongUsage(
            f"profile {name!r} has no key in the keyring",
            why=f"{source.where}: its key is in the file" if elsewhere and source else _above(profile),
            remedy=f"first: shellhook keys import '{name}'"
            if elsewhere
            else "see which there are: shellhook keys list",
        )
    return Held(profile=name, key_id=source.identity[1], where=profile.where[PROCESS])


def renamed(held: list[Held], program: str, key_id: str) -> None:
    """Let these profiles have another key: their lines name its ID. Each file is written in one step.

    Raises BadConfiguration if a line has changed, ShellhookError.
    """
    wanted = f"{PROCESS} = {keys.command(program, key_id)}"
    for file in dict.fromkeys(each.where.file for each in held):
        before = user_files.read(file)
        lines = {each.where.line: (PROCESS, wanted) for each in held if each.where.file == file}
        user_files.replace_unchanged(file, before, sections.amended(before, lines))


def _above(profile: Profile) -> str:
    named = profile.get("source_profile")
    return f"{profile.where['source_profile']}: its keys are those of {named!r}" if named else str(profile.header)
