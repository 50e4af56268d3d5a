"""Combining what profiles of several purposes say at one instant. Pure functions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Final, NamedTuple

from voltherd.station.smart_charging.amounts import Amount, amount, convert, fields, lowest, minus, plus
from voltherd.station.smart_charging.profile import FOR_TRANSACTIONS, ChargingSchedulePeriod, RateUnit
from voltherd.station.smart_charging.track import Said, Situation

_FIRST_OF: Final = ("PriorityCharging", "TxProfile", "TxDefaultProfile")


class _Frame(NamedTuple):
    """The unit asked for, the phases that may be used (1 for DC), and the rest."""

    unit: RateUnit
    used: int
    situation: Situation


def combine(leads: Mapping[Hashable, Said], unit: RateUnit, situation: Situation) -> ChargingSchedulePeriod:
    """Give the period that the leading ones of each purpose come to, in a unit; amounts are floats."""
    own = next((leads[purpose] for purpose in _FIRST_OF if purpose in leads), None)
    caps = [said for key, said in leads.items() if key not in FOR_TRANSACTIONS and not _is_generation(key)]
    counting = caps if own is None else [own, *caps]
    numbers = [said.period.number_phases for said in counting if said.period.number_phases]
    frame = _Frame(unit, min([situation.phases, *numbers]) if situation.phases else 1, situation)
    limit = lowest([value for said in counting for value in _limits(said, frame)], unit)
    for said in (said for key, said in leads.items() if _is_generation(key)):
        more = lowest(_limits(said, frame), unit)
        if limit is not None and more is not None:
            limit = plus(limit, more, unit)
    result = ChargingSchedulePeriod(start_period=0)
    result.limit, result.limit_l2, result.limit_l3 = fields(_within_hardware(limit, frame))
    if numbers:
        result.number_phases = frame.used if situation.phases else min(numbers)
        result.phase_to_use = next((s.period.phase_to_use for s in counting if s.period.phase_to_use), None)
    _discharge(result, counting, frame)
    _follow(result, own, caps, frame)
    return result


def total(
    station: ChargingSchedulePeriod, evses: Sequence[ChargingSchedulePeriod], unit: RateUnit
) -> ChargingSchedulePeriod:
    """Give what all EVSEs may take together, and not more than the station may; all in one unit."""
    result = ChargingSchedulePeriod(start_period=0, number_phases=station.number_phases)
    taken = _sum([_limit_of(period) for period in evses], unit)
    limit = lowest([value for value in (_limit_of(station), taken) if value is not None], unit)
    result.limit, result.limit_l2, result.limit_l3 = fields(limit)
    given = _sum([_discharge_of(period) or 0.0 for period in evses], unit)
    if given is not None and any(_discharge_of(period) is not None for period in evses):
        back = lowest([minus(value) for value in (_discharge_of(station), given) if value is not None], unit)
        result.discharge_limit, result.discharge_limit_l2, result.discharge_limit_l3 = fields(_negative(back))
    kept = [value for period in (station, *evses) if (value := _setpoint_of(period)) is not None]
    kept = kept[:1] if _setpoint_of(station) is not None else kept
    result.setpoint, result.setpoint_l2, result.setpoint_l3 = fields(_sum(kept, unit) if kept else None)
    return result


def _is_generation(key: Hashable) -> bool:
    return isinstance(key, tuple) and key[0] == "LocalGeneration"


def _limit_of(period: ChargingSchedulePeriod) -> Amount | None:
    return amount(period.limit, period.limit_l2, period.limit_l3)


def _discharge_of(period: ChargingSchedulePeriod) -> Amount | None:
    return amount(period.discharge_limit, period.discharge_limit_l2, period.discharge_limit_l3)


def _setpoint_of(period: ChargingSchedulePeriod) -> Amount | None:
    return amount(period.setpoint, period.setpoint_l2, period.setpoint_l3)


def _reactive_of(period: ChargingSchedulePeriod) -> Amount | None:
    return amount(period.setpoint_reactive, period.setpoint_reactive_l2, period.setpoint_reactive_l3)


def _sum(values: Sequence[Amount | None], unit: RateUnit) -> Amount | None:
    """Add amounts; None where one of them is not limited, or there is none."""
    result: Amount | None = None
    for value in values:
        if value is None:
            return None
        result = value if result is None else plus(result, value, unit)
    return result


def _negative(value: Amount | None) -> Amount | None:
    return None if value is None else minus(value)


def _converted(value: Amount | None, said: Said, frame: _Frame) -> Amount | None:
    """Give an amount in the unit asked for (OCPP 2.x K01.FR.49 - FR.51)."""
    if value is None:
        return None
    hardware = frame.situation.phases
    meant = (said.period.number_phases or hardware) if hardware else 1
    of = said.schedule.charging_rate_unit
    return convert(value, of, frame.unit, frame.situation.voltage_v, (meant, frame.used))


def _limits(said: Said, frame: _Frame) -> list[Amount]:
    """Give what a period allows, and its schedule where the vehicle is full enough (OCPP 2.1 K01.FR.100)."""
    at_soc, soc = said.schedule.limit_at_soc, frame.situation.soc_percent
    cap = None if at_soc is None or soc is None or soc < at_soc.soc else at_soc.limit
    given = (_converted(_limit_of(said.period), said, frame), _converted(cap, said, frame))
    return [value for value in given if value is not None]


def _within_hardware(limit: Amount | None, frame: _Frame) -> Amount | None:
    most_w = frame.situation.most_w
    if most_w is None:
        return limit
    phases = frame.situation.phases or 1
    most = convert(most_w, "W", frame.unit, frame.situation.voltage_v, (phases, phases))
    return most if limit is None else lowest([limit, most], frame.unit)


def _discharge(result: ChargingSchedulePeriod, counting: Sequence[Said], frame: _Frame) -> None:
    """The discharge limit nearest to nothing holds (OCPP 2.1 SC.04)."""
    given = [minus(v) for said in counting if (v := _converted(_discharge_of(said.period), said, frame)) is not None]
    back = _negative(lowest(given, frame.unit))
    result.discharge_limit, result.discharge_limit_l2, result.discharge_limit_l3 = fields(back)


def _follow(result: ChargingSchedulePeriod, own: Said | None, caps: Sequence[Said], frame: _Frame) -> None:
    """Set what the vehicle is to follow: setpoints, modes, curves (OCPP 2.1 K08.FR.08, Q06.FR.20 - FR.22)."""
    external = next((said for said in caps if _is_external_setpoint(said)), None)
    kept = external if external is not None else own
    if own is not None:
        period = own.period
        result.operation_mode, result.evse_sleep = period.operation_mode, period.evse_sleep
        result.preconditioning_request, result.v2x_baseline = period.preconditioning_request, period.v2x_baseline
        result.v2x_freq_watt_curve = period.v2x_freq_watt_curve
        result.v2x_signal_watt_curve = period.v2x_signal_watt_curve
        if frame.situation.own_setpoint_first and _setpoint_of(period) is not None:
            kept = own
    if kept is None:
        return
    if kept is external:
        result.operation_mode = "ExternalSetpoint"
    setpoint = _within(_converted(_setpoint_of(kept.period), kept, frame), kept, result, frame)
    result.setpoint, result.setpoint_l2, result.setpoint_l3 = fields(setpoint)
    reactive = fields(_converted(_reactive_of(kept.period), kept, frame))
    result.setpoint_reactive, result.setpoint_reactive_l2, result.setpoint_reactive_l3 = reactive


def _is_external_setpoint(said: Said) -> bool:
    return said.period.operation_mode == "ExternalSetpoint" and _setpoint_of(said.period) is not None


def _is_charging(setpoint: Amount) -> bool:
    return sum(setpoint) >= 0 if isinstance(setpoint, tuple) else setpoint >= 0


def _within(setpoint: Amount | None, kept: Said, result: ChargingSchedulePeriod, frame: _Frame) -> Amount | None:
    """Keep a setpoint within the limits beside it (OCPP 2.1 V2X.03, V2X.04, K01.FR.100)."""
    if setpoint is None:
        return None
    if _is_charging(setpoint):
        limit, of_soc = _limit_of(result), _limits(kept, frame)
        return lowest([setpoint, *of_soc, *(() if limit is None else (limit,))], frame.unit)
    back = _discharge_of(result)
    return setpoint if back is None else _negative(lowest([minus(setpoint), minus(back)], frame.unit))
