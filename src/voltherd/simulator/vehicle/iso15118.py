"""What a vehicle says by ISO 15118: its needs, and the charging it plans in answer to an offer."""

from __future__ import annotations

from typing import Final

from voltherd.simulator.vehicle.rating import EvseRating
from voltherd.simulator.vehicle.vehicle import Vehicle
from voltherd.station.hardware import ChargingNeeds, Offer

PLAN_STEPS: Final = 24
"""Most periods of a plan."""

DER_CONTROLS: Final = (
    "FreqDroop",
    "HFMustTrip",
    "LFMustTrip",
    "HVMustTrip",
    "LVMustTrip",
    "LimitMaxDischarge",
    "VoltVar",
)
"""What the inverter of a vehicle with AC_BPT_DER follows by itself."""

_RESOLUTION_S: Final = 300.0
_LONGEST_S: Final = 86_400.0


def needs(vehicle: Vehicle, rating: EvseRating, now: float) -> ChargingNeeds | None:
    """What it asks for; None if it or the EVSE does not speak ISO 15118."""
    modes = vehicle.modes(rating)
    if not modes:
        return None
    battery, model = vehicle.battery, vehicle.model
    departure_in_s = None if vehicle.departure_at is None else max(vehicle.departure_at - now, 0.0)
    wanted_wh = max(vehicle.target_soc * battery.capacity_wh - battery.energy_wh, 0.0) / vehicle.efficiency(rating)
    most_w = model.dc_curve.most if rating.is_dc and model.dc_curve is not None else model.ac_max_power_w
    back_w = vehicle.most_discharge_w(rating)
    volts = model.pack_voltage_v.most if rating.is_dc else rating.voltage_v
    follows_grid = "AC_BPT_DER" in modes
    return ChargingNeeds(
        mode=modes[0],
        other_modes=modes[1:],
        control=model.control,
        departure_in_s=departure_in_s,
        energy_wh=round(wanted_wh, 1),
        max_energy_wh=round((battery.capacity_wh - battery.energy_wh) / vehicle.efficiency(rating), 1),
        min_energy_wh=round(_least_wh(vehicle) / vehicle.efficiency(rating), 1),
        min_current_a=0.0 if rating.is_dc else model.ac_min_current_a,
        max_current_a=model.dc_max_current_a if rating.is_dc else model.ac_max_current_a,
        max_voltage_v=volts,
        max_power_w=most_w,
        min_power_w=0.0 if rating.is_dc else model.ac_min_current_a * rating.voltage_v,
        max_discharge_power_w=back_w or None,
        min_discharge_power_w=0.0 if back_w else None,
        max_discharge_current_a=_back_a(vehicle, rating, back_w),
        battery_wh=battery.capacity_wh,
        soc_percent=round(vehicle.soc * 100, 1),
        full_soc_percent=round(vehicle.target_soc * 100, 1),
        bulk_soc_percent=80.0 if rating.is_dc else None,
        der_controls=DER_CONTROLS if follows_grid else (),
        max_apparent_va=back_w if follows_grid else None,
        inverter=model.name if follows_grid else None,
    )


def _least_wh(vehicle: Vehicle) -> float:
    """Energy up to the state of charge below which its driver does not want it to stand."""
    battery = vehicle.battery
    return max((vehicle.floor_soc or 0.2) * battery.capacity_wh - battery.energy_wh, 0.0)


def _back_a(vehicle: Vehicle, rating: EvseRating, back_w: float) -> float | None:
    if not back_w:
        return None
    volts = vehicle.pack_v() if rating.is_dc else rating.voltage_v * min(rating.phases, vehicle.model.ac_phases)
    return round(back_w / volts, 1)


def plan(vehicle: Vehicle, rating: EvseRating, offer: Offer) -> tuple[tuple[float, float], ...]:
    """The charging it will do under an offer that stays: (seconds from now, watts), the last with 0 when it is full.

    It takes what it can as early as it can. Powers are rounded to 100 W; at most `PLAN_STEPS` periods.
    """
    twin, at_s = vehicle.copy(), 0.0
    periods: list[tuple[float, float]] = []
    while at_s < _LONGEST_S:
        power_w = twin.power_w(rating, offer)
        said_w = round(power_w, -2)
        if not periods or periods[-1][1] != said_w:
            periods.append((at_s, said_w))
        if power_w == 0.0:
            break
        left_s = _RESOLUTION_S
        while left_s > 0 and power_w != 0.0:
            step_s = min(left_s, twin.step_s(power_w))
            twin.live(step_s, power_w, rating)
            left_s -= step_s
            at_s += step_s
            power_w = twin.power_w(rating, offer)
    return _coarser(periods)


def _coarser(periods: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """No more than `PLAN_STEPS` periods: those in between that change least are joined to the one before."""
    kept = list(periods)
    while len(kept) > PLAN_STEPS:
        least = min(range(1, len(kept) - 1), key=lambda i: abs(kept[i][1] - kept[i - 1][1]))
        del kept[least]
    return tuple((round(at_s, 1), power_w) for at_s, power_w in kept)
