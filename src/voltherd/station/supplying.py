"""Handing the hardware what vehicles may draw, and looking what they make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.hardware import NOTHING, Offer
from voltherd.station.points import start_points
from voltherd.station.timers import Timer

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

LOOK_S: Final = 10.0
"""How often a vehicle that may charge is looked at, for changes of its state."""

Limiter = Callable[[Evse, Offer], Offer]
"""Narrows what an EVSE may offer."""


class Supplying(Function):
    """The part of charging that is about power.

    `limiters` narrow, one after the other, what an EVSE may offer.
    """

    __slots__ = ("_look_timer", "limiters")

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.limiters: list[Limiter] = []
        self._look_timer: Timer | None = None

    def supply(self, evse: Evse) -> None:
        """Hand the hardware what the vehicle may draw now."""
        offer = self.allowed(evse)
        if offer != evse.offer:
            evse.offer = offer
            evse.hardware.supply(offer, self.core.now)
        self._look_later()

    def allowed(self, evse: Evse) -> Offer:
        """What the vehicle may draw now."""
        if not evse.is_power_path_closed or evse.suspended_by_evse or not self._is_accounted(evse):
            return NOTHING
        offer = Offer(charge_limit_w=evse.config.max_power_w)
        for limiter in self.limiters:
            offer = limiter(evse, offer)
        return offer

    def _is_accounted(self, evse: Evse) -> bool:
        """Whether what flows belongs to a transaction, or begins one; nobody gets energy beside the records."""
        return evse.transaction is not None or "EnergyTransfer" in start_points(self.core)

    def cut(self, evse: Evse) -> None:
        """Open the contactor now, whatever may flow by the rules; `supply` goes by them again."""
        if evse.offer != NOTHING:
            evse.offer = NOTHING
            evse.hardware.supply(NOTHING, self.core.now)

    def settle(self, evse: Evse) -> None:
        """Let flow what may flow now, and tell or begin what follows from it."""
        raise NotImplementedError

    def look(self, evse: Evse) -> None:
        """See whether the vehicle does something else than was told (OCPP 2.0.1 E02.FR.02)."""
        if evse.transaction is not None or evse.is_power_path_closed:
            self.settle(evse)
            self.core.evse_changed(evse)

    def _look_later(self) -> None:
        if self._look_timer is None and any(e.transaction or e.is_power_path_closed for e in self.core.evses.values()):
            self._look_timer = self.core.timers.at(self.core.now + LOOK_S, self._look_at_all)

    def _look_at_all(self) -> None:
        self._look_timer = None
        for evse in self.core.evses.values():
            if evse.transaction is not None:
                self.core.metering.note(evse)
                self.core.transaction_limits.check(evse)
            self.look(evse)
        self._look_later()
