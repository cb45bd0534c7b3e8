"""The session of this shell, and whether it can be renewed and undone."""

from __future__ import annotations

from shellhook import status
from shellhook.doctor import fail, ok, warn
from shellhook.store import is_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shellhook.doctor import Finding
    from shellhook.store import Store

CHECK = "session"


def of_shell(environ: Mapping[str, str], now: float) -> Iterator[Finding]:
    """What is on, at `now` (epoch)."""
    found = status.of(environ, now)
    shown = f"{found.profile or 'a session'}"
    if found.state == "none":
        other = "; there are keys of somebody else's" if environ.get("AWS_ACCESS_KEY_ID") else ""
        yield ok(CHECK, f"none is on in this shell{other}")
    elif found.state == "changed":
        yield warn(
            CHECK,
            f"{shown} is on, and somebody else has set keys, a profile or an endpoint over it: it is not renewed",
            "assume it again, or: assume --off",
        )
    elif found.state == "expired":
        yield warn(CHECK, f"{shown} has expired: AWS refuses what is run here", "assume --renew")
    elif found.left is None:
        yield ok(CHECK, f"{shown} is on; nobody knows for how long")
    else:
        yield ok(CHECK, f"{shown} is on, {status.span(found.left)} left")


def of_store(environ: Mapping[str, str], store: Store) -> Iterator[Finding]:
    """What the store has to have for renewal and `--off`. Raises ShellhookError if it cannot be read."""
    if status.of(environ, 0).state == "none":
        return
    for name, find, lost, remedy in (
        ("SHELLHOOK_REQUEST", store.request, "it cannot be renewed", "assume the profile again"),
        ("SHELLHOOK_BEFORE", store.before, "--off will clear all, and put nothing back", "a new shell has it all"),
    ):
        value = environ.get(name, "")
        if not is_digest(value):
            yield fail(CHECK, f"{name} is damaged", "assume --off, then the profile again", name)
        elif find(value) is None:
            yield warn(CHECK, f"the store does not know what {name} names: {lost}", remedy, name)
