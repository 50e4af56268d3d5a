"""What befalls the stations of a fleet: outages, power cuts, storms, broken parts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from voltherd.simulator.chance import Chance
from voltherd.simulator.fleet_file import Incident
from voltherd.simulator.station import SimulatedStation

Tell = Callable[[Incident, int], None]


class Incidents:
    """Lets incidents happen when they are due; `choose` gives the stations of a group."""

    def __init__(
        self,
        incidents: Sequence[Incident],
        choose: Callable[[str | None], Sequence[SimulatedStation]],
        chance: Chance,
        *,
        factor: float = 1.0,
        tell: Tell | None = None,
    ) -> None:
        self._incidents = incidents
        self._choose = choose
        self._chance = chance
        self._factor = factor
        self._tell = tell
        self._tasks: set[asyncio.Task[None]] = set()
        self._lasting: list[tuple[Incident, list[SimulatedStation]]] = []

    def begin(self) -> None:
        """From now on they happen."""
        for incident in self._incidents:
            self._run(self._again_and_again(incident))

    def end(self) -> None:
        """Nothing happens any more; what lasts is over."""
        for task in self._tasks:
            task.cancel()
        lasting, self._lasting = self._lasting, []
        for incident, stations in lasting:
            for station in stations:
                _end(incident, station)

    def happen(self, incident: Incident) -> int:
        """Let one happen now, apart from all times in it; gives the number of stations that it befalls."""
        befallen = self._draw(incident)
        if self._tell is not None:
            self._tell(incident, len(befallen))
        self._run(self._last(incident, befallen))
        return len(befallen)

    async def _again_and_again(self, incident: Incident) -> None:
        await self._sleep(incident.at_s)
        while True:
            self.happen(incident)
            if incident.every_s is None:
                return
            await self._sleep(incident.every_s)

    async def _last(self, incident: Incident, stations: list[SimulatedStation]) -> None:
        lasting = (incident, stations)
        if incident.for_s:
            self._lasting.append(lasting)
        await asyncio.gather(*(_begin(incident, station, self._chance) for station in stations))
        if incident.for_s:
            await self._sleep(incident.for_s)
            self._lasting.remove(lasting)
            for station in stations:
                _end(incident, station)

    def _draw(self, incident: Incident) -> list[SimulatedStation]:
        stations = self._choose(incident.group)
        if incident.share >= 1.0:
            return list(stations)
        return [station for station in stations if self._chance.happens(incident.share)]

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._factor)

    def _run(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _begin(incident: Incident, station: SimulatedStation, chance: Chance) -> None:
    kind = incident.kind
    if kind == "power-cut":
        await station.power_cut()
    elif kind == "outage":
        station.set_network(False)
    elif kind == "reconnect-storm":
        station.drop(at_once=True)
    elif kind == "limit":
        station.set_limit(incident.limit_w)
    elif kind == "evse-fault":
        station.break_evse(chance.one_of(tuple(station.hardware)), incident.code)
    else:
        _spoil(incident, station, spoilt=True)


def _end(incident: Incident, station: SimulatedStation) -> None:
    kind = incident.kind
    if kind == "power-cut":
        station.power_back()
    elif kind == "outage":
        station.set_network(True)
    elif kind == "limit":
        station.set_limit(None)
    elif kind == "evse-fault":
        for evse_id, evse in station.core.evses.items():
            if evse.fault == incident.code:
                station.break_evse(evse_id, None)
    else:
        _spoil(incident, station, spoilt=False)


def _spoil(incident: Incident, station: SimulatedStation, *, spoilt: bool) -> None:
    """Meters and locks."""
    for evse in station.hardware.values():
        if incident.kind == "meter-stands":
            evse.advance(station.clock.now())
            evse.meter_stands = spoilt
        elif incident.kind == "lock-stuck":
            evse.lock_fails = spoilt
        elif spoilt:
            evse.reset_meter(station.clock.now())
