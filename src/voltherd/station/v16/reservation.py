"""ReserveNow and CancelReservation of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.evse import Reservation
from voltherd.station.token import Token
from voltherd.station.v16.words import place_of, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("ReserveNow")
def reserve_now(core: StationCore, request: v16.ReserveNowRequest) -> v16.ReserveNowResponse:
    """OCPP 1.6, 5.13."""
    until = core.clock.at(request.expiry_date, core.now)
    place = place_of(core, request.connector_id)
    if until is None or (place is None and request.connector_id != 0):
        return v16.ReserveNowResponse(status="Rejected")
    group = Token(request.parent_id_tag) if request.parent_id_tag is not UNSET else None
    reservation = Reservation(
        id=request.reservation_id,
        token=Token(request.id_tag),
        until=until,
        group=group,
        evse_id=place[0] if place else None,
        expires_at=request.expiry_date,
    )
    return v16.ReserveNowResponse(status=core.reservations.reserve(reservation))


@serves("CancelReservation")
def cancel_reservation(core: StationCore, request: v16.CancelReservationRequest) -> v16.CancelReservationResponse:
    """OCPP 1.6, 5.1."""
    known = core.reservations.cancel(request.reservation_id)
    return v16.CancelReservationResponse(status="Accepted" if known else "Rejected")
