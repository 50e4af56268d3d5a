"""Keeping EVSEs free for a token (OCPP 2.0.1 H; OCPP 1.6, 5.1 and 5.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from voltherd.station.evse import ConnectorState, Evse, Reservation
from voltherd.station.function import Function
from voltherd.station.timers import Timer

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

Outcome = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]


class Reservations(Function):
    """Makes, gives up and lets run out reservations."""

    __slots__ = ("_timers",)

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._timers: dict[int, Timer] = {}

    def reserve(self, evse_id: int | None, reservation: Reservation) -> Outcome:
        """Keep an EVSE free for a token; the same id again replaces the reservation."""
        core = self.core
        if reservation.until <= core.now:
            return "Rejected"
        holder = self._holder(reservation.id)
        evse = holder if evse_id is None and holder is not None else None
        if evse is None:
            evse = core.evses.get(evse_id) if evse_id is not None else core.remote_control.free_evse()
        if evse is None:
            return "Rejected" if evse_id is not None else "Occupied"
        refusal = _refusal(evse, reservation)
        if refusal is not None:
            return refusal
        if holder is not None:
            self._drop(holder)
        evse.reservation = reservation
        self._timers[evse.id] = core.timers.at(reservation.until, lambda: self._expire(evse))
        core.afterwards(lambda: core.evse_changed(evse))
        return "Accepted"

    def cancel(self, reservation_id: int) -> bool:
        """Give a reservation up."""
        evse = self._holder(reservation_id)
        if evse is None:
            return False
        self._drop(evse)
        self.core.afterwards(lambda: self.core.evse_changed(evse))
        return True

    def used(self, evse: Evse) -> None:
        """Whom it was made for charges now."""
        if evse.reservation is not None:
            self._drop(evse)

    def _holder(self, reservation_id: int) -> Evse | None:
        return next((e for e in self.core.evses.values() if e.reservation and e.reservation.id == reservation_id), None)

    def _drop(self, evse: Evse) -> None:
        evse.reservation = None
        timer = self._timers.pop(evse.id, None)
        if timer is not None:
            timer.cancel()

    def _expire(self, evse: Evse) -> None:
        self._drop(evse)
        self.core.evse_changed(evse)


def _refusal(evse: Evse, reservation: Reservation) -> Outcome | None:
    state = evse.state(1)
    if state is ConnectorState.FAULTED:
        return "Faulted"
    if state is ConnectorState.UNAVAILABLE:
        return "Unavailable"
    if not evse.is_idle or (evse.reservation is not None and evse.reservation.id != reservation.id):
        return "Occupied"
    return None
