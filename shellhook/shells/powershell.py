"""PowerShell 7, and Windows PowerShell 5.1."""

from __future__ import annotations

from shellhook.shells.posix import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROFILE = "Microsoft.PowerShell_profile.ps1"


def quote(text: str) -> str:
    """A single-quoted literal; for what is not printable ASCII, an expression of such literals and character codes.

    ASCII, since Windows PowerShell reads a file without a byte-order mark in the machine's code page, and so that
    U+2018 to U+201B, which end a '...' as the straight quote does, never stand in one. Raises ValueError for a NUL.
    """
    if "\0" in text:
        raise ValueError("a text with a NUL cannot be a path or a name")
    if not text.isascii() or not text.isprintable():
        return _in_ascii(text)
    return "'" + text.replace("'", "''") + "'"


def _in_ascii(text: str) -> str:
    # It begins with a literal: [char] + string would be a sum of numbers.
    parts, plain = [], ""
    for letter in text:
        if " " <= letter <= "~":
            plain += letter
            continue
        parts.append(quote(plain))
        utf16 = letter.encode("utf-16-be", "surrogatepass")
        parts += [f"[char]0x{utf16[at : at + 2].hex().upper()}" for at in range(0, len(utf16), 2)]
        plain = ""
    return f"({' + '.join([*parts, quote(plain)])})"


def render(assignments: Mapping[str, str], removals: Sequence[str]) -> str:
    """Lines for the hook: NAME=value sets, NAME removes. Not code: what PowerShell evaluates can end in an event log.

    In values %, CR and LF are percent-encoded, and nothing else is. Raises ValueError for what no environment can hold.
    """
    check([*assignments, *removals], list(assignments.values()))
    if any("\ud800" <= letter <= "\udfff" for value in assignments.values() for letter in value):
        raise ValueError("a value that is not text cannot be put into PowerShell's environment")
    lines = [f"{name}={_encode(value)}\n" for name, value in assignments.items()]
    return "".join([*lines, *(f"{name}\n" for name in removals)])


def _encode(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def startup_file(environ: Mapping[str, str]) -> str:
    """$PROFILE of the PowerShell that this environment comes from.

    Elsewhere than on Windows it lies in $XDG_CONFIG_HOME/powershell. On Windows each edition has its own folder in
    Documents, which OneDrive moves: PSModulePath, which PowerShell exports, names both. Without it: PowerShell 7.
    """
    if environ.get("OS") != "Windows_NT":
        import os.path

        home = environ.get("HOME") or os.path.expanduser("~")
        return os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "powershell", PROFILE)
    import ntpath

    given = {name.upper(): value for name, value in environ.items()}  # as Windows sees names
    machine = tuple(
        given[name].lower() for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "SYSTEMROOT") if given.get(name)
    )
    for path in given.get("PSMODULEPATH", "").split(";"):
        folder, modules = ntpath.split(path.rstrip("\\/"))
        edition = ntpath.basename(folder).lower()
        users = not folder.lower().startswith(machine)
        if users and modules.lower() == "modules" and edition in ("powershell", "windowspowershell"):
            return ntpath.join(folder, PROFILE)
    return ntpath.join(given.get("USERPROFILE", ""), "Documents", "PowerShell", PROFILE)


def line(path: str) -> str:
    """Sources the hook if it is there, and says nothing if shellhook was removed. Test-Path would load a module."""
    return f"if ([System.IO.File]::Exists({quote(path)})) {{ . {quote(path)} }}"


def init_line() -> str:
    """For those who would rather have no file: costs a process at each start. Invoke-Expression would load a module."""
    return '. ([scriptblock]::Create((shellhook init powershell) -join "`n"))'
