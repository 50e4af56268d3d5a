"""The time of a station: seconds that count up, and the wall clock that the CSMS sets."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Counts seconds, `factor` times as fast as real ones.

    The wall clock runs at the same pace, so that power, energy and time stamps agree. A clock that runs
    faster is not set by the CSMS.
    """

    def __init__(self, *, factor: float = 1.0, wall: datetime | None = None) -> None:
        self.factor = factor
        self._start = time.monotonic()
        self._wall = wall if wall is not None else datetime.now(UTC)

    def now(self) -> float:
        """Seconds since the start, in the time of the station."""
        return (time.monotonic() - self._start) * self.factor

    def wall(self, now: float) -> datetime:
        """The date and time at `now`."""
        return self._wall + timedelta(seconds=now)

    def text(self, now: float) -> str:
        """The date and time at `now` as OCPP writes it."""
        return self.wall(now).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def at(self, text: str, now: float) -> float | None:
        """The station time of a date that OCPP wrote, None if it cannot be read; no zone means UTC."""
        try:
            told = datetime.fromisoformat(text)
        except ValueError:
            return None
        if told.tzinfo is None:
            told = told.replace(tzinfo=UTC)
        return now + (told - self.wall(now)).total_seconds()

    def set_wall(self, text: str, now: float) -> bool:
        """Follow the time a CSMS told (OCPP 2.0.1 G02, B01); whether the clock jumped.

        Nonsense and accelerated clocks change nothing.
        """
        if self.factor != 1.0:
            return False
        ahead_s = self.at(text, now)
        if ahead_s is None or abs(ahead_s - now) <= 1.0:
            return False
        self.jump(ahead_s - now)
        return True

    def jump(self, seconds: float) -> None:
        """Set the wall clock on (or back), leaving the count of seconds alone."""
        self._wall += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds of the station's time."""
        await asyncio.sleep(max(seconds, 0.0) / self.factor)
