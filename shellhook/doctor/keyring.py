"""The operating system's keyring: only where it is needed is it a fault that there is none. It is not asked otherwise,
and never with a dialog."""

from __future__ import annotations

from importlib.util import find_spec

from shellhook import os_keyring
from shellhook.doctor import fail, ok
from shellhook.errors import ShellhookError
from shellhook.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shellhook.doctor import Finding
    from shellhook.profiles import Configuration

CHECK = "keyring"
_NOBODYS = "doctor"  # a name that nothing is kept under


def needed(environ: Mapping[str, str], configuration: Configuration) -> list[str]:
    """What needs it: the setting, or keys that are kept there, with file and line."""
    from shellhook.keys import held

    found = []
    setting = Settings(environ).get("session_store", None)
    if setting.value == "keyring":
        found.append(f"session_store ({setting.where})")
    found += [f"the key of {each.profile} ({each.where})" for each in held.all_in(configuration)]
    return found


def usable(reasons: list[str]) -> Iterator[Finding]:
    """Can it be asked, without anybody being asked?"""
    if not reasons:
        yield ok(CHECK, "not needed: sessions are kept in files, and no key is kept there")
        return
    wanted = f"needed for {reasons[0]}" + (f" and {len(reasons) - 1} more" if len(reasons) > 1 else "")
    missing = [name for name in ("keyring", "cryptography") if find_spec(name) is None]
    if missing:
        yield fail(CHECK, f"{wanted}; {' and '.join(missing)} is not installed", "pip install 'shellhook[keyring]'")
        return
    os_keyring.never_ask()
    try:
        os_keyring.get(_NOBODYS)
    except ShellhookError as error:
        why = f" ({error.why})" if error.why else ""
        yield fail(CHECK, f"{wanted}; {error.what}{why}", error.remedy)
        return
    import keyring

    backend = keyring.get_keyring()
    yield ok(CHECK, f"{wanted}; {type(backend).__module__}.{type(backend).__name__} answers")
