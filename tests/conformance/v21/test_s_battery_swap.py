"""OCPP 2.1, block S: battery swapping."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import Station, Tokens
from support.payloads import event

new = partial(case, version="2.1")
ACCEPTED = {"status": "Accepted"}


def report(event_type: str, number: int, token: str, slot: int, serial: str) -> dict[str, Any]:
    battery = {"evseId": slot, "serialNumber": serial, "soC": 20, "soH": 95.5}
    named = {"idToken": token, "type": "ISO14443"}
    return {"eventType": event_type, "requestId": number, "idToken": named, "batteryData": [battery]}


async def swap(station: Station) -> dict[str, Any]:
    """The station's only swap."""
    [found] = await station.api.items(f"/stations/{station.identity}/battery-swaps")
    return dict(found)


@new("TC_S_01_1_V21", "A driver identifies at the station, and the swap is recorded with the verdict")
async def test_tc_s_01_1_v21_local_authorization(v21: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    verdict = await v21.call("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}})
    assert verdict["idTokenInfo"]["status"] == "Accepted"
    assert await v21.call("BatterySwap", report("BatteryIn", 5, token, 1, "B-old")) == {}
    shown = await swap(v21)
    assert (shown["status"], shown["authorization"], shown["id_token"]) == ("in", "Accepted", token)


@new("TC_S_02_1_V21", "A swap is asked for from here, with an accepted token only")
async def test_tc_s_02_1_v21_remote_start(v21: Station, tokens: Tokens) -> None:
    refused = await v21.command("request-battery-swap", {"id_token": tokens.unknown()})
    assert (refused.record["state"], refused.calls) == ("failed", [])
    token = await tokens.make()
    wanted = {"id_token": token, "id_token_type": "ISO14443"}
    done = await v21.command("request-battery-swap", wanted, {"RequestBatterySwap": ACCEPTED})
    number = done.call.payload["requestId"]
    assert done.call.payload == {"idToken": {"idToken": token, "type": "ISO14443"}, "requestId": number}
    assert (await swap(v21))["status"] == "requested"
    await v21.call("BatterySwap", report("BatteryIn", number, token, 1, "B-old"))
    await v21.call("BatterySwap", report("BatteryOut", number, token, 2, "B-new"))
    await v21.become(done.record, "effect_seen")
    assert (await swap(v21))["status"] == "completed"


@new("TC_S_03_1_V21", "Batteries in and out are matched; what nobody took and what does not match is shown")
async def test_tc_s_03_1_v21_in_and_out(v21: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    for number, ending in ((1, "BatteryOut"), (2, "BatteryOutTimeout"), (3, "BatteryOut")):
        await v21.call("BatterySwap", report("BatteryIn", number, token, 1, f"in-{number}"))
        other = tokens.unknown() if number == 3 else token
        assert await v21.call("BatterySwap", report(ending, number, other, 2, f"out-{number}")) == {}
    found = await v21.api.items("/battery-swaps", station_id=v21.identity)
    assert {item["request_id"]: item["status"] for item in found} == {1: "completed", 2: "timeout", 3: "mismatch"}
    [completed] = [item for item in found if item["request_id"] == 1]
    assert completed["batteries_in"][0]["serial_number"] == "in-1"
    assert completed["batteries_out"][0] == completed["batteries_out"][0] | {"slot": 2, "soh_percent": 95.5}


@new("TC_S_04_1_V21", "A battery that went in is charged as a session of its slot")
async def test_tc_s_04_1_v21_charging(v21: Station) -> None:
    started = event("Started", "slot-1", 0, trigger="CablePluggedIn", info={"chargingState": "Charging"})
    started["idToken"] = {"idToken": "", "type": "NoAuthorization"}
    assert (await v21.call("TransactionEvent", started))["idTokenInfo"]["status"] == "Accepted"
    updated = event("Updated", "slot-1", 1, energy_wh=100)
    updated["meterValue"][0]["sampledValue"].append(
        {"value": 80, "measurand": "SoC", "unitOfMeasure": {"unit": "Percent"}}
    )
    await v21.call("TransactionEvent", updated)
    full = event("Updated", "slot-1", 2, trigger="EnergyLimitReached", info={"chargingState": "SuspendedEVSE"})
    await v21.call("TransactionEvent", full)
    shown = await v21.transaction()
    assert (shown["active"], shown["charging_state"], shown["soc_percent"]) == (True, "SuspendedEVSE", 80)
    gone = event("Ended", "slot-1", 3, trigger="EVCommunicationLost", info={"stoppedReason": "EVDisconnected"})
    await v21.call("TransactionEvent", gone)
    assert (await v21.transaction())["stop_reason"] == "EVDisconnected"
