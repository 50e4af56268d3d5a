"""The tariff that a 2.1 station calculates with: prices of energy, time and fixed fees, with conditions (I07, I11).

Fields are those of OCPP 2.1 in our spelling. Prices are without tax; energy is in Wh, power in W, current in A, time
in s; times of day and dates (`hh:mm`, `yyyy-mm-dd`) are local to the station, `valid_from` is an instant
(I07.FR.17, .18).
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Number = int | float
TariffId = Annotated[str, Meta(min_length=1, max_length=60)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class Said(Struct, kw_only=True, forbid_unknown_fields=True):
    """Base: what was left out stays out."""


class Text(Said, kw_only=True):
    """A text for drivers."""

    content: Annotated[str, Meta(max_length=1024)]
    format: Literal["ASCII", "HTML", "URI", "UTF8", "QRCODE"] = "UTF8"
    language: str | UnsetType = UNSET


class TaxRate(Said, kw_only=True):
    """A tax in percent; a higher `stack` is calculated on top of the lower ones."""

    type: Annotated[str, Meta(max_length=20)]
    tax: Number
    stack: int | UnsetType = UNSET


class Bound(Said, kw_only=True):
    """The least or most that a session comes to."""

    excl_tax: Number | UnsetType = UNSET
    incl_tax: Number | UnsetType = UNSET
    tax_rates: list[TaxRate] | UnsetType = UNSET


class FixedConditions(Said, kw_only=True):
    """When a fixed fee applies."""

    start_time_of_day: str | UnsetType = UNSET
    end_time_of_day: str | UnsetType = UNSET
    day_of_week: list[Day] | UnsetType = UNSET
    valid_from_date: str | UnsetType = UNSET
    valid_to_date: str | UnsetType = UNSET
    evse_kind: Literal["AC", "DC"] | UnsetType = UNSET
    payment_brand: str | UnsetType = UNSET
    payment_recognition: str | UnsetType = UNSET


class Conditions(Said, kw_only=True):
    """When a price of energy or time applies."""

    start_time_of_day: str | UnsetType = UNSET
    end_time_of_day: str | UnsetType = UNSET
    day_of_week: list[Day] | UnsetType = UNSET
    valid_from_date: str | UnsetType = UNSET
    valid_to_date: str | UnsetType = UNSET
    evse_kind: Literal["AC", "DC"] | UnsetType = UNSET
    min_energy: Number | UnsetType = UNSET
    max_energy: Number | UnsetType = UNSET
    min_current: Number | UnsetType = UNSET
    max_current: Number | UnsetType = UNSET
    min_power: Number | UnsetType = UNSET
    max_power: Number | UnsetType = UNSET
    min_time: int | UnsetType = UNSET
    max_time: int | UnsetType = UNSET
    min_charging_time: int | UnsetType = UNSET
    max_charging_time: int | UnsetType = UNSET
    min_idle_time: int | UnsetType = UNSET
    max_idle_time: int | UnsetType = UNSET


class EnergyPrice(Said, kw_only=True):
    """A price per kWh."""

    price_kwh: Number
    conditions: Conditions | UnsetType = UNSET


class EnergyPrices(Said, kw_only=True):
    """What energy costs; the first price whose conditions hold counts."""

    prices: Annotated[list[EnergyPrice], Meta(min_length=1)]
    tax_rates: list[TaxRate] | UnsetType = UNSET


class TimePrice(Said, kw_only=True):
    """A price per minute."""

    price_minute: Number
    conditions: Conditions | UnsetType = UNSET


class TimePrices(Said, kw_only=True):
    """What time costs; the first price whose conditions hold counts."""

    prices: Annotated[list[TimePrice], Meta(min_length=1)]
    tax_rates: list[TaxRate] | UnsetType = UNSET


class FixedPrice(Said, kw_only=True):
    """A price once per session or reservation."""

    price_fixed: Number
    conditions: FixedConditions | UnsetType = UNSET


class FixedPrices(Said, kw_only=True):
    """A fee; the first price whose conditions hold counts."""

    prices: Annotated[list[FixedPrice], Meta(min_length=1)]
    tax_rates: list[TaxRate] | UnsetType = UNSET


class Tariff(Said, kw_only=True):
    """A tariff as a 2.1 station calculates with it. Another content needs another `tariff_id` (I08.FR.08)."""

    tariff_id: TariffId
    currency: Currency
    description: Annotated[list[Text], Meta(min_length=1, max_length=10)] | UnsetType = UNSET
    valid_from: str | UnsetType = UNSET
    energy: EnergyPrices | UnsetType = UNSET
    charging_time: TimePrices | UnsetType = UNSET
    idle_time: TimePrices | UnsetType = UNSET
    fixed_fee: FixedPrices | UnsetType = UNSET
    reservation_time: TimePrices | UnsetType = UNSET
    reservation_fixed: FixedPrices | UnsetType = UNSET
    min_cost: Bound | UnsetType = UNSET
    max_cost: Bound | UnsetType = UNSET
