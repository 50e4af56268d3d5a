"""What a station does later: one heap of timers in the time of its clock."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush


class Timer:
    """Something to do once, at `when` (seconds of the station's clock)."""

    __slots__ = ("_number", "_timers", "act", "when")

    def __init__(self, timers: Timers, when: float, number: int, act: Callable[[], None]) -> None:
        self.when = when
        self.act: Callable[[], None] | None = act
        self._number = number
        self._timers = timers

    def __lt__(self, other: Timer) -> bool:
        return (self.when, self._number) < (other.when, other._number)

    def cancel(self) -> None:
        """Do not do it; may be called twice, and after it was done."""
        if self.act is not None:
            self.act = None
            self._timers.cancelled()


class Timers:
    """Timers in order; due ones run in `advance`."""

    __slots__ = ("_cancelled", "_count", "_heap")

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._count = 0
        self._cancelled = 0

    def at(self, when: float, act: Callable[[], None]) -> Timer:
        """Call `act` at `when`; a time that has passed means: at the next opportunity."""
        self._count += 1
        timer = Timer(self, when, self._count, act)
        heappush(self._heap, timer)
        return timer

    def advance(self, now: float) -> None:
        """Do what is due. What is set meanwhile waits for the next call, so that nothing runs for ever."""
        newest = self._count
        later = []
        while self._heap and self._heap[0].when <= now:
            timer = heappop(self._heap)
            act, timer.act = timer.act, timer.act if timer._number > newest else None
            if act is None:
                self._cancelled -= 1
            elif timer._number > newest:
                later.append(timer)
            else:
                act()
        for timer in later:
            heappush(self._heap, timer)

    def next_wakeup(self) -> float | None:
        """When something is due, None if nothing is."""
        while self._heap and self._heap[0].act is None:
            heappop(self._heap)
            self._cancelled -= 1
        return self._heap[0].when if self._heap else None

    def cancelled(self) -> None:
        """Note one more timer without meaning; many of them are swept out."""
        self._cancelled += 1
        if self._cancelled > 16 and self._cancelled * 2 > len(self._heap):
            self._heap = [timer for timer in self._heap if timer.act is not None]
            heapify(self._heap)
            self._cancelled = 0
