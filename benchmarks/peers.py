"""The other tools, where they are on the PATH."""

from __future__ import annotations

import shutil
import subprocess

# What comes nearest to `assume read-only`: credentials of that profile, in a form that a shell can take.
COMMANDS = {
    "awsume": ["awsumepy", "read-only"],
    "awsume (hello)": ["awsumepy", "--version"],
    "granted (hello)": ["assumego", "--version"],
    "granted": ["granted", "credential-process", "--profile", "read-only"],
    "aws-vault (hello)": ["aws-vault", "--version"],
    "AWS CLI (hello)": ["aws", "--version"],
    "AWS CLI, get-caller-identity": ["aws", "sts", "get-caller-identity", "--profile", "read-only"],
    "AWS CLI, export-credentials": ["aws", "configure", "export-credentials", "--profile", "read-only"],
}
# What they start at each TAB.
COMPLETERS = {
    "awsume's completer": ["awsume-autocomplete"],
    "AWS CLI, list-profiles": ["aws", "configure", "list-profiles"],
}


def found(environ: dict[str, str], commands: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    """Name and command of each that is there and does what is asked of it."""
    usable = []
    for name, words in commands.items():
        program = shutil.which(words[0])
        if program is None:
            continue
        done = subprocess.run(words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode == 0:
            usable.append((name, words))
        else:
            print(f"{name}: left out, it ended with status {done.returncode}")
    return usable
