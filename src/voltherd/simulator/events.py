"""What happens at the stations of a fleet, for whoever watches. Costs nothing while nobody does."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Any, Final, Literal

from msgspec import Struct

EventKind = Literal[
    "connected",
    "connect-failed",
    "disconnected",
    "registration",
    "status",
    "plugged",
    "unplugged",
    "card",
    "transaction-started",
    "transaction-ended",
    "command",
    "call-failed",
    "fault",
    "power",
    "limit",
    "incident",
    "frame-sent",
    "frame-received",
    "lost",
]
"""`lost`: so many events came while the reader was too slow."""

BACKLOG: Final = 2_000
"""How many events wait for a slow reader; the oldest are dropped."""


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened; `time` is the station's wall clock."""

    kind: EventKind
    time: str
    station: str | None = None
    evse_id: int | None = None
    data: dict[str, Any] = {}


class Feed:
    """Hands events to those who watch."""

    __slots__ = ("_watches",)

    def __init__(self) -> None:
        self._watches: list[Watch] = []

    @property
    def is_watched(self) -> bool:
        """Whether anybody watches anything."""
        return bool(self._watches)

    def wants_frames(self, station: str) -> bool:
        """Whether somebody watches the frames of a station."""
        return any(watch.frames and watch.station in (None, station) for watch in self._watches)

    def publish(self, event: Event) -> None:
        """Tell those who watch."""
        is_frame = event.kind in ("frame-sent", "frame-received")
        for watch in self._watches:
            if watch.station in (None, event.station) and (watch.frames or not is_frame):
                watch.add(event)

    def watch(self, *, station: str | None = None, frames: bool = False) -> Watch:
        """Watch all stations or one, with or without its frames, until closed."""
        watch = Watch(self, station, frames=frames)
        self._watches.append(watch)
        return watch

    def forget(self, watch: Watch) -> None:
        """Somebody watches no longer."""
        if watch in self._watches:
            self._watches.remove(watch)


class Watch:
    """What somebody has not yet read; a `with` block ends it."""

    __slots__ = ("_arrived", "_feed", "_lost", "_waiting", "frames", "station")

    def __init__(self, feed: Feed, station: str | None, *, frames: bool) -> None:
        self.station = station
        self.frames = frames
        self._feed = feed
        self._waiting: deque[Event] = deque()
        self._lost = 0
        self._arrived = asyncio.Event()

    def add(self, event: Event) -> None:
        """One more."""
        if len(self._waiting) >= BACKLOG:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append(event)
        self._arrived.set()

    def take(self) -> list[Event]:
        """All that wait, at once."""
        lost, self._lost = self._lost, 0
        events = list(self._waiting)
        self._waiting.clear()
        self._arrived.clear()
        if lost:
            events.insert(0, Event(kind="lost", time=events[0].time, station=self.station, data={"events": lost}))
        return events

    async def next(self) -> list[Event]:
        """All that wait, at least one."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self.take()

    def close(self) -> None:
        """Watch no longer."""
        self._feed.forget(self)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()
