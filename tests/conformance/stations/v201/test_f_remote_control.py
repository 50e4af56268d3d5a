"""OCPP 2.0.1, block F: remote starts and stops, unlocking."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, configure

official = partial(case, version="2.0.1")


def _started_remotely(session: Session, remote_start_id: int) -> None:
    told = [e for e in session.events() if e["transactionInfo"].get("remoteStartId") == remote_start_id]
    assert told, "no event names the remote start"
    assert any(event["triggerReason"] == "RemoteStart" for event in session.events())


@official("TC_F_01_CS", "Plugged in, then started remotely: the session runs, and names the remote start")
async def test_tc_f_01_cs_plug_first(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    await session.remote_started(remote_start_id=4711)
    await session.energy()
    _started_remotely(session, 4711)


@official("TC_F_02_CS", "Started remotely where the token is to be checked: the CSMS is asked, and the session runs")
async def test_tc_f_02_cs_asks_first(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCtrlr__AuthorizeRemoteStart=True)
    session = Session(csms, station)
    await session.remote_started(remote_start_id=4711)
    await csms.expect("Authorize", idToken=session.id_token)
    await session.plugged()
    await session.energy()
    _started_remotely(session, 4711)


@official("TC_F_03_CS", "Started remotely where the token is not to be checked: nobody is asked, and the session runs")
async def test_tc_f_03_cs_does_not_ask(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCtrlr__AuthorizeRemoteStart=False)
    session = Session(csms, station)
    await session.remote_started(remote_start_id=4711)
    await session.plugged()
    await session.energy()
    await csms.none("Authorize")
    _started_remotely(session, 4711)


@official("TC_F_04_CS", "Started remotely, but nobody plugs in: it ends in time, and can be started again")
async def test_tc_f_04_cs_nobody_plugs_in(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        TxCtrlr__EVConnectionTimeOut=30,
        TxCtrlr__TxStartPoint="Authorized",
        TxCtrlr__TxStopPoint="Authorized",
    )
    session = Session(csms, station)
    await session.remote_started()
    await session.event(eventType="Started", triggerReason="RemoteStart")
    await station.pass_time(35)
    await session.ended(triggerReason="EVConnectTimeout")
    again = Session(csms, station)
    await again.remote_started()
    await again.event(eventType="Started", triggerReason="RemoteStart")


@official("TC_F_08_CS", "A session is stopped remotely")
async def test_tc_f_08_cs_stopped(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    await session.remote_stopped()
    await csms.settle()
    [ended] = [event for event in session.events() if event["eventType"] == "Ended"]
    assert ended["transactionInfo"]["stoppedReason"] == "Remote"


@official("TC_F_09_CS", "A remote stop of another transaction is rejected")
async def test_tc_f_09_cs_unknown_transaction(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    answer = await csms.call("RequestStopTransaction", transactionId=f"x{session.id[1:]}")
    assert answer["status"] == "Rejected"
    await session.no_event(eventType="Ended")


@official("TC_F_05_CS", "A connector in use is not unlocked")
async def test_tc_f_05_cs_in_use(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    answer = await csms.call("UnlockConnector", evseId=1, connectorId=1)
    assert answer["status"] == "OngoingAuthorizedTransaction"
    await session.no_event(eventType="Ended")


@pytest.mark.parametrize(
    ("plugged", "connector_id", "status"),
    [
        pytest.param(
            True,
            1,
            "Unlocked",
            marks=official("TC_F_06_CS", "A connector with a cable and no session is unlocked"),
            id="TC_F_06_CS",
        ),
        pytest.param(
            False,
            1,
            "Unlocked",
            marks=official("TC_F_07_CS", "A connector without a cable is unlocked"),
            id="TC_F_07_CS",
        ),
        pytest.param(
            False,
            999,
            "UnknownConnector",
            marks=official("TC_F_10_CS", "A connector that there is not cannot be unlocked"),
            id="TC_F_10_CS",
        ),
    ],
)
async def test_unlocking(csms: Csms, station: Hand, plugged: bool, connector_id: int, status: str) -> None:
    if plugged:
        station.plug()
    assert (await csms.call("UnlockConnector", evseId=1, connectorId=connector_id))["status"] == status
