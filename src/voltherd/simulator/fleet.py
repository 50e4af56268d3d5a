"""Many stations and their drivers in one process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.cards import Cards
from voltherd.simulator.chance import Chance
from voltherd.simulator.drivers import Drivers
from voltherd.simulator.events import Event, EventKind, Feed
from voltherd.simulator.eye import Eye
from voltherd.simulator.farewell import send_home
from voltherd.simulator.faults import LineFaults
from voltherd.simulator.fleet_file import Incident
from voltherd.simulator.habits import Habits
from voltherd.simulator.incidents import Incidents
from voltherd.simulator.plan import FleetPlan, FleetVersion, StationPlan
from voltherd.simulator.problems import SimulatorError, UnknownError
from voltherd.simulator.riders import Riders
from voltherd.simulator.station import SimulatedStation, build_hardware
from voltherd.simulator.statistics import Report, Statistics, Summary
from voltherd.station import Clock, StationConfig

TRIES: Final = 3
"""How often each of the first stations may fail to connect before the fleet gives up."""

PENDING_S: Final = 5.0
"""How long `start` waits for the first station to be taken on when stations have connected."""

AT_ONCE: Final = 200
"""How many stations are switched off at once."""


class FleetError(SimulatorError):
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
        habits: of the drivers, where the plan says nothing.
    """

    accelerate: float = 1.0
    duration_s: float | None = None
    ramp_per_s: float = 100.0
    meter_interval_s: int = 60
    seed: int = 1
    drivers: bool = True
    compression: bool = False
    habits: Habits = field(default_factory=lambda: Habits(idle_s=60.0, stay_s=600.0))

    @classmethod
    def demo(cls) -> FleetOptions:
        """In real time, busy enough that there is always something to see."""
        habits = Habits(first_arrival_s=180.0, idle_s=420.0, stay_s=600.0)
        return cls(ramp_per_s=12.0, meter_interval_s=10, habits=habits)


class Fleet:
    """A simulated fleet.

    `stations` is a number, then named and dealt out by `FleetPlan.of`, unless a `plan` is given.

    Attributes:
        feed: what happens, for whoever watches.
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
        self.feed = Feed()
        self.cards = Cards(self.plan.tokens)
        self.clock = Clock(factor=self.options.accelerate, wall=self._first_wall())
        self._random = Random(self.options.seed)
        self._failures: dict[str, tuple[int, str, int | None]] = {}
        self._drivers: dict[tuple[str, int], Drivers] = {}
        self._riders: dict[str, Riders] = {}
        self._faults: list[LineFaults] = []
        self._ramp: asyncio.Task[None] | None = None
        self._by_identity = {one.identity: self._station(one) for one in self.plan.stations}
        self._groups: dict[str, list[SimulatedStation]] = {}
        for one in self.plan.stations:
            self._groups.setdefault(one.group, []).append(self._by_identity[one.identity])
        self.incidents = Incidents(
            self.plan.incidents,
            self._of_group,
            Chance(self.options.seed, "incidents"),
            factor=self.options.accelerate,
            tell=self._tell_incident,
        )
        self._any_accepted = asyncio.Event()
        self._any_connected = asyncio.Event()
        self._hopeless = asyncio.Event()

    # Stations --------------------------------------------------------------------------------

    @property
    def stations(self) -> Mapping[str, SimulatedStation]:
        """The stations by identity."""
        return self._by_identity

    def station(self, identity: str) -> SimulatedStation:
        """The station of this identity.

        Raises:
            UnknownError: there is none.
        """
        try:
            return self._by_identity[identity]
        except KeyError:
            raise UnknownError(f"There is no station {identity!r}") from None

    def _of_group(self, group: str | None) -> Sequence[SimulatedStation]:
        return list(self._by_identity.values()) if group is None else self._groups.get(group, [])

    # Life ------------------------------------------------------------------------------------

    async def start(self, *, wait: bool = True) -> None:
        """Switch the stations on, a few at a time; with `wait`, return when the first one was taken on.

        Where stations connect but none is taken on, it returns after a few seconds all the same.

        Raises:
            FleetError: none of the first stations could connect in three tries, or in the time that it is to run.
        """
        self.statistics.started_at = asyncio.get_running_loop().time()
        self._ramp = asyncio.create_task(self._ramp_up(), name="fleet ramp-up")
        self.incidents.begin()
        if not wait:
            return
        limit_s = self.options.duration_s
        await _first_of(self._any_connected, self._hopeless, within_s=limit_s)
        if self._any_connected.is_set():
            await _first_of(self._any_accepted, self._hopeless, within_s=min(PENDING_S, limit_s or PENDING_S))
        if not self._any_connected.is_set() or (self._hopeless.is_set() and not self._any_accepted.is_set()):
            await self.stop(finish=False)
            raise FleetError(self.connect_problem() or f"{self.url} cannot be reached: no answer in {limit_s:g} s")

    async def stop(self, *, finish: bool = True, patience_s: float = 5.0) -> None:
        """Switch everything off; with `finish`, drivers leave first and their messages are delivered.

        That is given up when it has not gone on for `patience_s` real seconds.
        """
        self.incidents.end()
        if self._ramp is not None:
            self._ramp.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ramp
        comers: list[Drivers | Riders] = [*self._drivers.values(), *self._riders.values()]
        for one in comers:
            one.end(leave=finish)
        if finish:
            await send_home(self._by_identity.values(), patience_s)
        for faults in self._faults:
            faults.close()
        stations = list(self._by_identity.values())
        for first in range(0, len(stations), AT_ONCE):
            await asyncio.gather(*(station.stop() for station in stations[first : first + AT_ONCE]))

    async def wait_accepted(self, count: int | None = None, timeout_s: float = 30.0) -> None:
        """Wait until so many stations (all, if not given) are taken on.

        Raises:
            TimeoutError: they were not within `timeout_s` real seconds.
        """
        wanted = len(self._by_identity) if count is None else count
        async with asyncio.timeout(timeout_s):
            while sum(station.core.is_online for station in self._by_identity.values()) < wanted:
                await asyncio.sleep(0.02)

    def connect_problem(self) -> str | None:
        """One line about why stations cannot connect, None while nothing says that they cannot."""
        found = next(iter(self._failures.items()), None)
        if found is None:
            return None
        identity, (tries, reason, status) = found
        hints = {
            401: "the CSMS wants another password (--password)",
            403: "the CSMS refuses these stations",
            404: "the CSMS does not know these stations; create them or let unknown stations in",
        }
        if status is not None:
            return f"{identity} was refused by {self.url} with {status}: {hints.get(status, reason)}"
        return f"{self.url} cannot be reached ({reason}), tried {tries} {'time' if tries == 1 else 'times'}"

    async def _ramp_up(self) -> None:
        pause_s = 1.0 / self.options.ramp_per_s
        for plan in self.plan.stations:
            station = self._by_identity[plan.identity]
            if plan.faults:
                self._faults.append(LineFaults(station, plan.faults, seed=self.options.seed))
            station.start()
            if plan.identity in self._riders:
                self._riders[plan.identity].begin()
            for evse_id in station.hardware:
                drivers = self._drivers.get((plan.identity, evse_id))
                if drivers is not None:
                    drivers.begin()
            await asyncio.sleep(pause_s)

    # Numbers ---------------------------------------------------------------------------------

    def summary(self) -> Summary:
        """The numbers as they stand."""
        stations = self._by_identity.values()
        counts, statistics = self.statistics.counts, self.statistics
        charging = sum(evse.transaction is not None for s in stations for evse in s.core.evses.values() if s.has_power)
        return Summary(
            seconds=round(asyncio.get_running_loop().time() - statistics.started_at, 1),
            stations=len(stations),
            connected=sum(station.core.is_connected for station in stations),
            accepted=sum(station.core.is_online for station in stations),
            charging=charging,
            power_kw=round(sum(station.power_w for station in stations) / 1000, 1),
            messages_sent=counts["sent"],
            messages_received=counts["received"],
            calls_answered=counts["answered"],
            calls_failed=counts["failed"],
            commands=counts["commands"],
            p50_ms=statistics.latencies.percentile_ms(0.5),
            p99_ms=statistics.latencies.percentile_ms(0.99),
            connects_failed=counts["connects_failed"],
            disconnects=counts["disconnects"],
            sessions_started=counts["sessions_started"],
            sessions_ended=counts["sessions_ended"],
            tokens_refused=counts["tokens_refused"],
            energy_kwh=round(statistics.energy_wh / 1000, 3),
            waiting_messages=sum(station.core.outbox.kept_count for station in stations),
            errors=dict(statistics.errors.most_common(20)),
        )

    def report(self, *, final: bool = False) -> Report:
        """The numbers with all that is needed to add them to those of other processes."""
        return Report(self.summary(), self.statistics.latencies.counts, final)

    # Inside ----------------------------------------------------------------------------------

    def _first_wall(self) -> datetime | None:
        if self.options.accelerate == 1.0 or self.options.duration_s is None:
            return None
        return datetime.now(UTC) - timedelta(seconds=self.options.duration_s * (self.options.accelerate - 1.0))

    def _station(self, plan: StationPlan) -> SimulatedStation:
        persona, options, eye = plan.persona, self.options, Eye(self, plan.identity)
        chance = Chance(options.seed, plan.identity)
        config = StationConfig(
            identity=plan.identity,
            url=self.url,
            version=plan.version,
            evses=tuple(spec.config for spec in persona.evses),
            vendor=persona.vendor,
            model=persona.model,
            serial_number=plan.serial_number,
            firmware_version=plan.firmware or persona.firmware[0],
            password=plan.password,
            settings={"meter_interval_s": str(options.meter_interval_s), **persona.settings, **plan.settings},
            compression=options.compression,
            swaps_batteries=persona.swaps_batteries,
        )
        station = SimulatedStation(
            config,
            hardware=build_hardware(
                [spec.rating for spec in persona.evses],
                shared_power_w=persona.shared_power_w,
                registers_wh=[chance.between(5e4, 5e6) for _ in persona.evses],
                random=self._random,
            ),
            clock=self._station_clock(),
            observer=eye,
            random=self._random,
            persona=persona.name,
            quirks=persona.behaviour,
        )
        if options.drivers and plan.drivers:
            station.on_vehicle = eye.on_vehicle
            self._let_come(plan, station, chance)
        return station

    def _let_come(self, plan: StationPlan, station: SimulatedStation, chance: Chance) -> None:
        habits = plan.habits or self.options.habits
        if plan.persona.swaps_batteries:
            riders = Riders(station, cards=self.cards, habits=habits, chance=Chance(chance.bits()))
            self._riders[plan.identity] = riders
            return
        for evse_id, spec in enumerate(plan.persona.evses, 1):
            kinds = plan.persona.visitors(spec)
            if kinds:
                self._drivers[plan.identity, evse_id] = Drivers(
                    station,
                    evse_id,
                    cards=self.cards,
                    habits=habits,
                    chance=Chance(chance.bits()),
                    kinds=kinds,
                    sessions=None if plan.sessions is None else plan.sessions[evse_id - 1],
                )

    def _station_clock(self) -> Clock:
        """One clock for all where it is accelerated; else each station keeps its own, which the CSMS sets."""
        return self.clock if self.options.accelerate != 1.0 else Clock()

    # What stations tell ----------------------------------------------------------------------

    def accepted(self) -> None:
        """A station was taken on."""
        self._any_accepted.set()

    def connect_failed(self, identity: str, reason: str, status: int | None) -> None:
        """A station could not connect."""
        tries = self._failures[identity][0] + 1 if identity in self._failures else 1
        self._failures[identity] = (tries, reason, status)
        if tries >= TRIES and not any(station.core.is_connected for station in self._by_identity.values()):
            self._hopeless.set()

    def connected(self, identity: str) -> None:
        """A station has connected."""
        self._failures.pop(identity, None)
        self._any_connected.set()

    def drivers_at(self, identity: str, evse_id: int) -> Drivers | None:
        """Who comes to an EVSE."""
        return self._drivers.get((identity, evse_id))

    def tell(self, kind: EventKind, identity: str, evse_id: int | None = None, **data: Any) -> None:
        """Tell those who watch what happened at a station."""
        if self.feed.is_watched:
            clock = self._by_identity[identity].clock
            time = clock.text(clock.now())
            self.feed.publish(Event(kind=kind, time=time, station=identity, evse_id=evse_id, data=data))

    def _tell_incident(self, incident: Incident, count: int) -> None:
        if self.feed.is_watched:
            data = {"kind": incident.kind, "group": incident.group, "stations": count}
            self.feed.publish(Event(kind="incident", time=self.clock.text(self.clock.now()), data=data))


async def _first_of(*events: asyncio.Event, within_s: float | None) -> None:
    """Wait until something has happened, or so many real seconds."""
    waiters = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiters, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()
