"""Plan -> session: the newest usable one in the store, else the missing calls, under a lock.

The only room that causes something. Store, clock, asker, AWS and what is said to the user are given to it.

A chain is a list of prefixes, each a session with a key of its own: the MFA session, the first role, the second. The
longest prefix that is in the store is where the calls begin. Locks are taken from the longest prefix to the shortest,
so two processes can never wait for each other.
"""

from __future__ import annotations

from shellhook import arn, mfa, refusal
from shellhook.errors import Cancelled, NoCode, NoNetwork, ShellhookError
from shellhook.hops import HOUR
from shellhook.sts import Aws, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

    from shellhook.hops import Hop
    from shellhook.plan import Plan
    from shellhook.session import Session
    from shellhook.store import Store

TRIES = 3
_SKIPPED = "skipped"


class Broker:
    """Gets sessions. `learned` collects what turned out about the request and is worth keeping with it: `device`,
    `mfa`, `direct`, `account`; None is what turned out to be wrong. `proved` is the device whose code AWS took, if
    the user's files do not name it.

    `shared`: the question is not the user's idea, but every shell's that finds the session expired. One asks, and the
    answer it gets, a skip included, is that of all who waited for it.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        asker: mfa.Asker,
        aws: Aws,
        source: Callable[[], Session],
        say: Callable[[str], None],
        *,
        min_ttl: int | None = None,
        fresh: bool = False,
        shared: bool = False,
    ) -> None:
        self._store, self._clock, self._asker, self._aws, self._say = store, clock, asker, aws, say
        self._fetch = source
        self._source: Session | None = None
        self._said_waiting = False
        self._min_ttl, self._fresh, self._shared = min_ttl, fresh, shared
        self.learned: dict[str, str | None] = {}
        self.proved: str | None = None

    def session(self, plan: Plan) -> Session:
        """The session that the plan ends in. Raises ShellhookError of every kind."""
        if not plan.is_kept:
            return self._begin().replace(issued=int(self._clock()), profile=plan.profile)
        digest = self._store.digest(plan.identity(len(plan.hops)))
        found = self._store.session(digest)
        if found is not None and not self._fresh and found.usable(self._clock(), self._min_ttl):
            return found
        with self._store.lock(digest, self._waiting) as lock:
            stored = self._store.session(digest)
            # Somebody got another while we waited: then it is what was asked for, be that a fresh one or a long one.
            if stored is not None and stored != found and stored.usable(self._clock(), None):
                return stored
            if self._shared and (word := lock.left()):
                raise mfa.Skipped if word == _SKIPPED else Cancelled
            try:
                session = self._last_hop(plan)
            except (mfa.Skipped, Cancelled) as answer:
                lock.leave(_SKIPPED if isinstance(answer, mfa.Skipped) else "cancelled")
                raise
            if session is not self._source:  # which is kept where it came from, and may be another by now
                self._store.put_session(digest, session)
        if self._min_ttl is not None and session.left(self._clock()) <= self._min_ttl:
            self._say(
                f"the longest session to be had is shorter than the {self._min_ttl}s asked for: taken all the same"
            )
        return session

    def account(self, plan: Plan) -> str:
        """The account of the source, asked of AWS, and remembered. Raises ShellhookError."""
        account, _ = self._try(plan, lambda: self._aws.caller(plan, self._begin()))
        self.learned["account"] = account
        return account

    def _begin(self) -> Session:
        if self._source is None:
            self._source = self._fetch()
        return self._source

    def _waiting(self) -> None:
        if not self._said_waiting:
            self._said_waiting = True
            self._asker.waiting()

    def _before_last(self, plan: Plan) -> Session:
        """The session that the last call is made with. It must only last for the call."""
        shorter = plan.replace(hops=plan.hops[:-1])
        if not shorter.is_kept:
            return self._begin()
        min_ttl, fresh = self._min_ttl, self._fresh
        # Renewing a role must not cost a code: the MFA session it comes from stays, unless nothing else was asked.
        self._min_ttl, self._fresh = None, False
        try:
            return self.session(shorter)
        finally:
            self._min_ttl, self._fresh = min_ttl, fresh

    def _last_hop(self, plan: Plan) -> Session:
        if not plan.hops:
            begun = self._begin()
            return begun.replace(issued=int(self._clock()), profile=plan.source.profile or "")
        hop = plan.hops[-1]
        if hop.api == "GetSessionToken":
            return self._session_token(plan, hop)
        if len(plan.hops) > 1 and plan.hops[-2].api == "GetSessionToken":
            return self._role_from_mfa_session(plan, hop)
        if "SerialNumber" in hop.parameters:
            return self._role_with_code(plan, hop, "")
        if len(plan.hops) == 1 and plan.mfa == "refused":
            return self._role_without_code(plan, hop)
        return self._assume(plan, hop, self._before_last(plan))

    # --- the MFA session

    def _session_token(self, plan: Plan, hop: Hop) -> Session:
        """GetSessionToken of the user's own keys; with a code, if there is a device."""
        keys = self._begin()
        if keys.session_token is not None:
            return keys  # a session already: AWS would refuse (STS API reference, GetSessionToken)
        device = str(hop.parameters.get("SerialNumber", ""))
        if not device and plan.device is None:
            device = self._find_device(plan, keys)
            if device:
                plan = plan.replace(hops=()).after_mfa_session(device)
                return self.session(plan)
        if not device:
            self._say("no MFA device: IAM calls, and whatever policies want MFA for, will be refused to this session")
            given = self._try(plan, lambda: self._aws.session_token(plan, keys, hop.parameters))
            return given.replace(issued=int(self._clock()), profile=plan.profile)
        given = self._with_code(plan, hop, keys, "", lambda sent: self._aws.session_token(plan, keys, sent))
        return given.replace(
            issued=int(self._clock()), attended_from=0, device=device, profile=plan.source.profile or ""
        )

    def _with_code(
        self, plan: Plan, hop: Hop, keys: Session, reason: str, call: Callable[[dict[str, object]], Session]
    ) -> Session:
        """The call with a code, asked up to three times."""
        device = str(hop.parameters["SerialNumber"])
        mfa.refuse_security_key(device)
        self._aws.warm(plan, keys)
        refused: ShellhookError | None = None
        for attempt in range(TRIES):
            given = self._asker.has_given
            code = self._asker.code(device, plan.mfa_process, reason)
            now = self._clock()
            if self._store.was_sent(device, code, now):
                refused = NoCode(
                    "this MFA code was used already",
                    why="AWS takes each code once",
                    remedy=f"wait for the next one, {mfa.seconds_to_next(now)}s from now",
                )
            else:
                self._store.note_code(device, code, now)
                try:
                    session = call({**hop.parameters, "TokenCode": code})
                except Refused as error:
                    refused = self._explained(error, plan, hop, sent_code=True)
                    if refusal.is_wrong_device(error) and plan.device_where in ("", "an earlier run"):
                        self.learned["device"] = None
                    if not refusal.is_wrong_code(error):
                        raise refused from None
                except NoNetwork:
                    self._store.forget_code(device)  # most likely it was never seen
                    raise
                else:
                    if not plan.device_where or plan.device_where == "an earlier run":
                        self.proved = device
                    return session
            if given or plan.mfa_process or attempt == TRIES - 1:
                break
            self._say(f"{refused.what}: {refused.remedy}")
            reason = ""
        raise refused or Cancelled()

    # --- a role

    def _role_from_mfa_session(self, plan: Plan, hop: Hop) -> Session:
        """A role, assumed from the MFA session. One that wants a younger code is asked once more, directly."""
        mfa_session = self._before_last(plan)
        try:
            return self._assumed(plan, hop, mfa_session)
        except Refused as error:
            old = mfa_session.session_token is not None and self._clock() - mfa_session.issued > mfa.STEP
            if not refusal.is_denied(error) or not old or mfa_session.device is None:
                raise self._explained(error, plan, hop, mfa_session=mfa_session.device is not None) from None
            reason = f"{hop.parameters['RoleArn']} refuses the MFA session: it may want a code of its own"
            direct = plan.with_code(mfa_session.device)
            session = self._role_with_code(direct, direct.hops[0], reason)
            self.learned["direct"] = "yes"
            return session

    def _role_with_code(self, plan: Plan, hop: Hop, reason: str) -> Session:
        """A role, assumed directly from the user's keys with a code of its own."""
        keys = self._begin()
        duration = hop.parameters.get("DurationSeconds")
        if not reason and isinstance(duration, int) and duration > HOUR:
            reason = "a session of more than 1h takes a code of its own, whatever MFA session there is"
        session = self._with_code(plan, hop, keys, reason, lambda sent: self._aws.assume_role(plan, keys, sent))
        return self._finished(plan, session.replace(device=str(hop.parameters["SerialNumber"])), attended_from=0)

    def _role_without_code(self, plan: Plan, hop: Hop) -> Session:
        """A role that names no device: from the live MFA session or the keys; a code is asked only if AWS refuses."""
        duration = hop.parameters.get("DurationSeconds")
        long = isinstance(duration, int) and duration > HOUR  # what no role has that is assumed with a session
        if plan.device and not long:
            through = plan.after_mfa_session(plan.device)
            held = self._store.session(self._store.digest(through.identity(1)))
            if held is not None and held.usable(self._clock(), None):
                session = self._role_from_mfa_session(through, hop)
                if "direct" in self.learned:
                    self.learned["mfa"] = "yes"  # or the device, which only the source names, would not be taken for it
                return session
        keys = self._begin()
        try:
            return self._assumed(plan, hop, keys)
        except Refused as error:
            if keys.session_token is not None or not refusal.is_denied(error) or plan.device == "":
                raise self._explained(error, plan, hop) from None
            device = plan.device or self._find_device(plan, keys)
            if not device:
                raise self._explained(error, plan, hop) from None
        self._say(f"AWS refuses {hop.parameters['RoleArn']} without MFA; trying with a code")
        if long:
            direct = plan.with_code(device)
            session = self._role_with_code(direct, direct.hops[0], "")
        else:
            session = self._role_from_mfa_session(plan.after_mfa_session(device), hop)
        self.learned["mfa"] = "yes"  # from now on it is wanted at once, as if the role named the device
        return session

    def _assume(self, plan: Plan, hop: Hop, session: Session) -> Session:
        try:
            return self._assumed(plan, hop, session)
        except Refused as error:
            raise self._explained(error, plan, hop, mfa_session=session.device is not None) from None

    def _assumed(self, plan: Plan, hop: Hop, session: Session) -> Session:
        """AssumeRole with the credentials at hand. Raises Refused, but for the hour's cap, which is applied."""
        try:
            given = self._aws.assume_role(plan, session, hop.parameters)
        except Refused as error:
            if not refusal.is_chaining(error):
                raise
            self._say("cut to 1h: AWS allows no more to a role that is assumed with a session")
            given = self._aws.assume_role(plan, session, {**hop.parameters, "DurationSeconds": HOUR})
        # From an MFA session it can be renewed silently while that lives; from keys, or what renews itself, for ever.
        attended = session.spent_from if session.device is not None else session.attended_from
        if session.sign_in is not None and attended is not None:
            attended = max(attended, session.spent_from or attended)  # it serves until its own end, whatever the token
        return self._finished(plan, given.replace(sign_in=session.sign_in), attended_from=attended)

    def _finished(self, plan: Plan, session: Session, attended_from: int | None) -> Session:
        return session.replace(issued=int(self._clock()), attended_from=attended_from, profile=plan.profile)

    # --- devices and refusals

    def _find_device(self, plan: Plan, keys: Session) -> str:
        """The user's device, asked of IAM, else of the user; "" if there is none."""
        try:
            found = self._aws.mfa_devices(plan, keys)
        except (Refused, NoNetwork):  # not allowed, or only STS is within reach
            _, caller = self._try(plan, lambda: self._aws.caller(plan, keys))
            answer = self._asker.device(_likely_device(caller))
            if answer is None:
                return ""
            device = answer
        else:
            codes = [serial for serial in found if ":mfa/" in serial or not serial.startswith("arn:")]
            if found and not codes:
                mfa.refuse_security_key(found[0])
            if not codes:
                return ""  # not remembered: there may be one tomorrow, and IAM would tell
            device = codes[0]
        self.learned["device"] = device
        return device

    def _try(self, plan: Plan, call: Callable[[], T]) -> T:
        try:
            return call()
        except Refused as error:
            raise self._explained(error, plan, plan.hops[-1]) from None

    def _explained(
        self, error: Refused, plan: Plan, hop: Hop, *, sent_code: bool = False, mfa_session: bool = False
    ) -> ShellhookError:
        longest = self._longest(plan, hop) if refusal.is_too_long(error) else None
        return refusal.explain(error, plan, hop, sent_code=sent_code, mfa_session=mfa_session, longest=longest)

    def _longest(self, plan: Plan, hop: Hop) -> int | None:
        """The role's own maximum, in seconds, if IAM tells the user. It only does within the user's account."""
        role = arn.parse(str(hop.parameters["RoleArn"]))
        try:
            return self._aws.longest(plan, self._begin(), role.name) if role else None
        except (Refused, ShellhookError):
            return None


def _likely_device(caller: str) -> str:
    """The ARN that AWS proposes for a user's first device: named like the user (IAM user guide)."""
    partition, account, resource = caller.split(":")[1], caller.split(":")[4], caller.rsplit(":", 1)[1]
    name = "root-account-mfa-device" if resource == "root" else resource.rsplit("/", 1)[-1]
    return f"arn:{partition}:iam::{account}:mfa/{name}"
