"""One way to bring about every kind of message that a station may send; each gives the line on which it was said."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from support.charging_profiles import ProfileLine
from support.station_asked import LATER_S, MONITORED, TOKEN, Asked
from support.station_line import GOOD, V16, Line
from support.station_pki import Maker
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.vehicle import EvseRating, Vehicle, model
from voltherd.station import EvseConfig
from voltherd.station.battery_swap import Battery
from voltherd.station.jobs import Downloaded
from voltherd.station.payment import Settlement
from voltherd.station.smart_charging.profile import ScheduleUpdate

Bring = Callable[[Any], Line]
DAY = timedelta(days=1)
RESPONDER = "http://ocsp.example/"
DC = EvseConfig(max_power_w=50_000.0, phases=0, connectors=("cCCS2",))
AC = EvseConfig(max_power_w=11_000.0)


def started(version: Any) -> Line:
    """A station that was switched on."""
    line = Line(version, password="a-long-password-1")
    line.connect()
    return line


def charged(version: Any) -> Line:
    """A session from card to cable out."""
    line = started(version)
    line.present()
    line.plug()
    line.wait(120.0)
    line.unplug()
    return line


def asked(action: str, payload: dict[str, Any]) -> Bring:
    """A request of the CSMS brings it about."""

    def bring(version: Any) -> Line:
        line = Asked(version)
        line.ask(action, payload)
        return line

    return bring


def triggered(message: str) -> Bring:
    """A trigger of the CSMS brings it about."""
    return asked("TriggerMessage", {"requestedMessage": message})


def transferred(version: Any) -> Line:
    """The code of a vendor sends data."""
    line = started(version)
    line.core.data_transfer.send("org.example", "news", "x")
    line.pump()
    return line


def updated(version: Any) -> Line:
    """A firmware update begins."""
    line = Asked(version)
    if version is V16:
        line.ask("UpdateFirmware", {"location": "http://h/fw.bin", "retrieveDate": line.at(-1)})
    else:
        line.ask("UpdateFirmware", {"requestId": 1, "firmware": line.firmware})
    line.wait(1.0)
    return line


def updated_signed(version: Any) -> Line:
    """A signed firmware update of 1.6 begins."""
    line = Asked(version)
    line.ask("SignedUpdateFirmware", {"requestId": 1, "firmware": line.firmware})
    line.core.done(line.jobs.pop(0), Downloaded(b"nonsense"), line.now)
    line.pump()
    return line


def signing(version: Any) -> Line:
    """The CSMS triggers a renewal of the certificate."""
    line = Asked(version)
    line.to_answer()
    return line


def limited(version: Any) -> Line:
    """A limit comes from outside, and goes."""
    line = ProfileLine(version)
    line.core.external_limits.set(ScheduleUpdate(limit=6900.0), now=line.now)
    line.pump()
    line.core.external_limits.release(now=line.now)
    line.pump()
    return line


def needing(version: Any) -> Line:
    """A vehicle with ISO 15118 tells what it needs, and plans when it has a profile."""
    hardware = {1: SimulatedEvse(EvseRating.of(DC, iso15118=True), random=Random(1))}
    line = ProfileLine(version, evses=(DC,), hardware=hardware)
    line.plug(Vehicle(model("Falk Estate"), soc=0.3, departure_at=7200.0))
    line.present()
    line.install((0, 20_000.0), unit="W", purpose="TxProfile", transactionId=line.transaction_id(), id=7)
    line.wait(1.0)
    return line


def reported_profiles(version: Any) -> Line:
    """The CSMS asks for charging profiles."""
    line = Asked(version)
    line.ask("GetChargingProfiles", line.to_report())
    return line


def preferred(version: Any) -> Line:
    """A transaction gets priority."""
    line = Asked(version)
    line.ask("UsePriorityCharging", line.to_prefer())
    return line


def pulled(version: Any) -> Line:
    """A dynamic profile wants new values."""
    line = Asked(version)
    line.replies["PullDynamicScheduleUpdate"] = {"status": "Accepted", "scheduleUpdate": {"limit": 11.0}}
    line.install((0, 8.0), kind="Dynamic", dynUpdateInterval=30)
    line.wait(31.0)
    return line


def reserved(version: Any) -> Line:
    """A reservation runs out."""
    line = Asked(version)
    line.ask("ReserveNow", {"id": 3, "expiryDateTime": line.at(60), "idToken": TOKEN, "evseId": 2})
    line.wait(LATER_S)
    return line


def shown(version: Any) -> Line:
    """The CSMS asks for messages for the display."""
    line = Asked(version)
    line.to_show()
    line.ask("GetDisplayMessages", {"requestId": 1})
    return line


def certified(version: Any) -> Line:
    """A certificate for vehicles names a responder."""
    line = Line(version)
    start = line.core.clock.wall(0.0) - DAY
    root = Maker("V2G Root", start=start)
    pem, key = root.issue("CS-1", start=start, responder=RESPONDER)
    line.core.certificates.install("V2GRootCertificate", root.pem)
    line.core.certificates.store.install_own("V2GCertificate", pem, key, candidate=False)
    line.replies["GetCertificateStatus"] = {"status": "Accepted", "ocspResult": "T0NTUA=="}
    line.connect()
    return line


def judged(version: Any) -> Line:
    """A vehicle shows a contract whose standing is to be asked for."""
    line = Line(version)
    start = line.core.clock.wall(0.0) - DAY
    root = Maker("MO Root", start=start)
    line.core.certificates.install("MORootCertificate", root.pem)
    contract, _ = root.issue("DE-ABC-C123", start=start, responder=RESPONDER)
    line.replies["GetCertificateChainStatus"] = {"certificateStatus": []}
    line.silent = {"GetCertificateChainStatus"}
    line.connect()
    line.core.ev_certificates.check_chain(contract, lambda standing: None)
    line.pump()
    return line


def contracted(version: Any) -> Line:
    """A vehicle asks for a contract."""
    line = started(version)
    line.replies["Get15118EVCertificate"] = {"status": "Accepted", "exiResponse": "RESPONSE"}
    line.core.ev_certificates.pass_on("REQUEST", lambda answer: None)
    line.pump()
    return line


def grid_controlled(version: Any) -> Line:
    """A vehicle gives power, and a control starts that limits it."""
    hardware = {1: SimulatedEvse(EvseRating.of(AC, iso15118=True, max_discharge_w=11_000.0), random=Random(1))}
    line = ProfileLine(version, evses=(AC,), hardware=hardware)
    line.plug(Vehicle(model("Rondo V2G"), soc=0.7, floor_soc=0.2))
    line.present()
    wanted = {"transactionId": line.transaction_id(), "allowedEnergyTransfer": ["AC_BPT"]}
    assert line.ask("NotifyAllowedEnergyTransfer", wanted)["status"] == "Accepted"
    line.install({"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -8000.0}, unit="W")
    limit = {"priority": 1, "pctMaxDischargePower": 50.0, "startTime": line.at(10), "duration": 1000}
    control = {"isDefault": False, "controlId": "l", "controlType": "LimitMaxDischarge", "limitMaxDischarge": limit}
    assert line.ask("SetDERControl", control)["status"] == "Accepted"
    line.wait(20.0)
    assert line.ask("GetDERControl", {"requestId": 4})["status"] == "Accepted"
    return line


def streamed(version: Any) -> Line:
    """A stream is opened, sends, and is closed with its monitor."""
    line = Asked(version)
    line.to_adjust()
    line.wait(6.0)
    number = line.of("OpenPeriodicEventStream")[0]["constantStreamData"]["variableMonitoringId"]
    line.ask("ClearVariableMonitoring", {"id": [number]})
    return line


def broken(version: Any) -> Line:
    """An EVSE breaks."""
    line = started(version)
    line.fault("GroundFailure")
    return line


def swapped(version: Any) -> Line:
    """A battery is put into a slot by somebody who may."""
    slots = (EvseConfig(max_power_w=2000.0, phases=0, connectors=("Unknown",)),) * 3
    line = Line(version, evses=slots, swaps_batteries=True)
    line.connect()
    for slot, soc in ((1, 0.9), (2, 0.2)):
        assert line.hardware[slot].plug(Vehicle(soc=soc), 1, line.now)
        line.core.battery_swap.inserted({slot: Battery(serial_number="B", soc_percent=soc * 100)}, line.now)
        line.pump()
        line.core.battery_swap.presented(GOOD, line.now)
        line.pump()
    return line


def paid(version: Any) -> Line:
    """The terminal asks about a company, and tells what became of a payment."""
    line = started(version)
    at = line.core.clock.text(line.now)
    line.replies["VatNumberValidation"] = {"vatNumber": "NL1", "status": "Rejected"}
    line.core.payments.whose_number("NL1", lambda company, error: None)
    line.core.payments.settled(Settlement(reference="P", status="Settled", amount=1.0, settled_at=at))
    line.pump()
    return line


_LOG = {"logType": "SecurityLog", "requestId": 1, "log": {"remoteLocation": "http://h/"}}

SAID_16: dict[str, Bring] = {
    "Authorize": charged,
    "BootNotification": started,
    "DataTransfer": transferred,
    "DiagnosticsStatusNotification": asked("GetDiagnostics", {"location": "ftp://h/d"}),
    "FirmwareStatusNotification": updated,
    "Heartbeat": triggered("Heartbeat"),
    "LogStatusNotification": asked("GetLog", _LOG),
    "MeterValues": charged,
    "SecurityEventNotification": started,
    "SignCertificate": signing,
    "SignedFirmwareStatusNotification": updated_signed,
    "StartTransaction": charged,
    "StatusNotification": started,
    "StopTransaction": charged,
}

SAID_2X: dict[str, Bring] = {
    "Authorize": charged,
    "BatterySwap": swapped,
    "BootNotification": started,
    "ClearedChargingLimit": limited,
    "ClosePeriodicEventStream": streamed,
    "DataTransfer": transferred,
    "FirmwareStatusNotification": updated,
    "Get15118EVCertificate": contracted,
    "GetCertificateChainStatus": judged,
    "GetCertificateStatus": certified,
    "Heartbeat": triggered("Heartbeat"),
    "LogStatusNotification": asked("GetLog", _LOG),
    "MeterValues": triggered("MeterValues"),
    "NotifyChargingLimit": limited,
    "NotifyCustomerInformation": asked(
        "CustomerInformation", {"requestId": 1, "report": True, "clear": False, "idToken": TOKEN}
    ),
    "NotifyDERAlarm": grid_controlled,
    "NotifyDERStartStop": grid_controlled,
    "NotifyDisplayMessages": shown,
    "NotifyEVChargingNeeds": needing,
    "NotifyEVChargingSchedule": needing,
    "NotifyEvent": broken,
    "NotifyMonitoringReport": asked("GetMonitoringReport", {"requestId": 1}),
    "NotifyPeriodicEventStream": streamed,
    "NotifyPriorityCharging": preferred,
    "NotifyReport": asked("GetReport", {"requestId": 1, "componentVariable": [MONITORED]}),
    "NotifySettlement": paid,
    "OpenPeriodicEventStream": streamed,
    "PullDynamicScheduleUpdate": pulled,
    "ReportChargingProfiles": reported_profiles,
    "ReportDERControl": grid_controlled,
    "ReservationStatusUpdate": reserved,
    "SecurityEventNotification": started,
    "SignCertificate": signing,
    "StatusNotification": triggered("StatusNotification"),
    "TransactionEvent": charged,
    "VatNumberValidation": paid,
}
