"""botocore with less of it loaded."""

from __future__ import annotations

import contextlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def for_botocore() -> Iterator[None]:
    yield
