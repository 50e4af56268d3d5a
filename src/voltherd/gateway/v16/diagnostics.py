"""Logs and security events in OCPP 1.6: GetDiagnostics, and GetLog of the security whitepaper."""

from typing import Final

from msgspec import UNSET

from voltherd.domain.commands import Outcome
from voltherd.domain.diagnostics import GetLog
from voltherd.domain.errors import NotSupportedByVersion
from voltherd.domain.station_event import SECURITY_EVENTS_16
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v16.common import text
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    DiagnosticsStatusNotificationRequest,
    DiagnosticsStatusNotificationResponse,
    GetDiagnosticsRequest,
    GetDiagnosticsResponse,
    GetLogRequest,
    GetLogResponse,
    LogStatusNotificationRequest,
    LogStatusNotificationResponse,
    SecurityEventNotificationRequest,
    SecurityEventNotificationResponse,
)
from voltherd.ocpp.v16.types import LogParameters
from voltherd.services.logs import Asked

_DIAGNOSTICS_NOTED: Final = DiagnosticsStatusNotificationResponse()
_LOG_NOTED: Final = LogStatusNotificationResponse()
_EVENT_NOTED: Final = SecurityEventNotificationResponse()
_TYPES: Final = {"DiagnosticsLog": "diagnostics", "SecurityLog": "security"}


@routes.translate
async def get_log(caller: Caller, command: GetLog) -> Outcome:
    """Ask for diagnostics (OCPP 1.6 5.9) or the security log (whitepaper GetLog)."""
    if command.type == "data_collector":
        raise NotSupportedByVersion("OCPP 1.6 has no log of a data collector.")
    location = await caller.services.diagnostics.logs.location(command)
    if command.type == "diagnostics":
        return await _diagnostics(caller, command, location)
    request = GetLogRequest(
        log_type="SecurityLog",
        request_id=caller.request_id,
        retries=UNSET if command.retries is None else command.retries,
        retry_interval=UNSET if command.retry_interval_s is None else command.retry_interval_s,
        log=LogParameters(
            remote_location=location,
            oldest_timestamp=command.oldest_at or UNSET,
            latest_timestamp=command.latest_at or UNSET,
        ),
    )
    return outcome(await caller.call(request, GetLogResponse), accepted=("Accepted", "AcceptedCanceled"))


async def _diagnostics(caller: Caller, command: GetLog, location: str) -> Outcome:
    request = GetDiagnosticsRequest(
        location=location,
        retries=UNSET if command.retries is None else command.retries,
        retry_interval=UNSET if command.retry_interval_s is None else command.retry_interval_s,
        start_time=command.oldest_at or UNSET,
        stop_time=command.latest_at or UNSET,
    )
    answer = await caller.call(request, GetDiagnosticsResponse)
    status = _status(answer)
    return Outcome(accepted=status == "Accepted", status=status, answer={"fileName": text(answer.file_name)})


def _status(answer: GetDiagnosticsResponse) -> str:
    """A station that names no file has nothing to upload."""
    return "Accepted" if answer.file_name else "Rejected"


@routes.learn
def diagnostics_asked(here: Here, request: GetDiagnosticsRequest, response: GetDiagnosticsResponse) -> None:
    """Record what was asked for; 1.6 gives it no number."""
    asked = Asked(
        request_id=None,
        type="diagnostics",
        location=request.location,
        status=_status(response),
        file_name=text(response.file_name),
    )
    here.services.diagnostics.logs.asked(here.state, here.work, asked)


@routes.learn
def log_asked(here: Here, request: GetLogRequest, response: GetLogResponse) -> None:
    """Record what was asked for."""
    asked = Asked(
        request_id=request.request_id,
        type=_TYPES[request.log_type],
        location=request.log.remote_location,
        status=response.status,
        file_name=text(response.filename),
    )
    here.services.diagnostics.logs.asked(here.state, here.work, asked)


@routes.handle()
def diagnostics_status(
    here: Here, request: DiagnosticsStatusNotificationRequest
) -> DiagnosticsStatusNotificationResponse:
    """Record how an upload of diagnostics goes (OCPP 1.6 4.4)."""
    here.services.diagnostics.logs.status(here.state, here.work, None, request.status)
    return _DIAGNOSTICS_NOTED


@routes.handle()
def log_status(here: Here, request: LogStatusNotificationRequest) -> LogStatusNotificationResponse:
    """Record how an upload of a log goes (whitepaper N01)."""
    number = request.request_id if request.request_id is not UNSET else None
    here.services.diagnostics.logs.status(here.state, here.work, number, request.status)
    return _LOG_NOTED


@routes.handle()
def security_event(here: Here, request: SecurityEventNotificationRequest) -> SecurityEventNotificationResponse:
    """Record a security event (whitepaper A04)."""
    here.services.diagnostics.events.security(
        here.state, here.work, request.type, request.timestamp, text(request.tech_info), SECURITY_EVENTS_16
    )
    return _EVENT_NOTED
