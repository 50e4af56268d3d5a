"""The drivers at one EVSE: they come, plug in, show cards, charge and leave, by chance and a seed, or as a file says.

One timer per EVSE, no task: each step of a visit says what comes next and when.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.cards import Cards
from voltherd.simulator.chance import Chance
from voltherd.simulator.habits import DAY_S, Habits, Way
from voltherd.simulator.problems import SimulatorError
from voltherd.simulator.session_file import Session
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import Vehicle, VehicleModel
from voltherd.station import Token

PATIENCE_S: Final = 300.0
"""How long a guest waits to be started from afar, or for plug and charge, before leaving."""

NEVER_S: Final = 30 * DAY_S


class Visit:
    """One driver with one vehicle."""

    __slots__ = ("card", "is_session", "stay_s", "token", "vehicle", "way")

    def __init__(self, vehicle: Vehicle, way: Way, stay_s: float, *, is_session: bool = False) -> None:
        self.vehicle = vehicle
        self.way = way
        self.stay_s = stay_s
        self.is_session = is_session
        self.card: str | None = None
        self.token: Token | None = None


class Drivers:
    """Those who come to one EVSE, one after the other."""

    __slots__ = (
        "_begun_at",
        "_cards",
        "_chance",
        "_ended",
        "_evse_id",
        "_habits",
        "_kinds",
        "_sessions",
        "_station",
        "_timer",
        "_visit",
    )

    def __init__(
        self,
        station: SimulatedStation,
        evse_id: int,
        *,
        cards: Cards,
        habits: Habits,
        chance: Chance,
        kinds: Sequence[VehicleModel],
        sessions: Sequence[Session] | None = None,
    ) -> None:
        self._station = station
        self._evse_id = evse_id
        self._cards = cards
        self._habits = habits
        self._chance = chance
        self._kinds = kinds
        self._sessions = None if sessions is None else list(reversed(sessions))
        self._timer: asyncio.TimerHandle | None = None
        self._visit: Visit | None = None
        self._begun_at = 0.0
        self._ended = False

    # Life ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Let them come."""
        self._begun_at = self._now
        if self._sessions is not None:
            self._next_arrival()
        else:
            self._later(self._habits.first_wait_s(self._chance, self._second_of_day), self._arrive)

    def end(self, *, leave: bool = True) -> None:
        """Nobody comes any more; with `leave`, who is there pulls the plug and goes."""
        self._ended = True
        self._cancel()
        self._visit = None
        if leave and self._station.hardware[self._evse_id].car is not None:
            self._station.unplug(self._evse_id)
        self._cancel()

    # What the station tells ------------------------------------------------------------------

    def called(self) -> None:
        """Charging was started from afar and no cable is plugged in: somebody stands there, cable in hand."""
        if self._visit is None and self._sessions is None and not self._ended:
            self._visit = Visit(self._vehicle(), "remote", self._habits.stay(self._chance))
            self._later(self._chance.between(1.0, 3.0), self._plug)

    def started(self) -> None:
        """A transaction began."""
        if self._visit is not None:
            self._later(self._visit.stay_s, self._leave)

    def ended(self) -> None:
        """The transaction ended; if not by this driver, somebody tells them, and they come back."""
        if self._visit is not None:
            self._later(self._chance.between(2.0, 20.0), self._depart)

    def vehicle_changed(self) -> None:
        """The vehicle is full, or wants power again."""
        visit = self._visit
        if (
            visit is None
            or visit.is_session
            or not visit.vehicle.is_full
            or self._chance.happens(self._habits.overstay)
        ):
            return
        if self._station.is_charging(self._evse_id):
            self._later(self._chance.between(10.0, 120.0), self._leave)

    # A visit ---------------------------------------------------------------------------------

    def _arrive(self) -> None:
        if not self._station.is_free(self._evse_id):
            self._next_arrival()
            return
        self._visit = visit = self._someone()
        if visit.way == "card-first":
            self._tap()
        else:
            self._plug()

    def _someone(self) -> Visit:
        habits, chance = self._habits, self._chance
        if self._sessions:
            session = self._sessions.pop()
            vehicle = session.car(self._station.hardware[self._evse_id].rating, self._kinds)
            stay_s = max(self._begun_at + session.departure_s - self._now, 1.0)
            visit = Visit(vehicle, "plug-first", stay_s, is_session=True)
            visit.token = Token(session.token) if session.token else None
            vehicle.departure_at = self._now + stay_s
            return visit
        vehicle, way = self._vehicle(), habits.way(chance)
        if vehicle.emaid is not None and self._station.config.version is not OcppVersion.V16:
            way = "contract"
        visit = Visit(vehicle, way, habits.stay(chance))
        vehicle.departure_at = self._now + visit.stay_s
        if way == "nobody":
            visit.token = Token(f"{chance.bits() >> 8:014X}")
        return visit

    def _plug(self) -> None:
        visit = self._visit
        assert visit is not None
        try:
            self._station.plug(self._evse_id, visit.vehicle)
        except SimulatorError:
            self._gone()
            return
        if self._station.is_charging(self._evse_id):
            self.started()
        elif visit.way in ("remote", "contract", "card-first"):
            self._later(PATIENCE_S, self._depart)
        else:
            self._later(self._chance.between(1.0, 8.0), self._tap)

    def _tap(self) -> None:
        visit = self._visit
        assert visit is not None
        if visit.token is None:
            visit.card = self._cards.take(self._chance)
            visit.token = Token(visit.card)
        self._later(PATIENCE_S, self._depart)
        try:
            self._station.tap(self._evse_id, visit.token, lambda allowed: self._answered(visit, allowed))
        except SimulatorError:
            self._later(self._chance.between(2.0, 10.0), self._depart)

    def _answered(self, visit: Visit, allowed: bool) -> None:
        """The reader shows green or red."""
        if visit is not self._visit or self._station.is_charging(self._evse_id):
            return
        if not allowed:
            self._later(self._chance.between(2.0, 10.0), self._depart)
        elif self._station.hardware[self._evse_id].car is None:
            self._later(self._chance.between(2.0, 12.0), self._plug)

    def _leave(self) -> None:
        visit = self._visit
        assert visit is not None
        charging = visit.token is not None and self._station.is_charging(self._evse_id)
        if not charging or not self._chance.happens(self._habits.stop_with_card):
            self._depart()
            return
        assert visit.token is not None
        self._later(PATIENCE_S, self._depart)
        try:
            self._station.tap(self._evse_id, visit.token)
        except SimulatorError:
            self._depart()

    def _depart(self) -> None:
        if self._station.hardware[self._evse_id].car is not None:
            self._station.unplug(self._evse_id)
        self._gone()

    def _gone(self) -> None:
        visit, self._visit = self._visit, None
        if visit is not None and visit.card is not None:
            self._cards.leave(visit.card)
        self._next_arrival()

    def _next_arrival(self) -> None:
        if self._sessions is None:
            self._later(self._habits.wait_s(self._chance, self._second_of_day), self._arrive)
        elif self._sessions:
            self._later(max(self._begun_at + self._sessions[-1].arrival_s - self._now, 5.0), self._arrive)
        else:
            self._cancel()

    # Inside ----------------------------------------------------------------------------------

    def _vehicle(self) -> Vehicle:
        chance, habits = self._chance, self._habits
        kind = chance.one_of(self._kinds)
        target_soc = chance.one_of(habits.target_soc)
        vehicle = Vehicle(kind, soc=chance.between(0.08, max(target_soc - 0.1, 0.1)), target_soc=target_soc)
        rating = self._station.hardware[self._evse_id].rating
        if rating.iso15118 and kind.modes:
            vehicle.evcc_id = ":".join(f"{chance.below(256):02X}" for _ in range(6))
            if chance.happens(habits.contract):
                vehicle.emaid = f"DEVLT{chance.below(10**9):09d}"
        if kind.is_bidirectional and chance.happens(habits.v2x):
            vehicle.floor_soc = chance.between(0.2, 0.5)
        return vehicle

    @property
    def _now(self) -> float:
        return self._station.clock.now()

    @property
    def _second_of_day(self) -> float:
        wall = self._station.clock.wall(self._now)
        return wall.hour * 3600.0 + wall.minute * 60.0 + wall.second

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._cancel()
        real_s = min(seconds, NEVER_S) / self._station.clock.factor
        self._timer = asyncio.get_running_loop().call_later(real_s, act)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
