"""MeterValues of 1.6, and readings in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.evse import Evse
from voltherd.station.measurands import ENERGY, Value, values_of
from voltherd.station.metering import MeterValues
from voltherd.station.outbox import Outgoing
from voltherd.station.transaction import Sampled
from voltherd.station.v16.words import number_of, reports

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_WITHOUT_WORD = ("Hz", "")
"""Units that 1.6 has no word for (its schema writes Hertz; the text has none)."""


@reports(MeterValues)
def meter_values(core: StationCore, report: MeterValues) -> Outgoing:
    """MeterValues on demand or by the clock; the main meter is connector 0."""
    evse = report.evse
    if evse is None:
        values = [meter_value(core.evses[1], one, "Inlet") for one in report.values]
        return Outgoing(action="MeterValues", request=v16.MeterValuesRequest(connector_id=0, meter_value=values))
    request = meter_values_request(core, evse, report.values)
    running = evse.transaction
    return Outgoing(action="MeterValues", request=request, transaction_id=None if running is None else running.id)


def meter_values_request(core: StationCore, evse: Evse, values: tuple[Sampled, ...]) -> v16.MeterValuesRequest:
    """The readings of one EVSE."""
    number = number_of(core, evse.id, evse.plugged or 1)
    return v16.MeterValuesRequest(connector_id=number, meter_value=[meter_value(evse, one) for one in values])


def meter_value(evse: Evse, sampled: Sampled, location: Any = "Outlet") -> v16.MeterValue:
    """One reading; energy in Wh, power in W."""
    return v16.MeterValue(timestamp=sampled.at, sampled_value=samples(evse, sampled, location))


def samples(evse: Evse, sampled: Sampled, location: Any = "Outlet") -> list[v16.SampledValue]:
    """The values of one reading."""
    found = [_sample(value, sampled, location) for value in values_of(evse, sampled.reading, sampled.measurands)]
    found = found or [_sample(value, sampled, location) for value in values_of(evse, sampled.reading, (ENERGY,))]
    if sampled.signed is not None:
        context: Any = sampled.context
        found.append(
            v16.SampledValue(
                value=sampled.signed.data,
                context=context,
                format="SignedData",
                measurand=ENERGY,
                location=location,
                unit="Wh",
            )
        )
    return found


def _sample(value: Value, sampled: Sampled, location: Any) -> v16.SampledValue:
    context: Any = sampled.context
    measurand: Any = value.measurand
    unit: Any = UNSET if value.unit in _WITHOUT_WORD else value.unit
    phase: Any = value.phase or UNSET
    number = value.value
    return v16.SampledValue(
        value=f"{number:g}" if isinstance(number, float) and abs(number) < 1e5 else str(round(number)),
        context=context,
        measurand=measurand,
        unit=unit,
        phase=phase,
        location=location,
    )
