"""Payloads of stations, as small as they may be."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

_seconds = itertools.count()
_BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)

BOOT_16 = {"chargePointVendor": "Acme", "chargePointModel": "One"}
BOOT_2X = {"reason": "PowerUp", "chargingStation": {"vendorName": "Acme", "model": "Two"}}


def instant() -> str:
    """Give an instant that is later than all given before."""
    return (_BEGIN + timedelta(seconds=next(_seconds))).isoformat().replace("+00:00", "Z")


def start_16(token: str = "TAG1", *, connector: int = 1, meter_wh: int = 1000, **more: Any) -> dict[str, Any]:
    """StartTransaction of 1.6."""
    return {"connectorId": connector, "idTag": token, "meterStart": meter_wh, "timestamp": instant(), **more}


def stop_16(transaction_id: int, *, meter_wh: int = 6000, **more: Any) -> dict[str, Any]:
    """StopTransaction of 1.6."""
    return {"transactionId": transaction_id, "meterStop": meter_wh, "timestamp": instant(), **more}


def status_16(status: str, *, connector: int = 1) -> dict[str, Any]:
    """StatusNotification of 1.6."""
    return {"connectorId": connector, "errorCode": "NoError", "status": status, "timestamp": instant()}


def meter_values_16(value: str, *, transaction_id: int | None = None, connector: int = 1) -> dict[str, Any]:
    """MeterValues of 1.6 with one energy register in Wh."""
    named = {} if transaction_id is None else {"transactionId": transaction_id}
    return {
        "connectorId": connector,
        **named,
        "meterValue": [{"timestamp": instant(), "sampledValue": [{"value": value}]}],
    }


def status_2x(status: str, *, evse: int = 1) -> dict[str, Any]:
    """StatusNotification of 2.x."""
    return {"timestamp": instant(), "connectorStatus": status, "evseId": evse, "connectorId": 1}


def event(
    kind: str,
    transaction_id: str,
    seq_no: int,
    *,
    energy_wh: float | None = None,
    token: str | None = None,
    evse: int | None = 1,
    trigger: str = "",
    info: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """TransactionEvent of 2.x."""
    triggers = {"Started": "Authorized", "Updated": "MeterValuePeriodic", "Ended": "StopAuthorized"}
    contexts = {"Started": "Transaction.Begin", "Updated": "Sample.Periodic", "Ended": "Transaction.End"}
    at = instant()
    found: dict[str, Any] = {
        "eventType": kind,
        "timestamp": at,
        "triggerReason": trigger or triggers[kind],
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": transaction_id, **(info or {})},
        **more,
    }
    if evse is not None:
        found["evse"] = {"id": evse, "connectorId": 1}
    if token is not None:
        found["idToken"] = {"idToken": token, "type": "ISO14443"}
    if energy_wh is not None:
        value = {"value": energy_wh, "measurand": "Energy.Active.Import.Register", "context": contexts[kind]}
        found["meterValue"] = [{"timestamp": at, "sampledValue": [value]}]
    return found
