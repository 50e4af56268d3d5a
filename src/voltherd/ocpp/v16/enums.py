"""Enumerations of OCPP 1.6."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Literal

AuthorizationStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]

AvailabilityStatus = Literal["Accepted", "Rejected", "Scheduled"]

AvailabilityType = Literal["Inoperative", "Operative"]

CancelReservationStatus = Literal["Accepted", "Rejected"]

CertificateSignedStatus = Literal["Accepted", "Rejected"]

CertificateUse = Literal["CentralSystemRootCertificate", "ManufacturerRootCertificate"]

ChargePointErrorCode = Literal[
    "ConnectorLockFailure",
    "EVCommunicationError",
    "GroundFailure",
    "HighTemperature",
    "InternalError",
    "LocalListConflict",
    "NoError",
    "OtherError",
    "OverCurrentFailure",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "ReaderFailure",
    "ResetFailure",
    "UnderVoltage",
    "OverVoltage",
    "WeakSignal",
]

ChargePointStatus = Literal[
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEVSE",
    "SuspendedEV",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
]

ChargingProfileKindType = Literal["Absolute", "Recurring", "Relative"]

ChargingProfilePurposeType = Literal["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]

ChargingProfileStatus = Literal["Accepted", "Rejected", "NotSupported"]

ChargingRateUnitType = Literal["A", "W"]

ClearCacheStatus = Literal["Accepted", "Rejected"]

ClearChargingProfileStatus = Literal["Accepted", "Unknown"]

ConfigurationStatus = Literal["Accepted", "Rejected", "RebootRequired", "NotSupported"]

DataTransferStatus = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]

DeleteCertificateStatus = Literal["Accepted", "Failed", "NotFound"]

DiagnosticsStatus = Literal["Idle", "Uploaded", "UploadFailed", "Uploading"]

ExtendedMessageTrigger = Literal[
    "BootNotification",
    "LogStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "SignChargePointCertificate",
    "StatusNotification",
]

FirmwareStatus = Literal[
    "Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installing", "Installed"
]

GenericStatus = Literal["Accepted", "Rejected"]

GetCompositeScheduleStatus = Literal["Accepted", "Rejected"]

GetInstalledCertificateStatus = Literal["Accepted", "NotFound"]

HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]

InstallCertificateStatus = Literal["Accepted", "Failed", "Rejected"]

Location = Literal["Cable", "EV", "Inlet", "Outlet", "Body"]

LogStatus = Literal["Accepted", "Rejected", "AcceptedCanceled"]

LogType = Literal["DiagnosticsLog", "SecurityLog"]

Measurand = Literal[
    "Energy.Active.Export.Register",
    "Energy.Active.Import.Register",
    "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Register",
    "Energy.Active.Export.Interval",
    "Energy.Active.Import.Interval",
    "Energy.Reactive.Export.Interval",
    "Energy.Reactive.Import.Interval",
    "Power.Active.Export",
    "Power.Active.Import",
    "Power.Offered",
    "Power.Reactive.Export",
    "Power.Reactive.Import",
    "Power.Factor",
    "Current.Import",
    "Current.Export",
    "Current.Offered",
    "Voltage",
    "Frequency",
    "Temperature",
    "SoC",
    "RPM",
]

MessageTrigger = Literal[
    "BootNotification",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "StatusNotification",
]

Phase = Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]

ReadingContext = Literal[
    "Interruption.Begin",
    "Interruption.End",
    "Sample.Clock",
    "Sample.Periodic",
    "Transaction.Begin",
    "Transaction.End",
    "Trigger",
    "Other",
]

Reason = Literal[
    "EmergencyStop",
    "EVDisconnected",
    "HardReset",
    "Local",
    "Other",
    "PowerLoss",
    "Reboot",
    "Remote",
    "SoftReset",
    "UnlockCommand",
    "DeAuthorized",
]

RecurrencyKindType = Literal["Daily", "Weekly"]

RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]

RemoteStartStopStatus = Literal["Accepted", "Rejected"]

ReservationStatus = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]

ResetStatus = Literal["Accepted", "Rejected"]

ResetType = Literal["Hard", "Soft"]

SignedFirmwareStatus = Literal[
    "Downloaded",
    "DownloadFailed",
    "Downloading",
    "DownloadScheduled",
    "DownloadPaused",
    "Idle",
    "InstallationFailed",
    "Installing",
    "Installed",
    "InstallRebooting",
    "InstallScheduled",
    "InstallVerificationFailed",
    "InvalidSignature",
    "SignatureVerified",
]

TriggerMessageStatus = Literal["Accepted", "Rejected", "NotImplemented"]

UnitOfMeasure = Literal[
    "Wh",
    "kWh",
    "varh",
    "kvarh",
    "W",
    "kW",
    "VA",
    "kVA",
    "var",
    "kvar",
    "A",
    "V",
    "K",
    "Celcius",
    "Celsius",
    "Fahrenheit",
    "Percent",
    "Hertz",
]

UnlockStatus = Literal["Unlocked", "UnlockFailed", "NotSupported"]

UpdateFirmwareStatus = Literal["Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate"]

UpdateStatus = Literal["Accepted", "Failed", "NotSupported", "VersionMismatch"]

UpdateType = Literal["Differential", "Full"]

UploadLogStatus = Literal[
    "BadMessage", "Idle", "NotSupportedOperation", "PermissionDenied", "Uploaded", "UploadFailure", "Uploading"
]

ValueFormat = Literal["Raw", "SignedData"]
