"""Boot, heartbeat and reset in OCPP 2.0.1 and 2.1."""

from typing import Final

from msgspec import UNSET

from voltherd.domain.commands import Outcome, Reset
from voltherd.domain.errors import NotSupportedByVersion
from voltherd.domain.station import Registration
from voltherd.domain.time import format_ms
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome, restarts_at_once
from voltherd.gateway.v2.common import text
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    BootNotificationRequest,
    BootNotificationResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    ResetRequest,
    ResetResponse,
)
from voltherd.ocpp.v2.enums import RegistrationStatusEnumType, ResetEnumType
from voltherd.ocpp.version import OcppVersion
from voltherd.services.provisioning import BootReport

STATUS: Final[dict[Registration, RegistrationStatusEnumType]] = {
    "accepted": "Accepted",
    "pending": "Pending",
    "rejected": "Rejected",
}
RESET: Final[dict[str, ResetEnumType]] = {
    "soft": "OnIdle",
    "on_idle": "OnIdle",
    "hard": "Immediate",
    "immediate": "Immediate",
    "immediate_and_resume": "ImmediateAndResume",
}


@routes.handle()
def boot_notification(here: Here, request: BootNotificationRequest) -> BootNotificationResponse:
    """Answer a boot (B01, B02, B03)."""
    station, modem = request.charging_station, request.charging_station.modem
    report = BootReport(
        vendor=station.vendor_name,
        model=station.model,
        serial_number=text(station.serial_number),
        firmware_version=text(station.firmware_version),
        iccid=text(modem.iccid) if modem is not UNSET else "",
        imsi=text(modem.imsi) if modem is not UNSET else "",
        reason=request.reason,
    )
    here.services.availability.prepare(here.state)
    here.services.firmware.booted(here.state, here.work, report.firmware_version)
    if request.reason != "Triggered":
        here.services.network_profiles.booted(here.state, here.work)
    answer = here.services.provisioning.boot(here.state, here.work, report)
    return BootNotificationResponse(
        status=STATUS[answer.registration], current_time=format_ms(here.work.now_ms), interval=answer.interval_s
    )


@routes.handle()
def heartbeat(here: Here, request: HeartbeatRequest) -> HeartbeatResponse:
    """Tell the time (G02)."""
    return HeartbeatResponse(current_time=format_ms(here.work.now_ms))


@routes.translate
async def reset(caller: Caller, command: Reset) -> Outcome:
    """Restart the station or one EVSE (B11, B12); `Scheduled` means once sessions ended; 2.1 may resume (B13)."""
    if command.type == "immediate_and_resume" and caller.version is OcppVersion.V201:
        raise NotSupportedByVersion("OCPP 2.0.1 cannot resume sessions after a restart; 2.1 can.")
    kind = "Immediate" if restarts_at_once(caller.state, command) else RESET[command.type]
    request = ResetRequest(type=kind, evse_id=command.evse_id or UNSET)
    return outcome(await caller.call(request, ResetResponse), accepted=("Accepted", "Scheduled"))
