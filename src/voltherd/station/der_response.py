"""What DER controls make of an offer, at the frequency and voltage of the grid (OCPP 2.1 R01, R05; IEEE 1547). Pure.

Powers are positive to the vehicle, so that giving power to the grid is discharging.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import acos, copysign, tan
from typing import Any, Final, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from voltherd.station.der_control import DerControl, DerKind
from voltherd.station.hardware import NOTHING, Offer
from voltherd.station.v2x import interpolated

GridFault = Literal["OverFrequency", "UnderFrequency", "OverVoltage", "UnderVoltage", "LocalEmergency"]

_TRIPS: Final[tuple[tuple[DerKind, GridFault], ...]] = (
    ("HFMustTrip", "OverFrequency"),
    ("LFMustTrip", "UnderFrequency"),
    ("HVMustTrip", "OverVoltage"),
    ("LVMustTrip", "UnderVoltage"),
)


class Grid(Struct, frozen=True, kw_only=True):
    """What was measured, and what the inverter can.

    Attributes:
        voltage_percent: of the nominal voltage.
        power_w: what flows to the vehicle now.
        most_w: rated power, both ways.
    """

    at: float
    frequency_hz: float
    voltage_percent: float
    power_w: float
    most_w: float
    nominal_hz: float = 50.0


class Cause(NamedTuple):
    """Which control makes a station deviate, and what of the grid made it."""

    kind: DerKind
    fault: GridFault | None


class Trip(Struct):
    """Since when limits of trip curves are passed, by kind and point; and since when it is tripped."""

    since: dict[tuple[str, int], float] | None = None
    tripped: Cause | None = None
    healthy_since: float | None = None


class Response(Struct, frozen=True):
    """The offer under the controls, and why it is another one."""

    offer: Offer
    cause: Cause | None


def respond(offer: Offer, controls: Mapping[DerKind, DerControl], grid: Grid, trip: Trip) -> Response:
    """Give what may be offered under the controls in force; `trip` remembers from one look to the next."""
    tripped = _tripped(controls, grid, trip)
    if tripped is not None:
        return Response(NOTHING, tripped)
    limited, cause = _limited(offer, controls, grid)
    shift_w = _droop_w(controls.get("FreqDroop"), grid)
    if shift_w:
        limited = _shifted(limited, shift_w)
        cause = Cause("FreqDroop", "OverFrequency" if shift_w > 0 else "UnderFrequency")
    setpoint_w = limited.setpoint_w
    if setpoint_w is not None:
        setpoint_w = min(max(setpoint_w, -limited.discharge_limit_w), limited.charge_limit_w)
    changed = replace(limited, setpoint_w=setpoint_w)
    reactive_var = _reactive_var(controls, grid)
    told = replace(changed, setpoint_var=offer.setpoint_var if reactive_var is None else reactive_var)
    return Response(told, None if changed == offer else cause)


def _limited(offer: Offer, controls: Mapping[DerKind, DerControl], grid: Grid) -> tuple[Offer, Cause | None]:
    """Limit what may be given to the grid; the lowest ceiling is the cause."""
    back_w, cause = offer.discharge_limit_w, None
    for kind, percent, fault in _ceilings(controls, grid):
        ceiling_w = max(percent / 100 * grid.most_w, 0.0)
        if back_w > ceiling_w:
            back_w, cause = ceiling_w, Cause(kind, fault)
    return replace(offer, discharge_limit_w=back_w), cause


def _shifted(offer: Offer, shift_w: float) -> Offer:
    """Shift power towards the vehicle: its setpoint, or else the limit that stands against it."""
    if offer.setpoint_w is not None:
        return replace(offer, setpoint_w=offer.setpoint_w + shift_w)
    if shift_w > 0:
        return replace(offer, discharge_limit_w=max(offer.discharge_limit_w - shift_w, 0.0))
    return replace(offer, charge_limit_w=max(offer.charge_limit_w + shift_w, 0.0))


def _curve(one: DerControl) -> list[tuple[float, float]]:
    points: list[dict[str, Any]] = one.settings["curveData"]
    return sorted((point["x"], point["y"]) for point in points)


def _ceilings(controls: Mapping[DerKind, DerControl], grid: Grid) -> Iterator[tuple[DerKind, float, GridFault | None]]:
    """Give the most power to the grid in percent: by decree, and by curves of frequency and voltage."""
    limit = controls["LimitMaxDischarge"].settings if "LimitMaxDischarge" in controls else {}
    if "pctMaxDischargePower" in limit:
        yield "LimitMaxDischarge", limit["pctMaxDischargePower"], None
    if "FreqWatt" in controls:
        fault: GridFault = "OverFrequency" if grid.frequency_hz > grid.nominal_hz else "UnderFrequency"
        yield "FreqWatt", interpolated(_curve(controls["FreqWatt"]), grid.frequency_hz), fault
    if "VoltWatt" in controls:
        fault = "OverVoltage" if grid.voltage_percent > 100 else "UnderVoltage"
        yield "VoltWatt", interpolated(_curve(controls["VoltWatt"]), grid.voltage_percent), fault


def _droop_w(one: DerControl | None, grid: Grid) -> float:
    """Give by how much power is shifted towards the vehicle: droops are frequency per unit for all of the power."""
    if one is None:
        return 0.0
    over, under = one.settings["overFreq"], one.settings["underFreq"]
    if grid.frequency_hz > over and one.settings["overDroop"] > 0:
        return float((grid.frequency_hz - over) / grid.nominal_hz / one.settings["overDroop"] * grid.most_w)
    if grid.frequency_hz < under and one.settings["underDroop"] > 0:
        return float((grid.frequency_hz - under) / grid.nominal_hz / one.settings["underDroop"] * grid.most_w)
    return 0.0


def _reactive_var(controls: Mapping[DerKind, DerControl], grid: Grid) -> float | None:
    """Give the reactive power to keep: a fixed one, by power factor, or by a curve; in this order."""
    if "FixedVar" in controls:
        return float(controls["FixedVar"].settings["setpoint"]) / 100 * grid.most_w
    fixed = controls.get("FixedPFInject" if grid.power_w < 0 else "FixedPFAbsorb")
    if fixed is not None and grid.power_w:
        angle = acos(min(max(abs(fixed.settings["displacement"]), 0.01), 1.0))
        return copysign(abs(grid.power_w) * tan(angle), 1.0 if fixed.settings["excitation"] else -1.0)
    if "VoltVar" in controls:
        return interpolated(_curve(controls["VoltVar"]), grid.voltage_percent) / 100 * grid.most_w
    if "WattVar" in controls:
        return interpolated(_curve(controls["WattVar"]), -grid.power_w / grid.most_w * 100) / 100 * grid.most_w
    return None


# Trips -----------------------------------------------------------------------------------------


def _tripped(controls: Mapping[DerKind, DerControl], grid: Grid, trip: Trip) -> Cause | None:
    """Give why the inverter is to be off the grid: a limit was passed for too long, or it may not enter service yet."""
    for kind, fault in _TRIPS:
        if kind in controls and _is_passed(controls[kind], grid, trip):
            trip.tripped, trip.healthy_since = Cause(kind, fault), None
    if trip.tripped is None:
        return None
    if not _may_enter(controls.get("EnterService"), trip.tripped, controls, grid):
        trip.healthy_since = None
        return trip.tripped
    trip.healthy_since = grid.at if trip.healthy_since is None else trip.healthy_since
    delay_s = controls["EnterService"].settings.get("delay") or 0.0 if "EnterService" in controls else 0.0
    if grid.at - trip.healthy_since < delay_s:
        return trip.tripped
    trip.tripped = trip.healthy_since = None
    return None


def _is_passed(one: DerControl, grid: Grid, trip: Trip) -> bool:
    """Whether the value is beyond a point of the curve for longer than it says; x is Hz or percent, y seconds."""
    result = False
    for index, (limit, longest_s) in enumerate(_curve(one)):
        key = (one.kind, index)
        since = (trip.since or {}).get(key)
        if not _is_beyond(one.kind, limit, grid):
            if since is not None and trip.since is not None:
                del trip.since[key]
            continue
        if since is None:
            trip.since = trip.since or {}
            since = trip.since[key] = grid.at
        result = result or grid.at - since >= longest_s
    return result


def _is_beyond(kind: DerKind, limit: float, grid: Grid) -> bool:
    value = grid.frequency_hz if kind in ("HFMustTrip", "LFMustTrip") else grid.voltage_percent
    return value > limit if kind in ("HFMustTrip", "HVMustTrip") else value < limit


def _may_enter(service: DerControl | None, cause: Cause, controls: Mapping[DerKind, DerControl], grid: Grid) -> bool:
    """Whether the grid is sound enough to connect again."""
    if service is not None:
        s = service.settings
        return bool(
            s["lowFreq"] <= grid.frequency_hz <= s["highFreq"]
            and s["lowVoltage"] <= grid.voltage_percent <= s["highVoltage"]
        )
    curve = controls.get(cause.kind)
    return curve is None or not any(_is_beyond(cause.kind, limit, grid) for limit, _ in _curve(curve))
