"""Events of transactions, each one row together with the samples that came in it.

A row of samples beside the event's would cost a third of the whole message again (hot path).
"""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any
from zlib import crc32

import msgspec
from msgspec import Struct
from sqlalchemy import Index, bindparam, select

from voltherd.domain.metering import MeterSample
from voltherd.domain.transaction import TransactionEvent
from voltherd.store.mapping import PACKED, RecordTable, dump_json
from voltherd.store.reading import Query
from voltherd.store.schema import appended, boolean, integer, partial_index, text

_KEY = ("transaction", "seq_no", "kind", "at_ms", "digest")

transaction_events = appended(
    "transaction_events",
    integer("tenant_id"),
    integer("station_id"),
    integer("transaction"),
    integer("seq_no"),
    text("kind"),
    text("trigger_reason"),
    integer("at_ms"),
    integer("received_ms"),
    boolean("offline"),
    text("charging_state"),
    text("stopped_reason"),
    text("id_token"),
    integer("evse_no"),
    integer("connector_no"),
    integer("digest"),
    text("samples", null=True),
    text("details", null=True),
)
_c = transaction_events.c
Index("transaction_events_key", *(_c[name] for name in _KEY), unique=True)
partial_index("transaction_events_samples", _c.at_ms, where=_c.samples.is_not(None))


class EventRow(Struct, kw_only=True, gc=False):
    """An event as it is stored."""

    tenant_id: int
    station_id: int
    transaction: int
    seq_no: int
    kind: Any
    trigger_reason: str
    at_ms: int
    received_ms: int
    offline: bool
    charging_state: str
    stopped_reason: str
    id_token: str
    evse_no: int
    connector_no: int
    digest: int
    """Of what it says beside the rest of the key."""
    samples: str | None
    """JSON: a list of [at_ms, measurand, phase, location, context, value, unit, raw_value, raw_unit, signed_data,
    signature]; None where there are none, or no longer."""
    details: str | None


TRANSACTION_EVENTS = RecordTable(EventRow, transaction_events, key=_KEY, mode="append")


class _Packed(Struct, array_like=True, gc=False):
    at_ms: int
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


told = attrgetter(*_Packed.__struct_fields__)
"""Gives all that a station said in a sample, as it is packed."""
_decode = msgspec.json.Decoder(list[_Packed]).decode


def pack(events: Sequence[TransactionEvent]) -> list[tuple[RecordTable[Any], tuple[Any, ...]]]:
    """Make a row of each."""
    return [(TRANSACTION_EVENTS, _row(event)) for event in events]


def _row(event: TransactionEvent) -> tuple[Any, ...]:
    samples = None
    said = f"{event.trigger_reason}|{event.charging_state}|{event.stopped_reason}|{event.id_token}"
    digest = crc32(said.encode("utf-8", "replace"))
    if event.samples:
        packed = dump_json(list(map(told, event.samples)))
        digest, samples = crc32(packed, digest), packed.decode()
    return (
        event.tenant_id,
        event.station_id,
        event.transaction,
        event.seq_no,
        event.kind,
        event.trigger_reason,
        event.at_ms,
        event.received_ms,
        event.offline,
        event.charging_state,
        event.stopped_reason,
        event.id_token,
        event.evse_no,
        event.connector_no,
        digest,
        samples,
        event.details or None,
    )


PACKED[TransactionEvent] = pack


def event_of(row: EventRow) -> TransactionEvent:
    """Give the event of a row, without its samples."""
    return TransactionEvent(
        station_id=row.station_id,
        transaction=row.transaction,
        seq_no=row.seq_no,
        kind=row.kind,
        trigger_reason=row.trigger_reason,
        at_ms=row.at_ms,
        received_ms=row.received_ms,
        offline=row.offline,
        charging_state=row.charging_state,
        stopped_reason=row.stopped_reason,
        id_token=row.id_token,
        tenant_id=row.tenant_id,
        evse_no=row.evse_no,
        connector_no=row.connector_no,
        details=row.details or "",
    )


def samples_of(row: EventRow) -> Iterator[MeterSample]:
    """Give the samples that came in an event."""
    if row.samples is None:
        return
    for packed in _decode(row.samples):
        yield MeterSample(
            at_ms=packed.at_ms,
            measurand=packed.measurand,
            phase=packed.phase,
            location=packed.location,
            context=packed.context,
            value=packed.value,
            unit=packed.unit,
            raw_value=packed.raw_value,
            raw_unit=packed.raw_unit,
            signed_data=packed.signed_data,
            signature=packed.signature,
            tenant_id=row.tenant_id,
            station_id=row.station_id,
            evse_no=row.evse_no,
            connector_no=row.connector_no,
            received_ms=row.received_ms,
            transaction=row.transaction,
        )


_of_transaction = select(*TRANSACTION_EVENTS.columns).where(
    _c.transaction == bindparam("transaction"), _c.tenant_id == bindparam("tenant_id")
)
_in_order = [_c[name] for name in _KEY]

EVENTS = Query(_of_transaction.order_by(*_in_order))
EVENTS_FROM = Query(_of_transaction.where(_c.received_ms >= bindparam("received_ms")).order_by(*_in_order))
