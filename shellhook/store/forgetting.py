"""What the user wants out of the store: the sessions of a profile, of a login, or all."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.store import Store


def forget(store: Store, profile: str | None) -> int:
    """Delete the sessions and markers of a profile, or of all, what was learned about its requests, and that it was
    used. Gives the number of sessions."""
    forgotten = 0
    if os.path.exists(store.directory):
        store.files.own()
    if uses := store.uses():
        store.put_uses({name: use for name, use in uses.items() if profile not in (None, name)})
    for name in store.files.names("sessions"):
        saved = store.files.load("sessions", name)
        if profile is None or not saved or saved.get("profile") == profile:
            store.files.unlink("sessions", name)
            forgotten += 1
    for name in store.files.names("markers"):
        lines = (store.files.read("markers", name) or b"").decode("utf-8", "replace").splitlines()
        if profile is None or lines[1:2] == [profile]:
            store.files.unlink("markers", name)
    for name in store.files.names("requests"):
        saved = store.request(name)
        if saved and saved.get("learned") and profile in (None, saved["request"].get("profile")):
            # Without what was learned the plan is another, and so is its session: not because the profile changed.
            kept = {field: value for field, value in saved.items() if field != "session"}
            store.files.save("requests", name, {**kept, "learned": {}})
    return forgotten


def forget_login(store: Store, sign_in: str | None) -> int:
    """Delete the sessions that came from a login to IAM Identity Center, or from any, and the markers of them.
    Gives the number of sessions."""
    forgotten = set()
    for name in store.files.names("sessions"):
        saved = store.files.load("sessions", name) or {}
        if saved.get("sign_in") is not None and sign_in in (None, saved["sign_in"]):
            store.files.unlink("sessions", name)
            forgotten.add(name)
    for name in store.files.names("requests"):
        if (store.request(name) or {}).get("session") in forgotten:
            store.files.unlink("markers", name)
    return len(forgotten)
