"""Firmware management profile of OCPP 1.6."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from msgspec import UNSET, UnsetType

from voltherd.ocpp.scalars import Timestamp, Uri, WireType
from voltherd.ocpp.v16.enums import DiagnosticsStatus, FirmwareStatus
from voltherd.ocpp.v16.scalars import Text255


class DiagnosticsStatusNotificationRequest(WireType, kw_only=True):
    """Reports how the upload of diagnostics goes. Station to CSMS."""

    status: DiagnosticsStatus


class DiagnosticsStatusNotificationResponse(WireType, kw_only=True):
    """Answer to `DiagnosticsStatusNotification`."""


class FirmwareStatusNotificationRequest(WireType, kw_only=True):
    """Reports how a firmware update goes. Station to CSMS."""

    status: FirmwareStatus


class FirmwareStatusNotificationResponse(WireType, kw_only=True):
    """Answer to `FirmwareStatusNotification`."""


class GetDiagnosticsRequest(WireType, kw_only=True):
    """Asks for an upload of diagnostics to a location. CSMS to station."""

    location: Uri
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET
    start_time: Timestamp | UnsetType = UNSET
    stop_time: Timestamp | UnsetType = UNSET


class GetDiagnosticsResponse(WireType, kw_only=True):
    """Answer to `GetDiagnostics`."""

    file_name: Text255 | UnsetType = UNSET


class UpdateFirmwareRequest(WireType, kw_only=True):
    """Asks to fetch and install firmware from a location. CSMS to station."""

    location: Uri
    retrieve_date: Timestamp
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET


class UpdateFirmwareResponse(WireType, kw_only=True):
    """Answer to `UpdateFirmware`."""
