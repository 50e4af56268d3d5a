"""Status and availability in OCPP 2.0.1 and 2.1."""

from msgspec import UNSET, UnsetType

from voltherd.domain.commands import ChangeAvailability, Outcome
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import change_one_by_one, outcome
from voltherd.gateway.v2.common import evse_of, text
from voltherd.gateway.v2.routes import routes
from voltherd.gateway.v2.station_event import record_events
from voltherd.ocpp.v2 import (
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    NotifyEventRequest,
    NotifyEventResponse,
    StatusNotificationRequest,
    StatusNotificationResponse,
)
from voltherd.ocpp.v2.types import EventDataType, EVSEType
from voltherd.services.availability import StatusReport

_DONE = StatusNotificationResponse()
_NOTED = NotifyEventResponse()


@routes.handle()
def status_notification(here: Here, request: StatusNotificationRequest) -> StatusNotificationResponse:
    """Record a connector's status (G01); EVSE 0 is the station (interop trap 28)."""
    report = StatusReport(
        evse_no=request.evse_id,
        connector_no=request.connector_id,
        status=request.connector_status,
        timestamp=request.timestamp,
    )
    here.services.availability.status(here.state, here.work, report)
    return _DONE


@routes.handle()
def notify_event(here: Here, request: NotifyEventRequest) -> NotifyEventResponse:
    """Record every event (N07, N08), and the status that some tell of (G01, the way of 2.1)."""
    record_events(here, request)
    for event in request.event_data:
        report = _status_in(event)
        if report is not None:
            here.services.availability.status(here.state, here.work, report)
        _lock_in(here, event)
    return _NOTED


def _lock_in(here: Here, event: EventDataType) -> None:
    """Record what an event tells of a connector's lock (G05.FR.02)."""
    names = event.component.name.lower(), event.variable.name.lower()
    if names != ("connectorplugretentionlock", "problem"):
        return
    evse_no, connector_no = _place(event.component.evse)
    failed = event.actual_value.strip().lower() == "true" and event.cleared is not True
    here.services.availability.lock_failed(
        here.state, here.work, evse_no, connector_no or min(evse_no, 1), failed=failed
    )


def _status_in(event: EventDataType) -> StatusReport | None:
    """Read an event of AvailabilityState: of a connector, an EVSE as a whole, or the station as a whole."""
    if event.variable.name.lower() != "availabilitystate" or not event.actual_value:
        return None
    component, evse = event.component.name.lower(), event.component.evse
    if component == "connector" and evse is not UNSET:
        place = evse.id, (evse.connector_id if evse.connector_id is not UNSET else 1)
    elif component == "evse" and evse is not UNSET:
        place = evse.id, 0
    elif component == "chargingstation":
        place = 0, 0
    else:
        return None
    return StatusReport(
        evse_no=place[0],
        connector_no=place[1],
        status=event.actual_value,
        info=text(event.tech_info),
        vendor_error_code=text(event.tech_code),
        timestamp=event.timestamp,
    )


@routes.learn
def availability_changed(here: Here, request: ChangeAvailabilityRequest, response: ChangeAvailabilityResponse) -> None:
    """Record what the station agreed to, now or after its sessions (G03.FR.05, G04.FR.06)."""
    if response.status != "Rejected":
        evse_no, connector_no = _place(request.evse)
        here.services.availability.agreed(
            here.state,
            here.work,
            evse_no,
            connector_no,
            operational=request.operational_status == "Operative",
            scheduled=response.status == "Scheduled",
        )


def _place(evse: EVSEType | UnsetType) -> tuple[int, int]:
    if evse is UNSET or evse.id < 1:
        return 0, 0
    return evse.id, evse.connector_id if evse.connector_id is not UNSET else 0


@routes.translate
async def change_availability(caller: Caller, command: ChangeAvailability) -> Outcome:
    """Take the station, an EVSE or a connector in or out of service (G03, G04).

    See `change_one_by_one` for stations that refuse one way. The intent is kept for the station and for EVSEs.
    """

    async def change(evse_no: int) -> str:
        return (await ask(evse_no, None)).status

    async def ask(evse_no: int, connector_no: int | None) -> ChangeAvailabilityResponse:
        request = ChangeAvailabilityRequest(
            operational_status="Operative" if command.operational else "Inoperative",
            evse=evse_of(evse_no, connector_no),
        )
        return await caller.call(request, ChangeAvailabilityResponse)

    if command.connector_id:
        answer = await ask(command.evse_id or 0, command.connector_id)
        return outcome(answer, accepted=("Accepted", "Scheduled"))
    return await change_one_by_one(caller, command.evse_id or 0, command.operational, change)
