"""OCPP 2.0.1, block E: where transactions start, and local starts."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, configure, connector

official = partial(case, version="2.0.1")
STATION = {"evse": {"id": 1, "connectorId": 1}}


@official("TC_E_01_CS", "Started where the power path closes: card first, the transaction begins with the vehicle")
async def test_tc_e_01_cs_power_path_closed(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStartPoint="PowerPathClosed")
    session = Session(csms, station)
    await session.authorized()
    await session.no_event()
    await session.plugged()
    await session.event(
        eventType="Started",
        triggerReason={"CablePluggedIn", "ChargingStateChanged"},
        transactionInfo={"chargingState": {"EVConnected", "SuspendedEVSE", "Charging"}},
        idToken=session.id_token,
        **STATION,
    )


@official("TC_E_02_CS", "Started where energy flows: the first event says that it does, and for whom")
async def test_tc_e_02_cs_energy_transfer(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStartPoint="EnergyTransfer")
    session = Session(csms, station)
    await session.authorized()
    await session.plugged()
    await session.event(
        eventType="Started",
        triggerReason={"ChargingStateChanged", "Authorized"},
        transactionInfo={"chargingState": "Charging"},
        idToken=session.id_token,
        **STATION,
    )


@official("TC_E_09_CS", "Started where the vehicle is connected: the first event says so")
async def test_tc_e_09_cs_ev_connected(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStartPoint="EVConnected")
    session = Session(csms, station)
    await session.plugged()
    await session.event(
        eventType="Started",
        triggerReason={"CablePluggedIn", "ChargingStateChanged"},
        transactionInfo={"chargingState": "EVConnected"},
        **STATION,
    )
    await session.authorized()
    event = await session.event(eventType="Updated", triggerReason="Authorized", idToken=session.id_token)
    assert event["seqNo"] == 1
    await session.energy()


@official("TC_E_10_CS", "Started where a card is accepted: the first event tells the card")
async def test_tc_e_10_cs_authorized_locally(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStartPoint="Authorized")
    session = Session(csms, station)
    await session.authorized()
    await session.event(eventType="Started", triggerReason="Authorized", idToken=session.id_token)
    await session.plugged()
    states = {"EVConnected", "SuspendedEVSE", "Charging"}
    await session.event(triggerReason="CablePluggedIn", transactionInfo={"chargingState": states}, **STATION)
    await session.energy()


@official("TC_E_13_CS", "Started where a remote start is accepted: the first event tells token and remote start")
async def test_tc_e_13_cs_authorized_remotely(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStartPoint="Authorized")
    session = Session(csms, station)
    await session.remote_started(remote_start_id=4711)
    await session.event(
        eventType="Started",
        triggerReason="RemoteStart",
        transactionInfo={"remoteStartId": 4711},
        idToken=session.id_token,
    )


@official("TC_E_11_CS", "Started where signed meter values are there: the first event holds them and the key")
async def test_tc_e_11_cs_data_signed(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        TxCtrlr__TxStartPoint="DataSigned",
        SampledDataCtrlr__SignReadings=True,
        OCPPCommCtrlr__PublicKeyWithSignedMeterValue="EveryMeterValue",
    )
    session = Session(csms, station)
    await session.authorized()
    await session.plugged()
    first = await session.event(eventType="Started", triggerReason="SignedDataReceived", idToken=session.id_token)
    samples = [sample for value in first["meterValue"] for sample in value["sampledValue"]]
    signed = [sample["signedMeterValue"] for sample in samples if "signedMeterValue" in sample]
    assert {sample["context"] for sample in samples} == {"Transaction.Begin"}
    assert signed
    for value in signed:
        assert value["encodingMethod"]
        assert value["publicKey"]
        assert value["signedMeterData"]
    await session.event(
        eventType="Updated", triggerReason="ChargingStateChanged", transactionInfo={"chargingState": "Charging"}
    )


@official("TC_E_03_CS", "Plugged in, then card: the session runs")
async def test_tc_e_03_cs_plug_first(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    await session.authorized()
    await session.energy()
    assert any(event.get("idToken") == session.id_token for event in session.events())


@official("TC_E_04_CS", "Card, then plugged in: the session runs")
async def test_tc_e_04_cs_card_first(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.authorized()
    await session.plugged()
    await session.energy()
    assert any(event.get("idToken") == session.id_token for event in session.events())


@official("TC_E_05_CS", "Card, but nobody plugs in: the permission ends, and the next driver can charge")
@pytest.mark.parametrize("start", ["Authorized", "PowerPathClosed"])
async def test_tc_e_05_cs_nobody_plugs_in(csms: Csms, station: Hand, start: str) -> None:
    await configure(
        csms,
        TxCtrlr__EVConnectionTimeOut=30,
        TxCtrlr__TxStartPoint=start,
        TxCtrlr__TxStopPoint="Authorized",
        AuthCacheCtrlr__Enabled=False,
        AuthCtrlr__LocalPreAuthorize=False,
    )
    session = Session(csms, station)
    await session.authorized()
    await station.pass_time(25)
    await session.no_event(eventType="Ended")
    await station.pass_time(10)
    if start == "Authorized":
        await session.event(eventType="Started")
        await session.ended(triggerReason="EVConnectTimeout", transactionInfo={"stoppedReason": "Timeout"})
    else:
        await session.no_event()
    again = Session(csms, station)
    await again.authorized()
    await again.charging()


@official("TC_E_39_CS", "Plugged in too late, nothing is charged")
async def test_tc_e_39_cs_plugged_in_too_late(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        TxCtrlr__EVConnectionTimeOut=30,
        TxCtrlr__TxStartPoint="Authorized",
        TxCtrlr__TxStopPoint="Authorized",
    )
    session = Session(csms, station)
    await session.authorized()
    await session.event(eventType="Started")
    await station.pass_time(35)
    await session.ended(triggerReason="EVConnectTimeout", transactionInfo={"stoppedReason": "Timeout"})
    await session.plugged()
    await station.pass_time(60)
    await session.no_event()


@official("TC_E_38_CS", "A vehicle that is not ready is told as such")
async def test_tc_e_38_cs_vehicle_not_ready(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.authorized()
    await session.plugged(vehicle=station.full_vehicle())
    await session.event(triggerReason="ChargingStateChanged", transactionInfo={"chargingState": "SuspendedEV"})


@official("TC_E_52_CS", "Where the CSMS may not be asked, an unknown card is refused without asking")
async def test_tc_e_52_cs_no_remote_authorization(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCtrlr__DisableRemoteAuthorization=True)
    station.plug()
    await connector(csms, "Occupied")
    station.present("04DEADBEEF")
    await station.pass_time(30)
    await csms.none("Authorize")
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@official("TC_E_12_CS", "Started where the parking bay is taken: the first event says so")
async def test_tc_e_12_cs_parking_bay(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStartPoint="ParkingBayOccupancy")
    session = Session(csms, station)
    station.parked(True)
    await session.event(eventType="Started", triggerReason="EVDetected")
