"""Guessing PINs is made slow: after a few wrong ones at a station none is looked at for a while (C04.FR.06)."""

from collections import OrderedDict
from typing import NamedTuple

FREE_ATTEMPTS = 5
FIRST_PAUSE_MS = 30_000
LONGEST_PAUSE_MS = 15 * 60_000
FORGOTTEN_AFTER_MS = 60 * 60_000
MAX_STATIONS = 10_000


class _Wrong(NamedTuple):
    times: int
    last_ms: int


class PinGuard:
    """Counts wrong PINs per station, in memory."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[int, _Wrong] = OrderedDict()

    def is_closed(self, station_id: int, now_ms: int) -> bool:
        """Whether PINs of a station are refused unseen now."""
        wrong = self._wrong.get(station_id)
        if wrong is None or wrong.times < FREE_ATTEMPTS:
            return False
        pause_ms = min(FIRST_PAUSE_MS << min(wrong.times - FREE_ATTEMPTS, 10), LONGEST_PAUSE_MS)
        return now_ms - wrong.last_ms < pause_ms

    def judged(self, station_id: int, now_ms: int, *, right: bool) -> None:
        """Note how a PIN was judged; a right one opens."""
        before = self._wrong.pop(station_id, None)
        if right:
            return
        count = 0 if before is None or now_ms - before.last_ms > FORGOTTEN_AFTER_MS else before.times
        self._wrong[station_id] = _Wrong(count + 1, now_ms)
        if len(self._wrong) > MAX_STATIONS:
            self._wrong.popitem(last=False)
