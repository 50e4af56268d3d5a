"""What 2.0.1 and 2.1 forbid beyond the types of `voltherd.ocpp.v2`."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from voltherd.ocpp.scalars import Absent, Number
from voltherd.ocpp.v2.enums import (
    ChargingLimitSourceEnumType,
    ConnectorEnumType,
    EventNotificationEnumType,
    IdTokenEnumType,
)
from voltherd.ocpp.v2.scalars import (
    IntFrom0,
    IntFrom0To3,
    IntFrom1,
    Text20,
    Text36,
    Text50,
    Text512,
    Text1000,
    Text2500,
    Text5500,
    Text5600,
    Text7500,
)

_CertificateSigningUseEnumType = Literal["ChargingStationCertificate", "V2GCertificate"]

_ChargingProfileKindEnumType = Literal["Absolute", "Recurring", "Relative"]

_ChargingProfilePurposeEnumType = Literal[
    "ChargingStationExternalConstraints", "ChargingStationMaxProfile", "TxDefaultProfile", "TxProfile"
]

_ClearMessageStatusEnumType = Literal["Accepted", "Unknown"]

_DisplayMessageStatusEnumType = Literal[
    "Accepted",
    "NotSupportedMessageFormat",
    "Rejected",
    "NotSupportedPriority",
    "NotSupportedState",
    "UnknownTransaction",
]

_EnergyTransferModeEnumType = Literal["DC", "AC_single_phase", "AC_two_phase", "AC_three_phase"]

_GetCertificateIdUseEnumType = Literal[
    "V2GRootCertificate",
    "MORootCertificate",
    "CSMSRootCertificate",
    "V2GCertificateChain",
    "ManufacturerRootCertificate",
]

_InstallCertificateUseEnumType = Literal[
    "V2GRootCertificate", "MORootCertificate", "CSMSRootCertificate", "ManufacturerRootCertificate"
]

_LocationEnumType = Literal["Body", "Cable", "EV", "Inlet", "Outlet"]

_LogEnumType = Literal["DiagnosticsLog", "SecurityLog"]

_MeasurandEnumType = Literal[
    "Current.Export",
    "Current.Import",
    "Current.Offered",
    "Energy.Active.Export.Register",
    "Energy.Active.Import.Register",
    "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Register",
    "Energy.Active.Export.Interval",
    "Energy.Active.Import.Interval",
    "Energy.Active.Net",
    "Energy.Reactive.Export.Interval",
    "Energy.Reactive.Import.Interval",
    "Energy.Reactive.Net",
    "Energy.Apparent.Net",
    "Energy.Apparent.Import",
    "Energy.Apparent.Export",
    "Frequency",
    "Power.Active.Export",
    "Power.Active.Import",
    "Power.Factor",
    "Power.Offered",
    "Power.Reactive.Export",
    "Power.Reactive.Import",
    "SoC",
    "Voltage",
]

_MessageFormatEnumType = Literal["ASCII", "HTML", "URI", "UTF8"]

_MessageStateEnumType = Literal["Charging", "Faulted", "Idle", "Unavailable"]

_MessageTriggerEnumType = Literal[
    "BootNotification",
    "LogStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "SignChargingStationCertificate",
    "SignV2GCertificate",
    "StatusNotification",
    "TransactionEvent",
    "SignCombinedCertificate",
    "PublishFirmwareStatusNotification",
]

_MonitorEnumType = Literal["UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned"]

_NotifyEVChargingNeedsStatusEnumType = Literal["Accepted", "Rejected", "Processing"]

_OCPPInterfaceEnumType = Literal[
    "Wired0", "Wired1", "Wired2", "Wired3", "Wireless0", "Wireless1", "Wireless2", "Wireless3"
]

_OCPPVersionEnumType = Literal["OCPP12", "OCPP15", "OCPP16", "OCPP20"]

_ReasonEnumType = Literal[
    "DeAuthorized",
    "EmergencyStop",
    "EnergyLimitReached",
    "EVDisconnected",
    "GroundFault",
    "ImmediateReset",
    "Local",
    "LocalOutOfCredit",
    "MasterPass",
    "Other",
    "OvercurrentFault",
    "PowerLoss",
    "PowerQuality",
    "Reboot",
    "Remote",
    "SOCLimitReached",
    "StoppedByEV",
    "TimeLimitReached",
    "Timeout",
]

_ReservationUpdateStatusEnumType = Literal["Expired", "Removed"]

_ResetEnumType = Literal["Immediate", "OnIdle"]

_TriggerReasonEnumType = Literal[
    "Authorized",
    "CablePluggedIn",
    "ChargingRateChanged",
    "ChargingStateChanged",
    "Deauthorized",
    "EnergyLimitReached",
    "EVCommunicationLost",
    "EVConnectTimeout",
    "MeterValueClock",
    "MeterValuePeriodic",
    "TimeLimitReached",
    "Trigger",
    "UnlockCommand",
    "StopAuthorized",
    "EVDeparted",
    "EVDetected",
    "RemoteStop",
    "RemoteStart",
    "AbnormalCondition",
    "SignedDataReceived",
    "ResetCommand",
]

NARROWINGS: Final[Mapping[str, Mapping[str, Mapping[str, tuple[Any, bool]]]]] = {
    "2.0.1": {
        "ACChargingParametersType": {
            "energy_amount": (int, True),
            "ev_max_current": (int, True),
            "ev_max_voltage": (int, True),
            "ev_min_current": (int, True),
        },
        "APNType": {
            "apn": (Text512, True),
            "apn_password": (Text20, False),
            "apn_user_name": (Text20, False),
        },
        "AdditionalInfoType": {
            "additional_id_token": (Text36, True),
        },
        "AuthorizeRequest": {
            "certificate": (Text5500, False),
        },
        "AuthorizeResponse": {
            "allowed_energy_transfer": (Absent, False),
            "tariff": (Absent, False),
        },
        "CertificateHashDataChainType": {
            "certificate_type": (_GetCertificateIdUseEnumType, True),
        },
        "CertificateSignedRequest": {
            "certificate_type": (_CertificateSigningUseEnumType, False),
            "request_id": (Absent, False),
        },
        "ChargingLimitType": {
            "charging_limit_source": (ChargingLimitSourceEnumType, True),
            "is_local_generation": (Absent, False),
        },
        "ChargingNeedsType": {
            "available_energy_transfer": (Absent, False),
            "control_mode": (Absent, False),
            "der_charging_parameters": (Absent, False),
            "ev_energy_offer": (Absent, False),
            "mobility_needs_mode": (Absent, False),
            "requested_energy_transfer": (_EnergyTransferModeEnumType, True),
            "v2x_charging_parameters": (Absent, False),
        },
        "ChargingProfileCriterionType": {
            "charging_limit_source": (
                Annotated[list[ChargingLimitSourceEnumType], Meta(min_length=1, max_length=4)],
                False,
            ),
            "charging_profile_purpose": (_ChargingProfilePurposeEnumType, False),
        },
        "ChargingProfileType": {
            "charging_profile_kind": (_ChargingProfileKindEnumType, True),
            "charging_profile_purpose": (_ChargingProfilePurposeEnumType, True),
            "dyn_update_interval": (Absent, False),
            "dyn_update_time": (Absent, False),
            "invalid_after_offline_duration": (Absent, False),
            "max_offline_duration": (Absent, False),
            "price_schedule_signature": (Absent, False),
        },
        "ChargingSchedulePeriodType": {
            "discharge_limit": (Absent, False),
            "discharge_limit_l2": (Absent, False),
            "discharge_limit_l3": (Absent, False),
            "evse_sleep": (Absent, False),
            "limit": (Number, True),
            "limit_l2": (Absent, False),
            "limit_l3": (Absent, False),
            "operation_mode": (Absent, False),
            "preconditioning_request": (Absent, False),
            "setpoint": (Absent, False),
            "setpoint_reactive": (Absent, False),
            "setpoint_reactive_l2": (Absent, False),
            "setpoint_reactive_l3": (Absent, False),
            "setpoint_l2": (Absent, False),
            "setpoint_l3": (Absent, False),
            "v2x_baseline": (Absent, False),
            "v2x_freq_watt_curve": (Absent, False),
            "v2x_signal_watt_curve": (Absent, False),
        },
        "ChargingScheduleType": {
            "absolute_price_schedule": (Absent, False),
            "digest_value": (Absent, False),
            "limit_at_soc": (Absent, False),
            "power_tolerance": (Absent, False),
            "price_level_schedule": (Absent, False),
            "randomized_delay": (Absent, False),
            "signature_id": (Absent, False),
            "use_local_time": (Absent, False),
        },
        "ClearChargingProfileType": {
            "charging_profile_purpose": (_ChargingProfilePurposeEnumType, False),
        },
        "ClearDisplayMessageResponse": {
            "status": (_ClearMessageStatusEnumType, True),
        },
        "ClearedChargingLimitRequest": {
            "charging_limit_source": (ChargingLimitSourceEnumType, True),
        },
        "DCChargingParametersType": {
            "energy_amount": (int, False),
            "ev_energy_capacity": (int, False),
            "ev_max_current": (int, True),
            "ev_max_power": (int, False),
            "ev_max_voltage": (int, True),
        },
        "EventDataType": {
            "severity": (Absent, False),
        },
        "FirmwareStatusNotificationRequest": {
            "status_info": (Absent, False),
        },
        "FirmwareType": {
            "location": (Text512, True),
        },
        "Get15118EVCertificateRequest": {
            "exi_request": (Text5600, True),
            "maximum_contract_certificate_chains": (Absent, False),
            "prioritized_emaids": (Absent, False),
        },
        "Get15118EVCertificateResponse": {
            "exi_response": (Text7500, True),
            "remaining_contracts": (Absent, False),
        },
        "GetCertificateStatusResponse": {
            "ocsp_result": (Text5500, False),
        },
        "GetDisplayMessagesRequest": {
            "state": (_MessageStateEnumType, False),
        },
        "GetInstalledCertificateIdsRequest": {
            "certificate_type": (Annotated[list[_GetCertificateIdUseEnumType], Meta(min_length=1)], False),
        },
        "GetLogRequest": {
            "log_type": (_LogEnumType, True),
        },
        "IdTokenType": {
            "id_token": (Text36, True),
            "type": (IdTokenEnumType, True),
        },
        "InstallCertificateRequest": {
            "certificate": (Text5500, True),
            "certificate_type": (_InstallCertificateUseEnumType, True),
        },
        "LogParametersType": {
            "remote_location": (Text512, True),
        },
        "LogStatusNotificationRequest": {
            "status_info": (Absent, False),
        },
        "MessageContentType": {
            "content": (Text512, True),
            "format": (_MessageFormatEnumType, True),
        },
        "MessageInfoType": {
            "message_extra": (Absent, False),
            "state": (_MessageStateEnumType, False),
        },
        "NetworkConnectionProfileType": {
            "basic_auth_password": (Absent, False),
            "identity": (Absent, False),
            "ocpp_csms_url": (Text512, True),
            "ocpp_interface": (_OCPPInterfaceEnumType, True),
            "ocpp_version": (_OCPPVersionEnumType, True),
        },
        "NotifyEVChargingNeedsRequest": {
            "timestamp": (Absent, False),
        },
        "NotifyEVChargingNeedsResponse": {
            "status": (_NotifyEVChargingNeedsStatusEnumType, True),
        },
        "NotifyEVChargingScheduleRequest": {
            "power_tolerance_acceptance": (Absent, False),
            "selected_charging_schedule_id": (Absent, False),
        },
        "OCSPRequestDataType": {
            "responder_url": (Text512, True),
        },
        "PublishFirmwareRequest": {
            "location": (Text512, True),
        },
        "PublishFirmwareStatusNotificationRequest": {
            "location": (Annotated[list[Text512], Meta(min_length=1)], False),
            "status_info": (Absent, False),
        },
        "ReportChargingProfilesRequest": {
            "charging_limit_source": (ChargingLimitSourceEnumType, True),
        },
        "ReservationStatusUpdateRequest": {
            "reservation_update_status": (_ReservationUpdateStatusEnumType, True),
        },
        "ReserveNowRequest": {
            "connector_type": (ConnectorEnumType, False),
        },
        "ResetRequest": {
            "type": (_ResetEnumType, True),
        },
        "SampledValueType": {
            "location": (_LocationEnumType, False),
            "measurand": (_MeasurandEnumType, False),
        },
        "SetDisplayMessageResponse": {
            "status": (_DisplayMessageStatusEnumType, True),
        },
        "SetMonitoringDataType": {
            "periodic_event_stream": (Absent, False),
            "type": (_MonitorEnumType, True),
        },
        "SetMonitoringResultType": {
            "type": (_MonitorEnumType, True),
        },
        "SetVariableDataType": {
            "attribute_value": (Text1000, True),
        },
        "SignCertificateRequest": {
            "certificate_type": (_CertificateSigningUseEnumType, False),
            "hash_root_certificate": (Absent, False),
            "request_id": (Absent, False),
        },
        "SignedMeterValueType": {
            "public_key": (Text2500, True),
            "signed_meter_data": (Text2500, True),
            "signing_method": (Text50, True),
        },
        "StatusInfoType": {
            "additional_info": (Text512, False),
        },
        "TransactionEventRequest": {
            "cost_details": (Absent, False),
            "evse_sleep": (Absent, False),
            "preconditioning_status": (Absent, False),
            "trigger_reason": (_TriggerReasonEnumType, True),
        },
        "TransactionEventResponse": {
            "transaction_limit": (Absent, False),
            "updated_personal_message_extra": (Absent, False),
        },
        "TransactionType": {
            "operation_mode": (Absent, False),
            "stopped_reason": (_ReasonEnumType, False),
            "tariff_id": (Absent, False),
            "transaction_limit": (Absent, False),
        },
        "TriggerMessageRequest": {
            "custom_trigger": (Absent, False),
            "requested_message": (_MessageTriggerEnumType, True),
        },
        "VPNType": {
            "group": (Text20, False),
            "password": (Text20, True),
            "server": (Text512, True),
            "user": (Text20, True),
        },
        "VariableCharacteristicsType": {
            "max_elements": (Absent, False),
        },
        "VariableMonitoringType": {
            "event_notification_type": (Absent, False),
            "type": (_MonitorEnumType, True),
        },
    },
    "2.1": {
        "CancelReservationRequest": {
            "reservation_id": (IntFrom0, True),
        },
        "ChargingProfileCriterionType": {
            "stack_level": (IntFrom0, False),
        },
        "ChargingProfileType": {
            "stack_level": (IntFrom0, True),
        },
        "ChargingSchedulePeriodType": {
            "number_phases": (IntFrom0To3, False),
            "phase_to_use": (IntFrom0To3, False),
        },
        "ClearChargingProfileType": {
            "evse_id": (IntFrom0, False),
            "stack_level": (IntFrom0, False),
        },
        "ClearDisplayMessageRequest": {
            "id": (IntFrom0, True),
        },
        "ClearMonitoringResultType": {
            "id": (IntFrom0, True),
        },
        "ClearVariableMonitoringRequest": {
            "id": (Annotated[list[IntFrom0], Meta(min_length=1)], True),
        },
        "ClearedChargingLimitRequest": {
            "evse_id": (IntFrom0, False),
        },
        "CompositeScheduleType": {
            "evse_id": (IntFrom0, True),
        },
        "CustomerInformationRequest": {
            "request_id": (IntFrom0, True),
        },
        "EVSEType": {
            "connector_id": (IntFrom0, False),
            "id": (IntFrom0, True),
        },
        "EventDataType": {
            "cause": (IntFrom0, False),
            "event_id": (IntFrom0, True),
            "variable_monitoring_id": (IntFrom0, False),
        },
        "GetChargingProfilesRequest": {
            "evse_id": (IntFrom0, False),
        },
        "GetCompositeScheduleRequest": {
            "evse_id": (IntFrom0, True),
        },
        "GetDisplayMessagesRequest": {
            "id": (Annotated[list[IntFrom0], Meta(min_length=1)], False),
        },
        "GetLogRequest": {
            "retries": (IntFrom0, False),
        },
        "IdTokenInfoType": {
            "evse_id": (Annotated[list[IntFrom0], Meta(min_length=1)], False),
        },
        "MessageInfoType": {
            "id": (IntFrom0, True),
        },
        "MeterValuesRequest": {
            "evse_id": (IntFrom0, True),
        },
        "NetworkConnectionProfileType": {
            "security_profile": (IntFrom0, True),
        },
        "NotifyChargingLimitRequest": {
            "evse_id": (IntFrom0, False),
        },
        "NotifyCustomerInformationRequest": {
            "request_id": (IntFrom0, True),
            "seq_no": (IntFrom0, True),
        },
        "NotifyEVChargingNeedsRequest": {
            "evse_id": (IntFrom1, True),
            "max_schedule_tuples": (IntFrom0, False),
        },
        "NotifyEVChargingScheduleRequest": {
            "evse_id": (IntFrom1, True),
        },
        "NotifyEventRequest": {
            "seq_no": (IntFrom0, True),
        },
        "NotifyMonitoringReportRequest": {
            "seq_no": (IntFrom0, True),
        },
        "NotifyReportRequest": {
            "seq_no": (IntFrom0, True),
        },
        "PublishFirmwareRequest": {
            "request_id": (IntFrom0, True),
            "retries": (IntFrom0, False),
            "retry_interval": (IntFrom0, False),
        },
        "PublishFirmwareStatusNotificationRequest": {
            "request_id": (IntFrom0, False),
        },
        "ReportChargingProfilesRequest": {
            "evse_id": (IntFrom0, True),
        },
        "RequestStartTransactionRequest": {
            "evse_id": (IntFrom1, False),
        },
        "ReservationStatusUpdateRequest": {
            "reservation_id": (IntFrom0, True),
        },
        "ReserveNowRequest": {
            "evse_id": (IntFrom0, False),
            "id": (IntFrom0, True),
        },
        "ResetRequest": {
            "evse_id": (IntFrom0, False),
        },
        "SalesTariffType": {
            "id": (IntFrom0, True),
            "num_e_price_levels": (IntFrom0, False),
        },
        "SetChargingProfileRequest": {
            "evse_id": (IntFrom0, True),
        },
        "SetMonitoringDataType": {
            "id": (IntFrom0, False),
            "severity": (IntFrom0, True),
        },
        "SetMonitoringLevelRequest": {
            "severity": (IntFrom0, True),
        },
        "SetMonitoringResultType": {
            "id": (IntFrom0, False),
            "severity": (IntFrom0, True),
        },
        "StatusNotificationRequest": {
            "connector_id": (IntFrom0, True),
            "evse_id": (IntFrom0, True),
        },
        "TransactionEventRequest": {
            "number_of_phases_used": (IntFrom0To3, False),
            "reservation_id": (IntFrom0, False),
            "seq_no": (IntFrom0, True),
        },
        "UnlockConnectorRequest": {
            "connector_id": (IntFrom0, True),
            "evse_id": (IntFrom0, True),
        },
        "UpdateFirmwareRequest": {
            "retries": (IntFrom0, False),
        },
        "VariableMonitoringType": {
            "event_notification_type": (EventNotificationEnumType, True),
            "id": (IntFrom0, True),
            "severity": (IntFrom0, True),
        },
    },
}
"""Version -> type -> attribute -> what that version allows, and whether it demands it."""
