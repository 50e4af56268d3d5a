"""Riders at a battery swap station: they bring an empty battery, put it into a slot, and take a charged one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from voltherd.simulator.cards import Cards
from voltherd.simulator.chance import Chance
from voltherd.simulator.habits import Habits
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import Vehicle, model
from voltherd.station import Token

PACK: Final = "Swap Pack"

LOOK_S: Final = 5.0
"""How long a rider waits for the station to say that a swap may begin."""


class Riders:
    """Those who come to one swap station, one after the other."""

    __slots__ = ("_cards", "_chance", "_habits", "_station", "_timer", "_token")

    def __init__(self, station: SimulatedStation, *, cards: Cards, habits: Habits, chance: Chance) -> None:
        self._station = station
        self._cards = cards
        self._habits = habits
        self._chance = chance
        self._timer: asyncio.TimerHandle | None = None
        self._token: str | None = None

    def begin(self) -> None:
        """Fill all slots but one, and let riders come."""
        for slot in list(self._station.hardware)[:-1]:
            self._station.insert_battery(slot, self._pack(0.5, 1.0), self._serial())
        self._later(self._habits.first_wait_s(self._chance, self._second_of_day), self._arrive)

    def end(self, *, leave: bool = True) -> None:
        """Nobody comes any more; batteries stay in their slots."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arrive(self) -> None:
        self._token = self._cards.take(self._chance)
        if self._station.has_power:
            self._station.present_for_swap(Token(self._token))
            self._later(self._chance.between(LOOK_S, 2 * LOOK_S), self._insert)
        else:
            self._gone()

    def _insert(self) -> None:
        swap, empty = self._station.core.battery_swap.swap, self._station.core.battery_swap.empty
        if not self._station.has_power or swap is None or swap.offered or not empty:
            self._gone()
            return
        self._station.insert_battery(empty[0], self._pack(0.05, 0.3), self._serial())
        self._later(self._chance.between(3.0, 10.0), self._take)

    def _take(self) -> None:
        """Take what is offered; some leave it (and come back another day)."""
        swap = self._station.core.battery_swap.swap if self._station.has_power else None
        if swap is not None and not self._chance.happens(self._habits.leave_early / 4):
            for slot in swap.offered:
                self._station.remove_battery(slot)
        self._gone()

    def _gone(self) -> None:
        if self._token is not None:
            self._cards.leave(self._token)
            self._token = None
        self._later(self._habits.wait_s(self._chance, self._second_of_day), self._arrive)

    def _pack(self, least_soc: float, most_soc: float) -> Vehicle:
        return Vehicle(model(PACK), soc=self._chance.between(least_soc, most_soc))

    def _serial(self) -> str:
        return f"PK{self._chance.below(10**8):08d}"

    @property
    def _second_of_day(self) -> float:
        clock = self._station.clock
        wall = clock.wall(clock.now())
        return wall.hour * 3600.0 + wall.minute * 60.0 + wall.second

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds / self._station.clock.factor, act)
