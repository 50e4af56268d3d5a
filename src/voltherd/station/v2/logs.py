"""GetLog and LogStatusNotification of 2.x (N01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.logs import LogRequest, LogStatus
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.words import given, info, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("GetLog")
def get_log(core: StationCore, request: v2.GetLogRequest) -> v2.GetLogResponse:
    """OCPP 2.0.1 N01; a log of data collectors is not kept."""
    if request.log_type == "DataCollectorLog":
        return v2.GetLogResponse(status="Rejected", status_info=info("UnsupportedRequest", "There is no such log"))
    status, name = core.logs.upload(
        LogRequest(
            channel="Log",
            kind=request.log_type,
            url=request.log.remote_location,
            request_id=request.request_id,
            retries=given(request.retries),
            retry_interval_s=given(request.retry_interval),
            oldest=given(request.log.oldest_timestamp),
            latest=given(request.log.latest_timestamp),
        )
    )
    if name is None:
        return v2.GetLogResponse(status=status, status_info=info("NotFound", "No line is of that time"))
    return v2.GetLogResponse(status=status, filename=name)


@reports(LogStatus)
def log_status(core: StationCore, report: LogStatus) -> Outgoing:
    """A LogStatusNotification."""
    request = v2.LogStatusNotificationRequest(
        status=report.status, request_id=UNSET if report.request_id is None else report.request_id
    )
    if core.is_v21 and report.reason:
        request.status_info = info(report.reason, report.reason)
    return Outgoing(action="LogStatusNotification", request=request)
