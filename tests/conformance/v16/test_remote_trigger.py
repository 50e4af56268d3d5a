"""OCPP 1.6, profile remote trigger."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station
from support.payloads import meter_values_16, status_16

official = partial(case, version="1.6", block="Remote trigger")
ACCEPTED = {"status": "Accepted"}
TRIGGERED: dict[str, tuple[int | None, dict[str, Any]]] = {
    "MeterValues": (1, meter_values_16("1000")),
    "Heartbeat": (None, {}),
    "StatusNotification": (1, status_16("Available")),
    "DiagnosticsStatusNotification": (None, {"status": "Idle"}),
    "FirmwareStatusNotification": (None, {"status": "Idle"}),
    "BootNotification": (None, {"chargePointVendor": "Acme", "chargePointModel": "One"}),
}
"""Message, the connector it is asked of, and what the station sends."""


@official("TC_054_CSMS", "Each message that can be asked for is asked for; its coming is the command's effect")
@pytest.mark.parametrize("message", TRIGGERED)
async def test_tc_054_csms_trigger(v16: Station, message: str) -> None:
    connector, payload = TRIGGERED[message]
    where = {} if connector is None else {"evse_id": connector}
    done = await v16.command("trigger", {"message": message} | where, answers={"TriggerMessage": ACCEPTED})
    told = {} if connector is None else {"connectorId": connector}
    assert (done.call.action, done.call.payload) == ("TriggerMessage", {"requestedMessage": message} | told)
    assert done.record["state"] == "accepted"
    await v16.call(message, payload)
    assert (await v16.become(done.record, "effect_seen"))["effect"]


@official("TC_055_CSMS", "A trigger that the station refuses, or does not know, is shown as refused")
@pytest.mark.parametrize("status", ["Rejected", "NotImplemented"])
async def test_tc_055_csms_trigger_rejected(v16: Station, status: str) -> None:
    wanted = {"message": "MeterValues", "evse_id": 1}
    done = await v16.command("trigger", wanted, answers={"TriggerMessage": {"status": status}})
    assert done.call.payload == {"requestedMessage": "MeterValues", "connectorId": 1}
    assert (done.record["state"], done.record["answer"]) == ("rejected", {"status": status})
