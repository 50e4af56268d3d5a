"""OCPP 2.0.1, block B: booting, the registration, and what is told after a time offline."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.answers import NOW
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import all_connectors, configure, connector, fresh, get, put, rebooted, reported
from support.peer import CallErrorAnswer

official = partial(case, version="2.0.1")


def boot(status: str, interval: int) -> dict[str, object]:
    """Answer a boot."""
    return {"currentTime": NOW, "interval": interval, "status": status}


@official("TC_B_01_CS", "A station that starts says so, is accepted, and reports all its connectors and the start")
async def test_tc_b_01_cs_cold_boot(csms: Csms, cold: Hand) -> None:
    cold.power_on()
    await csms.expect("BootNotification", reason="PowerUp", chargingStation={"model": ..., "vendorName": ...})
    await all_connectors(csms)
    await csms.expect("SecurityEventNotification", type={"StartupOfTheDevice", "ResetOrReboot"})
    assert [c.action for c in csms.calls].index("BootNotification") == 0


@official("TC_B_02_CS", "Not yet accepted, it serves what it is asked, starts nothing, and boots again when told to")
async def test_tc_b_02_cs_pending(csms: Csms, cold: Hand) -> None:
    csms.will_answer("BootNotification", boot("Pending", 300))
    cold.power_on()
    await csms.expect("BootNotification")
    assert (await put(csms, "OCPPCommCtrlr.OfflineThreshold", "300"))["attributeStatus"] == "Accepted"
    assert (await get(csms, "OCPPCommCtrlr.OfflineThreshold"))["attributeValue"] == "300"
    request_id = fresh()
    answer = await csms.call("GetBaseReport", requestId=request_id, reportBase="FullInventory")
    assert answer["status"] == "Accepted"
    assert await reported(csms, request_id)
    start = {"idToken": {"idToken": "04A1B2C3D4", "type": "ISO14443"}, "evseId": 1, "remoteStartId": fresh()}
    assert (await csms.call("RequestStartTransaction", start))["status"] == "Rejected"
    await csms.none("StatusNotification", "Authorize", "TransactionEvent", "Heartbeat")
    answer = await csms.call("TriggerMessage", requestedMessage="BootNotification")
    assert answer["status"] == "Accepted"
    await csms.expect("BootNotification", reason="Triggered")
    await all_connectors(csms)


@official("TC_B_03_CS", "Rejected, it says nothing until the interval is over, then boots again and is accepted")
async def test_tc_b_03_cs_rejected(csms: Csms, cold: Hand) -> None:
    csms.will_answer("BootNotification", boot("Rejected", 60))
    cold.power_on()
    first = await csms.expect("BootNotification")
    await cold.pass_time(55)
    await csms.none("BootNotification", "StatusNotification", "Heartbeat", "SecurityEventNotification", "NotifyEvent")
    second = await cold.meanwhile(csms.expect("BootNotification"), step_s=2)
    assert second.at - first.at >= 60
    await all_connectors(csms)


@official("TC_B_30_CS", "Rejected, it answers what it is asked with SecurityError")
async def test_tc_b_30_cs_rejected_refuses_calls(csms: Csms, cold: Hand) -> None:
    csms.will_answer("BootNotification", boot("Rejected", 300))
    cold.power_on()
    await csms.expect("BootNotification")
    with pytest.raises(CallErrorAnswer) as refused:
        await csms.call("GetBaseReport", requestId=fresh(), reportBase="FullInventory")
    assert refused.value.code == "SecurityError"


async def _away(csms: Csms, station: Hand, seconds: float) -> None:
    await configure(
        csms,
        OCPPCommCtrlr__OfflineThreshold=30,
        OCPPCommCtrlr__RetryBackOffWaitMinimum=1,
        OCPPCommCtrlr__RetryBackOffRandomRange=0,
    )
    csms.forget()
    await station.cut_off()
    station.plug(1)
    await station.pass_time(seconds)
    await station.back_online()


@official("TC_B_51_CS", "Offline for longer than the threshold: all connectors are reported anew")
async def test_tc_b_51_cs_longer_than_the_threshold(csms: Csms, station: Hand) -> None:
    await _away(csms, station, 40)
    await all_connectors(csms, evse_1="Occupied")


@official("TC_B_52_CS", "Offline for less than the threshold: only the connector that changed is reported")
async def test_tc_b_52_cs_shorter_than_the_threshold(csms: Csms, station: Hand) -> None:
    await _away(csms, station, 10)
    await connector(csms, "Occupied", 1)
    await csms.none("StatusNotification")
    await csms.none("BootNotification")


@official("TC_B_57_CS", "After a lost connection it waits the set time, and twice as long when it is refused")
async def test_tc_b_57_cs_waits_before_it_connects_again(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        OCPPCommCtrlr__RetryBackOffRepeatTimes=2,
        OCPPCommCtrlr__RetryBackOffRandomRange=0,
        OCPPCommCtrlr__RetryBackOffWaitMinimum=10,
    )
    tried = len(csms.attempts)
    for number, wait in ((0, 10), (1, 10), (2, 20)):
        before = station.clock.now()
        if number < 2:
            await csms.close()
            await station.until_offline()
            csms.refusing = number == 1
        again = await station.meanwhile(csms.attempted(tried + number + 1), step_s=0.5)
        assert wait - 0.5 <= again.at - before <= wait + 3, (number, again.at - before)
        csms.go_online()
        if number != 1:
            await station.meanwhile(csms.connected(csms.lines), step_s=0.1)


@official("TC_B_20_CS", "Idle, it restarts when asked to, and reports its connectors")
async def test_tc_b_20_cs_reset_when_idle(csms: Csms, station: Hand) -> None:
    assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await rebooted(csms, station, "RemoteReset")
    await all_connectors(csms)
