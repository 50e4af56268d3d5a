"""The drivers of a fleet: they come, plug in, charge and leave, by chance but by a seed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

from voltherd.simulator.cards import Cards
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import CARS, Vehicle
from voltherd.station import Token
from voltherd.station.evse import Evse


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How busy the drivers are. Times are means in the stations' seconds.

    `strangers` is the share of drivers whose token nobody knows.
    """

    first_arrival_s: float = 20.0
    idle_s: float = 60.0
    stay_s: float = 600.0
    strangers: float = 0.0


class Drivers:
    """The drivers at one EVSE, one after the other, for ever."""

    def __init__(
        self, station: SimulatedStation, evse_id: int, cards: Cards, behaviour: Behaviour, random: Random
    ) -> None:
        self._station = station
        self._evse_id = evse_id
        self._cards = cards
        self._behaviour = behaviour
        self._random = random
        self._called = asyncio.Event()

    def call(self) -> None:
        """Somebody started charging from afar: a driver is standing there, cable in hand."""
        self._called.set()

    async def run(self) -> None:
        """Come and go until cancelled."""
        await self._wait(self._random.uniform(0.0, self._behaviour.first_arrival_s))
        while True:
            await self._visit()
            await self._wait(self._random.expovariate(1.0 / self._behaviour.idle_s))

    async def _wait(self, seconds: float) -> None:
        """Wait, unless called."""
        factor = self._station.clock.factor
        try:
            async with asyncio.timeout(seconds / factor):
                await self._called.wait()
        except TimeoutError:
            return
        await self._pause(1.0, 3.0)

    async def _pause(self, least_s: float, most_s: float) -> None:
        await self._station.clock.sleep(self._random.uniform(least_s, most_s))

    @property
    def _evse(self) -> Evse:
        return self._station.core.evses[self._evse_id]

    async def _visit(self) -> None:
        self._called.clear()
        if not self._station.plug_in(self._vehicle(), evse_id=self._evse_id):
            return
        await self._pause(1.0, 5.0)
        if self._evse.transaction is not None:
            await self._charge()
        elif self._random.random() < self._behaviour.strangers:
            await self._charge(f"{self._random.getrandbits(56):014X}")
        else:
            card = self._cards.take(self._random)
            try:
                await self._charge(card)
            finally:
                self._cards.leave(card)

    async def _charge(self, card: str | None = None) -> None:
        """Charge with a card, or with what was started from afar."""
        if card is not None:
            await self._station.present(Token(card), evse_id=self._evse_id)
        await self._stay()
        await self._leave()

    async def _stay(self) -> None:
        """Until the time is up, the battery is full or the transaction is ended from elsewhere."""
        left_s = min(self._random.expovariate(1.0 / self._behaviour.stay_s), 6 * self._behaviour.stay_s)
        while left_s > 0:
            step_s = min(left_s, 5.0)
            await self._station.clock.sleep(step_s)
            left_s -= step_s
            vehicle = self._evse.vehicle
            if self._evse.transaction is None or vehicle is None or not vehicle.wants_power:
                break
        if self._evse.transaction is None:
            await self._pause(5.0, 20.0)

    async def _leave(self) -> None:
        running = self._evse.transaction
        if running is not None and running.token is not None and self._random.random() < 0.7:
            await self._station.present(running.token, evse_id=self._evse_id)
            await self._pause(2.0, 8.0)
        self._station.unplug(evse_id=self._evse_id)

    def _vehicle(self) -> Vehicle:
        random = self._random
        return Vehicle(random.choice(CARS), soc=random.uniform(0.08, 0.65), target_soc=random.choice([0.8, 0.9, 1.0]))
