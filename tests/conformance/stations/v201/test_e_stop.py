"""OCPP 2.0.1, block E: where transactions stop, and vehicles that leave."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import TOKEN, Session, configure, connector

official = partial(case, version="2.0.1")


@official("TC_E_06_CS", "The same card again ends the session, and the connector is free when the cable is out")
async def test_tc_e_06_cs_stopped_locally(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    stopped = await session.stopped()
    assert stopped.get("idToken", session.id_token) == session.id_token
    await session.unplugged()
    [ended] = [event for event in session.events() if event["eventType"] == "Ended"]
    assert ended["transactionInfo"].get("stoppedReason", "Local") == "Local"
    await csms.none("Authorize")


@official("TC_E_07_CS", "Stopped where the power path opens: a card ends it")
async def test_tc_e_07_cs_power_path_local(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="PowerPathClosed")
    session = Session(csms, station)
    await session.charging()
    event = await session.stopped()
    ended = event if event["eventType"] == "Ended" else await session.ended()
    assert ended["transactionInfo"].get("stoppedReason", "Local") == "Local"
    assert ended["transactionInfo"]["chargingState"] == "EVConnected"


@official("TC_E_35_CS", "Stopped where the power path opens: a remote stop ends it")
async def test_tc_e_35_cs_power_path_remote(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="PowerPathClosed")
    session = Session(csms, station)
    await session.charging()
    await session.remote_stopped(eventType="Ended", transactionInfo={"stoppedReason": "Remote"})


@official("TC_E_37_CS", "Stopped where the power path opens: pulling the cable ends it")
async def test_tc_e_37_cs_power_path_unplugged(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="PowerPathClosed", TxCtrlr__StopTxOnEVSideDisconnect=False)
    session = Session(csms, station)
    await session.suspended()
    station.unplug()
    await session.ended(
        triggerReason="EVCommunicationLost",
        transactionInfo={"chargingState": "Idle", "stoppedReason": {"EVDisconnected", "StoppedByEV"}},
    )


@official("TC_E_08_CS", "Stopped where energy stops flowing: a card ends it")
async def test_tc_e_08_cs_energy_transfer_card(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="EnergyTransfer")
    session = Session(csms, station)
    await session.charging()
    event = await session.stopped()
    ended = event if event["eventType"] == "Ended" else await session.ended()
    assert ended["transactionInfo"].get("stoppedReason", "Local") == "Local"


@official("TC_E_22_CS", "Stopped where energy stops flowing: the vehicle that pauses ends it")
async def test_tc_e_22_cs_energy_transfer_vehicle(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="EnergyTransfer")
    session = Session(csms, station)
    await session.charging()
    station.vehicle_full()
    await station.pass_time(15)
    event = await session.event(
        triggerReason="ChargingStateChanged", transactionInfo={"chargingState": {"EVConnected", "SuspendedEV"}}
    )
    if event["transactionInfo"]["chargingState"] == "EVConnected":
        assert event["eventType"] == "Ended"
        assert event["transactionInfo"]["stoppedReason"] == "StoppedByEV"


@official("TC_E_14_CS", "Stopped where the vehicle leaves: it ends when the cable is out")
async def test_tc_e_14_cs_ev_connected(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="EVConnected")
    session = Session(csms, station)
    await session.charging()
    await session.stopped(eventType="Updated")
    await session.event(
        eventType="Updated", triggerReason="ChargingStateChanged", transactionInfo={"chargingState": "EVConnected"}
    )
    await session.unplugged()
    await session.ended(
        triggerReason="EVCommunicationLost",
        transactionInfo={"chargingState": "Idle", "stoppedReason": {None, "Local", "EVDisconnected"}},
    )


async def _pulled(csms: Csms, station: Hand, reasons: set[str]) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="EVConnected", TxCtrlr__StopTxOnEVSideDisconnect=False)
    session = Session(csms, station)
    await session.suspended()
    station.unplug()
    await session.ended(
        triggerReason="EVCommunicationLost", transactionInfo={"chargingState": "Idle", "stoppedReason": reasons}
    )


@official("TC_E_20_CS", "Stopped where the vehicle leaves: a vehicle that pulls the cable ends it")
async def test_tc_e_20_cs_pulled_at_the_vehicle(csms: Csms, station: Hand) -> None:
    await _pulled(csms, station, {"EVDisconnected"})


@official("TC_E_54_CS", "Stopped where the vehicle leaves: a vehicle of ISO 15118 that pulls the cable ends it")
async def test_tc_e_54_cs_pulled_at_the_vehicle_15118(csms: Csms, station: Hand) -> None:
    await _pulled(csms, station, {"EVDisconnected", "StoppedByEV"})


@official("TC_E_15_CS", "Stopped where the permission ends: a card ends it")
async def test_tc_e_15_cs_authorized_local(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="Authorized")
    session = Session(csms, station)
    await session.charging()
    event = await session.stopped(eventType="Ended")
    assert event["transactionInfo"].get("stoppedReason", "Local") == "Local"


@official("TC_E_21_CS", "Stopped where the permission ends: a remote stop ends it")
async def test_tc_e_21_cs_authorized_remote(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="Authorized")
    session = Session(csms, station)
    await session.charging()
    await session.remote_stopped(eventType="Ended", transactionInfo={"stoppedReason": "Remote"})


@official("TC_E_16_CS", "A card accepted offline that turns out invalid ends the session")
async def test_tc_e_16_cs_invalid_after_all(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        TxCtrlr__TxStopPoint="Authorized",
        TxCtrlr__StopTxOnInvalidId=True,
        AuthCtrlr__OfflineTxForUnknownIdEnabled=True,
    )
    session = Session(csms, station)
    await station.cut_off()
    station.plug()
    station.present(session.token)
    await station.pass_time(5)
    csms.answers["TransactionEvent"] = lambda event: (
        {"idTokenInfo": {"status": "Invalid"}} if "idToken" in event else {}
    )
    await station.back_online()
    await session.event(eventType="Started", offline=True)
    await session.ended(triggerReason="Deauthorized", transactionInfo={"stoppedReason": "DeAuthorized"})


@official("TC_E_17_CS", "Pulling the cable takes the permission away and ends the session")
async def test_tc_e_17_cs_pulled_ends_the_permission(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        TxCtrlr__TxStopPoint="Authorized",
        TxCtrlr__StopTxOnEVSideDisconnect=True,
        OCPPCommCtrlr__UnlockOnEVSideDisconnect=False,
    )
    session = Session(csms, station)
    await session.charging()
    station.unplug()
    await session.ended(
        triggerReason="EVCommunicationLost",
        transactionInfo={"chargingState": "Idle", "stoppedReason": "EVDisconnected"},
    )
    station.present(TOKEN)
    await connector(csms, "Available")


@pytest.mark.parametrize(
    "unlocks",
    [
        pytest.param(
            True,
            marks=official(
                "TC_E_24_CS", "Pulled at the vehicle, with the lock opened: told, and the connector is free"
            ),
            id="TC_E_24_CS",
        ),
        pytest.param(
            False,
            marks=official("TC_E_25_CS", "Pulled at the vehicle, the lock kept: told, and free after the card"),
            id="TC_E_25_CS",
        ),
    ],
)
async def test_pulled_at_the_vehicle(csms: Csms, station: Hand, unlocks: bool) -> None:
    await configure(csms, TxCtrlr__StopTxOnEVSideDisconnect=True, OCPPCommCtrlr__UnlockOnEVSideDisconnect=unlocks)
    session = Session(csms, station)
    await session.suspended()
    station.unplug()
    await session.event(triggerReason="EVCommunicationLost", transactionInfo={"chargingState": "Idle"})
    if not unlocks:
        station.present(TOKEN)
    await connector(csms, "Available")


async def _paused(csms: Csms, station: Hand, evse_id: int) -> Session:
    await configure(
        csms,
        TxCtrlr__TxStopPoint="Authorized",
        TxCtrlr__EVConnectionTimeOut=30,
        TxCtrlr__StopTxOnEVSideDisconnect=False,
        OCPPCommCtrlr__UnlockOnEVSideDisconnect=False,
    )
    session = Session(csms, station, evse_id=evse_id)
    await session.suspended()
    await session.unplugged()
    await session.event(
        eventType="Updated", triggerReason="EVCommunicationLost", transactionInfo={"chargingState": "Idle"}
    )
    return session


@official("TC_E_26_CS", "Pulled at the vehicle where that ends nothing: plugged in again, it goes on")
async def test_tc_e_26_cs_pulled_and_plugged_again(csms: Csms, station: Hand) -> None:
    session = await _paused(csms, station, 2)
    await session.plugged()
    await session.event(
        eventType="Updated", triggerReason="CablePluggedIn", transactionInfo={"chargingState": "EVConnected"}
    )
    await session.event(
        eventType="Updated", triggerReason="ChargingStateChanged", transactionInfo={"chargingState": "Charging"}
    )


@official("TC_E_27_CS", "Pulled at the vehicle and not plugged in again in time: it ends")
async def test_tc_e_27_cs_pulled_and_gone(csms: Csms, station: Hand) -> None:
    session = await _paused(csms, station, 2)
    await station.pass_time(35)
    await session.ended(triggerReason="EVConnectTimeout", transactionInfo={"stoppedReason": "Timeout"})


@official("TC_E_46_CS", "A vehicle of ISO 15118 that ends its session ends ours")
async def test_tc_e_46_cs_ended_by_the_vehicle(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    station.vehicle_ends_session()
    await station.pass_time(15)
    await session.ended(
        triggerReason="StopAuthorized", transactionInfo={"stoppedReason": "StoppedByEV", "chargingState": "EVConnected"}
    )


@official("TC_E_19_CS", "Stopped where the parking bay is free: it ends when the vehicle leaves")
async def test_tc_e_19_cs_parking_bay(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="ParkingBayOccupancy")
    session = Session(csms, station)
    station.parked(True)
    await session.charging()
    await session.stopped(eventType="Updated")
    await session.unplugged()
    await session.no_event(eventType="Ended")
    station.parked(False)
    ended = await session.ended(triggerReason="EVDeparted")
    assert ended["transactionInfo"].get("stoppedReason", "Local") == "Local"
