"""Changes to one section of an AWS file, the rest untouched to the byte."""

from __future__ import annotations

import contextlib
import os
import stat

from shellhook.errors import BadConfiguration, ShellhookError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shellhook.profiles import Where


def header(profile: str) -> str:
    """The header of a profile in the config file. Names that are more than one plain word are quoted, as botocore's
    shlex.split takes them apart again (configloader.py, build_profile_map).

    Raises ShellhookError for a name that cannot be written so.
    """
    if any(not letter.isprintable() or letter == "]" for letter in profile) or not profile:
        raise ShellhookError(f"{profile!r} cannot be the name of a profile")
    if profile == "default":
        return "[default]"
    plain = all(letter.isalnum() or letter in "_@%+=:,./-" for letter in profile)
    escaped = profile.replace("\\", "\\\\").replace('"', '\\"')
    return f"[profile {profile}]" if plain else f'[profile "{escaped}"]'


def append(path: str, title: str, settings: Mapping[str, str]) -> None:
    """Add a section at the end of a file, which is made if it is not there."""
    content = _read(path)
    newline = _newline(content)
    gap = b"" if not content else newline if content.endswith((b"\n", b"\r")) else newline * 2
    replace(path, content + gap + newline.join(_lines(title, settings)) + newline)


def insert(where: Where, profile: str, settings: Mapping[str, str]) -> None:
    """Add settings, which it must not have yet, right below the header of a profile.

    Raises BadConfiguration if another line stands there: the file may have changed since it was read.
    """
    content = _read(where.file)
    lines = content.splitlines(keepends=True)
    above, below = lines[: where.line], lines[where.line :]
    if len(above) < where.line or not _is_header(above[-1], profile):
        raise BadConfiguration(f"{where} has changed meanwhile", remedy="try again")
    newline = _newline(content)
    if not above[-1].endswith((b"\n", b"\r")):
        above.append(newline)
    indent = _indent(below)
    added = [indent + line + newline for line in _lines("", settings)[1:]]
    replace(where.file, b"".join([*above, *added, *below]))


def replace(path: str, content: bytes) -> None:
    """Write a file of the user's in one step: a temporary one beside it takes its place, with its permissions. A
    symbolic link stays one."""
    target = os.path.realpath(path)
    directory = os.path.dirname(target)
    temporary = f"{target}.{os.urandom(8).hex()}"
    try:
        os.makedirs(directory, 0o700, exist_ok=True)
        mode = stat.S_IMODE(os.stat(target).st_mode) if os.path.exists(target) else 0o600
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the new name with nothing in it
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except OSError as error:
        raise ShellhookError(f"{path} cannot be written", why=str(error.strerror)) from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def text(title: str, settings: Mapping[str, str]) -> str:
    """A section as it will be written."""
    return "\n".join(line.decode() for line in _lines(title, settings))


def _lines(title: str, settings: Mapping[str, str]) -> Sequence[bytes]:
    for name, value in settings.items():
        if any(letter in "\r\n\0" for letter in value):
            raise ShellhookError(f"{name} cannot be written to a file: it has more than one line")
    return [title.encode(), *(f"{name} = {value}".encode() for name, value in settings.items())]


def _is_header(line: bytes, profile: str) -> bool:
    """Is this the header of a profile in the config file, however it is spelled?"""
    import shlex

    text = line.decode("utf-8", "surrogateescape").removeprefix("\ufeff").strip()
    try:
        words = shlex.split(text[1 : text.rfind("]")]) if text.startswith("[") else []
    except ValueError:
        return False
    return words == ["default"] == [profile] or (len(words) == 2 and words[1] == profile)


def _indent(lines: Sequence[bytes]) -> bytes:
    """The indentation of the next line that means something: deeper than what we put before it, it would be read as
    the rest of our value."""
    for line in lines:
        text = line.decode("utf-8", "surrogateescape")
        bare = text.strip()
        if bare and not bare.startswith(("#", ";")):
            return text[: len(text) - len(text.lstrip())].encode("utf-8", "surrogateescape")
    return b""


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ShellhookError(f"{path} cannot be read", why=str(error.strerror)) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadConfiguration(f"{path} is UTF-16, which `aws` cannot read", remedy="save it as UTF-8")
    return content


def _newline(content: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in content else b"\n"
