"""What STS refuses, in words a person can act on.

STS says the same AccessDenied for a missing device, a wrong external ID and a principal that is not trusted, and the
same sentence for a wrong and a used code. So causes are inferred from what was sent, and said as likelihoods.
"""

from __future__ import annotations

from shellhook.errors import NoCode, ShellhookError
from shellhook.status import about

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.hops import Hop
    from shellhook.plan import Plan
    from shellhook.sts import Refused

_INVALID_KEY = ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException")
_CLOCK = ("RequestExpired", "RequestTimeTooSkewed", "InvalidSignatureException")


def is_denied(refused: Refused) -> bool:
    """Not allowed, for whatever reason."""
    return refused.code in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


def is_wrong_code(refused: Refused) -> bool:
    """The code was wrong, or used before (STS's sentence is the same)."""
    return is_denied(refused) and "invalid MFA one time pass code" in refused.message


def is_wrong_device(refused: Refused) -> bool:
    """The device is not the user's."""
    return is_denied(refused) and "unable to validate MFA code" in refused.message


def is_chaining(refused: Refused) -> bool:
    """More than an hour was asked of a role that is assumed with a session."""
    return "role chaining" in refused.message


def is_too_long(refused: Refused) -> bool:
    """More was asked than the role's MaxSessionDuration."""
    return "MaxSessionDuration" in refused.message


def explain(
    refused: Refused, plan: Plan, hop: Hop, *, sent_code: bool, mfa_session: bool, longest: int | None = None
) -> ShellhookError:
    """The error for a refused hop. `sent_code`: a code went with this very call; `mfa_session`: it was made with a
    session that a code had bought."""
    role = hop.parameters.get("RoleArn")
    asked = f"AWS does not let you assume {role}" if role else "AWS gives no session for these keys"
    keys = plan.source.where
    if is_wrong_code(refused):
        return NoCode(
            "AWS did not take the MFA code",
            why=f"for device {hop.parameters.get('SerialNumber')}: it was wrong, or had been used before",
            remedy="wait for the next code; if none is taken, it is another device's, or the phone's clock is off",
        )
    if "MultiFactorAuthentication failed" in refused.message:
        return NoCode(
            "AWS could not check the MFA code",
            why=f"device {hop.parameters.get('SerialNumber')}: it is not this user's, or was deleted or replaced",
            remedy="look at the user's devices in the IAM console, and name the right one with `--serial-number`",
        )
    if (wrong_clock := clock(refused)) is not None:
        return wrong_clock
    if is_denied(refused):
        return ShellhookError(
            asked,
            why=_denied(refused, plan, hop, sent_code, mfa_session),
            remedy=_denied_remedy(refused, plan, hop, sent_code or mfa_session),
        )
    if is_too_long(refused):
        known = f"{longest}s" if longest else "which IAM does not let you read"
        less = f"-d {longest}s" if longest else "-d 1h, which every role allows"
        return ShellhookError(
            f"{asked} for so long",
            why=f"{hop.parameters.get('DurationSeconds')}s were asked ({hop.where.get('DurationSeconds')}), more than "
            f"the role's MaxSessionDuration, {known}",
            remedy=f"ask for less: {less}\nor have it raised, in the IAM console or by "
            "`aws iam update-role --max-session-duration`",
        )
    if refused.code in _EXPIRED and hop != plan.hops[0]:
        return ShellhookError(
            asked,
            why="the stored session it starts from has expired for AWS, and not by this machine's clock",
            remedy="look at the clock: date -u\nget a new one: shellhook forget --all",
        )
    if refused.code in _EXPIRED:
        return ShellhookError(
            asked,
            why=f"the credentials it starts from have expired ({keys})",
            remedy="get new ones where these came from",
        )
    if refused.code in _INVALID_KEY:
        return ShellhookError(
            asked,
            why=f"AWS does not know the access key (from {keys}): it was deleted or deactivated, belongs to another "
            f"partition than {plan.partition}, or the account has not enabled {plan.sts_region or 'us-east-1'}",
            remedy="see whether the key is active in the IAM console, or try `--region us-east-1`",
        )
    if refused.code == "SignatureDoesNotMatch":
        return ShellhookError(
            asked,
            why=f"the secret access key does not fit the access key ID (from {keys})",
            remedy="copy both again: aws configure",
        )
    if refused.code == "RegionDisabledException" or "is not activated" in refused.message:
        return ShellhookError(
            f"{asked} in {plan.sts_region}",
            why="STS is not activated there for this account",
            remedy="activate it (IAM console, Account settings), or use another region with `--region`",
        )
    if refused.code == "ParamValidation":
        return ShellhookError(asked, why=_without_values(refused.message), remedy=_places(hop))
    return ShellhookError(asked, why=f"{refused.code}: {refused.message}", remedy=_places(hop))


def _denied(refused: Refused, plan: Plan, hop: Hop, sent_code: bool, mfa_session: bool) -> str:
    if "explicit deny" in refused.message:
        return f"a policy forbids it outright: {refused.message}"
    role = hop.parameters.get("RoleArn")
    if not role:
        return refused.message
    guesses = ["AWS does not say why. Likely, from what was sent:"]
    if not sent_code and not mfa_session:
        known = "; it turned out before that you have no device: --serial-number, or shellhook forget, if you have now"
        remembered = plan.device == "" and plan.device_where == "an earlier run"
        guesses.append(f"- the role wants MFA, and no code was sent{known if remembered else ''}")
    if "ExternalId" not in hop.parameters:
        guesses.append("- the role wants an external ID (a text its owner gives out), and none was sent")
    else:
        guesses.append(f"- the external ID is not the role's ({hop.where['ExternalId']})")
    if "Tags" in hop.parameters or "SourceIdentity" in hop.parameters:
        guesses.append("- the role does not allow sts:TagSession or sts:SetSourceIdentity")
    guesses.append("- the role's trust policy (who may assume it) does not name you, or there is no such role")
    guesses.append("- your own policies do not allow sts:AssumeRole on it")
    return "\n".join(guesses)


def _denied_remedy(refused: Refused, plan: Plan, hop: Hop, with_code: bool) -> str:
    if "RoleArn" not in hop.parameters:
        return "ask whoever manages this user's policies"
    same = ", with the same options" if any(where.startswith("--") for where in hop.where.values()) else ""
    first = f"see whether the role is spelled right ({hop.where['RoleArn']})"
    if "explicit deny" in refused.message:
        first = "ask whoever manages that policy"
        if not with_code:
            first = f"if it forbids what is done without MFA, name your device with `--serial-number`\nelse {first}"
    return f"{first}\nsee all that is sent{same}: shellhook explain {plan.profile!r}"


def clock(refused: Refused) -> ShellhookError | None:
    """The error where it is our clock that is wrong: a request signed more than 5 minutes (15 for some services) off
    AWS's is refused as forged or expired."""
    off = refused.clock_ahead
    named = refused.code in _CLOCK or "Signature expired" in refused.message or "Signature not yet" in refused.message
    if not named and (refused.code != "SignatureDoesNotMatch" or off is None or abs(off) < 240):
        return None
    by = "" if off is None else f" by {about(abs(off))}: it is {'behind' if off > 0 else 'ahead'}"
    return ShellhookError(
        "AWS does not take requests signed by this machine",
        why=f"its clock is wrong{by}",
        remedy="set the clock (timedatectl set-ntp true; on macOS: sudo sntp -sS time.apple.com), then try again",
    )


def _without_values(message: str) -> str:
    """botocore's report of a parameter that cannot be sent, without the value: it may be the external ID."""
    lines = [line.split(", value:")[0] for line in message.splitlines() if line.strip()]
    return "\n".join(lines[1:] or lines)


def _places(hop: Hop) -> str:
    return "from " + ", ".join(f"{where} ({name})" for name, where in hop.where.items())
