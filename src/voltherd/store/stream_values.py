"""Values of event streams: one row a message, as they come fast."""

from collections.abc import Iterator, Sequence
from typing import Any
from zlib import crc32

import msgspec
from msgspec import Struct
from sqlalchemy import Index, select

from voltherd.domain.event_stream import UNKNOWN_MONITOR, StreamValues
from voltherd.store.mapping import PACKED, RecordTable, dump_json
from voltherd.store.reading import RecordsBase
from voltherd.store.schema import appended, integer, text

_KEY = ("station_id", "stream", "from_ms", "digest")
MAX_SPAN_MS = 3_600_000
"""The values of one row lie within an hour, so that those of a time are found by where rows begin."""
READ_ROWS = 2_000

stream_values = appended(
    "stream_values",
    integer("tenant_id"),
    integer("station_id"),
    integer("stream"),
    integer("from_ms"),
    integer("digest"),
    integer("monitor_id"),
    integer("to_ms"),
    integer("received_ms"),
    text("packed"),
)
_c = stream_values.c
Index("stream_values_key", *(_c[name] for name in _KEY), unique=True)
Index("stream_values_received", _c.received_ms)


class StreamRow(Struct, kw_only=True, gc=False):
    """Values as they are stored."""

    tenant_id: int
    station_id: int
    stream: int
    from_ms: int
    digest: int
    monitor_id: int
    to_ms: int
    received_ms: int
    packed: str
    """JSON: a list of [ms after the first, text]."""


STREAM_VALUES = RecordTable(StreamRow, stream_values, key=_KEY, mode="append")
_decode = msgspec.json.Decoder(list[tuple[int, str]]).decode


def pack(messages: Sequence[StreamValues]) -> list[tuple[RecordTable[Any], tuple[Any, ...]]]:
    """Make a row of each message, more where its values are hours apart."""
    return [(STREAM_VALUES, _row(item, values)) for item in messages for values in _within_a_span(item.values)]


def _within_a_span(values: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    part: list[tuple[int, str]] = []
    for value in sorted(values, key=lambda item: item[0]):
        if part and value[0] - part[0][0] > MAX_SPAN_MS:
            yield part
            part = []
        part.append(value)
    if part:
        yield part


def _row(item: StreamValues, values: list[tuple[int, str]]) -> tuple[Any, ...]:
    from_ms = values[0][0]
    packed = dump_json([(at_ms - from_ms, text_) for at_ms, text_ in values])
    return (
        item.tenant_id,
        item.station_id,
        item.stream,
        from_ms,
        crc32(packed),
        item.monitor_id,
        values[-1][0],
        item.received_ms,
        packed.decode(),
    )


PACKED[StreamValues] = pack


class StreamRecords(RecordsBase):
    """Queries about values of event streams."""

    async def stream_values(
        self,
        tenant_id: int,
        station_id: int,
        stream: int,
        *,
        monitor_id: int | None = None,
        since_ms: int,
        until_ms: int,
        max_values: int,
    ) -> list[tuple[int, str]]:
        """Give the values of a stream from an instant to another, both included, in order of time.

        Only those of one monitor where it is named, and those whose monitor was not known: a station gives numbers of
        streams anew. At most `max_values`.
        """
        wanted = select(_c.from_ms, _c.packed, _c.digest).where(
            _c.station_id == station_id,
            _c.stream == stream,
            _c.tenant_id == tenant_id,
            _c.from_ms <= until_ms,
            _c.to_ms >= since_ms,
        )
        if monitor_id is not None:
            wanted = wanted.where(_c.monitor_id.in_((monitor_id, UNKNOWN_MONITOR)))
        wanted = wanted.order_by(_c.from_ms, _c.digest).limit(READ_ROWS)
        found: list[tuple[int, str]] = []
        after_ms, after = since_ms - MAX_SPAN_MS, -1
        while True:
            from_here = (_c.from_ms > after_ms) | ((_c.from_ms == after_ms) & (_c.digest > after))
            rows = await self._select(wanted.where(_c.from_ms >= after_ms, from_here))
            for from_ms, packed, _ in rows:
                values = ((from_ms + offset, text_) for offset, text_ in _decode(packed))
                found.extend(value for value in values if since_ms <= value[0] <= until_ms)
            if len(rows) < READ_ROWS or len(found) >= 2 * max_values:
                break
            after_ms, after = rows[-1][0], rows[-1][2]
        found.sort(key=lambda item: item[0])
        return found[:max_values]
