"""Amounts of charging periods: one number, or one for each phase; amperes per phase, watts in total.

One number in amperes holds for each phase; one number in watts is the sum of all phases. Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.station.smart_charging.profile import RateUnit

Amount = float | tuple[float, float, float]


def amount(first: float | None, second: float | None, third: float | None) -> Amount | None:
    """Give the amount that up to three fields of a period say: without values for L2 and L3 the first is for all."""
    if second is None and third is None:
        return first
    return (first or 0.0, second or 0.0, third or 0.0)


def fields(value: Amount | None) -> tuple[float | None, float | None, float | None]:
    """Give an amount as the three fields of a period."""
    if isinstance(value, tuple):
        return value
    return value, None, None


def whole(value: Amount, unit: RateUnit) -> float:
    """Give one number for an amount: the highest phase in amperes, the sum in watts."""
    if not isinstance(value, tuple):
        return value
    return max(value) if unit == "A" else sum(value)


def lowest(values: Sequence[Amount], unit: RateUnit) -> Amount | None:
    """Give the most that stays below all of them on each phase and in total, None without any."""
    if not values:
        return None
    numbers = [value for value in values if not isinstance(value, tuple)]
    by_phase = [value for value in values if isinstance(value, tuple)]
    if not by_phase:
        return min(numbers)
    a, b, c = (min(column) for column in zip(*by_phase, strict=True))
    if not numbers:
        return (a, b, c)
    most = min(numbers)
    if unit == "A":
        return (min(a, most), min(b, most), min(c, most))
    if a + b + c <= most:
        return (a, b, c)
    factor = max(most, 0.0) / (a + b + c)
    return (a * factor, b * factor, c * factor)


def plus(one: Amount, other: Amount, unit: RateUnit) -> Amount:
    """Add two amounts; a total in watts is spread evenly where the other one is by phase."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return (one[0] + other[0], one[1] + other[1], one[2] + other[2])
    if not isinstance(one, tuple) and not isinstance(other, tuple):
        return one + other
    by_phase, number = (one, other) if isinstance(one, tuple) else (other, one)
    assert isinstance(by_phase, tuple)
    assert not isinstance(number, tuple)
    each = number if unit == "A" else number / 3
    return (by_phase[0] + each, by_phase[1] + each, by_phase[2] + each)


def minus(value: Amount) -> Amount:
    """Turn the sign."""
    return tuple(-x for x in value) if isinstance(value, tuple) else -value  # type: ignore[return-value]


def convert(value: Amount, of: RateUnit, unit: RateUnit, voltage_v: float, phases: tuple[int, int]) -> Amount:
    """Give an amount in another unit.

    `phases` are those the amount was meant for (OCPP 2.x K01.FR.50) and those that may be used; 1 for DC.
    """
    if of == unit:
        return value
    meant, used = phases
    if isinstance(value, tuple):
        factor = voltage_v if unit == "W" else 1 / voltage_v
        return (value[0] * factor, value[1] * factor, value[2] * factor)
    return value * voltage_v * used if unit == "W" else value / (voltage_v * meant)
