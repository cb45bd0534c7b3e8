"""Changes to one section of an AWS file, the rest untouched to the byte."""

from __future__ import annotations

from shellhook.errors import BadConfiguration, ShellhookError
from shellhook.ini import IniFile, words
from shellhook.user_files import held, read, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shellhook.ini import Options
    from shellhook.profiles import Where


def header(profile: str) -> str:
    """The header of a profile in the config file. Names that are more than one plain word are quoted, as botocore's
    shlex.split takes them apart again (configloader.py, build_profile_map).

    Raises ShellhookError for a name that cannot be written so.
    """
    if any(not letter.isprintable() or letter == "]" for letter in profile) or not profile:
        raise ShellhookError(
            f"{profile!r} cannot be the name of a profile",
            why="a name has no ], and no tab, line end or other character that does not show",
        )
    if profile == "default":
        return "[default]"
    plain = all(letter.isalnum() or letter in "_@%+=:,./-" for letter in profile)
    escaped = profile.replace("\\", "\\\\").replace('"', '\\"')
    return f"[profile {profile}]" if plain else f'[profile "{escaped}"]'


def append(path: str, title: str, settings: Mapping[str, str]) -> None:
    """Add a section at the end of a file, which is made if it is not there."""
    with held(path):
        content = read(path)
        replace(path, content + gap_behind(content) + added(content, title, settings))


def added(content: bytes, title: str, settings: Mapping[str, str]) -> bytes:
    """A section as it is to stand in a file with that content."""
    newline = _newline(content)
    return newline.join(_lines(title, settings)) + newline


def gap_behind(content: bytes) -> bytes:
    """What is to stand between that content and a section behind it: a blank line."""
    newline = _newline(content)
    return b"" if not content else newline if content.endswith((b"\n", b"\r")) else newline * 2


def find(file: IniFile, profile: str, *, in_config: bool) -> str | None:
    """The header of a profile, as it stands between the brackets; None if there is none. Of several spellings in the
    config file the last one counts (botocore/configloader.py, build_profile_map)."""
    if not in_config:
        return profile if profile in file.sections else None
    named = [header for header in file.sections if header == "default" == profile or _is_named(header, profile)]
    return named[-1] if named else None


def values(file: IniFile, header: str) -> dict[str, str]:
    """What a section itself says, nested blocks left out. Raises BadConfiguration if it is broken."""
    lines = file.lines(header)
    found = _options(file, header).items()
    return {key: value for key, (value, line) in found if line in lines and isinstance(value, str)}


def changed(file: IniFile, content: bytes, header: str, settings: Mapping[str, str], dropped: Collection[str]) -> bytes:
    """The content with these settings in a section: where one stands there already, its value alone is another one; the
    rest is put below the header. Those that are `dropped` are taken out.

    Raises BadConfiguration if the section is broken.
    """
    lines, places = content.splitlines(keepends=True), _places(file, header)
    new = dict(zip(settings, _lines("", settings)[1:], strict=True))
    for key in sorted(places.keys() & {*settings, *dropped}, key=lambda key: -places[key].start):
        place = places[key]
        kept = [line for line in lines[place.start + 1 : place.stop] if not line.strip() or _is_comment(line)]
        first = [_with_value(lines[place.start], settings[key])] if key in settings else []
        lines[place.start : place.stop] = [*first, *kept]
    missing = [line for key, line in new.items() if key not in places]
    at, newline = file.lines(header).start, _newline(content)
    if missing and not lines[at - 1].endswith((b"\n", b"\r")):
        lines[at - 1] += newline
    indent = _indent(lines[at:])
    lines[at:at] = [indent + line + newline for line in missing]
    return b"".join(lines)


def removed(file: IniFile, content: bytes, header: str, keys: Collection[str], gap: bytes | None) -> bytes:
    """The content without these settings of a section; and without its header, if no setting is left, and the gap that
    was made before it. `gap` is None if the header is to stay. Comments stay wherever they are.

    Raises BadConfiguration if the section is broken.
    """
    left = changed(file, content, header, {}, keys)
    if gap is None or _places(file, header).keys() - set(keys):
        return left
    lines, at = left.splitlines(keepends=True), file.lines(header).start
    before, behind = b"".join(lines[: at - 1]), b"".join(lines[at:])
    if gap and before.endswith(gap):
        # The last line had no end: it needs one if something follows.
        ended = before[: -len(gap)].endswith((b"\n", b"\r"))
        before = before[: -len(gap)] + (b"" if ended or not behind else _newline(content))
    return before + behind


def insert(where: Where, profile: str, settings: Mapping[str, str]) -> None:
    """Add settings, which it must not have yet, right below the header of a profile.

    Raises BadConfiguration if another line stands there: the file may have changed since it was read.
    """
    with held(where.file):
        replace(where.file, _inserted(read(where.file), where, profile, settings))


def _inserted(content: bytes, where: Where, profile: str, settings: Mapping[str, str]) -> bytes:
    lines = content.splitlines(keepends=True)
    above, below = lines[: where.line], lines[where.line :]
    if len(above) < where.line or not _is_header(above[-1], profile):
        raise BadConfiguration(f"{where} has changed meanwhile", remedy="try again")
    newline = _newline(content)
    if not above[-1].endswith((b"\n", b"\r")):
        above.append(newline)
    indent = _indent(below)
    added = [indent + line + newline for line in _lines("", settings)[1:]]
    return b"".join([*above, *added, *below])


def amended(content: bytes, changes: Mapping[int, tuple[str, str | None]]) -> bytes:
    """The content of a file with some settings of one line changed: number of a line -> the name that it sets, and what
    is to stand there instead; None takes the line out. Indentation and line end stay.

    Taking one out makes no other line the rest of a value: the one below it is not deeper, nor it than the one above.

    Raises BadConfiguration if a line sets something else.
    """
    lines = content.splitlines(keepends=True)
    for number, (name, wanted) in changes.items():
        line = lines[number - 1] if number <= len(lines) else b""
        bare = line.strip()
        if bare.replace(b":", b"=").partition(b"=")[0].strip().lower() != name.encode():
            raise BadConfiguration(f"{name} is not in line {number} any more", remedy="try again")
        start, end = line.find(bare), line.find(bare) + len(bare)
        if wanted is None:
            lines[number - 1] = b""
        else:
            _lines("", {name: wanted})  # of one line
            lines[number - 1] = line[:start] + wanted.encode() + line[end:].lstrip(b" \t\f\v")
    return b"".join(lines)


def text(title: str, settings: Mapping[str, str]) -> str:
    """A section as it will be written."""
    return "\n".join(line.decode() for line in _lines(title, settings))


def _lines(title: str, settings: Mapping[str, str]) -> Sequence[bytes]:
    for name, value in settings.items():
        if any(letter in "\r\n\0" for letter in value):
            raise ShellhookError(f"{name} cannot be written to a file: it has more than one line")
    return [title.encode(), *(f"{name} = {value}".encode() for name, value in settings.items())]


def _options(file: IniFile, header: str) -> Options:
    options, problems = file.options(header)
    if problems:
        raise BadConfiguration(
            f"[{header}] cannot be changed as it is", why="\n".join(problems), remedy="mend it first"
        )
    return options


def _places(file: IniFile, header: str) -> dict[str, range]:
    """Where each setting of a section stands: the indices of its lines, up to the next one's."""
    lines = file.lines(header)
    starts = {key: line - 1 for key, (_, line) in _options(file, header).items() if line in lines}  # none of [DEFAULT]
    ends = sorted([*starts.values(), lines.stop - 1])
    return {key: range(start, next(end for end in ends if end > start)) for key, start in starts.items()}


def _with_value(line: bytes, value: str) -> bytes:
    """A setting's line with another value, spaced as it was."""
    delimiter = min(at for at in (line.find(b"="), line.find(b":")) if at >= 0) + 1
    former = line[delimiter:].strip()
    blanks = line[delimiter : line.index(former, delimiter)] if former else b" "
    return line[:delimiter] + blanks + value.encode() + line[len(line.rstrip(b"\r\n")) :]


def _is_comment(line: bytes) -> bool:
    return line.lstrip().startswith((b"#", b";"))


def _is_named(header: str, profile: str) -> bool:
    split = words(header) if header.startswith("profile") else None
    return split is not None and len(split) == 2 and split[1] == profile


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


def _newline(content: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in content else b"\n"
