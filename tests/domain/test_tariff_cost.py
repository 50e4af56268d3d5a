from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltherd.domain.tariff_cost import Money, Prices, cost, money, wording
from voltherd.domain.tariff_vat import form_of

EUR = Prices("EUR", Decimal("0.35"), Decimal("0.01"), Decimal("1"), Decimal("19"))


def test_the_sum_is_rounded_once_at_the_end() -> None:
    found = cost(EUR, 10_000.0, 3_600_000)
    assert found.without_tax == Money(510, "EUR")
    assert found.total == Money(607, "EUR"), "6.069 with tax"
    assert found.total.amount == Decimal("6.07")


@pytest.mark.parametrize(("amount", "minor"), [("0.005", 1), ("0.0049", 0), ("1.015", 102), ("2.675", 268)])
def test_halves_go_up_where_binary_fractions_would_not(amount: str, minor: int) -> None:
    assert money(Decimal(amount), "EUR").minor == minor


def test_the_minor_unit_is_that_of_the_currency() -> None:
    assert cost(Prices("JPY", Decimal("30.5")), 1000.0, 0).total == Money(31, "JPY")
    assert cost(Prices("KWD", Decimal("0.0305")), 1000.0, 0).total.amount == Decimal("0.031")


@pytest.mark.parametrize("energy_wh", [None, 0.0, -5.0])
def test_c20_fr_03_without_energy_a_session_costs_nothing(energy_wh: float | None) -> None:
    assert cost(EUR, energy_wh, 3_600_000).total.minor == 0


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**8))
def test_more_energy_never_costs_less_and_tax_never_lowers(first: int, second: int, duration_ms: int) -> None:
    low, high = sorted((first / 10, second / 10))
    one, other = cost(EUR, low, duration_ms), cost(EUR, high, duration_ms)
    assert one.total.minor <= other.total.minor
    assert one.without_tax.minor <= one.total.minor


def test_a_tariff_is_told_with_tax_and_without_needless_digits() -> None:
    assert wording(EUR) == "0.4165 EUR/kWh + 0.0119 EUR/min + 1.19 EUR per session"
    assert wording(Prices("EUR", Decimal("0.30"))) == "0.30 EUR/kWh"
    assert wording(Prices("JPY", Decimal("30"))) == "30 JPY/kWh"
    assert wording(Prices("EUR")) == "free of charge"


@pytest.mark.parametrize(
    ("number", "form"),
    [
        ("DE123456789", "right"),
        ("de 123 456 789", "right"),
        ("NL004495445B01", "right"),
        ("GR094014201", "right"),
        ("ATU12345678", "right"),
        ("DE12345678", "wrong"),
        ("FR", "wrong"),
        ("US123456789", "unknown-country"),
        ("", "unknown-country"),
    ],
)
def test_c18_fr_09_the_form_of_a_vat_number_is_that_of_its_country(number: str, form: str) -> None:
    assert form_of(number) == form
