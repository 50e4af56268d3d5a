"""MeterValues of 1.6, and readings in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.evse import Evse
from voltherd.station.metering import MeterValues
from voltherd.station.outbox import Outgoing
from voltherd.station.transaction import Sampled
from voltherd.station.v16.words import number_of, reports

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(MeterValues)
def meter_values(core: StationCore, report: MeterValues) -> Outgoing:
    """MeterValues outside of a transaction."""
    request = meter_values_request(core, report.evse, report.values)
    running = report.evse.transaction
    return Outgoing(action="MeterValues", request=request, transaction_id=None if running is None else running.id)


def meter_values_request(core: StationCore, evse: Evse, values: tuple[Sampled, ...]) -> v16.MeterValuesRequest:
    """The readings of one EVSE."""
    number = number_of(core, evse.id, evse.plugged or 1)
    return v16.MeterValuesRequest(connector_id=number, meter_value=[meter_value(evse, one) for one in values])


def meter_value(evse: Evse, sampled: Sampled) -> v16.MeterValue:
    """One reading; energy in Wh, power in W."""
    context: Any = sampled.context

    def sample(value: float, measurand: Any, unit: Any, phase: Any = UNSET) -> v16.SampledValue:
        return v16.SampledValue(
            value=f"{value:g}" if isinstance(value, float) and abs(value) < 1e5 else str(round(value)),
            context=context,
            measurand=measurand,
            unit=unit,
            phase=phase,
            location="Outlet",
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
            samples.append(sample(reading.frequency_hz, name, UNSET))
        elif name == "Temperature" and reading.temperature_c is not None:
            samples.append(sample(reading.temperature_c, name, "Celsius"))
        elif name == "Power.Offered":
            samples.append(sample(round(evse.offer.charge_limit_w), name, "W"))
        elif name == "Current.Offered":
            share = evse.offer.charge_limit_w / evse.config.max_power_w
            samples.append(sample(round(evse.config.max_current_a * share, 1), name, "A"))
    samples = samples or [sample(round(reading.energy_import_wh), "Energy.Active.Import.Register", "Wh")]
    return v16.MeterValue(timestamp=sampled.at, sampled_value=samples)
