"""Sharing the station's limit among EVSEs (K04.FR.05, K03.FR.04)."""

from random import Random

import pytest

from voltherd.station.smart_charging.sharing import Claim, share


def test_enough_for_all_gives_each_what_it_may_take():
    assert share(100, [Claim(32, 6), Claim(16, 6)]) == [32, 16]


def test_a_scarce_limit_is_shared_evenly_up_to_what_each_may_take():
    assert share(32, [Claim(32, 6), Claim(32, 6)]) == [16, 16]
    assert share(40, [Claim(8, 6), Claim(32, 6), Claim(32, 6)]) == [8, 16, 16]


def test_who_could_not_have_its_least_gets_nothing_and_the_others_more():
    assert share(16, [Claim(32, 6), Claim(32, 6), Claim(32, 6)]) == [8, 8, 0]
    assert share(5, [Claim(32, 6)]) == [0]
    assert share(5, [Claim(32, 6), Claim(3, 3)]) == [0, 3]


def test_a_higher_least_keeps_its_own_and_the_rest_is_even():
    assert share(30, [Claim(32, 14), Claim(32, 6), Claim(32, 6)]) == [14, 8, 8]


def test_k03_fr_04_a_higher_priority_is_fulfilled_as_long_as_possible():
    assert share(32, [Claim(32, 6), Claim(32, 6, priority=5)]) == [6, 26]
    assert share(8, [Claim(32, 6), Claim(32, 6, priority=5)]) == [0, 8]


def test_nothing_and_less_than_nothing_to_share():
    assert share(0, [Claim(32, 6)]) == [0]
    assert share(-3, [Claim(32, 6)]) == [0]
    assert share(10, []) == []


def test_k04_fr_05_never_more_than_there_is_and_nobody_between_nothing_and_its_least():
    for seed in range(2000):
        r = Random(seed)
        claims = [
            Claim(r.choice((0.0, 3.0, 10.0, 16.0, 32.0)), r.choice((0.0, 6.0, 8.5)), r.randrange(2))
            for _ in range(r.randrange(1, 8))
        ]
        available = r.uniform(0, 120)
        given = share(available, claims)
        assert sum(given) <= available + 1e-9
        for got, claim in zip(given, claims, strict=True):
            assert got == 0 or claim.least - 1e-9 <= got <= claim.most + 1e-9
        wanted = sum(claim.most for claim in claims if claim.most >= claim.least)
        if all(
            got > 0 or claim.most < claim.least or claim.most == 0 for got, claim in zip(given, claims, strict=True)
        ):
            assert sum(given) == pytest.approx(min(available, wanted))
