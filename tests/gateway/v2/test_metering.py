"""Meter values of 2.x: units that nobody told (block J)."""

import pytest

from gateway.v2.test_transactions import event, send
from support.desk import Desk, at
from voltherd.domain.metering import MeterSample
from voltherd.ocpp.version import OcppVersion


@pytest.mark.parametrize(
    ("measurand", "unit"),
    [
        ("Power.Active.Import", "W"),
        ("Power.Factor", ""),
        ("SoC", "%"),
        ("Energy.Active.Import.CableLoss", "Wh"),
        ("EnergyRequest.Target", "Wh"),
        ("Display.PresentSOC", "%"),
        ("Display.RemainingTimeToTargetSOC", "s"),
        ("Display.BatteryEnergyCapacity", "Wh"),
        ("Display.ChargingComplete", ""),
        ("Display.InletHot", ""),
    ],
)
@pytest.mark.parametrize("v2", [OcppVersion.V21], indirect=True)
async def test_j02_a_value_without_a_unit_has_that_of_its_measurand_or_none(
    v2: Desk, measurand: str, unit: str
) -> None:
    begin = event("Started", 0, evse={"id": 1})
    begin["meterValue"] = [{"timestamp": at(0), "sampledValue": [{"value": 1, "measurand": measurand}]}]
    await send(v2, begin)
    [found] = v2.recorded(MeterSample)
    assert (found.measurand, found.value, found.unit, found.raw_unit) == (measurand, 1.0, unit, "")
