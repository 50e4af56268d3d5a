"""Meter samples: normalised to SI units beside the raw value, and the sums drawn from them.

Rules of interop traps 31-35: a missing measurand is `Energy.Active.Import.Register`, a missing unit is Wh, kilo
units and multipliers are converted, what is not a number never becomes 0, and signed data is kept byte-exact and
never summed.
"""

import math
from collections.abc import Iterable

from msgspec import Struct

from voltherd.domain.station import DEFAULT_TENANT

ENERGY_REGISTER = "Energy.Active.Import.Register"
POWER_IMPORT = "Power.Active.Import"
STATE_OF_CHARGE = "SoC"
SINGLE_PHASES = frozenset({"L1", "L2", "L3", "L1-N", "L2-N", "L3-N"})
_NUMBERED_PHASE = {"L1": "L1", "L2": "L2", "L3": "L3", "L1-N": "L1", "L2-N": "L2", "L3-N": "L3"}

_UNITS: dict[str, tuple[str, float]] = {
    "": ("Wh", 1.0),
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


class Sample(Struct, kw_only=True, gc=False):
    """One sampled value: `value` in the SI unit `unit`, or None where the station sent no number."""

    at_ms: int
    measurand: str = ENERGY_REGISTER
    phase: str = ""
    location: str = ""
    context: str = "Sample.Periodic"
    value: float | None = None
    unit: str = "Wh"
    raw_value: str = ""
    raw_unit: str = ""
    signed_data: str | None = None


class MeterSample(Struct, kw_only=True, gc=False):
    """One sample as recorded (append-only; station first in the key)."""

    tenant_id: int = DEFAULT_TENANT
    station_id: int
    evse_no: int
    connector_no: int
    at_ms: int
    measurand: str
    phase: str
    location: str
    context: str
    received_ms: int
    transaction: int | None = None
    value: float | None
    unit: str
    raw_value: str
    raw_unit: str
    signed_data: str | None = None


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
    *,
    measurand: str = "",
    unit: str = "",
    multiplier: int = 0,
    phase: str = "",
    location: str = "",
    context: str = "",
    signed: bool = False,
    signed_data: str | None = None,
) -> Sample:
    """Normalise one sampled value of any version (`multiplier`: power of ten of 2.x; `signed`: 1.6 SignedData)."""
    measurand = measurand or ENERGY_REGISTER
    value = None if signed else read_number(raw_value)
    si_unit, factor = _si(measurand, unit)
    if value is not None:
        value = _scaled(value * factor, multiplier) if multiplier else value * factor
        if unit == "Fahrenheit" and value is not None:
            value = (value - 32.0) / 1.8
    return Sample(
        at_ms=at_ms,
        measurand=measurand,
        phase=phase,
        location=location or "Outlet",
        context=context or "Sample.Periodic",
        value=value,
        unit=si_unit,
        raw_value=raw_value,
        raw_unit=unit,
        signed_data=raw_value if signed else signed_data,
    )


def _scaled(value: float, power_of_ten: int) -> float | None:
    try:
        scaled = value * 10.0**power_of_ten
    except OverflowError:
        return None
    return scaled if math.isfinite(scaled) else None


def _si(measurand: str, unit: str) -> tuple[str, float]:
    if unit:
        known = _UNITS.get(unit)
        if known is not None:
            return known
        return ("Celsius", 1.0) if unit in ("Celcius", "Celsius", "Fahrenheit") else (unit, 1.0)
    return _DEFAULT_UNIT.get(measurand.split(".", 1)[0], "Wh"), 1.0


def total(samples: Iterable[Sample], measurand: str, *, location: str = "Outlet") -> float | None:
    """Give the newest total of a measurand over all phases at one location.

    A value without phase wins; else the phases that came with the same instant and context are summed. Values tagged
    `L1-N` count as `L1`; a lone L1 stands for itself (interop trap 32). None where there is no number.
    """
    newest_total: tuple[int, float] | None = None
    by_instant: dict[int, dict[str, float]] = {}
    for item in samples:
        if item.measurand != measurand or item.value is None or item.location != location:
            continue
        if item.phase in ("", "N") or item.phase not in SINGLE_PHASES:
            if not item.phase and (newest_total is None or item.at_ms >= newest_total[0]):
                newest_total = (item.at_ms, item.value)
        else:
            by_instant.setdefault(item.at_ms, {})[_NUMBERED_PHASE[item.phase]] = item.value
    if by_instant:
        at_ms = max(by_instant)
        if newest_total is None or at_ms > newest_total[0]:
            return sum(by_instant[at_ms].values())
    return newest_total[1] if newest_total else None


def energy_register_wh(samples: Iterable[Sample], context: str | None = None) -> float | None:
    """Give the newest reading of the import register in Wh, of one context or of any."""
    chosen = [s for s in samples if s.unit == "Wh" and (context is None or s.context == context)]
    return total(chosen, ENERGY_REGISTER)


def power_w(samples: Iterable[Sample]) -> float | None:
    """Give the newest active power in W, import counted positive and export negative."""
    samples = list(samples)
    imported = total(samples, POWER_IMPORT)
    exported = total(samples, "Power.Active.Export")
    if imported is None:
        return None if exported is None else -exported
    return imported - (exported or 0.0)


def soc_percent(samples: Iterable[Sample]) -> float | None:
    """Give the newest state of charge in percent, as the vehicle tells it."""
    for location in ("EV", "Outlet", "Cable", "Inlet", "Body"):
        found = total(samples, STATE_OF_CHARGE, location=location)
        if found is not None:
            return found
    return None
