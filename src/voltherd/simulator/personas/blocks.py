"""Functional blocks that a kind of station may be without."""

from __future__ import annotations

from typing import Final, Literal

Block = Literal[
    "battery-swap",
    "certificates",
    "der",
    "diagnostics",
    "display",
    "firmware",
    "local-list",
    "monitoring",
    "remote-trigger",
    "reservation",
    "smart-charging",
    "tariffs",
]

BLOCKS: Final[dict[Block, tuple[str, ...]]] = {
    "battery-swap": ("RequestBatterySwap",),
    "certificates": (
        "InstallCertificate",
        "DeleteCertificate",
        "GetInstalledCertificateIds",
        "CertificateSigned",
        "ExtendedTriggerMessage",
    ),
    "der": ("SetDERControl", "GetDERControl", "ClearDERControl"),
    "diagnostics": ("GetDiagnostics", "GetLog", "CustomerInformation"),
    "display": ("SetDisplayMessage", "GetDisplayMessages", "ClearDisplayMessage"),
    "firmware": ("UpdateFirmware", "SignedUpdateFirmware", "PublishFirmware", "UnpublishFirmware"),
    "local-list": ("SendLocalList", "GetLocalListVersion"),
    "monitoring": (
        "SetVariableMonitoring",
        "SetMonitoringBase",
        "SetMonitoringLevel",
        "GetMonitoringReport",
        "ClearVariableMonitoring",
        "OpenPeriodicEventStream",
        "AdjustPeriodicEventStream",
        "ClosePeriodicEventStream",
        "GetPeriodicEventStream",
    ),
    "remote-trigger": ("TriggerMessage",),
    "reservation": ("ReserveNow", "CancelReservation"),
    "smart-charging": (
        "SetChargingProfile",
        "ClearChargingProfile",
        "GetChargingProfiles",
        "GetCompositeSchedule",
        "UpdateDynamicSchedule",
        "UsePriorityCharging",
    ),
    "tariffs": ("SetDefaultTariff", "GetTariffs", "ClearTariffs", "ChangeTransactionTariff", "CostUpdated"),
}
"""What a CSMS may ask for in each block that a station may be without."""
