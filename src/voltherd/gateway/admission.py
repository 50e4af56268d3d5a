"""How many connections are taken at once: a fleet that comes back together is let in little by little (trap 17)."""

import random
from collections.abc import Callable
from typing import Final

BURST_S: Final = 10.0
"""So many seconds' worth of connections may come at once."""
MIN_RETRY_S: Final = 5.0
SPREAD_S: Final = 25.0


class Admission:
    """A bucket that fills with `per_s` connections a second; None: no limit."""

    def __init__(self, monotonic: Callable[[], float], *, spread: Callable[[], float] = random.random) -> None:
        self._monotonic = monotonic
        self._spread = spread
        self._per_s: float | None = None
        self._left = 0.0
        self._at = monotonic()

    def limit(self, per_s: float | None) -> None:
        """Set the rate; the bucket is full then."""
        self._per_s, self._left, self._at = per_s, (per_s or 0.0) * BURST_S, self._monotonic()

    def retry_after_s(self) -> int | None:
        """Take one connection (None), or say in how many s to come back: not all at the same instant."""
        if self._per_s is None:
            return None
        now = self._monotonic()
        self._left = min(self._per_s * BURST_S, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return None
        return round(MIN_RETRY_S + SPREAD_S * self._spread())
