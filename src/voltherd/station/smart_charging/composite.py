"""The composite schedule: what all charging profiles of an EVSE, or of the station, come to.

Per purpose the profile of the highest stack level that says something counts. PriorityCharging overrules TxProfile,
which overrules TxDefaultProfile; of what is left the lowest limit holds; local generation comes on top (OCPP 2.1,
chapter K 3.6, "SC.01", K08.FR.04; OCPP 1.6, 3.13.3). Between two events nothing changes, so only events are looked at.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from heapq import merge
from math import inf

from msgspec import Struct
from msgspec.structs import replace

from voltherd.station.smart_charging.combining import combine, total
from voltherd.station.smart_charging.profile import ChargingSchedulePeriod, Placed, RateUnit
from voltherd.station.smart_charging.track import Said, Situation, Span, spans

Leads = dict[Hashable, Said]
"""What counts at an instant, by purpose; station and EVSE apart where the limits of both hold."""


class Step(Struct, frozen=True):
    """From an instant on (seconds since 1970) this holds; its `start_period` is 0."""

    at: float
    period: ChargingSchedulePeriod


def composite(
    placed: Iterable[Placed], start: float, duration_s: float, unit: RateUnit, situation: Situation
) -> list[ChargingSchedulePeriod]:
    """Give the schedule that profiles of one EVSE come to from `start` on (seconds since 1970), in a unit.

    The profiles are those that `applies` lets through. The first period starts at second 0, each later one differs from
    the one before it; a period without a limit is one that nobody limits.
    """
    return periods(steps(placed, start, start + duration_s, unit, situation), start, duration_s)


def composite_of_station(
    placed: Iterable[Placed],
    evses: Sequence[tuple[Sequence[Placed], Situation]],
    start: float,
    duration_s: float,
    unit: RateUnit,
    situation: Situation,
) -> list[ChargingSchedulePeriod]:
    """Give what the station may take from the grid: all EVSEs together, and not more than its own limits.

    `placed` are the profiles of EVSE 0, `evses` those of each EVSE alone, with its hardware's limit among them.
    """
    end = start + duration_s
    whole = steps(placed, start, end, unit, situation)
    each = [steps(own, start, end, unit, of_evse) for own, of_evse in evses]
    now: list[ChargingSchedulePeriod] = [found[0].period for found in (whole, *each)]
    result: list[Step] = []
    events = merge(*(_tagged(found, index) for index, found in enumerate((whole, *each))), key=lambda event: event[0])
    for at, index, period in events:
        now[index] = period
        _append(result, Step(at, total(now[0], now[1:], unit)))
    return periods(result, start, duration_s)


def steps(placed: Iterable[Placed], start: float, end: float, unit: RateUnit, situation: Situation) -> list[Step]:
    """Give what holds from `start` until before `end`, by the instants at which it changes."""
    stacks = _stacks(placed, start, end, situation)
    instants = {start}
    for stack in stacks.values():
        for found in stack:
            for span in found:
                instants.update((span.start, span.end))
    cursors: dict[Hashable, list[int]] = {key: [0] * len(stack) for key, stack in stacks.items()}
    result: list[Step] = []
    for at in sorted(instants):
        if at < end:
            leads = {key: said for key, stack in stacks.items() if (said := _top(stack, cursors[key], at)) is not None}
            _append(result, Step(at, combine(leads, unit, situation)))
    return result


def leading(placed: Iterable[Placed], at: float, situation: Situation) -> Leads:
    """Give what counts at an instant, by purpose."""
    stacks = _stacks(placed, at, at + 1.0, situation)
    return {key: said for key, stack in stacks.items() if (said := _top(stack, [0] * len(stack), at)) is not None}


def periods(found: Sequence[Step], start: float, duration_s: float) -> list[ChargingSchedulePeriod]:
    """Give steps as periods from second 0 until before the end; of several within one second the last one counts."""
    result: list[ChargingSchedulePeriod] = []
    for step in found:
        period = replace(step.period, start_period=round(step.at - start))
        if result and period.start_period >= duration_s:
            break
        if result and result[-1].start_period == period.start_period:
            result.pop()
        result.append(period)
    return result


def _stacks(
    placed: Iterable[Placed], start: float, end: float, situation: Situation
) -> dict[Hashable, list[list[Span]]]:
    """Lay out what each profile says, by purpose, the highest stack level first."""
    groups: dict[Hashable, list[Placed]] = {}
    for one in placed:
        purpose = one.profile.charging_profile_purpose
        if purpose == "PriorityCharging" and not situation.priority:
            continue
        apart = purpose in ("ChargingStationExternalConstraints", "LocalGeneration")
        groups.setdefault((purpose, one.evse_id) if apart else purpose, []).append(one)
    return {
        key: [spans(one, start, end, situation) for one in sorted(group, key=_precedence, reverse=True)]
        for key, group in groups.items()
    }


def _precedence(placed: Placed) -> tuple[int, int]:
    """By stack level; in 1.6 a TxDefaultProfile of a connector replaces that of the station there (3.13.1)."""
    return placed.profile.stack_level, placed.evse_id


def _top(stack: list[list[Span]], cursor: list[int], at: float) -> Said | None:
    """Give what the highest profile says that says anything; cursors only move on, as time does."""
    for index, found in enumerate(stack):
        position = cursor[index]
        while position < len(found) and found[position].end <= at:
            position += 1
        cursor[index] = position
        if position < len(found) and found[position].start <= at:
            return found[position].said
    return None


def _append(result: list[Step], step: Step) -> None:
    """Put a step behind the others, unless nothing changes with it."""
    if result and result[-1].at == step.at:
        result.pop()
    if not result or result[-1].period != step.period:
        result.append(step)


def _tagged(found: Sequence[Step], index: int) -> Iterable[tuple[float, int, ChargingSchedulePeriod]]:
    return ((step.at, index, step.period) for step in found)


def next_change(found: Sequence[Step]) -> float:
    """Give when the next step begins, infinity without one."""
    return found[1].at if len(found) > 1 else inf
