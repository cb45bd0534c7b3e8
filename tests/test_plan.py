"""Which calls turn the source into what was asked, and how long each lasts. The chains themselves: see `test_chain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from shellhook.errors import BadConfiguration, WrongUsage
from shellhook.plan import DAY_LONG
from tests.plans import (
    BASE,
    DEVICE,
    KEYS,
    MFA,
    NOTHING,
    OTHER_DEVICE,
    PROCESS,
    SECURITY_KEY,
    SESSION,
    SSO,
    H,
    arn,
    calls,
    make,
    role,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Calls(NamedTuple):
    """What is asked of which configuration, the calls, when a code is wanted, and words of the notes."""

    title: str
    config: str
    calls: list[str]
    mfa: str
    asked: Mapping[str, Any] = NOTHING
    notes: tuple[str, ...] = ()  # words, one note each
    learned: Mapping[str, str] = NOTHING
    defaults: Mapping[str, str] = NOTHING


# aws-vault's cases (vault_test.go): a configuration and a duration -> the calls. Where we differ, the title says how.
VAULT = [
    Calls(
        "own keys, role and device: a code for the day, not for the role alone",
        role("x", "x", MFA) + KEYS,
        [f"session {DAY_LONG} +me", "x"],
        "first",
    ),
    Calls(
        "source with a role and keys, target with a role, the same device",
        role("x", "base", MFA) + role("base", "base", MFA) + KEYS,
        [f"session {DAY_LONG} +me", "x"],  # the source's own role is not assumed: botocore stops at keys
        "first",
    ),
    Calls(
        "a chain of roles, one device",
        role("x", "y", MFA) + role("y", "base", MFA) + BASE,
        [f"session {DAY_LONG} +me", "y", "x"],
        "first",
    ),
    Calls(
        "the same, 12 h asked: the MFA session has them, the role's end with the hour",
        role("x", "y", MFA) + role("y", "base", MFA) + BASE,
        [f"session {DAY_LONG} +me", "y", f"x {H}"],
        "first",
        {"duration_seconds": 12 * H},
        ("--duration-seconds 43200s is cut to 1h",),
    ),
    Calls(
        "target with a role, 12 h: direct",
        role("x", "base", MFA) + BASE,
        ["x 43200 +me"],
        "direct",
        {"duration_seconds": 12 * H},
    ),
    Calls(
        "target with a role, 1 h",
        role("x", "base", MFA) + BASE,
        [f"session {DAY_LONG} +me", f"x {H}"],
        "first",
        {"duration_seconds": H},
    ),
    Calls(
        "source -> admin -> target: one code at the source, none later",
        role("x", "admin", MFA) + role("admin", "base", MFA) + BASE + MFA,
        [f"session {DAY_LONG} +me", "admin", "x"],
        "first",
    ),
    Calls(
        "a session passed on between roles is capped too",
        role("x", "admin", "duration_seconds = 7200") + role("admin") + BASE,
        ["admin", f"x {H}"],
        "refused",
        notes=("config:4 7200s is cut to 1h",),
    ),
    Calls("Issue1195: the source is of Identity Center", role("x") + f"[profile base]\n{SSO}", ["x"], "never"),
]

DURATIONS = [
    Calls("none asked: STS's own hour", role("x") + BASE, ["x"], "refused"),
    Calls("of the profile", role("x", "base", "duration_seconds = 7200") + BASE, ["x 7200"], "refused"),
    Calls(
        "the option wins",
        role("x", "base", "duration_seconds = 7200") + BASE,
        ["x 900"],
        "refused",
        {"duration_seconds": 900},
    ),
    Calls("of the settings, at last", role("x") + BASE, ["x 1800"], "refused", defaults={"duration_seconds": "1800"}),
    Calls(
        "the profile wins over the settings",
        role("x", "base", "duration_seconds = 7200") + BASE,
        ["x 7200"],
        "refused",
        defaults={"duration_seconds": "1800"},
    ),
    Calls(
        "O26 12h in a profile is ignored, but not silently",
        role("x", "base", "duration_seconds = 12h") + BASE,
        ["x"],
        "refused",
        notes=("config:4: duration_seconds is no number",),
    ),
    Calls("empty, the same", role("x", "base", "duration_seconds =") + BASE, ["x"], "refused", notes=("config:4",)),
    Calls("what int() takes", role("x", "base", "duration_seconds = 3_600") + BASE, [f"x {H}"], "refused"),
    Calls(
        "the options and settings are the last role's",
        role("x", "y") + role("y", "base", "duration_seconds = 1000") + BASE,
        ["y 1000", "x 2000"],
        "refused",
        {"duration_seconds": 2000},
        defaults={"duration_seconds": "3000"},
    ),
    Calls(
        "long, with a device: direct, and a code of its own",
        role("x", "base", MFA, "duration_seconds = 14400") + BASE,
        ["x 14400 +me"],
        "direct",
    ),
    Calls(
        "long, from the settings",
        role("x", "base", MFA) + BASE,
        ["x 7200 +me"],
        "direct",
        defaults={"duration_seconds": "7200"},
    ),
    Calls(
        "a long first role of two is cut: it is assumed with the MFA session",
        role("x", "y") + role("y", "base", MFA, "duration_seconds = 7200") + BASE,
        [f"session {DAY_LONG} +me", f"y {H}", "x"],
        "first",
        notes=("config:8 7200s is cut to 1h",),
    ),
    Calls(
        "long, from a session",
        role("x", "base", "duration_seconds = 7200") + SESSION,
        [f"x {H}"],
        "never",
        notes=("config:4 7200s is cut to 1h: AWS allows no more to a role assumed with a session",),
    ),
    Calls(
        "long, from what may be a session: AWS will tell",
        role("x", "base", "duration_seconds = 7200") + PROCESS,
        ["x 7200"],
        "refused",
    ),
    Calls(
        "long, on the command line's chain",
        role("x") + BASE,
        ["x", f"more {H}"],
        "refused",
        {"chain": ("more",), "duration_seconds": 2 * H},
        ("--duration-seconds 7200s is cut to 1h: AWS allows no more to a role assumed by another role",),
    ),
]

KEYS_ONLY = [
    Calls(
        "keys without a device: it is to be found out", BASE.replace("base", "x"), [f"session {DAY_LONG}"], "refused"
    ),
    Calls("keys with a device", f"[profile x]\n{KEYS}{MFA}\n", [f"session {DAY_LONG} +me"], "first"),
    Calls(
        "a device found by an earlier run",
        BASE.replace("base", "x"),
        [f"session {DAY_LONG} +me"],
        "first",
        learned={"device": DEVICE},
    ),
    Calls(
        "no device, as an earlier run was told",
        BASE.replace("base", "x"),
        [f"session {DAY_LONG}"],
        "never",
        learned={"device": ""},
    ),
    Calls(
        "a duration is the session's", BASE.replace("base", "x"), ["session 900"], "refused", {"duration_seconds": 900}
    ),
    Calls(
        "more than a role may have",
        BASE.replace("base", "x"),
        [f"session {36 * H}"],
        "refused",
        {"duration_seconds": 36 * H},
    ),
    Calls("--mfa-duration", BASE.replace("base", "x"), ["session 7200"], "refused", {"mfa_duration": 7200}),
    Calls(
        "mfa_duration of the settings",
        BASE.replace("base", "x"),
        ["session 1800"],
        "refused",
        defaults={"mfa_duration": "1800"},
    ),
    Calls("keys that are a session: as they are", SESSION.replace("base", "x"), [], "never"),
    Calls("a process: as it prints", PROCESS.replace("base", "x"), [], "never"),
    Calls("Identity Center: as it gives", f"[profile x]\n{SSO}", [], "never"),
    Calls("--long-term: as they are", f"[profile x]\n{KEYS}{MFA}\n", [], "never", {"long_term": True}),
]

DEVICES = [
    Calls("none named: a code only if AWS refuses", role("x") + BASE, ["x"], "refused"),
    Calls("the role's own: a code first", role("x", "base", MFA) + BASE, [f"session {DAY_LONG} +me", "x"], "first"),
    Calls("an empty mfa_serial names none", role("x", "base", "mfa_serial =") + BASE, ["x"], "refused"),
    Calls("the source's only: not the role's", role("x") + BASE + MFA, ["x"], "refused"),
    Calls(
        "--serial-number wins",
        role("x", "base", MFA) + BASE + MFA,
        [f"session {DAY_LONG} +other", "x"],
        "first",
        {"serial_number": OTHER_DEVICE},
    ),
    Calls(
        "--serial-number for a role without a device",
        role("x") + BASE,
        [f"session {DAY_LONG} +me", "x"],
        "first",
        {"serial_number": DEVICE},
    ),
    Calls(
        "--mfa-duration is the MFA session's",
        role("x", "base", MFA) + BASE,
        ["session 900 +me", "x"],
        "first",
        {"mfa_duration": 900},
    ),
    Calls(
        "found by an earlier run: still only if AWS refuses",
        role("x") + BASE,
        ["x"],
        "refused",
        learned={"device": DEVICE},
    ),
    Calls(
        "the profile's own wins over what was found",
        role("x", "base", MFA) + BASE,
        [f"session {DAY_LONG} +me", "x"],
        "first",
        learned={"device": OTHER_DEVICE},
    ),
    Calls("none, as an earlier run was told", role("x") + BASE, ["x"], "refused", learned={"device": ""}),
    Calls(
        "a role that refused the MFA session: direct from then on",
        role("x", "base", MFA) + BASE,
        ["x +me"],
        "direct",
        learned={"direct": "yes"},
    ),
    Calls(
        "a device that a later role names buys the MFA session: it is the same user's",
        role("x", "y", MFA) + role("y") + BASE,
        [f"session {DAY_LONG} +me", "y", "x"],
        "first",
    ),
    Calls(
        "a later role's own device cannot be sent: said so",
        role("x", "y", f"mfa_serial = {OTHER_DEVICE}") + role("y", "base", MFA) + BASE,
        [f"session {DAY_LONG} +me", "y", "x"],
        "first",
        notes=(f"config:4: {OTHER_DEVICE}",),
    ),
    Calls(
        "a device beside a session: said so",
        role("x", "base", MFA) + SESSION,
        ["x"],
        "never",
        notes=("config:4: mfa_serial is not used",),
    ),
    Calls(
        "a device beside what may be long-term keys",
        role("x", "base", MFA) + PROCESS,
        [f"session {DAY_LONG} +me", "x"],
        "first",
    ),
    Calls(
        "the role's is a security key: the broker refuses before it asks",
        role("x", "base", f"mfa_serial = {SECURITY_KEY}") + BASE,
        [f"session {DAY_LONG} +key-ABC", "x"],
        "first",
    ),
    Calls(
        "the source's is a security key: another is looked for",
        role("x") + BASE + f"mfa_serial = {SECURITY_KEY}\n",
        ["x"],
        "refused",
    ),
    Calls(
        "an ad hoc role: the source's device is not the role's",
        BASE + MFA,
        ["r"],
        "refused",
        {"profile": "base", "role_arn": arn("r")},
    ),
]


@pytest.mark.parametrize("row", [*VAULT, *DURATIONS, *KEYS_ONLY, *DEVICES], ids=lambda row: row.title)
def test_calls(row: Calls, tmp_path: Path) -> None:
    made = make(tmp_path, row.config, learned=row.learned, defaults=row.defaults, **row.asked)
    assert (calls(made), made.mfa) == (row.calls, row.mfa)
    assert len(made.notes) == len(row.notes), made.notes
    for note, words in zip(made.notes, row.notes, strict=True):
        assert words in note.replace(f"{tmp_path}/", "")


UNUSED = [
    pytest.param(f"[profile x]\n{KEYS}", {"external_id": "e-1", "tags": (("a", "b"),)}, ["--external-id", "--tags"]),
    pytest.param(f"[profile x]\n{KEYS}", {"duration_seconds": 900}, []),
    pytest.param(
        f"[profile x]\n{SSO}", {"duration_seconds": 900, "policy": "{}"}, ["--policy", "--duration-seconds 900s"]
    ),
    pytest.param(f"[profile x]\n{KEYS}", {"duration_seconds": 900, "long_term": True}, ["--duration-seconds 900s"]),
    pytest.param(role("x") + BASE, {"duration_seconds": 900, "external_id": "e-1", "policy": "{}"}, []),
]


@pytest.mark.parametrize(("config", "asked", "options"), UNUSED)
def test_an_option_that_has_no_effect_is_said(
    config: str, asked: dict[str, Any], options: list[str], tmp_path: Path
) -> None:
    notes = make(tmp_path, config, **asked).notes
    assert [note.split(" is not used")[0] for note in notes] == options
    assert all("'x'" in note for note in notes)


TOO_LONG = [
    pytest.param("", {"duration_seconds": 13 * H}, ["--duration-seconds 46800s", "12h"], WrongUsage, id="option"),
    pytest.param("duration_seconds = 46800", {}, ["config:4 46800s", "12h"], BadConfiguration, id="profile"),
]


@pytest.mark.parametrize(("line", "asked", "words", "kind"), TOO_LONG)
def test_no_role_lasts_longer(
    line: str, asked: dict[str, int], words: list[str], kind: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(kind) as caught:
        make(tmp_path, role("x", "base", line) + BASE, **asked)
    assert all(word in str(caught.value) for word in words), caught.value
