"""Reservations in OCPP 1.6."""

from msgspec import UNSET

from voltherd.domain.commands import Outcome
from voltherd.domain.errors import NotSupportedByVersion
from voltherd.domain.reservation import CancelReservation, Reservation, Reserve
from voltherd.domain.time import format_ms, parse_timestamp
from voltherd.gateway.reservation import ask
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v16.common import checked_id_tag
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    CancelReservationRequest,
    CancelReservationResponse,
    ReserveNowRequest,
    ReserveNowResponse,
)


@routes.translate
async def reserve(caller: Caller, command: Reserve) -> Outcome:
    """Reserve a connector, or with connector 0 any (OCPP 1.6 5.13); a group is the parent tag. Raises Conflict."""
    if command.connector_type:
        raise NotSupportedByVersion("OCPP 1.6 cannot reserve by connector type; name an evse_id or none.")
    number = await caller.services.reservations.number_for(caller.state, command, caller.request_id)
    group = command.group_id
    request = ReserveNowRequest(
        connector_id=command.evse_id or 0,
        expiry_date=format_ms(parse_timestamp(command.expires_at) or 0),
        id_tag=checked_id_tag(command.id_token),
        parent_id_tag=UNSET if group is None else checked_id_tag(group),
        reservation_id=number,
    )
    found = outcome(await ask(caller, _asked(request), lambda: caller.call(request, ReserveNowResponse)))
    found.answer["reservation_id"] = number
    return found


@routes.translate
async def cancel_reservation(caller: Caller, command: CancelReservation) -> Outcome:
    """Give a reservation back (OCPP 1.6 5.2)."""
    request = CancelReservationRequest(reservation_id=command.reservation_id)
    return outcome(await caller.call(request, CancelReservationResponse))


@routes.learn
def reserved(here: Here, request: ReserveNowRequest, response: ReserveNowResponse) -> None:
    """Record a reservation, or that it was refused."""
    here.services.reservations.answered(here.state, here.work, _asked(request), response.status)


def _asked(request: ReserveNowRequest) -> Reservation:
    parent = request.parent_id_tag
    return Reservation(
        state="accepted",
        evse_no=max(request.connector_id, 0),
        reservation_id=request.reservation_id,
        id_token=request.id_tag,
        id_token_type="ISO14443",
        group_id=parent if parent is not UNSET else None,
        expires_at_ms=parse_timestamp(request.expiry_date),
    )


@routes.learn
def cancelled(here: Here, request: CancelReservationRequest, response: CancelReservationResponse) -> None:
    """Record that a reservation was given back, or that the station has none."""
    here.services.reservations.cancelled(here.state, here.work, request.reservation_id, response.status)
