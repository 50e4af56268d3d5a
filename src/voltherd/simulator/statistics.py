"""What a fleet has seen, in numbers."""

from __future__ import annotations

import time
from collections import Counter
from random import Random
from typing import Final

from msgspec import Struct

from voltherd.station import Observer, StopReason, Transaction

KEPT_LATENCIES: Final = 100_000
"""How many latencies are kept; beyond that a fair sample of them."""


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


class Statistics:
    """Counters of a whole fleet."""

    def __init__(self) -> None:
        self.started_at = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.energy_wh = 0.0
        self._latencies_s: list[float] = []
        self._seen = 0
        self._random = Random(0)

    def latency(self, seconds: float) -> None:
        """Note how long one answer took."""
        self._seen += 1
        if len(self._latencies_s) < KEPT_LATENCIES:
            self._latencies_s.append(seconds)
        else:
            place = self._random.randrange(self._seen)
            if place < KEPT_LATENCIES:
                self._latencies_s[place] = seconds

    def percentile_ms(self, share: float) -> float:
        """The latency that this share of the answers did not exceed; 0 without answers."""
        if not self._latencies_s:
            return 0.0
        ordered = sorted(self._latencies_s)
        return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000, 2)


class Watcher(Observer):
    """Adds what one station sees to the statistics of its fleet."""

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
        self._statistics.latency(waited_s)

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
