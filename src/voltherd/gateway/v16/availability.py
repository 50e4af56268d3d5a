"""Status and availability in OCPP 1.6."""

from voltherd.domain.commands import ChangeAvailability, Outcome
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import change_one_by_one
from voltherd.gateway.v16.common import connector_of, text
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    StatusNotificationRequest,
    StatusNotificationResponse,
)
from voltherd.services.availability import StatusReport

_DONE = StatusNotificationResponse()


@routes.handle()
def status_notification(here: Here, request: StatusNotificationRequest) -> StatusNotificationResponse:
    """Record a connector's status (OCPP 1.6 4.9); connector 0 is the station (interop trap 28)."""
    report = StatusReport(
        evse_no=request.connector_id,
        connector_no=1,
        status=request.status,
        error_code=request.error_code,
        info=text(request.info),
        vendor_error_code=text(request.vendor_error_code),
        timestamp=text(request.timestamp),
    )
    here.services.availability.status(here.state, here.work, report)
    return _DONE


@routes.learn
def availability_changed(here: Here, request: ChangeAvailabilityRequest, response: ChangeAvailabilityResponse) -> None:
    """Record what the station agreed to (OCPP 1.6 5.2)."""
    if response.status != "Rejected":
        number = max(request.connector_id, 0)
        operational, scheduled = request.type == "Operative", response.status == "Scheduled"
        here.services.availability.agreed(
            here.state, here.work, number, 0, operational=operational, scheduled=scheduled
        )


@routes.translate
async def change_availability(caller: Caller, command: ChangeAvailability) -> Outcome:
    """Take connectors in or out of service (OCPP 1.6 5.2); see `change_one_by_one` for stations that refuse one way."""
    connector_no = connector_of(command.evse_id, command.connector_id) if command.evse_id else 0

    async def change(number: int) -> str:
        request = ChangeAvailabilityRequest(
            connector_id=number, type="Operative" if command.operational else "Inoperative"
        )
        return (await caller.call(request, ChangeAvailabilityResponse)).status

    return await change_one_by_one(caller, connector_no, command.operational, change)
