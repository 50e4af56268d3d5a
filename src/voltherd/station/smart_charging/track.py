"""What one charging profile says over a stretch of time: its periods, as instants at which they begin and end.

All instants are seconds since 1970 (UTC). Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from math import floor, inf
from typing import Final

from msgspec import Struct

from voltherd.station.smart_charging.profile import (
    RECURRENCE_S,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Placed,
    instant,
    local_instant,
)

_DAY_S: Final = 86_400.0
DEFAULT_VOLTAGE_V: Final = 230.0


class Situation(Struct, kw_only=True, frozen=True):
    """What the meaning of profiles depends on, beside time.

    Attributes:
        begin: when the transaction could first deliver energy; None: it has not yet, or there is none, and
            relative schedules count as if they began now (OCPP 2.x K08.FR.06).
        priority: priority charging is on for the transaction (OCPP 2.1 K21).
        voltage_v: line voltage to the neutral conductor, or the nominal voltage of DC.
        phases: of the EVSE (AC); 0 for DC.
        soc_percent: state of charge of the vehicle, if known (OCPP 2.1 K01.FR.100).
        offline_since: since when the CSMS cannot be reached; None: it can (OCPP 2.1 K01.FR.101).
        zone: of the local clock, for schedules with `useLocalTime`.
        most_w: what the hardware can deliver, None if that is not to be looked at.
        own_setpoint_first: setpoints of the CSMS before those of external systems (`SetpointPriority`).
    """

    begin: float | None = None
    priority: bool = False
    voltage_v: float = DEFAULT_VOLTAGE_V
    phases: int = 3
    soc_percent: float | None = None
    offline_since: float | None = None
    zone: tzinfo = UTC
    most_w: float | None = None
    own_setpoint_first: bool = False


class Said(Struct, frozen=True):
    """A period that holds, and the schedule it stands in."""

    period: ChargingSchedulePeriod
    schedule: ChargingSchedule


class Span(Struct, frozen=True):
    """From `start` until before `end`, this is said."""

    start: float
    end: float
    said: Said


def spans(placed: Placed, start: float, end: float, situation: Situation) -> list[Span]:
    """Give what a profile says from `start` until before `end`, in order; nothing is said between spans."""
    first, last = _validity(placed, situation)
    first, last = max(first, start), min(last, end)
    found: list[Span] = []
    for low, high, offset_s in _regimes(placed.schedule, first, last, situation.zone):
        for begin, finish in _runs(placed, low, high, start, offset_s, situation):
            found.extend(_periods(placed, begin, max(begin, low), min(finish, high)))
    return found


def _validity(placed: Placed, situation: Situation) -> tuple[float, float]:
    """From `validFrom` until before `validTo` (OCPP 2.x K01.FR.36, K01.FR.37), not too long offline."""
    profile = placed.profile
    first = -inf if profile.valid_from is None else instant(profile.valid_from)
    last = inf if profile.valid_to is None else instant(profile.valid_to)
    if situation.offline_since is not None and profile.max_offline_duration is not None:
        last = min(last, situation.offline_since + profile.max_offline_duration)
    return first, last


def _regimes(
    schedule: ChargingSchedule, first: float, last: float, zone: tzinfo
) -> Iterator[tuple[float, float, float]]:
    """Cut a stretch where the local clock is set, as (from, until, offset to UTC); only where a schedule follows it."""
    if first >= last:
        return
    if not schedule.use_local_time:
        yield first, last, 0.0
        return
    while first < last:
        offset_s = _offset_s(first, zone)
        known = until = first
        while until < last and _offset_s(until, zone) == offset_s:
            known, until = until, min(until + _DAY_S, last)
        if _offset_s(until, zone) != offset_s:
            until = _switch(known, until, offset_s, zone)
        yield first, until, offset_s
        first = until


def _switch(low: float, high: float, offset_s: float, zone: tzinfo) -> float:
    """Give the whole second from which on the offset is another, between an instant before and one after it."""
    early, late = floor(low), floor(high)
    while late - early > 1:
        middle = (early + late) // 2
        early, late = (middle, late) if _offset_s(middle, zone) == offset_s else (early, middle)
    return float(late)


def _offset_s(at: float, zone: tzinfo) -> float:
    return (datetime.fromtimestamp(at, zone).utcoffset() or timedelta()).total_seconds()


def _runs(
    placed: Placed, low: float, high: float, now: float, offset_s: float, situation: Situation
) -> Iterator[tuple[float, float]]:
    """Give when the schedule runs, from begin until before its end, as far as it touches the stretch."""
    schedule, kind = placed.schedule, placed.profile.charging_profile_kind
    lasting = inf if schedule.duration is None else float(schedule.duration)
    if kind == "Dynamic":
        told = placed.profile.dyn_update_time
        yield low, inf if told is None else instant(told) + lasting
        return
    if kind == "Relative" or schedule.start_schedule is None:
        begin = now if situation.begin is None else situation.begin
        yield begin, begin + lasting
        return
    begin = instant(schedule.start_schedule)
    if schedule.use_local_time:
        begin = local_instant(schedule.start_schedule) - offset_s
    recurrence_s = RECURRENCE_S.get(placed.profile.recurrency_kind or "") if kind == "Recurring" else None
    if recurrence_s is None:
        yield begin, begin + lasting
        return
    begin += max(0, floor((low - begin) / recurrence_s)) * recurrence_s
    while begin < high:
        yield begin, begin + min(lasting, recurrence_s)
        begin += recurrence_s


def _periods(placed: Placed, begin: float, low: float, high: float) -> Iterator[Span]:
    """Give the periods of one run that touch the stretch; each lasts until the next begins (OCPP 2.x K01.FR.12)."""
    schedule = placed.schedule
    periods = schedule.charging_schedule_period
    if placed.profile.charging_profile_kind == "Dynamic":
        if low < high:
            yield Span(low, high, Said(periods[0], schedule))
        return
    at = begin
    for index, period in enumerate(periods):
        at = max(at, begin + _start_s(placed, index))
        if at >= high:
            return
        until = high
        if index + 1 < len(periods):
            until = min(high, max(at, begin + _start_s(placed, index + 1)))
        if until > low and until > at:
            yield Span(max(at, low), until, Said(period, schedule))


def _start_s(placed: Placed, index: int) -> int:
    start_s = placed.schedule.charging_schedule_period[index].start_period
    return start_s + (placed.delays_s[index] if index < len(placed.delays_s) else 0)
