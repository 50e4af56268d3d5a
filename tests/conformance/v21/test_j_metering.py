"""OCPP 2.1, block J: new measurands, a new location, signed values with what 2.1 leaves to the meter."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.sessions import Session, monitored, reading, sampled
from conformance.station import Station, Tokens

new = partial(case, version="2.1")
REGISTER = "Energy.Active.Import.Register"
NEW_MEASURANDS = {
    "A": ["Current.Export.Offered", "Current.Export.Minimum", "Current.Import.Offered", "Current.Import.Minimum"],
    "V": ["Voltage.Minimum", "Voltage.Maximum"],
    "W": [
        "Power.Active.Setpoint",
        "Power.Active.Residual",
        "Power.Export.Minimum",
        "Power.Export.Offered",
        "Power.Import.Offered",
        "Power.Import.Minimum",
    ],
    "var": ["Power.Reactive.Export", "Power.Reactive.Import"],
    "Wh": [
        "Display.BatteryEnergyCapacity",
        "Energy.Active.Import.CableLoss",
        "Energy.Active.Import.LocalGeneration.Register",
        "Energy.Active.Setpoint.Interval",
        "EnergyRequest.Target",
        "EnergyRequest.Minimum",
        "EnergyRequest.Maximum",
        "EnergyRequest.Minimum.V2X",
        "EnergyRequest.Maximum.V2X",
        "EnergyRequest.Bulk",
    ],
    "Percent": ["Display.PresentSOC", "Display.MinimumSOC", "Display.TargetSOC", "Display.MaximumSOC"],
    "s": [
        "Display.RemainingTimeToMinimumSOC",
        "Display.RemainingTimeToTargetSOC",
        "Display.RemainingTimeToMaximumSOC",
    ],
}


async def charged(station: Station, tokens: Tokens) -> Session:
    """A session that takes energy, with its register at the begin."""
    session = Session(station, await tokens.make())
    await session.authorized()
    await session.connected(meterValue=[reading(sampled(1000, "Transaction.Begin"))])
    await session.charging()
    return session


async def measured(session: Session, *values: dict[str, Any]) -> None:
    """Tell values of one instant."""
    assert await session.send("MeterValuePeriodic", meterValue=[reading(*values)]) == {}


@new("TC_J_02_1_V21", "Measurands that are new are shown with their values and units, and count as no other")
@pytest.mark.parametrize("unit", NEW_MEASURANDS)
async def test_tc_j_02_1_v21_new_measurands(v21: Station, tokens: Tokens, unit: str) -> None:
    session = await charged(v21, tokens)
    before = await session.shown()
    names = NEW_MEASURANDS[unit]
    values = [sampled(10.5 + n, measurand=name, unitOfMeasure={"unit": unit}) for n, name in enumerate(names)]
    await measured(session, *values)
    shown = [item for item in await session.values() if item["context"] == "Sample.Periodic"]
    si_unit = {"Percent": "%"}.get(unit, unit)
    assert {(item["measurand"], item["value"], item["unit"], item["raw_unit"]) for item in shown} == {
        (name, 10.5 + n, si_unit, unit) for n, name in enumerate(names)
    }
    after = await session.shown()
    same = ("energy_wh", "meter_last_wh", "power_w", "soc_percent")
    assert [after[name] for name in same] == [before[name] for name in same]


@new("TC_J_02_2_V21", "Measurands that tell yes or no, or have no unit, are shown without one made up for them")
@pytest.mark.parametrize("measurand", ["Display.ChargingComplete", "Display.InletHot", "Power.Factor"])
async def test_tc_j_02_2_v21_measurands_without_a_unit(v21: Station, tokens: Tokens, measurand: str) -> None:
    session = await charged(v21, tokens)
    await measured(session, sampled(1, measurand=measurand))
    [shown] = await session.values(measurand=measurand)
    assert (shown["value"], shown["unit"], shown["raw_unit"]) == (1, "", None)


@new("TC_J_02_3_V21", "What is measured upstream of the outlet is kept apart from what the session took")
async def test_tc_j_02_3_v21_upstream(v21: Station, tokens: Tokens) -> None:
    session = await charged(v21, tokens)
    power = {"measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "kW"}}
    await measured(
        session,
        sampled(1500, location="Outlet"),
        sampled(900_000, location="Upstream"),
        sampled(11, location="Outlet", **power),
        sampled(150, location="Upstream", **power),
    )
    found = await session.shown()
    assert (found["energy_wh"], found["power_w"]) == (500, 11_000)
    [upstream] = await session.values(location="Upstream", measurand=REGISTER)
    assert upstream["value"] == 900_000


@new("TC_J_02_4_V21", "Signed values need neither method nor key beside them, and may be long")
@pytest.mark.parametrize("length", [40, 32_768])
async def test_tc_j_02_4_v21_signed(v21: Station, tokens: Tokens, length: int) -> None:
    session = await charged(v21, tokens)
    data = ("OCMF|" + "ä0123456789" * 3000)[:length]
    signed = {"signedMeterData": data, "encodingMethod": "OCMF"}
    await session.disconnected(meterValue=[reading(sampled(6000, "Transaction.End", signedMeterValue=signed))])
    [value] = await session.values(context="Transaction.End")
    assert value["signed_data"] == data
    assert value["signature"] == {"encoding_method": "OCMF"}
    assert (await session.shown())["energy_wh"] == 5000


@new("TC_J_02_5_V21", "Power that goes into the grid is shown as negative, and the export register is not the import's")
async def test_tc_j_02_5_v21_export(v21: Station, tokens: Tokens) -> None:
    session = await charged(v21, tokens)
    await measured(
        session,
        sampled(1200),
        sampled(700, measurand="Energy.Active.Export.Register"),
        sampled(5, measurand="Power.Active.Export", unitOfMeasure={"unit": "kW"}),
    )
    found = await session.shown()
    assert (found["energy_wh"], found["power_w"]) == (200, -5000)
    [exported] = await session.values(measurand="Energy.Active.Export.Register")
    assert exported["value"] == 700


@new("TC_J_01_1_V21", "A meter upstream, and local generation, are told by the clock without a session, and kept")
async def test_tc_j_01_1_v21_without_a_session(v21: Station) -> None:
    value = reading(
        sampled(900_000, "Sample.Clock", location="Upstream"),
        sampled(100, "Sample.Clock", measurand="Energy.Active.Import.LocalGeneration.Register", location="Inlet"),
    )
    for evse in (0, 1):
        assert await v21.call("MeterValues", {"evseId": evse, "meterValue": [value]}) == {}
    kept = [item["frame"] for item in await v21.messages("MeterValues") if item["direction"] == "in"]
    assert len(kept) == 2
    assert all("LocalGeneration" in frame and "Upstream" in frame for frame in kept)
    told = monitored("FiscalMetering", "EnergyActiveImport", "900000", evse=None, trigger="Periodic")
    assert await v21.call("NotifyEvent", {**told, "eventData": [told["eventData"][0] | {"severity": 8}]}) == {}
    [shown] = await v21.api.items(f"/stations/{v21.identity}/station-events", source="monitor")
    assert (shown["component"], shown["actual_value"], shown["severity"]) == ("FiscalMetering", "900000", 8)
    assert await v21.transactions() == []
