"""What a session costs by a flat price: exact decimals in, whole minor units of the currency out.

Binary fractions appear only where a record or a message is written, never in between.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

_EXPONENTS: Final = {
    **dict.fromkeys(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX"], 0),
    **dict.fromkeys(["UYI", "VND", "VUV", "XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
"""Decimal places of currencies (ISO 4217) that have not two."""
_WH_PER_KWH: Final = Decimal(1000)
_MS_PER_MINUTE: Final = Decimal(60_000)
_ONE: Final = Decimal(1)
_HUNDRED: Final = Decimal(100)


class Prices(NamedTuple):
    """A flat tariff; prices are without tax."""

    currency: str
    energy_per_kwh: Decimal = Decimal(0)
    per_minute: Decimal = Decimal(0)
    per_session: Decimal = Decimal(0)
    tax_percent: Decimal = Decimal(0)

    def with_tax(self, price: Decimal) -> Decimal:
        """Give a price with tax."""
        return price * (_ONE + self.tax_percent / _HUNDRED)


class Money(NamedTuple):
    """An amount in whole minor units of its currency."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The amount in the currency's own unit, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))


class Cost(NamedTuple):
    """What a session comes to."""

    total: Money
    """With tax; what drivers are told."""
    without_tax: Money


def exponent(currency: str) -> int:
    """Give the decimal places of a currency (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def money(amount: Decimal, currency: str) -> Money:
    """Round an amount to the currency's minor unit, halves away from zero."""
    minor = amount.scaleb(exponent(currency)).quantize(_ONE, rounding=ROUND_HALF_UP)
    return Money(int(minor), currency)


def cost(prices: Prices, energy_wh: float | None, duration_ms: int) -> Cost:
    """Give the cost of a session; without energy delivered it costs nothing (OCPP 2.1 C20.FR.03).

    The sum is rounded once, at the end. An unknown energy (None) counts as none.
    """
    energy = Decimal(0) if energy_wh is None else Decimal(repr(energy_wh))
    if energy <= 0:
        return Cost(Money(0, prices.currency), Money(0, prices.currency))
    minutes = Decimal(max(0, duration_ms)) / _MS_PER_MINUTE
    exact = energy / _WH_PER_KWH * prices.energy_per_kwh + minutes * prices.per_minute + prices.per_session
    return Cost(money(prices.with_tax(exact), prices.currency), money(exact, prices.currency))


def wording(prices: Prices) -> str:
    """Say a tariff in words for a display, prices with tax."""
    named = (("/kWh", prices.energy_per_kwh), ("/min", prices.per_minute), (" per session", prices.per_session))
    currency = prices.currency
    said = [f"{_plain(prices.with_tax(price), currency)} {currency}{per}" for per, price in named if price]
    return " + ".join(said) or "free of charge"


def _plain(price: Decimal, currency: str) -> str:
    places = exponent(currency)
    text = f"{price.quantize(Decimal(1).scaleb(-4), rounding=ROUND_HALF_UP):f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    return f"{whole}.{fraction}" if fraction else whole
