"""OCPP 2.1, block S: battery swap."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.hand_v21 import DC_BIDIRECTIONAL, present_for_swap, put_in, take_out
from conformance.stations.v2 import TOKEN, configure, connector, put
from voltherd.station import Token

ours = partial(case, version="2.1")
ID_TOKEN = {"idToken": TOKEN, "type": "ISO14443"}
CHARGED, EMPTY, SPARE = 1, 2, 3


@pytest.fixture
async def swap(csms: Csms, cold: Hand) -> Hand:
    """A swap station with a charged battery, and two empty slots."""
    await cold.booted(swaps_batteries=True, evses=(DC_BIDIRECTIONAL,) * 3)
    put_in(cold, CHARGED, "B-CHARGED", 0.95)
    await csms.settle()
    csms.forget()
    return cold


async def _swapped(csms: Csms, event: str, slot: int, serial_number: str, request_id: Any = ...) -> int:
    came = await csms.expect("BatterySwap", eventType=event, idToken=ID_TOKEN, requestId=request_id)
    [battery] = came["batteryData"]
    assert (battery["evseId"], battery["serialNumber"]) == (slot, serial_number)
    assert 0 <= battery["soC"] <= 100
    assert 0 < battery["soH"] <= 100
    return int(came["requestId"])


async def _begun(csms: Csms, swap: Hand) -> None:
    present_for_swap(swap, Token(TOKEN, "ISO14443"))
    await csms.expect("Authorize", idToken=ID_TOKEN)
    await csms.settle()


@ours("TC_S_01_1_V21", "A driver identifies and swaps: battery in, battery out, under one number")
async def test_tc_s_01_1_v21_swap(csms: Csms, swap: Hand) -> None:
    await _begun(csms, swap)
    put_in(swap, EMPTY, "B-OLD", 0.1)
    number = await _swapped(csms, "BatteryIn", EMPTY, "B-OLD")
    await connector(csms, "Occupied", EMPTY)
    take_out(swap, CHARGED)
    await _swapped(csms, "BatteryOut", CHARGED, "B-CHARGED", number)
    await connector(csms, "Available", CHARGED)


@ours("TC_S_01_2_V21", "A driver who puts nothing in: the swap is given up, and nothing is told")
async def test_tc_s_01_2_v21_nothing_put_in(csms: Csms, swap: Hand) -> None:
    await _begun(csms, swap)
    await swap.pass_time(120)
    put_in(swap, EMPTY, "B-LATE", 0.1)
    await csms.none("BatterySwap")


async def _request(csms: Csms, request_id: int) -> dict[str, Any]:
    return await csms.call("RequestBatterySwap", idToken=ID_TOKEN, requestId=request_id)


@ours("TC_S_02_1_V21", "A swap that the operator asks for has the operator's number")
async def test_tc_s_02_1_v21_requested(csms: Csms, swap: Hand) -> None:
    assert (await _request(csms, 4711))["status"] == "Accepted"
    put_in(swap, EMPTY, "B-OLD", 0.1)
    await _swapped(csms, "BatteryIn", EMPTY, "B-OLD", 4711)
    take_out(swap, CHARGED)
    await _swapped(csms, "BatteryOut", CHARGED, "B-CHARGED", 4711)


@ours("TC_S_02_2_V21", "Without a charged battery a swap is refused, with the reason")
async def test_tc_s_02_2_v21_no_battery(csms: Csms, swap: Hand) -> None:
    take_out(swap, CHARGED)
    answer = await _request(csms, 4711)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "NoBatteryAvailable")


@ours("TC_S_03_1_V21", "A battery that is offered and not taken: that is told")
async def test_tc_s_03_1_v21_not_taken(csms: Csms, swap: Hand) -> None:
    await _begun(csms, swap)
    put_in(swap, EMPTY, "B-OLD", 0.1)
    number = await _swapped(csms, "BatteryIn", EMPTY, "B-OLD")
    await swap.pass_time(120)
    await _swapped(csms, "BatteryOutTimeout", CHARGED, "B-CHARGED", number)


@ours("TC_S_04_1_V21", "A battery that went in is charged in a transaction, which ends when it is taken out")
async def test_tc_s_04_1_v21_charged(csms: Csms, swap: Hand) -> None:
    await put(csms, "BatterySwapCtrlr.IdToken", "SWAP-STATION")
    await configure(csms, SampledDataCtrlr__TxUpdatedInterval=60, SampledDataCtrlr__TxUpdatedMeasurands="SoC")
    put_in(swap, EMPTY, "B-OLD", 0.1)
    started = await csms.expect(
        "TransactionEvent",
        eventType="Started",
        triggerReason="CablePluggedIn",
        evse={"id": EMPTY},
        idToken={"idToken": "SWAP-STATION", "type": "Central"},
        transactionInfo={"chargingState": "Charging"},
    )
    name = started["transactionInfo"]["transactionId"]
    await swap.pass_time(130)
    updated = await csms.expect(
        "TransactionEvent",
        eventType="Updated",
        triggerReason="MeterValuePeriodic",
        transactionInfo={"transactionId": name},
    )
    assert "SoC" in {one["measurand"] for value in updated["meterValue"] for one in value["sampledValue"]}
    take_out(swap, EMPTY)
    ended = await csms.expect("TransactionEvent", eventType="Ended", transactionInfo={"transactionId": name})
    assert ended["triggerReason"] == "EVCommunicationLost"
    assert ended["transactionInfo"]["stoppedReason"] == "EVDisconnected"


@ours("TC_S_04_2_V21", "A battery that is charged as far as wanted: no more energy flows, its transaction goes on")
async def test_tc_s_04_2_v21_full(csms: Csms, swap: Hand) -> None:
    await put(csms, "BatterySwapCtrlr.MaxSoC", "97")
    put_in(swap, EMPTY, "B-NEARLY", 0.96)
    full = await swap.meanwhile(
        csms.expect("TransactionEvent", triggerReason="EnergyLimitReached", evse={"id": EMPTY}), step_s=60
    )
    assert full["eventType"] == "Updated"
    assert full["transactionInfo"]["chargingState"] == "SuspendedEVSE"


@ours("TC_S_04_3_V21", "After a restart what is in the slots is charged in new transactions")
async def test_tc_s_04_3_v21_restart(csms: Csms, swap: Hand) -> None:
    assert (await csms.call("Reset", type="Immediate"))["status"] == "Accepted"
    boot = await swap.meanwhile(csms.expect("BootNotification"))
    await csms.expect("TransactionEvent", after=boot, eventType="Started", evse={"id": CHARGED})
