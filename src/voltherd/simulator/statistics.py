"""What a fleet has seen, in numbers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil, log
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict

from voltherd.station import Observer, StopReason, Transaction

FINEST_MS: Final = 0.01
RATIO: Final = 1.02
"""Latencies are counted in classes, each this much wider than the one before; percentiles are as exact as that."""


class Summary(Struct, frozen=True):
    """The state of a fleet at one moment. Latencies are those of the CSMS's answers, in milliseconds."""

    seconds: float
    stations: int
    connected: int
    accepted: int
    charging: int
    power_kw: float
    messages_sent: int
    messages_received: int
    calls_answered: int
    calls_failed: int
    commands: int
    p50_ms: float
    p99_ms: float
    connects_failed: int
    disconnects: int
    sessions_started: int
    sessions_ended: int
    tokens_refused: int
    energy_kwh: float
    waiting_messages: int
    errors: dict[str, int]


class Latencies:
    """How long answers took, by classes."""

    __slots__ = ("_counts", "_total")

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self._counts: Counter[int] = Counter(counts or {})
        self._total = sum(self._counts.values())

    def add(self, seconds: float) -> None:
        """Note how long one answer took."""
        self._counts[max(ceil(log(max(seconds * 1000 / FINEST_MS, 1.0), RATIO)), 0)] += 1
        self._total += 1

    def percentile_ms(self, share: float) -> float:
        """The latency that this share of the answers did not exceed; 0 without answers."""
        left = share * self._total
        for place in sorted(self._counts):
            left -= self._counts[place]
            if left <= 0:
                return round(FINEST_MS * RATIO**place, 2)
        return 0.0

    @property
    def counts(self) -> dict[int, int]:
        """The classes that hold something."""
        return dict(self._counts)

    def with_these(self, other: Mapping[int, int]) -> Latencies:
        """Both together."""
        return Latencies(self._counts + Counter(other))


class Report(Struct, frozen=True):
    """What one of several processes tells of its stations; `final` when it is about to end."""

    summary: Summary
    latencies: dict[int, int]
    final: bool = False


def together(reports: Iterable[Report]) -> Summary:
    """The numbers of several processes as one fleet's."""
    parts = list(reports)
    latencies = Latencies()
    errors: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for part in parts:
        latencies = latencies.with_these(part.latencies)
        errors.update(part.summary.errors)
        totals.update({key: value for key, value in asdict(part.summary).items() if key not in _NOT_SUMMED})
    return Summary(
        **{name: totals[name] for name in Summary.__struct_fields__ if name not in _NOT_SUMMED},
        seconds=max((part.summary.seconds for part in parts), default=0.0),
        p50_ms=latencies.percentile_ms(0.5),
        p99_ms=latencies.percentile_ms(0.99),
        errors=dict(errors.most_common(20)),
    )


_NOT_SUMMED: Final = ("seconds", "p50_ms", "p99_ms", "errors")


class Statistics:
    """Counters of a whole fleet."""

    def __init__(self) -> None:
        self.started_at = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.energy_wh = 0.0
        self.latencies = Latencies()


class Watcher(Observer):
    """Adds what one station sees to the statistics of its fleet."""

    __slots__ = ("_count", "_statistics")

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._count = statistics.counts

    def on_disconnected(self, reason: str) -> None:
        self._count["disconnects"] += 1

    def on_connect_failed(self, reason: str, status: int | None) -> None:
        self._count["connects_failed"] += 1
        self._statistics.errors[f"connect: {reason}"] += 1

    def on_sent(self, data: bytes) -> None:
        self._count["sent"] += 1

    def on_received(self, data: bytes) -> None:
        self._count["received"] += 1

    def on_answer(self, action: str, waited_s: float) -> None:
        self._count["answered"] += 1
        self._statistics.latencies.add(waited_s)

    def on_call_failed(self, action: str, problem: str) -> None:
        self._count["failed"] += 1
        self._statistics.errors[f"{action}: {problem}"] += 1

    def on_command(self, action: str) -> None:
        self._count["commands"] += 1

    def on_token_refused(self) -> None:
        self._count["tokens_refused"] += 1

    def on_transaction_started(self, transaction: Transaction) -> None:
        self._count["sessions_started"] += 1

    def on_transaction_ended(self, transaction: Transaction, energy_wh: float, reason: StopReason) -> None:
        self._count["sessions_ended"] += 1
        self._statistics.energy_wh += energy_wh
