"""Power that several EVSEs share."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voltherd.simulator.hardware import SimulatedEvse


class DcPark:
    """A cabinet that feeds several EVSEs with `total_w` together; their clocks must be one.

    Who asks for less than an equal share gets it all; the others share what is left. What a vehicle gives back
    another may take.
    """

    __slots__ = ("_members", "_now", "total_w")

    def __init__(self, total_w: float, members: Sequence[SimulatedEvse]) -> None:
        self.total_w = total_w
        self._members = tuple(members)
        self._now = 0.0
        for member in self._members:
            member.park = self
        self.share()

    def advance(self, now: float) -> None:
        """Let time pass for all members in the same steps."""
        while self._now < now:
            until = min(member.step_end(now) for member in self._members)
            for member in self._members:
                member.step(until)
            self._now = until
            self.share()
        for member in self._members:
            member.notice()

    def share(self) -> None:
        """Deal the power out anew."""
        asking = sorted(((member.demand_w, place) for place, member in enumerate(self._members)))
        left_w = self.total_w - sum(demand_w for demand_w, _ in asking if demand_w < 0)
        to_serve = sum(demand_w > 0 for demand_w, _ in asking)
        for demand_w, place in asking:
            if demand_w <= 0:
                self._members[place].available_w = inf
                continue
            given_w = min(demand_w, max(left_w, 0.0) / to_serve)
            self._members[place].available_w = given_w
            left_w -= given_w
            to_serve -= 1
