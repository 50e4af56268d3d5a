"""Sharing what a station may take among its EVSEs (OCPP 2.x K04; OCPP 1.6, 3.13.3). Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct


class Claim(Struct, frozen=True):
    """One EVSE that wants to charge; amounts in one unit for all.

    Attributes:
        most: what it may take by its own limits.
        least: below this it does not charge at all.
        priority: higher is served first (`chargingPriority`, K03.FR.04); then who came first, in the order given.
    """

    most: float
    least: float
    priority: int = 0


def share(available: float, claims: Sequence[Claim]) -> list[float]:
    """Give each what it gets, never more in total than there is.

    Those that can have their least are served, by priority and then in order; what is left is shared evenly among
    those of the highest priority first.
    """
    given = [0.0] * len(claims)
    served: list[int] = []
    rest = max(available, 0.0)
    for index in sorted(range(len(claims)), key=lambda i: -claims[i].priority):
        claim = claims[index]
        if claim.least <= claim.most and claim.least <= rest and claim.most > 0:
            given[index] = claim.least
            rest -= claim.least
            served.append(index)
    for priority in sorted({claims[index].priority for index in served}, reverse=True):
        rest = _fill(rest, claims, [index for index in served if claims[index].priority == priority], given)
    return given


def _fill(rest: float, claims: Sequence[Claim], group: Sequence[int], given: list[float]) -> float:
    """Raise a group evenly from the least of each, by one common level; gives what is left."""
    if not group:
        return rest
    budget = rest + sum(given[index] for index in group)
    level = _level(budget, [claims[index] for index in group])
    for index in group:
        given[index] = min(max(level, claims[index].least), claims[index].most)
    return max(budget - sum(given[index] for index in group), 0.0)


def _level(budget: float, claims: Sequence[Claim]) -> float:
    """Give the level at which claims, each within its least and most, add up to the budget."""
    marks = sorted({mark for claim in claims for mark in (claim.least, claim.most)})

    def taken(level: float) -> float:
        return sum(min(max(level, claim.least), claim.most) for claim in claims)

    for low, high in pairwise(marks):
        if taken(high) >= budget:
            rising = sum(claim.least <= low and claim.most >= high for claim in claims)
            return low + (budget - taken(low)) / rising
    return marks[-1]
