"""The actions of OCPP 2.0.1 and 2.1."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Final

from voltherd.ocpp.v2.authorization import AuthorizeRequest, AuthorizeResponse, ClearCacheRequest, ClearCacheResponse
from voltherd.ocpp.v2.availability import (
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    StatusNotificationRequest,
    StatusNotificationResponse,
)
from voltherd.ocpp.v2.battery_swap import (
    BatterySwapRequest,
    BatterySwapResponse,
    RequestBatterySwapRequest,
    RequestBatterySwapResponse,
)
from voltherd.ocpp.v2.certificates import (
    DeleteCertificateRequest,
    DeleteCertificateResponse,
    Get15118EVCertificateRequest,
    Get15118EVCertificateResponse,
    GetCertificateChainStatusRequest,
    GetCertificateChainStatusResponse,
    GetCertificateStatusRequest,
    GetCertificateStatusResponse,
    GetInstalledCertificateIdsRequest,
    GetInstalledCertificateIdsResponse,
    InstallCertificateRequest,
    InstallCertificateResponse,
)
from voltherd.ocpp.v2.data_transfer import DataTransferRequest, DataTransferResponse
from voltherd.ocpp.v2.der_control import (
    ClearDERControlRequest,
    ClearDERControlResponse,
    GetDERControlRequest,
    GetDERControlResponse,
    NotifyDERAlarmRequest,
    NotifyDERAlarmResponse,
    NotifyDERStartStopRequest,
    NotifyDERStartStopResponse,
    ReportDERControlRequest,
    ReportDERControlResponse,
    SetDERControlRequest,
    SetDERControlResponse,
)
from voltherd.ocpp.v2.diagnostics import (
    AdjustPeriodicEventStreamRequest,
    AdjustPeriodicEventStreamResponse,
    ClearVariableMonitoringRequest,
    ClearVariableMonitoringResponse,
    ClosePeriodicEventStreamRequest,
    ClosePeriodicEventStreamResponse,
    CustomerInformationRequest,
    CustomerInformationResponse,
    GetLogRequest,
    GetLogResponse,
    GetMonitoringReportRequest,
    GetMonitoringReportResponse,
    GetPeriodicEventStreamRequest,
    GetPeriodicEventStreamResponse,
    LogStatusNotificationRequest,
    LogStatusNotificationResponse,
    NotifyCustomerInformationRequest,
    NotifyCustomerInformationResponse,
    NotifyEventRequest,
    NotifyEventResponse,
    NotifyMonitoringReportRequest,
    NotifyMonitoringReportResponse,
    NotifyPeriodicEventStreamRequest,
    OpenPeriodicEventStreamRequest,
    OpenPeriodicEventStreamResponse,
    SetMonitoringBaseRequest,
    SetMonitoringBaseResponse,
    SetMonitoringLevelRequest,
    SetMonitoringLevelResponse,
    SetVariableMonitoringRequest,
    SetVariableMonitoringResponse,
)
from voltherd.ocpp.v2.display_message import (
    ClearDisplayMessageRequest,
    ClearDisplayMessageResponse,
    GetDisplayMessagesRequest,
    GetDisplayMessagesResponse,
    NotifyDisplayMessagesRequest,
    NotifyDisplayMessagesResponse,
    SetDisplayMessageRequest,
    SetDisplayMessageResponse,
)
from voltherd.ocpp.v2.firmware import (
    FirmwareStatusNotificationRequest,
    FirmwareStatusNotificationResponse,
    PublishFirmwareRequest,
    PublishFirmwareResponse,
    PublishFirmwareStatusNotificationRequest,
    PublishFirmwareStatusNotificationResponse,
    UnpublishFirmwareRequest,
    UnpublishFirmwareResponse,
    UpdateFirmwareRequest,
    UpdateFirmwareResponse,
)
from voltherd.ocpp.v2.local_list import (
    GetLocalListVersionRequest,
    GetLocalListVersionResponse,
    SendLocalListRequest,
    SendLocalListResponse,
)
from voltherd.ocpp.v2.metering import MeterValuesRequest, MeterValuesResponse
from voltherd.ocpp.v2.provisioning import (
    BootNotificationRequest,
    BootNotificationResponse,
    GetBaseReportRequest,
    GetBaseReportResponse,
    GetReportRequest,
    GetReportResponse,
    GetVariablesRequest,
    GetVariablesResponse,
    NotifyReportRequest,
    NotifyReportResponse,
    ResetRequest,
    ResetResponse,
    SetNetworkProfileRequest,
    SetNetworkProfileResponse,
    SetVariablesRequest,
    SetVariablesResponse,
)
from voltherd.ocpp.v2.remote_control import (
    RequestStartTransactionRequest,
    RequestStartTransactionResponse,
    RequestStopTransactionRequest,
    RequestStopTransactionResponse,
    TriggerMessageRequest,
    TriggerMessageResponse,
    UnlockConnectorRequest,
    UnlockConnectorResponse,
)
from voltherd.ocpp.v2.reservation import (
    CancelReservationRequest,
    CancelReservationResponse,
    ReservationStatusUpdateRequest,
    ReservationStatusUpdateResponse,
    ReserveNowRequest,
    ReserveNowResponse,
)
from voltherd.ocpp.v2.security import (
    CertificateSignedRequest,
    CertificateSignedResponse,
    SecurityEventNotificationRequest,
    SecurityEventNotificationResponse,
    SignCertificateRequest,
    SignCertificateResponse,
)
from voltherd.ocpp.v2.smart_charging import (
    ClearChargingProfileRequest,
    ClearChargingProfileResponse,
    ClearedChargingLimitRequest,
    ClearedChargingLimitResponse,
    GetChargingProfilesRequest,
    GetChargingProfilesResponse,
    GetCompositeScheduleRequest,
    GetCompositeScheduleResponse,
    NotifyChargingLimitRequest,
    NotifyChargingLimitResponse,
    NotifyEVChargingNeedsRequest,
    NotifyEVChargingNeedsResponse,
    NotifyEVChargingScheduleRequest,
    NotifyEVChargingScheduleResponse,
    NotifyPriorityChargingRequest,
    NotifyPriorityChargingResponse,
    PullDynamicScheduleUpdateRequest,
    PullDynamicScheduleUpdateResponse,
    ReportChargingProfilesRequest,
    ReportChargingProfilesResponse,
    SetChargingProfileRequest,
    SetChargingProfileResponse,
    UpdateDynamicScheduleRequest,
    UpdateDynamicScheduleResponse,
    UsePriorityChargingRequest,
    UsePriorityChargingResponse,
)
from voltherd.ocpp.v2.tariff_and_cost import (
    ChangeTransactionTariffRequest,
    ChangeTransactionTariffResponse,
    ClearTariffsRequest,
    ClearTariffsResponse,
    CostUpdatedRequest,
    CostUpdatedResponse,
    GetTariffsRequest,
    GetTariffsResponse,
    NotifySettlementRequest,
    NotifySettlementResponse,
    NotifyWebPaymentStartedRequest,
    NotifyWebPaymentStartedResponse,
    SetDefaultTariffRequest,
    SetDefaultTariffResponse,
    VatNumberValidationRequest,
    VatNumberValidationResponse,
)
from voltherd.ocpp.v2.transactions import (
    GetTransactionStatusRequest,
    GetTransactionStatusResponse,
    TransactionEventRequest,
    TransactionEventResponse,
)
from voltherd.ocpp.v2.v2x import (
    AFRRSignalRequest,
    AFRRSignalResponse,
    NotifyAllowedEnergyTransferRequest,
    NotifyAllowedEnergyTransferResponse,
)
from voltherd.ocpp.version import MessageSpec, OcppVersion

MESSAGES: Final = (
    MessageSpec("AFRRSignal", AFRRSignalRequest, AFRRSignalResponse, "csms", OcppVersion.V21, draft=6),
    MessageSpec(
        "AdjustPeriodicEventStream",
        AdjustPeriodicEventStreamRequest,
        AdjustPeriodicEventStreamResponse,
        "csms",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec("Authorize", AuthorizeRequest, AuthorizeResponse, "station", OcppVersion.V201, draft=6),
    MessageSpec("BatterySwap", BatterySwapRequest, BatterySwapResponse, "station", OcppVersion.V21, draft=6),
    MessageSpec(
        "BootNotification", BootNotificationRequest, BootNotificationResponse, "station", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "CancelReservation", CancelReservationRequest, CancelReservationResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "CertificateSigned", CertificateSignedRequest, CertificateSignedResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "ChangeAvailability", ChangeAvailabilityRequest, ChangeAvailabilityResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "ChangeTransactionTariff",
        ChangeTransactionTariffRequest,
        ChangeTransactionTariffResponse,
        "csms",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec("ClearCache", ClearCacheRequest, ClearCacheResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec(
        "ClearChargingProfile",
        ClearChargingProfileRequest,
        ClearChargingProfileResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("ClearDERControl", ClearDERControlRequest, ClearDERControlResponse, "csms", OcppVersion.V21, draft=6),
    MessageSpec(
        "ClearDisplayMessage",
        ClearDisplayMessageRequest,
        ClearDisplayMessageResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("ClearTariffs", ClearTariffsRequest, ClearTariffsResponse, "csms", OcppVersion.V21, draft=6),
    MessageSpec(
        "ClearVariableMonitoring",
        ClearVariableMonitoringRequest,
        ClearVariableMonitoringResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "ClearedChargingLimit",
        ClearedChargingLimitRequest,
        ClearedChargingLimitResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "ClosePeriodicEventStream",
        ClosePeriodicEventStreamRequest,
        ClosePeriodicEventStreamResponse,
        "station",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec("CostUpdated", CostUpdatedRequest, CostUpdatedResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec(
        "CustomerInformation",
        CustomerInformationRequest,
        CustomerInformationResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("DataTransfer", DataTransferRequest, DataTransferResponse, "both", OcppVersion.V201, draft=6),
    MessageSpec(
        "DeleteCertificate", DeleteCertificateRequest, DeleteCertificateResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "FirmwareStatusNotification",
        FirmwareStatusNotificationRequest,
        FirmwareStatusNotificationResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "Get15118EVCertificate",
        Get15118EVCertificateRequest,
        Get15118EVCertificateResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("GetBaseReport", GetBaseReportRequest, GetBaseReportResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec(
        "GetCertificateChainStatus",
        GetCertificateChainStatusRequest,
        GetCertificateChainStatusResponse,
        "station",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec(
        "GetCertificateStatus",
        GetCertificateStatusRequest,
        GetCertificateStatusResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "GetChargingProfiles",
        GetChargingProfilesRequest,
        GetChargingProfilesResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "GetCompositeSchedule",
        GetCompositeScheduleRequest,
        GetCompositeScheduleResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("GetDERControl", GetDERControlRequest, GetDERControlResponse, "csms", OcppVersion.V21, draft=6),
    MessageSpec(
        "GetDisplayMessages", GetDisplayMessagesRequest, GetDisplayMessagesResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "GetInstalledCertificateIds",
        GetInstalledCertificateIdsRequest,
        GetInstalledCertificateIdsResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "GetLocalListVersion",
        GetLocalListVersionRequest,
        GetLocalListVersionResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("GetLog", GetLogRequest, GetLogResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec(
        "GetMonitoringReport",
        GetMonitoringReportRequest,
        GetMonitoringReportResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "GetPeriodicEventStream",
        GetPeriodicEventStreamRequest,
        GetPeriodicEventStreamResponse,
        "csms",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec("GetReport", GetReportRequest, GetReportResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec("GetTariffs", GetTariffsRequest, GetTariffsResponse, "csms", OcppVersion.V21, draft=6),
    MessageSpec(
        "GetTransactionStatus",
        GetTransactionStatusRequest,
        GetTransactionStatusResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("GetVariables", GetVariablesRequest, GetVariablesResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec("Heartbeat", HeartbeatRequest, HeartbeatResponse, "station", OcppVersion.V201, draft=6),
    MessageSpec(
        "InstallCertificate", InstallCertificateRequest, InstallCertificateResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "LogStatusNotification",
        LogStatusNotificationRequest,
        LogStatusNotificationResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("MeterValues", MeterValuesRequest, MeterValuesResponse, "station", OcppVersion.V201, draft=6),
    MessageSpec(
        "NotifyAllowedEnergyTransfer",
        NotifyAllowedEnergyTransferRequest,
        NotifyAllowedEnergyTransferResponse,
        "csms",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec(
        "NotifyChargingLimit",
        NotifyChargingLimitRequest,
        NotifyChargingLimitResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "NotifyCustomerInformation",
        NotifyCustomerInformationRequest,
        NotifyCustomerInformationResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("NotifyDERAlarm", NotifyDERAlarmRequest, NotifyDERAlarmResponse, "station", OcppVersion.V21, draft=6),
    MessageSpec(
        "NotifyDERStartStop", NotifyDERStartStopRequest, NotifyDERStartStopResponse, "station", OcppVersion.V21, draft=6
    ),
    MessageSpec(
        "NotifyDisplayMessages",
        NotifyDisplayMessagesRequest,
        NotifyDisplayMessagesResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "NotifyEVChargingNeeds",
        NotifyEVChargingNeedsRequest,
        NotifyEVChargingNeedsResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "NotifyEVChargingSchedule",
        NotifyEVChargingScheduleRequest,
        NotifyEVChargingScheduleResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("NotifyEvent", NotifyEventRequest, NotifyEventResponse, "station", OcppVersion.V201, draft=6),
    MessageSpec(
        "NotifyMonitoringReport",
        NotifyMonitoringReportRequest,
        NotifyMonitoringReportResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "NotifyPeriodicEventStream", NotifyPeriodicEventStreamRequest, None, "station", OcppVersion.V21, draft=6
    ),
    MessageSpec(
        "NotifyPriorityCharging",
        NotifyPriorityChargingRequest,
        NotifyPriorityChargingResponse,
        "station",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec("NotifyReport", NotifyReportRequest, NotifyReportResponse, "station", OcppVersion.V201, draft=6),
    MessageSpec(
        "NotifySettlement", NotifySettlementRequest, NotifySettlementResponse, "station", OcppVersion.V21, draft=6
    ),
    MessageSpec(
        "NotifyWebPaymentStarted",
        NotifyWebPaymentStartedRequest,
        NotifyWebPaymentStartedResponse,
        "csms",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec(
        "OpenPeriodicEventStream",
        OpenPeriodicEventStreamRequest,
        OpenPeriodicEventStreamResponse,
        "station",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec("PublishFirmware", PublishFirmwareRequest, PublishFirmwareResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec(
        "PublishFirmwareStatusNotification",
        PublishFirmwareStatusNotificationRequest,
        PublishFirmwareStatusNotificationResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "PullDynamicScheduleUpdate",
        PullDynamicScheduleUpdateRequest,
        PullDynamicScheduleUpdateResponse,
        "station",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec(
        "ReportChargingProfiles",
        ReportChargingProfilesRequest,
        ReportChargingProfilesResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "ReportDERControl", ReportDERControlRequest, ReportDERControlResponse, "station", OcppVersion.V21, draft=6
    ),
    MessageSpec(
        "RequestBatterySwap", RequestBatterySwapRequest, RequestBatterySwapResponse, "csms", OcppVersion.V21, draft=6
    ),
    MessageSpec(
        "RequestStartTransaction",
        RequestStartTransactionRequest,
        RequestStartTransactionResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "RequestStopTransaction",
        RequestStopTransactionRequest,
        RequestStopTransactionResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "ReservationStatusUpdate",
        ReservationStatusUpdateRequest,
        ReservationStatusUpdateResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("ReserveNow", ReserveNowRequest, ReserveNowResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec("Reset", ResetRequest, ResetResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec(
        "SecurityEventNotification",
        SecurityEventNotificationRequest,
        SecurityEventNotificationResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("SendLocalList", SendLocalListRequest, SendLocalListResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec(
        "SetChargingProfile", SetChargingProfileRequest, SetChargingProfileResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec("SetDERControl", SetDERControlRequest, SetDERControlResponse, "csms", OcppVersion.V21, draft=6),
    MessageSpec(
        "SetDefaultTariff", SetDefaultTariffRequest, SetDefaultTariffResponse, "csms", OcppVersion.V21, draft=6
    ),
    MessageSpec(
        "SetDisplayMessage", SetDisplayMessageRequest, SetDisplayMessageResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "SetMonitoringBase", SetMonitoringBaseRequest, SetMonitoringBaseResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "SetMonitoringLevel", SetMonitoringLevelRequest, SetMonitoringLevelResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "SetNetworkProfile", SetNetworkProfileRequest, SetNetworkProfileResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "SetVariableMonitoring",
        SetVariableMonitoringRequest,
        SetVariableMonitoringResponse,
        "csms",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec("SetVariables", SetVariablesRequest, SetVariablesResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec(
        "SignCertificate", SignCertificateRequest, SignCertificateResponse, "station", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "StatusNotification",
        StatusNotificationRequest,
        StatusNotificationResponse,
        "station",
        OcppVersion.V201,
        draft=6,
    ),
    MessageSpec(
        "TransactionEvent", TransactionEventRequest, TransactionEventResponse, "station", OcppVersion.V201, draft=6
    ),
    MessageSpec("TriggerMessage", TriggerMessageRequest, TriggerMessageResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec("UnlockConnector", UnlockConnectorRequest, UnlockConnectorResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec(
        "UnpublishFirmware", UnpublishFirmwareRequest, UnpublishFirmwareResponse, "csms", OcppVersion.V201, draft=6
    ),
    MessageSpec(
        "UpdateDynamicSchedule",
        UpdateDynamicScheduleRequest,
        UpdateDynamicScheduleResponse,
        "csms",
        OcppVersion.V21,
        draft=6,
    ),
    MessageSpec("UpdateFirmware", UpdateFirmwareRequest, UpdateFirmwareResponse, "csms", OcppVersion.V201, draft=6),
    MessageSpec(
        "UsePriorityCharging", UsePriorityChargingRequest, UsePriorityChargingResponse, "csms", OcppVersion.V21, draft=6
    ),
    MessageSpec(
        "VatNumberValidation",
        VatNumberValidationRequest,
        VatNumberValidationResponse,
        "station",
        OcppVersion.V21,
        draft=6,
    ),
)
"""Every action, by name."""
