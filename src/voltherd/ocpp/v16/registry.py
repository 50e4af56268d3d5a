"""The actions of OCPP 1.6."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Final

from voltherd.ocpp.v16.core import (
    AuthorizeRequest,
    AuthorizeResponse,
    BootNotificationRequest,
    BootNotificationResponse,
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    ChangeConfigurationRequest,
    ChangeConfigurationResponse,
    ClearCacheRequest,
    ClearCacheResponse,
    DataTransferRequest,
    DataTransferResponse,
    GetConfigurationRequest,
    GetConfigurationResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    MeterValuesRequest,
    MeterValuesResponse,
    RemoteStartTransactionRequest,
    RemoteStartTransactionResponse,
    RemoteStopTransactionRequest,
    RemoteStopTransactionResponse,
    ResetRequest,
    ResetResponse,
    StartTransactionRequest,
    StartTransactionResponse,
    StatusNotificationRequest,
    StatusNotificationResponse,
    StopTransactionRequest,
    StopTransactionResponse,
    UnlockConnectorRequest,
    UnlockConnectorResponse,
)
from voltherd.ocpp.v16.firmware_management import (
    DiagnosticsStatusNotificationRequest,
    DiagnosticsStatusNotificationResponse,
    FirmwareStatusNotificationRequest,
    FirmwareStatusNotificationResponse,
    GetDiagnosticsRequest,
    GetDiagnosticsResponse,
    UpdateFirmwareRequest,
    UpdateFirmwareResponse,
)
from voltherd.ocpp.v16.local_auth_list import (
    GetLocalListVersionRequest,
    GetLocalListVersionResponse,
    SendLocalListRequest,
    SendLocalListResponse,
)
from voltherd.ocpp.v16.remote_trigger import TriggerMessageRequest, TriggerMessageResponse
from voltherd.ocpp.v16.reservation import (
    CancelReservationRequest,
    CancelReservationResponse,
    ReserveNowRequest,
    ReserveNowResponse,
)
from voltherd.ocpp.v16.security import (
    CertificateSignedRequest,
    CertificateSignedResponse,
    DeleteCertificateRequest,
    DeleteCertificateResponse,
    ExtendedTriggerMessageRequest,
    ExtendedTriggerMessageResponse,
    GetInstalledCertificateIdsRequest,
    GetInstalledCertificateIdsResponse,
    GetLogRequest,
    GetLogResponse,
    InstallCertificateRequest,
    InstallCertificateResponse,
    LogStatusNotificationRequest,
    LogStatusNotificationResponse,
    SecurityEventNotificationRequest,
    SecurityEventNotificationResponse,
    SignCertificateRequest,
    SignCertificateResponse,
    SignedFirmwareStatusNotificationRequest,
    SignedFirmwareStatusNotificationResponse,
    SignedUpdateFirmwareRequest,
    SignedUpdateFirmwareResponse,
)
from voltherd.ocpp.v16.smart_charging import (
    ClearChargingProfileRequest,
    ClearChargingProfileResponse,
    GetCompositeScheduleRequest,
    GetCompositeScheduleResponse,
    SetChargingProfileRequest,
    SetChargingProfileResponse,
)
from voltherd.ocpp.version import MessageSpec, OcppVersion

MESSAGES: Final = (
    MessageSpec("Authorize", AuthorizeRequest, AuthorizeResponse, "station", OcppVersion.V16, draft=4),
    MessageSpec(
        "BootNotification", BootNotificationRequest, BootNotificationResponse, "station", OcppVersion.V16, draft=4
    ),
    MessageSpec(
        "CancelReservation", CancelReservationRequest, CancelReservationResponse, "csms", OcppVersion.V16, draft=4
    ),
    MessageSpec(
        "CertificateSigned", CertificateSignedRequest, CertificateSignedResponse, "csms", OcppVersion.V16, draft=6
    ),
    MessageSpec(
        "ChangeAvailability", ChangeAvailabilityRequest, ChangeAvailabilityResponse, "csms", OcppVersion.V16, draft=4
    ),
    MessageSpec(
        "ChangeConfiguration", ChangeConfigurationRequest, ChangeConfigurationResponse, "csms", OcppVersion.V16, draft=4
    ),
    MessageSpec("ClearCache", ClearCacheRequest, ClearCacheResponse, "csms", OcppVersion.V16, draft=4),
    MessageSpec(
        "ClearChargingProfile",
        ClearChargingProfileRequest,
        ClearChargingProfileResponse,
        "csms",
        OcppVersion.V16,
        draft=4,
    ),
    MessageSpec("DataTransfer", DataTransferRequest, DataTransferResponse, "both", OcppVersion.V16, draft=4),
    MessageSpec(
        "DeleteCertificate", DeleteCertificateRequest, DeleteCertificateResponse, "csms", OcppVersion.V16, draft=6
    ),
    MessageSpec(
        "DiagnosticsStatusNotification",
        DiagnosticsStatusNotificationRequest,
        DiagnosticsStatusNotificationResponse,
        "station",
        OcppVersion.V16,
        draft=4,
    ),
    MessageSpec(
        "ExtendedTriggerMessage",
        ExtendedTriggerMessageRequest,
        ExtendedTriggerMessageResponse,
        "csms",
        OcppVersion.V16,
        draft=6,
    ),
    MessageSpec(
        "FirmwareStatusNotification",
        FirmwareStatusNotificationRequest,
        FirmwareStatusNotificationResponse,
        "station",
        OcppVersion.V16,
        draft=4,
    ),
    MessageSpec(
        "GetCompositeSchedule",
        GetCompositeScheduleRequest,
        GetCompositeScheduleResponse,
        "csms",
        OcppVersion.V16,
        draft=4,
    ),
    MessageSpec(
        "GetConfiguration", GetConfigurationRequest, GetConfigurationResponse, "csms", OcppVersion.V16, draft=4
    ),
    MessageSpec("GetDiagnostics", GetDiagnosticsRequest, GetDiagnosticsResponse, "csms", OcppVersion.V16, draft=4),
    MessageSpec(
        "GetInstalledCertificateIds",
        GetInstalledCertificateIdsRequest,
        GetInstalledCertificateIdsResponse,
        "csms",
        OcppVersion.V16,
        draft=6,
    ),
    MessageSpec(
        "GetLocalListVersion", GetLocalListVersionRequest, GetLocalListVersionResponse, "csms", OcppVersion.V16, draft=4
    ),
    MessageSpec("GetLog", GetLogRequest, GetLogResponse, "csms", OcppVersion.V16, draft=6),
    MessageSpec("Heartbeat", HeartbeatRequest, HeartbeatResponse, "station", OcppVersion.V16, draft=4),
    MessageSpec(
        "InstallCertificate", InstallCertificateRequest, InstallCertificateResponse, "csms", OcppVersion.V16, draft=6
    ),
    MessageSpec(
        "LogStatusNotification",
        LogStatusNotificationRequest,
        LogStatusNotificationResponse,
        "station",
        OcppVersion.V16,
        draft=6,
    ),
    MessageSpec("MeterValues", MeterValuesRequest, MeterValuesResponse, "station", OcppVersion.V16, draft=4),
    MessageSpec(
        "RemoteStartTransaction",
        RemoteStartTransactionRequest,
        RemoteStartTransactionResponse,
        "csms",
        OcppVersion.V16,
        draft=4,
    ),
    MessageSpec(
        "RemoteStopTransaction",
        RemoteStopTransactionRequest,
        RemoteStopTransactionResponse,
        "csms",
        OcppVersion.V16,
        draft=4,
    ),
    MessageSpec("ReserveNow", ReserveNowRequest, ReserveNowResponse, "csms", OcppVersion.V16, draft=4),
    MessageSpec("Reset", ResetRequest, ResetResponse, "csms", OcppVersion.V16, draft=4),
    MessageSpec(
        "SecurityEventNotification",
        SecurityEventNotificationRequest,
        SecurityEventNotificationResponse,
        "station",
        OcppVersion.V16,
        draft=6,
    ),
    MessageSpec("SendLocalList", SendLocalListRequest, SendLocalListResponse, "csms", OcppVersion.V16, draft=4),
    MessageSpec(
        "SetChargingProfile", SetChargingProfileRequest, SetChargingProfileResponse, "csms", OcppVersion.V16, draft=4
    ),
    MessageSpec(
        "SignCertificate", SignCertificateRequest, SignCertificateResponse, "station", OcppVersion.V16, draft=6
    ),
    MessageSpec(
        "SignedFirmwareStatusNotification",
        SignedFirmwareStatusNotificationRequest,
        SignedFirmwareStatusNotificationResponse,
        "station",
        OcppVersion.V16,
        draft=6,
    ),
    MessageSpec(
        "SignedUpdateFirmware",
        SignedUpdateFirmwareRequest,
        SignedUpdateFirmwareResponse,
        "csms",
        OcppVersion.V16,
        draft=6,
    ),
    MessageSpec(
        "StartTransaction", StartTransactionRequest, StartTransactionResponse, "station", OcppVersion.V16, draft=4
    ),
    MessageSpec(
        "StatusNotification", StatusNotificationRequest, StatusNotificationResponse, "station", OcppVersion.V16, draft=4
    ),
    MessageSpec(
        "StopTransaction", StopTransactionRequest, StopTransactionResponse, "station", OcppVersion.V16, draft=4
    ),
    MessageSpec("TriggerMessage", TriggerMessageRequest, TriggerMessageResponse, "csms", OcppVersion.V16, draft=4),
    MessageSpec("UnlockConnector", UnlockConnectorRequest, UnlockConnectorResponse, "csms", OcppVersion.V16, draft=4),
    MessageSpec("UpdateFirmware", UpdateFirmwareRequest, UpdateFirmwareResponse, "csms", OcppVersion.V16, draft=4),
)
"""Every action, by name."""
