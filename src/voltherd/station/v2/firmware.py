"""UpdateFirmware and FirmwareStatusNotification of 2.x (L01, L02); publishing is for local controllers (L03, L04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.firmware_state import FirmwareStatus, UpdateRequest
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.words import given, info, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("UpdateFirmware")
def update_firmware(core: StationCore, request: v2.UpdateFirmwareRequest) -> v2.UpdateFirmwareResponse:
    """OCPP 2.0.1 L01 with a signature, L02 without."""
    firmware = request.firmware
    if firmware.signature is UNSET and not core.firmware.takes_unsigned:
        return v2.UpdateFirmwareResponse(status="Rejected", status_info=info("MissingParam", "A signature is needed"))
    outcome = core.firmware.update(
        UpdateRequest(
            url=firmware.location,
            retrieve_at=firmware.retrieve_date_time,
            install_at=given(firmware.install_date_time),
            request_id=request.request_id,
            certificate_pem=given(firmware.signing_certificate),
            signature=given(firmware.signature),
            retries=given(request.retries),
            retry_interval_s=given(request.retry_interval),
        )
    )
    return v2.UpdateFirmwareResponse(status=outcome)


@reports(FirmwareStatus)
def firmware_status(core: StationCore, report: FirmwareStatus) -> Outgoing:
    """A FirmwareStatusNotification."""
    request = v2.FirmwareStatusNotificationRequest(
        status=report.state, request_id=UNSET if report.request_id is None else report.request_id
    )
    if core.is_v21 and report.reason:
        request.status_info = info(report.state, report.reason)
    return Outgoing(action="FirmwareStatusNotification", request=request)


@serves("PublishFirmware")
def publish_firmware(core: StationCore, request: v2.PublishFirmwareRequest) -> v2.PublishFirmwareResponse:
    """OCPP 2.0.1 L03: a station is no local controller."""
    why = info("UnsupportedRequest", "Only local controllers publish firmware")
    return v2.PublishFirmwareResponse(status="Rejected", status_info=why)


@serves("UnpublishFirmware")
def unpublish_firmware(core: StationCore, request: v2.UnpublishFirmwareRequest) -> v2.UnpublishFirmwareResponse:
    """OCPP 2.0.1 L04.FR.03: nothing was ever published."""
    return v2.UnpublishFirmwareResponse(status="NoFirmware")
