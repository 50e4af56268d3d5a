"""The energy of a transaction, from registers as real stations tell them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltherd.domain.metering import by_instant, sample
from voltherd.domain.station import Station
from voltherd.domain.transaction import Transaction
from voltherd.services.metering import JUMPED_BACK, STEPPED_BACK, advance, begin, finish, follow
from voltherd.services.ports import StationSnapshot
from voltherd.services.state import StationState

HOUR_MS = 3_600_000


def state() -> StationState:
    return StationState(
        StationSnapshot(
            station=Station(id=1, identity="CS-1"),
            evses=[],
            connectors=[],
            transactions=[],
            replies=[],
            highest_transaction_number=0,
            open_commands=[],
        )
    )


def session(start_wh: float, *readings_wh: float, stop_wh: float | None = None) -> Transaction:
    """A session with a reading an hour."""
    found = Transaction(
        id=1,
        station_id=1,
        transaction_id="1",
        evse_no=1,
        connector_no=1,
        started_at_ms=0,
        started_received_ms=0,
    )
    begin(found, start_wh, 0)
    for hour, reading_wh in enumerate(readings_wh, 1):
        advance(state(), found, reading_wh, hour * HOUR_MS)
    finish(state(), found, stop_wh, (len(readings_wh) + 1) * HOUR_MS)
    return found


@given(st.integers(1, 199_999))
def test_trap_31_kwh_become_exactly_the_wh_they_are(wh: int) -> None:
    assert sample(0, f"{wh // 1000}.{wh % 1000:03d}", unit="kWh").value == wh


@pytest.mark.parametrize("rounded_wh", [100_510.0, 100_500.0, 100_508.0000001])
def test_trap_33_a_register_that_is_told_rounded_is_not_a_restarted_one(rounded_wh: float) -> None:
    found = session(100_000, rounded_wh, stop_wh=100_508)
    assert found.energy_wh == 508
    assert not found.flags


def test_trap_33_a_small_step_back_is_a_correction_and_flagged() -> None:
    found = session(0, 5_000, 4_930, stop_wh=6_000)
    assert found.energy_wh == 6_000
    assert found.flags == (STEPPED_BACK,)


def test_trap_33_a_restarted_register_is_counted_on_from_zero() -> None:
    found = session(1_000, 1_500, 200, 300, stop_wh=400)
    assert found.energy_wh == 900
    assert found.flags == (JUMPED_BACK,)


def test_trap_33_a_register_may_restart_twice() -> None:
    assert session(1_000, 1_500, 200, 700, 50, stop_wh=150).energy_wh == 500 + 700 + 150


def test_trap_33_readings_relative_to_the_session_do_not_add_up_with_the_register() -> None:
    assert session(1_234_560, 500, 2_500, 5_000, stop_wh=1_239_560).energy_wh == 5_000


def test_without_a_stop_reading_the_energy_is_what_was_read_last() -> None:
    found = session(1_000, 1_700, stop_wh=None)
    assert (found.energy_wh, found.meter_stop_wh) == (700, None)


@given(st.lists(st.integers(0, 20_000), max_size=20), st.integers(0, 10**9))
def test_a_register_that_only_grows_gives_the_difference(steps: list[int], start_wh: int) -> None:
    readings = [start_wh + sum(steps[: n + 1]) for n in range(len(steps))]
    stop_wh = readings[-1] if readings else start_wh
    assert session(start_wh, *readings, stop_wh=stop_wh).energy_wh == stop_wh - start_wh


def test_figures_older_than_the_newest_reading_are_not_live() -> None:
    found = session(1_000)
    advance(state(), found, 1_500, HOUR_MS)
    for at_ms, power in ((HOUR_MS, "7000"), (HOUR_MS - 300_000, "1000")):
        follow(found, by_instant([sample(at_ms, power, measurand="Power.Active.Import", unit="W")]))
    assert found.power_w == 7_000
