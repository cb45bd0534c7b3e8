"""Somebody at a shell: the hook is loaded, AWS files are at home, an authenticator is at hand, AWS is the sandbox.

me = person(shell)
me.asked("assume power-user")
me.answers(me.code())
assert me.ready().status == 0
assert me.environment()["SHELLHOOK_PROFILE"] == "power-user"
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shellhook import shells as hooks
from shellhook.sandbox import Sandbox
from tests import caller
from tests.desk import PROGRAM, Desk
from tests.shell.session import Result, ShellSession, State
from tests.shell.shells import Shell

# A machine may have much else to do. Nobody waits for as long as that unless something is wrong.
PATIENCE = 60
MFA_QUESTION = "MFA code of .*: $"
_OF_THE_PROMPT = re.compile(r"__shellhook_\w+'?$|\bPROBE_|\bSHELLHOOK_SEGMENT\b|variables (PS1|R?PROMPT)$")
# A program of the user's own, where a line names one.
_AWS_CALL = """
import sys
import boto3
print(boto3.client("sts").get_caller_identity()[sys.argv[1]])
"""


class Person:
    """A shell session with everything around it. `root` is an empty directory.

    `hooked`: the hook is loaded from the start, under the name `command`. `sessions`: a store to begin with.
    `first` is typed into the start-up file before the hook, `rc` after it.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        shell: Shell,
        root: Path,
        *,
        env: Mapping[str, str | None] | None = None,
        first: str = "",
        rc: str = "",
        hooked: bool = True,
        command: str = "assume",
        sessions: Path | None = None,
    ) -> None:
        self.sandbox, self.shell = sandbox, shell
        self.desk = Desk(sandbox, root)
        if sessions is not None:
            shutil.copytree(sessions, self.desk.state)
        self.hook = root / f"hook.{shell.extension}"
        self.hook.write_text(hooks.hook(shell.kind, PROGRAM, command), encoding="utf-8")
        (self.desk.home / "aws-call.py").write_text(_AWS_CALL, encoding="utf-8")
        given = {"XDG_STATE_HOME": str(self.desk.state), "AWS_EC2_METADATA_DISABLED": "true"}
        given |= {"USER": "me", "LOGNAME": "me"}  # zsh and fish set the one that is missing by themselves
        load = shell.source(self.hook) if hooked else ""
        self.session = ShellSession(
            shell,
            root,
            rc="\n".join([first, load, rc]),
            env={**given, **(env or {})},
            columns=240,  # wide enough that no path is broken
        )

    # What they do

    def types(self, line: str) -> Result:
        """Type a line, and wait for the next prompt."""
        return self.session.run(line, PATIENCE)

    def asked(self, line: str, question: str = MFA_QUESTION) -> None:
        """Type a line that leads to a question, and wait for that."""
        self.answers(line)
        self.sees_question(question)

    def answers(self, text: str) -> None:
        """Type an answer and Enter."""
        self.session.type(text)
        self.session.key("enter")

    def ready(self) -> Result:
        """Wait for the next prompt."""
        return self.session.ready(PATIENCE)

    def code(self, user: str = "alice") -> str:
        """What the authenticator shows: a code that was not used yet."""
        return self.sandbox.code(user)

    def calls_aws(self, service: str, call: str) -> Mapping[str, Any]:
        """What AWS answers a program that has the variables that the shell exports. Raises ClientError."""
        return caller.answered(self.environment(), service, call)

    def is_at_aws(self) -> str:
        """Who AWS says they are, by the credentials of the shell."""
        return caller.arn(self.environment()).rpartition(":")[2]

    # What they see, and what there is to see

    def sees(self, what: str) -> None:
        """Wait until the screen shows it."""
        self.session.wait(what, PATIENCE)

    def sees_question(self, question: str = MFA_QUESTION) -> None:
        """Wait until the cursor stands behind it: what is typed earlier is shown by the terminal."""
        matches = re.compile(question).search
        self.session.terminal.wait(lambda _: matches(self.session.terminal.before_cursor()), PATIENCE)

    def state(self) -> State:
        """Everything the shell holds."""
        return self.session.state()

    def changed_since(self, before: State) -> dict[str, tuple[object, object]]:
        """What is not as it was, except for what the hook notes for the prompt: that has a time in it."""
        differences = self.state().differences(before)
        return {name: pair for name, pair in differences.items() if not _OF_THE_PROMPT.search(name)}

    def environment(self) -> dict[str, str]:
        """The exported variables."""
        return {
            name.decode(): value.decode("utf-8", "surrogateescape")
            for name, value in self.session.environment().items()
        }

    def profile(self) -> str | None:
        """Whose session is on."""
        return self.environment().get("SHELLHOOK_PROFILE")


Meet = Callable[..., Person]
