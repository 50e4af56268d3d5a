"""Security extension of OCPP 1.6 (the whitepaper's messages)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import Timestamp, WireType
from voltherd.ocpp.v16.enums import (
    CertificateSignedStatus,
    CertificateUse,
    DeleteCertificateStatus,
    ExtendedMessageTrigger,
    GenericStatus,
    GetInstalledCertificateStatus,
    InstallCertificateStatus,
    LogStatus,
    LogType,
    SignedFirmwareStatus,
    TriggerMessageStatus,
    UpdateFirmwareStatus,
    UploadLogStatus,
)
from voltherd.ocpp.v16.scalars import Text50, Text255, Text5500, Text10000
from voltherd.ocpp.v16.types import CertificateHashData, Firmware, LogParameters


class CertificateSignedRequest(WireType, kw_only=True):
    """Delivers the signed certificate a station asked for. CSMS to station."""

    certificate_chain: Text10000


class CertificateSignedResponse(WireType, kw_only=True):
    """Answer to `CertificateSigned`."""

    status: CertificateSignedStatus


class DeleteCertificateRequest(WireType, kw_only=True):
    """Removes an installed certificate. CSMS to station."""

    certificate_hash_data: CertificateHashData


class DeleteCertificateResponse(WireType, kw_only=True):
    """Answer to `DeleteCertificate`."""

    status: DeleteCertificateStatus


class ExtendedTriggerMessageRequest(WireType, kw_only=True):
    """Asks the station to send a message now, those of the security extension included. CSMS to station."""

    requested_message: ExtendedMessageTrigger
    connector_id: int | UnsetType = UNSET


class ExtendedTriggerMessageResponse(WireType, kw_only=True):
    """Answer to `ExtendedTriggerMessage`."""

    status: TriggerMessageStatus


class GetInstalledCertificateIdsRequest(WireType, kw_only=True):
    """Asks for the hashes of installed root certificates. CSMS to station."""

    certificate_type: CertificateUse


class GetInstalledCertificateIdsResponse(WireType, kw_only=True):
    """Answer to `GetInstalledCertificateIds`."""

    status: GetInstalledCertificateStatus
    certificate_hash_data: Annotated[list[CertificateHashData], Meta(min_length=1)] | UnsetType = UNSET


class GetLogRequest(WireType, kw_only=True):
    """Asks for an upload of a log. CSMS to station."""

    log: LogParameters
    log_type: LogType
    request_id: int
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET


class GetLogResponse(WireType, kw_only=True):
    """Answer to `GetLog`."""

    status: LogStatus
    filename: Text255 | UnsetType = UNSET


class InstallCertificateRequest(WireType, kw_only=True):
    """Installs a root certificate. CSMS to station."""

    certificate_type: CertificateUse
    certificate: Text5500


class InstallCertificateResponse(WireType, kw_only=True):
    """Answer to `InstallCertificate`."""

    status: InstallCertificateStatus


class LogStatusNotificationRequest(WireType, kw_only=True):
    """Reports how the upload of a log goes. Station to CSMS."""

    status: UploadLogStatus
    request_id: int | UnsetType = UNSET


class LogStatusNotificationResponse(WireType, kw_only=True):
    """Answer to `LogStatusNotification`."""


class SecurityEventNotificationRequest(WireType, kw_only=True):
    """Reports a security event. Station to CSMS."""

    type: Text50
    timestamp: Timestamp
    tech_info: Text255 | UnsetType = UNSET


class SecurityEventNotificationResponse(WireType, kw_only=True):
    """Answer to `SecurityEventNotification`."""


class SignCertificateRequest(WireType, kw_only=True):
    """Asks to have a certificate signing request signed. Station to CSMS."""

    csr: Text5500


class SignCertificateResponse(WireType, kw_only=True):
    """Answer to `SignCertificate`."""

    status: GenericStatus


class SignedFirmwareStatusNotificationRequest(WireType, kw_only=True):
    """Reports how a signed firmware update goes. Station to CSMS."""

    status: SignedFirmwareStatus
    request_id: int | UnsetType = UNSET


class SignedFirmwareStatusNotificationResponse(WireType, kw_only=True):
    """Answer to `SignedFirmwareStatusNotification`."""


class SignedUpdateFirmwareRequest(WireType, kw_only=True):
    """Asks to fetch, verify and install signed firmware. CSMS to station."""

    request_id: int
    firmware: Firmware
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET


class SignedUpdateFirmwareResponse(WireType, kw_only=True):
    """Answer to `SignedUpdateFirmware`."""

    status: UpdateFirmwareStatus
