"""Keys on their way: from a file into the keyring, from a person into the keyring, out of it again."""

from __future__ import annotations

import contextlib
import os

from shellhook import keys, os_keyring, profiles, sections, sources, user_files
from shellhook.errors import BadConfiguration, ShellhookError, WrongUsage
from shellhook.ini import IniFile
from shellhook.keys import held
from shellhook.keys.held import PROCESS
from shellhook.shells.posix import word
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.mfa import Asker
    from shellhook.profiles import Configuration, Profile

KEY, SECRET = "aws_access_key_id", "aws_secret_access_key"
_BACKUP = ".before-keyring"
_PATIENCE = 150  # seconds that the program may take to answer with a key: longer than a dialog of the keyring


def bring(here: Here, name: str, program: str, asker: Asker, *, yes: bool) -> bool:
    """Move the key of a profile from its file into the keyring; False if that was not wanted.

    The file as it was lies beside it until the line that stands there now has given the same key. Killed at any moment,
    the file has the key or the keyring does; a second run clears away what is left.

    Raises ShellhookError of every kind.
    """
    configuration = profiles.read(here.files())
    profile = configuration.profile(name)
    if not _is_there_to_move(profile, configuration):
        file = held.in_keyring(configuration, name).where.file
        if os.path.exists(file + _BACKUP):
            _check(here, name)
            _unlink(file + _BACKUP)
            say(f"{file}{_BACKUP} was left by a run that did not end: removed")
        say(f"the key of {name!r} is in the keyring already")
        return True
    own = profile.static_keys()
    where = profile.where[KEY]
    line = f"{PROCESS} = {keys.command(program, own[KEY])}"
    before = user_files.read(where.file)
    after = _without_key(before, profile, line)
    say(f"{where}: the key {own[KEY]} of profile {name!r} moves into the keyring. In its place will be\n\n    {line}\n")
    if not (yes or asker.confirm("Move it?")):
        return False
    with here.store.lock("keys", lambda: say("waiting for another `shellhook keys`")):
        known = os_keyring.get(own[KEY]) is not None
        _back_up(where.file + _BACKUP, before)
        try:
            os_keyring.put(own[KEY], own[SECRET])
            user_files.replace_unchanged(where.file, before, after)
            _check(here, name, own[SECRET])
        except BaseException:
            with user_files.held(where.file):
                if user_files.read(where.file) == after:
                    user_files.replace(where.file, before)
            _unlink(where.file + _BACKUP)
            if not known:
                with contextlib.suppress(ShellhookError):
                    os_keyring.delete(own[KEY])
            raise
        _unlink(where.file + _BACKUP)
    say(f"{name}: the key {own[KEY]} is in the keyring")
    _say_what_is_left(name, own[SECRET], here)
    return True


def take(here: Here, name: str, key_id: str, secret: str, program: str, region: str | None) -> None:
    """Keep a key that was typed, and write the profile that stands for it. Raises ShellhookError of every kind."""
    configuration = profiles.read(here.files())
    profile = configuration.profile(name) if name in configuration.names() else None
    settings = {PROCESS: keys.command(program, key_id), **({"region": region} if region else {})}
    known = os_keyring.get(key_id) is not None
    os_keyring.put(key_id, secret)
    try:
        header = profile.header if profile else None
        if header is not None and header.file == configuration.files.config:
            sections.insert(header, name, settings)
        else:
            sections.append(configuration.files.config, sections.header(name), settings)
    except BaseException:
        if not known:
            with contextlib.suppress(ShellhookError):
                os_keyring.delete(key_id)
        raise


def check_free(name: str, configuration: Configuration, region: str | None) -> None:
    """Raises WrongUsage if a key cannot become that profile's: it has something to get credentials from."""
    if name not in configuration.names():
        sections.header(name)
        return
    profile = configuration.profile(name)
    source = sources.of_profile(profile, configuration)
    if sources.has_role(profile):
        raise WrongUsage(
            f"profile {name!r} assumes a role",
            why=str(profile.where["role_arn"]),
            remedy="give the key a profile of its own, and name that in source_profile",
        )
    if source is not None:
        kept = source.kind == sources.KEYRING
        raise WrongUsage(
            f"profile {name!r} has credentials already",
            why=f"{source.where}: {'its key is in the keyring' if kept else source.kind}",
            remedy=f"shellhook keys {'rotate' if kept else 'import'} {word(name)}, or another name"
            if source.kind in (sources.KEYRING, "keys")
            else "give the key another name",
        )
    if region and "region" in profile.where:
        raise WrongUsage(f"profile {name!r} has a region already", why=str(profile.where["region"]))


def say_what_was_left(here: Here) -> None:
    """Name the backup that an import has left that was killed: a secret stands in it."""
    files = here.files()
    for file in (files.credentials, files.config):
        if os.path.exists(file + _BACKUP):
            say(f"{file}{_BACKUP} was left by an import that did not end: run it again, and it is removed")


def drop(here: Here, name: str) -> None:
    """Take a profile's line out of the file, and forget its key, unless another profile stands for the same."""
    files = here.files()
    with here.store.lock("keys", lambda: say("waiting for another `shellhook keys`")):
        configuration = profiles.read(files)
        found = held.in_keyring(configuration, name)
        if len(held.of_key(found.key_id, configuration)) == 1:
            os_keyring.delete(found.key_id)  # first: a line without a key is mended by a second run
        with user_files.held(files.config, files.credentials):
            where = held.in_keyring(profiles.read(files), name).where  # the keyring may have shown a dialog
            before = user_files.read(where.file)
            user_files.replace(where.file, sections.amended(before, {where.line: (PROCESS, None)}))


def _is_there_to_move(profile: Profile, configuration: Configuration) -> bool:
    """Has the profile a long-term key of its own in a file? False if it is in the keyring. Raises WrongUsage."""
    role = sources.has_role(profile)
    if role and sources.has_keys(profile):
        raise WrongUsage(
            f"profile {profile.name!r} has a role beside its key: `aws` would not find a key in the keyring there",
            why=str(profile.where["role_arn"]),
            remedy="give the key a profile of its own, and name that in source_profile",
        )
    if role:
        raise WrongUsage(
            f"profile {profile.name!r} assumes a role, and has no key of its own",
            why=str(profile.where["role_arn"]),
            remedy=f"name the profile that holds the key: {profile.get('source_profile') or 'its source'}",
        )
    source = sources.of_profile(profile, configuration)
    if source is not None and source.kind == sources.KEYRING:
        return False
    if source is None or source.kind != "keys":
        kind = f"{source.where}: its credentials come from elsewhere ({source.kind})" if source else str(profile.header)
        raise WrongUsage(f"profile {profile.name!r} has no key of its own in a file", why=kind)
    if not source.long_term:
        raise WrongUsage(
            f"the key of profile {profile.name!r} is that of a session: it ends by itself", why=source.where
        )
    if PROCESS in profile.where:
        raise BadConfiguration(
            f"profile {profile.name!r} has a key, and {PROCESS} beside it",
            why=f"{profile.where[PROCESS]}: {PROCESS}",
            remedy="remove that line: the key outranks it",
        )
    own = profile.static_keys()
    if not keys.is_key_id(own[KEY]) or not own[SECRET].isprintable() or not own[SECRET]:
        raise BadConfiguration(
            f"the key of profile {profile.name!r} cannot be one",
            why=f"{source.where}: it is not what AWS gives out: an ID of capitals and digits, a secret on one line",
        )
    return True


def _without_key(content: bytes, profile: Profile, line: str) -> bytes:
    """The content of the file that the profile has its key from, with `line` in the key's place. Both lines are those
    of that file: a secret in the other one is not the key's, whichever outranks which elsewhere.

    Raises BadConfiguration if they are not both in the profile's section: others inherit what is in [DEFAULT].
    """
    where = profile.where[KEY]
    file = IniFile(where.file, content)
    found = [sections.find(file, profile.name, in_config=in_config) for in_config in (False, True)]
    # One file may be both.
    header = next((each for each in found if each is not None and where.line in file.lines(each)), None)
    if header is not None:
        options, lines = file.options(header)[0], file.lines(header)
        key, secret = (options[name][1] if name in options else 0 for name in (KEY, SECRET))
        if key in lines and secret in lines:
            after = sections.amended(content, {key: (KEY, line), secret: (SECRET, None)})
            if KEY not in IniFile(where.file, after).options(header)[0]:
                return after
    raise BadConfiguration(
        f"the key of profile {profile.name!r} is not in its section alone",
        why=f"{where.file}: other profiles inherit what is in [DEFAULT]",
        remedy=f"first move both lines of it from [DEFAULT] to the section of {profile.name!r}",
    )


def _check(here: Here, name: str, secret: str | None = None) -> None:
    """Does the profile's line give the key to whoever runs it, as `aws` does? Raises ShellhookError if not."""
    import json
    import subprocess

    from botocore.compat import compat_shell_split

    configuration = profiles.read(here.files())
    profile = configuration.profile(name)
    found = held.in_keyring(configuration, name)
    try:
        done = subprocess.run(
            compat_shell_split(profile.settings[PROCESS]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
        given = json.loads(done.stdout) if done.returncode == 0 else {}
        why = done.stderr.decode("utf-8", "replace").strip()
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        given, why = {}, type(error).__name__
    good = given.get("AccessKeyId") == found.key_id and given.get("SecretAccessKey")
    if not good or (secret is not None and given["SecretAccessKey"] != secret):
        raise ShellhookError(
            f"the command that stands for the key of {name!r} does not give it",
            why=f"{found.where}: {why or 'it gives something else'}",
            remedy="nothing was moved" if secret is not None else "",
        )


def _back_up(path: str, content: bytes) -> None:
    # What an earlier run left is of no use: it had not touched the file, or the keyring had answered.
    _unlink(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ShellhookError(f"{path} cannot be written", why=str(error.strerror)) from None


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ShellhookError(
            f"{path} cannot be removed", why=str(error.strerror), remedy="remove it: a secret key stands in it"
        ) from None


def _say_what_is_left(name: str, secret: str, here: Here) -> None:
    """The same secret may stand under another name, or in the other file."""
    files = here.files()
    for file in (files.credentials, files.config):
        lines = [n for n, line in enumerate(user_files.read(file).splitlines(), 1) if secret.encode() in line]
        for number in lines:
            say(f"{file}:{number}: the same secret stands here too; it was not part of profile {name!r}")
