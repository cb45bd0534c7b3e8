"""The process that an endpoint lives for: a shell, a subshell, or a command."""

from __future__ import annotations

import os

import psutil

from shellhook.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.answer import Caller

_SAME = 2.0  # seconds: the boot time that start times are counted from is good to the second


class Owner(Record):
    """A process, by its number and when it was started (epoch; 0 if it cannot be seen): numbers are given again."""

    pid: int
    started: float


def of_shell(caller: Caller) -> Owner:
    """The shell that called. Where that was in a subshell, that one: what is set there dies with it."""
    return _of(_subshell(caller.pid) if caller.subshell else caller.pid)


def myself() -> Owner:
    """This process: it becomes a command."""
    return _of(os.getpid())


class Watch:
    """Looks after an owner."""

    def __init__(self, owner: Owner) -> None:
        try:
            process = psutil.Process(owner.pid)
            self._process = process if abs(process.create_time() - owner.started) <= _SAME else None
        except psutil.Error:
            self._process = None

    def lives(self) -> bool:
        """Is it still there? One that has ended and was not waited for is not."""
        try:
            return (
                self._process is not None
                and self._process.is_running()
                and self._process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:
            return True


def _of(pid: int) -> Owner:
    try:
        return Owner(pid=pid, started=psutil.Process(pid).create_time())
    except psutil.Error:
        return Owner(pid=pid, started=0.0)


def _subshell(shell: int) -> int:
    """The process between the shell and us that stands next to the shell: the outermost pair of parentheses. The
    shell itself if we are not below it."""
    try:
        below = psutil.Process()
        for above in below.parents():
            if above.pid == shell:
                return below.pid if below.pid != os.getpid() else shell
            below = above
    except psutil.Error:
        pass
    return shell
