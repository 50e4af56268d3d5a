"""Reservations in OCPP 2.0.1 and 2.1."""

from msgspec import UNSET

from voltherd.domain.commands import Outcome
from voltherd.domain.reservation import CancelReservation, Reservation, Reserve
from voltherd.domain.time import format_ms, parse_timestamp
from voltherd.gateway.reservation import ask
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    CancelReservationRequest,
    CancelReservationResponse,
    ReservationStatusUpdateRequest,
    ReservationStatusUpdateResponse,
    ReserveNowRequest,
    ReserveNowResponse,
)
from voltherd.ocpp.v2.types import IdTokenType

_DONE = ReservationStatusUpdateResponse()


@routes.translate
async def reserve(caller: Caller, command: Reserve) -> Outcome:
    """Reserve an EVSE, a connector type or any EVSE (H01 S1 to S3). Raises Conflict, Invalid."""
    number = await caller.services.reservations.number_for(caller.state, command, caller.request_id)
    group = command.group_id
    request = ReserveNowRequest(
        id=number,
        expiry_date_time=format_ms(parse_timestamp(command.expires_at) or 0),
        id_token=IdTokenType(id_token=command.id_token, type=command.id_token_type),
        connector_type=command.connector_type or UNSET,
        evse_id=command.evse_id or UNSET,
        group_id_token=UNSET if group is None else IdTokenType(id_token=group, type="Central"),
    )
    found = outcome(await ask(caller, _asked(request), lambda: caller.call(request, ReserveNowResponse)))
    found.answer["reservation_id"] = number
    return found


@routes.translate
async def cancel_reservation(caller: Caller, command: CancelReservation) -> Outcome:
    """Give a reservation back (H02)."""
    request = CancelReservationRequest(reservation_id=command.reservation_id)
    return outcome(await caller.call(request, CancelReservationResponse))


@routes.learn
def reserved(here: Here, request: ReserveNowRequest, response: ReserveNowResponse) -> None:
    """Record a reservation, or that it was refused (H01)."""
    here.services.reservations.answered(here.state, here.work, _asked(request), response.status)


def _asked(request: ReserveNowRequest) -> Reservation:
    group, connector_type, evse_id = request.group_id_token, request.connector_type, request.evse_id
    return Reservation(
        state="accepted",
        evse_no=evse_id if evse_id is not UNSET and evse_id > 0 else 0,
        reservation_id=request.id,
        id_token=request.id_token.id_token,
        id_token_type=request.id_token.type,
        group_id=group.id_token if group is not UNSET else None,
        connector_type=connector_type if connector_type is not UNSET else None,
        expires_at_ms=parse_timestamp(request.expiry_date_time),
    )


@routes.learn
def cancelled(here: Here, request: CancelReservationRequest, response: CancelReservationResponse) -> None:
    """Record that a reservation was given back, or that the station has none (H02.FR.01, .02)."""
    here.services.reservations.cancelled(here.state, here.work, request.reservation_id, response.status)


@routes.handle()
def reservation_status_update(here: Here, request: ReservationStatusUpdateRequest) -> ReservationStatusUpdateResponse:
    """Record what became of a reservation (H01.FR.16, .17, H03.FR.11, H04.FR.01)."""
    here.services.reservations.reported(
        here.state, here.work, request.reservation_id, request.reservation_update_status
    )
    return _DONE
