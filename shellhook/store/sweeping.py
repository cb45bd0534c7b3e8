"""What nobody can need any more goes out of the store by itself."""

from __future__ import annotations

import os

from shellhook.store import CODE_LIFE, numbered_by, since_boot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from shellhook.store import Store

_DAY = 86_400
_MONTH = 30 * _DAY


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
    for room, age in (("markers", _DAY), ("codes", CODE_LIFE), ("requests", _MONTH), ("written", _MONTH)):
        for name in store.files.names(room):
            if 0 < store.files.changed(room, name) < now - age:  # the marker of an unknown expiry is of 0
                store.files.unlink(room, name)
    for room, lives in (("before", _shell_lives), ("serving", _process_lives)):
        for name in store.files.names(room):
            saved = store.files.load(room, name) or {"pid": 0}
            if saved.get("numbered_by", numbered_by()) != numbered_by():
                # Of a process that cannot be seen from here. Its own side sweeps it, if there still is one.
                gone = store.files.changed(room, name) < now - _MONTH
            else:
                gone = not lives(saved, store.files.path(room, name))
            if gone:
                store.files.unlink(room, name)
    rooms = ("sessions", "requests", "markers", "before", "serving", "written", "rotations", "codes", "")
    for room in rooms:
        for name in store.files.names(room, unfinished=True):
            if "." in name and store.files.changed(room, name) < now - _DAY:
                store.files.unlink(room, name)


def _shell_lives(saved: Mapping[str, Any], path: str) -> bool:
    """Is the shell that a snapshot belongs to still there? A process by that number that was started after the
    snapshot was written is another one: by the clock, and by the time since the machine was started, which stays when
    a clock is set. (After another start of the machine that may be wrong, and a snapshot stays for longer.)"""
    import psutil

    try:
        written = os.stat(path).st_mtime
        process = psutil.Process(int(saved["pid"]))
        # 2 s: the boot time that psutil adds to a start time is good to the second.
        if process.create_time() <= written + 2:
            return True
        then, now = saved.get("since_boot"), since_boot()
        if then is None or now is None or then > now:
            return False
        return bool(process.create_time() - psutil.boot_time() <= then + 2)
    except (psutil.NoSuchProcess, FileNotFoundError):
        return False
    except (psutil.Error, OSError):
        return True


def _process_lives(saved: Mapping[str, Any], path: str) -> bool:
    """Is there a process by the number of an endpoint's owner? To be careful: ending one ends the work that uses
    it, and a clock that was set moves start times."""
    import psutil

    return bool(psutil.pid_exists(int(saved["pid"])))
