"""A loopback AWS for the demo and the tests: MiniStack, and a layer for what it lacks.

MiniStack judges signatures, session tokens, expiry, trust and identity policies and external IDs. The layer adds MFA
codes and their condition keys, the limits of durations, STS's own words, IAM Identity Center with pages to press Allow
on, and the console's sign-in. The client under test is told nothing: sessions of seconds, faults and a wrong clock are
asked of this server, by who started it.

    with Sandbox() as sandbox:
        environ.update(sandbox.environment())
        ...
"""

from __future__ import annotations

from importlib.util import find_spec

from shellhook.errors import ShellhookError

if find_spec("ministack") is None or find_spec("hypercorn") is None:
    raise ShellhookError(
        "the sandbox needs MiniStack, which is not installed",
        why="it is an extra: nobody needs it to assume a role of the real AWS",
        remedy="pip install 'shellhook[demo]'",
    )

from shellhook.sandbox.process import Sandbox, SandboxFailed, shown_code

__all__ = ["Sandbox", "SandboxFailed", "shown_code"]
