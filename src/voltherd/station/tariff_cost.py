"""What a transaction costs by a tariff of OCPP 2.1 (I12): pure reckoning, step by step as it goes on.

A tariff is read from its JSON. Within each dimension the first price whose conditions hold counts (I12.FR.34). Steps
end at whole minutes of local time at the latest, since that is where conditions on the time can change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from msgspec import Struct, field

ROUNDING: Final = 6
"""Digits of money after the point, as they are told."""

TypeOfCost = Literal["NormalCost", "MinCost", "MaxCost"]
Part = Literal["fixed", "energy", "chargingTime", "idleTime", "reservationTime", "reservationFixed"]


class TaxRate(Struct, rename="camel"):
    """A tax in percent; those of stack 1 are laid on the sum with those of stack 0, and so on."""

    type: str
    tax: float
    stack: int = 0


class Conditions(Struct, rename="camel"):
    """When a price counts: all that is given must hold. Energy in Wh, power in W, current in A, times in s."""

    start_time_of_day: str | None = None
    end_time_of_day: str | None = None
    day_of_week: tuple[str, ...] = ()
    valid_from_date: str | None = None
    valid_to_date: str | None = None
    evse_kind: str | None = None
    min_energy: float | None = None
    max_energy: float | None = None
    min_current: float | None = None
    max_current: float | None = None
    min_power: float | None = None
    max_power: float | None = None
    min_time: float | None = None
    max_time: float | None = None
    min_charging_time: float | None = None
    max_charging_time: float | None = None
    min_idle_time: float | None = None
    max_idle_time: float | None = None
    payment_brand: str | None = None
    payment_recognition: str | None = None


class PriceElement(Struct, rename="camel"):
    """A price per kWh, per minute, or once; one of them is given."""

    price_kwh: float | None = field(name="priceKwh", default=None)
    price_minute: float | None = None
    price_fixed: float | None = None
    conditions: Conditions | None = None

    @property
    def price(self) -> float:
        """Whichever is given."""
        return next((p for p in (self.price_kwh, self.price_minute, self.price_fixed) if p is not None), 0.0)


class Prices(Struct, rename="camel"):
    """The prices of one dimension, the first that applies counts; and the taxes on it."""

    prices: tuple[PriceElement, ...]
    tax_rates: tuple[TaxRate, ...] = ()


class Money(Struct, rename="camel"):
    """An amount without and with tax."""

    excl_tax: float | None = None
    incl_tax: float | None = None


class Tariff(Struct, rename="camel"):
    """A tariff as the CSMS sent it."""

    tariff_id: str
    currency: str
    valid_from: str | None = None
    energy: Prices | None = None
    charging_time: Prices | None = None
    idle_time: Prices | None = None
    fixed_fee: Prices | None = None
    reservation_time: Prices | None = None
    reservation_fixed: Prices | None = None
    min_cost: Money | None = None
    max_cost: Money | None = None

    def parts(self) -> list[tuple[Part, Prices]]:
        """What is charged for."""
        found: list[tuple[Part, Prices | None]] = [
            ("fixed", self.fixed_fee),
            ("energy", self.energy),
            ("chargingTime", self.charging_time),
            ("idleTime", self.idle_time),
            ("reservationTime", self.reservation_time),
            ("reservationFixed", self.reservation_fixed),
        ]
        return [(part, prices) for part, prices in found if prices is not None]


class Period(Struct, kw_only=True):
    """A time in which the same prices counted; `begins_at` as OCPP writes it."""

    begins_at: str
    tariff_id: str
    energy_wh: float = 0.0
    charging_s: float = 0.0
    idle_s: float = 0.0


class Now(Struct, frozen=True, kw_only=True):
    """What is known of a transaction at a moment; `local` is the time of day on the wall."""

    local: datetime
    text: str
    energy_wh: float
    power_w: float
    current_a: float
    is_charging: bool
    is_dc: bool


class Bill(Struct, kw_only=True):
    """The running bill of one transaction.

    Attributes:
        costs: without tax, by dimension.
        taxes: by dimension.
        used: which prices counted last, by dimension.
        frozen: the maximum is reached: usage counts on, costs do not (I12.FR.39, I12.FR.40).
    """

    tariff: Tariff
    begun: datetime
    last: Now
    first_wh: float
    charging_s: float = 0.0
    idle_s: float = 0.0
    reservation_s: float | None = None
    costs: dict[Part, float] = {}
    taxes: dict[Part, tuple[TaxRate, ...]] = {}
    used: tuple[tuple[Part, int], ...] = ()
    periods: list[Period] = []
    frozen: bool = False

    @property
    def energy_wh(self) -> float:
        """Charged so far."""
        return self.last.energy_wh - self.first_wh

    def change(self, tariff: Tariff) -> None:
        """Go on with another tariff; what was reckoned stays (I11.FR.08)."""
        self.tariff, self.used, self.frozen = tariff, (), False

    # Reckoning -------------------------------------------------------------------------------

    def begin(self, *, reservation_s: float | None) -> None:
        """Charge what is charged once (I12.FR.06, I12.FR.30)."""
        self.reservation_s = reservation_s
        self._once("fixed", self.tariff.fixed_fee, 1.0)
        if reservation_s is not None:
            self._once("reservationFixed", self.tariff.reservation_fixed, 1.0)
            self._once("reservationTime", self.tariff.reservation_time, reservation_s / 60)

    def _once(self, part: Part, prices: Prices | None, amount: float) -> None:
        if prices is None:
            return
        element = next((e for e in prices.prices if _holds(e.conditions, self, self.last)), None)
        if element is not None:
            self._add(part, prices, element.price * amount)

    def advance(self, now: Now) -> None:
        """Charge for the time since the last step."""
        for until in _steps(self.last, now):
            self._step(until)
        self.last = now

    def _step(self, until: Now) -> None:
        seconds = (until.local - self.last.local).total_seconds()
        energy_wh = until.energy_wh - self.last.energy_wh
        used = tuple(self._used())
        if used != self.used or not self.periods:
            self.used = used
            self.periods.append(Period(begins_at=self.last.text, tariff_id=self.tariff.tariff_id))
        period, charging = self.periods[-1], self.last.is_charging
        period.energy_wh += energy_wh
        if charging:
            self.charging_s += seconds
            period.charging_s += seconds
        else:
            self.idle_s += seconds
            period.idle_s += seconds
        amounts: dict[Part, float] = {
            "energy": energy_wh / 1000,
            "chargingTime": seconds / 60 if charging else 0.0,
            "idleTime": 0.0 if charging else seconds / 60,
        }
        dimensions = dict(self.tariff.parts())
        for part, number in used:
            self._add(part, dimensions[part], dimensions[part].prices[number].price * amounts[part])
        self.last = until

    def _used(self) -> Iterator[tuple[Part, int]]:
        for part, prices in self.tariff.parts():
            if part in ("energy", "chargingTime", "idleTime"):
                for number, element in enumerate(prices.prices):
                    if _holds(element.conditions, self, self.last):
                        yield part, number
                        break

    def _add(self, part: Part, prices: Prices, cost: float) -> None:
        if not self.frozen:
            self.costs = self.costs | {part: self.costs.get(part, 0.0) + cost}
            self.taxes = self.taxes | {part: prices.tax_rates}
            self.frozen = _reaches(self.sum(), self.tariff.max_cost)

    # Sums ------------------------------------------------------------------------------------

    def sum(self) -> Money:
        """The sum of all dimensions, without and with tax (I12.FR.17)."""
        without = sum(self.costs.values())
        taxed = sum(with_tax(cost, self.taxes.get(part, ())) for part, cost in self.costs.items())
        return Money(excl_tax=without, incl_tax=taxed)

    def total(self, *, ended: bool) -> tuple[TypeOfCost, Money]:
        """What it comes to, held between the least and the most that the tariff names (I12.FR.38, I12.FR.39)."""
        total = self.sum()
        most, least = self.tariff.max_cost, self.tariff.min_cost
        if self.frozen and most is not None:
            return "MaxCost", _bounded(total, most)
        if ended and least is not None and not _reaches(total, least):
            return "MinCost", _bounded(total, least)
        return "NormalCost", total


def with_tax(cost: float, rates: Sequence[TaxRate]) -> float:
    """A cost with its taxes, those of a higher stack on top of those below (I12.FR.13)."""
    for stack in sorted({rate.stack for rate in rates}):
        cost *= 1 + sum(rate.tax for rate in rates if rate.stack == stack) / 100
    return cost


def _bounded(total: Money, bound: Money) -> Money:
    return Money(
        excl_tax=total.excl_tax if bound.excl_tax is None else bound.excl_tax,
        incl_tax=total.incl_tax if bound.incl_tax is None else bound.incl_tax,
    )


def _reaches(total: Money, bound: Money | None) -> bool:
    if bound is None:
        return False
    return any(
        limit is not None and (value or 0.0) >= limit - 1e-9
        for value, limit in ((total.excl_tax, bound.excl_tax), (total.incl_tax, bound.incl_tax))
    )


def _steps(last: Now, now: Now) -> Iterator[Now]:
    """From minute to minute of the wall; what is between is taken as even."""
    whole_s = (now.local - last.local).total_seconds()
    if whole_s <= 0:
        return
    at = last.local.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while at < now.local:
        share = (at - last.local).total_seconds() / whole_s
        energy_wh = last.energy_wh + share * (now.energy_wh - last.energy_wh)
        text = at.isoformat(timespec="milliseconds")
        yield Now(
            local=at,
            text=text,
            energy_wh=energy_wh,
            power_w=last.power_w,
            current_a=last.current_a,
            is_charging=last.is_charging,
            is_dc=last.is_dc,
        )
        at += timedelta(minutes=1)
    yield now


def _holds(conditions: Conditions | None, bill: Bill, now: Now) -> bool:
    if conditions is None:
        return True
    time_s = (now.local - bill.begun).total_seconds()
    ranges = (
        (now.energy_wh - bill.first_wh, conditions.min_energy, conditions.max_energy),
        (now.power_w, conditions.min_power, conditions.max_power),
        (now.current_a, conditions.min_current, conditions.max_current),
        (time_s, conditions.min_time, conditions.max_time),
        (bill.charging_s, conditions.min_charging_time, conditions.max_charging_time),
        (bill.idle_s, conditions.min_idle_time, conditions.max_idle_time),
    )
    if not all((low is None or value >= low) and (high is None or value < high) for value, low, high in ranges):
        return False
    if conditions.payment_brand is not None or conditions.payment_recognition is not None:
        return False
    kind = "DC" if now.is_dc else "AC"
    return conditions.evse_kind in (None, kind) and _is_in_time(conditions, now.local)


def _is_in_time(conditions: Conditions, local: datetime) -> bool:
    day, clock = local.date().isoformat(), f"{local:%H:%M}"
    if conditions.day_of_week and f"{local:%A}" not in conditions.day_of_week:
        return False
    if conditions.valid_from_date is not None and day < conditions.valid_from_date:
        return False
    if conditions.valid_to_date is not None and day >= conditions.valid_to_date:
        return False
    start, end = conditions.start_time_of_day or "00:00", conditions.end_time_of_day or "00:00"
    if end <= start:
        return clock >= start or clock < end
    return start <= clock < end
