"""The other tools, where they are on the PATH: a session that each has kept, what it starts at a TAB, and its version,
which is what its mere start costs.

None of them is set up with more than the AWS files that we get, and awsume with the MFA session that it wants. What a
tool does not keep, or only in a keyring of its own, it does each time: a row's name says what was called.
"""

from __future__ import annotations

import shutil
import subprocess

# What comes nearest to `assume read-only` where that is stored: credentials in a form that a shell can take.
SESSIONS = {
    "awsume": ["awsumepy", "read-only"],  # keeps the session that the code buys, not the role's
    "granted": ["granted", "credential-process", "--profile", "read-only"],
    "aws-vault": ["aws-vault", "exec", "read-only", "--", "env"],
    "aws-sso-cli": ["aws-sso", "process", "--profile", "read-only"],
    "AWS CLI": ["aws", "configure", "export-credentials", "--profile", "read-only"],
    "AWS CLI, a call": ["aws", "sts", "get-caller-identity", "--profile", "read-only"],
    # No session, but what it shows of one, at each prompt.
    "starship": [
        *(
            "env",
            "AWSUME_PROFILE=read-only",
            "AWS_SECRET_ACCESS_KEY=x",
            "AWS_CREDENTIAL_EXPIRATION=2100-01-01T00:00:00Z",
        ),
        *("starship", "module", "aws"),
    ],
}
# As their own completion scripts do it; with 1,000 profiles.
COMPLETERS = {
    "awsume": ["awsume-autocomplete"],
    "granted": ["assumego", "--generate-bash-completion"],
    "aws-vault": ["aws-vault", "list", "--profiles"],
    "aws-sso-cli": ["env", "COMP_LINE=aws-sso exec --profile rea", "aws-sso"],
    "AWS CLI": ["aws", "configure", "list-profiles"],
}
VERSIONS = {
    "awsume": ["awsumepy", "--version"],
    "granted": ["assumego", "--version"],
    "aws-vault": ["aws-vault", "--version"],
    "aws-sso-cli": ["aws-sso", "version"],
    "AWS CLI": ["aws", "--version"],
    "starship": ["starship", "--version"],
}


def prepare(environ: dict[str, str], code: str) -> None:
    """Let them keep what they can keep. `code` is of the user's MFA device."""
    if shutil.which("awsumepy"):
        words = ["awsumepy", "read-only", "--mfa-token", code]
        subprocess.run(words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def found(environ: dict[str, str], commands: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    """A row's name and command, of each that is here and does what is asked of it. Those that don't are printed."""
    usable = []
    for name, words in commands.items():
        called = [word for word in words if word != "env" and "=" not in word]
        row = f"{name}: {' '.join(called)}"
        if shutil.which(called[0]) is None:
            print(f"{row}: not here")
            continue
        try:
            subprocess.run(words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=60)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            said = (error.stderr or b"").decode(errors="replace").strip().splitlines()
            print(f"{row}: left out: {said[-1] if said else error}")
        else:
            usable.append((row, words))
    return usable
