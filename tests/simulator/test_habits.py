"""When drivers come, how long they stay, how they start; and chance itself."""

from collections import Counter

import pytest

from voltherd.simulator.chance import Chance
from voltherd.simulator.habits import BY_HOUR, DAY_S, Habits


def test_the_same_seed_brings_the_same_numbers_and_others_others():
    assert [Chance(1, "a").bits() for _ in range(3)] == [Chance(1, "a").bits() for _ in range(3)]
    one, other = Chance(1, "a"), Chance(1, "b")
    assert [one.bits() for _ in range(5)] != [other.bits() for _ in range(5)]


def test_chance_is_fair():
    chance = Chance(7)
    shares = [chance.share() for _ in range(20_000)]
    assert min(shares) >= 0.0
    assert max(shares) < 1.0
    assert sum(shares) / len(shares) == pytest.approx(0.5, abs=0.01)
    waits = [chance.wait(60.0) for _ in range(20_000)]
    assert sum(waits) / len(waits) == pytest.approx(60.0, rel=0.03)
    normal = [chance.normal(10.0, 2.0) for _ in range(20_000)]
    assert sum(normal) / len(normal) == pytest.approx(10.0, abs=0.1)
    assert sum(9.0 < value < 11.0 for value in normal) / len(normal) == pytest.approx(0.383, abs=0.02)
    drawn = Counter(chance.weighted("abc", (1.0, 0.0, 3.0)) for _ in range(8_000))
    assert set(drawn) == {"a", "c"}
    assert drawn["c"] / drawn["a"] == pytest.approx(3.0, rel=0.15)
    assert {chance.below(4) for _ in range(200)} == {0, 1, 2, 3}


@pytest.mark.parametrize("name", BY_HOUR)
def test_arrivals_follow_the_hours_of_the_day(name):
    habits, chance = Habits(arrivals_per_day=4.0, by_hour=name), Chance(name)
    hours: Counter[int] = Counter()
    second, days = 0.0, 3000
    while second < days * DAY_S:
        second += habits.wait_s(chance, second % DAY_S)
        hours[int(second % DAY_S // 3600)] += 1
    assert sum(hours.values()) / days == pytest.approx(4.0, rel=0.05)
    weights = BY_HOUR[name]
    for hour, weight in enumerate(weights):
        assert hours[hour] / days == pytest.approx(4.0 * weight / sum(weights), rel=0.3, abs=0.02)


def test_nobody_comes_where_nobody_comes():
    assert Habits(arrivals_per_day=0.0).wait_s(Chance(1), 0.0) == 30 * DAY_S


def test_stays_have_the_mean_that_was_asked_for():
    for spread in (1.0, 0.2):
        habits, chance = Habits(stay_s=1000.0, stay_spread=spread, leave_early=0.0), Chance(spread)
        stays = [habits.stay(chance) for _ in range(10_000)]
        assert sum(stays) / len(stays) == pytest.approx(1000.0, rel=0.05)
        assert min(stays) > 0


def test_who_leaves_early_leaves_early():
    habits, chance = Habits(stay_s=1000.0, leave_early=1.0), Chance(2)
    assert max(habits.stay(chance) for _ in range(1000)) <= 300.0


def test_ways_come_as_often_as_asked_for():
    habits, chance = Habits(card_first=0.3, remote=0.2, strangers=0.1), Chance(3)
    ways = Counter(habits.way(chance) for _ in range(10_000))
    assert ways["card-first"] == pytest.approx(3000, rel=0.1)
    assert ways["remote"] == pytest.approx(2000, rel=0.1)
    assert ways["nobody"] == pytest.approx(1000, rel=0.1)
    assert ways["plug-first"] == pytest.approx(4000, rel=0.1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"card_first": 1.2}, "card_first is a share"),
        ({"card_first": 0.8, "remote": 0.3}, "more than all drivers"),
        ({"stay_s": 0.0}, "more than 0 seconds"),
        ({"by_hour": "nightly"}, "'nightly' is unknown; there are flat"),
        ({"by_hour": (1.0,) * 23}, "24 weights"),
        ({"by_hour": (0.0,) * 24}, "24 weights"),
        ({"target_soc": ()}, "target_soc"),
    ],
)
def test_habits_that_cannot_be_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        Habits(**wrong)
