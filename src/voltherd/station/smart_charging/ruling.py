"""From the period that holds to what an EVSE offers: limits, minimum current, setpoints. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from voltherd.station.config import EvseConfig
from voltherd.station.hardware import Offer
from voltherd.station.smart_charging.amounts import amount, whole
from voltherd.station.smart_charging.profile import ChargingSchedulePeriod, OperationMode, RateUnit
from voltherd.station.smart_charging.sharing import Claim, share

LEAST_CURRENT_A: Final = 6.0
"""Below it nothing may be offered by the pilot signal (IEC 61851-1)."""

DC_VOLTAGE_V: Final = 400.0
"""What stands for the voltage of DC, where only amperes or watts are told."""

DISCHARGING: Final[frozenset[OperationMode]] = frozenset(
    (
        "CentralSetpoint",
        "ExternalSetpoint",
        "ExternalLimits",
        "CentralFrequency",
        "LocalFrequency",
        "LocalLoadBalancing",
    )
)
"""Modes in which a vehicle may give power (OCPP 2.1, Q 2.2)."""


class Ruling(Struct, frozen=True, gc=False):
    """What holds for one EVSE: what may be offered, the period that it follows from, whether others leave it less."""

    offer: Offer
    period: ChargingSchedulePeriod
    is_shared: bool = False


def voltage_v(config: EvseConfig) -> float:
    """Give the line voltage of an EVSE (AC), or what stands for that of DC."""
    return DC_VOLTAGE_V if config.is_dc else config.voltage_v


def phases_used(config: EvseConfig, period: ChargingSchedulePeriod) -> int:
    """Give how many phases may be used; 1 for DC."""
    if config.is_dc:
        return 1
    return min(config.phases, period.number_phases or config.phases)


def least_w(config: EvseConfig, period: ChargingSchedulePeriod) -> float:
    """Give the power below which an EVSE does not charge."""
    return 0.0 if config.is_dc else LEAST_CURRENT_A * config.voltage_v * phases_used(config, period)


def most_w(config: EvseConfig, period: ChargingSchedulePeriod) -> float:
    """Give what an EVSE may take by its own limits and hardware."""
    limit = amount(period.limit, period.limit_l2, period.limit_l3)
    hardware_w = config.max_power_w
    if not config.is_dc and config.phases:
        hardware_w *= phases_used(config, period) / config.phases
    return hardware_w if limit is None else max(0.0, min(hardware_w, whole(limit, "W")))


def rule(
    config: EvseConfig,
    period: ChargingSchedulePeriod,
    share_w: float | None,
    setpoint_w: float | None,
    *,
    may_discharge: bool,
) -> Ruling:
    """Give what an EVSE may offer under a period in watts, and its share of the station's limit, if that is limited.

    `setpoint_w` is what modes that follow the grid come to; else the period's own setpoint counts.
    """
    mode: OperationMode = period.operation_mode or "ChargingOnly"
    if mode == "Idle":
        return Ruling(Offer(), period)
    limit_w = most_w(config, period)
    is_shared = share_w is not None and share_w < limit_w
    if share_w is not None:
        limit_w = min(limit_w, share_w)
    if limit_w < least_w(config, period):
        limit_w = 0.0
    back_w, wanted_w = 0.0, None
    if mode in DISCHARGING:
        back_w = _back_w(config, period) if may_discharge else 0.0
        wanted_w = setpoint_w if setpoint_w is not None else _setpoint_w(period)
    if wanted_w is not None:
        wanted_w = min(max(wanted_w, -back_w), limit_w)
        if 0 < wanted_w < least_w(config, period):
            wanted_w = 0.0
    offer = Offer(
        charge_limit_w=limit_w,
        discharge_limit_w=back_w,
        setpoint_w=wanted_w,
        setpoint_var=_reactive_var(period),
        phases=period.number_phases if not config.is_dc else None,
        phase_limits_w=_phase_limits_w(config, period, limit_w),
    )
    return Ruling(offer, period, is_shared)


def narrowed(offer: Offer, ruling: Offer) -> Offer:
    """Give the smaller one of two offers; setpoints are those of the second."""
    charge_w = min(offer.charge_limit_w, ruling.charge_limit_w)
    back_w = ruling.discharge_limit_w
    setpoint_w = ruling.setpoint_w
    if setpoint_w is not None:
        setpoint_w = min(max(setpoint_w, -back_w), charge_w)
    return Offer(
        charge_limit_w=charge_w,
        discharge_limit_w=back_w,
        setpoint_w=setpoint_w,
        setpoint_var=ruling.setpoint_var,
        phases=ruling.phases if offer.phases is None else min(offer.phases, ruling.phases or offer.phases),
        phase_limits_w=ruling.phase_limits_w or offer.phase_limits_w,
    )


def shares(
    limit: float, unit: RateUnit, evses: Sequence[tuple[EvseConfig, ChargingSchedulePeriod, bool, int]]
) -> list[float]:
    """Share a limit of the station among EVSEs, in watts; each with its period, whether it wants power, its priority.

    One whose vehicle wants none keeps its least, so that it may go on. Amperes are taken to be those of one phase that
    all share.
    """
    claims, factors = [], []
    for config, period, wants, priority in evses:
        factor = 1.0 if unit == "W" else voltage_v(config) * phases_used(config, period)
        least, most = least_w(config, period), most_w(config, period)
        claims.append(Claim((most if wants else min(most, least)) / factor, least / factor, priority))
        factors.append(factor)
    return [given * factor for given, factor in zip(share(limit, claims), factors, strict=True)]


def spread(own: ChargingSchedulePeriod, station: ChargingSchedulePeriod, count: int) -> ChargingSchedulePeriod:
    """Give the period of an EVSE with its even part of what the station is to discharge, or to keep as setpoint.

    That is for external systems that control the station as a whole (OCPP 2.1 Q06.FR.30, Q06.FR.31).
    """
    back = amount(station.discharge_limit, station.discharge_limit_l2, station.discharge_limit_l3)
    wanted_w = _setpoint_w(station)
    if back is None and wanted_w is None:
        return own
    result = replace(own)
    if back is not None:
        given = amount(own.discharge_limit, own.discharge_limit_l2, own.discharge_limit_l3)
        result.discharge_limit = max(_sum(back) / count, -inf if given is None else _sum(given))
        result.discharge_limit_l2 = result.discharge_limit_l3 = None
    if wanted_w is not None:
        result.setpoint, result.setpoint_l2, result.setpoint_l3 = wanted_w / count, None, None
        result.operation_mode = "ExternalSetpoint"
    return result


def _back_w(config: EvseConfig, period: ChargingSchedulePeriod) -> float:
    given = amount(period.discharge_limit, period.discharge_limit_l2, period.discharge_limit_l3)
    return config.max_power_w if given is None else min(config.max_power_w, max(0.0, -_sum(given)))


def _setpoint_w(period: ChargingSchedulePeriod) -> float | None:
    given = amount(period.setpoint, period.setpoint_l2, period.setpoint_l3)
    return None if given is None else _sum(given)


def _reactive_var(period: ChargingSchedulePeriod) -> float | None:
    given = amount(period.setpoint_reactive, period.setpoint_reactive_l2, period.setpoint_reactive_l3)
    return None if given is None else _sum(given)


def _sum(given: float | tuple[float, float, float]) -> float:
    return sum(given) if isinstance(given, tuple) else given


def _phase_limits_w(
    config: EvseConfig, period: ChargingSchedulePeriod, limit_w: float
) -> tuple[float, float, float] | None:
    """Give the limit of each phase where they differ; a phase below the least current is not used."""
    given = amount(period.limit, period.limit_l2, period.limit_l3)
    if not isinstance(given, tuple) or config.phases != 3:
        return None
    scale = min(1.0, limit_w / sum(given)) if sum(given) > 0 else 0.0
    least = LEAST_CURRENT_A * config.voltage_v
    a, b, c = (value * scale if value * scale >= least else 0.0 for value in given)
    return (a, b, c)
