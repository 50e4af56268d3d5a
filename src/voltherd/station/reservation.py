"""Keeping EVSEs free for a token (OCPP 2.0.1 H; OCPP 1.6, 5.1 and 5.13).

A reservation names an EVSE, or leaves it open; then one of those that are left is always kept free. When there are
no more of these than reservations, all of them are reserved (H01.FR.20, H01.FR.24).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec
from msgspec import Struct

from voltherd.station.evse import Evse, Reservation
from voltherd.station.function import Function
from voltherd.station.setting import Setting, switch
from voltherd.station.timers import Timer
from voltherd.station.token import Token

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

Outcome = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]
ROOM: Final = "reservation"


class ReservationStatus(Struct, frozen=True):
    """A reservation ended without a charging session."""

    reservation_id: int
    status: Literal["Expired", "Removed", "NoTransaction"]


class Reservations(Function):
    """Makes, gives up and lets run out reservations."""

    __slots__ = ("_by_id", "_timers")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("reservations_available", True, None, "ReservationCtrlr.Available", access="ReadOnly"),
        switch("reservations_enabled", True, None, "ReservationCtrlr.Enabled"),
        switch("reserve_any", True, "ReserveConnectorZeroSupported", "ReservationCtrlr.NonEvseSpecific"),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._by_id: dict[int, Reservation] | None = None
        self._timers: dict[int, Timer] | None = None

    def restore(self) -> None:
        """Reservations outlive a restart."""
        for value in self.core.storage.all(ROOM).values():
            kept = msgspec.json.decode(value, type=Reservation)
            until = self.core.clock.at(kept.expires_at, self.core.now)
            if until is not None:
                self._add(msgspec.structs.replace(kept, until=until))
        self._spread()

    # Making and giving up --------------------------------------------------------------------

    def reserve(self, reservation: Reservation) -> Outcome:
        """Keep an EVSE free for a token; the same id again replaces the reservation (OCPP 2.0.1 H01)."""
        core = self.core
        refused = self._refusal(reservation)
        if refused is not None:
            return refused
        self._drop(reservation.id)
        reservation = msgspec.structs.replace(reservation, made_at=core.clock.text(core.now))
        self._add(reservation)
        core.storage.keep(ROOM, str(reservation.id), msgspec.json.encode(reservation))
        core.afterwards(self._show)
        return "Accepted"

    def _refusal(self, reservation: Reservation) -> Outcome | None:
        core = self.core
        named = reservation.evse_id is not None
        if not core.settings.switch("reservations_enabled") or (not named and not core.settings.switch("reserve_any")):
            return "Rejected"
        targets = [evse for evse in core.evses.values() if _fits(evse, reservation)]
        if reservation.until <= core.now or not targets:
            return "Rejected"
        others = [one for one in self._all() if one.id != reservation.id]
        free = [evse for evse in targets if _is_free(evse) and not any(one.evse_id == evse.id for one in others)]
        if len(free) > sum(1 for one in others if one.evse_id is None and _share(one, reservation)):
            return None
        if all(evse.fault is not None for evse in targets):
            return "Faulted"
        return "Unavailable" if all(_is_out(evse) for evse in targets) else "Occupied"

    def cancel(self, reservation_id: int) -> bool:
        """Give a reservation up (OCPP 2.0.1 H02)."""
        if self._by_id is None or reservation_id not in self._by_id:
            return False
        self._drop(reservation_id)
        self.core.afterwards(self._show)
        return True

    # Using -----------------------------------------------------------------------------------

    def leaves(self, evse: Evse, token: Token, group: Token | None = None) -> bool:
        """Whether an EVSE is free as far as reservations go, or reserved for the token or its group."""
        return evse.reservation is None or any(one.is_for(token, group) for one in self._at(evse))

    def might_leave(self, evse: Evse, token: Token, group: Token | None = None) -> bool:
        """The same while the group of the token may still turn out to be the right one (OCPP 2.0.1 H03.FR.08)."""
        return self.leaves(evse, token, group) or any(one.group is not None for one in self._at(evse))

    def use(self, evse: Evse, token: Token, group: Token | None) -> Reservation | None:
        """Use up the reservation of a token that may charge, if it has one (OCPP 2.0.1 H03.FR.09)."""
        mine = next((one for one in self._at(evse) if one.is_for(token, group)), None)
        if mine is not None:
            self._drop(mine.id)
            self._show()
        return mine

    def kept_s(self, reservation: Reservation) -> float:
        """For how long a reservation has kept an EVSE."""
        made = self.core.clock.at(reservation.made_at, self.core.now)
        return 0.0 if made is None else max(self.core.now - made, 0.0)

    def wasted(self, reservation_id: int) -> None:
        """It was used, but no session came of it (2.1)."""
        self.core.queue(ReservationStatus(reservation_id, "NoTransaction"))

    def _at(self, evse: Evse) -> Iterator[Reservation]:
        """What may be used at an EVSE: what was made for it, then what was made for any."""
        fitting = [one for one in self._all() if _fits(evse, one)]
        yield from (one for one in fitting if one.evse_id is not None)
        yield from (one for one in fitting if one.evse_id is None)

    # What happens to them --------------------------------------------------------------------

    def evse_changed(self, evse: Evse) -> None:
        """An EVSE that is out of order keeps nothing for anybody (OCPP 2.0.1 H01.FR.16, H01.FR.17)."""
        if self._by_id is None:
            return
        for one in self._all():
            usable = [e for e in self.core.evses.values() if _fits(e, one) and e.fault is None and not _is_out(e)]
            if not usable:
                self._end(one.id, "Removed")
        for other in self._spread():
            if other is not evse:
                self.core.evse_changed(other)

    def clock_changed(self) -> None:
        """They end when the new clock says so."""
        for one in self._all():
            until = self.core.clock.at(one.expires_at, self.core.now)
            if until is not None:
                self._cancel_timer(one.id)
                self._add(msgspec.structs.replace(one, until=until))

    def _end(self, reservation_id: int, status: Literal["Expired", "Removed"]) -> None:
        self._drop(reservation_id)
        self.core.queue(ReservationStatus(reservation_id, status))

    def _expire(self, reservation_id: int) -> None:
        self._end(reservation_id, "Expired")
        self._show()

    def _all(self) -> list[Reservation]:
        return list(self._by_id.values()) if self._by_id else []

    def _add(self, reservation: Reservation) -> None:
        self._by_id = self._by_id or {}
        self._timers = self._timers or {}
        self._by_id[reservation.id] = reservation
        self._timers[reservation.id] = self.core.timers.at(reservation.until, lambda: self._expire(reservation.id))

    def _drop(self, reservation_id: int) -> None:
        if self._by_id is not None and self._by_id.pop(reservation_id, None) is not None:
            self._by_id = self._by_id or None
            self._cancel_timer(reservation_id)
            self.core.storage.drop(ROOM, str(reservation_id))

    def _cancel_timer(self, reservation_id: int) -> None:
        if self._timers is not None and reservation_id in self._timers:
            self._timers.pop(reservation_id).cancel()

    def _show(self) -> None:
        """Tell which EVSEs are kept now."""
        self._spread()
        for evse in self.core.evses.values():
            self.core.evse_changed(evse)

    def _spread(self) -> list[Evse]:
        """Mark the EVSEs that are kept for somebody; gives those for which that changed."""
        everything = self._all()
        before = {evse.id: evse.reservation for evse in self.core.evses.values()}
        named = {one.evse_id: one for one in everything if one.evse_id is not None}
        left = [e for e in self.core.evses.values() if e.id not in named and _is_free(e)]
        for evse in self.core.evses.values():
            evse.reservation = named.get(evse.id)
        for one in everything:
            if one.evse_id is not None:
                continue
            fitting = [evse for evse in left if _fits(evse, one)]
            if len(fitting) <= sum(1 for other in everything if other.evse_id is None and _share(other, one)):
                for evse in fitting:
                    evse.reservation = evse.reservation or one
        return [evse for evse in self.core.evses.values() if evse.reservation is not before[evse.id]]


def _fits(evse: Evse, one: Reservation) -> bool:
    if one.evse_id is not None and one.evse_id != evse.id:
        return False
    return one.connector_type is None or one.connector_type in evse.config.connectors


def _share(other: Reservation, one: Reservation) -> bool:
    """Whether one reservation takes from what there is for another one."""
    return one.connector_type is None or other.connector_type == one.connector_type


def _is_out(evse: Evse) -> bool:
    return all(evse.is_out_of_service(connector_id) for connector_id in evse.connector_ids)


def _is_free(evse: Evse) -> bool:
    return evse.is_idle and evse.asking is None and evse.fault is None and not _is_out(evse)
