"""Which profiles are used, how often and how lately: what is most likely wanted stands first.

Names and times only. In the store, of at most so many profiles: who uses more has not used the rest for long.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from shellhook.store import Store

MOST = 500
_HALF_LIFE = 7 * 86_400  # seconds after which a use weighs half


def note(store: Store, profile: str, now: float) -> None:
    """Remember that a profile was assumed at `now`, epoch seconds."""
    with store.lock("usage", lambda: None):
        uses = store.uses()
        uses[profile] = (weights(uses, now).get(profile, 0.0) + 1, now)
        if len(uses) > MOST:
            weighed = weights(uses, now)
            uses = {name: uses[name] for name in sorted(uses, key=weighed.__getitem__)[-MOST:]}
        store.put_uses(uses)


def weights(uses: Mapping[str, tuple[float, float]], now: float) -> dict[str, float]:
    """The weight of each profile at `now`: every use counts 1, and half of that a week later. A clock that was set
    back makes no use count more."""
    return {name: weight * 0.5 ** (max(0.0, now - at) / _HALF_LIFE) for name, (weight, at) in uses.items()}
