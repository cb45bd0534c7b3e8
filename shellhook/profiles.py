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

from shellhook.errors import BadConfiguration, NoSuchProfile
from shellhook.ini import REFUSED, IniFile, Where, words
from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.ini import Options

__all__ = ["Configuration", "Files", "Profile", "Where", "locate", "read"]

# Which command writes the first profile.
NONE_YET = "with an access key: aws configure\nwith IAM Identity Center (AWS SSO): aws configure sso"

OWN_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token", "aws_account_id")


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
        So it is for the keys of another profile's `source_profile`; only the question whether it has any looks at both.
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
        self._config, self._credentials = IniFile(files.config), IniFile(files.credentials)
        self.warnings = self._config.warnings + self._credentials.warnings
        self._headers: dict[str, dict[str, str]] = {"profile": {}, "sso-session": {}, "services": {}}
        for header in self._config.sections:  # `build_profile_map` of botocore/configloader.py
            for kind, headers in self._headers.items():
                if header.startswith(kind):
                    split = words(header)
                    if split and len(split) == 2:  # O28
                        headers[split[1]] = header  # of two spellings the last one counts (O1)
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

    def sso_sessions(self) -> list[str]:
        """Names of `[sso-session NAME]`, in the file's order."""
        return list(self._headers["sso-session"])

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
                raise BadConfiguration(f"{kind} {name!r} cannot be used", why=why, remedy=f"mend that line; {REFUSED}")
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
        remedy = "see which there are: shellhook list" if names else NONE_YET
        if name in config.sections:  # O6
            remedy = f"{config.where(name)}: in this file a header is written [profile NAME]"
        elif f"profile {name}" in credentials.sections:  # O5
            remedy = f"{credentials.where(f'profile {name}')}: in this file a header is written [NAME]"
        else:
            from difflib import get_close_matches

            spelled = {known.lower(): known for known in names}
            near = [repr(spelled[known]) for known in get_close_matches(name.lower(), spelled)]
            remedy = f"did you mean {' or '.join(near)}?" if near else remedy
        from shellhook.choice import meant

        looked = [file.path if file.exists else f"{file.path} (does not exist)" for file in (config, credentials)]
        error = NoSuchProfile(f"no profile {name!r}", why=f"looked in {' and '.join(looked)}", remedy=remedy)
        error.meant = meant(name, names)
        return error
