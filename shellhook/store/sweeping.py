"""What nobody can need any more goes out of the store by itself."""

from __future__ import annotations

import os

from shellhook.store import CODE_LIFE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.store import Store

_DAY = 86_400


def sweep_if_due(store: Store, now: float) -> None:
    """`sweep`, if the last was an hour ago: it looks at every file, and at processes."""
    if not 0 <= now - store.files.changed("", "swept") < 3600:
        store.files.write("", "swept", b"")
        sweep(store, now)


def sweep(store: Store, now: float) -> None:
    """Delete what nobody can need: sessions and markers that expired a day ago, codes, requests unused for a month,
    snapshots of shells that are gone."""
    for name in store.files.names("sessions"):
        saved = store.files.load("sessions", name)
        if not saved or (saved.get("expires") or now) < now - _DAY:
            store.files.unlink("sessions", name)
    for room, age in (("markers", _DAY), ("codes", CODE_LIFE), ("requests", 30 * _DAY), ("written", 30 * _DAY)):
        for name in store.files.names(room):
            if 0 < store.files.changed(room, name) < now - age:  # the marker of an unknown expiry is of 0
                store.files.unlink(room, name)
    for name in store.files.names("before"):
        if not _shell_lives(store, name):
            store.files.unlink("before", name)
    for name in store.files.names("serving"):
        if not _process_lives(store, name):
            store.files.unlink("serving", name)
    rooms = ("sessions", "requests", "markers", "before", "serving", "written", "rotations", "codes", "")
    for room in rooms:
        for name in store.files.names(room, unfinished=True):
            if "." in name and store.files.changed(room, name) < now - _DAY:
                store.files.unlink(room, name)


def _shell_lives(store: Store, identifier: str) -> bool:
    """Is the shell that a snapshot belongs to still there? A process by that number that was started after the
    snapshot was written is another one."""
    import psutil

    saved = store.files.load("before", identifier) or {"pid": 0}
    try:
        written = os.stat(store.files.path("before", identifier)).st_mtime
        # 2 s: the boot time that psutil adds to a start time is good to the second.
        return bool(psutil.Process(int(saved["pid"])).create_time() <= written + 2)
    except (psutil.NoSuchProcess, FileNotFoundError):
        return False
    except (psutil.Error, OSError):
        return True


def _process_lives(store: Store, identifier: str) -> bool:
    """Is there a process by the number of an endpoint's owner? To be careful: ending one ends the work that uses
    it, and a clock that was set moves start times."""
    import psutil

    return bool(psutil.pid_exists(int((store.served(identifier) or {"pid": 0})["pid"])))
