"""Which MFA device a plan asks a code of, and where the code comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.plans import (
    BASE,
    DEVICE,
    MFA,
    OTHER_DEVICE,
    SECURITY_KEY,
    SESSION,
    calls,
    make,
    role,
)

if TYPE_CHECKING:
    from pathlib import Path

    from shellhook.plan import Plan


def planned_device(made: Plan) -> tuple[str | None, str]:
    return made.device, made.device_where.rsplit("/", 1)[-1]


DEVICE_PLACES = [
    pytest.param(role("x", "base", MFA) + BASE, {}, {}, (DEVICE, "config:4"), id="of the role"),
    pytest.param(role("x") + BASE + MFA, {}, {}, (DEVICE, "config:7"), id="of the source, if AWS refuses"),
    pytest.param(
        role("x") + BASE, {"serial_number": "GAHT12345678"}, {}, ("GAHT12345678", "--serial-number"), id="option"
    ),
    pytest.param(role("x") + BASE, {}, {"device": OTHER_DEVICE}, (OTHER_DEVICE, "an earlier run"), id="learned"),
    pytest.param(role("x") + BASE, {}, {"device": ""}, ("", "an earlier run"), id="learned that there is none"),
    pytest.param(role("x") + BASE + MFA, {}, {"device": ""}, (DEVICE, "config:7"), id="named since that was learned"),
    pytest.param(
        role("x") + BASE + f"mfa_serial = {SECURITY_KEY}\n",
        {},
        {"device": OTHER_DEVICE},
        (OTHER_DEVICE, "an earlier run"),
        id="learned beside a security key",
    ),
    pytest.param(role("x") + BASE, {}, {}, (None, ""), id="to be found out"),
    pytest.param(
        role("x") + BASE + f"mfa_serial = {SECURITY_KEY}\n",
        {},
        {},
        (None, ""),
        id="to be found out beside a security key",
    ),
    pytest.param(role("x", "base", MFA) + SESSION, {}, {}, ("", "config:4"), id="none, from a session"),
]


@pytest.mark.parametrize(("config", "asked", "learned", "expected"), DEVICE_PLACES)
def test_which_device(
    config: str, asked: dict[str, Any], learned: dict[str, str], expected: tuple[str | None, str], tmp_path: Path
) -> None:
    assert planned_device(make(tmp_path, config, learned=learned, **asked)) == expected


def test_what_was_learned_of_a_device(tmp_path: Path) -> None:
    """A user's own keys need its code at once; a role does if AWS has refused without."""
    device = {"device": OTHER_DEVICE}
    assert make(tmp_path, BASE, "base", learned=device).mfa == "first"
    assert make(tmp_path, role("x") + BASE, learned=device).mfa == "refused"
    assert make(tmp_path, role("x") + BASE, learned={**device, "mfa": "1"}).mfa == "first"


def test_o15_the_default_profile_is_not_inherited(tmp_path: Path) -> None:
    made = make(tmp_path, f"[default]\n{MFA}\nregion = eu-west-1\n" + role("x") + BASE)
    assert (made.device, made.region) == (None, None)


def test_a_code_later_turns_one_plan_into_the_other(tmp_path: Path) -> None:
    config = role("x") + BASE
    refused, asked = make(tmp_path, config), make(tmp_path, config.replace("[profile base]", f"{MFA}\n[profile base]"))
    through = refused.after_mfa_session(DEVICE)
    assert calls(through) == calls(asked)
    assert through.identity(1) == asked.identity(1), "the same MFA session, whoever asked for the code"
    direct = asked.with_code(DEVICE)
    assert (calls(direct), direct.mfa) == (["x +me"], "direct")
    assert refused.with_code(DEVICE).hops[0].parameters == direct.hops[0].parameters


MFA_PROCESSES = [
    pytest.param(role("x", "base", "mfa_process = own") + BASE + "mfa_process = theirs", "own", id="own"),
    pytest.param(role("x") + BASE + "mfa_process = theirs", "theirs", id="inherited from the source (aws-vault #389)"),
    pytest.param(role("x") + BASE, "settings", id="the settings'"),
]


@pytest.mark.parametrize(("config", "expected"), MFA_PROCESSES)
def test_mfa_process(config: str, expected: str, tmp_path: Path) -> None:
    assert make(tmp_path, config, defaults={"mfa_process": "settings"}).mfa_process == expected
