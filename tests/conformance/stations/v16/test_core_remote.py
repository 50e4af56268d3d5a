"""OCPP 1.6, core: remote starts and stops, unlocking, triggers."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v16_words import TAG, Session, configure

official = partial(case, version="1.6", block="Core")
triggered = partial(case, version="1.6", block="Core")


@pytest.mark.parametrize("asks", [True, False])
@official("TC_010_CS", "Plugged in, then started remotely: the session runs, after a question where that is set")
async def test_tc_010_cs_plug_first(csms: Csms, station: Hand, asks: bool) -> None:
    await configure(csms, AuthorizeRemoteTxRequests=asks)
    session = Session(csms, station)
    await session.plugged()
    await session.remote_started()
    if asks:
        await csms.expect("Authorize", idTag=TAG)
    await session.started()
    await session.energy()
    await csms.none("Authorize")


@official("TC_011_1_CS", "Started remotely, then plugged in: the session runs")
async def test_tc_011_1_cs_remote_start_first(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.remote_started()
    await session.status("Preparing")
    await session.plugged()
    await session.started()
    await session.energy()


@official("TC_011_2_CS", "Started remotely, but nobody plugs in: the connector is free again")
async def test_tc_011_2_cs_nobody_plugs_in(csms: Csms, station: Hand) -> None:
    await configure(csms, ConnectionTimeOut=30)
    session = Session(csms, station)
    await session.remote_started()
    await session.status("Preparing")
    await station.pass_time(35)
    await session.status("Available")
    await csms.none("StartTransaction")


@official("TC_012_CS", "A session is stopped remotely")
async def test_tc_012_cs_stopped(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    await session.remote_stopped()
    await session.stopped(reason="Remote")
    await session.status("Finishing")
    await session.unplugged()


@official("TC_026_CS", "A remote start at a connector in use is rejected")
async def test_tc_026_cs_rejected(csms: Csms, station: Hand) -> None:
    await Session(csms, station).charging()
    await Session(csms, station, tag="04CC33").remote_started("Rejected")


@official("TC_027_CS", "A remote start at connector 0 is rejected")
async def test_tc_027_cs_connector_0(csms: Csms, station: Hand) -> None:
    await Session(csms, station).remote_started("Rejected", connectorId=0)
    await csms.none("StartTransaction", "Authorize")


@official("TC_028_CS", "A remote stop of another transaction is rejected")
async def test_tc_028_cs_unknown_transaction(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    answer = await csms.call("RemoteStopTransaction", transactionId=session.id + 1)
    assert answer["status"] == "Rejected"
    await csms.none("StopTransaction")


async def unlock(csms: Csms, status: str, connector_id: int = 1) -> None:
    """Unlock a connector."""
    assert (await csms.call("UnlockConnector", connectorId=connector_id))["status"] == status


@official("TC_017_1_CS", "A connector with a lock and without a session is unlocked")
async def test_tc_017_1_cs_unlocked(csms: Csms, station: Hand) -> None:
    await Session(csms, station).plugged()
    await unlock(csms, "Unlocked")


@official("TC_017_2_CS", "A connector with a fixed cable cannot be unlocked")
async def test_tc_017_2_cs_fixed_cable(csms: Csms, station: Hand) -> None:
    await unlock(csms, "NotSupported", 2)


@official("TC_018_1_CS", "Unlocking a connector in use ends its session first")
async def test_tc_018_1_cs_in_use(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    await unlock(csms, "Unlocked")
    await session.stopped(reason="UnlockCommand")
    await session.status("Finishing")
    assert not station.is_locked()
    await session.unplugged()


@official("TC_018_2_CS", "A connector with a fixed cable in use cannot be unlocked, and its session goes on")
async def test_tc_018_2_cs_fixed_cable_in_use(csms: Csms, station: Hand) -> None:
    await Session(csms, station, connector_id=2).charging()
    await unlock(csms, "NotSupported", 2)
    await csms.none("StopTransaction")


@official("TC_030_CS", "A lock that does not open is told")
async def test_tc_030_cs_lock_failure(csms: Csms, station: Hand) -> None:
    await Session(csms, station).plugged()
    station.lock_fails()
    await unlock(csms, "UnlockFailed")


@official("TC_031_CS", "A connector that there is not cannot be unlocked")
async def test_tc_031_cs_unknown_connector(csms: Csms, station: Hand) -> None:
    await unlock(csms, "NotSupported", 9)


async def trigger(csms: Csms, message: str, status: str = "Accepted", connector_id: int | None = None) -> None:
    """Ask for a message."""
    where = {} if connector_id is None else {"connectorId": connector_id}
    answer = await csms.call("TriggerMessage", {"requestedMessage": message} | where)
    assert answer["status"] == status


@triggered("TC_054_CS", "Messages that the CSMS asks for")
@pytest.mark.parametrize(
    ("message", "connector_id", "fields"),
    [
        ("MeterValues", 1, {"connectorId": 1}),
        ("Heartbeat", None, {}),
        ("StatusNotification", 1, {"connectorId": 1, "status": "Available"}),
        ("DiagnosticsStatusNotification", None, {"status": "Idle"}),
        ("FirmwareStatusNotification", None, {"status": "Idle"}),
        ("BootNotification", None, {"chargePointModel": ...}),
    ],
)
async def test_tc_054_cs_triggered(
    csms: Csms, station: Hand, message: str, connector_id: int | None, fields: dict[str, object]
) -> None:
    await trigger(csms, message, connector_id=connector_id)
    came = await csms.expect(message, **fields)
    if message == "MeterValues":
        samples = [sample for value in came["meterValue"] for sample in value["sampledValue"]]
        assert {sample.get("context") for sample in samples} == {"Trigger"}


@triggered("TC_055_CS", "A message about a connector that there is not")
async def test_tc_055_cs_unknown_connector(csms: Csms, station: Hand) -> None:
    await trigger(csms, "MeterValues", "Rejected", 9)
    await csms.none("MeterValues")
