"""A new key in place of an old one. Killed at any moment, a working key remains, and a second run finishes the job.

    what is done                          what a second run finds if we are killed after it
    note which keys there are             nothing was done
    CreateAccessKey                       a key that was not there: its secret is lost, it is deleted after a yes
    the new key into the keyring          a key that was not there, and the keyring has it
    note the new key                      the new key by name
    GetCallerIdentity with the new key    the same
    the new key's ID into the files       the files have the new key
    UpdateAccessKey: the old is inactive  the same: doing it twice does no harm, from here on
    DeleteAccessKey: the old one          the same, the old key gone
    the old one out of the keyring        the same
    forget what was noted                 nothing is under way

What is noted are IDs, no secrets. Until the files name the new key, the old one works.
"""

from __future__ import annotations

import time

from shellhook import assume, keys, os_keyring, profiles, user_files
from shellhook.environment import rfc3339
from shellhook.errors import NoNetwork, ShellhookError
from shellhook.keys import held, iam
from shellhook.request import Request
from shellhook.session import Session
from shellhook.shells.posix import word
from shellhook.ui import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from shellhook.assume import Here
    from shellhook.keys.iam import Iam
    from shellhook.mfa import Asker
    from shellhook.sts import Aws

_AT_ONCE = 600  # seconds between the note and the key that it announces, by two clocks


class Rotation:
    """The rotation of one profile's key. `program` is our own absolute path; `yes` answers every question."""

    def __init__(self, here: Here, name: str, program: str, aws: Aws, asker: Asker, *, yes: bool) -> None:
        self._here, self._name, self._program, self._asker, self._yes = here, name, program, asker, yes
        self._aws = aws
        files = here.files()
        self._found = held.in_keyring(profiles.read(files), name)
        self._note = here.store.digest(ascii(("rotation", files.config, files.credentials, name)))
        request = Request(profile=name, config=files.config, credentials=files.credentials)
        plan, _ = assume.planned(here, request, {}, quiet=True)
        self._plan = plan.replace(profile=name)

    def run(self) -> tuple[str, str] | None:
        """The IDs of the old key and the new one; None if it was not wanted. Raises ShellhookError of every kind."""
        with self._here.store.lock(self._note, lambda: say("waiting for another rotation of this key")):
            self._found = held.in_keyring(profiles.read(self._here.files()), self._name)  # it may be another by now
            current = self._found.key_id
            noted = self._here.store.rotation(self._note)
            if noted and current not in (noted["old"], noted.get("new")):
                noted = None  # the profile has had another key since
            own = Session(access_key_id=current, secret_access_key=keys.secret(current))
            at_iam = iam.Iam(self._here, self._aws, self._plan, own)
            if noted and current == noted.get("new"):
                at_iam.sign_with(own)
            if noted:
                say(f"going on with the rotation of {noted['old']}, which did not end")
            elif (noted := self._begin(at_iam, current)) is None:
                return None
            old = noted["old"]
            new = self._new_key(at_iam, noted)
            self._verify(at_iam, new, noted)
            self._finish(at_iam, old, new)
            return old, new.access_key_id

    def _begin(self, at_iam: Iam, current: str) -> dict[str, Any] | None:
        there = at_iam.listed()
        if len(there) >= iam.LIMIT:
            other = next((key for key in there if key.key_id != current), there[-1])
            raise ShellhookError(
                f"the user of profile {self._name!r} has two keys, and IAM allows no third",
                why="\n".join(f"{key.key_id}  {key.status:<8}  made {rfc3339(key.created)}" for key in there),
                remedy=f"if {other.key_id} is used nowhere: "
                f"aws iam delete-access-key --access-key-id {other.key_id} --profile {word(self._name)}",
            )
        say(f"a new key takes the place of {current}, which is deleted: wherever else that is in use, it ends")
        if not (self._yes or self._asker.confirm("Go on?")):
            return None
        noted = {"old": current, "before": [key.key_id for key in there], "at": int(time.time())}
        self._here.store.put_rotation(self._note, noted)
        return noted

    def _new_key(self, at_iam: Iam, noted: dict[str, Any]) -> Session:
        """The new key: the one that an earlier run made, if it can be found, else a newly made one."""
        if noted.get("new"):
            kept = iam.secret_of(noted["new"])
            # Once the files name it, it need not be looked for.
            if kept and (noted["new"] == self._found.key_id or noted["new"] in [key.key_id for key in at_iam.listed()]):
                return kept
            os_keyring.delete(noted["new"])  # somebody has deleted it at AWS
            noted = {name: value for name, value in noted.items() if name != "new"}
            self._here.store.put_rotation(self._note, noted)
        for key in at_iam.listed():
            if key.key_id in noted["before"]:
                continue
            if (kept := iam.secret_of(key.key_id)) is not None:
                return self._noted(kept, noted)
            self._delete_lost(at_iam, key, noted)
        made = self._made(at_iam)
        try:
            os_keyring.put(made.access_key_id, made.secret_access_key)
        except ShellhookError:
            at_iam.delete(made.access_key_id)
            self._here.store.drop_rotation(self._note)
            raise
        return self._noted(made, noted)

    def _made(self, at_iam: Iam) -> Session:
        try:
            return at_iam.create()
        except NoNetwork:
            raise  # it may have been made
        except ShellhookError as error:
            # Of two attempts of botocore's the first may have made one, without our hearing of it.
            if "LimitExceeded" not in error.why:
                self._here.store.drop_rotation(self._note)
            raise

    def _noted(self, new: Session, noted: dict[str, Any]) -> Session:
        self._here.store.put_rotation(self._note, {**noted, "new": new.access_key_id})
        return new

    def _delete_lost(self, at_iam: Iam, key: iam.Key, noted: dict[str, Any]) -> None:
        """A key that came after the rotation had begun and whose secret is not in the keyring: made by a run that was
        killed, if it is as old as that; else it may be somebody else's, and only a person can tell."""
        say(f"{key.key_id} was made meanwhile, {rfc3339(key.created)}, and its secret is not in the keyring")
        ours = abs(key.created - noted["at"]) < _AT_ONCE
        if not ((self._yes and ours) or self._asker.confirm(f"Delete {key.key_id}, and make another?", default=ours)):
            raise ShellhookError(
                f"the rotation of {noted['old']} waits",
                why=f"{key.key_id} is there, and IAM allows no third key",
                remedy="if nobody uses it, run this at a terminal, which asks whether to delete it",
            )
        at_iam.delete(key.key_id)

    def _verify(self, at_iam: Iam, new: Session, noted: dict[str, Any]) -> None:
        """Does AWS take the new key, and as the same user?"""
        caller = at_iam.caller(new, is_new=True)
        if self._found.key_id != noted["old"]:
            return  # the files have it: the old one may be gone
        own = Session(access_key_id=noted["old"], secret_access_key=keys.secret(noted["old"]))
        former = at_iam.caller(own)
        if caller != former:
            raise ShellhookError("the new key is another user's", why=f"{caller}, and the old one's is {former}")

    def _finish(self, at_iam: Iam, old: str, new: Session) -> None:
        files = self._here.files()
        with user_files.held(files.config, files.credentials):
            held.renamed(held.of_key(old, profiles.read(files)), self._program, new.access_key_id)
        at_iam.sign_with(new)
        at_iam.deactivate(old)
        at_iam.delete(old)
        os_keyring.delete(old)
        self._here.store.drop_rotation(self._note)
