"""OCPP 1.6, profile Core: meter values, sampled and aligned to the clock."""

from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.v16_words import Session, configure

official = partial(case, version="1.6", block="Core")
INTERVAL_S = 60
ENERGY = "Energy.Active.Import.Register"
MEASURANDS = {ENERGY, "Power.Active.Import", "Current.Import", "Voltage"}


def measurands(value: dict[str, Any]) -> set[str]:
    """What a meter value holds."""
    return {sample.get("measurand", ENERGY) for sample in value["sampledValue"]}


def contexts(value: dict[str, Any]) -> set[str]:
    """Why its samples were taken."""
    return {sample.get("context", "Sample.Periodic") for sample in value["sampledValue"]}


def energy_wh(value: dict[str, Any]) -> float:
    """The register."""
    [sample] = [s for s in value["sampledValue"] if s.get("measurand", ENERGY) == ENERGY and "phase" not in s]
    return float(sample["value"]) * (1000 if sample.get("unit") == "kWh" else 1)


def _steps(values: list[dict[str, Any]]) -> None:
    times = [datetime.fromisoformat(value["timestamp"]) for value in values]
    for before, after in pairwise(times):
        assert abs((after - before).total_seconds() - INTERVAL_S) <= 2, (before, after)


def _values(messages: list[Came]) -> list[dict[str, Any]]:
    return [value for message in messages for value in message["meterValue"]]


def _of_stop(ended: Came, context: str) -> list[dict[str, Any]]:
    return [value for value in ended.get("transactionData", []) if contexts(value) == {context}]


@official("TC_070_CS", "Charging, it tells samples at the interval set, and at the end those that are wanted there")
async def test_tc_070_cs_sampled(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        MeterValueSampleInterval=INTERVAL_S,
        MeterValuesSampledData=",".join(sorted(MEASURANDS)),
        StopTxnSampledData=ENERGY,
        ClockAlignedDataInterval=0,
    )
    session = Session(csms, station)
    started = await session.charging()
    await station.pass_time(3 * INTERVAL_S + 5)
    found = list(csms.untaken("MeterValues", connectorId=1, transactionId=session.id))
    values = _values(found)
    assert len(values) == 3
    for value in values:
        assert measurands(value) == MEASURANDS
        assert contexts(value) == {"Sample.Periodic"}
    _steps(values)
    registers = [started["meterStart"], *(energy_wh(value) for value in values)]
    assert all(after > before for before, after in pairwise(registers)), registers
    phases = {s.get("phase") for s in values[0]["sampledValue"] if s.get("measurand") == "Current.Import"}
    assert phases == {"L1", "L2", "L3"}
    await csms.none("MeterValues", connectorId=2)
    ended = await session.done()
    at_the_end = _of_stop(ended, "Sample.Periodic")
    assert len(at_the_end) == 3
    assert all(measurands(value) == {ENERGY} for value in at_the_end)
    assert ended["meterStop"] >= registers[-1]


@official("TC_070_CS", "Nothing is sampled where that is switched off")
async def test_tc_070_cs_not_sampled(csms: Csms, station: Hand) -> None:
    await configure(
        csms, MeterValueSampleInterval=0, StopTxnSampledData="", StopTxnAlignedData="", ClockAlignedDataInterval=0
    )
    session = Session(csms, station)
    await session.charging()
    await station.pass_time(3 * INTERVAL_S)
    await csms.none("MeterValues")
    ended = await session.done()
    assert "transactionData" not in ended.payload


@official("TC_071_CS", "It tells readings at whole steps of the clock, and at the end those that are wanted there")
async def test_tc_071_cs_aligned(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        MeterValueSampleInterval=0,
        ClockAlignedDataInterval=INTERVAL_S,
        MeterValuesAlignedData=",".join(sorted(MEASURANDS)),
        StopTxnAlignedData=ENERGY,
        StopTxnSampledData="",
    )
    session = Session(csms, station)
    await session.charging()
    await station.pass_time(3 * INTERVAL_S + 5)
    found = list(csms.untaken("MeterValues", connectorId=1, transactionId=session.id))
    values = _values(found)
    assert len(values) in (3, 4)
    for value in values:
        assert measurands(value) == MEASURANDS
        assert contexts(value) == {"Sample.Clock"}
        assert datetime.fromisoformat(value["timestamp"]).second in (0, 1, 59), "not aligned to the clock"
    _steps(values)
    ended = await session.done()
    at_the_end = _of_stop(ended, "Sample.Clock")
    assert len(at_the_end) >= 3
    assert all(measurands(value) == {ENERGY} for value in at_the_end)
