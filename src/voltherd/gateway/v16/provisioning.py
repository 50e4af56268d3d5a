"""Boot, heartbeat and reset in OCPP 1.6."""

from typing import Final

from voltherd.domain.commands import Outcome, Reset
from voltherd.domain.errors import NotSupportedByVersion
from voltherd.domain.station import Registration
from voltherd.domain.time import format_ms
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome, restarts_at_once
from voltherd.gateway.v16.common import text
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    BootNotificationRequest,
    BootNotificationResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    ResetRequest,
    ResetResponse,
)
from voltherd.ocpp.v16.enums import RegistrationStatus
from voltherd.services.provisioning import BootReport

STATUS: Final[dict[Registration, RegistrationStatus]] = {
    "accepted": "Accepted",
    "pending": "Pending",
    "rejected": "Rejected",
}


@routes.handle()
def boot_notification(here: Here, request: BootNotificationRequest) -> BootNotificationResponse:
    """Answer a boot (OCPP 1.6 4.2). Old stations name themselves by the serial number of their box only."""
    report = BootReport(
        vendor=request.charge_point_vendor,
        model=request.charge_point_model,
        serial_number=text(request.charge_point_serial_number) or text(request.charge_box_serial_number),
        firmware_version=text(request.firmware_version),
        iccid=text(request.iccid),
        imsi=text(request.imsi),
    )
    here.services.availability.prepare(here.state)
    here.services.firmware.booted(here.state, here.work, report.firmware_version)
    answer = here.services.provisioning.boot(here.state, here.work, report)
    return BootNotificationResponse(
        status=STATUS[answer.registration], current_time=format_ms(here.work.now_ms), interval=answer.interval_s
    )


@routes.handle()
def heartbeat(here: Here, request: HeartbeatRequest) -> HeartbeatResponse:
    """Tell the time (OCPP 1.6 4.6)."""
    return HeartbeatResponse(current_time=format_ms(here.work.now_ms))


@routes.translate
async def reset(caller: Caller, command: Reset) -> Outcome:
    """Restart the station (OCPP 1.6 5.14): `soft` and `on_idle` let sessions end, `hard` and `immediate` do not."""
    if command.evse_id:
        raise NotSupportedByVersion("OCPP 1.6 restarts whole stations only; leave evse_id out.")
    if command.type == "immediate_and_resume":
        raise NotSupportedByVersion("OCPP 1.6 cannot resume sessions after a restart; 2.1 can.")
    gently = command.type in ("soft", "on_idle") and not restarts_at_once(caller.state, command)
    return outcome(await caller.call(ResetRequest(type="Soft" if gently else "Hard"), ResetResponse))
