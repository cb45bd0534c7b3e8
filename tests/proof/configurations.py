"""AWS configurations, made up: whole ones, both files and the environment, spelled as people and programs spell them.
Each has a number, and is the same each time."""

from __future__ import annotations

import shlex
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tests.plans import DEVICE, OTHER_DEVICE, arn
from tests.test_plan_botocore import START, process

if TYPE_CHECKING:
    from pathlib import Path

REGIONS = ["us-east-1", "eu-west-1", "us-west-2", "ap-northeast-3"]
# Names that a section can have: plain ones, and what shells, INI files and shlex make something of.
NAMES = ["a", "b", "default", "prod-été", "my profile", "team/dev@x:1", "$(id)", "it's", 'a"b', "a\\b", "日本 語", "-x"]
NAMES += ["a;b#c", "x\u00a0y", "CASE", "case", "%(a)s", "😀", "=", "a  b", "${HOME}", "*", "profile", "sso-session s"]
TEXTS = ["one", "two", "a = b", "x # no comment", "é 語", "%(a)s", '"quoted"', "a:b", "$(id)", "one  two"]


class Section(NamedTuple):
    """A section of one file: its header as it is written, its lines, and a line that breaks it, "" if none does."""

    header: str
    lines: tuple[str, ...]
    breakage: str = ""

    def text(self, *, mended: bool) -> str:
        broken = [] if mended or not self.breakage else [self.breakage]
        return "".join(f"{line}\n" for line in (self.header, *self.lines, *broken))


class Made(NamedTuple):
    """A configuration, and what is asked of it: `profile` by name, or whatever the environment says."""

    config: tuple[Section, ...]
    credentials: tuple[Section, ...]
    environ: dict[str, str]
    profile: str | None
    newline: str

    def texts(self, *, mended: bool = False) -> tuple[str, str]:
        """Both files; `mended`: without what makes botocore refuse them whole."""
        both = ("".join(section.text(mended=mended) for section in file) for file in (self.config, self.credentials))
        config, credentials = (text.replace("\n", self.newline) for text in both)
        return config, credentials

    @property
    def is_broken(self) -> bool:
        return any(section.breakage for section in (*self.config, *self.credentials))


def header(dice: Random, kind: str, name: str) -> str:
    """A header of the config file, in one of the spellings that botocore takes for that name."""
    if kind == "profile" and name == "default" and dice.random() < 0.5:
        return "[default]"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    spellings = [f'"{escaped}"']
    if "'" not in name:
        spellings.append(f"'{name}'")
    if shlex.split(f"x {name}") == ["x", name] if not set("'\"\\") & set(name) else False:
        spellings += [name, name]
    blank = dice.choice([" ", " ", " ", "\t", "   "])
    tail = dice.choice(["]", "]", "]", "  ]", "] # a comment"])
    return f"[{kind}{blank}{dice.choice(spellings)}{tail}"


def written(dice: Random, settings: dict[str, str]) -> tuple[str, ...]:
    """Settings as lines, in any order, with the blanks, comments and capitals that there may be."""
    lines: list[str] = []
    for name in dice.sample(list(settings), len(settings)):
        style = dice.randrange(12)
        spelled = {0: name.upper(), 1: name.title()}.get(style, name)
        between = {2: "=", 3: " : ", 4: "  =\t", 5: "= "}.get(style, " = ")
        lines += {6: ["# a comment = x"], 7: [""], 8: ["; [profile ghost]"]}.get(style, [])
        lines.append(f"{spelled}{between}{settings[name]}{'  ' if style == 9 else ''}")
    return tuple(lines)


def some(dice: Random, settings: dict[str, list[str]], often: int = 4) -> dict[str, str]:
    """Each of them once in so many times, with one of its values."""
    return {name: dice.choice(values) for name, values in settings.items() if not dice.randrange(often)}


def keys(dice: Random, key_id: str) -> dict[str, str]:
    whole = {"aws_access_key_id": key_id, "aws_secret_access_key": "s/+="}
    kind = dice.randrange(10)
    if kind == 0:
        return {"aws_access_key_id": key_id}
    if kind == 1:
        return {"aws_secret_access_key": "s"}
    if kind == 2:
        return {**whole, "aws_session_token": "t"}
    if kind == 3:
        return {**whole, "aws_security_token": "t", "aws_session_token": ""}
    return {**whole, **some(dice, {"aws_account_id": ["111122223333"]}, 6)}


def role(dice: Random, number: int, names: list[str]) -> dict[str, str]:
    """A role, mostly of the kind that makes sense: assumed with one of the profiles that follow."""
    found = {"role_arn": arn(dice.choice([f"r{number}", f"team/r{number}"]))}
    beginning = dice.randrange(15)
    if beginning == 0:
        pass
    elif beginning == 1:
        found |= {"source_profile": names[0], "credential_source": "Environment"}
    elif beginning in (2, 3):
        found["credential_source"] = dice.choice(
            ["Environment", "Ec2InstanceMetadata", "EcsContainer", "environment", "Nowhere", ""]
        )
    else:
        found["source_profile"] = dice.choice([*[*names[number // 2 + 1 :], *names[-1:]] * 6, *names, "ghost", ""])
    found |= some(dice, {"mfa_serial": [DEVICE, OTHER_DEVICE, "GAHT12345678", ""]})
    found |= some(dice, {"external_id": TEXTS, "role_session_name": ["one", "two@x", ""]})
    return found | some(dice, {"duration_seconds": ["900", "3600", "7200", "+4_000", "43201", "12h", "", "1.5", "-1"]})


def identity_center(dice: Random) -> dict[str, str]:
    of_role = {"sso_account_id": dice.choice(["111122223333", "1"]), "sso_role_name": "Admin"}
    legacy = {"sso_start_url": START, "sso_region": "eu-west-1"}
    found = dice.choice(
        [
            {**of_role, **legacy},
            {**of_role, "sso_session": "s"},
            {**of_role, "sso_session": "s"},
            {**of_role, **legacy, "sso_session": "s"},
            {**of_role, "sso_session": "s", "sso_start_url": "other"},
            {**of_role, "sso_session": "s", "sso_region": "us-east-2"},
            {**of_role, "sso_session": "half"},
            {**of_role, "sso_session": "half", "sso_region": "eu-west-1"},
            {**of_role, "sso_session": "ghost"},
            {**of_role, "sso_start_url": START},
            {"sso_session": "s"},
            legacy,
            {"sso_account_id": "1", "sso_session": "s"},
            {"sso_role_name": "r", **legacy},
        ]
    )
    return dict(found)


BESIDE = {
    "region": [*REGIONS, ""],
    "output": ["json", "yaml-stream", "text", ""],
    "ca_bundle": ["/etc/ca.pem"],  # an empty one is none to some versions of botocore, and an error to others
    "endpoint_url": ["http://127.0.0.1:9/of-profile", ""],
    "services": ["local", "local", "ghost", ""],
    "ignore_configured_endpoint_urls": ["true", "True", "false", "yes"],
    "use_fips_endpoint": ["true", "True", "false"],
    "use_dualstack_endpoint": ["true", "no"],
    "sts_regional_endpoints": ["regional", "legacy"],
    "include_profile": ["ghost"],
    "s3": ["\n  addressing_style = path\n    max_queue_size=9\n\n  endpoint_url = http://nested"],
    "source_identity": ["jane"],
    "session_tags": ["a=b", "a = b , c="],
}


def body(dice: Random, number: int, names: list[str], token: Path, *, in_config: bool) -> dict[str, str]:
    """What a profile says in one file."""
    kind = dice.randrange(20)
    found: dict[str, str] = {}
    if kind <= 7 or kind == 18:
        found |= keys(dice, f"AKIA{number}")
    if 6 <= kind <= 13:
        found |= role(dice, number, names)
    if kind in (14, 15, 18):
        found |= identity_center(dice)
    if kind in (16, 7):
        found["credential_process"] = process(f"P{number}")
    if kind == 17:
        found |= some(dice, {"role_arn": [arn("web")], "role_session_name": ["web"]}, 2)
        found["web_identity_token_file"] = dice.choice([str(token), str(token), ""])
    if kind == 19:
        found |= some(dice, {"login_session": ["arn:aws:iam::111122223333:user/me"], "source_profile": [names[0]]}, 2)
    return found | (some(dice, BESIDE, 8) if in_config else some(dice, {"region": REGIONS, "output": ["table"]}, 8))


BREAKAGES = ["nonsense", "= a", "zz = 1\nZZ = 2", "zz =\n  nonsense"]
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGIONS,
    "AWS_REGION": ["sa-east-1"],
    "AWS_ENDPOINT_URL": ["http://127.0.0.1:9/env", ""],
    "AWS_ENDPOINT_URL_STS": ["http://127.0.0.1:9/env-sts"],
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": ["true", "false"],
    "AWS_USE_FIPS_ENDPOINT": ["true", "false"],
    "AWS_SESSION_TOKEN": ["env-token", ""],
    "AWS_ROLE_ARN": [arn("of-environment")],
    "AWS_ROLE_SESSION_NAME": ["of-environment"],
}


def configuration(number: int, token: Path) -> Made:
    """The configuration of that number. `token` is a file that a web identity's token can be read from."""
    dice = Random(number)  # noqa: S311 - the same each time
    names = dice.sample(NAMES, dice.randint(2, 5))
    config, credentials = [], []
    breaks = not dice.randrange(6)
    for place, name in enumerate(names):
        if place == 0 or dice.randrange(6):
            lines = written(dice, body(dice, 2 * place, names, token, in_config=True))
            config.append(Section(header(dice, "profile", name), lines))
        if not dice.randrange(3):
            lines = written(dice, body(dice, 2 * place + 1, names, token, in_config=False))
            credentials.append(Section(f"[{name}]", lines))
    if breaks:
        for file in (config, credentials):
            at = dice.randrange(len(file) + 1)
            if at < len(file):
                file[at] = file[at]._replace(breakage=dice.choice(BREAKAGES))
    config.insert(
        dice.randrange(len(config) + 1),
        Section("[sso-session s]", (f"sso_start_url = {START}", "sso_region = eu-west-1", "sso_scopes = x")),
    )
    config.append(Section("[sso-session half]", (f"sso_start_url = {START}",)))
    services = ("sts =", "  endpoint_url = http://127.0.0.1:9/sts", "s3 =", "  endpoint_url = http://127.0.0.1:9/s3")
    config.append(Section("[services local]", services))
    environ = some(dice, ENVIRONMENT, 6)
    environ |= dice.choice(
        [{}, {}, {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"}, {"AWS_ACCESS_KEY_ID": "AKIAENV"}]
    )
    profile: str | None = names[0]
    if not dice.randrange(8):
        profile = None
        environ |= some(dice, {"AWS_WEB_IDENTITY_TOKEN_FILE": [str(token), str(token), ""]}, 2)  # as in a pod
        environ |= some(dice, {"AWS_PROFILE": [*names, "ghost"], "AWS_DEFAULT_PROFILE": names}, 2)
    elif not dice.randrange(16):
        profile = "ghost"
    return Made(tuple(config), tuple(credentials), environ, profile, dice.choice(["\n", "\n", "\r\n"]))
