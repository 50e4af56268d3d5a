"""OCPP 2.0.1, block B: resets with sessions and what outlives them."""

from functools import partial

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, all_connectors, configure, connector, fresh, put, rebooted, value_of

official = partial(case, version="2.0.1")
STARTUP = {"StartupOfTheDevice", "ResetOrReboot"}


@official("TC_B_21_CS", "A restart when idle waits for the session to end")
async def test_tc_b_21_cs_on_idle_with_a_session(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    assert (await csms.call("Reset", type="OnIdle"))["status"] == "Scheduled"
    await station.pass_time(60)
    await csms.none("BootNotification")
    await session.stopped()
    await rebooted(csms, station, "ScheduledReset")
    await all_connectors(csms, evse_1="Occupied")
    await csms.expect("SecurityEventNotification", type=STARTUP)


@official("TC_B_22_CS", "An immediate restart ends the session first, for that reason")
async def test_tc_b_22_cs_immediate_with_a_session(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    assert (await csms.call("Reset", type="Immediate"))["status"] == "Accepted"
    ended = await station.meanwhile(
        session.ended(
            triggerReason="ResetCommand",
            transactionInfo={"chargingState": "EVConnected", "stoppedReason": "ImmediateReset"},
            idToken=None,
        )
    )
    boot = await rebooted(csms, station, "RemoteReset")
    assert ended.number < boot.number
    await all_connectors(csms, evse_1="Occupied")


@official("TC_B_23_CS", "What is out of service is so after a restart")
async def test_tc_b_23_cs_unavailable_outlives(csms: Csms, station: Hand) -> None:
    evse = {"id": 1, "connectorId": 1}
    answer = await csms.call("ChangeAvailability", operationalStatus="Inoperative", evse=evse)
    assert answer["status"] == "Accepted"
    await connector(csms, "Unavailable")
    assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await rebooted(csms, station, "RemoteReset")
    await all_connectors(csms, evse_1="Unavailable")


@official("TC_B_24_CS", "What is reserved is so after a restart")
async def test_tc_b_24_cs_reserved_outlives(csms: Csms, station: Hand) -> None:
    token = {"idToken": "04A1B2C3D4", "type": "ISO14443"}
    answer = await csms.call("ReserveNow", id=fresh(), expiryDateTime=station.time(3600), idToken=token, evseId=1)
    assert answer["status"] == "Accepted"
    await connector(csms, "Reserved")
    assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await rebooted(csms, station, "RemoteReset")
    await all_connectors(csms, evse_1="Reserved")


@official("TC_B_41_CS", "A restart when idle waits for every session to end")
async def test_tc_b_41_cs_on_idle_with_two_sessions(csms: Csms, station: Hand) -> None:
    first, second = Session(csms, station), Session(csms, station, evse_id=2, token="04CC33")
    await first.charging()
    await second.charging()
    assert (await csms.call("Reset", type="OnIdle"))["status"] == "Scheduled"
    await first.stopped()
    await first.unplugged()
    await station.pass_time(60)
    await csms.none("BootNotification")
    await second.stopped()
    await rebooted(csms, station, "ScheduledReset")
    await all_connectors(csms, evse_2="Occupied")


@official("TC_B_25_CS", "An idle EVSE is restarted alone")
async def test_tc_b_25_cs_evse(csms: Csms, station: Hand) -> None:
    assert (await csms.call("Reset", type="OnIdle", evseId=1))["status"] == "Accepted"
    await station.pass_time(60)
    await csms.none("BootNotification")
    session = Session(csms, station)
    await session.charging()


@official("TC_B_26_CS", "The restart of an EVSE when idle waits for its session to end")
async def test_tc_b_26_cs_evse_on_idle_with_a_session(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    assert (await csms.call("Reset", type="OnIdle", evseId=1))["status"] == "Scheduled"
    await session.no_event(eventType="Ended")
    await session.done()
    await station.pass_time(60)
    await csms.none("BootNotification")


@official("TC_B_27_CS", "An immediate restart of an EVSE ends its session, and no other")
async def test_tc_b_27_cs_evse_immediate_with_a_session(csms: Csms, station: Hand) -> None:
    session, other = Session(csms, station), Session(csms, station, evse_id=2, token="04CC33")
    await session.charging()
    await other.charging()
    assert (await csms.call("Reset", type="Immediate", evseId=1))["status"] == "Accepted"
    await session.ended(
        triggerReason="ResetCommand",
        transactionInfo={"chargingState": "EVConnected", "stoppedReason": "ImmediateReset"},
    )
    await station.pass_time(60)
    await other.no_event(eventType="Ended", transactionInfo={"transactionId": other.id})
    await csms.none("BootNotification")


def _profile(csms: Csms, slot: int, url: str) -> dict[str, object]:
    data = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": url,
        "messageTimeout": 30,
        "securityProfile": 1,
        "ocppInterface": "Wired0",
    }
    return {"configurationSlot": slot, "connectionData": data}


@official("TC_B_43_CS", "A way to the CSMS in a slot that there is not is rejected")
async def test_tc_b_43_cs_unknown_slot(csms: Csms, station: Hand) -> None:
    answer = await csms.call("SetNetworkProfile", _profile(csms, 999, csms.url))
    assert answer["status"] == "Rejected"


async def _second_way(csms: Csms, other: Csms) -> None:
    """Give the station another CSMS in a slot, first in its order of preference."""
    slot = 2
    assert (await csms.call("SetNetworkProfile", _profile(csms, slot, other.url)))["status"] == "Accepted"
    await configure(csms, OCPPCommCtrlr__NetworkProfileConnectionAttempts=2)
    present = await value_of(csms, "OCPPCommCtrlr.NetworkConfigurationPriority")
    result = await put(csms, "OCPPCommCtrlr.NetworkConfigurationPriority", f"{slot},{present}")
    assert result["attributeStatus"] in ("Accepted", "RebootRequired"), result


@official("TC_B_45_CS", "Another way to the CSMS is taken after a restart")
async def test_tc_b_45_cs_another_csms(csms: Csms, station: Hand) -> None:
    other = Csms(csms.version, now=station.clock.now, time=station.time)
    await other.start()
    try:
        await _second_way(csms, other)
        assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
        station.follow(other)
        await rebooted(other, station)
        await all_connectors(other)
        await other.expect("SecurityEventNotification", type=STARTUP)
    finally:
        station.follow(csms)
        await other.stop()


@official("TC_B_46_CS", "A way that fails as often as set is left for the next one")
async def test_tc_b_46_cs_falls_back(csms: Csms, station: Hand) -> None:
    other = Csms(csms.version, now=station.clock.now, time=station.time)
    await other.start()
    try:
        await _second_way(csms, other)
        other.refusing = True
        assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
        await rebooted(csms, station)
        assert len(other.attempts) == 2
        await all_connectors(csms)
    finally:
        await other.stop()


@official("TC_B_49_CS", "A way that no longer works while the station runs is left for the next one")
async def test_tc_b_49_cs_falls_back_after_a_lost_connection(csms: Csms, station: Hand) -> None:
    other = Csms(csms.version, now=station.clock.now, time=station.time)
    await other.start()
    try:
        await _second_way(csms, other)
        await configure(
            csms,
            OCPPCommCtrlr__NetworkProfileConnectionAttempts=1,
            OCPPCommCtrlr__RetryBackOffRepeatTimes=0,
            OCPPCommCtrlr__RetryBackOffRandomRange=0,
            OCPPCommCtrlr__RetryBackOffWaitMinimum=10,
        )
        assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
        station.follow(other)
        await rebooted(other, station)
        station.follow(csms)
        lines = csms.lines
        await other.go_offline()
        await station.meanwhile(csms.connected(lines + 1))
    finally:
        station.follow(csms)
        await other.stop()
