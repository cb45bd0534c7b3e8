"""Profiles for what the portal offers: a block of the user's config file, between two marked lines.

Everything outside the marks stays as it is to the byte. Inside, a section is known by its account and role: what the
user has changed in it, its name too, stays. Pure: what is assigned is given, and the new content comes back.
"""

from __future__ import annotations

import itertools

from shellhook import sections
from shellhook.errors import BadConfiguration, WrongUsage
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from shellhook.sso.center import Center

TEMPLATE = "{account}-{role}"
_FIELDS = ("account", "account_id", "role", "session")


class Assignment(Record):
    """A role that somebody has in an account. `account_name` is "" where the portal knows none."""

    account: str
    account_name: str
    role: str


class Change(Record):
    """The config file before and after. `added` and `gone` are names of profiles: `gone` are those whose role is not
    assigned any more, which stay unless they are to be pruned."""

    before: bytes
    after: bytes
    added: tuple[str, ...]
    gone: tuple[str, ...]


class _Block(Record):
    """What stands between the marks: where that is in the file (offsets), the lines before the first section, and the
    lines of each section, its header first. `newline` is how the line of the first mark ends."""

    start: int
    end: int
    head: tuple[bytes, ...]
    sections: tuple[tuple[bytes, ...], ...]
    newline: bytes


def marks(center: Center) -> tuple[str, str]:
    """The lines around the profiles of a center."""
    return f"# >>> shellhook sso {center.shown} >>>", f"# <<< shellhook sso {center.shown} <<<"


def check_template(template: str) -> None:
    """Raises WrongUsage for a template with a field that there is not, or that would call all profiles the same."""
    import string

    try:
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError as error:
        raise WrongUsage(f"--template {template!r}: {error}") from None
    known = ", ".join(f"{{{name}}}" for name in _FIELDS)
    unknown = fields.difference(_FIELDS)
    if unknown:
        raise WrongUsage(f"--template {template!r}: there is no {{{min(unknown)}}}", remedy=f"there are {known}")
    if "role" not in fields or not fields & {"account", "account_id"}:
        raise WrongUsage(f"--template {template!r} names no account, or no role", remedy=f"use of {known}")


def planned(
    content: bytes,
    center: Center,
    assignments: Iterable[Assignment],
    taken: Collection[str],
    *,
    template: str = TEMPLATE,
    region: str | None = None,
    prune: bool = False,
) -> Change:
    """The config file with a profile for each assignment. `taken` are the names of all profiles that there are.

    Raises BadConfiguration if the marks are damaged, WrongUsage for a template that makes no names.
    """
    block = _block(content, center)
    newline = block.newline if block else b"\r\n" if b"\r\n" in content else b"\n"
    wanted = {(each.account, each.role): each for each in assignments}
    assigned = set(wanted)
    kept: list[tuple[bytes, ...]] = []
    gone = []
    for section in block.sections if block else ():
        key = _assigned(section, center)
        if key in assigned:
            wanted.pop(key, None)  # the user may have more than one for it: another region, say
        elif key is not None:
            gone.append(_title(section))
            if prune:
                kept.append(_comments_below(section))
                continue
        kept.append(section)
    names = set(taken)
    added = []
    for each in sorted(wanted.values(), key=lambda item: (item.account_name.lower(), item.account, item.role)):
        name = _name(template, center, each, names)
        names.add(name)
        added.append(name)
        written = sections.text(sections.header(name), _settings(center, each, region)).encode()
        kept.append((*[line + newline for line in written.split(b"\n")], newline))
    after = _written(content, center, block, kept, newline) if kept or block else content
    return Change(before=content, after=after, added=tuple(added), gone=tuple(gone))


def _settings(center: Center, assignment: Assignment, region: str | None) -> Mapping[str, str]:
    if center.name is not None:
        where = {"sso_session": center.name}
    else:
        where = {"sso_start_url": center.start_url, "sso_region": center.region}
    settings = {**where, "sso_account_id": assignment.account, "sso_role_name": assignment.role}
    return settings if region is None else {**settings, "region": region}


def _name(template: str, center: Center, assignment: Assignment, taken: Collection[str]) -> str:
    """A name that is not taken: by the template, else with the account's number, which no other account has."""
    fields = {
        "account": _plain(assignment.account_name).lower() or assignment.account,
        "account_id": assignment.account,
        "role": _plain(assignment.role),
        "session": _plain(center.shown),
    }
    name = template.format(**fields)
    for form in (name, template.format(**{**fields, "account": assignment.account}), f"{name}-{assignment.account}"):
        if form not in taken:
            return form
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def _plain(text: str) -> str:
    """The text in letters, digits and `_+=,.@-`, what a profile's name needs no quotes for."""
    words = "".join(letter if letter.isalnum() or letter in "_+=,.@-" else " " for letter in text).split()
    return "-".join(words)


def _block(content: bytes, center: Center) -> _Block | None:
    """The block as it is. Raises BadConfiguration if only one of its marks is there, or one twice."""
    begin, end = (mark.encode() for mark in marks(center))
    places: dict[bytes, list[tuple[int, int]]] = {begin: [], end: []}
    offset = 0
    for line in content.splitlines(keepends=True):
        if line.strip() in places:
            places[line.strip()].append((offset, offset + len(line)))
        offset += len(line)
    begins, ends = places[begin], places[end]
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or begins[0] > ends[0]:
        raise BadConfiguration(
            "the profiles of the last sync cannot be told from yours",
            why=f"there must be one line {begin.decode()}\nand, below it, one line {end.decode()}",
            remedy="restore the two lines, or remove what is left of them",
        )
    lines = content[begins[0][1] : ends[0][0]].splitlines(keepends=True)
    headers = [number for number, line in enumerate(lines) if line.startswith(b"[")]
    bounds = [*headers, len(lines)]
    return _Block(
        start=begins[0][1],
        end=ends[0][0],
        head=tuple(lines[: bounds[0]]),
        sections=tuple(tuple(lines[here:there]) for here, there in itertools.pairwise(bounds)),
        newline=content[begins[0][0] : begins[0][1]].partition(begin)[2].lstrip(b" \t") or b"\n",
    )


def _comments_below(section: Sequence[bytes]) -> tuple[bytes, ...]:
    """The comment that a section ends in: it stands above the next one, and may be about that."""
    lines = itertools.takewhile(lambda line: line.lstrip().startswith((b"#", b";")), reversed(section[1:]))
    return tuple(reversed([*lines]))


def _assigned(section: Sequence[bytes], center: Center) -> tuple[str, str] | None:
    """Account and role of a section; None if it is none of ours, another center's included."""
    settings = {}
    for line in section[1:]:
        text = line.decode("utf-8", "surrogateescape")
        name = text.partition("=")[0].partition(":")[0]  # whichever comes first
        settings[name.strip().lower()] = text[len(name) + 1 :].strip()
    theirs = settings.get("sso_session"), settings.get("sso_start_url")
    if theirs[0] != center.name or (center.name is None and theirs[1] != center.start_url):
        return None
    account, role = settings.get("sso_account_id"), settings.get("sso_role_name")
    return (account, role) if account and role else None


def _title(section: Sequence[bytes]) -> str:
    header = section[0].decode("utf-8", "surrogateescape").strip()
    return header[1:-1].removeprefix("profile").strip().strip("\"'")


def _written(
    content: bytes, center: Center, block: _Block | None, kept: Sequence[Sequence[bytes]], newline: bytes
) -> bytes:
    middle = b"".join([*(block.head if block else ()), *(line for section in kept for line in section)])
    if block:
        return content[: block.start] + middle + content[block.end :]
    begin, end = (mark.encode() + newline for mark in marks(center))
    gap = b"" if not content else newline if content.endswith((b"\n", b"\r")) else newline * 2
    return content + gap + begin + middle + end
