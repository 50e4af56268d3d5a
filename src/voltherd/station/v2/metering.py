"""MeterValues of 2.x, and readings in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.evse import Evse
from voltherd.station.metering import MeterValues
from voltherd.station.outbox import Outgoing
from voltherd.station.transaction import Sampled
from voltherd.station.v2.words import reports

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(MeterValues)
def meter_values(core: StationCore, report: MeterValues) -> Outgoing:
    """MeterValues outside of a transaction."""
    values = [meter_value(report.evse, one) for one in report.values]
    return Outgoing(action="MeterValues", request=v2.MeterValuesRequest(evse_id=report.evse.id, meter_value=values))


def meter_value(evse: Evse, sampled: Sampled) -> v2.MeterValueType:
    """One reading; energy in Wh, power in W."""
    context: Any = sampled.context

    def sample(value: float, measurand: Any, unit: str, phase: Any = UNSET) -> v2.SampledValueType:
        return v2.SampledValueType(
            value=value,
            context=context,
            measurand=measurand,
            phase=phase,
            location="Outlet",
            unit_of_measure=v2.UnitOfMeasureType(unit=unit),
        )

    reading = sampled.reading
    phases: list[Any] = [UNSET] if evse.config.is_dc else ["L1", "L2", "L3"]
    neutral: list[Any] = [UNSET] if evse.config.is_dc else ["L1-N", "L2-N", "L3-N"]
    samples = []
    for name in sampled.measurands:
        if name == "Energy.Active.Import.Register":
            samples.append(sample(round(reading.energy_import_wh), name, "Wh"))
        elif name == "Energy.Active.Export.Register":
            samples.append(sample(round(reading.energy_export_wh), name, "Wh"))
        elif name == "Power.Active.Import":
            samples.append(sample(round(max(reading.power_w, 0.0)), name, "W"))
        elif name == "Power.Active.Export":
            samples.append(sample(round(max(-reading.power_w, 0.0)), name, "W"))
        elif name == "Current.Import":
            samples += [sample(max(a, 0.0), name, "A", p) for a, p in zip(reading.currents_a, phases, strict=False)]
        elif name == "Voltage":
            samples += [sample(v, name, "V", p) for v, p in zip(reading.voltages_v, neutral, strict=False)]
        elif name == "SoC" and reading.soc_percent is not None:
            samples.append(sample(reading.soc_percent, name, "Percent"))
        elif name == "Frequency":
            samples.append(sample(reading.frequency_hz, name, "Hz"))
        elif name == "Temperature" and reading.temperature_c is not None:
            samples.append(sample(reading.temperature_c, name, "Celsius"))
        elif name == "Power.Offered":
            samples.append(sample(round(evse.offer.charge_limit_w), name, "W"))
        elif name == "Current.Offered":
            share = evse.offer.charge_limit_w / evse.config.max_power_w
            samples.append(sample(round(evse.config.max_current_a * share, 1), name, "A"))
    samples = samples or [sample(round(reading.energy_import_wh), "Energy.Active.Import.Register", "Wh")]
    return v2.MeterValueType(timestamp=sampled.at, sampled_value=samples)
