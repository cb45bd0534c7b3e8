"""What STS answers, said so that a person can act on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from shellhook import refusal
from shellhook.errors import NoCode, ShellhookError
from shellhook.sts import Refused
from tests.refusal.refused import DENIED, EXTERNAL_ID, NOT_THEIRS, SKEWED, WRONG_CODE, explained

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from shellhook.plan import Plan

# --- each answer, its error's kind, and words that have to be in what, why and remedy

ANSWERS: list[tuple[str, str, type[ShellhookError], str, str, str]] = [
    ("AccessDenied", DENIED, ShellhookError, "not let you assume .*role/power-user", "AWS does not say why", "explain"),
    ("AccessDenied", f"{DENIED} with an explicit deny in an identity-based policy", ShellhookError,
     "not let you assume", "forbids it outright: .*explicit deny", "explain"),
    ("AccessDenied", WRONG_CODE, NoCode, "did not take the MFA code", "wrong, or had been used before", "next code"),
    ("AccessDenied", NOT_THEIRS, NoCode, "could not check", "not this user's, or was deleted", "--serial-number"),
    ("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
     ShellhookError, "for so long", "more than the role's MaxSessionDuration", "-d 1h"),
    ("InvalidClientTokenId", "The security token included in the request is invalid.", ShellhookError,
     "not let you", "does not know the access key .*config:2.*deleted or deactivated", "active"),
    ("SignatureDoesNotMatch", "The request signature we calculated does not match", ShellhookError,
     "not let you", "secret access key does not fit .*config:2", "aws configure"),
    ("SignatureDoesNotMatch", SKEWED, ShellhookError, "does not take requests signed by this machine",
     "its clock is wrong", "set the clock"),
    ("RequestExpired", "Request has expired.", ShellhookError, "signed by this machine", "clock", "set the clock"),
    ("RegionDisabledException", "STS is not activated in this region for account:111122223333.", ShellhookError,
     "in eu-west-1", "not activated there", "--region"),
    ("PackedPolicyTooLarge", "Packed size of policies consumes 120% of allotted space", ShellhookError,
     "not let you", "PackedPolicyTooLarge: Packed size", "from"),
    ("SomethingNew", "We had an idea.", ShellhookError, "not let you", "SomethingNew: We had an idea.",
     r"config:5 \(RoleArn\)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "message", "kind", "what", "why", "remedy"), ANSWERS, ids=[f"{row[0]}-{row[4][:20]}" for row in ANSWERS]
)
def test_what_sts_says_becomes_what_happened_why_and_what_to_do(
    plan: Plan, code: str, message: str, kind: type[ShellhookError], what: str, why: str, remedy: str
) -> None:
    error = explained(plan, code, message)
    assert type(error) is kind
    assert re.search(what, error.what)
    assert re.search(why, error.why)
    assert re.search(remedy, error.remedy)
    assert "\n" not in error.what
    assert EXTERNAL_ID not in str(error)


def test_each_kind_has_its_exit_status(plan: Plan) -> None:
    assert explained(plan, "AccessDenied", DENIED).status == 1
    assert explained(plan, "AccessDenied", WRONG_CODE).status == 4


@pytest.mark.parametrize("message", [WRONG_CODE, NOT_THEIRS, DENIED, SKEWED, "role chaining", "MaxSessionDuration"])
def test_one_cause_is_one_cause(message: str) -> None:
    """The broker decides by these what it tries next."""
    code = {SKEWED: "SignatureDoesNotMatch"}.get(message, "AccessDenied" if "MFA" in message else "ValidationError")
    refused = Refused("AccessDenied" if message == DENIED else code, message, 0)
    found = [
        refusal.is_wrong_code(refused),
        refusal.is_wrong_device(refused),
        refusal.is_chaining(refused),
        refusal.is_too_long(refused),
        refusal.is_denied(refused) and "MultiFactor" not in message,
    ]
    assert sum(found) == (message != SKEWED)


# --- AccessDenied has many causes and one sentence: what is likely is inferred from what was sent


def guesses(plan: Plan, **how: Any) -> list[str]:
    return [line for line in explained(plan, "AccessDenied", DENIED, **how).why.splitlines() if line.startswith("- ")]


def test_no_code_was_sent(plan: Plan) -> None:
    assert guesses(plan, mfa_session=False)[0] == "- the role wants MFA, and no code was sent"
    assert not any("MFA" in guess for guess in guesses(plan, mfa_session=False, sent_code=True))
    assert not any("MFA" in guess for guess in guesses(plan, mfa_session=True))


def test_what_is_denied_outright_may_want_a_code(plan: Plan) -> None:
    deny = f"{DENIED} with an explicit deny in an identity-based policy"
    assert "--serial-number" in explained(plan, "AccessDenied", deny, mfa_session=False).remedy
    assert "--serial-number" not in explained(plan, "AccessDenied", deny, mfa_session=True).remedy
    assert "spelled" in explained(plan, "AccessDenied", DENIED, mfa_session=False).remedy


def test_an_external_id_was_sent_or_not(plan: Plan, tmp_path: Path) -> None:
    assert f"- the external ID is not the role's ({tmp_path / 'config'}:7)" in guesses(plan)
    hop = plan.hops[-1]
    without = hop.replace(parameters={name: value for name, value in hop.parameters.items() if name != "ExternalId"})
    unsent = plan.replace(hops=(plan.hops[0], without))
    assert "- the role wants an external ID (a text its owner gives out), and none was sent" in guesses(unsent)


def test_tags_and_a_source_identity_need_permissions_of_their_own(plan: Plan) -> None:
    assert not any("sts:TagSession" in guess for guess in guesses(plan))
    hop = plan.hops[-1]
    tagged = plan.replace(hops=(hop.replace(parameters={**hop.parameters, "SourceIdentity": "me"}),))
    assert any("sts:TagSession or sts:SetSourceIdentity" in guess for guess in guesses(tagged))


def test_somebody_else_is_trusted(plan: Plan) -> None:
    assert guesses(plan)[-2:] == [
        "- the role's trust policy (who may assume it) does not name you, or there is no such role",
        "- your own policies do not allow sts:AssumeRole on it",
    ]


# --- how far the clock is off, and in which direction


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (420, "its clock is wrong by 7m: it is behind"),
        (-420, "its clock is wrong by 7m: it is ahead"),
        (119, "its clock is wrong by 2m: it is behind"),
        (7199, "its clock is wrong by 2h00m: it is behind"),
        (-7200, "its clock is wrong by 2h00m: it is ahead"),
        (86_400 * 3, "its clock is wrong by 72h00m: it is behind"),
        (None, "its clock is wrong"),
    ],
)
def test_by_how_much_a_clock_is_off(plan: Plan, ahead: float | None, words: str) -> None:
    assert explained(plan, "SignatureDoesNotMatch", SKEWED, ahead).why == words


@pytest.mark.parametrize(("ahead", "is_clock"), [(0, False), (200, False), (-200, False), (900, True), (-900, True)])
def test_a_signature_that_does_not_match_may_be_the_clock_s(plan: Plan, ahead: float, is_clock: bool) -> None:
    error = explained(plan, "SignatureDoesNotMatch", "The request signature we calculated does not match", ahead)
    assert ("clock" in error.why) is is_clock
