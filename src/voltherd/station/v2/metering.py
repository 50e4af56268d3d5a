"""MeterValues of 2.x, and readings in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.evse import Evse
from voltherd.station.measurands import ENERGY, ONLY_IN_16, Value, values_of
from voltherd.station.metering import MeterValues
from voltherd.station.ocmf import ENCODING_METHOD, signed_meter_data
from voltherd.station.outbox import Outgoing
from voltherd.station.transaction import Sampled, Signed
from voltherd.station.v2.words import reports

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(MeterValues)
def meter_values(core: StationCore, report: MeterValues) -> Outgoing:
    """MeterValues outside of a transaction; the main meter is EVSE 0."""
    evse = report.evse or core.evses[1]
    values = [meter_value(core, evse, one, "Inlet" if report.evse is None else "Outlet") for one in report.values]
    evse_id = 0 if report.evse is None else report.evse.id
    return Outgoing(action="MeterValues", request=v2.MeterValuesRequest(evse_id=evse_id, meter_value=values))


def meter_value(core: StationCore, evse: Evse, sampled: Sampled, location: Any = "Outlet") -> v2.MeterValueType:
    """One reading; energy in Wh, power in W."""
    told = (
        value for value in values_of(evse, sampled.reading, sampled.measurands) if value.measurand not in ONLY_IN_16
    )
    samples = [_sample(core, value, sampled, location) for value in told]
    samples = samples or [_sample(core, one, sampled, location) for one in values_of(evse, sampled.reading, (ENERGY,))]
    return v2.MeterValueType(timestamp=sampled.at, sampled_value=samples)


def _sample(core: StationCore, value: Value, sampled: Sampled, location: Any) -> v2.SampledValueType:
    context: Any = sampled.context
    measurand: Any = value.measurand
    phase: Any = value.phase or UNSET
    sample = v2.SampledValueType(
        value=value.value, context=context, measurand=measurand, phase=phase, location=location
    )
    if value.unit:
        sample.unit_of_measure = v2.UnitOfMeasureType(unit=value.unit)
    if sampled.signed is not None and value.measurand == ENERGY:
        sample.signed_meter_value = _signed(core, sampled.signed)
    return sample


def _signed(core: StationCore, signed: Signed) -> v2.SignedMeterValueType:
    """2.0.1 asks for the key's field even where the key is not told."""
    key = signed.public_key if signed.public_key is not None or core.is_v21 else ""
    return v2.SignedMeterValueType(
        signed_meter_data=signed_meter_data(signed.data),
        encoding_method=ENCODING_METHOD,
        signing_method="",  # OCMF names it, and the white paper on signed values wants it said once
        public_key=UNSET if key is None else key,
    )
