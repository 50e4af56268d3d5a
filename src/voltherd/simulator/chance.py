"""Chance by a seed, small enough for one per driver: `random.Random` keeps 2.5 KB."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import cos as _cos
from math import log, sqrt, tau
from typing import Final, TypeVar

T = TypeVar("T")

_MASK: Final = (1 << 64) - 1


class Chance:
    """A stream of numbers that the same seed brings again (SplitMix64 of Steele, Lea and Flood)."""

    __slots__ = ("_state",)

    def __init__(self, *seed: object) -> None:
        self._state = int.from_bytes(blake2b(repr(seed).encode(), digest_size=8).digest(), "big")

    def bits(self) -> int:
        """The next 64 bits."""
        self._state = z = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & _MASK
        return z ^ z >> 31

    def share(self) -> float:
        """A number from 0 up to, not including, 1."""
        return (self.bits() >> 11) / (1 << 53)

    def happens(self, probability: float) -> bool:
        """True so often."""
        return self.share() < probability

    def between(self, least: float, most: float) -> float:
        """Evenly between two numbers."""
        return least + (most - least) * self.share()

    def wait(self, mean: float) -> float:
        """Exponentially distributed: the time to the next of events that come by chance."""
        return -log(1.0 - self.share()) * mean

    def normal(self, mean: float, deviation: float) -> float:
        """Normally distributed (Box and Muller)."""
        return mean + deviation * sqrt(-2.0 * log(1.0 - self.share())) * _cos(tau * self.share())

    def below(self, count: int) -> int:
        """A whole number from 0 up to, not including, `count`."""
        return int(self.share() * count)

    def one_of(self, choices: Sequence[T]) -> T:
        """One of several, all alike."""
        return choices[self.below(len(choices))]

    def weighted(self, choices: Sequence[T], weights: Sequence[float]) -> T:
        """One of several, by weight."""
        left = self.share() * sum(weights)
        for choice, weight in zip(choices, weights, strict=True):
            left -= weight
            if left < 0:
                return choice
        return choices[-1]
