"""GetDiagnostics of 1.6, and GetLog of its security extension, with their status notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.ocpp.v16 import enums
from voltherd.station.logs import LogRequest, LogStatus, UploadStatus
from voltherd.station.outbox import Outgoing
from voltherd.station.v16.words import given, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_DIAGNOSTICS: Final[dict[UploadStatus, enums.DiagnosticsStatus]] = {
    "Idle": "Idle",
    "Uploading": "Uploading",
    "Uploaded": "Uploaded",
    "AcceptedCanceled": "UploadFailed",
}
"""In the words of 1.6; everything else is a failure."""


@serves("GetDiagnostics")
def get_diagnostics(core: StationCore, request: v16.GetDiagnosticsRequest) -> v16.GetDiagnosticsResponse:
    """OCPP 1.6, 5.9; without a file name there is nothing to upload."""
    _, name = core.logs.upload(
        LogRequest(
            channel="Diagnostics",
            kind="DiagnosticsLog",
            url=request.location,
            retries=given(request.retries),
            retry_interval_s=given(request.retry_interval),
            oldest=given(request.start_time),
            latest=given(request.stop_time),
        )
    )
    return v16.GetDiagnosticsResponse(file_name=UNSET if name is None else name)


@serves("GetLog")
def get_log(core: StationCore, request: v16.GetLogRequest) -> v16.GetLogResponse:
    """N01 of the security extension."""
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
    return v16.GetLogResponse(status=status, filename=UNSET if name is None else name)


@reports(LogStatus)
def log_status(core: StationCore, report: LogStatus) -> Outgoing | None:
    """The notification that goes with the request; of an upload that gave way to another nothing is said."""
    if report.channel == "Diagnostics":
        if report.status == "AcceptedCanceled":
            return None
        status = _DIAGNOSTICS.get(report.status, "UploadFailed")
        request = v16.DiagnosticsStatusNotificationRequest(status=status)
        return Outgoing(action="DiagnosticsStatusNotification", request=request)
    if report.status == "AcceptedCanceled":
        return None
    word: Any = report.status
    return Outgoing(
        action="LogStatusNotification",
        request=v16.LogStatusNotificationRequest(
            status=word, request_id=UNSET if report.request_id is None else report.request_id
        ),
    )
