"""Composite schedules, against a slow reference and requirement by requirement."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import isclose
from random import Random
from zoneinfo import ZoneInfo

import pytest

from support.composite_reference import limit_at
from voltherd.station.smart_charging.composite import composite, composite_of_station
from voltherd.station.smart_charging.profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    LimitAtSoC,
    Placed,
    applies,
)
from voltherd.station.smart_charging.track import Situation

DAY = 86_400
T0 = datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp()
SUMMER_TIME = datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()
WINTER_TIME = datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PURPOSES = (
    "TxProfile",
    "TxDefaultProfile",
    "TxDefaultProfile",
    "PriorityCharging",
    "ChargingStationMaxProfile",
    "ChargingStationExternalConstraints",
    "LocalGeneration",
)


def text(at):
    return datetime.fromtimestamp(at, UTC).isoformat()


def placed(
    *periods, purpose="TxDefaultProfile", kind="Absolute", level=0, evse=1, unit="A", start=T0, delays=(), **more
):
    """A profile; `periods` are (start, limit) or keyword dictionaries, the rest goes to schedule or profile."""
    of_schedule = {key: more.pop(key) for key in list(more) if key in ChargingSchedule.__struct_fields__}
    made = [p if isinstance(p, dict) else {"start_period": p[0], "limit": p[1]} for p in periods]
    schedule = ChargingSchedule(
        id=1,
        charging_rate_unit=unit,
        charging_schedule_period=[ChargingSchedulePeriod(**p) for p in made],
        start_schedule=text(start) if kind in ("Absolute", "Recurring") else None,
        **of_schedule,
    )
    profile = ChargingProfile(
        id=1,
        stack_level=level,
        charging_profile_purpose=purpose,
        charging_profile_kind=kind,
        charging_schedule=[schedule],
        **more,
    )
    return Placed(profile=profile, evse_id=evse, delays_s=tuple(delays))


def limits(found):
    return [(period.start_period, period.limit) for period in found]


def of(*profiles, start=T0, duration=3600, unit="A", **situation):
    return limits(composite(profiles, start, duration, unit, Situation(**situation)))


# Against the reference -------------------------------------------------------------------------


def random_period(r, start_period, unit):
    scale = 1 if unit == "A" else 690
    period = {"start_period": start_period, "limit": r.randrange(0, 33) * scale}
    if r.random() < 0.1:
        period |= {"limit_l2": r.randrange(0, 33) * scale / 3, "limit_l3": r.randrange(0, 33) * scale / 3}
    elif r.random() < 0.3:
        period["number_phases"] = r.choice((1, 2, 3))
    elif r.random() < 0.05:
        period["limit"] = None
    return period


def random_placed(r, start, length):
    """A profile whose edges are likely to fall into the window."""
    purpose, kind, unit = r.choice(PURPOSES), r.choice(("Absolute", "Recurring", "Relative", "Dynamic")), r.choice("AW")
    near = lambda: start + r.randrange(-length, length)  # noqa: E731
    count = 1 if kind == "Dynamic" else r.randrange(1, 6)
    recurrency = r.choice(("Daily", "Weekly")) if kind == "Recurring" else None
    begin, starts = near(), [0, *sorted(r.sample(range(1, 2 * length), count - 1))]
    more = {"recurrency_kind": recurrency, "transaction_id": "t" if purpose == "TxProfile" else None}
    if recurrency is not None and r.random() < 0.7:
        every = DAY if recurrency == "Daily" else 7 * DAY
        begin -= every * r.randrange(0, 3)
        starts = [s if r.random() < 0.5 or not s else every - s for s in starts]
        starts = sorted(set(starts))
    if r.random() < 0.4:
        more["duration"] = r.choice((r.randrange(1, 2 * length), starts[-1] + r.randrange(1, length), DAY + 10))
    if r.random() < 0.2:
        more["valid_from"] = text(near())
    if r.random() < 0.2:
        more["valid_to"] = text(near())
    if r.random() < 0.1:
        more["max_offline_duration"] = r.randrange(0, length)
    if r.random() < 0.1:
        more["limit_at_soc"] = LimitAtSoC(soc=r.randrange(0, 100), limit=r.randrange(0, 16))
    if kind in ("Absolute", "Recurring") and r.random() < 0.15:
        more["use_local_time"] = True
        begin += datetime.fromtimestamp(start, AMSTERDAM).utcoffset().total_seconds()
    if kind == "Dynamic":
        more["dyn_update_time"] = text(start - r.randrange(0, length))
    evse = 0 if purpose == "ChargingStationMaxProfile" else 1 if purpose == "TxProfile" else r.randrange(2)
    return placed(
        *(random_period(r, s, unit) for s in starts),
        purpose=purpose,
        kind=kind,
        unit=unit,
        level=r.randrange(4),
        evse=evse,
        start=begin,
        delays=[0, *(r.randrange(0, 30) for _ in starts[1:])] if r.random() < 0.15 else (),
        **more,
    )


def random_situation(r, start, length):
    return Situation(
        begin=None if r.random() < 0.3 else start - r.randrange(0, length),
        priority=r.random() < 0.5,
        phases=r.choice((3, 3, 3, 1, 0)),
        voltage_v=r.choice((230.0, 230.0, 120.0)),
        soc_percent=r.choice((None, 20, 80)),
        offline_since=None if r.random() < 0.7 else start - r.randrange(0, length),
        zone=AMSTERDAM,
        most_w=None if r.random() < 0.7 else r.choice((3680.0, 7360.0, 11040.0, 22080.0)),
    )


def random_stack(r, start, length):
    """Profiles as a station may hold them: no two of a level and purpose say something at once (K01.FR.06)."""
    found = {}
    for _ in range(r.randrange(1, 8)):
        one = random_placed(r, start, length)
        found[one.profile.charging_profile_purpose, one.profile.stack_level, one.evse_id] = one
    return list(found.values())


def same(ours, expected):
    if isinstance(ours, list) and isinstance(expected, list):
        return all(isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(ours, expected, strict=True))
    if ours is None or expected is None or isinstance(ours, list) or isinstance(expected, list):
        return ours is expected
    return isclose(ours, expected, rel_tol=1e-9, abs_tol=1e-9)


def value(period):
    return period.limit if period.limit_l2 is None else [period.limit, period.limit_l2, period.limit_l3]


def at_second(found, second):
    return value(next(period for period in reversed(found) if period.start_period <= second))


def check(profiles, start, seconds, unit, situation, which):
    found = composite(profiles, start, seconds, unit, situation)
    assert found[0].start_period == 0
    assert all(a.start_period < b.start_period < seconds for a, b in pairwise(found))
    for second in which:
        expected = limit_at(profiles, start + second, start, unit, situation)
        assert same(at_second(found, second), expected), (second, found, profiles, situation)
    return found


@pytest.mark.parametrize("batch", range(10))
def test_ten_thousand_random_stacks_are_equal_to_the_second_to_a_slow_reference(batch):
    said = 0
    for seed in range(batch * 1000, batch * 1000 + 1000):
        r = Random(seed)
        length = r.choice((20, 60, 120, 300))
        start = r.choice((T0, T0, SUMMER_TIME - 30, WINTER_TIME - 30))
        profiles = random_stack(r, start, length)
        found = check(profiles, start, length, r.choice("AW"), random_situation(r, start, length), range(length))
        said += len(found) > 2
    assert said > 200  # the stacks are not trivial


def test_random_stacks_over_days_are_equal_at_each_change_and_between():
    for seed in range(300):
        r = Random(seed)
        start = r.choice((T0, SUMMER_TIME - DAY, WINTER_TIME - DAY))
        seconds = 3 * DAY
        profiles, situation = random_stack(r, start, 9000), random_situation(r, start, 9000)
        found = composite(profiles, start, seconds, "W", situation)
        edges = {s for period in found for s in (period.start_period - 1, period.start_period)}
        which = sorted({s for s in (*edges, *r.sample(range(seconds), 100)) if s >= 0})
        check(profiles, start, seconds, "W", situation, which)


def test_a_second_that_is_wrong_by_one_is_noticed():
    asked, answered = [placed((0, 16), (30, 10))], composite([placed((0, 16), (31, 10))], T0, 60, "A", Situation())
    assert same(at_second(answered, 29), limit_at(asked, T0 + 29, T0, "A", Situation()))
    assert not same(at_second(answered, 30), limit_at(asked, T0 + 30, T0, "A", Situation()))


# Requirement by requirement --------------------------------------------------------------------


def test_without_profiles_nobody_limits():
    assert of() == [(0, None)]
    assert of(most_w=11_040.0) == [(0, 16.0)]


def test_k01_fr_11_a_period_behind_the_duration_is_not_executed():
    assert of(placed((0, 16), (1800, 10), (2400, 6), duration=2000)) == [(0, 16), (1800, 10), (2000, None)]


def test_k01_fr_12_a_period_lasts_until_the_next_one_begins():
    assert of(placed((0, 16), (600, 10))) == [(0, 16), (600, 10)]
    assert of(placed((0, 16), (600, 10)), start=T0 + 700) == [(0, 10)]


def test_k01_fr_13_a_recurring_schedule_shorter_than_its_recurrence_falls_back_after_its_duration():
    daily = placed((0, 6), kind="Recurring", recurrency_kind="Daily", duration=3600, level=1)
    below = placed((0, 20), level=0)
    assert of(daily, below, duration=2 * DAY) == [(0, 6), (3600, 20), (DAY, 6), (DAY + 3600, 20)]


def test_errata_1_6_3_44_what_is_longer_than_the_recurrence_is_not_executed():
    daily = placed((0, 6), (DAY + 5, 9), kind="Recurring", recurrency_kind="Daily", duration=2 * DAY)
    assert of(daily, duration=3 * DAY) == [(0, 6)]
    weekly = placed((0, 6), (DAY + 5, 9), kind="Recurring", recurrency_kind="Weekly", duration=2 * DAY)
    assert of(weekly, duration=8 * DAY) == [(0, 6), (DAY + 5, 9), (2 * DAY, None), (7 * DAY, 6)]


def test_a_recurring_schedule_wraps_into_the_window_from_a_start_long_ago():
    daily = placed((0, 6), (DAY - 10, 9), kind="Recurring", recurrency_kind="Daily", start=T0 - 400 * DAY - 20)
    assert of(daily, duration=DAY) == [(0, 6), (DAY - 30, 9), (DAY - 20, 6)]


def test_k01_fr_17_a_higher_stack_level_overrules_a_lower_one_of_its_purpose():
    assert of(placed((0, 10), level=1, duration=60), placed((0, 32), level=0)) == [(0, 10), (60, 32)]
    assert of(placed((0, 32), level=1), placed((0, 10), level=0)) == [(0, 32)]


def test_k01_fr_30_a_schedule_of_the_future_limits_from_its_start_on():
    assert of(placed((0, 10), start=T0 + 100)) == [(0, None), (100, 10)]
    daily = placed((0, 10), kind="Recurring", recurrency_kind="Daily", start=T0 + 100)
    assert of(daily) == [(0, None), (100, 10)]


def test_k01_fr_36_and_37_a_profile_is_valid_from_and_until_before():
    profile = placed((0, 10), start=T0 - 500, valid_from=text(T0 + 10), valid_to=text(T0 + 20))
    assert of(profile) == [(0, None), (10, 10), (20, None)]


def test_k01_fr_42_a_relative_schedule_begins_when_energy_could_flow():
    relative = placed((0, 16), (600, 10), kind="Relative")
    assert of(relative, begin=T0 - 500) == [(0, 16), (100, 10)]
    assert of(relative, begin=T0 - 601) == [(0, 10)]


def test_k08_fr_06_without_a_transaction_a_relative_schedule_counts_as_if_one_began_now():
    assert of(placed((0, 16), (600, 10), kind="Relative"), start=T0 + 9.0) == [(0, 16), (600, 10)]


def test_1_6_an_absolute_schedule_without_a_start_is_relative():
    profile = placed((0, 16), (600, 10))
    profile.profile.charging_schedule[0].start_schedule = None
    assert of(profile, begin=T0 - 500) == [(0, 16), (100, 10)]


def test_k02_fr_04_a_transactions_profile_overrules_the_default_and_k02_fr_08_falls_back_to_it():
    own = placed((0, 20), purpose="TxProfile", duration=60, transaction_id="t")
    assert of(own, placed((0, 10))) == [(0, 20), (60, 10)]


def test_k08_fr_04_the_lowest_of_the_purposes_holds():
    profiles = (
        placed((0, 20), (100, 8), purpose="TxProfile", transaction_id="t"),
        placed((0, 16), (50, 32), purpose="ChargingStationMaxProfile", evse=0),
        placed((0, 25), (70, 12), purpose="ChargingStationExternalConstraints", evse=0),
    )
    assert of(*profiles) == [(0, 16), (50, 20), (70, 12), (100, 8)]


def test_limits_of_others_on_the_station_and_on_the_evse_hold_both():
    own = placed((0, 20), purpose="ChargingStationExternalConstraints", evse=1, level=9)
    station = placed((0, 10), purpose="ChargingStationExternalConstraints", evse=0)
    assert of(own, station) == [(0, 10)]


def test_sc_01_local_generation_comes_on_top():
    profiles = (
        placed((0, 10), purpose="ChargingStationMaxProfile", evse=0),
        placed((0, 4), purpose="LocalGeneration", evse=0, duration=60),
    )
    assert of(*profiles) == [(0, 14), (60, 10)]
    assert of(profiles[1]) == [(0, None)]


def test_k21_fr_04_priority_charging_overrules_transactions_but_not_the_station():
    profiles = (
        placed((0, 6), purpose="TxProfile", transaction_id="t"),
        placed((0, 32), purpose="PriorityCharging", evse=0),
        placed((0, 25), purpose="ChargingStationMaxProfile", evse=0),
    )
    assert of(*profiles) == [(0, 6)]
    assert of(*profiles, priority=True) == [(0, 25)]


def test_k01_fr_50_watts_become_amperes_by_line_voltage_and_phases():
    assert of(placed({"start_period": 0, "limit": 6900.0, "number_phases": 3}, unit="W")) == [(0, 10.0)]
    assert of(placed({"start_period": 0, "limit": 2300.0, "number_phases": 1}, unit="W")) == [(0, 10.0)]
    assert of(placed((0, 6900.0), unit="W"), voltage_v=400.0, phases=0) == [(0, 17.25)]


def test_k01_fr_49_without_a_number_of_phases_all_of_them_count():
    assert of(placed((0, 10)), unit="W") == [(0, 6900.0)]
    assert of(placed((0, 10)), unit="W", phases=1) == [(0, 2300.0)]


def test_k01_fr_45_on_fewer_phases_the_limit_per_phase_stays():
    assert of(placed({"start_period": 0, "limit": 10, "number_phases": 3}), unit="W", phases=1) == [(0, 2300.0)]


def test_3_8_the_lowest_number_of_phases_of_all_profiles_counts():
    own = placed({"start_period": 0, "limit": 10, "number_phases": 3}, purpose="TxProfile", transaction_id="t")
    station = placed(
        {"start_period": 0, "limit": 5000, "number_phases": 1}, purpose="ChargingStationMaxProfile", evse=0, unit="W"
    )
    (found,) = composite([own, station], T0, 60, "W", Situation())
    assert (found.limit, found.number_phases) == (2300.0, 1)


def test_limits_by_phase_hold_on_each_phase_and_in_total():
    three = {"start_period": 0, "limit": 10, "limit_l2": 6, "limit_l3": 16}
    (found,) = composite([placed(three), placed((0, 8), purpose="ChargingStationMaxProfile", evse=0)], T0, 9, "A",
                         Situation())  # fmt: skip
    assert (found.limit, found.limit_l2, found.limit_l3) == (8, 6, 8)
    cap = placed((0, 3680.0), purpose="ChargingStationMaxProfile", evse=0, unit="W")
    (found,) = composite([placed(three), cap], T0, 9, "W", Situation())
    assert (found.limit, found.limit_l2, found.limit_l3) == pytest.approx((1150, 690, 1840))


def test_k01_fr_90_and_91_a_local_schedule_follows_the_change_to_summer_time():
    """From 01:30 to 02:30 and from 03:30 on of each local day; the hour from 02:00 does not exist."""
    day = datetime(2026, 3, 28, 23, tzinfo=UTC).timestamp()
    daily = placed(
        (0, 32),
        (5400, 10),
        (9000, 20),
        (12600, 6),
        kind="Recurring",
        recurrency_kind="Daily",
        start=datetime(2026, 1, 1, tzinfo=UTC).timestamp(),
        use_local_time=True,
    )
    found = of(daily, start=day, duration=4 * 3600, zone=AMSTERDAM)
    assert found == [(0, 32), (5400, 10), (7200, 20), (9000, 6)]
    autumn = datetime(2026, 10, 24, 22, tzinfo=UTC).timestamp()
    found = of(daily, start=autumn, duration=5 * 3600, zone=AMSTERDAM)
    assert found == [(0, 32), (5400, 10), (9000, 20), (10800, 10), (12600, 20), (16200, 6)]


def test_k01_fr_92_and_94_delays_move_periods_but_neither_start_nor_duration():
    profile = placed((0, 16), (100, 10), (200, 6), duration=300, delays=(0, 30, 5))
    assert of(profile) == [(0, 16), (130, 10), (205, 6), (300, None)]


def test_k01_fr_92_a_period_delayed_beyond_the_next_one_does_not_change_their_order():
    assert of(placed((0, 16), (100, 10), (110, 6), delays=(0, 60, 1))) == [(0, 16), (160, 6)]


def test_k01_fr_100_a_full_vehicle_gets_less():
    profile = placed((0, 16), limit_at_soc=LimitAtSoC(soc=80, limit=6))
    assert of(profile, soc_percent=79.9) == of(profile) == [(0, 16)]
    assert of(profile, soc_percent=80) == [(0, 6)]


def test_k01_fr_101_and_103_too_long_offline_the_next_lower_level_counts():
    profiles = (placed((0, 16), level=1, max_offline_duration=100), placed((0, 6), level=0))
    assert of(*profiles, offline_since=T0 - 40) == [(0, 16), (60, 6)]
    assert of(*profiles, offline_since=T0 - 100) == [(0, 6)]
    assert of(*profiles) == [(0, 16)]


def test_q05_fr_07_a_dynamic_profile_not_refreshed_in_time_ends():
    dynamic = placed((0, 9), kind="Dynamic", duration=60, dyn_update_time=text(T0 - 10), level=1)
    assert of(dynamic, placed((0, 20))) == [(0, 9), (50, 20)]


def test_k08_fr_08_setpoints_are_kept_within_the_limits_beside_them():
    period = {"start_period": 0, "setpoint": 9000.0, "operation_mode": "CentralSetpoint"}
    cap = placed((0, 5000.0), purpose="ChargingStationMaxProfile", evse=0, unit="W")
    (found,) = composite([placed(period, unit="W"), cap], T0, 9, "W", Situation())
    assert (found.setpoint, found.limit, found.operation_mode) == (5000.0, 5000.0, "CentralSetpoint")
    back = period | {"setpoint": -9000.0, "discharge_limit": -4000.0}
    (found,) = composite([placed(back, unit="W"), cap], T0, 9, "W", Situation())
    assert (found.setpoint, found.discharge_limit) == (-4000.0, -4000.0)


def test_sc_04_the_discharge_limit_nearest_to_nothing_holds():
    both = [
        placed({"start_period": 0, "discharge_limit": -8000.0}, unit="W"),
        placed(
            {"start_period": 0, "discharge_limit": -3000.0, "operation_mode": "ExternalLimits"},
            purpose="ChargingStationExternalConstraints",
            unit="W",
        ),
    ]
    assert composite(both, T0, 9, "W", Situation())[0].discharge_limit == -3000.0


def test_q06_fr_20_to_22_the_priority_of_setpoints_is_a_setting():
    own = placed({"start_period": 0, "setpoint": 1000.0, "operation_mode": "CentralSetpoint"}, unit="W")
    external = placed(
        {"start_period": 0, "setpoint": -2000.0, "operation_mode": "ExternalSetpoint"},
        purpose="ChargingStationExternalConstraints",
        unit="W",
    )
    (found,) = composite([own, external], T0, 9, "W", Situation())
    assert (found.setpoint, found.operation_mode) == (-2000.0, "ExternalSetpoint")
    (found,) = composite([own, external], T0, 9, "W", Situation(own_setpoint_first=True))
    assert (found.setpoint, found.operation_mode) == (1000.0, "CentralSetpoint")


def test_k08_fr_03_the_station_takes_what_its_evses_take_together_within_its_own_limit():
    station = [placed((0, 40), (1800, 99), purpose="ChargingStationMaxProfile", evse=0)]
    evses = [
        ([placed((0, 16), (600, 10))], Situation(most_w=22_080.0)),
        ([placed((0, 32), (900, 20), evse=2)], Situation(most_w=22_080.0)),
    ]
    found = composite_of_station(station, evses, T0, 3600, "A", Situation())
    assert limits(found) == [(0, 40), (900, 30)]
    assert limits(composite_of_station([], evses, T0, 3600, "A", Situation())) == [(0, 48), (600, 42), (900, 30)]


def test_nothing_starts_at_the_end_of_what_was_asked_for():
    profile = placed((0, 6), duration=300)
    assert of(profile, start=T0 + 0.2, duration=300) == [(0, 6)]
    assert of(profile, start=T0 + 0.8, duration=300) == [(0, 6), (299, None)]


def test_equal_periods_are_one():
    assert of(placed((0, 16), (60, 16), (120, 16)), placed((0, 20), (90, 30), purpose="ChargingStationMaxProfile",
              evse=0)) == [(0, 16)]  # fmt: skip


def test_which_profiles_have_a_say():
    own = placed((0, 1), purpose="TxProfile", transaction_id="t")
    assert applies(own, 1, "t")
    assert not applies(own, 1, "u")
    assert not applies(own, 2, "t")
    assert not applies(own, 0, None)
    default = placed((0, 1), evse=0)
    assert applies(default, 2, None)  # K01.FR.14
    assert not applies(default, 0, None)
    assert not applies(placed((0, 1), evse=1), 2, None)  # K01.FR.15
    station = placed((0, 1), purpose="ChargingStationMaxProfile", evse=0)
    assert applies(station, 0, None)
    assert applies(station, 1, None)


def test_a_thousand_periods_over_a_month_take_a_moment():
    periods = [(60 * index, 6 + index % 20) for index in range(1024)]
    daily = [placed(*periods, kind="Recurring", recurrency_kind="Daily", level=level) for level in range(5)]
    began = datetime.now(UTC)
    found = composite(daily, T0, 31 * DAY, "W", Situation())
    assert len(found) > 31 * 1000
    assert datetime.now(UTC) - began < timedelta(seconds=20)
