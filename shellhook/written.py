"""Sections of the AWS files that hold a session for other programs, kept up to date as long as somebody wants them.

What is known of such a section lies in the store, one entry for each: which request it is of, who wants it (the ids of
what shells had before their first assume), the last access key IDs put there, by which it is known to be ours, and
what it takes to leave the files as they were.
"""

from __future__ import annotations

import contextlib
import os

from shellhook import endpoints, environment, profiles, sections, sources, user_files
from shellhook.errors import NoSession, NoSuchProfile, ShellhookError
from shellhook.session_section import KEY, Config, Credentials
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from shellhook.assume import Here, Outcome
    from shellhook.profiles import Files, Profile
    from shellhook.request import Request
    from shellhook.session import Session
    from shellhook.store import Store

NOBODY = ""  # the holder of a section that no shell wants
# A profile that has one of these is read by its role or its login; not by every SDK, but no SDK may be misled.
_BEFORE_KEYS = (
    "role_arn",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
    "sso_account_id",
    "sso_role_name",
)


def default_name(profile: str) -> str:
    """The section that a profile's session goes to, unless another one is named."""
    return f"{profile}-session"


def check(files: Files, name: str, *, force: bool) -> None:
    """Refuse a section that is not to be written, before anybody is asked for a code.

    Raises ShellhookError: for a name that programs would not read keys of, and, without `force`, for one that holds
    long-term keys, or a command that gives credentials.
    """
    sections.header(name)
    if name == "DEFAULT":
        raise ShellhookError("[DEFAULT] is no profile", why="every other section would inherit what stands there")
    try:
        found = profiles.read(files).profile(name)
    except NoSuchProfile:
        return
    first = next((setting for setting in _BEFORE_KEYS if setting in found.where), None)
    if first is not None:
        raise ShellhookError(
            f"profile {name!r} cannot hold a session: programs would not read the keys",
            why=f"{found.where[first]}: {first} comes before them",
            remedy="give it another name",
        )
    held = _held(found)
    if held is not None and not force:
        setting, loss = held
        raise ShellhookError(
            f"profile {name!r} {loss}",
            why=str(found.where[setting]),
            remedy="give it another name, or write over it with --force",
        )


def check_early(wanted: Request, name: str | None, *, force: bool) -> None:
    """`check`, as far as a request tells what will be written. What is ours already is checked when it is written."""
    name = name or (default_name(wanted.profile) if wanted.profile else None)
    if name is not None:
        check(profiles.Files(config=wanted.config, credentials=wanted.credentials), name, force=force)


def write(here: Here, outcome: Outcome, name: str | None, *, holder: str, force: bool) -> str:
    """Write the session into the section `name`, which is then kept up to date. `holder` is the id of what the shell
    had before that wants it, or NOBODY. Gives the section's name.

    Raises ShellhookError.
    """
    session = outcome.session
    name = name or default_name(outcome.plan.profile)
    files = profiles.Files(config=outcome.request.config, credentials=outcome.request.credentials)
    if session.session_token is None:
        raise ShellhookError(
            f"profile {outcome.plan.profile!r} gives long-term keys, which are not copied into files",
            remedy="name a role",
        )
    with _alone(here.store, files):
        digest = _digest(here.store, files, name)
        former = _entry(here.store, files, name) or {}
        check(files, name, force=force or bool(former))
        same = former.get("request") == outcome.digest
        holders = [each for each in former.get("holders", []) if same and _lives(here.store, each) and each != holder]
        entry = {
            "name": name,
            "profile": outcome.plan.profile,
            "request": outcome.digest,
            "config": files.config,
            "credentials": files.credentials,
            "holders": [*holders, holder],
            "keys": [*former.get("keys", [])[-1:], session.access_key_id],
        }
        config = Config(files.config, name, _beside(here, outcome), former.get("beside", {}), former.get("config_gap"))
        credentials = Credentials(files.credentials, name)
        gap = former.get("gap") if credentials.header is not None else credentials.gap
        # First: of what is in the files nothing may be unknown, should this be the end of us.
        here.store.put_written(digest, {**entry, "gap": gap, "config_gap": config.gap, "beside": config.beside})
        config.write()
        credentials.write(session)
    return name


def renewed(here: Here, digest: str, session: Session) -> None:
    """Put a newer session into the sections of a request that are still ours. Nothing fails for it."""
    for key, entry in here.store.written().items():
        if entry["request"] != digest or session.session_token is None:
            continue
        try:
            with _alone(here.store, _files(entry)):
                _renew(here.store, key, session)
        except ShellhookError as error:
            say(f"shellhook: [{entry['name']}] could not be renewed: {error}")


def left_by(here: Here, holder: str) -> None:
    """Take away the sections that a shell wanted, and nobody else does. Nothing fails for it."""
    for key, entry in here.store.written().items():
        if holder not in entry["holders"]:
            continue
        try:
            with _alone(here.store, _files(entry)):
                _leave(here.store, key, holder)
        except ShellhookError as error:
            say(f"shellhook: [{entry['name']}] could not be taken away: {error}")


def take_away(here: Here, name: str) -> None:
    """Take a section away, whoever wants it. Raises NoSession if it is none of ours."""
    files = here.files()
    with _alone(here.store, files):
        entry = _entry(here.store, files, name)
        if entry is None:
            raise NoSession(f"[{name}] of {files.credentials} is no section that shellhook has written")
        _take_away(here.store, _digest(here.store, files, name), entry)


def forget(store: Store, profile: str | None) -> None:
    """Take away the sections that hold a session of a profile, or of any."""
    for key, entry in store.written().items():
        if profile in (None, entry["profile"]):
            with _alone(store, _files(entry)):
                there = store.written().get(key)
                if there is not None:
                    _take_away(store, key, there)


def _leave(store: Store, key: str, holder: str) -> None:
    entry = store.written().get(key)
    if entry is None or holder not in entry["holders"]:
        return
    others = [each for each in entry["holders"] if each != holder and _lives(store, each)]
    if others:
        store.put_written(key, {**entry, "holders": others})
    else:
        _take_away(store, key, entry)


def _renew(store: Store, key: str, session: Session) -> None:
    entry = store.written().get(key)
    if entry is None:
        return
    there = Credentials(entry["credentials"], entry["name"])
    if there.header is None:
        _take_away(store, key, entry)  # by the user, or who began it was killed: what is beside it goes too
    elif there.values.get(KEY) not in entry["keys"]:
        store.drop_written(key)  # somebody else's by now
    elif there.values[KEY] != session.access_key_id and not there.is_newer(session):
        store.put_written(key, {**entry, "keys": [there.values[KEY], session.access_key_id]})
        there.write(session)


def _take_away(store: Store, key: str, entry: dict[str, Any]) -> None:
    # By the credentials it is known to be ours: they go last, should this be the end of us.
    Config(entry["config"], entry["name"], {}, entry["beside"], entry["config_gap"]).take_away()
    there = Credentials(entry["credentials"], entry["name"])
    if there.values.get(KEY) in entry["keys"]:
        there.take_away(entry["gap"])
    store.drop_written(key)


def _held(profile: Profile) -> tuple[str, str] | None:
    """A setting that is no session's, and what would become of it."""
    keys = profile.static_keys()
    if keys and not sources.token(keys):
        return KEY, "holds long-term keys: they would be lost, and AWS shows a secret key only once"
    for setting in ("credential_process", "login_session"):
        if setting in profile.where and not keys:
            return setting, f"has a {setting}, which would not be asked any more"
    return None


def _beside(here: Here, outcome: Outcome) -> dict[str, str]:
    """What goes to the config file: the region that the session has in this shell, and the profile's own settings."""
    request, found = outcome.request, {}
    try:
        files = profiles.Files(config=request.config, credentials=request.credentials)
        found = profiles.read(files).profile(outcome.plan.profile).settings
    except NoSuchProfile:
        pass  # a role that was named on the command line, or credentials that were pasted
    regions = (outcome.plan.region, *(here.original.get(name) for name in reversed(environment.REGIONS)))
    region = next((each for each in regions if each), None)
    values = {
        **({"region": region} if region else {}),
        **{name: found[name] for name in endpoints.SETTINGS if found.get(name)},
    }
    return {name: value for name, value in values.items() if "\n" not in value}


def _digest(store: Store, files: Files, name: str) -> str:
    return store.digest(ascii(("written", os.path.realpath(files.credentials), name)))


def _entry(store: Store, files: Files, name: str) -> dict[str, Any] | None:
    """What is known of a section, if it is still ours, or is not there (yet: whoever began it may have been killed)."""
    entry = store.written().get(_digest(store, files, name))
    if entry is None:
        return None
    there = Credentials(files.credentials, name)
    return entry if there.header is None or there.values.get(KEY) in entry["keys"] else None


def _lives(store: Store, holder: str) -> bool:
    return holder == NOBODY or store.before(holder) is not None


@contextlib.contextmanager
def _alone(store: Store, files: Files) -> Iterator[None]:
    """Nobody else changes what is known of the sections, or the files."""
    with store.lock("written", _wait), user_files.held(files.config, files.credentials):
        yield


def _files(entry: Mapping[str, Any]) -> Files:
    return profiles.Files(config=entry["config"], credentials=entry["credentials"])


def _wait() -> None:
    """Somebody else writes: that takes no time worth a word."""
