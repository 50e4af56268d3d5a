"""Retention: what is older than wanted goes, in small batches between the commits of others."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Select, and_, bindparam, func, select

from voltherd.store.access import API_KEYS
from voltherd.store.batch import RemovedKeys
from voltherd.store.group_commit import GroupCommit
from voltherd.store.mapping import RecordTable, Row
from voltherd.store.messages import MESSAGE_ROWS
from voltherd.store.metering import METER_READINGS
from voltherd.store.reading import Query, Reader
from voltherd.store.station_events import STATION_EVENTS
from voltherd.store.stations import CONNECTORS, STATIONS, STATUS_INTERVALS
from voltherd.store.stream_values import STREAM_VALUES
from voltherd.store.transaction_events import TRANSACTION_EVENTS, EventRow

BATCH = 500
_BEFORE = bindparam("before_ms", type_=MESSAGE_ROWS.table.c.from_ms.type)


class Rule(NamedTuple):
    """How the rows that are too old are found, a batch at a time, without looking at the young ones."""

    kind: str
    """Name in the retention setting."""
    table: RecordTable[Any]
    keys: Query
    """Gives the keys of rows to delete; whole rows where something of them is to stay."""
    staying: Callable[[Row], Struct] | None = None
    """Makes of an old row the one that stays in its place."""


def _messages() -> Select[tuple[int]]:
    """Look at the oldest ids only: they grow with time."""
    columns = MESSAGE_ROWS.table.c
    oldest = select(columns.id, columns.from_ms).order_by(columns.id).limit(BATCH).subquery()
    return select(oldest.c.id).where(oldest.c.from_ms < _BEFORE)


def _readings_of_transactions() -> Select[tuple[int, ...]]:
    """Look at the oldest transactions only: their ids grow with time."""
    table = METER_READINGS.table
    key = [table.c[name] for name in METER_READINGS.key]
    oldest = select(*key).where(table.c.transaction > 0).order_by(*key).limit(BATCH).subquery()
    return select(*oldest.c).where(oldest.c.at_ms < _BEFORE)


def _readings_without_transaction() -> Select[tuple[int, ...]]:
    """Look station by station at the oldest readings that belong to no transaction."""
    table, stations = METER_READINGS.table, STATIONS.table
    return (
        select(*(table.c[name] for name in METER_READINGS.key))
        .join_from(
            stations,
            table,
            and_(table.c.transaction == 0, table.c.station_id == stations.c.id, table.c.at_ms < _BEFORE),
        )
        .limit(BATCH)
    )


def _events_with_samples() -> Select[Any]:
    """Look at the oldest events that still have samples: the events themselves stay."""
    columns = TRANSACTION_EVENTS.table.c
    wanted = select(*TRANSACTION_EVENTS.columns).where(columns.samples.is_not(None), columns.at_ms < _BEFORE)
    return wanted.order_by(columns.at_ms).limit(BATCH)


def _without_samples(row: Row) -> EventRow:
    return replace(TRANSACTION_EVENTS.from_row(row), samples=None)


def _status_intervals() -> Select[tuple[int, ...]]:
    """Look connector by connector at intervals that ended before the instant; the one that spans it stays."""
    table, connectors = STATUS_INTERVALS.table, CONNECTORS.table
    place = ("station_id", "evse_no", "connector_no")
    later = table.alias("later")
    spanning = (
        select(func.max(later.c.from_ms))
        .where(*(later.c[name] == connectors.c[name] for name in place), later.c.from_ms < _BEFORE)
        .correlate(connectors)
        .scalar_subquery()
    )
    same = and_(*(table.c[name] == connectors.c[name] for name in place), table.c.from_ms < spanning)
    return select(*(table.c[name] for name in STATUS_INTERVALS.key)).join_from(connectors, table, same).limit(BATCH)


def _station_events() -> Select[tuple[int, ...]]:
    """Look at the oldest ids only: they grow with time."""
    columns = STATION_EVENTS.table.c
    key = [columns[name] for name in STATION_EVENTS.key]
    oldest = select(columns.id, columns.received_ms, *key).order_by(columns.id).limit(BATCH).subquery()
    return select(*(oldest.c[name] for name in STATION_EVENTS.key)).where(oldest.c.received_ms < _BEFORE)


def _values_of_streams() -> Select[tuple[int, ...]]:
    """Look at the values that came first."""
    columns = STREAM_VALUES.table.c
    wanted = select(*(columns[name] for name in STREAM_VALUES.key)).where(columns.received_ms < _BEFORE)
    return wanted.order_by(columns.received_ms).limit(BATCH)


def _expired_keys() -> Select[tuple[int]]:
    columns = API_KEYS.table.c
    return select(columns.id).where(columns.expires_at_ms < _BEFORE).limit(BATCH)


RULES = (
    Rule("messages", MESSAGE_ROWS, Query(_messages())),
    Rule("meter_samples", METER_READINGS, Query(_readings_of_transactions())),
    Rule("meter_samples", METER_READINGS, Query(_readings_without_transaction())),
    Rule("meter_samples", TRANSACTION_EVENTS, Query(_events_with_samples()), _without_samples),
    Rule("status_intervals", STATUS_INTERVALS, Query(_status_intervals())),
    Rule("station_events", STATION_EVENTS, Query(_station_events())),
    Rule("station_events", STREAM_VALUES, Query(_values_of_streams())),
    Rule("sessions", API_KEYS, Query(_expired_keys())),
)


async def prune(journal: GroupCommit, reader: Reader, *, now_ms: int, retention: Mapping[str, int]) -> dict[str, int]:
    """Delete what is older than `retention` says (kind: age in ms); gives how many rows went of each kind.

    Kinds: messages, meter_samples, status_intervals, station_events (values of event streams too), and sessions (API
    keys, counted from when they expired). Kinds that are not named are kept. Raises StoreUnavailable.
    """
    removed = dict.fromkeys(retention, 0)
    for rule in RULES:
        if rule.kind in retention:
            removed[rule.kind] += await _prune(journal, reader, rule, now_ms - retention[rule.kind])
    return removed


async def _prune(journal: GroupCommit, reader: Reader, rule: Rule, before_ms: int) -> int:
    removed = 0
    while rows := (await reader.run([rule.keys.statement(reader.dialect, {"before_ms": before_ms})]))[0]:
        records: list[Struct] = [] if rule.staying is None else [rule.staying(row) for row in rows]
        keys = [rule.table.key_of_row(row) if rule.staying else tuple(row) for row in rows]
        await journal.committed([RemovedKeys(rule.table.record, keys), *records])
        removed += len(rows)
    return removed
