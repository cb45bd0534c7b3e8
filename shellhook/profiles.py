"""Shared config files -> Profile objects, exactly as botocore reads them.

botocore hands each file to `configparser` and makes profiles of the sections (botocore/configloader.py, `full_config`
in botocore/session.py). At 1,000 profiles that takes longer than a stored session may need to reach the shell. So a
file is only searched for its headers here, and a section is parsed when it is asked for.

One difference, on purpose: what makes botocore refuse a whole file (a broken line, a duplicate, a byte-order mark,
bytes that are no text) costs the section it stands in at most, and is reported with file and line. Reports never
quote the file: it holds keys.
"""

from __future__ import annotations

import os
from io import BytesIO, TextIOWrapper

from shellhook.errors import BadConfiguration, NoSuchProfile
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Options = dict[str, tuple[str | dict[str, str], int]]  # key -> value or nested block, number of its line

OWN_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token", "aws_account_id")
REFUSED = "`aws` refuses the whole file until it is mended"


class Where(Record):
    """A place in a file, to show to people."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Profile(Record):
    """What both files say under one name; also the shape of `[sso-session x]` and `[services x]`.

    settings: lower-case key -> value; the credentials file wins key by key (botocore/session.py `full_config`, O3).
    nested: key -> block, where `s3 =` is followed by indented lines (O32). A key is in `settings` or in here.
    where: key -> the line it was taken from. header: the first header of that name.
    layers: the settings of each file alone, the credentials file's first.
    """

    name: str
    settings: dict[str, str]
    nested: dict[str, dict[str, str]]
    where: dict[str, Where]
    header: Where | None
    layers: tuple[dict[str, str], ...] = ()

    def get(self, key: str) -> str | None:
        """The value of a key; None if it is not there, or holds a nested block.

        `mfa_serial =` is there, and empty: "". botocore asks with `in` and `is not None` only (`AssumeRoleProvider` in
        botocore/credentials.py, `ChainProvider` in botocore/configprovider.py).
        """
        return self.settings.get(key)

    def static_keys(self) -> dict[str, str]:
        """The profile's own keys: those of the first file that names `aws_access_key_id`, credentials file first.

        So do `SharedCredentialProvider` and `ConfigProvider`, which look at one file each (botocore/credentials.py).
        The keys of another profile's `source_profile` are taken from `settings` instead, where both files mix.
        """
        for layer in self.layers:
            if "aws_access_key_id" in layer:
                return {key: layer[key] for key in OWN_KEYS if key in layer}
        return {}

    def __repr__(self) -> str:
        return f"Profile(name={self.name!r}, header={self.header}, keys={[*self.where]}; values not shown)"


class Files(Record):
    """Where the two files are, as absolute paths; neither needs to exist."""

    config: str
    credentials: str


def locate(environ: Mapping[str, str], directory: str | None = None) -> Files:
    """The paths botocore would read; relative ones start at `directory`, else at the current one.

    `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` may hold `$NAME` (of the process's environment) and then `~`; a
    variable that is set and empty names no file (`raw_config_parse` in botocore/configloader.py).
    """

    def path(variable: str, default: str) -> str:
        expanded = _expand_home(os.path.expandvars(environ.get(variable, default)), environ)
        return expanded if os.path.isabs(expanded) else os.path.join(directory or os.getcwd(), expanded)

    return Files(
        config=path("AWS_CONFIG_FILE", "~/.aws/config"),
        credentials=path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    )


def _expand_home(path: str, environ: Mapping[str, str]) -> str:
    """`os.path.expanduser`, but the home is that of `environ`, if it has one."""
    home = environ.get("USERPROFILE" if os.name == "nt" else "HOME")
    if home is None or path[:1] != "~" or path[1:2] not in ("", os.sep, os.altsep):
        return os.path.expanduser(path)
    return home.rstrip("/") + path[1:] or "/"


def read(files: Files) -> Configuration:
    """Read both files; one that does not exist or is no plain file is empty, as for botocore.

    Raises BadConfiguration if one may not be read (botocore takes it for empty).
    """
    return Configuration(files)


class Configuration:
    """Both files, searched for sections; a section is parsed when it is asked for.

    warnings: "FILE:LINE: what is wrong; ..." for what botocore would refuse the file for. `read` notices duplicate
    sections, text before the first section, byte-order marks and undecodable bytes; `check` notices everything.
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        self._config, self._credentials = _File(files.config), _File(files.credentials)
        self.warnings = self._config.warnings + self._credentials.warnings
        self._headers: dict[str, dict[str, str]] = {"profile": {}, "sso-session": {}, "services": {}}
        for header in self._config.sections:  # `build_profile_map` of botocore/configloader.py
            for kind, headers in self._headers.items():
                if header.startswith(kind):
                    words = _words(header)
                    if words and len(words) == 2:  # O28
                        headers[words[1]] = header  # of two spellings the last one counts (O1)
                    break
            else:
                if header == "default":
                    self._headers["profile"]["default"] = header

    def names(self) -> list[str]:
        """Profile names in file order, those of the config file first: botocore's `available_profiles`."""
        return list(dict.fromkeys([*self._headers["profile"], *self._credentials.sections]))

    def profile(self, name: str) -> Profile:
        """What both files say about a profile.

        Raises NoSuchProfile, or BadConfiguration if one of its sections is broken.
        """
        found = self._find("profile", name, name if name in self._credentials.sections else None)
        if found is None:
            raise self._no_such_profile(name)
        return found

    def sso_session(self, name: str) -> Profile | None:
        """`[sso-session NAME]` of the config file, None if there is none. Raises BadConfiguration if it is broken."""
        return self._find("sso-session", name)

    def services(self, name: str) -> Profile | None:
        """`[services NAME]` of the config file, likewise: `nested` is service -> {"endpoint_url": URL}."""
        return self._find("services", name)

    def check(self) -> list[str]:
        """Parse every section. Returns all warnings, which `warnings` has from then on too."""
        for file in (self._config, self._credentials):
            for header in file.sections:
                self.warnings += [f"{problem}; {REFUSED}" for problem in file.options(header)[1]]
        self.warnings[:] = dict.fromkeys(self.warnings)
        return self.warnings

    def _find(self, kind: str, name: str, in_credentials: str | None = None) -> Profile | None:
        places = (self._config, self._headers[kind].get(name)), (self._credentials, in_credentials)
        header: Where | None = None
        merged: Options = {}
        where: dict[str, Where] = {}
        layers: list[dict[str, str]] = []
        for file, section in places:
            if section is None:
                continue
            options, problems = file.options(section)
            if problems:
                why = "\n".join(problems)
                raise BadConfiguration(f"{kind} {name!r} cannot be used", why=why, remedy=f"mend it: {REFUSED}")
            header = header or file.where(section)
            merged.update(options)
            where.update({key: Where(file=file.path, line=line) for key, (_, line) in options.items()})
            layers.insert(0, {key: value for key, (value, _) in options.items() if isinstance(value, str)})
        if header is None:
            return None
        settings = {key: value for key, (value, _) in merged.items() if isinstance(value, str)}
        nested = {key: value for key, (value, _) in merged.items() if isinstance(value, dict)}
        return Profile(name=name, settings=settings, nested=nested, where=where, header=header, layers=tuple(layers))

    def _no_such_profile(self, name: str) -> NoSuchProfile:
        config, credentials, names = self._config, self._credentials, self.names()
        remedy = "" if names else "`aws configure` or `aws configure sso` writes the first one"
        if name in config.sections:  # O6
            remedy = f"{config.where(name)}: in this file a header is written [profile NAME]"
        elif f"profile {name}" in credentials.sections:  # O5
            remedy = f"{credentials.where(f'profile {name}')}: in this file a header is written [NAME]"
        else:
            from difflib import get_close_matches

            spelled = {known.lower(): known for known in names}
            near = [repr(spelled[known]) for known in get_close_matches(name.lower(), spelled)]
            remedy = f"did you mean {' or '.join(near)}?" if near else remedy
        looked = [file.path if file.exists else f"{file.path} (does not exist)" for file in (config, credentials)]
        return NoSuchProfile(f"no profile {name!r}", why=f"looked in {' and '.join(looked)}", remedy=remedy)


class _File:
    """One file: its text, and where its sections are.

    sections: header as it stands between the brackets -> its index in `_bounds`. [DEFAULT], duplicates and headers
    that cannot be decoded have bounds but no entry.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.exists = os.path.isfile(path)  # no directory or pipe, as for botocore
        self.warnings: list[str] = []
        self.sections: dict[str, int] = {}
        self._bounds: list[tuple[int, int, int]] = []  # line number of a header, offsets of its line and of the next
        self._undecoded = False
        self._text = self._decode(self._load()) if self.exists else "\n"
        self._inherited, problems = self._parse(self._index())
        if problems:
            self._inherited = {}
            self.warnings += [f"{problem}; {REFUSED}" for problem in problems]

    def where(self, header: str) -> Where:
        """The line of a header."""
        return Where(file=self.path, line=self._bounds[self.sections[header]][0])

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


def _words(text: str) -> list[str] | None:
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
