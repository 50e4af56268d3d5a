import itertools

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from voltherd.domain.charging_profile import DEFAULT_VOLTAGE_V
from voltherd.domain.charging_rules import begun, converted, periods_of
from voltherd.domain.charging_schedule import ChargingProfile, ChargingSchedule, Purpose, SchedulePeriod
from voltherd.domain.composite_schedule import Situation, combined_at, composite, limit_at
from voltherd.domain.time import format_ms, parse_timestamp

NOON_MS = parse_timestamp("2026-01-05T12:00:00Z") or 0
DAY_MS = 86_400_000
BEGUN = Situation(transaction_start_ms=NOON_MS)
HOUR_S = 3600


def profile(
    *steps: tuple[int, float],
    purpose: Purpose = "TxDefaultProfile",
    level: int = 0,
    kind: str = "Absolute",
    start_ms: int = NOON_MS,
    duration: int | None = None,
    recurrency: str | None = None,
    valid: tuple[int | None, int | None] = (None, None),
) -> ChargingProfile:
    begin, end = (None if instant is None else format_ms(instant) for instant in valid)
    schedule = ChargingSchedule(
        id=1,
        charging_rate_unit="A",
        start_schedule=format_ms(start_ms) if kind in ("Absolute", "Recurring") else None,
        duration=duration,
        charging_schedule_period=[SchedulePeriod(start_period=at_s, limit=limit) for at_s, limit in steps],
    )
    return ChargingProfile(
        id=1,
        stack_level=level,
        charging_profile_purpose=purpose,
        charging_profile_kind=kind,  # type: ignore[arg-type]
        recurrency_kind=recurrency,  # type: ignore[arg-type]
        valid_from=begin,
        valid_to=end,
        charging_schedule=[schedule],
    )


def limits(*profiles: ChargingProfile, after_s: tuple[int, ...], situation: Situation = BEGUN) -> list[float | None]:
    return [combined_at(profiles, NOON_MS + seconds * 1000, "A", situation) for seconds in after_s]


def test_k01_fr_12_a_period_holds_until_the_next_and_the_schedule_until_its_end() -> None:
    item = profile((0, 16.0), (600, 8.0), duration=900)
    assert limits(item, after_s=(-1, 0, 599, 600, 899, 900)) == [None, 16.0, 16.0, 8.0, 8.0, None]


def test_k01_fr_36_validity_begins_with_valid_from_and_ends_before_valid_to() -> None:
    item = profile((0, 16.0), valid=(NOON_MS + 10_000, NOON_MS + 20_000))
    assert limits(item, after_s=(9, 10, 19, 20)) == [None, 16.0, 16.0, None]


def test_k01_fr_17_a_higher_level_overrules_and_where_it_says_nothing_the_lower_holds() -> None:
    low, high = profile((0, 16.0)), profile((0, 32.0), level=3, duration=60)
    assert limits(low, high, after_s=(0, 59, 60)) == [32.0, 32.0, 16.0]


def test_a_tx_profile_overrules_the_default_whatever_the_levels() -> None:
    default, own = profile((0, 16.0), level=9), profile((0, 20.0), purpose="TxProfile", duration=60)
    assert limits(default, own, after_s=(0, 60)) == [20.0, 16.0]


def test_k21_fr_04_priority_charging_overrules_both_while_it_is_on_and_caps_stay() -> None:
    found = [
        profile((0, 6.0), purpose="TxProfile"),
        profile((0, 32.0), purpose="PriorityCharging"),
        profile((0, 25.0), purpose="ChargingStationMaxProfile"),
    ]
    assert limits(*found, after_s=(0,)) == [6.0]
    assert limits(*found, after_s=(0,), situation=replace(BEGUN, priority=True)) == [25.0]


def test_k08_fr_04_the_lowest_of_the_purposes_holds_and_local_generation_comes_on_top() -> None:
    found = [
        profile((0, 16.0)),
        profile((0, 10.0), purpose="ChargingStationExternalConstraints"),
        profile((0, 4.0), purpose="LocalGeneration"),
    ]
    assert limits(*found, after_s=(0,)) == [14.0]
    assert limits(found[2], after_s=(0,)) == [None]


def test_k01_fr_13_a_daily_profile_comes_back_and_leaves_the_rest_of_the_day_alone() -> None:
    item = profile((0, 6.0), (HOUR_S, 16.0), kind="Recurring", recurrency="Daily", duration=2 * HOUR_S)
    days = [3 * 86_400 + seconds for seconds in (0, HOUR_S - 1, HOUR_S, 2 * HOUR_S - 1, 2 * HOUR_S)]
    assert limits(item, after_s=tuple(days)) == [6.0, 6.0, 16.0, 16.0, None]


def test_a_weekly_profile_comes_back_after_seven_days() -> None:
    item = profile((0, 6.0), kind="Recurring", recurrency="Weekly", duration=HOUR_S)
    assert limits(item, after_s=(0, 86_400, 7 * 86_400, 7 * 86_400 + HOUR_S)) == [6.0, None, 6.0, None]


def test_a_relative_profile_begins_with_the_transaction() -> None:
    item = profile((0, 6.0), (60, 16.0), kind="Relative")
    assert limits(item, after_s=(-1, 0, 60)) == [None, 6.0, 16.0]
    steps = composite([item], NOON_MS, 120, "A", Situation())
    assert [(step.at_ms - NOON_MS, step.limit) for step in steps] == [(0, 6.0), (60_000, 16.0)]


# -- properties -------------------------------------------------------------------------------------------------------

_purposes = st.sampled_from(
    ["TxDefaultProfile", "TxProfile", "ChargingStationMaxProfile", "ChargingStationExternalConstraints"]
)
_kinds = st.sampled_from(["Absolute", "Relative", "Daily", "Weekly"])
_numbers = st.integers(min_value=0, max_value=640).map(lambda number: number / 10)


@st.composite
def profiles(draw: st.DrawFn) -> ChargingProfile:
    later = draw(st.lists(st.integers(1, 90_000), unique=True, max_size=4))
    kind = draw(_kinds)
    recurring = kind in ("Daily", "Weekly")
    bounds = st.one_of(st.none(), st.integers(-100_000, 200_000).map(lambda seconds: NOON_MS + seconds * 1000))
    return profile(
        *((at_s, draw(_numbers)) for at_s in [0, *sorted(later)]),
        purpose=draw(_purposes),
        level=draw(st.integers(0, 3)),
        kind="Recurring" if recurring else kind,
        recurrency=kind if recurring else None,
        start_ms=NOON_MS + draw(st.integers(-200_000, 100_000)) * 1000,
        duration=draw(st.one_of(st.none(), st.integers(1, 100_000))),
        valid=(draw(bounds), draw(bounds)),
    )


@given(st.lists(profiles(), max_size=5), st.integers(0, 2 * DAY_MS))
def test_the_steps_say_at_every_instant_what_the_profiles_say(found: list[ChargingProfile], after_ms: int) -> None:
    steps = composite(found, NOON_MS, 2 * 86_400 + 1, "A", BEGUN)
    at_ms = NOON_MS + after_ms
    (*_, step) = [step for step in steps if step.at_ms <= at_ms]
    assert step.limit == combined_at(found, at_ms, "A", BEGUN)


@given(st.lists(profiles(), max_size=5))
def test_steps_begin_at_the_start_grow_in_time_and_differ(found: list[ChargingProfile]) -> None:
    steps = composite(found, NOON_MS, 86_400, "A", BEGUN)
    assert steps[0].at_ms == NOON_MS
    assert all(one.at_ms < other.at_ms and one.limit != other.limit for one, other in itertools.pairwise(steps))


@given(st.lists(profiles(), min_size=1, max_size=5), st.integers(0, DAY_MS))
def test_no_limit_is_above_any_cap_that_counts(found: list[ChargingProfile], after_ms: int) -> None:
    at_ms = NOON_MS + after_ms
    together = combined_at(found, at_ms, "A", BEGUN)
    for cap in ("ChargingStationMaxProfile", "ChargingStationExternalConstraints"):
        said = [(item.stack_level, limit_at(item, at_ms, "A", BEGUN)) for item in found]
        of_cap = [pair for pair, item in zip(said, found, strict=True) if item.charging_profile_purpose == cap]
        heard = [(level, limit) for level, limit in of_cap if limit is not None]
        if heard:
            top = max(level for level, _ in heard)
            assert together is not None
            assert together <= max(limit for level, limit in heard if level == top)


@given(profiles())
def test_conversion_never_raises_a_limit_and_comes_back_within_rounding(item: ChargingProfile) -> None:
    there = converted(item, "W", DEFAULT_VOLTAGE_V)
    back = converted(there, "A", DEFAULT_VOLTAGE_V)
    for first, last in zip(periods_of(item), periods_of(back), strict=True):
        assert float(first.limit or 0) - 0.1 - 1e-9 <= float(last.limit or 0) <= float(first.limit or 0) + 1e-9


@given(profiles(), st.integers(0, DAY_MS))
def test_trap_37_starting_in_the_past_changes_no_limit_from_now_on(item: ChargingProfile, after_ms: int) -> None:
    item = replace(item, valid_from=None, valid_to=None)
    at_ms = NOON_MS + after_ms
    before, after = limit_at(item, at_ms, "A", BEGUN), limit_at(begun(item, NOON_MS), at_ms, "A", BEGUN)
    if before is not None:
        assert after == before
