"""Limits and setpoints of other systems than the CSMS: an EMS, a grid operator (OCPP 2.x K11 - K13, K27, K29, Q06).

They are held as profiles of their own, or go into those of the CSMS that leave room for them (K29.FR.03).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from voltherd.station.function import Function
from voltherd.station.smart_charging.dynamic import updated
from voltherd.station.smart_charging.profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    OperationMode,
    Placed,
    Purpose,
    RateUnit,
    ScheduleUpdate,
)

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

Source = Literal["EMS", "SO", "Other"]
Key = tuple[Purpose, int]


class Demand(Struct, frozen=True, kw_only=True):
    """What an external system wants, and how it is to be held.

    Attributes:
        evse_id: 0 for the station.
        is_schedule: more than a current value.
    """

    periods: tuple[ChargingSchedulePeriod, ...]
    unit: RateUnit
    evse_id: int
    source: Source
    local_generation: bool = False
    grid_critical: bool = False
    is_schedule: bool = False
    duration_s: int | None = None

    @property
    def key(self) -> Key:
        """Only one is held of each purpose and EVSE."""
        return _purpose(self.local_generation), self.evse_id


class ChargingLimit(Struct, frozen=True, kw_only=True):
    """An external system has set a limit; `schedule` where it is to be told."""

    source: str
    evse_id: int
    is_local_generation: bool = False
    is_grid_critical: bool = False
    schedule: ChargingSchedule | None = None


class ChargingLimitCleared(Struct, frozen=True, kw_only=True):
    """An external limit is gone."""

    source: str
    evse_id: int


class ExternalLimits(Function):
    """Takes limits of other systems, and tells the CSMS of them."""

    __slots__ = ("_untold",)

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._untold: dict[Key, ChargingLimit | ChargingLimitCleared] | None = None

    # Setting ---------------------------------------------------------------------------------

    def set(
        self,
        values: ScheduleUpdate,
        *,
        now: float,
        unit: RateUnit = "W",
        evse_id: int = 0,
        source: Source = "EMS",
        local_generation: bool = False,
        grid_critical: bool = False,
    ) -> bool:
        """An external system sets current values (a limit, a setpoint); False: it may not (K11.FR.07)."""
        self.core.now = now
        if not self._may(evse_id):
            return False
        if not local_generation and self._into_profiles(values, unit, evse_id):
            self.core.smart_charging.execution.refresh(tell=True)
            return True
        period = updated(ChargingSchedulePeriod(start_period=0, operation_mode=self._mode(values)), values)
        return self._take(
            Demand(
                periods=(period,),
                unit=unit,
                evse_id=evse_id,
                source=source,
                local_generation=local_generation,
                grid_critical=grid_critical,
            )
        )

    def set_schedule(
        self,
        periods: list[ChargingSchedulePeriod],
        *,
        now: float,
        unit: RateUnit = "W",
        evse_id: int = 0,
        source: Source = "EMS",
        local_generation: bool = False,
        duration_s: int | None = None,
    ) -> bool:
        """An external system sets a schedule that begins now; False: it may not (Q06.FR.08)."""
        self.core.now = now
        if not self._may(evse_id):
            return False
        return self._take(
            Demand(
                periods=tuple(periods),
                unit=unit,
                evse_id=evse_id,
                source=source,
                local_generation=local_generation,
                is_schedule=True,
                duration_s=duration_s,
            )
        )

    def release(self, *, now: float, evse_id: int = 0, local_generation: bool = False) -> bool:
        """An external system takes its limit back (K13); False: there was none."""
        self.core.now = now
        smart, key = self.core.smart_charging, (_purpose(local_generation), evse_id)
        placed = self._held(key)
        if placed is None:
            return False
        smart.book.remove([placed])
        smart.execution.refresh(tell=True)
        self._tell(key, ChargingLimitCleared(source=placed.source, evse_id=evse_id))
        return True

    def _may(self, evse_id: int) -> bool:
        known = evse_id == 0 or evse_id in self.core.evses
        return known and self.core.settings.switch("external_control") and self.core.smart_charging.is_offered

    def _take(self, demand: Demand) -> bool:
        core = self.core
        if core.is_v21 and core.settings.switch("external_profiles_disallowed"):  # K11.FR.07, Q06.FR.08
            return False
        held = self._held(demand.key)
        placed = Placed(profile=self._profile(demand, held), evse_id=demand.evse_id, source=demand.source)
        significant = held is None or self._is_significant(held, placed)
        core.smart_charging.put(placed)
        core.smart_charging.execution.refresh(tell=True)
        if significant:  # K11.FR.02, K12.FR.02
            told = core.settings.switch("notify_limit_with_schedules")  # K11.FR.03
            report = ChargingLimit(
                source=demand.source,
                evse_id=demand.evse_id,
                is_local_generation=demand.local_generation,
                is_grid_critical=demand.grid_critical,
                schedule=placed.schedule if told else None,
            )
            self._tell(demand.key, report)
        return True

    def _profile(self, demand: Demand, held: Placed | None) -> ChargingProfile:
        """Write a demand as a profile: a single value as a dynamic one, where there is such a thing (K29.FR.04)."""
        is_dynamic = self.core.is_v21 and not demand.is_schedule
        now = self.core.clock.text(self.core.now)
        schedule = ChargingSchedule(
            id=1,
            charging_rate_unit=demand.unit,
            charging_schedule_period=list(demand.periods),
            start_schedule=None if is_dynamic else now,
            duration=demand.duration_s,
        )
        return ChargingProfile(
            id=held.profile.id if held is not None else self._free_id(),
            stack_level=0,
            charging_profile_purpose=demand.key[0],
            charging_profile_kind="Dynamic" if is_dynamic else "Absolute",
            charging_schedule=[schedule],
            dyn_update_time=now if is_dynamic else None,
        )

    def _free_id(self) -> int:
        """Give an id below all others (K01.FR.82)."""
        taken = {placed.profile.id for placed in self.core.smart_charging.book}
        free = min(self.core.settings.number("max_external_id"), -1)
        while free in taken:
            free -= 1
        return free

    def _held(self, key: Key) -> Placed | None:
        for placed in self.core.smart_charging.book:
            if (placed.profile.charging_profile_purpose, placed.evse_id) == key and placed.source != "CSO":
                return placed
        return None

    def _mode(self, values: ScheduleUpdate) -> OperationMode | None:
        if not self.core.is_v21:
            return None
        keeps = values.setpoint is not None or values.setpoint_reactive is not None
        return "ExternalSetpoint" if keeps else "ExternalLimits"

    # Into profiles of the CSMS ---------------------------------------------------------------

    def _into_profiles(self, values: ScheduleUpdate, unit: RateUnit, evse_id: int) -> bool:
        """Put values into dynamic profiles that ask for them (K29.FR.03, Q05.FR.05, FR.06); whether there are any."""
        core, mode = self.core, self._mode(values)
        found = [
            placed
            for placed in core.smart_charging.book
            if placed.profile.charging_profile_kind == "Dynamic"
            and placed.profile.charging_profile_purpose in ("TxProfile", "TxDefaultProfile")
            and placed.evse_id in (evse_id, 0)
            and placed.schedule.charging_rate_unit == unit
            and placed.schedule.charging_schedule_period[0].operation_mode == mode
        ]
        for placed in found:
            period = placed.schedule.charging_schedule_period[0]
            placed.schedule.charging_schedule_period = [updated(period, values)]
            placed.profile.dyn_update_time = core.clock.text(core.now)
            core.smart_charging.book.keep(placed)
        return bool(found)

    # Telling ---------------------------------------------------------------------------------

    def _is_significant(self, old: Placed, new: Placed) -> bool:
        """Whether a change is large enough to be told (SC.03)."""
        if old.source != new.source or old.schedule.charging_rate_unit != new.schedule.charging_rate_unit:
            return True
        before, after = old.schedule.charging_schedule_period, new.schedule.charging_schedule_period
        if len(before) != 1 or len(after) != 1:
            return before != after
        least = self.core.settings.decimal("limit_change_significance") / 100
        for name in ScheduleUpdate.__struct_fields__:
            a, b = getattr(before[0], name), getattr(after[0], name)
            if (a is None) != (b is None) or (a is not None and abs(a - b) > least * max(abs(a), abs(b))):
                return True
        return False

    def _tell(self, key: Key, report: ChargingLimit | ChargingLimitCleared) -> None:
        if self.core.is_online:
            self.core.say(report)
        else:
            self._untold = {**(self._untold or {}), key: report}

    def accepted(self) -> None:
        """What happened meanwhile is told now (SC.02)."""
        untold, self._untold = self._untold, None
        for report in (untold or {}).values():
            self.core.say(report)


def _purpose(local_generation: bool) -> Purpose:
    return "LocalGeneration" if local_generation else "ChargingStationExternalConstraints"
