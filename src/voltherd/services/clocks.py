"""Clocks: when a station's timestamp is not believed, the instant of receipt stands, and the station is flagged."""

from voltherd.domain.time import parse_timestamp, plausible_ms
from voltherd.services.state import StationState
from voltherd.services.work import Work

IMPLAUSIBLE_CLOCK = "implausible-clock"


def believed_ms(state: StationState, work: Work, timestamp: str) -> int:
    """Give the instant that a station tells, or that of receipt where its clock cannot be right (interop trap 29)."""
    told_ms = parse_timestamp(timestamp)
    at_ms = plausible_ms(told_ms, work.now_ms)
    station = state.station
    if at_ms != told_ms and IMPLAUSIBLE_CLOCK not in station.flags:
        station.flags = (*station.flags, IMPLAUSIBLE_CLOCK)
        work.put(station)
    return at_ms


def is_believed(timestamp: str, now_ms: int) -> bool:
    """Whether a timestamp tells one event from the next: a clock that stands still does not."""
    told_ms = parse_timestamp(timestamp)
    return told_ms is not None and plausible_ms(told_ms, now_ms) == told_ms
