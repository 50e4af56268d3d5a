"""Limits of charging that come from outside, and those that a station states of itself (K11-K14, K21, K22)."""

import re
from collections.abc import Iterable

from voltherd.domain.charging_profile import ChargingLimit, PriorityNotified
from voltherd.domain.charging_rules import StationLimits, instant
from voltherd.domain.charging_schedule import ChargingSchedule
from voltherd.domain.device_model import OCPP16_COMPONENT, Variable
from voltherd.services.documents import Documents
from voltherd.services.effects import observe
from voltherd.services.state import StationState
from voltherd.services.work import Work

PRIORITY = "PriorityCharging"
"""Source of the records that tell of priority charging."""
_LIST = re.compile(r"[,;]")
_UNITS = {"current": "A", "a": "A", "amp": "A", "amps": "A", "ampere": "A", "power": "W", "w": "W", "watt": "W"}


class ChargingLimits:
    """Keeps limits from outside, per source and EVSE."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def held(self, state: StationState) -> dict[str, ChargingLimit]:
        """Give all limits by key. Raises NotLoaded."""
        return self._documents.held(state, ChargingLimit)

    def notified(
        self,
        state: StationState,
        work: Work,
        source: str,
        evse_no: int,
        schedules: list[ChargingSchedule],
        *,
        is_grid_critical: bool | None,
        is_local_generation: bool | None,
    ) -> None:
        """Keep a limit; it replaces the one of the same source on the same EVSE (K11.FR.02, K12.FR.02)."""
        self.held(state)
        limit = ChargingLimit(
            state="active",
            evse_no=evse_no,
            source=source,
            is_grid_critical=is_grid_critical,
            is_local_generation=is_local_generation,
            schedules=schedules,
            notified_at_ms=work.now_ms,
        )
        self._documents.keep(state, work, limit)

    def cleared(self, state: StationState, work: Work, source: str, evse_no: int | None) -> None:
        """Mark limits of a source as gone (K13.FR.02); without an EVSE all of that source."""
        found = [
            limit
            for limit in self.held(state).values()
            if limit.source == source and evse_no in (None, limit.evse_no) and limit.state == "active"
        ]
        for limit in found or [ChargingLimit(state="active", evse_no=evse_no or 0, source=source)]:
            limit.state, limit.cleared_at_ms = "cleared", work.now_ms
            self._documents.keep(state, work, limit)

    def priority(self, state: StationState, work: Work, transaction_id: str, *, activated: bool) -> None:
        """Keep that priority charging is on or off for a transaction (K21.FR.05, K22.FR.03)."""
        self.held(state)
        transaction = state.transactions.get(transaction_id)
        limit = ChargingLimit(
            state="active" if activated else "cleared",
            evse_no=transaction.evse_no if transaction else 0,
            source=PRIORITY,
            transaction_id=transaction_id,
            notified_at_ms=work.now_ms,
            cleared_at_ms=None if activated else work.now_ms,
        )
        self._documents.keep(state, work, limit)
        observe(state, work, PriorityNotified(transaction_id, activated))

    def constraint(self, state: StationState, evse_no: int, now_ms: int) -> tuple[float | None, float | None]:
        """Give the lowest limits in A (per phase) and in W that hold on an EVSE from now on. Raises NotLoaded."""
        lowest: dict[str, float] = {}
        for limit in self.held(state).values():
            if limit.state != "active" or limit.evse_no not in (0, evse_no) or limit.is_local_generation:
                continue
            for schedule in limit.schedules:
                if _is_over(schedule, now_ms):
                    continue
                for period in schedule.charging_schedule_period:
                    if period.limit is not None:
                        unit = schedule.charging_rate_unit
                        lowest[unit] = min(lowest.get(unit, period.limit), period.limit)
        return lowest.get("A"), lowest.get("W")

    def is_prioritised(self, state: StationState, evse_no: int) -> bool:
        """Whether priority charging is on for the open transaction of an EVSE. Raises NotLoaded."""
        held, transaction = self.held(state), state.open_on(evse_no)
        found = held.get(f"{PRIORITY}|{transaction.transaction_id}") if transaction else None
        return found is not None and found.state == "active"

    def ended(self, state: StationState, work: Work, transaction_id: str) -> None:
        """Let go of what belonged to a transaction."""
        found = self.held(state).get(f"{PRIORITY}|{transaction_id}")
        if found is not None:
            self._documents.drop(state, work, found)


def stated_limits(variables: Iterable[Variable]) -> StationLimits:
    """Read what a station's device model (SmartChargingCtrlr) or 1.6 configuration says of charging profiles.

    Lists may be separated by `;`, quoted or spaced, and units may be words (interop trap 14).
    """
    of_charging = [item for item in variables if item.component in (OCPP16_COMPONENT, "SmartChargingCtrlr")]
    said = {_name(item): item for item in of_charging if item.attribute == "Actual"}
    switching = [item for item in of_charging if item.variable == "ACPhaseSwitchingSupported"]
    of_2x = any(item.component == "SmartChargingCtrlr" for item in said.values())
    units = _items(said, "RateUnit") or _items(said, "ChargingScheduleAllowedChargingRateUnit") or frozenset()
    entries = said.get("Entries.ChargingProfiles")
    max_entries = int(entries.max_limit) if entries is not None and entries.max_limit else None
    return StationLimits(
        units=frozenset(_UNITS[unit.lower()] for unit in units if unit.lower() in _UNITS),
        max_stack_level=_first(said, "ProfileStackLevel", "ChargeProfileMaxStackLevel"),
        max_periods=_first(said, "PeriodsPerSchedule", "ChargingScheduleMaxPeriods"),
        max_profiles=max_entries or _first(said, "MaxChargingProfilesInstalled"),
        max_external_id=_first(said, "MaxExternalConstraintsId"),
        phase_switching=any(_text(item).lower() == "true" for item in switching) if of_2x else None,
        purposes=_items(said, "SupportedAdditionalPurposes"),
        refused=frozenset(
            name for name, item in said.items() if name.startswith("Supports") and _text(item).lower() == "false"
        ),
    )


def _is_over(schedule: ChargingSchedule, now_ms: int) -> bool:
    start_ms = instant(schedule.start_schedule)
    return start_ms is not None and schedule.duration is not None and start_ms + schedule.duration * 1000 <= now_ms


def _name(item: Variable) -> str:
    return f"{item.variable}.{item.variable_instance}" if item.variable_instance else item.variable


def _text(item: Variable | None) -> str:
    return (item.actual_value or "").strip().strip("\"'") if item is not None else ""


def _items(said: dict[str, Variable], name: str) -> frozenset[str] | None:
    item = said.get(name)
    if item is None:
        return None
    words = (word.strip().strip("\"'").strip() for word in _LIST.split(_text(item)))
    return frozenset(word for word in words if word)


def _first(said: dict[str, Variable], *names: str) -> int | None:
    for name in names:
        text = _text(said.get(name))
        if text.isascii() and text.isdigit():
            return int(text)
    return None
