"""OCPP 2.0.1, block J: meter values, sampled by the clock and by the session, signed or not."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.sessions import Session, monitored, reading, sampled
from conformance.station import Station, Tokens
from support.payloads import instant

official = partial(case, version="2.0.1")
CLOCK, PERIODIC, BEGIN, END = "Sample.Clock", "Sample.Periodic", "Transaction.Begin", "Transaction.End"
OCMF = 'OCMF|{"FV":"1.0","RD":[{"RV":1.5,"RU":"kWh"}]}|{"SD":"3045ü"}'


def signed(number: int) -> dict[str, Any]:
    """What a meter signed, told apart by a number."""
    return {
        "signedMeterData": f"{OCMF}{number}",
        "signingMethod": "ECDSA-secp256r1-SHA256",
        "encodingMethod": "OCMF",
        "publicKey": "" if number else "b2NhOmV4YW1wbGU=",
    }


async def charged(station: Station, tokens: Tokens) -> Session:
    """A session that takes energy."""
    session = Session(station, await tokens.make())
    await session.charging()
    return session


async def tell_the_clocks(station: Station, *evses: int) -> list[str]:
    """Report the meters of EVSEs (0: the station's own) by message and as a monitored value; gives the instants."""
    instants = []
    for evse in evses:
        value = reading(
            sampled(1500.0 + evse, CLOCK, location="Inlet" if evse == 0 else "Outlet"),
            sampled(7.2, CLOCK, measurand="Power.Active.Import", unitOfMeasure={"unit": "kW"}),
        )
        assert await station.call("MeterValues", {"evseId": evse, "meterValue": [value]}) == {}
        told = monitored("FiscalMetering", "EnergyActiveImport", "1500", evse=evse or None, trigger="Periodic")
        assert await station.call("NotifyEvent", told) == {}
        instants.append(value["timestamp"])
    return instants


async def kept(station: Station, instants: list[str]) -> None:
    """All of it is kept: the messages, and the values that the station's monitors told."""
    frames = [item["frame"] for item in await station.messages("MeterValues") if item["direction"] == "in"]
    assert len(frames) == len(instants)
    assert all(at in frame for at, frame in zip(instants, frames, strict=True))
    events = await station.api.items(f"/stations/{station.identity}/station-events", source="monitor")
    metered = [item for item in events if item["component"] == "FiscalMetering"]
    assert len(metered) == len(instants)
    assert {(item["trigger"], item["actual_value"]) for item in metered} == {("Periodic", "1500")}


@official("TC_J_01_CSMS", "Meters are told by the clock while nobody charges: all is kept, and no session appears")
async def test_tc_j_01_csms_clock_without_a_session(v201: Station) -> None:
    instants = []
    for _ in range(3):
        instants += await tell_the_clocks(v201, 0, 1, 2)
    await kept(v201, instants)
    assert await v201.transactions() == []


@official("TC_J_02_CSMS", "Meters are told by the clock while one EVSE charges: its values belong to the session")
async def test_tc_j_02_csms_clock_in_a_session(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    instants, told = [], []
    for step in range(3):
        instants += await tell_the_clocks(v201, 0, 2)
        value = reading(sampled(1000 + 500 * step, CLOCK))
        told.append((value["timestamp"][:19], 1000 + 500 * step))
        assert await session.send("MeterValueClock", meterValue=[value]) == {}
    await kept(v201, instants)
    assert [(item["timestamp"][:19], item["value"]) for item in await session.values()] == told
    assert {item["context"] for item in await session.values()} == {CLOCK}
    found = await session.shown()
    assert (found["energy_wh"], found["meter_start_wh"], found["meter_last_wh"]) == (1000, 1000, 2000)


async def ends_with(session: Session, context: str, *, sign: bool = False) -> None:
    """End with what was sampled on the way and at the end; the API shows every value, and their energy."""
    readings = []
    for step, at in enumerate([instant(), instant(), instant()]):
        more = {"signedMeterValue": signed(step)} if sign else {}
        readings.append(reading(sampled(1000 + 1500 * step, END if step == 2 else context, **more), at=at))
    await session.disconnected(meterValue=readings)
    values = await session.values()
    assert [(item["timestamp"][:19], item["value"], item["context"]) for item in values] == [
        (one["timestamp"][:19], one["sampledValue"][0]["value"], one["sampledValue"][0]["context"]) for one in readings
    ]
    found = await session.shown()
    assert (found["meter_start_wh"], found["meter_stop_wh"], found["energy_wh"]) == (1000, 4000, 3000)
    expected = [signed(step)["signedMeterData"] if sign else None for step in range(3)]
    assert [item["signed_data"] for item in values] == expected
    if sign:
        assert [item["signature"]["public_key"] for item in values] == [signed(step)["publicKey"] for step in range(3)]
        assert {item["signature"]["encoding_method"] for item in values} == {"OCMF"}


@official("TC_J_03_CSMS", "The end of a session brings the values that the clock sampled, and the last one")
async def test_tc_j_03_csms_clock_at_the_end(v201: Station, tokens: Tokens) -> None:
    await ends_with(await charged(v201, tokens), CLOCK)


@official("TC_J_04_CSMS", "Values that the clock sampled are signed: what the meter signed is kept byte for byte")
async def test_tc_j_04_csms_clock_signed(v201: Station, tokens: Tokens) -> None:
    await ends_with(await charged(v201, tokens), CLOCK, sign=True)


@official("TC_J_07_CSMS", "The start of a session on a known EVSE brings the meter's reading at its begin")
async def test_tc_j_07_csms_sampled_at_the_start(v201: Station) -> None:
    session = Session(v201)
    await session.connected(meterValue=[reading(sampled(1234.5, BEGIN))])
    assert await session.values() == await session.values(context=BEGIN, value=1234.5)
    found = await session.shown()
    assert (found["meter_start_wh"], found["meter_last_wh"], found["energy_wh"]) == (1234.5, 1234.5, 0)


@official("TC_J_08_CSMS", "The reading at the begin comes once the EVSE is known, with an event after the start")
async def test_tc_j_08_csms_sampled_when_the_evse_is_known(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.authorized()
    assert (await session.shown())["meter_start_wh"] is None
    await session.connected(meterValue=[reading(sampled(1234.5, BEGIN))])
    [kept_value] = await session.values()
    assert (kept_value["context"], kept_value["value"]) == (BEGIN, 1234.5)
    assert (await session.shown())["meter_start_wh"] == 1234.5
    await session.charging()
    assert (await session.shown())["energy_wh"] == 0


@official("TC_J_09_CSMS", "While a session runs, its meter is told again and again: values, power and energy are shown")
async def test_tc_j_09_csms_sampled_on_the_way(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    for step in range(3):
        power = sampled(7.2, measurand="Power.Active.Import", unitOfMeasure={"unit": "kW"})
        value = reading(sampled(1000 + 200 * step), power)
        assert await session.send("MeterValuePeriodic", meterValue=[value]) == {}
        found = await session.shown()
        assert (found["energy_wh"], found["power_w"]) == (200 * step, 7200)
    registers = await session.values(measurand="Energy.Active.Import.Register", context=PERIODIC)
    assert [item["value"] for item in registers] == [1000, 1200, 1400]
    powers = await session.values(measurand="Power.Active.Import")
    assert {(item["value"], item["unit"], item["raw_unit"]) for item in powers} == {(7200, "W", "kW")}
    assert (await v201.evse())["power_w"] == 7200


@official("TC_J_10_CSMS", "The end of a session brings the values that were sampled on the way, and the last one")
async def test_tc_j_10_csms_sampled_at_the_end(v201: Station, tokens: Tokens) -> None:
    await ends_with(await charged(v201, tokens), PERIODIC)


@official("TC_J_11_CSMS", "Values that were sampled on the way are signed: kept byte for byte, public key once")
async def test_tc_j_11_csms_sampled_signed(v201: Station, tokens: Tokens) -> None:
    await ends_with(await charged(v201, tokens), PERIODIC, sign=True)


@pytest.mark.parametrize(
    ("unit", "multiplier", "told", "value"), [("Wh", 3, 1.5, 1500), ("kWh", 0, 1.5, 1500), ("kWh", 1, 0.15, 1500)]
)
async def test_j02_units_and_multipliers_are_counted_and_the_raw_value_stays(
    v201: Station, tokens: Tokens, unit: str, multiplier: int, told: float, value: float
) -> None:
    session = await charged(v201, tokens)
    measure = {"unit": unit, "multiplier": multiplier}
    await session.send("MeterValuePeriodic", meterValue=[reading(sampled(told, unitOfMeasure=measure))])
    [found] = await session.values()
    assert (found["value"], found["unit"], found["raw_unit"]) == (value, "Wh", unit)
    assert float(found["raw"]) == told


async def test_j02_values_of_each_phase_are_kept_apart_and_summed_for_the_session(
    v201: Station, tokens: Tokens
) -> None:
    session = await charged(v201, tokens)
    powers = [sampled(1000.0 * n, measurand="Power.Active.Import", phase=f"L{n}") for n in (1, 2, 3)]
    await session.send("MeterValuePeriodic", meterValue=[reading(*powers)])
    found = await session.values(measurand="Power.Active.Import")
    assert sorted((item["phase"], item["value"]) for item in found) == [("L1", 1000), ("L2", 2000), ("L3", 3000)]
    assert (await session.shown())["power_w"] == 6000
