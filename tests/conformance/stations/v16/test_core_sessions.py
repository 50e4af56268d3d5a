"""OCPP 1.6, core: sessions, their beginning and end, and what is known of cards."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v16_words import ACCEPTED, OTHER, TAG, Session, configure, connector

official = partial(case, version="1.6", block="Core")


@official("TC_003_CS", "Plugged in, then card: the session runs, and ends with the same card")
async def test_tc_003_cs_plug_first(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    await session.authorized()
    await session.started()
    await session.energy()
    await session.presented_to_stop()
    await session.status("Finishing")
    await session.unplugged()


@official("TC_004_1_CS", "Card, then plugged in: the session runs")
async def test_tc_004_1_cs_card_first(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.authorized()
    await session.plugged()
    await session.started()
    await session.energy()


@official("TC_004_2_CS", "Card, but nobody plugs in: the connector is free again")
async def test_tc_004_2_cs_nobody_plugs_in(csms: Csms, station: Hand) -> None:
    await configure(csms, ConnectionTimeOut=30)
    session = Session(csms, station)
    await session.authorized()
    await station.pass_time(25)
    await csms.none("StatusNotification")
    await station.pass_time(10)
    await session.status("Available")
    await csms.none("StartTransaction")


@pytest.mark.parametrize(
    "unlocks",
    [
        pytest.param(
            True,
            marks=official("TC_005_1_CS", "Pulled at the vehicle, with the lock opened: the session ends"),
            id="TC_005_1_CS",
        ),
        pytest.param(
            False,
            marks=official("TC_005_2_CS", "Pulled at the vehicle, the lock kept: the session ends"),
            id="TC_005_2_CS",
        ),
    ],
)
async def test_pulled_at_the_vehicle(csms: Csms, station: Hand, unlocks: bool) -> None:
    await configure(csms, StopTransactionOnEVSideDisconnect=True, UnlockConnectorOnEVSideDisconnect=unlocks)
    session = Session(csms, station)
    await session.charging()
    assert station.is_locked(), "the plug was not locked while charging"
    station.unplug()
    await session.stopped(reason="EVDisconnected")
    if not unlocks:
        await session.status("Finishing")
        assert station.is_locked(), "the plug was let go"
        station.present(TAG)
    await session.status("Available")
    assert not station.is_locked(), "the plug is kept"
    await session.not_started()


@official("TC_005_3_CS", "Pulled at the vehicle where that ends nothing: the session pauses and goes on")
async def test_tc_005_3_cs_pulled_and_plugged_again(csms: Csms, station: Hand) -> None:
    await configure(csms, StopTransactionOnEVSideDisconnect=False, UnlockConnectorOnEVSideDisconnect=False)
    session = Session(csms, station, connector_id=2)
    await session.charging()
    station.unplug(2)
    await session.status("SuspendedEV")
    await csms.none("StopTransaction")
    station.plug(2)
    await session.energy()


@official("TC_068_CS", "The card that began the session ends it")
async def test_tc_068_cs_same_card(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    await session.presented_to_stop()
    await session.unplugged()


@official("TC_069_CS", "Another card of the same group ends the session")
async def test_tc_069_cs_same_group(csms: Csms, station: Hand) -> None:
    info = ACCEPTED | {"parentIdTag": "GROUP-1"}
    csms.answers["Authorize"] = {"idTagInfo": info}
    csms.answers["StartTransaction"] = {"idTagInfo": info, "transactionId": 77}
    session = Session(csms, station)
    await session.plugged()
    await session.presented()
    await session.started()
    await session.energy()
    station.present(OTHER)
    await csms.expect("Authorize", idTag=OTHER)
    await session.stopped(idTag={None, OTHER}, reason={None, "Local"})
    await session.unplugged()


@official("TC_023_4_CS", "A card that is not valid charges nothing")
@pytest.mark.parametrize("status", ["Invalid", "Expired", "Blocked"])
async def test_tc_023_4_cs_invalid(csms: Csms, station: Hand, status: str) -> None:
    session = Session(csms, station)
    await session.plugged()
    await session.presented({"status": status})
    await station.pass_time(30)
    await csms.none("StartTransaction")


@official("TC_023_5_CS", "A remote start for a card that is not valid charges nothing")
@pytest.mark.parametrize("status", ["Invalid", "Expired", "Blocked"])
async def test_tc_023_5_cs_invalid_remote(csms: Csms, station: Hand, status: str) -> None:
    await configure(csms, AuthorizeRemoteTxRequests=True)
    csms.will_answer("Authorize", {"idTagInfo": {"status": status}})
    session = Session(csms, station)
    await session.plugged()
    await session.remote_started()
    await csms.expect("Authorize", idTag=TAG)
    await station.pass_time(30)
    await csms.none("StartTransaction")


@official("TC_024_CS", "A plug that does not lock is reported, and nothing is charged")
async def test_tc_024_cs_lock_failure(csms: Csms, station: Hand) -> None:
    station.lock_fails()
    session = Session(csms, station)
    await session.plugged()
    await session.authorized()
    await connector(csms, "Faulted", errorCode="ConnectorLockFailure")
    await csms.none("StartTransaction")
