"""Whether a vehicle's own schedule stays within the profile that it was offered (K15.FR.11, K15.FR.12)."""

from msgspec.structs import replace

from voltherd.domain.charging_rules import instant
from voltherd.domain.charging_schedule import ChargingProfile, ChargingSchedule
from voltherd.domain.composite_schedule import Situation, generous_phases, limit_at

TOLERANCE = 1.001


def exceeds(schedule: ChargingSchedule, time_base: str, offer: ChargingProfile, selected: int | None) -> bool:
    """Whether the vehicle plans more than the offer at any instant; beyond the offer's end nothing was promised.

    `selected` is the id of the offered schedule that the vehicle chose, where there are several.
    """
    base_ms = instant(schedule.start_schedule) or instant(time_base)
    if base_ms is None:
        return False
    chosen = [item for item in offer.charging_schedule if item.id == selected] or offer.charging_schedule
    starts = [period.start_period for period in schedule.charging_schedule_period]
    ends = [*starts[1:], schedule.duration if schedule.duration is not None else starts[-1] + 1]
    for period, end in zip(schedule.charging_schedule_period, ends, strict=True):
        if period.limit is None:
            continue
        for at_ms in _instants(base_ms, period.start_period, end, chosen):
            allowed = max((_allowed(offer, item, at_ms, schedule, base_ms) for item in chosen), default=float("inf"))
            if float(period.limit) > allowed * TOLERANCE + 0.05:
                return True
    return False


def _instants(base_ms: int, start_s: int, end_s: int, offered: list[ChargingSchedule]) -> list[int]:
    """Give the start of a period, and all instants within it at which the offer changes."""
    found = {base_ms + start_s * 1000}
    for item in offered:
        begin_ms = instant(item.start_schedule) or base_ms
        marks = (begin_ms + period.start_period * 1000 for period in item.charging_schedule_period)
        found.update(mark for mark in marks if base_ms + start_s * 1000 < mark < base_ms + end_s * 1000)
    return sorted(found)


def _allowed(
    offer: ChargingProfile, item: ChargingSchedule, at_ms: int, schedule: ChargingSchedule, base_ms: int
) -> float:
    unit = schedule.charging_rate_unit
    phases = schedule.charging_schedule_period[0].number_phases or generous_phases(unit)
    situation = Situation(transaction_start_ms=base_ms, phases=phases)
    limit = limit_at(replace(offer, charging_schedule=[item]), at_ms, unit, situation)
    return float("inf") if limit is None else limit
