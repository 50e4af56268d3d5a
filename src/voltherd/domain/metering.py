"""Meter samples: normalised to SI units beside the raw value, and the sums drawn from them.

Rules of interop traps 31-35: a missing measurand is `Energy.Active.Import.Register`, a missing unit is Wh, kilo
units and multipliers are converted, what is not a number never becomes 0, and signed data is kept byte-exact and
never summed.
"""

import math
from collections.abc import Iterable, Sequence

from msgspec import Struct

from voltherd.domain.station import DEFAULT_TENANT

ENERGY_REGISTER = "Energy.Active.Import.Register"
POWER_IMPORT = "Power.Active.Import"
POWER_EXPORT = "Power.Active.Export"
STATE_OF_CHARGE = "SoC"
_TOTALLED = frozenset({ENERGY_REGISTER, POWER_IMPORT, POWER_EXPORT, STATE_OF_CHARGE})
_NUMBERED_PHASE = {"L1": "L1", "L2": "L2", "L3": "L3", "L1-N": "L1", "L2-N": "L2", "L3-N": "L3"}

_UNITS: dict[str, tuple[str, float]] = {
    "Wh": ("Wh", 1.0),
    "kWh": ("Wh", 1000.0),
    "varh": ("varh", 1.0),
    "kvarh": ("varh", 1000.0),
    "VAh": ("VAh", 1.0),
    "kVAh": ("VAh", 1000.0),
    "W": ("W", 1.0),
    "kW": ("W", 1000.0),
    "VA": ("VA", 1.0),
    "kVA": ("VA", 1000.0),
    "var": ("var", 1.0),
    "kvar": ("var", 1000.0),
    "A": ("A", 1.0),
    "V": ("V", 1.0),
    "K": ("K", 1.0),
    "Percent": ("%", 1.0),
    "%": ("%", 1.0),
    "Hz": ("Hz", 1.0),
    "Hertz": ("Hz", 1.0),
}
_DEFAULT_UNIT = {
    "Current": "A",
    "Voltage": "V",
    "Power": "W",
    "SoC": "%",
    "Temperature": "Celsius",
    "Frequency": "Hz",
    "Energy": "Wh",
}
_UNIT_OF = {
    "Power.Factor": "",
    "Display.PresentSOC": "%",
    "Display.MinimumSOC": "%",
    "Display.TargetSOC": "%",
    "Display.MaximumSOC": "%",
    "Display.RemainingTimeToMinimumSOC": "s",
    "Display.RemainingTimeToTargetSOC": "s",
    "Display.RemainingTimeToMaximumSOC": "s",
    "Display.ChargingComplete": "",
    "Display.InletHot": "",
}
"""What is measured in another unit than others whose names begin alike; empty: in none."""


class MeterSample(Struct, gc=False):
    """One sampled value: `value` in the SI unit `unit`, or None where the station sent no number (append-only record).

    Whose it is (the fields from `tenant_id` on) is filled in when it is recorded.
    """

    at_ms: int
    measurand: str = ENERGY_REGISTER
    phase: str = ""
    location: str = "Outlet"
    context: str = "Sample.Periodic"
    value: float | None = None
    unit: str = "Wh"
    raw_value: str = ""
    raw_unit: str = ""
    signed_data: str | None = None
    tenant_id: int = DEFAULT_TENANT
    station_id: int = 0
    evse_no: int = 0
    connector_no: int = 0
    received_ms: int = 0
    transaction: int | None = None
    """`Transaction.id`."""
    signature: str | None = None
    """How `signed_data` is to be read: JSON of `signing_method`, `encoding_method`, `public_key` (2.x), as sent."""


def read_number(text: str) -> float | None:
    """Read a padded decimal, with a comma if need be; None for what is empty or no finite number."""
    try:
        value = float(text)
    except ValueError:
        try:
            value = float(text.strip().replace(",", "."))
        except ValueError:
            return None
    return value if math.isfinite(value) else None


def sample(
    at_ms: int,
    raw_value: str,
    measurand: str = "",
    unit: str = "",
    phase: str = "",
    location: str = "",
    context: str = "",
    signed: bool = False,
    signed_data: str | None = None,
    number: float | None = None,
    multiplier: int = 0,
) -> MeterSample:
    """Normalise one sampled value of any version.

    `multiplier` is the power of ten of 2.x, `signed` says that 1.6 sent SignedData, `number` is the value where it came
    as a number already.
    """
    measurand = measurand or ENERGY_REGISTER
    value = number if number is not None else None if signed else read_number(raw_value)
    si_unit, factor = _UNITS.get(unit) or _odd_unit(unit) if unit else _default_unit(measurand)
    if value is not None:
        if factor != 1.0:
            value = round(value * factor, 6)
        if multiplier:
            value = _scaled(value, multiplier)
        if unit == "Fahrenheit" and value is not None:
            value = (value - 32.0) / 1.8
    return MeterSample(
        at_ms,
        measurand,
        phase,
        location or "Outlet",
        context or "Sample.Periodic",
        value,
        si_unit,
        raw_value,
        unit,
        raw_value if signed else signed_data,
    )


def _scaled(value: float, power_of_ten: int) -> float | None:
    try:
        scaled = round(value * 10.0**power_of_ten, 9)
    except OverflowError:
        return None
    return scaled if math.isfinite(scaled) else None


def _odd_unit(unit: str) -> tuple[str, float]:
    return ("Celsius", 1.0) if unit in ("Celcius", "Celsius", "Fahrenheit") else (unit, 1.0)


def _default_unit(measurand: str) -> tuple[str, float]:
    unit = _UNIT_OF.get(measurand)
    return _DEFAULT_UNIT.get(measurand.split(".", 1)[0], "Wh") if unit is None else unit, 1.0


class Figures(Struct, gc=False):
    """What the samples of one instant come to; None where there is no number for it."""

    begin_wh: float | None = None
    """Import register at the begin of a transaction."""
    register_wh: float | None = None
    """Import register in any other context."""
    end_wh: float | None = None
    """Import register at the end of a transaction."""
    power_w: float | None = None
    """Active power; import counts positive, export negative."""
    soc_percent: float | None = None


def figures(samples: Iterable[MeterSample]) -> Figures:
    """Draw the figures from samples of one instant, in one pass.

    A value without phase is the total; else the values per phase are summed, `L1-N` counting as `L1`, and a lone L1
    stands for itself (interop trap 32).
    """
    found = Figures()
    phases: dict[tuple[str, str], dict[str, float]] | None = None
    for item in samples:
        value, measurand = item.value, item.measurand
        if value is None or measurand not in _TOTALLED:
            continue
        if measurand == STATE_OF_CHARGE:
            found.soc_percent = value
        elif item.location != "Outlet":
            continue
        elif not item.phase:
            _take(found, measurand, item.context, value)
        elif item.phase in _NUMBERED_PHASE:
            phases = {} if phases is None else phases
            phases.setdefault((measurand, item.context), {})[_NUMBERED_PHASE[item.phase]] = value
    if phases is not None:
        _take_phases(found, phases)
    return found


def _take(found: Figures, measurand: str, context: str, value: float) -> None:
    if measurand == ENERGY_REGISTER:
        if context == "Transaction.Begin":
            found.begin_wh = value
        else:
            found.register_wh = value
            if context == "Transaction.End":
                found.end_wh = value
    elif measurand == POWER_IMPORT:
        found.power_w = value + (found.power_w or 0.0)
    else:
        found.power_w = (found.power_w or 0.0) - value


def _take_phases(found: Figures, phases: dict[tuple[str, str], dict[str, float]]) -> None:
    """Sum phases where no total came with them."""
    totals = Figures()
    for (measurand, context), values in phases.items():
        _take(totals, measurand, context, sum(values.values()))
    for name in ("begin_wh", "register_wh", "end_wh", "power_w"):
        if getattr(found, name) is None:
            setattr(found, name, getattr(totals, name))


def by_instant(samples: Sequence[MeterSample]) -> list[tuple[int, Figures]]:
    """Give the figures of each instant, oldest first."""
    if not samples:
        return []
    first_ms = samples[0].at_ms
    for item in samples:
        if item.at_ms != first_ms:
            break
    else:
        return [(first_ms, figures(samples))]
    instants = sorted({item.at_ms for item in samples})
    return [(at_ms, figures(item for item in samples if item.at_ms == at_ms)) for at_ms in instants]
