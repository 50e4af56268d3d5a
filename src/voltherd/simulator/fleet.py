"""Many stations and their drivers in one process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.cards import Cards
from voltherd.simulator.drivers import Behaviour, Drivers
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.plan import FleetPlan, FleetVersion, StationPlan
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.statistics import Statistics, Summary, Watcher
from voltherd.simulator.vehicle import EvseRating
from voltherd.station import Clock, StationConfig, StopReason, Transaction

TRIES: Final = 3
"""How often each of the first stations may fail to connect before the fleet gives up."""


class FleetError(Exception):
    """The fleet cannot work; the text is one line for the operator."""


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """How a fleet runs.

    Attributes:
        accelerate: how many times faster than real time it lives.
        duration_s: real seconds it will run, where known: an accelerated clock then starts so far in the past
            that it does not run ahead of real time.
        ramp_per_s: stations that are switched on each real second.
        meter_interval_s: between meter values, in the stations' seconds.
        drivers: whether anybody comes to charge.
    """

    accelerate: float = 1.0
    duration_s: float | None = None
    ramp_per_s: float = 100.0
    meter_interval_s: int = 60
    seed: int = 1
    drivers: bool = True
    compression: bool = False
    behaviour: Behaviour = field(default_factory=Behaviour)

    @classmethod
    def demo(cls) -> FleetOptions:
        """In real time, busy enough that there is always something to see."""
        behaviour = Behaviour(first_arrival_s=180.0, idle_s=420.0, stay_s=600.0)
        return cls(ramp_per_s=12.0, meter_interval_s=10, behaviour=behaviour)


class Fleet:
    """A simulated fleet.

    `stations` is a number, then named and dealt out by `FleetPlan.of`, unless a `plan` is given.
    """

    def __init__(
        self,
        url: str,
        stations: int = 24,
        version: FleetVersion | OcppVersion = "mix",
        *,
        plan: FleetPlan | None = None,
        prefix: str = "SIM-",
        password: str | None = None,
        options: FleetOptions | None = None,
    ) -> None:
        self.url = url
        self.options = options or FleetOptions()
        self.plan = plan or FleetPlan.of(stations, version, prefix=prefix, password=password, seed=self.options.seed)
        self.statistics = Statistics()
        self.cards = Cards(self.plan.tokens)
        self.clock = Clock(factor=self.options.accelerate, wall=self._first_wall())
        self._failures: dict[str, list[tuple[str, int | None]]] = {}
        self._drivers: dict[tuple[str, int], Drivers] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._by_identity = {one.identity: self._station(one) for one in self.plan.stations}
        self._any_accepted = asyncio.Event()
        self._hopeless = asyncio.Event()

    @property
    def stations(self) -> Mapping[str, SimulatedStation]:
        """The stations by identity."""
        return self._by_identity

    async def start(self, *, wait: bool = True) -> None:
        """Switch the stations on, a few at a time; with `wait`, return when the first one was taken on.

        Raises:
            FleetError: none of the first stations could connect in three tries.
        """
        self.statistics.started_at = asyncio.get_running_loop().time()
        self._tasks.append(asyncio.create_task(self._ramp_up(), name="fleet ramp-up"))
        if not wait:
            return
        waiters = [asyncio.create_task(event.wait()) for event in (self._any_accepted, self._hopeless)]
        try:
            await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
        if not self._any_accepted.is_set():
            await self.stop(finish=False)
            raise FleetError(self.connect_problem() or f"{self.url} cannot be reached")

    async def stop(self, *, finish: bool = True, patience_s: float = 5.0) -> None:
        """Switch everything off; with `finish`, drivers leave first and their messages are delivered."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if finish:
            await self._finish(patience_s)
        for batch in _batches(list(self._by_identity.values()), 100):
            await asyncio.gather(*(station.stop() for station in batch))

    async def wait_accepted(self, count: int | None = None, timeout_s: float = 30.0) -> None:
        """Wait until so many stations (all by default) are taken on.

        Raises:
            TimeoutError: they were not within `timeout_s` real seconds.
        """
        wanted = len(self._by_identity) if count is None else count
        async with asyncio.timeout(timeout_s):
            while sum(station.core.is_online for station in self._by_identity.values()) < wanted:
                await asyncio.sleep(0.02)

    def connect_problem(self) -> str | None:
        """One line about why stations cannot connect, None while nothing says that they cannot."""
        last = next((failures[-1] for failures in self._failures.values() if failures), None)
        if last is None:
            return None
        reason, status = last
        identity = next(identity for identity, failures in self._failures.items() if failures)
        hints = {
            401: "the CSMS wants another password (--password)",
            403: "the CSMS refuses these stations",
            404: "the CSMS does not know these stations; create them or let unknown stations in",
        }
        if status is not None:
            return f"{identity} was refused by {self.url} with {status}: {hints.get(status, reason)}"
        return f"{self.url} cannot be reached ({reason}), tried {TRIES} times"

    def summary(self) -> Summary:
        """The numbers as they stand."""
        stations = self._by_identity.values()
        evses = [evse for station in stations for evse in station.core.evses.values()]
        hardware = [one for station in stations for one in station.hardware.values()]
        counts, statistics = self.statistics.counts, self.statistics
        return Summary(
            seconds=round(asyncio.get_running_loop().time() - statistics.started_at, 1),
            stations=len(stations),
            connected=sum(station.core.is_connected for station in stations),
            accepted=sum(station.core.is_online for station in stations),
            charging=sum(evse.transaction is not None for evse in evses),
            power_kw=round(sum(one.power_w for one in hardware) / 1000, 1),
            messages_sent=counts["sent"],
            messages_received=counts["received"],
            calls_answered=counts["answered"],
            calls_failed=counts["failed"],
            commands=counts["commands"],
            p50_ms=statistics.percentile_ms(0.5),
            p99_ms=statistics.percentile_ms(0.99),
            connects_failed=counts["connects_failed"],
            disconnects=counts["disconnects"],
            sessions_started=counts["sessions_started"],
            sessions_ended=counts["sessions_ended"],
            tokens_refused=counts["tokens_refused"],
            energy_kwh=round(statistics.energy_wh / 1000, 3),
            waiting_messages=sum(station.core.outbox.kept_count for station in stations),
            errors=dict(statistics.errors.most_common(20)),
        )

    # Inside ----------------------------------------------------------------------------------

    def _first_wall(self) -> datetime | None:
        if self.options.accelerate == 1.0 or self.options.duration_s is None:
            return None
        return datetime.now(UTC) - timedelta(seconds=self.options.duration_s * (self.options.accelerate - 1.0))

    def _station(self, plan: StationPlan) -> SimulatedStation:
        options = self.options
        random = Random(f"{options.seed} {plan.identity}")
        self._failures[plan.identity] = []
        config = StationConfig(
            identity=plan.identity,
            url=self.url,
            version=plan.version,
            evses=plan.model.evses,
            vendor=plan.model.vendor,
            model=plan.model.name,
            serial_number=plan.serial_number,
            firmware_version=plan.model.firmware_version,
            password=plan.password,
            settings={"meter_interval_s": str(options.meter_interval_s)},
            compression=options.compression,
        )
        watcher = _FleetWatcher(self, plan.identity)
        hardware = {
            number: SimulatedEvse(
                EvseRating.of(one), energy_import_wh=float(random.randrange(50_000, 5_000_000)), random=random
            )
            for number, one in enumerate(config.evses, 1)
        }
        station = SimulatedStation(
            config, hardware=hardware, clock=self._station_clock(), observer=watcher, random=random
        )
        for evse_id in hardware:
            self._drivers[plan.identity, evse_id] = Drivers(
                station, evse_id, self.cards, options.behaviour, Random(random.random())
            )
        return station

    def _station_clock(self) -> Clock:
        """One clock for all where it is accelerated; else each station keeps its own, which the CSMS sets."""
        return self.clock if self.options.accelerate != 1.0 else Clock()

    async def _ramp_up(self) -> None:
        pause_s = 1.0 / self.options.ramp_per_s
        for identity, station in self._by_identity.items():
            station.start()
            if self.options.drivers:
                for evse_id in station.core.evses:
                    task = asyncio.create_task(self._drivers[identity, evse_id].run())
                    self._tasks.append(task)
            await asyncio.sleep(pause_s)

    async def _finish(self, patience_s: float) -> None:
        for station in self._by_identity.values():
            for evse_id, evse in station.core.evses.items():
                if evse.plugged is not None and station.core.is_online:
                    station.unplug(evse_id=evse_id)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while any(s.core.is_online and s.core.outbox.kept_count for s in self._by_identity.values()):
                    await asyncio.sleep(0.05)

    def accepted(self) -> None:
        """A station was taken on."""
        self._any_accepted.set()

    def connect_failed(self, identity: str, reason: str, status: int | None) -> None:
        """A station could not connect."""
        self._failures[identity].append((reason, status))
        if len(self._failures[identity]) >= TRIES and not any(
            station.core.is_connected for station in self._by_identity.values()
        ):
            self._hopeless.set()

    def connected(self, identity: str) -> None:
        """A station has connected."""
        self._failures[identity].clear()

    def waiting_for_cable(self, identity: str, evse_id: int) -> None:
        """A CSMS started charging from afar."""
        self._drivers[identity, evse_id].call()


class _FleetWatcher(Watcher):
    """Tells the fleet what it must know at once."""

    def __init__(self, fleet: Fleet, identity: str) -> None:
        super().__init__(fleet.statistics)
        self._fleet = fleet
        self._identity = identity

    def on_connected(self) -> None:
        self._fleet.connected(self._identity)

    def on_connect_failed(self, reason: str, status: int | None) -> None:
        super().on_connect_failed(reason, status)
        self._fleet.connect_failed(self._identity, reason, status)

    def on_registration(self, status: str) -> None:
        if status == "Accepted":
            self._fleet.accepted()

    def on_transaction_started(self, transaction: Transaction) -> None:
        super().on_transaction_started(transaction)
        if transaction.token is not None:
            self._fleet.cards.use(transaction.token.id)

    def on_transaction_ended(self, transaction: Transaction, energy_wh: float, reason: StopReason) -> None:
        super().on_transaction_ended(transaction, energy_wh, reason)
        if transaction.token is not None:
            self._fleet.cards.leave(transaction.token.id)

    def on_waiting_for_cable(self, evse_id: int) -> None:
        self._fleet.waiting_for_cable(self._identity, evse_id)


def _batches(items: list[SimulatedStation], size: int) -> list[list[SimulatedStation]]:
    return [items[i : i + size] for i in range(0, len(items), size)]
