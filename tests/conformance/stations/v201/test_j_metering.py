"""OCPP 2.0.1, block J: meter values, sampled and aligned to the clock."""

from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, configure, value_of

official = partial(case, version="2.0.1")
INTERVAL_S = 60
ENERGY = "Energy.Active.Import.Register"


def samples(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The samples of a meter value."""
    return list(value["sampledValue"])


async def holds(csms: Csms, variable: str, value: dict[str, Any], *contexts: str) -> None:
    """A meter value holds the measurands that a variable names, in one of the contexts."""
    wanted = {part.strip() for part in (await value_of(csms, variable) or "").split(",") if part.strip()}
    found = {sample.get("measurand", ENERGY) for sample in samples(value)}
    assert wanted
    assert found == wanted or found == wanted - {"SoC"}, (found, wanted)
    assert {sample.get("context", "Sample.Periodic") for sample in samples(value)} <= set(contexts)


def steps(values: list[dict[str, Any]]) -> None:
    """The distinct times of meter values are one interval apart."""
    times = sorted({datetime.fromisoformat(value["timestamp"]) for value in values})
    assert len(times) >= 2
    for before, after in pairwise(times):
        assert abs((after - before).total_seconds() - INTERVAL_S) <= 2


def values_of(events: list[Came]) -> list[dict[str, Any]]:
    """All meter values of some messages."""
    return [value for event in events for value in event.get("meterValue", [])]


async def aligned(csms: Csms, **more: Any) -> None:
    """Let clock-aligned values be taken every minute, and sampled ones not."""
    await configure(
        csms,
        SampledDataCtrlr__TxUpdatedInterval=0,
        AlignedDataCtrlr__Interval=INTERVAL_S,
        **more,
    )
    csms.forget()


@official("TC_J_01_CS", "Idle, it tells clock-aligned meter values of each EVSE")
async def test_tc_j_01_cs_idle(csms: Csms, station: Hand) -> None:
    await aligned(csms)
    await station.pass_time(3 * INTERVAL_S + 5)
    for evse_id in (1, 2):
        found = list(csms.untaken("MeterValues", evseId=evse_id))
        assert len(found) == 3
        for message in found:
            for value in message["meterValue"]:
                await holds(csms, "AlignedDataCtrlr.Measurands", value, "Sample.Clock")
        steps(values_of(found))
    clock = datetime.fromisoformat(values_of(found)[0]["timestamp"])
    assert clock.second in (0, 1, 59), "the values are not aligned to the clock"


@official("TC_J_02_CS", "During a session they come in its events")
async def test_tc_j_02_cs_charging(csms: Csms, station: Hand) -> None:
    await aligned(csms)
    session = Session(csms, station)
    await session.charging()
    await station.pass_time(3 * INTERVAL_S + 5)
    found = list(csms.untaken("TransactionEvent", triggerReason="MeterValueClock"))
    assert len(found) == 3
    for value in values_of(found):
        await holds(csms, "AlignedDataCtrlr.Measurands", value, "Sample.Clock")
    steps(values_of(found))
    await csms.none("MeterValues", evseId=1)


@official("TC_J_03_CS", "The last event holds the clock-aligned values of the session")
async def test_tc_j_03_cs_at_the_end(csms: Csms, station: Hand) -> None:
    await configure(csms, AlignedDataCtrlr__TxEndedInterval=INTERVAL_S, SampledDataCtrlr__TxEndedMeasurands="")
    ended = await _session(csms, station)
    found = [v for v in ended["meterValue"] if any(s.get("context") == "Sample.Clock" for s in samples(v))]
    for value in found:
        await holds(csms, "AlignedDataCtrlr.TxEndedMeasurands", value, "Sample.Clock")
    assert len(found) == 3
    steps(found)


async def _session(csms: Csms, station: Hand) -> Came:
    """Charge for three intervals; gives the event that ended it."""
    session = Session(csms, station)
    await session.charging()
    name = session.id
    await station.pass_time(3 * INTERVAL_S + 5)
    await session.done()
    return next(
        c
        for c in csms.calls
        if c.action == "TransactionEvent" and (c["eventType"], c["transactionInfo"]["transactionId"]) == ("Ended", name)
    )


def _signed(values: list[dict[str, Any]]) -> None:
    signed = [sample["signedMeterValue"] for value in values for sample in samples(value)]
    assert signed
    for one in signed:
        assert one["signedMeterData"]
        assert one["encodingMethod"]
        assert "publicKey" in one


@official("TC_J_04_CS", "Clock-aligned values are signed where that is set")
async def test_tc_j_04_cs_signed(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        AlignedDataCtrlr__TxEndedInterval=INTERVAL_S,
        AlignedDataCtrlr__SignReadings=True,
        AlignedDataCtrlr__TxEndedMeasurands=ENERGY,
        SampledDataCtrlr__TxEndedMeasurands="",
    )
    ended = await _session(csms, station)
    _signed([v for v in ended["meterValue"] if samples(v)[0].get("context") == "Sample.Clock"])


@official("TC_J_06_CS", "Where they are told of idle EVSEs only, none come during a session")
async def test_tc_j_06_cs_only_when_idle(csms: Csms, station: Hand) -> None:
    await aligned(csms, AlignedDataCtrlr__SendDuringIdle=True)
    await station.pass_time(INTERVAL_S + 5)
    await csms.expect("MeterValues", evseId=1)
    session = Session(csms, station)
    await session.charging()
    await csms.settle()
    csms.forget()
    await station.pass_time(2 * INTERVAL_S + 5)
    await csms.none("MeterValues")
    assert not values_of(list(csms.untaken("TransactionEvent")))
    await session.done()
    csms.forget()
    await station.pass_time(INTERVAL_S + 5)
    for evse_id in (1, 2):
        message = await csms.expect("MeterValues", evseId=evse_id)
        for value in message["meterValue"]:
            await holds(csms, "AlignedDataCtrlr.Measurands", value, "Sample.Clock")


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(
            "EVConnected",
            marks=official("TC_J_07_CS", "The first event of a session holds meter values of the beginning"),
            id="TC_J_07_CS",
        ),
        pytest.param(
            "Authorized",
            marks=official("TC_J_08_CS", "The first event that knows the EVSE holds meter values of the beginning"),
            id="TC_J_08_CS",
        ),
    ],
)
async def test_values_of_the_beginning(csms: Csms, station: Hand, start: str) -> None:
    await configure(csms, TxCtrlr__TxStartPoint=start)
    session = Session(csms, station)
    if start == "EVConnected":
        await session.plugged()
    await session.authorized()
    await session.charging()
    first = next(event for event in session.events() if "evse" in event.payload)
    assert first["eventType"] == "Started" or start == "Authorized"
    for value in first["meterValue"]:
        await holds(csms, "SampledDataCtrlr.TxStartedMeasurands", value, "Transaction.Begin")


@official("TC_J_09_CS", "Meter values come during a session at the set interval")
async def test_tc_j_09_cs_during_a_session(csms: Csms, station: Hand) -> None:
    await configure(csms, SampledDataCtrlr__TxUpdatedInterval=INTERVAL_S)
    session = Session(csms, station)
    await session.charging()
    await station.pass_time(3 * INTERVAL_S + 5)
    found = list(csms.untaken("TransactionEvent", triggerReason="MeterValuePeriodic", eventType="Updated"))
    assert len(found) == 3
    for value in values_of(found):
        await holds(csms, "SampledDataCtrlr.TxUpdatedMeasurands", value, "Sample.Periodic")
    steps(values_of(found))


async def _sampled_at_the_end(csms: Csms, ended: Came) -> None:
    contexts = [samples(value)[0].get("context") for value in ended["meterValue"]]
    assert contexts.count("Transaction.End") == 1
    periodic = [v for v in ended["meterValue"] if samples(v)[0].get("context") == "Sample.Periodic"]
    assert len(periodic) == 3
    for value in ended["meterValue"]:
        await holds(
            csms,
            "SampledDataCtrlr.TxEndedMeasurands",
            value,
            "Transaction.Begin",
            "Sample.Periodic",
            "Transaction.End",
        )
    steps(periodic)


@official("TC_J_10_CS", "The last event of a session holds the values sampled for it, and those of the end")
async def test_tc_j_10_cs_sampled_at_the_end(csms: Csms, station: Hand) -> None:
    await configure(csms, SampledDataCtrlr__TxEndedInterval=INTERVAL_S, AlignedDataCtrlr__TxEndedMeasurands="")
    await _sampled_at_the_end(csms, await _session(csms, station))


@official("TC_J_11_CS", "Sampled values are signed where that is set")
async def test_tc_j_11_cs_sampled_and_signed(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        SampledDataCtrlr__TxEndedInterval=INTERVAL_S,
        SampledDataCtrlr__SignReadings=True,
        SampledDataCtrlr__TxEndedMeasurands=ENERGY,
    )
    ended = await _session(csms, station)
    await _sampled_at_the_end(csms, ended)
    _signed(ended["meterValue"])
