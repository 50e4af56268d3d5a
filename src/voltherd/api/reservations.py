"""Reservations: what the API offers beyond commands and documents."""

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from voltherd.api.describe import Doc, Timeout, described
from voltherd.api.documents import TAG, example_of, found, shown
from voltherd.api.outcomes import fail_as_recorded
from voltherd.api.request import ApiRequest, identity_of
from voltherd.api.views.document import view_type
from voltherd.domain.commands import CommandRecord
from voltherd.domain.document import DocumentRecord
from voltherd.domain.errors import Conflict, NoAnswer
from voltherd.domain.reservation import REFUSALS, CancelReservation, Reservation, Reserve
from voltherd.services.documents import document_of

Token = Annotated[str, Meta(min_length=1, max_length=255)]


class ReservationBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be kept free, for whom, until when."""

    station_id: str
    id_token: Token
    expires_at: str
    """RFC 3339."""
    evse_id: Annotated[int, Meta(ge=0)] | None = None
    """Left out: any EVSE of the station."""
    id_token_type: str = "ISO14443"
    group_id: Token | None = None
    """Tokens of this group may use it too."""
    connector_type: str | None = None
    """2.x only, such as `cCCS2`."""
    replace: bool = False
    """Whether a reservation of the same EVSE that is in force is replaced."""


@post(
    "/reservations",
    name="reserve",
    status_code=201,
    opt=described(
        Doc(
            tag=TAG,
            summary="Reserve",
            description="Asks the station and answers with the reservation once it agreed. `409` says why there is "
            "none: the EVSE is reserved already, the station is not connected, or the station refused with Faulted, "
            "Occupied, Rejected or Unavailable (then it is listed as rejected). `504`: it did not answer in time; then "
            "the reservation is listed as unknown until it answers, is asked to give it back, or its time is over.",
            body=ReservationBody,
            body_example={
                "station_id": "CP-0001",
                "evse_id": 1,
                "id_token": "04A2B3C4",
                "expires_at": "2026-05-04T09:00:00Z",
            },
            answer=view_type(Reservation),
            example=example_of(Reservation),
            errors=(400, 404, 409),
        )
    ),
)
async def reserve(request: ApiRequest, timeout_s: Timeout = 30.0) -> Response[Any]:
    """Reserve at a station."""
    body = await request.read(ReservationBody)
    station = request.api.stations.require(body.station_id, tenant_id=request.tenant_id)
    fields = msgspec.to_builtins(body)
    del fields["station_id"]
    command = msgspec.convert(fields, Reserve)
    await request.api.services.reservations.check(station.id, command, tenant_id=request.tenant_id)
    record = await _done(request, body.station_id, command, timeout_s)
    answer = msgspec.json.decode(record.answer or "{}")
    if record.state == "rejected":
        status = answer["status"]
        raise Conflict(f"{status}: {REFUSALS.get(status, 'the station refused the reservation')}.")
    for one in await request.api.records.documents_of(request.tenant_id, station.id, Reservation.kind):
        if one.key == str(answer["reservation_id"]):
            return Response(await shown(request, one), status_code=201)
    raise NoAnswer("The station agreed, but the reservation is not recorded yet; look for it under /reservations.")


@delete(
    "/reservations/{document_id:str}",
    name="cancel reservation",
    opt=described(
        Doc(
            tag=TAG,
            summary="Cancel a reservation",
            description="Asks the station to give it back. `409` where it has ended already, where the station is not "
            "connected, and where the station says that it has no such reservation (which is then flagged).",
            errors=(404, 409),
        )
    ),
)
async def cancel(request: ApiRequest, document_id: FromPath[str], timeout_s: Timeout = 30.0) -> None:
    """Cancel a reservation at its station."""
    record = await found(request, Reservation, document_id)
    reservation = _reservation(record)
    if not reservation.is_open:
        raise Conflict(f"Reservation {reservation.reservation_id} is {reservation.state} already.")
    identity = await identity_of(request.api, request.tenant_id, record.station_id)
    command = CancelReservation(reservation_id=reservation.reservation_id)
    done = await _done(request, identity, command, timeout_s)
    if done.state == "rejected":
        raise Conflict(f"Rejected: the station says that it has no reservation {reservation.reservation_id}.")


async def _done(
    request: ApiRequest, station_id: str, command: Reserve | CancelReservation, timeout_s: float
) -> CommandRecord:
    """Carry a command out; gives its record once the station agreed or refused. Raises StationError."""
    commands = request.api.commands
    record = await commands.submit(
        station_id, command, requested_by=request.caller.name, timeout_s=timeout_s, tenant_id=request.tenant_id
    )
    record = await commands.outcome(record.id, timeout_s + 5.0, tenant_id=request.tenant_id)
    fail_as_recorded(record)
    return record


def _reservation(record: DocumentRecord) -> Reservation:
    document = document_of(record)
    assert isinstance(document, Reservation)
    return document


HANDLERS: list[Any] = [reserve, cancel]
