"""How drivers behave: when they come, how long they stay, how they identify themselves."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from voltherd.simulator.chance import Chance

Way = Literal["plug-first", "card-first", "remote", "contract", "nobody"]
"""How a driver starts: cable first, card first, by an app, by plug and charge; or with a card that nobody knows."""

HOURS: Final = 24
DAY_S: Final = 86_400.0


def _weights(text: str) -> tuple[float, ...]:
    return tuple(float(word) for word in text.split())


BY_HOUR: Final = {
    "flat": (1.0,) * HOURS,
    "street": _weights(".5 .3 .2 .2 .3 .6 1.4 2.6 3.2 2.8 2.4 2.6 3 2.8 2.6 2.8 3.4 4.2 4.4 3.6 2.6 1.8 1.2 .8"),
    "commuters": _weights("0 0 0 0 .1 .4 2 6 7 4 1.5 .8 .8 .8 .5 .4 .3 .2 .1 .1 0 0 0 0"),
    "home": _weights(".2 .1 0 0 0 .1 .2 .3 .3 .3 .4 .6 .8 .8 1 1.6 3 5 6 4 2.4 1.6 1 .6"),
    "highway": _weights(".4 .3 .3 .3 .5 1 1.8 2.4 2.8 3.4 4 4.2 4 3.8 3.8 4 4.2 4 3.4 2.6 1.8 1.2 .8 .6"),
}
"""How many come in which hour of the day, relatively."""


class Habits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the drivers at one EVSE behave. Shares are 0 to 1; what they leave of 1 plugs in first and then shows a card.

    Attributes:
        idle_s: mean seconds from one vehicle's departure to the next arrival, day and night alike; None: by the day.
        first_arrival_s: with `idle_s`, the first one comes evenly within so long.
        arrivals_per_day: how many come to an EVSE on a day, if it is free.
        by_hour: their distribution over the day: 24 weights, or the name of one in `BY_HOUR`.
        stay_s: mean seconds they stay.
        stay_spread: the deviation of it, relatively; 1 is an exponential distribution.
        card_first: share who show their card before they plug in.
        remote: share who wait for somebody to start them from afar.
        contract: share of those with a contract in the vehicle who charge by it.
        strangers: share whose card nobody knows.
        leave_early: share who leave after a fraction of their time.
        overstay: share who stay long after the vehicle is full; all others leave then.
        stop_with_card: share who end with their card; all others just pull the plug.
        v2x: share of those with a bidirectional vehicle who let it give back.
        target_soc: they charge up to one of these.
    """

    idle_s: float | None = None
    first_arrival_s: float = 20.0
    arrivals_per_day: float = 3.0
    by_hour: tuple[float, ...] | str = "street"
    stay_s: float = 3600.0
    stay_spread: float = 1.0
    card_first: float = 0.25
    remote: float = 0.0
    contract: float = 0.0
    strangers: float = 0.0
    leave_early: float = 0.1
    overstay: float = 0.1
    stop_with_card: float = 0.7
    v2x: float = 0.5
    target_soc: tuple[float, ...] = (0.8, 0.9, 1.0)

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueError: a share or a weight cannot be.
        """
        for name in ("card_first", "remote", "contract", "strangers", "leave_early", "overstay", "stop_with_card"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} is a share from 0 to 1")
        if self.card_first + self.remote + self.strangers > 1.0:
            raise ValueError("card_first, remote and strangers together are more than all drivers")
        if self.stay_s <= 0 or (self.idle_s is not None and self.idle_s <= 0) or self.arrivals_per_day < 0:
            raise ValueError("stay_s and idle_s are more than 0 seconds, arrivals_per_day is not negative")
        if isinstance(self.by_hour, str) and self.by_hour not in BY_HOUR:
            raise ValueError(f"by_hour {self.by_hour!r} is unknown; there are {', '.join(BY_HOUR)}")
        if len(self.weights) != HOURS or min(self.weights) < 0 or sum(self.weights) <= 0:
            raise ValueError("by_hour has 24 weights, not all of them 0")
        if not self.target_soc or not all(0.0 < share <= 1.0 for share in self.target_soc):
            raise ValueError("target_soc has shares above 0 and up to 1")

    @property
    def weights(self) -> tuple[float, ...]:
        """Arrivals by hour of the day, relatively."""
        return BY_HOUR[self.by_hour] if isinstance(self.by_hour, str) else self.by_hour

    def first_wait_s(self, chance: Chance, second_of_day: float) -> float:
        """Until the first arrival."""
        if self.idle_s is not None:
            return chance.between(0.0, self.first_arrival_s)
        return self.wait_s(chance, second_of_day)

    def wait_s(self, chance: Chance, second_of_day: float) -> float:
        """Until the next arrival, from a moment of the day on; at most 30 days."""
        if self.idle_s is not None:
            return chance.wait(self.idle_s)
        if self.arrivals_per_day == 0:
            return 30 * DAY_S
        return _thinned_s(self.weights, self.arrivals_per_day, chance, second_of_day)

    def stay(self, chance: Chance) -> float:
        """How long one stays, in seconds."""
        if chance.happens(self.leave_early):
            return self.stay_s * chance.between(0.02, 0.3)
        if self.stay_spread == 1.0:
            return min(chance.wait(self.stay_s), 6 * self.stay_s)
        return max(chance.normal(self.stay_s, self.stay_s * self.stay_spread), 0.1 * self.stay_s)

    def way(self, chance: Chance) -> Way:
        """How one starts."""
        left = chance.share()
        for way, share in (("card-first", self.card_first), ("remote", self.remote), ("nobody", self.strangers)):
            left -= share
            if left < 0:
                return way  # type: ignore[return-value]
        return "plug-first"


def _thinned_s(weights: tuple[float, ...], per_day: float, chance: Chance, second_of_day: float) -> float:
    """Time to the next event of a Poisson process whose rate changes by the hour (Lewis and Shedler)."""
    highest, mean = max(weights), sum(weights) / HOURS
    waited_s = 0.0
    while waited_s < 30 * DAY_S:
        waited_s += chance.wait(DAY_S / per_day * mean / highest)
        hour = int((second_of_day + waited_s) / 3600) % HOURS
        if chance.happens(weights[hour] / highest):
            break
    return min(waited_s, 30 * DAY_S)
