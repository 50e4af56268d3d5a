"""Dynamic profiles: schedules of one period whose values are updated (OCPP 2.1 K28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from voltherd.ocpp.errors import OcppError
from voltherd.station.function import Function
from voltherd.station.remote_control import Refusal
from voltherd.station.smart_charging.installing import of_setpoint
from voltherd.station.smart_charging.profile import ChargingSchedulePeriod, Placed, ScheduleUpdate
from voltherd.station.timers import Timer

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


class PullUpdate(Struct, frozen=True):
    """The station asks for the values of a dynamic profile; the answer is a `ScheduleUpdate`, or None."""

    profile_id: int


class DynamicSchedules(Function):
    """Applies updates, and asks for them where a profile says how often."""

    __slots__ = ("_timers",)

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._timers: dict[int, Timer] | None = None

    def restore(self) -> None:
        """Go on asking."""
        for placed in self.core.smart_charging.book:
            self.profile_came(placed)

    def profile_came(self, placed: Placed) -> None:
        """A profile was taken in: ask for updates at its interval (K28.FR.10)."""
        profile = placed.profile
        timer = (self._timers or {}).pop(profile.id, None)
        if timer is not None:
            timer.cancel()
        if profile.charging_profile_kind == "Dynamic" and (profile.dyn_update_interval or 0) > 0 and self.core.is_v21:
            self._ask_later(placed)

    def _ask_later(self, placed: Placed) -> None:
        at = self.core.now + (placed.profile.dyn_update_interval or 0)
        self._timers = {**(self._timers or {}), placed.profile.id: self.core.timers.at(at, lambda: self._ask(placed))}

    def _ask(self, placed: Placed) -> None:
        if self.core.smart_charging.book.get(placed.profile.id) is not placed:
            self._timers = {k: v for k, v in (self._timers or {}).items() if k != placed.profile.id} or None
            return
        self._ask_later(placed)

        def answered(answer: ScheduleUpdate | None, error: OcppError | None) -> None:
            if error is None and answer is not None and self.core.smart_charging.book.get(placed.profile.id) is placed:
                self._apply(placed, answer)
                self.core.smart_charging.execution.refresh()

        self.core.say(PullUpdate(placed.profile.id), answered)

    def update(self, profile_id: int, values: ScheduleUpdate) -> Refusal | None:
        """Apply values that the CSMS sends; gives why not, if so (K28.FR.06, FR.11)."""
        placed = self.core.smart_charging.book.get(profile_id)
        if placed is None:
            return Refusal("NotFound", f"There is no charging profile {profile_id}")
        if placed.profile.charging_profile_kind != "Dynamic":
            return Refusal("InvalidProfile", "Only dynamic profiles are updated")
        problem = self._apply(placed, values)
        if problem is None:
            self.core.afterwards(self.core.smart_charging.execution.refresh)
        return problem

    def _apply(self, placed: Placed, values: ScheduleUpdate) -> Refusal | None:
        """Put values into a profile, and the time (K28.FR.09)."""
        schedule = placed.schedule
        period = schedule.charging_schedule_period[0]
        changed = updated(period, values)
        problem = of_setpoint(changed, f"Profile {placed.profile.id}")
        if problem is None:
            schedule.charging_schedule_period = [changed]
            placed.profile.dyn_update_time = self.core.clock.text(self.core.now)
            self.core.smart_charging.book.keep(placed)
        return problem


def updated(period: ChargingSchedulePeriod, values: ScheduleUpdate) -> ChargingSchedulePeriod:
    """Give a period with the values that an update tells."""
    changed = replace(period)
    for name in ScheduleUpdate.__struct_fields__:
        value = getattr(values, name)
        if value is not None:
            setattr(changed, name, value)
    return changed
