"""What an SDK takes before an endpoint: then `--serve` would not be what programs use."""

from __future__ import annotations

from shellhook.errors import BadConfiguration, NoSuchProfile, ShellhookError
from shellhook.profiles import read
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.assume import Here
    from shellhook.profiles import Files

# What each provider before the container's looks for in the profile `default`, with no AWS_PROFILE set
# (botocore/credentials.py, `create_credential_resolver`; JavaScript's chain looks at the profile first too).
_PROVIDERS = {
    "aws_access_key_id": "keys",
    "role_arn": "a role",
    "web_identity_token_file": "a web identity",
    "sso_account_id": "a login to IAM Identity Center",
    "sso_role_name": "a login to IAM Identity Center",
    "credential_process": "a command that gives credentials",
    "login_session": "an `aws login` session",
}


def by(files: Files, environ: Mapping[str, str]) -> list[str]:
    """A line for each thing that outranks an endpoint, with file and line. Empty if nothing does.

    Raises BadConfiguration if the profile `default` cannot be read.
    """
    found = []
    if environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        found.append("AWS_WEB_IDENTITY_TOKEN_FILE is set: SDKs take that web identity first")
    try:
        default = read(files).profile("default")
    except NoSuchProfile:
        return found
    for key, what in _PROVIDERS.items():
        if key in default.where:
            found.append(f"{default.where[key]}: {what} in the profile `default`, which SDKs take first")
    return found


def refuse(here: Here, *, force: bool) -> None:
    """Raises ShellhookError if something outranks an endpoint; with `force` it is only said."""
    try:
        lines = by(here.files(), here.original)
    except BadConfiguration as error:
        lines = [*error.why.splitlines(), "SDKs read the profile `default` before they ask an endpoint"]
    if lines and force:
        for line in lines:
            say(f"shellhook: {line}")
    elif lines:
        raise ShellhookError(
            "--serve: programs would not ask the endpoint",
            why="\n".join(lines),
            remedy="give that profile another name, or leave --serve out: keys in the environment outrank it\n"
            "--force serves all the same",
        )
