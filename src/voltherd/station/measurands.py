"""What a meter can tell, in the words that both families share: one table of measurands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import hypot
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from voltherd.station.hardware import Reading

if TYPE_CHECKING:
    from voltherd.station.evse import Evse

ENERGY: Final = "Energy.Active.Import.Register"
_LINES: Final = ("L1", "L2", "L3")
_TO_NEUTRAL: Final = ("L1-N", "L2-N", "L3-N")


class Value(Struct, frozen=True, kw_only=True):
    """One value of a reading.

    Attributes:
        unit: in the word of 2.x; empty for none.
        phase: None for all of them, or where there are none.
    """

    measurand: str
    value: float
    unit: str
    phase: str | None = None


_Found = Iterable[tuple[str | None, float]]


def _one(value: float | None) -> _Found:
    return () if value is None else ((None, value),)


def _currents(evse: Evse, reading: Reading, sign: int) -> _Found:
    lines: tuple[str | None, ...] = (None,) if evse.config.is_dc else _LINES
    flows = reading.power_w * sign >= 0
    return [(line, amps if flows else 0.0) for line, amps in zip(lines, map(abs, reading.currents_a), strict=False)]


def _voltages(evse: Evse, reading: Reading) -> _Found:
    return zip((None,) if evse.config.is_dc else _TO_NEUTRAL, reading.voltages_v, strict=False)


def _power_factor(reading: Reading) -> float:
    apparent_va = hypot(reading.power_w, reading.reactive_power_var)
    return round(abs(reading.power_w) / apparent_va, 3) if apparent_va else 1.0


def _offered_a(evse: Evse) -> float:
    return round(evse.config.max_current_a * evse.offer.charge_limit_w / evse.config.max_power_w, 1)


def _residual_w(evse: Evse, reading: Reading) -> float:
    """By how much a vehicle takes, or gives, more than it is to (OCPP 2.1, Q 2.4)."""
    setpoint_w = evse.offer.setpoint_w
    if setpoint_w is None:
        return 0.0
    return abs(reading.power_w) if setpoint_w == 0 else (reading.power_w - setpoint_w) * (1 if setpoint_w > 0 else -1)


_Tell = Callable[["Evse", Reading], _Found]
_TABLE: Final[dict[str, tuple[str, _Tell]]] = {
    "Current.Export": ("A", lambda evse, reading: _currents(evse, reading, -1)),
    "Current.Import": ("A", lambda evse, reading: _currents(evse, reading, 1)),
    "Current.Offered": ("A", lambda evse, reading: _one(_offered_a(evse))),
    "Energy.Active.Export.Register": ("Wh", lambda evse, reading: _one(round(reading.energy_export_wh))),
    "Energy.Active.Import.Register": ("Wh", lambda evse, reading: _one(round(reading.energy_import_wh))),
    "Frequency": ("Hz", lambda evse, reading: () if evse.config.is_dc else _one(reading.frequency_hz)),
    "Power.Active.Export": ("W", lambda evse, reading: _one(round(max(-reading.power_w, 0.0)))),
    "Power.Active.Import": ("W", lambda evse, reading: _one(round(max(reading.power_w, 0.0)))),
    "Power.Factor": ("", lambda evse, reading: _one(_power_factor(reading))),
    "Power.Offered": ("W", lambda evse, reading: _one(round(evse.offer.charge_limit_w))),
    "Power.Reactive.Export": ("var", lambda evse, reading: _one(round(max(-reading.reactive_power_var, 0.0)))),
    "Power.Reactive.Import": ("var", lambda evse, reading: _one(round(max(reading.reactive_power_var, 0.0)))),
    "SoC": ("Percent", lambda evse, reading: _one(reading.soc_percent)),
    "Temperature": ("Celsius", lambda evse, reading: _one(reading.temperature_c)),
    "Voltage": ("V", _voltages),
    "Current.Import.Offered": ("A", lambda evse, reading: _one(_offered_a(evse))),
    "Power.Import.Offered": ("W", lambda evse, reading: _one(round(evse.offer.charge_limit_w))),
    "Power.Export.Offered": ("W", lambda evse, reading: _one(round(evse.offer.discharge_limit_w))),
    "Power.Active.Setpoint": ("W", lambda evse, reading: _one(evse.offer.setpoint_w)),
    "Power.Active.Residual": ("W", lambda evse, reading: _one(round(_residual_w(evse, reading)))),
}

MEASURANDS: Final = tuple(_TABLE)
ONLY_IN_16: Final = ("Temperature",)
SINCE_21: Final = (
    "Current.Import.Offered",
    "Power.Import.Offered",
    "Power.Export.Offered",
    "Power.Active.Setpoint",
    "Power.Active.Residual",
)


def values_of(evse: Evse, reading: Reading, measurands: Iterable[str]) -> Iterator[Value]:
    """What a reading says of some measurands; what the hardware does not know is left out."""
    for measurand in measurands:
        unit, tell = _TABLE.get(measurand, ("", None))
        if tell is not None:
            for phase, value in tell(evse, reading):
                yield Value(measurand=measurand, value=value, unit=unit, phase=phase)
