"""ReserveNow and CancelReservation of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.evse import Reservation
from voltherd.station.outbox import Outgoing
from voltherd.station.reservation import ReservationStatus
from voltherd.station.v2.words import given, reports, serves, token

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(ReservationStatus)
def reservation_status(core: StationCore, report: ReservationStatus) -> Outgoing | None:
    """OCPP 2.0.1 H04; 2.0.1 has no word for a reservation that was used in vain."""
    if report.status == "NoTransaction" and not core.is_v21:
        return None
    request = v2.ReservationStatusUpdateRequest(
        reservation_id=report.reservation_id, reservation_update_status=report.status
    )
    return Outgoing(action="ReservationStatusUpdate", request=request)


@serves("ReserveNow")
def reserve_now(core: StationCore, request: v2.ReserveNowRequest) -> v2.ReserveNowResponse:
    """OCPP 2.0.1 H01."""
    until = core.clock.at(request.expiry_date_time, core.now)
    if until is None:
        return v2.ReserveNowResponse(status="Rejected")
    reservation = Reservation(
        id=request.id,
        token=token(request.id_token),
        until=until,
        group=None if request.group_id_token is UNSET else token(request.group_id_token),
        evse_id=given(request.evse_id),
        connector_type=given(request.connector_type),
        expires_at=request.expiry_date_time,
    )
    return v2.ReserveNowResponse(status=core.reservations.reserve(reservation))


@serves("CancelReservation")
def cancel_reservation(core: StationCore, request: v2.CancelReservationRequest) -> v2.CancelReservationResponse:
    """OCPP 2.0.1 H02."""
    known = core.reservations.cancel(request.reservation_id)
    return v2.CancelReservationResponse(status="Accepted" if known else "Rejected")
