"""The messages of a load station: one charging session as frames that are encoded once.

What differs from message to message (id, transaction, sequence number, time) is filled in by one
bytes formatting. The mean request has about 500 bytes in 1.6 and 560 in 2.0.1: mostly meter values with
five sampled values, as stations send them every minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

VERSIONS = ("1.6", "2.0.1")
METER_VALUES_PER_SESSION = 20
HEARTBEAT_EVERY = 5

_TIME, _TX_NUMBER, _TX_TEXT, _SEQ, _SEQ_TEXT = "@time@", "@txn@", "@tx@", "@seq@", "@seqtext@"
_ID_TAG = "BENCH-RFID-0001"


@dataclass(frozen=True, slots=True)
class Mix:
    """The frames of one version; `boot` first and once, then `session` over and over."""

    version: str
    subprotocol: str
    boot: bytes
    session: tuple[bytes, ...]

    @property
    def mean_bytes(self) -> float:
        """Mean size of a session's requests."""
        return sum(len(fill(frame)) for frame in self.session) / len(self.session)


def fill(frame: bytes, *, number: int = 1, transaction: int = 1, seq_no: int = 0, time: bytes = b"") -> bytes:
    """One request, ready to send."""
    values = {
        b"id": b"%d" % number,
        b"tx": b"%d" % transaction,
        b"seq": b"%d" % seq_no,
        b"time": time or b"2030-01-01T12:00:00Z",
    }
    return frame % values


def mix(version: str) -> Mix:
    """The mix of "1.6" or "2.0.1"."""
    return _MIXES[version]


def _frame(action: str, payload: Mapping[str, Any]) -> bytes:
    text = msgspec.json.encode([2, "@id@", action, payload]).decode()
    for marker, name in ((_TX_NUMBER, "tx"), (_SEQ, "seq")):
        text = text.replace(f'"{marker}"', f"%({name})b")
    for marker, name in ((_TX_TEXT, "tx"), (_SEQ_TEXT, "seq"), (_TIME, "time"), ("@id@", "id")):
        text = text.replace(marker, f"%({name})b")
    return text.encode()


_MEASURANDS = (
    ("Energy.Active.Import.Register", "Wh", 1234567.0, None),
    ("Power.Active.Import", "W", 10873.5, None),
    ("Current.Import", "A", 15.8, "L1"),
    ("Current.Import", "A", 15.7, "L2"),
    ("Current.Import", "A", 15.9, "L3"),
)


def _sampled_16() -> list[dict[str, str]]:
    values = []
    for measurand, unit, value, phase in _MEASURANDS:
        told = _SEQ_TEXT if unit == "Wh" else str(value)
        sample = {"value": told, "context": "Sample.Periodic", "measurand": measurand, "unit": unit}
        sample["location"] = "Outlet"
        values.append(sample | ({"phase": phase} if phase else {}))
    return values


def _sampled_2() -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = []
    for measurand, unit, value, phase in _MEASURANDS:
        sample = {"value": value, "measurand": measurand, "unitOfMeasure": {"unit": unit}}
        values.append(sample | ({"phase": phase} if phase else {}))
    return values


def _with_heartbeats(meter: bytes, heartbeat: bytes) -> list[bytes]:
    frames: list[bytes] = []
    for turn in range(METER_VALUES_PER_SESSION):
        frames.append(meter)
        if turn % HEARTBEAT_EVERY == HEARTBEAT_EVERY - 1:
            frames.append(heartbeat)
    return frames


def _mix_16() -> Mix:
    def status(value: str) -> bytes:
        return _frame(
            "StatusNotification",
            {"connectorId": 1, "errorCode": "NoError", "status": value, "timestamp": _TIME},
        )

    boot = _frame(
        "BootNotification",
        {
            "chargePointVendor": "Voltherd",
            "chargePointModel": "Bench 22",
            "chargePointSerialNumber": "VB-0001",
            "firmwareVersion": "1.0.0",
        },
    )
    start = {"connectorId": 1, "idTag": _ID_TAG, "meterStart": _SEQ, "timestamp": _TIME}
    meter = {
        "connectorId": 1,
        "transactionId": _TX_NUMBER,
        "meterValue": [{"timestamp": _TIME, "sampledValue": _sampled_16()}],
    }
    stop = {
        "transactionId": _TX_NUMBER,
        "idTag": _ID_TAG,
        "meterStop": _SEQ,
        "timestamp": _TIME,
        "reason": "Local",
    }
    session = [
        status("Preparing"),
        _frame("Authorize", {"idTag": _ID_TAG}),
        _frame("StartTransaction", start),
        status("Charging"),
        *_with_heartbeats(_frame("MeterValues", meter), _frame("Heartbeat", {})),
        _frame("StopTransaction", stop),
        status("Available"),
    ]
    return Mix("1.6", "ocpp1.6", boot, tuple(session))


def _mix_201() -> Mix:
    def status(value: str) -> bytes:
        return _frame(
            "StatusNotification",
            {"timestamp": _TIME, "connectorStatus": value, "evseId": 1, "connectorId": 1},
        )

    def event(kind: str, trigger: str, **more: Any) -> bytes:
        payload = {
            "eventType": kind,
            "timestamp": _TIME,
            "triggerReason": trigger,
            "seqNo": _SEQ,
            "transactionInfo": {"transactionId": f"bench-{_TX_TEXT}"} | more.pop("info", {}),
            "evse": {"id": 1, "connectorId": 1},
        }
        return _frame("TransactionEvent", payload | more)

    token = {"idToken": _ID_TAG, "type": "ISO14443"}
    station = {"vendorName": "Voltherd", "model": "Bench 22", "serialNumber": "VB-0001", "firmwareVersion": "1.0.0"}
    meter = [{"timestamp": _TIME, "sampledValue": _sampled_2()}]
    updated = event("Updated", "MeterValuePeriodic", info={"chargingState": "Charging"}, meterValue=meter)
    session = [
        status("Occupied"),
        _frame("Authorize", {"idToken": token}),
        event("Started", "Authorized", info={"chargingState": "EVConnected"}, idToken=token),
        *_with_heartbeats(updated, _frame("Heartbeat", {})),
        event("Ended", "StopAuthorized", info={"stoppedReason": "Local"}, idToken=token, meterValue=meter),
        _frame("MeterValues", {"evseId": 1, "meterValue": meter}),
        status("Available"),
    ]
    boot = _frame("BootNotification", {"reason": "PowerUp", "chargingStation": station})
    return Mix("2.0.1", "ocpp2.0.1", boot, tuple(session))


_MIXES = {"1.6": _mix_16(), "2.0.1": _mix_201()}
