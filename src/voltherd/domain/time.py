"""Instants: epoch milliseconds inside, RFC 3339 text outside.

Stations send timestamps in many shapes (interop trap 29); `parse_timestamp` reads what can be understood and
`plausible_ms` decides whether the station's clock can be believed.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_TIMESTAMP = re.compile(
    r"\s*(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*([Zz]|[+-]\d\d(?::?\d\d)?)?\s*"
)
MAX_FUTURE_MS = 24 * 3600 * 1000
"""A station clock further ahead of ours than this is not believed."""
MAX_PAST_MS = 366 * 24 * 3600 * 1000
"""Nor one further behind than this: transactions made offline may be old, but not by years."""


@lru_cache(maxsize=64)
def parse_timestamp(text: str) -> int | None:
    """Read a station's timestamp as epoch milliseconds, or None where it names no instant.

    Without a zone it is taken as UTC; a bare `+02` offset, a comma before the fraction and missing seconds are
    understood.
    """
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000) if text[-1:] == "Z" else _parse_odd(text)
    except (ValueError, OverflowError):
        return _parse_odd(text)


def _parse_odd(text: str) -> int | None:
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), min(int(second or 0), 59), tzinfo=UTC
        )
        moment -= _offset(zone)
    except (ValueError, OverflowError):
        return None
    return int(moment.timestamp()) * 1000 + int((fraction or "0").ljust(3, "0")[:3])


def parse_rfc3339(text: str) -> int | None:
    """Read what people and programs give us, not stations: None also where no zone is named."""
    return None if names_no_zone(text) else parse_timestamp(text)


def names_no_zone(text: str) -> bool:
    """Whether a timestamp that `parse_timestamp` understands tells no zone."""
    match = _TIMESTAMP.fullmatch(text)
    return match is not None and match.group(8) is None


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in "Zz":
        return timedelta()
    hours, minutes = int(zone[1:3]), int(zone[-2:]) if len(zone) > 3 else 0
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if zone[0] == "-" else offset


def plausible_ms(station_ms: int | None, received_ms: int) -> int:
    """Give the station's instant where it can be believed, else the instant of receipt."""
    if station_ms is None or not received_ms - MAX_PAST_MS <= station_ms <= received_ms + MAX_FUTURE_MS:
        return received_ms
    return station_ms


def format_ms(epoch_ms: int) -> str:
    """Write epoch milliseconds as RFC 3339 in UTC, as OCPP messages and the API carry it."""
    seconds, milliseconds = divmod(epoch_ms, 1000)
    return f"{_to_the_second(seconds)}.{milliseconds:03d}Z"


@lru_cache(maxsize=16)
def _to_the_second(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
