"""OCPP 1.6, profile Core: sessions that go on, begin and end without a connection."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v16_words import TAG, Session, configuration, configure

official = partial(case, version="1.6", block="Core")


@official("TC_036_CS", "A session goes on without a connection; its readings come when the line is back")
async def test_tc_036_cs_goes_on(csms: Csms, station: Hand) -> None:
    await configure(csms, MeterValueSampleInterval=60)
    session = Session(csms, station)
    await session.charging()
    await station.pass_time(5)
    await station.cut_off()
    lost = station.time()
    await station.pass_time(200)
    back = station.time()
    await station.back_online()
    late = list(csms.untaken("MeterValues", transactionId=session.id))
    assert len(late) == 3
    assert all(lost <= message["meterValue"][0]["timestamp"] <= back for message in late)
    await csms.none("BootNotification", "StopTransaction", "StartTransaction")
    await session.done()


async def _begun_offline(csms: Csms, station: Hand, status: str, **keys: bool) -> Session:
    """Begin a session without a connection; the answer to it then is as given."""
    await configure(csms, AllowOfflineTxForUnknownId=True, MeterValueSampleInterval=0, **keys)
    if "MaxEnergyOnInvalidId" in await configuration(csms):
        await configure(csms, MaxEnergyOnInvalidId=0)
    await csms.settle()
    csms.forget()
    await station.cut_off()
    session = Session(csms, station)
    before = station.time()
    station.plug()
    station.present(TAG)
    await station.pass_time(30)
    after = station.time()
    await station.pass_time(30)
    csms.will_answer("StartTransaction", {"transactionId": 4711, "idTagInfo": {"status": status}})
    await station.back_online()
    started = await session.started()
    assert before <= started["timestamp"] <= after, "the time is not that of the start"
    await csms.none("Authorize")
    return session


@official("TC_037_1_CS", "A session that began without a connection is told later, and goes on")
async def test_tc_037_1_cs_valid(csms: Csms, station: Hand) -> None:
    session = await _begun_offline(csms, station, "Accepted")
    await session.status("Charging")
    await csms.none("StopTransaction")
    await session.done()


@official("TC_037_2_CS", "Told later that the card is not valid, it lets no more energy flow, but the session goes on")
async def test_tc_037_2_cs_invalid_goes_on(csms: Csms, station: Hand) -> None:
    session = await _begun_offline(csms, station, "Invalid", StopTransactionOnInvalidId=False)
    await session.status("SuspendedEVSE")
    await csms.none("StopTransaction")
    before_wh = station.running.hardware[1].energy_import_wh
    await station.pass_time(600)
    assert station.running.hardware[1].energy_import_wh == pytest.approx(before_wh, abs=20)


@official("TC_037_3_CS", "Told later that the card is not valid, it ends the session for that reason")
async def test_tc_037_3_cs_invalid_ends(csms: Csms, station: Hand) -> None:
    session = await _begun_offline(csms, station, "Invalid", StopTransactionOnInvalidId=True)
    await session.stopped(reason="DeAuthorized")
    await session.status("Finishing")


@official("TC_038_CS", "A session that ended without a connection is told later, with the time of its end")
async def test_tc_038_cs_ended_offline(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    await station.pass_time(5)
    await station.cut_off()
    before = station.time()
    station.present(TAG)
    await station.pass_time(10)
    after = station.time()
    await station.pass_time(30)
    await station.back_online()
    ended = await session.stopped(reason={"Local", None})
    assert before <= ended["timestamp"] <= after, "the time is not that of the end"
    await session.status("Finishing")
    await session.unplugged()


@official("TC_039_CS", "A whole session without a connection is told later, in order and with its times")
async def test_tc_039_cs_whole_session(csms: Csms, station: Hand) -> None:
    await configure(csms, AllowOfflineTxForUnknownId=True, MeterValueSampleInterval=0)
    await station.cut_off()
    begin = station.time()
    station.plug()
    station.present(TAG)
    await station.pass_time(600)
    station.present(TAG)
    station.unplug()
    end = station.time()
    await station.pass_time(30)
    await station.back_online()
    session = Session(csms, station)
    started = await session.started()
    ended = await session.stopped()
    assert begin <= started["timestamp"] < ended["timestamp"] <= end
    assert ended["meterStop"] - started["meterStart"] > 1000
    await csms.none("StatusNotification", status="Charging")
