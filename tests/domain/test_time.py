import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltherd.domain.time import format_ms, parse_rfc3339, parse_timestamp, plausible_ms

NOON_MS = 1_795_348_800_000
NOON = "2026-11-22T12:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        NOON,
        "2026-11-22T12:00:00.000Z",
        "2026-11-22T12:00:00",
        "2026-11-22 12:00:00",
        "2026-11-22T14:00:00+02:00",
        "2026-11-22T14:00:00+0200",
        "2026-11-22T14:00:00+02",
        "2026-11-22T06:30:00-05:30",
        "2026-11-22T12:00Z",
        " 2026-11-22t12:00:00,0z ",
    ],
)
def test_trap_29_odd_shapes_name_the_instant_they_mean(text: str) -> None:
    assert parse_timestamp(text) == NOON_MS


@pytest.mark.parametrize(
    "text",
    ["", "now", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "12:00", "1", "2026-11-22", "9999-99-99T00:00:00Z"],
)
def test_trap_29_what_names_no_instant_is_none(text: str) -> None:
    assert parse_timestamp(text) is None


def test_a_leap_second_is_read() -> None:
    assert parse_timestamp("2016-12-31T23:59:60Z") == parse_timestamp("2016-12-31T23:59:59Z")


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2038-01-19T03:14:07Z"])
def test_trap_29_an_implausible_clock_gives_way_to_the_instant_of_receipt(text: str) -> None:
    assert plausible_ms(parse_timestamp(text), NOON_MS) == NOON_MS


def test_a_transaction_made_offline_last_month_keeps_its_instant() -> None:
    month_ago_ms = NOON_MS - 31 * 24 * 3600 * 1000
    assert plausible_ms(month_ago_ms, NOON_MS) == month_ago_ms


@given(st.integers(0, 4_102_444_800_000))
def test_what_is_written_is_read_back(epoch_ms: int) -> None:
    assert parse_timestamp(format_ms(epoch_ms)) == epoch_ms


@pytest.mark.parametrize("text", [NOON, "2026-11-22T14:00:00+02:00", "2026-11-22T12:00:00.000z"])
def test_rfc_3339_is_read(text: str) -> None:
    assert parse_rfc3339(text) == NOON_MS


@pytest.mark.parametrize("text", ["2026-11-22T12:00:00", "2026-11-22 12:00:00.5", "noon", ""])
def test_an_instant_without_a_zone_is_no_rfc_3339(text: str) -> None:
    assert parse_rfc3339(text) is None
