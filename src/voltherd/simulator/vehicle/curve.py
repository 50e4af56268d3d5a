"""What a battery takes: power by state of charge, and what heat and cold leave of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final


class Curve:
    """A line through points `(x, y)`, ascending in x; flat before the first and after the last."""

    __slots__ = ("_xs", "_ys")

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        """Take the points.

        Raises:
            ValueError: there are none, or they do not ascend.
        """
        self._xs = tuple(x for x, _ in points)
        self._ys = tuple(y for _, y in points)
        if not points or any(b <= a for a, b in zip(self._xs, self._xs[1:], strict=False)):
            raise ValueError("A curve needs points that ascend")

    def at(self, x: float) -> float:
        """The value at `x`."""
        place = bisect_right(self._xs, x)
        if place == 0:
            return self._ys[0]
        if place == len(self._xs):
            return self._ys[-1]
        x0, x1, y0, y1 = self._xs[place - 1], self._xs[place], self._ys[place - 1], self._ys[place]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)

    @property
    def most(self) -> float:
        """The largest value."""
        return max(self._ys)


def constant_then_falling(power_w: float, *, from_soc: float = 0.95, cut_off: float = 0.08) -> Curve:
    """Constant current, then constant voltage: full power up to `from_soc`, then falling to `cut_off` of it at full.

    At constant voltage the current falls exponentially in time, which is linearly in the state of charge.
    """
    return Curve(((0.0, power_w), (from_soc, power_w), (1.0, power_w * cut_off)))


TEMPERATURE: Final = Curve(
    ((-20.0, 0.08), (-10.0, 0.18), (0.0, 0.35), (10.0, 0.65), (20.0, 1.0), (45.0, 1.0), (52.0, 0.5), (58.0, 0.15))
)
"""The share of its power that a lithium-ion battery takes at a temperature in degrees Celsius."""
