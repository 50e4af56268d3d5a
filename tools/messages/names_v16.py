"""Names for the types that the 1.6 schemas write inline, and for those of the security extension."""

from __future__ import annotations

from typing import Final

# The place of an inline object -> its type. Several places may share a type.
TYPES: Final = {
    "idTagInfo": "IdTagInfo",
    "meterValue": "MeterValue",
    "transactionData": "TransactionData",
    "sampledValue": "SampledValue",
    "csChargingProfiles": "ChargingProfile",
    "chargingProfile": "ChargingProfile",
    "chargingSchedule": "ChargingSchedule",
    "chargingSchedulePeriod": "ChargingSchedulePeriod",
    "configurationKey": "KeyValue",
    "localAuthorizationList": "AuthorizationData",
}

# Field, or Message.field where the field's name means different things -> the enumeration's name.
ENUMS: Final = {
    "IdTagInfo.status": "AuthorizationStatus",
    "BootNotificationResponse.status": "RegistrationStatus",
    "CancelReservationResponse.status": "CancelReservationStatus",
    "ChangeAvailabilityRequest.type": "AvailabilityType",
    "ChangeAvailabilityResponse.status": "AvailabilityStatus",
    "ChangeConfigurationResponse.status": "ConfigurationStatus",
    "ClearCacheResponse.status": "ClearCacheStatus",
    "ClearChargingProfileResponse.status": "ClearChargingProfileStatus",
    "DataTransferResponse.status": "DataTransferStatus",
    "DiagnosticsStatusNotificationRequest.status": "DiagnosticsStatus",
    "FirmwareStatusNotificationRequest.status": "FirmwareStatus",
    "GetCompositeScheduleResponse.status": "GetCompositeScheduleStatus",
    "RemoteStartTransactionResponse.status": "RemoteStartStopStatus",
    "RemoteStopTransactionResponse.status": "RemoteStartStopStatus",
    "ReserveNowResponse.status": "ReservationStatus",
    "ResetRequest.type": "ResetType",
    "ResetResponse.status": "ResetStatus",
    "SendLocalListResponse.status": "UpdateStatus",
    "SetChargingProfileResponse.status": "ChargingProfileStatus",
    "StatusNotificationRequest.status": "ChargePointStatus",
    "TriggerMessageResponse.status": "TriggerMessageStatus",
    "UnlockConnectorResponse.status": "UnlockStatus",
    "chargingProfileKind": "ChargingProfileKindType",
    "chargingProfilePurpose": "ChargingProfilePurposeType",
    "chargingRateUnit": "ChargingRateUnitType",
    "context": "ReadingContext",
    "errorCode": "ChargePointErrorCode",
    "format": "ValueFormat",
    "location": "Location",
    "measurand": "Measurand",
    "phase": "Phase",
    "reason": "Reason",
    "recurrencyKind": "RecurrencyKindType",
    "requestedMessage": "MessageTrigger",
    "unit": "UnitOfMeasure",
    "updateType": "UpdateType",
}

# Definitions of the security extension -> their names here.
DEFINITIONS: Final = {
    "CertificateHashDataType": "CertificateHashData",
    "CertificateSignedStatusEnumType": "CertificateSignedStatus",
    "CertificateUseEnumType": "CertificateUse",
    "DeleteCertificateStatusEnumType": "DeleteCertificateStatus",
    "FirmwareStatusEnumType": "SignedFirmwareStatus",
    "FirmwareType": "Firmware",
    "GenericStatusEnumType": "GenericStatus",
    "GetInstalledCertificateStatusEnumType": "GetInstalledCertificateStatus",
    "HashAlgorithmEnumType": "HashAlgorithm",
    "InstallCertificateStatusEnumType": "InstallCertificateStatus",
    "LogEnumType": "LogType",
    "LogParametersType": "LogParameters",
    "LogStatusEnumType": "LogStatus",
    "MessageTriggerEnumType": "ExtendedMessageTrigger",
    "TriggerMessageStatusEnumType": "TriggerMessageStatus",
    "UpdateFirmwareStatusEnumType": "UpdateFirmwareStatus",
    "UploadLogStatusEnumType": "UploadLogStatus",
}
