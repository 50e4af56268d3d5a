"""UpdateFirmware of 1.6 and SignedUpdateFirmware of its security extension, with their status notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.v16 import enums
from voltherd.station.firmware_state import FirmwareState, FirmwareStatus, UpdateRequest
from voltherd.station.outbox import Outgoing
from voltherd.station.v16.words import given, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_PLAIN: Final[dict[FirmwareState, enums.FirmwareStatus]] = {
    "Idle": "Idle",
    "Downloading": "Downloading",
    "Downloaded": "Downloaded",
    "DownloadFailed": "DownloadFailed",
    "Installing": "Installing",
    "InstallVerificationFailed": "InstallationFailed",
    "InstallationFailed": "InstallationFailed",
    "Installed": "Installed",
}
"""What the unsigned update has words for (OCPP 1.6, 7.25)."""


@serves("UpdateFirmware")
def update_firmware(core: StationCore, request: v16.UpdateFirmwareRequest) -> v16.UpdateFirmwareResponse:
    """OCPP 1.6, 5.19; refused where only signed firmware is let in (L01.FR.20 of the security extension)."""
    if not core.firmware.takes_unsigned:
        raise OcppError(ErrorCode.NOT_SUPPORTED, "Firmware must be signed: SignedUpdateFirmware")
    core.firmware.update(
        UpdateRequest(
            url=request.location,
            retrieve_at=request.retrieve_date,
            retries=given(request.retries),
            retry_interval_s=given(request.retry_interval),
        )
    )
    return v16.UpdateFirmwareResponse()


@serves("SignedUpdateFirmware")
def signed_update_firmware(
    core: StationCore, request: v16.SignedUpdateFirmwareRequest
) -> v16.SignedUpdateFirmwareResponse:
    """L01 of the security extension."""
    firmware = request.firmware
    outcome = core.firmware.update(
        UpdateRequest(
            url=firmware.location,
            retrieve_at=firmware.retrieve_date_time,
            install_at=given(firmware.install_date_time),
            request_id=request.request_id,
            certificate_pem=firmware.signing_certificate,
            signature=firmware.signature,
            retries=given(request.retries),
            retry_interval_s=given(request.retry_interval),
        )
    )
    return v16.SignedUpdateFirmwareResponse(status=outcome)


@reports(FirmwareStatus)
def firmware_status(core: StationCore, report: FirmwareStatus) -> Outgoing | None:
    """The notification that goes with the request; None for states that 1.6 has no word for."""
    if report.is_signed:
        number = UNSET if report.request_id is None else report.request_id
        signed = v16.SignedFirmwareStatusNotificationRequest(status=report.state, request_id=number)
        return Outgoing(action="SignedFirmwareStatusNotification", request=signed)
    word = _PLAIN.get(report.state)
    if word is None:
        return None
    plain = v16.FirmwareStatusNotificationRequest(status=word)
    return Outgoing(action="FirmwareStatusNotification", request=plain)
