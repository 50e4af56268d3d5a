"""One request of every kind that a CSMS may send, and the status it gets from a station on which EVSE 1 charges.

Payloads are made by functions of the line where they depend on it; a status of None stands for an answer without one.
"""

from datetime import timedelta
from typing import Any

from support.charging_profiles import ProfileLine
from support.station_line import V16
from support.station_pki import Maker, hash_of, on_the_wire
from voltherd.station import firmware_image
from voltherd.station.function import Function

LATER_S = 3600
TOKEN = {"idToken": "SOMEBODY", "type": "Central"}
TARIFF = {"tariffId": "T1", "currency": "EUR", "energy": {"prices": [{"priceKwh": 0.3}]}}
MONITORED = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
IMAGE = firmware_image.build("2.0.0", b"program")


class Asked(ProfileLine):
    """A station of two EVSEs, on the first of which somebody charges; an authority may install what it likes."""

    def __init__(self, version: Any, **more: Any) -> None:
        super().__init__(version, password="a-long-password-1", **more)
        self.maker = Maker("Authority", start=self.core.clock.wall(0.0) - timedelta(days=1), days=1000)
        self.charge()
        self.heard.clear()

    @property
    def firmware(self) -> dict[str, Any]:
        """A signed firmware, to be fetched now."""
        self.core.certificates.install("ManufacturerRootCertificate", self.maker.pem)
        certificate, key = self.maker.issue("Firmware signing", start=self.core.clock.wall(0.0) - timedelta(days=1))
        return {
            "location": "http://h/fw.bin",
            "retrieveDateTime": self.at(-1),
            "signingCertificate": certificate,
            "signature": firmware_image.sign(IMAGE, key),
        }

    def function(self, name: str) -> Function:
        """A function of the station."""
        found: Function = getattr(self.core, name)
        return found

    def to_delete(self) -> dict[str, Any]:
        """What identifies an installed certificate."""
        self.core.certificates.install("ManufacturerRootCertificate", self.maker.pem)
        return {"certificateHashData": on_the_wire(hash_of(self.maker))}

    def to_answer(self) -> dict[str, Any]:
        """The certificate that the station asked for."""
        self.core.certificates.install("CSMSRootCertificate", self.maker.pem)
        kind = "ChargePointCertificate" if self.version is V16 else "ChargingStationCertificate"
        action = "ExtendedTriggerMessage" if self.version is V16 else "TriggerMessage"
        assert self.ask(action, {"requestedMessage": f"Sign{kind}"})["status"] == "Accepted"
        start = self.core.clock.wall(0.0) - timedelta(days=1)
        pem = self.maker.answer(self.of("SignCertificate")[-1]["csr"], start=start)
        return {"certificateChain": pem}

    def to_update(self) -> dict[str, Any]:
        """New values for a dynamic profile."""
        self.install((0, 8.0), kind="Dynamic", id=9)
        return {"chargingProfileId": 9, "scheduleUpdate": {"limit": 12.0}}

    def to_prefer(self) -> dict[str, Any]:
        """A transaction that has a profile for priority charging."""
        self.install((0, 32.0), id=8, purpose="PriorityCharging", kind="Relative", evse_id=0)
        return {"transactionId": self.transaction_id(), "activate": True}

    def to_report(self) -> dict[str, Any]:
        """A report on a profile that is there."""
        self.install((0, 8.0), id=7)
        return {"requestId": 5, "chargingProfile": {"chargingProfileId": [7]}}

    def to_cancel(self) -> dict[str, Any]:
        """A reservation that was made."""
        action, payload = "ReserveNow", ASKED_16["ReserveNow"] if self.version is V16 else ASKED_2X["ReserveNow"]
        assert self.ask(action, payload[0](self))["status"] == "Accepted"
        return {"reservationId": 3}

    def to_clear_monitor(self) -> dict[str, Any]:
        """A monitor that was set."""
        data = {**MONITORED, "type": "Delta", "value": 1, "severity": 5}
        return {
            "id": [self.ask("SetVariableMonitoring", {"setMonitoringData": [data]})["setMonitoringResult"][0]["id"]]
        }

    def to_adjust(self) -> dict[str, Any]:
        """A stream that was opened."""
        self.replies["OpenPeriodicEventStream"] = {"status": "Accepted"}
        data = {**MONITORED, "type": "Periodic", "value": 1, "severity": 5, "periodicEventStream": {"interval": 5}}
        self.ask("SetVariableMonitoring", {"setMonitoringData": [data]})
        number = self.of("OpenPeriodicEventStream")[0]["constantStreamData"]["id"]
        return {"id": number, "params": {"interval": 9}}

    def to_show(self) -> dict[str, Any]:
        """A message that is shown."""
        self.ask("SetDisplayMessage", ASKED_2X["SetDisplayMessage"][0])
        return {"id": 1}


def _signed(line: Asked) -> dict[str, Any]:
    return {"requestId": 1, "firmware": line.firmware}


def _profile(line: Asked) -> dict[str, Any]:
    key, name = ("connectorId", "csChargingProfiles") if line.version is V16 else ("evseId", "chargingProfile")
    return {key: 1, name: line.profile((0, 10.0))}


def _tariff(line: Asked) -> dict[str, Any]:
    return {"transactionId": line.transaction_id(), "tariff": TARIFF}


Entry = tuple[Any, str | None]

ASKED_16: dict[str, Entry] = {
    "CancelReservation": (Asked.to_cancel, "Accepted"),
    "CertificateSigned": (Asked.to_answer, "Accepted"),
    "ChangeAvailability": ({"connectorId": 2, "type": "Inoperative"}, "Accepted"),
    "ChangeConfiguration": ({"key": "HeartbeatInterval", "value": "60"}, "Accepted"),
    "ClearCache": ({}, "Accepted"),
    "ClearChargingProfile": ({}, "Unknown"),
    "DataTransfer": ({"vendorId": "org.voltherd", "messageId": "echo", "data": "x"}, "Accepted"),
    "DeleteCertificate": (Asked.to_delete, "Accepted"),
    "ExtendedTriggerMessage": ({"requestedMessage": "Heartbeat"}, "Accepted"),
    "GetCompositeSchedule": ({"connectorId": 1, "duration": 60}, "Accepted"),
    "GetConfiguration": ({}, None),
    "GetDiagnostics": ({"location": "ftp://h/d"}, None),
    "GetInstalledCertificateIds": ({"certificateType": "CentralSystemRootCertificate"}, "NotFound"),
    "GetLocalListVersion": ({}, None),
    "GetLog": ({"logType": "SecurityLog", "requestId": 1, "log": {"remoteLocation": "http://h/"}}, "Accepted"),
    "InstallCertificate": (
        lambda line: {"certificateType": "ManufacturerRootCertificate", "certificate": line.maker.pem},
        "Accepted",
    ),
    "RemoteStartTransaction": ({"connectorId": 2, "idTag": "SOMEBODY"}, "Accepted"),
    "RemoteStopTransaction": (lambda line: {"transactionId": line.transaction_id()}, "Accepted"),
    "ReserveNow": (
        lambda line: {"connectorId": 2, "expiryDate": line.at(LATER_S), "idTag": "X", "reservationId": 3},
        "Accepted",
    ),
    "Reset": ({"type": "Soft"}, "Accepted"),
    "SendLocalList": (
        {"listVersion": 1, "updateType": "Full", "localAuthorizationList": []},
        "Accepted",
    ),
    "SetChargingProfile": (_profile, "Accepted"),
    "SignedUpdateFirmware": (_signed, "Accepted"),
    "TriggerMessage": ({"requestedMessage": "MeterValues"}, "Accepted"),
    "UnlockConnector": ({"connectorId": 1}, "NotSupported"),
    "UpdateFirmware": (lambda line: {"location": "http://h/fw.bin", "retrieveDate": line.at(-1)}, None),
}

ASKED_2X: dict[str, Entry] = {
    "AFRRSignal": (lambda line: {"timestamp": line.at(0), "signal": 1}, "Rejected"),
    "AdjustPeriodicEventStream": (Asked.to_adjust, "Accepted"),
    "CancelReservation": (Asked.to_cancel, "Accepted"),
    "CertificateSigned": (Asked.to_answer, "Accepted"),
    "ChangeAvailability": ({"operationalStatus": "Inoperative", "evse": {"id": 2}}, "Accepted"),
    "ChangeTransactionTariff": (_tariff, "Accepted"),
    "ClearCache": ({}, "Accepted"),
    "ClearChargingProfile": ({"chargingProfileId": 1}, "Unknown"),
    "ClearDERControl": ({"isDefault": True, "controlId": "c"}, "NotFound"),
    "ClearDisplayMessage": (Asked.to_show, "Accepted"),
    "ClearTariffs": ({}, None),
    "ClearVariableMonitoring": (Asked.to_clear_monitor, None),
    "CostUpdated": (lambda line: {"totalCost": 1.5, "transactionId": line.transaction_id()}, None),
    "CustomerInformation": ({"requestId": 1, "report": True, "clear": False, "idToken": TOKEN}, "Accepted"),
    "DataTransfer": ({"vendorId": "org.voltherd", "messageId": "echo", "data": "x"}, "Accepted"),
    "DeleteCertificate": (Asked.to_delete, "Accepted"),
    "GetBaseReport": ({"requestId": 1, "reportBase": "SummaryInventory"}, "Accepted"),
    "GetChargingProfiles": (Asked.to_report, "Accepted"),
    "GetCompositeSchedule": ({"evseId": 1, "duration": 60}, "Accepted"),
    "GetDERControl": ({"requestId": 1}, "NotFound"),
    "GetDisplayMessages": ({"requestId": 1}, "Unknown"),
    "GetInstalledCertificateIds": ({}, "NotFound"),
    "GetLocalListVersion": ({}, None),
    "GetLog": ({"logType": "SecurityLog", "requestId": 1, "log": {"remoteLocation": "http://h/"}}, "Accepted"),
    "GetMonitoringReport": ({"requestId": 1}, "Accepted"),
    "GetPeriodicEventStream": ({}, None),
    "GetReport": ({"requestId": 1, "componentVariable": [{"component": {"name": "EVSE"}}]}, "Accepted"),
    "GetTariffs": ({"evseId": 0}, "NoTariff"),
    "GetTransactionStatus": ({}, None),
    "GetVariables": ({"getVariableData": [MONITORED]}, None),
    "InstallCertificate": (
        lambda line: {"certificateType": "ManufacturerRootCertificate", "certificate": line.maker.pem},
        "Accepted",
    ),
    "NotifyAllowedEnergyTransfer": (
        lambda line: {"transactionId": line.transaction_id(), "allowedEnergyTransfer": ["AC_three_phase"]},
        "Accepted",
    ),
    "NotifyWebPaymentStarted": ({"evseId": 2, "timeout": 30}, None),
    "PublishFirmware": ({"location": "http://h/fw.bin", "checksum": "0" * 32, "requestId": 1}, "Rejected"),
    "RequestBatterySwap": ({"requestId": 1, "idToken": TOKEN}, "Rejected"),
    "RequestStartTransaction": ({"idToken": TOKEN, "remoteStartId": 1, "evseId": 2}, "Accepted"),
    "RequestStopTransaction": (lambda line: {"transactionId": line.transaction_id()}, "Accepted"),
    "ReserveNow": (
        lambda line: {"id": 3, "expiryDateTime": line.at(LATER_S), "idToken": TOKEN, "evseId": 2},
        "Accepted",
    ),
    "Reset": ({"type": "OnIdle"}, "Scheduled"),
    "SendLocalList": ({"versionNumber": 1, "updateType": "Full"}, "Accepted"),
    "SetChargingProfile": (_profile, "Accepted"),
    "SetDERControl": (
        {"isDefault": True, "controlId": "c", "controlType": "LimitMaxDischarge",
         "limitMaxDischarge": {"priority": 1, "pctMaxDischargePower": 50.0}},
        "Accepted",
    ),
    "SetDefaultTariff": ({"evseId": 0, "tariff": TARIFF}, "Accepted"),
    "SetDisplayMessage": (
        {"message": {"id": 1, "priority": "InFront", "message": {"format": "UTF8", "content": "Hello"}}},
        "Accepted",
    ),
    "SetMonitoringBase": ({"monitoringBase": "All"}, "Accepted"),
    "SetMonitoringLevel": ({"severity": 5}, "Accepted"),
    "SetNetworkProfile": (
        {
            "configurationSlot": 2,
            "connectionData": {
                "ocppTransport": "JSON",
                "ocppCsmsUrl": "ws://elsewhere",
                "messageTimeout": 30,
                "securityProfile": 1,
                "ocppInterface": "Wired0",
                "ocppVersion": "OCPP20",
            },
        },
        "Accepted",
    ),
    "SetVariableMonitoring": (
        {"setMonitoringData": [{**MONITORED, "type": "Delta", "value": 1, "severity": 5}]},
        None,
    ),
    "SetVariables": ({"setVariableData": [{**MONITORED, "attributeValue": "60"}]}, None),
    "TriggerMessage": ({"requestedMessage": "MeterValues", "evse": {"id": 1}}, "Accepted"),
    "UnlockConnector": ({"evseId": 2, "connectorId": 1}, "Unlocked"),
    "UnpublishFirmware": ({"checksum": "0" * 32}, "NoFirmware"),
    "UpdateDynamicSchedule": (Asked.to_update, "Accepted"),
    "UpdateFirmware": (_signed, "Accepted"),
    "UsePriorityCharging": (Asked.to_prefer, "Accepted"),
}  # fmt: skip
