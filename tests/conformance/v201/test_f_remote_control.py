"""OCPP 2.0.1, block F: remote control."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Commanded, Station, Tokens
from conformance.v201.block_bfg import ACCEPTED, charging, reported, state_event
from support.payloads import event, instant, status_2x

official = partial(case, version="2.0.1")


async def remote_start(station: Station, token: str, *, evse: int | None = 1, **answer: Any) -> tuple[Commanded, int]:
    """Start by command; gives it and the remoteStartId that the station was sent."""
    wish: dict[str, Any] = {"id_token": token, "id_token_type": "ISO14443"} | (
        {} if evse is None else {"evse_id": evse}
    )
    done = await station.command("remote-start", wish, answers={"RequestStartTransaction": ACCEPTED | answer})
    sent = done.call.payload
    assert sent["idToken"] == {"idToken": token, "type": "ISO14443"}
    assert sent.get("evseId") == evse
    assert done.record["state"] == "accepted"
    return done, sent["remoteStartId"]


async def start(station: Station, number: int, token: str, kind: str = "Started", seq_no: int = 0) -> None:
    """Send the event that names the request."""
    happened = event(kind, "tx-1", seq_no, trigger="RemoteStart", token=token, info={"remoteStartId": number})
    assert (await station.call("TransactionEvent", happened))["idTokenInfo"]["status"] == "Accepted"


@official("TC_F_01_CSMS", "The cable is in, then the operator starts the session")
async def test_tc_f_01_csms_cable_first(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    await reported(v201, "Occupied")
    begin = event("Started", "tx-1", 0, trigger="CablePluggedIn", info={"chargingState": "EVConnected"})
    assert await v201.call("TransactionEvent", begin) == {}
    done, number = await remote_start(v201, token, transactionId="tx-1")
    await start(v201, number, token, "Updated", 1)
    charge = event("Updated", "tx-1", 2, trigger="ChargingStateChanged", info={"chargingState": "Charging"})
    assert await v201.call("TransactionEvent", charge) == {}
    await v201.become(done.record, "effect_seen")
    found = await v201.transaction()
    assert (found["id_token"], found["charging_state"], found["active"]) == (token, "Charging", True)


@official("TC_F_02_CSMS", "The operator starts first; the station asks for the token itself")
async def test_tc_f_02_csms_remote_start_first_with_authorisation(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    done, number = await remote_start(v201, token)
    answer = await v201.call("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}})
    assert answer["idTokenInfo"]["status"] == "Accepted"
    await start(v201, number, token)
    await v201.become(done.record, "effect_seen")


@official("TC_F_03_CSMS", "The operator starts first; the station trusts the request")
async def test_tc_f_03_csms_remote_start_first_without_authorisation(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    done, number = await remote_start(v201, token, evse=None)
    await start(v201, number, token)
    record = await v201.become(done.record, "effect_seen")
    assert record["effect"] == "session tx-1 began on EVSE 1"


@official("TC_F_04_CSMS", "The operator starts first, and no cable is put in")
async def test_tc_f_04_csms_cable_not_put_in(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    done, number = await remote_start(v201, token)
    await start(v201, number, token)
    await v201.become(done.record, "effect_seen")
    assert await v201.call("TransactionEvent", event("Updated", "tx-1", 1, trigger="EVConnectTimeout")) == {}


@official("TC_F_06_CSMS", "A connector is unlocked")
@pytest.mark.parametrize(("status", "state"), [("Unlocked", "effect_seen"), ("UnlockFailed", "rejected")])
async def test_tc_f_06_csms_unlock(v201: Station, status: str, state: str) -> None:
    wish = {"evse_id": 1, "connector_id": 1}
    done = await v201.command("unlock", wish, answers={"UnlockConnector": {"status": status}})
    assert (done.call.payload, done.record["state"]) == ({"evseId": 1, "connectorId": 1}, state)


async def triggered(station: Station, message: str, sent: dict[str, Any], **wish: Any) -> dict[str, Any]:
    """Ask for a message; gives the record."""
    done = await station.command("trigger", {"message": message, **wish}, answers={"TriggerMessage": ACCEPTED})
    assert done.call.payload == {"requestedMessage": message, **sent}
    assert done.record["state"] == "accepted"
    return done.record


def values(evse: int) -> dict[str, Any]:
    sample = {"value": 5.0, "context": "Trigger"}
    return {"evseId": evse, "meterValue": [{"timestamp": instant(), "sampledValue": [sample]}]}


@official("TC_F_11_CSMS", "Meter values of one EVSE are asked for")
async def test_tc_f_11_csms_trigger_meter_values_of_an_evse(v201: Station) -> None:
    record = await triggered(v201, "MeterValues", {"evse": {"id": 1}}, evse_id=1)
    assert await v201.call("MeterValues", values(1)) == {}
    await v201.become(record, "effect_seen")


@official("TC_F_12_CSMS", "Meter values of all EVSEs are asked for")
async def test_tc_f_12_csms_trigger_meter_values(v201: Station) -> None:
    record = await triggered(v201, "MeterValues", {})
    for evse in (1, 2):
        assert await v201.call("MeterValues", values(evse)) == {}
    await v201.become(record, "effect_seen")


@official("TC_F_13_CSMS", "An event of the session on one EVSE is asked for")
async def test_tc_f_13_csms_trigger_transaction_event_of_an_evse(v201: Station, tokens: Tokens) -> None:
    await charging(v201, await tokens.make())
    record = await triggered(v201, "TransactionEvent", {"evse": {"id": 1}}, evse_id=1)
    info = {"chargingState": "Charging"}
    await v201.call("TransactionEvent", event("Updated", "tx-1", 1, trigger="Trigger", energy_wh=10.0, info=info))
    await v201.become(record, "effect_seen")


@official("TC_F_14_CSMS", "Events of all sessions are asked for; none names its EVSE again")
async def test_tc_f_14_csms_trigger_transaction_event(v201: Station, tokens: Tokens) -> None:
    await charging(v201, await tokens.make())
    await charging(v201, await tokens.make(), evse=2, transaction_id="tx-2")
    record = await triggered(v201, "TransactionEvent", {})
    for name in ("tx-1", "tx-2"):
        info = {"chargingState": "Charging"}
        told = event("Updated", name, 1, trigger="Trigger", energy_wh=10.0, evse=None, info=info)
        assert await v201.call("TransactionEvent", told) == {}
    await v201.become(record, "effect_seen")


@official("TC_F_15_CSMS", "The state of a log upload is asked for")
async def test_tc_f_15_csms_trigger_log_status(v201: Station) -> None:
    record = await triggered(v201, "LogStatusNotification", {})
    assert await v201.call("LogStatusNotification", {"status": "Idle"}) == {}
    await v201.become(record, "effect_seen")


@official("TC_F_18_CSMS", "The state of a firmware update is asked for")
async def test_tc_f_18_csms_trigger_firmware_status(v201: Station) -> None:
    record = await triggered(v201, "FirmwareStatusNotification", {})
    assert await v201.call("FirmwareStatusNotification", {"status": "Idle"}) == {}
    await v201.become(record, "effect_seen")


@official("TC_F_20_CSMS", "A heartbeat is asked for")
async def test_tc_f_20_csms_trigger_heartbeat(v201: Station) -> None:
    record = await triggered(v201, "Heartbeat", {})
    assert set(await v201.call("Heartbeat")) == {"currentTime"}
    await v201.become(record, "effect_seen")


@official("TC_F_23_CSMS", "The status of a connector is asked for, and told in either way")
@pytest.mark.parametrize("way", ["StatusNotification", "NotifyEvent"])
async def test_tc_f_23_csms_trigger_status(v201: Station, way: str) -> None:
    sent = {"evse": {"id": 1, "connectorId": 1}}
    record = await triggered(v201, "StatusNotification", sent, evse_id=1, connector_id=1)
    told = status_2x("Available") if way == "StatusNotification" else state_event("Available")
    assert await v201.call(way, told) == {}
    await v201.become(record, "effect_seen")
    assert (await v201.connector())["status"] == "Available"


@official("TC_F_24_CSMS", "The status of an occupied connector is asked for")
async def test_tc_f_24_csms_trigger_status_occupied(v201: Station) -> None:
    await reported(v201, "Occupied")
    sent = {"evse": {"id": 1, "connectorId": 1}}
    record = await triggered(v201, "StatusNotification", sent, evse_id=1)
    await reported(v201, "Occupied")
    await v201.become(record, "effect_seen")


@official("TC_F_27_CSMS", "A trigger that the station does not know is told as such")
async def test_tc_f_27_csms_trigger_not_implemented(v201: Station) -> None:
    answers = {"TriggerMessage": {"status": "NotImplemented"}}
    done = await v201.command("trigger", {"message": "PublishFirmwareStatusNotification"}, answers=answers)
    assert (done.record["state"], done.record["answer"]["status"]) == ("rejected", "NotImplemented")
