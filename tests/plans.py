"""Plans as the tests ask for them: two files in a directory, a request, and what was known before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shellhook import plan
from shellhook.profiles import Configuration, read
from shellhook.request import Request
from tests.test_profiles import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from shellhook.plan import Plan
    from shellhook.profiles import Files

ACCOUNT = "111122223333"
KEYS = "aws_access_key_id = AKIABASE\naws_secret_access_key = base-secret\n"
BASE = f"[profile base]\n{KEYS}"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/me"
NOTHING: Mapping[str, Any] = {}
H = 3600
MFA = f"mfa_serial = {DEVICE}"
OTHER_DEVICE = DEVICE.replace("mfa/me", "mfa/other")
SECURITY_KEY = f"arn:aws:iam::{ACCOUNT}:u2f/user/me/key-ABC"
SSO = "sso_account_id = 1\nsso_role_name = r\nsso_start_url = u\nsso_region = eu-west-1\n"
SESSION = f"[profile base]\n{KEYS}aws_session_token = t\n"
PROCESS = "[profile base]\ncredential_process = k\n"


def arn(name: str, account: str = ACCOUNT, partition: str = "aws") -> str:
    """The ARN of a role."""
    return f"arn:{partition}:iam::{account}:role/{name}"


def role(name: str, source: str = "base", *more: str) -> str:
    """The section of a profile that assumes the role of its own name."""
    return "\n".join([f"[profile {name}]", f"role_arn = {arn(name)}", f"source_profile = {source}", *more, ""])


def request(files: Files, profile: str | None = "x", **asked: Any) -> Request:
    """A request of these files."""
    return Request(profile=profile, config=files.config, credentials=files.credentials, **asked)


def make(
    directory: Path,
    config: str,
    profile: str | None = "x",
    *,
    credentials: str = "",
    environ: Mapping[str, str] | None = None,
    learned: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    user: str = "me",
    **asked: Any,
) -> Plan:
    """The plan for a profile, with what was `asked` beside it."""
    files = write(directory, config, credentials)
    wanted = request(files, profile, **asked)
    return plan.make(wanted, read(files), environ or {}, user, learned or {}, defaults or {})


def configuration(directory: Path, config: str, credentials: str = "") -> Configuration:
    """The two files, read."""
    return read(write(directory, config, credentials))


def calls(made: Plan) -> list[str]:
    """The plan's calls in short: `session 43200` buys an MFA session or a plain one, `x 3600` assumes x; `+me` is the
    device whose code goes with the call."""
    short = []
    for hop in made.hops:
        device = hop.parameters.get("SerialNumber")
        words = [
            "session" if hop.api == "GetSessionToken" else str(hop.parameters["RoleArn"]).rsplit("/", 1)[-1],
            *([str(hop.parameters["DurationSeconds"])] if "DurationSeconds" in hop.parameters else []),
            *([f"+{str(device).rsplit('/', 1)[-1]}"] if device else []),
        ]
        short.append(" ".join(words))
    return short
