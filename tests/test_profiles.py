"""What the shared config files mean, row by row. `test_profiles_botocore` asks botocore about the same rows.

O1 to O33 are the rows of the table of botocore's answers that the project keeps; those about credentials are `plan`'s.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from shellhook.errors import BadConfiguration, NoSuchProfile
from shellhook.profiles import Configuration, Files, Profile, Where, locate, read

Content = str | bytes
Meaning = dict[str, dict[str, object]]  # profile -> key -> value or nested block


def write(directory: Path, config: Content = "", credentials: Content = "") -> Files:
    """The two files in a directory, byte for byte."""
    for name, content in (("config", config), ("credentials", credentials)):
        (directory / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return Files(config=str(directory / "config"), credentials=str(directory / "credentials"))


def meaning(configuration: Configuration) -> Meaning:
    """Every profile that can be used, as botocore would show it."""
    found: Meaning = {}
    for name in configuration.names():
        with suppress(BadConfiguration):
            profile = configuration.profile(name)
            found[name] = {**profile.settings, **profile.nested}
    return found


class Row(NamedTuple):
    """A pair of files, the profiles they make, and what is said of them."""

    title: str
    config: Content
    profiles: Meaning
    credentials: Content = ""
    warnings: tuple[str, ...] = ()  # FILE:LINE: what (the directory left out)


# A line of the config file, and the profile it begins (None: no profile).
HEADERS = [
    ("[default]", "default"),
    ("[profile default]", "default"),  # O2
    ("[ default ]", None),
    ("[p]", None),  # O6
    ("[profile P]", "P"),  # O22: names have case
    ("[Profile p]", None),
    ("[profile\tp]", "p"),  # O27
    ("[profile   q  ]", "q"),
    ('[profile "my profile"]', "my profile"),
    ("[profile 'my profile']", "my profile"),
    ('[profile a" "b]', "a b"),
    ("[profile prod-été]", "prod-été"),
    ("[profile a\u00a0b]", "a\u00a0b"),  # a no-break space is no blank to shlex
    ("[profile a\\ b]", "a b"),
    ('[profile "a\\b\\"c"]', 'a\\b"c'),
    ("[profile 'a\\b']", "a\\b"),
    ('[profile ""]', ""),
    ("[profile a b]", None),  # O28
    ("[ profile x ]", None),
    ('[profile "x" "y"]', None),
    ('[profile "missing]', None),
    ("[profile x\\]", None),
    ("[profile]", None),
    ("[profilex]", None),
    ("[profiles x]", "x"),  # whatever begins with "profile"
    ("[profile-of x]", "x"),
    ("[sso-session x]", None),  # O33
    ("[services x]", None),
    ("[profile x] # text", "x"),
    ("[profile x]text", "x"),
    ("[profile x] ] text", "x]"),
    ("   [profile x]", "x"),
]

# What stands below [profile x], and what it sets.
BODIES: list[tuple[str, str, dict[str, object]]] = [
    ("O14 include_profile is a key like any other", "include_profile = y", {"include_profile": "y"}),
    ("O22 keys have no case", "Region = a\nROLE_ARN = b", {"region": "a", "role_arn": "b"}),
    ("O29 no inline comments", "r = a ; b\ns=a # b\nt = a#/", {"r": "a ; b", "s": "a # b", "t": "a#/"}),
    ("O30 colons", "r : a\ns:b:c\nt = d:e", {"r": "a", "s": "b:c", "t": "d:e"}),
    ("O30 line ends of Windows", "r = a\r\n\r\ns = b\r\n", {"r": "a", "s": "b"}),
    ("line ends of old Macs", "r = a\rs = b\r", {"r": "a", "s": "b"}),
    ("other line ends are none", "r = a\x0bb\x0c\u2028c\x85d", {"r": "a\x0bb\x0c\u2028c\x85d"}),
    ("comments, indented too", "  ; b\n#r = 1\n  # c\nr = a", {"r": "a"}),
    ("a comment within a value", "r = a\n# c\n  b\n  ; d\n  e", {"r": "a\nb\ne"}),
    ("a name of one letter", "r=\n  a = 1\ns = b", {"r": {"a": "1"}, "s": "b"}),
    ("a block with a blank line of a kind", "s3 =\n  a = 1\x0c \x0cb = 2", {"s3": {"a": "1", "b": "2"}}),
    ("percent and dollar are plain", "r = %(a)s 100% $HOME", {"r": "%(a)s 100% $HOME"}),
    ("quotes stay", "r = \"a\" 'b'", {"r": "\"a\" 'b'"}),
    ("empty values", "mfa_serial =\nr =   \n", {"mfa_serial": "", "r": ""}),
    ("a value over lines", "r = a\n    b\n  c=d\ns = e", {"r": "a\nb\nc=d", "s": "e"}),
    ("empty lines within a value", "r = a\n\n\n  b\n\ns = c", {"r": "a\n\n\nb", "s": "c"}),
    ("keys indented alike", "  r = a\n  s = b", {"r": "a", "s": "b"}),
    ("keys indented less and less", "    r = a\n  s = b\nt = c", {"r": "a", "s": "b", "t": "c"}),
    ("a key with blanks", "a  b = c", {"a  b": "c"}),
    ("an indented header continues a value", "r = a\n  [profile y]", {"r": "a\n[profile y]"}),
    ("brackets that are no header", "[] = 1\n[y = 2\nz = [3]", {"[]": "1", "[y": "2", "z": "[3]"}),
    ("O32 a block", "s3 =\n   Addressing = path\nr = a", {"s3": {"Addressing": "path"}, "r": "a"}),
    ("two equal names in a block", "s3 =\n  a = 1\n  a = 2", {"s3": {"a": "2"}}),
    ("empty lines in a block", "s3 =\n\n  a = 1\n\n  b = 2 = 3", {"s3": {"a": "1", "b": "2 = 3"}}),
    ("a block that holds nothing", "s3 =\n\n", {"s3": ""}),
    ("no block after a value", "s3 = z\n  a = 1", {"s3": "z\na = 1"}),
]

ACCEPTED = [
    *(Row(header, f"{header}\nr = a\n", {} if name is None else {name: {"r": "a"}}) for header, name in HEADERS),
    *(Row(title, f"[profile x]\n{body}", {"x": settings}) for title, body, settings in BODIES),
    Row("O1 the last spelling", "[profile default]\nr = a\n[default]\nr = b\n", {"default": {"r": "b"}}),
    Row("O1 the other way round", "[default]\nr = b\n[profile default]\nq = a\n", {"default": {"q": "a"}}),
    Row("O1 in quotes", '[profile x]\nr = a\n[profile y]\n[profile "x"]\nq = b\n', {"x": {"q": "b"}, "y": {}}),
    Row("O15 [default] is not inherited", "[default]\nr = a\n[profile x]\n", {"default": {"r": "a"}, "x": {}}),
    Row("O22", "[profile P]\nr = a\n[profile p]\nr = b\n", {"P": {"r": "a"}, "p": {"r": "b"}}),
    Row("a header below a header", "[profile x]\n  [profile y]\n  r = a\n", {"x": {}, "y": {"r": "a"}}),
    Row("[DEFAULT] is inherited", "[profile x]\nr = a\n[DEFAULT]\nr = d\nq = e\n", {"x": {"r": "a", "q": "e"}}),
    Row("[DEFAULT] again", "[DEFAULT]\nr = a\n[DEFAULT]\nq = b\n[profile x]\n", {"x": {"r": "a", "q": "b"}}),
    Row("[DEFAULT] of one file", "[DEFAULT]\nr = a\n[profile x]\n", {"x": {"r": "a"}, "y": {}}, "[y]\n"),
    Row("O3", "[profile p]\nr = a\nk = 1\n", {"p": {"r": "a", "k": "2"}, "q": {"k": "3"}}, "[q]\nk = 3\n[p]\nk = 2\n"),
    Row("O4 a role in the credentials file", "", {"r": {"role_arn": "a"}}, "[r]\nrole_arn = a\n"),
    Row("O5 [profile p] in the credentials file", "", {"profile p": {"k": "a"}}, "[profile p]\nk = a\n"),
    Row(
        "any section of the credentials file", "", {" x ": {}, "services z": {}, "'q": {}}, "[ x ]\n[services z]\n['q]"
    ),
    Row("a value over a block", "[profile x]\ns3 =\n  a = 1\n", {"x": {"s3": "plain"}}, "[x]\ns3 = plain\n"),
    Row("a block over a value", "[profile x]\ns3 = plain\n", {"x": {"s3": {"b": "2"}}}, "[x]\ns3 =\n  b = 2\n"),
    Row("nothing at all", "", {}),
    Row("only comments", "# a\n\n; b\n", {}),
]

# botocore takes nothing of such a file (O31).
BROKEN = [
    Row(
        "a duplicate section",
        "[profile x]\nr = a\n\n[profile y]\n[profile x]\nr = b\nnonsense\n[profile z]\n",
        {"x": {"r": "a"}, "y": {}, "z": {}},
        warnings=("config:5: the same section as in line 1, ignored",),
    ),
    Row(
        "text before the first section",
        "# c\n\nr = a\ns = b\n  [profile x]\nr = c\n",
        {"x": {"r": "c"}},
        warnings=("config:3: text before the first section, ignored",),
    ),
    Row("no section", "r = a\n", {}, warnings=("config:1: text before the first section, ignored",)),
    Row(
        "a byte-order mark",
        "\ufeff[profile x]\nr = a\n",
        {"x": {"r": "a"}, "y": {}},
        "\ufeff# a comment\n[y]\n",
        ("config:1: the file starts with a byte-order mark", "credentials:1: the file starts with a byte-order mark"),
    ),
    Row(
        "UTF-16, as PowerShell 5.1 writes it",
        "[profile x]\r\nr = é\r\n".encode("utf-16"),
        {"x": {"r": "é"}},
        warnings=("config:1: the file starts with a byte-order mark",),
    ),
    Row(
        "bytes that are no text",
        b"[profile x]\nr = a\n[profile y]\nr = \xff\n[profile z]\n# \xfe\nr = b\n[profile \xfd]\nr = c\n",
        {"x": {"r": "a"}, "z": {"r": "b"}},
        warnings=("config:4: bytes that are not UTF-8",),
    ),
    Row(
        "bad lines in a block, one of them a value that begins on the next line",
        "[profile x]\ns3 =\n  a = 1\n  bad_syntax @ x\n[profile y]\n[profile z]\nregion =\n  us-east-1\n",
        {"y": {}},
        warnings=tuple(f"config:{line}: not `name = value`, in an indented block" for line in (4, 8)),
    ),
    Row(
        "bad lines",
        "[profile x]\nnonsense\n= b\n  [profile y]\nr = a\n[profile z]\nr = a\nnonsense\n  [profile continuing]\n",
        {"y": {"r": "a"}},
        warnings=tuple(f"config:{line}: not `name = value`" for line in (2, 3, 8)),
    ),
    Row(
        "a duplicate option",
        "[profile x]\nRegion = a\n\nregion = b\n[profile y]\n",
        {"y": {}},
        warnings=("config:4: the same name as in line 2",),
    ),
    Row(
        "[DEFAULT] is broken: it is not inherited",
        "[profile x]\n[DEFAULT]\nr = a\n[profile y]\nr = b\n[DEFAULT]\nr = c\n",
        {"x": {}, "y": {"r": "b"}},
        warnings=("config:7: the same name as in line 3",),
    ),
    Row(
        "the credentials file",
        "[profile x]\nr = a\n[profile z]\nr = a\n",
        {"z": {"r": "a"}, "y": {"k": "2"}},
        "[x]\nAKIAEXAMPLE\n[y]\nk = 2\n[y]\n",
        ("credentials:2: not `name = value`", "credentials:5: the same section as in line 3, ignored"),
    ),
]


@pytest.mark.parametrize("row", ACCEPTED, ids=lambda row: row.title)
def test_what_botocore_accepts(row: Row, tmp_path: Path) -> None:
    configuration = read(write(tmp_path, row.config, row.credentials))
    assert meaning(configuration) == row.profiles
    assert configuration.names() == list(row.profiles)
    assert configuration.check() == []


@pytest.mark.parametrize("row", BROKEN, ids=lambda row: row.title)
def test_what_botocore_refuses(row: Row, tmp_path: Path) -> None:
    configuration = read(write(tmp_path, row.config, row.credentials))
    early = list(configuration.warnings)
    assert meaning(configuration) == row.profiles
    refused = "; `aws` refuses the whole file until it is mended"
    expected = [f"{tmp_path}{os.sep}{warning}{refused}" for warning in row.warnings]
    assert sorted(configuration.check()) == sorted(expected)
    assert configuration.warnings == configuration.check(), "checking twice says everything once"
    assert set(early) <= set(expected)


def test_reading_notices_what_costs_no_parsing(tmp_path: Path) -> None:
    assert len(read(write(tmp_path, "\ufeffx = 1\n[profile a]\nbad\n[profile a]\n")).warnings) == 3


def test_a_broken_section_is_named_with_its_line_when_it_is_asked_for(tmp_path: Path) -> None:
    configuration = read(write(tmp_path, "[profile x]\nr = a\n[profile y]\nsecret\nr = 1\nr = 2\n"))
    assert configuration.names() == ["x", "y"]
    assert configuration.profile("x").get("r") == "a"
    with pytest.raises(BadConfiguration) as caught:
        configuration.profile("y")
    assert caught.value.what == "profile 'y' cannot be used"
    file = tmp_path / "config"
    assert caught.value.why == f"{file}:4: not `name = value`\n{file}:6: the same name as in line 5"
    assert caught.value.status == 3


def test_where_a_setting_stands(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        "# c\n\n[DEFAULT]\noutput = json\n[profile x]\nregion = a\ns3 =\n\n  a = 1\nkey = b\n",
        "\r\n[y]\r\n[x]\r\nkey = c\r\n",
    )
    profile = read(files).profile("x")
    assert profile.header == Where(file=files.config, line=5)
    assert profile.where == {
        "output": Where(file=files.config, line=4),
        "region": Where(file=files.config, line=6),
        "s3": Where(file=files.config, line=7),
        "key": Where(file=files.credentials, line=4),
    }
    assert str(profile.where["region"]) == f"{files.config}:6"
    assert read(files).profile("y").header == Where(file=files.credentials, line=2)


def test_an_empty_value_is_a_value(tmp_path: Path) -> None:
    profile = read(write(tmp_path, "[profile x]\nmfa_serial =\ns3 =\n  a = 1\n")).profile("x")
    assert profile.get("mfa_serial") == ""
    assert profile.get("region") is None
    assert profile.get("s3") is None, "a block is in `nested`"


OWN_KEYS = [
    # (access key ID, secret, token) in the config file, in the credentials file, what botocore takes
    ("---", "---", ""),
    ("12-", "---", "12"),
    ("---", "456", "456"),
    ("123", "45-", "45"),
    ("12-", "-56", "12"),
    ("1--", "4--", "4"),
    ("-2-", "---", ""),
]


@pytest.mark.parametrize(("config", "credentials", "taken"), OWN_KEYS)
def test_static_keys_are_of_one_file(config: str, credentials: str, taken: str, tmp_path: Path) -> None:
    def section(header: str, values: str) -> str:
        names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        lines = [f"{name} = {value}" for name, value in zip(names, values, strict=True) if value != "-"]
        return "\n".join([header, *lines])

    files = write(tmp_path, section("[profile x]\nregion = 9", config), section("[x]", credentials))
    assert "".join(read(files).profile("x").static_keys().values()) == taken


def test_all_that_goes_with_a_key_is_taken_with_it(tmp_path: Path) -> None:
    named = {
        "aws_access_key_id": "1",
        "aws_secret_access_key": "2",
        "aws_security_token": "3",
        "aws_account_id": "111122223333",
    }
    lines = [f"{name} = {value}" for name, value in named.items()]
    assert (
        read(write(tmp_path, credentials="\n".join(["[x]", "region = r", *lines]))).profile("x").static_keys() == named
    )


def test_the_names_of_sso_sessions(tmp_path: Path) -> None:
    config = "[sso-session corp]\n[profile x]\n[sso-session 'the lab']\n[services corp]\n"
    assert read(write(tmp_path, config)).sso_sessions() == ["corp", "the lab"]


def test_a_block_is_no_value_and_a_value_no_block(tmp_path: Path) -> None:
    profile = read(write(tmp_path, "[profile x]\nregion = r\naws_access_key_id =\n  a = 1\n")).profile("x")
    assert profile.nested == {"aws_access_key_id": {"a": "1"}}
    assert profile.settings == {"region": "r"}
    assert profile.static_keys() == {}


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [
        ("POWER-USR", "did you mean 'power-user'?"),
        ("read-onyl", "did you mean 'Read-Only'?"),
        ("billing-tset", "did you mean 'billing-test' or 'billing-test2'?"),
        ("stagin", "did you mean 'STAGING'?"),
    ],
)
def test_names_that_are_near_are_told(asked: str, remedy: str, tmp_path: Path) -> None:
    names = ("power-user", "Read-Only", "billing-test", "billing-test2", "STAGING")
    with pytest.raises(NoSuchProfile) as caught:
        read(write(tmp_path, "".join(f"[profile {name}]\n" for name in names))).profile(asked)
    assert caught.value.remedy == remedy


def test_values_are_never_shown(tmp_path: Path) -> None:
    secret = "wJalrXUtnFEMI"
    content = "S\n[x]\nk = S\ns3 =\n  a = S\n[y]\nS\nk = S\nk = S\ns3 =\n  S\n".replace("S", secret)
    configuration = read(write(tmp_path, credentials=content))
    with pytest.raises(BadConfiguration) as caught:
        configuration.profile("y")
    profile = configuration.profile("x")
    shown = [repr(profile), str(profile), repr(configuration), str(caught.value), *configuration.check()]
    assert profile.settings["k"] == secret
    assert len(configuration.warnings) == 4
    assert secret not in "".join(shown)
    header = f"{tmp_path / 'credentials'}:2"
    assert repr(profile) == f"Profile(name='x', header={header}, keys=['k', 's3']; values not shown)"


def test_sessions_and_services(tmp_path: Path) -> None:
    config = (
        '[sso-session corp]\nsso_region = a\n[services "my own"]\nsts =\n  endpoint_url = http://x\n[services bad]\n-\n'
    )
    configuration = read(write(tmp_path, config, "[sso-session other]\nsso_region = b\n"))
    session, services = configuration.sso_session("corp"), configuration.services("my own")
    assert isinstance(session, Profile)
    assert session.settings == {"sso_region": "a"}
    assert isinstance(services, Profile)
    assert services.nested == {"sts": {"endpoint_url": "http://x"}}
    assert configuration.sso_session("other") is None, "only the config file has them"
    assert configuration.services("corp") is None
    with pytest.raises(BadConfiguration, match="services 'bad'"):
        configuration.services("bad")


NOT_FOUND = [
    ("power-usr", "[profile power-user]\n[profile admin]\n", "", "did you mean 'power-user'?"),
    ("Power-User", "[profile power-user]\n", "", "did you mean 'power-user'?"),
    ("zzz", "[profile power-user]\n", "", "see which there are: shellhook list"),
    ("p", "[default]\n[p]\n", "", "config:2: in this file a header is written [profile NAME]"),
    ("p", "", "\n[profile p]\n", "credentials:2: in this file a header is written [NAME]"),
    ("p", "", "", "with an access key: aws configure\nwith IAM Identity Center (AWS SSO): aws configure sso"),
    ("", "[default]\n", "", "see which there are: shellhook list"),
]


@pytest.mark.parametrize(("name", "config", "credentials", "remedy"), NOT_FOUND)
def test_no_such_profile(name: str, config: str, credentials: str, remedy: str, tmp_path: Path) -> None:
    files = write(tmp_path, config, credentials)
    with pytest.raises(NoSuchProfile) as caught:
        read(files).profile(name)
    assert caught.value.what == f"no profile {name!r}"
    assert caught.value.why == f"looked in {files.config} and {files.credentials}"
    assert caught.value.remedy.replace(f"{tmp_path}{os.sep}", "") == remedy


def test_files_that_are_not_there(tmp_path: Path) -> None:
    configuration = read(Files(config=str(tmp_path / "none"), credentials=str(tmp_path)))
    assert (configuration.names(), configuration.warnings, configuration.check()) == ([], [], [])
    with pytest.raises(NoSuchProfile, match="none \\(does not exist\\)"):
        configuration.profile("x")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = write(tmp_path, "[profile x]\n")

    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(BadConfiguration, match="config cannot be read\n  Permission denied\n"):
        read(files)


LOCATED = [
    ({}, "/home/me/.aws/config"),
    ({"AWS_CONFIG_FILE": "~/c"}, "/home/me/c"),
    ({"AWS_CONFIG_FILE": "~"}, "/home/me"),
    ({"AWS_CONFIG_FILE": "~root/c"}, f"{os.path.expanduser('~root')}/c"),
    ({"AWS_CONFIG_FILE": "/etc/c"}, "/etc/c"),
    ({"AWS_CONFIG_FILE": "c"}, "/place/c"),
    ({"AWS_CONFIG_FILE": "$PLACE/c"}, "/place/c"),
    ({"AWS_CONFIG_FILE": "${PLACE}/$UNKNOWN_/c"}, "/place/$UNKNOWN_/c"),
    ({"AWS_CONFIG_FILE": ""}, "/place/"),  # a directory: no file
]


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
@pytest.mark.parametrize(("variables", "config"), LOCATED)
def test_locate(variables: dict[str, str], config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE", "/place")
    files = locate({"HOME": "/home/me", **variables}, "/place")
    assert files == Files(config=config, credentials="/home/me/.aws/credentials")


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
@pytest.mark.parametrize(("home", "config"), [("/h/", "/h/.aws/config"), ("/", "/.aws/config"), ("//", "/.aws/config")])
def test_the_home_may_end_in_a_slash(home: str, config: str) -> None:
    assert locate({"HOME": home}).config == config
    assert locate({"HOME": home, "AWS_CONFIG_FILE": "~"}).config == (config.removesuffix("/.aws/config") or "/")


def test_the_current_directory_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate({"AWS_SHARED_CREDENTIALS_FILE": "c"}).credentials == str(tmp_path / "c")


def test_nothing_slow_is_imported(tmp_path: Path) -> None:
    slow = ("re", "configparser", "dataclasses", "typing", "enum", "inspect", "pathlib", "shlex", "difflib")
    code = (
        "import sys; _, root, config = sys.argv; sys.path.insert(0, root)\n"
        "from shellhook.profiles import Files, read\n"
        "read(Files(config=config, credentials=config)).profile('a b')\n"
        f"print([name for name in {slow} if name in sys.modules])"
    )
    config = write(tmp_path, "[profile 'a b']\n").config
    root = str(Path(__file__).parents[1])
    answer = subprocess.run(
        [sys.executable, "-S", "-c", code, root, config], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
