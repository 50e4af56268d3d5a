"""Enumerations of OCPP 2.0.1 and 2.1."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Literal

APNAuthenticationEnumType = Literal["CHAP", "NONE", "PAP", "AUTO"]

AttributeEnumType = Literal["Actual", "Target", "MinSet", "MaxSet"]

AuthorizationStatusEnumType = Literal[
    "Accepted",
    "Blocked",
    "ConcurrentTx",
    "Expired",
    "Invalid",
    "NoCredit",
    "NotAllowedTypeEVSE",
    "NotAtThisLocation",
    "NotAtThisTime",
    "Unknown",
]

AuthorizeCertificateStatusEnumType = Literal[
    "Accepted",
    "SignatureError",
    "CertificateExpired",
    "CertificateRevoked",
    "NoCertificateAvailable",
    "CertChainError",
    "ContractCancelled",
]

BatterySwapEventEnumType = Literal["BatteryIn", "BatteryOut", "BatteryOutTimeout"]
"""Since 2.1."""

BootReasonEnumType = Literal[
    "ApplicationReset",
    "FirmwareUpdate",
    "LocalReset",
    "PowerUp",
    "RemoteReset",
    "ScheduledReset",
    "Triggered",
    "Unknown",
    "Watchdog",
]

CancelReservationStatusEnumType = Literal["Accepted", "Rejected"]

CertificateActionEnumType = Literal["Install", "Update"]

CertificateSignedStatusEnumType = Literal["Accepted", "Rejected"]

CertificateSigningUseEnumType = Literal["ChargingStationCertificate", "V2GCertificate", "V2G20Certificate"]
"""Since 2.1: V2G20Certificate."""

CertificateStatusEnumType = Literal["Good", "Revoked", "Unknown", "Failed"]
"""Since 2.1."""

CertificateStatusSourceEnumType = Literal["CRL", "OCSP"]
"""Since 2.1."""

ChangeAvailabilityStatusEnumType = Literal["Accepted", "Rejected", "Scheduled"]

ChargingLimitSourceEnumType = Literal["EMS", "Other", "SO", "CSO"]
"""The values of 2.0.1; open text since 2.1."""

ChargingProfileKindEnumType = Literal["Absolute", "Recurring", "Relative", "Dynamic"]
"""Since 2.1: Dynamic."""

ChargingProfilePurposeEnumType = Literal[
    "ChargingStationExternalConstraints",
    "ChargingStationMaxProfile",
    "TxDefaultProfile",
    "TxProfile",
    "PriorityCharging",
    "LocalGeneration",
]
"""Since 2.1: LocalGeneration, PriorityCharging."""

ChargingProfileStatusEnumType = Literal["Accepted", "Rejected"]

ChargingRateUnitEnumType = Literal["W", "A"]

ChargingStateEnumType = Literal["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"]

ClearCacheStatusEnumType = Literal["Accepted", "Rejected"]

ClearChargingProfileStatusEnumType = Literal["Accepted", "Unknown"]

ClearMessageStatusEnumType = Literal["Accepted", "Unknown", "Rejected"]
"""Since 2.1: Rejected."""

ClearMonitoringStatusEnumType = Literal["Accepted", "Rejected", "NotFound"]

ComponentCriterionEnumType = Literal["Active", "Available", "Enabled", "Problem"]

ConnectorEnumType = Literal[
    "cCCS1",
    "cCCS2",
    "cG105",
    "cTesla",
    "cType1",
    "cType2",
    "s309-1P-16A",
    "s309-1P-32A",
    "s309-3P-16A",
    "s309-3P-32A",
    "sBS1361",
    "sCEE-7-7",
    "sType2",
    "sType3",
    "Other1PhMax16A",
    "Other1PhOver16A",
    "Other3Ph",
    "Pan",
    "wInductive",
    "wResonant",
    "Undetermined",
    "Unknown",
]
"""The values of 2.0.1; open text since 2.1."""

ConnectorStatusEnumType = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]

ControlModeEnumType = Literal["ScheduledControl", "DynamicControl"]
"""Since 2.1."""

CostDimensionEnumType = Literal[
    "Energy", "MaxCurrent", "MinCurrent", "MaxPower", "MinPower", "IdleTIme", "ChargingTime"
]
"""Since 2.1."""

CostKindEnumType = Literal["CarbonDioxideEmission", "RelativePricePercentage", "RenewableGenerationPercentage"]

CustomerInformationStatusEnumType = Literal["Accepted", "Rejected", "Invalid"]

DERControlEnumType = Literal[
    "EnterService",
    "FreqDroop",
    "FreqWatt",
    "FixedPFAbsorb",
    "FixedPFInject",
    "FixedVar",
    "Gradients",
    "HFMustTrip",
    "HFMayTrip",
    "HVMustTrip",
    "HVMomCess",
    "HVMayTrip",
    "LimitMaxDischarge",
    "LFMustTrip",
    "LVMustTrip",
    "LVMomCess",
    "LVMayTrip",
    "PowerMonitoringMustTrip",
    "VoltVar",
    "VoltWatt",
    "WattPF",
    "WattVar",
]
"""Since 2.1."""

DERControlStatusEnumType = Literal["Accepted", "Rejected", "NotSupported", "NotFound"]
"""Since 2.1."""

DERUnitEnumType = Literal["Not_Applicable", "PctMaxW", "PctMaxVar", "PctWAvail", "PctVarAvail", "PctEffectiveV"]
"""Since 2.1."""

DataEnumType = Literal[
    "string", "decimal", "integer", "dateTime", "boolean", "OptionList", "SequenceList", "MemberList"
]

DataTransferStatusEnumType = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]

DayOfWeekEnumType = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
"""Since 2.1."""

DeleteCertificateStatusEnumType = Literal["Accepted", "Failed", "NotFound"]

DisplayMessageStatusEnumType = Literal[
    "Accepted",
    "NotSupportedMessageFormat",
    "Rejected",
    "NotSupportedPriority",
    "NotSupportedState",
    "UnknownTransaction",
    "LanguageNotSupported",
]
"""Since 2.1: LanguageNotSupported."""

EnergyTransferModeEnumType = Literal[
    "DC",
    "AC_single_phase",
    "AC_two_phase",
    "AC_three_phase",
    "AC_BPT",
    "AC_BPT_DER",
    "AC_DER",
    "DC_BPT",
    "DC_ACDP",
    "DC_ACDP_BPT",
    "WPT",
]
"""Since 2.1: AC_BPT, AC_BPT_DER, AC_DER, DC_ACDP, DC_ACDP_BPT, DC_BPT, WPT."""

EventNotificationEnumType = Literal[
    "HardWiredNotification", "HardWiredMonitor", "PreconfiguredMonitor", "CustomMonitor"
]

EventTriggerEnumType = Literal["Alerting", "Delta", "Periodic"]

EvseKindEnumType = Literal["AC", "DC"]
"""Since 2.1."""

FirmwareStatusEnumType = Literal[
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

GenericDeviceModelStatusEnumType = Literal["Accepted", "Rejected", "NotSupported", "EmptyResultSet"]

GenericStatusEnumType = Literal["Accepted", "Rejected"]

GetCertificateIdUseEnumType = Literal[
    "V2GRootCertificate",
    "MORootCertificate",
    "CSMSRootCertificate",
    "V2GCertificateChain",
    "ManufacturerRootCertificate",
    "OEMRootCertificate",
]
"""Since 2.1: OEMRootCertificate."""

GetCertificateStatusEnumType = Literal["Accepted", "Failed"]

GetChargingProfileStatusEnumType = Literal["Accepted", "NoProfiles"]

GetDisplayMessagesStatusEnumType = Literal["Accepted", "Unknown"]

GetInstalledCertificateStatusEnumType = Literal["Accepted", "NotFound"]

GetVariableStatusEnumType = Literal[
    "Accepted", "Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"
]

GridEventFaultEnumType = Literal[
    "CurrentImbalance",
    "LocalEmergency",
    "LowInputPower",
    "OverCurrent",
    "OverFrequency",
    "OverVoltage",
    "PhaseRotation",
    "RemoteEmergency",
    "UnderFrequency",
    "UnderVoltage",
    "VoltageImbalance",
]
"""Since 2.1."""

HashAlgorithmEnumType = Literal["SHA256", "SHA384", "SHA512"]

IdTokenEnumType = Literal[
    "Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization"
]
"""The values of 2.0.1; open text since 2.1."""

InstallCertificateStatusEnumType = Literal["Accepted", "Rejected", "Failed"]

InstallCertificateUseEnumType = Literal[
    "V2GRootCertificate",
    "MORootCertificate",
    "CSMSRootCertificate",
    "ManufacturerRootCertificate",
    "OEMRootCertificate",
]
"""Since 2.1: OEMRootCertificate."""

IslandingDetectionEnumType = Literal[
    "NoAntiIslandingSupport",
    "RoCoF",
    "UVP_OVP",
    "UFP_OFP",
    "VoltageVectorShift",
    "ZeroCrossingDetection",
    "OtherPassive",
    "ImpedanceMeasurement",
    "ImpedanceAtFrequency",
    "SlipModeFrequencyShift",
    "SandiaFrequencyShift",
    "SandiaVoltageShift",
    "FrequencyJump",
    "RCLQFactor",
    "OtherActive",
]
"""Since 2.1."""

Iso15118EVCertificateStatusEnumType = Literal["Accepted", "Failed"]

LocationEnumType = Literal["Body", "Cable", "EV", "Inlet", "Outlet", "Upstream"]
"""Since 2.1: Upstream."""

LogEnumType = Literal["DiagnosticsLog", "SecurityLog", "DataCollectorLog"]
"""Since 2.1: DataCollectorLog."""

LogStatusEnumType = Literal["Accepted", "Rejected", "AcceptedCanceled"]

MeasurandEnumType = Literal[
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
    "Current.Export.Offered",
    "Current.Export.Minimum",
    "Current.Import.Offered",
    "Current.Import.Minimum",
    "Display.PresentSOC",
    "Display.MinimumSOC",
    "Display.TargetSOC",
    "Display.MaximumSOC",
    "Display.RemainingTimeToMinimumSOC",
    "Display.RemainingTimeToTargetSOC",
    "Display.RemainingTimeToMaximumSOC",
    "Display.ChargingComplete",
    "Display.BatteryEnergyCapacity",
    "Display.InletHot",
    "Energy.Active.Import.CableLoss",
    "Energy.Active.Import.LocalGeneration.Register",
    "Energy.Active.Setpoint.Interval",
    "EnergyRequest.Target",
    "EnergyRequest.Minimum",
    "EnergyRequest.Maximum",
    "EnergyRequest.Minimum.V2X",
    "EnergyRequest.Maximum.V2X",
    "EnergyRequest.Bulk",
    "Power.Active.Setpoint",
    "Power.Active.Residual",
    "Power.Export.Minimum",
    "Power.Export.Offered",
    "Power.Import.Offered",
    "Power.Import.Minimum",
    "Voltage.Minimum",
    "Voltage.Maximum",
]
"""Since 2.1: Current.Export.Minimum, Current.Export.Offered, Current.Import.Minimum, Current.Import.Offered, Display.BatteryEnergyCapacity, Display.ChargingComplete, Display.InletHot, Display.MaximumSOC, Display.MinimumSOC, Display.PresentSOC, Display.RemainingTimeToMaximumSOC, Display.RemainingTimeToMinimumSOC, Display.RemainingTimeToTargetSOC, Display.TargetSOC, Energy.Active.Import.CableLoss, Energy.Active.Import.LocalGeneration.Register, Energy.Active.Setpoint.Interval, EnergyRequest.Bulk, EnergyRequest.Maximum, EnergyRequest.Maximum.V2X, EnergyRequest.Minimum, EnergyRequest.Minimum.V2X, EnergyRequest.Target, Power.Active.Residual, Power.Active.Setpoint, Power.Export.Minimum, Power.Export.Offered, Power.Import.Minimum, Power.Import.Offered, Voltage.Maximum, Voltage.Minimum."""

MessageFormatEnumType = Literal["ASCII", "HTML", "URI", "UTF8", "QRCODE"]
"""Since 2.1: QRCODE."""

MessagePriorityEnumType = Literal["AlwaysFront", "InFront", "NormalCycle"]

MessageStateEnumType = Literal["Charging", "Faulted", "Idle", "Unavailable", "Suspended", "Discharging"]
"""Since 2.1: Discharging, Suspended."""

MessageTriggerEnumType = Literal[
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
    "SignV2G20Certificate",
    "CustomTrigger",
]
"""Since 2.1: CustomTrigger, SignV2G20Certificate."""

MobilityNeedsModeEnumType = Literal["EVCC", "EVCC_SECC"]
"""Since 2.1."""

MonitorEnumType = Literal[
    "UpperThreshold",
    "LowerThreshold",
    "Delta",
    "Periodic",
    "PeriodicClockAligned",
    "TargetDelta",
    "TargetDeltaRelative",
]
"""Since 2.1: TargetDelta, TargetDeltaRelative."""

MonitoringBaseEnumType = Literal["All", "FactoryDefault", "HardWiredOnly"]

MonitoringCriterionEnumType = Literal["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]

MutabilityEnumType = Literal["ReadOnly", "WriteOnly", "ReadWrite"]

NotifyAllowedEnergyTransferStatusEnumType = Literal["Accepted", "Rejected"]
"""Since 2.1."""

NotifyEVChargingNeedsStatusEnumType = Literal["Accepted", "Rejected", "Processing", "NoChargingProfile"]
"""Since 2.1: NoChargingProfile."""

OCPPInterfaceEnumType = Literal[
    "Wired0", "Wired1", "Wired2", "Wired3", "Wireless0", "Wireless1", "Wireless2", "Wireless3", "Any"
]
"""Since 2.1: Any."""

OCPPTransportEnumType = Literal["JSON", "SOAP"]

OCPPVersionEnumType = Literal["OCPP12", "OCPP15", "OCPP16", "OCPP20", "OCPP201", "OCPP21"]
"""Since 2.1: OCPP201, OCPP21."""

OperationModeEnumType = Literal[
    "Idle",
    "ChargingOnly",
    "CentralSetpoint",
    "ExternalSetpoint",
    "ExternalLimits",
    "CentralFrequency",
    "LocalFrequency",
    "LocalLoadBalancing",
]
"""Since 2.1."""

OperationalStatusEnumType = Literal["Inoperative", "Operative"]

PaymentStatusEnumType = Literal["Settled", "Canceled", "Rejected", "Failed"]
"""Since 2.1."""

PhaseEnumType = Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]

PowerDuringCessationEnumType = Literal["Active", "Reactive"]
"""Since 2.1."""

PreconditioningStatusEnumType = Literal["Unknown", "Ready", "NotReady", "Preconditioning"]
"""Since 2.1."""

PriorityChargingStatusEnumType = Literal["Accepted", "Rejected", "NoProfile"]
"""Since 2.1."""

PublishFirmwareStatusEnumType = Literal[
    "Idle",
    "DownloadScheduled",
    "Downloading",
    "Downloaded",
    "Published",
    "DownloadFailed",
    "DownloadPaused",
    "InvalidChecksum",
    "ChecksumVerified",
    "PublishFailed",
]

ReadingContextEnumType = Literal[
    "Interruption.Begin",
    "Interruption.End",
    "Other",
    "Sample.Clock",
    "Sample.Periodic",
    "Transaction.Begin",
    "Transaction.End",
    "Trigger",
]

ReasonEnumType = Literal[
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
    "ReqEnergyTransferRejected",
]
"""Since 2.1: ReqEnergyTransferRejected."""

RecurrencyKindEnumType = Literal["Daily", "Weekly"]

RegistrationStatusEnumType = Literal["Accepted", "Pending", "Rejected"]

ReportBaseEnumType = Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"]

RequestStartStopStatusEnumType = Literal["Accepted", "Rejected"]

ReservationUpdateStatusEnumType = Literal["Expired", "Removed", "NoTransaction"]
"""Since 2.1: NoTransaction."""

ReserveNowStatusEnumType = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]

ResetEnumType = Literal["Immediate", "OnIdle", "ImmediateAndResume"]
"""Since 2.1: ImmediateAndResume."""

ResetStatusEnumType = Literal["Accepted", "Rejected", "Scheduled"]

SendLocalListStatusEnumType = Literal["Accepted", "Failed", "VersionMismatch"]

SetMonitoringStatusEnumType = Literal[
    "Accepted", "UnknownComponent", "UnknownVariable", "UnsupportedMonitorType", "Rejected", "Duplicate"
]

SetNetworkProfileStatusEnumType = Literal["Accepted", "Rejected", "Failed"]

SetVariableStatusEnumType = Literal[
    "Accepted", "Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType", "RebootRequired"
]

TariffChangeStatusEnumType = Literal[
    "Accepted", "Rejected", "TooManyElements", "ConditionNotSupported", "TxNotFound", "NoCurrencyChange"
]
"""Since 2.1."""

TariffClearStatusEnumType = Literal["Accepted", "Rejected", "NoTariff"]
"""Since 2.1."""

TariffCostEnumType = Literal["NormalCost", "MinCost", "MaxCost"]
"""Since 2.1."""

TariffGetStatusEnumType = Literal["Accepted", "Rejected", "NoTariff"]
"""Since 2.1."""

TariffKindEnumType = Literal["DefaultTariff", "DriverTariff"]
"""Since 2.1."""

TariffSetStatusEnumType = Literal[
    "Accepted", "Rejected", "TooManyElements", "ConditionNotSupported", "DuplicateTariffId"
]
"""Since 2.1."""

TransactionEventEnumType = Literal["Ended", "Started", "Updated"]

TriggerMessageStatusEnumType = Literal["Accepted", "Rejected", "NotImplemented"]

TriggerReasonEnumType = Literal[
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
    "CostLimitReached",
    "LimitSet",
    "OperationModeChanged",
    "RunningCost",
    "SoCLimitReached",
    "TariffChanged",
    "TariffNotAccepted",
    "TxResumed",
]
"""Since 2.1: CostLimitReached, LimitSet, OperationModeChanged, RunningCost, SoCLimitReached, TariffChanged, TariffNotAccepted, TxResumed."""

UnlockStatusEnumType = Literal["Unlocked", "UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector"]

UnpublishFirmwareStatusEnumType = Literal["DownloadOngoing", "NoFirmware", "Unpublished"]

UpdateEnumType = Literal["Differential", "Full"]

UpdateFirmwareStatusEnumType = Literal[
    "Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate"
]

UploadLogStatusEnumType = Literal[
    "BadMessage",
    "Idle",
    "NotSupportedOperation",
    "PermissionDenied",
    "Uploaded",
    "UploadFailure",
    "Uploading",
    "AcceptedCanceled",
]

VPNEnumType = Literal["IKEv2", "IPSec", "L2TP", "PPTP"]
