"""Meter samples that came by themselves: those of one instant at one connector are one row, in their order.

A row a sample would cost three times as much to write (hot path). The row's key holds a digest of its samples, so that
a repeated message changes nothing and a different one of the same instant is kept beside it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any
from zlib import crc32

import msgspec
from msgspec import Struct
from sqlalchemy import Index, Select, bindparam, select

from voltherd.domain.errors import Invalid
from voltherd.domain.metering import MeterSample
from voltherd.domain.transaction import TransactionEvent
from voltherd.services.ports import Page
from voltherd.store.mapping import PACKED, RecordTable, dump_json
from voltherd.store.paging import clamp, decode_cursor, encode_cursor
from voltherd.store.reading import Query, RecordsBase
from voltherd.store.schema import appended, integer, text
from voltherd.store.transaction_events import (
    EVENTS,
    EVENTS_FROM,
    TRANSACTION_EVENTS,
    event_of,
    samples_of,
    told,
)

_KEY = ("transaction", "station_id", "at_ms", "evse_no", "connector_no", "digest")

meter_readings = appended(
    "meter_readings",
    integer("tenant_id"),
    integer("station_id"),
    integer("transaction"),
    integer("at_ms"),
    integer("evse_no"),
    integer("connector_no"),
    integer("digest"),
    integer("received_ms"),
    text("samples"),
)
_c = meter_readings.c
Index("meter_readings_key", *(_c[name] for name in _KEY), unique=True)


class MeterReading(Struct, kw_only=True, gc=False):
    """All samples of one instant at one connector that came in one message."""

    tenant_id: int
    station_id: int
    transaction: int
    """0: none."""
    at_ms: int
    evse_no: int
    connector_no: int
    digest: int
    received_ms: int
    samples: str
    """JSON: a list of [measurand, phase, location, context, value, unit, raw_value, raw_unit, signed_data,
    signature]."""


METER_READINGS = RecordTable(MeterReading, meter_readings, key=_KEY, mode="append")

_Key = tuple[int, int, int, int, int, int]


class _Packed(Struct, array_like=True, gc=False, frozen=True):
    measurand: str
    phase: str
    location: str
    context: str
    value: float | None
    unit: str
    raw_value: str
    raw_unit: str
    signed_data: str | None
    signature: str | None = None


_fields = attrgetter(*_Packed.__struct_fields__)
_decode = msgspec.json.Decoder(list[_Packed]).decode

MAX_OF_ONE_INSTANT = 1_000_000
"""No cursor says that more samples of one instant were given."""


def pack(samples: Sequence[MeterSample]) -> list[tuple[RecordTable[Any], tuple[Any, ...]]]:
    """Make the rows of samples that are stored together."""
    if _are_together(samples):
        return [(METER_READINGS, _row(_key_of(samples[0]), samples))]
    readings: dict[_Key, list[MeterSample]] = {}
    for item in samples:
        readings.setdefault(_key_of(item), []).append(item)
    return [(METER_READINGS, _row(key, items)) for key, items in readings.items()]


def _are_together(samples: Sequence[MeterSample]) -> bool:
    first = samples[0]
    station_id, transaction, at_ms = first.station_id, first.transaction, first.at_ms
    evse_no, connector_no, tenant_id = first.evse_no, first.connector_no, first.tenant_id
    for item in samples:
        if item.at_ms != at_ms or item.transaction != transaction or item.station_id != station_id:
            return False
        if item.evse_no != evse_no or item.connector_no != connector_no or item.tenant_id != tenant_id:
            return False
    return True


def _key_of(item: MeterSample) -> _Key:
    return item.tenant_id, item.station_id, item.transaction or 0, item.at_ms, item.evse_no, item.connector_no


def _row(key: _Key, samples: Sequence[MeterSample]) -> tuple[Any, ...]:
    packed = dump_json(list(map(_fields, samples)))
    return (*key, crc32(packed), samples[0].received_ms, packed.decode())


PACKED[MeterSample] = pack


def unpack(readings: Iterable[MeterReading]) -> Iterator[MeterSample]:
    """Give the samples of readings; of those that are equal in everything the station said the first is kept."""
    seen: set[tuple[Any, ...]] = set()
    for of in readings:
        for packed in _decode(of.samples):
            key = (of.station_id, of.at_ms, of.evse_no, of.connector_no, packed)
            if key in seen:
                continue
            seen.add(key)
            yield MeterSample(
                tenant_id=of.tenant_id,
                station_id=of.station_id,
                evse_no=of.evse_no,
                connector_no=of.connector_no,
                at_ms=of.at_ms,
                measurand=packed.measurand,
                phase=packed.phase,
                location=packed.location,
                context=packed.context,
                received_ms=of.received_ms,
                transaction=of.transaction or None,
                value=packed.value,
                unit=packed.unit,
                raw_value=packed.raw_value,
                raw_unit=packed.raw_unit,
                signed_data=packed.signed_data,
                signature=packed.signature,
            )


_READINGS_FROM = Query(
    select(*METER_READINGS.columns)
    .where(
        _c.transaction == bindparam("transaction"),
        _c.tenant_id == bindparam("tenant_id"),
        _c.received_ms >= bindparam("received_ms"),
    )
    .order_by(_c.received_ms, _c.at_ms)
)


class MeteringRecords(RecordsBase):
    """Queries about meter samples."""

    async def since_record(
        self, tenant_id: int, transaction: int, received_from_ms: int
    ) -> tuple[list[TransactionEvent], list[MeterSample]]:
        """Give the events and samples of a transaction that were received at an instant or later."""
        values = {"tenant_id": tenant_id, "transaction": transaction, "received_ms": received_from_ms}
        dialect = self._reader.dialect
        events, readings = await self._reader.run(
            [EVENTS_FROM.statement(dialect, values), _READINGS_FROM.statement(dialect, values)]
        )
        rows = [TRANSACTION_EVENTS.from_row(row) for row in events]
        samples = [sample for row in rows for sample in samples_of(row)]
        samples.extend(unpack(METER_READINGS.from_row(row) for row in readings))
        return [event_of(row) for row in rows], samples

    async def meter_samples(
        self, tenant_id: int, transaction: int, *, limit: int = 1000, cursor: str | None = None
    ) -> Page:
        """Give a page of a transaction's MeterSample in order of time.

        The cursor is an instant and how many of its samples were given already.
        """
        limit = clamp(limit)
        from_ms, given = _place(cursor)
        wanted = select(*METER_READINGS.columns).where(_c.transaction == transaction, _c.tenant_id == tenant_id)
        if from_ms is not None:
            wanted = wanted.where(_c.at_ms >= from_ms)
        samples = await self._first_samples(wanted, given + limit + 1)
        of_events = await self._samples_of_events(tenant_id, transaction, from_ms)
        if of_events:
            samples = sorted([*samples, *of_events], key=attrgetter("at_ms"))
        return _page(samples, limit, from_ms, given)

    async def station_meter_samples(
        self,
        tenant_id: int,
        station_id: int,
        *,
        since_ms: int | None = None,
        limit: int = 1000,
        cursor: str | None = None,
    ) -> Page:
        """Give a page of the MeterSample that a station told outside of transactions (J01), in order of time."""
        limit = clamp(limit)
        from_ms, given = _place(cursor)
        wanted = select(*METER_READINGS.columns).where(
            _c.transaction == 0, _c.station_id == station_id, _c.tenant_id == tenant_id
        )
        first_ms = since_ms if from_ms is None else from_ms
        if first_ms is not None:
            wanted = wanted.where(_c.at_ms >= first_ms)
        return _page(await self._first_samples(wanted, given + limit + 1), limit, from_ms, given)

    async def _samples_of_events(self, tenant_id: int, transaction: int, from_ms: int | None) -> list[MeterSample]:
        """Give the samples that came in a transaction's events, those that were repeated in another event once."""
        rows = await self._fetch(EVENTS, tenant_id=tenant_id, transaction=transaction)
        seen: dict[tuple[Any, ...], MeterSample] = {}
        for sample in chain.from_iterable(samples_of(TRANSACTION_EVENTS.from_row(row)) for row in rows):
            if from_ms is None or sample.at_ms >= from_ms:
                seen.setdefault(told(sample), sample)
        return list(seen.values())

    async def _first_samples(self, wanted: Select[Any], count: int) -> list[MeterSample]:
        """Give so many samples or more, where there are so many; rows may hold nothing but repetitions."""
        order = (_c.station_id, _c.at_ms, _c.received_ms, _c.evse_no, _c.connector_no, _c.digest)
        wanted, rows = wanted.order_by(*order), count
        while True:
            found = await self._select(wanted.limit(rows))
            samples = list(unpack(METER_READINGS.from_row(row) for row in found))
            if len(samples) >= count or len(found) < rows:
                return samples
            rows *= 4


def _place(cursor: str | None) -> tuple[int | None, int]:
    """Read a cursor: an instant, and how many of its samples were given already. Raises Invalid."""
    from_ms, given = decode_cursor(cursor, (_c.at_ms, _c.digest)) if cursor else (None, 0)
    if not 0 <= given <= MAX_OF_ONE_INSTANT:
        raise Invalid("The cursor is not one that this list gave out.")
    return from_ms, given


def _page(samples: list[MeterSample], limit: int, from_ms: int | None, given: int) -> Page:
    samples = samples[given:]
    if len(samples) <= limit:
        return Page(items=samples)
    last_ms = samples[limit - 1].at_ms
    skip = sum(item.at_ms == last_ms for item in samples[:limit]) + (given if last_ms == from_ms else 0)
    return Page(items=samples[:limit], next=encode_cursor((last_ms, skip)))
