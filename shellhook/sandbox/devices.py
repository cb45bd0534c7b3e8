"""Virtual MFA devices: which codes they show, and which of them STS takes, each once."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from shellhook.sandbox import totp

if TYPE_CHECKING:
    from collections.abc import Iterator

# A clock may be one step off in either direction. RFC 6238, 5.2.
WINDOW = (0, 1, -1)
# A code is only given away if it is accepted for at least this many seconds more.
MARGIN = 10.0


class Device:
    """One user's virtual device. Times are epoch seconds of the server's clock."""

    def __init__(self, serial: str, owner: str) -> None:
        self.serial = serial
        self.owner = owner  # the ARN of the user it is enabled for
        self.seed = totp.new_seed()
        self._retired: list[tuple[str, float]] = []  # seeds of before, and when they were replaced
        self._used: set[tuple[str, int]] = set()
        self._given: set[tuple[str, int]] = set()

    def accepts(self, typed: str, now: float) -> bool:
        """Whether STS takes this code now. It takes it once: the same code is wrong from then on."""
        for seed, step in self._accepted(now):
            if hmac.compare_digest(totp.code_of_step(seed, step), typed):
                if (seed, step) in self._used:
                    return False
                self._used.add((seed, step))
                return True
        return False

    def shown(self, now: float) -> tuple[str, float, bool]:
        """What the app shows: the code, the seconds it stays, and whether STS has taken it already."""
        step = totp.step_of(now)
        left = (step + 1) * totp.STEP - now
        return totp.code_of_step(self.seed, step), left, (self.seed, step) in self._used

    def fresh(self, now: float) -> str:
        """A code that was neither used nor given by this method before, so that no test has to wait 30 s.

        When the three codes that are accepted now are spent, the user has enrolled the device anew: it has another
        seed. Codes of the old one that were given and not used yet stay good until their time is over.
        """
        for offset in WINDOW:
            step = totp.step_of(now) + offset
            accepted_until = (step + 2) * totp.STEP
            spent = {(self.seed, step)} & (self._used | self._given)
            if not spent and accepted_until - now >= MARGIN:
                self._given.add((self.seed, step))
                return totp.code_of_step(self.seed, step)
        self._retired.append((self.seed, now))
        self.seed = totp.new_seed()
        return self.fresh(now)

    def wrong(self, now: float) -> str:
        """Six digits that STS refuses now."""
        accepted = {totp.code_of_step(seed, step) for seed, step in self._accepted(now)}
        return next(digits for digits in (f"{number:06}" for number in range(1000)) if digits not in accepted)

    def _accepted(self, now: float) -> Iterator[tuple[str, int]]:
        recent = [seed for seed, until in self._retired if now - until < 3 * totp.STEP]
        for seed in [self.seed, *recent]:
            for offset in WINDOW:
                yield seed, totp.step_of(now) + offset
