"""A call over the network that ends in time, and at a Ctrl-C, whatever it hangs in.

The timeouts of a socket are for each of its waits: an answer that comes a byte at a time never ends. And the search for
a host's address has none that we could set; nor does a Ctrl-C end it (glibc's getaddrinfo goes on with its wait).
"""

from __future__ import annotations

import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

SECONDS = 60  # that one call may take, all its attempts together
SECONDS_TO_LOOK = 10  # one that only spares a question: where IAM cannot be reached, STS often can
_LOOK = 0.1  # seconds: on Windows a wait is not ended by a Ctrl-C


def within(seconds: float, call: Callable[[], T]) -> T:
    """What the call gives or raises. Raises TimeoutError after so many seconds.

    It is made in a thread of its own, and left to itself if it is not waited for any more: `__main__` then ends the
    process without it.
    """
    done = threading.Event()
    given: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            given.append(call())
        except BaseException as error:
            raised.append(error)
        finally:
            done.set()

    threading.Thread(target=run, daemon=True).start()
    ends = time.monotonic() + seconds
    while not done.wait(_LOOK):
        if time.monotonic() > ends:
            raise TimeoutError(f"no answer, or none that came to an end, in {seconds:.0f}s")
    if raised:
        try:
            raise raised[0]
        finally:
            raised.clear()  # or the error would hold the frame that holds it
    return given[0]
