"""What is wrong here, and what to do about it: one room a theme, each with small checks that yield findings.

Environment, clock, files and network are given to a check, so that anything can be tried on it. A check may break: that
is one more finding (examination.py), since everything else may be broken too. None shows a secret.
"""

from __future__ import annotations

from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OK, WARN, FAIL = "ok", "warn", "fail"


class Finding(Record):
    """What a check found. `status`: ok; warn, for what may surprise; fail, for what does not work as it is. `remedy` is
    what to do, `where` a file, FILE:LINE or a variable; both may be empty."""

    check: str
    status: str
    message: str
    remedy: str = ""
    where: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return {name: getattr(self, name) for name in self._fields}


def ok(check: str, message: str, where: str = "") -> Finding:
    """Nothing to do."""
    return Finding(check=check, status=OK, message=message, where=where)


def warn(check: str, message: str, remedy: str, where: str = "") -> Finding:
    """Something that may surprise."""
    return Finding(check=check, status=WARN, message=message, remedy=remedy, where=where)


def fail(check: str, message: str, remedy: str, where: str = "") -> Finding:
    """Something that does not work."""
    return Finding(check=check, status=FAIL, message=message, remedy=remedy, where=where)
