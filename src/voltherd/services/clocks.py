"""Clocks: when a station's timestamp is not believed, the instant of receipt stands, and the station is flagged."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from voltherd.domain.time import names_no_zone, parse_timestamp, plausible_ms
from voltherd.services.state import StationState
from voltherd.services.work import Work

IMPLAUSIBLE_CLOCK = "implausible-clock"
LOCAL = "local"
"""The zone of this machine."""


def believed_ms(state: StationState, work: Work, timestamp: str) -> int:
    """Give the instant that a station tells, or that of receipt where its clock cannot be right (interop trap 29)."""
    told_ms = told_instant_ms(timestamp, state.quirks.timestamps_local_zone)
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


def told_instant_ms(timestamp: str, zone: str | None) -> int | None:
    """Read a station's timestamp; one without a zone is the local time of `zone`, where the station stands in one."""
    told_ms = parse_timestamp(timestamp)
    if told_ms is None or zone is None or not names_no_zone(timestamp):
        return told_ms
    local = datetime.fromtimestamp(told_ms / 1000, ZoneInfo("UTC")).replace(tzinfo=None)
    moment = local.astimezone() if zone == LOCAL else local.replace(tzinfo=ZoneInfo(zone))
    return round(moment.timestamp() * 1000)


def is_zone(name: str) -> bool:
    """Whether a text names a time zone."""
    try:
        return name == LOCAL or ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
