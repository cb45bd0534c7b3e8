"""One AWS file: its sections, and what each says, exactly as `configparser` reads them for botocore.

A file is only searched for its headers here, and a section is parsed when it is asked for. What makes `configparser`
refuse the whole file costs the section it stands in at most, and is reported with file and line, never with its text:
it may be a key.
"""

from __future__ import annotations

import os
from io import BytesIO, TextIOWrapper

from shellhook.errors import BadConfiguration
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Options = dict[str, tuple[str | dict[str, str], int]]  # key -> value or nested block, number of its line

REFUSED = "`aws` refuses the whole file until it is mended"


class Where(Record):
    """A place in a file, to show to people."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class IniFile:
    """One file: its text, and where its sections are.

    sections: header as it stands between the brackets -> its index in `_bounds`. [DEFAULT], duplicates and headers
    that cannot be decoded have bounds but no entry. `raw` is its content, where that was read already.
    """

    def __init__(self, path: str, raw: bytes | None = None) -> None:
        self.path = path
        self.exists = raw is not None or os.path.isfile(path)  # no directory or pipe, as for botocore
        self.warnings: list[str] = []
        self.sections: dict[str, int] = {}
        self._bounds: list[tuple[int, int, int]] = []  # line number of a header, offsets of its line and of the next
        self._undecoded = False
        self._text = self._decode(self._load() if raw is None else raw) if self.exists else "\n"
        self._inherited, problems = self._parse(self._index())
        if problems:
            self._inherited = {}
            self.warnings += [f"{problem}; {REFUSED}" for problem in problems]

    def where(self, header: str) -> Where:
        """The line of a header."""
        return Where(file=self.path, line=self._bounds[self.sections[header]][0])

    def lines(self, header: str) -> range:
        """The numbers of the lines of a section, its header's first."""
        index = self.sections[header]
        behind, _, _ = self._bounds[index + 1]
        return range(self._bounds[index][0], behind or self._text.count("\n") + 1)

    def options(self, header: str) -> tuple[Options, list[str]]:
        """What a section says and inherits from [DEFAULT], and what is wrong with it ("FILE:LINE: ...")."""
        options, problems = self._parse([self.sections[header]])
        return {**self._inherited, **options}, problems

    def _load(self) -> bytes:
        try:
            with open(self.path, "rb") as file:
                return file.read()
        except OSError as error:
            raise BadConfiguration(
                f"{self.path} cannot be read",
                why=error.strerror or "",
                remedy="make it yours to read, or name another in AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE",
            ) from None

    def _decode(self, raw: bytes) -> str:
        """The text, line ends as in Python's text mode, the last line ended.

        A file that is not UTF-8 goes by the locale. botocore goes by the locale at once: the same but on Windows.
        """
        marked = raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
        if marked:
            self._warn(1, "the file starts with a byte-order mark")
        try:
            text = raw.decode("utf-16" if marked and raw[:1] != b"\xef" else "utf-8")
        except UnicodeDecodeError as error:
            try:
                text = TextIOWrapper(BytesIO(raw), encoding="locale", newline="").read()
            except UnicodeDecodeError:
                self._warn(raw.count(b"\n", 0, error.start) + 1, "bytes that are not UTF-8")
                self._undecoded, text = True, raw.decode("utf-8", "surrogateescape")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text.removeprefix("\ufeff") + ("" if text.endswith("\n") else "\n")

    def _index(self) -> list[int]:
        """Find the headers: `[...]` at the start of a line, or indented where it does not continue a value.

        Returns the indices of the [DEFAULT] sections, of which configparser allows any number.
        """
        text, sections, bounds, defaults = self._text, self.sections, self._bounds, []
        number, counted, bracket = 1, 0, text.find("[")
        while bracket >= 0:
            line, end = text.rfind("\n", 0, bracket) + 1, text.find("\n", bracket)
            close = text.rfind("]", bracket, end)  # the last one; what follows it is ignored
            indented = text[line:bracket]
            if close > bracket + 1 and (not indented or (indented.isspace() and not self._continues(end))):
                header = text[bracket + 1 : close]
                number, counted = number + text.count("\n", counted, line), line
                if header == "DEFAULT":
                    defaults.append(len(bounds))
                elif header in sections:
                    self._warn(number, f"the same section as in line {self.where(header).line}, ignored")
                elif not (self._undecoded and self._is_undecoded(header)):
                    sections[header] = len(bounds)
                bounds.append((number, line, end + 1))
            bracket = text.find("[", end)
        bounds.append((0, len(text), len(text)))
        for stray, _, _ in _lines(text[: bounds[0][1]], 1):
            self._warn(stray, "text before the first section, ignored")
            break
        return defaults

    def _continues(self, end: int) -> bool:
        """Whether the line that ends at this offset continues the value of an option."""
        return bool(self._bounds) and [at for _, _, at in _lines(self._text[self._bounds[-1][2] : end])][-1] is None

    def _parse(self, sections: list[int]) -> tuple[Options, list[str]]:
        """The bodies of these sections, read as `RawConfigParser._read` does, and what is wrong with them."""
        found: dict[str, list[tuple[int, str]]] = {}
        problems: list[str] = []
        for section in sections:
            header_line, _, start = self._bounds[section]
            value: list[tuple[int, str]] = []
            for number, text, at in _lines(self._text[start : self._bounds[section + 1][1]], header_line + 1):
                key = text[:at].rstrip().lower()
                if self._undecoded and self._is_undecoded(text):
                    problems.append(f"{self.path}:{number}: bytes that are not UTF-8")
                elif at is None:
                    value.append((number, text))
                elif at < 1:
                    problems.append(f"{self.path}:{number}: not `name = value`")
                elif key in found:
                    problems.append(f"{self.path}:{number}: the same name as in line {found[key][0][0]}")
                else:
                    value = found[key] = [(number, text[at + 1 :].strip())]
        options: Options = {}
        for key, value in found.items():
            joined = "\n".join([text for _, text in value]).rstrip()
            options[key] = (self._nested(value, problems) if joined[:1] == "\n" else joined), value[0][0]
        return options, problems

    def _nested(self, lines: list[tuple[int, str]], problems: list[str]) -> dict[str, str]:
        """`_parse_nested` of botocore/configloader.py: only `=` divides, of two equal names the last one counts."""
        block: dict[str, str] = {}
        for number, text in lines:
            for line in text.splitlines():
                name, equals, value = line.partition("=")
                if equals:
                    block[name.strip()] = value.strip()
                elif line.strip():
                    problems.append(f"{self.path}:{number}: not `name = value`, in an indented block")
        return block

    @staticmethod
    def _is_undecoded(text: str) -> bool:
        return text != text.encode(errors="ignore").decode()

    def _warn(self, line: int, what: str) -> None:
        self.warnings.append(f"{self.path}:{line}: {what}; {REFUSED}")


def _lines(text: str, first: int = 0) -> Iterator[tuple[int, str, int | None]]:
    """(number, stripped text, place of its delimiter) for each line that means something to `RawConfigParser._read`.

    The place is -1 where there is no delimiter, and None for a line that continues a value: an empty one, or one that
    is indented deeper than the option's name. Comments mean nothing, nor does their indentation.
    """
    in_option, indent = False, 0
    for number, line in enumerate(text.split("\n"), first):
        bare = line.strip()
        if not bare:
            if in_option:
                yield number, bare, None
        elif bare[0] not in "#;":
            depth = len(line) - len(line.lstrip())
            if in_option and depth > indent:
                yield number, bare, None
            else:
                delimiter = bare.replace(":", "=").find("=")
                indent, in_option = depth, delimiter > 0 or (in_option and delimiter < 0)
                yield number, bare, delimiter


def words(text: str) -> list[str] | None:
    """`shlex.split`; None where that fails, at an open quote or a backslash with nothing behind it."""
    if text.isprintable() and '"' not in text and "'" not in text and "\\" not in text:
        return text.split()  # printable: of all the blanks that split() knows it has spaces only, as shlex would want
    words: list[str] = []
    word: str | None = None
    quote = ""
    characters = iter(text)
    for character in characters:
        added = character
        if character == "\\" and quote != "'":
            escaped = next(characters, None)
            if escaped is None:
                return None
            added = "\\" + escaped if quote and escaped not in '"\\' else escaped
        elif quote:
            if character == quote:
                quote, added = "", ""
        elif character in "'\"":
            quote, added = character, ""
        elif character in " \t\r\n":
            words += [] if word is None else [word]
            word = None
            continue
        word = (word or "") + added
    if quote:
        return None
    return words if word is None else [*words, word]
