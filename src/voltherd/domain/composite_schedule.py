"""What installed charging profiles add up to, for checking what stations say of it (K08.FR.04, "SC.01").

Per purpose the highest stack level that says something at an instant counts. TxProfile overrules TxDefaultProfile, and
PriorityCharging both; the lowest of what the purposes say holds; local generation comes on top. Pure functions.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from voltherd.domain.charging_profile import DEFAULT_VOLTAGE_V
from voltherd.domain.charging_rules import DEFAULT_PHASES, instant
from voltherd.domain.charging_schedule import (
    RECURRENCE_S,
    ChargingProfile,
    ChargingSchedule,
    RateUnit,
    SchedulePeriod,
)

_CAPS = ("ChargingStationMaxProfile", "ChargingStationExternalConstraints")


class Situation(Struct, frozen=True, kw_only=True):
    """When profiles are looked at: relative ones begin with the transaction; where there is none, at `at_ms`."""

    transaction_start_ms: int | None = None
    priority: bool = False
    """Priority charging is switched on for the transaction."""
    voltage_v: float = DEFAULT_VOLTAGE_V
    phases: int = DEFAULT_PHASES


def generous_phases(unit: RateUnit) -> int:
    """Give the phases that make most of a limit in another unit, where nobody says how many there are."""
    return 1 if unit == "A" else DEFAULT_PHASES


class Step(Struct, frozen=True):
    """From an instant on this limit holds, in the unit asked for; None: no profile says anything."""

    at_ms: int
    limit: float | None


def period_at(profile: ChargingProfile, at_ms: int, situation: Situation) -> tuple[SchedulePeriod, RateUnit] | None:
    """Give the period of a profile that is active at an instant, with its unit; None where it says nothing."""
    begin, end = instant(profile.valid_from), instant(profile.valid_to)
    if (begin is not None and at_ms < begin) or (end is not None and at_ms >= end):
        return None
    for schedule in profile.charging_schedule:
        elapsed_ms = _elapsed_ms(profile, schedule, at_ms, situation)
        if elapsed_ms is None or (schedule.duration is not None and elapsed_ms >= schedule.duration * 1000):
            continue
        active = [period for period in schedule.charging_schedule_period if period.start_period * 1000 <= elapsed_ms]
        if active:
            return active[-1], schedule.charging_rate_unit
    return None


def _elapsed_ms(profile: ChargingProfile, schedule: ChargingSchedule, at_ms: int, situation: Situation) -> int | None:
    kind, start_ms = profile.charging_profile_kind, instant(schedule.start_schedule)
    if kind == "Dynamic":
        return 0
    if kind == "Relative":
        start_ms = at_ms if situation.transaction_start_ms is None else situation.transaction_start_ms
    if start_ms is None or at_ms < start_ms:
        return None
    elapsed_ms = at_ms - start_ms
    recurrence_s = RECURRENCE_S.get(profile.recurrency_kind or "") if kind == "Recurring" else None
    return elapsed_ms % (recurrence_s * 1000) if recurrence_s else elapsed_ms


def limit_at(profile: ChargingProfile, at_ms: int, unit: RateUnit, situation: Situation) -> float | None:
    """Give a profile's limit at an instant in a unit; None where it says nothing."""
    found = period_at(profile, at_ms, situation)
    if found is None or found[0].limit is None:
        return None
    period, of_profile = found
    limit = float(period.limit or 0)
    if of_profile == unit:
        return limit
    factor = situation.voltage_v * (period.number_phases or situation.phases)
    return limit * factor if unit == "W" else limit / factor


class Leading(Struct, frozen=True):
    """A profile that counts at an instant, and its limit in the unit asked for."""

    profile: ChargingProfile
    limit: float


def leading_at(
    profiles: Iterable[ChargingProfile], at_ms: int, unit: RateUnit, situation: Situation
) -> dict[str, Leading]:
    """Give the profiles that count at an instant, by purpose: at most one of those for transactions, and the caps."""
    by_purpose: dict[str, list[ChargingProfile]] = {}
    for profile in profiles:
        by_purpose.setdefault(profile.charging_profile_purpose, []).append(profile)
    said = {purpose: _leading(found, at_ms, unit, situation) for purpose, found in by_purpose.items()}
    for_transaction = ("PriorityCharging",) * situation.priority + ("TxProfile", "TxDefaultProfile")
    chosen = next((purpose for purpose in for_transaction if said.get(purpose) is not None), "")
    counting = (chosen, *_CAPS, "LocalGeneration")
    return {purpose: found for purpose in counting if (found := said.get(purpose)) is not None}


def combined_at(profiles: Iterable[ChargingProfile], at_ms: int, unit: RateUnit, situation: Situation) -> float | None:
    """Give the limit that all profiles of an EVSE, and of the station, come to at an instant."""
    found = leading_at(profiles, at_ms, unit, situation)
    local = found.pop("LocalGeneration", None)
    if not found:
        return None
    return min(item.limit for item in found.values()) + (0.0 if local is None else local.limit)


def _leading(profiles: Sequence[ChargingProfile], at_ms: int, unit: RateUnit, situation: Situation) -> Leading | None:
    for profile in sorted(profiles, key=lambda item: -item.stack_level):
        limit = limit_at(profile, at_ms, unit, situation)
        if limit is not None:
            return Leading(profile, limit)
    return None


def composite(
    profiles: Sequence[ChargingProfile], start_ms: int, duration_s: int, unit: RateUnit, situation: Situation
) -> list[Step]:
    """Give the composite schedule from an instant on: the first step is at `start_ms`, each later one differs."""
    if situation.transaction_start_ms is None:
        situation = replace(situation, transaction_start_ms=start_ms)  # as if one began now (K08.FR.06)
    end_ms = start_ms + duration_s * 1000
    instants = {start_ms}
    for profile in profiles:
        instants.update(at_ms for at_ms in _changes(profile, start_ms, end_ms, situation) if start_ms < at_ms < end_ms)
    steps: list[Step] = []
    for at_ms in sorted(instants):
        limit = combined_at(profiles, at_ms, unit, situation)
        if not steps or steps[-1].limit != limit:
            steps.append(Step(at_ms, limit))
    return steps


def _changes(profile: ChargingProfile, start_ms: int, end_ms: int, situation: Situation) -> Iterator[int]:
    for bound in (instant(profile.valid_from), instant(profile.valid_to)):
        if bound is not None:
            yield bound
    for schedule in profile.charging_schedule:
        marks = [period.start_period for period in schedule.charging_schedule_period]
        marks += [] if schedule.duration is None else [schedule.duration]
        for base_ms in _bases(profile, schedule, start_ms, end_ms, situation):
            yield base_ms
            yield from (base_ms + mark * 1000 for mark in marks)


def _bases(
    profile: ChargingProfile, schedule: ChargingSchedule, start_ms: int, end_ms: int, situation: Situation
) -> Iterator[int]:
    """Give the instants at which a schedule begins, as far as they matter between two instants."""
    base_ms = instant(schedule.start_schedule)
    if profile.charging_profile_kind == "Relative":
        base_ms = situation.transaction_start_ms
    if base_ms is None:
        return
    recurrence_s = RECURRENCE_S.get(profile.recurrency_kind or "")
    if profile.charging_profile_kind != "Recurring" or recurrence_s is None:
        yield base_ms
        return
    step_ms = recurrence_s * 1000
    at_ms = base_ms + max(0, (start_ms - base_ms) // step_ms) * step_ms
    while at_ms < end_ms:
        yield at_ms
        at_ms += step_ms
